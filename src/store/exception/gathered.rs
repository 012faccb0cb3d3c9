//! The exceptions of a run that does not count yet, counted as they are kept, for [`super::sums::arrive`].

use super::sums::{HIGH, Sums};
use crate::{
    db::{Tx, execute},
    error::StoreError,
    insert::{Insert, Kind, Value},
    texts::Texts,
};
use hashbrown::HashMap;
use model::{control::Severity, exception::ExceptionState, id::WorkspaceId, row::KeptRow};

const KEPT: Insert<2, 10> = Insert {
    table: "kept_sums",
    shared: ["workspace", "run"],
    columns: [
        ("product_category", Kind::Word),
        ("product", Kind::Word),
        ("code", Kind::Word),
        ("category", Kind::Word),
        ("region", Kind::Word),
        ("state", Kind::Word),
        ("row_count", Kind::Integer),
        ("unreadable", Kind::Integer),
        ("money_high", Kind::Integer),
        ("money_low", Kind::Integer),
    ],
    tail: "ON CONFLICT (workspace, run, product_category, product, code, category, region, state) DO UPDATE SET \
           row_count = kept_sums.row_count + excluded.row_count, \
           unreadable = kept_sums.unreadable + excluded.unreadable, \
           money_high = kept_sums.money_high + excluded.money_high, \
           money_low = kept_sums.money_low + excluded.money_low",
};

/// Counted so far and not written yet.
#[derive(Default)]
pub(crate) struct Gathered {
    texts: Texts,
    /// By the numbers of product category, product, code, category and region.
    sums: HashMap<[u32; 5], Sums>,
}

impl Gathered {
    /// Nothing where the row is none.
    pub(crate) fn add(&mut self, row: &KeptRow) {
        let Some(category) = row.category else {
            return;
        };
        let mut number = |it: Option<&str>| self.texts.number(it.unwrap_or_default());
        let product_category = number(row.product_category.as_deref());
        let product = number(row.product.as_deref());
        let region = number(row.region.as_deref());
        let category = number(Some(category.as_str()));
        let mut codes = vec![number(None)];
        for finding in &row.findings {
            let code = number(Some(&finding.code));
            if finding.severity == Severity::Error && !codes.contains(&code) {
                codes.push(code);
            }
        }
        for code in codes {
            let cell = [product_category, product, code, category, region];
            let sums = self.sums.entry(cell);
            let (rows, unreadable, money) = sums.or_default();
            *rows += 1;
            *unreadable += i64::from(row.money.is_none());
            *money += row.money.map_or(0, |it| it.0);
        }
    }

    pub(crate) async fn write(
        &self,
        tx: &mut Tx,
        workspace: &WorkspaceId,
        run: i64,
    ) -> Result<(), StoreError> {
        let new = ExceptionState::New.as_str();
        let values = self.sums.iter().map(|(cell, (rows, unreadable, money))| {
            let [product_category, product, code, category, region] =
                cell.map(|it| Value::Text(Some(self.texts.text(it))));
            let part = |it: i128| {
                let part = i64::try_from(it).map_err(StoreError::corrupt)?;
                Ok::<_, StoreError>(Value::Integer(Some(part)))
            };
            Ok([
                product_category,
                product,
                code,
                category,
                region,
                Value::Text(Some(new)),
                Value::Integer(Some(*rows)),
                Value::Integer(Some(*unreadable)),
                part(money / HIGH)?,
                part(money % HIGH)?,
            ])
        });
        let values = values.collect::<Result<Vec<_>, StoreError>>()?;
        let shared = [
            Value::Text(Some(workspace.as_str())),
            Value::Integer(Some(run)),
        ];
        KEPT.run(tx, shared, &values).await?;
        Ok(())
    }
}

pub(crate) async fn forget(
    tx: &mut Tx,
    workspace: &WorkspaceId,
    run: i64,
) -> Result<(), StoreError> {
    execute!(
        tx,
        "DELETE FROM kept_sums WHERE workspace = $1 AND run = $2",
        workspace.as_str(),
        run
    )?;
    Ok(())
}

/// Counts the exceptions of a run that were kept before, as they stand now. One is told by its state, which it has exactly
/// where it has a category: by that, SQLite takes an index of all runs, and looks the whole history through.
pub(super) async fn from_rows(
    tx: &mut Tx,
    workspace: &WorkspaceId,
    run: i64,
) -> Result<(), StoreError> {
    macro_rules! counted {
        ($code:literal, $from:literal) => {
            concat!(
                "INSERT INTO kept_sums (workspace, run, product_category, product, code, category, region, state, \
                 row_count, unreadable, money_high, money_low) \
                 SELECT k.workspace, k.run, coalesce(k.product_category, ''), coalesce(k.product, ''), ",
                $code,
                ", k.category, coalesce(k.region, ''), k.state, count(*), \
                 sum(CASE WHEN k.money IS NULL THEN 1 ELSE 0 END), sum(coalesce(k.money, 0) / 1000000000), \
                 sum(coalesce(k.money, 0) % 1000000000) FROM ",
                $from,
                " k.workspace = $1 AND k.run = $2 AND k.state IS NOT NULL GROUP BY k.workspace, k.run, \
                 coalesce(k.product_category, ''), coalesce(k.product, ''), ",
                $code,
                ", k.category, coalesce(k.region, ''), k.state"
            )
        };
    }
    for sql in [
        counted!("CAST('' AS TEXT)", "kept_rows k WHERE"),
        counted!(
            "f.code",
            "(SELECT DISTINCT code, record FROM findings \
             WHERE workspace = $1 AND run = $2 AND severity = 'error') f \
             CROSS JOIN kept_rows k WHERE k.record = f.record AND"
        ),
    ] {
        execute!(tx, sql, workspace.as_str(), run)?;
    }
    Ok(())
}

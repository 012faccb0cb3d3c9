//! Kept rows on their way out: by filter and keyset, and all of them in order.

use super::severity_word;
use crate::{
    Store,
    db::{Tx, row, rows},
    error::StoreError,
    read::visible,
    run::Going,
    word::{from_json, from_word, integer, json, money, natural},
};
use futures::{StreamExt, TryStreamExt, stream::BoxStream};
use model::{
    control::Severity,
    exception::ExceptionState,
    finding::{FindingOrder, FindingQuery},
    id::{RunId, WorkspaceId},
    row::{KeptRow, Text},
};
use sqlx::FromRow;
use std::collections::BTreeMap;

/// A kept row and where it stands; no state for an accepted row with warnings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredRow {
    pub row: KeptRow,
    pub state: Option<ExceptionState>,
}

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct KeptPage {
    pub rows: Vec<StoredRow>,
    /// How many rows match the query in all.
    pub total: u64,
    /// `after` of the next page; None at the end.
    pub next: Option<u64>,
}

/// The most rows of one page, in the browser too.
const PAGE: u32 = 500;

impl Store {
    /// Rows of a run with findings that match `query`, in order of record.
    pub async fn flagged(
        &self,
        workspace: &WorkspaceId,
        run: &RunId,
        query: &FindingQuery,
    ) -> Result<KeptPage, StoreError> {
        self.flagged_by(workspace, run, query, FindingOrder::Record)
            .await
    }

    /// Rows of a run with findings that match `query`, by keyset: those with a finding of the code and the
    /// severity in the column, whose headline is the category. A limit of 0, or above 500, is 500. A run that is
    /// going on or failed shows none. In another order than that of the file, all rows of the run are looked at.
    pub async fn flagged_by(
        &self,
        workspace: &WorkspaceId,
        run: &RunId,
        query: &FindingQuery,
        order: FindingOrder,
    ) -> Result<KeptPage, StoreError> {
        let mut tx = self.db.read().await?;
        let Some(number) = visible(&mut tx, workspace, run).await? else {
            return Ok(KeptPage::default());
        };
        let severity = query.severity.map_or("", severity_word);
        let code = query.code.as_deref().unwrap_or_default();
        let category = query.category.map_or("", |it| it.as_str());
        let of_column = match code {
            "" => IN_COLUMN,
            _ => IN_COLUMN_WITH_CODE,
        };
        let total: Option<(i64,)> = match query.column {
            None => row!(
                &mut tx,
                "SELECT row_count FROM kept_totals \
                 WHERE workspace = $1 AND run = $2 AND severity = $3 AND code = $4 AND category = $5",
                workspace.as_str(),
                number,
                severity,
                code,
                category
            )?,
            Some(column) => row!(
                &mut tx,
                of_column.0,
                workspace.as_str(),
                number,
                0_i64,
                i64::MAX,
                category,
                code,
                severity,
                i64::from(column)
            )?,
        };
        let Some((total,)) = total.filter(|(it,)| *it > 0) else {
            return Ok(KeptPage::default());
        };
        let limit = match query.limit {
            0 => PAGE,
            limit => limit.min(PAGE),
        };
        let sql = match (order, code, query.severity, category) {
            (FindingOrder::Record, ..) if query.column.is_some() => of_column.1,
            (FindingOrder::Record, "", Some(Severity::Warning), _) => WARNED,
            (FindingOrder::Record, "", Some(Severity::Error), _) => EXCEPTIONS,
            (FindingOrder::Record, "", None, "") => ALL,
            (FindingOrder::Record, "", None, _) => EXCEPTIONS,
            (FindingOrder::Record, ..) => WITH_CODE,
            (FindingOrder::Last, ..) => LAST_FIRST,
            (FindingOrder::Money, ..) => BY_MONEY,
            (FindingOrder::Category, ..) => BY_CATEGORY,
        };
        let rows: Vec<KeptColumns> = rows!(
            &mut tx,
            sql,
            workspace.as_str(),
            number,
            integer(query.after)?,
            i64::from(limit) + 1,
            category,
            code,
            severity,
            query.column.map_or(-1, i64::from)
        )?;
        let rows: Result<Vec<StoredRow>, StoreError> =
            rows.into_iter().map(KeptColumns::stored).collect();
        let mut rows = rows?;
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        let more = rows.len() > limit;
        rows.truncate(limit);
        Ok(KeptPage {
            total: natural(total)?,
            next: rows.last().map(|it| it.row.record).filter(|_| more),
            rows,
        })
    }

    /// All exceptions of a run in order of record; none of a run that is going on or failed. Memory does not
    /// grow with their number.
    pub fn exceptions(
        &self,
        workspace: &WorkspaceId,
        run: &RunId,
    ) -> BoxStream<'static, Result<StoredRow, StoreError>> {
        let (store, workspace, run) = (self.clone(), workspace.clone(), run.clone());
        let pages = futures::stream::try_unfold(Some(0), move |after| {
            let (store, workspace, run) = (store.clone(), workspace.clone(), run.clone());
            async move {
                let Some(after) = after else {
                    return Ok(None);
                };
                let query = FindingQuery {
                    severity: Some(Severity::Error),
                    after,
                    limit: PAGE,
                    ..FindingQuery::default()
                };
                let page = store.flagged(&workspace, &run, &query).await?;
                let rows = page.rows.into_iter().map(Ok);
                Ok::<_, StoreError>(Some((futures::stream::iter(rows), page.next)))
            }
        });
        pages.try_flatten().boxed()
    }
}

// One text for each index that serves it. All take the same values in the same places. CROSS JOIN is how
// SQLite is told to keep the order of the tables; left alone, it walks all rows of the run.
const ALL: &str = "SELECT record, line, raw, category, money, region, product, product_category, state, row_key, findings \
     FROM kept_rows WHERE workspace = $1 AND run = $2 AND record > $3 ORDER BY record LIMIT $4";
const EXCEPTIONS: &str = "SELECT record, line, raw, category, money, region, product, product_category, state, row_key, findings \
     FROM kept_rows WHERE workspace = $1 AND run = $2 AND record > $3 AND category IS NOT NULL \
     AND ($5 = '' OR category = $5) ORDER BY record LIMIT $4";
const WARNED: &str = "SELECT record, line, raw, category, money, region, product, product_category, state, row_key, findings \
     FROM kept_rows WHERE workspace = $1 AND run = $2 AND record > $3 AND warned \
     AND ($5 = '' OR category = $5) ORDER BY record LIMIT $4";
const WITH_CODE: &str = "SELECT k.record, k.line, k.raw, k.category, k.money, k.region, k.product, k.product_category, k.state, k.row_key, \
     k.findings FROM \
     (SELECT DISTINCT f.record FROM findings f \
      WHERE f.workspace = $1 AND f.run = $2 AND f.code = $6 AND f.record > $3 \
      AND ($7 = '' OR f.severity = $7) \
      AND ($5 = '' OR EXISTS (SELECT 1 FROM kept_rows h WHERE h.workspace = f.workspace \
      AND h.run = f.run AND h.record = f.record AND h.category = $5)) \
      ORDER BY f.record LIMIT $4) found \
     CROSS JOIN kept_rows k WHERE k.workspace = $1 AND k.run = $2 AND k.record = found.record ORDER BY found.record";

/// The records that have a finding in the column `$8`, 0 where it is about the row. `$of` is which findings, so that the
/// key of the findings serves those of one code.
macro_rules! in_column {
    ($of:literal) => {
        concat!(
            "SELECT DISTINCT f.record FROM findings f WHERE f.workspace = $1 AND f.run = $2 AND ",
            $of,
            " AND coalesce(f.column_number, 0) = $8 AND f.record > $3 AND ($7 = '' OR f.severity = $7) \
             AND ($5 = '' OR EXISTS (SELECT 1 FROM kept_rows h WHERE h.workspace = f.workspace \
             AND h.run = f.run AND h.record = f.record AND h.category = $5)) ORDER BY f.record LIMIT $4"
        )
    };
}

/// How many records, and the rows of some of them.
macro_rules! of_column {
    ($of:literal) => {
        (
            concat!("SELECT count(*) FROM (", in_column!($of), ") found"),
            concat!(
                "SELECT k.record, k.line, k.raw, k.category, k.money, k.region, k.product, k.product_category, k.state, \
                 k.row_key, k.findings FROM (",
                in_column!($of),
                ") found CROSS JOIN kept_rows k WHERE k.workspace = $1 AND k.run = $2 AND k.record = found.record \
                 ORDER BY found.record"
            ),
        )
    };
}

const IN_COLUMN: (&str, &str) = of_column!("$6 = ''");
const IN_COLUMN_WITH_CODE: (&str, &str) = of_column!("f.code = $6");

/// As those above, in an order that no index has. `$beyond` is what stands behind the row `$3`.
macro_rules! in_order {
    ($beyond:literal, $order:literal) => {
        concat!(
            "SELECT k.record, k.line, k.raw, k.category, k.money, k.region, k.product, k.product_category, k.state, \
             k.row_key, k.findings FROM kept_rows k WHERE k.workspace = $1 AND k.run = $2 AND ($3 = 0 OR ",
            $beyond,
            ") AND ($5 = '' OR k.category = $5) \
             AND CASE WHEN $8 >= 0 THEN k.record IN (SELECT f.record FROM findings f WHERE f.workspace = $1 \
             AND f.run = $2 AND coalesce(f.column_number, 0) = $8 AND ($6 = '' OR f.code = $6) \
             AND ($7 = '' OR f.severity = $7)) \
             WHEN $6 <> '' THEN EXISTS (SELECT 1 FROM findings f WHERE f.workspace = k.workspace \
             AND f.run = k.run AND f.code = $6 AND f.record = k.record AND ($7 = '' OR f.severity = $7)) \
             WHEN $7 = 'error' THEN k.category IS NOT NULL WHEN $7 = 'warning' THEN k.warned ELSE TRUE END ORDER BY ",
            $order,
            " LIMIT $4"
        )
    };
}

const LAST_FIRST: &str = in_order!("k.record < $3", "k.record DESC");
const BY_MONEY: &str = in_order!(
    "(-coalesce(k.money, 0), k.record) > (SELECT -coalesce(a.money, 0), a.record FROM kept_rows a \
     WHERE a.workspace = $1 AND a.run = $2 AND a.record = $3)",
    "coalesce(k.money, 0) DESC, k.record"
);
const BY_CATEGORY: &str = in_order!(
    "(k.category IS NULL, coalesce(k.category, ''), k.record) > (SELECT a.category IS NULL, \
     coalesce(a.category, ''), a.record FROM kept_rows a WHERE a.workspace = $1 AND a.run = $2 AND a.record = $3)",
    "k.category IS NULL, coalesce(k.category, ''), k.record"
);

/// The rows among `records` that the run keeps already, by record.
pub(super) async fn by_records(
    tx: &mut Tx,
    run: &Going<'_>,
    records: impl Iterator<Item = u64>,
) -> Result<BTreeMap<u64, KeptRow>, StoreError> {
    let records: Vec<u64> = records.collect();
    let rows: Vec<KeptColumns> = rows!(
        tx,
        "SELECT record, line, raw, category, money, region, product, product_category, state, row_key, findings \
         FROM kept_rows WHERE workspace = $1 AND run = $2 \
         AND record IN (SELECT CAST(value AS BIGINT) FROM json_each($3))",
        run.workspace.as_str(),
        run.number,
        json(&records)?
    )?;
    let rows = rows.into_iter().map(|it| {
        let row = it.stored()?.row;
        Ok((row.record, row))
    });
    rows.collect()
}

#[derive(FromRow)]
pub(crate) struct KeptColumns {
    pub(crate) record: i64,
    line: i64,
    pub(crate) raw: Vec<u8>,
    category: Option<String>,
    money: Option<i64>,
    region: Option<String>,
    product: Option<String>,
    product_category: Option<String>,
    state: Option<String>,
    pub(crate) row_key: Option<String>,
    findings: String,
}

impl KeptColumns {
    pub(crate) fn stored(self) -> Result<StoredRow, StoreError> {
        Ok(StoredRow {
            row: KeptRow {
                record: natural(self.record)?,
                line: natural(self.line)?,
                raw: self.raw,
                category: self.category.as_deref().map(from_word).transpose()?,
                money: money(self.money),
                region: self.region.map(Text::from),
                product: self.product.map(Text::from),
                product_category: self.product_category.map(Text::from),
                key: self.row_key.map(Text::from),
                findings: from_json(&self.findings)?,
            },
            state: self.state.as_deref().map(from_word).transpose()?,
        })
    }
}

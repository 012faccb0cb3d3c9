//! Rows of the ledger across runs: on their way out, and page by page.

mod cells;
pub(crate) mod kinds;
mod order;
pub(crate) mod origin;
mod page;
mod revenue;
mod sheets;
pub(crate) mod standing;

use self::kinds::next_rows;
use crate::{
    Store,
    db::{Tx, row, rows},
    entry::run_id,
    error::StoreError,
    exception_list::number,
    read::LedgerColumns,
    word::integer,
};
use futures::{StreamExt, TryStreamExt, stream, stream::BoxStream};
use model::{
    id::{RunId, WorkspaceId},
    ledger::RowFilter,
    row::LedgerRow,
};
use sqlx::FromRow;

/// A row and the run that brought it; the file is the one that somebody handed in, and so is the row's line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Counting {
    pub run: RunId,
    pub file_name: String,
    pub row: LedgerRow,
}

const PAGE: i64 = 4096;

impl Store {
    /// All rows that `filter` lets through, in order of run and record. Memory does not grow with
    /// their number. Not found where the filter names no run of the workspace.
    pub fn all_rows(
        &self,
        workspace: &WorkspaceId,
        filter: RowFilter,
    ) -> BoxStream<'static, Result<Counting, StoreError>> {
        let begun = (self.clone(), workspace.clone(), filter, Some((0, 0)));
        let pages = stream::try_unfold(begun, |(store, workspace, filter, place)| async move {
            let Some(place) = place else {
                return Ok(None);
            };
            let (page, last) = store.page_of_rows(&workspace, &filter, place).await?;
            let rows: Result<Vec<Counting>, StoreError> =
                page.into_iter().map(Columns::counting).collect();
            let rows = stream::iter(rows?.into_iter().map(Ok));
            Ok::<_, StoreError>(Some((rows, (store, workspace, filter, last))))
        });
        pages.try_flatten().boxed()
    }

    /// Those of the next rows that `filter` lets through, and the last place that was looked at where there may be more.
    async fn page_of_rows(
        &self,
        workspace: &WorkspaceId,
        filter: &RowFilter,
        after: (i64, i64),
    ) -> Result<(Vec<Columns>, Option<(i64, i64)>), StoreError> {
        let mut tx = self.db.read().await?;
        let (first, last) = match &filter.run {
            Some(run) => {
                let number = number(&mut tx, workspace, run).await?;
                (number, number)
            }
            None => (0, i64::MAX),
        };
        let text = |it: &'_ Option<String>| it.clone().unwrap_or_default();
        let [region, product, category, sku] = page::words(filter);
        // One lower bound alone: of two, SQLite takes the one that has the whole run.
        let after = after.max((first - 1, i64::MAX));
        let mut found: Vec<Columns> = rows!(
            &mut tx,
            concat!(
                "SELECT r.id AS run_id, r.file_name, l.run AS number, l.record, l.line, l.row_key, l.day, l.region, \
             l.product, l.sku, l.category, l.quantity, l.unit_price, l.money \
             FROM ",
                next_rows!("(run, record) > ($2, $3) AND run <= $4 ORDER BY run, record LIMIT $17"),
                " l CROSS JOIN runs r WHERE r.number = l.run AND r.workspace = $1 \
             AND CASE WHEN l.counts THEN 'counting' WHEN l.displaced_by_run IS NOT NULL THEN 'displaced' \
             WHEN EXISTS (SELECT 1 FROM withdrawals w WHERE w.workspace = r.workspace AND w.run = l.run) \
             THEN 'withdrawn' ELSE 'reopened' END = $5 \
             AND ($6 = '' OR l.day >= $6) AND ($7 = '' OR l.day <= $7) \
             AND ($8 OR ",
                standing::label!("region", "$9"),
                ") AND ($10 OR ",
                standing::label!("product", "$11"),
                ") \
             AND ($12 OR ",
                standing::label!("category", "$13"),
                ") \
             AND ($14 OR ",
                standing::label!("sku", "$15"),
                ") \
             AND ($16 = '' OR substr(l.row_key, 1, length($16)) = $16) ORDER BY l.run, l.record"
            ),
            workspace.as_str(),
            after.0,
            after.1,
            last,
            filter.state.as_str(),
            text(&filter.from),
            text(&filter.to),
            region.0,
            &*region.1,
            product.0,
            &*product.1,
            category.0,
            &*category.1,
            sku.0,
            &*sku.1,
            text(&filter.key),
            PAGE
        )?;
        let last: Option<(i64, i64)> = row!(
            &mut tx,
            "SELECT run, record FROM ledger WHERE (run, record) > ($1, $2) AND run <= $3 \
             ORDER BY run, record LIMIT 1 OFFSET $4",
            after.0,
            after.1,
            last,
            PAGE - 1
        )?;
        let places: Vec<_> = found.iter().map(|it| (it.number, it.row.record)).collect();
        let mut origins = origin::origins(&mut tx, workspace.as_str(), &places).await?;
        for it in &mut found {
            if let Some(origin) = origins.remove(&(it.number, it.row.record)) {
                it.file_name = origin.file_name;
                it.row.line = integer(origin.line)?;
            }
        }
        Ok((found, last))
    }
}

#[derive(FromRow)]
struct Columns {
    run_id: String,
    file_name: String,
    number: i64,
    #[sqlx(flatten)]
    row: LedgerColumns,
}

impl Columns {
    fn counting(self) -> Result<Counting, StoreError> {
        Ok(Counting {
            run: run_id(self.run_id)?,
            file_name: self.file_name,
            row: self.row.row()?,
        })
    }
}

/// The number of a workspace and contract, within which a key is held once; None where no row of theirs ever came.
pub(crate) async fn scope(
    tx: &mut Tx,
    workspace: &WorkspaceId,
    contract: &str,
) -> Result<Option<i64>, StoreError> {
    let found: Option<(i64,)> = row!(
        tx,
        "SELECT number FROM ledger_scopes WHERE workspace = $1 AND contract = $2",
        workspace.as_str(),
        contract
    )?;
    Ok(found.map(|(it,)| it))
}

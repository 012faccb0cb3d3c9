//! Exceptions of all runs of a workspace: by filter, and by keyset of run and record.

use crate::{
    Store,
    db::{Tx, row, rows},
    entry::run_id,
    error::StoreError,
    kept::{KeptColumns, StoredRow},
    word::integer,
};
use futures::{StreamExt, TryStreamExt, stream, stream::BoxStream};
use model::{
    control::Category,
    exception::{ExceptionOrder, ExceptionState},
    id::{RunId, WorkspaceId},
};
use sqlx::FromRow;

/// Which exceptions are wanted: those to which all of it applies.
#[derive(Debug, Clone, Default)]
pub struct ExceptionFilter {
    pub state: Option<ExceptionState>,
    /// Of an error or a warning that the row has.
    pub code: Option<String>,
    /// The row's headline.
    pub category: Option<Category>,
    pub run: Option<RunId>,
    /// ISO days in UTC on which the file came, both included.
    pub from: Option<String>,
    pub to: Option<String>,
}

/// An exception, the run that it is of and that run's file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OfRun {
    pub run: RunId,
    pub file_name: String,
    pub row: StoredRow,
}

/// Rows of one page of a stream.
const PAGE: u32 = 500;

// One text for each index that serves it, in both orders. All take the same values in the same places. CROSS JOIN
// is how SQLite is told to keep the order of the tables.
macro_rules! page {
    ($from:literal, $place:literal, $beyond:literal, $order:literal) => {
        concat!(
            "SELECT r.id AS run_id, r.file_name, k.record, k.line, k.raw, k.category, k.money, k.state, k.findings \
             FROM ", $from, " AND (", $place, ") ", $beyond, " ($2, $3) AND k.run BETWEEN $4 AND $5 \
             AND k.category IS NOT NULL AND ($6 = '' OR k.category = $6) AND ($7 = '' OR k.state = $7) \
             AND ($9 = '' OR r.created_at >= $9) AND ($10 = '' OR r.created_at < $10) \
             AND r.status IN ('complete', 'held') ORDER BY ", $order, " LIMIT $11"
        )
    };
}

macro_rules! kept {
    ($beyond:literal, $order:literal) => {
        page!(
            "kept_rows k CROSS JOIN runs r WHERE r.number = k.run AND k.workspace = $1",
            "k.run, k.record",
            $beyond,
            $order
        )
    };
}

macro_rules! of_category {
    ($beyond:literal, $order:literal) => {
        page!(
            "kept_rows k CROSS JOIN runs r WHERE r.number = k.run AND k.workspace = $1 AND k.category = $6",
            "k.run, k.record",
            $beyond,
            $order
        )
    };
}

// A row may have several findings of a code; the first stands for it.
macro_rules! with_code {
    ($beyond:literal, $order:literal) => {
        page!(
            "findings f CROSS JOIN kept_rows k CROSS JOIN runs r WHERE r.number = f.run AND f.workspace = $1 \
             AND f.code = $8 AND k.workspace = f.workspace AND k.run = f.run AND k.record = f.record \
             AND NOT EXISTS (SELECT 1 FROM findings g WHERE g.workspace = f.workspace AND g.run = f.run \
             AND g.code = f.code AND g.record = f.record AND g.place < f.place)",
            "f.run, f.record",
            $beyond,
            $order
        )
    };
}

impl Store {
    /// Exceptions that `filter` lets through, beyond the place `after`, at most `limit`; those of runs that are
    /// going on or failed are not seen. Not found where `after` or the filter names no run of the workspace.
    pub async fn find_exceptions(
        &self,
        workspace: &WorkspaceId,
        filter: &ExceptionFilter,
        order: ExceptionOrder,
        after: Option<&(RunId, u64)>,
        limit: u32,
    ) -> Result<Vec<OfRun>, StoreError> {
        let mut tx = self.db.read().await?;
        let (first, last) = match &filter.run {
            Some(run) => {
                let number = number(&mut tx, workspace, run).await?;
                (number, number)
            }
            None => (0, i64::MAX),
        };
        let place = match (after, order) {
            (Some((run, record)), _) => (number(&mut tx, workspace, run).await?, integer(*record)?),
            (None, ExceptionOrder::Oldest) => (first, 0),
            (None, ExceptionOrder::Newest) => (last, i64::MAX),
        };
        let category = filter.category.map_or("", |it| it.as_str());
        let code = filter.code.as_deref().unwrap_or_default();
        let sql = match (order, code, category) {
            (ExceptionOrder::Oldest, "", "") => kept!(">", "k.run, k.record"),
            (ExceptionOrder::Oldest, "", _) => of_category!(">", "k.run, k.record"),
            (ExceptionOrder::Oldest, ..) => with_code!(">", "f.run, f.record"),
            (ExceptionOrder::Newest, "", "") => kept!("<", "k.run DESC, k.record DESC"),
            (ExceptionOrder::Newest, "", _) => of_category!("<", "k.run DESC, k.record DESC"),
            (ExceptionOrder::Newest, ..) => with_code!("<", "f.run DESC, f.record DESC"),
        };
        let state = filter.state.map_or("", |it| it.as_str());
        // Below every time of the day after.
        let to = filter.to.as_ref().map(|it| format!("{it}U"));
        let found: Vec<Columns> = rows!(
            &mut tx,
            sql,
            workspace.as_str(),
            place.0,
            place.1,
            first,
            last,
            category,
            state,
            code,
            filter.from.as_deref().unwrap_or_default(),
            to.as_deref().unwrap_or_default(),
            i64::from(limit)
        )?;
        found.into_iter().map(Columns::of_run).collect()
    }

    /// All exceptions that `filter` lets through, oldest first. Memory does not grow with their number.
    pub fn all_exceptions(
        &self,
        workspace: &WorkspaceId,
        filter: ExceptionFilter,
    ) -> BoxStream<'static, Result<OfRun, StoreError>> {
        let begun = (self.clone(), workspace.clone(), filter, None, true);
        let pages = stream::try_unfold(
            begun,
            |(store, workspace, filter, after, more)| async move {
                if !more {
                    return Ok(None);
                }
                let order = ExceptionOrder::Oldest;
                let page = store.find_exceptions(&workspace, &filter, order, after.as_ref(), PAGE);
                let page = page.await?;
                let last = page.last().map(|it| (it.run.clone(), it.row.row.record));
                let rows = stream::iter(page.into_iter().map(Ok));
                let more = last.is_some();
                Ok::<_, StoreError>(Some((rows, (store, workspace, filter, last, more))))
            },
        );
        pages.try_flatten().boxed()
    }
}

/// A run's short number. Not found where the workspace has no such run.
pub(crate) async fn number(
    tx: &mut Tx,
    workspace: &WorkspaceId,
    run: &RunId,
) -> Result<i64, StoreError> {
    let found: Option<(i64,)> = row!(
        tx,
        "SELECT number FROM runs WHERE workspace = $1 AND id = $2",
        workspace.as_str(),
        run.as_str()
    )?;
    found.map(|(it,)| it).ok_or(StoreError::NotFound)
}

#[derive(FromRow)]
struct Columns {
    run_id: String,
    file_name: String,
    #[sqlx(flatten)]
    row: KeptColumns,
}

impl Columns {
    fn of_run(self) -> Result<OfRun, StoreError> {
        Ok(OfRun {
            run: run_id(self.run_id)?,
            file_name: self.file_name,
            row: self.row.stored()?,
        })
    }
}

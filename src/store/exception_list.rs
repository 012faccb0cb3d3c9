//! Exceptions of all runs whose rows count: by filter, and by keyset. Which runs have some is known from the sums, so that
//! only those are looked into.

use crate::{
    Store,
    db::{Tx, row, rows},
    entry::run_id,
    error::StoreError,
    exception_sums::parts,
    kept::{KeptColumns, StoredRow},
    word::{from_json, integer, json, natural},
};
use futures::{StreamExt, TryStreamExt, stream, stream::BoxStream};
use model::{
    control::Category,
    exception::{ExceptionFilter, ExceptionOrder, ExceptionState, RowPlace},
    finding::FoundBy,
    id::{RunId, WorkspaceId},
};
use sqlx::FromRow;
use std::collections::BTreeMap;

/// An exception, the run that it is of and that run's file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OfRun {
    pub run: RunId,
    pub file_name: String,
    /// When the file came.
    pub created_at: String,
    pub row: StoredRow,
    pub version: u64,
    pub assignee: Option<String>,
}

/// Some exceptions of a list.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ExceptionPage {
    pub rows: Vec<OfRun>,
    /// The last row that was looked at for a text, where others were not.
    pub stopped: Option<(RunId, u64)>,
}

/// So many exceptions of a run are put in order by themselves.
const FEW: i64 = 20_000;

/// Rows of one page of a stream.
const PAGE: u32 = 500;

/// Rows that are looked at for a text, one statement each: few where many say it, and few statements where few do.
const LOOKED: [u32; 3] = [500, 1_500, 2_000];

// All texts take the same values in the same places: $1 to $12 are the filter, $13 the runs, $14 to $17 the place beyond
// which rows are wanted, $18 how many. UNQ02 is what loading finds, and a row that it refuses has no other error. The plus
// keeps SQLite from going run by run where the order is another one; CROSS JOIN keeps its order of the tables.

// Whether a row answers the filter, who has it and its runs apart.
macro_rules! answers {
    () => {
        "k.workspace = $1 AND k.category IS NOT NULL AND ($2 = '' OR k.category = $2) \
         AND ($3 IS NULL OR k.region = $3 OR $3 = '' AND k.region IS NULL) AND k.state IN (SELECT value FROM json_each($4)) \
         AND ($5 = '' OR ($5 = 'load') = EXISTS (SELECT 1 FROM findings l WHERE l.workspace = k.workspace \
         AND l.run = k.run AND l.code = 'UNQ02' AND l.record = k.record)) \
         AND ($8 OR coalesce(k.product, '') = $9) AND ($10 OR coalesce(k.product_category, '') = $11) \
         AND ($12 = '' OR EXISTS (SELECT 1 FROM run_columns c CROSS JOIN findings w \
         WHERE c.workspace = k.workspace AND c.run = k.run AND c.column_name = $12 AND c.code <> '' \
         AND ($7 = '' OR c.code = $7) AND w.workspace = k.workspace AND w.run = k.run AND w.code = c.code \
         AND w.record = k.record AND w.column_number = c.column_number AND w.severity = 'error'))"
    };
}

// Whether it is of one of the runs and fails the control.
macro_rules! of_these_runs {
    () => {
        "+k.run IN (SELECT CAST(value AS BIGINT) FROM json_each($13)) \
         AND ($7 = '' OR EXISTS (SELECT 1 FROM findings f WHERE f.workspace = k.workspace AND f.run = k.run \
         AND f.code = $7 AND f.record = k.record AND f.severity = 'error'))"
    };
}

macro_rules! page {
    ($from:literal, $runs:expr, $place:literal, $order:literal) => {
        concat!(
            "SELECT k.run, k.record, k.line, k.raw, k.category, k.money, k.region, k.product, k.product_category, k.state, k.row_key, k.findings, k.version, \
             k.assignee FROM ",
            $from,
            " ",
            answers!(),
            " AND ",
            $runs,
            " AND ",
            $place,
            " ORDER BY ",
            $order,
            " LIMIT $18"
        )
    };
}

// Of one run, in order of record.
macro_rules! of_run {
    ($place:literal, $order:literal) => {
        page!("kept_rows k WHERE", "k.run = $16", $place, $order)
    };
}

// A row may have several findings of a code; the first stands for it. Without the plus before its record SQLite takes the
// bound of the findings for the rows too, and reads all of these behind it for each finding.
macro_rules! of_run_with_code {
    ($place:literal, $order:literal) => {
        page!(
            "findings f CROSS JOIN kept_rows k WHERE f.workspace = $1 AND f.run = $16 AND f.code = $7 \
             AND f.severity = 'error' AND k.run = f.run AND k.record = +f.record AND",
            "NOT EXISTS (SELECT 1 FROM findings g WHERE g.workspace = f.workspace AND g.run = f.run \
             AND g.code = f.code AND g.record = f.record AND g.place < f.place)",
            $place,
            $order
        )
    };
}

// The same of one column, whose number is looked up once.
macro_rules! of_run_in_column {
    ($place:literal, $order:literal) => {
        page!(
            "findings f CROSS JOIN kept_rows k WHERE f.workspace = $1 AND f.run = $16 AND f.code = $7 \
             AND f.severity = 'error' AND f.column_number = (SELECT n.column_number FROM run_columns n \
             WHERE n.workspace = $1 AND n.run = $16 AND n.column_name = $12 AND n.code = $7) \
             AND k.run = f.run AND k.record = +f.record AND",
            "NOT EXISTS (SELECT 1 FROM findings g WHERE g.workspace = f.workspace AND g.run = f.run \
             AND g.code = f.code AND g.record = f.record AND g.column_number = f.column_number \
             AND g.place < f.place)",
            $place,
            $order
        )
    };
}

// Of several runs, in another order.
macro_rules! of_all {
    ($place:literal, $order:literal) => {
        page!("kept_rows k WHERE", of_these_runs!(), $place, $order)
    };
}

// The same where somebody has them, who never has very many.
macro_rules! of_somebody {
    ($place:literal, $order:literal) => {
        page!(
            "kept_rows k WHERE k.assignee = $6 AND",
            of_these_runs!(),
            $place,
            $order
        )
    };
}

// Below what it makes its statements of.
pub(crate) mod assigned;

/// The place of a row in every order: money and category of the row, the number of its run, and its record.
struct Place {
    money: i64,
    category: String,
    run: i64,
    record: i64,
}

impl Place {
    /// From which every order but the oldest first begins.
    fn beyond_all() -> Self {
        Self {
            money: i64::MAX,
            category: "~".to_owned(),
            run: i64::MAX,
            record: i64::MAX,
        }
    }
}

impl Store {
    /// Exceptions that `filter` lets through, beyond the row `after`, at most `limit`. Without a run in the filter they
    /// are those of runs whose rows count; those of runs that are going on or failed are never seen. A text is looked for
    /// in a limited number of rows. Not found where `after` or the filter names no run of the workspace.
    pub async fn find_exceptions(
        &self,
        workspace: &WorkspaceId,
        filter: &ExceptionFilter,
        order: ExceptionOrder,
        after: Option<&(RunId, u64)>,
        limit: u32,
    ) -> Result<ExceptionPage, StoreError> {
        let mut tx = self.db.read().await?;
        let runs = runs(&mut tx, workspace, filter).await?;
        let mut place = match after {
            Some((run, record)) => place_of(&mut tx, workspace, run, *record).await?,
            None if order == ExceptionOrder::Oldest => Place {
                money: 0,
                category: String::new(),
                run: 0,
                record: 0,
            },
            None => Place::beyond_all(),
        };
        let Some(text) = &filter.text else {
            let asked = Asked::new(workspace, filter, limit)?;
            let rows = asked.list(&mut tx, &runs, &place, order).await?;
            let rows = rows.into_iter().map(Listed::of_run);
            return Ok(ExceptionPage {
                rows: rows.collect::<Result<_, StoreError>>()?,
                stopped: None,
            });
        };
        let text = text.to_lowercase();
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        let mut page = ExceptionPage::default();
        for rows in LOOKED {
            let asked = Asked::new(workspace, filter, rows)?;
            let some = asked.list(&mut tx, &runs, &place, order).await?;
            let last = some.last().map(Listed::place).transpose()?;
            let is_end = some.len() < asked.most();
            for it in some.into_iter().filter(|it| it.says(&text)) {
                page.rows.push(it.of_run()?);
                if page.rows.len() == limit {
                    page.stopped = None;
                    return Ok(page);
                }
            }
            page.stopped = last.filter(|_| !is_end);
            let Some((run, record)) = &page.stopped else {
                break;
            };
            place = place_of(&mut tx, workspace, run, *record).await?;
        }
        Ok(page)
    }

    /// Where the exceptions stand that `filter` lets through, oldest first, at most `limit`.
    pub async fn exception_places(
        &self,
        workspace: &WorkspaceId,
        filter: &ExceptionFilter,
        limit: usize,
    ) -> Result<Vec<RowPlace>, StoreError> {
        let all = self.all_exceptions(workspace, filter.clone());
        let places = all.take(limit).map_ok(|it| RowPlace {
            run: it.run,
            record: it.row.row.record,
        });
        places.try_collect().await
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
                let last = page.rows.last();
                let last = last.map(|it| (it.run.clone(), it.row.row.record));
                // Where looking stopped, it goes on.
                let last = page.stopped.or(last);
                let rows = stream::iter(page.rows.into_iter().map(Ok));
                let more = last.is_some();
                Ok::<_, StoreError>(Some((rows, (store, workspace, filter, last, more))))
            },
        );
        pages.try_flatten().boxed()
    }
}

/// A filter as the statements take it.
struct Asked<'a> {
    workspace: &'a str,
    filter: &'a ExceptionFilter,
    states: String,
    limit: i64,
}

impl<'a> Asked<'a> {
    fn new(
        workspace: &'a WorkspaceId,
        filter: &'a ExceptionFilter,
        limit: u32,
    ) -> Result<Self, StoreError> {
        Ok(Self {
            workspace: workspace.as_str(),
            filter,
            states: states(filter)?,
            limit: i64::from(limit),
        })
    }

    fn most(&self) -> usize {
        usize::try_from(self.limit).unwrap_or(usize::MAX)
    }

    /// Rows beyond a place, of these runs.
    async fn list<'r>(
        &self,
        tx: &mut Tx,
        runs: &'r [InRun],
        place: &Place,
        order: ExceptionOrder,
    ) -> Result<Vec<Listed<'r>>, StoreError> {
        if runs.is_empty() {
            return Ok(Vec::new());
        }
        if order == ExceptionOrder::Money || self.filter.assignee.is_some() {
            let numbers: Vec<i64> = runs.iter().map(|it| it.number).collect();
            let are_few = self.filter.assignee.is_some() || self.of_small_run(tx, &numbers).await?;
            let sql = match (order, are_few) {
                // SQLite finds the beginning of a page by the amount alone, not by the whole place.
                (ExceptionOrder::Money, false) => of_all!(
                    "coalesce(k.money, 0) <= $14 AND (coalesce(k.money, 0), k.run, k.record) < ($14, $16, $17)",
                    "coalesce(k.money, 0) DESC, k.run DESC, k.record DESC"
                ),
                // The sum keeps it from looking for few rows among all others in this order.
                (ExceptionOrder::Money, true) => of_somebody!(
                    "(coalesce(k.money, 0), k.run, k.record) < ($14, $16, $17)",
                    "coalesce(k.money, 0) + 0 DESC, k.run DESC, k.record DESC"
                ),
                (ExceptionOrder::Category, _) => of_somebody!(
                    "(k.category, k.run, k.record) < ($15, $16, $17)",
                    "k.category DESC, k.run DESC, k.record DESC"
                ),
                (ExceptionOrder::Oldest, _) => {
                    of_somebody!("(k.run, k.record) > ($16, $17)", "k.run, k.record")
                }
                (ExceptionOrder::Newest, _) => of_somebody!(
                    "(k.run, k.record) < ($16, $17)",
                    "k.run DESC, k.record DESC"
                ),
            };
            let category = self.category();
            let code = self.filter.code.as_deref().unwrap_or_default();
            let found = self.rows(tx, sql, (category, code), place, &numbers, self.limit);
            let runs: BTreeMap<i64, &InRun> = runs.iter().map(|it| (it.number, it)).collect();
            let found = found.await?.into_iter().map(|columns| {
                let run = runs.get(&columns.run).ok_or(StoreError::NotFound)?;
                Ok(Listed { run, columns })
            });
            return found.collect();
        }

        let mut found = Vec::new();
        if order != ExceptionOrder::Category {
            let oldest = order == ExceptionOrder::Oldest;
            let category = self.category();
            self.of_runs(tx, runs, place, category, oldest, &mut found)
                .await?;
            return Ok(found);
        }
        let mut categories = Category::ALL.map(Category::as_str);
        categories.sort_unstable_by(|a, b| b.cmp(a));
        for category in categories {
            if category > place.category.as_str() || !["", category].contains(&self.category()) {
                continue;
            }
            let beyond_all = Place::beyond_all();
            let place = if category == place.category {
                place
            } else {
                &beyond_all
            };
            self.of_runs(tx, runs, place, category, false, &mut found)
                .await?;
        }
        Ok(found)
    }

    /// Whether one run is asked for whose exceptions are soon put in order, so that they need not be looked for among
    /// those of all.
    async fn of_small_run(&self, tx: &mut Tx, runs: &[i64]) -> Result<bool, StoreError> {
        let [run] = runs else { return Ok(false) };
        if self.filter.run.is_none() {
            return Ok(false);
        }
        let found: Option<(Option<i64>,)> = row!(
            tx,
            "SELECT rows_exceptions FROM runs WHERE number = $1",
            run
        )?;
        let rows = found.and_then(|it| it.0);
        Ok(rows.is_some_and(|it| it <= FEW))
    }

    /// More rows of runs, one run after the other, beyond a place; of a category, where one is named. There are never
    /// more of them than were asked for.
    async fn of_runs<'r>(
        &self,
        tx: &mut Tx,
        runs: &'r [InRun],
        place: &Place,
        category: &str,
        oldest: bool,
        found: &mut Vec<Listed<'r>>,
    ) -> Result<(), StoreError> {
        let mut runs: Vec<&InRun> = runs.iter().collect();
        if oldest {
            runs.retain(|it| it.number >= place.run);
        } else {
            runs.retain(|it| it.number <= place.run);
            runs.reverse();
        }
        let sql = match (oldest, &self.filter.column, &self.filter.code) {
            (true, None, None) => of_run!("k.record > $17", "k.record"),
            (true, None, Some(_)) => of_run_with_code!("f.record > $17", "f.record"),
            (true, Some(_), _) => of_run_in_column!("f.record > $17", "f.record"),
            (false, None, None) => of_run!("k.record < $17", "k.record DESC"),
            (false, None, Some(_)) => of_run_with_code!("f.record < $17", "f.record DESC"),
            (false, Some(_), _) => of_run_in_column!("f.record < $17", "f.record DESC"),
        };
        for run in runs {
            let left = self.limit - i64::try_from(found.len()).unwrap_or(i64::MAX);
            if left <= 0 {
                break;
            }
            let from = match (run.number == place.run, oldest) {
                (true, _) => place.record,
                (false, true) => 0,
                (false, false) => i64::MAX,
            };
            let from = Place {
                run: run.number,
                record: from,
                category: String::new(),
                money: place.money,
            };
            let mut some = Vec::new();
            for code in self.codes(tx, run).await? {
                let rows = self.rows(tx, sql, (category, &code), &from, &[], left);
                some.extend(rows.await?);
            }
            if self.filter.column.is_some() {
                // Rows that several controls found there stand once, among the others.
                let by_record = some.into_iter().map(|it| (it.row.record, it));
                let by_record = by_record.collect::<BTreeMap<_, _>>().into_values();
                some = by_record.collect();
                if !oldest {
                    some.reverse();
                }
                some.truncate(usize::try_from(left).unwrap_or(usize::MAX));
            }
            found.extend(some.into_iter().map(|columns| Listed { run, columns }));
        }
        Ok(())
    }

    /// The controls that rows of a run are looked for by, one after the other: those that found something in the column,
    /// where one is asked for.
    async fn codes(&self, tx: &mut Tx, run: &InRun) -> Result<Vec<String>, StoreError> {
        let code = self.filter.code.clone().unwrap_or_default();
        let Some(column) = &self.filter.column else {
            return Ok(vec![code]);
        };
        let found: Vec<(String,)> = rows!(
            tx,
            "SELECT code FROM run_columns WHERE workspace = $1 AND run = $2 AND column_name = $3 AND code <> '' \
             AND ($4 = '' OR code = $4) ORDER BY code",
            self.workspace,
            run.number,
            column.as_str(),
            code
        )?;
        Ok(found.into_iter().map(|(it,)| it).collect())
    }

    fn category(&self) -> &'static str {
        self.filter.category.map_or("", Category::as_str)
    }

    async fn rows(
        &self,
        tx: &mut Tx,
        sql: &'static str,
        (category, code): (&str, &str),
        place: &Place,
        runs: &[i64],
        limit: i64,
    ) -> Result<Vec<Columns>, StoreError> {
        let filter = self.filter;
        let runs = json(&runs)?;
        Ok(rows!(
            tx,
            sql,
            self.workspace,
            category,
            filter.region.as_deref(),
            self.states.as_str(),
            stage_word(filter.stage),
            filter.assignee.as_deref().unwrap_or_default(),
            code,
            filter.product.is_none(),
            filter.product.as_deref().unwrap_or_default(),
            filter.product_category.is_none(),
            filter.product_category.as_deref().unwrap_or_default(),
            filter.column.as_deref().unwrap_or_default(),
            runs.as_str(),
            place.money,
            place.category.as_str(),
            place.run,
            place.record,
            limit
        )?)
    }
}

pub(crate) const fn stage_word(stage: Option<FoundBy>) -> &'static str {
    match stage {
        None => "",
        Some(FoundBy::Load) => "load",
        Some(FoundBy::Validate) => "validate",
    }
}

/// The states of a filter as a list; all of them where it names none.
pub(crate) fn states(filter: &ExceptionFilter) -> Result<String, StoreError> {
    let all = if filter.states.is_empty() {
        ExceptionState::ALL.as_slice()
    } else {
        &filter.states
    };
    let words: Vec<&str> = all.iter().map(|it| it.as_str()).collect();
    json(&words)
}

/// A run that has exceptions under a filter.
#[derive(FromRow)]
struct InRun {
    number: i64,
    id: String,
    file_name: String,
    created_at: String,
}

// Asked of each run, which ends at its first sum; gathered from the sums, most of them are read.
macro_rules! runs_of {
    ($from:literal) => {
        concat!(
            "SELECT r.number, r.id, r.file_name, r.created_at FROM runs r WHERE r.workspace = $1 \
             AND ($6 = '' OR r.came_on >= $6) AND ($7 = '' OR r.came_on <= $7) \
             AND ($10 = '' OR r.id >= $10) AND ($11 = '' OR r.id <= $11) \
             AND EXISTS (SELECT 1 FROM ",
            $from,
            " AND e.code = $2 AND e.run = r.number AND ($3 = '' OR e.category = $3) \
             AND ($4 IS NULL OR e.region = $4) AND e.state IN (SELECT value FROM json_each($5)) AND e.row_count > 0) \
             AND ($9 = '' OR EXISTS (SELECT 1 FROM run_columns c WHERE c.workspace = $1 AND c.run = r.number \
             AND c.column_name = $9 AND c.code = $2)) ORDER BY r.number"
        )
    };
}

/// Not found where the workspace has no run that the filter names.
pub(crate) async fn named_are_known(
    tx: &mut Tx,
    workspace: &WorkspaceId,
    filter: &ExceptionFilter,
) -> Result<(), StoreError> {
    for run in filter.named_runs() {
        number(tx, workspace, run).await?;
    }
    Ok(())
}

/// In the order in which they came.
async fn runs(
    tx: &mut Tx,
    workspace: &WorkspaceId,
    filter: &ExceptionFilter,
) -> Result<Vec<InRun>, StoreError> {
    named_are_known(tx, workspace, filter).await?;
    if let Some(run) = &filter.run {
        return Ok(rows!(
            tx,
            "SELECT number, id, file_name, created_at FROM runs WHERE workspace = $1 AND id = $2 \
             AND status IN ('complete', 'held') AND ($3 = '' OR came_on >= $3) AND ($4 = '' OR came_on <= $4) \
             AND ($5 = '' OR id >= $5) AND ($6 = '' OR id <= $6)",
            workspace.as_str(),
            run.as_str(),
            filter.from.as_deref().unwrap_or_default(),
            filter.to.as_deref().unwrap_or_default(),
            filter.from_run.as_ref().map_or("", RunId::as_str),
            filter.to_run.as_ref().map_or("", RunId::as_str)
        )?);
    }
    let parts = parts(tx, workspace, filter).await?;
    let numbers: Vec<i64> = parts.as_deref().map_or(Ok(Vec::new()), from_json)?;
    // Most names are of one part. By its number PostgreSQL looks a run up among its sums; by a list it reads all of the run.
    let (sql, parts) = match (parts, numbers.as_slice()) {
        (None, _) => (
            runs_of!("run_exceptions e WHERE e.workspace = $1"),
            String::new(),
        ),
        (Some(_), [one]) => (
            runs_of!("run_part_exceptions e WHERE e.part = CAST(CAST($8 AS TEXT) AS BIGINT)"),
            one.to_string(),
        ),
        (Some(all), _) => (
            runs_of!(
                "json_each($8) p CROSS JOIN run_part_exceptions e WHERE e.part = CAST(p.value AS BIGINT)"
            ),
            all,
        ),
    };
    Ok(rows!(
        tx,
        sql,
        workspace.as_str(),
        filter.code.as_deref().unwrap_or_default(),
        filter.category.map_or("", |it| it.as_str()),
        filter.region.as_deref(),
        states(filter)?,
        filter.from.as_deref().unwrap_or_default(),
        filter.to.as_deref().unwrap_or_default(),
        parts,
        filter.column.as_deref().unwrap_or_default(),
        filter.from_run.as_ref().map_or("", RunId::as_str),
        filter.to_run.as_ref().map_or("", RunId::as_str)
    )?)
}

/// Where a row stands; one that is none stands before all records of its run.
async fn place_of(
    tx: &mut Tx,
    workspace: &WorkspaceId,
    run: &RunId,
    record: u64,
) -> Result<Place, StoreError> {
    let run = number(tx, workspace, run).await?;
    let record = integer(record)?;
    let found: Option<(i64, String)> = row!(
        tx,
        "SELECT coalesce(money, 0), category FROM kept_rows WHERE workspace = $1 AND run = $2 AND record = $3 \
         AND category IS NOT NULL",
        workspace.as_str(),
        run,
        record
    )?;
    let (money, category) = found.unwrap_or_default();
    Ok(Place {
        money,
        category,
        run,
        record,
    })
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
    run: i64,
    version: i64,
    assignee: Option<String>,
    #[sqlx(flatten)]
    row: KeptColumns,
}

/// An exception as it was read, and its run.
struct Listed<'r> {
    run: &'r InRun,
    columns: Columns,
}

impl Listed<'_> {
    /// Whether the row as it came, its key or its file's name has this text, which is in small letters. A row that is no
    /// UTF-8 is taken for Latin, in which other encodings of one byte agree on most letters.
    fn says(&self, text: &str) -> bool {
        let has = |it: &str| it.to_lowercase().contains(text);
        let KeptColumns { raw, row_key, .. } = &self.columns.row;
        let of_row = match std::str::from_utf8(raw) {
            Ok(raw) => has(raw),
            Err(_) => has(&raw.iter().map(|it| char::from(*it)).collect::<String>()),
        };
        of_row || has(&self.run.file_name) || row_key.as_deref().is_some_and(has)
    }

    fn place(&self) -> Result<(RunId, u64), StoreError> {
        Ok((
            run_id(self.run.id.clone())?,
            natural(self.columns.row.record)?,
        ))
    }

    fn of_run(self) -> Result<OfRun, StoreError> {
        let Self { run, columns } = self;
        Ok(OfRun {
            run: run_id(run.id.clone())?,
            file_name: run.file_name.clone(),
            created_at: run.created_at.clone(),
            row: columns.row.stored()?,
            version: natural(columns.version)?,
            assignee: columns.assignee,
        })
    }
}

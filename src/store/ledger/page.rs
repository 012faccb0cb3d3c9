//! Pages of the ledger, each within the same short time whatever the number of rows: every order has an index, and a
//! page begins behind a row. By day, the sums of the sales tell beforehand in which cells (a day, region, product and
//! category) rows of a filter stand. In the other orders a limited number of rows is looked at for each page.
//!
//! This file is long because all ways of walking the ledger share one reader and its limits.

use super::standing::{LEDGER, Standing, label, standing};
use crate::{
    Store,
    db::{Tx, row, rows},
    entry::run_id,
    error::StoreError,
    exception_list::number,
    word::{integer, natural, sum},
};
use model::{
    id::{RunId, WorkspaceId},
    ledger::{
        Direction, NOT_STATED, RowFilter, RowPage, RowQuery, RowSort, RowState, RowTotal,
        StandingRow,
    },
    money::Money,
    sales::label,
};
use sqlx::{AssertSqlSafe, FromRow, SqlSafeStr, postgres::PgRow, sqlite::SqliteRow};
use std::borrow::Cow;

/// Rows that are looked at together.
const STEP: i64 = 500;

/// Steps for one page.
const STEPS: u32 = 4;

/// Fewer rows than these are put in order here.
const FEW: u64 = 1_000;

/// How many characters of a long text stand in the indices: fewer than of a label.
const START: usize = 48;

/// Above all text.
const END: &str = "\u{10ffff}";

impl Store {
    /// The rows that `query` asks for, and where the next ones begin. Rows of runs that are going on are not there.
    /// Not found where it names a run that the workspace does not have, or begins behind a row that is not there.
    pub async fn rows(
        &self,
        workspace: &WorkspaceId,
        query: &RowQuery,
    ) -> Result<RowPage, StoreError> {
        let mut tx = self.db.read().await?;
        let run = match &query.filter.run {
            Some(run) => Some(number(&mut tx, workspace, run).await?),
            None => None,
        };
        let behind = match &query.after {
            Some((run, record)) => Some(place(&mut tx, workspace, run, *record).await?),
            None => None,
        };
        let filter = &query.filter;
        let sort = query.order();
        let mut reader = Reader {
            tx,
            workspace: workspace.as_str(),
            filter,
            direction: query.direction,
            run,
        };
        let total = match (filter.state, &filter.key) {
            (RowState::Counting, None) => Some(reader.total().await?),
            _ => None,
        };
        let limit = usize::try_from(query.limit).unwrap_or(usize::MAX);
        let (rows, next) = match (total, sort) {
            (Some(RowTotal { rows: 0, .. }), _) => (Vec::new(), None),
            (_, RowSort::Day) => reader.by_day(behind, limit).await?,
            (Some(RowTotal { rows: ..FEW, .. }), _) => reader.few(sort, behind, limit).await?,
            _ => reader.walk(sort, behind, limit).await?,
        };
        Ok(RowPage {
            rows,
            sort,
            direction: query.direction,
            total,
            next: next.map(|(run, record)| format!("{run}.{record}")),
        })
    }

    /// One row of the ledger, whether it counts or not.
    pub async fn row(
        &self,
        workspace: &WorkspaceId,
        run: &RunId,
        record: u64,
    ) -> Result<Option<StandingRow>, StoreError> {
        let mut tx = self.db.read().await?;
        let number = number(&mut tx, workspace, run).await?;
        let found: Option<Standing> = row!(
            &mut tx,
            standing!("", "l.workspace = $1 AND l.run = $2 AND l.record = $3"),
            workspace.as_str(),
            number,
            integer(record)?
        )?;
        found.map(Standing::row).transpose()
    }
}

/// A row's place in every order.
#[derive(Debug, Clone, Default, FromRow)]
pub(crate) struct Place {
    pub(crate) run: i64,
    pub(crate) record: i64,
    pub(crate) row_key: String,
    pub(crate) money: i64,
    #[sqlx(flatten)]
    pub(crate) cell: Cell,
}

/// Rows of one day, region, product and category, or of several that begin alike.
#[derive(Debug, Clone, Default, FromRow)]
pub(crate) struct Cell {
    day: String,
    region: String,
    product: String,
    category: String,
    row_count: i64,
}

async fn place(
    tx: &mut Tx,
    workspace: &WorkspaceId,
    run: &RunId,
    record: u64,
) -> Result<Place, StoreError> {
    let run = number(tx, workspace, run).await?;
    let found: Option<Place> = row!(
        tx,
        "SELECT run, record, substr(coalesce(row_key, ''), 1, 48) AS row_key, coalesce(money, 0) AS money, \
         coalesce(day, '') AS day, substr(coalesce(region, ''), 1, 48) AS region, \
         substr(coalesce(product, ''), 1, 48) AS product, substr(coalesce(category, ''), 1, 48) AS category, \
         CAST(1 AS BIGINT) AS row_count FROM ledger WHERE workspace = $1 AND run = $2 AND record = $3",
        workspace.as_str(),
        run,
        integer(record)?
    )?;
    found.ok_or(StoreError::NotFound)
}

/// Reads one page.
struct Reader<'a> {
    tx: Tx,
    workspace: &'a str,
    filter: &'a RowFilter,
    direction: Direction,
    /// The number of the filter's run.
    run: Option<i64>,
}

type Found = (Vec<StandingRow>, Option<(RunId, u64)>);

// The cells behind a place, each of which has rows of the filter; all take the same values in the same places.
macro_rules! cells {
    ($from:literal, $beyond:literal, $order:literal) => {
        concat!(
            "SELECT day, substr(region, 1, 48) AS region, substr(product, 1, 48) AS product, \
             substr(category, 1, 48) AS category, CAST(sum(row_count) AS BIGINT) AS row_count FROM ",
            $from,
            " AND day >= $4 AND day <= $5 AND ($6 OR region = $7) AND ($8 OR product = $9) \
             AND ($10 OR category = $11) AND ($12 OR \
             (day, substr(region, 1, 48), substr(product, 1, 48), substr(category, 1, 48)) ",
            $beyond,
            " ($13, $14, $15, $16)) GROUP BY 1, 2, 3, 4 ORDER BY ",
            $order,
            " LIMIT $17"
        )
    };
}

macro_rules! all_cells {
    ($beyond:literal, $order:literal) => {
        cells!("sales WHERE workspace = $1 AND $2 <= $3", $beyond, $order)
    };
}

macro_rules! run_cells {
    ($beyond:literal, $order:literal) => {
        cells!(
            "run_sales WHERE workspace = $1 AND run BETWEEN $2 AND $3",
            $beyond,
            $order
        )
    };
}

// All rows in those cells.
macro_rules! inside {
    ($cells:ident, $beyond:literal, $order:literal, $rows:literal) => {
        standing!(
            concat!("(", $cells!($beyond, $order), ") c CROSS JOIN "),
            concat!(
                "l.workspace = $1 AND l.counts AND coalesce(l.day, '') = c.day || '' \
                 AND substr(coalesce(l.region, ''), 1, 48) = c.region || '' \
                 AND substr(coalesce(l.product, ''), 1, 48) = c.product || '' \
                 AND substr(coalesce(l.category, ''), 1, 48) = c.category || '' AND l.run BETWEEN $2 AND $3 \
                 AND ($6 OR ", label!("region", "$7"), ") AND ($8 OR ", label!("product", "$9"), ") \
                 AND ($10 OR ", label!("category", "$11"), ") ORDER BY ",
                $rows
            )
        )
    };
}

// Rows of one cell behind a run and record.
macro_rules! of_cell {
    ($beyond:literal, $order:literal) => {
        standing!(
            "",
            concat!(
                "l.workspace = $1 AND l.counts AND coalesce(l.day, '') = $4 \
                 AND substr(coalesce(l.region, ''), 1, 48) = $5 \
                 AND substr(coalesce(l.product, ''), 1, 48) = $6 \
                 AND substr(coalesce(l.category, ''), 1, 48) = $7 AND (l.run, l.record) ",
                $beyond,
                " ($8, $9) AND l.run BETWEEN $2 AND $3 AND ($10 OR ",
                label!("region", "$11"),
                ") \
                 AND ($12 OR ",
                label!("product", "$13"),
                ") AND ($14 OR ",
                label!("category", "$15"),
                ") ORDER BY ",
                $order,
                " LIMIT $16"
            )
        )
    };
}

// Rows in the order of an index.
macro_rules! walk {
    ($which:literal, $beyond:literal, $order:literal) => {
        standing!(
            "",
            concat!(
                "l.workspace = $1 AND ",
                $which,
                " AND ",
                $beyond,
                " ORDER BY ",
                $order,
                " LIMIT $2"
            )
        )
    };
}

macro_rules! of_key {
    ($beyond:literal, $order:literal) => {
        walk!("l.counts = $3", $beyond, $order)
    };
}

/// How a column is asked for: whether any label will do, and which one is wanted.
pub(super) fn wanted(text: &Option<String>) -> (bool, Cow<'_, str>) {
    match text.as_deref() {
        None => (true, Cow::Borrowed("")),
        Some(NOT_STATED) => (false, Cow::Borrowed("")),
        Some(text) => (false, label(text)),
    }
}

/// The first and last day that are wanted; rows without a day come before all.
fn days(filter: &RowFilter) -> (&str, &str) {
    let first = if filter.to.is_some() { "0" } else { "" };
    (
        filter.from.as_deref().unwrap_or(first),
        filter.to.as_deref().unwrap_or(END),
    )
}

/// Region, product and category.
fn words(filter: &RowFilter) -> [(bool, Cow<'_, str>); 3] {
    [&filter.region, &filter.product, &filter.category].map(wanted)
}

impl<'a> Reader<'a> {
    fn runs(&self) -> (i64, i64) {
        self.run.map_or((0, i64::MAX), |it| (it, it))
    }

    /// Rows and money of the filter, from the sums of the sales.
    async fn total(&mut self) -> Result<RowTotal, StoreError> {
        // Bare `day` would have SQLite take the index by day, which is no better for sums and has them from all over.
        macro_rules! sums {
            ($what:expr, $from:literal, $which:literal) => {
                concat!(
                    "SELECT ",
                    $what,
                    " FROM ",
                    $from,
                    " AND coalesce(day, '') >= $4 AND coalesce(day, '') <= $5 AND ($6 OR region = $7) \
                     AND ($8 OR product = $9) AND ($10 OR category = $11)",
                    $which
                )
            };
        }
        // Whole millions and the rest, so that their sums fit 64 bits; the few that do not are added here.
        macro_rules! part {
            ($part:literal) => {
                concat!(
                    "CAST(coalesce(sum(CASE WHEN length(revenue) <= 18 THEN CAST(revenue AS BIGINT) ",
                    $part,
                    " 1000000 ELSE 0 END), 0) AS BIGINT)"
                )
            };
        }
        macro_rules! both {
            ($from:literal) => {
                (
                    sums!(
                        concat!(
                            "CAST(coalesce(sum(row_count), 0) AS BIGINT), ",
                            part!("/"),
                            ", ",
                            part!("%"),
                            ", coalesce(max(length(revenue)), 0) > 18"
                        ),
                        $from,
                        ""
                    ),
                    sums!("revenue", $from, " AND length(revenue) > 18"),
                )
            };
        }
        let (all, wide) = match self.run {
            None => both!("sales WHERE workspace = $1 AND $2 <= $3"),
            Some(_) => both!("run_sales WHERE workspace = $1 AND run BETWEEN $2 AND $3"),
        };
        let (low, high) = self.runs();
        let ((from, to), [region, product, category]) = (days(self.filter), words(self.filter));
        macro_rules! asked {
            ($how:ident, $sql:expr) => {
                $how!(
                    &mut self.tx,
                    $sql,
                    self.workspace,
                    low,
                    high,
                    from,
                    to,
                    region.0,
                    &*region.1,
                    product.0,
                    &*product.1,
                    category.0,
                    &*category.1
                )?
            };
        }
        let found: Option<(i64, i64, i64, bool)> = asked!(row, all);
        let (count, whole, rest, some_are_wide) = found.unwrap_or_default();
        let mut money = i128::from(whole) * 1_000_000 + i128::from(rest);
        if some_are_wide {
            let wide: Vec<(String,)> = asked!(rows, wide);
            for (revenue,) in wide {
                money += sum(&revenue)?;
            }
        }
        Ok(RowTotal {
            rows: natural(count)?,
            money: Money(money),
        })
    }

    /// Rows by day, and within one by region, product, category, run and record.
    async fn by_day(&mut self, behind: Option<Place>, limit: usize) -> Result<Found, StoreError> {
        let mut found = Vec::new();
        if let Some(behind) = &behind {
            let place = (behind.run, behind.record);
            found = self.of_cell(&behind.cell, Some(place), limit + 1).await?;
        }
        let begin = behind.map(|it| it.cell);
        let mut room = limit + 1 - found.len();
        let cells = self.cells(begin.as_ref(), room).await?;
        // As many whole cells as there is room for, and what is needed of the one behind them.
        let mut whole = 0;
        for cell in &cells {
            let rows = usize::try_from(cell.row_count).unwrap_or(usize::MAX);
            match room.checked_sub(rows) {
                Some(left) => (room, whole) = (left, whole + 1),
                None => break,
            }
        }
        if whole > 0 {
            found.extend(self.inside(begin.as_ref(), whole).await?);
        }
        if let Some(cell) = cells.get(whole).filter(|_| room > 0) {
            found.extend(self.of_cell(cell, None, room).await?);
        }
        page(found, limit)
    }

    async fn cells(
        &mut self,
        behind: Option<&Cell>,
        limit: usize,
    ) -> Result<Vec<Cell>, StoreError> {
        let sql = match (self.run, self.direction) {
            (None, Direction::Ascending) => all_cells!(">", "1, 2, 3, 4"),
            (None, Direction::Descending) => all_cells!("<", "1 DESC, 2 DESC, 3 DESC, 4 DESC"),
            (Some(_), Direction::Ascending) => run_cells!(">", "1, 2, 3, 4"),
            (Some(_), Direction::Descending) => run_cells!("<", "1 DESC, 2 DESC, 3 DESC, 4 DESC"),
        };
        self.over_cells(sql, behind, limit).await
    }

    /// The rows of the first `whole` cells behind a place.
    async fn inside(
        &mut self,
        behind: Option<&Cell>,
        whole: usize,
    ) -> Result<Vec<Standing>, StoreError> {
        macro_rules! up {
            ($cells:ident) => {
                inside!(
                    $cells,
                    ">",
                    "1, 2, 3, 4",
                    "c.day, c.region, c.product, c.category, l.run, l.record"
                )
            };
        }
        macro_rules! down {
            ($cells:ident) => {
                inside!(
                    $cells,
                    "<",
                    "1 DESC, 2 DESC, 3 DESC, 4 DESC",
                    "c.day DESC, c.region DESC, c.product DESC, c.category DESC, l.run DESC, l.record DESC"
                )
            };
        }
        let sql = match (self.run, self.direction) {
            (None, Direction::Ascending) => up!(all_cells),
            (None, Direction::Descending) => down!(all_cells),
            (Some(_), Direction::Ascending) => up!(run_cells),
            (Some(_), Direction::Descending) => down!(run_cells),
        };
        let sql = self.by("ledger_by_day", sql);
        self.over_cells(sql, behind, whole).await
    }

    /// Asks with the values that a statement over cells takes.
    async fn over_cells<T>(
        &mut self,
        sql: impl SqlSafeStr,
        behind: Option<&Cell>,
        limit: usize,
    ) -> Result<Vec<T>, StoreError>
    where
        T: for<'r> FromRow<'r, SqliteRow> + for<'r> FromRow<'r, PgRow> + Send + Unpin,
    {
        let (low, high) = self.runs();
        let ((mut from, mut to), [region, product, category]) =
            (days(self.filter), words(self.filter));
        let first = behind.is_none();
        let none = Cell::default();
        let cell = behind.unwrap_or(&none);
        if !first {
            match self.direction {
                Direction::Ascending => from = from.max(&cell.day),
                Direction::Descending => to = to.min(&cell.day),
            }
        }
        Ok(rows!(
            &mut self.tx,
            sql,
            self.workspace,
            low,
            high,
            from,
            to,
            region.0,
            &*region.1,
            product.0,
            &*product.1,
            category.0,
            &*category.1,
            first,
            cell.day.as_str(),
            cell.region.as_str(),
            cell.product.as_str(),
            cell.category.as_str(),
            i64::try_from(limit).unwrap_or(i64::MAX)
        )?)
    }

    async fn of_cell(
        &mut self,
        cell: &Cell,
        behind: Option<(i64, i64)>,
        limit: usize,
    ) -> Result<Vec<Standing>, StoreError> {
        let (sql, begin) = match self.direction {
            Direction::Ascending => (of_cell!(">", "l.run, l.record"), (0, 0)),
            Direction::Descending => (
                of_cell!("<", "l.run DESC, l.record DESC"),
                (i64::MAX, i64::MAX),
            ),
        };
        let sql = self.by("ledger_by_day", sql);
        let (low, high) = self.runs();
        let (run, record) = behind.unwrap_or(begin);
        let [region, product, category] = words(self.filter);
        Ok(rows!(
            &mut self.tx,
            sql,
            self.workspace,
            low,
            high,
            cell.day.as_str(),
            cell.region.as_str(),
            cell.product.as_str(),
            cell.category.as_str(),
            run,
            record,
            region.0,
            &*region.1,
            product.0,
            &*product.1,
            category.0,
            &*category.1,
            i64::try_from(limit).unwrap_or(i64::MAX)
        )?)
    }

    /// Of few rows all are read, and put in order here.
    async fn few(
        &mut self,
        sort: RowSort,
        behind: Option<Place>,
        limit: usize,
    ) -> Result<Found, StoreError> {
        let most = usize::try_from(FEW).unwrap_or(usize::MAX);
        let mut found = self.inside(None, most).await?;
        let place = |it: &Place| match sort {
            RowSort::Key => (it.row_key.clone(), 0, it.run, it.record),
            RowSort::Revenue => (String::new(), it.money, it.run, it.record),
            RowSort::Day | RowSort::Arrival => (String::new(), 0, it.run, it.record),
        };
        found.sort_by_cached_key(|it| place(&it.place()));
        if self.direction == Direction::Descending {
            found.reverse();
        }
        if let Some(begin) = behind.map(|it| place(&it)) {
            let up = self.direction == Direction::Ascending;
            let before = found.partition_point(|it| {
                let it = place(&it.place());
                it == begin || (it < begin) == up
            });
            found.drain(..before);
        }
        page(found, limit)
    }

    /// Rows in the order of an index, of which those are taken that the filter lets through. Where a page is not full
    /// when so many were looked at, the next one goes on from there.
    async fn walk(
        &mut self,
        sort: RowSort,
        mut behind: Option<Place>,
        limit: usize,
    ) -> Result<Found, StoreError> {
        let most = i64::try_from(limit).unwrap_or(i64::MAX).saturating_add(1);
        let step = if self.leaves_out(sort) {
            STEP.max(most)
        } else {
            most
        };
        let mut found = Vec::new();
        for _ in 0..STEPS {
            let seen = self.step(sort, behind.as_ref(), step).await?;
            let all = i64::try_from(seen.len()).unwrap_or(i64::MAX) < step;
            behind = seen.last().map(Standing::place);
            found.extend(seen.into_iter().filter(|it| self.lets(it)));
            if all || found.len() > limit {
                return page(found, limit);
            }
        }
        let next = match behind {
            Some(place) => Some((self.id(place.run).await?, natural(place.record)?)),
            None => None,
        };
        let (rows, _) = page(found, limit)?;
        Ok((rows, next))
    }

    /// Whether rows that stand in the order may be none of the filter's.
    fn leaves_out(&self, sort: RowSort) -> bool {
        let filter = self.filter;
        let narrow = [
            &filter.from,
            &filter.to,
            &filter.region,
            &filter.product,
            &filter.category,
        ];
        narrow.into_iter().any(Option::is_some)
            || filter.run.is_some() != (sort == RowSort::Arrival)
            || filter.state != RowState::Counting
            || filter.key.as_deref().is_some_and(|it| start(it) != it)
    }

    fn lets(&self, row: &Standing) -> bool {
        let filter = self.filter;
        let ((from, to), (low, high)) = (days(filter), self.runs());
        let texts = [row.region(), row.product(), row.category()];
        let mut texts = words(filter).into_iter().zip(texts);
        row.state() == filter.state
            && (low..=high).contains(&row.number)
            && (from..=to).contains(&row.day())
            && texts.all(|((any, wish), text)| any || wish == label(text))
            && row
                .key()
                .starts_with(filter.key.as_deref().unwrap_or_default())
    }

    async fn step(
        &mut self,
        sort: RowSort,
        behind: Option<&Place>,
        limit: i64,
    ) -> Result<Vec<Standing>, StoreError> {
        if sort == RowSort::Arrival {
            return self.arrivals(behind, limit).await;
        }
        let mut found = match behind {
            Some(behind) => self.alike(sort, behind, limit).await?,
            None => Vec::new(),
        };
        let left = limit - i64::try_from(found.len()).unwrap_or(i64::MAX);
        if left > 0 {
            found.extend(self.beyond(sort, behind, left).await?);
        }
        Ok(found)
    }

    /// Behind a row, those with its key or amount.
    async fn alike(
        &mut self,
        sort: RowSort,
        behind: &Place,
        limit: i64,
    ) -> Result<Vec<Standing>, StoreError> {
        macro_rules! of_money {
            ($beyond:literal, $order:literal) => {
                walk!("l.counts AND coalesce(l.money, 0) = $3", $beyond, $order)
            };
        }
        let (run, record) = (behind.run, behind.record);
        let up = self.direction == Direction::Ascending;
        let found = if sort == RowSort::Key {
            let sql = if up {
                of_key!(
                    "substr(coalesce(l.row_key, ''), 1, 48) = $4 AND (l.run, l.record) > ($5, $6)",
                    "l.run, l.record"
                )
            } else {
                of_key!(
                    "substr(coalesce(l.row_key, ''), 1, 48) = $4 AND (l.run, l.record) < ($5, $6)",
                    "l.run DESC, l.record DESC"
                )
            };
            let (counts, sql) = (self.counts(), self.by("ledger_by_key", sql));
            rows!(
                &mut self.tx,
                sql,
                self.workspace,
                limit,
                counts,
                behind.row_key.as_str(),
                run,
                record
            )?
        } else {
            let sql = if up {
                of_money!("(l.run, l.record) > ($4, $5)", "l.run, l.record")
            } else {
                of_money!("(l.run, l.record) < ($4, $5)", "l.run DESC, l.record DESC")
            };
            let sql = self.by("ledger_by_money", sql);
            rows!(
                &mut self.tx,
                sql,
                self.workspace,
                limit,
                behind.money,
                run,
                record
            )?
        };
        Ok(found)
    }

    /// Rows with further keys or amounts.
    async fn beyond(
        &mut self,
        sort: RowSort,
        behind: Option<&Place>,
        limit: i64,
    ) -> Result<Vec<Standing>, StoreError> {
        if sort == RowSort::Key {
            return self.further_keys(behind, limit).await;
        }
        macro_rules! of_money {
            ($beyond:literal, $order:literal) => {
                walk!("l.counts", $beyond, $order)
            };
        }
        let (sql, first) = match self.direction {
            Direction::Ascending => (
                of_money!(
                    "coalesce(l.money, 0) > $3",
                    "coalesce(l.money, 0), l.run, l.record"
                ),
                i64::MIN,
            ),
            Direction::Descending => (
                of_money!(
                    "coalesce(l.money, 0) < $3",
                    "coalesce(l.money, 0) DESC, l.run DESC, l.record DESC"
                ),
                i64::MAX,
            ),
        };
        let sql = self.by("ledger_by_money", sql);
        let money = behind.map_or(first, |it| it.money);
        Ok(rows!(&mut self.tx, sql, self.workspace, limit, money)?)
    }

    async fn further_keys(
        &mut self,
        behind: Option<&Place>,
        limit: i64,
    ) -> Result<Vec<Standing>, StoreError> {
        let begin = start(self.filter.key.as_deref().unwrap_or_default());
        let end = format!("{begin}{END}");
        let behind = behind.map(|it| it.row_key.as_str());
        let (sql, from, to) = match (self.direction, behind) {
            (Direction::Ascending, Some(behind)) => (
                of_key!(
                    "substr(coalesce(l.row_key, ''), 1, 48) > $4 AND substr(coalesce(l.row_key, ''), 1, 48) <= $5",
                    "substr(coalesce(l.row_key, ''), 1, 48), l.run, l.record"
                ),
                behind,
                end.as_str(),
            ),
            (Direction::Ascending, None) => (
                of_key!(
                    "substr(coalesce(l.row_key, ''), 1, 48) >= $4 AND substr(coalesce(l.row_key, ''), 1, 48) <= $5",
                    "substr(coalesce(l.row_key, ''), 1, 48), l.run, l.record"
                ),
                begin,
                end.as_str(),
            ),
            (Direction::Descending, behind) => (
                of_key!(
                    "substr(coalesce(l.row_key, ''), 1, 48) >= $4 AND substr(coalesce(l.row_key, ''), 1, 48) < $5",
                    "substr(coalesce(l.row_key, ''), 1, 48) DESC, l.run DESC, l.record DESC"
                ),
                begin,
                behind.unwrap_or(&end),
            ),
        };
        let (counts, sql) = (self.counts(), self.by("ledger_by_key", sql));
        Ok(rows!(
            &mut self.tx,
            sql,
            self.workspace,
            limit,
            counts,
            from,
            to
        )?)
    }

    /// Rows as they came: of one run, or those that do not count.
    async fn arrivals(
        &mut self,
        behind: Option<&Place>,
        limit: i64,
    ) -> Result<Vec<Standing>, StoreError> {
        macro_rules! up {
            ($which:literal) => {
                walk!(
                    $which,
                    "(l.run, l.record) > ($3, $4) AND l.run BETWEEN $5 AND $6",
                    "l.run, l.record"
                )
            };
        }
        macro_rules! down {
            ($which:literal) => {
                walk!(
                    $which,
                    "(l.run, l.record) < ($3, $4) AND l.run BETWEEN $5 AND $6",
                    "l.run DESC, l.record DESC"
                )
            };
        }
        let up = self.direction == Direction::Ascending;
        let sql = match (up, self.counts()) {
            (true, true) => AssertSqlSafe(up!("l.counts").to_owned()),
            (true, false) => self.by("ledger_left", up!("NOT l.counts")),
            (false, true) => AssertSqlSafe(down!("l.counts").to_owned()),
            (false, false) => self.by("ledger_left", down!("NOT l.counts")),
        };
        let (low, high) = self.runs();
        let begin = if up { (low, 0) } else { (high, i64::MAX) };
        let (run, record) = behind.map_or(begin, |it| (it.run, it.record));
        Ok(rows!(
            &mut self.tx,
            sql,
            self.workspace,
            limit,
            run,
            record,
            low,
            high
        )?)
    }

    fn counts(&self) -> bool {
        self.filter.state == RowState::Counting
    }

    /// Tells SQLite which index to take: without figures of its own it holds that of the primary key for the best. On
    /// PostgreSQL its own figures tell.
    fn by(&self, index: &str, sql: &str) -> AssertSqlSafe<String> {
        AssertSqlSafe(match self.tx {
            Tx::Sqlite(_) => sql.replacen(LEDGER, &format!("{LEDGER}INDEXED BY {index} "), 1),
            Tx::Postgres(_) => sql.to_owned(),
        })
    }

    async fn id(&mut self, run: i64) -> Result<RunId, StoreError> {
        let found: Option<(String,)> =
            row!(&mut self.tx, "SELECT id FROM runs WHERE number = $1", run)?;
        run_id(found.ok_or(StoreError::NotFound)?.0)
    }
}

/// What of a text stands in the indices.
fn start(text: &str) -> &str {
    let end = text.char_indices().nth(START).map(|(at, _)| at);
    end.and_then(|end| text.get(..end)).unwrap_or(text)
}

/// The first `limit` rows, and the place of the last where there are more.
fn page(mut found: Vec<Standing>, limit: usize) -> Result<Found, StoreError> {
    let more = found.len() > limit;
    found.truncate(limit);
    let rows: Result<Vec<StandingRow>, StoreError> = found.into_iter().map(Standing::row).collect();
    let rows = rows?;
    let last = rows.last().filter(|_| more);
    let next = last.map(|it| (it.run.clone(), it.row.record));
    Ok((rows, next))
}

//! Pages of the ledger. A page begins behind a row. By day, and by revenue, the sums of the sales tell in which cells (a
//! day, region, product, category and SKU) rows of a filter stand, and the sums of a run which of its rows are in a cell: see
//! `cells` and `revenue`. In the other orders, which have an index, a limited number of rows is looked at for each page: see
//! `order`.

use super::{
    cells::Cell,
    standing::{Standing, standing, told},
};
use crate::{
    Store,
    db::{Tx, row, rows},
    error::StoreError,
    exception_list::number,
    word::{integer, natural, sum},
};
use model::{
    id::{RunId, WorkspaceId},
    ledger::{
        Direction, MOST_BY_REVENUE, NOT_STATED, RowFilter, RowPage, RowQuery, RowSort, RowState,
        RowTotal, StandingRow,
    },
    money::Money,
    sales::label,
};
use std::borrow::Cow;

/// Fewer rows than these are put in order here.
const FEW: u64 = MOST_BY_REVENUE;

/// Above all text.
pub(super) const END: &str = "\u{10ffff}";

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
            Some((run, record)) => {
                let found = standing(&mut tx, workspace, run, *record).await?;
                Some(found.ok_or(StoreError::NotFound)?.place(&tx))
            }
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
            (_, RowSort::Revenue) => reader.by_revenue(behind, limit).await?,
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
        let found = standing(&mut tx, workspace, run, record).await?;
        let found = found.into_iter().collect();
        let told = told(&mut tx, workspace.as_str(), found).await?;
        Ok(told.into_iter().next())
    }
}

async fn standing(
    tx: &mut Tx,
    workspace: &WorkspaceId,
    run: &RunId,
    record: u64,
) -> Result<Option<Standing>, StoreError> {
    let run = number(tx, workspace, run).await?;
    Ok(row!(
        tx,
        standing!("", "l.run = $1 AND l.record = $2"),
        run,
        integer(record)?
    )?)
}

/// A row's place in every order.
#[derive(Debug, Clone)]
pub(crate) struct Place {
    pub(super) run: i64,
    pub(super) record: i64,
    /// As the index of keys has it; None for a row without one.
    pub(super) key: Option<String>,
    pub(super) money: i64,
    pub(super) cell: Cell,
}

/// Reads one page.
pub(super) struct Reader<'a> {
    pub(super) tx: Tx,
    pub(super) workspace: &'a str,
    pub(super) filter: &'a RowFilter,
    pub(super) direction: Direction,
    /// The number of the filter's run.
    pub(super) run: Option<i64>,
}

pub(super) type Found = (Vec<StandingRow>, Option<(RunId, u64)>);

/// How a column is asked for: whether any label will do, and which one is wanted.
fn wanted(text: &Option<String>) -> (bool, Cow<'_, str>) {
    match text.as_deref() {
        None => (true, Cow::Borrowed("")),
        Some(NOT_STATED) => (false, Cow::Borrowed("")),
        Some(text) => (false, label(text)),
    }
}

/// The first and last day that are wanted; rows without a day come before all.
pub(super) fn days(filter: &RowFilter) -> (&str, &str) {
    let first = if filter.to.is_some() { "0" } else { "" };
    (
        filter.from.as_deref().unwrap_or(first),
        filter.to.as_deref().unwrap_or(END),
    )
}

/// Region, product, category and SKU.
pub(super) fn words(filter: &RowFilter) -> [(bool, Cow<'_, str>); 4] {
    let all = [
        &filter.region,
        &filter.product,
        &filter.category,
        &filter.sku,
    ];
    all.map(wanted)
}

impl Reader<'_> {
    /// The first `limit` rows, and the place of the last where there are more.
    pub(super) async fn page(
        &mut self,
        mut found: Vec<Standing>,
        limit: usize,
    ) -> Result<Found, StoreError> {
        let more = found.len() > limit;
        found.truncate(limit);
        let rows = told(&mut self.tx, self.workspace, found).await?;
        let last = rows.last().filter(|_| more);
        let next = last.map(|it| (it.run.clone(), it.row.record));
        Ok((rows, next))
    }

    /// The first and the last run that are looked into.
    pub(super) fn runs(&self) -> (i64, i64) {
        self.run.map_or((0, i64::MAX), |it| (it, it))
    }

    pub(super) fn is_up(&self) -> bool {
        self.direction == Direction::Ascending
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
                     AND ($8 OR product = $9) AND ($10 OR category = $11) AND ($12 OR sku = $13)",
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
        let ((from, to), [region, product, category, sku]) =
            (days(self.filter), words(self.filter));
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
                    &*category.1,
                    sku.0,
                    &*sku.1
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

    /// Of few rows all are read, and put in order here.
    async fn few(
        &mut self,
        sort: RowSort,
        behind: Option<Place>,
        limit: usize,
    ) -> Result<Found, StoreError> {
        let found = self.first_by_day(usize::try_from(FEW).unwrap_or(usize::MAX));
        let mut found: Vec<(_, Standing)> = found
            .await?
            .into_iter()
            .map(|it| (rank(sort, &it.place(&self.tx)), it))
            .collect();
        found.sort_by(|(a, _), (b, _)| a.cmp(b));
        if !self.is_up() {
            found.reverse();
        }
        if let Some(begin) = behind.map(|it| rank(sort, &it)) {
            let up = self.is_up();
            let before = found.partition_point(|(it, _)| *it == begin || (*it < begin) == up);
            found.drain(..before);
        }
        self.page(found.into_iter().map(|(_, it)| it).collect(), limit)
            .await
    }
}

/// What rows are compared by in an order.
pub(super) fn rank(sort: RowSort, place: &Place) -> (Option<String>, i64, i64, i64) {
    let (run, record) = (place.run, place.record);
    match sort {
        RowSort::Key => (place.key.clone(), 0, run, record),
        RowSort::Revenue => (None, place.money, run, record),
        RowSort::Day | RowSort::Arrival => (None, 0, run, record),
    }
}

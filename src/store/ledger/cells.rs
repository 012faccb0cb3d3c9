//! Rows by the cells that they stand in, and by day.

use super::{
    page::{Found, Place, Reader, days, words},
    standing::{Standing, label, standing},
};
use crate::{
    db::{Tx, rows},
    error::StoreError,
    word::{from_json, json},
};
use model::ledger::Direction;
use sqlx::FromRow;
use std::{cmp::Ordering, collections::HashMap};

/// Places of rows that are looked up together.
const TOGETHER: usize = 512;

/// A day, region, product, category and SKU, as the sums name them; an empty text where rows have none.
#[derive(Debug, Clone, Default, PartialEq, Eq, FromRow)]
pub(crate) struct Cell {
    pub(super) day: String,
    pub(super) region: String,
    pub(super) product: String,
    pub(super) category: String,
    pub(super) sku: String,
}

#[derive(FromRow)]
struct Counted {
    #[sqlx(flatten)]
    cell: Cell,
    row_count: i64,
}

/// The rows of a run that stand in a cell.
#[derive(FromRow)]
pub(super) struct Part {
    pub(super) run: i64,
    #[sqlx(flatten)]
    cell: Cell,
    /// A list of their records; None where the run's rows have to be looked through.
    pub(super) records: Option<String>,
    /// What no row's amount is beyond, in the direction of the order.
    pub(super) edge: i64,
}

// The cells behind a place, each of which has rows of the filter; all take the same values in the same places.
macro_rules! cells {
    ($from:literal, $beyond:literal, $order:literal) => {
        concat!(
            "SELECT day, region, product, category, sku, row_count FROM ",
            $from,
            " AND row_count > 0 AND day >= $4 AND day <= $5 AND ($6 OR region = $7) AND ($8 OR product = $9) \
             AND ($10 OR category = $11) AND ($12 OR sku = $13) AND ($14 OR (day, region, product, category, sku) ",
            $beyond,
            " ($15, $16, $17, $18, $19)) ORDER BY ",
            $order,
            " LIMIT $20"
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

// SQLite takes a workspace for a handful of rows, and would rather read all of it than follow an index.
macro_rules! by {
    ($reader:expr, $index:literal, $sql:ident!($($given:tt)*)) => {
        match $reader.tx {
            Tx::Sqlite(_) => $sql!(concat!(" INDEXED BY ", $index), $($given)*),
            Tx::Postgres(_) => $sql!("", $($given)*),
        }
    };
}
pub(super) use by;

// What each run has in those cells.
macro_rules! parts {
    ($by:expr, $cells:ident, $beyond:literal, $order:literal, $parts:literal) => {
        concat!(
            "SELECT s.run, s.day, s.region, s.product, s.category, s.sku, s.records, CAST(0 AS BIGINT) AS edge FROM (",
            $cells!($beyond, $order),
            ") c CROSS JOIN run_sales s",
            $by,
            " WHERE s.workspace = $1 AND s.day = c.day AND s.region = c.region \
             AND s.product = c.product AND s.category = c.category AND s.sku = c.sku AND s.run BETWEEN $2 AND $3 \
             AND s.row_count > 0 \
             ORDER BY ",
            $parts
        )
    };
}

macro_rules! parts_of_cell {
    ($by:expr, $order:literal) => {
        concat!(
            "SELECT run, day, region, product, category, sku, records, CAST(0 AS BIGINT) AS edge FROM run_sales",
            $by,
            " WHERE workspace = $1 AND day = $2 AND region = $3 AND product = $4 AND category = $5 \
             AND sku = $6 AND run BETWEEN $7 AND $8 AND row_count > 0 ORDER BY ",
            $order,
            " LIMIT $9"
        )
    };
}

// The rows of a run in one cell, by a look at the run's rows.
macro_rules! looked {
    ($beyond:literal, $order:literal) => {
        standing!(
            "",
            concat!(
                "l.run = $1 AND l.counts AND ",
                $beyond,
                " AND coalesce(l.day, '') = $4 AND ",
                label!("region", "$5"),
                " AND ",
                label!("product", "$6"),
                " AND ",
                label!("category", "$7"),
                " AND ",
                label!("sku", "$8"),
                " ORDER BY ",
                $order,
                " LIMIT $9"
            )
        )
    };
}

impl Reader<'_> {
    /// Rows by day, and within one by region, product, category, SKU, run and record.
    pub(super) async fn by_day(
        &mut self,
        behind: Option<Place>,
        limit: usize,
    ) -> Result<Found, StoreError> {
        let mut found = Vec::new();
        let begin = behind.as_ref().map(|it| it.cell.clone());
        if let Some(behind) = behind {
            let place = (behind.run, behind.record);
            found = self.of_cell(&behind.cell, Some(place), limit + 1).await?;
        }
        let mut room = (limit + 1).saturating_sub(found.len());
        if room == 0 {
            return self.page(found, limit).await;
        }
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
            let parts = self.parts(begin.as_ref(), whole).await?;
            found.extend(self.rows_of(parts, None, usize::MAX).await?);
        }
        if let Some(cell) = cells.get(whole).filter(|_| room > 0) {
            found.extend(self.of_cell(&cell.cell, None, room).await?);
        }
        self.page(found, limit).await
    }

    /// All rows of the first `most` cells.
    pub(super) async fn first_by_day(&mut self, most: usize) -> Result<Vec<Standing>, StoreError> {
        let parts = self.parts(None, most).await?;
        self.rows_of(parts, None, usize::MAX).await
    }

    async fn cells(
        &mut self,
        behind: Option<&Cell>,
        limit: usize,
    ) -> Result<Vec<Counted>, StoreError> {
        let sql = match (self.run, self.direction) {
            (None, Direction::Ascending) => all_cells!(">", "1, 2, 3, 4, 5"),
            (None, Direction::Descending) => {
                all_cells!("<", "1 DESC, 2 DESC, 3 DESC, 4 DESC, 5 DESC")
            }
            (Some(_), Direction::Ascending) => run_cells!(">", "1, 2, 3, 4, 5"),
            (Some(_), Direction::Descending) => {
                run_cells!("<", "1 DESC, 2 DESC, 3 DESC, 4 DESC, 5 DESC")
            }
        };
        self.over_cells(sql, behind, limit).await
    }

    /// What each run has in the first `whole` cells behind a place.
    async fn parts(
        &mut self,
        behind: Option<&Cell>,
        whole: usize,
    ) -> Result<Vec<Part>, StoreError> {
        macro_rules! up {
            ($cells:ident) => {
                by!(
                    self,
                    "run_sales_by_cell",
                    parts!(
                        $cells,
                        ">",
                        "1, 2, 3, 4, 5",
                        "s.day, s.region, s.product, s.category, s.sku, s.run"
                    )
                )
            };
        }
        macro_rules! down {
            ($cells:ident) => {
                by!(
                    self,
                    "run_sales_by_cell",
                    parts!(
                        $cells,
                        "<",
                        "1 DESC, 2 DESC, 3 DESC, 4 DESC, 5 DESC",
                        "s.day DESC, s.region DESC, s.product DESC, s.category DESC, s.sku DESC, s.run DESC"
                    )
                )
            };
        }
        let sql = match (self.run, self.direction) {
            (None, Direction::Ascending) => up!(all_cells),
            (None, Direction::Descending) => down!(all_cells),
            (Some(_), Direction::Ascending) => up!(run_cells),
            (Some(_), Direction::Descending) => down!(run_cells),
        };
        self.over_cells(sql, behind, whole).await
    }

    /// Asks with the values that a statement over cells takes.
    async fn over_cells<T>(
        &mut self,
        sql: &'static str,
        behind: Option<&Cell>,
        limit: usize,
    ) -> Result<Vec<T>, StoreError>
    where
        T: for<'r> FromRow<'r, sqlx::sqlite::SqliteRow>
            + for<'r> FromRow<'r, sqlx::postgres::PgRow>
            + Send
            + Unpin,
    {
        let (low, high) = self.runs();
        let ((mut from, mut to), [region, product, category, sku]) =
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
            sku.0,
            &*sku.1,
            first,
            cell.day.as_str(),
            cell.region.as_str(),
            cell.product.as_str(),
            cell.category.as_str(),
            cell.sku.as_str(),
            i64::try_from(limit).unwrap_or(i64::MAX)
        )?)
    }

    /// At most `need` rows of a cell, behind a run and record.
    async fn of_cell(
        &mut self,
        cell: &Cell,
        behind: Option<(i64, i64)>,
        need: usize,
    ) -> Result<Vec<Standing>, StoreError> {
        let (mut low, mut high) = self.runs();
        let mut found = Vec::new();
        let mut behind = behind;
        loop {
            match behind {
                Some((run, _)) if self.is_up() => low = low.max(run),
                Some((run, _)) => high = high.min(run),
                None => {}
            }
            // Each has a row that counts, but for the one that was begun.
            let most = need - found.len() + 1;
            let sql = match self.direction {
                Direction::Ascending => {
                    by!(self, "run_sales_by_cell", parts_of_cell!("run"))
                }
                Direction::Descending => {
                    by!(self, "run_sales_by_cell", parts_of_cell!("run DESC"))
                }
            };
            let parts: Vec<Part> = rows!(
                &mut self.tx,
                sql,
                self.workspace,
                cell.day.as_str(),
                cell.region.as_str(),
                cell.product.as_str(),
                cell.category.as_str(),
                cell.sku.as_str(),
                low,
                high,
                i64::try_from(most).unwrap_or(i64::MAX)
            )?;
            let all = parts.len() < most;
            let last = parts.last().map(|it| it.run);
            let more = self.rows_of(parts, behind, need - found.len()).await?;
            found.extend(more);
            if all || found.len() >= need {
                return Ok(found);
            }
            // Behind all rows of the last run.
            let end = if self.is_up() { i64::MAX } else { 0 };
            behind = last.map(|run| (run, end));
        }
    }

    /// At most `need` rows of these, in their order, behind a run and record of the first of them.
    pub(super) async fn rows_of(
        &mut self,
        parts: Vec<Part>,
        behind: Option<(i64, i64)>,
        need: usize,
    ) -> Result<Vec<Standing>, StoreError> {
        let (mut found, mut places) = (Vec::new(), Vec::new());
        for part in parts {
            let behind = behind.and_then(|(run, record)| (run == part.run).then_some(record));
            let Some(records) = &part.records else {
                self.look_up(&mut places, &mut found, need).await?;
                let left = need.saturating_sub(found.len());
                found.extend(self.look_through(&part, behind, left).await?);
                continue;
            };
            let mut records: Vec<i64> = from_json(records)?;
            let up = self.is_up();
            if !up {
                records.reverse();
            }
            records.retain(|it| behind.is_none_or(|behind| *it != behind && (*it > behind) == up));
            for record in records {
                places.push((part.run, record));
                // Not more than needed, of a cell that has far more.
                if places.len() >= TOGETHER.min(need.saturating_sub(found.len()).max(1)) {
                    self.look_up(&mut places, &mut found, need).await?;
                }
            }
            if found.len() >= need {
                break;
            }
        }
        self.look_up(&mut places, &mut found, need).await?;
        found.truncate(need);
        Ok(found)
    }

    /// Those rows that count, in the order of their places.
    async fn look_up(
        &mut self,
        places: &mut Vec<(i64, i64)>,
        found: &mut Vec<Standing>,
        need: usize,
    ) -> Result<(), StoreError> {
        if places.is_empty() || found.len() >= need {
            places.clear();
            return Ok(());
        }
        // Two numbers in one, of 31 and 32 bits.
        let packed: Vec<i64> = places
            .iter()
            .map(|(run, record)| run << 32 | record)
            .collect();
        let rows: Vec<Standing> = rows!(
            &mut self.tx,
            standing!(
                "json_each($1) p CROSS JOIN ",
                "l.run = CAST(p.value AS BIGINT) >> 32 AND l.record = CAST(p.value AS BIGINT) & 4294967295 AND l.counts"
            ),
            json(&packed)?
        )?;
        let rows = rows.into_iter().map(|it| ((it.number, it.record()), it));
        let mut rows: HashMap<(i64, i64), Standing> = rows.collect();
        found.extend(places.drain(..).filter_map(|place| rows.remove(&place)));
        Ok(())
    }

    /// The rows of a run in a cell that does not say which.
    async fn look_through(
        &mut self,
        part: &Part,
        behind: Option<i64>,
        need: usize,
    ) -> Result<Vec<Standing>, StoreError> {
        let (sql, begin) = match self.direction {
            Direction::Ascending => (
                looked!("(l.record, CAST(0 AS BIGINT)) > ($2, $3)", "l.record"),
                0,
            ),
            Direction::Descending => (
                looked!("(l.record, CAST(0 AS BIGINT)) < ($2, $3)", "l.record DESC"),
                i64::MAX,
            ),
        };
        self.looked(sql, part, (behind.unwrap_or(begin), 0), need)
            .await
    }

    /// As [`Self::look_through`], by revenue, behind an amount, run and record.
    pub(super) async fn dearest(
        &mut self,
        part: &Part,
        behind: Option<(i64, i64, i64)>,
        need: usize,
    ) -> Result<Vec<Standing>, StoreError> {
        let up = self.is_up();
        let sql = if up {
            looked!(
                "(coalesce(l.money, 0), l.record) > ($2, $3)",
                "coalesce(l.money, 0), l.record"
            )
        } else {
            looked!(
                "(coalesce(l.money, 0), l.record) < ($2, $3)",
                "coalesce(l.money, 0) DESC, l.record DESC"
            )
        };
        let begin = match behind {
            None if up => (i64::MIN, 0),
            None => (i64::MAX, i64::MAX),
            // Of the rows with the same amount those of a further run are all behind it, and those of a nearer one none.
            Some((money, run, record)) => match (part.run.cmp(&run), up) {
                (Ordering::Equal, _) => (money, record),
                (Ordering::Greater, true) | (Ordering::Less, false) => {
                    (money, if up { 0 } else { i64::MAX })
                }
                (Ordering::Less, true) | (Ordering::Greater, false) => {
                    (money, if up { i64::MAX } else { 0 })
                }
            },
        };
        self.looked(sql, part, begin, need).await
    }

    async fn looked(
        &mut self,
        sql: &'static str,
        part: &Part,
        (first, second): (i64, i64),
        need: usize,
    ) -> Result<Vec<Standing>, StoreError> {
        let cell = &part.cell;
        Ok(rows!(
            &mut self.tx,
            sql,
            part.run,
            first,
            second,
            cell.day.as_str(),
            cell.region.as_str(),
            cell.product.as_str(),
            cell.category.as_str(),
            cell.sku.as_str(),
            i64::try_from(need).unwrap_or(i64::MAX)
        )?)
    }
}

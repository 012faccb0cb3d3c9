//! Rows by revenue. A month of a run's product, with its region, category and SKU, says between which amounts its rows are,
//! and so does each of its cells.

use super::{
    cells::{Part, by},
    page::{Found, Place, Reader, days, words},
    standing::Standing,
};
use crate::{
    db::{Tx, rows},
    error::StoreError,
    word::json,
};
use model::ledger::{Direction, MOST_BY_REVENUE};
use sqlx::FromRow;
use std::collections::VecDeque;

/// Bounds that are asked for together, in order of revenue.
const STEP: i64 = 200;

/// Of those, bounds whose cells are read together, and cells whose rows are: a page seldom needs those of all.
const READ: usize = 25;

/// Products whose bounds are asked for apart.
const PRODUCTS: usize = 16;

/// Some cells of a run, by the number of their bounds.
#[derive(FromRow)]
struct Bounds {
    number: i64,
    run: i64,
    /// As [`Part::edge`].
    edge: i64,
}

/// How far a list by revenue has come: bounds whose cells are still to be read, and cells whose rows are; both in order.
struct Frontier {
    up: bool,
    products: Option<Vec<String>>,
    /// Bounds that were asked for, and whether there are no others.
    asked: i64,
    all: bool,
    bounds: VecDeque<Bounds>,
    parts: VecDeque<Part>,
}

impl Frontier {
    /// The edge and run of the bounds that are next.
    fn of_bounds(&self) -> Option<(i64, i64)> {
        self.bounds.front().map(|it| (it.edge, it.run))
    }

    /// What no row that is still to be read stands before.
    fn edge(&self) -> Option<(i64, i64)> {
        let parts = self.parts.front().map(|it| (it.edge, it.run));
        let both = [parts, self.of_bounds()].into_iter().flatten();
        if self.up { both.min() } else { both.max() }
    }

    /// How many cells stand before all that are still to be found.
    fn ready(&self) -> usize {
        let Some(bounds) = self.of_bounds() else {
            return if self.all { self.parts.len() } else { 0 };
        };
        let is_before =
            |it: &Part| (it.edge, it.run) != bounds && ((it.edge, it.run) < bounds) == self.up;
        self.parts.partition_point(is_before)
    }

    fn sort(&mut self) {
        let parts = self.parts.make_contiguous();
        parts.sort_by_key(|it| (it.edge, it.run));
        if !self.up {
            parts.reverse();
        }
    }
}

/// `2026-02` of `2026-02-03`.
fn month(day: &str) -> &str {
    day.get(..7).unwrap_or(day)
}

macro_rules! bounds {
    ($by:expr, $product:literal, $edge:literal, $order:expr) => {
        concat!(
            "SELECT number, run, ",
            $edge,
            " AS edge FROM run_bounds",
            $by,
            " WHERE workspace = $1 AND run BETWEEN $2 AND $3 \
             AND month >= $4 AND month <= $5 AND ($6 OR region = $7) AND ",
            $product,
            " AND ($10 OR category = $11) AND ($12 OR sku = $13) ORDER BY ",
            $edge,
            $order,
            " LIMIT $14 OFFSET $15"
        )
    };
}

// The cells of some bounds. Those that do not say between which amounts they are have what their bounds say.
macro_rules! parts_within {
    ($edge:literal) => {
        concat!(
            "SELECT s.run, s.day, s.region, s.product, s.category, s.sku, s.records, coalesce(s.",
            $edge,
            ", b.",
            $edge,
            ") AS edge FROM json_each($1) e CROSS JOIN run_bounds b CROSS JOIN run_sales s \
             WHERE b.number = CAST(e.value AS BIGINT) AND s.workspace = b.workspace AND s.run = b.run \
             AND s.region = b.region AND s.product = b.product AND s.category = b.category \
             AND s.day >= b.month AND s.day <= b.month || '-99' AND s.sku = b.sku AND s.row_count > 0 \
             AND s.day >= $2 AND s.day <= $3"
        )
    };
}

impl Reader<'_> {
    /// Rows by revenue: the cell with the largest amount first, until no further one can have a row that belongs on the
    /// page.
    pub(super) async fn by_revenue(
        &mut self,
        behind: Option<Place>,
        limit: usize,
    ) -> Result<Found, StoreError> {
        let up = self.is_up();
        let place = |it: &Standing| (it.money(), it.number, it.record());
        let begin = behind.map(|it| (it.money, it.run, it.record));
        let is_behind =
            |it: (i64, i64, i64)| begin.is_none_or(|begin| it != begin && (it > begin) == up);
        let mut frontier = self.frontier().await?;
        let (mut found, mut before) = (Vec::new(), 0_u64);
        while let Some(parts) = self.next_parts(&mut frontier).await? {
            let mut listed = Vec::new();
            for part in parts {
                if part.records.is_some() {
                    listed.push(part);
                } else {
                    found.extend(self.dearest(&part, begin, limit + 1).await?);
                }
            }
            found.extend(self.rows_of(listed, None, usize::MAX).await?);
            let seen = found.len();
            found.retain(|it| is_behind(place(it)));
            before += u64::try_from(seen - found.len()).unwrap_or(0);
            found.sort_by_key(place);
            if !up {
                found.reverse();
            }
            found.truncate(limit + 1);
            let last = found.get(limit).map(|it| (it.money(), it.number));
            // No row of what is left stands before this place.
            let is_full = last
                .zip(frontier.edge())
                .is_some_and(|(last, edge)| last != edge && (last < edge) == up);
            if is_full {
                break;
            }
        }
        let (rows, next) = self.page(found, limit).await?;
        let next =
            next.filter(|_| before + u64::try_from(rows.len()).unwrap_or(0) < MOST_BY_REVENUE);
        Ok((rows, next))
    }

    async fn frontier(&mut self) -> Result<Frontier, StoreError> {
        Ok(Frontier {
            up: self.is_up(),
            products: self.products().await?,
            asked: 0,
            all: false,
            bounds: VecDeque::new(),
            parts: VecDeque::new(),
        })
    }

    /// The next cells, in the order of their edges; None where there are no more.
    async fn next_parts(
        &mut self,
        frontier: &mut Frontier,
    ) -> Result<Option<Vec<Part>>, StoreError> {
        loop {
            let ready = frontier.ready();
            if ready > 0 {
                let ready = frontier.parts.drain(..ready.min(READ));
                return Ok(Some(ready.collect()));
            }
            if frontier.bounds.is_empty() {
                if frontier.all {
                    return Ok(None);
                }
                self.ask_on(frontier).await?;
                continue;
            }
            let some = frontier.bounds.len().min(READ);
            let some: Vec<Bounds> = frontier.bounds.drain(..some).collect();
            // Where these are the last of those asked for, what is behind them is not known yet.
            if frontier.bounds.is_empty() && !frontier.all {
                self.ask_on(frontier).await?;
            }
            let parts = self.parts_within(&some).await?;
            frontier.parts.extend(parts);
            frontier.sort();
        }
    }

    async fn ask_on(&mut self, frontier: &mut Frontier) -> Result<(), StoreError> {
        let from = frontier.asked;
        let bounds = match &frontier.products {
            Some(products) => self.bounds_of_products(products, from).await?,
            None => self.bounds(None, from, STEP).await?,
        };
        frontier.asked += STEP;
        frontier.all = bounds.len() < usize::try_from(STEP).unwrap_or(usize::MAX);
        frontier.bounds.extend(bounds);
        Ok(())
    }

    async fn parts_within(&mut self, bounds: &[Bounds]) -> Result<Vec<Part>, StoreError> {
        let sql = match self.direction {
            Direction::Ascending => parts_within!("lowest"),
            Direction::Descending => parts_within!("highest"),
        };
        let numbers: Vec<i64> = bounds.iter().map(|it| it.number).collect();
        let (from, to) = days(self.filter);
        Ok(rows!(&mut self.tx, sql, json(&numbers)?, from, to)?)
    }

    /// The products that a filter leaves, where it leaves few of them: cheap ones and dear ones stand far apart in the
    /// order of all.
    async fn products(&mut self) -> Result<Option<Vec<String>>, StoreError> {
        let [_, (any_product, product), category, sku] = words(self.filter);
        if self.run.is_some() || (any_product && category.0 && sku.0) {
            return Ok(None);
        }
        if !any_product {
            return Ok(Some(vec![product.into_owned()]));
        }
        let found: Vec<(String,)> = rows!(
            &mut self.tx,
            "SELECT DISTINCT product FROM sales WHERE workspace = $1 AND ($2 OR category = $3) AND ($4 OR sku = $5)",
            self.workspace,
            category.0,
            &*category.1,
            sku.0,
            &*sku.1
        )?;
        let found: Vec<String> = found.into_iter().map(|it| it.0).collect();
        Ok((found.len() <= PRODUCTS).then_some(found))
    }

    /// The next bounds of these products, in their order.
    async fn bounds_of_products(
        &mut self,
        products: &[String],
        from: i64,
    ) -> Result<Vec<Bounds>, StoreError> {
        if let [one] = products {
            return self.bounds(Some(one), from, STEP).await;
        }
        let mut bounds = Vec::new();
        for product in products {
            bounds.extend(self.bounds(Some(product), 0, from + STEP).await?);
        }
        bounds.sort_by_key(|it| (it.edge, it.run));
        if !self.is_up() {
            bounds.reverse();
        }
        let (from, most) = (
            usize::try_from(from).unwrap_or(usize::MAX),
            usize::try_from(STEP).unwrap_or(usize::MAX),
        );
        Ok(bounds.into_iter().skip(from).take(most).collect())
    }

    async fn bounds(
        &mut self,
        of: Option<&str>,
        from: i64,
        most: i64,
    ) -> Result<Vec<Bounds>, StoreError> {
        macro_rules! up {
            ($by:expr, $product:literal, $ties:literal $(,)?) => {
                bounds!($by, $product, "lowest", concat!(", run", $ties))
            };
        }
        macro_rules! down {
            ($by:expr, $product:literal, $ties:literal $(,)?) => {
                bounds!($by, $product, "highest", concat!(" DESC, run DESC", $ties))
            };
        }
        let sql = match (self.run, of, self.direction) {
            // Those of one run are soon put in order, of which no index keeps those alike.
            (Some(_), _, Direction::Ascending) => up!("", "($8 OR product = $9)", ", number"),
            (Some(_), _, Direction::Descending) => down!("", "($8 OR product = $9)", ", number"),
            (None, None, Direction::Ascending) => {
                by!(
                    self,
                    "run_bounds_by_lowest",
                    up!("($8 OR product = $9)", "")
                )
            }
            (None, None, Direction::Descending) => {
                by!(
                    self,
                    "run_bounds_by_highest",
                    down!("($8 OR product = $9)", "")
                )
            }
            (None, Some(_), Direction::Ascending) => {
                by!(
                    self,
                    "run_bounds_by_product_lowest",
                    up!("NOT $8 AND product = $9", "")
                )
            }
            (None, Some(_), Direction::Descending) => {
                by!(
                    self,
                    "run_bounds_by_product_highest",
                    down!("NOT $8 AND product = $9", "")
                )
            }
        };
        let (low, high) = self.runs();
        let ((first, last), [region, product, category, sku]) =
            (days(self.filter), words(self.filter));
        let product = of.map_or((product.0, &*product.1), |it| (false, it));
        Ok(rows!(
            &mut self.tx,
            sql,
            self.workspace,
            low,
            high,
            month(first),
            month(last),
            region.0,
            &*region.1,
            product.0,
            product.1,
            category.0,
            &*category.1,
            sku.0,
            &*sku.1,
            most,
            from
        )?)
    }
}

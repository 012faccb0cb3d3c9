//! Aggregates: rows, units and revenue by region, product, category, day and SKU, of a run and of a workspace.

mod board;
pub(crate) mod earlier;
pub(crate) mod known;
mod period;

use crate::{
    Store,
    db::{Tx, execute, rows},
    error::StoreError,
    insert::{Insert, Kind, Value},
    read::visible,
    texts::Texts,
    word::{json, sum},
};
use chrono::NaiveDate;
use hashbrown::{DefaultHashBuilder, HashTable};
use model::{
    id::{RunId, WorkspaceId},
    money::Money,
    row::LedgerRow,
    sales::{SalesFigures, Slice, label},
};
use sqlx::FromRow;
use std::{cmp::Reverse, collections::BTreeMap, hash::BuildHasher};

const COLUMNS: [(&str, Kind); 8] = [
    ("region", Kind::Word),
    ("product", Kind::Word),
    ("category", Kind::Word),
    ("day", Kind::Word),
    ("sku", Kind::Word),
    ("row_count", Kind::Integer),
    ("units", Kind::Text),
    ("revenue", Kind::Text),
];

const OF_RUN: Insert<2, 11> = Insert {
    table: "run_sales",
    shared: ["workspace", "run"],
    columns: {
        let [region, product, category, day, sku, rows, units, revenue] = COLUMNS;
        let records = ("records", Kind::Text);
        let bounds = [("lowest", Kind::Integer), ("highest", Kind::Integer)];
        [
            region, product, category, day, sku, rows, units, revenue, records, bounds[0],
            bounds[1],
        ]
    },
    tail: "ON CONFLICT (workspace, run, region, product, category, day, sku) DO UPDATE SET \
           row_count = excluded.row_count, units = excluded.units, revenue = excluded.revenue",
};

/// Of a run that has no cells yet.
const OF_NEW_RUN: Insert<2, 11> = Insert { tail: "", ..OF_RUN };

/// Of cells that the workspace has already.
const OF_WORKSPACE: Insert<1, 8> = Insert {
    table: "sales",
    shared: ["workspace"],
    columns: COLUMNS,
    tail: "ON CONFLICT (workspace, region, product, category, day, sku) DO UPDATE SET \
           row_count = excluded.row_count, units = excluded.units, revenue = excluded.revenue",
};

const NEW_OF_WORKSPACE: Insert<1, 8> = Insert {
    tail: "",
    ..OF_WORKSPACE
};

// Both must change together with the engine's figures, which the browser shows before Submit.
const NONE: &str = "Not stated";
const MOST_DAYS: i64 = 3660;

/// Region, product, category, day and SKU; an empty text where the row has none.
type Cell = [String; 5];

#[derive(Debug, Clone, Copy, Default)]
struct Sums {
    rows: i64,
    units: i128,
    revenue: i128,
}

/// The records that a cell lists at most: where a run has more rows in one, a look at the run's rows finds them as soon.
const LISTED: usize = 4096;

/// The aggregates of rows, as they are loaded or leave.
#[derive(Default)]
pub(crate) struct Cube {
    /// What stands in each part of a cell, by number.
    texts: [Texts; 5],
    hasher: DefaultHashBuilder,
    /// Where a cell stands, with the hash of its texts: one look finds it.
    places: HashTable<(u64, usize)>,
    /// Where a row stands that is of a kind and a day, with the hash of both: most rows need not be looked at further.
    known: HashTable<(u64, Known)>,
    cells: Vec<(Numbers, Part)>,
    total: Sums,
    /// It has all rows of a run that had none before, so that its cells can say which.
    is_whole: bool,
}

#[derive(Clone, Copy)]
struct Known {
    kind: i64,
    place: usize,
}

/// A cell as the numbers of its five texts, which compare faster than they do.
type Numbers = [u32; 5];

/// What came to a cell.
#[derive(Default)]
struct Part {
    sums: Sums,
    records: Vec<u64>,
    /// The smallest and the largest amount, in paise.
    bounds: Option<(i64, i64)>,
}

impl Cube {
    pub(crate) fn of_new_run() -> Self {
        Self {
            is_whole: true,
            ..Self::default()
        }
    }

    pub(crate) fn add(&mut self, row: &LedgerRow) {
        self.count(row, 1);
    }

    /// As [`Self::add`]; all rows of a kind have the same region, product, category and SKU.
    pub(crate) fn add_of_kind(&mut self, kind: i64, row: &LedgerRow) {
        let day = row.day.as_deref().unwrap_or_default();
        let hash = self.hasher.hash_one((kind, day));
        let is_it = |(_, it): &(u64, Known)| it.kind == kind && self.day(it.place) == day;
        let place = match self.known.find(hash, is_it) {
            Some((_, it)) => it.place,
            None => {
                let place = self.place_of(row);
                // Of a long text a cell has the beginning, by which it is not found again.
                if self.day(place) == day {
                    let known = (hash, Known { kind, place });
                    self.known.insert_unique(hash, known, |(hash, _)| *hash);
                }
                place
            }
        };
        self.count_at(place, row, 1);
    }

    fn day(&self, place: usize) -> &str {
        let [.., day, _] = self.cells[place].0;
        self.texts[3].text(day)
    }

    pub(crate) fn remove(&mut self, row: &LedgerRow) {
        self.count(row, -1);
    }

    /// A row that does not count, and stands among the records of its cell all the same.
    fn list(&mut self, row: &LedgerRow) {
        self.count(row, 0);
    }

    fn count(&mut self, row: &LedgerRow, sign: i64) {
        let place = self.place_of(row);
        self.count_at(place, row, sign);
    }

    fn place_of(&mut self, row: &LedgerRow) -> usize {
        let cell = [&row.region, &row.product, &row.category, &row.day, &row.sku];
        let cell = cell.map(|it| label(it.as_deref().unwrap_or_default()));
        self.place(cell.each_ref().map(AsRef::as_ref))
    }

    fn count_at(&mut self, place: usize, row: &LedgerRow, sign: i64) {
        let money = row.money.map_or(0, |it| it.0);
        let sums = Sums {
            rows: sign,
            units: row.quantity.map_or(0, i128::from) * i128::from(sign),
            revenue: money * i128::from(sign),
        };
        self.total.add(sums);
        let part = &mut self.cells[place].1;
        part.sums.add(sums);
        if self.is_whole {
            if part.records.len() <= LISTED {
                part.records.push(row.record);
            }
            // An amount of the ledger has 64 bits.
            let money = i64::try_from(money).unwrap_or(i64::MAX);
            let (low, high) = part.bounds.unwrap_or((money, money));
            part.bounds = Some((low.min(money), high.max(money)));
        }
    }

    fn part(&mut self, cell: [&str; 5]) -> &mut Part {
        let place = self.place(cell);
        &mut self.cells[place].1
    }

    /// Of a cell, which is a new one where there is none yet.
    fn place(&mut self, cell: [&str; 5]) -> usize {
        let hash = self.hasher.hash_one(cell);
        let is_it = |(_, place): &(u64, usize)| self.cell(self.cells[*place].0) == cell;
        let found = self.places.find(hash, is_it).map(|(_, place)| *place);
        found.unwrap_or_else(|| {
            let mut numbers = Numbers::default();
            for ((number, texts), text) in numbers.iter_mut().zip(&mut self.texts).zip(cell) {
                *number = texts.number(text);
            }
            let place = self.cells.len();
            self.cells.push((numbers, Part::default()));
            self.places
                .insert_unique(hash, (hash, place), |(hash, _)| *hash);
            place
        })
    }

    /// The texts of a cell.
    fn cell(&self, numbers: Numbers) -> [&str; 5] {
        let mut cell = [""; 5];
        for ((text, texts), number) in cell.iter_mut().zip(&self.texts).zip(numbers) {
            *text = texts.text(number);
        }
        cell
    }

    /// What a run has added so far, to be taken away.
    pub(crate) async fn leaving(
        tx: &mut Tx,
        workspace: &WorkspaceId,
        run: i64,
    ) -> Result<Self, StoreError> {
        let added = cells(rows!(
            tx,
            "SELECT region, product, category, day, sku, row_count, units, revenue FROM run_sales \
             WHERE workspace = $1 AND run = $2",
            workspace.as_str(),
            run
        )?)?;
        let mut cube = Self::default();
        for (cell, sums) in added {
            let sums = sums.negative();
            cube.total.add(sums);
            cube.part(cell.each_ref().map(String::as_str)).sums = sums;
        }
        Ok(cube)
    }

    pub(crate) fn rows(&self) -> i64 {
        self.total.rows
    }

    pub(crate) fn revenue(&self) -> Money {
        Money(self.total.revenue)
    }

    pub(crate) fn cells(&self) -> usize {
        self.cells.len()
    }

    /// Adds the cells to the run's and to the workspace's. A cell whose rows have all left goes.
    pub(crate) async fn write(
        &self,
        tx: &mut Tx,
        workspace: &WorkspaceId,
        run: i64,
    ) -> Result<(), StoreError> {
        self.write_to_run(tx, workspace, run).await?;
        self.write_to_workspace(tx, workspace).await
    }

    async fn write_to_run(
        &self,
        tx: &mut Tx,
        workspace: &WorkspaceId,
        run: i64,
    ) -> Result<(), StoreError> {
        let workspace = workspace.as_str();
        let before = rows!(
            tx,
            "SELECT region, product, category, day, sku, row_count, units, revenue FROM run_sales \
             WHERE workspace = $1 AND run = $2",
            workspace,
            run
        )?;
        let own = self.on_top_of(before, self.is_whole)?;
        let some_are_new = own.iter().any(|it| it.is_new);
        let own: Vec<_> = own.iter().map(of_run).collect();
        let of_run = if self.is_whole { &OF_NEW_RUN } else { &OF_RUN };
        let shared = [Value::Text(Some(workspace)), Value::Integer(Some(run))];
        of_run.run(tx, shared, &own).await?;
        if self.some_may_be_empty() {
            execute!(
                tx,
                "DELETE FROM run_sales WHERE workspace = $1 AND run = $2 AND row_count = 0",
                workspace,
                run
            )?;
            // A run that was withdrawn is not looked into for the dearest rows.
            execute!(
                tx,
                "DELETE FROM run_bounds WHERE workspace = $1 AND run = $2 \
                 AND NOT EXISTS (SELECT 1 FROM run_sales WHERE workspace = $1 AND run = $2)",
                workspace,
                run
            )?;
        }
        if some_are_new {
            bound(tx, workspace, run).await?;
        }
        days(tx, workspace, run).await
    }

    async fn write_to_workspace(
        &self,
        tx: &mut Tx,
        workspace: &WorkspaceId,
    ) -> Result<(), StoreError> {
        let workspace = workspace.as_str();
        execute!(
            tx,
            "INSERT INTO sales_versions (workspace, version) VALUES ($1, 1) \
             ON CONFLICT (workspace) DO UPDATE SET version = sales_versions.version + 1",
            workspace
        )?;
        let [regions, products, ..] = self.texts.each_ref().map(|it| json(&it.all()));
        // Those that may change, and not all of a long history.
        let before = rows!(
            tx,
            "SELECT region, product, category, day, sku, row_count, units, revenue \
             FROM json_each($2) r CROSS JOIN json_each($3) p CROSS JOIN sales \
             WHERE workspace = $1 AND region = r.value AND product = p.value",
            workspace,
            regions?,
            products?
        )?;
        let all = self.on_top_of(before, false)?;
        // Nobody else writes cells of this workspace now: whoever closes a run or takes one back has the ledger's lock.
        let (new, known): (Vec<_>, Vec<_>) = all.iter().partition(|it| it.is_new);
        let shared = [Value::Text(Some(workspace))];
        for (insert, some) in [(&NEW_OF_WORKSPACE, new), (&OF_WORKSPACE, known)] {
            let some: Vec<_> = some.into_iter().map(values).collect();
            insert.run(tx, shared, &some).await?;
        }
        if self.some_may_be_empty() {
            execute!(
                tx,
                "DELETE FROM sales WHERE workspace = $1 AND row_count = 0",
                workspace
            )?;
        }
        Ok(())
    }

    fn some_may_be_empty(&self) -> bool {
        self.cells.iter().any(|(_, part)| part.sums.rows <= 0)
    }

    /// The cells added to those of before; with lists of their records where these are few.
    fn on_top_of(
        &self,
        before: Vec<CellColumns>,
        listing: bool,
    ) -> Result<Vec<Written<'_>>, StoreError> {
        let before = cells(before)?;
        let cells = self.cells.iter();
        let mut cells: Vec<_> = cells.map(|(it, part)| (self.cell(*it), part)).collect();
        cells.sort_unstable_by_key(|(cell, _)| *cell);
        let cells = cells.into_iter().map(|(cell, part)| {
            let mut sums = part.sums;
            let before = (!before.is_empty()).then(|| before.get(&cell.map(str::to_owned)));
            let before = before.flatten();
            sums.add(before.copied().unwrap_or_default());
            let listed = listing && part.records.len() <= LISTED;
            Ok(Written {
                cell,
                is_new: before.is_none(),
                rows: sums.rows,
                units: sums.units.to_string(),
                revenue: sums.revenue.to_string(),
                records: listed.then(|| json(&part.records)).transpose()?,
                bounds: part.bounds.unzip(),
            })
        });
        cells.collect()
    }
}

/// Gives the cells of a run bounds by month, where they have none. Others stay: they are of all rows that the run ever had.
async fn bound(tx: &mut Tx, workspace: &str, run: i64) -> Result<(), StoreError> {
    execute!(
        tx,
        "INSERT INTO run_bounds (workspace, run, region, product, category, sku, month, lowest, highest) \
         SELECT workspace, run, region, product, category, sku, substr(day, 1, 7), \
         min(coalesce(lowest, -9223372036854775807)), max(coalesce(highest, 9223372036854775807)) \
         FROM run_sales WHERE workspace = $1 AND run = $2 \
         GROUP BY workspace, run, region, product, category, sku, substr(day, 1, 7) \
         ON CONFLICT (workspace, run, region, product, category, sku, month) DO NOTHING",
        workspace,
        run
    )?;
    Ok(())
}

/// Notes the first and the last day of a run.
async fn days(tx: &mut Tx, workspace: &str, run: i64) -> Result<(), StoreError> {
    execute!(
        tx,
        "DELETE FROM run_days WHERE workspace = $1 AND run = $2",
        workspace,
        run
    )?;
    execute!(
        tx,
        "INSERT INTO run_days (workspace, run, first_day, last_day) SELECT workspace, run, min(day), max(day) \
         FROM run_sales WHERE workspace = $1 AND run = $2 AND day > '' GROUP BY workspace, run",
        workspace,
        run
    )?;
    Ok(())
}

/// A cell as it goes into a table.
struct Written<'a> {
    cell: [&'a str; 5],
    /// It has none to be added to yet.
    is_new: bool,
    rows: i64,
    units: String,
    revenue: String,
    records: Option<String>,
    bounds: (Option<i64>, Option<i64>),
}

fn of_run<'a>(it: &'a Written<'_>) -> [Value<'a>; 11] {
    let [region, product, category, day, sku, rows, units, revenue] = values(it);
    let (lowest, highest) = it.bounds;
    [
        region,
        product,
        category,
        day,
        sku,
        rows,
        units,
        revenue,
        Value::Text(it.records.as_deref()),
        Value::Integer(lowest),
        Value::Integer(highest),
    ]
}

fn values<'a>(it: &'a Written<'_>) -> [Value<'a>; 8] {
    let [region, product, category, day, sku] = it.cell;
    let text = |it: &'a str| Value::Text(Some(it));
    [
        text(region),
        text(product),
        text(category),
        text(day),
        text(sku),
        Value::Integer(Some(it.rows)),
        text(&it.units),
        text(&it.revenue),
    ]
}

impl Store {
    /// The rows of a run that count, summed up; nothing for a run that is going on, held or failed.
    /// `regions` is the contract's list, whose order the answer keeps.
    pub async fn figures(
        &self,
        workspace: &WorkspaceId,
        run: &RunId,
        regions: &[&str],
    ) -> Result<SalesFigures, StoreError> {
        let mut tx = self.db.read().await?;
        let Some(number) = visible(&mut tx, workspace, run).await? else {
            return Ok(SalesFigures::default());
        };
        let rows: Vec<CellColumns> = rows!(
            &mut tx,
            "SELECT region, product, category, day, sku, row_count, units, revenue FROM run_sales \
             WHERE workspace = $1 AND run = $2",
            workspace.as_str(),
            number
        )?;
        Ok(figures(&cells(rows)?, regions))
    }

    /// All rows of a workspace that count, summed up. The work does not grow with rows or runs.
    pub async fn sales(
        &self,
        workspace: &WorkspaceId,
        regions: &[&str],
    ) -> Result<SalesFigures, StoreError> {
        let mut tx = self.db.read().await?;
        let rows: Vec<CellColumns> = rows!(
            &mut tx,
            "SELECT region, product, category, day, sku, row_count, units, revenue FROM sales \
             WHERE workspace = $1",
            workspace.as_str()
        )?;
        Ok(figures(&cells(rows)?, regions))
    }
}

fn figures(cells: &BTreeMap<Cell, Sums>, regions: &[&str]) -> SalesFigures {
    let mut total = Sums::default();
    // By SKU only dashboards ask.
    let mut parts: [BTreeMap<&str, Sums>; 4] = Default::default();
    for (cell, sums) in cells {
        total.add(*sums);
        for (part, label) in parts.iter_mut().zip(cell) {
            let label = if label.is_empty() { NONE } else { label };
            part.entry(label).or_default().add(*sums);
        }
    }
    let [region, product, category, day] = parts;
    let mut by_region = slices(region);
    by_region.sort_by_key(|it| {
        let place = regions.iter().position(|region| *region == it.label);
        place.unwrap_or(regions.len())
    });
    SalesFigures {
        rows: total.rows(),
        units: total.units(),
        revenue: Money(total.revenue),
        by_region,
        by_category: largest_first(slices(category)),
        by_product: largest_first(slices(product)),
        by_day: every_day(&day),
    }
}

fn slices(part: BTreeMap<&str, Sums>) -> Vec<Slice> {
    part.into_iter()
        .map(|(label, it)| it.slice(label))
        .collect()
}

fn largest_first(mut slices: Vec<Slice>) -> Vec<Slice> {
    slices.sort_by_key(|it| Reverse(it.revenue));
    slices
}

/// One slice a day from the first to the last; over more than ten years, the days with rows alone, since one
/// misspelt year would make a million empty ones.
fn every_day(part: &BTreeMap<&str, Sums>) -> Vec<Slice> {
    let days: BTreeMap<NaiveDate, Sums> = part
        .iter()
        .filter_map(|(label, sums)| Some((label.parse().ok()?, *sums)))
        .collect();
    let (Some((&first, _)), Some((&last, _))) = (days.first_key_value(), days.last_key_value())
    else {
        return Vec::new();
    };
    let slice = |(day, sums): (NaiveDate, Sums)| sums.slice(&day.to_string());
    if (last - first).num_days() > MOST_DAYS {
        return days.into_iter().map(slice).collect();
    }
    let all = first.iter_days().take_while(|day| *day <= last);
    all.map(|day| slice((day, days.get(&day).copied().unwrap_or_default())))
        .collect()
}

impl Sums {
    fn add(&mut self, other: Self) {
        self.rows += other.rows;
        self.units += other.units;
        self.revenue += other.revenue;
    }

    fn negative(self) -> Self {
        Self {
            rows: -self.rows,
            units: -self.units,
            revenue: -self.revenue,
        }
    }

    /// Only what leaves has fewer rows than none, and that is never shown.
    fn rows(self) -> u64 {
        u64::try_from(self.rows).unwrap_or(0)
    }

    /// A sum of units beyond 64 bits is shown as the largest there is; kept, it is exact.
    fn units(self) -> i64 {
        let largest = if self.units < 0 { i64::MIN } else { i64::MAX };
        i64::try_from(self.units).unwrap_or(largest)
    }

    fn slice(self, label: &str) -> Slice {
        Slice {
            label: label.to_owned(),
            rows: self.rows(),
            units: self.units(),
            revenue: Money(self.revenue),
        }
    }
}

#[derive(FromRow)]
struct CellColumns {
    region: String,
    product: String,
    category: String,
    day: String,
    sku: String,
    row_count: i64,
    units: String,
    revenue: String,
}

fn cells(rows: Vec<CellColumns>) -> Result<BTreeMap<Cell, Sums>, StoreError> {
    rows.into_iter().map(cell).collect()
}

fn cell(it: CellColumns) -> Result<(Cell, Sums), StoreError> {
    let sums = Sums {
        rows: it.row_count,
        units: sum(&it.units)?,
        revenue: sum(&it.revenue)?,
    };
    Ok(([it.region, it.product, it.category, it.day, it.sku], sums))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_without_rows_are_filled_in_unless_they_are_too_many() {
        let sums = Sums {
            rows: 1,
            units: 2,
            revenue: 300,
        };
        let part = BTreeMap::from([("2026-02-27", sums), ("2026-03-02", sums)]);
        let days = every_day(&part);
        let found: Vec<(&str, u64)> = days.iter().map(|it| (it.label.as_str(), it.rows)).collect();
        let expected = [
            ("2026-02-27", 1),
            ("2026-02-28", 0),
            ("2026-03-01", 0),
            ("2026-03-02", 1),
        ];
        assert_eq!(found, expected);
        let part = BTreeMap::from([("0225-01-01", sums), ("2025-01-01", sums), (NONE, sums)]);
        let days: Vec<String> = every_day(&part).into_iter().map(|it| it.label).collect();
        assert_eq!(days, ["0225-01-01", "2025-01-01"]);
    }
}

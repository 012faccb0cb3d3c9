//! Everything that the page Sales shows, and what dashboards rest on. Read from aggregates, each cell once.

use super::{
    NONE, Sums,
    known::{CATEGORY, Cells, DAY, PRODUCT, REGION, SKU},
    period::{beside, both, bounds},
};
use crate::{
    Store,
    db::{Tx, row, rows},
    entry::run_id,
    error::StoreError,
    exception_list::number,
    word::{json, money, natural, sum},
};
use model::{
    id::WorkspaceId,
    money::Money,
    sales::{Basis, Choices, OfferedRun, OpenRun, SalesBoard, SalesFilter, SalesGroup, SalesTotal},
};
use sqlx::FromRow;
use std::{
    cmp::Reverse,
    collections::{BTreeMap, BTreeSet},
};

/// Runs that are offered to filter by.
const OFFERED: i64 = 50;

const WORST: usize = 3;

struct Groups {
    total: Sums,
    region: BTreeMap<String, Sums>,
    product: BTreeMap<String, Sums>,
    category: BTreeMap<String, Sums>,
    sku: BTreeMap<String, Sums>,
    /// Of each SKU that has any.
    products: BTreeMap<String, BTreeSet<String>>,
    day: BTreeMap<String, Sums>,
    /// By region, then by category.
    crossed: BTreeMap<String, BTreeMap<String, Sums>>,
}

impl Groups {
    fn of(cells: &Cells) -> Self {
        let mut products: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for (sku, product, _) in cells.by_both(SKU, PRODUCT) {
            if stated(sku) != NONE && stated(product) != NONE {
                let known = products.entry(sku.to_owned()).or_default();
                known.insert(product.to_owned());
            }
        }
        let mut crossed: BTreeMap<String, BTreeMap<String, Sums>> = BTreeMap::new();
        for (region, category, sums) in cells.by_both(REGION, CATEGORY) {
            let row = crossed.entry(stated(region).to_owned()).or_default();
            row.entry(stated(category).to_owned())
                .or_default()
                .add(sums);
        }
        let by = |part| {
            let mut groups: BTreeMap<String, Sums> = BTreeMap::new();
            for (text, sums) in cells.by(part) {
                groups.entry(stated(text).to_owned()).or_default().add(sums);
            }
            groups
        };
        Self {
            total: cells.total(),
            region: by(REGION),
            product: by(PRODUCT),
            category: by(CATEGORY),
            sku: by(SKU),
            products,
            day: by(DAY),
            crossed,
        }
    }

    fn total(&self) -> SalesTotal {
        let stated = self.product.iter().filter(|(label, _)| *label != NONE);
        SalesTotal {
            sum: self.total.sum(),
            products: stated.count() as u64,
        }
    }
}

impl Store {
    /// What the page Sales shows of `filter`, beside the days `compared`. `regions` is the contract's list, whose order
    /// the answer keeps. Not found where the filter names no run of the workspace.
    pub async fn sales_board(
        &self,
        workspace: &WorkspaceId,
        filter: &SalesFilter,
        compared: Option<(&str, &str)>,
        regions: &[&str],
    ) -> Result<SalesBoard, StoreError> {
        let mut tx = self.db.read().await?;
        let (now, then) = both(&mut tx, &self.known, workspace, filter, compared).await?;
        let told = match &filter.run {
            Some(run) => {
                let run = number(&mut tx, workspace, run).await?;
                told(&mut tx, workspace, run).await?
            }
            None => match self.known.all(&mut tx, workspace, false).await? {
                Some(all) => all.told.clone(),
                None => told(&mut tx, workspace, 0).await?,
            },
        };
        let (now, then) = (Groups::of(&now), compared.map(|_| Groups::of(&then)));
        let (total, before) = (now.total(), then.as_ref().map(Groups::total));
        let [region, category, product, sku] = match then {
            Some(it) => [it.region, it.category, it.product, it.sku].map(Some),
            None => [None, None, None, None],
        };
        let mut by_region = beside(now.region, region);
        by_region.sort_by_key(|it| {
            let place = regions.iter().position(|region| *region == it.label);
            place.unwrap_or(regions.len())
        });
        let undated = now.day.get(NONE).map(|it| it.sum()).unwrap_or_default();
        let days = now.day.into_iter().filter(|(label, _)| label != NONE);
        let crossed = now.crossed.iter().flat_map(|(region, row)| {
            row.iter()
                .map(|(category, sums)| (region.clone(), category.clone(), sums.sum()))
        });
        Ok(SalesBoard {
            now: total,
            before,
            by_region,
            by_category: in_order(beside(now.category, category)),
            by_product: in_order(beside(now.product, product)),
            by_sku: in_order(beside(now.sku, sku)),
            products: now.products,
            days: days.map(|(label, it)| it.slice(&label)).collect(),
            undated,
            crossed: crossed.collect(),
            told,
        })
    }

    /// The runs behind what `filter` lets through. Of an exception nobody knows for sure of which region or day it is, so
    /// that what is left out is told of these runs as a whole.
    pub async fn basis(
        &self,
        workspace: &WorkspaceId,
        filter: &SalesFilter,
    ) -> Result<Basis, StoreError> {
        let mut tx = self.db.read().await?;
        let run = match &filter.run {
            Some(run) => number(&mut tx, workspace, run).await?,
            None => 0,
        };
        let text = |it: &'_ Option<String>| it.clone().unwrap_or_default();
        let (from, to) = bounds(filter);
        // A run none of whose rows entered belongs to the whole too.
        let all = SalesFilter {
            run: filter.run.clone(),
            ..SalesFilter::default()
        };
        // Sums of a run stand in order of region, then of product: with both named a run is looked up in them.
        // Bare `day` would have SQLite look through all runs' sums of these days instead, and without an offset PostgreSQL
        // would put all sums of the run beside the names.
        let (mut regions, mut products) = (BTreeSet::new(), BTreeSet::new());
        if *filter != all {
            let found: Vec<(String, String)> = rows!(
                &mut tx,
                "SELECT DISTINCT region, product FROM sales WHERE workspace = $1 AND ($2 = '' OR region = $2) \
                 AND ($3 = '' OR product = $3) AND ($4 = '' OR category = $4) AND ($5 = '' OR sku = $5)",
                workspace.as_str(),
                text(&filter.region),
                text(&filter.product),
                text(&filter.category),
                text(&filter.sku)
            )?;
            (regions, products) = found.into_iter().unzip();
        }
        let found: Vec<BasisColumns> = rows!(
            &mut tx,
            "SELECT r.number, r.id, r.file_name, r.created_at, r.rows_read, r.rows_exceptions, r.money_read, r.money_exceptions, \
             e.row_count AS entered, e.money AS entered_money, j.row_count AS rejected, j.money AS rejected_money \
             FROM runs r \
             LEFT JOIN exception_totals e ON e.workspace = r.workspace AND e.run = r.number AND e.standing = 'entered' \
             LEFT JOIN exception_totals j ON j.workspace = r.workspace AND j.run = r.number AND j.standing = 'rejected' \
             WHERE r.workspace = $1 AND r.status = 'complete' AND (r.kind = 'file' OR r.number = $2) \
             AND ($2 = 0 OR r.number = $2) AND NOT EXISTS (SELECT 1 FROM withdrawals w \
             WHERE w.workspace = r.workspace AND w.run = r.number) \
             AND ($4 < '0' OR EXISTS (SELECT 1 FROM run_days d WHERE d.workspace = r.workspace AND d.run = r.number \
             AND d.last_day >= $4 AND d.first_day <= $5)) \
             AND ($3 OR EXISTS (SELECT 1 FROM json_each($6) g CROSS JOIN json_each($8) p WHERE EXISTS \
             (SELECT 1 FROM run_sales s WHERE s.workspace = r.workspace AND s.run = r.number AND s.region = g.value AND s.product = p.value \
             AND coalesce(s.day, '') >= $4 AND coalesce(s.day, '') <= $5 AND ($7 = '' OR s.category = $7) \
             AND ($9 = '' OR s.sku = $9) LIMIT 1 OFFSET 0))) ORDER BY r.number DESC",
            workspace.as_str(),
            run,
            *filter == all,
            from,
            to,
            json(&regions)?,
            text(&filter.category),
            json(&products)?,
            text(&filter.sku)
        )?;
        let held: Option<(i64,)> = row!(
            &mut tx,
            "SELECT count(*) FROM runs r WHERE r.workspace = $1 AND r.status = 'held' AND ($2 = 0 OR r.number = $2) \
             AND NOT EXISTS (SELECT 1 FROM withdrawals w WHERE w.workspace = r.workspace AND w.run = r.number)",
            workspace.as_str(),
            run
        )?;
        let mut basis = Basis {
            held: natural(held.map_or(0, |it| it.0))?,
            ..Basis::default()
        };
        let numbers: BTreeSet<i64> = found.iter().map(|it| it.number).collect();
        for it in found {
            add(&mut basis, it)?;
        }
        for (run, came, paise) in displaced(&mut tx, workspace).await? {
            if numbers.contains(&run) || numbers.contains(&came) {
                basis.displaced_rows += 1;
                basis.displaced_money += money(paise).unwrap_or_default();
            }
        }
        Ok(basis)
    }

    /// What the ledger's rows can be filtered by; `regions` is as for `sales_board`.
    pub async fn choices(
        &self,
        workspace: &WorkspaceId,
        regions: &[&str],
    ) -> Result<Choices, StoreError> {
        let mut tx = self.db.read().await?;
        let found: Vec<(String, String, String, String)> = rows!(
            &mut tx,
            "SELECT DISTINCT region, category, product, sku FROM sales WHERE workspace = $1",
            workspace.as_str()
        )?;
        let runs: Vec<(String, String)> = rows!(
            &mut tx,
            "SELECT r.id, r.file_name FROM runs r WHERE r.workspace = $1 AND r.kind = 'file' \
             AND r.status = 'complete' AND NOT EXISTS (SELECT 1 FROM withdrawals w \
             WHERE w.workspace = r.workspace AND w.run = r.number) ORDER BY r.number DESC LIMIT $2",
            workspace.as_str(),
            OFFERED
        )?;
        let mut lists: [BTreeSet<String>; 4] = Default::default();
        for (region, category, product, sku) in found {
            for (list, it) in lists.iter_mut().zip([region, category, product, sku]) {
                list.insert(it);
            }
        }
        let [region, category, product, sku] = lists.map(|it| {
            let stated = it.into_iter().filter(|it| !it.is_empty());
            stated.collect::<Vec<String>>()
        });
        let mut region = region;
        region.sort_by_key(|it| {
            let place = regions.iter().position(|region| region == it);
            place.unwrap_or(regions.len())
        });
        let runs = runs.into_iter().map(|(id, file_name)| {
            let id = run_id(id)?;
            Ok(OfferedRun { id, file_name })
        });
        Ok(Choices {
            regions: region,
            categories: category,
            products: product,
            skus: sku,
            runs: runs.collect::<Result<_, StoreError>>()?,
        })
    }
}

fn stated(label: &str) -> &str {
    if label.is_empty() { NONE } else { label }
}

/// First and last day of the runs that are complete and have any; of one, where `run` is not 0.
pub(super) async fn told(
    tx: &mut Tx,
    workspace: &WorkspaceId,
    run: i64,
) -> Result<Vec<(String, String)>, StoreError> {
    let told: Vec<(String, String)> = rows!(
        tx,
        "SELECT d.first_day, d.last_day FROM run_days d JOIN runs r ON r.number = d.run \
         WHERE d.workspace = $1 AND r.workspace = $1 AND r.status = 'complete' AND ($2 = 0 OR d.run = $2)",
        workspace.as_str(),
        run
    )?;
    Ok(told)
}

/// The rows whose place another row has: their run, the run of the file that they came with, and their money.
async fn displaced(
    tx: &mut Tx,
    workspace: &WorkspaceId,
) -> Result<Vec<(i64, i64, Option<i64>)>, StoreError> {
    // CROSS JOIN keeps the order of the tables on SQLite: few rows are displaced, and an index has them alone.
    Ok(rows!(
        tx,
        "SELECT l.run, coalesce(c.run, l.run), l.money FROM ledger l CROSS JOIN runs b \
         LEFT JOIN exception_changes c ON c.workspace = $1 AND c.entered_run = l.run AND c.entered_record = l.record \
         AND c.entered_run IS NOT NULL \
         WHERE l.displaced_by_run IS NOT NULL AND NOT l.counts AND b.number = l.displaced_by_run AND b.workspace = $1",
        workspace.as_str()
    )?)
}

fn in_order(mut groups: Vec<SalesGroup>) -> Vec<SalesGroup> {
    groups.sort_by_key(|it| Reverse(it.sum.revenue));
    groups
}

fn add(basis: &mut Basis, run: BasisColumns) -> Result<(), StoreError> {
    let money = |it: &Option<String>| it.as_deref().map_or(Ok(0), sum);
    let count = |it: Option<i64>| natural(it.unwrap_or(0));
    let left = count(run.rows_exceptions)?.saturating_sub(count(run.entered)?);
    let money_left = Money(money(&run.money_exceptions)? - money(&run.entered_money)?);
    let open = left.saturating_sub(count(run.rejected)?);
    let open_money = money_left - Money(money(&run.rejected_money)?);
    let id = run_id(run.id)?;
    basis.runs += 1;
    basis.rows_read += count(run.rows_read)?;
    basis.money_read += Money(money(&run.money_read)?);
    basis.rows_left += left;
    basis.money_left += money_left;
    basis.open_rows += open;
    basis.open_money += open_money;
    if open > 0 {
        basis.worst.push(OpenRun {
            run: id.clone(),
            file_name: run.file_name,
            rows: open,
            money: open_money,
        });
        basis.worst.sort_by_key(|it| Reverse(it.money));
        basis.worst.truncate(WORST);
    }
    if basis.newest.is_none() {
        basis.newest = Some(id);
        basis.newest_at = Some(run.created_at);
    }
    Ok(())
}

#[derive(FromRow)]
struct BasisColumns {
    number: i64,
    id: String,
    file_name: String,
    created_at: String,
    rows_read: Option<i64>,
    rows_exceptions: Option<i64>,
    money_read: Option<String>,
    money_exceptions: Option<String>,
    entered: Option<i64>,
    entered_money: Option<String>,
    rejected: Option<i64>,
    rejected_money: Option<String>,
}

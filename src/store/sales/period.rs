//! Sales by filter and group, beside those of the days that they are compared with.

use super::{
    CellColumns, NONE, Sums, cell,
    known::{CATEGORY, Cells, DAY, Known, PRODUCT, REGION, SKU},
};
use crate::{
    Store,
    db::{Tx, rows},
    error::StoreError,
    exception_list::number,
};
use chrono::{Datelike, NaiveDate};
use model::{
    id::WorkspaceId,
    money::Money,
    sales::{SalesBefore, SalesBy, SalesFilter, SalesGroup, SalesReport, SalesSum},
};
use std::{cmp::Reverse, collections::BTreeMap};

/// First and last ISO day, both included.
pub(super) type Days<'a> = (&'a str, &'a str);

impl Store {
    /// Rows that count and that `filter` lets through, summed up by group, beside those of the days `compared`. The work
    /// does not grow with rows or runs. Not found where the filter names no run of the workspace.
    pub async fn sales_by(
        &self,
        workspace: &WorkspaceId,
        filter: &SalesFilter,
        compared: Option<(&str, &str)>,
        by: Option<SalesBy>,
    ) -> Result<SalesReport, StoreError> {
        let mut tx = self.db.read().await?;
        let (now, then) = both(&mut tx, &self.known, workspace, filter, compared).await?;
        let (total, groups) = grouped(&now, by);
        let (before_total, before_groups) = grouped(&then, by);
        let compares = compared.is_some() && by.is_some_and(|it| !is_time(it));
        let mut groups = beside(groups, compares.then_some(before_groups));
        if by.is_some_and(|it| !is_time(it)) {
            groups.sort_by_key(|it| Reverse(it.sum.revenue));
        }
        Ok(SalesReport {
            total: total.sum(),
            before: compared.map(|(from, to)| SalesBefore {
                from: from.to_owned(),
                to: to.to_owned(),
                total: before_total.sum(),
            }),
            groups,
        })
    }
}

/// The cells of the filter, and those of the days compared.
pub(super) async fn both(
    tx: &mut Tx,
    known: &Known,
    workspace: &WorkspaceId,
    filter: &SalesFilter,
    compared: Option<Days<'_>>,
) -> Result<(Cells, Cells), StoreError> {
    let days = bounds(filter);
    let (run, all) = match &filter.run {
        Some(run) => (Some(number(tx, workspace, run).await?), None),
        // Whoever asks for all days reads all cells anyway.
        None => (None, known.all(tx, workspace, days == FOREVER).await?),
    };
    let mut of = async |days| match &all {
        Some(all) => Ok(all.cells.narrowed(filter, days)),
        None => found(tx, workspace, filter, run, days).await,
    };
    let now = of(days).await?;
    let then = match compared {
        Some(days) => of(days).await?,
        None => Cells::default(),
    };
    Ok((now, then))
}

/// What comes out of [`bounds`] where a filter names no day.
const FOREVER: Days<'static> = ("", "9999-99-99");

/// What days are compared with as text. Where there is no end, the last is behind every day; the empty text of a row
/// without a day is before every beginning, and is left out where there is an end too.
pub(super) fn bounds(filter: &SalesFilter) -> Days<'_> {
    let (first, last) = FOREVER;
    let first = if filter.to.is_some() { "0" } else { first };
    let from = filter.from.as_deref().unwrap_or(first);
    (from, filter.to.as_deref().unwrap_or(last))
}

/// All cells of a workspace.
pub(super) async fn every(tx: &mut Tx, workspace: &WorkspaceId) -> Result<Cells, StoreError> {
    found(tx, workspace, &SalesFilter::default(), None, FOREVER).await
}

async fn found(
    tx: &mut Tx,
    workspace: &WorkspaceId,
    filter: &SalesFilter,
    run: Option<i64>,
    (from, to): Days<'_>,
) -> Result<Cells, StoreError> {
    let text = |it: &'_ Option<String>| it.clone().unwrap_or_default();
    let (region, category, product, sku) = (
        text(&filter.region),
        text(&filter.category),
        text(&filter.product),
        text(&filter.sku),
    );
    let found: Vec<CellColumns> = match run {
        // With days SQLite goes by their index, and looks up each sum of the run by itself.
        Some(run) if (from, to) == FOREVER => rows!(
            tx,
            "SELECT region, product, category, day, sku, row_count, units, revenue FROM run_sales \
             WHERE workspace = $1 AND run = $2 AND ($3 = '' OR region = $3) AND ($4 = '' OR category = $4) \
             AND ($5 = '' OR product = $5) AND ($6 = '' OR sku = $6)",
            workspace.as_str(),
            run,
            region.as_str(),
            category.as_str(),
            product.as_str(),
            sku.as_str()
        )?,
        Some(run) => rows!(
            tx,
            "SELECT region, product, category, day, sku, row_count, units, revenue FROM run_sales \
             WHERE workspace = $1 AND run = $2 AND day >= $3 AND day <= $4 \
             AND ($5 = '' OR region = $5) AND ($6 = '' OR category = $6) AND ($7 = '' OR product = $7) \
             AND ($8 = '' OR sku = $8)",
            workspace.as_str(),
            run,
            from,
            to,
            region.as_str(),
            category.as_str(),
            product.as_str(),
            sku.as_str()
        )?,
        None => rows!(
            tx,
            "SELECT region, product, category, day, sku, row_count, units, revenue FROM sales \
             WHERE workspace = $1 AND day >= $2 AND day <= $3 \
             AND ($4 = '' OR region = $4) AND ($5 = '' OR category = $5) AND ($6 = '' OR product = $6) \
             AND ($7 = '' OR sku = $7)",
            workspace.as_str(),
            from,
            to,
            region.as_str(),
            category.as_str(),
            product.as_str(),
            sku.as_str()
        )?,
    };
    let found: Result<Vec<_>, StoreError> = found.into_iter().map(cell).collect();
    Ok(Cells::of(found?))
}

/// Groups beside those that they are compared with. What sold then and not now is a change like any other.
pub(super) fn beside(
    groups: BTreeMap<String, Sums>,
    before: Option<BTreeMap<String, Sums>>,
) -> Vec<SalesGroup> {
    let compares = before.is_some();
    let mut before = before.unwrap_or_default();
    let mut all = Vec::with_capacity(groups.len());
    for (label, sums) in groups {
        let then = before.remove(&label).unwrap_or_default();
        all.push(SalesGroup {
            label,
            sum: sums.sum(),
            before: compares.then(|| then.sum()),
        });
    }
    all.extend(before.into_iter().map(|(label, sums)| SalesGroup {
        label,
        sum: SalesSum::default(),
        before: Some(sums.sum()),
    }));
    all
}

const fn is_time(by: SalesBy) -> bool {
    matches!(by, SalesBy::Day | SalesBy::Week | SalesBy::Month)
}

fn grouped(cells: &Cells, by: Option<SalesBy>) -> (Sums, BTreeMap<String, Sums>) {
    let mut groups: BTreeMap<String, Sums> = BTreeMap::new();
    if let Some(by) = by {
        let part = match by {
            SalesBy::Region => REGION,
            SalesBy::Category => CATEGORY,
            SalesBy::Product => PRODUCT,
            SalesBy::Sku => SKU,
            SalesBy::Day | SalesBy::Week | SalesBy::Month => DAY,
        };
        for (text, sums) in cells.by(part) {
            groups.entry(label(text, by)).or_default().add(sums);
        }
    }
    (cells.total(), groups)
}

fn label(text: &str, by: SalesBy) -> String {
    let date = || text.parse::<NaiveDate>().ok();
    let label = match by {
        SalesBy::Region | SalesBy::Category | SalesBy::Product | SalesBy::Sku | SalesBy::Day => {
            Some(text.to_owned())
        }
        SalesBy::Week => date().map(|it| {
            let week = it.iso_week();
            format!("{}-W{:02}", week.year(), week.week())
        }),
        SalesBy::Month => date().map(|it| format!("{}-{:02}", it.year(), it.month())),
    };
    let label = label.filter(|it| !it.is_empty());
    label.unwrap_or_else(|| NONE.to_owned())
}

impl Sums {
    pub(super) fn sum(self) -> SalesSum {
        SalesSum {
            rows: self.rows(),
            units: self.units(),
            revenue: Money(self.revenue),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_period_with_an_end_has_no_rows_without_a_day() {
        let filter = |from: Option<&str>, to: Option<&str>| SalesFilter {
            from: from.map(str::to_owned),
            to: to.map(str::to_owned),
            ..SalesFilter::default()
        };
        for (from, to, inside) in [
            (None, None, true),
            (None, Some("2026-01-01"), false),
            (Some("2026-01-01"), None, false),
            (Some("2026-01-01"), Some("2026-01-31"), false),
        ] {
            let filter = filter(from, to);
            let (first, last) = bounds(&filter);
            assert_eq!((first..=last).contains(&""), inside);
            assert!((first..=last).contains(&"2026-01-01"));
        }
    }

    #[test]
    fn weeks_are_those_of_iso_8601() {
        assert_eq!(label("2027-01-01", SalesBy::Week), "2026-W53");
        assert_eq!(label("2026-01-05", SalesBy::Week), "2026-W02");
        assert_eq!(label("2026-01-05", SalesBy::Month), "2026-01");
        assert_eq!(label("", SalesBy::Week), NONE);
    }
}

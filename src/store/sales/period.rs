//! Sales by filter and group, beside those of the period before.

use super::{Cell, CellColumns, NONE, Sums, cells};
use crate::{Store, db::rows, error::StoreError};
use chrono::{Datelike, Days, NaiveDate};
use model::{
    id::WorkspaceId,
    money::Money,
    sales::{SalesBefore, SalesBy, SalesGroup, SalesReport, SalesSum},
};
use std::{cmp::Reverse, collections::BTreeMap};

/// Which rows are summed up: those to which all of it applies.
#[derive(Debug, Clone, Default)]
pub struct SalesFilter {
    pub region: Option<String>,
    pub category: Option<String>,
    pub product: Option<String>,
    /// Both included.
    pub from: Option<NaiveDate>,
    pub to: Option<NaiveDate>,
}

impl Store {
    /// Rows that count and that `filter` lets through, summed up by group. The work does not grow with rows or runs.
    pub async fn sales_by(
        &self,
        workspace: &WorkspaceId,
        filter: &SalesFilter,
        by: Option<SalesBy>,
    ) -> Result<SalesReport, StoreError> {
        let before = period_before(filter);
        let text = |it: &Option<String>| it.clone().unwrap_or_default();
        let day = |it: Option<NaiveDate>| it.map_or(String::new(), |it| it.to_string());
        let mut tx = self.db.read().await?;
        let found: Vec<CellColumns> = rows!(
            &mut tx,
            "SELECT region, product, category, day, row_count, units, revenue FROM sales WHERE workspace = $1 \
             AND ($2 = '' OR region = $2) AND ($3 = '' OR category = $3) AND ($4 = '' OR product = $4) \
             AND ($5 = '' OR day >= $5) AND ($6 = '' OR (day <= $6 AND day <> ''))",
            workspace.as_str(),
            text(&filter.region),
            text(&filter.category),
            text(&filter.product),
            day(before.map_or(filter.from, |(from, _)| Some(from))),
            day(filter.to)
        )?;
        let begin = day(filter.from);
        let (now, then): (Vec<_>, Vec<_>) = cells(found)?
            .into_iter()
            .partition(|(cell, _)| begin.is_empty() || cell[3] >= begin);
        let (total, groups) = grouped(&now, by);
        let (before_total, mut before_groups) = grouped(&then, by);
        let compares = before.is_some() && by.is_some_and(|it| !is_time(it));
        let groups = groups.into_iter().map(|(label, sum)| SalesGroup {
            before: compares.then(|| before_groups.remove(&label).unwrap_or_default().sum()),
            label,
            sum: sum.sum(),
        });
        let mut groups: Vec<SalesGroup> = groups.collect();
        // What sold before and not now is a change like any other.
        let gone = before_groups.into_iter().filter(|_| compares);
        groups.extend(gone.map(|(label, sum)| SalesGroup {
            label,
            sum: SalesSum::default(),
            before: Some(sum.sum()),
        }));
        if by.is_some_and(|it| !is_time(it)) {
            groups.sort_by_key(|it| Reverse(it.sum.revenue));
        }
        Ok(SalesReport {
            total: total.sum(),
            before: before.map(|(from, to)| SalesBefore {
                from: from.to_string(),
                to: to.to_string(),
                total: before_total.sum(),
            }),
            groups,
        })
    }
}

/// As many days as the period has, right before it.
fn period_before(filter: &SalesFilter) -> Option<(NaiveDate, NaiveDate)> {
    let (from, to) = (filter.from?, filter.to?);
    let length = u64::try_from((to - from).num_days()).ok()? + 1;
    let first = from.checked_sub_days(Days::new(length))?;
    Some((first, from.pred_opt()?))
}

const fn is_time(by: SalesBy) -> bool {
    matches!(by, SalesBy::Day | SalesBy::Week | SalesBy::Month)
}

fn grouped(cells: &[(Cell, Sums)], by: Option<SalesBy>) -> (Sums, BTreeMap<String, Sums>) {
    let mut total = Sums::default();
    let mut groups: BTreeMap<String, Sums> = BTreeMap::new();
    for (cell, sums) in cells {
        total.add(*sums);
        if let Some(by) = by {
            groups.entry(label(cell, by)).or_default().add(*sums);
        }
    }
    (total, groups)
}

fn label([region, product, category, day]: &Cell, by: SalesBy) -> String {
    let date = || day.parse::<NaiveDate>().ok();
    let label = match by {
        SalesBy::Region => Some(region.clone()),
        SalesBy::Category => Some(category.clone()),
        SalesBy::Product => Some(product.clone()),
        SalesBy::Day => Some(day.clone()),
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
    fn sum(self) -> SalesSum {
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
    fn the_period_before_is_as_long_and_ends_the_day_before() {
        let day = |it: &str| it.parse::<NaiveDate>().ok();
        let before = |from, to| {
            let filter = SalesFilter {
                from: day(from),
                to: day(to),
                ..SalesFilter::default()
            };
            period_before(&filter).map(|(from, to)| (from.to_string(), to.to_string()))
        };
        let expected = ("2026-01-25".to_owned(), "2026-01-31".to_owned());
        assert_eq!(before("2026-02-01", "2026-02-07"), Some(expected));
        assert_eq!(before("2026-02-01", "2026-01-01"), None);
        assert_eq!(before("", "2026-01-01"), None);
    }

    #[test]
    fn weeks_are_those_of_iso_8601() {
        let cell = |day: &str| ["", "", "", day].map(str::to_owned);
        assert_eq!(label(&cell("2027-01-01"), SalesBy::Week), "2026-W53");
        assert_eq!(label(&cell("2026-01-05"), SalesBy::Week), "2026-W02");
        assert_eq!(label(&cell("2026-01-05"), SalesBy::Month), "2026-01");
        assert_eq!(label(&cell(""), SalesBy::Week), NONE);
    }
}

//! Adds accepted rows up by region, category, product and day.

use crate::{contract::Contract, day, judgement::TypedRow};
use model::{
    money::Money,
    sales::{SalesFigures, Slice, label},
};
use std::{borrow::Cow, cmp::Reverse, collections::BTreeMap};

/// Sums that grow row by row. Its size depends on the products and days, not on the rows.
#[derive(Debug, Default)]
pub struct SalesSums {
    all: Sum,
    regions: BTreeMap<String, Sum>,
    categories: BTreeMap<String, Sum>,
    products: BTreeMap<String, Sum>,
    days: BTreeMap<i32, Sum>,
}

#[derive(Debug, Clone, Copy, Default)]
struct Sum {
    rows: u64,
    units: i64,
    revenue: Money,
}

impl Sum {
    fn add(&mut self, row: &TypedRow<'_>) {
        self.rows += 1;
        self.units = self.units.saturating_add(row.quantity.unwrap_or(0));
        self.revenue += row.money.unwrap_or_default();
    }

    fn slice(self, label: String) -> Slice {
        Slice {
            label,
            rows: self.rows,
            units: self.units,
            revenue: self.revenue,
        }
    }
}

/// What a row without a value is counted under.
const NONE: &str = "Not stated";

impl SalesSums {
    pub(crate) fn add(&mut self, row: &TypedRow<'_>) {
        self.all.add(row);
        for (sums, value) in [
            (&mut self.regions, &row.region),
            (&mut self.categories, &row.category),
            (&mut self.products, &row.product),
        ] {
            let value = value.as_deref().map_or(Cow::Borrowed(NONE), label);
            match sums.get_mut(&*value) {
                Some(sum) => sum.add(row),
                None => sums.entry(value.into_owned()).or_default().add(row),
            }
        }
        if let Some(day) = row.day {
            self.days.entry(day).or_default().add(row);
        }
    }

    /// Regions in the contract's order, categories and products the largest first, every day from the first
    /// to the last. A span of more than 3,660 days gives its days with rows alone.
    pub fn figures(self, contract: &Contract) -> SalesFigures {
        let regions = contract
            .list("regions")
            .map(|it| it.entries.as_slice())
            .unwrap_or_default();
        let rank = |label: &str| {
            regions
                .iter()
                .position(|it| it.value == label)
                .unwrap_or(usize::MAX)
        };
        let by_rank = |it: &Slice| (rank(&it.label), Reverse(Money::default()));
        let largest_first = |it: &Slice| (0, Reverse(it.revenue));
        SalesFigures {
            rows: self.all.rows,
            units: self.all.units,
            revenue: self.all.revenue,
            by_region: slices(self.regions, &by_rank),
            by_category: slices(self.categories, &largest_first),
            by_product: slices(self.products, &largest_first),
            by_day: days(&self.days),
        }
    }
}

fn slices(
    sums: BTreeMap<String, Sum>,
    order: &dyn Fn(&Slice) -> (usize, Reverse<Money>),
) -> Vec<Slice> {
    let slices = sums.into_iter().map(|(label, sum)| sum.slice(label));
    let mut slices: Vec<Slice> = slices.collect();
    slices.sort_by_key(order);
    slices
}

fn days(sums: &BTreeMap<i32, Sum>) -> Vec<Slice> {
    let (Some((&first, _)), Some((&last, _))) = (sums.first_key_value(), sums.last_key_value())
    else {
        return Vec::new();
    };
    if last - first > 3660 {
        return sums
            .iter()
            .map(|(day, sum)| sum.slice(day::iso(*day)))
            .collect();
    }
    let sum = |day| sums.get(&day).copied().unwrap_or_default();
    (first..=last)
        .map(|day| sum(day).slice(day::iso(day)))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contract;

    #[test]
    fn days_without_rows_are_there_and_regions_keep_their_order() {
        let mut sums = SalesSums::default();
        for (region, day, paise) in [("West", "2026-01-03", 500), ("North", "2026-01-01", 200)] {
            sums.add(&TypedRow {
                region: Some(region.into()),
                day: day::parse_iso(day),
                money: Some(Money(paise)),
                quantity: Some(2),
                ..TypedRow::default()
            });
        }
        let figures = sums.figures(contract::sales());
        let regions: Vec<&str> = figures
            .by_region
            .iter()
            .map(|it| it.label.as_str())
            .collect();
        let days: Vec<(&str, i128)> = figures
            .by_day
            .iter()
            .map(|it| (it.label.as_str(), it.revenue.0))
            .collect();
        assert_eq!(regions, ["North", "West"]);
        assert_eq!(
            days,
            [("2026-01-01", 200), ("2026-01-02", 0), ("2026-01-03", 500)]
        );
        assert_eq!(
            (figures.rows, figures.units, figures.revenue),
            (2, 4, Money(700))
        );
        assert_eq!(figures.by_product[0].label, NONE);
    }
}

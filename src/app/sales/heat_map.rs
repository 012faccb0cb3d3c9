//! Where what sells: revenue by category and region.

use crate::{
    filters::Filters,
    parts::{chart::figure, words::stated},
    sales::board::View,
};
use charts::{HeatCell, HeatRow, heat};
use maud::{Markup, html};
use model::sales::{SalesBoard, SalesGroup, SalesSum};
use model::t;
use std::collections::BTreeMap;

pub(crate) fn heat_map(view: &View<'_>, sales: &SalesBoard) -> Markup {
    let (regions, categories) = (labels(&sales.by_region), labels(&sales.by_category));
    if regions.len() < 2 || categories.len() < 2 {
        return html! {};
    }
    let sums: BTreeMap<(&str, &str), SalesSum> = sales
        .crossed
        .iter()
        .map(|(region, category, sum)| ((region.as_str(), category.as_str()), *sum))
        .collect();
    let sum = |region: &str, category: &str| {
        let found = sums.get(&(region, category));
        found.copied().unwrap_or_default()
    };
    let rows: Vec<_> = categories
        .iter()
        .map(|category| HeatRow {
            label: stated(category).to_owned(),
            cells: regions
                .iter()
                .map(|region| {
                    let revenue = sum(region, category).revenue;
                    HeatCell {
                        amount: revenue.into(),
                        text: view.numbers.full(revenue),
                        short: view.numbers.short(revenue),
                        href: Some(href(view, Some(region), category)),
                    }
                })
                .collect(),
        })
        .collect();
    let largest = sums.values().map(|it| it.revenue).max().unwrap_or_default();
    let mut heads = vec![t!("Category")];
    heads.extend(regions.iter().map(|it| stated(it)));
    let lines: Vec<Vec<String>> = categories
        .iter()
        .map(|category| {
            let cells = regions
                .iter()
                .map(|it| view.numbers.full(sum(it, category).revenue));
            [stated(category).to_owned()]
                .into_iter()
                .chain(cells)
                .collect()
        })
        .collect();
    let title = t!("Revenue by category and region");
    let svg = heat(title, &regions, &rows, &view.numbers.short(largest));
    let leads: Vec<_> = categories
        .iter()
        .map(|it| Some(href(view, None, it)))
        .collect();
    figure(title, svg, &heads, (&lines, &leads))
}

fn labels(groups: &[SalesGroup]) -> Vec<String> {
    let shown = groups.iter().filter(|it| it.sum.rows > 0);
    shown.map(|it| it.label.clone()).collect()
}

/// The rows of a category, and of a region where one is given.
fn href(view: &View<'_>, region: Option<&str>, category: &str) -> String {
    let chosen = &view.filters.region;
    let filters = Filters {
        region: region.map(str::to_owned).or_else(|| chosen.clone()),
        category: Some(category.to_owned()),
        ..view.filters.clone()
    };
    view.rows(&filters)
}

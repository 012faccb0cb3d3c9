//! The page Sales, rendered from one look at the aggregates. On the server only: the browser gets it as HTML.

use crate::parts::phrase::phrase;
use crate::{
    backend::{Backend, BackendError},
    calendar::{Calendar, Period},
    filters::{Filters, joined, query},
    format,
    icons::Icon,
    parts::{
        chart::{Leads, leading, share},
        filter_bar::{Bar, bar, rests},
        key_figure::{Change, KeyFigure, key_figures},
        words::stated,
    },
    place::{Page, Place},
    sales::{heat_map::heat_map, trend::trend},
};
use charts::{Bar as ChartBar, Hue, bars};
use maud::{Markup, html};
use model::t;
use model::{
    ledger::NOT_STATED,
    money::{Money, Numbers},
    sales::{SalesBoard, SalesGroup, SalesSum, SalesTotal},
};
use std::collections::BTreeMap;

/// Products, or SKUs, with a bar of their own; the others share one.
const TOP: usize = 10;

/// What every part of the page is made with.
pub(crate) struct View<'a> {
    place: &'a Place,
    pub(crate) page: String,
    pub(crate) filters: &'a Filters,
    pub(crate) calendar: Calendar,
    pub(crate) numbers: Numbers,
    /// The group whose table is unfolded.
    unfolded: Option<String>,
}

/// By what sales stand in bars.
struct Grouping {
    /// In an address.
    key: &'static str,
    title: &'static str,
    what: &'static str,
    hue: fn(&str) -> Hue,
    narrow: fn(&mut Filters, String),
}

const GROUPINGS: [Grouping; 4] = [
    Grouping {
        key: "region",
        title: t!("Revenue by region"),
        what: t!("Region"),
        hue: Hue::of_region,
        narrow: |it, label| it.region = Some(label),
    },
    Grouping {
        key: "category",
        title: t!("Revenue by category"),
        what: t!("Category"),
        hue: Hue::of_category,
        narrow: |it, label| it.category = Some(label),
    },
    Grouping {
        key: "product",
        title: t!("Revenue by product"),
        what: t!("Product"),
        hue: |_| Hue::Accent,
        narrow: |it, label| it.product = Some(label),
    },
    Grouping {
        key: "sku",
        title: t!("Revenue by SKU"),
        what: t!("SKU"),
        hue: |_| Hue::Accent,
        narrow: |it, label| it.sku = Some(label),
    },
];

/// `search` is the query of the page's address.
///
/// # Errors
/// Where the backend has none, or the filters name a run that is not there.
pub(crate) async fn page(
    backend: &dyn Backend,
    place: &Place,
    search: &str,
) -> Result<Markup, BackendError> {
    let filters = &Filters::parse(search);
    let view = View {
        place,
        page: place.href(Page::Sales),
        filters,
        unfolded: query(search).get("table"),
        calendar: backend.calendar(),
        numbers: format::numbers(),
    };
    let workspace = &place.workspace;
    let filter = filters.of_sales(&view.calendar);
    let compared = view.calendar.compared(filters.period, filters.against);
    let compared = compared.map(|it| (it.from.to_string(), it.to.to_string()));
    let compared = compared.as_ref().map(|(a, b)| (a.as_str(), b.as_str()));
    let choices = backend.choices(workspace).await?;
    let basis = backend.basis(workspace, &filter).await?;
    if choices.runs.is_empty() && basis.held == 0 {
        return Ok(view.empty());
    }
    let sales = backend.sales(workspace, &filter, compared).await?;
    Ok(html! {
        (bar(&Bar {
            page: &view.page,
            filters,
            choices: &choices,
            calendar: &view.calendar,
            of_rows: true,
            compares: true,
            more: html! {},
        }))
        (rests(&basis, filters, place))
        @if sales.now.sum.rows == 0 {
            (view.nothing(&sales))
        } @else {
            (view.board(&sales))
        }
    })
}

impl View<'_> {
    fn empty(&self) -> Markup {
        html! {
            section class="notice empty" {
                p { (t!("The ledger is empty. Submit a file; the rows that pass are counted here.")) }
                p { a class="button main" href=(self.place.href(Page::Check)) { (t!("Check a file")) } }
            }
        }
    }

    /// Where the filters let nothing through.
    fn nothing(&self, sales: &SalesBoard) -> Markup {
        let last = sales.told.iter().map(|(_, last)| last).max();
        html! {
            section class="notice empty" {
                p {
                    (t!("No rows here."))
                    @if let Some(last) = last { " " (phrase!("The files tell of days up to {last}.", last = format::day(last))) }
                }
                p { a class="button" href=(self.page) { (t!("Show everything")) } }
            }
        }
    }

    fn board(&self, sales: &SalesBoard) -> Markup {
        html! {
            (self.key_figures(sales))
            (self.undated(sales.undated))
            p class="board-links" {
                a href=(self.rows(self.filters)) { (t!("See the rows")) }
                @for (path, what) in [("/api/v1/rows.csv", "CSV"), ("/api/v1/rows.parquet", "Parquet")] {
                    a href=(self.filters.download(path, &self.place.workspace, &self.calendar)) download rel="external" {
                        (Icon::Download) " " (what)
                    }
                }
            }
            section aria-labelledby="charts" {
                h2 id="charts" class="hidden" { (t!("Charts")) }
                div class="charts board" {
                    div class="span" { (trend(self, sales)) }
                    @let [region, category, product, sku] = &GROUPINGS;
                    (self.groups(region, &sales.by_region, &BTreeMap::new()))
                    (self.groups(category, &sales.by_category, &BTreeMap::new()))
                    (self.groups(product, &sales.by_product, &BTreeMap::new()))
                    (self.groups(sku, &sales.by_sku, &products(sales)))
                    (heat_map(self, sales))
                }
            }
        }
    }

    pub(crate) fn rows(&self, filters: &Filters) -> String {
        filters.rows_href(&self.place.rows(), &self.calendar)
    }

    fn key_figures(&self, sales: &SalesBoard) -> Markup {
        let (now, before) = (&sales.now, sales.before.as_ref());
        let filters = self.filters;
        let compared = self.calendar.compared(filters.period, filters.against);
        let then = compared.map(|it| Filters {
            period: Period::Custom(Some(it.from), Some(it.to)),
            ..filters.clone()
        });
        let rows_then = || then.as_ref().map(|it| self.rows(it));
        let money = |name, of: fn(SalesSum) -> Option<Money>| KeyFigure {
            name,
            value: of(now.sum).map_or("–".to_owned(), |it| self.numbers.short(it)),
            exact: of(now.sum).map(|it| self.numbers.full(it)),
            href: Some(self.rows(self.filters)),
            change: before.and_then(|it| {
                let (now, then) = (of(now.sum)?, of(it.sum)?);
                Some(Change::of_money(now, then, self.numbers))
            }),
            before: rows_then(),
        };
        let count =
            |name, [href, before]: [Option<String>; 2], of: fn(&SalesTotal) -> i128| KeyFigure {
                name,
                value: self.signed(of(now)),
                exact: None,
                href,
                change: sales
                    .before
                    .as_ref()
                    .map(|it| Change::new(of(now), of(it), self.signed(of(it)))),
                before,
            };
        let rows = || [Some(self.rows(self.filters)), rows_then()];
        let products_then = then.as_ref().map(|it| it.href(&self.page) + "#by-product");
        let products = [Some("#by-product".to_owned()), products_then];
        key_figures(&[
            money(t!("Revenue"), |it| Some(it.revenue)),
            count(t!("Orders"), rows(), |it| it.sum.rows.into()),
            money(t!("Average order"), average),
            count(t!("Units"), rows(), |it| it.sum.units.into()),
            count(t!("Products sold"), products, |it| it.products.into()),
        ])
    }

    /// Rows of contracts without a day, which stand first among the rows by day.
    fn undated(&self, it: SalesSum) -> Markup {
        let rows = self.rows(self.filters);
        let sign = if rows.contains('?') { '&' } else { '?' };
        let rows = format!("{rows}{sign}sort=day&direction=ascending");
        html! {
            @if it.rows > 0 {
                p class="quiet undated" {
                    (phrase!("{money} of it in {rows} without a day, which no period holds.", money = self.numbers.full(it.revenue), rows = html! { a href=(rows) { (format::rows(it.rows)) } }))
                }
            }
        }
    }

    pub(crate) fn signed(&self, number: i128) -> String {
        let sign = if number < 0 { "-" } else { "" };
        format!("{sign}{}", self.numbers.count(number.unsigned_abs()))
    }

    /// Bars of revenue with their shares; a bar narrows the filter to its group, or leads to its rows where the filter
    /// says it already, and the one of all others to the table that has each of them. `names` say in words what a label
    /// stands for.
    fn groups(
        &self,
        by: &Grouping,
        groups: &[SalesGroup],
        names: &BTreeMap<&str, String>,
    ) -> Markup {
        let title = by.title;
        // A contract without such a column states it nowhere.
        if groups.iter().all(|it| it.label == NOT_STATED) {
            return html! {};
        }
        let whole = groups.iter().map(|it| it.sum.revenue).sum();
        let shown = groups.iter().filter(|it| it.sum.rows > 0);
        let mut marks: Vec<_> = shown
            .clone()
            .take(TOP)
            .map(|it| ChartBar {
                label: match names.get(it.label.as_str()) {
                    Some(name) => format!("{} · {name}", it.label),
                    None => stated(&it.label).to_owned(),
                },
                amount: it.sum.revenue.into(),
                text: self.with_share(it.sum.revenue, whole),
                hue: (by.hue)(&it.label),
                href: Some(self.narrowed(&it.label, by)),
            })
            .collect();
        let others: Vec<_> = shown.skip(TOP).collect();
        if !others.is_empty() {
            let rest = others.iter().map(|it| it.sum.revenue).sum();
            marks.push(ChartBar {
                label: t!("{others} others", others = others.len()),
                amount: Money::into(rest),
                text: self.with_share(rest, whole),
                hue: Hue::Quiet,
                href: Some(self.unfolding(by)),
            });
        }
        let compares = groups.iter().any(|it| it.before.is_some());
        let mut heads = vec![
            by.what,
            t!("Orders"),
            t!("Units"),
            t!("Revenue"),
            t!("Share"),
        ];
        if compares {
            heads.extend([t!("Before"), t!("Change")]);
        }
        let mut lines: Vec<_> = groups.iter().map(|it| self.line(it, whole)).collect();
        if !names.is_empty() {
            heads.insert(1, t!("Product"));
            for (line, it) in lines.iter_mut().zip(groups) {
                line.insert(1, names.get(it.label.as_str()).cloned().unwrap_or_default());
            }
        }
        // Those that are not drawn stand there, too.
        let to: Vec<_> = groups
            .iter()
            .map(|it| (it.sum.rows > 0).then(|| self.narrowed(&it.label, by)))
            .collect();
        let leads = Leads {
            id: Some(&format!("by-{}", by.key)),
            open: self.unfolded.as_deref() == Some(by.key),
            lines: &to,
        };
        leading(title, bars(title, &marks), &heads, &lines, &leads)
    }

    /// Rows can be asked for that do not state something, and sums cannot.
    fn narrowed(&self, label: &str, by: &Grouping) -> String {
        let mut filters = self.filters.clone();
        (by.narrow)(&mut filters, label.to_owned());
        if filters == *self.filters || label == NOT_STATED {
            self.rows(&filters)
        } else {
            filters.href(&self.page)
        }
    }

    /// The same page, with the table of a group unfolded.
    fn unfolding(&self, by: &Grouping) -> String {
        let mut pairs = self.filters.pairs();
        pairs.push(("table", by.key.to_owned()));
        format!("{}#by-{}", joined(&self.page, &pairs), by.key)
    }

    fn with_share(&self, part: Money, whole: Money) -> String {
        let money = self.numbers.full(part);
        match share(part, whole) {
            Some(share) => format!("{money} · {}", format::percent(share)),
            None => money,
        }
    }

    fn line(&self, it: &SalesGroup, whole: Money) -> Vec<String> {
        let mut line = vec![
            stated(&it.label).to_owned(),
            self.numbers.count(it.sum.rows.into()),
            self.signed(it.sum.units.into()),
            self.numbers.full(it.sum.revenue),
            share(it.sum.revenue, whole).map_or("–".to_owned(), format::percent),
        ];
        if let Some(before) = it.before {
            let change = Change::of_money(it.sum.revenue, before.revenue, self.numbers);
            line.extend([self.numbers.full(before.revenue), change.text()]);
        }
        line
    }
}

/// What is sold under each SKU.
fn products(sales: &SalesBoard) -> BTreeMap<&str, String> {
    let named = sales.products.iter().filter_map(|(sku, products)| {
        let first = products.first()?;
        let name = match products.len() {
            1 => first.clone(),
            all => t!("{first} and {others} more", first = first, others = all - 1),
        };
        Some((sku.as_str(), name))
    });
    named.collect()
}

/// Revenue by order, rounded half up to paise; None without orders.
fn average(sum: SalesSum) -> Option<Money> {
    let rows = i128::from(sum.rows);
    let twice = (2 * sum.revenue.0 + rows).checked_div_euclid(2 * rows)?;
    Some(Money(twice))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_average_is_rounded_half_up_and_nothing_has_none() {
        let check = |rows, paise, expected| {
            let sum = SalesSum {
                rows,
                units: 0,
                revenue: Money(paise),
            };
            assert_eq!(average(sum), expected);
        };
        check(0, 0, None);
        check(2, 5, Some(Money(3)));
        check(3, 10, Some(Money(3)));
        check(3, 11, Some(Money(4)));
        check(2, -5, Some(Money(-2)));
    }
}

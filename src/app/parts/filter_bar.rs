//! The filters above a dashboard: a form whose fields are the address. Without scripts it has a button; with them a
//! change applies at once (`web/filters.rs`). Below it, what the page rests on.

use crate::parts::phrase::phrase;
use crate::{
    calendar::{Against, Calendar, Period},
    exceptions::address::{Show, WorkAddress},
    filters::{CUSTOM, Filters, PERIODS, YEAR_AGO},
    format,
    parts::chart::share,
    place::{Page, Place},
};
use chrono::NaiveDate;
use maud::{Markup, html};
use model::t;
use model::{
    id::RunId,
    ratio::Ratio,
    sales::{Basis, Choices, OfferedRun},
};

pub(crate) struct Bar<'a> {
    /// The address of the page.
    pub(crate) page: &'a str,
    pub(crate) filters: &'a Filters,
    pub(crate) choices: &'a Choices,
    pub(crate) calendar: &'a Calendar,
    /// Whether the page can tell regions, categories, products and SKUs apart.
    pub(crate) of_rows: bool,
    /// Whether it compares with another period.
    pub(crate) compares: bool,
    /// Fields that only this page has.
    pub(crate) more: Markup,
}

pub(crate) fn bar(bar: &Bar<'_>) -> Markup {
    let filters = bar.filters;
    let custom = matches!(filters.period, Period::Custom(..));
    let choices = bar.choices;
    html! {
        form class="filters" method="get" action=(bar.page) data-filters aria-label=(t!("Filters")) {
            (period(t!("Period"), filters))
            @if bar.compares { (against(filters.against)) }
            @if bar.of_rows {
                (select("region", t!("Region"), t!("All regions"), &choices.regions, filters.region.as_deref()))
                (select("category", t!("Category"), t!("All categories"), &choices.categories, filters.category.as_deref()))
                (select("product", t!("Product"), t!("All products"), &choices.products, filters.product.as_deref()))
                @if !choices.skus.is_empty() || filters.sku.is_some() {
                    (select("sku", t!("SKU"), t!("All SKUs"), &choices.skus, filters.sku.as_deref()))
                }
            }
            (runs(choices, filters.run.as_ref()))
            (bar.more)
            @if let Some(step) = filters.step { input type="hidden" name="by" value=(step.word()); }
            button type="submit" class={ "button" @if !custom { " at-once" } } { (t!("Apply")) }
            @if filters.any() { a class="clear" href=(bar.page) { (t!("Clear")) } }
        }
        (days(bar))
    }
}

/// The list of periods, and the days of one that has no name.
pub(crate) fn period(title: &str, filters: &Filters) -> Markup {
    html! {
        label {
            span { (title) }
            select name="period" id="filter-period" {
                @for (key, title, _) in PERIODS {
                    option value=(key) selected[key == filters.period_word()] { (title) }
                }
                option value=(CUSTOM) selected[filters.period_word() == CUSTOM] { (t!("From … to …")) }
            }
        }
        @if let Period::Custom(from, to) = filters.period {
            (date("from", t!("From"), from))
            (date("to", t!("To"), to))
        }
    }
}

/// With what the period is compared.
pub(crate) fn against(chosen: Against) -> Markup {
    html! {
        label {
            span { (t!("Compared with")) }
            select name="against" id="filter-against" {
                option value="" selected[chosen == Against::Before] { (t!("Period before")) }
                option value=(YEAR_AGO) selected[chosen == Against::YearAgo] { (t!("Year before")) }
            }
        }
    }
}

/// What a page is narrowed to: each filter in words with the address without it, and the address without all of them.
pub(crate) fn chips(all: &[(String, String)], clear: &str) -> Markup {
    html! {
        @if !all.is_empty() {
            p class="narrowed-to" id="narrowed-to" data-then="narrowed-to" {
                (t!("Only")) " "
                @for (title, without) in all {
                    a class="chip" href=(without) data-noscroll title=(t!("Take this filter away")) {
                        (title) " " span aria-hidden="true" { "×" }
                        span class="hidden" { (t!(", take this filter away")) }
                    }
                    " "
                }
                a href=(clear) data-noscroll { (t!("Clear")) }
            }
        }
    }
}

/// When the files came; None for all time.
pub(crate) fn came_in(period: Period) -> Option<String> {
    let day = |it: NaiveDate| format::day(&it.to_string());
    match period {
        Period::AllTime => None,
        Period::Custom(Some(from), Some(to)) => {
            let days = span(&from.to_string(), &to.to_string());
            Some(t!("Came {days}", days = days))
        }
        Period::Custom(Some(from), None) => Some(t!("Came from {day} on", day = day(from))),
        Period::Custom(None, Some(to)) => Some(t!("Came up to {day}", day = day(to))),
        named => {
            let title = PERIODS.iter().find(|it| it.2 == named).map(|it| it.1);
            let title = title.unwrap_or(t!("From … to …"));
            Some(t!("Came: {period}", period = title))
        }
    }
}

fn date(name: &str, title: &str, day: Option<NaiveDate>) -> Markup {
    let value = day.map(|it| it.to_string());
    html! {
        label {
            span { (title) }
            input type="date" name=(name) id={ "filter-" (name) } value=[value];
        }
    }
}

pub(crate) fn select(
    name: &str,
    title: &str,
    all: &str,
    list: &[String],
    chosen: Option<&str>,
) -> Markup {
    let list: Vec<_> = list.iter().map(|it| (it.as_str(), it.as_str())).collect();
    select_named(name, title, all, &list, chosen)
}

/// As `select`, of values that are called otherwise.
pub(crate) fn select_named(
    name: &str,
    title: &str,
    all: &str,
    list: &[(&str, &str)],
    chosen: Option<&str>,
) -> Markup {
    // What an address names and nothing has is shown all the same.
    let unknown = chosen.filter(|it| !list.iter().any(|(known, _)| known == it));
    html! {
        label {
            span { (title) }
            select name=(name) id={ "filter-" (name) } {
                option value="" { (all) }
                @for (it, title) in list { option value=(it) selected[chosen == Some(*it)] { (title) } }
                @if let Some(it) = unknown { option value=(it) selected { (it) } }
            }
        }
    }
}

pub(crate) fn runs(choices: &Choices, chosen: Option<&RunId>) -> Markup {
    let unknown = chosen.filter(|it| !choices.runs.iter().any(|known| known.id == **it));
    html! {
        label {
            span { (t!("Run")) }
            select name="run" id="filter-run" {
                option value="" { (t!("All runs")) }
                @for OfferedRun { id, file_name } in &choices.runs {
                    option value=(id) selected[chosen == Some(id)] { (file_name) }
                }
                @if let Some(id) = unknown { option value=(id) selected { (id) } }
            }
        }
    }
}

/// The days that are shown, and those that they are compared with.
fn days(bar: &Bar<'_>) -> Markup {
    let (period, calendar) = (bar.filters.period, bar.calendar);
    let span = |from: NaiveDate, to: NaiveDate| span(&from.to_string(), &to.to_string());
    let shown = match calendar.days(period) {
        (Some(from), Some(to)) if from > to => {
            t!("The period ends before it begins: there is nothing in it.").to_owned()
        }
        (Some(from), Some(to)) => span(from, to),
        (Some(from), None) => t!("From {day} on", day = format::day(&from.to_string())),
        (None, Some(to)) => t!("Up to {to}", to = format::day(&to.to_string())),
        (None, None) => return html! {},
    };
    let compared = calendar.compared(period, bar.filters.against);
    let compared = compared.filter(|_| bar.compares);
    html! {
        p class="quiet shown-days" {
            (shown)
            @if let Some(it) = compared { (phrase!(", compared with {to}", to = span(it.from, it.to))) }
            "."
        }
    }
}

/// `1 Nov 2026 to 25 Nov 2026`, or the one day.
pub(crate) fn span(from: &str, to: &str) -> String {
    if from == to {
        return format::day(from);
    }
    t!(
        "{from} to {to}",
        from = format::day(from),
        to = format::day(to)
    )
}

/// On which runs a page rests, and what of them is not in its figures. That leads to its rows where they are those of all
/// runs, or of one.
pub(crate) fn rests(basis: &Basis, filters: &Filters, place: &Place) -> Markup {
    let rows = Ratio::of(basis.rows_left, basis.rows_read);
    let money = share(basis.money_left, basis.money_read);
    let runs = format::counted(basis.runs, t!("run"), t!("runs"));
    let runs = html! { a href=(place.href(Page::Runs)) { (runs) } };
    let left = |rows: Ratio| {
        let rows = format::percent(rows);
        let text = match money {
            Some(money) => t!(
                "{rows} of their rows and {money} of their money",
                rows = rows,
                money = format::percent(money)
            ),
            None => t!("{rows} of their rows", rows = rows),
        };
        let only = basis.newest.clone().filter(|_| basis.runs == 1);
        let left = WorkAddress {
            show: Show::Uncounted,
            run: filters.run.clone().or(only),
            ..WorkAddress::default()
        };
        html! {
            @if left.run.is_some() || !filters.any() {
                a href=(left.href(&place.exceptions())) { (text) }
            } @else {
                (text)
            }
        }
    };
    // Of an exception nobody knows for sure on what day it was sold.
    let alike = WorkAddress {
        show: Show::Uncounted,
        period: Period::AllTime,
        ..filters.exceptions()
    };
    html! {
        p class="rests" id="comes-to" {
            @if basis.runs == 0 {
                (t!("Rests on no run."))
            } @else {
                @match (rows, basis.rows_left) {
                    (_, 0) if basis.displaced_rows == 0 => (phrase!("Rests on {runs}, all of whose rows count.", runs = runs)),
                    (_, 0) => (phrase!("Rests on {runs}, none of whose rows is in exceptions.", runs = runs)),
                    (Some(rows), _) => (phrase!("Rests on {runs} · {left} are in exceptions and not in these figures.", runs = runs, left = left(rows))),
                    (None, _) => (phrase!("Rests on {runs}.", runs = runs)),
                }
            }
            @if basis.displaced_rows > 0 {
                " "
                (t!("{rows} gave way to another with the same key.", rows = format::rows(basis.displaced_rows)))
            }
            @if let Some(what) = filters.said().filter(|_| basis.rows_left > 0) {
                " "
                a href=(alike.href(&place.exceptions())) { (t!("Exceptions that say {what}", what = what)) }
                "."
            }
            @if basis.held > 0 {
                " "
                (phrase!("{held} and not counted.", held = html! { a href=(place.href(Page::Runs)) { (format::counted(basis.held, t!("run is held"), t!("runs are held"))) } }))
            }
        }
    }
}

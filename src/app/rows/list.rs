//! The ledger as a table below its filters. On the server only: the browser gets it rendered.

use super::address::{Listed, download, href};
use crate::parts::phrase::phrase;
use crate::{
    calendar::Against,
    filters::Filters,
    format,
    icons::Icon,
    parts::{
        filter_bar,
        words::{state, stated},
    },
    place::{Page, Place},
};
use maud::{Markup, html};
use model::t;
use model::{
    ledger::{Direction, MOST_BY_REVENUE, RowPage, RowQuery, RowSort, RowState, StandingRow},
    row::Text,
    sales::Choices,
};

pub(crate) fn list(page: &RowPage, listed: &Listed, choices: &Choices, place: &Place) -> Markup {
    let query = &listed.query;
    let nothing_ever = choices.runs.is_empty() && query.filter == Default::default();
    html! {
        @if !nothing_ever { (filters(listed, choices, place)) }
        @if page.rows.is_empty() && page.next.is_none() && query.after.is_none() {
            (nothing(query, place))
        } @else {
            div class="rows-head" id="comes-to" {
                p class="rows-total" { (total(page, query)) }
                (downloads(query, place))
            }
            (table(page, listed, place))
            (paging(page, listed, place))
        }
    }
}

fn filters(listed: &Listed, choices: &Choices, place: &Place) -> Markup {
    let filter = &listed.query.filter;
    html! {
        form class="filters" method="get" action=(place.rows()) data-filters aria-label=(t!("Filters")) {
            (filter_bar::period(t!("Period"), &Filters::of_days(listed.period, Against::Before)))
            (select("region", t!("Region"), t!("All regions"), &choices.regions, filter.region.as_deref()))
            (select("category", t!("Category"), t!("All categories"), &choices.categories, filter.category.as_deref()))
            (select("product", t!("Product"), t!("All products"), &choices.products, filter.product.as_deref()))
            @if !choices.skus.is_empty() || filter.sku.is_some() {
                (select("sku", t!("SKU"), t!("All SKUs"), &choices.skus, filter.sku.as_deref()))
            }
            (field("key", t!("Key begins with"), "text", filter.key.as_deref(), Some("ORD-0012")))
            label {
                span { (t!("Rows that")) }
                select name="state" id="filter-state" {
                    @for of in RowState::ALL {
                        option value=(of.as_str()) selected[of == filter.state] { (state_words(of)) }
                    }
                }
            }
            (filter_bar::runs(choices, filter.run.as_ref()))
            button type="submit" class="button at-once" { (t!("Apply")) }
            @if *filter != Default::default() { a class="clear" href=(place.rows()) { (t!("Clear")) } }
        }
    }
}

fn field(name: &str, title: &str, kind: &str, value: Option<&str>, like: Option<&str>) -> Markup {
    html! {
        label {
            span { (title) }
            input type=(kind) name=(name) id={ "filter-" (name) } value=[value] placeholder=[like]
                autocomplete="off" spellcheck="false";
        }
    }
}

fn select(name: &str, title: &str, all: &str, list: &[String], chosen: Option<&str>) -> Markup {
    let unknown = chosen.filter(|it| !list.iter().any(|known| known == it));
    html! {
        label {
            span { (title) }
            select name=(name) id={ "filter-" (name) } {
                option value="" { (all) }
                @for it in list { option value=(it) selected[chosen == Some(it)] { (it) } }
                @if let Some(it) = unknown { option value=(it) selected { (stated(it)) } }
            }
        }
    }
}

const fn state_words(of: RowState) -> &'static str {
    match of {
        RowState::Counting => t!("Count"),
        RowState::Withdrawn => t!("Were withdrawn with their run"),
        RowState::Displaced => t!("Were displaced by another"),
        RowState::Reopened => t!("Were opened again"),
    }
}

fn nothing(query: &RowQuery, place: &Place) -> Markup {
    html! {
        section class="notice empty" {
            @if query.filter == Default::default() {
                p { (t!("The ledger is empty. Submit a file; the rows that pass stand here, one by one.")) }
                p { a class="button main" href=(place.href(Page::Check)) { (t!("Check a file")) } }
            } @else {
                p { (t!("No row answers all of these filters.")) }
                p { a class="button" href=(place.rows()) { (t!("Show all rows")) } }
            }
        }
    }
}

fn total(page: &RowPage, query: &RowQuery) -> Markup {
    let not_counting = query.filter.state != RowState::Counting;
    html! {
        @match page.total {
            Some(total) => {
                strong { (format::rows(total.rows)) } " · " strong { (format::money(total.money)) }
            }
            None if not_counting => (t!("Rows that do not count are in no total.")),
            None => (t!("In order of their keys.")),
        }
    }
}

fn downloads(query: &RowQuery, place: &Place) -> Markup {
    let link = |path: &str, more: &str, word: &str| {
        let href = download(path, &place.workspace, &query.filter);
        html! { a class="button" href={ (href) (more) } download { (Icon::Download) (word) } }
    };
    html! {
        p class="choices" {
            // Excel takes a file for UTF-8 only where a byte order mark says so.
            (link("/api/v1/rows.csv", "&bom=1", "CSV"))
            (link("/api/v1/rows.parquet", "", "Parquet"))
        }
    }
}

/// The id of the table, where the focus goes from a link to another page that this one does not have.
const TABLE: &str = "rows-table";

fn table(page: &RowPage, listed: &Listed, place: &Place) -> Markup {
    let query = &listed.query;
    let here = place.rows();
    let head = |sort: RowSort, id: &str, class: &str, words: &str| {
        let chosen = page.sort == sort;
        let sorted = chosen.then_some(match page.direction {
            Direction::Ascending => "ascending",
            Direction::Descending => "descending",
        });
        // What is in order already is turned round; names are read from their beginning.
        let to = match (chosen, page.direction, sort) {
            (true, Direction::Descending, _) | (false, _, RowSort::Key | RowSort::Arrival) => {
                Direction::Ascending
            }
            _ => Direction::Descending,
        };
        html! {
            th scope="col" class=(class) aria-sort=[sorted] {
                a href=(href(&here, listed, (sort, to), None)) data-noscroll id=(id) {
                    (words)
                    @if chosen {
                        span class="order" aria-hidden="true" {
                            @if page.direction == Direction::Ascending { "▲" } @else { "▼" }
                        }
                    }
                }
            }
        }
    };
    let plain = |class: &str, words: &str| html! { th scope="col" class=(class) { (words) } };
    // Keys that begin alike stand together, and rows that do not count stand as they came.
    let sorts = query.filter.key.is_none() && query.filter.state == RowState::Counting;
    html! {
        div class="wide" id=(TABLE) tabindex="0" role="region" aria-label=(t!("Rows of the ledger")) {
            table class="ledger" {
                thead {
                    tr {
                        @if sorts {
                            (head(RowSort::Day, "by-day", "", t!("Day")))
                            (head(RowSort::Key, "by-key", "", t!("Key")))
                        } @else {
                            (plain("", t!("Day")))
                            (plain("", t!("Key")))
                        }
                        (plain("", t!("Region")))
                        (plain("", t!("Product")))
                        (plain("", t!("Category")))
                        (plain("number", t!("Quantity")))
                        (plain("number", t!("Unit price")))
                        @if sorts { (head(RowSort::Revenue, "by-revenue", "number", t!("Revenue"))) }
                        @else { (plain("number", t!("Revenue"))) }
                        @if sorts && query.filter.run.is_some() { (head(RowSort::Arrival, "by-arrival", "", t!("From"))) }
                        @else { (plain("", t!("From"))) }
                        @if query.filter.state != RowState::Counting { (plain("", t!("Why it does not count"))) }
                    }
                }
                tbody {
                    @for it in &page.rows { (row(it, place)) }
                }
            }
        }
        @if page.rows.is_empty() {
            p class="notice" { (t!("None among the rows looked at so far.")) }
        }
    }
}

fn row(it: &StandingRow, place: &Place) -> Markup {
    let row = &it.row;
    let text = |it: &Option<Text>| it.as_deref().unwrap_or_default().to_owned();
    let day = row.day.as_deref().map(format::day);
    // The engine joins the parts of a key by this character.
    let key = row.key.as_deref().map(|it| it.replace('\u{1f}', ", "));
    let key = key.filter(|it| !it.is_empty());
    html! {
        tr {
            td class="day" { (day.unwrap_or_default()) }
            th scope="row" {
                a href=(place.row(&it.run, row.record)) {
                    @match key { Some(key) => (key), None => { (phrase!("Row {record}", record = row.record)) } }
                }
            }
            td { (text(&row.region)) }
            td title=[row.sku.as_deref()] { (text(&row.product)) }
            td { (text(&row.category)) }
            td class="number" { @if let Some(quantity) = row.quantity { (format::signed(quantity)) } }
            td class="number" { @if let Some(price) = row.unit_price { (format::money(price)) } }
            td class="number" { @if let Some(money) = row.money { (format::money(money)) } }
            td class="from" {
                @let (run, file, line) = it.came();
                a href=(place.run(run)) title=(file) { (file) }
                span class="quiet" { " " (format::line_named(line, it.sheet_row.as_ref())) }
            }
            @if it.state != RowState::Counting { td { (why(it, place)) } }
        }
    }
}

/// Why a row does not count, in a sentence.
pub(crate) fn why(it: &StandingRow, place: &Place) -> Markup {
    html! {
        @match it.state {
            RowState::Counting => (state("accepted", Icon::Met, t!("Counts"))),
            RowState::Withdrawn => {
                (t!("Its run was withdrawn"))
                @if let Some(at) = &it.withdrawn_at { " " (phrase!("on {at}", at = format::stamp(at).text)) }
                @if let Some(why) = &it.withdrawn_because { ": " (why) }
            }
            RowState::Displaced => {
                @match &it.displaced_by {
                    Some(by) => a href=(place.row(&by.run, by.record)) { (t!("Another row took its place")) },
                    None => (t!("Another row took its place")),
                }
            }
            RowState::Reopened => (t!("Its exception was opened again")),
        }
    }
}

fn paging(page: &RowPage, listed: &Listed, place: &Place) -> Markup {
    let query = &listed.query;
    let order = (page.sort, page.direction);
    let here = place.rows();
    let first = query.after.is_some();
    let cut = page.next.is_some() && page.rows.len() < usize::try_from(query.limit).unwrap_or(0);
    let is_end = page.next.is_none()
        && page.sort == RowSort::Revenue
        && page.total.is_some_and(|it| it.rows >= MOST_BY_REVENUE);
    html! {
        nav class="paging" aria-label=(t!("Pages of rows")) data-then=(TABLE) {
            @if first { a class="button" href=(href(&here, listed, order, None)) { (t!("First rows")) } }
            @if let Some(next) = &page.next {
                a class="button" href=(href(&here, listed, order, Some(next))) { (Icon::Next) (t!("Next rows")) }
            }
            @if cut {
                span class="quiet" {
                    (t!("Not all rows were looked at for this page: go on with the next, or narrow the days."))
                }
            }
            @if is_end {
                span class="quiet" {
                    (t!("By revenue the list ends here. For other rows narrow the filter, or put them in order by day."))
                }
            }
        }
    }
}

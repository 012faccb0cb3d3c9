//! Flagged rows in their context: the cells as they stand in the file, the failing ones outlined, and below
//! each row what is wrong with it. The same on Check and on a run.

use crate::parts::phrase::phrase;
use crate::{
    format,
    icons::Icon,
    parts::{
        numbers::columns_of_numbers,
        words::{quoted, sign},
    },
    window::RowWindow,
};
use maud::{Markup, html};
use model::t;
use model::{
    control::Severity,
    finding::{Finding, FlaggedRow, FlaggedRows},
};

/// One page of rows. `page` is the address that filter and paging are links below.
pub(crate) fn grid(rows: &FlaggedRows, window: &RowWindow, page: &str) -> Markup {
    let shown = u64::try_from(rows.rows.len()).unwrap_or(u64::MAX);
    let cells = rows.rows.iter().filter(|it| !it.raw);
    let cells = cells.map(|it| it.cells.as_slice());
    let numbers = columns_of_numbers(rows.header.len().max(1), cells);
    html! {
        div class="grid-head" {
            (narrowed(window, &rows.header, page))
            p class="position" { (position(rows.total, shown, window.before)) }
            (paging(window, page, rows.next, shown))
        }
        @if shown == 0 {
            p class="notice" { (t!("No rows here. Choose another filter.")) }
        } @else {
            div class="wide" tabindex="0" role="region" aria-label=(t!("Table of rows")) {
                table class="grid" {
                    thead {
                        tr {
                            th scope="col" class="number" { (t!("Line")) }
                            @for (name, is_number) in rows.header.iter().zip(&numbers) {
                                th scope="col" class=[is_number.then_some("number")] { (name) }
                            }
                        }
                    }
                    @for flagged in &rows.rows { (row(flagged, &numbers, page)) }
                }
            }
        }
    }
}

fn narrowed(window: &RowWindow, header: &[String], page: &str) -> Markup {
    let category = window.category.map(|it| it.title());
    let place = window
        .column
        .and_then(|it| usize::try_from(it).ok()?.checked_sub(1));
    let column = place.and_then(|it| header.get(it)).map(|it| it.trim());
    let what = match (window.code.as_deref().or(category), column) {
        (Some(what), Some(column)) => Some(html! {
            (phrase!("{what} in {column}", what = html! { strong { (what) } }, column = html! { strong { (column) } }))
        }),
        (what, column) => what.or(column).map(|it| html! { strong { (it) } }),
    };
    html! {
        @if let Some(what) = what {
            p class="narrowed" {
                (phrase!("Only {what} {link}", what = what, link = html! { a href=(RowWindow::default().href(page)) data-noscroll { (t!("Show all exceptions")) } }))
            }
        }
    }
}

fn position(total: u64, shown: u64, before: u64) -> String {
    if shown == 0 {
        return format::rows(total);
    }
    t!(
        "{first} to {last} of {all}",
        first = format::count(before + 1),
        last = format::count(before + shown),
        all = format::rows(total)
    )
}

fn paging(window: &RowWindow, page: &str, next: Option<u64>, shown: u64) -> Markup {
    let first = (window.after > 0).then(|| window.first());
    let next = next.map(|after| window.next(after, shown));
    let step = |to: Option<RowWindow>, words: Markup| {
        html! {
            @match to {
                Some(to) => a class="button" href=(to.href(page)) data-noscroll { (words) },
                None => span class="button off" { (words) },
            }
        }
    };
    html! {
        nav class="paging" aria-label=(t!("Pages of rows")) {
            (step(first, html! { (t!("First")) }))
            (step(window.previous(), html! { (Icon::Previous) (t!("Previous")) }))
            (step(next, html! { (Icon::Next) (t!("Next")) }))
        }
    }
}

/// `numbers` says of each column whether it is of numbers.
fn row(row: &FlaggedRow, numbers: &[bool], page: &str) -> Markup {
    let columns = numbers.len();
    let class = match row.category {
        Some(_) => "flagged exception",
        None => "flagged warning",
    };
    let line = format::line(row.line, row.sheet_row.as_ref());
    html! {
        tbody class=(class) {
            tr {
                th scope="row" class="number" {
                    // Before Submit a row has no state, and no page of its own.
                    @if row.state.is_some() {
                        a href={ (page) "/exceptions/" (row.record) } { (line) }
                    } @else {
                        (line)
                    }
                }
                @if row.raw {
                    td class="raw fault" colspan=(columns) aria-describedby=(reasons_id(row)) {
                        @for text in &row.cells { (text) }
                    }
                } @else {
                    @for at in 0..columns.max(row.cells.len()) { (cell(row, at, numbers.get(at) == Some(&true))) }
                }
            }
            tr class="why" {
                td colspan=(columns + 1) {
                    ul id=(reasons_id(row)) {
                        @for finding in &row.findings { (reason(finding)) }
                    }
                }
            }
        }
    }
}

fn reasons_id(row: &FlaggedRow) -> String {
    format!("why-{}", row.record)
}

/// The cell of the column `at`, counted from 0.
fn cell(row: &FlaggedRow, at: usize, is_number: bool) -> Markup {
    let text = row.cells.get(at).map_or("", String::as_str);
    let Some(finding) = fault(row, u32::try_from(at + 1).ok()) else {
        return html! { td class=[is_number.then_some("number")] { (text) } };
    };
    let class = match finding.data.severity {
        Severity::Error => "fault",
        Severity::Warning => "fault mild",
    };
    let title = finding.text.replace('`', "");
    html! {
        td class={ (class) @if is_number { " number" } } tabindex="0" title=(title) aria-describedby=(reasons_id(row)) {
            // An empty cell has to be seen and to be named as well.
            @if text.trim().is_empty() { span class="blank" { (t!("empty")) } } @else { (text) }
        }
    }
}

/// The gravest finding about a column, counted from 1.
fn fault(row: &FlaggedRow, column: Option<u32>) -> Option<&Finding> {
    row.findings
        .iter()
        .filter(|it| it.data.column == column)
        .min_by_key(|it| it.data.severity)
}

fn reason(finding: &Finding) -> Markup {
    // Most texts name their column themselves.
    let column = finding
        .column_name
        .as_ref()
        .filter(|name| !finding.text.contains(&format!("`{name}`")));
    html! {
        li {
            (sign(finding.data.severity))
            span {
                @if let Some(name) = column { span class="column" { (name) ": " } }
                (quoted(&finding.text)) " " span class="code" { (finding.data.code) }
            }
        }
    }
}

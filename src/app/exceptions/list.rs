//! The rows themselves: as they stand now, with what is wrong, whose they are and how old they are. Each can be chosen
//! for an act, and one of them be open to be corrected in its place.

use super::address::{ORDERS, WorkAddress, place_text};
use crate::parts::phrase::phrase;
use crate::{
    clock::time_and_age,
    exception::page::{read_as, standing},
    format,
    icons::Icon,
    parts::{
        numbers::columns_of_numbers,
        words::{quoted, sign},
    },
    place::Place,
};
use leptos_router::location::Url;
use maud::{Markup, html};
use model::t;
use model::{
    control::Severity,
    exception::{ExceptionView, RowPlace, Standing, WorkItem, WorkList},
    finding::Finding,
};

/// The id of the table, in each view: where the focus goes when the page that one came from is gone.
pub(super) const TABLE: &str = "exceptions-table";

/// `total` is how many answer the filter, where that is known.
pub(super) fn list(
    work: &WorkList,
    total: Option<u64>,
    address: &WorkAddress,
    place: &Place,
    page: &str,
) -> Markup {
    html! {
        (list_head(work, total, address, page))
        div class="wide" id=(TABLE) tabindex="0" role="region" aria-label=(t!("Exceptions")) {
            // Files with other columns have a head of their own.
            @for items in work.items.chunk_by(|a, b| a.exception.header == b.exception.header) {
                @let header = items.first().map_or(&[][..], |it| &it.exception.header);
                @let cells = items.iter().map(|it| it.exception.cells.as_slice());
                @let numbers = columns_of_numbers(header.len().max(1), cells);
                table class="grid work-grid" {
                    (head(header, &numbers))
                    @for item in items { (row(item, &numbers, address, place, page)) }
                }
            }
        }
    }
}

/// How many there are, in which view and order, and the way to the next ones.
pub(super) fn list_head(
    work: &WorkList,
    total: Option<u64>,
    address: &WorkAddress,
    page: &str,
) -> Markup {
    let next = work.next.clone();
    let next = next.map(|it| address.first().after(Some(it)));
    let first = address.after.is_some().then(|| address.first());
    html! {
        div class="grid-head" {
            p class="position" { (position(work, total, address.after.is_some())) }
            nav aria-label=(t!("View")) {
                ul class="switch" {
                    @for (grid, word, title) in [(false, "list", t!("List")), (true, "grid", t!("Grid"))] {
                        @let to = WorkAddress { grid, after: address.after.clone(), ..address.first() };
                        li {
                            a href=(to.href(page)) data-noscroll
                                aria-current=[(grid == address.grid).then_some("true")] id={ "view-" (word) } { (title) }
                        }
                    }
                }
            }
            nav aria-label=(t!("Order")) {
                ul class="switch" {
                    @for (order, word, title) in ORDERS {
                        @let to = WorkAddress { sort: order, ..address.first() };
                        li {
                            a href=(to.href(page)) data-noscroll
                                aria-current=[(order == address.sort).then_some("true")] id={ "order-" (word) } { (title) }
                        }
                    }
                }
            }
            nav class="paging" aria-label=(t!("Pages of rows")) {
                (step(first, "first", page, html! { (t!("First")) }))
                (step(next, "next", page, html! { (Icon::Next) (t!("Next")) }))
            }
        }
    }
}

/// Which of how many are shown. A page that begins behind a row does not know how many stand before it.
fn position(work: &WorkList, total: Option<u64>, is_further_on: bool) -> String {
    let shown = u64::try_from(work.items.len()).unwrap_or(u64::MAX);
    let is_cut = work.next.is_some();
    match (total, is_further_on) {
        (Some(total), true) => t!(
            "{shown} further on, of {all}",
            shown = format::count(shown),
            all = format::rows(total)
        ),
        (None, true) => t!("{rows} further on", rows = format::rows(shown)),
        (Some(total), false) if is_cut => t!(
            "{first} to {last} of {all}",
            first = format::count(1),
            last = format::count(shown),
            all = format::rows(total)
        ),
        (None, false) if is_cut => t!("The first {rows}", rows = format::rows(shown)),
        (_, false) => format::rows(shown),
    }
}

fn step(to: Option<WorkAddress>, which: &str, page: &str, words: Markup) -> Markup {
    html! {
        @match to {
            Some(to) => a class="button" rel=(which) href={ (to.href(page)) "#list" } { (words) },
            None => span class="button off" { (words) },
        }
    }
}

/// The columns of the file that the rows below are of.
fn head(header: &[String], numbers: &[bool]) -> Markup {
    html! {
        thead {
            tr {
                th scope="col" class="pick-cell" { span class="hidden" { (t!("Choose")) } }
                th scope="col" class="number" { (t!("Line")) }
                @for (name, is_number) in header.iter().zip(numbers) {
                    th scope="col" class=[is_number.then_some("number")] { (name) }
                }
            }
        }
    }
}

fn row(
    item: &WorkItem,
    numbers: &[bool],
    address: &WorkAddress,
    place: &Place,
    page: &str,
) -> Markup {
    let it = &item.exception;
    let columns = numbers.len();
    let at = RowPlace {
        run: it.run.clone(),
        record: it.found.record,
    };
    let id = format!("row-{}", place_text(&at));
    let correct = format!("correct-{}", place_text(&at));
    let is_edited = address.edit.as_ref() == Some(&at);
    let own = own_page(it, address, place);
    let name = match &it.found.sheet_row {
        Some(at) => t!(
            "{line} of {file_name}",
            line = format::line(it.found.line, Some(at)),
            file_name = item.file_name
        ),
        None => t!(
            "Line {line} of {file_name}",
            line = it.found.line,
            file_name = item.file_name
        ),
    };
    html! {
        tbody class="flagged exception" id=(id) {
            tr {
                td class="pick-cell" {
                    label {
                        input type="checkbox" class="pick" name="pick" form="bulk"
                            value={ (place_text(&at)) "." (it.version) };
                        span class="hidden" { (phrase!("Choose {name}", name = name)) }
                    }
                }
                th scope="row" class="number" {
                    a href=(own) aria-label=(name) { (format::line(it.found.line, it.found.sheet_row.as_ref())) }
                }
                @if is_edited {
                    (fields(it))
                } @else if it.cells.is_empty() {
                    td class="raw fault" colspan=(columns) { (it.found.cells.concat()) }
                } @else {
                    @for (at, is_number) in numbers.iter().enumerate() { (cell(it, at, *is_number)) }
                }
            }
            tr class="why" {
                td {}
                td colspan=(columns + 1) {
                    ul {
                        @if it.findings.is_empty() { li { (t!("Nothing is wrong with it any more.")) } }
                        @for finding in &it.findings { (reason(finding)) }
                    }
                    // Where the focus goes from the link that opens the row's fields, and from the one that leaves them.
                    p class="facts" data-then=(if is_edited { correct.as_str() } else { FIRST_FIELD }) {
                        (standing(it.state))
                        @if let Some(assignee) = &it.assignee { span { (phrase!("assigned to {assignee}", assignee = assignee)) } }
                        span class="number" {
                            @match it.found.money {
                                Some(money) => (format::money(money)),
                                None => (t!("amount unreadable")),
                            }
                        }
                        span { (phrase!("from {file_name}", file_name = html! { a href=(place.run(&it.run)) { (item.file_name) } })) }
                        span { (time_and_age(&item.created_at)) }
                        @if is_edited {
                            a href={ (WorkAddress { edit: None, ..address.clone() }.href(page)) "#" (id) } data-noscroll {
                                (t!("Leave as it is"))
                            }
                        } @else if it.state.standing() == Standing::Open {
                            a href={ (WorkAddress { edit: Some(at.clone()), replacement: None, ..address.clone() }.href(page)) "#" (id) }
                                data-noscroll aria-label={ (phrase!("Correct here: {name}", name = name)) } id=(correct) { (t!("Correct here")) }
                        }
                    }
                    @if is_edited { (edit(it, address, place)) }
                }
            }
        }
    }
}

/// The page of one exception, which leads back to this list.
pub(super) fn own_page(it: &ExceptionView, address: &WorkAddress, place: &Place) -> String {
    let list = WorkAddress {
        edit: None,
        ..address.clone()
    };
    let own = place.exception(&it.run, it.found.record);
    format!("{own}?list={}", Url::escape(&list.search()))
}

/// The id of the field that is to be put right first.
const FIRST_FIELD: &str = "first-field";

/// The cells as fields of the form below them.
fn fields(it: &ExceptionView) -> Markup {
    html! {
        @for (at, name) in it.header.iter().enumerate() {
            td class="edited" {
                input type="text" form="edit" name={ "cell-" (at) } aria-label=(name) autocomplete="off"
                    id=[(at == first_fault(it)).then_some(FIRST_FIELD)] value=(it.cells.get(at).map_or("", String::as_str))
                    autofocus[at == first_fault(it)]
                    aria-invalid=[fault(it, at).map(|_| "true")];
            }
        }
    }
}

fn first_fault(it: &ExceptionView) -> usize {
    let mut places = 0..it.header.len();
    places.find(|at| fault(it, *at).is_some()).unwrap_or(0)
}

fn edit(it: &ExceptionView, address: &WorkAddress, place: &Place) -> Markup {
    let (choice, header) = read_as(it);
    html! {
        form id="edit" method="post" action="/exceptions"
            data-contract=(it.contract.fingerprint) data-choice=(choice) data-header=(header) {
            input type="hidden" name="act" value="correct";
            input type="hidden" name="workspace" value=(place.workspace);
            input type="hidden" name="run" value=(it.run);
            input type="hidden" name="record" value=(it.found.record);
            input type="hidden" name="version" value=(it.version);
            input type="hidden" name="stay" value="list";
            input type="hidden" name="list" value=(WorkAddress { edit: None, ..address.clone() }.search());
            @if it.cells.is_empty() {
                p { (t!("It is no proper record. In the file it reads:")) }
                pre class="raw" { (it.found.cells.concat()) }
            }
            p id="judged-here" role="status" {}
            button type="submit" class="button main" { (t!("Judge and save")) }
        }
    }
}

fn cell(it: &ExceptionView, at: usize, is_number: bool) -> Markup {
    let text = it.cells.get(at).map_or("", String::as_str);
    let Some(finding) = fault(it, at) else {
        return html! { td class=[is_number.then_some("number")] { (text) } };
    };
    let class = match finding.data.severity {
        Severity::Error => "fault",
        Severity::Warning => "fault mild",
    };
    html! {
        td class={ (class) @if is_number { " number" } } title=(finding.text.replace('`', "")) {
            @if text.trim().is_empty() { span class="blank" { (t!("empty")) } } @else { (text) }
        }
    }
}

/// The gravest finding about a column, counted from 0.
pub(super) fn fault(it: &ExceptionView, at: usize) -> Option<&Finding> {
    let name = it.header.get(at)?;
    it.findings
        .iter()
        .filter(|it| it.column_name.as_ref() == Some(name))
        .min_by_key(|it| it.data.severity)
}

fn reason(finding: &Finding) -> Markup {
    html! {
        li {
            (sign(finding.data.severity))
            span { (quoted(&finding.text)) " " span class="code" { (finding.data.code) } }
        }
    }
}

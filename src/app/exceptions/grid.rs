//! The list as a grid of the contract's columns, as Check shows a file: each cell is a field, and one button saves all
//! that was put right. Without scripts it is a plain form; with them rows are judged while they are typed
//! (`web/work_sheet.rs`, which knows the names and marks of what is made here).

use super::{
    address::{WorkAddress, place_text},
    list::{TABLE, fault, list_head, own_page},
};
use crate::{exception::page::standing, format, icons::Icon, place::Place};
use maud::{Markup, html};
use model::t;
use model::{
    control::Severity,
    exception::{ExceptionView, RowPlace, Standing, WorkItem, WorkList},
    id::RunId,
};
use serde::Serialize;
use std::collections::BTreeMap;

/// `total` is how many answer the filter, where that is known.
pub(super) fn grid(
    work: &WorkList,
    total: Option<u64>,
    address: &WorkAddress,
    place: &Place,
    page: &str,
) -> Markup {
    let list = WorkAddress {
        edit: None,
        replacement: None,
        ..address.clone()
    };
    let tool = |act: &str, words: Markup| {
        html! { button type="button" class="button small-button" data-act=(act) { (words) } }
    };
    let runs: BTreeMap<&RunId, &ExceptionView> = work
        .items
        .iter()
        .map(|it| (&it.exception.run, &it.exception))
        .collect();
    html! {
        (list_head(work, total, address, page))
        form id="work-sheet" class="work-sheet" method="post" action="/exceptions" autocomplete="off" data-page=(page) {
            input type="hidden" name="act" value="correct-each";
            input type="hidden" name="workspace" value=(place.workspace);
            input type="hidden" name="list" value=(list.search());
            @for (run, it) in &runs {
                span hidden data-run=(run) data-contract=(it.contract.fingerprint)
                    data-choice=(json(&it.choice)) data-header=(json(&it.header)) {}
            }
            div class="work-bar" {
                p id="cell-says" class="cell-says" { span class="quiet" { (t!("What is wrong with a cell is said here.")) } }
                p class="choices" {
                    span class="choices" id="work-tools" hidden {
                        (tool("back", html! { (Icon::Previous) (t!("Previous failing cell")) }))
                        (tool("next", html! { (Icon::Next) (t!("Next failing cell")) }))
                        (tool("undo", html! { (t!("Undo")) }))
                        (tool("redo", html! { (t!("Redo")) }))
                        (tool("drop", html! { (t!("Take all back")) }))
                    }
                    label class="work-reason" {
                        span class="hidden" { (t!("Why, if that is not plain")) }
                        input type="text" name="reason" maxlength="2000" placeholder=(t!("Why, if that is not plain"));
                    }
                    button type="submit" class="button main" id="work-save" { (t!("Save corrections")) }
                    span id="work-judged" class="quiet" role="status" {}
                }
            }
            div class="wide" id=(TABLE) tabindex="0" role="region" aria-label=(t!("Exceptions, cell by cell")) {
                @for items in work.items.chunk_by(|a, b| a.exception.contract.name == b.exception.contract.name) {
                    @let columns = columns(items);
                    table class="work-cells" {
                        thead {
                            tr {
                                th scope="col" class="number" { (t!("Line")) }
                                th scope="col" { (t!("Fails")) }
                                @for name in &columns { th scope="col" { (name) } }
                                th scope="col" { (t!("File")) }
                            }
                        }
                        tbody {
                            @for item in items { (row(item, &columns, address, place)) }
                        }
                    }
                }
            }
            p class="quiet work-keys" {
                (t!("Arrows and Enter go from cell to cell, Escape leaves a cell as it was. Paste cells from a spreadsheet; F8 goes to \
                     the next failing cell, Ctrl+Z takes the last change back. What you typed is kept in this tab until you save it."))
            }
        }
    }
}

/// Where a browser tells what was typed of rows that somebody changed meanwhile and that the list does not show.
pub(super) fn left(place: &Place) -> Markup {
    html! {
        section id="work-left" class="notice" data-workspace=(place.workspace) aria-labelledby="work-left-title" hidden {
            h3 id="work-left-title" { (t!("Typed, and not saved")) }
            p { (t!("Somebody changed these rows meanwhile, and they are not in this list. What you typed of them is not counted below.")) }
            ul {}
            p { button type="button" class="button" data-act="discard" { (t!("Discard what was typed of them")) } }
        }
    }
}

/// The contract's columns that any of the files has.
fn columns(items: &[WorkItem]) -> Vec<String> {
    let first = items.first().map_or(&[][..], |it| &it.exception.columns);
    let has = |name: &str| {
        let mut all = items.iter().flat_map(|it| &it.exception.columns);
        all.any(|it| it.name == name && it.place.is_some())
    };
    let names = first.iter().map(|it| it.name.clone());
    names.filter(|it| has(it)).collect()
}

fn row(item: &WorkItem, columns: &[String], address: &WorkAddress, place: &Place) -> Markup {
    let it = &item.exception;
    let at = place_text(&RowPlace {
        run: it.run.clone(),
        record: it.found.record,
    });
    let name = t!(
        "{line} of {file_name}",
        line = format::line_named(it.found.line, it.found.sheet_row.as_ref()),
        file_name = item.file_name
    );
    let is_open = it.state.standing() == Standing::Open;
    let about_row = it.findings.iter().find(|it| it.column_name.is_none());
    html! {
        tr id={ "row-" (at) } data-row=[is_open.then_some(&at)] data-version=(it.version) data-of=(it.run)
            data-cells=[is_open.then(|| json(&it.cells))] {
            th scope="row" class={ "number" @if about_row.is_some() { " fault" } }
                title=[about_row.map(|it| it.text.replace('`', ""))] {
                a href=(own_page(it, address, place)) aria-label=(name) { (format::line(it.found.line, it.found.sheet_row.as_ref())) }
            }
            td class="fails" { (fails(it, is_open)) }
            @if it.cells.is_empty() {
                td class="raw fault" colspan=(columns.len()) { (it.found.cells.concat()) }
            } @else {
                @for column in columns { (cell(it, column, &at, &name, is_open)) }
            }
            td class="of-file" { a href=(place.run(&it.run)) { (item.file_name) } }
        }
    }
}

fn cell(it: &ExceptionView, column: &str, at: &str, row: &str, is_open: bool) -> Markup {
    let place = it.columns.iter().find(|it| it.name == column);
    let place = place.and_then(|it| usize::try_from(it.place?).ok());
    let Some(place) = place else {
        return html! { td class="absent" title=(t!("The file has no such column")) {} };
    };
    let text = it.cells.get(place).map_or("", String::as_str);
    let fault = fault(it, place);
    let class = fault.map(|it| match it.data.severity {
        Severity::Error => "fault",
        Severity::Warning => "fault mild",
    });
    html! {
        td class=[class] {
            @if is_open {
                input type="text" name={ "cell." (at) "." (it.version) "." (column) } value=(text)
                    spellcheck="false" aria-label={ (column) ", " (row) }
                    data-column=(column) data-place=(place)
                    placeholder=[fault.map(|_| "empty")] aria-invalid=[fault.map(|_| "true")]
                    title=[fault.map(|it| it.text.replace('`', ""))];
            } @else {
                (text)
            }
        }
    }
}

/// The codes of what is wrong, or where it stands.
fn fails(it: &ExceptionView, is_open: bool) -> Markup {
    let errors = it.findings.iter();
    let errors = errors.filter(|it| it.data.severity == Severity::Error);
    let mut codes: Vec<&str> = errors.map(|it| it.data.code.as_str()).collect();
    codes.dedup();
    html! {
        @if is_open { span class="code" { (codes.join(" ")) } } @else { (standing(it.state)) }
    }
}

fn json(value: &impl Serialize) -> String {
    // Choices, headers and cells hold texts and numbers, which all have a form in JSON.
    serde_json::to_string(value).unwrap_or_default()
}

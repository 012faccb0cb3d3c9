//! The list of runs. On the server only: the browser gets it rendered.

use crate::parts::phrase::phrase;
use crate::{
    clock::time_and_age,
    exceptions::address::WorkAddress,
    format,
    parts::words::{link, quoted, run_state},
    place::{Page, Place},
    run::page::{self, way_title},
    window::RowWindow,
};
use maud::{Markup, html};
use model::t;
use model::{
    money::Money,
    ratio::Ratio,
    run::{RunKind, RunList, RunStatus, RunSummary},
};
use std::borrow::Cow;

/// Runs of one kind; `older` is true below the newest page.
pub(crate) fn list(list: &RunList, kind: RunKind, place: &Place, older: bool) -> Markup {
    html! {
        @if list.corrections > 0 { (kinds(list, kind, place)) }
        @if list.runs.is_empty() { (empty(kind, place, older)) } @else { (runs(list, kind, place, older)) }
    }
}

/// A row that is put right by itself makes a run, so that those of files would be lost among them.
fn kinds(list: &RunList, chosen: RunKind, place: &Place) -> Markup {
    let files = format::counted(list.files, t!("file"), t!("files"));
    let corrections = format::counted(list.corrections, t!("correction"), t!("corrections"));
    html! {
        nav class="choices" aria-label=(t!("Which runs")) {
            ul class="switch" {
                @for (kind, word, text) in [
                    (RunKind::File, "file", files),
                    (RunKind::Correction, "correction", corrections),
                ] {
                    li {
                        a href=(newest(kind, place)) data-noscroll
                            aria-current=[(kind == chosen).then_some("true")] id={ "kind-" (word) } { (text) }
                    }
                }
            }
        }
        @if chosen == RunKind::Correction {
            p class="quiet" {
                (t!("Rows of exceptions that entered later: put right or let in, or in an export that came again."))
            }
        }
    }
}

fn newest(kind: RunKind, place: &Place) -> String {
    let page = place.href(Page::Runs);
    match kind {
        RunKind::File => page,
        RunKind::Correction => format!("{page}?kind=correction"),
    }
}

fn empty(kind: RunKind, place: &Place, older: bool) -> Markup {
    let (text, href, word) = match kind {
        _ if older => (
            t!("There are no older runs."),
            newest(kind, place),
            t!("To the newest"),
        ),
        RunKind::File => (
            t!("No file was submitted yet. Check one; when you submit it, its run stands here."),
            place.href(Page::Check),
            t!("Check a file"),
        ),
        RunKind::Correction => (
            t!("No row of an exception entered later."),
            place.exceptions(),
            t!("Work the exceptions"),
        ),
    };
    html! {
        section class="notice empty" {
            p { (text) }
            p { a class="button main" href=(href) { (word) } }
        }
    }
}

fn runs(list: &RunList, kind: RunKind, place: &Place, older: bool) -> Markup {
    let page = newest(kind, place);
    let more = if kind == RunKind::File { "?" } else { "&" };
    html! {
        div class="wide" id="runs" tabindex="0" role="region" aria-label=(t!("Runs")) {
            table class="runs" {
                thead {
                    tr {
                        th scope="col" { (t!("File")) }
                        th scope="col" { (t!("Status")) }
                        th scope="col" class="number" { (t!("Rows")) }
                        th scope="col" class="number" { (t!("In the ledger")) }
                        th scope="col" class="number" { (t!("Exceptions")) }
                        th scope="col" class="number" { (t!("Exception rate")) }
                        th scope="col" { (t!("Came")) }
                    }
                }
                tbody {
                    @for run in &list.runs { (line(run, place)) }
                }
            }
        }
        nav class="paging" aria-label=(t!("Pages of runs")) data-then="runs" {
            @if older { a class="button" href=(page) { (t!("Newest")) } }
            @if let Some(next) = &list.next {
                a class="button" href={ (page) (more) "before=" (next.as_str()) } { (t!("Older")) }
            }
        }
    }
}

/// What a run is called in a list: by the file that came, or whose rows were corrected.
pub(crate) fn run_name(run: &RunSummary) -> Cow<'_, str> {
    let name = &run.file_name;
    match run.kind {
        RunKind::File => name.into(),
        RunKind::Correction => t!("{file_name} (corrections)", file_name = name).into(),
    }
}

fn line(run: &RunSummary, place: &Place) -> Markup {
    let rate = run
        .rows_exceptions
        .zip(run.rows_read)
        .and_then(|(part, whole)| Ratio::of(part, whole))
        .map_or_else(|| "–".to_owned(), format::percent);
    // Those of a run that does not count are in no work list.
    let exceptions = match page::counts(run) {
        true => WorkAddress::of_run(run.id.clone()).href(&place.exceptions()),
        false => RowWindow::default().href(&place.run(&run.id)),
    };
    let some = run.rows_exceptions > Some(0);
    html! {
        tr class=[run.reason.is_some().then_some("goes-on")] {
            th scope="row" {
                a href=(place.run(&run.id)) { (run_name(run)) }
                span class="below" { (format::bytes(run.file_bytes)) " · " (way_title(run.way)) }
            }
            td { (run_state(run.status, run.withdrawn.as_ref())) }
            (figures(run.rows_read, None, None))
            (in_ledger(run, place))
            (figures(run.rows_exceptions, run.money_exceptions, Some(&exceptions)))
            td class="number" { (link(some.then_some(exceptions.as_str()), &rate)) }
            td class="when" { (time_and_age(&run.created_at)) }
        }
        @if let Some(reason) = &run.reason {
            tr class="why" { td colspan="7" { span { (quoted(reason)) } } }
        }
    }
}

/// What of a run counts in the ledger now.
fn in_ledger(run: &RunSummary, place: &Place) -> Markup {
    let waits = run.status == RunStatus::Held && run.withdrawn.is_none();
    let waiting = run.rows_accepted.filter(|it| waits && *it > 0);
    let Some(rows) = waiting else {
        let rows = page::in_ledger(run, place);
        return figures(run.rows_counting, run.money_counting, Some(&rows));
    };
    html! {
        td class="number" {
            (format::count(0))
            span class="below" { (phrase!("{rows} would be", rows = format::count(rows))) }
        }
    }
}

/// `at` is where the rows are, if there are any.
fn figures(rows: Option<u64>, money: Option<Money>, at: Option<&str>) -> Markup {
    html! {
        td class="number" {
            @match (rows, at) {
                (None, _) => "–",
                (Some(rows), Some(at)) if rows > 0 => a href=(at) { (format::count(rows)) },
                (Some(rows), _) => (format::count(rows)),
            }
            @if let Some(money) = money { span class="below" { (format::money(money)) } }
        }
    }
}

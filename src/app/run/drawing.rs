//! A run drawn from where its rows came from to where they went: stops, and between them how many rows went along.
//! It is a list in a list, so that it reads aloud as it looks. On the server only.

use crate::parts::phrase::phrase;
use crate::{
    clock::time,
    exceptions::address::{Show, WorkAddress},
    format,
    icons::Icon,
    place::{Page, Place},
};
use maud::{Markup, html};
use model::t;
use model::{
    exception::ExceptionPart,
    lineage::{LinkedRun, LinkedRuns, RunLineage},
    run::{Run, RunStatus},
    verdict::{Held, Verdict},
};

/// Other runs that are drawn one by one, those with the most rows.
const MOST: usize = 4;

pub(super) fn drawing(run: &Run, lineage: &RunLineage, place: &Place) -> Markup {
    let for_structure = run.verdict.as_ref().and_then(|it| it.held.as_ref());
    let for_structure = for_structure.is_some_and(Held::for_structure);
    html! {
        div class="flow-frame" {
            ol class="flow" {
                @if lineage.corrects.total > 0 || lineage.replaces.is_some() {
                    li class="flow-step" { (sources(lineage, place)) }
                }
                li class="flow-step" {
                    @if lineage.corrects.rows > 0 {
                        (edge("", (lineage.corrects.rows, lineage.rows.read), &t!("{corrects} put right", corrects = format::rows(lineage.corrects.rows))))
                    } @else if lineage.replaces.is_some() {
                        (edge("", (1, 1), if run.summary.status == RunStatus::Held {
                            t!("to be replaced by")
                        } else {
                            t!("replaced by")
                        }))
                    }
                    (file(run, lineage, place))
                }
                li class="flow-step" {
                    (edge("", (1, 1), &read(run, lineage)))
                    (judged(lineage, place))
                }
                @if !for_structure {
                    li class="flow-step" { (outcome(run, lineage, place)) }
                }
            }
        }
    }
}

/// `class` colours the band, whose width is the share `part` of `whole`, which is what was read wherever it is known, so
/// that bands of one drawing compare.
fn edge(class: &str, (part, whole): (u64, u64), text: &str) -> Markup {
    // Of a thousand, which are 20 pixels; what is there at all can be seen.
    let share = format::per_mille(part, whole);
    let width = if part == 0 { 0 } else { share.max(60) };
    html! {
        p class="flow-edge" {
            span { (text) }
            svg class="band" viewBox="0 0 100 1000" preserveAspectRatio="none" aria-hidden="true" {
                rect class=(class) width="100" y=((1000 - width) / 2) height=(width) {}
            }
        }
    }
}

fn stop(class: &str, picture: Icon, title: &str, content: Markup) -> Markup {
    html! {
        div class={ "flow-stop " (class) } {
            h3 { (picture) (title) }
            (content)
        }
    }
}

fn sources(lineage: &RunLineage, place: &Place) -> Markup {
    html! {
        @if let Some(it) = &lineage.replaces {
            (stop("", Icon::Rows, t!("Earlier file"), linked(it, place)))
        }
        @for it in lineage.corrects.runs.iter().take(MOST) {
            (stop("exception", Icon::Error, t!("Exceptions of"), html! {
                (linked(it, place))
                p { a href=(entered(it, place)) { (format::rows(it.rows)) } }
            }))
        }
        @if let Some((_, rest)) = rest(&lineage.corrects) {
            (stop("exception", Icon::Error, t!("Exceptions of"), html! { p { (rest) } }))
        }
    }
}

/// Exceptions of a run that are in the ledger now.
fn entered(it: &LinkedRun, place: &Place) -> String {
    let work = WorkAddress::open_of_run(it.run.clone()).showing(Show::Entered);
    work.href(&place.exceptions())
}

fn linked(it: &LinkedRun, place: &Place) -> Markup {
    html! {
        p { a href=(place.run(&it.run)) { (it.file_name) } }
        p class="quiet" { (phrase!("received {created_at}", created_at = time(&it.created_at))) }
    }
}

/// The rows of the runs that are not drawn, and what is said of them.
fn rest(linked: &LinkedRuns) -> Option<(u64, String)> {
    let drawn = linked.runs.iter().take(MOST);
    let (runs, rows) = drawn.fold((0, 0), |(runs, rows), it| (runs + 1, rows + it.rows));
    let runs = linked.total.checked_sub(runs).filter(|it| *it > 0)?;
    let rows = linked.rows.saturating_sub(rows);
    let runs = format::counted(runs, t!("other run"), t!("other runs"));
    Some((rows, format!("{runs}, {}", format::rows(rows))))
}

fn file(run: &Run, lineage: &RunLineage, place: &Place) -> Markup {
    let file = &lineage.file;
    let digest = format::short_digest(&file.sha256);
    stop(
        "",
        Icon::File,
        t!("File"),
        html! {
            p { a href=(place.api(&run.summary.id, "file")) download { (file.name) } }
            p class="quiet" { (phrase!("{file}, received {received_at}", file = format::bytes(file.bytes), received_at = time(&file.received_at))) }
            p class="quiet" { (phrase!("SHA-256 {digest}", digest = html! { span class="digest" title=(file.sha256) { (digest) } })) }
        },
    )
}

/// What stands at the edge from the file.
fn read(run: &Run, lineage: &RunLineage) -> String {
    let rows = lineage.rows;
    let mut said = vec![t!("{read} read", read = format::rows(rows.read))];
    if rows.layout > 0 {
        let lines = format::counted(rows.layout, t!("line is no row"), t!("lines are no rows"));
        said.push(lines);
    }
    if let Some((cells, rows)) = run.verdict.as_ref().and_then(Verdict::corrected) {
        said.push(t!("{cells} corrected", cells = format::cells(cells, rows)));
    }
    said.join(", ")
}

fn judged(lineage: &RunLineage, place: &Place) -> Markup {
    let contract = &lineage.contract;
    let page = place.contract(&contract.name);
    let page = format!("{page}?print={}", contract.fingerprint);
    let count = |codes: &[String]| u64::try_from(codes.len()).unwrap_or(u64::MAX);
    let ran = format::counted(
        count(&lineage.controls),
        t!("control ran"),
        t!("controls ran"),
    );
    let ran = html! { a href="#all-controls" { (ran) } };
    stop(
        "",
        Icon::Sliders,
        t!("Contract"),
        html! {
            p { a href=(page) { (phrase!("{contract}, version {version}", contract = contract.name, version = contract.version)) } }
            p {
                @match count(&lineage.found) {
                    0 => (phrase!("{ran}, none found anything", ran = ran)),
                    found => (phrase!("{ran}, {found} found something", ran = ran, found = format::count(found))),
                }
            }
            p class="quiet" { (phrase!("by engine {engine} as of {evaluated_at}", engine = lineage.engine, evaluated_at = time(&lineage.evaluated_at))) }
        },
    )
}

fn outcome(run: &Run, lineage: &RunLineage, place: &Place) -> Markup {
    let rows = lineage.rows;
    let accepted = format::rows(rows.accepted);
    let accepted = if run.summary.status == RunStatus::Held {
        t!("{rows} would be accepted", rows = accepted)
    } else {
        t!("{rows} accepted", rows = accepted)
    };
    let exceptions = format::counted(rows.exceptions, t!("exception"), t!("exceptions"));
    html! {
        ul class="flow-fork" {
            li {
                (edge("accepted", (rows.accepted, rows.read), &accepted))
                (ledger(run, lineage, place))
                @if let Some(it) = &lineage.replaced_by {
                    ul class="flow-fork" {
                        li {
                            (edge("layout", (rows.accepted, rows.read), t!("replaced by")))
                            (stop("", Icon::Rows, t!("Later file"), linked(it, place)))
                        }
                    }
                }
            }
            @if rows.exceptions > 0 {
                li {
                    (edge("exception", (rows.exceptions, rows.read), &exceptions))
                    (stop("exception", Icon::Error, t!("Exceptions"), html! {
                        @let all = WorkAddress::open_of_run(run.summary.id.clone()).showing(Show::All);
                        p { a href=(all.href(&place.exceptions())) { (format::rows(rows.exceptions)) } }
                        @if let Some(money) = run.summary.money_exceptions {
                            p class="quiet" { span class="number" { (format::money(money)) } }
                        }
                        p class="quiet" { a href="#rows" { (t!("What was found in them")) } }
                    }))
                    (later(run, lineage, place))
                }
            }
        }
    }
}

fn ledger(run: &Run, lineage: &RunLineage, place: &Place) -> Markup {
    let summary = &run.summary;
    stop(
        "accepted",
        Icon::List,
        t!("Ledger"),
        html! {
            @if summary.status == RunStatus::Complete && lineage.counting > 0 {
                p { a href={ (place.href(Page::Rows)) "?run=" (summary.id) } { (phrase!("{counting} of it count", counting = format::rows(lineage.counting))) } }
            } @else if lineage.rows.accepted == 0 {
                p { (t!("No rows")) }
            } @else if summary.withdrawn.is_some() {
                p { (t!("No row of it counts any more: it was withdrawn")) }
            } @else if summary.status == RunStatus::Held {
                p { (t!("None of its rows is there until it is let in")) }
            } @else {
                p { (t!("No row of it counts any more")) }
            }
            @if summary.status == RunStatus::Complete && let Some(money) = summary.money_accepted {
                p class="quiet" { (phrase!("{money} entered in one step", money = format::money(money))) }
            }
            p class="quiet" { a href="#way" { (t!("Which column became which")) } }
        },
    )
}

/// What became of the exceptions.
fn later(run: &Run, lineage: &RunLineage, place: &Place) -> Markup {
    let read = lineage.rows.read;
    let figures = &run.exceptions;
    let id = &run.summary.id;
    let shown = |show: Show| {
        let work = WorkAddress::open_of_run(id.clone()).showing(show);
        work.href(&place.exceptions())
    };
    let part = |it: ExceptionPart,
                class: &str,
                words: &str,
                show: Show,
                picture: Icon,
                title: &str| {
        html! {
            @if it.rows > 0 {
                li {
                    (edge(class, (it.rows, read), &format!("{} {words}", format::rows(it.rows))))
                    (stop(class, picture, title, html! {
                        p { a href=(shown(show)) { (format::rows(it.rows)) } }
                        p class="quiet" { span class="number" { (format::money(it.money)) } }
                    }))
                }
            }
        }
    };
    let corrections = &lineage.corrections;
    html! {
        ul class="flow-fork" {
            (part(figures.open, "exception", "open", Show::Open, Icon::Error, t!("Open")))
            @for it in corrections.runs.iter().take(MOST) {
                li {
                    (edge("accepted", (it.rows, read), &t!("{rows} entered later", rows = format::rows(it.rows))))
                    (stop("accepted", Icon::Met, t!("Put right by"), linked(it, place)))
                }
            }
            @if let Some((of_rest, rest)) = rest(corrections) {
                li {
                    (edge("accepted", (of_rest, read), t!("entered later")))
                    (stop("accepted", Icon::Met, t!("Put right by"), html! { p { a href=(shown(Show::Entered)) { (rest) } } }))
                }
            }
            (part(figures.rejected, "layout", t!("left out"), Show::Rejected, Icon::NotRun, t!("Left out for good")))
        }
    }
}

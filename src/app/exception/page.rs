//! One exception, rendered. On the server only: the browser gets it as HTML.

use crate::parts::phrase::phrase;
use crate::{
    clock::time_and_age,
    exceptions::{address::WorkAddress, told::told},
    filters::query,
    format,
    icons::Icon,
    parts::words::{quoted, sign, state},
    place::{Page, Place},
};
use maud::{Markup, html};
use model::t;
use model::{
    exception::{Change, Event, ExceptionState, ExceptionView, Standing},
    finding::Finding,
};
use serde::Serialize;
use std::collections::BTreeMap;

/// `search` is the query of the page's address: the list that it was opened from, and what was done.
pub(crate) fn page(it: &ExceptionView, search: &str, place: &Place) -> Markup {
    let barred: Vec<&str> = it.not_waivable.iter().map(String::as_str).collect();
    let waivable = barred.is_empty();
    let is_open = it.state.standing() == Standing::Open;
    let list = query(search).get("list");
    let list = list.map(|it| WorkAddress::parse(&it));
    let at = &At {
        exception: it,
        place,
        list: list.as_ref(),
    };
    html! {
        (told(search, place, &BTreeMap::new()))
        (way_back(at))
        p class="quiet run-facts" {
            (standing(it.state))
            @if let Some(assignee) = &it.assignee { span { (phrase!("assigned to {assignee}", assignee = assignee)) } }
            span { (phrase!("{line} of {link}", line = format::line_named(it.found.line, it.found.sheet_row.as_ref()), link = html! { a href=(place.run(&it.run)) { (t!("this run")) } })) }
        }
        section aria-labelledby="wrong" {
            h2 id="wrong" { @if is_open { (t!("What is wrong")) } @else { (t!("What was found")) } }
            @if it.findings.is_empty() {
                p { (t!("Nothing any more.")) }
            } @else {
                ul class="about-file" { @for finding in &it.findings { (reason(finding)) } }
            }
        }
        @if is_open { (correction(at)) } @else { (row(it)) }
        @if it.found.cells != it.cells && !it.found.raw { (as_found(it)) }
        section aria-labelledby="acts" {
            h2 id="acts" { @if is_open { (t!("Or else")) } @else { (t!("What can be done")) } }
            @if is_open && !waivable {
                p class="quiet" {
                    (t!("It cannot be let in as it is: the contract lets nobody waive {codes}.", codes = barred.join(", ")))
                }
            }
            div class="acts" {
                @if is_open {
                    @if it.findings.iter().any(is_repeated) { (settlement(at)) }
                    @if waivable { (act(at, "waive", t!("Let it in as it is"), t!("Why let it in"))) }
                    (act(at, "reject", t!("Leave it out for good"), t!("Why leave it out")))
                    (act(at, "replay", t!("Judge it again"), ""))
                    (act(at, "assign", t!("Assign"), t!("Who takes it; nobody where it is empty")))
                } @else {
                    (act(at, "reopen", t!("Open it again"), t!("Why open it again")))
                }
                (act(at, "comment", t!("Comment"), t!("What there is to say")))
            }
        }
        (history(&it.history))
    }
}

/// An exception, and the list that its page was opened from.
struct At<'a> {
    exception: &'a ExceptionView,
    place: &'a Place,
    list: Option<&'a WorkAddress>,
}

/// Back to the list, where it was; what stands after this row in it opens after an act.
fn way_back(at: &At<'_>) -> Markup {
    let page = at.place.href(Page::Exceptions);
    let it = at.exception;
    html! {
        p class="way-back" {
            @match at.list {
                Some(list) => {
                    a href={ (list.href(&page)) "#row-" (it.run) "." (it.found.record) } {
                        (Icon::Previous) (t!("Back to the list"))
                    }
                    " " span class="quiet" { (t!("After what you do here, the next row of the list opens.")) }
                },
                None => a href=(page) { (t!("All exceptions")) },
            }
        }
    }
}

pub(crate) fn standing(of: ExceptionState) -> Markup {
    let (class, picture) = match of.standing() {
        Standing::Open => ("exception", Icon::Error),
        Standing::Entered => ("accepted", Icon::Met),
        Standing::Rejected => ("quiet", Icon::NotRun),
    };
    state(class, picture, word(of))
}

const fn word(of: ExceptionState) -> &'static str {
    match of {
        ExceptionState::New => t!("New"),
        ExceptionState::Assigned => t!("Assigned"),
        ExceptionState::Corrected => t!("Corrected, in the ledger"),
        ExceptionState::Waived => t!("Waived, in the ledger"),
        ExceptionState::Rejected => t!("Rejected"),
        ExceptionState::Resolved => t!("Resolved, in the ledger"),
        ExceptionState::Reopened => t!("Open again"),
    }
}

fn reason(finding: &Finding) -> Markup {
    html! {
        li {
            (sign(finding.data.severity)) " "
            span { (quoted(&finding.text)) " " span class="code" { (finding.data.code) } }
        }
    }
}

fn is_repeated(finding: &Finding) -> bool {
    matches!(finding.data.code.as_str(), "UNQ01" | "UNQ02")
}

fn row(it: &ExceptionView) -> Markup {
    html! {
        section aria-labelledby="row" {
            h2 id="row" { (t!("The row")) }
            div class="wide" tabindex="0" role="region" aria-label=(t!("The row's cells")) {
                table class="grid" {
                    thead { tr { @for name in &it.header { th scope="col" { (name) } } } }
                    tbody { tr { @for cell in &it.cells { td { (cell) } } } }
                }
            }
        }
    }
}

/// The row before it was corrected.
fn as_found(it: &ExceptionView) -> Markup {
    html! {
        details class="wide" {
            summary { (t!("As it came")) }
            p { code { (it.found.cells.join(" | ")) } }
            ul class="about-file" { @for finding in &it.found.findings { (reason(finding)) } }
        }
    }
}

/// All cells of the row, to be put right; for a row that is no proper record, empty ones and its text above them.
fn correction(at: &At<'_>) -> Markup {
    let it = at.exception;
    let cell = |at: usize| it.cells.get(at).map_or("", String::as_str);
    let fails = |at: usize| {
        let column = u32::try_from(at + 1).ok();
        it.findings
            .iter()
            .any(|finding| finding.data.column == column)
    };
    html! {
        section aria-labelledby="correct" {
            h2 id="correct" { (t!("Correct it")) }
            @if it.cells.is_empty() {
                p { (t!("It is no proper record. In the file it reads:")) }
                pre class="raw" { (it.found.cells.concat()) }
            }
            (form(at, "correct", html! {
                @for (at, name) in it.header.iter().enumerate() {
                    @let id = format!("cell-{at}");
                    p class="field" {
                        label for=(id) { (name) }
                        input type="text" id=(id) name=(id) value=(cell(at)) autocomplete="off"
                            aria-invalid=[fails(at).then_some("true")];
                    }
                }
                p id="judged-here" role="status" {}
                (reason_field("correct", t!("Why this correction, if that is not plain")))
                p { button type="submit" class="button main" { (t!("Judge and save")) } }
            }))
        }
    }
}

fn settlement(at: &At<'_>) -> Markup {
    let choice = |value: &str, words: &str| {
        html! {
            label { input type="radio" name="settlement" value=(value) required; " " (words) }
        }
    };
    form(
        at,
        "settle",
        html! {
            fieldset {
                legend { (t!("Its key is another row's, too")) }
                (choice("keep-holder", t!("The other row keeps it; this one is left out")))
                (choice("take-place", t!("This row takes the other's place")))
            }
            p class="quiet" { (t!("For another key, correct it above.")) }
            (reason_field("settle", t!("Why the key is settled so")))
            p { button type="submit" class="button" { (t!("Settle")) } }
        },
    )
}

fn act(at: &At<'_>, what: &str, title: &str, asks: &str) -> Markup {
    form(
        at,
        what,
        html! {
            @if !asks.is_empty() { (reason_field(what, asks)) }
            p { button type="submit" class="button" { (title) } }
        },
    )
}

fn reason_field(what: &str, asks: &str) -> Markup {
    let id = format!("{what}-reason");
    let is_needed = !matches!(what, "correct" | "assign");
    html! {
        p class="field" {
            label for=(id) { (asks) }
            input type="text" id=(id) name="reason" required[is_needed] maxlength="2000" autocomplete="off";
        }
    }
}

/// The version that is shown goes along, so that nothing is decided on what is no longer so. With the form of a
/// correction goes what the browser needs to judge it by itself.
fn form(at: &At<'_>, what: &str, fields: Markup) -> Markup {
    let it = at.exception;
    let is_correction = what == "correct";
    let contract = is_correction.then_some(&it.contract.fingerprint);
    let (choice, header) = is_correction.then(|| read_as(it)).unzip();
    html! {
        form class="act" method="post" action="/exceptions"
            data-contract=[contract] data-choice=[choice] data-header=[header] {
            input type="hidden" name="act" value=(what);
            input type="hidden" name="workspace" value=(at.place.workspace);
            input type="hidden" name="run" value=(it.run);
            input type="hidden" name="record" value=(it.found.record);
            input type="hidden" name="version" value=(it.version);
            @if let Some(list) = at.list { input type="hidden" name="list" value=(list.search()); }
            (fields)
        }
    }
}

/// How the browser reads the cells of a row by itself: under which choice, and below which header.
pub(crate) fn read_as(it: &ExceptionView) -> (String, String) {
    (json(&it.choice), json(&it.header))
}

fn json(value: &impl Serialize) -> String {
    // Choices and headers hold texts and numbers, which all have a form in JSON.
    serde_json::to_string(value).unwrap_or_default()
}

fn history(changes: &[Change]) -> Markup {
    html! {
        section aria-labelledby="history" {
            h2 id="history" { (t!("History")) }
            @if changes.is_empty() { p class="quiet" { (t!("Nothing was done yet.")) } }
            ol class="lineage" {
                @for change in changes {
                    li {
                        h3 { (done(change)) }
                        p class="quiet" { (change.actor) ", " (time_and_age(&change.time)) }
                        @if let Some(reason) = &change.reason { p { (reason) } }
                        @if let Some(cells) = &change.cells { p { code { (cells.join(" | ")) } } }
                    }
                }
            }
        }
    }
}

fn done(change: &Change) -> String {
    let words = match (change.event, change.state.standing()) {
        (Event::Assigned, _) => match &change.assignee {
            Some(assignee) => return t!("Assigned to {assignee}", assignee = assignee),
            None => t!("Assigned to nobody"),
        },
        (Event::Commented, _) => t!("Comment"),
        (Event::Corrected, Standing::Entered) => t!("Corrected: it is in the ledger"),
        (Event::Corrected, _) => t!("Corrected, and it still fails"),
        (Event::WaiverProposed, _) => {
            t!("A waiver was proposed; a second person has to confirm it")
        }
        (Event::Waived, _) => t!("Waived: it is in the ledger"),
        (Event::Rejected, _) => t!("Left out for good"),
        (Event::Reopened, _) => t!("Opened again"),
        (Event::Replayed, Standing::Entered) => t!("Judged again: it is in the ledger"),
        (Event::Replayed, _) => t!("Judged again, and it still fails"),
        (Event::Settled, Standing::Entered) => t!("The key is this row's: it is in the ledger"),
        (Event::Settled, Standing::Rejected) => t!("The key stays with the other row"),
        (Event::Settled, Standing::Open) => t!("Another key was given, and it still fails"),
        (Event::Returned, _) => t!("A file that came again put it right"),
    };
    words.to_owned()
}

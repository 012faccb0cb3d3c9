//! What was found, as sentences with links. On the server only.

use crate::parts::phrase::phrase;
use crate::{
    clock::time,
    filters::joined,
    format,
    icons::Icon,
    parts::words::{quoted, run_state, sign, state},
    place::Place,
    rows::list::why,
    runs::list::run_name,
};
use maud::{Markup, html};
use model::t;
use model::{
    control::Severity,
    exception::Standing,
    ledger::{Direction, RowFilter, RowQuery, RowState, StandingRow},
    search::{FoundBy, FoundKey, FoundRun, Hits},
};

/// Rows of which a beginning is shown.
const ROWS: u32 = 10;

/// The rows whose key begins with a text.
pub(crate) fn beginning(text: &str) -> RowQuery {
    RowQuery {
        filter: RowFilter {
            key: Some(text.to_owned()),
            ..RowFilter::default()
        },
        direction: Direction::Ascending,
        limit: ROWS,
        ..RowQuery::default()
    }
}

/// `begins` are rows of the ledger whose key begins with the text, where nothing was found of the whole of it.
pub(crate) fn hits(text: &str, hits: &Hits, begins: &[StandingRow], place: &Place) -> Markup {
    let beginning = joined(&place.rows(), &[("key", text.to_owned())]);
    let sought = html! { strong { (text) } };
    html! {
        @if text.is_empty() {
            p class="notice empty" {
                (t!("Write a key, a run's id, a part of a file's name, or a digest: at least its first six digits."))
            }
        } @else {
            @if hits.is_empty() {
                div class="notice empty" {
                    @if begins.is_empty() {
                        p { (phrase!("Nothing found for {text}.", text = sought)) }
                    } @else {
                        p { (phrase!("No key is {text} as a whole. These begin with it:", text = sought)) }
                    }
                    p class="quiet" {
                        (t!("Looked for in this workspace: whole keys of rows and exceptions, beginnings of keys in the ledger, parts of file names, and ids and digests from their first six digits on."))
                    }
                }
            }
            @if !begins.is_empty() {
                section aria-labelledby="as-beginning" {
                    h2 id="as-beginning" { (t!("As the beginning of a key")) }
                    ul class="hits" { @for it in begins { (row(it, it.row.key.as_deref(), place)) } }
                }
            }
            @if !hits.rows.is_empty() || !hits.exceptions.is_empty() {
                section aria-labelledby="as-key" {
                    h2 id="as-key" { (t!("As a key")) }
                    ul class="hits" {
                        @for it in &hits.rows { (row(it, None, place)) }
                        @for it in &hits.exceptions { (exception(it, place)) }
                    }
                }
            }
            @if !hits.runs.is_empty() {
                section aria-labelledby="as-run" {
                    h2 id="as-run" { (t!("As a run or its file")) }
                    ul class="hits" { @for it in &hits.runs { (run(it, place)) } }
                }
            }
            @if hits.more { p class="quiet" { (t!("There are more; only the newest stand here.")) } }
            @if !hits.is_empty() || !begins.is_empty() { p { a href=(beginning) { (phrase!("Rows whose key begins with {text}", text = text)) } } }
        }
    }
}

/// `key` is said where it is not the text that was looked for.
fn row(it: &StandingRow, key: Option<&str>, place: &Place) -> Markup {
    let href = place.row(&it.run, it.row.record);
    let (run, file, line) = it.came();
    let file = html! { a href=(place.run(run)) { (file) } };
    html! {
        li {
            p {
                @if it.state == RowState::Counting {
                    (phrase!("{stands} since run {file}", stands = state("accepted", Icon::Met, t!("In the ledger")), file = file))
                } @else {
                    (phrase!("{stands}: it came with run {file}", stands = state("quiet", Icon::NotRun, t!("No longer in the ledger")), file = file))
                }
                ", " a href=(href) { (format::line_named(line, it.sheet_row.as_ref())) }
                @if let Some(key) = key { ", " code { (key) } }
                @if let Some(money) = it.row.money { ", " span class="number" { (format::money(money)) } }
            }
            @if it.state != RowState::Counting { p class="quiet" { (why(it, place)) } }
        }
    }
}

fn exception(it: &FoundKey, place: &Place) -> Markup {
    let stands = match it.state.standing() {
        Standing::Open => state("exception", Icon::Error, t!("An open exception")),
        Standing::Entered => state(
            "accepted",
            Icon::Met,
            t!("An exception that entered the ledger"),
        ),
        Standing::Rejected => state("quiet", Icon::NotRun, t!("An exception left out for good")),
    };
    let errors = it.findings.iter();
    let errors = errors.filter(|it| it.data.severity == Severity::Error);
    html! {
        li {
            p {
                (phrase!("{stands} of run {file_name}, {line}", stands = stands, file_name = html! { a href=(place.run(&it.run)) { (it.file_name) } }, line = html! { a href=(place.exception(&it.run, it.record)) { (format::line_named(it.line, it.sheet_row.as_ref())) } }))
            }
            ul class="about-file" {
                @for finding in errors {
                    li {
                        (sign(finding.data.severity)) " "
                        span { (quoted(&finding.text)) " " span class="code" { (finding.data.code) } }
                    }
                }
            }
        }
    }
}

fn run(it: &FoundRun, place: &Place) -> Markup {
    let run = &it.run;
    let by = match it.by {
        FoundBy::Id => t!("by its id"),
        FoundBy::FileName => t!("by the file's name"),
        FoundBy::Blake3 => t!("by the file's BLAKE3 digest"),
        FoundBy::Sha256 => t!("by the file's SHA-256 digest"),
        FoundBy::Contract => t!("by its contract's fingerprint"),
    };
    html! {
        li {
            p {
                (run_state(run.status, run.withdrawn.as_ref())) " " a href=(place.run(&run.id)) { (run_name(run)) } ", "
                (time(&run.created_at)) " " span class="quiet" { (by) ", " span class="digest" { (run.id) } }
            }
            @if let Some(withdrawn) = &run.withdrawn {
                p class="quiet" { (phrase!("Withdrawn on {withdrawn} because: {reason}", withdrawn = time(&withdrawn.time), reason = withdrawn.reason)) }
            }
        }
    }
}

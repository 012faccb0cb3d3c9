//! What can be taken along.

use crate::{
    icons::Icon,
    place::{Page, Place},
};
use maud::{Markup, html};
use model::run::{Run, RunKind, RunStatus};
use model::t;

pub(super) fn downloads(run: &Run, place: &Place) -> Markup {
    // Excel takes a file for UTF-8 only where a byte order mark says so.
    let csv =
        |what: &str, word: &str| link(&format!("{}&bom=1", place.api(&run.summary.id, what)), word);
    let plain = |what: &str, word: &str| link(&place.api(&run.summary.id, what), word);
    let verdict = run.verdict.as_ref();
    html! {
        section aria-labelledby="downloads" {
            h2 id="downloads" { (t!("Downloads")) }
            ul class="downloads" {
                @if verdict.is_some_and(|it| it.rows.exceptions > 0) {
                    (csv("exceptions.csv", t!("Exceptions (CSV)")))
                    (plain("exceptions.xlsx", t!("Exceptions (Excel)")))
                }
                @if verdict.is_some_and(|it| it.rows.accepted > 0) {
                    (csv("accepted.csv", t!("Accepted rows (CSV)")))
                    (plain("accepted.xlsx", t!("Accepted rows (Excel)")))
                }
                @if verdict.is_some() {
                    (csv("summary.csv", t!("Summary (CSV)")))
                    (plain("summary.json", t!("Summary (JSON)")))
                }
                @if let Some(check) = in_check(run, place) {
                    li { a class="button" href=(check) { (Icon::Sliders) (t!("Open in Check")) } }
                }
                (plain("file", t!("The file as it came")))
                (plain("evidence.zip", t!("Evidence (zip)")))
            }
        }
    }
}

/// Where its file can be read otherwise, if another run may take its place, as the server has it.
pub(super) fn in_check(run: &Run, place: &Place) -> Option<String> {
    let summary = &run.summary;
    let has_ended = matches!(summary.status, RunStatus::Complete | RunStatus::Held);
    let is_replaceable = has_ended && summary.kind == RunKind::File && summary.withdrawn.is_none();
    is_replaceable.then(|| format!("{}?run={}", place.href(Page::Check), summary.id))
}

fn link(href: &str, word: &str) -> Markup {
    html! {
        li { a class="button" href=(href) download { (Icon::Download) (word) } }
    }
}

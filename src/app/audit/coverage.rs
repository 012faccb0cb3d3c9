//! How much of what happened has its entry, and what has none. On the server only.

use crate::parts::phrase::phrase;
use crate::{format, icons::Icon, parts::words::state, place::Place};
use maud::{Markup, html};
use model::audit::{Coverage, Share};
use model::t;

/// More are listed by the API alone.
const LISTED: usize = 100;

pub(crate) fn coverage(coverage: &Coverage, place: &Place) -> Markup {
    if coverage.runs.total == 0 && coverage.is_whole() {
        return html! {};
    }
    let shares = html! {
        (phrase!("{runs} runs, {stages} stages and {changes} ends of runs", runs = share(coverage.runs), stages = share(coverage.stages), changes = share(coverage.changes))) " "
        @if coverage.acts.total > 0 { (phrase!("and {acts} acts upon exceptions", acts = share(coverage.acts))) " " }
        @if coverage.contracts.total > 0 { (phrase!("and {contracts} acts upon contracts", contracts = share(coverage.contracts))) " " }
        (t!("have their entry."))
    };
    if coverage.is_whole() {
        return html! { p { (state("accepted", Icon::Met, t!("Everything is noted:"))) " " (shares) } };
    }
    html! {
        section class="notice problem" aria-labelledby="missing" {
            h2 id="missing" { (Icon::Error) " " (t!("Some of what happened has no entry")) }
            p { (phrase!("{shares} Entries were removed, or the tables changed, behind the program's back.", shares = shares)) }
            ul {
                @for missing in coverage.missing.iter().take(LISTED) {
                    li {
                        @if let Some(run) = &missing.run { a href=(place.run(run)) { (run) } }
                        @if let Some(version) = &missing.contract { (phrase!("version {version}", version = version)) }
                        (phrase!(": no {event}", event = html! { code { (missing.event) } }))
                        @if let Some(stage) = &missing.stage { " " (phrase!("of {stage}", stage = stage)) }
                    }
                }
            }
        }
    }
}

fn share(share: Share) -> String {
    t!(
        "{part} of {all}",
        part = format::count(share.with_entry),
        all = format::count(share.total)
    )
}

//! How much of what happened has its entry, and what has none. On the server only.

use crate::{format, icons::Icon, parts::words::state, place::Place};
use maud::{Markup, html};
use model::audit::{Coverage, Share};

/// More are listed by the API alone.
const LISTED: usize = 100;

pub(crate) fn coverage(coverage: &Coverage, place: &Place) -> Markup {
    if coverage.runs.total == 0 && coverage.is_whole() {
        return html! {};
    }
    let shares = html! {
        (share(coverage.runs)) " runs, " (share(coverage.stages)) " stages and " (share(coverage.changes))
        " ends of runs "
        @if coverage.acts.total > 0 { "and " (share(coverage.acts)) " acts upon exceptions " }
        @if coverage.contracts.total > 0 { "and " (share(coverage.contracts)) " acts upon contracts " }
        "have their entry."
    };
    if coverage.is_whole() {
        return html! { p { (state("accepted", Icon::Met, "Everything is noted:")) " " (shares) } };
    }
    html! {
        section class="notice problem" aria-labelledby="missing" {
            h2 id="missing" { (Icon::Error) " Some of what happened has no entry" }
            p { (shares) " Entries were removed, or the tables changed, behind the program's back." }
            ul {
                @for missing in coverage.missing.iter().take(LISTED) {
                    li {
                        @if let Some(run) = &missing.run { a href=(place.run(run)) { (run) } }
                        @if let Some(version) = &missing.contract { "version " (version) }
                        ": no " code { (missing.event) }
                        @if let Some(stage) = &missing.stage { " of " (stage) }
                    }
                }
            }
        }
    }
}

fn share(share: Share) -> String {
    format!(
        "{} of {}",
        format::count(share.with_entry),
        format::count(share.total)
    )
}

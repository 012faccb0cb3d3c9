//! How much of what happened has its entry, and what has none. On the server only.

use crate::parts::phrase::phrase;
use crate::{
    format,
    icons::Icon,
    parts::words::state,
    place::{Page, Place},
};
use maud::{Markup, html};
use model::audit::{Coverage, Missing, Share};
use model::t;

/// More are listed by the API alone.
const LISTED: usize = 100;

pub(crate) fn coverage(coverage: &Coverage, place: &Place) -> Markup {
    if coverage.runs.total == 0 && coverage.is_whole() {
        return html! {};
    }
    // The entries that are counted; those of the ends of runs have several events.
    let entries = |event: &str| format!("{}?event={event}", place.href(Page::Audit));
    let shares = [
        (t!("Runs"), coverage.runs, entries("run.begun")),
        (t!("Stages"), coverage.stages, entries("stage.begun")),
        (
            t!("Ends and withdrawals of runs"),
            coverage.changes,
            place.href(Page::Runs),
        ),
        (
            t!("Acts upon exceptions"),
            coverage.acts,
            entries("exception."),
        ),
        (
            t!("Acts upon contracts"),
            coverage.contracts,
            entries("contract."),
        ),
        (
            t!("Uploads in pieces"),
            coverage.uploads,
            entries("upload."),
        ),
    ];
    let shares = html! {
        dl class="shares" {
            @for (name, share, to) in shares.into_iter().filter(|(_, it, _)| it.total > 0) {
                div { dt { (name) } dd { a href=(to) { (shown(share)) } } }
            }
        }
    };
    if coverage.is_whole() {
        return html! {
            p { (state("accepted", Icon::Met, t!("Everything that happened has its entry"))) }
            (shares)
        };
    }
    html! {
        section class="notice problem" aria-labelledby="missing" {
            h2 id="missing" { (Icon::Error) " " (t!("Some of what happened has no entry")) }
            p { (t!("Entries were removed, or the tables changed, behind the program's back.")) }
            (shares)
            ul {
                @for it in coverage.missing.iter().take(LISTED) { li { (missing(it, place)) } }
            }
        }
    }
}

fn missing(missing: &Missing, place: &Place) -> Markup {
    let event = html! { code { (missing.event) } };
    if let Some(upload) = &missing.upload {
        return phrase!(
            "Upload {upload}: no {event}",
            upload = upload,
            event = event
        );
    }
    match (&missing.run, &missing.contract, &missing.stage) {
        (Some(run), _, stage) => {
            let run = html! { a href=(place.run(run)) { (run) } };
            match stage {
                Some(stage) => phrase!(
                    "{run}: no {event} of {stage}",
                    run = run,
                    event = event,
                    stage = stage
                ),
                None => phrase!("{run}: no {event}", run = run, event = event),
            }
        }
        (None, Some(version), _) => {
            phrase!(
                "Version {version}: no {event}",
                version = version,
                event = event
            )
        }
        (None, None, _) => phrase!("No {event}", event = event),
    }
}

fn shown(share: Share) -> String {
    t!(
        "{part} of {all}",
        part = format::count(share.with_entry),
        all = format::count(share.total)
    )
}

//! Entries of the log as a table. On the server only: the browser gets it rendered.

use crate::{
    clock::precise_time,
    format,
    place::{Page, Place},
};
use maud::{Markup, html};
use model::{
    audit::{ChainedEntry, EntryList},
    id::RunId,
};

/// Narrowed to `run` where there is one; `older` is true below the newest page.
pub(crate) fn list(list: &EntryList, place: &Place, run: Option<&RunId>, older: bool) -> Markup {
    if list.entries.is_empty() {
        return html! {
            p class="notice empty" { "No entries. What happens in this workspace will stand here." }
        };
    }
    let page = place.href(Page::Audit);
    let newest = match run {
        Some(run) => format!("{page}?run={run}"),
        None => page.clone(),
    };
    let joint = if run.is_some() { '&' } else { '?' };
    html! {
        div class="wide" tabindex="0" role="region" aria-label="Entries" {
            table class="entries" {
                thead {
                    tr {
                        th scope="col" class="number" { "No." }
                        th scope="col" { "Time" }
                        th scope="col" { "Event" }
                        th scope="col" { "Run" }
                        th scope="col" { "Details" }
                        th scope="col" { "By" }
                        th scope="col" { "Hash" }
                    }
                }
                tbody {
                    @for entry in &list.entries { (line(entry, place)) }
                }
            }
        }
        nav class="paging" aria-label="Pages of entries" {
            @if older { a class="button" href=(newest) { "Newest" } }
            @if let Some(before) = list.next {
                a class="button" href={ (newest) (joint) "before=" (before) } { "Older" }
            }
        }
    }
}

fn line(ChainedEntry { entry, hash, .. }: &ChainedEntry, place: &Place) -> Markup {
    let run = entry.run.clone().and_then(|it| RunId::try_from(it).ok());
    html! {
        tr id={ "entry-" (entry.sequence) } {
            th scope="row" class="number" { (format::count(entry.sequence)) }
            td class="when" { (precise_time(&entry.time)) }
            td class="event" { (entry.event) }
            td {
                @if let Some(run) = run {
                    a class="digest" href=(place.run(&run)) title=(run.as_str()) { (ending(&run)) }
                }
            }
            td class="details" {
                @for (key, value) in &entry.details {
                    span class="detail" { span class="quiet" { (key.replace('_', " ")) } " " (shown(value)) }
                }
            }
            td { (entry.actor) }
            td class="digest" title=(hash) { (format::short_digest(hash)) }
        }
    }
}

/// The end of an id tells runs apart; its start is the time.
fn ending(run: &RunId) -> String {
    let text = run.as_str();
    let end = text.get(text.len().saturating_sub(8)..).unwrap_or(text);
    format!("…{end}")
}

fn shown(value: &str) -> Markup {
    let digest = value.len() == 64 && value.bytes().all(|it| it.is_ascii_hexdigit());
    html! {
        @if digest {
            span class="digest" title=(value) { (format::short_digest(value)) "…" }
        } @else {
            (value)
        }
    }
}

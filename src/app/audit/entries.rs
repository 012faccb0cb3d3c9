//! Entries of the log as a table. On the server only: the browser gets it rendered.

use crate::{
    clock::Time,
    format,
    place::{Page, Place},
};
use leptos::prelude::*;
use model::{
    audit::{ChainedEntry, EntryList},
    id::RunId,
};

/// Narrowed to `run` where there is one; `older` is true below the newest page.
pub(crate) fn list(list: &EntryList, place: &Place, run: Option<&RunId>, older: bool) -> AnyView {
    if list.entries.is_empty() {
        return view! {
            <p class="notice empty">"No entries. What happens in this workspace will stand here."</p>
        }
        .into_any();
    }
    entries(list, place, run, older)
}

fn entries(list: &EntryList, place: &Place, run: Option<&RunId>, older: bool) -> AnyView {
    let lines: Vec<_> = list.entries.iter().map(|it| line(it, place)).collect();
    let page = place.href(Page::Audit);
    let narrowed = run.map(|it| format!("run={it}"));
    let newest = older.then(|| match &narrowed {
        Some(run) => format!("{page}?{run}"),
        None => page.clone(),
    });
    let next = list.next.map(|before| match &narrowed {
        Some(run) => format!("{page}?{run}&before={before}"),
        None => format!("{page}?before={before}"),
    });
    view! {
        <div class="wide" tabindex="0" role="region" aria-label="Entries">
            <table class="entries">
                <thead>
                    <tr>
                        <th scope="col" class="number">
                            "No."
                        </th>
                        <th scope="col">"Time"</th>
                        <th scope="col">"Event"</th>
                        <th scope="col">"Run"</th>
                        <th scope="col">"Details"</th>
                        <th scope="col">"By"</th>
                        <th scope="col">"Hash"</th>
                    </tr>
                </thead>
                <tbody>{lines}</tbody>
            </table>
        </div>
        <nav class="paging" aria-label="Pages of entries">
            {newest
                .map(|href| {
                    view! {
                        <a class="button" href=href>
                            "Newest"
                        </a>
                    }
                })}
            {next
                .map(|href| {
                    view! {
                        <a class="button" href=href>
                            "Older"
                        </a>
                    }
                })}
        </nav>
    }
    .into_any()
}

fn line(entry: &ChainedEntry, place: &Place) -> AnyView {
    let (hash, entry) = (entry.hash.clone(), &entry.entry);
    let run = entry
        .run
        .clone()
        .and_then(|it| RunId::try_from(it).ok())
        .map(|id| {
            // The end of an id tells runs apart; its start is the time.
            let text = id.as_str();
            let short = text.get(text.len().saturating_sub(8)..).unwrap_or(text);
            let short = format!("…{short}");
            view! { <a class="digest" href=place.run(&id)>{short}</a> }
        });
    let details: Vec<_> = entry
        .details
        .iter()
        .map(|(key, value)| {
            let key = key.replace('_', " ");
            let digest = value.len() == 64 && value.bytes().all(|it| it.is_ascii_hexdigit());
            let value = if digest {
                let short = format::short_digest(value);
                view! { <span class="digest" title=value.clone()>{short} "…"</span> }.into_any()
            } else {
                value.clone().into_any()
            };
            view! {
                <span class="detail">
                    <span class="quiet">{key}</span>
                    " "
                    {value}
                </span>
            }
        })
        .collect();
    view! {
        <tr id=format!("entry-{}", entry.sequence)>
            <th scope="row" class="number">
                {format::count(entry.sequence)}
            </th>
            <td class="when">
                <Time at=entry.time.clone() seconds=true/>
            </td>
            <td class="event">{entry.event.clone()}</td>
            <td>{run}</td>
            <td class="details">{details}</td>
            <td>{entry.actor.clone()}</td>
            <td class="digest" title=hash.clone()>
                {format::short_digest(&hash)}
            </td>
        </tr>
    }
    .into_any()
}

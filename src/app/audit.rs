//! Audit: what happened in this workspace, entry by entry, each chained to the one before by its hash.

use crate::{
    clock::Time,
    format,
    frame::PageHead,
    parts::notice::{loading, trouble},
    place::{Page, Place, use_place},
    queries,
};
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;
use model::{
    audit::{ChainedEntry, EntryList},
    id::RunId,
};

#[component]
pub(crate) fn AuditPage() -> impl IntoView {
    let place = use_place();
    let query = use_query_map();
    let run = Memo::new(move |_| {
        let text = query.with(|it| it.get("run"))?;
        RunId::try_from(text.trim().to_owned()).ok()
    });
    let before = Memo::new(move |_| {
        let text = query.with(|it| it.get("before"))?;
        text.parse::<u64>().ok()
    });
    // What was asked for is not quietly dropped because it is no run.
    let misread = move || {
        let text = query.with(|it| it.get("run")).unwrap_or_default();
        !text.trim().is_empty() && run.get().is_none()
    };
    let list = Resource::new(
        move || (place.get(), run.get(), before.get()),
        |(place, run, before)| queries::entries(place.workspace, run, before),
    );
    view! {
        <PageHead title="Audit" lead="Every step, newest first. Each entry carries the hash of the one before it."/>
        <form class="filter" method="get" action=move || place.get().href(Page::Audit)>
            <label for="run">"Run"</label>
            <input
                id="run"
                name="run"
                type="text"
                size="38"
                spellcheck="false"
                autocomplete="off"
                placeholder="run_…"
                value=move || run.get().map(|it| it.to_string()).unwrap_or_default()
            />
            <button type="submit" class="button">
                "Show"
            </button>
            <Show when=move || run.get().is_some()>
                <a class="button" href=move || place.get().href(Page::Audit)>
                    "All runs"
                </a>
            </Show>
        </form>
        <Show when=misread>
            <p class="exception" role="alert">
                "This is no run's id, so all entries are shown. An id is run_ and 32 letters and digits; it stands \
                 on the run's page."
            </p>
        </Show>
        <p class="quiet">
            "A chain shows that something was changed; it does not prevent it. " <code>"tarazu audit verify"</code>
            " computes it anew."
        </p>
        <Transition fallback=loading>
            {move || Suspend::new(async move {
                let place = place.get_untracked();
                let (run, older) = (run.get_untracked(), before.get_untracked().is_some());
                match list.await {
                    Ok(list) if list.entries.is_empty() => {
                        view! {
                            <p class="notice empty">
                                "No entries. What happens in this workspace will stand here."
                            </p>
                        }
                            .into_any()
                    }
                    Ok(list) => entries(&list, &place, run.as_ref(), older),
                    Err(error) => trouble(&error),
                }
            })}
        </Transition>
    }
    .into_any()
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

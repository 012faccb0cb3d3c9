//! Audit: what happened in this workspace, entry by entry, each chained to the one before by its hash.

#[cfg(not(target_arch = "wasm32"))]
pub(crate) mod coverage;
#[cfg(not(target_arch = "wasm32"))]
pub(crate) mod entries;

use crate::{
    frame::PageHead,
    icons::{Icon, icon},
    parts::fragment::Answer,
    place::{Page, use_place},
    queries::Question,
};
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;
use model::id::RunId;

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
    let question = Signal::derive(move || Question::Entries {
        workspace: place.get().workspace,
        run: run.get(),
        before: before.get(),
    });
    let coverage = Signal::derive(move || Question::Coverage {
        workspace: place.get().workspace,
    });
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
            " computes it anew, from the database or from the log as a file."
        </p>
        <p class="choices">
            <a class="button" download="" href=move || place.get().log()>
                {icon(Icon::Download)}
                "Download the log"
            </a>
            <a class="button" href=move || place.get().verify_log()>
                {icon(Icon::Met)}
                "Verify the chain in this browser"
            </a>
            <a class="button" href="/verify">
                "Verify a file"
            </a>
        </p>
        <form class="filter" method="get" action="/api/v1/evidence.zip">
            <input type="hidden" name="workspace" value=move || place.get().workspace.to_string()/>
            <label for="evidence-from">"Runs from"</label>
            <input id="evidence-from" name="from" type="date"/>
            <label for="evidence-to">"to"</label>
            <input id="evidence-to" name="to" type="date"/>
            <button type="submit" class="button">
                {icon(Icon::Download)}
                "Download their evidence"
            </button>
        </form>
        <Answer question=coverage/>
        <Answer question/>
    }
    .into_any()
}

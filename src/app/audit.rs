//! Audit: what happened in this workspace, entry by entry, each chained to the one before by its hash.

use model::t;
#[cfg(not(target_arch = "wasm32"))]
mod coverage;
#[cfg(not(target_arch = "wasm32"))]
pub(crate) mod entries;

use crate::{
    frame::PageHead,
    icons::{Icon, icon},
    once::use_search,
    parts::{
        erase::Erase,
        fragment::{Answer, inline},
        phrase::phrase,
    },
    place::use_place,
    queries::Question,
};
use leptos::prelude::*;
use maud::html;

#[component]
pub(crate) fn AuditPage() -> impl IntoView {
    let place = use_place();
    let search = use_search();
    let question = Signal::derive(move || Question::Entries {
        workspace: place.get().workspace,
        search: search.get(),
    });
    view! {
        <PageHead title=t!("Audit") lead=t!("Every step, newest first. Each entry carries the hash of the one before it.")/>
        <p class="quiet">
            {inline(phrase!(
                "A chain shows that something was changed; it does not prevent it. {command} computes it anew, from the database or from the log as a file.",
                command = html! { code { "tarazu audit verify" } }
            ))}
        </p>
        <p class="choices">
            <a class="button" download="" href=move || place.get().log()>
                {icon(Icon::Download)}
                {t!("Download the log")}
            </a>
            <a class="button" href=move || place.get().verify_log()>
                {icon(Icon::Met)}
                {t!("Verify the chain in this browser")}
            </a>
            <a class="button" href="/verify">
                {t!("Verify a file")}
            </a>
        </p>
        <form
            class="filters evidence"
            method="get"
            action="/api/v1/evidence.zip"
            aria-label=t!("Evidence")
        >
            <input type="hidden" name="workspace" value=move || place.get().workspace.to_string()/>
            <label>
                <span>{t!("Runs from")}</span>
                <input name="from" type="date"/>
            </label>
            <label>
                <span>{t!("To")}</span>
                <input name="to" type="date"/>
            </label>
            <button type="submit" class="button">
                {icon(Icon::Download)}
                {t!("Download their evidence")}
            </button>
        </form>
        <Answer question/>
    }
    .erased()
}

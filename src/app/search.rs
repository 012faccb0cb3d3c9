//! Search: where a key, a run, a file or a digest is, and why. The box for it stands on every page.

use model::t;
#[cfg(not(target_arch = "wasm32"))]
pub(crate) mod hits;

use crate::{
    frame::PageHead,
    icons::{Icon, icon},
    parts::{erase::Erase, fragment::Answer},
    place::use_place,
    queries::Question,
};
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

#[component]
pub(crate) fn SearchPage() -> impl IntoView {
    let place = use_place();
    let query = use_query_map();
    let question = Signal::derive(move || Question::Search {
        workspace: place.get().workspace,
        text: query.with(|it| it.get("q")).unwrap_or_default(),
    });
    view! {
        <PageHead title=t!("Search")/>
        <Answer question/>
    }
    .erased()
}

/// A plain form: it works without scripts.
#[component]
pub(crate) fn SearchBox() -> impl IntoView {
    let place = use_place();
    let query = use_query_map();
    view! {
        <form class="search" role="search" method="get" action=move || place.get().search()>
            <input
                type="search"
                name="q"
                aria-label=t!("Search for a key, run, file name or digest")
                placeholder=t!("Key, run, file or digest")
                autocomplete="off"
                spellcheck="false"
                value=move || query.with(|it| it.get("q")).unwrap_or_default()
            />
            <button type="submit" class="button" aria-label=t!("Search")>
                {icon(Icon::Search)}
            </button>
        </form>
    }
    .erased()
}

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
use leptos_router::{
    hooks::{use_location, use_query_map},
    location::Location,
};

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

/// A plain form: it works without scripts. Other pages have a `q` of their own.
#[component]
pub(crate) fn SearchBox() -> impl IntoView {
    let place = use_place();
    let Location {
        pathname, query, ..
    } = use_location();
    let is_search = move || pathname.with(|it| *it == place.get().search());
    let asked = move || query.with(|it| it.get("q")).filter(|_| is_search());
    view! {
        <form class="search" role="search" method="get" action=move || place.get().search()>
            <input
                type="search"
                name="q"
                aria-label=t!("Search for a key, run, file name or digest")
                placeholder=t!("Key, run, file or digest")
                autocomplete="off"
                spellcheck="false"
                value=move || asked().unwrap_or_default()
            />
            <button type="submit" class="button" aria-label=t!("Search")>
                {icon(Icon::Search)}
            </button>
        </form>
    }
    .erased()
}

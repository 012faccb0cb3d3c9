//! Runs: every file that was submitted to this workspace, newest first.

#[cfg(not(target_arch = "wasm32"))]
pub(crate) mod list;

use crate::{frame::PageHead, parts::fragment::Fragment, place::use_place, queries};
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;
use model::id::RunId;

#[component]
pub(crate) fn RunsPage() -> impl IntoView {
    let place = use_place();
    let query = use_query_map();
    let before = Memo::new(move |_| {
        let text = query.with(|it| it.get("before"))?;
        RunId::try_from(text).ok()
    });
    let list = Resource::new(
        move || (place.get(), before.get()),
        |(place, before)| queries::runs(place.workspace, before),
    );
    view! {
        <PageHead title="Runs" lead="Every file that was submitted, newest first."/>
        <Fragment html=list/>
    }
    .into_any()
}

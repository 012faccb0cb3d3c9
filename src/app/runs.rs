//! Runs: every file that was submitted to this workspace, newest first.

use model::t;
#[cfg(not(target_arch = "wasm32"))]
pub(crate) mod list;

use crate::{
    frame::PageHead,
    parts::{erase::Erase, fragment::Answer},
    place::use_place,
    queries::Question,
};
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;
use model::{id::RunId, run::RunKind};

#[component]
pub(crate) fn RunsPage() -> impl IntoView {
    let place = use_place();
    let query = use_query_map();
    let before = Memo::new(move |_| {
        let text = query.with(|it| it.get("before"))?;
        RunId::try_from(text).ok()
    });
    let kind = Memo::new(move |_| {
        let is_correction = query.with(|it| it.get("kind").is_some_and(|it| it == "correction"));
        if is_correction {
            RunKind::Correction
        } else {
            RunKind::File
        }
    });
    let question = Signal::derive(move || Question::Runs {
        workspace: place.get().workspace,
        kind: kind.get(),
        before: before.get(),
    });
    view! {
        <PageHead title=t!("Runs") lead=t!("Every file that was submitted, newest first.")/>
        <Answer question/>
    }
    .erased()
}

//! Quality: how well the files of this workspace pass, over time, by control and against one another.

use model::t;
#[cfg(not(target_arch = "wasm32"))]
mod changes;
#[cfg(not(target_arch = "wasm32"))]
mod compare;
#[cfg(not(target_arch = "wasm32"))]
mod controls;
#[cfg(not(target_arch = "wasm32"))]
pub(crate) mod page;

use crate::{
    frame::PageHead,
    parts::{erase::Erase, fragment::Answer},
    place::use_place,
    queries::Question,
};
use leptos::prelude::*;
use leptos_router::hooks::use_location;

#[component]
pub(crate) fn QualityPage() -> impl IntoView {
    let place = use_place();
    let search = use_location().search;
    let question = Signal::derive(move || Question::Quality {
        workspace: place.get().workspace,
        search: search.get(),
    });
    view! {
        <PageHead title=t!("Quality") lead=t!("Of files as they came, not of what was corrected since.")/>
        <Answer question/>
    }
    .erased()
}

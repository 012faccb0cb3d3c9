//! What stands beside the drop zone: how sales are, what drives them, how much is left out, what waits for someone.

#[cfg(not(target_arch = "wasm32"))]
pub(crate) mod glance;

use crate::{
    parts::{erase::Erase, fragment::Answer},
    place::use_place,
    queries::Question,
};
use leptos::prelude::*;

#[component]
pub(crate) fn Home() -> impl IntoView {
    let place = use_place();
    let question = Signal::derive(move || Question::Home {
        workspace: place.get().workspace,
    });
    view! { <Answer question/> }.erased()
}

//! Exceptions of all runs: what they are, and the list to work through. The server renders all of it; filters, selection
//! and acts are links and plain forms.

use model::t;
#[cfg(not(target_arch = "wasm32"))]
pub mod address;
#[cfg(not(target_arch = "wasm32"))]
mod bulk;
#[cfg(not(target_arch = "wasm32"))]
mod grid;
#[cfg(not(target_arch = "wasm32"))]
mod list;
#[cfg(not(target_arch = "wasm32"))]
mod overview;
#[cfg(not(target_arch = "wasm32"))]
pub(crate) mod page;
#[cfg(not(target_arch = "wasm32"))]
pub(crate) mod told;
#[cfg(not(target_arch = "wasm32"))]
mod trend;

use crate::{
    frame::PageHead,
    once::use_search,
    parts::{erase::Erase, fragment::Answer},
    place::use_place,
    queries::Question,
};
use leptos::prelude::*;

#[component]
pub(crate) fn ExceptionsPage() -> impl IntoView {
    #[cfg(target_arch = "wasm32")]
    {
        crate::web::pick::ranges();
        crate::web::live::judge_while_typed();
        crate::web::work_sheet::begin();
    }
    let place = use_place();
    let search = use_search();
    let question = Signal::derive(move || Question::Exceptions {
        workspace: place.get().workspace,
        search: search.get(),
    });
    view! {
        <PageHead title=t!("Exceptions")/>
        <Answer question/>
    }
    .erased()
}

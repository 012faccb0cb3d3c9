//! Sales: what the ledger of this workspace holds, over all runs that count, as far as the filters let it through.

use model::t;
#[cfg(not(target_arch = "wasm32"))]
pub(crate) mod board;
#[cfg(not(target_arch = "wasm32"))]
mod heat_map;
#[cfg(not(target_arch = "wasm32"))]
mod trend;

use crate::{
    frame::PageHead,
    parts::{erase::Erase, fragment::Answer},
    place::use_place,
    queries::Question,
};
use leptos::prelude::*;
use leptos_router::hooks::use_location;

#[component]
pub(crate) fn SalesPage() -> impl IntoView {
    let place = use_place();
    let search = use_location().search;
    let question = Signal::derive(move || Question::Sales {
        workspace: place.get().workspace,
        search: search.get(),
    });
    view! {
        <PageHead title=t!("Sales")/>
        <Answer question/>
    }
    .erased()
}

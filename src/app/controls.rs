//! Controls: the contracts that files are judged under, and the catalogue. Each control's page is also its executed
//! test, so what stands here is so.

use model::t;
#[cfg(not(target_arch = "wasm32"))]
mod asked;
#[cfg(not(target_arch = "wasm32"))]
pub(crate) mod catalogue;
#[cfg(not(target_arch = "wasm32"))]
pub(crate) mod contract;
#[cfg(not(target_arch = "wasm32"))]
mod edit;
#[cfg(not(target_arch = "wasm32"))]
pub(crate) mod shelf;
#[cfg(target_arch = "wasm32")]
mod trial;

use crate::{
    frame::PageHead,
    once::use_search,
    parts::{erase::Erase, fragment::Answer},
    place::use_place,
    queries::Question,
};
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;

#[component]
pub(crate) fn ControlsPage() -> impl IntoView {
    let place = use_place();
    let contracts = Signal::derive(move || Question::Contracts {
        workspace: place.get().workspace,
    });
    view! {
        <PageHead
            title=t!("Controls")
            lead=t!("The contracts that files are judged under, and what each control finds, with examples that are run as tests.")
        />
        <Answer question=contracts/>
        <Answer question=Signal::stored(Question::Catalogue)/>
    }
    .erased()
}

/// One contract: what it asks for, its versions, and drafts of the next one. Its forms are plain ones.
#[component]
pub(crate) fn ContractPage() -> impl IntoView {
    #[cfg(target_arch = "wasm32")]
    trial::try_when_asked();
    let place = use_place();
    let params = use_params_map();
    let search = use_search();
    let name = Memo::new(move |_| params.with(|it| it.get("name")).unwrap_or_default());
    let question = Signal::derive(move || Question::Contract {
        workspace: place.get().workspace,
        name: name.get(),
        search: search.get(),
    });
    view! {
        {move || view! { <PageHead title=t!("Contract {get}", get = name.get())/> }}
        <Answer question/>
    }
    .erased()
}

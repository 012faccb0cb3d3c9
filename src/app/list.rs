//! A list of a contract: its values, and what they are called otherwise. The server renders all of it, and its forms are
//! plain ones.

#[cfg(not(target_arch = "wasm32"))]
pub(crate) mod page;

use crate::{
    frame::PageHead,
    once::use_search,
    parts::{erase::Erase, fragment::Answer},
    place::use_place,
    queries::Question,
};
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;
use model::t;

#[component]
pub(crate) fn ListPage() -> impl IntoView {
    let place = use_place();
    let params = use_params_map();
    let search = use_search();
    let named = Memo::new(move |_| {
        let part = |name: &str| params.with(|it| it.get(name).unwrap_or_default());
        (part("name"), part("list"))
    });
    move || {
        let (contract, list) = named.get();
        let title = t!("List {list}", list = list);
        let question = Signal::derive(move || Question::List {
            workspace: place.get().workspace,
            contract: contract.clone(),
            list: list.clone(),
            search: search.get(),
        });
        view! {
            <PageHead title=title/>
            <Answer question/>
        }
        .erased()
    }
}

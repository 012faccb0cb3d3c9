//! Rows: the ledger as a list, its filter in the address; and one row with the way that it took.

use model::t;
#[cfg(not(target_arch = "wasm32"))]
pub(crate) mod address;
#[cfg(not(target_arch = "wasm32"))]
pub(crate) mod list;
#[cfg(not(target_arch = "wasm32"))]
pub(crate) mod one;
#[cfg(not(target_arch = "wasm32"))]
pub(crate) mod way;

use crate::{
    frame::PageHead,
    parts::{erase::Erase, fragment::Answer, notice::NoSuchPage},
    place::use_place,
    queries::Question,
};
use leptos::prelude::*;
use leptos_router::hooks::{use_location, use_params_map};
use model::id::RunId;

#[component]
pub(crate) fn RowsPage() -> impl IntoView {
    let place = use_place();
    let search = use_location().search;
    let question = Signal::derive(move || Question::Ledger {
        workspace: place.get().workspace,
        search: search.get(),
    });
    view! {
        <PageHead title=t!("Rows") lead=t!("Every row that was accepted, with where it came from.")/>
        <Answer question/>
    }
    .erased()
}

#[component]
pub(crate) fn OneRowPage() -> impl IntoView {
    let place = use_place();
    let params = use_params_map();
    let named = Memo::new(move |_| {
        params.with(|it| {
            let run = RunId::try_from(it.get("id")?).ok()?;
            let record: u64 = it.get("record")?.parse().ok()?;
            Some((run, record))
        })
    });
    move || match named.get() {
        None => view! { <NoSuchPage/> }.erased(),
        Some((run, record)) => {
            let question = Signal::derive(move || Question::Row {
                workspace: place.get().workspace,
                run: run.clone(),
                record,
            });
            view! {
                <PageHead title=t!("Row {record}", record = record)/>
                <Answer question/>
            }
            .erased()
        }
    }
}

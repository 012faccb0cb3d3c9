//! One exception: what was found, where it stands, and what can be done about it. The server renders all of it, and its
//! forms are plain ones.

use model::t;
#[cfg(not(target_arch = "wasm32"))]
pub(crate) mod page;

use crate::{
    frame::PageHead,
    once::use_search,
    parts::{erase::Erase, fragment::Answer, notice::NoSuchPage},
    place::use_place,
    queries::Question,
};
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;
use model::id::RunId;

#[component]
pub(crate) fn ExceptionPage() -> impl IntoView {
    #[cfg(target_arch = "wasm32")]
    crate::web::live::judge_while_typed();
    let place = use_place();
    let params = use_params_map();
    let search = use_search();
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
            let question = Signal::derive(move || Question::Exception {
                workspace: place.get().workspace,
                run: run.clone(),
                record,
                search: search.get(),
            });
            view! {
                <PageHead title=t!("Exception {record}", record = record)/>
                <Answer question/>
            }
            .erased()
        }
    }
}

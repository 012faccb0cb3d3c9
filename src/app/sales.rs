//! Sales: what the ledger of this workspace holds, over all runs that count.

#[cfg(not(target_arch = "wasm32"))]
pub(crate) mod figures;

use crate::{frame::PageHead, parts::fragment::Answer, place::use_place, queries::Question};
use leptos::prelude::*;

#[component]
pub(crate) fn SalesPage() -> impl IntoView {
    let place = use_place();
    let question = Signal::derive(move || Question::Sales {
        workspace: place.get().workspace,
    });
    view! {
        <PageHead title="Sales" lead="All rows in the ledger, over every complete run of this workspace."/>
        <Answer question/>
    }
    .into_any()
}

//! Sales: what the ledger of this workspace holds, over all runs that count.

#[cfg(not(target_arch = "wasm32"))]
pub(crate) mod figures;

use crate::{frame::PageHead, parts::fragment::Fragment, place::use_place, queries};
use leptos::prelude::*;

#[component]
pub(crate) fn SalesPage() -> impl IntoView {
    let place = use_place();
    let sales = Resource::new(move || place.get(), |place| queries::sales(place.workspace));
    view! {
        <PageHead title="Sales" lead="All rows in the ledger, over every complete run of this workspace."/>
        <Fragment html=sales/>
    }
    .into_any()
}

//! Controls: the catalogue. Each control's page is also its executed test, so what stands here is so.

#[cfg(not(target_arch = "wasm32"))]
pub(crate) mod catalogue;

use crate::{frame::PageHead, parts::fragment::Answer, queries::Question};
use leptos::prelude::*;

#[component]
pub(crate) fn ControlsPage() -> impl IntoView {
    view! {
        <PageHead title="Controls" lead="What each control finds, with examples that are run as tests."/>
        <Answer question=Signal::stored(Question::Catalogue)/>
    }
    .into_any()
}

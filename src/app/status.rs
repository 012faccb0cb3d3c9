//! How a page tells the server which HTTP status its answer deserves.

use leptos::prelude::*;
use std::sync::Arc;

/// Put into the context by the server; absent in the browser.
#[derive(Clone)]
pub struct AnswerStatus(pub Arc<dyn Fn(u16) + Send + Sync>);

pub(crate) fn answer(status: u16) {
    if let Some(AnswerStatus(set)) = use_context() {
        set(status);
    }
}

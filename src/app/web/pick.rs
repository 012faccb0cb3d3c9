//! Choosing rows from one to another: a click with Shift chooses, or leaves, all between it and the click before.

use leptos::{ev, prelude::*};
use wasm_bindgen::JsCast;
use web_sys::HtmlInputElement;

/// Begins to listen, as long as the page is there.
pub(crate) fn ranges() {
    let before = StoredValue::new_local(None::<HtmlInputElement>);
    let heard = window_event_listener(ev::click, move |event| {
        let clicked = event
            .target()
            .and_then(|it| it.dyn_into::<HtmlInputElement>().ok());
        let Some(clicked) = clicked.filter(|it| it.class_list().contains("pick")) else {
            return;
        };
        let from = before
            .try_update_value(|it| it.replace(clicked.clone()))
            .flatten();
        if let (true, Some(from)) = (event.shift_key(), from) {
            choose(&from, &clicked);
        }
    });
    on_cleanup(move || heard.remove());
}

fn choose(from: &HtmlInputElement, to: &HtmlInputElement) {
    let Ok(all) = document().query_selector_all("input.pick") else {
        return;
    };
    let all = (0..all.length()).filter_map(|at| all.item(at)?.dyn_into::<HtmlInputElement>().ok());
    let mut within = false;
    for it in all {
        let is_end = it == *from || it == *to;
        if within || is_end {
            it.set_checked(to.checked());
        }
        // One row that is both ends begins nothing.
        if is_end && from != to {
            within = !within;
        }
    }
}

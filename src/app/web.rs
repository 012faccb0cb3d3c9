//! What only a browser can do, for all pages.

pub(crate) mod download;
pub(crate) mod follow;
pub(crate) mod http;

use crate::{
    check::{Desk, driver},
    clock::Now,
};
use leptos::prelude::*;
use leptos_router::{NavigateOptions, hooks::use_navigate};
use std::time::Duration;
use wasm_bindgen::JsCast;
use web_sys::HtmlElement;

/// Called once, by the frame: from here on drop zone, clock and focus work.
pub(crate) fn wake(desk: Desk, path: Memo<String>) {
    let navigate = use_navigate();
    driver::start(desk, move |to: &str| {
        navigate(to, NavigateOptions::default());
    });

    let Now(now) = expect_context();
    Effect::new(move |_| {
        now.set(Some(clock()));
        desk.awake.set(true);
    });
    let ticking = set_interval_with_handle(move || now.set(Some(clock())), Duration::from_secs(20));
    // Without the ticking, ages stand still: no reason to stop.
    drop(ticking);

    // A new page begins at its content, for those who read by ear or by keyboard.
    Effect::new(move |before: Option<String>| {
        let path = path.get();
        if before.is_some_and(|it| it != path) {
            let main = document().get_element_by_id("main");
            if let Some(main) = main.and_then(|it| it.dyn_into::<HtmlElement>().ok()) {
                // An element that cannot take the focus keeps the page as it is.
                let _ = main.focus();
            }
        }
        path
    });
}

/// Milliseconds since 1970.
fn clock() -> i64 {
    #[expect(
        clippy::cast_possible_truncation,
        reason = "a clock's milliseconds fit 53 bits"
    )]
    let now = js_sys::Date::now() as i64;
    now
}

/// Now, in whole seconds, as the engine takes it: `2026-11-23T18:50:12Z`.
pub(crate) fn evaluated_at() -> String {
    let now = String::from(js_sys::Date::new_0().to_iso_string());
    let seconds = now.split('.').next().unwrap_or(&now);
    format!("{seconds}Z")
}

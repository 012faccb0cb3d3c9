//! What only a browser can do, for all pages.

pub(crate) mod come;
mod copy;
pub(crate) mod download;
mod filters;
mod focus;
pub(crate) mod follow;
pub(crate) mod http;
pub(crate) mod live;
mod locale;
pub(crate) mod pick;
pub(crate) mod work_sheet;

use crate::{
    check::{Desk, Step, driver},
    format,
    frame::{MORE, PRINTED},
};
use leptos::{prelude::*, task::spawn_local};
use leptos_router::{NavigateOptions, hooks::use_navigate};
use model::t;
use std::{cell::Cell, rc::Rc, time::Duration};
use wasm_bindgen::JsCast;
use web_sys::HtmlElement;

thread_local! {
    /// A page was opened, and what it shows has not come yet.
    static OPENED: Cell<bool> = const { Cell::new(false) };
}

/// Called once, by the frame: from here on drop zone, clock and focus work.
pub(crate) fn wake(desk: Desk, path: Memo<String>) {
    let navigate = use_navigate();
    focus::keep();
    filters::apply_at_once(navigate.clone());
    copy::copy_charts();
    locale::switch_at_once(desk);
    let navigate = move |to: &str| navigate(to, NavigateOptions::default());
    come::listen(desk, navigate.clone());
    open_check_when_asked(desk, navigate);

    let _ = window_event_listener_untyped("beforeprint", |_| say_when_printed());
    Effect::new(move |_| desk.awake.set(true));
    // Never stopped: the frame lives as long as the page.
    set_interval(show_ages, Duration::from_secs(20));

    // A new page begins at its content, for those who read by ear or by keyboard.
    Effect::new(move |before: Option<String>| {
        let path = path.get();
        if before.is_some_and(|it| it != path) {
            // A menu that is not open has nothing to close, and what cannot take the focus leaves it where it is.
            let _ = element(MORE).map(|it| it.hide_popover());
            let _ = element("main").map(|it| it.focus());
            OPENED.set(true);
        }
        path
    });
}

/// The part that does what Check asks comes when something is asked.
fn open_check_when_asked(desk: Desk, navigate: impl Fn(&str) + Clone + 'static) {
    let Some(owner) = Owner::current() else {
        return;
    };
    let begun = Rc::new(Cell::new(false));
    Effect::new(move |_| {
        if !desk.has_asked() || begun.replace(true) {
            return;
        }
        // Of an earlier try.
        if matches!(desk.step.get_untracked(), Step::Failed { .. }) {
            desk.step.set(Step::Empty);
        }
        let begun = Rc::clone(&begun);
        // The frame lives as long as the page, and this with it.
        let start = driver::start(desk, Box::new(navigate.clone()), owner.clone());
        spawn_local(async move {
            if start.await.is_err() {
                begun.set(false);
                come::give_back_what_came();
                desk.could_not_start();
            }
        });
    });
}

fn element(id: &str) -> Option<HtmlElement> {
    document().get_element_by_id(id)?.dyn_into().ok()
}

/// After HTML of the server's making was put in.
pub(crate) fn settle() {
    show_ages();
    work_sheet::settle();
    go_to_place();
}

/// The router looks for the place that an address names before the page has it. Who reads by keyboard goes on from there.
fn go_to_place() {
    let hash = window().location().hash().unwrap_or_default();
    let place = hash.strip_prefix('#').and_then(element);
    if let Some(place) = place.filter(|_| OPENED.take()) {
        place.scroll_into_view();
        let link = place.query_selector("a[href]").ok().flatten();
        // As above.
        let _ = link
            .and_then(|it| it.dyn_into::<HtmlElement>().ok())
            .map(|it| it.focus());
    }
}

/// Fills in how long ago things were, in what the server rendered.
fn show_ages() {
    let Ok(places) = document().query_selector_all("[data-since]") else {
        return;
    };
    let now = clock();
    for place in (0..places.length()).filter_map(|at| places.item(at)) {
        let since = place
            .dyn_ref::<HtmlElement>()
            .and_then(|it| it.get_attribute("data-since"));
        let since = since.and_then(|it| it.parse().ok());
        let age = since.and_then(|since| format::ago(now, since));
        place.set_text_content(age.as_deref());
    }
}

/// In the head of the paper, below whose figures the time goes on.
fn say_when_printed() {
    if let Some(place) = element(PRINTED) {
        let time = format::stamp(&evaluated_at()).text;
        place.set_text_content(Some(&t!("printed {time}, Indian time", time = time)));
    }
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

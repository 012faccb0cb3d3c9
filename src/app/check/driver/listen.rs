//! What comes from outside the page's own buttons: files that are dropped, and text that is pasted.

use super::Driver;
use crate::check::desk::Desk;
use leptos::{leptos_dom::helpers::window_event_listener, prelude::*};
use std::rc::Rc;
use wasm_bindgen::JsCast;
use web_sys::{DataTransfer, DragEvent, Element, File, FileList};

/// A file may be dropped anywhere, on any page.
pub(super) fn listen(driver: &Rc<Driver>) {
    let desk = driver.desk;
    let over = window_event_listener(leptos::ev::dragover, move |event: DragEvent| {
        if carries_files(&event) {
            event.prevent_default();
            if !desk.dragging.get_untracked() {
                desk.dragging.set(true);
            }
        }
    });
    let leave = window_event_listener(leptos::ev::dragleave, move |event: DragEvent| {
        // Between two elements there is a related target; outside the window there is none.
        if event.related_target().is_none() {
            desk.dragging.set(false);
        }
    });
    let dropped = {
        let driver = driver.clone();
        window_event_listener(leptos::ev::drop, move |event: DragEvent| {
            desk.dragging.set(false);
            if at_verify() {
                return;
            }
            let files = event.data_transfer().and_then(|it| it.files());
            let files = files.as_ref().map(listed).unwrap_or_default();
            if !files.is_empty() {
                event.prevent_default();
                driver.open_check();
                driver.take_in(files);
            }
        })
    };
    let pasted = {
        let driver = driver.clone();
        window_event_listener(leptos::ev::paste, move |event| {
            let data = js_sys::Reflect::get(&event, &"clipboardData".into()).ok();
            let data = data.and_then(|it| it.dyn_into::<DataTransfer>().ok());
            if let Some(data) = data.filter(|_| takes_what_is_pasted(&event)) {
                driver.take_pasted(&data);
            }
        })
    };
    // The frame lives as long as the page does.
    for handle in [over, leave, dropped] {
        drop(handle);
    }
    drop(pasted);
}

/// That page takes files of its own.
fn at_verify() -> bool {
    window()
        .location()
        .pathname()
        .is_ok_and(|it| it == "/verify")
}

/// Check does, where no field and no grid of its own takes it.
fn takes_what_is_pasted(event: &web_sys::Event) -> bool {
    let target = event.target().and_then(|it| it.dyn_into::<Element>().ok());
    let own = target.and_then(|it| it.closest("input, textarea, select, table").ok().flatten());
    let at_check = document().get_element_by_id(Desk::INPUT).is_some();
    own.is_none() && at_check && !at_verify()
}

pub(super) fn listed(files: &FileList) -> Vec<File> {
    (0..files.length()).filter_map(|it| files.get(it)).collect()
}

fn carries_files(event: &DragEvent) -> bool {
    let types = event.data_transfer().map(|it| it.types());
    types.is_some_and(|it| it.includes(&"Files".into(), 0))
}

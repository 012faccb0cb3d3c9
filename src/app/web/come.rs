//! Files that come: chosen, dropped on any page, or pasted. They are kept until Check takes them, since the part of the
//! program that does may have to come first.

use crate::{
    check::{Command, Desk},
    place::{Page, Place},
};
use js_sys::Array;
use leptos::{ev, leptos_dom::helpers::window_event_listener, prelude::*};
use std::cell::RefCell;
use wasm_bindgen::JsCast;
use web_sys::{DataTransfer, DragEvent, Element, Event, File, FileList, HtmlInputElement};

thread_local! {
    static CAME: RefCell<Vec<File>> = const { RefCell::new(Vec::new()) };
}

/// Never stopped: the frame lives as long as the page does.
pub(super) fn listen(desk: Desk, navigate: impl Fn(&str) + 'static) {
    let _ = window_event_listener(ev::dragover, move |event: DragEvent| {
        if carries_files(&event) {
            event.prevent_default();
            if !desk.dragging.get_untracked() {
                desk.dragging.set(true);
                if !at_verify() {
                    desk.ask(Command::Warm);
                }
            }
        }
    });
    let _ = window_event_listener(ev::dragleave, move |event: DragEvent| {
        // Between two elements there is a related target; outside the window there is none.
        if event.related_target().is_none() {
            desk.dragging.set(false);
        }
    });
    let _ = window_event_listener(ev::drop, move |event: DragEvent| {
        desk.dragging.set(false);
        if at_verify() {
            return;
        }
        let files = event.data_transfer().map(|it| files_of(&it));
        let files = files.unwrap_or_default();
        if !files.is_empty() {
            event.prevent_default();
            open_check(&navigate);
            keep(desk, files);
        }
    });
    let _ = window_event_listener(ev::paste, move |event| {
        let data = js_sys::Reflect::get(&event, &"clipboardData".into()).ok();
        let data = data.and_then(|it| it.dyn_into::<DataTransfer>().ok());
        if let Some(data) = data.filter(|_| takes_what_is_pasted(&event)) {
            keep(desk, pasted(&data));
        }
    });
}

/// Those that stand in the file input.
pub(crate) fn chosen(desk: Desk) {
    if let Some(input) = input() {
        keep(desk, input.files().as_ref().map(listed).unwrap_or_default());
        // Emptied, so that choosing the same file once more is a change again.
        input.set_value("");
    }
}

/// Those that came last.
pub(crate) fn taken() -> Vec<File> {
    CAME.take()
}

/// Back into the file input, so that they can be sent by the plain form.
pub(crate) fn give_back(files: &[File]) {
    let (Some(input), Ok(data)) = (input(), DataTransfer::new()) else {
        return;
    };
    let items = data.items();
    if files.iter().all(|it| items.add_with_file(it).is_ok()) {
        input.set_files(data.files().as_ref());
    }
}

/// Those that came and could not be taken.
pub(super) fn give_back_what_came() {
    CAME.with_borrow(|it| give_back(it));
}

fn keep(desk: Desk, files: Vec<File>) {
    if !files.is_empty() {
        CAME.set(files);
        desk.ask(Command::Come);
    }
}

fn input() -> Option<HtmlInputElement> {
    let input = document().get_element_by_id(Desk::INPUT)?;
    input.dyn_into().ok()
}

/// A table that was copied, or a file.
fn pasted(data: &DataTransfer) -> Vec<File> {
    let files = files_of(data);
    let text = data.get_data("text/plain").unwrap_or_default();
    if !files.is_empty() || !text.contains('\n') {
        return files;
    }
    let file = File::new_with_str_sequence(&Array::of1(&text.into()), "pasted_table.tsv");
    file.into_iter().collect()
}

fn files_of(data: &DataTransfer) -> Vec<File> {
    data.files().as_ref().map(listed).unwrap_or_default()
}

fn listed(files: &FileList) -> Vec<File> {
    (0..files.length()).filter_map(|it| files.get(it)).collect()
}

fn path() -> String {
    window().location().pathname().unwrap_or_default()
}

fn open_check(navigate: impl Fn(&str)) {
    let path = path();
    let check = Place::of(&path).href(Page::Check);
    if path.trim_end_matches('/') != check.trim_end_matches('/') {
        navigate(&check);
    }
}

/// That page takes files of its own.
fn at_verify() -> bool {
    path() == "/verify"
}

/// Check does, where no field and no grid of its own takes it.
fn takes_what_is_pasted(event: &Event) -> bool {
    let target = event.target().and_then(|it| it.dyn_into::<Element>().ok());
    let own = target.and_then(|it| it.closest("input, textarea, select, table").ok().flatten());
    own.is_none() && input().is_some() && !at_verify()
}

fn carries_files(event: &DragEvent) -> bool {
    let types = event.data_transfer().map(|it| it.types());
    types.is_some_and(|it| it.includes(&"Files".into(), 0))
}

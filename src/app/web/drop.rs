//! Files that are dropped, anywhere on any page.

use crate::check::{Command, Desk};
use leptos::{ev, leptos_dom::helpers::window_event_listener, prelude::*};
use std::cell::RefCell;
use web_sys::{DragEvent, File, FileList};

thread_local! {
    /// Until Check takes them.
    static DROPPED: RefCell<Vec<File>> = const { RefCell::new(Vec::new()) };
}

/// Never stopped: the frame lives as long as the page does.
pub(super) fn listen(desk: Desk) {
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
        let files = event.data_transfer().and_then(|it| it.files());
        let files = files.as_ref().map(listed).unwrap_or_default();
        if !files.is_empty() {
            event.prevent_default();
            DROPPED.set(files);
            desk.ask(Command::Dropped);
        }
    });
}

/// What was dropped last.
pub(crate) fn taken() -> Vec<File> {
    DROPPED.take()
}

pub(crate) fn listed(files: &FileList) -> Vec<File> {
    (0..files.length()).filter_map(|it| files.get(it)).collect()
}

/// That page takes files of its own.
pub(crate) fn at_verify() -> bool {
    window()
        .location()
        .pathname()
        .is_ok_and(|it| it == "/verify")
}

fn carries_files(event: &DragEvent) -> bool {
    let types = event.data_transfer().map(|it| it.types());
    types.is_some_and(|it| it.includes(&"Files".into(), 0))
}

//! What was laid down of files, kept in this browser until it was submitted or discarded; and how files with one header
//! are read, kept for the next one.

use crate::json;
use js_sys::JsString;
use leptos::prelude::window;
use model::{
    id::WorkspaceId,
    options::{Choice, Options},
};
use web_sys::Storage;

/// None where this browser keeps nothing.
fn storage() -> Option<Storage> {
    window().local_storage().ok().flatten()
}

/// What is said of a file in one workspace says nothing in another. In the main one the name is that which all had before.
fn of_digest(workspace: &WorkspaceId, digest: &str) -> String {
    if *workspace == WorkspaceId::main() {
        format!("tarazu.file.{digest}")
    } else {
        format!("tarazu.file.{workspace}.{digest}")
    }
}

fn of_names(options: &Options) -> String {
    // The browser has the tables of Unicode, which the program would bring for this alone.
    let names = options.columns.iter().map(|it| it.header.trim());
    let names = JsString::from(names.collect::<Vec<_>>().join("\u{1f}"));
    format!("tarazu.header.{}", names.to_lower_case())
}

fn read(key: &str) -> Option<Choice> {
    let text = storage()?.get_item(key).ok()??;
    json::read(&text)
}

/// Where there is no room, the choice is not kept; nothing else is lost by that.
fn write(key: &str, choice: &Choice) {
    let Some(storage) = storage() else { return };
    let text = serde_json::to_string(choice)
        .ok()
        .filter(|_| *choice != Choice::default());
    let _ = match text {
        Some(text) => storage.set_item(key, &text),
        None => storage.remove_item(key),
    };
}

pub(super) fn of_file(workspace: &WorkspaceId, digest: &str) -> Option<Choice> {
    read(&of_digest(workspace, digest))
}

pub(super) fn of_header(options: &Options) -> Option<Choice> {
    read(&of_names(options))
}

/// Keeps of it for files with this header what columns and dates are.
pub(super) fn put_header(options: &Options, choice: &Choice) {
    let of_header = Choice {
        columns: choice.columns.clone(),
        date_forms: choice.date_forms.clone(),
        ..Choice::default()
    };
    write(&of_names(options), &of_header);
}

/// Keeps it for this file alone; a choice that lays nothing down is forgotten.
pub(super) fn put_file(workspace: &WorkspaceId, digest: &str, choice: &Choice) {
    write(&of_digest(workspace, digest), choice);
}

/// Where the rest of a file goes of which some arrived.
pub(super) fn upload(key: &str) -> Option<String> {
    storage()?.get_item(&format!("tarazu.upload.{key}")).ok()?
}

pub(super) fn put_upload(key: &str, address: Option<&str>) {
    let Some(storage) = storage() else { return };
    let key = format!("tarazu.upload.{key}");
    let _ = match address {
        Some(address) => storage.set_item(&key, address),
        None => storage.remove_item(&key),
    };
}

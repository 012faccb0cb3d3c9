//! Hands the file to the program `sheets`, which has the engine, the chain and what unpacks zips.

use super::{INPUT, Step};
use crate::{
    check::worker_client::{Heard, SHEETS, WorkerClient},
    place::Place,
    web::http::get_blob,
};
use js_sys::Array;
use leptos::{leptos_dom::helpers::window_event_listener, prelude::*, task::spawn_local};
use model::t;
use model::{
    id::WorkspaceId,
    message::{Ask, Tell},
};
use wasm_bindgen::JsCast;
use web_sys::{DragEvent, File, HtmlInputElement};

const BROKEN: &str = t!(
    "The checker could not start in this browser, or the file is larger than it has room for. Nothing \
                      was sent. Reload the page, or use tarazu audit verify --file FILE."
);

type Client = StoredValue<Option<WorkerClient>, LocalStorage>;

pub(super) fn start(
    ready: RwSignal<bool>,
    step: RwSignal<Step>,
    chosen: RwSignal<u32>,
    log: Option<WorkspaceId>,
) {
    // Ends with the page, and the worker with it.
    let client: Client = StoredValue::new_local(None);
    Effect::new(move |_| {
        client.set_value(begin(ready, step));
    });
    Effect::new(move |_| {
        if chosen.get() > 0
            && let Some(file) = in_input()
        {
            check(client, ready, step, &file);
        }
    });
    if let Some(workspace) = log {
        let asked = StoredValue::new(false);
        Effect::new(move |_| {
            if ready.get() && !asked.get_value() {
                asked.set_value(true);
                let workspace = workspace.clone();
                spawn_local(async move { fetch(client, ready, step, &workspace).await });
            }
        });
    }
    let dropped = window_event_listener(leptos::ev::drop, move |event: DragEvent| {
        let files = event.data_transfer().and_then(|it| it.files());
        if let Some(file) = files.and_then(|it| it.get(0)) {
            event.prevent_default();
            check(client, ready, step, &file);
        }
    });
    on_cleanup(move || dropped.remove());
}

fn begin(ready: RwSignal<bool>, step: RwSignal<Step>) -> Option<WorkerClient> {
    let heard = move |heard| match heard {
        Heard::Said {
            tell: Tell::Verified { checks },
            ..
        } => match step.get_untracked() {
            Step::Checking { name } => step.set(Step::Checked { name, checks }),
            _ => ready.set(true),
        },
        Heard::Said {
            tell: Tell::Failed { text },
            ..
        } => step.set(Step::Failed { text }),
        Heard::Said { .. } => {}
        Heard::Broken => {
            ready.set(false);
            step.set(Step::Failed {
                text: BROKEN.to_owned(),
            });
        }
    };
    let client = WorkerClient::start(SHEETS, heard).ok()?;
    // Without a file it says that it is there.
    client.ask(&Ask::Verify, None).ok()?;
    Some(client)
}

fn check(client: Client, ready: RwSignal<bool>, step: RwSignal<Step>, file: &File) {
    if !ready.get_untracked() {
        client.set_value(begin(ready, step));
    }
    step.set(Step::Checking { name: file.name() });
    let asked = client.with_value(|it| {
        let client = it.as_ref()?;
        client.ask(&Ask::Verify, Some(file)).ok()
    });
    if asked.is_none() {
        step.set(Step::Failed {
            text: BROKEN.to_owned(),
        });
    }
}

/// The log as it is now, from the server.
async fn fetch(
    client: Client,
    ready: RwSignal<bool>,
    step: RwSignal<Step>,
    workspace: &WorkspaceId,
) {
    let name = format!("audit-{workspace}.ndjson");
    step.set(Step::Checking { name: name.clone() });
    let log = get_blob(&Place::new(workspace.clone()).log()).await;
    let parts = log.ok().flatten().map(|it| Array::of1(&it));
    let file = parts.and_then(|it| File::new_with_blob_sequence(&it, &name).ok());
    match file {
        Some(file) => check(client, ready, step, &file),
        None => step.set(Step::Failed {
            text: t!("The log could not be fetched. Try again, or download it on the page Audit and choose it here.")
                .to_owned(),
        }),
    }
}

fn in_input() -> Option<File> {
    let input = document().get_element_by_id(INPUT)?;
    let input: HtmlInputElement = input.dyn_into().ok()?;
    let file = input.files()?.get(0);
    // The same file can be chosen again.
    input.set_value("");
    file
}

//! Hands the file to the program `sheets`, which has the engine, the chain and what unpacks zips.

use super::{INPUT, Program, Reach, Shown, Step};
use crate::{
    check::worker_client::{Heard, SHEETS, WorkerClient},
    place::Place,
    web::http::get_long_blob,
};
use js_sys::Array;
use leptos::{prelude::*, reactive::owner::WeakOwner, task::spawn_local};
use model::t;
use model::{
    id::WorkspaceId,
    message::{Ask, Tell},
};
use wasm_bindgen::JsCast;
use wasm_split_helpers::{SplitLoaderError, wasm_split};
use web_sys::{File, HtmlInputElement};

pub(super) const BROKEN: &str = t!(
    "The checker could not start in this browser, or the file is larger than it has room for. Nothing \
                      was sent. Reload the page, or use tarazu audit verify --file FILE."
);

type Client = StoredValue<Option<WorkerClient>, LocalStorage>;

/// Takes files from here on: what that takes is in a part of the program of its own.
#[wasm_split(work, fallible)]
pub(super) fn start(
    shown: Shown,
    chosen: RwSignal<u32>,
    log: Option<WorkspaceId>,
    page: WeakOwner,
) -> Result<(), SplitLoaderError> {
    // Unless the page was left meanwhile.
    if let Some(page) = page.upgrade() {
        page.with(|| take(shown, chosen, log));
    }
    Ok(())
}

fn take(shown: Shown, chosen: RwSignal<u32>, log: Option<WorkspaceId>) {
    // Ends with the page, and the worker with it.
    let client: Client = StoredValue::new_local(None);
    Effect::new(move |_| {
        client.set_value(begin(shown));
    });
    Effect::new(move |_| {
        if chosen.get() > 0
            && let Some(file) = in_input()
        {
            check(client, shown, &file);
        }
    });
    if let Some(workspace) = log {
        let asked = StoredValue::new(false);
        Effect::new(move |_| {
            if shown.program.get() == Program::Ready && !asked.get_value() {
                asked.set_value(true);
                // A file that was chosen before goes first.
                if shown.step.get_untracked() == Step::Empty {
                    let workspace = workspace.clone();
                    spawn_local(async move { fetch(client, shown, &workspace).await });
                }
            }
        });
    }
}

fn begin(shown: Shown) -> Option<WorkerClient> {
    shown.program.set(Program::Loading);
    let heard = move |heard| match heard {
        Heard::Said { id, tell, .. } => hear(shown, id, tell),
        Heard::Broken => {
            shown.program.set(Program::Broken);
            shown.step.set(Step::Failed {
                text: BROKEN.to_owned(),
            });
        }
    };
    let client = WorkerClient::start(SHEETS, heard).ok()?;
    // Without a file it says that it is there.
    client.ask(&Ask::Verify, None).ok()?;
    Some(client)
}

fn hear(shown: Shown, id: u32, tell: Tell) {
    // What is said of a file that another one has followed is said of nothing on the page.
    let asked = match shown.step.get_untracked() {
        Step::Checking { name, ask } if ask == id => Some(name),
        _ => None,
    };
    match (tell, asked) {
        (Tell::Verifying(progress), Some(_)) => shown.reach.set(Some(Reach::Checked(progress))),
        (Tell::Verified { checks }, Some(name)) => shown.step.set(Step::Checked { name, checks }),
        (Tell::Failed { text }, Some(_)) => shown.step.set(Step::Failed { text }),
        (Tell::Verified { checks }, None) if checks.is_empty() => {
            shown.program.set(Program::Ready);
        }
        _ => {}
    }
}

fn check(client: Client, shown: Shown, file: &File) {
    let broken = shown.program.get_untracked() == Program::Broken;
    // One that is still being loaded answers when it is there.
    if broken || client.with_value(Option::is_none) {
        client.set_value(begin(shown));
    }
    let ask = client.with_value(|it| it.as_ref()?.ask(&Ask::Verify, Some(file)).ok());
    shown.reach.set(None);
    shown.step.set(match ask {
        Some(ask) => Step::Checking {
            name: file.name(),
            ask,
        },
        None => Step::Failed {
            text: BROKEN.to_owned(),
        },
    });
}

/// The log as it is now, from the server.
async fn fetch(client: Client, shown: Shown, workspace: &WorkspaceId) {
    let name = format!("audit-{workspace}.ndjson");
    shown.reach.set(None);
    shown.step.set(Step::Fetching { name: name.clone() });
    // Not once a file was chosen meanwhile, or the page was left.
    let awaited = move || {
        let fetching = |it: &Step| matches!(it, Step::Fetching { .. });
        shown.step.try_with_untracked(fetching) == Some(true)
    };
    let progress = move |bytes, total| {
        if awaited() {
            shown.reach.set(Some(Reach::Fetched { bytes, total }));
        }
    };
    let log = get_long_blob(&Place::new(workspace.clone()).log(), progress).await;
    if !awaited() {
        return;
    }
    let parts = log.ok().flatten().map(|it| Array::of1(&it));
    let file = parts.and_then(|it| File::new_with_blob_sequence(&it, &name).ok());
    match file {
        Some(file) => check(client, shown, &file),
        None => shown.step.set(Step::Failed {
            text: t!("The log could not be fetched. Try again, or download it on the page Audit and choose it here.")
                .to_owned(),
        }),
    }
}

fn in_input() -> Option<File> {
    let input = input()?;
    let file = input.files()?.get(0);
    // The same file can be chosen again.
    input.set_value("");
    file
}

pub(super) fn input() -> Option<HtmlInputElement> {
    document().get_element_by_id(INPUT)?.dyn_into().ok()
}

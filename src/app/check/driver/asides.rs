//! Programs that are started for one ask, and end with its answer: workbooks are opened and written, and contracts are
//! proposed.

use super::{Driver, save, text_alone};
use crate::{
    check::{
        desk::{Desk, Making, Proposing, Sending},
        proposal::Proposal,
        worker_client::{Heard, SHEETS, WORKER, WorkerClient},
    },
    web::download,
};
use js_sys::Array;
use leptos::{prelude::*, task::spawn_local};
use model::message::{Ask, ColumnRevision, Export, Revision, Tell};
use model::t;
use std::{rc::Rc, sync::Arc};
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Blob, File, FormData, HtmlElement, HtmlFormElement};

const CANNOT_OPEN: &str = t!(
    "This workbook could not be opened here: it is damaged, or larger than this browser has room \
                           for. Nothing was sent. Save its sheet as CSV and check that, or send the workbook without a \
                           preview, with the form above."
);

const CANNOT_WRITE: &str = t!(
    "The workbook could not be made here: these are more rows than this browser has room for. \
                            Take them as CSV; after Submit, the run's page has the workbook, too."
);

const CANNOT_PROPOSE: &str = t!(
    "The file's columns could not be looked at here. Nothing was sent, and the verdict is still \
                              here. `tarazu contract infer FILE` does the same outside the browser."
);

const NO_COLUMNS: &str = t!(
    "The file has no columns to make a contract of. Say under \"Read as\" which line is its header."
);

impl Driver {
    /// Starts a program for this one ask. It ends when it is dropped.
    fn start(
        self: &Rc<Self>,
        program: &str,
        ask: &Ask,
        file: &Blob,
        hear: impl Fn(&Rc<Self>, Heard) + 'static,
    ) -> Result<WorkerClient, JsValue> {
        let driver = Rc::downgrade(self);
        let client = WorkerClient::start(program, move |heard| {
            if let Some(driver) = driver.upgrade() {
                hear(&driver, heard);
            }
        })?;
        client.ask(ask, Some(file))?;
        Ok(client)
    }

    pub(super) fn open_workbook(self: &Rc<Self>, file: &File, turn: u32) {
        let ask = Ask::Open {
            choice: self.desk.choice.get_untracked(),
            contracts: self.contracts(),
        };
        let client = self.start(SHEETS, &ask, file, move |driver, heard| {
            if driver.turn.get() == turn {
                driver.hear_of_workbook(heard);
            }
        });
        match client {
            Ok(client) => drop(self.sheets.replace(Some(client))),
            Err(_) => self.broken(),
        }
    }

    fn hear_of_workbook(self: &Rc<Self>, heard: Heard) {
        // The program is not needed any more; its memory goes with it, when it has said this.
        let client = self.sheets.take();
        spawn_local(async move { drop(client) });
        let (tell, file) = match heard {
            Heard::Said { tell, file, .. } => (tell, file),
            Heard::Broken => (
                Tell::Failed {
                    text: CANNOT_OPEN.to_owned(),
                },
                JsValue::NULL,
            ),
        };
        match tell {
            Tell::Opened { origin, sheets } => {
                let Ok(text) = file.dyn_into::<Blob>() else {
                    return self.broken();
                };
                self.desk.sheets.set(Arc::new(sheets));
                self.text.replace(Some((text, *origin)));
                self.judge();
            }
            Tell::NoWorkbook => self.judge(),
            Tell::Failed { text } => self.fail(text),
            _ => self.broken(),
        }
    }

    pub(super) fn write_workbook(self: &Rc<Self>, what: Export) {
        let Some((blob, origin)) = self.on_desk() else {
            return;
        };
        let ask = Ask::Workbook {
            what,
            evaluated_at: self.evaluated_at.borrow().clone(),
            choice: self.desk.choice.get_untracked(),
            origin,
            contracts: self.contracts(),
        };
        let client = self.start(SHEETS, &ask, &blob, |driver, heard| {
            driver.hear_of_writing(heard);
        });
        self.desk.workbook.set(match client {
            Ok(client) => {
                self.writing.replace(Some(client));
                Making::Going
            }
            Err(_) => Making::Failed(CANNOT_WRITE.to_owned()),
        });
    }

    fn hear_of_writing(&self, heard: Heard) {
        // As with one that was opened.
        let client = self.writing.take();
        spawn_local(async move { drop(client) });
        self.desk.workbook.set(match heard {
            Heard::Said {
                tell: Tell::Export { name },
                file,
                ..
            } if save(&file, &name).is_ok() => Making::Not,
            Heard::Said {
                tell: Tell::Failed { text },
                ..
            } => Making::Failed(text),
            _ => Making::Failed(CANNOT_WRITE.to_owned()),
        });
    }

    /// By a worker of its own: it can be cancelled, and the verdict's rows stay at hand meanwhile.
    pub(super) fn propose(self: &Rc<Self>) {
        let Some((blob, origin)) = self.on_desk() else {
            return;
        };
        let name = self.file.borrow().as_ref().map(|(it, _)| it.name());
        let ask = Ask::Infer {
            name: self.free_name(without_ending(&name.unwrap_or_default())),
            choice: self.desk.choice.get_untracked(),
            origin,
        };
        let client = self.start(WORKER, &ask, &blob, |driver, heard| {
            driver.hear_of_proposal(heard);
        });
        self.desk.proposal.set(match client {
            Ok(client) => {
                self.proposing.replace(Some(client));
                Proposing::Going
            }
            Err(_) => Proposing::Failed(CANNOT_PROPOSE.to_owned()),
        });
    }

    fn hear_of_proposal(&self, heard: Heard) {
        // As with a workbook that was opened.
        let client = self.proposing.take();
        spawn_local(async move { drop(client) });
        self.desk.proposal.set(match heard {
            Heard::Said {
                tell:
                    Tell::Inferred {
                        contract,
                        rows,
                        is_whole,
                        kinds,
                        notes,
                    },
                ..
            } => match Proposal::read(&contract, kinds, (rows, is_whole), notes) {
                Some(proposal) => Proposing::Done(Arc::new(proposal)),
                None => Proposing::Failed(NO_COLUMNS.to_owned()),
            },
            Heard::Said {
                tell: Tell::Failed { text },
                ..
            } => Proposing::Failed(text),
            _ => Proposing::Failed(CANNOT_PROPOSE.to_owned()),
        });
        // Once it is drawn.
        request_animation_frame(|| {
            let heading = document().get_element_by_id(Desk::PROPOSAL);
            if let Some(heading) = heading.and_then(|it| it.dyn_into::<HtmlElement>().ok()) {
                // Nothing is lost where it cannot be.
                let _ = heading.focus();
            }
        });
    }

    /// Asks the worker what contract that makes which the form says now.
    pub(super) fn revise(self: &Rc<Self>) {
        let Proposing::Done(proposal) = self.desk.proposal.get_untracked() else {
            return;
        };
        let form = document().get_element_by_id(Desk::REVISION);
        let form = form.and_then(|it| it.dyn_into::<HtmlFormElement>().ok());
        let fields = form.and_then(|it| FormData::new_with_form(&it).ok());
        if let Some(fields) = fields {
            let ask = Ask::Revise {
                contract: proposal.drawn_up(),
                revision: revision(&fields, proposal.columns()),
            };
            self.ask(&ask, None);
        }
    }

    /// The verdict of before stays until there is another one.
    pub(super) fn judge_revised(self: &Rc<Self>, contract: &str) {
        let Proposing::Done(proposal) = self.desk.proposal.get_untracked() else {
            return;
        };
        let Some(revised) = proposal.revised(contract) else {
            return;
        };
        self.desk.proposal.set(Proposing::Done(Arc::new(revised)));
        self.desk.revision.set(String::new());
        self.desk.sending.set(Sending::Not);
        self.desk.choice.update(|it| *it = text_alone(it));
        self.desk.trying.set(true);
        self.desk.judging.set(true);
        self.judge();
    }

    pub(super) fn save_contract(&self) {
        let Proposing::Done(proposal) = self.desk.proposal.get_untracked() else {
            return;
        };
        let parts = Array::of1(&proposal.file().into());
        let saved = Blob::new_with_str_sequence(&parts)
            .and_then(|it| download::save(&it, &proposal.file_name()));
        if saved.is_err() {
            leptos::logging::error!("the contract could not be saved");
        }
    }
}

/// The file's name, as `tarazu contract infer` takes it for the contract's.
fn without_ending(name: &str) -> &str {
    match name.rsplit_once('.') {
        Some((stem, _)) if !stem.is_empty() => stem,
        _ => name,
    }
}

/// What a form says whose fields have the place of their column behind their names.
fn revision(fields: &FormData, columns: usize) -> Revision {
    let text = |name: &str| fields.get(name).as_string().unwrap_or_default();
    let columns = (0..columns).map(|place| {
        let text = |name: &str| text(&format!("{name}-{place}"));
        ColumnRevision {
            title: text("title"),
            kind: text("kind"),
            required: !text("required").is_empty(),
            key: !text("key").is_empty(),
            minimum: text("minimum"),
            maximum: text("maximum"),
            listed: !text("listed").is_empty(),
            usual: !text("usual").is_empty(),
        }
    });
    Revision {
        name: text("name"),
        money: text("money").parse().ok(),
        columns: columns.collect(),
    }
}

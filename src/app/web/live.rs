//! A row that is put right, judged while it is typed: by the program and under the contract that the server will use.

use crate::{
    check::worker_client::{Heard, WORKER, WorkerClient},
    json,
    place::Place,
    web::{evaluated_at, http},
};
use js_sys::Array;
use leptos::{ev, prelude::*, task::spawn_local};
use model::t;
use model::{
    control::Severity,
    finding::{FindingQuery, FlaggedRows},
    message::{Ask, Tell},
    options::Choice,
};
use std::{
    cell::{Cell, RefCell},
    rc::Rc,
};
use wasm_bindgen::{JsCast, JsValue};
use wasm_split_helpers::{SplitLoaderError, wasm_split};
use web_sys::{Blob, FormData, HtmlFormElement, HtmlInputElement};

/// Begins to listen to the forms of corrections, as long as the page is there.
pub(crate) fn judge_while_typed() {
    let live = Rc::new(Live::default());
    let kept = StoredValue::new_local(Rc::clone(&live));
    let heard = window_event_listener(ev::input, move |event| {
        let field = event
            .target()
            .and_then(|it| it.dyn_into::<HtmlInputElement>().ok());
        // A field of a table's row stands outside of its form.
        let form = field.and_then(|it| it.form());
        let form = form.filter(|it| it.has_attribute("data-choice"));
        if let (Some(form), Some(live)) = (form, kept.try_get_value()) {
            let typed = live.typed.get() + 1;
            live.typed.set(typed);
            // Where it does not come, nothing is said.
            spawn_local(async move {
                let _ = begin(live, form, typed).await;
            });
        }
    });
    on_cleanup(move || heard.remove());
}

/// What judging takes is in a part of the program of its own. What was typed since goes first.
#[wasm_split(work, fallible)]
fn begin(live: Rc<Live>, form: HtmlFormElement, typed: u32) -> Result<(), SplitLoaderError> {
    if live.typed.get() == typed {
        spawn_local(async move { live.judge(&form).await });
    }
    Ok(())
}

#[derive(Default)]
struct Live {
    /// How often something was typed.
    typed: Cell<u32>,
    client: RefCell<Option<WorkerClient>>,
    /// The contract in force, by its fingerprint; an empty text where the server names it no more.
    contract: RefCell<Option<(String, String)>>,
}

impl Live {
    /// Where anything is missing, nothing is said: the server judges it all the same.
    async fn judge(self: Rc<Self>, form: &HtmlFormElement) {
        let fingerprint = form.get_attribute("data-contract").unwrap_or_default();
        let known = self.contract.borrow().clone();
        let contract = match known.filter(|it| it.0 == fingerprint) {
            Some((_, text)) => text,
            None => {
                let text = contract(&fingerprint).await.unwrap_or_default();
                let known = (fingerprint, text.clone());
                self.contract.replace(Some(known));
                text
            }
        };
        let choice = form.get_attribute("data-choice");
        let choice = choice.and_then(|it| json::read::<Choice>(&it));
        if let (false, Some(choice)) = (contract.is_empty(), choice) {
            // A row that cannot be judged here is judged by the server.
            let _ = self.ask(form, choice, contract);
        }
    }

    fn ask(
        self: &Rc<Self>,
        form: &HtmlFormElement,
        choice: Choice,
        contract: String,
    ) -> Result<(), JsValue> {
        let file = file(form, choice.delimiter.unwrap_or(','))?;
        if self.client.borrow().is_none() {
            // The worker belongs to this, so that it cannot keep it alive.
            let live = Rc::downgrade(self);
            let heard = move |heard| {
                if let (Some(live), Heard::Said { tell, .. }) = (live.upgrade(), heard) {
                    live.hear(tell);
                }
            };
            self.client
                .replace(Some(WorkerClient::start(WORKER, heard)?));
        }
        if let Some(client) = self.client.borrow().as_ref() {
            let ask = Ask::Judge {
                evaluated_at: evaluated_at(),
                choice,
                origin: None,
                contracts: vec![contract],
            };
            client.ask(&ask, Some(&file))?;
        }
        Ok(())
    }

    fn hear(&self, tell: Tell) {
        match tell {
            Tell::Judged { verdict, .. } if verdict.held.is_none() => {
                let all = FindingQuery {
                    severity: Some(Severity::Error),
                    limit: 1,
                    ..FindingQuery::default()
                };
                if let Some(client) = self.client.borrow().as_ref() {
                    // As above.
                    let _ = client.ask(&Ask::Rows(all), None);
                }
            }
            Tell::Rows(rows) => say(&rows),
            _ => {}
        }
    }
}

fn say(rows: &FlaggedRows) {
    let Some(place) = document().get_element_by_id("judged-here") else {
        return;
    };
    let findings = rows.rows.first().map(|it| it.findings.as_slice());
    let errors = findings.unwrap_or_default().iter();
    let errors = errors.filter(|it| it.data.severity == Severity::Error);
    let texts: Vec<String> = errors.map(|it| it.text.replace('`', "\"")).collect();
    let text = match texts.as_slice() {
        [] => t!("As it stands, it passes. Whether its key is free is seen when it is saved.")
            .to_owned(),
        texts => texts.join(" "),
    };
    place.set_text_content(Some(&text));
}

/// The row below its header, as the server writes it.
fn file(form: &HtmlFormElement, delimiter: char) -> Result<JsValue, JsValue> {
    let fields = FormData::new_with_form(form)?;
    let cells = (0..).map_while(|at| fields.get(&format!("cell-{at}")).as_string());
    let header = form.get_attribute("data-header").unwrap_or_default();
    let header: Vec<String> = json::read(&header).unwrap_or_default();
    let text = line(header.iter().cloned(), delimiter) + &line(cells, delimiter);
    Blob::new_with_str_sequence(&Array::of1(&text.into())).map(Into::into)
}

/// A line as the server writes it.
pub(super) fn line(cells: impl Iterator<Item = String>, delimiter: char) -> String {
    let cells = cells.map(|it| format!("\"{}\"", it.replace('"', "\"\"")));
    let mut line = cells.collect::<Vec<_>>().join(&delimiter.to_string());
    line.push_str("\r\n");
    line
}

/// The contract of this fingerprint, if the server still names it.
pub(super) async fn contract(fingerprint: &str) -> Option<String> {
    let path = window().location().pathname().unwrap_or_default();
    let workspace = Place::of(&path).workspace;
    let address = format!("/api/v1/contracts?workspace={workspace}");
    let answer = http::get(&address).await.ok()?;
    let all: serde_json::Value = serde_json::from_str(&answer.text).ok()?;
    let mut all = all.get("contracts")?.as_array()?.iter();
    let found =
        all.find(|it| it.get("fingerprint").and_then(|it| it.as_str()) == Some(fingerprint));
    Some(found?.get("contract")?.to_string())
}

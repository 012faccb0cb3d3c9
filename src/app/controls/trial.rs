//! A draft tried on past files, in this browser: each is fetched and judged under what is in force and under the draft.
//! Nothing is sent.

use crate::{
    check::{
        driver::{may_be_workbook, start_of},
        worker_client::{Heard, SHEETS, WORKER, WorkerClient},
    },
    format, json,
    web::http::{get, get_blob},
};
use js_sys::Promise;
use leptos::{ev, leptos_dom::helpers::window_event_listener, prelude::*, task::spawn_local};
use model::t;
use model::{
    message::{Ask, Tell},
    options::Choice,
    verdict::Verdict,
};
use serde::Deserialize;
use std::{
    cell::{Cell, RefCell},
    fmt::Write,
    rc::Rc,
};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use wasm_split_helpers::{SplitLoaderError, wasm_split};
use web_sys::{Blob, Element, FormData, HtmlFormElement};

/// The form of a draft's page judges here instead of being sent.
pub(super) fn try_when_asked() {
    let turn = StoredValue::new_local(Rc::new(Cell::new(0_u32)));
    let heard = window_event_listener(ev::submit, move |event| {
        let form = event
            .target()
            .and_then(|it| it.dyn_into::<HtmlFormElement>().ok());
        let form = form.filter(|it| it.class_list().contains("trial"));
        if let (Some(form), Some(turn)) = (form, turn.try_get_value()) {
            event.prevent_default();
            let mine = turn.get() + 1;
            turn.set(mine);
            spawn_local(async move {
                if begin(form.clone(), turn, mine).await.is_err() {
                    say(&form, NOT_HERE);
                }
            });
        }
    });
    on_cleanup(move || heard.remove());
}

/// What of a run is wanted to judge its file again.
#[derive(Deserialize)]
struct PastRun {
    file_name: String,
    choice: Choice,
    evaluated_at: String,
}

/// What became of one file.
enum Tried {
    Judged {
        before: Option<Box<Verdict>>,
        after: Box<Verdict>,
    },
    Failed(&'static str),
}

const NOT_HERE: &str = t!("What tries drafts could not be loaded. Try it again.");
const NO_FILE: &str = t!("the file could not be fetched");
const NOT_JUDGED: &str = t!("the file could not be judged here");

/// What trying takes is in a part of the program of its own.
#[wasm_split(work, fallible)]
fn begin(form: HtmlFormElement, turn: Rc<Cell<u32>>, mine: u32) -> Result<(), SplitLoaderError> {
    spawn_local(async move { try_on(&form, &turn, mine).await });
    Ok(())
}

fn say(form: &HtmlFormElement, text: &str) {
    if let Ok(Some(place)) = form.query_selector(".tried") {
        place.set_inner_html(&paragraph(text));
    }
}

async fn try_on(form: &HtmlFormElement, turn: &Cell<u32>, mine: u32) {
    let Ok(Some(place)) = form.query_selector(".tried") else {
        return;
    };
    let runs = FormData::new_with_form(form).map(|it| it.get_all("run"));
    let runs = runs.unwrap_or_default();
    let runs: Vec<String> = runs.iter().filter_map(|it| it.as_string()).collect();
    if runs.is_empty() {
        return place.set_inner_html(&paragraph(t!("Choose a file to try it on.")));
    }
    let (Some(draft), before) = (
        version(form, "data-draft").await,
        version(form, "data-before").await,
    ) else {
        return place.set_inner_html(&paragraph(t!(
            "The draft could not be fetched. Try it again."
        )));
    };
    let workspace = said(form, "data-workspace");
    let mut lines = String::new();
    for (at, run) in runs.iter().enumerate() {
        let now = t!(
            "Judging file {file} of {all} …",
            file = at + 1,
            all = runs.len()
        );
        let now = paragraph(&now);
        place.set_inner_html(&table(&lines, &now));
        let (name, tried) = one(&workspace, run, before.as_deref(), &draft).await;
        // Another try, or another page.
        if turn.get() != mine || !place.is_connected() {
            return;
        }
        line(&mut lines, &name, &tried);
    }
    let end = t!(
        "Judged in this browser; nothing was sent. Keys that the ledger holds already are seen by the server alone."
    );
    place.set_inner_html(&table(&lines, &format!("<p class=\"quiet\">{end}</p>")));
}

fn paragraph(text: &str) -> String {
    format!("<p>{text}</p>")
}

fn said(form: &Element, name: &str) -> String {
    form.get_attribute(name).unwrap_or_default()
}

/// The contract that the form names, in its JSON form.
async fn version(form: &Element, name: &str) -> Option<String> {
    let number = form.get_attribute(name)?;
    let contract = said(form, "data-contract");
    let workspace = said(form, "data-workspace");
    let address = format!(
        "/api/v1/contracts/{contract}/versions/{number}/contract.json?workspace={workspace}"
    );
    let answer = get(&address).await.ok()?;
    (answer.status == 200).then_some(answer.text)
}

/// The file's name, and what became of it under both.
async fn one(workspace: &str, run: &str, before: Option<&str>, draft: &str) -> (String, Tried) {
    let address = format!("/api/v1/runs/{run}");
    let kept = get(&format!("{address}?workspace={workspace}")).await;
    let kept = kept.ok().and_then(|it| json::read::<PastRun>(&it.text));
    let Some(kept) = kept else {
        return (run.to_owned(), Tried::Failed(NO_FILE));
    };
    let name = kept.file_name.clone();
    let file = get_blob(&format!("{address}/file?workspace={workspace}")).await;
    let Ok(Some(file)) = file else {
        return (name, Tried::Failed(NO_FILE));
    };
    let before = match before {
        Some(contract) => match judge(&kept, &file, contract).await {
            None => return (name, Tried::Failed(NOT_JUDGED)),
            found => found,
        },
        None => None,
    };
    match judge(&kept, &file, draft).await {
        Some(after) => (name, Tried::Judged { before, after }),
        None => (name, Tried::Failed(NOT_JUDGED)),
    }
}

/// As the run read it, on the day on which it judged it.
async fn judge(run: &PastRun, file: &Blob, contract: &str) -> Option<Box<Verdict>> {
    let contracts = vec![contract.to_owned()];
    let choice = run.choice.clone();
    let head = start_of(file).await;
    let (file, origin) = if head.is_ok_and(|it| may_be_workbook(&it)) {
        let ask = Ask::Open {
            choice: choice.clone(),
            contracts: contracts.clone(),
        };
        match asked(SHEETS, &ask, file).await? {
            (Tell::Opened { origin, .. }, text) => (text, Some(origin)),
            _ => (file.clone().into(), None),
        }
    } else {
        (file.clone().into(), None)
    };
    let ask = Ask::Judge {
        evaluated_at: run.evaluated_at.clone(),
        choice,
        origin,
        contracts,
    };
    match asked(WORKER, &ask, &file).await? {
        (Tell::Judged { verdict, .. }, _) => Some(verdict),
        _ => None,
    }
}

/// What a program says in the end, with what stands beside it. It ends with this.
async fn asked(program: &str, ask: &Ask, file: &JsValue) -> Option<(Tell, JsValue)> {
    let answer = Rc::new(RefCell::new(None));
    let mut client = None;
    let promise = Promise::new(&mut |resolve, _| {
        let answer = Rc::clone(&answer);
        let rung = resolve.clone();
        let heard = move |heard| {
            let said = match heard {
                Heard::Said {
                    tell: Tell::Window(_) | Tell::Progress { .. } | Tell::Sales(_),
                    ..
                } => return,
                Heard::Said { tell, file, .. } => Some((tell, file)),
                Heard::Broken => None,
            };
            if answer.borrow().is_none() {
                answer.replace(said);
            }
            // The promise takes whatever it is resolved with.
            let _ = rung.call0(&JsValue::NULL);
        };
        let started = WorkerClient::start(program, heard).ok();
        let asked = started.as_ref().map(|it| it.ask(ask, Some(file)));
        if !matches!(asked, Some(Ok(_))) {
            // As above.
            let _ = resolve.call0(&JsValue::NULL);
        }
        client = started;
    });
    let ended = JsFuture::from(promise).await;
    drop(client);
    ended.ok()?;
    answer.take()
}

fn table(lines: &str, below: &str) -> String {
    if lines.is_empty() {
        return below.to_owned();
    }
    let number = |head: &str| format!("<th scope=\"col\" class=\"number\">{head}</th>");
    let under = number(t!("Under the draft"));
    format!(
        "<div class=\"wide\" tabindex=\"0\" role=\"region\" aria-label=\"{what}\">\
         <table class=\"tried\"><thead><tr><th scope=\"col\">{file}</th>{rows}{under}{money}{under}\
         <th scope=\"col\">{changes}</th></tr></thead>\
         <tbody>{lines}</tbody></table></div>{below}",
        what = t!("What the draft would do"),
        file = t!("File"),
        rows = number(t!("Exceptions now")),
        money = number(t!("Money in them now")),
        changes = t!("What changes"),
    )
}

fn line(lines: &mut String, name: &str, tried: &Tried) {
    let name = escaped(name);
    // Writing to a text cannot fail.
    let _ = match tried {
        Tried::Failed(why) => write!(
            lines,
            "<tr><th scope=\"row\">{name}</th><td colspan=\"5\">{why}</td></tr>"
        ),
        Tried::Judged { before, after } => {
            let rows = |it: &Verdict| match &it.held {
                Some(_) if it.rows.read == 0 => t!("held").to_owned(),
                _ => format::count(it.rows.exceptions),
            };
            let money = |it: &Verdict| {
                let sum = it.money.as_ref().map(|it| it.exceptions);
                sum.map_or_else(|| "–".to_owned(), format::money)
            };
            let none = || "–".to_owned();
            let before_rows = before.as_deref().map_or_else(none, rows);
            let before_money = before.as_deref().map_or_else(none, money);
            write!(
                lines,
                "<tr><th scope=\"row\">{name}</th><td class=\"number\">{before_rows}</td>\
                 <td class=\"number\">{}</td><td class=\"number\">{before_money}</td>\
                 <td class=\"number\">{}</td><td>{}</td></tr>",
                rows(after),
                money(after),
                told(before.as_deref(), after)
            )
        }
    };
}

/// What is different, beside the figures.
fn told(before: Option<&Verdict>, after: &Verdict) -> String {
    let is_held = |it: &Verdict| it.held.is_some();
    let held = match (before.is_some_and(is_held), is_held(after)) {
        (false, true) => t!("the file would be held"),
        (true, false) => t!("the file would be held no more"),
        _ => return controls(before, after),
    };
    let controls = controls(before, after);
    let between = if controls.is_empty() { "" } else { "; " };
    format!("{held}{between}{controls}")
}

/// Of each control that does not find what it found: how often it failed, and how often it would.
fn controls(before: Option<&Verdict>, after: &Verdict) -> String {
    let Some(before) = before else {
        return String::new();
    };
    let failed = |of: &Verdict, code: &str| {
        let own = of.controls.iter().filter(|it| it.code == code);
        own.map(|it| it.failed).sum::<u64>()
    };
    let mut codes: Vec<&str> = Vec::new();
    for it in before.controls.iter().chain(&after.controls) {
        if !codes.contains(&it.code.as_str()) {
            codes.push(&it.code);
        }
    }
    let mut res = String::new();
    for code in codes {
        let (old, new) = (failed(before, code), failed(after, code));
        if old != new {
            let comma = if res.is_empty() { "" } else { ", " };
            let (old, new) = (format::count(old), format::count(new));
            // As above.
            let becomes = t!(
                "{code}: {old} becomes {new}",
                code = code,
                old = old,
                new = new
            );
            let _ = write!(res, "{comma}{becomes}");
        }
    }
    match res.is_empty() {
        true => t!("no control finds more or less").to_owned(),
        false => res,
    }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}

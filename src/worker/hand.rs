//! A hand: this program in a worker that another one has started to judge pieces of its file.

use crate::{
    blob::BlobSource,
    contracts,
    post::{buffer, object, scope},
};
use engine::{
    Moment, contract,
    judge::{Outline, Plan},
};
use js_sys::Array;
use model::{options::Choice, workbook::Origin};
use serde::{Deserialize, Serialize};
use std::cell::RefCell;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::Blob;

/// What a hand is told, as JSON in the field `order`, and answers one after another with a field `bytes`: those of a
/// `Partial`, none for a task, and undefined for what it cannot do.
#[derive(Serialize, Deserialize)]
#[serde(tag = "order", rename_all = "snake_case")]
pub(crate) enum Order {
    /// To judge pieces of the file beside this message.
    Task(Box<Task>),
    Piece {
        piece: usize,
    },
}

/// How the file is to be judged.
#[derive(Serialize, Deserialize)]
pub(crate) struct Task {
    pub(crate) choice: Choice,
    /// In its JSON form; None for the shipped one.
    pub(crate) contract: Option<String>,
    pub(crate) evaluated_at: String,
    pub(crate) outline: Outline,
    /// Of the text of a workbook.
    pub(crate) origin: Option<Origin>,
    /// Bytes of the pieces that follow one another.
    pub(crate) share: u64,
}

thread_local! {
    static TASK: RefCell<Option<(BlobSource, Plan<'static>)>> = const { RefCell::new(None) };
}

pub(crate) fn obey(order: &str, file: JsValue) {
    let done = match serde_json::from_str(order) {
        Ok(Order::Task(task)) => begin(*task, file).map(|()| Vec::new()),
        Ok(Order::Piece { piece }) => judge(piece),
        Err(_) => None,
    };
    let bytes = done.map(|it| buffer(&it));
    let moved = Array::from_iter(&bytes);
    let answer = object(&[("bytes", bytes.map_or(JsValue::UNDEFINED, Into::into))]);
    // A buffer can be moved, so this does not fail.
    let _ = scope().post_message_with_transfer(&answer, &moved);
}

fn begin(task: Task, file: JsValue) -> Option<()> {
    let file: Blob = file.dyn_into().ok()?;
    let source = BlobSource::new(file, task.origin, task.share).ok()?;
    let contract = match &task.contract {
        Some(text) => contracts::read(text)?,
        None => contract::sales(),
    };
    let plan = Plan::resume(
        &source,
        contract,
        &task.choice,
        Moment::parse(&task.evaluated_at)?,
        task.outline,
    );
    TASK.set(Some((source, plan.ok()?)));
    Some(())
}

fn judge(piece: usize) -> Option<Vec<u8>> {
    TASK.with_borrow(|task| {
        let (source, plan) = task.as_ref()?;
        plan.judge(source, piece).ok()?.to_bytes().ok()
    })
}

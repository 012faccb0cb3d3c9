//! What was typed in the grid of exceptions is saved in one request, and the list is asked for again.

use super::{Cell, Rows, enable, field_value, form, keep, left, name, rows, say, with};
use crate::{
    json,
    web::{evaluated_at, http},
};
use js_sys::Array;
use leptos::prelude::*;
use leptos_router::{NavigateOptions, location::Url};
use model::t;
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};
use wasm_bindgen::JsCast;
use web_sys::{Blob, Element, HtmlInputElement, XmlHttpRequest};

#[derive(Deserialize)]
struct Saved {
    changed: u64,
    entered: u64,
    left: BTreeMap<String, u64>,
    rows: Vec<SavedRow>,
}

#[derive(Deserialize)]
struct SavedRow {
    run: String,
    record: u64,
    outcome: String,
}

pub(super) async fn save(navigate: impl Fn(&str, NavigateOptions)) {
    let Some(form) = form() else { return };
    let mut now = with(|it| it.now.clone());
    now.retain(|_, it| !it.left);
    if now.is_empty() {
        return;
    }
    remember_focus();
    enable("#work-save", false);
    say("work-judged", "Saving …");
    let sent = send(&form, &now).await;
    let Some(saved) = sent else {
        enable("#work-save", true);
        return say(
            "work-judged",
            t!("The server did not save them. What you typed is kept: try again."),
        );
    };
    let done = |it: &&SavedRow| matches!(it.outcome.as_str(), "entered" | "failing" | "unchanged");
    let done = saved.rows.iter().filter(done);
    let done: BTreeSet<String> = done.map(|it| format!("{}.{}", it.run, it.record)).collect();
    with(|it| {
        it.now.retain(|at, _| !done.contains(at));
        for typed in it.now.values_mut() {
            typed.left = true;
        }
        (it.past, it.future) = (Vec::new(), Vec::new());
        if let Some(left) = left() {
            keep(&left, &it.now);
        }
    });
    let stale = saved
        .rows
        .iter()
        .filter(|it| it.outcome == "stale")
        .take(20);
    let stale: Vec<String> = stale
        .map(|it| format!("{}.{}", it.run, it.record))
        .collect();
    let left = saved.left.iter().filter(|it| *it.0 != "unchanged");
    let left: Vec<String> = left.map(|(why, rows)| format!("{why}_{rows}")).collect();
    let page = form.get_attribute("data-page").unwrap_or_default();
    let list = field_value(&form, "list");
    // The time makes it another address, so that the list is asked for again.
    let to = format!(
        "{page}?{list}&did=correct&changed={}&entered={}&left={}&stale={}&at={}",
        saved.changed,
        saved.entered,
        left.join("."),
        stale.join(","),
        Url::escape(&evaluated_at())
    );
    let options = NavigateOptions {
        scroll: false,
        replace: true,
        ..NavigateOptions::default()
    };
    navigate(&to, options);
}

async fn send(form: &Element, now: &Rows) -> Option<Saved> {
    let rows = now.iter().filter_map(|(at, it)| {
        let (run, record) = at.split_once('.')?;
        Some(serde_json::json!({
            "run": run,
            "record": record.parse::<u64>().ok()?,
            "version": it.version,
            "cells": it.cells,
        }))
    });
    let rows: Vec<serde_json::Value> = rows.collect();
    let reason = Some(field_value(form, "reason")).filter(|it| !it.trim().is_empty());
    let body = serde_json::json!({ "rows": rows, "reason": reason }).to_string();
    let body = Blob::new_with_str_sequence(&Array::of1(&body.into())).ok()?;
    let workspace = field_value(form, "workspace");
    let url = format!("/api/v1/exceptions/corrections?workspace={workspace}");
    let request = XmlHttpRequest::new().ok()?;
    let headers = [("content-type", "application/json")];
    let answer = http::send(&request, ("POST", &url), &headers, Some(&body), |_| {});
    let answer = answer.await.ok().filter(|it| it.status == 200)?;
    json::read(&answer.text)
}

/// The cell that has the focus, or the first that was corrected, and those below it.
fn remember_focus() {
    let active = document().active_element();
    let active = active.and_then(|it| it.dyn_into::<HtmlInputElement>().ok());
    let cell = active.and_then(Cell::at).or_else(|| {
        let corrected = document().query_selector("#work-sheet .corrected input");
        Cell::at(corrected.ok()??.dyn_into().ok()?)
    });
    if let Some(cell) = cell {
        let rows = rows().into_iter().skip_while(|it| *it != cell.row);
        let rows: Vec<String> = rows.filter_map(|it| name(&it)).collect();
        with(|it| it.focus = Some((rows, cell.column)));
    }
}

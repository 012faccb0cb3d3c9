//! What is typed in the grid of exceptions, judged by the program.

use super::{fields, name, refresh, row, with};
use crate::{
    check::worker_client::{Heard, WORKER, WorkerClient},
    json,
    web::{evaluated_at, live},
};
use js_sys::Array;
use leptos::{prelude::*, task::spawn_local};
use model::{
    control::Severity,
    finding::{Finding, FindingQuery, FlaggedRow},
    message::{Ask, Tell},
    options::Choice,
};
use std::collections::BTreeSet;
use web_sys::{Blob, Element};

/// Sends the waiting rows of one run to the worker, unless it is at others.
pub(super) fn judge() {
    let next = with(|it| it.asked.is_empty().then(|| it.waiting.first().cloned())?);
    let Some(at) = next else { return };
    let found = row(&at).and_then(|it| Some((it.get_attribute("data-of")?, it)));
    let Some((run, _)) = found else {
        // On another page, where it is judged when it is shown.
        with(|it| it.waiting.remove(&at));
        return judge();
    };
    let selector = format!("#work-sheet [data-run=\"{run}\"]");
    let Ok(Some(of_run)) = document().query_selector(&selector) else {
        return;
    };
    let fingerprint = of_run.get_attribute("data-contract").unwrap_or_default();
    let Some(contract) = with(|it| it.contracts.get(&fingerprint).cloned()) else {
        spawn_local(async move {
            let text = live::contract(&fingerprint).await.unwrap_or_default();
            with(|it| it.contracts.insert(fingerprint, text));
            judge();
        });
        return;
    };
    let all = with(|it| std::mem::take(&mut it.waiting));
    let (these, others): (Vec<String>, Vec<String>) =
        all.into_iter().partition(|it| it.starts_with(&run));
    with(|it| it.waiting = others.into_iter().collect());
    // What cannot be judged here is judged by the server.
    if !contract.is_empty() && ask(&of_run, contract, these).is_none() {
        with(|it| it.asked.clear());
    }
}

fn ask(of_run: &Element, contract: String, these: Vec<String>) -> Option<()> {
    let choice: Choice = json::read(&of_run.get_attribute("data-choice")?)?;
    let header: Vec<String> = json::read(&of_run.get_attribute("data-header")?)?;
    let delimiter = choice.delimiter.unwrap_or(',');
    let mut text = live::line(header.into_iter(), delimiter);
    for at in &these {
        let row = row(at)?;
        let mut cells: Vec<String> = json::read(&row.get_attribute("data-cells")?)?;
        for field in fields(&row) {
            let place: usize = field.get_attribute("data-place")?.parse().ok()?;
            *cells.get_mut(place)? = field.value();
            let _ = field.set_attribute("data-judged", &field.value());
        }
        text.push_str(&live::line(cells.into_iter(), delimiter));
    }
    let file = Blob::new_with_str_sequence(&Array::of1(&text.into())).ok()?;
    let ask = Ask::Judge {
        evaluated_at: evaluated_at(),
        choice,
        origin: None,
        contracts: vec![contract],
    };
    with(|it| {
        if it.worker.is_none() {
            it.worker = Some(WorkerClient::start(WORKER, hear).ok()?);
        }
        it.asked = these;
        it.worker.as_ref()?.ask(&ask, Some(&file)).ok()
    })?;
    Some(())
}

fn hear(heard: Heard) {
    let Heard::Said { tell: said, .. } = heard else {
        return;
    };
    match said {
        Tell::Judged { verdict, .. } => {
            let limit = with(|it| it.asked.len());
            let all = FindingQuery {
                limit: u32::try_from(limit).unwrap_or(u32::MAX),
                ..FindingQuery::default()
            };
            let asked = with(|it| {
                let worker = it.worker.as_ref().filter(|_| verdict.held.is_none())?;
                worker.ask(&Ask::Rows(all), None).ok()
            });
            if asked.is_none() {
                with(|it| it.asked.clear());
                judge();
            }
        }
        Tell::Rows(found) => {
            let asked = with(|it| std::mem::take(&mut it.asked));
            for (record, at) in (1..).zip(asked) {
                let row_found = found.rows.iter().find(|it| it.record == record);
                if let Some(row) = row(&at) {
                    let passes = show(&row, row_found);
                    with(|it| it.judged.insert(at, passes));
                }
            }
            refresh();
        }
        Tell::Failed { .. } => {
            with(|it| it.asked.clear());
            judge();
        }
        _ => {}
    }
}

/// Marks what is wrong with a row as it was typed; whether nothing is.
fn show(row: &Element, found: Option<&FlaggedRow>) -> bool {
    let findings = found.map(|it| it.findings.as_slice()).unwrap_or_default();
    let of = |column: Option<u32>| {
        let here = findings.iter().filter(move |it| it.data.column == column);
        here.min_by_key(|it| it.data.severity)
    };
    for field in fields(row) {
        let place = field.get_attribute("data-place");
        let place = place.and_then(|it| it.parse::<u32>().ok());
        mark(
            &field,
            field.parent_element(),
            place.and_then(|it| of(Some(it + 1))),
        );
    }
    if let Ok(Some(head)) = row.query_selector("th") {
        mark(&head, Some(head.clone()), of(None));
    }
    let errors = findings.iter();
    let errors = errors.filter(|it| it.data.severity == Severity::Error);
    let codes: BTreeSet<&str> = errors.map(|it| it.data.code.as_str()).collect();
    let codes: Vec<&str> = codes.into_iter().collect();
    if let Ok(Some(fails)) = row.query_selector(".fails") {
        stash(&fails, "data-text", fails.text_content());
        let text = if codes.is_empty() {
            "passes".to_owned()
        } else {
            codes.join(" ")
        };
        fails.set_text_content(Some(&text));
        let _ = fails
            .class_list()
            .toggle_with_force("passes", codes.is_empty());
    }
    let _ = row.set_attribute("data-judged", "");
    codes.is_empty()
}

fn mark(about: &Element, cell: Option<Element>, finding: Option<&Finding>) {
    let Some(cell) = cell else { return };
    stash(about, "data-title", about.get_attribute("title"));
    stash(&cell, "data-class", cell.get_attribute("class"));
    let severity = finding.map(|it| it.data.severity);
    let classes = cell.class_list();
    // Names of HTML and classes.
    let _ = classes.toggle_with_force("fault", severity.is_some());
    let _ = classes.toggle_with_force("mild", severity == Some(Severity::Warning));
    let _ = match finding {
        Some(it) => about
            .set_attribute("title", &it.text.replace('`', ""))
            .and_then(|()| about.set_attribute("aria-invalid", "true")),
        None => about
            .remove_attribute("title")
            .and_then(|()| about.remove_attribute("aria-invalid")),
    };
}

/// Remembers what the server said of it, once.
fn stash(of: &Element, key: &str, text: Option<String>) {
    if !of.has_attribute(key) {
        let _ = of.set_attribute(key, &text.unwrap_or_default());
    }
}

/// A row from which all was taken back is what the server said of it.
pub(super) fn restore(row: &Element) {
    let old = |of: &Element, key: &str| of.get_attribute(key).unwrap_or_default();
    for field in fields(row) {
        let title = old(&field, "data-title");
        let _ = if title.is_empty() {
            field
                .remove_attribute("title")
                .and_then(|()| field.remove_attribute("aria-invalid"))
        } else {
            field
                .set_attribute("title", &title)
                .and_then(|()| field.set_attribute("aria-invalid", "true"))
        };
        let _ = field.remove_attribute("data-judged");
        if let Some(cell) = field.parent_element() {
            cell.set_class_name(&old(&cell, "data-class"));
        }
    }
    if let Ok(Some(head)) = row.query_selector("th") {
        head.set_class_name(&old(&head, "data-class"));
        let _ = head.set_attribute("title", &old(&head, "data-title"));
    }
    if let Ok(Some(fails)) = row.query_selector(".fails") {
        fails.set_text_content(Some(&old(&fails, "data-text")));
        let _ = fails.class_list().remove_1("passes");
    }
    let _ = row.remove_attribute("data-judged");
    if let Some(at) = name(row) {
        with(|it| it.judged.remove(&at));
    }
}

//! The way through the failing cells of the grid of exceptions, over all pages of the list.

use super::{cell, elements, field_value, form, say, take, with};
use leptos::prelude::*;
use model::t;
use wasm_bindgen::JsCast;
use web_sys::{HtmlElement, HtmlInputElement};

/// Goes to a failing cell; behind the last one of a page is the first one of the next page, where there is one.
pub(super) fn seek(back: bool) {
    let mut all = inputs();
    if back {
        all.reverse();
    }
    let here = with(|it| it.here.clone());
    let here = here.and_then(|(at, column)| cell(&at, &column));
    let from = all.iter().position(|it| Some(it) == here.as_ref());
    let (before, behind) = all.split_at(from.map_or(0, |it| it + 1));
    let found = behind.iter().find(|it| fails(it));
    if found.is_none() && !back && go_on() {
        return;
    }
    if let Some(field) = found.or_else(|| before.iter().find(|it| fails(it))) {
        take(field);
    }
}

/// Whether there is a next page, which is asked for then. What was typed on this one is kept.
fn go_on() -> bool {
    let next = document()
        .query_selector("#list a[rel=next]")
        .ok()
        .flatten();
    let next = next.and_then(|it| it.dyn_into::<HtmlElement>().ok());
    let Some((next, form)) = next.zip(form()) else {
        return false;
    };
    let list = Some(field_value(&form, "list"));
    // Once, however often the key is pressed until it has come.
    if with(|it| std::mem::replace(&mut it.onward, list.clone())) != list {
        next.click();
    }
    true
}

fn inputs() -> Vec<HtmlInputElement> {
    let all = document().query_selector_all("#work-sheet tr[data-row] input");
    let all = elements(&all).into_iter();
    all.filter_map(|it| it.dyn_into().ok()).collect()
}

fn fails(field: &HtmlInputElement) -> bool {
    field.has_attribute("aria-invalid")
}

/// On a page that was come to for it, at its first failing cell.
pub(super) fn come() {
    let list = form().map(|it| field_value(&it, "list"));
    let is_next = |left: &mut String| list.as_ref().is_some_and(|it| it != left);
    if with(|it| it.onward.take_if(is_next)).is_none() {
        return;
    }
    if let Some(field) = inputs().iter().find(|it| fails(it)) {
        return take(field);
    }
    say("work-judged", t!("No cell of this page fails."));
    let button = document().query_selector("#work-tools [data-act=next]");
    let button = button.ok().flatten();
    if let Some(button) = button.and_then(|it| it.dyn_into::<HtmlElement>().ok()) {
        let _ = button.focus();
    }
}

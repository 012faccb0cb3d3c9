//! Filters that apply when they are changed. The server renders the form anew with what it filters; the field that was
//! changed gets the focus back by its id (`focus.rs`).

use leptos::{ev, prelude::*};
use leptos_router::{NavigateOptions, location::Url};
use wasm_bindgen::JsCast;
use web_sys::{Element, Event, FormData, HtmlFormElement, MouseEvent};

/// Never stopped: the frame lives as long as the page.
pub(crate) fn apply_at_once(navigate: impl Fn(&str, NavigateOptions) + Clone + 'static) {
    let to = navigate.clone();
    let go = move |form: &HtmlFormElement| to(&address(form), in_place());
    let again = go.clone();
    let follow = navigate_from_drawings(navigate);
    let _ = window_event_listener(ev::click, follow);
    // A date changes with every digit that is typed: it waits for its form to be sent.
    let _ = window_event_listener(ev::change, move |event| {
        if let (Some(form), Some(field)) = (form(&event), target(&event))
            && field.tag_name() == "SELECT"
        {
            go(&form);
        }
    });
    let _ = window_event_listener(ev::submit, move |event| {
        if let Some(form) = form(&event) {
            event.prevent_default();
            again(&form);
        }
    });
}

/// Without a jump to the top.
fn in_place() -> NavigateOptions {
    NavigateOptions {
        scroll: false,
        ..NavigateOptions::default()
    }
}

/// The router knows the links of HTML alone, and not those of a drawing.
fn navigate_from_drawings(
    navigate: impl Fn(&str, NavigateOptions) + 'static,
) -> impl Fn(MouseEvent) + 'static {
    move |event: MouseEvent| {
        let plain = !(event.ctrl_key() || event.meta_key() || event.shift_key() || event.alt_key());
        let link = target(&event).and_then(|it| it.closest("svg a[href]").ok()?);
        let href = link.and_then(|it| it.get_attribute("href"));
        if let Some(href) = href.filter(|it| plain && it.starts_with('/')) {
            event.prevent_default();
            navigate(&href, in_place());
        }
    }
}

fn target(event: &Event) -> Option<Element> {
    event.target()?.dyn_into().ok()
}

fn form(event: &Event) -> Option<HtmlFormElement> {
    let form = target(event)?.closest("form[data-filters]").ok()??;
    form.dyn_into().ok()
}

/// Where the form leads, without the fields that say nothing.
fn address(form: &HtmlFormElement) -> String {
    let page = form.get_attribute("action").unwrap_or_default();
    let (Ok(values), Ok(fields)) = (
        FormData::new_with_form(form),
        form.query_selector_all("[name]"),
    ) else {
        return page;
    };
    let names = (0..fields.length()).filter_map(|at| {
        let field = fields.item(at)?.dyn_into::<Element>().ok()?;
        field.get_attribute("name")
    });
    let pairs = names.filter_map(|name| {
        let value = values.get(&name).as_string().filter(|it| !it.is_empty())?;
        Some(format!("{name}={}", Url::escape(&value)))
    });
    let pairs: Vec<_> = pairs.collect();
    format!("{page}?{}", pairs.join("&"))
}

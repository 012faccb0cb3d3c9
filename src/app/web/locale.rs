//! Numbers and days are written another way at once, and the page is light or dark. A new page would put away what lies on
//! the desk.

use super::http;
use crate::{check::Desk, format, frame::LOCALE};
use js_sys::Array;
use leptos::{ev, prelude::*, task::spawn_local};
use model::{locale::Locale, scheme::Scheme};
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Blob, HtmlElement, XmlHttpRequest};

/// Never stopped: the frame lives as long as the page.
pub(crate) fn switch_at_once(desk: Desk) {
    let _ = window_event_listener(ev::submit, move |event| {
        let form = event
            .target()
            .and_then(|it| it.dyn_into::<HtmlElement>().ok());
        let Some(form) = form.filter(|it| it.id() == LOCALE) else {
            return;
        };
        let of = |name| event.submitter().and_then(|it| it.get_attribute(name));
        let (what, name) = (
            of("name").unwrap_or_default(),
            of("value").unwrap_or_default(),
        );
        let (locale, scheme) = match &*what {
            "locale" => (Locale::named(&name), None),
            _ => (None, Scheme::named(&name)),
        };
        if locale.is_none() && scheme.is_none() {
            return;
        }
        event.prevent_default();
        // A menu that is not open has nothing to close.
        let _ = form.hide_popover();
        spawn_local(async move {
            // Where the server cannot be asked, the choice holds as long as this page does.
            let _ = keep(&what, &name).await;
            if let Some(locale) = locale {
                format::write_as(locale);
                desk.locale.set(locale);
            }
            if let Some(scheme) = scheme {
                show_as(scheme);
                desk.scheme.set(scheme);
            }
            request_animation_frame(focus_switch);
        });
    });
}

/// As the server would at the root of the document (`shell.rs`).
fn show_as(scheme: Scheme) {
    let Some(root) = document().document_element() else {
        return;
    };
    // An attribute of this name can always be set.
    let _ = match scheme {
        Scheme::System => root.remove_attribute("data-scheme"),
        chosen => root.set_attribute("data-scheme", chosen.name()),
    };
}

/// What the form would send.
async fn keep(what: &str, name: &str) -> Result<http::Answer, JsValue> {
    let body = Blob::new_with_str_sequence(&Array::of1(&format!("{what}={name}").into()))?;
    let kind = [("content-type", "application/x-www-form-urlencoded")];
    let request = XmlHttpRequest::new()?;
    http::send(&request, ("POST", "/display"), &kind, Some(&body), |_| {}).await
}

/// It was written anew.
fn focus_switch() {
    let switch = document().query_selector(&format!("[popovertarget={LOCALE}]"));
    let switch = switch.ok().flatten();
    if let Some(switch) = switch.and_then(|it| it.dyn_into::<HtmlElement>().ok()) {
        // What cannot take the focus leaves it where it is.
        let _ = switch.focus();
    }
}

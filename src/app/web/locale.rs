//! Numbers and days are written another way at once. A new page would put away what lies on the desk.

use super::http;
use crate::{check::Desk, format, frame::LOCALE};
use js_sys::Array;
use leptos::{ev, prelude::*, task::spawn_local};
use model::locale::Locale;
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
        let name = event.submitter().and_then(|it| it.get_attribute("value"));
        let name = name.unwrap_or_default();
        let Some(locale) = Locale::named(&name) else {
            return;
        };
        event.prevent_default();
        // A menu that is not open has nothing to close.
        let _ = form.hide_popover();
        spawn_local(async move {
            // Where the server cannot be asked, the choice holds as long as this page does.
            let _ = keep(&name).await;
            format::write_as(locale);
            desk.locale.set(locale);
            request_animation_frame(focus_switch);
        });
    });
}

/// What the form would send.
async fn keep(name: &str) -> Result<http::Answer, JsValue> {
    let body = Blob::new_with_str_sequence(&Array::of1(&format!("locale={name}").into()))?;
    let kind = [("content-type", "application/x-www-form-urlencoded")];
    let request = XmlHttpRequest::new()?;
    http::send(&request, ("POST", "/locale"), &kind, Some(&body), |_| {}).await
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

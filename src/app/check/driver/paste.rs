//! A table that was copied, or a file, pasted into Check.

use super::Driver;
use crate::{check::desk::Desk, web::drop::at_verify};
use leptos::{leptos_dom::helpers::window_event_listener, prelude::*};
use std::rc::Rc;
use wasm_bindgen::JsCast;
use web_sys::{DataTransfer, Element};

/// Never stopped: the frame lives as long as the page does.
pub(super) fn listen(driver: &Rc<Driver>) {
    let driver = driver.clone();
    let _ = window_event_listener(leptos::ev::paste, move |event| {
        let data = js_sys::Reflect::get(&event, &"clipboardData".into()).ok();
        let data = data.and_then(|it| it.dyn_into::<DataTransfer>().ok());
        if let Some(data) = data.filter(|_| takes_what_is_pasted(&event)) {
            driver.take_pasted(&data);
        }
    });
}

/// Check does, where no field and no grid of its own takes it.
fn takes_what_is_pasted(event: &web_sys::Event) -> bool {
    let target = event.target().and_then(|it| it.dyn_into::<Element>().ok());
    let own = target.and_then(|it| it.closest("input, textarea, select, table").ok().flatten());
    let at_check = document().get_element_by_id(Desk::INPUT).is_some();
    own.is_none() && at_check && !at_verify()
}

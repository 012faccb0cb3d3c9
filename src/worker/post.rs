//! What is posted between page, worker and hands: plain objects.

use js_sys::{ArrayBuffer, Object, Reflect, Uint8Array};
use model::message::Tell;
use serde::Serialize;
use wasm_bindgen::JsValue;
use web_sys::DedicatedWorkerGlobalScope;

/// A plain object of these fields.
pub(crate) fn object(fields: &[(&str, JsValue)]) -> Object {
    let object = Object::new();
    for (name, value) in fields {
        // Setting a field of a new plain object does not fail.
        let _ = Reflect::set(&object, &JsValue::from_str(name), value);
    }
    object
}

/// Undefined where it has none.
pub(crate) fn field(message: &JsValue, name: &str) -> JsValue {
    Reflect::get(message, &name.into()).unwrap_or_default()
}

pub(crate) fn json(value: &impl Serialize) -> JsValue {
    serde_json::to_string(value).map_or(JsValue::UNDEFINED, JsValue::from)
}

pub(crate) fn buffer(bytes: &[u8]) -> ArrayBuffer {
    Uint8Array::from(bytes).buffer()
}

/// An answer to the page's ask of this number, with a file or its bytes where there is one.
pub(crate) fn tell(id: f64, tell: &Tell, file: Option<&JsValue>) {
    let mut fields = vec![("id", JsValue::from(id)), ("text", json(tell))];
    fields.extend(file.map(|it| ("file", it.clone())));
    // Posting fails only for what cannot be cloned, and all of this can.
    let _ = scope().post_message(&object(&fields));
}

/// This worker.
pub(crate) fn scope() -> DedicatedWorkerGlobalScope {
    wasm_bindgen::JsCast::unchecked_into(js_sys::global())
}

//! The program `sheets`: opens workbooks, and hands on the text that the program `worker` then judges. The page loads
//! it when a workbook comes, and ends it after.

use crate::{
    blob::BlobSource,
    post::{field, scope, tell},
};
use engine::{SourceError, contract, workbook};
use js_sys::{Array, Uint8Array};
use model::{
    message::{Ask, Tell},
    options::Choice,
};
use wasm_bindgen::{JsCast, JsValue, prelude::Closure};
use web_sys::{Blob, MessageEvent};

/// Listens for asks, and says that it does.
pub fn start() {
    let on_message = Closure::<dyn Fn(MessageEvent)>::new(|event: MessageEvent| {
        let message = event.data();
        let Some(id) = field(&message, "id").as_f64() else {
            return;
        };
        let ask = field(&message, "text").as_string();
        let ask = ask.and_then(|it| serde_json::from_str(&it).ok());
        let answered = match ask {
            Some(Ask::Open { choice }) => open(id, field(&message, "file"), &choice),
            _ => Err("the page asked something that this program does not know".to_owned()),
        };
        if let Err(text) = answered {
            tell(id, &Tell::Failed { text }, None);
        }
    });
    scope().set_onmessage(Some(on_message.as_ref().unchecked_ref()));
    on_message.forget();
    tell(0.0, &Tell::Ready, None);
}

fn open(id: f64, file: JsValue, choice: &Choice) -> Result<(), String> {
    let blob: Blob = file
        .dyn_into()
        .map_err(|_| "no file came with the question")?;
    let source = BlobSource::new(blob, None, 0);
    let source = source.map_err(|_| "this browser cannot read files here")?;
    let opened = workbook::open(&source, contract::sales(), choice).map_err(|it| words(&it))?;
    let Some(workbook) = opened else {
        tell(id, &Tell::NoWorkbook, None);
        return Ok(());
    };
    // A `Blob` may lie on disk, and outlives this program.
    let parts = Array::of1(&Uint8Array::from(workbook.text.as_slice()));
    let text = Blob::new_with_u8_array_sequence(&parts);
    let text = text.map_err(|_| "this browser has no room for the text of the workbook")?;
    let opened = Tell::Opened {
        origin: Box::new(workbook.origin),
        sheets: workbook.sheets,
    };
    tell(id, &opened, Some(&text));
    Ok(())
}

fn words(error: &SourceError) -> String {
    format!(
        "The file could not be read ({}). Choose it again.",
        error.reason
    )
}

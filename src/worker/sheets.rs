//! The program `sheets`: opens workbooks, and hands on the text that the program `worker` then judges; and writes
//! workbooks. The page loads it when one comes or is wanted, and ends it after.

use crate::{
    blob::{self, BlobSource},
    contracts,
    post::{field, scope, tell},
    verify::verify,
};
use engine::{
    Moment, SourceError,
    contract::{Contract, fit::Fit},
    export::{self, Columns, Making, Workbook, WorkbookError},
    workbook,
};
use js_sys::{Array, Uint8Array};
use model::{
    message::{Ask, Export, Tell},
    options::Choice,
    workbook::Origin,
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
            Some(Ask::Open { choice, contracts }) => {
                open(id, field(&message, "file"), &choice, &contracts)
            }
            Some(Ask::Workbook {
                what,
                evaluated_at,
                choice,
                origin,
                contracts,
            }) => {
                let origin = origin.map(|it| *it);
                let file = field(&message, "file");
                let laid_down = (evaluated_at.as_str(), &choice, contracts.as_slice());
                write(id, file, origin, what, laid_down)
            }
            Some(Ask::Verify) => check(id, field(&message, "file")),
            _ => Err("the page asked something that this program does not know".into()),
        };
        if let Err(Refusal(text)) = answered {
            tell(id, &Tell::Failed { text }, None);
        }
    });
    scope().set_onmessage(Some(on_message.as_ref().unchecked_ref()));
    on_message.forget();
    tell(0.0, &Tell::Ready, None);
}

/// Why an ask gets no answer of its own kind, in words.
struct Refusal(String);

impl From<&str> for Refusal {
    fn from(text: &str) -> Self {
        Self(text.to_owned())
    }
}

impl From<SourceError> for Refusal {
    fn from(error: SourceError) -> Self {
        let reason = error.reason;
        Self(format!(
            "The file could not be read ({reason}). Choose it again."
        ))
    }
}

impl From<WorkbookError> for Refusal {
    fn from(error: WorkbookError) -> Self {
        Self(format!("Take the CSV instead: {error}."))
    }
}

fn check(id: f64, file: JsValue) -> Result<(), Refusal> {
    let checks = if file.is_undefined() {
        Vec::new()
    } else {
        let blob: Blob = file
            .dyn_into()
            .map_err(|_| "no file came with the question")?;
        let source = BlobSource::new(blob, None, 0);
        let source = source.map_err(|_| "this browser cannot read files here")?;
        verify(&source, &mut |it| tell(id, &Tell::Verifying(it), None))?
    };
    tell(id, &Tell::Verified { checks }, None);
    Ok(())
}

fn open(id: f64, file: JsValue, choice: &Choice, contracts: &[String]) -> Result<(), Refusal> {
    let blob: Blob = file
        .dyn_into()
        .map_err(|_| "no file came with the question")?;
    let source = BlobSource::new(blob, None, 0);
    let source = source.map_err(|_| "this browser cannot read files here")?;
    let fit = |it: &Contract| match workbook::open(&source, it, choice)? {
        Some(workbook) => Fit::of(&workbook, it, choice),
        None => Fit::of(&source, it, choice),
    };
    let contract = contracts::fitting(contracts, choice, fit)?.ok_or(contracts::NONE)?;
    let Some(workbook) = workbook::open(&source, contract, choice)? else {
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

/// The same verdict as in the other program, since it is the same file, choice and moment.
fn write(
    id: f64,
    file: JsValue,
    origin: Option<Origin>,
    what: Export,
    (evaluated_at, choice, contracts): (&str, &Choice, &[String]),
) -> Result<(), Refusal> {
    let blob: Blob = file
        .dyn_into()
        .map_err(|_| "no file came with the question")?;
    let source = BlobSource::new(blob, origin, blob::AHEAD);
    let source = source.map_err(|_| "this browser cannot read files here")?;
    let at = Moment::parse(evaluated_at).ok_or("the moment of judging cannot be read")?;
    let fit = |it: &Contract| Fit::of(&source, it, choice);
    let contract = contracts::fitting(contracts, choice, fit)?.ok_or(contracts::NONE)?;
    let judgement = engine::judge(&source, contract, choice, at)?;
    let options = &judgement.verdict.options;
    let columns = Columns::new(options, what, None, judgement.corrected_cells());
    let mut workbook = Workbook::new(columns, contract, options, what, at, Making::default())?;
    export::rows::<Refusal>(
        &judgement,
        &source,
        what,
        &mut |row| Ok(workbook.row(&row)?),
    )?;
    let mut bytes = Vec::new();
    workbook.finish(&mut bytes)?;
    let parts = Array::of1(&Uint8Array::from(bytes.as_slice()));
    let blob = Blob::new_with_u8_array_sequence(&parts);
    let blob = blob.map_err(|_| "this browser has no room for the download")?;
    let name = match what {
        Export::Exceptions => "exceptions.xlsx",
        Export::Accepted => "accepted.xlsx",
    };
    tell(id, &Tell::Export { name: name.into() }, Some(&blob));
    Ok(())
}

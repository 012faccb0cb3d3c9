//! Answers asks, one after another. A page that wants to cancel ends the worker and starts another one.

use crate::blob::BlobSource;
use engine::{
    Moment, Source, SourceError, contract, day,
    export::{accepted::accepted, exceptions::Exceptions},
    judge::{Partial, Plan},
    judgement::Judgement,
    sales::SalesSums,
    sample::Sample,
};
use js_sys::{Array, Object, Reflect, Uint8Array};
use model::{
    finding::FlaggedRows,
    message::{Ask, Export, Phase, Tell},
    options::Choice,
};
use std::cell::RefCell;
use wasm_bindgen::{JsCast, JsValue, prelude::Closure};
use web_sys::{Blob, DedicatedWorkerGlobalScope, MessageEvent};

/// The file that was judged last, and its verdict.
struct Judged {
    source: BlobSource,
    judgement: Judgement<'static>,
}

thread_local! {
    static JUDGED: RefCell<Option<Judged>> = const { RefCell::new(None) };
}

/// Why an ask gets no answer of its own kind.
enum Refusal {
    File(SourceError),
    /// The asking side sent something that makes no sense.
    Ask(&'static str),
}

impl From<SourceError> for Refusal {
    fn from(error: SourceError) -> Self {
        Self::File(error)
    }
}

/// Listens for asks, and says that it does.
pub fn start() {
    let on_message = Closure::<dyn Fn(MessageEvent)>::new(|event: MessageEvent| {
        let message = event.data();
        let field = |name: &str| Reflect::get(&message, &name.into()).unwrap_or_default();
        let Some(id) = field("id").as_f64() else {
            return;
        };
        let ask = field("text")
            .as_string()
            .and_then(|it| serde_json::from_str(&it).ok());
        let answered = match ask {
            Some(ask) => answer(id, ask, field("file")),
            None => Err(Refusal::Ask(
                "the page asked something that this program does not know",
            )),
        };
        if let Err(refusal) = answered {
            tell(
                id,
                &Tell::Failed {
                    text: words(&refusal),
                },
                None,
            );
        }
    });
    scope().set_onmessage(Some(on_message.as_ref().unchecked_ref()));
    on_message.forget();
    tell(0.0, &Tell::Ready, None);
}

fn answer(id: f64, ask: Ask, file: JsValue) -> Result<(), Refusal> {
    match ask {
        Ask::Judge {
            evaluated_at,
            choice,
        } => {
            let blob: Blob = file
                .dyn_into()
                .map_err(|_| Refusal::Ask("no file came with the question"))?;
            let moment = Moment::parse(&evaluated_at);
            let moment = moment.ok_or(Refusal::Ask("the moment of judging cannot be read"))?;
            judge(id, blob, &choice, moment)
        }
        Ask::Sample { rows, seed, end } => {
            let end = day::parse_iso(&end).ok_or(Refusal::Ask("the last day cannot be read"))?;
            let mut bytes = Vec::new();
            let sample = Sample::new(u64::from(rows), seed, end);
            sample.write(&mut |it| bytes.extend_from_slice(it), &mut |_| {});
            tell(
                id,
                &Tell::Sample { rows },
                Some(&Uint8Array::from(bytes.as_slice()).buffer()),
            );
            Ok(())
        }
        Ask::Export { what } => JUDGED.with_borrow(|judged| {
            let judged = judged
                .as_ref()
                .ok_or(Refusal::Ask("no file has been judged"))?;
            let (name, blob) = export(judged, what)?;
            tell(id, &Tell::Export { name }, Some(&blob));
            Ok(())
        }),
        Ask::Rows(query) => JUDGED.with_borrow(|judged| {
            let rows = match judged {
                Some(it) => it.judgement.flagged(&it.source, &query)?,
                None => FlaggedRows::default(),
            };
            tell(id, &Tell::Rows(rows), None);
            Ok(())
        }),
    }
}

fn judge(id: f64, blob: Blob, choice: &Choice, moment: Moment) -> Result<(), Refusal> {
    JUDGED.take();
    let source =
        BlobSource::new(blob).map_err(|_| Refusal::Ask("this browser cannot read files here"))?;
    let total = source.size();
    let progress = |phase, bytes, rows, failing| {
        tell(
            id,
            &Tell::Progress {
                phase,
                bytes,
                total,
                rows,
                failing,
            },
            None,
        );
    };
    let contract = contract::sales();
    let plan = Plan::new(&source, contract, choice, moment, &mut |bytes| {
        progress(Phase::Survey, bytes, 0, 0);
    })?;
    let mut partial = Partial::default();
    let (mut rows, mut failing) = (0, 0);
    for piece in 0..plan.pieces() {
        let judged = plan.judge(&source, piece)?;
        let counts = judged.counts();
        (rows, failing) = (rows + counts.0, failing + counts.1);
        partial = partial.merge(judged);
        let end = plan.range(piece).map_or(total, |(_, end)| end);
        progress(Phase::Judge, end, rows, failing);
    }
    let judgement = plan.finish(&source, partial)?;
    tell(
        id,
        &Tell::Judged {
            verdict: Box::new(judgement.verdict.clone()),
        },
        None,
    );
    let mut sums = SalesSums::default();
    for batch in 0..judgement.batches() {
        judgement
            .accepted(&source, batch)?
            .iter()
            .for_each(|it| sums.add(it));
    }
    tell(id, &Tell::Sales(Box::new(sums.figures(contract))), None);
    JUDGED.set(Some(Judged { source, judgement }));
    Ok(())
}

/// The rows as CSV, the same as the server gives after submit. A `Blob` may lie on disk, so that its size does
/// not have to fit this program's memory.
fn export(judged: &Judged, what: Export) -> Result<(String, Blob), Refusal> {
    let Judged { source, judgement } = judged;
    let parts = Array::new();
    let mut add = |bytes: Vec<u8>| -> Result<(), Refusal> {
        parts.push(&Uint8Array::from(bytes.as_slice()));
        Ok(())
    };
    let name = match what {
        Export::Exceptions => {
            let mut exceptions = Exceptions::new(&judgement.header(), None);
            for batch in 0..judgement.batches() {
                let kept = judgement.kept(source, batch)?;
                for row in kept.into_iter().filter(|it| it.category.is_some()) {
                    exceptions.row(&judgement.render(row));
                }
                add(exceptions.take())?;
            }
            "exceptions.csv"
        }
        Export::Accepted => {
            accepted(judgement, source, &|_| false, &mut add)?;
            "accepted.csv"
        }
    };
    let blob = Blob::new_with_u8_array_sequence(&parts);
    let blob = blob.map_err(|_| Refusal::Ask("this browser has no room for the download"))?;
    Ok((name.to_owned(), blob))
}

fn words(refusal: &Refusal) -> String {
    match refusal {
        Refusal::File(error) if error.reason == "NotReadableError" || error.reason == "NotFoundError" => {
            "The file could not be read: it was moved, changed or removed since it was chosen. Choose it again."
                .into()
        }
        Refusal::File(error) => format!("The file could not be read ({}). Choose it again.", error.reason),
        Refusal::Ask(text) => (*text).into(),
    }
}

fn tell(id: f64, tell: &Tell, file: Option<&JsValue>) {
    let Ok(text) = serde_json::to_string(tell) else {
        return;
    };
    let message = Object::new();
    let mut fields = vec![("id", JsValue::from(id)), ("text", JsValue::from(text))];
    fields.extend(file.map(|it| ("file", it.clone())));
    for (name, value) in fields {
        // Setting a field of a new plain object does not fail.
        let _ = Reflect::set(&message, &name.into(), &value);
    }
    // Posting fails only for what cannot be cloned, and all of this can.
    let _ = scope().post_message(&message);
}

fn scope() -> DedicatedWorkerGlobalScope {
    js_sys::global().unchecked_into()
}

//! Answers asks, one after another. A page that wants to cancel ends the worker and starts another one.

use crate::{
    blob::BlobSource,
    contracts,
    crew::Crew,
    hand,
    post::{buffer, field, scope, tell},
};
use engine::{
    Moment, Source, SourceError,
    contract::{Contract, Kind, fit::Fit, infer},
    day,
    export::{self, BOM, Columns, Csv},
    judge::{Partial, Plan},
    judgement::Judgement,
    sales::SalesSums,
    sample::Sample,
};
use futures::{StreamExt, channel::mpsc};
use js_sys::{Array, Uint8Array};
use model::{
    finding::FlaggedRows,
    message::{Ask, ContractColumn, Export, Phase, Tell},
    options::Choice,
    workbook::Origin,
};
use std::cell::{Cell, RefCell};
use wasm_bindgen::{JsCast, JsValue, prelude::Closure};
use wasm_bindgen_futures::spawn_local;
use web_sys::{Blob, MessageEvent};

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

/// Listens for asks, or for orders where another worker started this one, and says that it does.
pub fn start() {
    let (asked, mut asks) = mpsc::unbounded();
    let on_message = Closure::<dyn Fn(MessageEvent)>::new(move |event: MessageEvent| {
        let message = event.data();
        match field(&message, "order").as_string() {
            Some(order) => hand::obey(&order, field(&message, "file")),
            // The other end lives as long as this program.
            None => drop(asked.unbounded_send(message)),
        }
    });
    scope().set_onmessage(Some(on_message.as_ref().unchecked_ref()));
    on_message.forget();
    tell(0.0, &Tell::Ready, None);
    spawn_local(async move {
        while let Some(message) = asks.next().await {
            take(&message).await;
        }
    });
}

async fn take(message: &JsValue) {
    let Some(id) = field(message, "id").as_f64() else {
        return;
    };
    let ask = field(message, "text")
        .as_string()
        .and_then(|it| serde_json::from_str(&it).ok());
    let answered = match ask {
        Some(ask) => answer(id, ask, field(message, "file")).await,
        None => Err(Refusal::Ask(
            "the page asked something that this program does not know",
        )),
    };
    if let Err(refusal) = answered {
        let text = words(&refusal);
        tell(id, &Tell::Failed { text }, None);
    }
}

async fn answer(id: f64, ask: Ask, file: JsValue) -> Result<(), Refusal> {
    match ask {
        Ask::Judge {
            evaluated_at,
            choice,
            origin,
            contracts,
        } => {
            let blob: Blob = file
                .dyn_into()
                .map_err(|_| Refusal::Ask("no file came with the question"))?;
            let moment = Moment::parse(&evaluated_at);
            let moment = moment.ok_or(Refusal::Ask("the moment of judging cannot be read"))?;
            judge(id, blob, origin.map(|it| *it), &contracts, choice, moment).await
        }
        Ask::Infer {
            name,
            choice,
            origin,
        } => {
            let blob: Blob = file
                .dyn_into()
                .map_err(|_| Refusal::Ask("no file came with the question"))?;
            let source = BlobSource::whole(blob, origin.map(|it| *it)).await;
            let source = source.map_err(|_| Refusal::Ask("this browser cannot read files here"))?;
            let found = infer::infer(&source, &name, &choice)?;
            let inferred = Tell::Inferred {
                contract: found.contract.canonical(),
                rows: found.rows,
                is_whole: found.is_whole,
                notes: found.notes,
            };
            tell(id, &inferred, None);
            Ok(())
        }
        Ask::Open { .. } | Ask::Workbook { .. } | Ask::Verify => Err(Refusal::Ask(
            "workbooks are opened and written by another program",
        )),
        Ask::Sample { rows, seed, end } => {
            let end = day::parse_iso(&end).ok_or(Refusal::Ask("the last day cannot be read"))?;
            let mut bytes = Vec::new();
            let sample = Sample::new(u64::from(rows), seed, end);
            sample.write(&mut |it| bytes.extend_from_slice(it), &mut |_| {});
            tell(id, &Tell::Sample { rows }, Some(&buffer(&bytes)));
            Ok(())
        }
        Ask::Export { what } => JUDGED.with_borrow(|judged| {
            let judged = judged
                .as_ref()
                .ok_or(Refusal::Ask("no file has been judged"))?;
            let (name, blob) = write(judged, what)?;
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

async fn judge(
    id: f64,
    blob: Blob,
    origin: Option<Origin>,
    contracts: &[String],
    choice: Choice,
    moment: Moment,
) -> Result<(), Refusal> {
    JUDGED.take();
    let crew = Crew::for_file(blob.size());
    let source = BlobSource::whole(blob, origin).await;
    let source = source.map_err(|_| Refusal::Ask("this browser cannot read files here"))?;
    let total = source.size();
    let progress = |phase, bytes, (rows, failing)| {
        let progress = Tell::Progress {
            phase,
            bytes,
            total,
            rows,
            failing,
        };
        tell(id, &progress, None);
    };
    let fit = |it: &Contract| Fit::of(&source, it, &choice);
    let contract = contracts::fitting(contracts, &choice, fit)?;
    let contract = contract.ok_or(Refusal::Ask(contracts::NONE))?;
    let plan = Plan::new(&source, contract, &choice, moment, &mut |bytes| {
        progress(Phase::Survey, bytes, (0, 0));
    })?;
    let judged = RefCell::new(Partial::default());
    let (bytes, counts) = (Cell::new(0), Cell::new((0, 0)));
    let add = |piece, partial: Partial| {
        let (rows, failing) = partial.counts();
        counts.set((counts.get().0 + rows, counts.get().1 + failing));
        bytes.set(bytes.get() + plan.range(piece).map_or(0, |(from, to)| to - from));
        judged.replace_with(|before| std::mem::take(before).merge(partial));
        progress(Phase::Judge, bytes.get(), counts.get());
    };
    crew.judge(&source, choice, &plan, &add).await?;
    let partial = judged.take();
    let judgement = plan.finish(&source, partial)?;
    tell(
        id,
        &Tell::Judged {
            verdict: Box::new(judgement.verdict.clone()),
            columns: columns(contract),
        },
        None,
    );
    let mut sums = SalesSums::default();
    for batch in 0..judgement.batches() {
        judgement.add_sales(&source, batch, &mut sums)?;
    }
    tell(id, &Tell::Sales(Box::new(sums.figures(contract))), None);
    JUDGED.set(Some(Judged { source, judgement }));
    Ok(())
}

fn columns(contract: &Contract) -> Vec<ContractColumn> {
    let columns = contract.columns.iter();
    columns
        .map(|it| ContractColumn {
            name: it.name.clone(),
            title: it.title().to_owned(),
            holds_dates: it.kind == Kind::Date,
        })
        .collect()
}

/// The rows as CSV, the same as the server gives after submit, marked as UTF-8 for spreadsheets. A `Blob` may lie on
/// disk, so that its size does not have to fit this program's memory.
fn write(judged: &Judged, what: Export) -> Result<(String, Blob), Refusal> {
    let Judged { source, judgement } = judged;
    let parts = Array::of1(&Uint8Array::from(BOM));
    let mut csv = Csv::new(Columns::new(&judgement.verdict.options, what, None));
    export::rows::<Refusal>(judgement, source, what, &mut |row| {
        csv.row(&row);
        if let Some(bytes) = csv.take_much() {
            parts.push(&Uint8Array::from(bytes.as_slice()));
        }
        Ok(())
    })?;
    parts.push(&Uint8Array::from(csv.take().as_slice()));
    let name = match what {
        Export::Exceptions => "exceptions.csv",
        Export::Accepted => "accepted.csv",
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

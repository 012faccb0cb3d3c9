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
    beginning::first_rows,
    contract::{Contract, fit::Fit, infer},
    day,
    export::{self, BOM, Columns, Csv},
    judge::{Outline, PIECE, Partial, Plan, ROOM},
    judgement::Judgement,
    sales::SalesSums,
    sample::Sample,
};
use futures::{StreamExt, channel::mpsc};
use js_sys::{Array, Uint8Array};
use model::{
    finding::FlaggedRows,
    message::{Ask, ContractColumn, Export, Phase, RowsInWindow, Tell},
    options::{Choice, Correction, DateForm},
    workbook::Origin,
};
use std::{
    cell::{Cell, RefCell},
    collections::BTreeMap,
};
use wasm_bindgen::{JsCast, JsValue, prelude::Closure};
use wasm_bindgen_futures::spawn_local;
use web_sys::{Blob, MessageEvent};

/// Bytes up to which what was judged of a file is kept, so that corrections need little of it judged again.
const KEPT: u64 = 256 << 20;

/// Bytes up to which the figures of the accepted rows are added up anew with each correction.
const ADDED_UP: u64 = 16 << 20;

/// Records that show what the columns hold.
const FIRST: usize = 3;

/// Records that show in which form dates are written: of fewer, each might be one that cannot be read.
const DATED: usize = 100;

/// Rows that are shown while the rest is read.
const SHOWN_FIRST: u32 = 12;

/// The file that was judged last, and its verdict.
struct Judged {
    source: BlobSource,
    judgement: Judgement<'static>,
    asked: Asked,
    /// As it came, without corrections; None where the whole is judged again.
    before: Option<(Outline, Partial)>,
}

/// How a file is judged, besides its corrections.
#[derive(Clone)]
struct Asked {
    contract: &'static Contract,
    choice: Choice,
    moment: Moment,
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
            let kinds = found.kinds.iter();
            let inferred = Tell::Inferred {
                contract: found.contract.canonical(),
                rows: found.rows,
                is_whole: found.is_whole,
                kinds: kinds
                    .map(|it| it.iter().map(|it| it.as_str().to_owned()).collect())
                    .collect(),
                notes: found.notes,
            };
            tell(id, &inferred, None);
            Ok(())
        }
        Ask::Revise { contract, revision } => {
            let drawn_up = contracts::read(&contract);
            let drawn_up = drawn_up.ok_or(Refusal::Ask(contracts::NONE))?;
            let revised = match infer::revise(drawn_up, &revision) {
                Ok(contract) => Tell::Revised {
                    contract: contract.canonical(),
                },
                Err(error) => Tell::NotRevised {
                    text: error.to_string(),
                },
            };
            tell(id, &revised, None);
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
        Ask::Correct { corrections } => {
            let judged = JUDGED.take();
            let judged = judged.ok_or(Refusal::Ask("no file has been judged"))?;
            correct(id, judged, corrections).await
        }
        Ask::Count { corrections } => JUDGED.with_borrow(|judged| {
            let cells = match judged {
                Some(it) => it.judgement.count_cells(&it.source, &corrections)?,
                None => 0,
            };
            tell(id, &Tell::Counted { cells }, None);
            Ok(())
        }),
        Ask::Window {
            filter,
            from,
            count,
        } => JUDGED.with_borrow(|judged| {
            let rows = match judged {
                Some(it) => it.judgement.window(&it.source, &filter, from, count)?,
                None => RowsInWindow::default(),
            };
            tell(id, &Tell::Window(rows), None);
            Ok(())
        }),
        Ask::Seek { filter, from, back } => JUDGED.with_borrow(|judged| {
            let judged = judged.as_ref();
            let place = judged.and_then(|it| it.judgement.seek(&filter, from, back));
            tell(id, &Tell::Sought { place }, None);
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
    mut choice: Choice,
    moment: Moment,
) -> Result<(), Refusal> {
    JUDGED.take();
    let source = BlobSource::whole(blob, origin).await;
    let source = source.map_err(|_| Refusal::Ask("this browser cannot read files here"))?;
    let fit = |it: &Contract| Fit::of(&source, it, &choice);
    let contract = contracts::fitting(contracts, &choice, fit)?;
    let contract = contract.ok_or(Refusal::Ask(contracts::NONE))?;
    let corrections = std::mem::take(&mut choice.corrections);
    if let Some(rows) = first_rows(&source, contract, &choice, moment, SHOWN_FIRST)? {
        tell(id, &Tell::Window(rows), None);
    }
    let asked = Asked {
        contract,
        choice,
        moment,
    };
    let (plan, partial) = whole(id, &source, &asked, Vec::new()).await?;
    let kept = source.size() <= KEPT || !corrections.is_empty();
    let outline = plan.outline().filter(|_| kept);
    let before = outline.map(|it| (it, partial.without(&[])));
    let judged = Judged {
        judgement: plan.finish(&source, partial)?,
        source,
        asked,
        before,
    };
    if corrections.is_empty() {
        conclude(id, judged, true)
    } else {
        correct(id, judged, corrections).await
    }
}

/// Judges all of a file, and tells how it goes.
async fn whole(
    id: f64,
    source: &BlobSource,
    asked: &Asked,
    corrections: Vec<Correction>,
) -> Result<(Plan<'static>, Partial), Refusal> {
    let crew = Crew::for_file(source.blob().size());
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
    let choice = Choice {
        corrections,
        ..asked.choice.clone()
    };
    let (contract, moment) = (asked.contract, asked.moment);
    let piece = PIECE - ROOM;
    let plan = Plan::in_pieces(source, contract, &choice, moment, piece, &mut |bytes| {
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
    crew.judge(source, choice, &plan, &add).await?;
    Ok((plan, judged.take()))
}

async fn correct(id: f64, mut judged: Judged, corrections: Vec<Correction>) -> Result<(), Refusal> {
    let quick = again(&judged, &corrections)?;
    let (plan, partial) = match quick {
        Some(it) => it,
        None => whole(id, &judged.source, &judged.asked, corrections).await?,
    };
    judged.judgement = plan.finish(&judged.source, partial)?;
    let adds_up = judged.source.size() <= ADDED_UP;
    conclude(id, judged, adds_up)
}

/// By the pieces alone that hold corrected cells; None where that is not enough.
fn again(
    judged: &Judged,
    corrections: &[Correction],
) -> Result<Option<(Plan<'static>, Partial)>, Refusal> {
    let Some((outline, before)) = &judged.before else {
        return Ok(None);
    };
    let source = &judged.source;
    let Asked {
        contract,
        choice,
        moment,
    } = &judged.asked;
    let plan = Plan::resume(source, contract, choice, *moment, outline.clone())?;
    let Some((plan, touched)) = plan.again(source, corrections, before)? else {
        return Ok(None);
    };
    let mut partial = before.without(&touched);
    for piece in touched {
        partial = partial.merge(plan.judge(source, piece)?);
    }
    Ok(Some((plan, partial)))
}

/// Tells the verdict, and what stands behind it.
fn conclude(id: f64, judged: Judged, adds_up: bool) -> Result<(), Refusal> {
    let Judged {
        source,
        judgement,
        asked,
        ..
    } = &judged;
    let mut first = judgement.first(source, DATED)?;
    let columns = columns(asked.contract, judgement.date_forms(&first));
    first.truncate(FIRST);
    let told = Tell::Judged {
        verdict: Box::new(judgement.verdict.clone()),
        columns,
        wrong: judgement.wrong_values(source)?,
        first,
    };
    tell(id, &told, None);
    if adds_up {
        let mut sums = SalesSums::default();
        for batch in 0..judgement.batches() {
            judgement.add_sales(source, batch, &mut sums)?;
        }
        let figures = Box::new(sums.figures(asked.contract));
        tell(id, &Tell::Sales(figures), None);
    }
    JUDGED.set(Some(judged));
    Ok(())
}

fn columns(contract: &Contract, mut forms: BTreeMap<usize, Vec<DateForm>>) -> Vec<ContractColumn> {
    let columns = contract.columns.iter().enumerate();
    columns
        .map(|(place, it)| ContractColumn {
            name: it.name.clone(),
            title: it.title().to_owned(),
            date_forms: forms.remove(&place),
        })
        .collect()
}

/// The rows as CSV, the same as the server gives after submit, marked as UTF-8 for spreadsheets. A `Blob` may lie on
/// disk, so that its size does not have to fit this program's memory.
fn write(judged: &Judged, what: Export) -> Result<(String, Blob), Refusal> {
    let Judged {
        source, judgement, ..
    } = judged;
    let parts = Array::of1(&Uint8Array::from(BOM));
    let mut csv = Csv::new(Columns::new(
        &judgement.verdict.options,
        what,
        None,
        judgement.corrected_cells(),
    ));
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

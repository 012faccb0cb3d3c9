//! The hands of a big file: workers of this same program that judge its pieces, as many as the machine has cores.

use crate::{
    blob::BlobSource,
    hand::{Order, Task},
    post::{field, json, object, scope},
};
use engine::{
    Source, SourceError, contract,
    judge::{PIECE, Partial, Plan},
};
use futures::{
    FutureExt,
    channel::oneshot,
    future::{Either, join, join_all, select, try_join},
};
use js_sys::{ArrayBuffer, Uint8Array};
use model::options::Choice;
use std::{
    cell::{Cell, RefCell},
    collections::VecDeque,
    ops::Range,
    pin::pin,
    rc::Rc,
};
use wasm_bindgen::{JsCast, JsValue, prelude::Closure};
use web_sys::{Blob, Event, MessageChannel, MessageEvent, Worker, WorkerOptions, WorkerType};

/// Bytes from which a file is worth the start of another worker.
const BIG: f64 = (16 << 20) as f64;
/// Each hand has a copy of this program in its memory.
const MOST: usize = 7;
/// Pieces that follow one another, at most.
const LARGEST_SHARE: usize = 8;

/// Dropping it ends its workers.
pub(crate) struct Crew(Vec<Hand>);

impl Crew {
    /// Nobody for a file that is small; else one hand for each core but the own one. Whoever cannot be started is
    /// missing.
    pub(crate) fn for_file(size: f64) -> Self {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a count of cores"
        )]
        let cores = scope().navigator().hardware_concurrency() as usize;
        let hands = if size < BIG {
            0
        } else {
            cores.saturating_sub(1).min(MOST)
        };
        Self((0..hands).filter_map(|_| Hand::start().ok()).collect())
    }

    /// Judges all pieces, in no order, here and by the hands, and gives `add` what comes of each. A hand that fails is
    /// asked no more, and what it had is judged by others.
    pub(crate) async fn judge(
        self,
        source: &BlobSource,
        choice: Choice,
        plan: &Plan<'_>,
        add: &dyn Fn(usize, Partial),
    ) -> Result<(), SourceError> {
        let shares = Shares::new(plan.pieces(), self.0.len() + 1);
        let here = async || -> Result<(), SourceError> {
            let own = Cell::default();
            while let Some(piece) = shares.take(&own) {
                add(piece, plan.judge(source, piece)?);
                pause().await;
            }
            Ok(())
        };
        let Some(outline) = plan.outline() else {
            return here().await;
        };
        let task = Order::Task(Box::new(Task {
            choice,
            contract: (!std::ptr::eq(plan.contract(), contract::sales()))
                .then(|| plan.contract().canonical()),
            evaluated_at: plan.evaluated_at().to_string(),
            outline,
            origin: source.origin().cloned(),
            share: shares.size as u64 * PIECE,
        }));
        let lane = async |hand: &Hand, own: &Cell<Range<usize>>| {
            while let Some(piece) = shares.take(own) {
                let bytes = hand.tell(&Order::Piece { piece }, None).await;
                match bytes.and_then(|it| Partial::from_bytes(&it).ok()) {
                    Some(partial) => add(piece, partial),
                    None => return shares.give_back(piece, own),
                }
            }
        };
        // Whoever does not even listen when nothing is left to do is not waited for.
        let (all_taken, end) = oneshot::channel::<()>();
        let end = end.shared();
        let hands = self.0.iter().map(async |hand: &Hand| {
            let ready = pin!(hand.ready());
            let listens = matches!(select(ready, end.clone()).await, Either::Left((true, _)));
            if listens && hand.tell(&task, Some(source.blob())).await.is_some() {
                // While it judges one piece the next one is on its way.
                let own = Cell::default();
                join(lane(hand, &own), lane(hand, &own)).await;
            }
        });
        let own = async {
            let result = here().await;
            drop(all_taken);
            result
        };
        try_join(own, join_all(hands).map(Ok)).await?;
        here().await
    }
}

/// Who judges which pieces. Those that follow one another are judged by one, who reads ahead.
struct Shares {
    pieces: usize,
    size: usize,
    next: Cell<usize>,
    given_back: RefCell<Vec<usize>>,
}

impl Shares {
    fn new(pieces: usize, workers: usize) -> Self {
        Self {
            pieces,
            size: (pieces / (4 * workers)).clamp(1, LARGEST_SHARE),
            next: Cell::new(0),
            given_back: RefCell::default(),
        }
    }

    /// The next piece for whom `own` are those that he has left of his last share.
    fn take(&self, own: &Cell<Range<usize>>) -> Option<usize> {
        let mut share = own.take();
        if share.is_empty() {
            let start = self.next.get();
            share = start..self.pieces.min(start + self.size);
            self.next.set(share.end);
        }
        let piece = share.next();
        own.set(share);
        piece.or_else(|| self.given_back.borrow_mut().pop())
    }

    fn give_back(&self, piece: usize, own: &Cell<Range<usize>>) {
        let mut given_back = self.given_back.borrow_mut();
        given_back.push(piece);
        given_back.extend(own.take());
    }
}

/// Lets messages that have come be heard.
async fn pause() {
    let (sender, heard) = oneshot::channel::<()>();
    let Ok(channel) = MessageChannel::new() else {
        return;
    };
    let on_message = Closure::once(move || drop(sender));
    let port = channel.port1();
    port.set_onmessage(Some(on_message.as_ref().unchecked_ref()));
    if channel.port2().post_message(&JsValue::NULL).is_ok() {
        // Its end is the message.
        let _ = heard.await;
    }
    port.close();
}

/// Who waits for an answer, in the order of the questions. None once the worker broke.
type Waiting = Rc<RefCell<Option<VecDeque<oneshot::Sender<JsValue>>>>>;

struct Hand {
    worker: Worker,
    waiting: Waiting,
    /// Comes when the worker says that it listens.
    ready: RefCell<Option<oneshot::Receiver<JsValue>>>,
    _on_message: Closure<dyn Fn(MessageEvent)>,
    _on_error: Closure<dyn Fn(Event)>,
}

impl Hand {
    fn start() -> Result<Self, JsValue> {
        let options = WorkerOptions::new();
        options.set_type(WorkerType::Module);
        let worker = Worker::new_with_options(&scope().location().href(), &options)?;
        let (sender, ready) = oneshot::channel();
        let waiting: Waiting = Rc::new(RefCell::new(Some(VecDeque::from([sender]))));
        let on_message = {
            let waiting = waiting.clone();
            Closure::<dyn Fn(MessageEvent)>::new(move |event: MessageEvent| {
                let first = waiting.borrow_mut().as_mut().and_then(VecDeque::pop_front);
                if let Some(first) = first {
                    // Nobody waits any more where the judging was given up.
                    let _ = first.send(event.data());
                }
            })
        };
        let on_error = {
            let waiting = waiting.clone();
            Closure::<dyn Fn(Event)>::new(move |_| drop(waiting.take()))
        };
        worker.set_onmessage(Some(on_message.as_ref().unchecked_ref()));
        worker.set_onerror(Some(on_error.as_ref().unchecked_ref()));
        Ok(Self {
            worker,
            waiting,
            ready: RefCell::new(Some(ready)),
            _on_message: on_message,
            _on_error: on_error,
        })
    }

    async fn ready(&self) -> bool {
        match self.ready.take() {
            Some(ready) => ready.await.is_ok(),
            None => true,
        }
    }

    /// What it answers; None where it cannot do it, or broke.
    async fn tell(&self, order: &Order, file: Option<&Blob>) -> Option<Vec<u8>> {
        let (sender, answer) = oneshot::channel();
        self.waiting.borrow_mut().as_mut()?.push_back(sender);
        let file = file.map_or(JsValue::UNDEFINED, JsValue::from);
        let message = object(&[("order", json(order)), ("file", file)]);
        self.worker.post_message(&message).ok()?;
        let buffer: ArrayBuffer = field(&answer.await.ok()?, "bytes").dyn_into().ok()?;
        Some(Uint8Array::new(&buffer).to_vec())
    }
}

impl Drop for Hand {
    fn drop(&mut self) {
        self.worker.set_onmessage(None);
        self.worker.set_onerror(None);
        self.worker.terminate();
    }
}

//! The hands of a big file: workers of this same program that judge its pieces, as many as the machine has cores.

use crate::{
    hand::{Order, Task},
    post::{field, json, object, scope},
};
use engine::judge::Partial;
use futures::{
    channel::oneshot,
    future::{join, join_all},
};
use js_sys::{ArrayBuffer, Uint8Array};
use std::{
    cell::{Cell, RefCell},
    collections::VecDeque,
    rc::Rc,
};
use wasm_bindgen::{JsCast, JsValue, prelude::Closure};
use web_sys::{Blob, Event, MessageEvent, Worker, WorkerOptions, WorkerType};

/// Bytes from which a file is worth the start of other workers.
const BIG: u64 = 16 * 1024 * 1024;
/// Each hand has a copy of this program in its memory.
const MOST: usize = 8;

/// Dropping it ends its workers.
pub(crate) struct Crew(Vec<Hand>);

impl Crew {
    /// None for a file or a machine where one worker does as well. Whoever cannot be started is missing.
    pub(crate) fn for_file(size: u64) -> Option<Self> {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a count of cores"
        )]
        let cores = scope().navigator().hardware_concurrency() as usize;
        (size >= BIG && cores > 1).then(|| {
            Self(
                (0..cores.min(MOST))
                    .filter_map(|_| Hand::start().ok())
                    .collect(),
            )
        })
    }

    /// Has the pieces judged, in no order, and gives `add` what comes of each. Returns those that are left: a hand
    /// that fails is asked no more.
    pub(crate) async fn judge(
        self,
        file: &Blob,
        task: Task,
        pieces: usize,
        add: &dyn Fn(usize, Partial),
    ) -> Vec<usize> {
        let task = Order::Task(Box::new(task));
        let next = Cell::new(0);
        let left = RefCell::new(Vec::new());
        let lane = async |hand: &Hand| {
            while next.get() < pieces {
                let piece = next.replace(next.get() + 1);
                let bytes = hand.tell(&Order::Piece { piece }, None).await;
                match bytes.and_then(|it| Partial::from_bytes(&it).ok()) {
                    Some(partial) => add(piece, partial),
                    None => return left.borrow_mut().push(piece),
                }
            }
        };
        let hands = self.0.iter().map(async |hand: &Hand| {
            let ready = hand.ready().await && hand.tell(&task, Some(file)).await.is_some();
            if ready {
                // While it judges one piece the next one is on its way.
                join(lane(hand), lane(hand)).await;
            }
        });
        join_all(hands).await;
        let mut left = left.take();
        left.extend(next.get()..pieces);
        left
    }
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
        self.worker.terminate();
    }
}

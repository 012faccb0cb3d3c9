//! A Web Worker, as the page sees it: the one that reads and judges, or the one that opens workbooks. Dropping the
//! client ends the worker.

use crate::json;
use js_sys::{Object, Reflect};
use model::message::{Ask, Tell};
use std::{
    cell::{Cell, RefCell},
    rc::Rc,
};
use wasm_bindgen::{JsCast, JsValue, prelude::Closure};
use web_sys::{Event, MessageEvent, Worker, WorkerOptions, WorkerType};

pub(crate) const WORKER: &str = "/pkg/worker_loader.js";
pub(crate) const SHEETS: &str = "/pkg/sheets_loader.js";

pub(crate) struct WorkerClient {
    worker: Worker,
    /// Messages that wait for the worker's Ready; None once it was said.
    waiting: Rc<RefCell<Option<Vec<Object>>>>,
    last: Cell<u32>,
    _on_message: Closure<dyn Fn(MessageEvent)>,
    _on_error: Closure<dyn Fn(Event)>,
}

pub(crate) enum Heard {
    /// An answer to the ask of this number, with the bytes or file beside it.
    Said { id: u32, tell: Tell, file: JsValue },
    /// The program could not be loaded, or it broke.
    Broken,
}

impl WorkerClient {
    pub(crate) fn start(program: &str, heard: impl Fn(Heard) + 'static) -> Result<Self, JsValue> {
        let options = WorkerOptions::new();
        options.set_type(WorkerType::Module);
        let worker = Worker::new_with_options(program, &options)?;
        let heard = Rc::new(heard);
        let waiting = Rc::new(RefCell::new(Some(Vec::new())));

        let on_error = {
            let heard = heard.clone();
            Closure::<dyn Fn(Event)>::new(move |_| heard(Heard::Broken))
        };
        let on_message = {
            let (worker, waiting) = (worker.clone(), waiting.clone());
            Closure::<dyn Fn(MessageEvent)>::new(move |event: MessageEvent| {
                match read(&event.data()) {
                    Some((_, Tell::Ready, _)) => {
                        let waited: Vec<Object> = waiting.borrow_mut().take().unwrap_or_default();
                        let sent = waited.iter().try_for_each(|it| worker.post_message(it));
                        if sent.is_err() {
                            heard(Heard::Broken);
                        }
                    }
                    Some((id, tell, file)) => heard(Heard::Said { id, tell, file }),
                    None => heard(Heard::Broken),
                }
            })
        };
        worker.set_onmessage(Some(on_message.as_ref().unchecked_ref()));
        worker.set_onerror(Some(on_error.as_ref().unchecked_ref()));
        Ok(Self {
            worker,
            waiting,
            last: Cell::new(0),
            _on_message: on_message,
            _on_error: on_error,
        })
    }

    /// The number that answers will repeat.
    pub(crate) fn ask(&self, ask: &Ask, file: Option<&JsValue>) -> Result<u32, JsValue> {
        let id = self.last.get() + 1;
        self.last.set(id);
        let text = serde_json::to_string(ask).map_err(|it| JsValue::from_str(&it.to_string()))?;
        let message = Object::new();
        Reflect::set(&message, &"id".into(), &id.into())?;
        Reflect::set(&message, &"text".into(), &text.into())?;
        if let Some(file) = file {
            Reflect::set(&message, &"file".into(), file)?;
        }
        match self.waiting.borrow_mut().as_mut() {
            Some(waiting) => waiting.push(message),
            None => self.worker.post_message(&message)?,
        }
        Ok(id)
    }
}

impl Drop for WorkerClient {
    fn drop(&mut self) {
        self.worker.terminate();
    }
}

fn read(message: &JsValue) -> Option<(u32, Tell, JsValue)> {
    let field = |name: &str| Reflect::get(message, &name.into()).ok();
    let tell = json::read(&field("text")?.as_string()?)?;
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "numbers that this page counted up from 1"
    )]
    let id = field("id")?.as_f64()? as u32;
    Some((id, tell, field("file")?))
}

//! A run's stages, live.

use crate::{json, place::Place};
use leptos::prelude::*;
use model::{
    id::{RunId, WorkspaceId},
    run::{RunStatus, StageRecord},
};
use serde::Deserialize;
use std::rc::Rc;
use wasm_bindgen::{JsCast, JsValue, prelude::Closure};
use web_sys::{Event, EventSource, MessageEvent};

/// What the server says of a run on its way.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub(crate) struct Live {
    pub(crate) status: RunStatus,
    pub(crate) stages: Vec<StageRecord>,
}

pub(crate) enum News {
    Stage(Live),
    /// The run has ended.
    End,
    /// The server no longer speaks, and the browser has given up asking.
    Silence,
}

/// Open as long as it is kept.
pub(crate) struct Follow {
    source: EventSource,
    _on_stage: Closure<dyn Fn(MessageEvent)>,
    _on_end: Closure<dyn Fn(MessageEvent)>,
    _on_error: Closure<dyn Fn(Event)>,
}

impl Follow {
    pub(crate) fn run(
        workspace: &WorkspaceId,
        id: &RunId,
        heard: impl Fn(News) + 'static,
    ) -> Result<Self, JsValue> {
        let source = EventSource::new(&format!("/api/v1/runs/{id}/events?workspace={workspace}"))?;
        let heard = Rc::new(heard);
        let on_stage = {
            let heard = heard.clone();
            Closure::<dyn Fn(MessageEvent)>::new(move |event: MessageEvent| {
                let live = event.data().as_string();
                let live = live.and_then(|text| json::read(&text));
                heard(live.map_or(News::Silence, News::Stage));
            })
        };
        let on_end = {
            let (heard, source) = (heard.clone(), source.clone());
            Closure::<dyn Fn(MessageEvent)>::new(move |_| {
                source.close();
                heard(News::End);
            })
        };
        let on_error = {
            let (heard, source) = (heard.clone(), source.clone());
            Closure::<dyn Fn(Event)>::new(move |_| {
                if source.ready_state() == EventSource::CLOSED {
                    heard(News::Silence);
                }
            })
        };
        source.add_event_listener_with_callback("stage", on_stage.as_ref().unchecked_ref())?;
        source.add_event_listener_with_callback("end", on_end.as_ref().unchecked_ref())?;
        source.set_onerror(Some(on_error.as_ref().unchecked_ref()));
        Ok(Self {
            source,
            _on_stage: on_stage,
            _on_end: on_end,
            _on_error: on_error,
        })
    }
}

impl Drop for Follow {
    fn drop(&mut self) {
        self.source.close();
    }
}

/// Calls `again` whenever the run comes further, as long as it is on its way.
pub(crate) fn while_running(
    place: Memo<Place>,
    id: Memo<Option<RunId>>,
    running: Memo<bool>,
    again: impl Fn() + Copy + 'static,
) {
    let kept = StoredValue::new_local(None);
    Effect::new(move |_| {
        let id = id.get().filter(|_| running.get());
        let follow =
            id.and_then(|id| Follow::run(&place.get().workspace, &id, move |_| again()).ok());
        kept.set_value(follow);
    });
}

//! The run's stages as a line, with durations and counts; while it runs they move.

use crate::{
    format,
    icons::{Icon, icon},
    parts::words::stage_title,
};
use leptos::prelude::*;
use model::run::{RunStatus, Stage, StageRecord};

pub(super) fn stages(records: &[StageRecord], status: RunStatus) -> AnyView {
    let steps = Stage::ALL
        .map(|stage| step(stage, records.iter().find(|it| it.stage == stage), status))
        .into_iter()
        .collect_view();
    view! {
        <section aria-labelledby="stages">
            <h2 id="stages">"Stages"</h2>
            <ol class="stages">{steps}</ol>
        </section>
    }
    .into_any()
}

/// Without JavaScript the page asks again by itself.
pub(super) fn while_running() -> AnyView {
    view! {
        <p class="quiet" role="status">
            "This page follows the run and shows its result when it has ended."
        </p>
        <noscript inner_html="<meta http-equiv=\"refresh\" content=\"2\">"></noscript>
    }
    .into_any()
}

fn step(stage: Stage, record: Option<&StageRecord>, run: RunStatus) -> AnyView {
    let ended = record.and_then(|it| it.ended_at.as_deref().map(|end| (it, end)));
    let (class, picture, word, facts) = match (record, ended) {
        (_, Some((record, end))) => (
            "accepted",
            Icon::Met,
            format::duration(&record.started_at, end).unwrap_or_default(),
            counts(record),
        ),
        (Some(_), None) if run == RunStatus::Running => (
            "running",
            Icon::Running,
            "running".to_owned(),
            String::new(),
        ),
        (Some(_), None) => (
            "exception",
            Icon::Error,
            "not ended".to_owned(),
            String::new(),
        ),
        (None, None) if run == RunStatus::Running => {
            ("quiet", Icon::NotRun, "to come".to_owned(), String::new())
        }
        (None, None) => ("quiet", Icon::NotRun, "not run".to_owned(), String::new()),
    };
    view! {
        <li class=class>
            <span class=format!("state {class}")>{icon(picture)} {stage_title(stage)}</span>
            <span class="stage-time">{word}</span>
            <span class="stage-rows">{facts}</span>
        </li>
    }
    .into_any()
}

fn counts(record: &StageRecord) -> String {
    if record.rows_in == record.rows_out {
        return format::rows(record.rows_in);
    }
    format!(
        "{} of {}",
        format::count(record.rows_out),
        format::rows(record.rows_in)
    )
}

//! The run's stages as a line, with durations and counts; while it runs they move.

use crate::{
    format,
    icons::Icon,
    parts::words::{stage_title, state},
};
use maud::{Markup, PreEscaped, html};
use model::run::{RunStatus, Stage, StageRecord};
use model::t;

pub(crate) fn stages(records: &[StageRecord], status: RunStatus) -> Markup {
    html! {
        section aria-labelledby="stages" {
            h2 id="stages" { (t!("Stages")) }
            ol class="stages" {
                @for stage in Stage::ALL {
                    (step(stage, records.iter().find(|it| it.stage == stage), status))
                }
            }
        }
    }
}

/// Without JavaScript the page asks again by itself.
pub(super) fn while_running() -> Markup {
    html! {
        p class="quiet" role="status" { (t!("This page follows the run and shows its result when it has ended.")) }
        noscript { (PreEscaped(r#"<meta http-equiv="refresh" content="2">"#)) }
    }
}

fn step(stage: Stage, record: Option<&StageRecord>, run: RunStatus) -> Markup {
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
            t!("running").to_owned(),
            String::new(),
        ),
        (Some(_), None) => (
            "exception",
            Icon::Error,
            t!("not ended").to_owned(),
            String::new(),
        ),
        (None, None) if run == RunStatus::Running => (
            "quiet",
            Icon::NotRun,
            t!("to come").to_owned(),
            String::new(),
        ),
        (None, None) => (
            "quiet",
            Icon::NotRun,
            t!("not run").to_owned(),
            String::new(),
        ),
    };
    html! {
        li class=(class) {
            (state(class, picture, stage_title(stage)))
            span class="stage-time" { (word) }
            span class="stage-rows" { (facts) }
        }
    }
}

fn counts(record: &StageRecord) -> String {
    if record.rows_in == record.rows_out {
        return format::rows(record.rows_in);
    }
    t!(
        "{part} of {all}",
        part = format::count(record.rows_out),
        all = format::rows(record.rows_in)
    )
}

//! What speaks for a run: judging its file again, and its evidence file.

use super::{
    download::{attachment, named},
    extract::{InWorkspace, NamedRun, Period, workspace},
    openapi::File,
    tables::{WAITING, pieces, streamed, write_out},
};
use crate::{
    backend::Pages,
    clock,
    evidence::{self, EvidenceError, Span},
    problem::Problem,
    replay,
};
use app::{
    backend::Backend,
    place::{Page, Place},
};
use audit::sample::{self, Draw};
use axum::{
    Form, Json,
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Redirect, Response},
};
use bytes::Bytes;
use chrono::NaiveDate;
use model::{id::WorkspaceId, proof::Replay, run::Run};
use serde::Deserialize;
use std::{error::Error, io::Write, slice};
use store::Store;
use tokio::{runtime::Handle, sync::mpsc};

/// The file of a run judged again and compared with all that is kept of it. What came of it is noted.
#[utoipa::path(
    post,
    path = "/api/v1/runs/{id}/replay-check",
    operation_id = "replay_run",
    tag = "audit",
    params(InWorkspace, NamedRun),
    responses((status = 200, description = "What was compared, and what differs", body = Replay)),
)]
pub async fn replay_check(
    pages: Pages,
    InWorkspace(workspace): InWorkspace,
    NamedRun(id): NamedRun,
) -> Result<Json<Replay>, Problem> {
    let store = &pages.server().store;
    let actor = &pages.who().actor;
    Ok(Json(replay::replay(store, &workspace, &id, actor).await?))
}

/// The plain form of the page Audit.
#[derive(Deserialize)]
pub struct ReplayForm {
    workspace: Option<String>,
}

/// `POST /runs/{id}/replay`: as [`replay_check`], and sends the browser back to the run's entries.
pub async fn replay_form(
    pages: Pages,
    NamedRun(id): NamedRun,
    Form(form): Form<ReplayForm>,
) -> Result<Redirect, Problem> {
    let workspace = workspace(form.workspace)?;
    let server = pages.server();
    let replayed = replay::replay(&server.store, &workspace, &id, &pages.who().actor).await?;
    let page = Place::new(workspace).href(Page::Audit);
    let outcome = replayed.outcome.as_str();
    Ok(Redirect::to(&format!("{page}?run={id}&replayed={outcome}")))
}

/// All that speaks for a run, in one file that can be checked without this server.
#[utoipa::path(
    get,
    path = "/api/v1/runs/{id}/evidence.zip",
    operation_id = "get_evidence",
    tag = "audit",
    params(InWorkspace, NamedRun),
    responses(
        (status = 200, description = "Its README.txt says what is in it", body = File, content_type = "application/zip"),
        (status = 409, description = "The run is going on"),
    ),
)]
pub async fn evidence_zip(
    pages: Pages,
    InWorkspace(workspace): InWorkspace,
    NamedRun(id): NamedRun,
) -> Result<Response, Problem> {
    let run = pages.run(&workspace, &id).await?;
    let store = pages.server().store.clone();
    let draw = usual();
    evidence::note(&store, slice::from_ref(&run), &draw, &pages.who().actor).await?;
    let headers = attachment(&run, "evidence.zip", "application/zip");
    Ok(packed(headers, store, workspace, vec![run], draw))
}

/// As of one run, of all that began between two days, in Indian time, and have ended.
#[utoipa::path(
    get,
    path = "/api/v1/evidence.zip",
    operation_id = "get_evidence_of_period",
    tag = "audit",
    params(InWorkspace, Period),
    responses(
        (status = 200, description = "Its README.txt says what is in it", body = File, content_type = "application/zip"),
        (status = 404, description = "No run that has ended began then"),
    ),
)]
pub async fn evidence_of_period(
    pages: Pages,
    InWorkspace(workspace): InWorkspace,
    period: Period,
) -> Result<Response, Problem> {
    let day = |day: Option<NaiveDate>| day.map(|it| it.to_string());
    let span = Span {
        from: day(period.from).unwrap_or_default(),
        to: day(period.to).unwrap_or_else(|| "9999".to_owned()),
    };
    let store = pages.server().store.clone();
    let runs = evidence::begun(&store, &workspace, &span).await?;
    if runs.is_empty() {
        return Err(Problem::new(
            StatusCode::NOT_FOUND,
            "no-run",
            "No run began then",
            "Of the runs that have ended, none began between these days. Nothing was taken along.",
        ));
    }
    let draw = usual();
    evidence::note(&store, &runs, &draw, &pages.who().actor).await?;
    let headers = named("evidence.zip", "application/zip");
    Ok(packed(headers, store, workspace, runs, draw))
}

/// A sample that nobody foresees.
fn usual() -> Draw {
    Draw {
        seed: clock::seed(),
        rows: sample::USUAL,
    }
}

/// What it holds is written while it goes out.
fn packed(
    headers: HeaderMap,
    store: Store,
    workspace: WorkspaceId,
    runs: Vec<Run>,
    draw: Draw,
) -> Response {
    let (send, receive) = mpsc::channel(WAITING);
    let runtime = Handle::current();
    tokio::task::spawn_blocking(move || {
        let write = || -> Result<(), EvidenceError> {
            let mut out = pieces(&send);
            evidence::write(&store, &runtime, &workspace, &runs, draw, &mut out)?;
            Ok(out.flush()?)
        };
        write_out(write, &send);
    });
    (headers, streamed(Bytes::new(), receive)).into_response()
}

impl From<EvidenceError> for Problem {
    fn from(error: EvidenceError) -> Self {
        match error {
            EvidenceError::Running(_) => Self::new(
                StatusCode::CONFLICT,
                "running",
                "This run is going on",
                "Its evidence can be taken when it has ended.",
            ),
            EvidenceError::Store(error) => error.into(),
            other => {
                tracing::error!(error = &other as &dyn Error, "an evidence file failed");
                Self::internal().caused_by(&other)
            }
        }
    }
}

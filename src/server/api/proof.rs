//! What speaks for a run: judging its file again, and its evidence file.

use super::{
    download::{attachment, broken},
    extract::{InWorkspace, NamedRun},
    openapi::File,
    tables::{WAITING, pieces, streamed},
};
use crate::{
    backend::Pages,
    evidence::{self, EvidenceError},
    problem::Problem,
    replay,
};
use app::backend::Backend;
use axum::{
    Json,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use model::proof::Replay;
use std::{error::Error, io::Write, slice};
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
    evidence::note(&store, slice::from_ref(&run), &pages.who().actor).await?;
    let (send, receive) = mpsc::channel(WAITING);
    let headers = attachment(&run, "evidence.zip", "application/zip");
    let runtime = Handle::current();
    tokio::task::spawn_blocking(move || {
        let mut out = pieces(&send);
        let written = evidence::write(&store, &runtime, &workspace, &[run], &mut out);
        let written = written.and_then(|()| Ok(out.flush()?));
        if let Err(error) = written
            && !send.is_closed()
        {
            let _ = send.blocking_send(Err(broken(error)));
        }
    });
    Ok((headers, streamed(Bytes::new(), receive)).into_response())
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
                Self::internal()
            }
        }
    }
}

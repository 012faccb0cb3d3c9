//! A run as it goes on, as server-sent events: `stage` whenever something moved, `end` once at the end.

use super::extract::{InWorkspace, NamedRun};
use crate::{backend::Pages, problem::Problem};
use app::backend::Backend;
use axum::response::sse::{Event, KeepAlive, Sse};
use futures::{Stream, stream};
use model::{
    id::{RunId, WorkspaceId},
    run::{Run, RunStatus, StageRecord},
};
use serde::Serialize;
use std::{convert::Infallible, time::Duration};
use tokio::sync::watch;
use utoipa::ToSchema;

/// A run of another process rings no bell here; it is looked at this often.
const LOOK_EVERY: Duration = Duration::from_secs(1);

#[derive(Serialize, PartialEq, ToSchema)]
pub struct Progress {
    status: RunStatus,
    stages: Vec<StageRecord>,
}

/// As it is sent.
#[derive(ToSchema)]
pub struct ProgressEvent {
    /// `stage` or `end`.
    pub event: String,
    /// The JSON of a Progress.
    #[schema(content_media_type = "application/json")]
    pub data: String,
}

impl From<Run> for Progress {
    fn from(run: Run) -> Self {
        Self {
            status: run.summary.status,
            stages: run.stages,
        }
    }
}

struct Follower {
    pages: Pages,
    workspace: WorkspaceId,
    id: RunId,
    bell: watch::Receiver<()>,
    closing: watch::Receiver<bool>,
    told: Option<Progress>,
    ended: bool,
}

/// A run as it goes on, as server-sent events.
#[utoipa::path(
    get,
    path = "/api/v1/runs/{id}/events",
    operation_id = "follow_run",
    tag = "runs",
    params(InWorkspace, NamedRun),
    responses(
        (
            status = 200,
            description = "An event `stage` whenever something moved, and `end` once",
            body = ProgressEvent,
            content_type = "text/event-stream",
        ),
    ),
)]
pub async fn follow(
    pages: Pages,
    InWorkspace(workspace): InWorkspace,
    NamedRun(id): NamedRun,
) -> Result<Sse<impl Stream<Item = Result<Event, Infallible>>>, Problem> {
    pages.run(&workspace, &id).await?;
    let follower = Follower {
        bell: pages.server().runs.bell(),
        closing: pages.server().closing.clone(),
        pages,
        workspace,
        id,
        told: None,
        ended: false,
    };
    let events = stream::unfold(follower, |mut it| async move {
        let event = it.next().await?;
        Some((Ok(event), it))
    });
    Ok(Sse::new(events).keep_alive(KeepAlive::default()))
}

impl Follower {
    /// Waits until there is something new to tell; None where all is told or the server stops.
    async fn next(&mut self) -> Option<Event> {
        while !self.ended {
            // Marked as heard before looking, so that what rings while we look wakes us again.
            self.bell.mark_unchanged();
            let run = self.pages.run(&self.workspace, &self.id).await.ok()?;
            let progress = Progress::from(run);
            self.ended = progress.status != RunStatus::Running;
            if self.told.as_ref() != Some(&progress) {
                let name = if self.ended { "end" } else { "stage" };
                let event = Event::default().event(name).json_data(&progress).ok()?;
                self.told = Some(progress);
                return Some(event);
            }
            tokio::select! {
                // A bell that is gone rings no more: then the clock alone says when to look.
                Ok(()) = self.bell.changed() => {}
                () = tokio::time::sleep(LOOK_EVERY) => {}
                _ = self.closing.wait_for(|it| *it) => return None,
            }
        }
        None
    }
}

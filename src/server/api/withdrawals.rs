//! Taking a run's rows out of the ledger, letting those of a held one in, and what a replacement would change.

use super::extract::{InWorkspace, NamedRun, Sent, workspace};
use crate::{
    backend::Pages,
    clock,
    exception::Who,
    problem::Problem,
    run::{Release, reason_digest},
};
use app::{backend::Backend, place::Place, refused::Back};
use axum::{Form, Json, http::StatusCode, response::Redirect};
use model::{
    id::{RunId, WorkspaceId},
    run::{Difference, Run},
};
use serde::Deserialize;
use store::{Mark, StoreError};
use utoipa::ToSchema;

const REASON_CHARS: usize = 2_000;

/// Why something is done, in the words of whoever does it.
#[derive(Deserialize, ToSchema)]
pub struct Reason {
    /// 1 to 2,000 characters.
    #[schema(min_length = 1, max_length = 2000)]
    reason: String,
}

impl Reason {
    /// As a form sends it.
    pub(super) fn of(text: &str) -> Result<String, Problem> {
        let reason = text.to_owned();
        Self { reason }.checked()
    }

    pub(super) fn checked(self) -> Result<String, Problem> {
        let reason = self.reason.trim();
        let fits = (1..=REASON_CHARS).contains(&reason.chars().count());
        if fits && !reason.contains(|it: char| it.is_control() && it != '\n') {
            Ok(reason.to_owned())
        } else {
            Err(Problem::invalid(
                "`reason` is 1 to 2,000 characters, without control characters.",
            ))
        }
    }
}

/// Withdraws a run: its rows and those of its corrections leave the ledger's totals. Nothing is erased.
#[utoipa::path(
    post,
    path = "/api/v1/runs/{id}/withdrawal",
    operation_id = "withdraw_run",
    tag = "runs",
    params(InWorkspace, NamedRun),
    request_body = Reason,
    responses(
        (status = 200, description = "The run as it stands now", body = Run),
        (status = 409, description = "The run goes on, has failed, or was withdrawn before"),
    ),
)]
pub async fn withdraw(
    pages: Pages,
    InWorkspace(workspace): InWorkspace,
    NamedRun(id): NamedRun,
    who: Who,
    Sent(reason): Sent<Reason>,
) -> Result<Json<Run>, Problem> {
    withdrawn(&pages, &workspace, &id, reason, who).await?;
    Ok(Json(pages.run(&workspace, &id).await?))
}

async fn withdrawn(
    pages: &Pages,
    workspace: &WorkspaceId,
    id: &RunId,
    reason: Reason,
    who: Who,
) -> Result<(), Problem> {
    let reason = reason.checked()?;
    let mark =
        Mark::new(clock::now_text(), who.actor).with("reason_digest", reason_digest(&reason));
    let store = &pages.server().store;
    match store.withdraw_run(workspace, id, &reason, &mark).await {
        Err(StoreError::NotFound) => Err(Problem::not_found("run")),
        Err(StoreError::Conflict(_)) => Err(Problem::new(
            StatusCode::CONFLICT,
            "not-withdrawable",
            "This run cannot be withdrawn",
            "It is going on, has failed, was withdrawn before, or has the corrections of another: open those again \
                 one by one, or withdraw that run. Nothing was changed.",
        )),
        done => Ok(done.map(drop)?),
    }
}

/// Lets the rows of a held run into the ledger: a run of the same file takes its place.
#[utoipa::path(
    post,
    path = "/api/v1/runs/{id}/release",
    operation_id = "release_run",
    tag = "runs",
    params(InWorkspace, NamedRun),
    request_body = Reason,
    responses(
        (status = 202, description = "The run that takes its place; it has begun", body = Run),
        (status = 409, description = "The run is not held, its file has not the form of the contract, or another run \
            has the place that it was to take: `run`"),
    ),
)]
pub async fn release(
    pages: Pages,
    InWorkspace(workspace): InWorkspace,
    NamedRun(id): NamedRun,
    who: Who,
    Sent(reason): Sent<Reason>,
) -> Result<(StatusCode, Json<Run>), Problem> {
    let run = released(&pages, &workspace, &id, reason, who).await?;
    Ok((StatusCode::ACCEPTED, Json(run)))
}

async fn released(
    pages: &Pages,
    workspace: &WorkspaceId,
    id: &RunId,
    reason: Reason,
    who: Who,
) -> Result<Run, Problem> {
    let reason = reason.checked()?;
    let runs = &pages.server().runs;
    let begun = match runs.release(workspace, id, &who.actor, &reason).await {
        Err(StoreError::NotFound) => return Err(Problem::not_found("run")),
        begun => begun?,
    };
    match begun {
        Release::Begun(run) => Ok(*run),
        Release::NotHeld => Err(Problem::new(
            StatusCode::CONFLICT,
            "not-releasable",
            "This run cannot be released",
            "It is not held, or its file has not the form of the contract, so that there are no rows to let in. \
             Nothing was changed.",
        )),
        Release::PlaceTaken(by) => Err(Problem::new(
            StatusCode::CONFLICT,
            "place-taken",
            "Another run has taken the place that this one was to take",
            format!(
                "{} ({}) was let in before it. Nothing was changed. To have these rows instead, hand the file in again \
                 to replace that run; or else withdraw this one.",
                by.file_name, by.id
            ),
        )
        .with("run", by.id.as_str())),
    }
}

/// The plain forms of a run's page.
#[derive(Deserialize)]
pub struct ReasonForm {
    workspace: Option<String>,
    #[serde(flatten)]
    reason: Reason,
}

/// `POST /runs/{id}/withdrawal`: sends the browser back to the run.
pub async fn withdraw_form(
    pages: Pages,
    NamedRun(id): NamedRun,
    who: Who,
    Form(form): Form<ReasonForm>,
) -> Result<Redirect, Problem> {
    let workspace = workspace(form.workspace)?;
    let page = Place::new(workspace.clone()).run(&id);
    let back = back(&page, &form.reason);
    let done = withdrawn(&pages, &workspace, &id, form.reason, who).await;
    done.map_err(|it| it.leading_back(back))?;
    Ok(Redirect::to(&page))
}

/// `POST /runs/{id}/release`: sends the browser on to the run that takes its place.
pub async fn release_form(
    pages: Pages,
    NamedRun(id): NamedRun,
    who: Who,
    Form(form): Form<ReasonForm>,
) -> Result<Redirect, Problem> {
    let workspace = workspace(form.workspace)?;
    let here = Place::new(workspace.clone());
    let back = back(&here.run(&id), &form.reason);
    let run = released(&pages, &workspace, &id, form.reason, who).await;
    let run = run.map_err(|it| it.leading_back(back))?;
    Ok(Redirect::to(&here.run(&run.summary.id)))
}

/// The run's page, where one of its forms is refused.
fn back(page: &str, reason: &Reason) -> Back {
    let said = Some(&reason.reason).filter(|it| !it.trim().is_empty());
    Back {
        href: page.to_owned(),
        typed: said
            .map(|it| ("Reason".to_owned(), it.clone()))
            .into_iter()
            .collect(),
        ..Back::default()
    }
}

/// What releasing a held run would change, that is to take the place of another.
#[utoipa::path(
    get,
    path = "/api/v1/runs/{id}/difference",
    operation_id = "get_difference",
    tag = "runs",
    params(InWorkspace, NamedRun),
    responses(
        (status = 200, description = "Rows added, changed and gone, with their money", body = Difference),
    ),
)]
pub async fn differing(
    pages: Pages,
    InWorkspace(workspace): InWorkspace,
    NamedRun(id): NamedRun,
) -> Result<Json<Difference>, Problem> {
    let found = pages.difference(&workspace, &id).await?;
    found
        .map(Json)
        .ok_or_else(|| Problem::not_found("run that replaces another and has been judged"))
}

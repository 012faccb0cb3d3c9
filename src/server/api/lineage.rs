//! Where rows come from.

use super::{
    contracts,
    download::{attachment, failed, noted, verdict},
    extract::{InWorkspace, NamedRun},
};
use crate::{backend::Pages, lineage, problem::Problem};
use app::backend::Backend;
use axum::{
    Json,
    extract::{Path, rejection::PathRejection},
    response::{IntoResponse, Response},
};
use model::{ledger::RowView, lineage::RunLineage};
use serde_json::Value;

/// One row of a run, from the file to the ledger or to the exceptions, column by column, and how it stands there.
/// `record` is 1-based.
#[utoipa::path(
    get,
    path = "/api/v1/runs/{id}/rows/{record}/lineage",
    operation_id = "get_row_lineage",
    tag = "audit",
    params(InWorkspace, NamedRun, ("record" = u64, Path, description = "1-based, without layout")),
    responses(
        (status = 200, description = "The way of the row", body = RowView),
        (status = 409, description = "The run has no verdict: it is going on, or it failed"),
    ),
)]
pub async fn of_row(
    pages: Pages,
    InWorkspace(workspace): InWorkspace,
    named: Result<Path<(String, String)>, PathRejection>,
) -> Result<Json<RowView>, Problem> {
    let Path((id, record)) = named.map_err(|_| Problem::not_found("row"))?;
    let id = id.try_into().map_err(|_| Problem::not_found("run"))?;
    let record: u64 = record.parse().map_err(|_| Problem::not_found("row"))?;
    verdict(&pages.run(&workspace, &id).await?)?;
    Ok(Json(pages.row(&workspace, &id, record).await?))
}

/// A run from its file to the ledger and to the exceptions, column by column, and between which runs its rows went.
#[utoipa::path(
    get,
    path = "/api/v1/runs/{id}/lineage",
    operation_id = "get_run_lineage",
    tag = "audit",
    params(InWorkspace, NamedRun),
    responses(
        (status = 200, description = "The way of the run", body = RunLineage),
        (status = 409, description = "The run has no verdict: it is going on, or it failed"),
    ),
)]
pub async fn of_run(
    pages: Pages,
    InWorkspace(workspace): InWorkspace,
    NamedRun(id): NamedRun,
) -> Result<Json<RunLineage>, Problem> {
    let run = pages.run(&workspace, &id).await?;
    verdict(&run)?;
    let found = pages.run_lineage(&workspace, &run, None).await?;
    found
        .map(Json)
        .ok_or_else(|| Problem::not_found("contract"))
}

/// What OpenLineage says of a run: its START and, once it has ended, its COMPLETE or FAIL.
#[utoipa::path(
    get,
    path = "/api/v1/runs/{id}/openlineage.json",
    operation_id = "get_openlineage",
    tag = "audit",
    params(InWorkspace, NamedRun),
    responses((status = 200, description = "RunEvents of OpenLineage 2-0-2", body = Vec<Object>)),
)]
pub async fn openlineage(
    pages: Pages,
    InWorkspace(workspace): InWorkspace,
    NamedRun(id): NamedRun,
) -> Result<Response, Problem> {
    let run = pages.run(&workspace, &id).await?;
    let contract = match &run.verdict {
        Some(_) => Some(contracts::of_run(&pages, &workspace, &run).await?),
        None => None,
    };
    let told = lineage::told(&pages.server().store, &run, contract.as_ref()).await?;
    let events = told.values().map(|it| serde_json::from_str(it));
    let events: Result<Vec<Value>, _> = events.collect();
    let text = events.and_then(|it| serde_json::to_string_pretty(&it));
    let text = text.map_err(|error| failed(&error))?;
    noted(&pages, &workspace, Some(&id), "openlineage", "json").await?;
    let headers = attachment(&run, "openlineage.json", "application/json");
    Ok((headers, text).into_response())
}

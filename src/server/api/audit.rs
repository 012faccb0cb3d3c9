//! The audit log, to be taken along.

use super::{
    download::{broken, named, noted},
    extract::InWorkspace,
    openapi::File,
};
use crate::{backend::Pages, handout, problem::Problem};
use app::backend::Backend;
use axum::{
    Json,
    body::Body,
    response::{IntoResponse, Response},
};
use futures::TryStreamExt;
use model::audit::Coverage;

/// Every entry, oldest first, with checkpoints: what `tarazu audit verify --file` and the page Verify read.
#[utoipa::path(
    get,
    path = "/api/v1/audit/export",
    operation_id = "export_audit_log",
    tag = "audit",
    params(InWorkspace),
    responses(
        (status = 200, description = "An entry a line, with checkpoints", body = File, content_type = "application/x-ndjson"),
    ),
)]
pub async fn export(
    pages: Pages,
    InWorkspace(workspace): InWorkspace,
) -> Result<Response, Problem> {
    noted(&pages, &workspace, None, "audit-log", "ndjson").await?;
    let lines = handout::log(&pages.server().store, &workspace, |_| true);
    let headers = named(&format!("audit-{workspace}.ndjson"), "application/x-ndjson");
    Ok((headers, Body::from_stream(lines.map_err(broken))).into_response())
}

/// How much of what happened has its entry in the log, and what has none.
#[utoipa::path(
    get,
    path = "/api/v1/audit/coverage",
    operation_id = "get_audit_coverage",
    tag = "audit",
    params(InWorkspace),
    responses((status = 200, description = "Shares, and whatever is missing", body = Coverage)),
)]
pub async fn coverage(
    pages: Pages,
    InWorkspace(workspace): InWorkspace,
) -> Result<Json<Coverage>, Problem> {
    Ok(Json(pages.coverage(&workspace).await?))
}

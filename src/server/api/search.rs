//! The search: what a text is, where it is, and why.

use super::extract::{Asked, InWorkspace};
use crate::{backend::Pages, problem::Problem};
use app::backend::Backend;
use axum::Json;
use model::search::Hits;
use serde::Deserialize;
use utoipa::IntoParams;

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct SearchQuery {
    /// A key, a run's id, a part of a file's name, or a digest (BLAKE3, SHA-256, a contract's fingerprint) or its first
    /// six digits or more.
    q: String,
}

/// Finds a key in the ledger, among the exceptions and the rows that no longer count, and runs by id, file name or
/// digest.
#[utoipa::path(
    get,
    path = "/api/v1/search",
    operation_id = "search",
    tag = "rows",
    params(InWorkspace, SearchQuery),
    responses((status = 200, description = "What was found, of each kind at most 20", body = Hits)),
)]
pub async fn search(
    pages: Pages,
    InWorkspace(workspace): InWorkspace,
    Asked(query): Asked<SearchQuery>,
) -> Result<Json<Hits>, Problem> {
    Ok(Json(pages.search(&workspace, query.q.trim()).await?))
}

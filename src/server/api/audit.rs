//! The audit log: its entries, and the whole of it to be taken along.

use super::{
    download::{broken, named, noted},
    extract::{Asked, InWorkspace, Period},
    openapi::File,
};
use crate::{backend::Pages, handout, problem::Problem};
use app::backend::Backend;
use axum::{
    Json,
    body::Body,
    extract::{Path, rejection::PathRejection},
    response::{IntoResponse, Response},
};
use futures::TryStreamExt;
use model::{
    audit::{ChainedEntry, Coverage, EntryFilter, EntryList},
    id::RunId,
};
use serde::Deserialize;
use utoipa::IntoParams;

/// Entries of one page.
const USUAL: u32 = 100;
const MOST: u32 = 500;

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct EntryQuery {
    /// Of this run alone.
    run: Option<RunId>,
    /// What the event begins with: `run.completed`, or `exception.` for all of these.
    event: Option<String>,
    /// Who did it.
    actor: Option<String>,
    /// `next` of the page before: only entries with a smaller sequence.
    before: Option<u64>,
    /// At most so many; 100 where it is absent.
    #[param(minimum = 1, maximum = 500)]
    limit: Option<u32>,
}

/// Entries of the log, newest first, by keyset.
///
/// `from` and `to` are days in Indian time. No filter narrows what the chain is made of: an entry's hash is that of the whole log.
#[utoipa::path(
    get,
    path = "/api/v1/audit/entries",
    operation_id = "list_audit_entries",
    tag = "audit",
    params(InWorkspace, Period, EntryQuery),
    responses((status = 200, description = "Some of them, and where the older ones begin", body = EntryList)),
)]
pub async fn entries(
    pages: Pages,
    InWorkspace(workspace): InWorkspace,
    period: Period,
    Asked(query): Asked<EntryQuery>,
) -> Result<Json<EntryList>, Problem> {
    let limit = query.limit.unwrap_or(USUAL);
    if !(1..=MOST).contains(&limit) {
        let text = format!("`limit` is between 1 and {MOST}.");
        return Err(Problem::invalid(text));
    }
    if query.before.is_some_and(|it| i64::try_from(it).is_err()) {
        return Err(Problem::invalid("`before` is beyond every entry."));
    }
    let day = |it: Option<chrono::NaiveDate>| it.map(|it| it.to_string()).unwrap_or_default();
    let filter = EntryFilter {
        run: query.run,
        event: query.event.unwrap_or_default(),
        actor: query.actor.unwrap_or_default(),
        from: day(period.from),
        to: day(period.to),
    };
    let store = &pages.server().store;
    let found = store.entries(&workspace, &filter, query.before, limit);
    Ok(Json(found.await?))
}

/// One entry of the log, with its place in the chain.
#[utoipa::path(
    get,
    path = "/api/v1/audit/entries/{sequence}",
    operation_id = "get_audit_entry",
    tag = "audit",
    params(InWorkspace, ("sequence" = u64, Path, description = "1-based, without gaps")),
    responses((status = 200, description = "The entry", body = ChainedEntry)),
)]
pub async fn entry(
    pages: Pages,
    InWorkspace(workspace): InWorkspace,
    named: Result<Path<String>, PathRejection>,
) -> Result<Json<ChainedEntry>, Problem> {
    let sequence: Option<u64> = named.ok().and_then(|Path(it)| it.parse().ok());
    // No store has more entries than that.
    let sequence = sequence.filter(|it| i64::try_from(*it).is_ok());
    let found = match sequence {
        Some(sequence) => pages.server().store.entry(&workspace, sequence).await?,
        None => None,
    };
    found.map(Json).ok_or_else(|| Problem::not_found("entry"))
}

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

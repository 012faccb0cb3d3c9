//! Runs as JSON.

use super::extract::{Asked, InWorkspace, NamedRun};
use super::upload::choice;
use crate::{backend::Pages, problem::Problem};
use app::backend::Backend;
use axum::{
    Json,
    extract::{Path, rejection::PathRejection},
};
use model::{
    finding::{FindingOrder, FindingQuery, FlaggedRows},
    id::RunId,
    options::Choice,
    run::{Run, RunKind, RunList, RunSummary},
};
use serde::Deserialize;
use utoipa::IntoParams;

/// Rows of one page.
const MOST: u32 = 500;

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ListQuery {
    /// Only those of files, or only those by which rows of exceptions entered later; both where it is absent.
    #[param(inline)]
    kind: Option<RunKind>,
    /// Only runs older than this one.
    #[param(value_type = Option<RunId>)]
    before: Option<String>,
}

/// The runs of a workspace, those going on and failed ones too.
#[utoipa::path(
    get,
    path = "/api/v1/runs",
    operation_id = "list_runs",
    tag = "runs",
    params(InWorkspace, ListQuery),
    responses(
        (status = 200, description = "Newest first, at most 50, and how many there are of each kind", body = RunList),
    ),
)]
pub async fn list(
    pages: Pages,
    InWorkspace(workspace): InWorkspace,
    Asked(query): Asked<ListQuery>,
) -> Result<Json<RunList>, Problem> {
    let before = query.before.map(RunId::try_from).transpose();
    let before = before.map_err(|_| Problem::invalid("`before` is not a run's id."))?;
    Ok(Json(
        pages.runs(&workspace, query.kind, before.as_ref()).await?,
    ))
}

/// One run, whole.
#[utoipa::path(
    get,
    path = "/api/v1/runs/{id}",
    operation_id = "get_run",
    tag = "runs",
    params(InWorkspace, NamedRun),
    responses(
        (status = 200, description = "The run; its verdict is null while it goes on", body = Run),
    ),
)]
pub async fn one(
    pages: Pages,
    InWorkspace(workspace): InWorkspace,
    NamedRun(id): NamedRun,
) -> Result<Json<Run>, Problem> {
    Ok(Json(pages.run(&workspace, &id).await?))
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct FindingSort {
    /// `record` where it is absent: as the file has them.
    sort: Option<FindingOrder>,
}

/// Rows of a run with findings, by keyset.
#[utoipa::path(
    get,
    path = "/api/v1/runs/{id}/findings",
    operation_id = "list_findings",
    tag = "runs",
    params(InWorkspace, NamedRun, FindingQuery, FindingSort),
    responses(
        (status = 200, description = "In that order", body = FlaggedRows),
    ),
)]
pub async fn findings(
    pages: Pages,
    InWorkspace(workspace): InWorkspace,
    NamedRun(id): NamedRun,
    Asked(query): Asked<FindingQuery>,
    Asked(FindingSort { sort }): Asked<FindingSort>,
) -> Result<Json<FlaggedRows>, Problem> {
    if query.limit > MOST {
        return Err(Problem::invalid(format!("`limit` is at most {MOST}.")));
    }
    if i64::try_from(query.after).is_err() {
        return Err(Problem::invalid("`after` is beyond every record."));
    }
    let order = sort.unwrap_or_default();
    Ok(Json(
        pages.flagged_by(&workspace, &id, &query, order).await?,
    ))
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct DigestQuery {
    /// The contract's fingerprint; any of this server's where it is absent.
    contract: Option<String>,
    /// How it would be read; any way where it is absent.
    #[param(value_type = Option<Choice>)]
    choice: Option<String>,
}

/// The run in which this workspace judged these bytes under this contract, so that they need not be sent.
#[utoipa::path(
    get,
    path = "/api/v1/digests/{digest}",
    operation_id = "find_by_digest",
    tag = "runs",
    params(InWorkspace, ("digest" = String, Path, description = "BLAKE3 of the file", pattern = "^[0-9a-f]{64}$"), DigestQuery),
    responses(
        (status = 200, description = "The newest such run that did not fail", body = RunSummary),
    ),
)]
pub async fn by_digest(
    pages: Pages,
    InWorkspace(workspace): InWorkspace,
    named: Result<Path<String>, PathRejection>,
    Asked(query): Asked<DigestQuery>,
) -> Result<Json<RunSummary>, Problem> {
    let hex = |it: u8| matches!(it, b'0'..=b'9' | b'a'..=b'f');
    let digest = named.ok().map(|Path(it)| it);
    let digest = digest.filter(|it| it.len() == 64 && it.bytes().all(hex));
    let digest = digest.ok_or_else(|| {
        Problem::invalid("A digest is the file's BLAKE3 as 64 lowercase hexadecimal digits.")
    })?;
    let given = query.choice.as_deref().filter(|it| !it.is_empty());
    let contracts = pages.server().runs.contracts(&workspace).await?;
    let choice = given.map(|it| choice(Some(it), &contracts)).transpose()?;
    let found = pages
        .judged(
            &workspace,
            &digest,
            query.contract.as_deref(),
            choice.as_ref(),
        )
        .await?;
    found.map(Json).ok_or_else(|| Problem::not_found("file"))
}

//! Exceptions: one of them whole, and what is done with one or with many.

mod ask;
pub mod form;
mod problem;

use super::extract::{InWorkspace, Sent};
use crate::{
    backend::Pages,
    exception::{Act, Done, Edit, Exceptions, Picked, Settlement, Who},
    problem::Problem,
};
use ask::NamedException;
use axum::Json;
use model::{
    control::{Category, Severity},
    exception::{ExceptionState, ExceptionView},
    finding::FindingQuery,
    id::{RunId, WorkspaceId},
};
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};
use utoipa::ToSchema;

/// The most exceptions of one act. They are judged, and enter, at one time.
const MOST: usize = 10_000;
const TEXT_CHARS: usize = 2_000;

#[derive(Deserialize, ToSchema)]
pub struct Correction {
    version: u64,
    /// New texts of cells, by the contract's name of the column or by the file's.
    #[serde(default)]
    cells: BTreeMap<String, String>,
    /// Instead, the whole row in the order of the file's own columns.
    row: Option<Vec<String>>,
    reason: Option<String>,
}

#[derive(Deserialize, ToSchema)]
pub struct Reasoned {
    version: u64,
    reason: String,
}

#[derive(Deserialize, ToSchema)]
pub struct Assignment {
    version: u64,
    /// Nobody where it is null.
    assignee: Option<String>,
}

#[derive(Deserialize, ToSchema)]
pub struct Comment {
    version: u64,
    text: String,
}

#[derive(Deserialize, ToSchema)]
#[schema(as = SettlementChoice)]
pub struct Settled {
    version: u64,
    settlement: Settlement,
    reason: String,
    /// Of the key, where the row gets another one; as of a correction.
    #[serde(default)]
    cells: BTreeMap<String, String>,
}

#[derive(Deserialize, ToSchema)]
pub struct Replay {
    version: u64,
}

#[derive(Deserialize, ToSchema)]
pub struct Bulk {
    filter: Filter,
    act: Act,
}

/// Which exceptions of a run are meant: those that answer all of it.
#[derive(Deserialize, ToSchema)]
#[schema(as = ExceptionFilter)]
pub struct Filter {
    run: RunId,
    /// With a finding of this control.
    code: Option<String>,
    category: Option<Category>,
    state: Option<ExceptionState>,
    /// Among these records.
    records: Option<Vec<u64>>,
}

/// One exception with its history.
#[utoipa::path(
    get,
    path = "/api/v1/runs/{id}/exceptions/{record}",
    operation_id = "get_exception",
    tag = "exceptions",
    params(InWorkspace, NamedException),
    responses((status = 200, description = "The row, where it stands, and how it came there", body = ExceptionView)),
)]
pub async fn one(
    pages: Pages,
    InWorkspace(workspace): InWorkspace,
    named: NamedException,
) -> Result<Json<ExceptionView>, Problem> {
    view(&pages, &workspace, &named).await
}

/// Puts a row right. It is judged at once, by itself, under the contract in force; one that passes enters the ledger.
#[utoipa::path(
    post,
    path = "/api/v1/runs/{id}/exceptions/{record}/corrections",
    operation_id = "correct_exception",
    tag = "exceptions",
    params(InWorkspace, NamedException),
    request_body = Correction,
    responses(
        (status = 200, description = "The exception afterwards; `state` says whether it passed", body = ExceptionView),
        (status = 409, description = "It has another version by now, or is not open"),
    ),
)]
pub async fn correct(
    pages: Pages,
    InWorkspace(workspace): InWorkspace,
    named: NamedException,
    who: Who,
    Sent(it): Sent<Correction>,
) -> Result<Json<ExceptionView>, Problem> {
    let edit = Edit {
        cells: it.cells,
        row: it.row,
    };
    let reason = it.reason;
    let act = Act::Correct { edit, reason };
    done(&pages, &workspace, &named, it.version, act, &who).await
}

/// Lets a row in in spite of what was found, marked so. Above the contract's amount a second person has to do the same.
#[utoipa::path(
    post,
    path = "/api/v1/runs/{id}/exceptions/{record}/waivers",
    operation_id = "waive_exception",
    tag = "exceptions",
    params(InWorkspace, NamedException),
    request_body = Reasoned,
    responses(
        (status = 200, description = "The exception afterwards", body = ExceptionView),
        (status = 409, description = "It has another version by now, is not open, or may not be waived"),
    ),
)]
pub async fn waive(
    pages: Pages,
    InWorkspace(workspace): InWorkspace,
    named: NamedException,
    who: Who,
    Sent(it): Sent<Reasoned>,
) -> Result<Json<ExceptionView>, Problem> {
    let act = Act::Waive { reason: it.reason };
    done(&pages, &workspace, &named, it.version, act, &who).await
}

/// Leaves a row out for good.
#[utoipa::path(
    post,
    path = "/api/v1/runs/{id}/exceptions/{record}/rejections",
    operation_id = "reject_exception",
    tag = "exceptions",
    params(InWorkspace, NamedException),
    request_body = Reasoned,
    responses(
        (status = 200, description = "The exception afterwards", body = ExceptionView),
        (status = 409, description = "It has another version by now, or is not open"),
    ),
)]
pub async fn reject(
    pages: Pages,
    InWorkspace(workspace): InWorkspace,
    named: NamedException,
    who: Who,
    Sent(it): Sent<Reasoned>,
) -> Result<Json<ExceptionView>, Problem> {
    let act = Act::Reject { reason: it.reason };
    done(&pages, &workspace, &named, it.version, act, &who).await
}

/// Gives an exception to somebody, or to nobody.
#[utoipa::path(
    post,
    path = "/api/v1/runs/{id}/exceptions/{record}/assignment",
    operation_id = "assign_exception",
    tag = "exceptions",
    params(InWorkspace, NamedException),
    request_body = Assignment,
    responses(
        (status = 200, description = "The exception afterwards", body = ExceptionView),
        (status = 409, description = "It has another version by now, or is not open"),
    ),
)]
pub async fn assign(
    pages: Pages,
    InWorkspace(workspace): InWorkspace,
    named: NamedException,
    who: Who,
    Sent(it): Sent<Assignment>,
) -> Result<Json<ExceptionView>, Problem> {
    let act = Act::Assign {
        assignee: it.assignee,
    };
    done(&pages, &workspace, &named, it.version, act, &who).await
}

/// Says something of an exception.
#[utoipa::path(
    post,
    path = "/api/v1/runs/{id}/exceptions/{record}/comments",
    operation_id = "comment_on_exception",
    tag = "exceptions",
    params(InWorkspace, NamedException),
    request_body = Comment,
    responses(
        (status = 200, description = "The exception afterwards", body = ExceptionView),
        (status = 409, description = "It has another version by now"),
    ),
)]
pub async fn comment(
    pages: Pages,
    InWorkspace(workspace): InWorkspace,
    named: NamedException,
    who: Who,
    Sent(it): Sent<Comment>,
) -> Result<Json<ExceptionView>, Problem> {
    let act = Act::Comment { text: it.text };
    done(&pages, &workspace, &named, it.version, act, &who).await
}

/// Opens an exception again. A row that had entered leaves the ledger's totals.
#[utoipa::path(
    post,
    path = "/api/v1/runs/{id}/exceptions/{record}/reopen",
    operation_id = "reopen_exception",
    tag = "exceptions",
    params(InWorkspace, NamedException),
    request_body = Reasoned,
    responses(
        (status = 200, description = "The exception afterwards", body = ExceptionView),
        (status = 409, description = "It has another version by now, or is open"),
    ),
)]
pub async fn reopen(
    pages: Pages,
    InWorkspace(workspace): InWorkspace,
    named: NamedException,
    who: Who,
    Sent(it): Sent<Reasoned>,
) -> Result<Json<ExceptionView>, Problem> {
    let act = Act::Reopen { reason: it.reason };
    done(&pages, &workspace, &named, it.version, act, &who).await
}

/// Settles a repeated key: the holder keeps it, this row takes its place, or this row gets another key.
#[utoipa::path(
    post,
    path = "/api/v1/runs/{id}/exceptions/{record}/settlement",
    operation_id = "settle_exception",
    tag = "exceptions",
    params(InWorkspace, NamedException),
    request_body = Settled,
    responses(
        (status = 200, description = "The exception afterwards", body = ExceptionView),
        (status = 409, description = "It has another version by now, is not open, or its key is not what is wrong"),
    ),
)]
pub async fn settle(
    pages: Pages,
    InWorkspace(workspace): InWorkspace,
    named: NamedException,
    who: Who,
    Sent(it): Sent<Settled>,
) -> Result<Json<ExceptionView>, Problem> {
    let act = Act::Settle {
        settlement: it.settlement,
        reason: it.reason,
        edit: Edit {
            cells: it.cells,
            row: None,
        },
    };
    done(&pages, &workspace, &named, it.version, act, &who).await
}

/// Judges a row again under the contract in force. Nothing changes where the outcome is the same.
#[utoipa::path(
    post,
    path = "/api/v1/runs/{id}/exceptions/{record}/replay",
    operation_id = "replay_exception",
    tag = "exceptions",
    params(InWorkspace, NamedException),
    request_body = Replay,
    responses(
        (status = 200, description = "The exception afterwards", body = ExceptionView),
        (status = 409, description = "It has another version by now, or is not open"),
    ),
)]
pub async fn replay(
    pages: Pages,
    InWorkspace(workspace): InWorkspace,
    named: NamedException,
    who: Who,
    Sent(it): Sent<Replay>,
) -> Result<Json<ExceptionView>, Problem> {
    done(&pages, &workspace, &named, it.version, Act::Replay, &who).await
}

/// Does one act with all exceptions of a run that answer a filter, at one time.
#[utoipa::path(
    post,
    path = "/api/v1/exceptions/bulk",
    operation_id = "act_on_exceptions",
    tag = "exceptions",
    params(InWorkspace),
    request_body = Bulk,
    responses(
        (status = 200, description = "How many were changed, entered and left as they were, and why", body = Done),
        (status = 404, description = "There is no such run in this workspace"),
        (status = 409, description = "The run is not complete, or other acts came in between again and again"),
    ),
)]
pub async fn bulk(
    pages: Pages,
    InWorkspace(workspace): InWorkspace,
    who: Who,
    Sent(Bulk { filter, act }): Sent<Bulk>,
) -> Result<Json<Done>, Problem> {
    said(&act)?;
    let run = filter.run.clone();
    let records = matching(&pages, &workspace, filter).await?;
    let picked = Picked::All(records);
    let done = exceptions(&pages)
        .act(&workspace, &run, &picked, &act, &who)
        .await?;
    pages.server().runs.ring();
    Ok(Json(done))
}

fn exceptions(pages: &Pages) -> Exceptions<'_> {
    let server = pages.server();
    Exceptions::new(&server.store, server.runs.contracts())
}

async fn view(
    pages: &Pages,
    workspace: &WorkspaceId,
    named: &NamedException,
) -> Result<Json<ExceptionView>, Problem> {
    let view = exceptions(pages)
        .view(workspace, &named.run, named.record)
        .await?;
    Ok(Json(view))
}

async fn done(
    pages: &Pages,
    workspace: &WorkspaceId,
    named: &NamedException,
    version: u64,
    act: Act,
    who: &Who,
) -> Result<Json<ExceptionView>, Problem> {
    said(&act)?;
    let picked = Picked::One {
        record: named.record,
        version,
    };
    exceptions(pages)
        .act(workspace, &named.run, &picked, &act, who)
        .await?;
    pages.server().runs.ring();
    view(pages, workspace, named).await
}

/// Whether a reason was given where there has to be one.
fn said(act: &Act) -> Result<(), Problem> {
    let text = match act {
        Act::Waive { reason }
        | Act::Reject { reason }
        | Act::Reopen { reason }
        | Act::Settle { reason, .. } => reason,
        Act::Comment { text } => text,
        Act::Correct { reason: it, .. } | Act::Assign { assignee: it } => {
            return short(it.as_deref().unwrap_or_default());
        }
        Act::Replay => return Ok(()),
    };
    if text.trim().is_empty() {
        return Err(Problem::invalid(
            "Say why: this needs a reason, in words. Nothing was changed.",
        ));
    }
    short(text)
}

fn short(text: &str) -> Result<(), Problem> {
    if text.chars().count() > TEXT_CHARS {
        return Err(Problem::invalid(format!(
            "A reason, a comment or a name has at most {TEXT_CHARS} characters. Nothing was changed."
        )));
    }
    Ok(())
}

/// The records of a run's exceptions that answer a filter.
async fn matching(
    pages: &Pages,
    workspace: &WorkspaceId,
    filter: Filter,
) -> Result<Vec<u64>, Problem> {
    let mut records = Vec::new();
    let among: Option<BTreeSet<u64>> = filter.records.map(|it| it.into_iter().collect());
    let mut after = Some(0);
    while let Some(from) = after {
        let query = FindingQuery {
            severity: Some(Severity::Error),
            code: filter.code.clone(),
            category: filter.category,
            after: from,
            ..FindingQuery::default()
        };
        let store = &pages.server().store;
        let page = store.flagged(workspace, &filter.run, &query).await?;
        let rows = page.rows.iter().filter(|it| {
            let among = among.as_ref();
            it.state.is_some()
                && filter.state.is_none_or(|state| it.state == Some(state))
                && among.is_none_or(|among| among.contains(&it.row.record))
        });
        records.extend(rows.map(|it| it.row.record));
        if records.len() > MOST {
            return Err(Problem::invalid(format!(
                "More than {MOST} exceptions answer this filter. Nothing was changed: narrow it, and do the act \
                 several times."
            )));
        }
        after = page.next;
    }
    Ok(records)
}

//! Exceptions: one of them whole, and what is done with one or with many.

mod ask;
pub mod form;
mod problem;

use super::extract::{InWorkspace, Sent};
use crate::{
    backend::Pages,
    exception::{
        Act, Corrected, Done, Edit, Exceptions, MOST, MOST_OF_FILTER, Picked, Settlement, Who,
    },
    problem::Problem,
};
use ask::NamedException;
use axum::Json;
use chrono::NaiveDate;
use model::{
    control::Category,
    exception::{ActPreview, ExceptionFilter, ExceptionState, ExceptionView, RowPlace, Standing},
    finding::FoundBy,
    id::{RunId, WorkspaceId},
};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use store::StoreError;
use utoipa::ToSchema;

const TEXT_CHARS: usize = 2_000;

#[derive(Deserialize, ToSchema)]
#[schema(as = RowCorrection)]
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
#[schema(as = RowReplay)]
pub struct Replay {
    version: u64,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Bulk {
    filter: Filter,
    act: Act,
}

/// Rows of any runs, each put right in its own way.
#[derive(Deserialize, ToSchema)]
pub struct Corrections {
    rows: Vec<CorrectedRow>,
    reason: Option<String>,
}

/// A row as it was seen, and new texts of its cells, by the contract's name of the column or by the file's.
#[derive(Deserialize, ToSchema)]
pub struct CorrectedRow {
    run: RunId,
    record: u64,
    version: u64,
    cells: BTreeMap<String, String>,
}

#[derive(Serialize, ToSchema)]
pub struct CorrectionsDone {
    #[serde(flatten)]
    done: Done,
    /// In the order in which they were given.
    rows: Vec<CorrectionDone>,
}

#[derive(Serialize, ToSchema)]
pub struct CorrectionDone {
    #[serde(flatten)]
    at: RowPlace,
    /// 200 where it has a new version or says what it said, 404 where there is no such row, 409 where it was left as it is:
    /// as for one row alone.
    status: u16,
    /// `entered`, `failing`, or why it was left as it is.
    outcome: &'static str,
    /// The present one; absent where there is no such row.
    version: Option<u64>,
}

/// Which exceptions are meant: those that answer all of it.
#[derive(Deserialize, ToSchema)]
#[schema(as = ExceptionFilter)]
#[serde(deny_unknown_fields)]
pub struct Filter {
    /// Of all runs whose rows count where it is absent.
    run: Option<RunId>,
    /// The oldest and the newest run, in the order in which they came, where only those between them are meant.
    from_run: Option<RunId>,
    to_run: Option<RunId>,
    /// With an error of this control.
    code: Option<String>,
    /// In which a cell of the row fails, by that control where one is named: the contract's name, or the file's where the
    /// contract has none.
    column: Option<String>,
    category: Option<Category>,
    state: Option<ExceptionState>,
    /// Instead of one state, all that stand alike.
    standing: Option<Standing>,
    /// The list's word for what the row says; empty for rows that say none of the list's regions.
    region: Option<String>,
    /// The list's word for what the row says; empty for rows that say none of the list's products.
    product: Option<String>,
    /// The list's category of that product; empty for rows that say none.
    product_category: Option<String>,
    stage: Option<FoundBy>,
    /// Who has it.
    assignee: Option<String>,
    /// The first and the last day, in Indian time, on which the file came.
    #[schema(value_type = Option<String>, format = Date)]
    from: Option<NaiveDate>,
    #[schema(value_type = Option<String>, format = Date)]
    to: Option<NaiveDate>,
    /// A part of what the row says, of its key or of its file's name, whatever the case.
    q: Option<String>,
    /// Among these records of the run.
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

/// Opens an exception again. A row that had entered leaves the ledger's totals. Where another row of the ledger has its
/// key by now, UNQ02 is among its findings and says which.
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

/// Does one act with all exceptions that answer a filter.
///
/// They are at most 100,000. Those of one run are changed at one time, at most 10,000 of it, the oldest run first. Where
/// that fails on its way, what was done before stays done: `changed` and `entered` of the problem say how much.
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
    let mut picked = filter.matching(&pages, &workspace).await?;
    let exceptions = exceptions(&pages);
    let done = match run {
        Some(run) => {
            let none = Picked::All(Vec::new());
            let picked = picked.pop().map_or(none, |(_, it)| it);
            exceptions
                .act_on_run(&workspace, &run, picked, &act, &who)
                .await?
        }
        None => {
            exceptions
                .act_on_runs(&workspace, picked, &act, &who)
                .await?
        }
    };
    pages.server().runs.ring();
    Ok(Json(done))
}

/// Puts many rows right in one request: those of one run at one time. A row that somebody changed meanwhile is left as it
/// is, and told so; the others are judged and saved.
#[utoipa::path(
    post,
    path = "/api/v1/exceptions/corrections",
    operation_id = "correct_exceptions",
    tag = "exceptions",
    params(InWorkspace),
    request_body = Corrections,
    responses(
        (status = 200, description = "What became of each row", body = CorrectionsDone),
        (status = 400, description = "A row is named twice, or none of its cells"),
    ),
)]
pub async fn correct_each(
    pages: Pages,
    InWorkspace(workspace): InWorkspace,
    who: Who,
    Sent(it): Sent<Corrections>,
) -> Result<Json<CorrectionsDone>, Problem> {
    short(it.reason.as_deref().unwrap_or_default())?;
    let rows = it.rows.into_iter().map(|it| Corrected {
        at: RowPlace {
            run: it.run,
            record: it.record,
        },
        version: it.version,
        edit: Edit {
            cells: it.cells,
            row: None,
        },
    });
    let rows: Vec<Corrected> = rows.collect();
    let places: Vec<RowPlace> = rows.iter().map(|it| it.at.clone()).collect();
    let done = corrected(&pages, &workspace, rows, it.reason, &who).await?;
    let mut versions = BTreeMap::new();
    let mut runs: BTreeMap<&RunId, Vec<u64>> = BTreeMap::new();
    for it in &places {
        runs.entry(&it.run).or_default().push(it.record);
    }
    for (run, records) in runs {
        let store = &pages.server().store;
        let found = store.exceptions_at(&workspace, run, &records).await;
        let found = match found {
            Err(StoreError::NotFound) => Vec::new(),
            found => found?,
        };
        for it in found {
            versions.insert((run.clone(), it.row.record), it.version);
        }
    }
    let rows = places.into_iter().map(|at| {
        let outcome = done.outcomes.get(&at).copied().unwrap_or("not-found");
        CorrectionDone {
            status: match outcome {
                "entered" | "failing" | "unchanged" => 200,
                "not-found" => 404,
                _ => 409,
            },
            outcome,
            version: versions.get(&(at.run.clone(), at.record)).copied(),
            at,
        }
    });
    let rows = rows.collect();
    Ok(Json(CorrectionsDone { done, rows }))
}

async fn corrected(
    pages: &Pages,
    workspace: &WorkspaceId,
    rows: Vec<Corrected>,
    reason: Option<String>,
    who: &Who,
) -> Result<Done, Problem> {
    if rows.len() > MOST {
        return Err(Problem::invalid(format!(
            "At most {MOST} rows are corrected in one request. Nothing was changed."
        )));
    }
    let mut seen = BTreeSet::new();
    for it in &rows {
        let RowPlace { run, record } = &it.at;
        if i64::try_from(*record).is_err() || it.edit.cells.is_empty() {
            return Err(Problem::invalid(format!(
                "Say which cells of record {record} of {run} are corrected, in `cells`. Nothing was changed."
            )));
        }
        if !seen.insert(&it.at) {
            return Err(Problem::invalid(format!(
                "Record {record} of {run} is named twice. Nothing was changed."
            )));
        }
    }
    let exceptions = exceptions(pages);
    let done = exceptions
        .correct_each(workspace, rows, reason, who)
        .await?;
    pages.server().runs.ring();
    Ok(done)
}

/// What an act would come to; nothing changes.
#[utoipa::path(
    post,
    path = "/api/v1/exceptions/preview",
    operation_id = "preview_act",
    tag = "exceptions",
    params(InWorkspace),
    request_body = Bulk,
    responses(
        (status = 200, description = "How many would be changed, enter, and fail what", body = ActPreview),
        (status = 404, description = "There is no such run in this workspace"),
    ),
)]
pub async fn preview(
    pages: Pages,
    InWorkspace(workspace): InWorkspace,
    who: Who,
    Sent(Bulk { filter, act }): Sent<Bulk>,
) -> Result<Json<ActPreview>, Problem> {
    let picked = filter.matching(&pages, &workspace).await?;
    let preview = exceptions(&pages)
        .preview(&workspace, picked, &act, &who)
        .await?;
    Ok(Json(preview))
}

fn exceptions(pages: &Pages) -> Exceptions<'_> {
    let server = pages.server();
    Exceptions::new(&server.store, server.runs.shelf())
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
        Act::Correct { reason: it, .. }
        | Act::CorrectEach { reason: it, .. }
        | Act::Replace { reason: it, .. }
        | Act::Assign { assignee: it } => {
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

impl Filter {
    /// The exceptions that answer it, run by run.
    async fn matching(
        self,
        pages: &Pages,
        workspace: &WorkspaceId,
    ) -> Result<Vec<(RunId, Picked)>, Problem> {
        let among: Option<BTreeSet<u64>> = self.records.map(|it| it.into_iter().collect());
        let last = among.as_ref().and_then(BTreeSet::last);
        if last.is_some_and(|it| i64::try_from(*it).is_err()) {
            return Err(Problem::invalid(
                "A record is a whole number below 2 to the power of 63. Nothing was changed.",
            ));
        }
        let filter = ExceptionFilter {
            states: match (self.state, self.standing) {
                (Some(state), _) => vec![state],
                (None, Some(standing)) => ExceptionState::of(standing),
                (None, None) => Vec::new(),
            },
            code: self.code,
            column: self.column,
            category: self.category,
            region: self.region,
            product: self.product,
            product_category: self.product_category,
            stage: self.stage,
            assignee: self.assignee,
            run: self.run,
            from_run: self.from_run,
            to_run: self.to_run,
            from: self.from.map(|it| it.to_string()),
            to: self.to.map(|it| it.to_string()),
            text: self.q.filter(|it| !it.trim().is_empty()),
        };
        let found = exceptions(pages).matching(workspace, &filter).await?;
        let mut picked = found.ok_or_else(|| {
            Problem::invalid(format!(
                "More than {MOST_OF_FILTER} exceptions answer this filter. Nothing was changed: narrow it, and do the act \
                 several times."
            ))
        })?;
        if let Some(among) = among {
            for (_, it) in &mut picked {
                it.retain(&among);
            }
        }
        Ok(picked)
    }
}

//! The server functions: what pages ask, each one call to the `Backend`.

use crate::backend::BackendError;
use leptos::{
    prelude::*,
    server_fn::{
        codec::{Json, JsonEncoding},
        error::{FromServerFnError, ServerFnErrorErr},
    },
};
use model::{
    audit::EntryList,
    control::ControlPage,
    finding::{FindingQuery, FlaggedRows},
    id::{RunId, WorkspaceId},
    run::{Run, RunFigures, RunList},
    sales::SalesFigures,
};
use serde::{Deserialize, Serialize};

/// Why a page has nothing to show.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "error", rename_all = "snake_case")]
pub enum QueryError {
    NotFound,
    Invalid {
        text: String,
    },
    Internal {
        request_id: String,
    },
    /// The server could not be asked, or its answer not be read.
    Unreachable,
}

impl From<BackendError> for QueryError {
    fn from(error: BackendError) -> Self {
        match error {
            BackendError::NotFound => Self::NotFound,
            BackendError::Invalid { text } => Self::Invalid { text },
            BackendError::Internal { request_id } => Self::Internal { request_id },
        }
    }
}

impl FromServerFnError for QueryError {
    type Encoder = JsonEncoding;

    fn from_server_fn_error(error: ServerFnErrorErr) -> Self {
        match error {
            ServerFnErrorErr::Args(_) | ServerFnErrorErr::MissingArg(_) => Self::Invalid {
                text: "The address does not name anything that exists.".to_owned(),
            },
            _ => Self::Unreachable,
        }
    }
}

/// A control of the catalogue with its page as HTML.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ControlHelp {
    pub page: ControlPage,
    /// Of `page.doc`, which is then empty: it need not travel twice.
    pub html: String,
}

#[server(name = QueryRuns, prefix = "/pages", endpoint = "runs", input = Json, output = Json)]
pub async fn runs(workspace: WorkspaceId, before: Option<RunId>) -> Result<RunList, QueryError> {
    Ok(backend()?.runs(&workspace, before.as_ref()).await?)
}

#[server(name = QueryRun, prefix = "/pages", endpoint = "run", input = Json, output = Json)]
pub async fn run(workspace: WorkspaceId, id: RunId) -> Result<Run, QueryError> {
    Ok(backend()?.run(&workspace, &id).await?)
}

#[server(name = QueryFlagged, prefix = "/pages", endpoint = "flagged", input = Json, output = Json)]
pub async fn flagged(
    workspace: WorkspaceId,
    id: RunId,
    query: FindingQuery,
) -> Result<FlaggedRows, QueryError> {
    Ok(backend()?.flagged(&workspace, &id, &query).await?)
}

#[server(name = QueryFigures, prefix = "/pages", endpoint = "figures", input = Json, output = Json)]
pub async fn figures(workspace: WorkspaceId, id: RunId) -> Result<RunFigures, QueryError> {
    Ok(backend()?.figures(&workspace, &id).await?)
}

#[server(name = QuerySales, prefix = "/pages", endpoint = "sales", input = Json, output = Json)]
pub async fn sales(workspace: WorkspaceId) -> Result<SalesFigures, QueryError> {
    Ok(backend()?.sales(&workspace).await?)
}

#[server(name = QueryEntries, prefix = "/pages", endpoint = "entries", input = Json, output = Json)]
pub async fn entries(
    workspace: WorkspaceId,
    run: Option<RunId>,
    before: Option<u64>,
) -> Result<EntryList, QueryError> {
    Ok(backend()?.entries(&workspace, run.as_ref(), before).await?)
}

#[server(name = QueryCatalogue, prefix = "/pages", endpoint = "catalogue", input = Json, output = Json)]
pub async fn catalogue() -> Result<Vec<ControlHelp>, QueryError> {
    let pages = backend()?.catalogue().await?;
    Ok(pages
        .into_iter()
        .map(|mut page| {
            let html = crate::markdown::html(&page.doc);
            page.doc.clear();
            ControlHelp { page, html }
        })
        .collect())
}

#[cfg(not(target_arch = "wasm32"))]
fn backend() -> Result<std::sync::Arc<dyn crate::backend::Backend>, QueryError> {
    use_context().ok_or(QueryError::Unreachable)
}

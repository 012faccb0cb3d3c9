//! The server functions: what pages ask of the `Backend`, answered as HTML. Each is a GET: it only reads.

use crate::backend::BackendError;
use leptos::{
    prelude::*,
    server_fn::{
        codec::{GetUrl, Json, JsonEncoding},
        error::{FromServerFnError, ServerFnErrorErr},
    },
};
use model::id::{RunId, WorkspaceId};
use serde::{Deserialize, Serialize};
#[cfg(not(target_arch = "wasm32"))]
use {
    crate::{parts::grid::grid, place::Place, window::RowWindow},
    model::run::RunStatus,
};

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

/// One run, rendered in two parts: the rows stand between them and are asked for on their own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunView {
    /// The file's name.
    pub title: String,
    pub running: bool,
    pub has_rows: bool,
    pub above_rows: String,
    pub below_rows: String,
}

#[server(name = QueryRuns, prefix = "/pages", endpoint = "runs", input = GetUrl, output = Json)]
pub async fn runs(workspace: WorkspaceId, before: Option<RunId>) -> Result<String, QueryError> {
    let runs = backend()?.runs(&workspace, before.as_ref()).await?;
    let place = Place::new(workspace);
    Ok(crate::runs::list::list(&runs, &place, before.is_some()).to_html())
}

#[server(name = QueryRun, prefix = "/pages", endpoint = "run", input = GetUrl, output = Json)]
pub async fn run(workspace: WorkspaceId, id: RunId) -> Result<RunView, QueryError> {
    let backend = backend()?;
    let run = backend.run(&workspace, &id).await?;
    let figures = match run.summary.status {
        RunStatus::Complete => Some(backend.figures(&workspace, &id).await?),
        _ => None,
    };
    let place = Place::new(workspace);
    Ok(crate::run::page::page(&run, figures.as_ref(), &place))
}

/// `search` is the query of the page's address, which says which rows are shown.
#[server(name = QueryRows, prefix = "/pages", endpoint = "rows", input = GetUrl, output = Json)]
pub async fn rows(workspace: WorkspaceId, id: RunId, search: String) -> Result<String, QueryError> {
    let window = RowWindow::parse(&search);
    let rows = backend()?.flagged(&workspace, &id, &window.query()).await?;
    let page = Place::new(workspace).run(&id);
    Ok(grid(&rows, &window, &page).to_html())
}

#[server(name = QuerySales, prefix = "/pages", endpoint = "sales", input = GetUrl, output = Json)]
pub async fn sales(workspace: WorkspaceId) -> Result<String, QueryError> {
    let sales = backend()?.sales(&workspace).await?;
    Ok(crate::sales::figures::sales(&sales, &Place::new(workspace)).to_html())
}

#[server(name = QueryEntries, prefix = "/pages", endpoint = "entries", input = GetUrl, output = Json)]
pub async fn entries(
    workspace: WorkspaceId,
    run: Option<RunId>,
    before: Option<u64>,
) -> Result<String, QueryError> {
    let entries = backend()?.entries(&workspace, run.as_ref(), before).await?;
    let place = Place::new(workspace);
    Ok(crate::audit::entries::list(&entries, &place, run.as_ref(), before.is_some()).to_html())
}

#[server(name = QueryCatalogue, prefix = "/pages", endpoint = "catalogue", input = GetUrl, output = Json)]
pub async fn catalogue() -> Result<String, QueryError> {
    let pages = backend()?.catalogue().await?;
    Ok(crate::controls::catalogue::catalogue(pages).to_html())
}

#[cfg(not(target_arch = "wasm32"))]
fn backend() -> Result<std::sync::Arc<dyn crate::backend::Backend>, QueryError> {
    use_context().ok_or(QueryError::Unreachable)
}

//! The server functions: what pages ask of the `Backend`, answered as HTML. Each is a GET: it only reads.

use crate::{backend::BackendError, json::Json};
use leptos::{
    prelude::*,
    server_fn::{
        codec::{GetUrl, Post},
        error::{FromServerFnError, ServerFnErrorErr},
    },
};
use model::id::{RunId, WorkspaceId};
use model::run::RunKind;
use model::t;
use serde::{Deserialize, Serialize};
#[cfg(not(target_arch = "wasm32"))]
use {
    crate::{parts::grid::grid, place::Place, window::RowWindow},
    maud::html,
    model::run::RunStatus,
};

/// Why a page has nothing to show.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum QueryError {
    NotFound,
    Invalid {
        text: String,
    },
    Internal {
        request_id: String,
    },
    /// The server cannot ask its database now.
    Unavailable,
    /// The server could not be asked, or its answer not be read.
    Unreachable,
}

impl From<BackendError> for QueryError {
    fn from(error: BackendError) -> Self {
        match error {
            BackendError::NotFound => Self::NotFound,
            BackendError::Invalid { text } => Self::Invalid { text },
            BackendError::Internal { request_id } => Self::Internal { request_id },
            BackendError::Unavailable => Self::Unavailable,
        }
    }
}

impl FromServerFnError for QueryError {
    type Encoder = Json;

    fn from_server_fn_error(error: ServerFnErrorErr) -> Self {
        match error {
            ServerFnErrorErr::Args(_) | ServerFnErrorErr::MissingArg(_) => Self::Invalid {
                text: t!("The address does not name anything that exists.").to_owned(),
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
    /// How far it is, for who hears the page.
    pub told: String,
    pub has_rows: bool,
    pub above_rows: String,
    pub below_rows: String,
}

#[server(name = QueryRun, prefix = "/pages", endpoint = "run", input = GetUrl, output = Post<Json>)]
pub async fn run(workspace: WorkspaceId, id: RunId) -> Result<RunView, QueryError> {
    let backend = backend()?;
    let refused = crate::refused::refused();
    let run = backend.run(&workspace, &id).await?;
    let figures = match run.summary.status {
        RunStatus::Complete => Some(backend.figures(&workspace, &id).await?),
        _ => None,
    };
    let waits = run.summary.status == RunStatus::Held && run.summary.withdrawn.is_none();
    let difference = match run.summary.replaces {
        Some(_) if waits => backend.difference(&workspace, &id).await?,
        _ => None,
    };
    let lineage = backend
        .run_lineage(&workspace, &run, figures.as_ref())
        .await?;
    let rests = crate::run::page::Rests {
        figures: figures.as_ref(),
        difference: difference.as_ref(),
        lineage: lineage.as_ref(),
    };
    let mut view = crate::run::page::page(&run, &rests, &Place::new(workspace));
    if let Some(refused) = refused {
        view.above_rows
            .insert_str(0, &refused.notice().into_string());
    }
    Ok(view)
}

/// What a page shows that the server renders in one piece.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Question {
    Runs {
        workspace: WorkspaceId,
        kind: RunKind,
        before: Option<RunId>,
    },
    /// Rows of a run with findings. `search` is the query of the page's address, which says which ones.
    Rows {
        workspace: WorkspaceId,
        run: RunId,
        search: String,
    },
    /// `search` is the query of the page's address: the list that it was opened from, and what was done.
    Exception {
        workspace: WorkspaceId,
        run: RunId,
        record: u64,
        search: String,
    },
    /// Of all runs. `search` is the query of the page's address: filter, order, place, and what was done.
    Exceptions {
        workspace: WorkspaceId,
        search: String,
    },
    /// `search` is the query of the page's address: days, and the runs that are compared.
    Quality {
        workspace: WorkspaceId,
        search: String,
    },
    /// How many exceptions are open.
    Open {
        workspace: WorkspaceId,
    },
    /// What stands beside the drop zone.
    Home {
        workspace: WorkspaceId,
    },
    /// `search` is the query of the page's address: its filters.
    Sales {
        workspace: WorkspaceId,
        search: String,
    },
    /// As `Sales`: which rows of the ledger, in which order.
    Ledger {
        workspace: WorkspaceId,
        search: String,
    },
    Search {
        workspace: WorkspaceId,
        text: String,
    },
    Row {
        workspace: WorkspaceId,
        run: RunId,
        record: u64,
    },
    /// The audit log. `search` is the query of the page's address, which says what of it.
    Entries {
        workspace: WorkspaceId,
        search: String,
    },
    Contracts {
        workspace: WorkspaceId,
    },
    /// `search` is the query of the page's address: which version, what is compared, whether it is edited.
    Contract {
        workspace: WorkspaceId,
        name: String,
        search: String,
    },
    Catalogue,
    /// A list of the contract in force. `search` is the query of the page's address: what is looked for, and what was
    /// done.
    List {
        workspace: WorkspaceId,
        contract: String,
        list: String,
        search: String,
    },
}

/// Answered as HTML.
#[server(name = QueryPage, prefix = "/pages", endpoint = "page", input = GetUrl, output = Post<Json>)]
pub async fn page(question: Question) -> Result<String, QueryError> {
    let backend = backend()?;
    let refused = crate::refused::refused();
    let notice = refused.as_ref().filter(|_| question.has_forms());
    let notice = notice.map(crate::refused::Refused::notice);
    let markup = match question {
        Question::Runs {
            workspace,
            kind,
            before,
        } => {
            let runs = backend
                .runs(&workspace, Some(kind), before.as_ref())
                .await?;
            crate::runs::list::list(&runs, kind, &Place::new(workspace), before.is_some())
        }
        Question::Rows {
            workspace,
            run,
            search,
        } => {
            let window = RowWindow::parse(&search);
            let rows = backend.flagged(&workspace, &run, &window.query()).await?;
            grid(&rows, &window, &Place::new(workspace).run(&run))
        }
        Question::Exception {
            workspace,
            run,
            record,
            search,
        } => {
            let exception = backend.exception(&workspace, &run, record).await?;
            crate::exception::page::page(&exception, &search, &Place::new(workspace))
        }
        Question::Exceptions { workspace, search } => {
            crate::exceptions::page::page(&*backend, &Place::new(workspace), &search).await?
        }
        Question::Quality { workspace, search } => {
            crate::quality::page::page(&*backend, &Place::new(workspace), &search).await?
        }
        Question::Open { workspace } => {
            crate::exceptions::page::open(backend.open_exceptions(&workspace).await?)
        }
        Question::Home { workspace } => {
            crate::home::glance::page(&*backend, &Place::new(workspace)).await?
        }
        Question::Sales { workspace, search } => {
            crate::sales::board::page(&*backend, &Place::new(workspace), &search).await?
        }
        Question::Ledger { workspace, search } => {
            let listed = crate::rows::address::read(&search, &backend.calendar())?;
            let rows = backend.rows(&workspace, &listed.query).await?;
            let choices = backend.choices(&workspace).await?;
            crate::rows::list::list(&rows, &listed, &choices, &Place::new(workspace))
        }
        Question::Search { workspace, text } => {
            let text = text.trim();
            let hits = backend.search(&workspace, text).await?;
            // What nothing is called may be how something begins.
            let asks_for_more = hits.is_empty() && !text.is_empty() && !text.contains('\0');
            let begins = match asks_for_more.then(|| crate::search::hits::beginning(text)) {
                Some(query) => backend.rows(&workspace, &query).await?.rows,
                None => Vec::new(),
            };
            let place = Place::new(workspace);
            crate::search::hits::hits(text, &hits, &begins, &place)
        }
        Question::Row {
            workspace,
            run,
            record,
        } => {
            let row = backend.row(&workspace, &run, record).await?;
            crate::rows::one::page(&row, &Place::new(workspace))
        }
        Question::Entries { workspace, search } => {
            let asked = crate::audit::entries::Asked::parse(&search, &backend.calendar());
            let entries = backend
                .entries(&workspace, &asked.filter, asked.before)
                .await?;
            // Older pages do not count anew what the first one said.
            let coverage = match asked.before {
                None => Some(backend.coverage(&workspace).await?),
                Some(_) => None,
            };
            let run = match &asked.filter.run {
                Some(id) => backend.run(&workspace, id).await.ok(),
                None => None,
            };
            let found = crate::audit::entries::Found {
                entries: &entries,
                coverage: coverage.as_ref(),
                run: run.as_ref(),
            };
            crate::audit::entries::page(&found, &asked, &Place::new(workspace))
        }
        Question::Contracts { workspace } => {
            let contracts = backend.contracts(&workspace).await?;
            crate::controls::shelf::shelf(&contracts, &Place::new(workspace))
        }
        Question::Contract {
            workspace,
            name,
            search,
        } => {
            let place = Place::new(workspace);
            let refused = refused.as_ref();
            crate::controls::contract::page(&*backend, &place, &name, &search, refused).await?
        }
        Question::List {
            workspace,
            contract,
            list,
            search,
        } => {
            let list = backend.list(&workspace, &contract, &list).await?;
            crate::list::page::page(&list, &search, refused.as_ref(), &Place::new(workspace))
        }
        Question::Catalogue => crate::controls::catalogue::catalogue(&backend.catalogue().await?),
    };
    Ok(html! { @if let Some(notice) = notice { (notice) } (markup) }.into_string())
}

#[cfg(not(target_arch = "wasm32"))]
impl Question {
    /// Whether its page comes back when one of its forms is refused.
    const fn has_forms(&self) -> bool {
        matches!(
            self,
            Self::Exception { .. }
                | Self::Exceptions { .. }
                | Self::Contract { .. }
                | Self::List { .. }
        )
    }
}

#[cfg(not(target_arch = "wasm32"))]
fn backend() -> Result<std::sync::Arc<dyn crate::backend::Backend>, QueryError> {
    use_context().ok_or(QueryError::Unreachable)
}

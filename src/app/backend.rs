//! What the pages ask of the server. The one wall between Leptos and everything behind it.

use crate::calendar::Calendar;
use async_trait::async_trait;
use model::{
    audit::{Coverage, EntryFilter, EntryList},
    contract::{ContractCard, ContractPage, ContractView},
    control::ControlPage,
    exception::{
        ActPreview, ExceptionFilter, ExceptionOrder, ExceptionOverview, ExceptionView, Replacement,
        RowPlace, TrendBy, TrendStep, WorkList,
    },
    finding::{FindingQuery, FlaggedRows},
    id::{RunId, WorkspaceId},
    ledger::{RowPage, RowQuery, RowView},
    lineage::RunLineage,
    list::{ProposedSynonym, WholeList},
    quality::{ContractPair, NewUnknowns, QualityFilter, QualityReport},
    run::{Difference, Run, RunFigures, RunKind, RunList},
    sales::{Basis, Choices, SalesBoard, SalesFilter},
    search::Hits,
};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Implemented by `server`; server functions take `Arc<dyn Backend>` from context. Every answer is of the
/// given workspace alone.
#[async_trait]
pub trait Backend: Send + Sync + 'static {
    /// Runs of one kind, or of both, older than `before`, newest first, at most 50.
    async fn runs(
        &self,
        workspace: &WorkspaceId,
        kind: Option<RunKind>,
        before: Option<&RunId>,
    ) -> Result<RunList, BackendError>;
    async fn run(&self, workspace: &WorkspaceId, id: &RunId) -> Result<Run, BackendError>;
    /// Rows of a run with findings, by keyset.
    async fn flagged(
        &self,
        workspace: &WorkspaceId,
        id: &RunId,
        query: &FindingQuery,
    ) -> Result<FlaggedRows, BackendError>;
    /// An exception of a run, by its record.
    async fn exception(
        &self,
        workspace: &WorkspaceId,
        run: &RunId,
        record: u64,
    ) -> Result<ExceptionView, BackendError>;
    /// Exceptions of runs that count, as they stand now, beyond the row `after`.
    async fn exceptions(
        &self,
        workspace: &WorkspaceId,
        filter: &ExceptionFilter,
        order: ExceptionOrder,
        after: Option<&RowPlace>,
        limit: u32,
    ) -> Result<WorkList, BackendError>;
    /// Added up; a text is not asked for, and a column with who has them alone. Of who has them there is no trend.
    async fn exception_overview(
        &self,
        workspace: &WorkspaceId,
        filter: &ExceptionFilter,
        by: TrendBy,
        step: TrendStep,
    ) -> Result<ExceptionOverview, BackendError>;
    /// Of runs of files, those older than `before`, newest first.
    async fn quality(
        &self,
        workspace: &WorkspaceId,
        filter: &QualityFilter,
        before: Option<&RunId>,
        limit: u32,
    ) -> Result<QualityReport, BackendError>;
    /// The two newest runs of each contract that has two between these days, the contract of the newest run first.
    async fn contract_pairs(
        &self,
        workspace: &WorkspaceId,
        days: (Option<&str>, Option<&str>),
    ) -> Result<Vec<ContractPair>, BackendError>;
    /// Values that lists refuse in the run `now` and not in `before`.
    async fn new_unknowns(
        &self,
        workspace: &WorkspaceId,
        before: &RunId,
        now: &RunId,
    ) -> Result<NewUnknowns, BackendError>;
    async fn open_exceptions(&self, workspace: &WorkspaceId) -> Result<u64, BackendError>;
    /// What replacing a text in all rows of a filter would come to.
    async fn preview(
        &self,
        workspace: &WorkspaceId,
        filter: &ExceptionFilter,
        replacement: &Replacement,
    ) -> Result<ActPreview, BackendError>;
    async fn figures(
        &self,
        workspace: &WorkspaceId,
        id: &RunId,
    ) -> Result<RunFigures, BackendError>;
    /// Today, and where the financial year begins.
    fn calendar(&self) -> Calendar;
    /// What a judged run would change in the ledger that is to take the place of another; None for any other.
    async fn difference(
        &self,
        workspace: &WorkspaceId,
        id: &RunId,
    ) -> Result<Option<Difference>, BackendError>;
    /// Over all runs that count, beside the days `compared`, both included.
    async fn sales(
        &self,
        workspace: &WorkspaceId,
        filter: &SalesFilter,
        compared: Option<(&str, &str)>,
    ) -> Result<SalesBoard, BackendError>;
    /// The runs behind what `filter` lets through.
    async fn basis(
        &self,
        workspace: &WorkspaceId,
        filter: &SalesFilter,
    ) -> Result<Basis, BackendError>;
    /// What there is to filter by.
    async fn choices(&self, workspace: &WorkspaceId) -> Result<Choices, BackendError>;
    /// A page of the ledger.
    async fn rows(
        &self,
        workspace: &WorkspaceId,
        query: &RowQuery,
    ) -> Result<RowPage, BackendError>;
    /// What a text is, and where; nothing for an empty one.
    async fn search(&self, workspace: &WorkspaceId, text: &str) -> Result<Hits, BackendError>;
    /// The way of a run; None where it has no verdict, or was judged under a contract that is not known any more.
    /// Whoever has its figures need not have its rows counted again.
    async fn run_lineage(
        &self,
        workspace: &WorkspaceId,
        run: &Run,
        figures: Option<&RunFigures>,
    ) -> Result<Option<RunLineage>, BackendError>;
    /// A row of a run, whether it is in the ledger or among the exceptions.
    async fn row(
        &self,
        workspace: &WorkspaceId,
        run: &RunId,
        record: u64,
    ) -> Result<RowView, BackendError>;
    /// Entries of the audit log before sequence `before`, newest first, at most 100.
    async fn entries(
        &self,
        workspace: &WorkspaceId,
        filter: &EntryFilter,
        before: Option<u64>,
    ) -> Result<EntryList, BackendError>;
    /// How much of what happened has its entry.
    async fn coverage(&self, workspace: &WorkspaceId) -> Result<Coverage, BackendError>;
    /// The contracts of a workspace, those in force first, in the order in which a file is held to them.
    async fn contracts(&self, workspace: &WorkspaceId) -> Result<Vec<ContractCard>, BackendError>;
    /// A contract in words, with its versions: the one in force unless another is named. `compared` are two versions; a
    /// draft is compared with what is in force where none are named.
    async fn contract(
        &self,
        workspace: &WorkspaceId,
        name: &str,
        version: Option<u64>,
        compared: Option<(u64, u64)>,
    ) -> Result<ContractPage, BackendError>;
    /// A contract that a run was judged under, in words, and its version where it is one.
    async fn contract_of(
        &self,
        workspace: &WorkspaceId,
        fingerprint: &str,
    ) -> Result<(ContractView, Option<u64>), BackendError>;
    /// The SKU of each product that a list of a contract in force knows.
    async fn skus(&self, workspace: &WorkspaceId)
    -> Result<BTreeMap<String, String>, BackendError>;
    /// A list of the contract in force of this name.
    async fn list(
        &self,
        workspace: &WorkspaceId,
        contract: &str,
        list: &str,
    ) -> Result<WholeList, BackendError>;
    /// What the corrections of this workspace propose for the lists of its contracts.
    async fn proposed_synonyms(
        &self,
        workspace: &WorkspaceId,
    ) -> Result<Vec<ProposedSynonym>, BackendError>;
    /// Every control that the engine knows, by code.
    async fn catalogue(&self) -> Result<Vec<ControlPage>, BackendError>;
}

/// All that goes wrong on the way to a page, closed: an inner error's text never crosses.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "error", rename_all = "snake_case")]
pub enum BackendError {
    NotFound,
    /// What was asked makes no sense; `text` says what, in plain words.
    Invalid {
        text: String,
    },
    /// Logged on the server under this id.
    Internal {
        request_id: String,
    },
    /// The database is away, and comes back without anybody changing the request.
    Unavailable,
}

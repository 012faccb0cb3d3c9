//! The server as pages and REST see it, for one request: every failure is logged here, once, under the
//! request's id, and only a closed answer goes on.

use crate::{
    api::upload::disk_full,
    clock, contracts,
    corrected::{self, CorrectedError},
    exception::{self, Act, ActError, Exceptions, Who},
    failure::Cause,
    lineage,
    problem::Problem,
    request::RequestId,
    run::difference::difference,
    shelf::Approval,
    state::{AppState, Server},
    synonyms,
};
use app::{
    backend::{Backend, BackendError},
    calendar::Calendar,
};
use async_trait::async_trait;
use chrono::TimeDelta;
use engine::{
    contract::{self, Contract},
    render,
};
use model::{
    audit::{Coverage, EntryFilter, EntryList},
    contract::{ContractCard, ContractPage, ContractView},
    control::ControlPage,
    exception::{
        ActPreview, ExceptionFilter, ExceptionOrder, ExceptionOverview, ExceptionView, Replacement,
        RowPlace, TrendBy, TrendStep, WorkItem, WorkList,
    },
    finding::{FindingOrder, FindingQuery, FlaggedRow, FlaggedRows},
    id::{RunId, WorkspaceId},
    ledger::{RowPage, RowQuery, RowState, RowView},
    lineage::{Came, LinkedRun, RunLineage},
    list::{ProposedSynonym, WholeList},
    options::Choice,
    quality::{ContractPair, NewUnknowns, QualityFilter, QualityReport},
    run::{Difference, Run, RunFigures, RunKind, RunList, RunSummary, Way},
    sales::{Basis, Choices, SalesBoard, SalesFilter},
    search::{FoundKey, FoundRun, Hits},
    verdict::Verdict,
    zone,
};
use std::{collections::BTreeMap, error::Error, sync::Arc};
use store::{StoreError, StoredRow};

const RUNS: u32 = 50;
const ENTRIES: u32 = 100;
const ROWS: u32 = 100;
const HITS: u32 = 20;

/// The server, asked by one request.
#[derive(Clone)]
pub struct Pages {
    state: AppState,
    request: Option<RequestId>,
    who: Who,
}

impl Pages {
    pub fn new(state: AppState, request: Option<RequestId>, who: Who) -> Self {
        Self {
            state,
            request,
            who,
        }
    }

    pub fn who(&self) -> &Who {
        &self.who
    }

    pub fn state(&self) -> &AppState {
        &self.state
    }

    pub fn server(&self) -> &Arc<Server> {
        &self.state.server
    }

    /// The run in which this workspace judged these bytes under this contract, or under any of the server's where
    /// none is given, and that did not fail.
    pub async fn judged(
        &self,
        workspace: &WorkspaceId,
        digest: &str,
        contract: Option<&str>,
        choice: Option<&Choice>,
    ) -> Result<Option<RunSummary>, BackendError> {
        let contracts = self.server().runs.contracts(workspace).await;
        let contracts = contracts.map_err(|error| self.failed(&error))?;
        let fingerprints = match contract {
            Some(given) => vec![given.to_owned()],
            None => contracts.iter().map(|it| it.fingerprint()).collect(),
        };
        for fingerprint in fingerprints {
            let store = &self.server().store;
            let found = store.earlier(workspace, digest, &fingerprint, choice).await;
            if let Some(run) = found.map_err(|error| self.failed(&error))? {
                return Ok(Some(run));
            }
        }
        Ok(None)
    }

    /// The contract of a run, as it was kept with it.
    async fn judged_under(
        &self,
        workspace: &WorkspaceId,
        verdict: &Verdict,
    ) -> Result<Option<Contract>, BackendError> {
        let fingerprint = &verdict.contract.fingerprint;
        let text = self.server().store.contract(workspace, fingerprint).await;
        let text = text.map_err(|error| self.failed(&error))?;
        Ok(contracts::of_run(text.as_deref(), fingerprint))
    }

    /// A run that another takes the place of, or that takes it.
    async fn linked(
        &self,
        workspace: &WorkspaceId,
        id: Option<&RunId>,
    ) -> Result<Option<LinkedRun>, BackendError> {
        let Some(id) = id else { return Ok(None) };
        let summary = self.run(workspace, id).await?.summary;
        Ok(Some(LinkedRun {
            run: summary.id,
            file_name: summary.file_name,
            created_at: summary.created_at,
            rows: summary.rows_accepted.unwrap_or(0),
        }))
    }

    fn failed(&self, error: &StoreError) -> BackendError {
        if matches!(error, StoreError::NotFound) {
            return BackendError::NotFound;
        }
        if matches!(error, StoreError::Unavailable(_)) {
            tracing::error!(
                error = error as &dyn Error,
                "the store does not answer a request"
            );
            return BackendError::Unavailable;
        }
        self.internal(error, "the store failed a request")
    }

    fn internal(&self, error: &(dyn Error + 'static), what: &str) -> BackendError {
        let request_id = self.request.as_ref().map_or("", |it| &it.0);
        tracing::error!(request = request_id, error, "{what}");
        if let Some(request) = &self.request {
            request.failed(Cause::of(error));
        }
        BackendError::Internal {
            request_id: request_id.to_owned(),
        }
    }

    /// Rows of a run with findings, in this order.
    pub async fn flagged_by(
        &self,
        workspace: &WorkspaceId,
        id: &RunId,
        query: &FindingQuery,
        order: FindingOrder,
    ) -> Result<FlaggedRows, BackendError> {
        let run = self.run(workspace, id).await?;
        let Some(verdict) = run.verdict else {
            return Ok(FlaggedRows::default());
        };
        let query = FindingQuery {
            limit: if query.limit == 0 { ROWS } else { query.limit },
            ..query.clone()
        };
        let page = self.server().store.flagged_by(workspace, id, &query, order);
        let page = page.await.map_err(|error| self.failed(&error))?;
        let header = header(&verdict);
        let rows = page.rows.into_iter();
        Ok(FlaggedRows {
            rows: rows.map(|it| rendered(it, &verdict, &header)).collect(),
            header,
            total: page.total,
            next: page.next,
        })
    }
}

#[async_trait]
impl Backend for Pages {
    async fn runs(
        &self,
        workspace: &WorkspaceId,
        kind: Option<RunKind>,
        before: Option<&RunId>,
    ) -> Result<RunList, BackendError> {
        let store = &self.server().store;
        let found = store.runs(workspace, kind, before, RUNS).await;
        found.map_err(|error| self.failed(&error))
    }

    async fn run(&self, workspace: &WorkspaceId, id: &RunId) -> Result<Run, BackendError> {
        let found = self.server().store.run(workspace, id).await;
        found.map_err(|error| self.failed(&error))
    }

    async fn flagged(
        &self,
        workspace: &WorkspaceId,
        id: &RunId,
        query: &FindingQuery,
    ) -> Result<FlaggedRows, BackendError> {
        self.flagged_by(workspace, id, query, FindingOrder::Record)
            .await
    }

    async fn exception(
        &self,
        workspace: &WorkspaceId,
        run: &RunId,
        record: u64,
    ) -> Result<ExceptionView, BackendError> {
        let server = self.server();
        let exceptions = Exceptions::new(&server.store, server.runs.shelf());
        let found = exceptions.view(workspace, run, record).await;
        found.map_err(|error| self.failed(&error))
    }

    async fn exceptions(
        &self,
        workspace: &WorkspaceId,
        filter: &ExceptionFilter,
        order: ExceptionOrder,
        after: Option<&RowPlace>,
        limit: u32,
    ) -> Result<WorkList, BackendError> {
        let server = self.server();
        let after = after.map(|it| (it.run.clone(), it.record));
        let limit = limit.min(ROWS);
        let found =
            server
                .store
                .find_exceptions(workspace, filter, order, after.as_ref(), limit + 1);
        let found = found.await.map_err(|error| self.failed(&error))?;
        let (mut found, stopped) = (found.rows, found.stopped);
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        let more = found.len() > limit;
        found.truncate(limit);
        let last = found.last().filter(|_| more);
        let next = last.map(|it| RowPlace {
            run: it.run.clone(),
            record: it.row.row.record,
        });
        let next = next.or_else(|| {
            let (run, record) = stopped.clone()?;
            Some(RowPlace { run, record })
        });
        let mut records: BTreeMap<&RunId, Vec<u64>> = BTreeMap::new();
        for it in &found {
            records.entry(&it.run).or_default().push(it.row.row.record);
        }
        let exceptions = Exceptions::new(&server.store, server.runs.shelf());
        let mut views = BTreeMap::new();
        for (run, records) in records {
            let some = exceptions.views(workspace, run, &records).await;
            for it in some.map_err(|error| self.failed(&error))? {
                views.insert((run.clone(), it.found.record), it);
            }
        }
        let items = found.into_iter().filter_map(|it| {
            let exception = views.remove(&(it.run, it.row.row.record))?;
            Some(WorkItem {
                file_name: it.file_name,
                created_at: it.created_at,
                exception,
            })
        });
        Ok(WorkList {
            items: items.collect(),
            next,
            stopped: stopped.is_some() && !more,
        })
    }

    async fn exception_overview(
        &self,
        workspace: &WorkspaceId,
        filter: &ExceptionFilter,
        by: TrendBy,
        step: TrendStep,
    ) -> Result<ExceptionOverview, BackendError> {
        let today = self.calendar().today;
        let view = store::ExceptionView { by, step, today };
        let found = self
            .server()
            .store
            .exception_overview(workspace, filter, view);
        found.await.map_err(|error| self.failed(&error))
    }

    async fn quality(
        &self,
        workspace: &WorkspaceId,
        filter: &QualityFilter,
        before: Option<&RunId>,
        limit: u32,
    ) -> Result<QualityReport, BackendError> {
        let store = &self.server().store;
        let found = store.quality(workspace, filter, before, limit);
        found.await.map_err(|error| self.failed(&error))
    }

    async fn contract_pairs(
        &self,
        workspace: &WorkspaceId,
        days: (Option<&str>, Option<&str>),
    ) -> Result<Vec<ContractPair>, BackendError> {
        let found = self.server().store.contract_pairs(workspace, days).await;
        found.map_err(|error| self.failed(&error))
    }

    async fn new_unknowns(
        &self,
        workspace: &WorkspaceId,
        before: &RunId,
        now: &RunId,
    ) -> Result<NewUnknowns, BackendError> {
        let found = self.server().store.new_unknowns(workspace, before, now);
        found.await.map_err(|error| self.failed(&error))
    }

    async fn open_exceptions(&self, workspace: &WorkspaceId) -> Result<u64, BackendError> {
        let found = self.server().store.open_exceptions(workspace).await;
        found.map_err(|error| self.failed(&error))
    }

    async fn preview(
        &self,
        workspace: &WorkspaceId,
        filter: &ExceptionFilter,
        replacement: &Replacement,
    ) -> Result<ActPreview, BackendError> {
        let server = self.server();
        let exceptions = Exceptions::new(&server.store, server.runs.shelf());
        let picked = exceptions.matching(workspace, filter).await;
        let picked = picked.map_err(|error| self.failed(&error))?;
        let picked = picked.ok_or_else(|| BackendError::Invalid {
            text: format!(
                "More than {} rows answer this filter. Narrow it, and try again.",
                exception::MOST_OF_FILTER
            ),
        })?;
        let act = Act::from(replacement.clone());
        let who = Who {
            actor: String::new(),
            way: Way::Browser,
        };
        let preview = exceptions.preview(workspace, picked, &act, &who).await;
        preview.map_err(|error| match error {
            ActError::Invalid(text) | ActError::NoColumn(text) => BackendError::Invalid { text },
            ActError::Store(error) => self.failed(&error),
            other => self.internal(&other, "an act could not be tried"),
        })
    }

    async fn difference(
        &self,
        workspace: &WorkspaceId,
        id: &RunId,
    ) -> Result<Option<Difference>, BackendError> {
        let run = self.run(workspace, id).await?;
        let store = &self.server().store;
        let taken = store.place_taken(workspace, id).await;
        let taken = taken.map_err(|error| self.failed(&error))?;
        if let Some(place_taken) = self.linked(workspace, taken.as_ref()).await? {
            return Ok(Some(Difference {
                place_taken: Some(place_taken),
                ..Difference::default()
            }));
        }
        let found = difference(store, workspace, &run).await;
        found.map_err(|error| self.internal(&error, "two runs cannot be compared"))
    }

    async fn figures(
        &self,
        workspace: &WorkspaceId,
        id: &RunId,
    ) -> Result<RunFigures, BackendError> {
        let found = self.server().store.figures(workspace, id, &regions()).await;
        let sales = found.map_err(|error| self.failed(&error))?;
        Ok(RunFigures { sales })
    }

    fn calendar(&self) -> Calendar {
        let zone = TimeDelta::seconds(zone::SECONDS.into());
        Calendar {
            today: (clock::now() + zone).date_naive(),
            year_begins: self.server().display.year_begins,
        }
    }

    async fn sales(
        &self,
        workspace: &WorkspaceId,
        filter: &SalesFilter,
        compared: Option<(&str, &str)>,
    ) -> Result<SalesBoard, BackendError> {
        let (store, regions) = (&self.server().store, regions());
        let found = store.sales_board(workspace, filter, compared, &regions);
        found.await.map_err(|error| self.failed(&error))
    }

    async fn basis(
        &self,
        workspace: &WorkspaceId,
        filter: &SalesFilter,
    ) -> Result<Basis, BackendError> {
        let found = self.server().store.basis(workspace, filter).await;
        found.map_err(|error| self.failed(&error))
    }

    async fn choices(&self, workspace: &WorkspaceId) -> Result<Choices, BackendError> {
        let found = self.server().store.choices(workspace, &regions()).await;
        found.map_err(|error| self.failed(&error))
    }

    async fn rows(
        &self,
        workspace: &WorkspaceId,
        query: &RowQuery,
    ) -> Result<RowPage, BackendError> {
        let found = self.server().store.rows(workspace, query).await;
        let mut found = found.map_err(|error| self.failed(&error))?;
        let sheets = self.server().store.name_sheets(workspace, &mut found.rows);
        sheets.await.map_err(|error| self.failed(&error))?;
        Ok(found)
    }

    async fn search(&self, workspace: &WorkspaceId, text: &str) -> Result<Hits, BackendError> {
        if text.is_empty() || text.contains('\0') {
            return Ok(Hits::default());
        }
        let found = self.server().store.search(workspace, text, HITS).await;
        let mut found = found.map_err(|error| self.failed(&error))?;
        let sheets = self.server().store.name_sheets(workspace, &mut found.rows);
        sheets.await.map_err(|error| self.failed(&error))?;
        let full = |count: usize| u32::try_from(count).is_ok_and(|it| it >= HITS);
        let mut hits = Hits {
            more: full(found.rows.len()) || full(found.exceptions.len()) || full(found.runs.len()),
            rows: found.rows,
            exceptions: Vec::new(),
            runs: found
                .runs
                .into_iter()
                .map(|(by, run)| FoundRun { by, run })
                .collect(),
        };
        for (id, file_name, row) in found.exceptions {
            let run = self.run(workspace, &id).await?;
            let (Some(verdict), Some(state)) = (&run.verdict, row.state) else {
                continue;
            };
            let row = rendered(row, verdict, &header(verdict));
            hits.exceptions.push(FoundKey {
                run: id,
                file_name,
                record: row.record,
                line: row.line,
                sheet_row: row.sheet_row,
                state,
                findings: row.findings,
            });
        }
        Ok(hits)
    }

    async fn run_lineage(
        &self,
        workspace: &WorkspaceId,
        run: &Run,
        figures: Option<&RunFigures>,
    ) -> Result<Option<RunLineage>, BackendError> {
        let Some(verdict) = &run.verdict else {
            return Ok(None);
        };
        let Some(contract) = self.judged_under(workspace, verdict).await? else {
            return Ok(None);
        };
        let (store, summary) = (&self.server().store, &run.summary);
        let linked = store.linked_runs(workspace, &summary.id).await;
        let (corrects, corrections) = linked.map_err(|error| self.failed(&error))?;
        let replaced_by = summary.withdrawn.as_ref();
        let replaced_by = replaced_by.and_then(|it| it.replaced_by.as_ref());
        let between = lineage::Between {
            corrects,
            corrections,
            replaces: self.linked(workspace, summary.replaces.as_ref()).await?,
            replaced_by: self.linked(workspace, replaced_by).await?,
        };
        let counting = match figures {
            Some(figures) => figures.sales.rows,
            None => {
                let counting = store.counting(workspace, &summary.id).await;
                counting.map_err(|error| self.failed(&error))?
            }
        };
        let found = lineage::run(run, verdict, &contract, counting, between);
        Ok(Some(found))
    }

    async fn row(
        &self,
        workspace: &WorkspaceId,
        id: &RunId,
        record: u64,
    ) -> Result<RowView, BackendError> {
        let run = self.run(workspace, id).await?;
        // No store has more records than that.
        if i64::try_from(record).is_err() {
            return Err(BackendError::NotFound);
        }
        let before = record.checked_sub(1).ok_or(BackendError::NotFound)?;
        let verdict = run.verdict.as_ref().ok_or(BackendError::Invalid {
            text: "The run has no verdict: it is going on, or it failed.".to_owned(),
        })?;
        let store = &self.server().store;
        let contract = self.judged_under(workspace, verdict).await?;
        let contract = contract.ok_or(BackendError::NotFound)?;
        let query = FindingQuery {
            after: before,
            limit: 1,
            ..FindingQuery::default()
        };
        let page = store.flagged(workspace, id, &query).await;
        let page = page.map_err(|error| self.failed(&error))?;
        let flagged = page.rows.into_iter().find(|it| it.row.record == record);
        let flagged = flagged.map(|it| rendered(it, verdict, &header(verdict)));
        let standing = store.row(workspace, id, record).await;
        let standing = standing.map_err(|error| self.failed(&error))?;
        let loaded = standing.clone().map(|it| it.row);
        let corrected = corrected::Reader::new(store, workspace).of_run(&run).await;
        let corrected = corrected.map_err(|error| match error {
            CorrectedError::Store(error) => self.failed(&error),
            error => self.internal(&error, "what was corrected in a run cannot be told"),
        })?;
        let lineage = lineage::row(&run, verdict, &contract, flagged, loaded, &corrected);
        let mut lineage = lineage.ok_or(BackendError::NotFound)?;
        if let Some(origin) = standing.as_ref().and_then(|it| it.origin.as_ref()) {
            let run = self.run(workspace, &origin.run).await?;
            let options = run.verdict.as_ref().map(|it| &it.options);
            lineage.came = Some(Came {
                run: origin.run.clone(),
                file: lineage::origin(&run),
                record: origin.record,
                line: origin.line,
                sheet_row: options.and_then(|it| it.sheet_row(origin.line)),
            });
        }
        // What no longer counts is not in the ledger, but it still says which way it took.
        if standing
            .as_ref()
            .is_some_and(|it| it.state != RowState::Counting)
        {
            lineage.ledger = None;
        }
        Ok(RowView { lineage, standing })
    }

    async fn entries(
        &self,
        workspace: &WorkspaceId,
        filter: &EntryFilter,
        before: Option<u64>,
    ) -> Result<EntryList, BackendError> {
        let found = self
            .server()
            .store
            .entries(workspace, filter, before, ENTRIES)
            .await;
        found.map_err(|error| self.failed(&error))
    }

    async fn coverage(&self, workspace: &WorkspaceId) -> Result<Coverage, BackendError> {
        let found = self.server().store.coverage(workspace).await;
        found.map_err(|error| self.failed(&error))
    }

    async fn contracts(&self, workspace: &WorkspaceId) -> Result<Vec<ContractCard>, BackendError> {
        let server = self.server();
        let found = server.runs.shelf().cards(&server.store, workspace).await;
        found.map_err(|error| self.failed(&error))
    }

    async fn contract(
        &self,
        workspace: &WorkspaceId,
        name: &str,
        version: Option<u64>,
        compared: Option<(u64, u64)>,
    ) -> Result<ContractPage, BackendError> {
        let server = self.server();
        let shelf = server.runs.shelf();
        let page = shelf.page(&server.store, workspace, name, version, compared);
        let mut page = page.await.map_err(|error| self.failed(&error))?;
        let shown = page.versions.iter().find(|it| it.number == page.number);
        page.needs_another = shelf.approval() == Approval::SecondPerson
            && shown.is_some_and(|it| it.made_by == self.who.actor);
        Ok(page)
    }

    async fn contract_of(
        &self,
        workspace: &WorkspaceId,
        fingerprint: &str,
    ) -> Result<(ContractView, Option<u64>), BackendError> {
        let server = self.server();
        let shelf = server.runs.shelf();
        let found = shelf.of_run(&server.store, workspace, fingerprint).await;
        found.map_err(|error| self.failed(&error))
    }

    async fn skus(
        &self,
        workspace: &WorkspaceId,
    ) -> Result<BTreeMap<String, String>, BackendError> {
        let server = self.server();
        let all = server.runs.shelf().in_force(&server.store, workspace).await;
        let all = all.map_err(|error| self.failed(&error))?;
        // What the first of them says of a product holds.
        let mut res = BTreeMap::new();
        for (product, sku) in all.iter().flat_map(|it| it.skus()) {
            res.entry(product.to_owned())
                .or_insert_with(|| sku.to_owned());
        }
        Ok(res)
    }

    async fn list(
        &self,
        workspace: &WorkspaceId,
        contract: &str,
        list: &str,
    ) -> Result<WholeList, BackendError> {
        let server = self.server();
        let all = server.runs.shelf().in_force(&server.store, workspace).await;
        let all = all.map_err(|error| self.failed(&error))?;
        let contract = all.iter().find(|it| it.name == contract);
        let contract = contract.ok_or(BackendError::NotFound)?;
        let found = contract.list(list).ok_or(BackendError::NotFound)?;
        let proposed = synonyms::proposed(&server.store, workspace, contract).await;
        let mut proposed = proposed.map_err(|error| self.failed(&error))?;
        proposed.retain(|it| it.list == found.name);
        let sales = self.sales(workspace, &SalesFilter::default(), None).await?;
        Ok(synonyms::view(contract, found, proposed, &sales))
    }

    async fn proposed_synonyms(
        &self,
        workspace: &WorkspaceId,
    ) -> Result<Vec<ProposedSynonym>, BackendError> {
        let server = self.server();
        let all = server.runs.shelf().in_force(&server.store, workspace).await;
        let all = all.map_err(|error| self.failed(&error))?;
        let mut res = Vec::new();
        for contract in all.iter() {
            let proposed = synonyms::proposed(&server.store, workspace, contract).await;
            res.extend(proposed.map_err(|error| self.failed(&error))?);
        }
        res.sort_by_key(|it| std::cmp::Reverse(it.times));
        Ok(res)
    }

    async fn catalogue(&self) -> Result<Vec<ControlPage>, BackendError> {
        Ok(engine::catalogue::pages())
    }
}

/// The file's header cells, as they stand there.
pub fn header(verdict: &Verdict) -> Vec<String> {
    let columns = verdict.options.columns.iter();
    columns.map(|it| it.header.clone()).collect()
}

/// A kept row with its cells and sentences.
pub fn rendered(stored: StoredRow, verdict: &Verdict, header: &[String]) -> FlaggedRow {
    let row = render::flagged(stored.row, &verdict.options, header);
    FlaggedRow {
        state: stored.state,
        ..row
    }
}

/// The contract's regions, in its order.
fn regions() -> Vec<&'static str> {
    let list = contract::sales().list("regions");
    let entries = list.into_iter().flat_map(|it| &it.entries);
    entries.map(|it| it.value.as_str()).collect()
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::NotFound => Self::not_found("thing"),
            StoreError::Conflict(_) => Self::conflict(),
            StoreError::Full(_) => disk_full().caused_by(&error),
            other => {
                tracing::error!(error = &other as &dyn Error, "the store failed a request");
                match other {
                    StoreError::Unavailable(_) => Self::unavailable(),
                    _ => Self::internal().caused_by(&other),
                }
            }
        }
    }
}

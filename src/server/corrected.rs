//! Which cells of a run's rows were corrected before submit. Of a correction that is meant for every row that says the
//! same, the file alone tells which these are; it is read for that once more. Rows that entered later, from an exception,
//! were corrected where the exception was.

use crate::{
    contracts,
    panic::{self, Panicked},
    run::judge::{self, JudgeError},
    source::FileSource,
};
use engine::{day::Moment, export::Corrected, judge::Plan};
use model::{
    id::{RunId, WorkspaceId},
    options::{ColumnMapping, Options},
    run::Run,
};
use std::{collections::BTreeMap, sync::Arc};
use store::{Store, StoreError};
use thiserror::Error;
use tokio::task::{self, JoinError};

/// Why it cannot be told.
#[derive(Debug, Error)]
pub enum CorrectedError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Judge(#[from] JudgeError),
    #[error("the contract of the run cannot be read")]
    Contract,
    #[error("the moment of judging cannot be read")]
    Moment,
    #[error("the thread that read the file is gone")]
    Thread(#[from] JoinError),
}

impl From<Panicked> for CorrectedError {
    fn from(panicked: Panicked) -> Self {
        Self::Judge(panicked.into())
    }
}

/// Records and columns, both from 1, in that order.
pub type Cells = Vec<(u64, u32)>;

/// So many runs of exceptions are kept at hand.
const AT_HAND: usize = 16;

/// Asked of one run after the other. Many of them may have their rows from the same file, which is read once.
pub struct Reader {
    store: Store,
    workspace: WorkspaceId,
    origins: BTreeMap<RunId, Arc<(Vec<ColumnMapping>, Cells)>>,
}

impl Reader {
    pub fn new(store: &Store, workspace: &WorkspaceId) -> Self {
        Self {
            store: store.clone(),
            workspace: workspace.clone(),
            origins: BTreeMap::new(),
        }
    }

    /// # Errors
    /// When a file, or what it was judged under, can no longer be read.
    pub async fn cells(&mut self, run: &Run) -> Result<Cells, CorrectedError> {
        let mut cells = own(&self.store, &self.workspace, run).await?;
        cells.append(&mut self.inherited(run).await?);
        cells.sort_unstable();
        cells.dedup();
        Ok(cells)
    }

    /// The same, by row and in words. Empty for a run without a verdict.
    ///
    /// # Errors
    /// As [`Reader::cells`].
    pub async fn of_run(&mut self, run: &Run) -> Result<Corrected, CorrectedError> {
        let Some(verdict) = &run.verdict else {
            return Ok(Corrected::default());
        };
        let cells = self.cells(run).await?;
        Ok(Corrected::new(&verdict.options, cells))
    }

    /// Of the rows that were exceptions of other runs alone.
    ///
    /// # Errors
    /// As [`Reader::cells`].
    pub async fn inherited(&mut self, run: &Run) -> Result<Cells, CorrectedError> {
        let Some(verdict) = &run.verdict else {
            return Ok(Vec::new());
        };
        let from = self.store.entered_from(&self.workspace, &run.summary.id);
        let mut inherited = Vec::new();
        for (id, places) in from.await? {
            let origin = self.origin(&id).await?;
            let (columns, cells) = &*origin;
            for (there, here) in places {
                let first = cells.partition_point(|it| it.0 < there);
                let row = cells.get(first..).unwrap_or_default().iter();
                let row = row.take_while(|it| it.0 == there);
                inherited.extend(row.filter_map(|(_, column)| {
                    let column = columns.get(usize::try_from(*column).ok()?.checked_sub(1)?)?;
                    Some((here, place(&verdict.options, column)?))
                }));
            }
        }
        Ok(inherited)
    }

    /// The columns of the file that an exception came in, and what was corrected in it.
    async fn origin(
        &mut self,
        id: &RunId,
    ) -> Result<Arc<(Vec<ColumnMapping>, Cells)>, CorrectedError> {
        if let Some(known) = self.origins.get(id) {
            return Ok(known.clone());
        }
        let run = self.store.run(&self.workspace, id).await?;
        // It may have its rows from an exception, too.
        let cells = Box::pin(self.cells(&run)).await?;
        let columns = run.verdict.map(|it| it.options.columns);
        let origin = Arc::new((columns.unwrap_or_default(), cells));
        if self.origins.len() >= AT_HAND {
            self.origins.clear();
        }
        self.origins.insert(id.clone(), origin.clone());
        Ok(origin)
    }
}

/// Of the run's own file.
async fn own(store: &Store, workspace: &WorkspaceId, run: &Run) -> Result<Cells, CorrectedError> {
    let Some(verdict) = run
        .verdict
        .as_ref()
        .filter(|_| !run.choice.corrections.is_empty())
    else {
        return Ok(Vec::new());
    };
    let fingerprint = &verdict.contract.fingerprint;
    let text = store.contract(workspace, fingerprint).await?;
    let contract = contracts::of_run(text.as_deref(), fingerprint);
    let contract = contract.ok_or(CorrectedError::Contract)?;
    let at = Moment::parse(&run.evaluated_at).ok_or(CorrectedError::Moment)?;
    let file = FileSource::raw(store.raw(), workspace, &run.summary.file_digest).await?;
    let choice = run.choice.clone();
    let read = task::spawn_blocking(move || {
        let source = judge::unpack(file, &contract, &choice)?;
        let plan = panic::catch(|| Plan::new(&source, &contract, &choice, at, &mut |_| {}))?;
        let plan = plan.map_err(JudgeError::from)?;
        Ok(plan.corrected_cells())
    });
    read.await?
}

/// Where the column of another file is in this one, from 1: the one with its place in the contract, or else its name.
fn place(options: &Options, column: &ColumnMapping) -> Option<u32> {
    let mut columns = options.columns.iter();
    let place = columns.position(|it| match &column.column {
        Some(name) => it.column.as_ref() == Some(name),
        None => it.header == column.header,
    });
    u32::try_from(place? + 1).ok()
}

//! Which cells of a run's file were corrected before submit. Of a correction that is meant for every row that says the
//! same, the file alone tells which these are; it is read for that once more.

use crate::{
    contracts,
    panic::{self, Panicked},
    run::judge::{self, JudgeError},
    source::FileSource,
};
use engine::{day::Moment, export::Corrected, judge::Plan};
use model::{id::WorkspaceId, run::Run};
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
///
/// # Errors
/// When the file, or what it was judged under, can no longer be read.
pub async fn cells(
    store: &Store,
    workspace: &WorkspaceId,
    run: &Run,
) -> Result<Vec<(u64, u32)>, CorrectedError> {
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

/// The same, by row and in words. Empty for a run without a verdict.
///
/// # Errors
/// As [`cells`].
pub async fn of_run(
    store: &Store,
    workspace: &WorkspaceId,
    run: &Run,
) -> Result<Corrected, CorrectedError> {
    let cells = cells(store, workspace, run).await?;
    let verdict = run.verdict.as_ref();
    Ok(verdict.map_or_else(Corrected::default, |it| Corrected::new(&it.options, cells)))
}

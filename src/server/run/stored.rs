//! The file of a run that was judged, opened again with all that it was judged under.

use super::judge::{self, JudgeError};
use crate::{contracts, source::FileSource};
use engine::{contract::Contract, day::Moment, judgement::Judgement};
use model::{options::Choice, run::Run};
use store::{Store, StoreError};
use thiserror::Error;

/// Why a file could not be judged again.
#[derive(Debug, Error)]
pub enum CouldNot {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Judge(#[from] JudgeError),
    #[error("{0}")]
    Because(&'static str),
}

/// What a run was judged under.
pub struct Terms {
    pub contract: Contract,
    choice: Choice,
    at: Moment,
}

/// The raw file of a run, and what it was judged under.
///
/// # Errors
/// When the run has no verdict, or something of this is not there.
pub async fn open(store: &Store, run: &Run) -> Result<(FileSource, Terms), CouldNot> {
    let because = CouldNot::Because;
    let verdict = run.verdict.as_ref();
    let verdict = verdict.ok_or(because("the run has no verdict to compare with"))?;
    let workspace = &run.summary.workspace;
    let text = store.contract(workspace, &verdict.contract.fingerprint);
    let contract = contracts::kept(text.await?.as_deref());
    let contract = contract.ok_or(because("the run's contract cannot be read"))?;
    let at = Moment::parse(&run.evaluated_at);
    let at = at.ok_or(because("the run has no moment of judging"))?;
    let file = FileSource::raw(store.raw(), workspace, &run.summary.file_digest).await;
    let file = file.map_err(|error| match error {
        StoreError::NotFound => because("the raw file is gone"),
        other => other.into(),
    })?;
    let choice = run.choice.clone();
    let terms = Terms {
        contract,
        choice,
        at,
    };
    Ok((file, terms))
}

impl Terms {
    /// Judges the file again, on a thread that may block: what it is read from, and what is said of it.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn judge(&self, file: FileSource) -> Result<(FileSource, Judgement<'_>), JudgeError> {
        let source = judge::unpack(file, &self.contract, &self.choice)?;
        let judgement = judge::judge(&source, &self.contract, &self.choice, self.at)?;
        Ok((source, judgement))
    }
}

/// Does such work on a thread of its own.
///
/// # Errors
/// Those of the work.
pub async fn aside<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, CouldNot> + Send + 'static,
) -> Result<T, CouldNot> {
    let done = tokio::task::spawn_blocking(work).await;
    // A thread that is stopped stops with the whole server.
    done.unwrap_or(Err(CouldNot::Because("the judging was stopped")))
}

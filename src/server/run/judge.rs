//! Judging a file on all cores: pieces are taken from one queue by as many threads, and merged at the end.

use crate::{
    panic::{self, Panicked},
    source::FileSource,
};
use engine::{
    contract::Contract,
    day::Moment,
    judge::{Partial, Plan},
    judgement::Judgement,
    source::{Source, SourceError},
};
use model::options::Choice;
use std::{
    sync::atomic::{AtomicUsize, Ordering},
    thread,
};
use thiserror::Error;

/// Why a file got no verdict.
#[derive(Debug, Clone, Error)]
pub enum JudgeError {
    #[error(transparent)]
    Source(#[from] SourceError),
    #[error("the engine stopped at {}", .0.place)]
    Panicked(Panicked),
}

impl From<Panicked> for JudgeError {
    fn from(panicked: Panicked) -> Self {
        Self::Panicked(panicked)
    }
}

/// Opens the file if it is a workbook.
///
/// # Errors
/// As [`judge`].
pub fn unpack(
    file: FileSource,
    contract: &Contract,
    choice: &Choice,
) -> Result<FileSource, JudgeError> {
    Ok(panic::catch(|| file.unpacked(contract, choice))??)
}

/// Judges a file. The verdict does not depend on the number of cores.
///
/// # Errors
/// When the file can no longer be read, or the engine itself is at fault.
pub fn judge<'c>(
    source: &(dyn Source + Sync),
    contract: &'c Contract,
    choice: &Choice,
    at: Moment,
) -> Result<Judgement<'c>, JudgeError> {
    let plan = panic::catch(|| Plan::new(source, contract, choice, at, &mut |_| {}))??;
    let cores = thread::available_parallelism().map_or(1, usize::from);
    let threads = cores.min(plan.pieces()).max(1);
    let next = AtomicUsize::new(0);
    let take = || panic::catch(|| take_pieces(&plan, source, &next));
    let partial = thread::scope(|scope| {
        let others: Vec<_> = (1..threads).map(|_| scope.spawn(take)).collect();
        let mut all = take()??;
        for other in others {
            // A thread catches its own panics, so that none is left to come through here.
            let part = other.join().unwrap_or_else(|_| take())??;
            all = all.merge(part);
        }
        Ok::<_, JudgeError>(all)
    })?;
    Ok(panic::catch(|| plan.finish(source, partial))??)
}

fn take_pieces(
    plan: &Plan<'_>,
    source: &dyn Source,
    next: &AtomicUsize,
) -> Result<Partial, SourceError> {
    let mut all = Partial::default();
    loop {
        let piece = next.fetch_add(1, Ordering::Relaxed);
        if piece >= plan.pieces() {
            return Ok(all);
        }
        all = all.merge(plan.judge(source, piece)?);
    }
}

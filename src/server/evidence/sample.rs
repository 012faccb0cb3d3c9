//! The sample of an evidence file: rows of the ledger, each with its line, which the file is asked for.

use crate::run::{
    judge::JudgeError,
    stored::{self, CouldNot},
};
use audit::sample::{Draw, Sample, Traced};
use model::{
    id::RunId,
    run::{Run, RunStatus},
};
use std::{collections::BTreeMap, error::Error};
use store::{Store, StoreError};
use tokio::runtime::Handle;

/// Draws rows that the ledger took, and reads the line of each in its file.
pub(super) fn draw(
    store: &Store,
    runtime: &Handle,
    runs: &[Run],
    draw: &Draw,
    missing: &[RunId],
) -> Result<Sample, StoreError> {
    let mut accepted = Vec::new();
    for run in runs {
        let summary = &run.summary;
        if summary.status == RunStatus::Complete
            && !missing.contains(&summary.id)
            && let Some(verdict) = &run.verdict
        {
            accepted.push((summary.id.clone(), verdict.rows.accepted));
        }
    }
    let mut places = draw.places(&accepted);
    let mut rows = Vec::new();
    for run in runs {
        let (workspace, id) = (&run.summary.workspace, &run.summary.id);
        let Some(places) = places.remove(id) else {
            continue;
        };
        let ledger = runtime.block_on(store.brought(workspace, id, places))?;
        let mut lines: BTreeMap<u64, Vec<u8>> =
            ledger.iter().map(|it| (it.record, Vec::new())).collect();
        if let Err(error) = read(store, runtime, run, &mut lines) {
            // Lines that are not told do not hold; what the file is worth shows when it is judged again.
            tracing::warn!(run = %id, error = &error as &dyn Error, "a file gave no lines for a sample");
        }
        rows.extend(ledger.into_iter().map(|row| {
            let raw = lines.remove(&row.record).unwrap_or_default();
            Traced::new(run, (row, raw))
        }));
    }
    Ok(Sample {
        seed: draw.seed.clone(),
        rows,
    })
}

/// Reads these records of a run's file.
fn read(
    store: &Store,
    runtime: &Handle,
    run: &Run,
    lines: &mut BTreeMap<u64, Vec<u8>>,
) -> Result<(), CouldNot> {
    let (file, terms) = runtime.block_on(stored::open(store, run))?;
    let (source, judgement) = terms.judge(file)?;
    for batch in 0..judgement.batches() {
        let typed = judgement.each_typed(&source, batch, &mut |record, read| {
            if let Some(line) = lines.get_mut(&record) {
                *line = read().1;
            }
        });
        typed.map_err(JudgeError::from)?;
    }
    Ok(())
}

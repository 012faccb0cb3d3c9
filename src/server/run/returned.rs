//! Exceptions of earlier runs that a fixed export puts right: its rows say which they are.

use super::stages::Failure;
use engine::{judgement::Judgement, source::Source};
use model::{
    exception::{Event, ExceptionState, RowPlace},
    id::RunId,
};
use std::collections::{BTreeMap, BTreeSet};
use store::{Act, Closing, Mark, NewChange, NewRun, Store, StoreError};

/// Resolves the open exceptions whose rows were accepted and not refused by the ledger. A run that resolves some is one
/// of kind `correction`; it comes from the run whose exceptions they are, or from none where they are of several.
pub(super) async fn resolve(
    (store, run): (&Store, &NewRun),
    closing: &mut Closing,
    judgement: &Judgement<'_>,
    source: &(dyn Source + Sync),
    refused: &BTreeSet<u64>,
    mark: &Mark,
) -> Result<(), Failure> {
    let mark = mark.clone().with("by", &run.id);
    let act = Act {
        event: "exception.returned",
        reason: None,
        mark: &mark,
    };
    let mut origins = Vec::new();
    for (origin, records) in named(judgement, source, refused)? {
        let about = match store.run(&run.workspace, &origin).await {
            Err(StoreError::NotFound) => continue,
            found => found?,
        };
        let contract = about.verdict.map(|it| it.contract.name);
        if contract.as_ref() != Some(&run.contract.name) {
            continue;
        }
        let wanted: Vec<u64> = records.keys().copied().collect();
        let found = store
            .exceptions_at(&run.workspace, &origin, &wanted)
            .await?;
        let changes: Vec<NewChange> = found
            .into_iter()
            .filter_map(|it| {
                let record = *records.get(&it.row.record)?;
                Some(NewChange {
                    record: it.row.record,
                    version: it.version,
                    event: Event::Returned,
                    state: ExceptionState::Resolved,
                    assignee: it.assignee,
                    cells: None,
                    judged: None,
                    entered: Some(RowPlace {
                        run: run.id.clone(),
                        record,
                    }),
                    displaces: None,
                })
            })
            .collect();
        if closing.resolve(&origin, &changes, act).await? > 0 {
            origins.push(origin);
        }
    }
    match origins.as_slice() {
        [] => {}
        [origin] => closing.corrects(Some(origin)).await?,
        _ => closing.corrects(None).await?,
    }
    Ok(())
}

/// By run and record which the rows name, the record that they have here. Of several that name one, it is the first.
fn named(
    judgement: &Judgement<'_>,
    source: &(dyn Source + Sync),
    refused: &BTreeSet<u64>,
) -> Result<BTreeMap<RunId, BTreeMap<u64, u64>>, Failure> {
    let mut named: BTreeMap<RunId, BTreeMap<u64, u64>> = BTreeMap::new();
    for batch in 0..judgement.batches() {
        for (record, run, exception) in judgement.returned(source, batch)? {
            let Ok(run) = RunId::try_from(run) else {
                continue;
            };
            if i64::try_from(exception).is_ok() && !refused.contains(&record) {
                let records = named.entry(run).or_default();
                records.entry(exception).or_insert(record);
            }
        }
    }
    Ok(named)
}

//! Exceptions of earlier runs whose rows came back in an export of ours: its rows say which they are.

use super::stages::Failure;
use engine::{judgement::Judgement, source::Source};
use model::{
    exception::{Event, ExceptionState, RowPlace},
    id::RunId,
};
use std::collections::{BTreeMap, BTreeSet, btree_map::Entry};
use store::{Act, Closing, Mark, NewChange, NewRun, Store, StoreError};

/// Resolves the open exceptions whose rows enter the ledger now, and leaves out those whose rows fail here again: they
/// are exceptions of this run from here on, as they came last. A run that does so is one of kind `correction`; it comes
/// from the run whose exceptions they are, or from none where they are of several.
pub(super) async fn settle(
    (store, run): (&Store, &NewRun),
    closing: &mut Closing,
    judgement: &Judgement<'_>,
    source: &(dyn Source + Sync),
    refused: &BTreeSet<u64>,
    mark: &Mark,
) -> Result<(), Failure> {
    let mark = mark.clone().with("by", &run.id);
    let moved = format!(
        "It came back in {} ({}), fails there too, and is worked on there.",
        run.file_name, run.id
    );
    let resolved = Act {
        event: "exception.returned",
        reason: None,
        mark: &mark,
    };
    let rejected = Act {
        event: "exception.rejected",
        reason: Some(&moved),
        mark: &mark,
    };
    let mut origins = Vec::new();
    for (origin, rows) in named(judgement, source, refused)? {
        let about = match store.run(&run.workspace, &origin).await {
            Err(StoreError::NotFound) => continue,
            found => found?,
        };
        let contract = about.verdict.map(|it| it.contract.name);
        if contract.as_ref() != Some(&run.contract.name) {
            continue;
        }
        let wanted: Vec<u64> = rows.keys().copied().collect();
        let found = store
            .exceptions_at(&run.workspace, &origin, &wanted)
            .await?;
        let (mut enter, mut fail) = (Vec::new(), Vec::new());
        for it in found {
            let Some(row) = rows.get(&it.row.record) else {
                continue;
            };
            let change = |state, entered| NewChange {
                record: it.row.record,
                version: it.version,
                event: Event::Returned,
                state,
                assignee: it.assignee.clone(),
                cells: None,
                judged: None,
                entered,
                displaces: None,
            };
            if row.enters {
                let place = RowPlace {
                    run: run.id.clone(),
                    record: row.record,
                };
                enter.push(change(ExceptionState::Resolved, Some(place)));
            } else {
                fail.push(change(ExceptionState::Rejected, None));
            }
        }
        let changed = closing.change_earlier(&origin, &enter, resolved).await?
            + closing.change_earlier(&origin, &fail, rejected).await?;
        if changed > 0 {
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

struct Row {
    record: u64,
    enters: bool,
}

/// By run and record which the rows name, where they are here. Of several that name one, it is the first that enters, or
/// the first.
fn named(
    judgement: &Judgement<'_>,
    source: &(dyn Source + Sync),
    refused: &BTreeSet<u64>,
) -> Result<BTreeMap<RunId, BTreeMap<u64, Row>>, Failure> {
    let mut named: BTreeMap<RunId, BTreeMap<u64, Row>> = BTreeMap::new();
    for batch in 0..judgement.batches() {
        for it in judgement.returned(source, batch)? {
            let Ok(run) = RunId::try_from(it.run) else {
                continue;
            };
            if i64::try_from(it.exception).is_err() {
                continue;
            }
            let row = Row {
                record: it.record,
                enters: it.passes && !refused.contains(&it.record),
            };
            match named.entry(run).or_default().entry(it.exception) {
                Entry::Vacant(place) => {
                    place.insert(row);
                }
                Entry::Occupied(mut found) if row.enters && !found.get().enters => {
                    found.insert(row);
                }
                Entry::Occupied(_) => {}
            }
        }
    }
    Ok(named)
}

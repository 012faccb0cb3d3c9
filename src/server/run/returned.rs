//! Exceptions of earlier runs whose rows came back in an export of ours: its rows say which they are.

use super::stages::Failure;
use engine::{judgement::Judgement, source::Source};
use model::{
    exception::{Event, ExceptionState, RowPlace, Standing},
    id::RunId,
};
use std::collections::{BTreeMap, BTreeSet, btree_map::Entry};
use store::{
    Act, ChangeError, Closing, Mark, NewChange, NewRun, Store, StoreError, StoredException,
};

/// So many rows are left out together.
const AT_ONCE: usize = 500;

/// The rows of this run that fail and were dealt with before, as exceptions of another: of which file, and of which run.
pub(super) struct DealtWith {
    records: Vec<u64>,
    file_name: String,
    run: RunId,
}

/// Resolves the exceptions whose rows enter the ledger now, and leaves out the open ones whose rows fail here again: they
/// are exceptions of this run from here on, as they came last. A run that does so is one of kind `correction`; it comes
/// from the run whose exceptions they are, or from none where they are of several. Gives the rows for [`leave_out`].
pub(super) async fn settle(
    (store, run): (&Store, &NewRun),
    closing: &mut Closing,
    judgement: &Judgement<'_>,
    source: &(dyn Source + Sync),
    refused: &BTreeSet<u64>,
    mark: &Mark,
) -> Result<Vec<DealtWith>, Failure> {
    let mark = mark.clone().with("by", &run.id);
    let why = format!(
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
        reason: Some(&why),
        mark: &mark,
    };
    let (mut origins, mut dealt_with) = (Vec::new(), Vec::new());
    for (origin, rows) in named(judgement, source, refused)? {
        let about = match store.run(&run.workspace, &origin).await {
            Err(StoreError::NotFound) => continue,
            found => found?,
        };
        let contract = about.verdict.map(|it| it.contract.name);
        if contract.as_ref() != Some(&run.contract.name) || about.summary.withdrawn.is_some() {
            continue;
        }
        let wanted: Vec<u64> = rows.keys().copied().collect();
        let found = store
            .exceptions_at(&run.workspace, &origin, &wanted)
            .await?;
        let (mut enter, mut fail, mut records) = (Vec::new(), Vec::new(), Vec::new());
        for it in found {
            let Some(row) = rows.get(&it.row.record) else {
                continue;
            };
            let change = |state, entered| NewChange {
                entered,
                ..moved(&it, Event::Returned, state)
            };
            if row.enters {
                let place = RowPlace {
                    run: run.id.clone(),
                    record: row.record,
                };
                enter.push(change(ExceptionState::Resolved, Some(place)));
            } else if it.state.standing() == Standing::Open {
                fail.push(change(ExceptionState::Rejected, None));
            } else {
                records.push(row.record);
            }
        }
        let changed = closing.change_earlier(&origin, &enter, resolved).await?
            + closing.change_earlier(&origin, &fail, rejected).await?;
        if !records.is_empty() {
            dealt_with.push(DealtWith {
                records,
                file_name: about.summary.file_name,
                run: origin.clone(),
            });
        }
        if changed > 0 {
            origins.push(origin);
        }
    }
    match origins.as_slice() {
        [] => {}
        [origin] => closing.corrects(Some(origin)).await?,
        _ => closing.corrects(None).await?,
    }
    Ok(dealt_with)
}

/// Leaves out exceptions of a run that is complete now, since nobody has to deal with them twice.
pub(super) async fn leave_out(
    (store, run): (&Store, &NewRun),
    dealt_with: Vec<DealtWith>,
    mark: &Mark,
) -> Result<(), ChangeError> {
    for it in dealt_with {
        let reason = format!(
            "It was dealt with before, as an exception of {} ({}).",
            it.file_name, it.run
        );
        let act = Act {
            event: "exception.rejected",
            reason: Some(&reason),
            mark,
        };
        for records in it.records.chunks(AT_ONCE) {
            let found = store
                .exceptions_at(&run.workspace, &run.id, records)
                .await?;
            let open = found.iter().filter(|it| it.state == ExceptionState::New);
            let changes: Vec<NewChange> = open
                .map(|it| moved(it, Event::Rejected, ExceptionState::Rejected))
                .collect();
            if !changes.is_empty() {
                store.change(&run.workspace, &run.id, &changes, act).await?;
            }
        }
    }
    Ok(())
}

fn moved(it: &StoredException, event: Event, state: ExceptionState) -> NewChange {
    NewChange {
        record: it.row.record,
        version: it.version,
        event,
        state,
        assignee: it.assignee.clone(),
        cells: None,
        judged: None,
        entered: None,
        displaces: None,
    }
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

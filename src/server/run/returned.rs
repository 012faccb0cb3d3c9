//! Exceptions of earlier runs whose rows came back in an export of ours: its rows say which they are.

use super::stages::Failure;
use engine::{judgement::Judgement, source::Source};
use model::{
    exception::{Event, ExceptionState, RowPlace},
    id::RunId,
    run::{Run, RunStatus, RunSummary},
};
use std::collections::{BTreeMap, BTreeSet, btree_map::Entry};
use store::{Act, ChangeError, Closing, Mark, NewChange, NewRun, Store, StoreError};

/// So many rows are looked at, or left out, together.
const AT_ONCE: usize = 500;

/// A row is left out as it stands at that moment; whoever acts on some at the same time is asked again.
const TRIES: usize = 3;

/// The rows of this run that fail and are exceptions of another: of which file, and of which run.
pub(super) struct Elsewhere {
    records: Vec<u64>,
    file_name: String,
    run: RunId,
}

/// Why an export of ours that came back is not loaded, in a word for the log and in words for people: rows of it are
/// exceptions of a run that does not count, which nobody asked to count. None of any other file.
pub(super) async fn of_no_account(
    (store, run): (&Store, &NewRun),
    judgement: &Judgement<'_>,
    source: &(dyn Source + Sync),
) -> Result<Option<(String, String)>, Failure> {
    for origin in named(judgement, source, &BTreeSet::new())?.into_keys() {
        let Some(about) = standing(store, run, &origin).await? else {
            continue;
        };
        let name = &about.file_name;
        let why = match &about.withdrawn {
            Some(it) if it.replaced_by.is_some() => format!("another run took the place of {name}"),
            Some(it) => format!("{name} was withdrawn ({})", it.reason),
            None if about.status == RunStatus::Complete => continue,
            None if run.replaces.as_ref() == Some(&about.id) => continue,
            None if about.status == RunStatus::Held => format!("{name} is held itself"),
            None => format!("{name} is not in the ledger itself"),
        };
        let reason = format!(
            "Rows of this file are exceptions of an earlier one, and {why}. Nothing was loaded. Release the run if these \
             rows are to count all the same."
        );
        return Ok(Some(("of-no-account".to_owned(), reason)));
    }
    Ok(None)
}

/// The run that has the exceptions of `origin` now: itself, or the one with which it was released, whose records are the
/// same. None where there is none that was judged under this contract.
async fn standing(
    store: &Store,
    run: &NewRun,
    origin: &RunId,
) -> Result<Option<RunSummary>, StoreError> {
    let mut origin = origin.clone();
    let mut before: Option<Run> = None;
    loop {
        let about = match store.run(&run.workspace, &origin).await {
            Err(StoreError::NotFound) => return Ok(None),
            found => found?,
        };
        let contract = about.verdict.as_ref().map(|it| &it.contract.name);
        if let Some(before) = before {
            let (was, is) = (&before.summary, &about.summary);
            if was.file_digest != is.file_digest || before.choice != about.choice {
                return Ok(Some(before.summary));
            }
        } else if contract != Some(&run.contract.name) {
            return Ok(None);
        }
        let left = about.summary.withdrawn.as_ref();
        match left.and_then(|it| it.replaced_by.clone()) {
            Some(by) => origin = by,
            None => return Ok(Some(about.summary)),
        }
        before = Some(about);
    }
}

/// Resolves the exceptions whose rows enter the ledger now. A run that holds rows of exceptions is one of kind
/// `correction`; it comes from the run whose exceptions they are, or from none where they are of several. Gives the rows
/// that fail again, for [`leave_out`]: they stay exceptions where they were found, and are dealt with there.
pub(super) async fn settle(
    (store, run): (&Store, &NewRun),
    closing: &mut Closing,
    judgement: &Judgement<'_>,
    source: &(dyn Source + Sync),
    refused: &BTreeSet<u64>,
    mark: &Mark,
) -> Result<Vec<Elsewhere>, Failure> {
    let mark = mark.clone().with("by", &run.id);
    let act = Act {
        event: "exception.returned",
        reason: None,
        mark: &mark,
    };
    let (mut origins, mut elsewhere) = (Vec::new(), Vec::new());
    for (origin, rows) in named(judgement, source, refused)? {
        // What leaves, or is not in the ledger yet, has no exceptions that anybody deals with.
        let Some(about) = standing(store, run, &origin).await? else {
            continue;
        };
        let origin = about.id;
        if about.status != RunStatus::Complete
            || about.withdrawn.is_some()
            || closing.leaves(&origin)
        {
            continue;
        }
        let wanted: Vec<u64> = rows.keys().copied().collect();
        let (mut changes, mut records) = (Vec::new(), Vec::new());
        for wanted in wanted.chunks(AT_ONCE) {
            let found = store.exceptions_at(&run.workspace, &origin, wanted).await?;
            for it in found {
                let Some(row) = rows.get(&it.row.record) else {
                    continue;
                };
                if !row.enters {
                    records.push(row.record);
                    continue;
                }
                let place = RowPlace {
                    run: run.id.clone(),
                    record: row.record,
                };
                changes.push(NewChange {
                    entered: Some(place),
                    ..it.change(Event::Returned, ExceptionState::Resolved)
                });
            }
        }
        let resolved = closing.resolve(&origin, &changes, act).await?;
        if resolved > 0 || !records.is_empty() {
            origins.push(origin.clone());
        }
        elsewhere.push(Elsewhere {
            records,
            file_name: about.file_name,
            run: origin,
        });
    }
    match origins.as_slice() {
        [] => {}
        [origin] => closing.corrects(Some(origin)).await?,
        _ => closing.corrects(None).await?,
    }
    Ok(elsewhere)
}

/// Leaves out exceptions of a run that is complete now, since nobody has to deal with them twice.
pub(super) async fn leave_out(
    (store, run): (&Store, &NewRun),
    elsewhere: Vec<Elsewhere>,
    mark: &Mark,
) -> Result<(), ChangeError> {
    for it in elsewhere {
        let reason = format!(
            "It is an exception of {} ({}), and is dealt with there.",
            it.file_name, it.run
        );
        let act = Act {
            event: "exception.rejected",
            reason: Some(&reason),
            mark,
        };
        for records in it.records.chunks(AT_ONCE) {
            for tried in 1..=TRIES {
                let found = store
                    .exceptions_at(&run.workspace, &run.id, records)
                    .await?;
                let open = found.iter().filter(|it| it.state == ExceptionState::New);
                let changes: Vec<NewChange> = open
                    .map(|it| it.change(Event::Rejected, ExceptionState::Rejected))
                    .collect();
                if changes.is_empty() {
                    break;
                }
                match store.change(&run.workspace, &run.id, &changes, act).await {
                    Err(ChangeError::Stale { .. }) if tried < TRIES => {}
                    done => {
                        done?;
                        break;
                    }
                }
            }
        }
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

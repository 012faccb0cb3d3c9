//! What a file would change in the ledger if its run took the place of another.

use super::judge::{self, JudgeError};
use crate::{contracts, source::FileSource};
use engine::{day::Moment, source::SourceError};
use model::{
    id::WorkspaceId,
    money::Money,
    row::{LedgerRow, Text},
    run::{Difference, DifferingRow, Moved, Run},
    verdict::Verdict,
};
use std::{
    collections::{BTreeMap, VecDeque},
    io,
};
use store::{Store, StoreError};
use thiserror::Error;
use tokio::runtime::Handle;

const EXAMPLES: usize = 100;

/// Rows of the ledger that are read at a time.
const PAGE: u32 = 4096;

#[derive(Debug, Error)]
pub enum DifferenceError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Judge(#[from] JudgeError),
    #[error("the raw file cannot be opened")]
    Open(#[from] io::Error),
    /// The run's contract or moment cannot be read.
    #[error("{0}")]
    Unsound(&'static str),
}

impl From<SourceError> for DifferenceError {
    fn from(error: SourceError) -> Self {
        Self::Judge(error.into())
    }
}

/// A row of the ledger, in short.
struct Before {
    /// In the file of the run that is replaced; None of a row that entered later.
    line: Option<u64>,
    money: Option<Money>,
    digest: [u8; 32],
}

type Rows = BTreeMap<Name, VecDeque<Before>>;

/// Compares the rows that `run` accepts, judged again, with those that count and would leave for it: of the run that it
/// replaces, and what entered through that one's exceptions. Memory grows with the latter. None where it replaces none.
///
/// # Errors
/// When the store or the raw file cannot be read.
pub async fn difference(
    store: &Store,
    workspace: &WorkspaceId,
    run: &Run,
) -> Result<Option<Difference>, DifferenceError> {
    let (Some(replaced), Some(verdict)) = (&run.summary.replaces, &run.verdict) else {
        return Ok(None);
    };
    // Keys are held within a contract: of another's rows, none has the key of one of these.
    let was = store.run(workspace, replaced).await?.verdict;
    let keyed = was
        .as_ref()
        .is_none_or(|it| it.contract.name == verdict.contract.name);
    let giving_way = store.giving_way(workspace, replaced).await?;
    let back = giving_way.back.into_iter();
    let back: BTreeMap<Name, LedgerRow> = back
        .map(|row| (Name::of(&row, digest(&row), keyed), row))
        .collect();
    let mut before = Rows::new();
    let mut take = |row: LedgerRow, of_file: bool| {
        let digest = digest(&row);
        let short = Before {
            line: of_file.then_some(row.line),
            money: row.money,
            digest,
        };
        let of_name = before.entry(Name::of(&row, digest, keyed)).or_default();
        of_name.push_back(short);
    };
    for id in &giving_way.runs {
        let mut after = 0;
        loop {
            let rows = store.ledger(workspace, id, after, PAGE).await?;
            let Some(last) = rows.last() else { break };
            after = last.record;
            rows.into_iter().for_each(|row| take(row, id == replaced));
        }
    }
    let elsewhere = giving_way.elsewhere.into_iter();
    elsewhere.for_each(|row| take(row, false));
    let text = store
        .contract(workspace, &verdict.contract.fingerprint)
        .await?;
    let contract = contracts::of_run(text.as_deref(), &verdict.contract.fingerprint)
        .ok_or(DifferenceError::Unsound("the run's contract is gone"))?;
    let at = Moment::parse(&run.evaluated_at)
        .ok_or(DifferenceError::Unsound("the run has no moment of judging"))?;
    let local = store
        .raw()
        .local(workspace, &run.summary.file_digest)
        .await?;
    let choice = run.choice.clone();
    let (ledger, within, runtime) = (store.clone(), workspace.clone(), Handle::current());
    let compared = tokio::task::spawn_blocking(move || {
        let source = judge::unpack(FileSource::open(local.path())?, &contract, &choice)?;
        let judgement = judge::judge(&source, &contract, &choice, at)?;
        let mut found = Difference::default();
        for batch in 0..judgement.batches() {
            let mut others = Vec::new();
            for row in judgement.accepted(&source, batch)? {
                let digest = digest(&row);
                let name = Name::of(&row, digest, keyed);
                if back.contains_key(&name) {
                    count(&mut found.refused, row.money);
                } else if let Some(held) = taken(&mut before, &name) {
                    compare(&mut found, &row, digest, Some(held));
                } else {
                    others.push((row, digest));
                }
            }
            // What the run that is replaced does not have may stand in a third.
            let keys: Vec<&str> = others.iter().filter_map(|it| it.0.key.as_deref()).collect();
            let holders = ledger.holders(&within, &contract.name, &keys);
            let holders = runtime.block_on(holders)?;
            for (row, digest) in &others {
                if row
                    .key
                    .as_deref()
                    .is_some_and(|it| holders.contains_key(it))
                {
                    count(&mut found.refused, row.money);
                } else {
                    compare(&mut found, row, *digest, None);
                }
            }
        }
        for (name, rows) in before {
            for row in rows {
                gone(&mut found, &name, row, back.get(&name));
            }
        }
        Ok::<_, DifferenceError>(found)
    });
    let mut found = compared
        .await
        .map_err(|_| DifferenceError::Unsound("comparing stopped"))??;
    for row in &mut found.examples {
        let of = |verdict: Option<&Verdict>, line: Option<u64>| verdict?.options.sheet_row(line?);
        row.sheet_row_before = of(was.as_ref(), row.line_before);
        row.sheet_row_after = of(Some(verdict), row.line_after);
    }
    Ok(Some(found))
}

/// The row of that name, which is not found again then.
fn taken(before: &mut Rows, name: &Name) -> Option<Before> {
    let held = before.get_mut(name).and_then(VecDeque::pop_front);
    if before.get(name).is_some_and(VecDeque::is_empty) {
        before.remove(name);
    }
    held
}

/// Tells of a row that leaves and has none in the file: it is gone, or the one that it had displaced is `back`.
fn gone(found: &mut Difference, name: &Name, row: Before, back: Option<&LedgerRow>) {
    match back {
        Some(it) if digest(it) == row.digest => return count(&mut found.same, it.money),
        Some(it) => {
            count(&mut found.changed, it.money);
            found.changed_before += row.money.unwrap_or_default();
        }
        None => count(&mut found.gone, row.money),
    }
    let key = match name {
        Name::Key(key) => Some(key.to_string()),
        Name::Whole(_) => None,
    };
    let differing = DifferingRow {
        key,
        line_before: row.line,
        line_after: None,
        sheet_row_before: None,
        sheet_row_after: None,
        money_before: row.money,
        money_after: back.and_then(|it| it.money),
    };
    show(found, differing);
}

fn compare(found: &mut Difference, row: &LedgerRow, digest: [u8; 32], held: Option<Before>) {
    match &held {
        Some(held) if held.digest == digest => {
            count(&mut found.same, row.money);
            return;
        }
        Some(held) => {
            count(&mut found.changed, row.money);
            found.changed_before += held.money.unwrap_or_default();
        }
        None => count(&mut found.added, row.money),
    }
    let differing = DifferingRow {
        key: row.key.clone().map(String::from),
        line_before: held.as_ref().and_then(|it| it.line),
        line_after: Some(row.line),
        sheet_row_before: None,
        sheet_row_after: None,
        money_before: held.and_then(|it| it.money),
        money_after: row.money,
    };
    show(found, differing);
}

/// What a row is found by in the other file.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Name {
    Key(Text),
    /// All that it says, where there is no key.
    Whole([u8; 32]),
}

impl Name {
    fn of(row: &LedgerRow, digest: [u8; 32], keyed: bool) -> Self {
        match &row.key {
            Some(key) if keyed => Self::Key(key.clone()),
            _ => Self::Whole(digest),
        }
    }
}

/// Of all that a row says, without where it stands.
fn digest(row: &LedgerRow) -> [u8; 32] {
    let said = LedgerRow {
        record: 0,
        line: 0,
        ..row.clone()
    };
    blake3::hash(format!("{said:?}").as_bytes()).into()
}

fn count(moved: &mut Moved, money: Option<Money>) {
    moved.rows += 1;
    moved.money += money.unwrap_or_default();
}

fn show(found: &mut Difference, row: DifferingRow) {
    if found.examples.len() < EXAMPLES {
        found.examples.push(row);
    }
}

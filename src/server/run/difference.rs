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
    let mut before = Rows::new();
    let mut take = |row: LedgerRow, of_file: bool| {
        let digest = digest(&row);
        let short = Before {
            line: of_file.then_some(row.line),
            money: row.money,
            digest,
        };
        let of_name = before.entry(Name::of(&row, digest)).or_default();
        of_name.push_back(short);
    };
    let (runs, elsewhere) = store.giving_way(workspace, replaced).await?;
    for id in &runs {
        let mut after = 0;
        loop {
            let rows = store.ledger(workspace, id, after, PAGE).await?;
            let Some(last) = rows.last() else { break };
            after = last.record;
            rows.into_iter().for_each(|row| take(row, id == replaced));
        }
    }
    elsewhere.into_iter().for_each(|row| take(row, false));
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
    let compared = tokio::task::spawn_blocking(move || {
        let source = judge::unpack(FileSource::open(local.path())?, &contract, &choice)?;
        let judgement = judge::judge(&source, &contract, &choice, at)?;
        let mut found = Difference::default();
        for batch in 0..judgement.batches() {
            for row in judgement.accepted(&source, batch)? {
                compare(&mut found, &mut before, &row);
            }
        }
        for (name, rows) in before {
            for row in rows {
                count(&mut found.gone, row.money);
                let key = match &name {
                    Name::Key(key) => Some(key.to_string()),
                    Name::Whole(_) => None,
                };
                let gone = DifferingRow {
                    key,
                    line_before: row.line,
                    line_after: None,
                    sheet_row_before: None,
                    sheet_row_after: None,
                    money_before: row.money,
                    money_after: None,
                };
                show(&mut found, gone);
            }
        }
        Ok::<_, DifferenceError>(found)
    });
    let mut found = compared
        .await
        .map_err(|_| DifferenceError::Unsound("comparing stopped"))??;
    let replaced = store.run(workspace, replaced).await?.verdict;
    for row in &mut found.examples {
        let of = |verdict: Option<&Verdict>, line: Option<u64>| verdict?.options.sheet_row(line?);
        row.sheet_row_before = of(replaced.as_ref(), row.line_before);
        row.sheet_row_after = of(Some(verdict), row.line_after);
    }
    Ok(Some(found))
}

fn compare(found: &mut Difference, before: &mut Rows, row: &LedgerRow) {
    let digest = digest(row);
    let name = Name::of(row, digest);
    let held = before.get_mut(&name).and_then(VecDeque::pop_front);
    if before.get(&name).is_some_and(VecDeque::is_empty) {
        before.remove(&name);
    }
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
    fn of(row: &LedgerRow, digest: [u8; 32]) -> Self {
        match &row.key {
            Some(key) => Self::Key(key.clone()),
            None => Self::Whole(digest),
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

//! What people do with exceptions. An act is decided on rows as they stand, judges them where it has to, and is handed
//! to the store as a whole: changes, rows that enter the ledger, and entries come together or not at all.

mod decide;
mod enter;
mod opened;
pub mod put_right;
mod view;

use crate::{contracts, handout::ANONYMOUS, shelf::Shelf};
use decide::Decided;
use engine::{apart::Form, contract::Contract, source::SourceError};
use model::{
    exception::{ActPreview, ExceptionFilter, ExceptionState, Replacement, RowPlace, Standing},
    id::{RunId, WorkspaceId},
    run::{Run, RunStatus, Way},
    verdict::{ContractRef, Verdict},
};
use serde::{Deserialize, Serialize};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};
use store::{Act as StoreAct, ChangeError, Mark, Store, StoreError, StoredException};
use thiserror::Error;
use utoipa::ToSchema;

/// Keys may be taken, and rows changed, between deciding and doing; then it is decided again.
const TRIES: usize = 5;

/// The most exceptions that are changed at one time, and that one request may name: all of them are in memory then, and
/// whoever else writes to the ledger waits for them.
pub const MOST: usize = 10_000;

/// The most that answer the filter of one act, which does them [`MOST`] at a time.
pub const MOST_OF_FILTER: usize = 100_000;

/// What is done with an exception, or with many.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(tag = "act", rename_all = "kebab-case")]
pub enum Act {
    /// Judged at once; a row that passes enters the ledger.
    Correct {
        edit: Edit,
        reason: Option<String>,
    },
    /// Several rows, each put right in its own way, by their records.
    #[serde(skip)]
    CorrectEach {
        edits: BTreeMap<u64, Edit>,
        reason: Option<String>,
    },
    /// The row enters in spite of what was found, marked so.
    Waive {
        reason: String,
    },
    /// Left out for good.
    Reject {
        reason: String,
    },
    Assign {
        /// Nobody where it is absent.
        assignee: Option<String>,
    },
    Comment {
        text: String,
    },
    /// Open again; what had entered leaves the ledger's totals.
    Reopen {
        reason: String,
    },
    /// A repeated key.
    Settle {
        settlement: Settlement,
        reason: String,
        /// Of the key, where the row gets another one.
        #[serde(default)]
        edit: Edit,
    },
    /// Judged again under the contract in force. Nothing changes where the outcome is the same.
    Replay,
    /// A correction of one column, in each row that has this text there.
    Replace {
        /// By the contract's name of the column or by the file's.
        column: String,
        /// The whole cell, outer spaces apart; empty for an empty cell.
        from: String,
        to: String,
        reason: Option<String>,
    },
}

/// Who keeps a repeated key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Settlement {
    /// This row is left out.
    KeepHolder,
    /// The holder leaves the totals, kept and linked, and this row enters.
    TakePlace,
    /// This row gets another key.
    OtherKey,
}

/// What of a row is put right.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(default)]
pub struct Edit {
    /// New texts of cells, by the contract's name of the column or by the file's.
    pub cells: BTreeMap<String, String>,
    /// The whole row, in the order of the file's own columns.
    pub row: Option<Vec<String>>,
}

/// Who acts, and by which way.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Who {
    pub actor: String,
    pub way: Way,
}

/// Nobody who says who he is.
impl Default for Who {
    fn default() -> Self {
        Self {
            actor: ANONYMOUS.to_owned(),
            way: Way::Api,
        }
    }
}

/// The rows that an act is about.
#[derive(Debug, Clone)]
pub enum Picked {
    /// As somebody saw it.
    One { record: u64, version: u64 },
    /// Records with the versions that somebody saw. What changed since is left as it is.
    Seen(Vec<(u64, u64)>),
    /// As they stand.
    All(Vec<u64>),
}

/// A row as somebody saw it, and what of it is put right.
#[derive(Debug, Clone)]
pub struct Corrected {
    pub at: RowPlace,
    pub version: u64,
    pub edit: Edit,
}

/// What came of an act.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = ActDone)]
pub struct Done {
    /// Exceptions that have a new version.
    pub changed: u64,
    /// Of those, rows that entered the ledger.
    pub entered: u64,
    /// The run by which they did; the last one where they are several.
    pub run: Option<RunId>,
    /// How many were left as they were, by the reason.
    pub left: BTreeMap<&'static str, u64>,
    /// Those that somebody changed since they were looked at.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub stale: Vec<RowPlace>,
    /// What became of each: `entered`, `failing`, or why it was left as it was.
    #[serde(skip)]
    pub outcomes: BTreeMap<RowPlace, &'static str>,
}

impl Done {
    /// Nothing was done with these.
    fn left(why: &'static str, rows: &[RowPlace]) -> Self {
        let mut done = Self::default();
        for it in rows {
            *done.left.entry(why).or_default() += 1;
            done.outcomes.insert(it.clone(), why);
        }
        done
    }

    /// Adds what was done with another run.
    pub fn add(&mut self, other: Self) {
        self.changed += other.changed;
        self.entered += other.entered;
        self.run = other.run.or(self.run.take());
        for (why, rows) in other.left {
            *self.left.entry(why).or_default() += rows;
        }
        self.stale.extend(other.stale);
        self.outcomes.extend(other.outcomes);
    }
}

/// Why a row is left as it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Left {
    NotOpen(ExceptionState),
    /// It is open, so that it cannot be opened again.
    Open,
    /// No proper record: the whole row has to be given.
    NoRecord,
    /// Bytes that are no text stand in it still.
    Undecodable,
    /// Has findings with these codes, which may not be waived.
    NotWaivable(Vec<String>),
    /// Another row holds its key.
    KeyHeld,
    /// No row holds its key.
    KeyNotHeld,
    /// Has findings that have to be put right first.
    Failing,
    /// Who proposed its waiver cannot confirm it.
    SecondPerson,
    /// Judged again, it is what it was.
    Unchanged,
    /// Its cell does not say what is to be replaced.
    OtherText,
    /// Somebody changed it since it was looked at.
    Stale,
}

impl Left {
    pub fn word(&self) -> &'static str {
        match self {
            Self::NotOpen(_) => "not-open",
            Self::Open => "open",
            Self::NoRecord => "no-record",
            Self::Undecodable => "undecodable",
            Self::NotWaivable(_) => "not-waivable",
            Self::KeyHeld => "key-held",
            Self::KeyNotHeld => "key-not-held",
            Self::Failing => "failing",
            Self::SecondPerson => "second-person",
            Self::Unchanged => "unchanged",
            Self::OtherText => "other-text",
            Self::Stale => "stale",
        }
    }
}

/// Why an act was not done; nothing was changed.
#[derive(Debug, Error)]
pub enum ActError {
    #[error("the run is not complete")]
    NotComplete,
    #[error("{0}")]
    Invalid(String),
    /// Its file has no such column.
    #[error("{0}")]
    NoColumn(String),
    /// Of the one row that it is about.
    #[error("the row is left as it is: {}", .0.word())]
    Left(Left),
    /// The contract in force cannot read the file's columns.
    #[error("the contract in force holds the row: {0}")]
    Held(String),
    #[error("the row is at version {0} by now")]
    Stale(u64),
    #[error("other acts came in between again and again")]
    Busy,
    /// Others were changed before it, and stay so.
    #[error("after {changed} rows: {error}")]
    Stopped {
        changed: u64,
        entered: u64,
        error: Box<Self>,
    },
    /// The server's own figures do not agree.
    #[error("{0}")]
    Unsound(&'static str),
    #[error(transparent)]
    Source(#[from] SourceError),
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl ActError {
    fn after(self, done: &Done) -> Self {
        match (done.changed, done.entered) {
            (0, _) => self,
            (changed, entered) => Self::Stopped {
                changed,
                entered,
                error: Box::new(self),
            },
        }
    }

    /// The reason where it is about one of several runs; itself where it is about all of them.
    fn of_run(self) -> Result<&'static str, Self> {
        match self {
            Self::NotComplete => Ok("run-not-complete"),
            Self::Held(_) => Ok("held-by-contract"),
            Self::Busy => Ok("busy"),
            Self::Store(StoreError::Conflict(_)) => Ok("run-withdrawn"),
            Self::NoColumn(_) => Ok("no-such-column"),
            other => Err(other),
        }
    }
}

/// The exceptions of all workspaces.
#[derive(Clone, Copy)]
pub struct Exceptions<'a> {
    store: &'a Store,
    shelf: &'a Shelf,
}

impl<'a> Exceptions<'a> {
    pub fn new(store: &'a Store, shelf: &'a Shelf) -> Self {
        Self { store, shelf }
    }

    /// Does an act, for all of the rows at one time.
    ///
    /// # Errors
    /// When nothing was changed.
    pub async fn act(
        &self,
        workspace: &WorkspaceId,
        run: &RunId,
        picked: &Picked,
        act: &Act,
        who: &Who,
    ) -> Result<Done, ActError> {
        for _ in 0..TRIES {
            match self.try_act(workspace, run, picked, act, who).await? {
                Ok(done) => return Ok(done),
                Err(ChangeError::Store(error)) => return Err(error.into()),
                Err(ChangeError::Stale { version, .. }) if picked.is_one() => {
                    return Err(ActError::Stale(version));
                }
                Err(ChangeError::Stale { .. } | ChangeError::Held(_)) => {}
            }
        }
        Err(ActError::Busy)
    }

    /// As [`Self::act`], at most [`MOST`] of the rows at one time.
    ///
    /// # Errors
    /// When the act is not done with some of them; what was done before that stays done.
    pub async fn act_on_run(
        &self,
        workspace: &WorkspaceId,
        run: &RunId,
        picked: Picked,
        act: &Act,
        who: &Who,
    ) -> Result<Done, ActError> {
        let mut all = Done::default();
        for slice in picked.slices() {
            let done = self.act(workspace, run, &slice, act, who).await;
            all.add(done.map_err(|error| error.after(&all))?);
        }
        Ok(all)
    }

    /// As [`Self::act_on_run`] for rows of several runs. Where a run as a whole refuses, its rows are left as they are, for
    /// that reason.
    ///
    /// # Errors
    /// When the act itself makes no sense or the store fails; what was done before that stays done.
    pub async fn act_on_runs(
        &self,
        workspace: &WorkspaceId,
        picked: Vec<(RunId, Picked)>,
        act: &Act,
        who: &Who,
    ) -> Result<Done, ActError> {
        let mut all = Done::default();
        for (run, picked) in sliced(picked) {
            let done = self.act(workspace, &run, &picked, act, who).await;
            let done = done.or_else(|error| {
                let mut done = Done::default();
                done.left.insert(error.of_run()?, picked.rows());
                Ok::<_, ActError>(done)
            });
            all.add(done.map_err(|error| error.after(&all))?);
        }
        Ok(all)
    }

    /// Corrects rows of several runs, each run at one time; those that somebody changed meanwhile are left as they are.
    /// No row is named twice, and none as a whole.
    ///
    /// # Errors
    /// When the store fails; what was done before that stays done.
    pub async fn correct_each(
        &self,
        workspace: &WorkspaceId,
        rows: Vec<Corrected>,
        reason: Option<String>,
        who: &Who,
    ) -> Result<Done, ActError> {
        let mut runs: BTreeMap<RunId, Vec<Corrected>> = BTreeMap::new();
        for it in rows {
            runs.entry(it.at.run.clone()).or_default().push(it);
        }
        let mut all = Done::default();
        for (run, rows) in runs {
            let seen = rows.iter().map(|it| (it.at.record, it.version));
            let picked = Picked::Seen(seen.collect());
            let places: Vec<RowPlace> = rows.iter().map(|it| it.at.clone()).collect();
            let edits = rows.into_iter().map(|it| (it.at.record, it.edit));
            let act = Act::CorrectEach {
                edits: edits.collect(),
                reason: reason.clone(),
            };
            let done = self.act(workspace, &run, &picked, &act, who).await;
            let mut done = match done {
                Ok(done) => done,
                Err(ActError::Store(StoreError::NotFound)) => Done::default(),
                Err(error) => {
                    let why = error.of_run().map_err(|error| error.after(&all))?;
                    Done::left(why, &places)
                }
            };
            let known = &done.outcomes;
            let unknown = places.into_iter().filter(|it| !known.contains_key(it));
            let unknown: Vec<RowPlace> = unknown.collect();
            done.add(Done::left("not-found", &unknown));
            all.add(done);
        }
        Ok(all)
    }

    /// What [`Self::act_on_runs`] would come to, now.
    ///
    /// # Errors
    /// As there.
    pub async fn preview(
        &self,
        workspace: &WorkspaceId,
        picked: Vec<(RunId, Picked)>,
        act: &Act,
        who: &Who,
    ) -> Result<ActPreview, ActError> {
        let mut all = ActPreview::default();
        for (run, picked) in sliced(picked) {
            let origin = self.origin(workspace, &run).await;
            let decided = match origin {
                Ok(origin) => Box::pin(self.decide(&origin, &picked, act, who, true)).await,
                Err(error) => Err(error),
            };
            match decided {
                Ok(decided) => decided.preview(&mut all),
                Err(error) => {
                    let left = all.left.entry(error.of_run()?.to_owned()).or_default();
                    *left += picked.rows();
                }
            }
        }
        Ok(all)
    }

    /// The exceptions that answer a filter, run by run, oldest first. None where they are more than [`MOST_OF_FILTER`].
    ///
    /// # Errors
    /// When the workspace has no such run.
    pub async fn matching(
        &self,
        workspace: &WorkspaceId,
        filter: &ExceptionFilter,
    ) -> Result<Option<Vec<(RunId, Picked)>>, StoreError> {
        let places = self
            .store
            .exception_places(workspace, filter, MOST_OF_FILTER + 1)
            .await?;
        if places.len() > MOST_OF_FILTER {
            return Ok(None);
        }
        let mut runs: BTreeMap<RunId, Vec<u64>> = BTreeMap::new();
        for it in places {
            runs.entry(it.run).or_default().push(it.record);
        }
        let picked = runs.into_iter().map(|(run, it)| (run, Picked::All(it)));
        Ok(Some(picked.collect()))
    }

    /// What is to become of the rows; on trial, nothing is made ready to be written.
    async fn decide(
        &self,
        origin: &Origin,
        picked: &Picked,
        act: &Act,
        who: &Who,
        trial: bool,
    ) -> Result<Decided, ActError> {
        let summary = &origin.run.summary;
        let mut decided = Decided::new(picked.is_one(), trial);
        let rows = self.rows(&summary.workspace, &summary.id, picked).await?;
        let (mut judging, mut opening) = (Vec::new(), Vec::new());
        for row in rows {
            if picked.is_stale(&row) {
                decided.stale.push(RowPlace {
                    run: summary.id.clone(),
                    record: row.row.record,
                });
                decided.leave(row.row.record, Left::Stale)?;
                continue;
            }
            match decide::without_judging(&row, act) {
                decide::Way::Change(change) => decided.changes.push(*change),
                decide::Way::Leave(why) => decided.leave(row.row.record, why)?,
                decide::Way::Judge => judging.push(row),
                decide::Way::OpenAgain => opening.push(row),
            }
        }
        if !opening.is_empty() {
            self.open_again(origin, opening, &mut decided).await?;
        }
        if !judging.is_empty() {
            self.judge(origin, judging, act, who, &mut decided).await?;
        }
        Ok(decided)
    }

    async fn try_act(
        &self,
        workspace: &WorkspaceId,
        run: &RunId,
        picked: &Picked,
        act: &Act,
        who: &Who,
    ) -> Result<Result<Done, ChangeError>, ActError> {
        let origin = self.origin(workspace, run).await?;
        let mut decided = Box::pin(self.decide(&origin, picked, act, who, false)).await?;
        if decided.changes.is_empty() {
            return Ok(Ok(decided.done(run)));
        }
        decided.changes.sort_by_key(|it| it.record);
        let mark = self.mark(who, &decided);
        let store_act = StoreAct {
            event: act.event(),
            reason: act.reason(),
            mark: &mark,
        };
        let written = match &decided.entering {
            None => {
                let changes = &decided.changes;
                self.store.change(workspace, run, changes, store_act).await
            }
            Some(entering) => {
                let marks = entering.marks(who);
                let parts = entering.parts(&marks);
                let changes = &decided.changes;
                let entered = self
                    .store
                    .enter(workspace, run, changes, store_act, parts)
                    .await;
                if entered.is_err() {
                    entering.clear_away(self.store, &mark).await;
                }
                entered
            }
        };
        Ok(written.map(|_| decided.done(run)))
    }

    async fn rows(
        &self,
        workspace: &WorkspaceId,
        run: &RunId,
        picked: &Picked,
    ) -> Result<Vec<StoredException>, ActError> {
        match picked {
            Picked::All(records) => {
                let rows = self.store.exceptions_at(workspace, run, records).await?;
                Ok(rows)
            }
            Picked::Seen(seen) => {
                let records: Vec<u64> = seen.iter().map(|(record, _)| *record).collect();
                let rows = self.store.exceptions_at(workspace, run, &records).await?;
                Ok(rows)
            }
            Picked::One { record, version } => {
                let rows = self.store.exceptions_at(workspace, run, &[*record]).await?;
                let row = rows.first().ok_or(StoreError::NotFound)?;
                if row.version != *version {
                    return Err(ActError::Stale(row.version));
                }
                Ok(rows)
            }
        }
    }

    async fn origin(&self, workspace: &WorkspaceId, id: &RunId) -> Result<Origin, ActError> {
        let run = self.store.run(workspace, id).await?;
        if run.summary.status != RunStatus::Complete {
            return Err(ActError::NotComplete);
        }
        let verdict = run.verdict.clone().ok_or(ActError::NotComplete)?;
        let contract = self.in_force(workspace, &verdict.contract).await?;
        let contract = contract.ok_or(ActError::Unsound("the run's contract is gone"))?;
        Ok(Origin {
            form: Form::of(&verdict.options),
            run,
            verdict,
            contract,
        })
    }

    /// The contract of this name that is in force. Where there is none any more, it is the one that the run was judged
    /// under.
    async fn in_force(
        &self,
        workspace: &WorkspaceId,
        before: &ContractRef,
    ) -> Result<Option<Arc<Contract>>, StoreError> {
        let all = self.shelf.in_force(self.store, workspace).await?;
        if let Some(in_force) = all.called(&before.name) {
            return Ok(Some(Arc::clone(in_force)));
        }
        let fingerprint = &before.fingerprint;
        let text = self.store.contract(workspace, fingerprint).await?;
        Ok(contracts::of_run(text.as_deref(), fingerprint).map(Arc::new))
    }

    /// What an act's entry says: never a cell.
    fn mark(&self, who: &Who, decided: &Decided) -> Mark {
        let mark = Mark::new(crate::clock::now_text(), who.actor.as_str())
            .with("rows", decided.changes.len())
            .with("entered", decided.entered());
        match decided.changes.as_slice() {
            [one] => mark
                .with("record", one.record)
                .with("version", one.version + 1),
            _ => mark,
        }
    }
}

/// The run whose exceptions are acted on.
struct Origin {
    run: Run,
    verdict: Verdict,
    form: Form,
    /// In force.
    contract: Arc<Contract>,
}

fn sliced(picked: Vec<(RunId, Picked)>) -> impl Iterator<Item = (RunId, Picked)> {
    let runs = picked.into_iter();
    runs.flat_map(|(run, it)| it.slices().into_iter().map(move |it| (run.clone(), it)))
}

impl Picked {
    /// The same rows in their order, at most [`MOST`] at a time; one that has none is one slice.
    fn slices(self) -> Vec<Self> {
        match self {
            Self::Seen(seen) if seen.len() > MOST => {
                seen.chunks(MOST).map(|it| Self::Seen(it.into())).collect()
            }
            Self::All(records) if records.len() > MOST => {
                let chunks = records.chunks(MOST);
                chunks.map(|it| Self::All(it.into())).collect()
            }
            few => vec![few],
        }
    }

    fn is_one(&self) -> bool {
        matches!(self, Self::One { .. })
    }

    pub fn rows(&self) -> u64 {
        match self {
            Self::One { .. } => 1,
            Self::Seen(seen) => seen.len() as u64,
            Self::All(records) => records.len() as u64,
        }
    }

    /// Leaves nothing but these records.
    pub fn retain(&mut self, records: &BTreeSet<u64>) {
        match self {
            Self::One { .. } => {}
            Self::Seen(seen) => seen.retain(|(record, _)| records.contains(record)),
            Self::All(all) => all.retain(|record| records.contains(record)),
        }
    }

    fn is_stale(&self, row: &StoredException) -> bool {
        let Self::Seen(seen) = self else {
            return false;
        };
        let mut seen = seen.iter();
        let version = seen.find_map(|(record, it)| (*record == row.row.record).then_some(*it));
        version.is_some_and(|it| it != row.version)
    }
}

impl From<Replacement> for Act {
    fn from(it: Replacement) -> Self {
        Self::Replace {
            column: it.column,
            from: it.from,
            to: it.to,
            reason: None,
        }
    }
}

impl Act {
    /// Of its entry.
    fn event(&self) -> &'static str {
        match self {
            Self::Correct { .. } | Self::CorrectEach { .. } => "exception.corrected",
            Self::Waive { .. } => "exception.waived",
            Self::Reject { .. } => "exception.rejected",
            Self::Assign { .. } => "exception.assigned",
            Self::Comment { .. } => "exception.commented",
            Self::Reopen { .. } => "exception.reopened",
            Self::Settle { .. } => "exception.settled",
            Self::Replay => "exception.replayed",
            Self::Replace { .. } => "exception.corrected",
        }
    }

    /// What its author wrote.
    pub fn reason(&self) -> Option<&str> {
        match self {
            Self::Correct { reason, .. }
            | Self::CorrectEach { reason, .. }
            | Self::Replace { reason, .. } => reason.as_deref(),
            Self::Waive { reason }
            | Self::Reject { reason }
            | Self::Reopen { reason }
            | Self::Settle { reason, .. } => Some(reason),
            Self::Comment { text } => Some(text),
            Self::Assign { .. } | Self::Replay => None,
        }
    }
}

fn is_open(row: &StoredException) -> bool {
    row.state.standing() == Standing::Open
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_row_is_in_one_slice_and_the_oldest_are_in_the_first() {
        let check = |rows: usize, expected: &[usize]| {
            let records = 1..=rows as u64;
            let seen = Picked::Seen(records.clone().map(|it| (it, 2)).collect());
            let all = Picked::All(records.clone().collect());
            for picked in [seen, all] {
                let slices = picked.slices();
                let sizes = slices.iter().map(|it| it.rows() as usize);
                assert_eq!(sizes.collect::<Vec<_>>(), expected, "{rows}");
                let again = slices.into_iter().flat_map(|it| match it {
                    Picked::One { record, .. } => vec![record],
                    Picked::Seen(seen) => seen.into_iter().map(|it| it.0).collect(),
                    Picked::All(records) => records,
                });
                assert!(again.eq(records.clone()), "{rows}");
            }
        };
        check(0, &[0]);
        check(MOST, &[MOST]);
        check(MOST + 1, &[MOST, 1]);
        check(3 * MOST, &[MOST; 3]);
    }
}

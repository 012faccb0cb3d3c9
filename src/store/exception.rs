//! What becomes of exceptions. Each change makes the next version and is kept for ever, with who, when and why; what
//! enters or leaves the ledger does so in the same transaction.

mod between;
mod corrected;
pub(crate) mod gathered;
mod leave;
mod read;
mod reread;
pub(crate) mod sums;
mod told;

pub use corrected::{CorrectedRow, CorrectedRun};

pub use read::StoredException;
pub(crate) use read::{figures, holders};

use crate::{
    Store,
    closing::Closing,
    db::{Lock, Tx, execute, row, rows},
    entry::{self, Mark},
    error::StoreError,
    insert::{Insert, Kind, Value},
    kept,
    run::{self, Going, NewRun},
    withdrawal::is_withdrawn,
    word::{from_word, integer, json, money, natural, sum, word},
};
use audit::{Checkpoint, history};
use leave::{Moved, displace, leave};
pub(crate) use leave::{
    bring_back, coming_back, displaced_by, entered_elsewhere, leave_from_others,
};
use model::{
    exception::{Change, Event, ExceptionState, RowJudgement, RowPlace, Standing},
    id::{RunId, WorkspaceId},
    money::Money,
    row::{KeptRow, LedgerRow, Refused},
    run::RunKind,
    verdict::Verdict,
};
use sqlx::FromRow;
use std::collections::{BTreeMap, BTreeSet};
use sums::{Counted, Moving};
use thiserror::Error;

/// A change of one exception, which is about to be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewChange {
    pub record: u64,
    /// The version that it was decided on.
    pub version: u64,
    pub event: Event,
    pub state: ExceptionState,
    pub assignee: Option<String>,
    pub cells: Option<Vec<String>>,
    pub judged: Option<RowJudgement>,
    /// Its place in the ledger: in the run that enters with this change, or in another that closes with it.
    pub entered: Option<RowPlace>,
    /// The row that leaves the totals for it.
    pub displaces: Option<RowPlace>,
}

/// What is done at one time, for one reason, with some exceptions of one run.
#[derive(Debug, Clone, Copy)]
pub struct Act<'a> {
    /// Of its entry, `exception.corrected`.
    pub event: &'a str,
    pub reason: Option<&'a str>,
    pub mark: &'a Mark,
}

impl Act<'_> {
    /// Appends its entry, with the digest that ties the changes to the chain.
    async fn tell(
        &self,
        tx: &mut Tx,
        (workspace, run): (&WorkspaceId, &RunId),
        changes: &[NewChange],
    ) -> Result<Checkpoint, StoreError> {
        let made: BTreeMap<u64, Change> = changes
            .iter()
            .map(|it| (it.record, self.change(it)))
            .collect();
        let digest = history::digest(made.iter().map(|(record, it)| (*record, it)));
        let digest = digest.map_err(StoreError::corrupt)?;
        let mark = self.mark.clone().with(history::DIGEST, digest);
        entry::append(tx, workspace, Some(run), self.event, &mark).await
    }

    fn change(&self, it: &NewChange) -> Change {
        Change {
            version: it.version + 1,
            time: self.mark.time.clone(),
            actor: self.mark.actor.clone(),
            event: it.event,
            state: it.state,
            reason: self.reason.map(str::to_owned),
            assignee: it.assignee.clone(),
            cells: it.cells.clone(),
            judged: it.judged.clone(),
            entered: it.entered.clone(),
            displaced: it.displaces.clone(),
            entry: None,
        }
    }
}

/// The run by which rows enter the ledger.
#[derive(Debug, Clone, Copy)]
pub struct Entering<'a> {
    /// Its raw file must be finished before.
    pub run: &'a NewRun,
    pub verdict: &'a Verdict,
    pub rows: &'a [LedgerRow],
    /// Those of them that have warnings.
    pub kept: &'a [KeptRow],
    /// What is waived of a row, by its record: codes with commas between.
    pub waived: &'a [(u64, String)],
    /// Of its entry `run.begun`.
    pub begun: &'a Mark,
    /// Of its entry `run.completed`.
    pub completed: &'a Mark,
}

/// Why nothing was changed.
#[derive(Debug, Error)]
pub enum ChangeError {
    /// Somebody changed it meanwhile.
    #[error("record {record} is at version {version} by now")]
    Stale { record: u64, version: u64 },
    /// Other rows hold their keys by now.
    #[error("keys of {} rows are held", .0.len())]
    Held(Vec<Refused>),
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<sqlx::Error> for ChangeError {
    fn from(error: sqlx::Error) -> Self {
        Self::Store(error.into())
    }
}

const CHANGES: Insert<6, 13> = Insert {
    table: "exception_changes",
    shared: ["workspace", "run", "time", "actor", "reason", "entry"],
    columns: [
        ("record", Kind::Integer),
        ("version", Kind::Integer),
        ("event", Kind::Text),
        ("state", Kind::Text),
        ("assignee", Kind::Text),
        ("cells", Kind::Text),
        ("contract", Kind::Text),
        ("evaluated_at", Kind::Text),
        ("findings", Kind::Text),
        ("entered_run", Kind::Integer),
        ("entered_record", Kind::Integer),
        ("displaced_run", Kind::Integer),
        ("displaced_record", Kind::Integer),
    ],
    tail: "",
};

impl Store {
    /// Changes exceptions of a run that is complete, none of which enters the ledger; those that are opened again
    /// leave it. All are changed, with one entry, or none.
    ///
    /// # Errors
    /// Where one of them has another version by now, or is no exception.
    pub async fn change(
        &self,
        workspace: &WorkspaceId,
        run: &RunId,
        changes: &[NewChange],
        act: Act<'_>,
    ) -> Result<Checkpoint, ChangeError> {
        let mut tx = self.db.begin().await?;
        tx.lock(Lock::Ledger, workspace.as_str()).await?;
        let changed = Changed::of(&mut tx, workspace, run, changes).await?;
        let last = act.tell(&mut tx, (workspace, run), changes).await?;
        changed.write(&mut tx, changes, act, &last).await?;
        tx.commit().await?;
        Ok(last)
    }

    /// As [`Store::change`], of which some enter the ledger: by a run of their own, which is complete with them.
    ///
    /// # Errors
    /// As there, and where rows that count hold keys of those that enter.
    pub async fn enter(
        &self,
        workspace: &WorkspaceId,
        run: &RunId,
        changes: &[NewChange],
        act: Act<'_>,
        entering: Entering<'_>,
    ) -> Result<Checkpoint, ChangeError> {
        self.db.set_aside().await?;
        let mut tx = self.db.begin().await?;
        tx.lock(Lock::Ledger, workspace.as_str()).await?;
        let changed = Changed::of(&mut tx, workspace, run, changes).await?;
        let told = act.tell(&mut tx, (workspace, run), changes).await?;
        let number = run::insert(&mut tx, entering.run, self.owner(), entering.begun).await?;
        changed.write(&mut tx, changes, act, &told).await?;
        let id = entering.run.id.clone();
        let contract = entering.run.contract.name.clone();
        let mut closing =
            Closing::over(tx, workspace.clone(), id, number, self.owner(), contract).await?;
        let refused = closing.load(entering.rows).await?;
        if !refused.is_empty() {
            return Err(ChangeError::Held(refused));
        }
        let (tx, going) = closing.parts();
        kept::keep(tx, &going, entering.kept).await?;
        mark_waived(tx, &going, entering.waived).await?;
        Ok(closing.finish(entering.verdict, entering.completed).await?)
    }
}

impl Closing {
    /// Whether this run takes the place of that one, or of the one that it corrects.
    pub fn leaves(&self, run: &RunId) -> bool {
        self.leaving.iter().any(|it| it.id == *run)
    }

    /// Changes exceptions of an earlier run that enter the ledger with this one, with an entry of that run. Those that
    /// are in the ledger, or have another version by now, are left as they are; told is how many were changed.
    pub async fn resolve(
        &mut self,
        run: &RunId,
        changes: &[NewChange],
        act: Act<'_>,
    ) -> Result<u64, StoreError> {
        let leaving: Vec<i64> = self.leaving.iter().map(|it| it.number).collect();
        let (tx, going) = self.parts();
        let workspace = going.workspace;
        let wrong = |error| match error {
            ChangeError::Store(error) => error,
            ChangeError::Stale { .. } | ChangeError::Held(_) => StoreError::Conflict(None),
        };
        let number = number(tx, workspace, run).await?;
        // What was withdrawn is as it was on that day.
        if leaving.contains(&number) || is_withdrawn(tx, workspace, number).await? {
            return Ok(0);
        }
        let found = found(tx, workspace, number, changes).await?;
        let is_open = |it: &&NewChange| {
            let found = found.get(&it.record);
            found.is_some_and(|(version, state, _)| {
                *version == it.version && state.standing() != Standing::Entered
            })
        };
        let open: Vec<NewChange> = changes.iter().filter(is_open).cloned().collect();
        if open.is_empty() {
            return Ok(0);
        }
        let changed = Changed {
            workspace,
            number,
            found,
        };
        let count = u64::try_from(open.len()).map_err(StoreError::corrupt)?;
        let mark = act.mark.clone().with("rows", count);
        let act = Act { mark: &mark, ..act };
        let told = act.tell(tx, (workspace, run), &open).await?;
        let written = changed.write(tx, &open, act, &told).await;
        written.map_err(wrong)?;
        Ok(count)
    }

    /// Makes the run one of kind `correction`, whose rows came from another, or from several.
    pub async fn corrects(&mut self, origin: Option<&RunId>) -> Result<(), StoreError> {
        let (tx, going) = self.parts();
        execute!(
            tx,
            "UPDATE runs SET kind = $2, origin = $3 WHERE number = $1",
            going.number,
            word(RunKind::Correction)?,
            origin.map(RunId::as_str)
        )?;
        Ok(())
    }
}

async fn mark_waived(
    tx: &mut Tx,
    going: &Going<'_>,
    waived: &[(u64, String)],
) -> Result<(), StoreError> {
    for (record, codes) in waived {
        execute!(
            tx,
            "UPDATE ledger SET waived = $3 WHERE run = $1 AND record = $2",
            going.number,
            integer(*record)?,
            codes.as_str()
        )?;
    }
    Ok(())
}

/// Version and state of exceptions, and how they are counted, by record.
type Found = BTreeMap<u64, (u64, ExceptionState, Counted)>;

/// Exceptions as they stood before they change.
struct Changed<'a> {
    workspace: &'a WorkspaceId,
    number: i64,
    found: Found,
}

impl<'a> Changed<'a> {
    async fn of(
        tx: &mut Tx,
        workspace: &'a WorkspaceId,
        run: &RunId,
        changes: &[NewChange],
    ) -> Result<Self, ChangeError> {
        let number = number(tx, workspace, run).await?;
        // What was withdrawn is as it was on that day.
        if is_withdrawn(tx, workspace, number).await? {
            return Err(StoreError::Conflict(None).into());
        }
        let found = found(tx, workspace, number, changes).await?;
        for change in changes {
            let (version, _, _) = found.get(&change.record).ok_or(StoreError::NotFound)?;
            if *version != change.version {
                return Err(ChangeError::Stale {
                    record: change.record,
                    version: *version,
                });
            }
        }
        Ok(Self {
            workspace,
            number,
            found,
        })
    }

    /// Rows leave the ledger here; the caller brings in those that enter.
    async fn write(
        &self,
        tx: &mut Tx,
        changes: &[NewChange],
        act: Act<'_>,
        told: &Checkpoint,
    ) -> Result<(), ChangeError> {
        let workspace = self.workspace;
        let mut totals = Totals::default();
        let mut moved = Moved::default();
        let mut numbers = BTreeMap::new();
        for change in changes {
            let places = change.entered.iter().chain(&change.displaces);
            for run in places.map(|it| &it.run) {
                if !numbers.contains_key(run) {
                    numbers.insert(run.clone(), number(tx, workspace, run).await?);
                }
            }
        }
        let place = |it: &RowPlace| {
            let run = *numbers.get(&it.run).ok_or(StoreError::NotFound)?;
            Ok::<_, StoreError>((run, integer(it.record)?))
        };
        let records: Vec<u64> = changes.iter().map(|it| it.record).collect();
        let codes = sums::codes(tx, workspace, self.number, &records).await?;
        let (none, mut moving) = (BTreeSet::new(), Moving::default());
        for change in changes {
            let found = self.found.get(&change.record);
            let (_, before, counted) = found.ok_or(StoreError::NotFound)?;
            let (before, money) = (*before, counted.money);
            let record = integer(change.record)?;
            let updated = execute!(
                tx,
                "UPDATE kept_rows SET state = $4, assignee = $5, version = version + 1 \
                 WHERE workspace = $1 AND run = $2 AND record = $3",
                workspace.as_str(),
                self.number,
                record,
                change.state.as_str(),
                change.assignee.as_deref()
            )?;
            if updated != 1 {
                return Err(StoreError::NotFound.into());
            }
            if before != change.state {
                let codes = codes.get(&change.record).unwrap_or(&none);
                moving.count(counted, codes, before.as_str(), -1);
                moving.count(counted, codes, change.state.as_str(), 1);
            }
            let (from, to) = (before.standing(), change.state.standing());
            totals.count(from, -1, money);
            totals.count(to, 1, money);
            if from == Standing::Entered && to != Standing::Entered {
                let entered = read::entered(tx, workspace, self.number, record).await?;
                leave(tx, workspace, &mut moved, entered).await?;
            }
            if let (Some(holder), Some(row)) = (&change.displaces, &change.entered) {
                displace(tx, &mut moved, place(holder)?, place(row)?).await?;
            }
        }
        moved.write(tx, workspace).await?;
        totals.write(tx, workspace, self.number).await?;
        moving.write(tx, workspace, self.number).await?;

        let texts = changes.iter().map(|it| {
            let cells = it.cells.as_ref().map(json).transpose()?;
            let findings = it
                .judged
                .as_ref()
                .map(|it| json(&it.findings))
                .transpose()?;
            Ok((cells, findings))
        });
        let texts = texts.collect::<Result<Vec<_>, StoreError>>()?;
        let values = changes.iter().zip(&texts).map(|(it, (cells, findings))| {
            let entered = it.entered.as_ref().map(place).transpose()?;
            let displaced = it.displaces.as_ref().map(place).transpose()?;
            let judged = it.judged.as_ref();
            Ok([
                Value::Integer(Some(integer(it.record)?)),
                Value::Integer(Some(integer(it.version + 1)?)),
                Value::Text(Some(it.event.as_str())),
                Value::Text(Some(it.state.as_str())),
                Value::Text(it.assignee.as_deref()),
                Value::Text(cells.as_deref()),
                Value::Text(judged.map(|it| it.contract.as_str())),
                Value::Text(judged.map(|it| it.evaluated_at.as_str())),
                Value::Text(findings.as_deref()),
                Value::Integer(entered.map(|it| it.0)),
                Value::Integer(entered.map(|it| it.1)),
                Value::Integer(displaced.map(|it| it.0)),
                Value::Integer(displaced.map(|it| it.1)),
            ])
        });
        let values = values.collect::<Result<Vec<_>, StoreError>>()?;
        let shared = [
            Value::Text(Some(workspace.as_str())),
            Value::Integer(Some(self.number)),
            Value::Text(Some(&act.mark.time)),
            Value::Text(Some(&act.mark.actor)),
            Value::Text(act.reason),
            Value::Integer(Some(integer(told.sequence)?)),
        ];
        CHANGES.run(tx, shared, &values).await?;
        Ok(())
    }
}

async fn found(
    tx: &mut Tx,
    workspace: &WorkspaceId,
    run: i64,
    changes: &[NewChange],
) -> Result<Found, StoreError> {
    let records: Vec<u64> = changes.iter().map(|it| it.record).collect();
    let rows: Vec<FoundColumns> = rows!(
        tx,
        "SELECT record, version, state, money, category, coalesce(region, '') AS region, \
         coalesce(product_category, '') AS product_category, coalesce(product, '') AS product FROM kept_rows \
         WHERE workspace = $1 AND run = $2 AND state IS NOT NULL \
         AND record IN (SELECT CAST(value AS BIGINT) FROM json_each($3))",
        workspace.as_str(),
        run,
        json(&records)?
    )?;
    let rows = rows.into_iter().map(|it| {
        let counted = Counted {
            category: it.category,
            region: it.region,
            part: [it.product_category, it.product],
            money: money(it.money),
        };
        let found = (natural(it.version)?, from_word(&it.state)?, counted);
        Ok((natural(it.record)?, found))
    });
    rows.collect()
}

#[derive(FromRow)]
struct FoundColumns {
    record: i64,
    version: i64,
    state: String,
    money: Option<i64>,
    category: String,
    region: String,
    product_category: String,
    product: String,
}

/// How many entered and were rejected, more or fewer than before.
#[derive(Default)]
struct Totals(BTreeMap<&'static str, (i64, i128)>);

impl Totals {
    fn count(&mut self, standing: Standing, sign: i64, money: Option<Money>) {
        let standing = match standing {
            Standing::Open => return,
            Standing::Entered => read::ENTERED,
            Standing::Rejected => read::REJECTED,
        };
        let (rows, sum) = self.0.entry(standing).or_default();
        *rows += sign;
        *sum += money.map_or(0, |it| it.0) * i128::from(sign);
    }

    async fn write(self, tx: &mut Tx, workspace: &WorkspaceId, run: i64) -> Result<(), StoreError> {
        for (standing, (rows, money)) in self.0 {
            let before: Option<(i64, String)> = row!(
                tx,
                "SELECT row_count, money FROM exception_totals \
                 WHERE workspace = $1 AND run = $2 AND standing = $3",
                workspace.as_str(),
                run,
                standing
            )?;
            let (rows_before, money_before) = before.unwrap_or((0, "0".into()));
            execute!(
                tx,
                "INSERT INTO exception_totals (workspace, run, standing, row_count, money) \
                 VALUES ($1, $2, $3, $4, $5) ON CONFLICT (workspace, run, standing) \
                 DO UPDATE SET row_count = excluded.row_count, money = excluded.money",
                workspace.as_str(),
                run,
                standing,
                rows_before + rows,
                (sum(&money_before)? + money).to_string()
            )?;
        }
        Ok(())
    }
}

async fn number(tx: &mut Tx, workspace: &WorkspaceId, run: &RunId) -> Result<i64, StoreError> {
    let found: Option<(i64,)> = row!(
        tx,
        "SELECT number FROM runs WHERE workspace = $1 AND id = $2",
        workspace.as_str(),
        run.as_str()
    )?;
    found.map(|(it,)| it).ok_or(StoreError::NotFound)
}

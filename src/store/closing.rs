//! The one transaction at the end of a run: the ledger, what it refused, the aggregates and the final status.

use crate::{
    Store,
    db::{Lock, Tx, execute, row, rows},
    entry::Mark,
    error::StoreError,
    exception::{holders, sums},
    insert::{Insert, Kind, Value},
    kept,
    ledger::{kinds::Kinds, scope},
    run::Going,
    sales::Cube,
    withdrawal::{self, Leaving},
    word::{integer, natural, paise},
};
use audit::Checkpoint;
use model::{
    id::{RunId, WorkspaceId},
    row::{Holder, KeptRow, LedgerRow, Refused},
    run::{RunStatus, Stage},
    verdict::Verdict,
};
use std::{collections::BTreeSet, mem};

/// Where no key can be held: neither database has to look each of them up before it writes.
const FREE: Insert<2, 8> = Insert {
    table: "ledger",
    shared: ["run", "scope"],
    columns: [
        ("record", Kind::Integer),
        ("line", Kind::Integer),
        ("row_key", Kind::Text),
        ("day", Kind::Word),
        ("kind", Kind::Integer),
        ("quantity", Kind::Integer),
        ("unit_price", Kind::Integer),
        ("money", Kind::Integer),
    ],
    tail: "",
};

/// Where a key may be held: its row is left out.
const IN_SQLITE: Insert<2, 8> = Insert {
    tail: "ON CONFLICT (scope, key_index) WHERE counts DO NOTHING",
    ..FREE
};

/// As [`IN_SQLITE`].
const IN_POSTGRES: Insert<2, 8> = Insert {
    tail: "ON CONFLICT (scope, key_index(row_key)) WHERE counts DO NOTHING",
    ..FREE
};

/// Rows that are loaded at a time where none can be refused.
const FREELY: usize = 65_536;

/// Rows whose refusal is looked for at a time.
const LOADED: usize = 8192;

/// An open closing transaction. Nobody sees anything of it before [`Closing::finish`] returns; dropped before
/// that, it is as if it had never been, and the run is still going on.
///
/// On SQLite it holds the one connection that writes: call no writing method of [`Store`] before it is finished
/// or dropped, or that call waits for this one for ever. On PostgreSQL one closing of a workspace waits for the
/// other, so that they never wait for each other's keys.
pub struct Closing {
    tx: Tx,
    workspace: WorkspaceId,
    id: RunId,
    number: i64,
    owner: u64,
    contract: String,
    /// Within which a key is held once.
    scope: i64,
    kinds: Kinds,
    cube: Cube,
    refused: u64,
    kept: u64,
    summarised: bool,
    /// Entries that are written at the end, so that the chain is not held for as long as loading takes.
    notes: Vec<(&'static str, Mark)>,
    /// The runs whose place this one takes: their rows have left already.
    pub(crate) leaving: Vec<Leaving>,
}

impl Store {
    /// Begins to close a run that is going on.
    pub async fn close_run(
        &self,
        workspace: &WorkspaceId,
        run: &RunId,
    ) -> Result<Closing, StoreError> {
        let mut tx = self.db.begin().await?;
        let number = self.going(&mut tx, workspace, run).await?.number;
        tx.lock(Lock::Ledger, workspace.as_str()).await?;
        let found: Option<(String, Option<String>)> = row!(
            &mut tx,
            "SELECT contract, replaces FROM runs WHERE number = $1",
            number
        )?;
        let (contract, replaces) = found.ok_or(StoreError::NotFound)?;
        let leaving = withdrawal::make_way(&mut tx, workspace, replaces).await?;
        let owner = self.owner();
        let (workspace, run) = (workspace.clone(), run.clone());
        Ok(Closing {
            leaving,
            ..Closing::over(tx, workspace, run, number, owner, contract).await?
        })
    }
}

impl Closing {
    /// Closes a run within a transaction that has the ledger's lock.
    pub(crate) async fn over(
        mut tx: Tx,
        workspace: WorkspaceId,
        id: RunId,
        number: i64,
        owner: u64,
        contract: String,
    ) -> Result<Self, StoreError> {
        let scope = make_scope(&mut tx, &workspace, &contract).await?;
        Ok(Self {
            scope,
            tx,
            workspace,
            id,
            number,
            owner,
            contract,
            kinds: Kinds::default(),
            cube: Cube::of_new_run(),
            refused: 0,
            kept: 0,
            summarised: false,
            notes: Vec::new(),
            leaving: Vec::new(),
        })
    }

    /// Loads accepted rows into the ledger, in order of record; some ten thousands at a time. Given back are those
    /// whose key a row that counts holds already, with that row: they are exceptions (UNQ02), and the caller
    /// hands each of them to [`Closing::keep`].
    pub async fn load(&mut self, rows: &[LedgerRow]) -> Result<Vec<Refused>, StoreError> {
        let mut refused = Vec::new();
        for many in rows.chunks(FREELY) {
            if self.are_free(many).await? {
                self.insert(&FREE, many, true).await?;
                continue;
            }
            for chunk in many.chunks(LOADED) {
                refused.extend(self.load_some(chunk).await?);
            }
        }
        self.refused += u64::try_from(refused.len()).map_err(StoreError::corrupt)?;
        Ok(refused)
    }

    async fn load_some(&mut self, rows: &[LedgerRow]) -> Result<Vec<Refused>, StoreError> {
        if self.are_free(rows).await? {
            self.insert(&FREE, rows, true).await?;
            return Ok(Vec::new());
        }
        let wary = match self.tx {
            Tx::Sqlite(_) => &IN_SQLITE,
            Tx::Postgres(_) => &IN_POSTGRES,
        };
        let taken = self.insert(wary, rows, false).await?;
        if usize::try_from(taken) == Ok(rows.len()) {
            rows.iter().for_each(|row| self.cube.add(row));
            return Ok(Vec::new());
        }
        let present = self.present(rows).await?;
        let (taken, left): (Vec<&LedgerRow>, Vec<&LedgerRow>) =
            rows.iter().partition(|row| present.contains(&row.record));
        taken.into_iter().for_each(|row| self.cube.add(row));
        self.explained(&left).await
    }

    /// Keeps refused rows, whole and with their UNQ02 finding. Where the row is kept already, as an accepted
    /// one with warnings, those findings stay in front of the given ones.
    pub async fn keep(&mut self, rows: &[KeptRow]) -> Result<(), StoreError> {
        let (tx, going) = self.parts();
        kept::keep_more(tx, &going, rows).await?;
        self.kept += u64::try_from(rows.len()).map_err(StoreError::corrupt)?;
        Ok(())
    }

    /// Tells the database that this goes on, where there is nothing else to tell it for long.
    pub async fn stay(&mut self) -> Result<(), StoreError> {
        execute!(&mut self.tx, "SELECT 1")?;
        Ok(())
    }

    /// As [`Store::begin_stage`], within this transaction.
    pub async fn begin_stage(
        &mut self,
        stage: Stage,
        rows_in: u64,
        mark: &Mark,
    ) -> Result<(), StoreError> {
        let (tx, going) = self.parts();
        let note = going.begin_stage(tx, stage, rows_in, mark).await?;
        self.notes.push(note);
        Ok(())
    }

    /// As [`Store::end_stage`], within this transaction.
    pub async fn end_stage(
        &mut self,
        stage: Stage,
        rows_out: u64,
        mark: &Mark,
    ) -> Result<(), StoreError> {
        let (tx, going) = self.parts();
        let note = going.end_stage(tx, stage, rows_out, mark).await?;
        self.notes.push(note);
        Ok(())
    }

    /// Writes the aggregates of what was loaded, once, after the last `load`. Returns their number of cells.
    pub async fn summarise(&mut self) -> Result<u64, StoreError> {
        if self.summarised {
            return Err(StoreError::Conflict(None));
        }
        self.summarised = true;
        self.cube
            .write(&mut self.tx, &self.workspace, self.number)
            .await?;
        u64::try_from(self.cube.cells()).map_err(StoreError::corrupt)
    }

    /// Ends the run as complete, with its authoritative verdict and the entry `run.completed`. Once this
    /// returns everything is durable and seen. Where the rows loaded and kept are not what the verdict says,
    /// in rows and in money, nothing is kept and the run is still going on.
    pub async fn finish(
        mut self,
        verdict: &Verdict,
        mark: &Mark,
    ) -> Result<Checkpoint, StoreError> {
        if !self.summarised {
            self.summarise().await?;
        }
        if self.cube.rows() != integer(verdict.rows.accepted)? {
            return Err(StoreError::Unbalanced(
                "the rows loaded are not the verdict's accepted rows",
            ));
        }
        let money = verdict.money.as_ref();
        if money.is_some_and(|it| it.accepted != self.cube.revenue()) {
            return Err(StoreError::Unbalanced(
                "the money loaded is not that of the verdict's accepted rows",
            ));
        }
        if self.refused != self.kept {
            return Err(StoreError::Unbalanced(
                "the rows refused are not those kept for it",
            ));
        }
        let refused = self.refused;
        let notes = mem::take(&mut self.notes);
        let leaving = mem::take(&mut self.leaving);
        let (tx, going) = self.parts();
        kept::balanced(tx, &going, verdict).await?;
        for (event, mark) in notes {
            going.note(tx, event, &mark).await?;
        }
        if !leaving.is_empty() {
            let by = Some(going.id);
            let mark = Mark::new(mark.time.as_str(), mark.actor.as_str());
            withdrawal::write_down(tx, going.workspace, &leaving, by, "replaced", &mark).await?;
        }
        let last = going.note(tx, "run.completed", mark).await?;
        going.judged(tx, verdict, refused).await?;
        going.status(tx, RunStatus::Complete, None, mark).await?;
        sums::count_regions(tx, going.workspace, going.number).await?;
        sums::arrive(tx, going.workspace, going.number).await?;
        self.tx.commit().await?;
        Ok(last)
    }

    pub(crate) fn parts(&mut self) -> (&mut Tx, Going<'_>) {
        let going = Going {
            workspace: &self.workspace,
            id: &self.id,
            number: self.number,
            owner: self.owner,
        };
        (&mut self.tx, going)
    }

    /// The rows are summed up meanwhile, where it is known that all of them will be taken.
    async fn insert(
        &mut self,
        insert: &Insert<2, 8>,
        chunk: &[LedgerRow],
        summed: bool,
    ) -> Result<u64, StoreError> {
        let rows: Vec<_> = chunk.iter().map(|it| (it, self.kinds.of(it))).collect();
        self.kinds.write(&mut self.tx, self.number).await?;
        let shared = [self.number, self.scope].map(|it| Value::Integer(Some(it)));
        let cube = &mut self.cube;
        let mut meanwhile = |rows: &[(&LedgerRow, i64)]| {
            if summed {
                rows.iter()
                    .for_each(|(row, kind)| cube.add_of_kind(*kind, row));
            }
        };
        insert
            .run_while(&mut self.tx, shared, &rows, &values, &mut meanwhile)
            .await
    }

    /// Whether these keys grow from row to row, and no row that counts has one between the first and the last of them.
    /// The numbers of orders mostly do, and one look tells it.
    async fn are_free(&mut self, chunk: &[LedgerRow]) -> Result<bool, StoreError> {
        let keys = chunk.iter().filter_map(|row| row.key.as_deref());
        let keys: Vec<_> = keys.map(|it| self.tx.key_index(it)).collect();
        if !keys.is_sorted_by(|a, b| a < b) {
            return Ok(false);
        }
        let (Some(first), Some(last)) = (keys.first(), keys.last()) else {
            return Ok(true);
        };
        let held: Option<(i64,)> = row!(
            &mut self.tx,
            "SELECT record FROM ledger_rows WHERE scope = $1 AND key_index BETWEEN $2 AND $3 AND counts LIMIT 1",
            self.scope,
            &**first,
            &**last
        )?;
        Ok(held.is_none())
    }

    /// The records of `chunk` that are in the ledger.
    async fn present(&mut self, chunk: &[LedgerRow]) -> Result<BTreeSet<u64>, StoreError> {
        let records = || chunk.iter().map(|it| it.record);
        let found: Vec<(i64,)> = rows!(
            &mut self.tx,
            "SELECT record FROM ledger WHERE run = $1 AND record BETWEEN $2 AND $3",
            self.number,
            integer(records().min().unwrap_or(0))?,
            integer(records().max().unwrap_or(0))?
        )?;
        found.into_iter().map(|(it,)| natural(it)).collect()
    }

    async fn explained(&mut self, rows: &[&LedgerRow]) -> Result<Vec<Refused>, StoreError> {
        let keys: Vec<&str> = rows.iter().filter_map(|it| it.key.as_deref()).collect();
        let holders = holders(&mut self.tx, &self.workspace, &self.contract, &keys).await?;
        let refused = rows.iter().map(|row| {
            let holder = row.key.as_deref().and_then(|it| holders.get(it));
            let (holder, held) = holder.ok_or(StoreError::Conflict(None))?;
            // Where a row stands is not what it says.
            let identical = LedgerRow {
                record: row.record,
                line: row.line,
                ..held.clone()
            };
            Ok(Refused {
                row: (*row).clone(),
                holder: Holder {
                    identical: identical == **row,
                    ..holder.clone()
                },
            })
        });
        refused.collect()
    }
}

fn values<'a>((row, kind): &'a (&LedgerRow, i64)) -> Result<[Value<'a>; 8], StoreError> {
    Ok([
        Value::Integer(Some(integer(row.record)?)),
        Value::Integer(Some(integer(row.line)?)),
        Value::Text(row.key.as_deref()),
        Value::Text(row.day.as_deref()),
        Value::Integer(Some(*kind)),
        Value::Integer(row.quantity),
        Value::Integer(paise(row.unit_price)?),
        Value::Integer(paise(row.money)?),
    ])
}

/// The scope of a workspace and contract, for good. The caller has the ledger's lock.
async fn make_scope(
    tx: &mut Tx,
    workspace: &WorkspaceId,
    contract: &str,
) -> Result<i64, StoreError> {
    execute!(
        tx,
        "INSERT INTO ledger_scopes (workspace, contract) VALUES ($1, $2) ON CONFLICT (workspace, contract) DO NOTHING",
        workspace.as_str(),
        contract
    )?;
    let found = scope(tx, workspace, contract).await?;
    found.ok_or(StoreError::NotFound)
}

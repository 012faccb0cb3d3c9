//! The one transaction at the end of a run: the ledger, what it refused, the aggregates and the final status.

use crate::{
    Store,
    db::Tx,
    entry::Mark,
    error::StoreError,
    insert::{CHUNK, Insert, Values},
    kept,
    read::LedgerColumns,
    run::Going,
    sales::Cube,
    word::{integer, natural, paise},
};
use audit::Checkpoint;
use model::{
    id::{RunId, WorkspaceId},
    row::{Holder, KeptRow, LedgerRow, Refused},
    run::{RunStatus, Stage},
    verdict::Verdict,
};
use sqlx::{AssertSqlSafe, FromRow};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

const LEDGER: Insert = Insert {
    head: "INSERT INTO ledger (workspace, run, record, line, contract, row_key, day, region, product, sku, \
           category, quantity, unit_price, money)",
    columns: 14,
    tail: "ON CONFLICT (workspace, contract, row_key) WHERE counts DO NOTHING",
};

/// An open closing transaction. Nobody sees anything of it before [`Closing::finish`] returns; dropped before
/// that, it is as if it had never been, and the run is still going on.
///
/// It holds the one connection that writes: call no writing method of [`Store`] before it is finished or
/// dropped, or that call waits for this one for ever.
pub struct Closing {
    tx: Tx,
    workspace: WorkspaceId,
    id: RunId,
    number: i64,
    contract: String,
    cube: Cube,
    refused: u64,
    kept: u64,
    summarised: bool,
}

impl Store {
    /// Begins to close a run that is going on.
    pub async fn close_run(
        &self,
        workspace: &WorkspaceId,
        run: &RunId,
    ) -> Result<Closing, StoreError> {
        let mut tx = self.db.begin().await?;
        let number = Going::find(&mut tx, workspace, run).await?.number;
        let contract = sqlx::query_scalar("SELECT contract FROM runs WHERE number = $1")
            .bind(number)
            .fetch_one(&mut *tx)
            .await?;
        Ok(Closing {
            tx,
            workspace: workspace.clone(),
            id: run.clone(),
            number,
            contract,
            cube: Cube::default(),
            refused: 0,
            kept: 0,
            summarised: false,
        })
    }
}

impl Closing {
    /// Loads accepted rows into the ledger, in order of record; some thousands at a time. Given back are those
    /// whose key a row that counts holds already, with that row: they are exceptions (UNQ02), and the caller
    /// hands each of them to [`Closing::keep`].
    pub async fn load(&mut self, rows: &[LedgerRow]) -> Result<Vec<Refused>, StoreError> {
        let mut refused = Vec::new();
        for chunk in rows.chunks(CHUNK) {
            let taken = self.insert(chunk).await?;
            if usize::try_from(taken) == Ok(chunk.len()) {
                chunk.iter().for_each(|row| self.cube.add(row));
                continue;
            }
            let present = self.present(chunk).await?;
            let (taken, left): (Vec<&LedgerRow>, Vec<&LedgerRow>) =
                chunk.iter().partition(|row| present.contains(&row.record));
            taken.into_iter().for_each(|row| self.cube.add(row));
            refused.extend(self.explained(&left).await?);
        }
        self.refused += u64::try_from(refused.len()).map_err(StoreError::corrupt)?;
        Ok(refused)
    }

    /// Keeps refused rows, whole and with their UNQ02 finding. Where the row is kept already, as an accepted
    /// one with warnings, those findings stay in front of the given ones.
    pub async fn keep(&mut self, rows: &[KeptRow]) -> Result<(), StoreError> {
        let (tx, going) = self.parts();
        kept::keep_more(tx, &going, rows).await?;
        self.kept += u64::try_from(rows.len()).map_err(StoreError::corrupt)?;
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
        going.begin_stage(tx, stage, rows_in, mark).await
    }

    /// As [`Store::end_stage`], within this transaction.
    pub async fn end_stage(
        &mut self,
        stage: Stage,
        rows_out: u64,
        mark: &Mark,
    ) -> Result<(), StoreError> {
        let (tx, going) = self.parts();
        going.end_stage(tx, stage, rows_out, mark).await
    }

    /// Writes the aggregates of what was loaded, once, after the last `load`. Returns their number of cells.
    pub async fn summarise(&mut self) -> Result<u64, StoreError> {
        if self.summarised {
            return Err(StoreError::Conflict(None));
        }
        self.summarised = true;
        let going = Going {
            workspace: &self.workspace,
            id: &self.id,
            number: self.number,
        };
        self.cube.write(&mut self.tx, &going).await?;
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
        if self.cube.rows() != verdict.rows.accepted {
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
        let (tx, going) = self.parts();
        kept::balanced(tx, &going, verdict).await?;
        let last = going.note(tx, "run.completed", mark).await?;
        going.judged(tx, verdict, refused).await?;
        going.status(tx, RunStatus::Complete, None, mark).await?;
        self.tx.commit().await?;
        Ok(last)
    }

    fn parts(&mut self) -> (&mut Tx, Going<'_>) {
        let going = Going {
            workspace: &self.workspace,
            id: &self.id,
            number: self.number,
        };
        (&mut self.tx, going)
    }

    async fn insert(&mut self, chunk: &[LedgerRow]) -> Result<u64, StoreError> {
        let workspace: Arc<str> = self.workspace.as_str().into();
        let contract: Arc<str> = self.contract.as_str().into();
        let mut values = Values::default();
        for row in chunk {
            values.add(Arc::clone(&workspace))?;
            values.add(self.number)?;
            values.add(integer(row.record)?)?;
            values.add(integer(row.line)?)?;
            values.add(Arc::clone(&contract))?;
            values.add(row.key.as_deref())?;
            values.add(row.day.as_deref())?;
            values.add(row.region.as_deref())?;
            values.add(row.product.as_deref())?;
            values.add(row.sku.as_deref())?;
            values.add(row.category.as_deref())?;
            values.add(row.quantity)?;
            values.add(paise(row.unit_price)?)?;
            values.add(paise(row.money)?)?;
        }
        LEDGER.run(&mut self.tx, chunk.len(), values).await
    }

    /// The records of `chunk` that are in the ledger.
    async fn present(&mut self, chunk: &[LedgerRow]) -> Result<BTreeSet<u64>, StoreError> {
        let records = || chunk.iter().map(|it| it.record);
        let found: Vec<i64> = sqlx::query_scalar(
            "SELECT record FROM ledger \
             WHERE workspace = $1 AND run = $2 AND record BETWEEN $3 AND $4",
        )
        .bind(self.workspace.as_str())
        .bind(self.number)
        .bind(integer(records().min().unwrap_or(0))?)
        .bind(integer(records().max().unwrap_or(0))?)
        .fetch_all(&mut *self.tx)
        .await?;
        found.into_iter().map(natural).collect()
    }

    async fn explained(&mut self, rows: &[&LedgerRow]) -> Result<Vec<Refused>, StoreError> {
        let keys: Vec<&str> = rows.iter().filter_map(|it| it.key.as_deref()).collect();
        // CROSS JOIN keeps the order of the tables: each key is then one look into the index of keys.
        let sql = format!(
            "WITH wanted (row_key) AS (VALUES {}) SELECT r.id, r.file_name, l.record, l.line, l.row_key, l.day, l.region, l.product, l.sku, \
             l.category, l.quantity, l.unit_price, l.money \
             FROM wanted w CROSS JOIN ledger l CROSS JOIN runs r \
             WHERE l.workspace = ? AND l.contract = ? AND l.row_key = w.row_key AND l.counts \
             AND r.number = l.run",
            vec!["(?)"; keys.len()].join(",")
        );
        let mut values = Values::default();
        for key in keys {
            values.add(key)?;
        }
        values.add(self.workspace.as_str())?;
        values.add(self.contract.as_str())?;
        let found: Vec<HolderColumns> =
            sqlx::query_as_with(AssertSqlSafe(sql), values.into_arguments())
                .persistent(false)
                .fetch_all(&mut *self.tx)
                .await?;
        let mut holders = BTreeMap::new();
        for columns in found {
            let row = columns.row.row()?;
            let run = crate::entry::run_id(columns.id)?;
            holders.insert(row.key.clone(), (run, columns.file_name, row));
        }
        let refused = rows.iter().map(|row| {
            let holder = holders.get(&row.key);
            let (run, file_name, held) = holder.ok_or(StoreError::Conflict(None))?;
            // Where a row stands is not what it says.
            let identical = LedgerRow {
                record: row.record,
                line: row.line,
                ..held.clone()
            };
            Ok(Refused {
                row: (*row).clone(),
                holder: Holder {
                    run: run.clone(),
                    file_name: file_name.clone(),
                    record: held.record,
                    line: held.line,
                    identical: identical == **row,
                },
            })
        });
        refused.collect()
    }
}

#[derive(FromRow)]
struct HolderColumns {
    id: String,
    file_name: String,
    #[sqlx(flatten)]
    row: LedgerColumns,
}

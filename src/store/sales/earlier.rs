//! Sums from before SKUs were a part of them: those of runs whose rows have any are made anew, once, before anybody
//! reads them.

use super::Cube;
use crate::{
    db::{Db, Lock, Tx, execute, row, rows},
    error::StoreError,
    read::LedgerColumns,
};
use model::id::WorkspaceId;
use sqlx::FromRow;
use std::collections::BTreeMap;

/// Rows that are read at a time.
const CHUNK: i64 = 8192;

/// Gives the sums of all such runs their SKUs. Of several processes that open one database, one does it, and the others
/// wait for it.
pub(crate) async fn tell_skus(db: &Db) -> Result<(), StoreError> {
    let mut tx = db.read().await?;
    let some: Option<(i64,)> = row!(&mut tx, "SELECT run FROM sales_without_sku LIMIT 1")?;
    drop(tx);
    if some.is_none() {
        return Ok(());
    }
    let mut tx = db.begin().await?;
    let found: Vec<(String, i64)> = rows!(
        &mut tx,
        "DELETE FROM sales_without_sku RETURNING workspace, run"
    )?;
    if let runs @ 1.. = found.len() {
        tracing::info!(runs, "the sales of earlier runs are summed up by SKU");
    }
    let mut workspaces: BTreeMap<String, Vec<i64>> = BTreeMap::new();
    for (workspace, run) in found {
        workspaces.entry(workspace).or_default().push(run);
    }
    for (workspace, runs) in workspaces {
        let workspace = WorkspaceId::try_from(workspace).map_err(StoreError::corrupt)?;
        tx.lock(Lock::Ledger, workspace.as_str()).await?;
        // What all of them change in the sums of the workspace.
        let mut change = Cube::default();
        for run in runs {
            change.join(&Cube::leaving(&mut tx, &workspace, run).await?);
            execute!(
                &mut tx,
                "DELETE FROM run_sales WHERE workspace = $1 AND run = $2",
                workspace.as_str(),
                run
            )?;
            let cube = summed(&mut tx, run).await?;
            cube.write_to_run(&mut tx, &workspace, run).await?;
            change.join(&cube);
        }
        change.write_to_workspace(&mut tx, &workspace).await?;
    }
    tx.commit().await
}

/// All rows of a run, of which those are summed up that count.
async fn summed(tx: &mut Tx, run: i64) -> Result<Cube, StoreError> {
    let mut cube = Cube::of_new_run();
    let mut behind = -1;
    loop {
        let found: Vec<Columns> = rows!(
            tx,
            "SELECT counts, record, line, row_key, day, region, product, sku, category, quantity, unit_price, money \
             FROM ledger WHERE run = $1 AND record > $2 ORDER BY record LIMIT $3",
            run,
            behind,
            CHUNK
        )?;
        let Some(last) = found.last() else {
            return Ok(cube);
        };
        behind = last.row.record;
        for it in found {
            let row = it.row.row()?;
            if it.counts {
                cube.add(&row);
            } else {
                cube.list(&row);
            }
        }
    }
}

#[derive(FromRow)]
struct Columns {
    counts: bool,
    #[sqlx(flatten)]
    row: LedgerColumns,
}

impl Cube {
    fn join(&mut self, other: &Self) {
        for (numbers, part) in &other.cells {
            self.part(other.cell(*numbers)).sums.add(part.sums);
        }
        self.total.add(other.total);
    }
}

//! Sums from before SKUs were a part of them: those of runs whose rows have any are made anew, once, before anybody
//! reads them.
//!
//! A history may have many million cells. So the index of runs' cells goes, the cells are written run by run, some runs a
//! transaction, the index is made again, and then the sums of the workspaces follow. Whoever is stopped meanwhile goes on
//! where it stopped: `sales_without_sku` says how far it came, and as long as it names a run, nobody may rely on the index.

use super::{CellColumns, Cube, bound, cell};
use crate::{
    db::{Db, Lock, Tx, execute, row, rows},
    error::StoreError,
    ledger::kinds::next_rows,
    read::LedgerColumns,
};
use model::id::WorkspaceId;
use sqlx::FromRow;

/// Rows that are read at a time.
const CHUNK: i64 = 8192;

/// Runs that are told together at most, and the rows from which on no further run joins them.
const TOGETHER: i64 = 50;
const ROWS: i64 = 1_000_000;

const FORGET: &str = "DROP INDEX IF EXISTS run_sales_by_cell";

// As the migration `sales_by_sku` makes it.
const MAKE: &str = "CREATE INDEX IF NOT EXISTS run_sales_by_cell \
     ON run_sales (workspace, day, region, product, category, sku, run)";

/// Gives the sums of all such runs their SKUs. Several processes that open one database share the work.
pub(crate) async fn tell_skus(db: &Db) -> Result<(), StoreError> {
    let (all, mut left) = counted(&mut db.read().await?).await?;
    if all == 0 {
        return Ok(());
    }
    if left > 0 {
        tracing::info!(
            runs = left,
            "the sales of earlier runs are summed up by SKU, which is done once"
        );
        let mut tx = begin(db).await?;
        if counted(&mut tx).await?.1 > 0 {
            execute!(&mut tx, FORGET)?;
        }
        tx.commit().await?;
    }
    while left > 0 {
        let mut tx = begin(db).await?;
        tell_some(&mut tx).await?;
        left = counted(&mut tx).await?.1;
        tx.commit().await?;
        tracing::info!(runs = all, left, "runs are summed up by SKU");
    }
    let mut tx = begin(db).await?;
    execute!(&mut tx, MAKE)?;
    tx.commit().await?;
    loop {
        let mut tx = begin(db).await?;
        let next: Option<(String,)> =
            row!(&mut tx, "SELECT workspace FROM sales_without_sku LIMIT 1")?;
        let Some((workspace,)) = next else {
            break;
        };
        let workspace = WorkspaceId::try_from(workspace).map_err(StoreError::corrupt)?;
        follow(&mut tx, &workspace).await?;
        execute!(
            &mut tx,
            "DELETE FROM sales_without_sku WHERE workspace = $1",
            workspace.as_str()
        )?;
        tx.commit().await?;
    }
    tracing::info!(runs = all, "all runs are summed up by SKU");
    db.learn().await
}

/// One after the other: what one process knows of the list stays true until it is done.
async fn begin(db: &Db) -> Result<Tx, StoreError> {
    let mut tx = db.begin().await?;
    tx.lock(Lock::Ledger, "").await?;
    Ok(tx)
}

/// The runs that are listed, and those of them that are still to be told.
async fn counted(tx: &mut Tx) -> Result<(i64, i64), StoreError> {
    let found: Option<(i64, i64)> = row!(
        tx,
        "SELECT count(*), count(CASE WHEN told THEN NULL ELSE 1 END) FROM sales_without_sku"
    )?;
    Ok(found.unwrap_or_default())
}

/// Gives the cells of some runs their SKUs.
async fn tell_some(tx: &mut Tx) -> Result<(), StoreError> {
    let runs: Vec<(String, i64, i64)> = rows!(
        tx,
        "SELECT s.workspace, s.run, coalesce(r.rows_accepted, 0) FROM sales_without_sku s \
         JOIN runs r ON r.number = s.run WHERE NOT s.told ORDER BY s.workspace, s.run LIMIT $1",
        TOGETHER
    )?;
    execute!(
        tx,
        "CREATE TEMPORARY TABLE told_cells AS SELECT * FROM run_sales WHERE 1 = 0"
    )?;
    let mut rows = 0;
    for (workspace, run, accepted) in runs {
        if rows > 0 && rows + accepted > ROWS {
            break;
        }
        rows += accepted;
        let workspace = WorkspaceId::try_from(workspace).map_err(StoreError::corrupt)?;
        tell(tx, &workspace, run).await?;
        execute!(
            tx,
            "UPDATE sales_without_sku SET told = $3 WHERE workspace = $1 AND run = $2",
            workspace.as_str(),
            run,
            true
        )?;
    }
    execute!(tx, "DROP TABLE told_cells")?;
    Ok(())
}

/// Where each product of the run has one SKU, as a list of products gives it, its cells stay what they are but for that.
/// Otherwise its rows are summed up anew. SQLite adds cells in their order far more quickly than it changes a part of
/// their key.
async fn tell(tx: &mut Tx, workspace: &WorkspaceId, run: i64) -> Result<(), StoreError> {
    // A text of more than 50 characters may be longer than what cells have of it.
    let told = execute!(
        tx,
        "INSERT INTO told_cells (workspace, run, region, product, category, day, sku, row_count, units, revenue, \
         records, lowest, highest) \
         SELECT c.workspace, c.run, c.region, c.product, c.category, c.day, k.sku, c.row_count, c.units, c.revenue, \
         c.records, c.lowest, c.highest FROM run_sales c CROSS JOIN (\
         SELECT coalesce(product, '') AS product, coalesce(category, '') AS category, min(coalesce(sku, '')) AS sku \
         FROM ledger_rows WHERE run = $2 GROUP BY coalesce(product, ''), coalesce(category, '') \
         HAVING min(coalesce(sku, '')) = max(coalesce(sku, '')) AND length(min(coalesce(sku, ''))) <= 50) k \
         WHERE c.workspace = $1 AND c.run = $2 AND k.product = c.product AND k.category = c.category",
        workspace.as_str(),
        run
    )?;
    let before = execute!(
        tx,
        "DELETE FROM run_sales WHERE workspace = $1 AND run = $2",
        workspace.as_str(),
        run
    )?;
    execute!(
        tx,
        "DELETE FROM run_bounds WHERE workspace = $1 AND run = $2",
        workspace.as_str(),
        run
    )?;
    if told == before {
        execute!(
            tx,
            "INSERT INTO run_sales (workspace, run, region, product, category, day, sku, row_count, units, revenue, \
             records, lowest, highest) \
             SELECT workspace, run, region, product, category, day, sku, row_count, units, revenue, records, lowest, \
             highest FROM told_cells"
        )?;
        bound(tx, workspace.as_str(), run).await?;
    } else {
        let cube = summed(tx, run).await?;
        cube.write_to_run(tx, workspace, run).await?;
    }
    execute!(tx, "DELETE FROM told_cells")?;
    Ok(())
}

/// All rows of a run, of which those are summed up that count.
async fn summed(tx: &mut Tx, run: i64) -> Result<Cube, StoreError> {
    let mut cube = Cube::of_new_run();
    let mut behind = -1;
    loop {
        let found: Vec<Columns> = rows!(
            tx,
            concat!(
                "SELECT counts, record, line, row_key, day, region, product, sku, category, quantity, unit_price, money \
                 FROM ",
                next_rows!("run = $1 AND record > $2 ORDER BY record LIMIT $3"),
                " l ORDER BY record"
            ),
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

macro_rules! sku_of_cell {
    ($which:literal) => {
        concat!(
            "(SELECT ",
            $which,
            "(r.sku) FROM run_sales r WHERE r.workspace = sales.workspace AND r.day = sales.day \
             AND r.region = sales.region AND r.product = sales.product AND r.category = sales.category)"
        )
    };
}

/// Gives the sums of a workspace the SKUs that the cells of its runs have: a cell that has the same one in all of them
/// stays, and of the others what has one leaves what has none.
async fn follow(tx: &mut Tx, workspace: &WorkspaceId) -> Result<(), StoreError> {
    execute!(
        tx,
        concat!(
            "UPDATE sales SET sku = ",
            sku_of_cell!("min"),
            " WHERE workspace = $1 AND sku = '' AND ",
            sku_of_cell!("min"),
            " = ",
            sku_of_cell!("max")
        ),
        workspace.as_str()
    )?;
    let days: Vec<(String,)> = rows!(
        tx,
        "SELECT DISTINCT day FROM sales WHERE workspace = $1 AND sku = ''",
        workspace.as_str()
    )?;
    for (day,) in days {
        let found: Vec<CellColumns> = rows!(
            tx,
            "SELECT r.region, r.product, r.category, r.day, r.sku, r.row_count, r.units, r.revenue \
             FROM sales s CROSS JOIN run_sales r WHERE s.workspace = $1 AND s.day = $2 AND s.sku = '' \
             AND r.workspace = s.workspace AND r.day = s.day AND r.region = s.region AND r.product = s.product \
             AND r.category = s.category AND r.sku > ''",
            workspace.as_str(),
            day
        )?;
        let mut change = Cube::default();
        for it in found {
            let (moved, sums) = cell(it)?;
            let [region, product, category, day, sku] = moved.each_ref().map(String::as_str);
            let from = [region, product, category, day, ""];
            change.part(from).sums.add(sums.negative());
            change
                .part([region, product, category, day, sku])
                .sums
                .add(sums);
        }
        change.write_to_workspace(tx, workspace).await?;
    }
    Ok(())
}

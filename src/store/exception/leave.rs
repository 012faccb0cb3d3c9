//! Rows that leave the totals: kept, and linked with the rows that took their place.

use crate::{
    db::{Tx, execute, row, rows},
    error::StoreError,
    read::LedgerColumns,
    sales::Cube,
    withdrawal::is_withdrawn,
    word::json,
};
use model::{id::WorkspaceId, row::LedgerRow};
use std::collections::{BTreeMap, BTreeSet};

/// What has left, and come back to, the sums of runs, by their short numbers.
#[derive(Default)]
pub(super) struct Moved(BTreeMap<i64, Cube>);

/// A row of the ledger, by the short number of its run and its record there.
type Place = (i64, i64);

/// Takes the row that holds a key out of the totals, in favour of the row that is to come in at `by`. A conflict where
/// it does not count any more.
pub(super) async fn displace(
    tx: &mut Tx,
    moved: &mut Moved,
    holder: Place,
    by: Place,
) -> Result<(), StoreError> {
    moved.stop(tx, holder).await?;
    link(tx, holder, Some(by)).await
}

/// Takes a row that entered out again. What had left the totals for it comes back.
pub(super) async fn leave(
    tx: &mut Tx,
    workspace: &WorkspaceId,
    moved: &mut Moved,
    (run, record): Place,
) -> Result<(), StoreError> {
    let found: Option<(bool,)> = row!(
        tx,
        "SELECT counts FROM ledger WHERE run = $1 AND record = $2",
        run,
        record
    )?;
    let (counts,) = found.ok_or(StoreError::NotFound)?;
    if !counts {
        return step_aside(tx, (run, record)).await;
    }
    moved.stop(tx, (run, record)).await?;
    for before in before(tx, (run, record)).await? {
        link(tx, before, None).await?;
        if !is_withdrawn(tx, workspace, before.0).await? {
            moved.count(tx, before).await?;
        }
    }
    Ok(())
}

/// Takes a row out of the line of those that had one place, if it stands in one: it will not come back with what has the
/// place now, and what it had displaced is displaced by that one.
async fn step_aside(tx: &mut Tx, (run, record): Place) -> Result<(), StoreError> {
    let by: Option<(Option<i64>, Option<i64>)> = row!(
        tx,
        "SELECT displaced_by_run, displaced_by_record FROM ledger WHERE run = $1 AND record = $2",
        run,
        record
    )?;
    let by = by.and_then(|(run, record)| run.zip(record));
    link(tx, (run, record), None).await?;
    for before in before(tx, (run, record)).await? {
        link(tx, before, by).await?;
    }
    Ok(())
}

/// The rows that this one displaced: one, and those in between whose runs were withdrawn since.
async fn before(tx: &mut Tx, (run, record): Place) -> Result<Vec<Place>, StoreError> {
    Ok(rows!(
        tx,
        "SELECT run, record FROM ledger WHERE displaced_by_run = $1 AND displaced_by_record = $2",
        run,
        record
    )?)
}

/// Takes out the rows that entered through exceptions of the runs in `gone`, with corrections of several runs, which
/// stay otherwise. Told is of which runs, and how many of each.
pub(crate) async fn leave_from_others(
    tx: &mut Tx,
    workspace: &WorkspaceId,
    gone: &[i64],
) -> Result<BTreeMap<i64, u64>, StoreError> {
    let mut moved = Moved::default();
    let mut left = BTreeMap::new();
    let mut displaced = Vec::new();
    for place in elsewhere(tx, workspace, gone, false).await? {
        step_aside(tx, place).await?;
    }
    for (run, record) in elsewhere(tx, workspace, gone, true).await? {
        displaced.extend(displaced_by(tx, run, Some(record)).await?);
        moved.stop(tx, (run, record)).await?;
        *left.entry(run).or_default() += 1;
    }
    moved.write(tx, workspace).await?;
    bring_back(tx, workspace, displaced, gone).await?;
    Ok(left)
}

/// The rows that [`leave_from_others`] would take out.
pub(crate) async fn entered_elsewhere(
    tx: &mut Tx,
    workspace: &WorkspaceId,
    gone: &[i64],
) -> Result<Vec<LedgerRow>, StoreError> {
    let places = elsewhere(tx, workspace, gone, true).await?;
    rows_at(tx, places).await
}

/// The rows that [`bring_back`] would bring back, once those of the runs in `gone` have left, and those that entered
/// elsewhere through them: these do not stay.
pub(crate) async fn coming_back(
    tx: &mut Tx,
    workspace: &WorkspaceId,
    gone: &[i64],
) -> Result<Vec<LedgerRow>, StoreError> {
    let mut others: BTreeSet<Place> = BTreeSet::new();
    for counts in [true, false] {
        others.extend(elsewhere(tx, workspace, gone, counts).await?);
    }
    let mut displaced = Vec::new();
    for run in gone {
        displaced.extend(displaced_by(tx, *run, None).await?);
    }
    for (run, record) in &others {
        displaced.extend(displaced_by(tx, *run, Some(*record)).await?);
    }
    let leaves = |place: &Place| gone.contains(&place.0) || others.contains(place);
    let mut places = Vec::new();
    for (of, record, mut counted, by_run, by_record) in displaced {
        // Where what had displaced this one was displaced in its turn, by one that leaves too, that one has the place.
        let mut by = by_run.zip(by_record);
        while let Some((run, record)) = by.filter(|it| !counted && leaves(it)) {
            let next: Option<(bool, Option<i64>, Option<i64>)> = row!(
                tx,
                "SELECT counts, displaced_by_run, displaced_by_record FROM ledger WHERE run = $1 AND record = $2",
                run,
                record
            )?;
            let (counts, by_run, by_record) = next.ok_or(StoreError::NotFound)?;
            (counted, by) = (counts, by_run.zip(by_record));
        }
        if counted && !leaves(&(of, record)) && !is_withdrawn(tx, workspace, of).await? {
            places.push((of, record));
        }
    }
    rows_at(tx, places).await
}

async fn rows_at(tx: &mut Tx, places: Vec<Place>) -> Result<Vec<LedgerRow>, StoreError> {
    let mut records: BTreeMap<i64, Vec<i64>> = BTreeMap::new();
    for (run, record) in places {
        records.entry(run).or_default().push(record);
    }
    let mut all = Vec::new();
    for (run, records) in records {
        let found: Vec<LedgerColumns> = rows!(
            tx,
            "SELECT record, line, row_key, day, region, product, sku, category, quantity, unit_price, money \
             FROM ledger_rows WHERE run = $1 AND record IN (SELECT CAST(value AS BIGINT) FROM json_each($2)) ORDER BY record",
            run,
            json(&records)?
        )?;
        for row in found {
            all.push(row.row()?);
        }
    }
    Ok(all)
}

/// Rows of other runs that entered through exceptions of those in `gone`, and count, or do not.
async fn elsewhere(
    tx: &mut Tx,
    workspace: &WorkspaceId,
    gone: &[i64],
    counts: bool,
) -> Result<Vec<Place>, StoreError> {
    Ok(rows!(
        tx,
        "SELECT DISTINCT l.run, l.record FROM exception_changes c JOIN ledger l \
         ON l.run = c.entered_run AND l.record = c.entered_record \
         WHERE c.workspace = $1 AND c.run IN (SELECT CAST(value AS BIGINT) FROM json_each($2)) \
         AND l.run NOT IN (SELECT CAST(value AS BIGINT) FROM json_each($2)) AND l.counts = $3 ORDER BY l.run, l.record",
        workspace.as_str(),
        json(&gone)?,
        counts
    )?)
}

/// Brings back the rows that had left the totals for those that have just left them themselves. Those of the runs in
/// `gone`, and of runs that were withdrawn, stay away.
pub(crate) async fn bring_back(
    tx: &mut Tx,
    workspace: &WorkspaceId,
    displaced: Vec<Displaced>,
    gone: &[i64],
) -> Result<(), StoreError> {
    let mut moved = Moved::default();
    for (of, record, counted, by_run, by_record) in displaced {
        if !counted {
            // A third row has the place: what this one had displaced is displaced by that one now.
            link(tx, (of, record), by_run.zip(by_record)).await?;
            continue;
        }
        if !gone.contains(&of) && !is_withdrawn(tx, workspace, of).await? {
            link(tx, (of, record), None).await?;
            moved.count(tx, (of, record)).await?;
        }
    }
    moved.write(tx, workspace).await
}

/// Run and record of a row that left the totals; whether the row that took its place counts, and what took that one's.
pub(crate) type Displaced = (i64, i64, bool, Option<i64>, Option<i64>);

/// The rows that left the totals for rows of this run, or for one of them.
pub(crate) async fn displaced_by(
    tx: &mut Tx,
    run: i64,
    record: Option<i64>,
) -> Result<Vec<Displaced>, StoreError> {
    Ok(rows!(
        tx,
        "SELECT b.run, b.record, l.counts, l.displaced_by_run, l.displaced_by_record \
         FROM ledger b JOIN ledger l ON l.run = b.displaced_by_run AND l.record = b.displaced_by_record \
         WHERE b.displaced_by_run = $1 AND (CAST($2 AS BIGINT) IS NULL OR b.displaced_by_record = $2)",
        run,
        record
    )?)
}

impl Moved {
    async fn stop(&mut self, tx: &mut Tx, place: Place) -> Result<(), StoreError> {
        let row = set(tx, place, false).await?;
        self.0.entry(place.0).or_default().remove(&row);
        Ok(())
    }

    async fn count(&mut self, tx: &mut Tx, place: Place) -> Result<(), StoreError> {
        let row = set(tx, place, true).await?;
        self.0.entry(place.0).or_default().add(&row);
        Ok(())
    }

    /// Once, for all rows: each writing reads the sums that change.
    pub(super) async fn write(
        self,
        tx: &mut Tx,
        workspace: &WorkspaceId,
    ) -> Result<(), StoreError> {
        for (run, cube) in self.0 {
            cube.write(tx, workspace, run).await?;
        }
        Ok(())
    }
}

async fn set(tx: &mut Tx, (run, record): Place, counts: bool) -> Result<LedgerRow, StoreError> {
    let changed = execute!(
        tx,
        "UPDATE ledger SET counts = $3 WHERE run = $1 AND record = $2 AND counts <> $3",
        run,
        record,
        counts
    )?;
    let row = rows_at(tx, vec![(run, record)]).await?.pop();
    row.filter(|_| changed == 1)
        .ok_or(StoreError::Conflict(None))
}

async fn link(tx: &mut Tx, (run, record): Place, by: Option<Place>) -> Result<(), StoreError> {
    execute!(
        tx,
        "UPDATE ledger SET displaced_by_run = $3, displaced_by_record = $4 WHERE run = $1 AND record = $2",
        run,
        record,
        by.map(|it| it.0),
        by.map(|it| it.1)
    )?;
    Ok(())
}

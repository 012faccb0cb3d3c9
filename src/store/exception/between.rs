//! Between which runs rows went: exceptions of one that entered the ledger with another.

use crate::{
    Store,
    db::{row, rows},
    entry::run_id,
    error::StoreError,
    read::visible,
    word::{json, natural},
};
use model::{
    exception::{ExceptionState, Standing},
    id::{RunId, WorkspaceId},
    lineage::{LinkedRun, LinkedRuns},
};
use std::collections::BTreeMap;

/// Runs that are told one by one.
const MOST: usize = 100;

impl Store {
    /// Of which runs the exceptions were that entered the ledger with this one, and with which runs its own did. Those
    /// alone that are there by that act still.
    pub async fn linked_runs(
        &self,
        workspace: &WorkspaceId,
        run: &RunId,
    ) -> Result<(LinkedRuns, LinkedRuns), StoreError> {
        let mut tx = self.db.read().await?;
        let number: Option<(i64,)> = row!(
            &mut tx,
            "SELECT number FROM runs WHERE workspace = $1 AND id = $2",
            workspace.as_str(),
            run.as_str()
        )?;
        let (number,) = number.ok_or(StoreError::NotFound)?;
        let found: Vec<(i64, i64, String, String, String)> = rows!(
            &mut tx,
            "WITH moved (run, record, version, entered_run) AS (\
             SELECT run, record, version, entered_run FROM exception_changes \
             WHERE workspace = $1 AND run = $2 AND entered_run IS NOT NULL UNION ALL \
             SELECT run, record, version, entered_run FROM exception_changes \
             WHERE workspace = $1 AND entered_run = $2), \
             linked (run, entered_run, row_count) AS (\
             SELECT m.run, m.entered_run, COUNT(*) FROM moved m JOIN kept_rows k \
             ON k.workspace = $1 AND k.run = m.run AND k.record = m.record \
             WHERE k.state IN (SELECT value FROM json_each($3)) \
             AND NOT EXISTS (SELECT 1 FROM exception_changes c WHERE c.workspace = $1 AND c.run = m.run \
             AND c.record = m.record AND c.version > m.version AND c.entered_run IS NOT NULL) \
             GROUP BY m.run, m.entered_run) \
             SELECT l.run, l.row_count, r.id, r.file_name, r.created_at FROM linked l \
             JOIN runs r ON r.number = CASE WHEN l.run = $2 THEN l.entered_run ELSE l.run END \
             ORDER BY l.row_count DESC, r.id",
            workspace.as_str(),
            number,
            json(&ExceptionState::of(Standing::Entered))?
        )?;
        let (mut from, mut into) = (LinkedRuns::default(), LinkedRuns::default());
        for (of, rows, id, file_name, created_at) in found {
            let linked = if of == number { &mut into } else { &mut from };
            let rows = natural(rows)?;
            linked.total += 1;
            linked.rows += rows;
            if linked.runs.len() < MOST {
                linked.runs.push(LinkedRun {
                    run: run_id(id)?,
                    file_name,
                    created_at,
                    rows,
                });
            }
        }
        Ok((from, into))
    }

    /// From which exceptions rows of a run come, by the run that these are of: their records there, and those of the rows.
    pub async fn entered_from(
        &self,
        workspace: &WorkspaceId,
        run: &RunId,
    ) -> Result<BTreeMap<RunId, Vec<(u64, u64)>>, StoreError> {
        let mut tx = self.db.read().await?;
        let found: Vec<(String, i64, i64)> = rows!(
            &mut tx,
            "SELECT o.id, c.record, c.entered_record FROM runs r JOIN exception_changes c \
             ON c.workspace = r.workspace AND c.entered_run = r.number JOIN runs o ON o.number = c.run \
             WHERE r.workspace = $1 AND r.id = $2 AND c.entered_record IS NOT NULL",
            workspace.as_str(),
            run.as_str()
        )?;
        let mut from: BTreeMap<RunId, Vec<(u64, u64)>> = BTreeMap::new();
        for (id, record, entered) in found {
            let places = (natural(record)?, natural(entered)?);
            from.entry(run_id(id)?).or_default().push(places);
        }
        Ok(from)
    }

    /// How many rows that a run brought into the ledger count there now.
    pub async fn counting(&self, workspace: &WorkspaceId, run: &RunId) -> Result<u64, StoreError> {
        let mut tx = self.db.read().await?;
        let Some(number) = visible(&mut tx, workspace, run).await? else {
            return Ok(0);
        };
        let found: Option<(i64,)> = row!(
            &mut tx,
            "SELECT CAST(COALESCE(SUM(row_count), 0) AS BIGINT) FROM run_sales WHERE workspace = $1 AND run = $2",
            workspace.as_str(),
            number
        )?;
        natural(found.map_or(0, |(it,)| it))
    }
}

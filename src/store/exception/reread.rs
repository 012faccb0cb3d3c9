//! Runs from before it was kept what their exceptions say of regions and products. Their rows are told it once, and counted
//! anew.

use super::{gathered, number, sums};
use crate::{
    Store,
    db::{Lock, execute, row, rows},
    entry::run_id,
    error::StoreError,
    withdrawal::is_withdrawn,
    word::{json, natural},
};
use model::{
    id::{RunId, WorkspaceId},
    row::Said,
};
use std::collections::{BTreeMap, BTreeSet};

/// Records that are told of at a time.
const CHUNK: usize = 8192;

impl Store {
    /// Runs whose exceptions were kept without it.
    pub async fn unread_exceptions(&self) -> Result<Vec<(WorkspaceId, RunId)>, StoreError> {
        let mut tx = self.db.read().await?;
        let found: Vec<(String, String)> = rows!(
            &mut tx,
            "SELECT u.workspace, r.id FROM unread_exceptions u JOIN runs r ON r.number = u.run ORDER BY u.run DESC"
        )?;
        let found = found.into_iter().map(|(workspace, run)| {
            let workspace = WorkspaceId::try_from(workspace).map_err(StoreError::corrupt)?;
            Ok((workspace, run_id(run)?))
        });
        found.collect()
    }

    /// The records of a run's exceptions.
    pub async fn exception_records(
        &self,
        workspace: &WorkspaceId,
        run: &RunId,
    ) -> Result<BTreeSet<u64>, StoreError> {
        let mut tx = self.db.read().await?;
        let number = number(&mut tx, workspace, run).await?;
        let found: Vec<(i64,)> = rows!(
            &mut tx,
            "SELECT record FROM kept_rows WHERE workspace = $1 AND run = $2 AND state IS NOT NULL",
            workspace.as_str(),
            number
        )?;
        found.into_iter().map(|(it,)| natural(it)).collect()
    }

    /// Keeps what records of such a run say, and counts its exceptions anew. Nothing happens where it was done before.
    pub async fn tell_exceptions(
        &self,
        workspace: &WorkspaceId,
        run: &RunId,
        said: &BTreeMap<Said, Vec<u64>>,
    ) -> Result<(), StoreError> {
        let mut tx = self.db.begin().await?;
        tx.lock(Lock::Ledger, workspace.as_str()).await?;
        let number = number(&mut tx, workspace, run).await?;
        if !sums::is_unread(&mut tx, workspace, number).await? {
            return Ok(());
        }
        let status: Option<(String,)> =
            row!(&mut tx, "SELECT status FROM runs WHERE number = $1", number)?;
        let is_complete = status.is_some_and(|(it,)| it == "complete");
        let counts = is_complete && !is_withdrawn(&mut tx, workspace, number).await?;
        if counts {
            sums::depart(&mut tx, workspace, number).await?;
        }
        for (said, records) in said {
            for records in records.chunks(CHUNK) {
                execute!(
                    &mut tx,
                    "UPDATE kept_rows SET region = $4, product = $5, product_category = $6 \
                     WHERE workspace = $1 AND run = $2 AND state IS NOT NULL \
                     AND record IN (SELECT CAST(value AS BIGINT) FROM json_each($3))",
                    workspace.as_str(),
                    number,
                    json(&records)?,
                    said.region.as_deref(),
                    said.product.as_deref(),
                    said.product_category.as_deref()
                )?;
            }
        }
        execute!(
            &mut tx,
            "DELETE FROM unread_exceptions WHERE workspace = $1 AND run = $2",
            workspace.as_str(),
            number
        )?;
        if counts {
            gathered::from_rows(&mut tx, workspace, number).await?;
            sums::arrive(&mut tx, workspace, number).await?;
        }
        if is_complete {
            sums::recount_regions(&mut tx, workspace, number).await?;
        }
        tx.commit().await
    }
}

//! Rows with findings on their way in, many of them.

use super::{Totals, add};
use crate::{Store, db::Tx, error::StoreError, run::Going};
use model::{
    id::{RunId, WorkspaceId},
    row::KeptRow,
};
use std::mem;

/// Rows of one transaction of SQLite. Each transaction writes many pages of indices anew, and lets others wait.
const TOGETHER: usize = 262_144;

/// Keeps rows with findings of a run that is going on; nobody sees them before it ends. They are durable once
/// [`Keeping::finish`] returns; dropped before that, some of them may be kept.
///
/// On SQLite it holds the one connection that writes: call no other writing method of [`Store`] before it is finished or
/// dropped. On PostgreSQL it has a connection of its own from its beginning to its end, so that the run can be closed
/// meanwhile, which waits for others of them.
pub struct Keeping {
    store: Store,
    workspace: WorkspaceId,
    run: RunId,
    number: i64,
    tx: Option<Tx>,
    totals: Totals,
    rows: usize,
}

impl Store {
    pub async fn keeping(
        &self,
        workspace: &WorkspaceId,
        run: &RunId,
    ) -> Result<Keeping, StoreError> {
        let mut tx = self.db.begin().await?;
        let number = self.going_beside(&mut tx, workspace, run).await?.number;
        Ok(Keeping {
            store: self.clone(),
            workspace: workspace.clone(),
            run: run.clone(),
            number,
            tx: Some(tx),
            totals: Totals::default(),
            rows: 0,
        })
    }

    /// Whether rows with findings can be kept while the run is closed.
    pub fn writes_beside(&self) -> bool {
        self.db.is_shared()
    }
}

impl Keeping {
    /// Some thousands at a time, whose records are not kept yet.
    pub async fn keep(&mut self, rows: &[KeptRow]) -> Result<(), StoreError> {
        let mut tx = match self.tx.take() {
            Some(tx) => tx,
            None => {
                let mut tx = self.store.db.begin().await?;
                self.store
                    .going_beside(&mut tx, &self.workspace, &self.run)
                    .await?;
                tx
            }
        };
        let mut totals = mem::take(&mut self.totals);
        add(&mut tx, &self.going(), rows, &mut totals).await?;
        self.totals = totals;
        self.rows += rows.len();
        self.tx = Some(tx);
        if self.rows >= TOGETHER && !self.store.writes_beside() {
            self.commit().await?;
        }
        Ok(())
    }

    pub async fn finish(mut self) -> Result<(), StoreError> {
        self.commit().await
    }

    async fn commit(&mut self) -> Result<(), StoreError> {
        let Some(mut tx) = self.tx.take() else {
            return Ok(());
        };
        mem::take(&mut self.totals)
            .write(&mut tx, &self.going())
            .await?;
        self.rows = 0;
        tx.commit().await
    }

    fn going(&self) -> Going<'_> {
        Going {
            workspace: &self.workspace,
            id: &self.run,
            number: self.number,
            owner: self.store.owner(),
        }
    }
}

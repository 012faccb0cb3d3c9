//! Rows with findings on their way in, many of them.

use super::{Totals, add};
use crate::{Store, db::Tx, error::StoreError, run::Going};
use model::{
    id::{RunId, WorkspaceId},
    row::KeptRow,
};

/// Rows of one transaction. Each transaction writes many pages of indices anew, and lets others wait on SQLite.
const TOGETHER: usize = 262_144;

/// Keeps rows with findings of a run that is going on; nobody sees them before it ends. They are durable once
/// [`Keeping::finish`] returns; dropped before that, some of them may be kept.
///
/// On SQLite it holds the one connection that writes: call no other writing method of [`Store`] before it is finished or
/// dropped.
pub struct Keeping {
    store: Store,
    workspace: WorkspaceId,
    run: RunId,
    open: Option<Open>,
}

struct Open {
    tx: Tx,
    number: i64,
    totals: Totals,
    rows: usize,
}

impl Store {
    pub fn keeping(&self, workspace: &WorkspaceId, run: &RunId) -> Keeping {
        Keeping {
            store: self.clone(),
            workspace: workspace.clone(),
            run: run.clone(),
            open: None,
        }
    }
}

impl Keeping {
    /// Some thousands at a time, whose records are not kept yet.
    pub async fn keep(&mut self, rows: &[KeptRow]) -> Result<(), StoreError> {
        let mut open = match self.open.take() {
            Some(open) => open,
            None => {
                let mut tx = self.store.db.begin().await?;
                let going = self.store.going(&mut tx, &self.workspace, &self.run);
                Open {
                    number: going.await?.number,
                    tx,
                    totals: Totals::default(),
                    rows: 0,
                }
            }
        };
        let going = self.going(open.number);
        add(&mut open.tx, &going, rows, &mut open.totals).await?;
        open.rows += rows.len();
        let full = open.rows >= TOGETHER;
        self.open = Some(open);
        if full { self.commit().await } else { Ok(()) }
    }

    pub async fn finish(mut self) -> Result<(), StoreError> {
        self.commit().await
    }

    async fn commit(&mut self) -> Result<(), StoreError> {
        let Some(mut open) = self.open.take() else {
            return Ok(());
        };
        let going = self.going(open.number);
        open.totals.write(&mut open.tx, &going).await?;
        open.tx.commit().await
    }

    fn going(&self, number: i64) -> Going<'_> {
        Going {
            workspace: &self.workspace,
            id: &self.run,
            number,
            owner: self.store.owner(),
        }
    }
}

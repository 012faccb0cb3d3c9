//! Which events of runs a collector of lineage was told, so that what is not sent yet survives a restart.

use crate::{
    Store,
    db::{execute, rows},
    entry::run_id,
    error::StoreError,
    word::{from_word, integer, natural},
};
use model::id::{RunId, WorkspaceId};

/// A run that is going on, or of which something is still to be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unsent {
    /// Grows with the age of runs, over all workspaces.
    pub number: u64,
    pub workspace: WorkspaceId,
    pub run: RunId,
    pub start: bool,
    /// It has ended, and that is still to be sent.
    pub end: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LineageEvent {
    Start,
    End,
}

impl LineageEvent {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Start => "start",
            Self::End => "end",
        }
    }
}

impl Store {
    /// Runs behind `after` that go on or of which something is still to be sent, over all workspaces, oldest first, at most `limit`.
    pub async fn lineage_unsent(&self, after: u64, limit: u32) -> Result<Vec<Unsent>, StoreError> {
        let mut tx = self.db.read().await?;
        let found: Vec<(i64, String, String, bool, bool, bool)> = rows!(
            &mut tx,
            "SELECT * FROM (SELECT r.number, r.workspace, r.id, \
             NOT EXISTS (SELECT 1 FROM lineage_sent s \
             WHERE s.workspace = r.workspace AND s.run = r.number AND s.event = 'start') AS begun, \
             r.status <> 'running' AND NOT EXISTS (SELECT 1 FROM lineage_sent s \
             WHERE s.workspace = r.workspace AND s.run = r.number AND s.event = 'end') AS ended, \
             r.status = 'running' AS going \
             FROM runs r WHERE r.number > $1) u WHERE u.begun OR u.ended OR u.going ORDER BY u.number LIMIT $2",
            integer(after)?,
            i64::from(limit)
        )?;
        let unsent = found
            .into_iter()
            .map(|(number, workspace, run, start, end, _)| {
                Ok(Unsent {
                    number: natural(number)?,
                    workspace: from_word(&workspace)?,
                    run: run_id(run)?,
                    start,
                    end,
                })
            });
        unsent.collect()
    }

    /// Notes that an event was taken. Several processes may send the same one.
    pub async fn lineage_sent(
        &self,
        unsent: &Unsent,
        event: LineageEvent,
        time: &str,
    ) -> Result<(), StoreError> {
        let mut tx = self.db.begin().await?;
        execute!(
            &mut tx,
            "INSERT INTO lineage_sent (workspace, run, event, sent_at) VALUES ($1, $2, $3, $4) \
             ON CONFLICT (workspace, run, event) DO NOTHING",
            unsent.workspace.as_str(),
            integer(unsent.number)?,
            event.as_str(),
            time
        )?;
        tx.commit().await
    }
}

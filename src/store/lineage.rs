//! What OpenLineage is told of runs: kept as it was said first, and beside it which of it a collector took, so that what is
//! not said or sent yet survives a restart.

use crate::{
    Store,
    db::{execute, rows},
    entry::run_id,
    error::StoreError,
    word::{from_word, integer, natural},
};
use model::id::{RunId, WorkspaceId};
use std::collections::BTreeMap;

/// A run that is going on, or of which something is still to be told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Untold {
    /// Grows with the age of runs, over all workspaces.
    pub number: u64,
    pub workspace: WorkspaceId,
    pub run: RunId,
    /// What there is to tell and is not told yet.
    pub due: Vec<LineageEvent>,
    /// More will be to tell.
    pub going: bool,
}

/// What becomes of an event: it is kept here, and a collector takes it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LineageStep {
    Kept,
    Sent,
}

/// In the order in which they come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum LineageEvent {
    Start,
    End,
}

impl LineageEvent {
    const ALL: [Self; 2] = [Self::Start, Self::End];

    const fn as_str(self) -> &'static str {
        match self {
            Self::Start => "start",
            Self::End => "end",
        }
    }
}

macro_rules! untold {
    ($told:literal) => {
        concat!(
            "SELECT * FROM (SELECT r.number, r.workspace, r.id, NOT EXISTS (SELECT 1 FROM ",
            $told,
            " s WHERE s.workspace = r.workspace AND s.run = r.number AND s.event = 'start') AS begun, \
             r.status <> 'running' AND NOT EXISTS (SELECT 1 FROM ",
            $told,
            " s WHERE s.workspace = r.workspace AND s.run = r.number AND s.event = 'end') AS ended, \
             r.status = 'running' AS going \
             FROM runs r WHERE r.number > $1) u WHERE u.begun OR u.ended OR u.going ORDER BY u.number LIMIT $2"
        )
    };
}

impl Store {
    /// Runs behind `after` that go on or of which an event has this step still before it, over all workspaces,
    /// oldest first, at most `limit`.
    pub async fn lineage_untold(
        &self,
        step: LineageStep,
        after: u64,
        limit: u32,
    ) -> Result<Vec<Untold>, StoreError> {
        let mut tx = self.db.read().await?;
        let sql = match step {
            LineageStep::Kept => untold!("lineage_events"),
            LineageStep::Sent => untold!("lineage_sent"),
        };
        let found: Vec<(i64, String, String, bool, bool, bool)> =
            rows!(&mut tx, sql, integer(after)?, i64::from(limit))?;
        let untold = found
            .into_iter()
            .map(|(number, workspace, run, begun, ended, going)| {
                let due = LineageEvent::ALL.into_iter().zip([begun, ended]);
                Ok(Untold {
                    number: natural(number)?,
                    workspace: from_word(&workspace)?,
                    run: run_id(run)?,
                    due: due.filter(|it| it.1).map(|it| it.0).collect(),
                    going,
                })
            });
        untold.collect()
    }

    /// Keeps events; one that is kept already stays as it is.
    pub async fn keep_lineage(
        &self,
        events: &[(&Untold, LineageEvent, String)],
    ) -> Result<(), StoreError> {
        if events.is_empty() {
            return Ok(());
        }
        let mut tx = self.db.begin().await?;
        for (run, event, body) in events {
            execute!(
                &mut tx,
                "INSERT INTO lineage_events (workspace, run, event, body) VALUES ($1, $2, $3, $4) \
                 ON CONFLICT (workspace, run, event) DO NOTHING",
                run.workspace.as_str(),
                integer(run.number)?,
                event.as_str(),
                body.as_str()
            )?;
        }
        tx.commit().await
    }

    /// What was kept of a run; nothing where the workspace has no such run.
    pub async fn kept_lineage(
        &self,
        workspace: &WorkspaceId,
        run: &RunId,
    ) -> Result<BTreeMap<LineageEvent, String>, StoreError> {
        let mut tx = self.db.read().await?;
        let found: Vec<(String, String)> = rows!(
            &mut tx,
            "SELECT l.event, l.body FROM runs r JOIN lineage_events l \
             ON l.workspace = r.workspace AND l.run = r.number WHERE r.workspace = $1 AND r.id = $2",
            workspace.as_str(),
            run.as_str()
        )?;
        let known = |event: &str| {
            LineageEvent::ALL
                .into_iter()
                .find(|it| it.as_str() == event)
        };
        let kept = found.into_iter();
        Ok(kept
            .filter_map(|(event, body)| Some((known(&event)?, body)))
            .collect())
    }

    /// Notes that an event was taken. Several processes may send the same one.
    pub async fn lineage_sent(
        &self,
        run: &Untold,
        event: LineageEvent,
        time: &str,
    ) -> Result<(), StoreError> {
        let mut tx = self.db.begin().await?;
        execute!(
            &mut tx,
            "INSERT INTO lineage_sent (workspace, run, event, sent_at) VALUES ($1, $2, $3, $4) \
             ON CONFLICT (workspace, run, event) DO NOTHING",
            run.workspace.as_str(),
            integer(run.number)?,
            event.as_str(),
            time
        )?;
        tx.commit().await
    }
}

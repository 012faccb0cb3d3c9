//! The audit log: entries are chained inside the transaction whose doing they tell of.

use crate::{
    Store,
    db::{Db, Lock, Tx, execute, row, rows},
    error::StoreError,
    word::{from_json, integer, json, natural},
};
use audit::{Checkpoint, Report, RunEnd, Verifier};
use chrono::{Datelike, Days, NaiveDate, NaiveTime, TimeDelta};
use futures::{StreamExt, TryStreamExt, stream::BoxStream};
use model::{
    audit::{ChainedEntry, Entry, EntryFilter, EntryList},
    id::{InvalidId, RunId, WorkspaceId},
    zone,
};
use sqlx::FromRow;
use std::collections::BTreeMap;

/// When something was done, by whom, and what else its entry says. `details` never holds cell contents nor
/// foreign error texts, so that no entry ever has to change.
#[derive(Debug, Clone)]
pub struct Mark {
    /// RFC 3339 in UTC with milliseconds.
    pub time: String,
    pub actor: String,
    pub details: BTreeMap<String, String>,
}

impl Mark {
    pub fn new(time: impl Into<String>, actor: impl Into<String>) -> Self {
        Self {
            time: time.into(),
            actor: actor.into(),
            details: BTreeMap::new(),
        }
    }

    #[must_use]
    pub fn with(mut self, name: &str, value: impl ToString) -> Self {
        self.details.insert(name.to_owned(), value.to_string());
        self
    }
}

impl Store {
    /// Appends an entry that belongs to no change of the store: an upload refused, a system error.
    /// `event` is dotted and in the past tense, `upload.refused`. On a full disk it takes the room set aside.
    pub async fn append(
        &self,
        workspace: &WorkspaceId,
        run: Option<&RunId>,
        event: &str,
        mark: &Mark,
    ) -> Result<Checkpoint, StoreError> {
        match self.try_append(workspace, run, event, mark).await {
            Err(StoreError::Full(_)) if self.db.spend().await => {
                self.try_append(workspace, run, event, mark).await
            }
            done => done,
        }
    }

    async fn try_append(
        &self,
        workspace: &WorkspaceId,
        run: Option<&RunId>,
        event: &str,
        mark: &Mark,
    ) -> Result<Checkpoint, StoreError> {
        let mut tx = self.db.begin().await?;
        let last = append(&mut tx, workspace, run, event, mark).await?;
        tx.commit().await?;
        Ok(last)
    }

    /// Entries before sequence `before`, newest first, at most `limit`.
    pub async fn entries(
        &self,
        workspace: &WorkspaceId,
        filter: &EntryFilter,
        before: Option<u64>,
        limit: u32,
    ) -> Result<EntryList, StoreError> {
        let before = before.map_or(Ok(i64::MAX), integer)?;
        let asked = i64::from(limit) + 1;
        let from = begins(&filter.from, 0);
        let to = begins(&filter.to, 1);
        let mut tx = self.db.read().await?;
        let rows: Vec<EntryRow> = match &filter.run {
            Some(run) => rows!(
                &mut tx,
                "SELECT * FROM entries WHERE workspace = $1 AND sequence < $2 \
                 AND ($3 = '' OR substr(event, 1, length($3)) = $3) AND ($4 = '' OR actor = $4) \
                 AND ($5 = '' OR time >= $5) AND ($6 = '' OR time < $6) \
                 AND run = $8 ORDER BY sequence DESC LIMIT $7",
                workspace.as_str(),
                before,
                filter.event.as_str(),
                filter.actor.as_str(),
                from.as_str(),
                to.as_str(),
                asked,
                run.as_str()
            )?,
            None => rows!(
                &mut tx,
                "SELECT * FROM entries WHERE workspace = $1 AND sequence < $2 \
                 AND ($3 = '' OR substr(event, 1, length($3)) = $3) AND ($4 = '' OR actor = $4) \
                 AND ($5 = '' OR time >= $5) AND ($6 = '' OR time < $6) \
                 ORDER BY sequence DESC LIMIT $7",
                workspace.as_str(),
                before,
                filter.event.as_str(),
                filter.actor.as_str(),
                from.as_str(),
                to.as_str(),
                asked
            )?,
        };
        let entries: Result<Vec<ChainedEntry>, StoreError> =
            rows.into_iter().map(EntryRow::chained).collect();
        let mut entries = entries?;
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        let more = entries.len() > limit;
        entries.truncate(limit);
        let next = entries.last().map(|it| it.entry.sequence).filter(|_| more);
        Ok(EntryList { entries, next })
    }

    /// One entry of a workspace.
    pub async fn entry(
        &self,
        workspace: &WorkspaceId,
        sequence: u64,
    ) -> Result<Option<ChainedEntry>, StoreError> {
        let mut tx = self.db.read().await?;
        let found: Option<EntryRow> = row!(
            &mut tx,
            "SELECT * FROM entries WHERE workspace = $1 AND sequence = $2",
            workspace.as_str(),
            integer(sequence)?
        )?;
        found.map(EntryRow::chained).transpose()
    }

    /// All entries of a workspace, oldest first.
    pub fn log(
        &self,
        workspace: &WorkspaceId,
    ) -> BoxStream<'static, Result<ChainedEntry, StoreError>> {
        let (db, workspace) = (self.db.clone(), workspace.to_string());
        pages(db, workspace).boxed()
    }

    /// Verifies a workspace's whole log against the given checkpoint and the runs' own last entries, and what is kept
    /// of exceptions against the acts that it tells of. Memory does not grow with the log.
    pub async fn verify(
        &self,
        workspace: &WorkspaceId,
        checkpoint: Option<&Checkpoint>,
    ) -> Result<Report, StoreError> {
        // Runs first: entries that come in between are then more than the runs name, never fewer.
        let runs = self.run_ends(workspace).await?;
        let mut verifier = Verifier::new(checkpoint, runs);
        let mut log = self.log(workspace);
        while let Some(entry) = log.try_next().await? {
            let unlike = self.unlike(workspace, &entry.entry).await?;
            if !verifier.push_beside(&entry, unlike) {
                break;
            }
        }
        let mut report = verifier.finish();
        if report.fault.is_none() {
            report.fault = self.untold(workspace).await?;
        }
        Ok(report)
    }

    /// What each run keeps of its last entry, be it that of its withdrawal.
    pub async fn run_ends(&self, workspace: &WorkspaceId) -> Result<Vec<RunEnd>, StoreError> {
        let mut tx = self.db.read().await?;
        let rows: Vec<(String, i64, String)> = rows!(
            &mut tx,
            "SELECT r.id, coalesce(w.entry_sequence, r.entry_sequence), coalesce(w.entry_hash, r.entry_hash) \
             FROM runs r LEFT JOIN withdrawals w ON w.workspace = r.workspace AND w.run = r.number \
             WHERE r.workspace = $1 ORDER BY r.number",
            workspace.as_str()
        )?;
        let ends = rows.into_iter().map(|(run, sequence, hash)| {
            Ok(RunEnd {
                run: run_id(run)?,
                last: Checkpoint {
                    sequence: natural(sequence)?,
                    hash,
                },
            })
        });
        ends.collect()
    }

    /// The workspaces that have an entry, by name.
    pub async fn workspaces(&self) -> Result<Vec<WorkspaceId>, StoreError> {
        let mut tx = self.db.read().await?;
        let names: Vec<(String,)> = rows!(
            &mut tx,
            "SELECT DISTINCT workspace FROM entries ORDER BY workspace"
        )?;
        let ids = names.into_iter().map(|(name,)| WorkspaceId::try_from(name));
        ids.collect::<Result<_, InvalidId>>()
            .map_err(StoreError::corrupt)
    }
}

const PAGE: i64 = 1000;

/// Page by page, so that no connection is held while the reader takes its time.
/// When the day begins that lies so many days behind an ISO day, as entries write their time; empty where there is none.
fn begins(day: &str, behind: u64) -> String {
    let day = day.parse::<NaiveDate>().ok();
    let day = day.and_then(|it| it.checked_add_days(Days::new(behind)));
    let Some(day) = day.filter(|it| it.year() <= 9999) else {
        return String::new();
    };
    let begin = day.and_time(NaiveTime::MIN) - TimeDelta::seconds(zone::SECONDS.into());
    begin.format("%Y-%m-%dT%H:%M").to_string()
}

fn pages(
    db: Db,
    workspace: String,
) -> impl futures::Stream<Item = Result<ChainedEntry, StoreError>> {
    let pages = futures::stream::try_unfold(Some(0_i64), move |after| {
        let (db, workspace) = (db.clone(), workspace.clone());
        async move {
            let Some(after) = after else {
                return Ok(None);
            };
            let mut tx = db.read().await?;
            let rows: Vec<EntryRow> = rows!(
                &mut tx,
                "SELECT * FROM entries WHERE workspace = $1 AND sequence > $2 ORDER BY sequence LIMIT $3",
                workspace,
                after,
                PAGE
            )?;
            let next = rows.last().map(|it| it.sequence);
            let page = rows.into_iter().map(EntryRow::chained);
            Ok::<_, StoreError>(Some((futures::stream::iter(page), next)))
        }
    });
    pages.try_flatten()
}

/// Chains one more entry and returns its place. Part of the caller's transaction.
pub(crate) async fn append(
    tx: &mut Tx,
    workspace: &WorkspaceId,
    run: Option<&RunId>,
    event: &str,
    mark: &Mark,
) -> Result<Checkpoint, StoreError> {
    tx.lock(Lock::Chain, workspace.as_str()).await?;
    let previous = last(tx, workspace).await?;
    let entry = Entry {
        sequence: previous.as_ref().map_or(1, |it| it.sequence + 1),
        time: mark.time.clone(),
        workspace: workspace.to_string(),
        actor: mark.actor.clone(),
        event: event.to_owned(),
        run: run.map(RunId::to_string),
        details: mark.details.clone(),
    };
    let chained = audit::append(previous.as_ref(), entry).map_err(StoreError::corrupt)?;
    let entry = chained.entry;
    execute!(
        tx,
        "INSERT INTO entries (workspace, sequence, time, actor, event, run, details, body_digest, hash) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        entry.workspace,
        integer(entry.sequence)?,
        entry.time,
        entry.actor,
        entry.event,
        entry.run,
        json(&entry.details)?,
        chained.body_digest,
        chained.hash.as_str()
    )?;
    Ok(Checkpoint {
        sequence: entry.sequence,
        hash: chained.hash,
    })
}

async fn last(tx: &mut Tx, workspace: &WorkspaceId) -> Result<Option<Checkpoint>, StoreError> {
    let found: Option<(i64, String)> = row!(
        tx,
        "SELECT sequence, hash FROM entries WHERE workspace = $1 ORDER BY sequence DESC LIMIT 1",
        workspace.as_str()
    )?;
    let place = found.map(|(sequence, hash)| {
        Ok(Checkpoint {
            sequence: natural(sequence)?,
            hash,
        })
    });
    place.transpose()
}

pub(crate) fn run_id(text: String) -> Result<RunId, StoreError> {
    RunId::try_from(text).map_err(StoreError::corrupt)
}

#[derive(FromRow)]
struct EntryRow {
    workspace: String,
    sequence: i64,
    time: String,
    actor: String,
    event: String,
    run: Option<String>,
    details: String,
    body_digest: String,
    hash: String,
}

impl EntryRow {
    /// As it stands there: what was tampered with is for `verify` to find, so nothing is checked here that
    /// would end the reading early.
    fn chained(self) -> Result<ChainedEntry, StoreError> {
        let details = match from_json(&self.details) {
            Ok(details) => details,
            Err(_) => BTreeMap::from([(String::new(), self.details)]),
        };
        Ok(ChainedEntry {
            entry: Entry {
                sequence: natural(self.sequence)?,
                time: self.time,
                workspace: self.workspace,
                actor: self.actor,
                event: self.event,
                run: self.run,
                details,
            },
            body_digest: self.body_digest,
            hash: self.hash,
        })
    }
}

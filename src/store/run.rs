//! The life of a run from its beginning to the moment before it closes, and its other ends.

mod going;

use going::End;
pub(crate) use going::Going;

use crate::{
    Store,
    contract::keep_contract,
    db::{Lock, Tx, execute, row, rows},
    entry::{self, Mark},
    error::StoreError,
    exception::gathered,
    kept, raw,
    word::{from_json, from_word, integer, json, natural, word},
};
use audit::Checkpoint;
use model::{
    id::{RunId, WorkspaceId},
    options::Choice,
    receipt::Receipt,
    row::KeptRow,
    run::{Admission, RunKind, RunStatus, RunSummary, Stage, Way},
    verdict::{ContractRef, Verdict},
};
use sqlx::FromRow;
use std::error::Error;

/// All that is known of a run when it begins, enough to do it again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewRun {
    pub id: RunId,
    pub workspace: WorkspaceId,
    pub kind: RunKind,
    /// The run that the rows of a correction came from.
    pub origin: Option<RunId>,
    pub file_name: String,
    pub file_bytes: u64,
    pub media_type: String,
    /// BLAKE3 in hexadecimal; the raw file lies under it.
    pub file_digest: String,
    pub file_sha256: String,
    pub way: Way,
    pub note: Option<String>,
    pub choice: Choice,
    /// Whole seconds, Z.
    pub evaluated_at: String,
    pub clock_replaced: bool,
    pub contract: ContractRef,
    /// The contract in its canonical form, which is kept once for each fingerprint. None for a run that was begun
    /// before these texts were kept.
    pub contract_text: Option<String>,
    pub browser_receipt: Option<Receipt>,
    pub admission: Admission,
    /// The run whose place it is to take.
    pub replaces: Option<RunId>,
}

/// A run that is to be done by this process.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claimed {
    pub run: NewRun,
    pub actor: String,
    /// Someone began it before, and something may be left of that.
    pub redone: bool,
}

/// What came of the wish to begin a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Begun {
    New,
    /// The workspace judged, or is judging, these bytes under this contract; nothing was begun.
    Earlier(Box<RunSummary>),
}

impl Store {
    /// Begins a run, with the entry `run.begun`, for whoever claims it first. The raw file must be finished before. Unless `again`, an
    /// earlier run that did not fail is given instead; of two that come at once, one begins.
    /// The actor and the time of the run are those of `mark`. None begins where the disk has no room to set
    /// aside for writing down how it ends.
    pub async fn begin_run(
        &self,
        run: &NewRun,
        again: bool,
        mark: &Mark,
    ) -> Result<Begun, StoreError> {
        self.begin(run, again, mark, false).await
    }

    /// As `begin_run`, of a file that has just come. Not found where it was removed meanwhile, since the same bytes were
    /// refused to another sender.
    pub async fn begin_file_run(
        &self,
        run: &NewRun,
        again: bool,
        mark: &Mark,
    ) -> Result<Begun, StoreError> {
        self.begin(run, again, mark, true).await
    }

    async fn begin(
        &self,
        run: &NewRun,
        again: bool,
        mark: &Mark,
        looks: bool,
    ) -> Result<Begun, StoreError> {
        self.db.set_aside().await?;
        let mut tx = self.db.begin().await?;
        let workspace = &run.workspace;
        tx.lock(Lock::Chain, workspace.as_str()).await?;
        if !again {
            let earlier = crate::read::earlier(
                &mut tx,
                workspace,
                &run.file_digest,
                &run.contract.fingerprint,
                Some(&run.choice),
            );
            if let Some(earlier) = earlier.await? {
                return Ok(Begun::Earlier(Box::new(earlier)));
            }
        }
        if looks && !self.raw.has(workspace, &run.file_digest).await? {
            return Err(StoreError::NotFound);
        }
        insert(&mut tx, run, 0, mark).await?;
        tx.commit().await?;
        Ok(Begun::New)
    }

    /// Removes a file that had come whole and is not taken, with the entry `upload.refused`, unless a run or an upload has
    /// the same bytes. Whether it was removed.
    pub async fn refuse_file(
        &self,
        workspace: &WorkspaceId,
        digest: &str,
        mark: &Mark,
    ) -> Result<bool, StoreError> {
        let mut tx = self.db.begin().await?;
        // Nobody begins a run of it as long as this is held.
        tx.lock(Lock::Chain, workspace.as_str()).await?;
        let spoken_for: Option<(i64,)> = row!(
            &mut tx,
            "SELECT number FROM runs WHERE workspace = $1 AND file_digest = $2 \
             UNION ALL SELECT file_bytes FROM uploads WHERE workspace = $1 AND file_digest = $2 AND completed_at IS NULL LIMIT 1",
            workspace.as_str(),
            digest
        )?;
        if spoken_for.is_some() || !self.raw.has(workspace, digest).await? {
            return Ok(false);
        }
        self.raw.remove(workspace, digest).await?;
        let mark = mark.clone().with("file_digest", digest);
        entry::append(&mut tx, workspace, None, "upload.refused", &mark).await?;
        tx.commit().await?;
        Ok(true)
    }

    /// Refuses the files that had come whole to processes which ended before a run of them began.
    pub async fn refuse_left_behind(&self, mark: &Mark) -> Result<(), StoreError> {
        let folder = self.raw.folder().to_owned();
        let left = self
            .lease
            .among(move |alive| raw::sweep(&folder, alive))
            .await?;
        for file in left {
            self.refuse_file(&file.workspace, &file.digest, mark)
                .await?;
            raw::remove(&file.folder)?;
        }
        Ok(())
    }

    /// Begins a stage of a run that is going on, with the entry `stage.begun`.
    pub async fn begin_stage(
        &self,
        workspace: &WorkspaceId,
        run: &RunId,
        stage: Stage,
        rows_in: u64,
        mark: &Mark,
    ) -> Result<(), StoreError> {
        let mut tx = self.db.begin().await?;
        let going = self.going(&mut tx, workspace, run).await?;
        let (event, mark) = going.begin_stage(&mut tx, stage, rows_in, mark).await?;
        going.note(&mut tx, event, &mark).await?;
        tx.commit().await
    }

    /// Ends a stage that was begun, with the entry `stage.ended`. One that began before its rows were counted
    /// took in what comes out.
    pub async fn end_stage(
        &self,
        workspace: &WorkspaceId,
        run: &RunId,
        stage: Stage,
        rows_out: u64,
        mark: &Mark,
    ) -> Result<(), StoreError> {
        let mut tx = self.db.begin().await?;
        let going = self.going(&mut tx, workspace, run).await?;
        let (event, mark) = going.end_stage(&mut tx, stage, rows_out, mark).await?;
        going.note(&mut tx, event, &mark).await?;
        tx.commit().await
    }

    /// Keeps rows with findings of a run that is going on, durably; nobody sees them before it ends.
    pub async fn keep(
        &self,
        workspace: &WorkspaceId,
        run: &RunId,
        rows: &[KeptRow],
    ) -> Result<(), StoreError> {
        let mut keeping = self.keeping(workspace, run).await?;
        keeping.keep(rows).await?;
        keeping.finish().await
    }

    /// Ends a run as held, with its whole verdict and the entry `run.held`. What was kept is seen from now
    /// on; nothing of it is in the ledger. `reason` is for people, and says what to do.
    pub async fn hold_run(
        &self,
        workspace: &WorkspaceId,
        run: &RunId,
        verdict: &Verdict,
        reason: &str,
        mark: &Mark,
    ) -> Result<Checkpoint, StoreError> {
        let mut tx = self.db.begin().await?;
        let going = self.going(&mut tx, workspace, run).await?;
        kept::balanced(&mut tx, &going, verdict).await?;
        // It will never count; the run that releases it counts for itself.
        gathered::forget(&mut tx, workspace, going.number).await?;
        let end = End {
            status: RunStatus::Held,
            event: "run.held",
            verdict: Some(verdict),
            reason,
        };
        let last = going.end(&mut tx, &end, mark).await?;
        tx.commit().await?;
        Ok(last)
    }

    /// Ends a run as failed, with the entry `run.failed`. The raw file stays; what the run kept so far is seen
    /// by nobody, and is cleared now or, where the disk has no room to do so, at a later start. On a full disk
    /// it takes the room set aside.
    pub async fn fail_run(
        &self,
        workspace: &WorkspaceId,
        run: &RunId,
        reason: &str,
        mark: &Mark,
    ) -> Result<Checkpoint, StoreError> {
        let last = match self.try_fail(workspace, run, reason, mark).await {
            Err(StoreError::Full(_)) if self.db.spend().await => {
                self.try_fail(workspace, run, reason, mark).await?
            }
            done => done?,
        };
        // Clearing writes much and ending writes little: a full disk must not keep a run from ending.
        if let Err(error) = self.clear_failed().await {
            let error: &dyn Error = &error;
            tracing::warn!(%run, error, "what a failed run kept is not cleared yet");
        }
        Ok(last)
    }

    async fn try_fail(
        &self,
        workspace: &WorkspaceId,
        run: &RunId,
        reason: &str,
        mark: &Mark,
    ) -> Result<Checkpoint, StoreError> {
        let mut tx = self.db.begin().await?;
        let going = self.going(&mut tx, workspace, run).await?;
        let end = End {
            status: RunStatus::Failed,
            event: "run.failed",
            verdict: None,
            reason,
        };
        let last = going.end(&mut tx, &end, mark).await?;
        tx.commit().await?;
        Ok(last)
    }

    /// The oldest run, of all workspaces, that nobody does yet. It belongs to this process from now on: of several
    /// processes that ask, one gets it. `doing` are those that this one still does: where they were taken from it,
    /// another has to do them, or the two would be told apart by nothing.
    pub async fn claim(&self, doing: &[RunId]) -> Result<Option<Claimed>, StoreError> {
        let doing = json(&doing)?;
        let mut look = self.db.read().await?;
        let waiting: Option<(i64,)> = row!(
            &mut look,
            "SELECT number FROM runs WHERE status = 'running' AND lease = 0 \
             AND id NOT IN (SELECT value FROM json_each($1)) LIMIT 1",
            doing.as_str()
        )?;
        drop(look);
        if waiting.is_none() {
            return Ok(None);
        }
        let mut tx = self.db.begin().await?;
        let sql = match &tx {
            Tx::Sqlite(_) => {
                "UPDATE runs SET lease = $1 WHERE number = (SELECT number FROM runs \
                 WHERE status = 'running' AND lease = 0 AND id NOT IN (SELECT value FROM json_each($2)) \
                 ORDER BY number LIMIT 1) RETURNING number"
            }
            Tx::Postgres(_) => {
                "UPDATE runs SET lease = $1 WHERE number = (SELECT number FROM runs \
                 WHERE status = 'running' AND lease = 0 AND id NOT IN (SELECT value FROM json_each($2)) \
                 ORDER BY number LIMIT 1 FOR UPDATE SKIP LOCKED) RETURNING number"
            }
        };
        let claimed: Option<(i64,)> = row!(&mut tx, sql, integer(self.owner())?, doing.as_str())?;
        let Some((number,)) = claimed else {
            return Ok(None);
        };
        let facts: Option<Facts> = row!(
            &mut tx,
            "SELECT r.*, c.text AS contract_text, EXISTS (SELECT 1 FROM stages s \
             WHERE s.workspace = r.workspace AND s.run = r.number) AS redone \
             FROM runs r LEFT JOIN contracts c \
             ON c.workspace = r.workspace AND c.fingerprint = r.contract_fingerprint \
             WHERE r.number = $1",
            number
        )?;
        let claimed = facts.ok_or(StoreError::NotFound)?.claimed()?;
        tx.commit().await?;
        Ok(Some(claimed))
    }

    /// Lets anybody claim the runs whose process is gone, and tells how many they are. `doing` are those that this
    /// process knows it does: one that belongs to it without its knowing was claimed just when the database went away.
    /// What failed runs left behind is cleared on the way.
    pub async fn release_orphans(&self, doing: &[RunId]) -> Result<u64, StoreError> {
        let mut look = self.db.read().await?;
        let going: Vec<(i64, i64, String)> = rows!(
            &mut look,
            "SELECT number, lease, id FROM runs WHERE status = 'running' AND lease <> 0"
        )?;
        drop(look);
        // Asked after the runs, so that whoever took one meanwhile is among the living.
        let alive = self.alive().await?;
        let mut released = 0;
        for (number, lease, id) in going {
            let owner = natural(lease)?;
            let goes_on = if owner == self.owner() {
                doing.iter().any(|it| it.as_str() == id)
            } else {
                alive.contains(&owner)
            };
            if !goes_on {
                let mut tx = self.db.begin().await?;
                let sql = match &tx {
                    Tx::Sqlite(_) => {
                        "UPDATE runs SET lease = 0 WHERE number = $1 AND lease = $2 AND status = 'running'"
                    }
                    // A transaction of the silent process that still lasts has to end first.
                    Tx::Postgres(_) => {
                        "UPDATE runs SET lease = 0 WHERE number = (SELECT number FROM runs \
                         WHERE number = $1 AND lease = $2 AND status = 'running' FOR UPDATE SKIP LOCKED)"
                    }
                };
                released += execute!(&mut tx, sql, number, lease)?;
                tx.commit().await?;
            }
        }
        if let Err(error) = self.clear_failed().await {
            let error: &dyn Error = &error;
            tracing::warn!(error, "what failed runs kept is not cleared yet");
        }
        Ok(released)
    }

    async fn clear_failed(&self) -> Result<(), StoreError> {
        let mut look = self.db.read().await?;
        let left: Vec<(i64, String, String)> = rows!(
            &mut look,
            "SELECT number, workspace, id FROM runs r WHERE status = 'failed' AND EXISTS \
             (SELECT 1 FROM kept_totals t WHERE t.workspace = r.workspace AND t.run = r.number)"
        )?;
        drop(look);
        for (number, workspace, id) in left {
            let (workspace, id) = (from_word(&workspace)?, entry::run_id(id)?);
            let failed = Going {
                workspace: &workspace,
                id: &id,
                number,
                owner: self.owner(),
            };
            let mut tx = self.db.begin().await?;
            kept::clear(&mut tx, &failed).await?;
            tx.commit().await?;
        }
        Ok(())
    }

    /// Clears what a run that was cut off kept, its stages too, so that it can be done again under the same
    /// id; with the entry `run.restarted`.
    pub async fn restart_run(
        &self,
        workspace: &WorkspaceId,
        run: &RunId,
        mark: &Mark,
    ) -> Result<(), StoreError> {
        let mut tx = self.db.begin().await?;
        let going = self.going(&mut tx, workspace, run).await?;
        kept::clear(&mut tx, &going).await?;
        execute!(
            &mut tx,
            "DELETE FROM stages WHERE workspace = $1 AND run = $2",
            workspace.as_str(),
            going.number
        )?;
        going.note(&mut tx, "run.restarted", mark).await?;
        tx.commit().await
    }
}

/// Begins a run, with the entry `run.begun`, for the process that has this number, and gives the run's own. Part of the
/// caller's transaction.
pub(crate) async fn insert(
    tx: &mut Tx,
    run: &NewRun,
    lease: u64,
    mark: &Mark,
) -> Result<i64, StoreError> {
    let (workspace, contract) = (&run.workspace, &run.contract);
    let last = entry::append(tx, workspace, Some(&run.id), "run.begun", mark).await?;
    let receipt = run.browser_receipt.as_ref().map(json).transpose()?;
    if let Some(text) = &run.contract_text {
        keep_contract(tx, workspace, contract, text).await?;
    }
    let inserted: Option<(i64,)> = row!(
        tx,
        "INSERT INTO runs (workspace, id, kind, origin, status, lease, file_name, file_bytes, media_type, \
         file_digest, file_sha256, way, actor, note, choice, evaluated_at, clock_replaced, contract, \
         contract_version, contract_fingerprint, browser_receipt, admission, replaces, created_at, \
         entry_sequence, entry_hash) \
         VALUES ($1, $2, $3, $4, 'running', $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, \
         $19, $20, $21, $22, $23, $24, $25) RETURNING number",
        workspace.as_str(),
        run.id.as_str(),
        word(run.kind)?,
        run.origin.as_ref().map(RunId::as_str),
        integer(lease)?,
        run.file_name.as_str(),
        integer(run.file_bytes)?,
        run.media_type.as_str(),
        run.file_digest.as_str(),
        run.file_sha256.as_str(),
        word(run.way)?,
        mark.actor.as_str(),
        run.note.as_deref(),
        json(&run.choice)?,
        run.evaluated_at.as_str(),
        run.clock_replaced,
        contract.name.as_str(),
        contract.version.as_str(),
        contract.fingerprint.as_str(),
        receipt,
        run.admission.as_str(),
        run.replaces.as_ref().map(RunId::as_str),
        mark.time.as_str(),
        integer(last.sequence)?,
        last.hash
    )?;
    let (number,) = inserted.ok_or(StoreError::NotFound)?;
    Ok(number)
}

#[derive(FromRow)]
struct Facts {
    workspace: String,
    id: String,
    kind: String,
    origin: Option<String>,
    actor: String,
    file_name: String,
    file_bytes: i64,
    media_type: String,
    file_digest: String,
    file_sha256: String,
    way: String,
    note: Option<String>,
    choice: String,
    evaluated_at: String,
    clock_replaced: bool,
    contract: String,
    contract_version: String,
    contract_fingerprint: String,
    contract_text: Option<String>,
    browser_receipt: Option<String>,
    admission: String,
    replaces: Option<String>,
    redone: bool,
}

impl Facts {
    fn claimed(self) -> Result<Claimed, StoreError> {
        let receipt = self.browser_receipt.as_deref().map(from_json);
        let run = NewRun {
            id: entry::run_id(self.id)?,
            workspace: from_word(&self.workspace)?,
            kind: from_word(&self.kind)?,
            origin: self.origin.map(entry::run_id).transpose()?,
            file_name: self.file_name,
            file_bytes: natural(self.file_bytes)?,
            media_type: self.media_type,
            file_digest: self.file_digest,
            file_sha256: self.file_sha256,
            way: from_word(&self.way)?,
            note: self.note,
            choice: from_json(&self.choice)?,
            evaluated_at: self.evaluated_at,
            clock_replaced: self.clock_replaced,
            contract: ContractRef {
                name: self.contract,
                version: self.contract_version,
                fingerprint: self.contract_fingerprint,
            },
            contract_text: self.contract_text,
            browser_receipt: receipt.transpose()?,
            admission: from_word(&self.admission)?,
            replaces: self.replaces.map(entry::run_id).transpose()?,
        };
        Ok(Claimed {
            run,
            actor: self.actor,
            redone: self.redone,
        })
    }
}

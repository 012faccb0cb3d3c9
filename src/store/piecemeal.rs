//! Files that come in piecemeal: what is known of each until its run has begun, and for a while after. Their bytes lie
//! in the data folder ([`crate::RawFiles::take_over`]).

use crate::{
    Store,
    db::{Lock, Tx, execute, row, rows},
    entry::{self, Mark},
    error::StoreError,
    word::{from_word, integer, natural},
};
use model::id::{RunId, UploadId, WorkspaceId};
use sqlx::FromRow;

/// A file that is announced.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewPiecemeal {
    pub workspace: WorkspaceId,
    pub id: UploadId,
    pub bytes: u64,
    /// What was said of it, for the caller alone to read.
    pub said: String,
    /// When it is to be removed, in the form of the times of entries.
    pub expires_at: String,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PiecemealState {
    pub file: NewPiecemeal,
    pub actor: String,
    pub begun_at: String,
    /// Known once all of it has arrived.
    pub whole: Option<Whole>,
    /// Its run has begun, or is an earlier one.
    pub completed: bool,
}

/// A file that has arrived. Digests are lowercase hexadecimal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Whole {
    pub blake3: String,
    pub sha256: String,
    /// Drawn before the run begins, so that it begins once, whatever is cut off in between.
    pub run: RunId,
}

impl Store {
    /// Announces a file, with the entry `upload.begun`.
    pub async fn begin_piecemeal(
        &self,
        file: &NewPiecemeal,
        mark: &Mark,
    ) -> Result<(), StoreError> {
        let mut tx = self.db.begin().await?;
        entry::append(&mut tx, &file.workspace, None, "upload.begun", mark).await?;
        execute!(
            &mut tx,
            "INSERT INTO uploads (workspace, id, file_bytes, said, actor, begun_at, expires_at) \
             VALUES ($1, $2, $3, $4, $5, $6, $7)",
            file.workspace.as_str(),
            file.id.as_str(),
            integer(file.bytes)?,
            file.said.as_str(),
            mark.actor.as_str(),
            mark.time.as_str(),
            file.expires_at.as_str(),
        )?;
        tx.commit().await
    }

    pub async fn piecemeal(
        &self,
        workspace: &WorkspaceId,
        id: &UploadId,
    ) -> Result<Option<PiecemealState>, StoreError> {
        let mut tx = self.db.read().await?;
        find(&mut tx, workspace, id).await
    }

    /// Those of a workspace whose run has not begun, oldest first.
    pub async fn coming_in(
        &self,
        workspace: &WorkspaceId,
    ) -> Result<Vec<PiecemealState>, StoreError> {
        let mut tx = self.db.read().await?;
        let rows: Vec<Row> = rows!(
            &mut tx,
            "SELECT * FROM uploads WHERE workspace = $1 AND completed_at IS NULL ORDER BY id",
            workspace.as_str(),
        )?;
        rows.into_iter().map(Row::state).collect()
    }

    /// Those of all workspaces whose run has not begun, for a process that starts.
    pub async fn all_coming_in(&self) -> Result<Vec<PiecemealState>, StoreError> {
        let mut tx = self.db.read().await?;
        let rows: Vec<Row> = rows!(
            &mut tx,
            "SELECT * FROM uploads WHERE completed_at IS NULL ORDER BY id",
        )?;
        rows.into_iter().map(Row::state).collect()
    }

    /// Those of all workspaces whose time is over.
    pub async fn expired(&self, now: &str) -> Result<Vec<PiecemealState>, StoreError> {
        let mut tx = self.db.read().await?;
        let rows: Vec<Row> = rows!(
            &mut tx,
            "SELECT * FROM uploads WHERE expires_at <= $1 ORDER BY id",
            now,
        )?;
        rows.into_iter().map(Row::state).collect()
    }

    /// Keeps what was found of a file that has arrived. Where that was kept already, it stays and is given.
    pub async fn keep_whole(
        &self,
        workspace: &WorkspaceId,
        id: &UploadId,
        whole: &Whole,
    ) -> Result<Whole, StoreError> {
        let mut tx = self.db.begin().await?;
        // From now on the file is spoken for: see `Store::refuse_file`.
        tx.lock(Lock::Chain, workspace.as_str()).await?;
        execute!(
            &mut tx,
            "UPDATE uploads SET file_digest = $3, file_sha256 = $4, run = $5 \
             WHERE workspace = $1 AND id = $2 AND run IS NULL",
            workspace.as_str(),
            id.as_str(),
            whole.blake3.as_str(),
            whole.sha256.as_str(),
            whole.run.as_str(),
        )?;
        let kept = find(&mut tx, workspace, id).await?;
        tx.commit().await?;
        kept.and_then(|it| it.whole).ok_or(StoreError::NotFound)
    }

    /// Says which run it became, with the entry `upload.completed`. False where that was said before.
    pub async fn complete_piecemeal(
        &self,
        workspace: &WorkspaceId,
        id: &UploadId,
        run: &RunId,
        mark: &Mark,
    ) -> Result<bool, StoreError> {
        let mut tx = self.db.begin().await?;
        let changed = execute!(
            &mut tx,
            "UPDATE uploads SET run = $3, completed_at = $4 \
             WHERE workspace = $1 AND id = $2 AND completed_at IS NULL",
            workspace.as_str(),
            id.as_str(),
            run.as_str(),
            mark.time.as_str(),
        )?;
        if changed > 0 {
            entry::append(&mut tx, workspace, Some(run), "upload.completed", mark).await?;
        }
        tx.commit().await?;
        Ok(changed > 0)
    }

    /// Forgets a file; where its run had not begun, with an entry of this event. False where it is not known.
    pub async fn forget_piecemeal(
        &self,
        workspace: &WorkspaceId,
        id: &UploadId,
        event: &str,
        mark: &Mark,
    ) -> Result<bool, StoreError> {
        let mut tx = self.db.begin().await?;
        let Some(found) = find(&mut tx, workspace, id).await? else {
            return Ok(false);
        };
        let changed = execute!(
            &mut tx,
            "DELETE FROM uploads WHERE workspace = $1 AND id = $2",
            workspace.as_str(),
            id.as_str(),
        )?;
        if changed > 0 && !found.completed {
            entry::append(&mut tx, workspace, None, event, mark).await?;
        }
        tx.commit().await?;
        Ok(changed > 0)
    }
}

async fn find(
    tx: &mut Tx,
    workspace: &WorkspaceId,
    id: &UploadId,
) -> Result<Option<PiecemealState>, StoreError> {
    let found: Option<Row> = row!(
        tx,
        "SELECT * FROM uploads WHERE workspace = $1 AND id = $2",
        workspace.as_str(),
        id.as_str(),
    )?;
    found.map(Row::state).transpose()
}

#[derive(FromRow)]
struct Row {
    workspace: String,
    id: String,
    file_bytes: i64,
    said: String,
    actor: String,
    begun_at: String,
    expires_at: String,
    file_digest: Option<String>,
    file_sha256: Option<String>,
    run: Option<String>,
    completed_at: Option<String>,
}

impl Row {
    fn state(self) -> Result<PiecemealState, StoreError> {
        let whole = match (self.file_digest, self.file_sha256, self.run) {
            (Some(blake3), Some(sha256), Some(run)) => Some(Whole {
                blake3,
                sha256,
                run: entry::run_id(run)?,
            }),
            _ => None,
        };
        Ok(PiecemealState {
            file: NewPiecemeal {
                workspace: from_word(&self.workspace)?,
                id: from_word(&self.id)?,
                bytes: natural(self.file_bytes)?,
                said: self.said,
                expires_at: self.expires_at,
            },
            actor: self.actor,
            begun_at: self.begun_at,
            whole,
            completed: self.completed_at.is_some(),
        })
    }
}

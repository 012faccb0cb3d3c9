//! A run that is going on: what may change of it, each change with its entry.

use crate::{
    db::Tx,
    entry::{self, Mark},
    error::StoreError,
    word::{integer, json},
};
use audit::Checkpoint;
use model::{
    id::{RunId, WorkspaceId},
    money::Money,
    run::{RunStatus, Stage},
    verdict::{MoneyFigures, Verdict},
};
use sqlx::SqliteConnection;

/// A run that is going on, by its short number.
pub(crate) struct Going<'a> {
    pub(crate) workspace: &'a WorkspaceId,
    pub(crate) id: &'a RunId,
    pub(crate) number: i64,
}

/// How a run ends, other than complete.
pub(super) struct End<'a> {
    pub(super) status: RunStatus,
    pub(super) event: &'a str,
    pub(super) verdict: Option<&'a Verdict>,
    pub(super) reason: &'a str,
}

impl<'a> Going<'a> {
    /// Conflict where it has ended.
    pub(crate) async fn find(
        connection: &mut SqliteConnection,
        workspace: &'a WorkspaceId,
        id: &'a RunId,
    ) -> Result<Self, StoreError> {
        let found: Option<(i64, String)> =
            sqlx::query_as("SELECT number, status FROM runs WHERE workspace = $1 AND id = $2")
                .bind(workspace.as_str())
                .bind(id.as_str())
                .fetch_optional(connection)
                .await?;
        let (number, status) = found.ok_or(StoreError::NotFound)?;
        if status != RunStatus::Running.as_str() {
            return Err(StoreError::Conflict(None));
        }
        Ok(Self {
            workspace,
            id,
            number,
        })
    }

    /// Appends an entry of this run and keeps its place with the run.
    pub(crate) async fn note(
        &self,
        tx: &mut Tx,
        event: &str,
        mark: &Mark,
    ) -> Result<Checkpoint, StoreError> {
        let last = entry::append(tx, self.workspace, Some(self.id), event, mark).await?;
        let updated =
            sqlx::query("UPDATE runs SET entry_sequence = $2, entry_hash = $3 WHERE number = $1")
                .bind(self.number)
                .bind(integer(last.sequence)?)
                .bind(last.hash.as_str())
                .execute(&mut **tx)
                .await?;
        one(updated.rows_affected())?;
        Ok(last)
    }

    pub(crate) async fn begin_stage(
        &self,
        tx: &mut Tx,
        stage: Stage,
        rows_in: u64,
        mark: &Mark,
    ) -> Result<(), StoreError> {
        let place = Stage::ALL.iter().position(|it| *it == stage).unwrap_or(0);
        sqlx::query(
            "INSERT INTO stages (workspace, run, stage, place, started_at, rows_in, rows_out) \
             VALUES ($1, $2, $3, $4, $5, $6, 0)",
        )
        .bind(self.workspace.as_str())
        .bind(self.number)
        .bind(stage.as_str())
        .bind(i64::try_from(place).map_err(StoreError::corrupt)?)
        .bind(mark.time.as_str())
        .bind(integer(rows_in)?)
        .execute(&mut **tx)
        .await?;
        let mark = mark
            .clone()
            .with("stage", stage.as_str())
            .with("rows_in", rows_in);
        self.note(tx, "stage.begun", &mark).await?;
        Ok(())
    }

    pub(crate) async fn end_stage(
        &self,
        tx: &mut Tx,
        stage: Stage,
        rows_out: u64,
        mark: &Mark,
    ) -> Result<(), StoreError> {
        let updated = sqlx::query(
            "UPDATE stages SET ended_at = $4, rows_out = $5, \
             rows_in = CASE WHEN rows_in < $5 THEN $5 ELSE rows_in END \
             WHERE workspace = $1 AND run = $2 AND stage = $3 AND ended_at IS NULL",
        )
        .bind(self.workspace.as_str())
        .bind(self.number)
        .bind(stage.as_str())
        .bind(mark.time.as_str())
        .bind(integer(rows_out)?)
        .execute(&mut **tx)
        .await?;
        one(updated.rows_affected())?;
        let mark = mark
            .clone()
            .with("stage", stage.as_str())
            .with("rows_out", rows_out);
        self.note(tx, "stage.ended", &mark).await?;
        Ok(())
    }

    pub(super) async fn end(
        &self,
        tx: &mut Tx,
        end: &End<'_>,
        mark: &Mark,
    ) -> Result<Checkpoint, StoreError> {
        let last = self.note(tx, end.event, mark).await?;
        if let Some(verdict) = end.verdict {
            self.judged(tx, verdict, 0).await?;
        }
        self.status(tx, end.status, Some(end.reason), mark).await?;
        Ok(last)
    }

    /// Writes the verdict and its figures, which the table's own checks compare.
    pub(crate) async fn judged(
        &self,
        tx: &mut Tx,
        verdict: &Verdict,
        found_by_server: u64,
    ) -> Result<(), StoreError> {
        let sum = |pick: fn(&MoneyFigures) -> Money| {
            verdict.money.as_ref().map(|it| pick(it).0.to_string())
        };
        let updated = sqlx::query(
            "UPDATE runs SET verdict = $2, rows_read = $3, rows_accepted = $4, rows_exceptions = $5, \
             money_read = $6, money_accepted = $7, money_exceptions = $8, found_by_server = $9 \
             WHERE number = $1",
        )
        .bind(self.number)
        .bind(json(verdict)?)
        .bind(integer(verdict.rows.read)?)
        .bind(integer(verdict.rows.accepted)?)
        .bind(integer(verdict.rows.exceptions)?)
        .bind(sum(|it| it.read))
        .bind(sum(|it| it.accepted))
        .bind(sum(|it| it.exceptions))
        .bind(integer(found_by_server)?)
        .execute(&mut **tx)
        .await?;
        one(updated.rows_affected())
    }

    /// The last change of a run: from then on nothing of it can be changed.
    pub(crate) async fn status(
        &self,
        tx: &mut Tx,
        status: RunStatus,
        reason: Option<&str>,
        mark: &Mark,
    ) -> Result<(), StoreError> {
        let updated = sqlx::query(
            "UPDATE runs SET status = $2, ended_at = $3, reason = $4 WHERE number = $1",
        )
        .bind(self.number)
        .bind(status.as_str())
        .bind(mark.time.as_str())
        .bind(reason)
        .execute(&mut **tx)
        .await?;
        one(updated.rows_affected())
    }
}

fn one(rows: u64) -> Result<(), StoreError> {
    if rows == 1 {
        Ok(())
    } else {
        Err(StoreError::Conflict(None))
    }
}

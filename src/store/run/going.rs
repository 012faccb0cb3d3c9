//! A run that is going on: what may change of it, each change with its entry.

use crate::{
    Store,
    db::{Tx, execute, row},
    entry::{self, Mark},
    error::StoreError,
    insert::Value,
    quality,
    word::{integer, json, natural},
};
use audit::Checkpoint;
use model::{
    id::{RunId, WorkspaceId},
    money::Money,
    run::{RunStatus, Stage},
    verdict::{MoneyFigures, Verdict},
};

/// A run that is going on, by its short number.
pub(crate) struct Going<'a> {
    pub(crate) workspace: &'a WorkspaceId,
    pub(crate) id: &'a RunId,
    pub(crate) number: i64,
    /// The process that does it. Whoever lost a run to another changes nothing of it any more.
    pub(crate) owner: u64,
}

/// How a run ends, other than complete.
pub(super) struct End<'a> {
    pub(super) status: RunStatus,
    pub(super) event: &'a str,
    pub(super) verdict: Option<&'a Verdict>,
    pub(super) reason: &'a str,
}

macro_rules! going {
    ($lock:literal) => {
        concat!(
            "SELECT number, status, lease FROM runs WHERE workspace = $1 AND id = $2",
            $lock
        )
    };
}

impl Store {
    /// A run that is going on and is this process's. Conflict where it has ended or is another's.
    pub(crate) async fn going<'a>(
        &self,
        tx: &mut Tx,
        workspace: &'a WorkspaceId,
        id: &'a RunId,
    ) -> Result<Going<'a>, StoreError> {
        // Taken for gone, it would be another's before this transaction ends.
        let sql = match tx {
            Tx::Sqlite(_) => going!(""),
            Tx::Postgres(_) => going!(" FOR NO KEY UPDATE"),
        };
        self.one_of_mine(tx, sql, workspace, id).await
    }

    /// As [`Self::going`], in a transaction that changes nothing of the run itself: another one can, meanwhile.
    pub(crate) async fn going_beside<'a>(
        &self,
        tx: &mut Tx,
        workspace: &'a WorkspaceId,
        id: &'a RunId,
    ) -> Result<Going<'a>, StoreError> {
        let sql = match tx {
            Tx::Sqlite(_) => going!(""),
            Tx::Postgres(_) => going!(" FOR KEY SHARE"),
        };
        self.one_of_mine(tx, sql, workspace, id).await
    }

    async fn one_of_mine<'a>(
        &self,
        tx: &mut Tx,
        sql: &'static str,
        workspace: &'a WorkspaceId,
        id: &'a RunId,
    ) -> Result<Going<'a>, StoreError> {
        let found: Option<(i64, String, i64)> = row!(tx, sql, workspace.as_str(), id.as_str())?;
        let (number, status, lease) = found.ok_or(StoreError::NotFound)?;
        if status != RunStatus::Running.as_str() || natural(lease)? != self.owner() {
            return Err(StoreError::Conflict(None));
        }
        Ok(Going {
            workspace,
            id,
            number,
            owner: self.owner(),
        })
    }
}

impl<'a> Going<'a> {
    /// Its columns in every table of rows.
    pub(crate) fn shared(&self) -> [Value<'a>; 2] {
        [
            Value::Text(Some(self.workspace.as_str())),
            Value::Integer(Some(self.number)),
        ]
    }

    /// Appends an entry of this run and keeps its place with the run.
    pub(crate) async fn note(
        &self,
        tx: &mut Tx,
        event: &str,
        mark: &Mark,
    ) -> Result<Checkpoint, StoreError> {
        let last = entry::append(tx, self.workspace, Some(self.id), event, mark).await?;
        let updated = execute!(
            tx,
            "UPDATE runs SET entry_sequence = $2, entry_hash = $3 WHERE number = $1 AND lease = $4",
            self.number,
            integer(last.sequence)?,
            last.hash.as_str(),
            integer(self.owner)?
        )?;
        one(updated)?;
        Ok(last)
    }

    /// Gives the entry that belongs to it, for [`Going::note`].
    pub(crate) async fn begin_stage(
        &self,
        tx: &mut Tx,
        stage: Stage,
        rows_in: u64,
        mark: &Mark,
    ) -> Result<(&'static str, Mark), StoreError> {
        let place = Stage::ALL.iter().position(|it| *it == stage).unwrap_or(0);
        execute!(
            tx,
            "INSERT INTO stages (workspace, run, stage, place, started_at, rows_in, rows_out) \
             VALUES ($1, $2, $3, $4, $5, $6, 0)",
            self.workspace.as_str(),
            self.number,
            stage.as_str(),
            i64::try_from(place).map_err(StoreError::corrupt)?,
            mark.time.as_str(),
            integer(rows_in)?
        )?;
        let mark = mark
            .clone()
            .with("stage", stage.as_str())
            .with("rows_in", rows_in);
        Ok(("stage.begun", mark))
    }

    /// As [`Going::begin_stage`].
    pub(crate) async fn end_stage(
        &self,
        tx: &mut Tx,
        stage: Stage,
        rows_out: u64,
        mark: &Mark,
    ) -> Result<(&'static str, Mark), StoreError> {
        let updated = execute!(
            tx,
            "UPDATE stages SET ended_at = $4, rows_out = $5, \
             rows_in = CASE WHEN rows_in < $5 THEN $5 ELSE rows_in END \
             WHERE workspace = $1 AND run = $2 AND stage = $3 AND ended_at IS NULL",
            self.workspace.as_str(),
            self.number,
            stage.as_str(),
            mark.time.as_str(),
            integer(rows_out)?
        )?;
        one(updated)?;
        let mark = mark
            .clone()
            .with("stage", stage.as_str())
            .with("rows_out", rows_out);
        Ok(("stage.ended", mark))
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
        let updated = execute!(
            tx,
            "UPDATE runs SET verdict = $2, rows_read = $3, rows_accepted = $4, rows_exceptions = $5, \
             money_read = $6, money_accepted = $7, money_exceptions = $8, found_by_server = $9 \
             WHERE number = $1",
            self.number,
            json(verdict)?,
            integer(verdict.rows.read)?,
            integer(verdict.rows.accepted)?,
            integer(verdict.rows.exceptions)?,
            sum(|it| it.read),
            sum(|it| it.accepted),
            sum(|it| it.exceptions),
            integer(found_by_server)?
        )?;
        one(updated)?;
        quality::keep(tx, self.workspace, self.number, verdict).await
    }

    /// The last change of a run: from then on nothing of it can be changed.
    pub(crate) async fn status(
        &self,
        tx: &mut Tx,
        status: RunStatus,
        reason: Option<&str>,
        mark: &Mark,
    ) -> Result<(), StoreError> {
        let updated = execute!(
            tx,
            "UPDATE runs SET status = $2, ended_at = $3, reason = $4 WHERE number = $1",
            self.number,
            status.as_str(),
            mark.time.as_str(),
            reason
        )?;
        one(updated)
    }
}

fn one(rows: u64) -> Result<(), StoreError> {
    if rows == 1 {
        Ok(())
    } else {
        Err(StoreError::Conflict(None))
    }
}

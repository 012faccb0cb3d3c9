//! Runs as pages and API show them.

use crate::{
    Store,
    db::{Tx, row, rows},
    entry::run_id,
    error::StoreError,
    exception::{self, sums},
    ledger::kinds::next_rows,
    word::{from_json, from_word, integer, json, money, natural, sum, word},
};
use model::{
    exception::{ExceptionFigures, ExceptionPart},
    id::{RunId, WorkspaceId},
    money::Money,
    options::Choice,
    row::{LedgerRow, Text},
    run::{Run, RunKind, RunList, RunStatus, RunSummary, StageRecord, Withdrawal},
    verdict::Verdict,
};
use sqlx::FromRow;
use std::collections::{BTreeMap, BTreeSet};

/// Runs as their summaries need them. What left of a run one by one is in an index of its own; what left with a run that
/// was withdrawn is not looked at, since nothing of it counts.
macro_rules! summaries {
    ($where:literal) => {
        concat!(
            "SELECT r.*, w.time AS withdrawn_at, w.actor AS withdrawn_by, w.reason AS withdrawn_why, w.replaced_by, ",
            $crate::read::left!("count(*)", "rows_left"),
            ", ",
            $crate::read::left!("CAST(sum(l.money / 1000000000) AS BIGINT)", "money_left_high"),
            ", ",
            $crate::read::left!("CAST(sum(l.money % 1000000000) AS BIGINT)", "money_left_low"),
            " FROM runs r LEFT JOIN withdrawals w ON w.workspace = r.workspace AND w.run = r.number WHERE ",
            $where
        )
    };
}

macro_rules! left {
    ($sum:literal, $name:literal) => {
        concat!(
            "CASE WHEN r.status = 'complete' AND w.run IS NULL THEN (SELECT ",
            $sum,
            " FROM ledger l WHERE l.scope = (SELECT s.number FROM ledger_scopes s WHERE s.workspace = r.workspace \
             AND s.contract = r.contract) AND l.run = r.number AND NOT l.counts) END AS ",
            $name
        )
    };
}

pub(crate) use {left, summaries};

impl Store {
    /// Runs older than `before`, newest first, at most `limit`: those of one kind, or all. Those that go on and failed ones
    /// are among them.
    pub async fn runs(
        &self,
        workspace: &WorkspaceId,
        kind: Option<RunKind>,
        before: Option<&RunId>,
        limit: u32,
    ) -> Result<RunList, StoreError> {
        // "run_g" is above every id, since their digits are hexadecimal.
        let before = before.map_or("run_g", RunId::as_str);
        let mut tx = self.db.read().await?;
        // Each has an index of its own.
        let sql = match kind {
            Some(_) => {
                summaries!(
                    "r.workspace = $1 AND r.kind = $4 AND r.id < $2 ORDER BY r.id DESC LIMIT $3"
                )
            }
            None => summaries!("r.workspace = $1 AND r.id < $2 ORDER BY r.id DESC LIMIT $3"),
        };
        let rows: Vec<SummaryColumns> = rows!(
            &mut tx,
            sql,
            workspace.as_str(),
            before,
            i64::from(limit) + 1,
            kind.map(word).transpose()?
        )?;
        let kinds: Vec<(String, i64)> = rows!(
            &mut tx,
            "SELECT kind, count(*) FROM runs WHERE workspace = $1 GROUP BY kind",
            workspace.as_str()
        )?;
        let runs: Result<Vec<RunSummary>, StoreError> =
            rows.into_iter().map(SummaryColumns::summary).collect();
        let mut runs = runs?;
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        let more = runs.len() > limit;
        runs.truncate(limit);
        let next = runs.last().map(|it| it.id.clone()).filter(|_| more);
        let (mut files, mut corrections) = (0, 0);
        for (kind, count) in kinds {
            *match from_word(&kind)? {
                RunKind::File => &mut files,
                RunKind::Correction => &mut corrections,
            } = natural(count)?;
        }
        Ok(RunList {
            runs,
            next,
            files,
            corrections,
        })
    }

    /// One run, whole. While it is going on its verdict is None.
    pub async fn run(&self, workspace: &WorkspaceId, id: &RunId) -> Result<Run, StoreError> {
        let mut tx = self.db.read().await?;
        let found: Option<RunColumns> = row!(
            &mut tx,
            summaries!("r.workspace = $1 AND r.id = $2"),
            workspace.as_str(),
            id.as_str()
        )?;
        let columns = found.ok_or(StoreError::NotFound)?;
        let stages: Vec<StageColumns> = rows!(
            &mut tx,
            "SELECT stage, started_at, ended_at, rows_in, rows_out FROM stages \
             WHERE workspace = $1 AND run = $2 ORDER BY place",
            workspace.as_str(),
            columns.number
        )?;
        let figures = exception::figures(&mut tx, workspace, columns.number).await?;
        columns.run(stages, figures)
    }

    /// The verdicts of those of these runs that were judged.
    pub async fn verdicts(
        &self,
        workspace: &WorkspaceId,
        runs: &BTreeSet<&RunId>,
    ) -> Result<BTreeMap<RunId, Verdict>, StoreError> {
        let runs: Vec<&str> = runs.iter().map(|it| it.as_str()).collect();
        let mut tx = self.db.read().await?;
        let found: Vec<(String, String)> = rows!(
            &mut tx,
            "SELECT r.id, r.verdict FROM json_each($2) w CROSS JOIN runs r \
             WHERE r.workspace = $1 AND r.id = w.value AND r.verdict IS NOT NULL",
            workspace.as_str(),
            json(&runs)?
        )?;
        let verdicts = found.into_iter();
        verdicts
            .map(|(id, verdict)| Ok((run_id(id)?, from_json(&verdict)?)))
            .collect()
    }

    /// The newest run of these bytes under this contract that did not fail: complete, held or going on. With
    /// `choice`, only one that was read in the same way.
    pub async fn earlier(
        &self,
        workspace: &WorkspaceId,
        file_digest: &str,
        contract_fingerprint: &str,
        choice: Option<&Choice>,
    ) -> Result<Option<RunSummary>, StoreError> {
        let mut tx = self.db.read().await?;
        earlier(
            &mut tx,
            workspace,
            file_digest,
            contract_fingerprint,
            choice,
        )
        .await
    }

    /// Rows that a run brought into the ledger and that count, after `after` in order of record, at most
    /// `limit`.
    pub async fn ledger(
        &self,
        workspace: &WorkspaceId,
        run: &RunId,
        after: u64,
        limit: u32,
    ) -> Result<Vec<LedgerRow>, StoreError> {
        let mut tx = self.db.read().await?;
        let Some(number) = visible(&mut tx, workspace, run).await? else {
            return Ok(Vec::new());
        };
        let rows: Vec<LedgerColumns> = rows!(
            &mut tx,
            concat!(
                "SELECT record, line, row_key, day, region, product, sku, category, quantity, unit_price, money FROM ",
                next_rows!("run = $1 AND record > $2 AND counts ORDER BY record LIMIT $3"),
                " l ORDER BY record"
            ),
            number,
            integer(after)?,
            i64::from(limit)
        )?;
        rows.into_iter().map(LedgerColumns::row).collect()
    }

    /// Rows that a run brought into the ledger, whether they count or not, by their places among them from 0, in order
    /// of record. Where there is none, none is given.
    pub async fn brought(
        &self,
        workspace: &WorkspaceId,
        run: &RunId,
        places: impl IntoIterator<Item = u64>,
    ) -> Result<Vec<LedgerRow>, StoreError> {
        let mut tx = self.db.read().await?;
        let mut brought = Vec::new();
        let Some(number) = visible(&mut tx, workspace, run).await? else {
            return Ok(brought);
        };
        for place in places {
            let row: Option<LedgerColumns> = row!(
                &mut tx,
                concat!(
                    "SELECT record, line, row_key, day, region, product, sku, category, quantity, unit_price, money FROM ",
                    next_rows!("run = $1 ORDER BY record LIMIT 1 OFFSET $2"),
                    " l"
                ),
                number,
                integer(place)?
            )?;
            brought.extend(row.map(LedgerColumns::row).transpose()?);
        }
        Ok(brought)
    }
}

pub(crate) async fn earlier(
    tx: &mut Tx,
    workspace: &WorkspaceId,
    file_digest: &str,
    contract_fingerprint: &str,
    choice: Option<&Choice>,
) -> Result<Option<RunSummary>, StoreError> {
    let found: Vec<ChosenColumns> = rows!(
        tx,
        summaries!(
            "r.workspace = $1 AND r.file_digest = $2 AND r.contract_fingerprint = $3 AND r.status <> 'failed' \
             AND w.run IS NULL ORDER BY r.number DESC"
        ),
        workspace.as_str(),
        file_digest,
        contract_fingerprint
    )?;
    for columns in found {
        let chosen: Choice = from_json(&columns.choice)?;
        if choice.is_none_or(|it| *it == chosen) {
            return columns.summary.summary().map(Some);
        }
    }
    Ok(None)
}

#[derive(FromRow)]
struct ChosenColumns {
    #[sqlx(flatten)]
    summary: SummaryColumns,
    choice: String,
}

/// The short number of a run whose rows may be seen: complete or held. Not found where there is no such run.
pub(crate) async fn visible(
    tx: &mut Tx,
    workspace: &WorkspaceId,
    run: &RunId,
) -> Result<Option<i64>, StoreError> {
    let found: Option<(i64, String)> = row!(
        tx,
        "SELECT number, status FROM runs WHERE workspace = $1 AND id = $2",
        workspace.as_str(),
        run.as_str()
    )?;
    let (number, status) = found.ok_or(StoreError::NotFound)?;
    Ok(match from_word(&status)? {
        RunStatus::Complete | RunStatus::Held => Some(number),
        RunStatus::Running | RunStatus::Failed => None,
    })
}

#[derive(FromRow)]
pub(crate) struct SummaryColumns {
    id: String,
    workspace: String,
    kind: String,
    origin: Option<String>,
    status: String,
    file_name: String,
    file_bytes: i64,
    file_digest: String,
    way: String,
    actor: String,
    created_at: String,
    ended_at: Option<String>,
    rows_read: Option<i64>,
    rows_accepted: Option<i64>,
    rows_exceptions: Option<i64>,
    money_accepted: Option<String>,
    money_exceptions: Option<String>,
    reason: Option<String>,
    admission: String,
    replaces: Option<String>,
    withdrawn_at: Option<String>,
    withdrawn_by: Option<String>,
    withdrawn_why: Option<String>,
    replaced_by: Option<String>,
    rows_left: Option<i64>,
    money_left_high: Option<i64>,
    money_left_low: Option<i64>,
}

impl SummaryColumns {
    pub(crate) fn summary(self) -> Result<RunSummary, StoreError> {
        let count = |it: Option<i64>| it.map(natural).transpose();
        let total = |it: Option<String>| it.map(|it| sum(&it).map(Money)).transpose();
        let rows_accepted = count(self.rows_accepted)?;
        let money_accepted = total(self.money_accepted)?;
        let status = from_word(&self.status)?;
        let counts = status == RunStatus::Complete && self.withdrawn_at.is_none();
        let rows_left = natural(self.rows_left.unwrap_or(0))?;
        let high = self.money_left_high.unwrap_or(0);
        let money_left = sums::money(high, self.money_left_low.unwrap_or(0));
        let rows_counting = |accepted: u64| {
            if counts {
                accepted.saturating_sub(rows_left)
            } else {
                0
            }
        };
        let money_counting = |accepted: Money| {
            if counts {
                accepted - money_left
            } else {
                Money::ZERO
            }
        };
        Ok(RunSummary {
            id: run_id(self.id)?,
            workspace: from_word(&self.workspace)?,
            kind: from_word(&self.kind)?,
            origin: self.origin.map(run_id).transpose()?,
            status,
            file_name: self.file_name,
            file_bytes: natural(self.file_bytes)?,
            file_digest: self.file_digest,
            way: from_word(&self.way)?,
            actor: self.actor,
            created_at: self.created_at,
            ended_at: self.ended_at,
            rows_read: count(self.rows_read)?,
            rows_accepted,
            rows_exceptions: count(self.rows_exceptions)?,
            money_accepted,
            money_exceptions: total(self.money_exceptions)?,
            rows_counting: rows_accepted.map(rows_counting),
            money_counting: money_accepted.map(money_counting),
            reason: self.reason,
            admission: from_word(&self.admission)?,
            replaces: self.replaces.map(run_id).transpose()?,
            withdrawn: match (self.withdrawn_at, self.withdrawn_by, self.withdrawn_why) {
                (Some(time), Some(actor), Some(reason)) => Some(Withdrawal {
                    time,
                    actor,
                    reason,
                    replaced_by: self.replaced_by.map(run_id).transpose()?,
                }),
                _ => None,
            },
        })
    }
}

#[derive(FromRow)]
struct RunColumns {
    #[sqlx(flatten)]
    summary: SummaryColumns,
    number: i64,
    media_type: String,
    file_sha256: String,
    note: Option<String>,
    choice: String,
    evaluated_at: String,
    clock_replaced: bool,
    verdict: Option<String>,
    browser_receipt: Option<String>,
    found_by_server: i64,
    entry_sequence: i64,
    entry_hash: String,
}

impl RunColumns {
    fn run(
        self,
        stages: Vec<StageColumns>,
        later: (ExceptionPart, ExceptionPart),
    ) -> Result<Run, StoreError> {
        let stages: Result<_, StoreError> = stages.into_iter().map(StageColumns::stage).collect();
        let summary = self.summary.summary()?;
        let (entered, rejected) = later;
        // What entered later and what was rejected are counted; the others are open.
        let (all, money) = match summary.status {
            RunStatus::Complete | RunStatus::Held => {
                (summary.rows_exceptions, summary.money_exceptions)
            }
            RunStatus::Running | RunStatus::Failed => (None, None),
        };
        let open = ExceptionPart {
            rows: all
                .unwrap_or(0)
                .saturating_sub(entered.rows + rejected.rows),
            money: money.unwrap_or_default() - entered.money - rejected.money,
        };
        Ok(Run {
            summary,
            exceptions: ExceptionFigures {
                open,
                entered,
                rejected,
            },
            media_type: self.media_type,
            file_sha256: self.file_sha256,
            note: self.note,
            choice: from_json(&self.choice)?,
            evaluated_at: self.evaluated_at,
            clock_replaced: self.clock_replaced,
            stages: stages?,
            verdict: self.verdict.as_deref().map(from_json).transpose()?,
            browser_receipt: self.browser_receipt.as_deref().map(from_json).transpose()?,
            found_by_server: natural(self.found_by_server)?,
            last_entry: Some((natural(self.entry_sequence)?, self.entry_hash)),
        })
    }
}

#[derive(FromRow)]
struct StageColumns {
    stage: String,
    started_at: String,
    ended_at: Option<String>,
    rows_in: i64,
    rows_out: i64,
}

impl StageColumns {
    fn stage(self) -> Result<StageRecord, StoreError> {
        Ok(StageRecord {
            stage: from_word(&self.stage)?,
            started_at: self.started_at,
            ended_at: self.ended_at,
            rows_in: natural(self.rows_in)?,
            rows_out: natural(self.rows_out)?,
        })
    }
}

#[derive(FromRow)]
pub(crate) struct LedgerColumns {
    pub(crate) record: i64,
    pub(crate) line: i64,
    pub(crate) row_key: Option<String>,
    pub(crate) day: Option<String>,
    pub(crate) region: Option<String>,
    pub(crate) product: Option<String>,
    pub(crate) sku: Option<String>,
    pub(crate) category: Option<String>,
    pub(crate) quantity: Option<i64>,
    pub(crate) unit_price: Option<i64>,
    pub(crate) money: Option<i64>,
}

impl LedgerColumns {
    pub(crate) fn row(self) -> Result<LedgerRow, StoreError> {
        Ok(LedgerRow {
            record: natural(self.record)?,
            line: natural(self.line)?,
            key: self.row_key.map(Text::from),
            day: self.day.map(Text::from),
            region: self.region.map(Text::from),
            product: self.product.map(Text::from),
            sku: self.sku.map(Text::from),
            category: self.category.map(Text::from),
            quantity: self.quantity,
            unit_price: money(self.unit_price),
            money: money(self.money),
        })
    }
}

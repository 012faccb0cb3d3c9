//! Where a text is: a key in the ledger and among the exceptions, and runs by id, file name or digest. Each look is one
//! into an index, but for file names, whose index is read whole.

use crate::{
    Store,
    db::{Tx, rows},
    entry::run_id,
    error::StoreError,
    kept::{KeptColumns, StoredRow},
    ledger::standing::{Standing, standing, told},
    read::{SummaryColumns, summaries},
};
use model::{
    id::{RunId, WorkspaceId},
    ledger::StandingRow,
    run::RunSummary,
    search::FoundBy,
};
use sqlx::FromRow;

/// The shortest beginning of a digest that is looked for.
const SHORTEST: usize = 6;

/// What a text was found as, with the rows not rendered yet.
#[derive(Debug, Default)]
pub struct Found {
    pub rows: Vec<StandingRow>,
    /// With the run that each is of, and its file's name.
    pub exceptions: Vec<(RunId, String, StoredRow)>,
    pub runs: Vec<(FoundBy, RunSummary)>,
}

impl Store {
    /// What `text` is in the workspace, of each kind at most `limit`.
    pub async fn search(
        &self,
        workspace: &WorkspaceId,
        text: &str,
        limit: u32,
    ) -> Result<Found, StoreError> {
        let mut tx = self.db.read().await?;
        let workspace = workspace.as_str();
        let limit = i64::from(limit);
        let mut found = Found::default();
        let key = tx.key_index(text).into_owned();
        macro_rules! having {
            ($counts:literal) => {
                standing!(
                    "ledger_scopes s CROSS JOIN ",
                    concat!(
                        "s.workspace = $1 AND l.scope = s.number AND ",
                        $counts,
                        " AND l.key_index = $2 AND l.row_key = $3 ORDER BY l.run DESC, l.record DESC LIMIT $4"
                    )
                )
            };
        }
        for sql in [having!("l.counts"), having!("NOT l.counts")] {
            let rows: Vec<Standing> = rows!(&mut tx, sql, workspace, key.as_str(), text, limit)?;
            found.rows.extend(told(&mut tx, workspace, rows).await?);
        }
        let exceptions: Vec<Columns> = rows!(
            &mut tx,
            "SELECT r.id AS run_id, r.file_name, k.record, k.line, k.raw, k.category, k.money, k.region, \
             k.product, k.product_category, k.state, \
             k.row_key, k.findings FROM kept_rows k CROSS JOIN runs r WHERE r.number = k.run AND k.workspace = $1 \
             AND substr(k.row_key, 1, 48) = substr($2, 1, 48) AND k.row_key = $2 AND k.row_key IS NOT NULL \
             AND k.category IS NOT NULL AND r.status IN ('complete', 'held') \
             ORDER BY k.run DESC, k.record DESC LIMIT $3",
            workspace,
            text,
            limit
        )?;
        for it in exceptions {
            let run = run_id(it.run_id)?;
            found.exceptions.push((run, it.file_name, it.row.stored()?));
        }
        for (by, run) in which_runs(&mut tx, workspace, text, limit).await? {
            if !found.runs.iter().any(|(_, it)| it.id == run) {
                found
                    .runs
                    .push((by, summary(&mut tx, workspace, &run).await?));
            }
        }
        Ok(found)
    }
}

#[derive(FromRow)]
struct Columns {
    run_id: String,
    file_name: String,
    #[sqlx(flatten)]
    row: KeptColumns,
}

async fn which_runs(
    tx: &mut Tx,
    workspace: &str,
    text: &str,
    limit: i64,
) -> Result<Vec<(FoundBy, RunId)>, StoreError> {
    let lower = text.to_lowercase();
    let digits = lower.strip_prefix("run_").unwrap_or(&lower);
    let hex = digits.len() >= SHORTEST && digits.bytes().all(|it| it.is_ascii_hexdigit());
    let mut all = Vec::new();
    if hex {
        // Below "g" is what begins with these digits and goes on.
        let from = |begin: &str| (begin.to_owned(), format!("{begin}g"));
        let (first, last) = from(&format!("run_{digits}"));
        let ids: Vec<(String,)> = rows!(
            tx,
            "SELECT id FROM runs WHERE workspace = $1 AND id >= $2 AND id < $3 ORDER BY id DESC LIMIT $4",
            workspace,
            first,
            last,
            limit
        )?;
        all.extend(ids.into_iter().map(|(it,)| (FoundBy::Id, it)));
        if digits == lower {
            let (first, last) = from(digits);
            for (by, sql) in [
                (
                    FoundBy::Blake3,
                    "SELECT id FROM runs WHERE workspace = $1 AND file_digest >= $2 AND file_digest < $3 \
                     ORDER BY id DESC LIMIT $4",
                ),
                (
                    FoundBy::Sha256,
                    "SELECT id FROM runs WHERE workspace = $1 AND file_sha256 >= $2 AND file_sha256 < $3 \
                     ORDER BY id DESC LIMIT $4",
                ),
                (
                    FoundBy::Contract,
                    "SELECT id FROM runs WHERE workspace = $1 AND contract_fingerprint IN (SELECT fingerprint \
                     FROM contracts WHERE workspace = $1 AND fingerprint >= $2 AND fingerprint < $3) \
                     ORDER BY id DESC LIMIT $4",
                ),
            ] {
                let ids: Vec<(String,)> =
                    rows!(tx, sql, workspace, first.as_str(), last.as_str(), limit)?;
                all.extend(ids.into_iter().map(|(it,)| (by, it)));
            }
        }
    }
    let plain = lower
        .replace('\\', "\\\\")
        .replace('%', "\\%")
        .replace('_', "\\_");
    let named: Vec<(String,)> = rows!(
        tx,
        "SELECT id FROM runs WHERE workspace = $1 AND lower(file_name) LIKE $2 ESCAPE '\\' \
         ORDER BY id DESC LIMIT $3",
        workspace,
        format!("%{plain}%"),
        limit
    )?;
    all.extend(named.into_iter().map(|(it,)| (FoundBy::FileName, it)));
    let runs = all.into_iter().map(|(by, id)| Ok((by, run_id(id)?)));
    runs.collect()
}

async fn summary(tx: &mut Tx, workspace: &str, run: &RunId) -> Result<RunSummary, StoreError> {
    let found: Option<SummaryColumns> = crate::db::row!(
        tx,
        summaries!("r.workspace = $1 AND r.id = $2"),
        workspace,
        run.as_str()
    )?;
    found.ok_or(StoreError::NotFound)?.summary()
}

//! Rows that were corrected by hand, the last ones first, to find what is corrected often.

use super::read::Columns;
use crate::{
    Store,
    db::{Tx, rows},
    entry::run_id,
    error::StoreError,
    word::{from_json, json},
};
use model::{
    id::{RunId, WorkspaceId},
    options::{Choice, Options},
    row::KeptRow,
    verdict::Verdict,
};
use sqlx::FromRow;
use std::collections::BTreeMap;

/// So many corrections are looked at.
const CORRECTIONS: i64 = 2_000;
/// Of so many runs at most.
const RUNS: usize = 100;
/// Corrections before submit are looked for in so many runs.
const SUBMITTED: i64 = 200;

/// A run, as far as something was corrected in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CorrectedRun {
    pub run: RunId,
    pub options: Options,
    /// What was laid down before submit, corrections among it.
    pub choice: Choice,
    pub rows: Vec<CorrectedRow>,
}

/// An exception, and one correction of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CorrectedRow {
    /// As the run found it.
    pub row: KeptRow,
    /// The cells that were corrected; None where they were those of the file.
    pub before: Option<Vec<String>>,
    pub after: Vec<String>,
}

impl Store {
    /// The last corrections of a workspace in runs under the contract of this name: of exceptions, where these were not
    /// opened again since, and those that came with a file. What is further back is not looked at, so that this takes the
    /// same time at any age.
    pub async fn corrected(
        &self,
        workspace: &WorkspaceId,
        contract: &str,
    ) -> Result<Vec<CorrectedRun>, StoreError> {
        let mut tx = self.db.read().await?;
        let found: Vec<RowColumns> = rows!(
            &mut tx,
            "SELECT c.run AS number, c.cells AS corrected, \
             (SELECT b.cells FROM exception_changes b WHERE b.workspace = c.workspace AND b.run = c.run \
             AND b.record = c.record AND b.version < c.version AND b.cells IS NOT NULL \
             AND NOT EXISTS (SELECT 1 FROM exception_changes o WHERE o.workspace = c.workspace AND o.run = c.run \
             AND o.record = c.record AND o.version > b.version AND o.version < c.version AND o.event = 'reopened') \
             ORDER BY b.version DESC LIMIT 1) AS cells_before, \
             k.record, k.line, k.raw, k.category, k.money, k.region, k.product, k.product_category, k.state, k.version, k.assignee, k.row_key, \
             k.findings \
             FROM (SELECT workspace, run, record, version, cells, time FROM exception_changes \
             WHERE workspace = $1 AND event = 'corrected' AND cells IS NOT NULL ORDER BY time DESC LIMIT $2) c \
             JOIN kept_rows k ON k.workspace = c.workspace AND k.run = c.run AND k.record = c.record \
             WHERE NOT EXISTS (SELECT 1 FROM exception_changes l WHERE l.workspace = c.workspace AND l.run = c.run \
             AND l.record = c.record AND l.version > c.version AND l.event = 'reopened') \
             ORDER BY c.time DESC, c.run DESC, c.record DESC, c.version DESC",
            workspace.as_str(),
            CORRECTIONS
        )?;
        let mut rows: BTreeMap<i64, Vec<CorrectedRow>> = BTreeMap::new();
        for columns in found {
            if rows.len() < RUNS || rows.contains_key(&columns.number) {
                let (number, row) = columns.row()?;
                rows.entry(number).or_default().push(row);
            }
        }
        let submitted: Vec<(i64,)> = rows!(
            &mut tx,
            "SELECT number FROM (SELECT number, contract, choice FROM runs WHERE workspace = $1 \
             ORDER BY number DESC LIMIT $3) r WHERE contract = $2 AND choice LIKE '%\"corrections\":%'",
            workspace.as_str(),
            contract,
            SUBMITTED
        )?;
        for (number,) in submitted.into_iter().take(RUNS) {
            rows.entry(number).or_default();
        }
        let numbers: Vec<i64> = rows.keys().copied().collect();
        let runs = runs(&mut tx, workspace, contract, &numbers).await?;
        let runs = runs.into_iter().filter_map(|it| {
            let verdict: Verdict = from_json(it.verdict.as_deref()?).ok()?;
            let rows = rows.remove(&it.number)?;
            Some(it.run(verdict.options, rows))
        });
        runs.collect()
    }
}

async fn runs(
    tx: &mut Tx,
    workspace: &WorkspaceId,
    contract: &str,
    numbers: &[i64],
) -> Result<Vec<RunColumns>, StoreError> {
    Ok(rows!(
        tx,
        "SELECT number, id, choice, verdict FROM runs WHERE workspace = $1 AND contract = $2 \
         AND status = 'complete' \
         AND number IN (SELECT CAST(value AS BIGINT) FROM json_each($3)) ORDER BY number DESC",
        workspace.as_str(),
        contract,
        json(&numbers)?
    )?)
}

#[derive(FromRow)]
struct RunColumns {
    number: i64,
    id: String,
    choice: String,
    verdict: Option<String>,
}

impl RunColumns {
    fn run(self, options: Options, rows: Vec<CorrectedRow>) -> Result<CorrectedRun, StoreError> {
        Ok(CorrectedRun {
            run: run_id(self.id)?,
            options,
            choice: from_json(&self.choice)?,
            rows,
        })
    }
}

#[derive(FromRow)]
struct RowColumns {
    number: i64,
    corrected: String,
    cells_before: Option<String>,
    #[sqlx(flatten)]
    row: Columns,
}

impl RowColumns {
    fn row(self) -> Result<(i64, CorrectedRow), StoreError> {
        let row = CorrectedRow {
            row: self.row.exception(Vec::new())?.row,
            before: self.cells_before.as_deref().map(from_json).transpose()?,
            after: from_json(&self.corrected)?,
        };
        Ok((self.number, row))
    }
}

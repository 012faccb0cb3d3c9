//! Rows with findings on their way in: the rows whole, their findings slim, and how many answer each filter.

mod page;

pub use page::{KeptPage, StoredRow};

use crate::{
    db::Tx,
    error::StoreError,
    insert::{CHUNK, Insert, Values, placeholders},
    run::Going,
    word::{integer, json, natural, paise, sum},
};
use model::{
    control::Severity, exception::ExceptionState, finding::FindingData, money::Money, row::KeptRow,
    verdict::Verdict,
};
use sqlx::AssertSqlSafe;
use std::{
    collections::{BTreeMap, BTreeSet},
    mem,
    sync::Arc,
};

const ROWS: Insert = Insert {
    head: "INSERT INTO kept_rows (workspace, run, record, line, raw, category, money, state, warned, findings)",
    columns: 10,
    tail: "",
};

const FINDINGS: Insert = Insert {
    head: "INSERT INTO findings (workspace, run, code, record, place, severity, column_number)",
    columns: 7,
    tail: "",
};

/// Keeps rows whose records are not kept yet.
pub(crate) async fn keep(tx: &mut Tx, run: &Going<'_>, rows: &[KeptRow]) -> Result<(), StoreError> {
    let mut totals = Totals::default();
    for row in rows {
        totals.add(row, 1);
    }
    insert_rows(tx, run, rows).await?;
    let findings = rows.iter().flat_map(|row| placed(row, 0));
    insert_findings(tx, run, &findings.collect::<Vec<_>>()).await?;
    totals.write(tx, run).await
}

/// Keeps rows of which some may be kept already, as accepted ones with warnings: those keep their findings
/// and get the given ones behind them.
pub(crate) async fn keep_more(
    tx: &mut Tx,
    run: &Going<'_>,
    rows: &[KeptRow],
) -> Result<(), StoreError> {
    let mut totals = Totals::default();
    for chunk in rows.chunks(CHUNK) {
        let mut kept = page::by_records(tx, run, chunk.iter().map(|it| it.record)).await?;
        remove_rows(tx, run, kept.keys()).await?;
        let mut merged = chunk.to_vec();
        let mut known = Vec::with_capacity(chunk.len());
        for row in &mut merged {
            let Some(before) = kept.remove(&row.record) else {
                known.push(0);
                continue;
            };
            if before.is_exception() {
                return Err(StoreError::Conflict(None));
            }
            totals.add(&before, -1);
            known.push(before.findings.len());
            let added = mem::replace(&mut row.findings, before.findings);
            row.findings.extend(added);
        }
        for row in &merged {
            totals.add(row, 1);
        }
        insert_rows(tx, run, &merged).await?;
        let findings = merged.iter().zip(&known);
        let findings = findings.flat_map(|(row, known)| placed(row, *known));
        insert_findings(tx, run, &findings.collect::<Vec<_>>()).await?;
    }
    totals.write(tx, run).await
}

async fn insert_rows(tx: &mut Tx, run: &Going<'_>, rows: &[KeptRow]) -> Result<(), StoreError> {
    let workspace: Arc<str> = run.workspace.as_str().into();
    let new = ExceptionState::New.as_str();
    for chunk in rows.chunks(CHUNK) {
        let mut values = Values::default();
        for row in chunk {
            if row.category.is_some() != row.is_exception() {
                return Err(StoreError::Unbalanced(
                    "a row has a category exactly where it is an exception",
                ));
            }
            values.add(Arc::clone(&workspace))?;
            values.add(run.number)?;
            values.add(integer(row.record)?)?;
            values.add(integer(row.line)?)?;
            values.add(row.raw.as_slice())?;
            values.add(row.category.map(|it| it.as_str()))?;
            values.add(paise(row.money)?)?;
            values.add(row.category.map(|_| new))?;
            values.add(has(row, Severity::Warning))?;
            values.add(json(&row.findings)?)?;
        }
        ROWS.run(tx, chunk.len(), values).await?;
    }
    Ok(())
}

/// A finding with its row's record and its place in the row.
type Placed<'a> = (u64, usize, &'a FindingData);

fn placed(row: &KeptRow, from: usize) -> impl Iterator<Item = Placed<'_>> {
    let findings = row.findings.iter().enumerate().skip(from);
    findings.map(|(place, it)| (row.record, place, it))
}

async fn insert_findings(
    tx: &mut Tx,
    run: &Going<'_>,
    findings: &[Placed<'_>],
) -> Result<(), StoreError> {
    let workspace: Arc<str> = run.workspace.as_str().into();
    for chunk in findings.chunks(CHUNK) {
        let mut values = Values::default();
        for (record, place, finding) in chunk {
            values.add(Arc::clone(&workspace))?;
            values.add(run.number)?;
            values.add(finding.code.as_str())?;
            values.add(integer(*record)?)?;
            values.add(i64::try_from(*place).map_err(StoreError::corrupt)?)?;
            values.add(severity_word(finding.severity))?;
            values.add(finding.column.map(i64::from))?;
        }
        FINDINGS.run(tx, chunk.len(), values).await?;
    }
    Ok(())
}

async fn remove_rows(
    tx: &mut Tx,
    run: &Going<'_>,
    records: impl ExactSizeIterator<Item = &u64>,
) -> Result<(), StoreError> {
    if records.len() == 0 {
        return Ok(());
    }
    let sql = format!(
        "DELETE FROM kept_rows WHERE workspace = ? AND run = ? AND record IN ({})",
        placeholders(records.len())
    );
    let mut values = Values::default();
    values.add(run.workspace.as_str())?;
    values.add(run.number)?;
    for record in records {
        values.add(integer(*record)?)?;
    }
    sqlx::query_with(AssertSqlSafe(sql), values.into_arguments())
        .persistent(false)
        .execute(&mut **tx)
        .await?;
    Ok(())
}

/// Whether what is kept is what the verdict says: its exceptions, in rows and in money, to the last paisa.
pub(crate) async fn balanced(
    tx: &mut Tx,
    run: &Going<'_>,
    verdict: &Verdict,
) -> Result<(), StoreError> {
    let found: Option<(i64, String)> = sqlx::query_as(
        "SELECT row_count, money FROM kept_totals \
         WHERE workspace = $1 AND run = $2 AND severity = 'error' AND code = '' AND category = ''",
    )
    .bind(run.workspace.as_str())
    .bind(run.number)
    .fetch_optional(&mut **tx)
    .await?;
    let (rows, money) = found.unwrap_or((0, "0".into()));
    if natural(rows)? != verdict.rows.exceptions {
        return Err(StoreError::Unbalanced(
            "the rows kept are not the verdict's exceptions",
        ));
    }
    let kept = Money(sum(&money)?);
    if verdict.rows.read != verdict.rows.accepted + verdict.rows.exceptions {
        return Err(StoreError::Unbalanced(
            "rows read are not accepted and exceptions together",
        ));
    }
    let Some(figures) = &verdict.money else {
        return Ok(());
    };
    if kept != figures.exceptions {
        return Err(StoreError::Unbalanced(
            "the money kept is not that of the verdict's exceptions",
        ));
    }
    if figures.read != figures.accepted + figures.exceptions {
        return Err(StoreError::Unbalanced(
            "money read is not accepted and in exceptions together",
        ));
    }
    Ok(())
}

/// Forgets what a run that is going on, or failed, kept.
pub(crate) async fn clear(tx: &mut Tx, run: &Going<'_>) -> Result<(), StoreError> {
    for sql in [
        "DELETE FROM findings WHERE workspace = $1 AND run = $2",
        "DELETE FROM kept_totals WHERE workspace = $1 AND run = $2",
        "DELETE FROM kept_rows WHERE workspace = $1 AND run = $2",
    ] {
        sqlx::query(sql)
            .bind(run.workspace.as_str())
            .bind(run.number)
            .execute(&mut **tx)
            .await?;
    }
    Ok(())
}

pub(crate) const fn severity_word(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
    }
}

fn has(row: &KeptRow, severity: Severity) -> bool {
    row.findings.iter().any(|it| it.severity == severity)
}

/// Rows and money by severity, code and category, each of them also as "any", the empty text.
#[derive(Default)]
struct Totals(BTreeMap<(&'static str, String, &'static str), (i64, i128)>);

impl Totals {
    /// `sign` is 1 for a row that comes and -1 for one that goes.
    fn add(&mut self, row: &KeptRow, sign: i64) {
        let mut filters: BTreeSet<(&'static str, &str)> = BTreeSet::from([("", "")]);
        for finding in &row.findings {
            let severity = severity_word(finding.severity);
            filters.extend([
                (severity, ""),
                ("", finding.code.as_str()),
                (severity, finding.code.as_str()),
            ]);
        }
        let money = row.money.map_or(0, |it| it.0) * i128::from(sign);
        for (severity, code) in filters {
            let category = row.category.map(|it| it.as_str());
            for category in [Some(""), category].into_iter().flatten() {
                let key = (severity, code.to_owned(), category);
                let (rows, sum) = self.0.entry(key).or_default();
                *rows += sign;
                *sum += money;
            }
        }
    }

    async fn write(self, tx: &mut Tx, run: &Going<'_>) -> Result<(), StoreError> {
        for ((severity, code, category), (rows, money)) in self.0 {
            let found: Option<(i64, String)> = sqlx::query_as(
                "SELECT row_count, money FROM kept_totals \
                 WHERE workspace = $1 AND run = $2 AND severity = $3 AND code = $4 AND category = $5",
            )
            .bind(run.workspace.as_str())
            .bind(run.number)
            .bind(severity)
            .bind(code.as_str())
            .bind(category)
            .fetch_optional(&mut **tx)
            .await?;
            let (rows_before, money_before) = found.unwrap_or((0, "0".into()));
            sqlx::query(
                "INSERT INTO kept_totals (workspace, run, severity, code, category, row_count, money) \
                 VALUES ($1, $2, $3, $4, $5, $6, $7) \
                 ON CONFLICT (workspace, run, severity, code, category) \
                 DO UPDATE SET row_count = excluded.row_count, money = excluded.money",
            )
            .bind(run.workspace.as_str())
            .bind(run.number)
            .bind(severity)
            .bind(code.as_str())
            .bind(category)
            .bind(rows_before + rows)
            .bind((sum(&money_before)? + money).to_string())
            .execute(&mut **tx)
            .await?;
        }
        Ok(())
    }
}

//! Rows with findings on their way in: the rows whole, their findings slim, and how many answer each filter.

mod keeping;
mod page;

pub use keeping::Keeping;
pub(crate) use page::KeptColumns;
pub use page::{KeptPage, StoredRow};

use crate::{
    db::{Tx, execute, row},
    error::StoreError,
    exception::gathered::{self, Gathered},
    insert::{Insert, Kind, Value},
    run::Going,
    texts::Texts,
    word::{integer, json, natural, paise, sum},
};
use hashbrown::HashMap;
use model::{
    control::{Category, Severity},
    exception::ExceptionState,
    finding::FindingData,
    money::Money,
    row::KeptRow,
    verdict::Verdict,
};
use std::mem;

const ROWS: Insert<2, 12> = Insert {
    table: "kept_rows",
    shared: ["workspace", "run"],
    columns: [
        ("record", Kind::Integer),
        ("line", Kind::Integer),
        ("raw", Kind::Bytes),
        ("category", Kind::Word),
        ("money", Kind::Integer),
        ("region", Kind::Word),
        ("product", Kind::Word),
        ("product_category", Kind::Word),
        ("state", Kind::Word),
        ("row_key", Kind::Text),
        ("warned", Kind::Flag),
        ("findings", Kind::Text),
    ],
    tail: "",
};

const FINDINGS: Insert<2, 5> = Insert {
    table: "findings",
    shared: ["workspace", "run"],
    columns: [
        ("code", Kind::Word),
        ("record", Kind::Integer),
        ("place", Kind::Integer),
        ("severity", Kind::Word),
        ("column_number", Kind::Integer),
    ],
    tail: "",
};

const COLUMNS: Insert<2, 4> = Insert {
    table: "kept_columns",
    shared: ["workspace", "run"],
    columns: [
        ("column_number", Kind::Integer),
        ("code", Kind::Word),
        ("failed", Kind::Integer),
        ("row_count", Kind::Integer),
    ],
    tail: "ON CONFLICT (workspace, run, column_number, code) DO UPDATE SET \
           failed = kept_columns.failed + excluded.failed, \
           row_count = kept_columns.row_count + excluded.row_count",
};

/// Rows that are merged with what is kept of them at a time.
const MERGED: usize = 512;

/// Keeps rows whose records are not kept yet.
pub(crate) async fn keep(tx: &mut Tx, run: &Going<'_>, rows: &[KeptRow]) -> Result<(), StoreError> {
    let mut totals = Totals::default();
    add(tx, run, rows, &mut totals).await?;
    totals.write(tx, run).await
}

async fn add(
    tx: &mut Tx,
    run: &Going<'_>,
    rows: &[KeptRow],
    totals: &mut Totals,
) -> Result<(), StoreError> {
    insert_rows(tx, run, rows, &mut |row| totals.add(row, 1)).await?;
    let findings = rows.iter().flat_map(|row| placed(row, 0));
    insert_findings(tx, run, &findings.collect::<Vec<_>>()).await
}

/// Keeps rows of which some may be kept already, as accepted ones with warnings: those keep their findings
/// and get the given ones behind them.
pub(crate) async fn keep_more(
    tx: &mut Tx,
    run: &Going<'_>,
    rows: &[KeptRow],
) -> Result<(), StoreError> {
    let mut totals = Totals::default();
    for chunk in rows.chunks(MERGED) {
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
        insert_rows(tx, run, &merged, &mut |_| {}).await?;
        let findings = merged.iter().zip(&known);
        let findings = findings.flat_map(|(row, known)| placed(row, *known));
        insert_findings(tx, run, &findings.collect::<Vec<_>>()).await?;
    }
    totals.write(tx, run).await
}

async fn insert_rows(
    tx: &mut Tx,
    run: &Going<'_>,
    rows: &[KeptRow],
    meanwhile: &mut (dyn FnMut(&KeptRow) + Send),
) -> Result<(), StoreError> {
    let with_texts = rows.iter().map(|row| Ok((row, json(&row.findings)?)));
    let with_texts = with_texts.collect::<Result<Vec<_>, StoreError>>()?;
    let mut meanwhile = |some: &[(&KeptRow, String)]| {
        some.iter().for_each(|(row, _)| meanwhile(row));
    };
    ROWS.run_while(tx, run.shared(), &with_texts, &values, &mut meanwhile)
        .await?;
    Ok(())
}

/// Of a row, whose findings are given as text.
fn values<'a>((row, findings): &'a (&KeptRow, String)) -> Result<[Value<'a>; 12], StoreError> {
    if row.category.is_some() != row.is_exception() {
        return Err(StoreError::Unbalanced(
            "a row has a category exactly where it is an exception",
        ));
    }
    let new = row.category.map(|_| ExceptionState::New.as_str());
    Ok([
        Value::Integer(Some(integer(row.record)?)),
        Value::Integer(Some(integer(row.line)?)),
        Value::Bytes(&row.raw),
        Value::Text(row.category.map(|it| it.as_str())),
        Value::Integer(paise(row.money)?),
        Value::Text(row.region.as_deref()),
        Value::Text(row.product.as_deref()),
        Value::Text(row.product_category.as_deref()),
        Value::Text(new),
        Value::Text(row.key.as_deref()),
        Value::Flag(has(row, Severity::Warning)),
        Value::Text(Some(findings)),
    ])
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
    let values = findings.iter().map(|(record, place, finding)| {
        Ok([
            Value::Text(Some(finding.code.as_str())),
            Value::Integer(Some(integer(*record)?)),
            Value::Integer(Some(i64::try_from(*place).map_err(StoreError::corrupt)?)),
            Value::Text(Some(severity_word(finding.severity))),
            Value::Integer(finding.column.map(i64::from)),
        ])
    });
    let values = values.collect::<Result<Vec<_>, StoreError>>()?;
    FINDINGS.run(tx, run.shared(), &values).await?;
    Ok(())
}

async fn remove_rows(
    tx: &mut Tx,
    run: &Going<'_>,
    records: impl Iterator<Item = &u64>,
) -> Result<(), StoreError> {
    let records: Vec<&u64> = records.collect();
    execute!(
        tx,
        "DELETE FROM kept_rows WHERE workspace = $1 AND run = $2 \
         AND record IN (SELECT CAST(value AS BIGINT) FROM json_each($3))",
        run.workspace.as_str(),
        run.number,
        json(&records)?
    )?;
    Ok(())
}

/// Whether what is kept is what the verdict says: its exceptions, in rows and in money, to the last paisa.
pub(crate) async fn balanced(
    tx: &mut Tx,
    run: &Going<'_>,
    verdict: &Verdict,
) -> Result<(), StoreError> {
    let found: Option<(i64, String)> = row!(
        tx,
        "SELECT row_count, money FROM kept_totals \
         WHERE workspace = $1 AND run = $2 AND severity = 'error' AND code = '' AND category = ''",
        run.workspace.as_str(),
        run.number
    )?;
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
    let (workspace, number) = (run.workspace.as_str(), run.number);
    for sql in [
        "DELETE FROM findings WHERE workspace = $1 AND run = $2",
        "DELETE FROM kept_totals WHERE workspace = $1 AND run = $2",
        "DELETE FROM kept_columns WHERE workspace = $1 AND run = $2",
        "DELETE FROM kept_rows WHERE workspace = $1 AND run = $2",
    ] {
        execute!(tx, sql, workspace, number)?;
    }
    gathered::forget(tx, run.workspace, number).await
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

/// Rows and money by what they are filtered by.
#[derive(Default)]
struct Totals {
    codes: Texts,
    all: HashMap<Filter, (i64, i128)>,
    /// Errors, and rows that have some, by column and a code's number.
    columns: HashMap<(u32, u32), (i64, i64)>,
    exceptions: Gathered,
}

/// Severity, a code's number and category; each of them may be any, which a code is as the empty text.
type Filter = (Option<Severity>, u32, Option<Category>);

impl Totals {
    /// `sign` is 1 for a row that comes and -1 for one that goes.
    fn add(&mut self, row: &KeptRow, sign: i64) {
        // A row that goes is no exception.
        if sign > 0 {
            self.exceptions.add(row);
        }
        let any = self.codes.number("");
        let mut filters = vec![(None, any)];
        for finding in &row.findings {
            let severity = Some(finding.severity);
            let code = self.codes.number(&finding.code);
            for filter in [(severity, any), (None, code), (severity, code)] {
                if !filters.contains(&filter) {
                    filters.push(filter);
                }
            }
        }
        let money = row.money.map_or(0, |it| it.0) * i128::from(sign);
        for (severity, code) in filters {
            let own = row.category.map(Some);
            for category in [Some(None), own].into_iter().flatten() {
                let (rows, sum) = self.all.entry((severity, code, category)).or_default();
                *rows += sign;
                *sum += money;
            }
        }
        let mut places = Vec::new();
        for finding in &row.findings {
            let (Severity::Error, Some(column)) = (finding.severity, finding.column) else {
                continue;
            };
            for place in [any, self.codes.number(&finding.code)].map(|code| (column, code)) {
                let (failed, rows) = self.columns.entry(place).or_default();
                *failed += sign;
                if !places.contains(&place) {
                    places.push(place);
                    *rows += sign;
                }
            }
        }
    }

    async fn write(self, tx: &mut Tx, run: &Going<'_>) -> Result<(), StoreError> {
        self.exceptions.write(tx, run.workspace, run.number).await?;
        let mut columns: Vec<_> = self.columns.into_iter().collect();
        columns.sort_unstable();
        let columns = columns.iter().map(|((column, code), (failed, rows))| {
            [
                Value::Integer(Some(i64::from(*column))),
                Value::Text(Some(self.codes.text(*code))),
                Value::Integer(Some(*failed)),
                Value::Integer(Some(*rows)),
            ]
        });
        let columns: Vec<_> = columns.collect();
        COLUMNS.run(tx, run.shared(), &columns).await?;
        let mut all: Vec<_> = self.all.into_iter().collect();
        all.sort_unstable_by_key(|(filter, _)| *filter);
        for ((severity, code, category), (rows, money)) in all {
            let severity = severity.map_or("", severity_word);
            let category = category.map_or("", Category::as_str);
            let code = self.codes.text(code);
            let found: Option<(i64, String)> = row!(
                tx,
                "SELECT row_count, money FROM kept_totals \
                 WHERE workspace = $1 AND run = $2 AND severity = $3 AND code = $4 AND category = $5",
                run.workspace.as_str(),
                run.number,
                severity,
                code,
                category
            )?;
            let (rows_before, money_before) = found.unwrap_or((0, "0".into()));
            execute!(
                tx,
                "INSERT INTO kept_totals (workspace, run, severity, code, category, row_count, money) \
                 VALUES ($1, $2, $3, $4, $5, $6, $7) \
                 ON CONFLICT (workspace, run, severity, code, category) \
                 DO UPDATE SET row_count = excluded.row_count, money = excluded.money",
                run.workspace.as_str(),
                run.number,
                severity,
                code,
                category,
                rows_before + rows,
                (sum(&money_before)? + money).to_string()
            )?;
        }
        Ok(())
    }
}

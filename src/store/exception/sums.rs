//! How many exceptions there are of runs that count: kept beside them, so that no page counts them.

use crate::{
    db::{Tx, execute, row, rows},
    error::StoreError,
    insert::{Insert, Kind, Value},
    word::{json, natural},
};
use model::{id::WorkspaceId, money::Money};
use std::collections::{BTreeMap, BTreeSet};

/// What `money_high` counts, in paise.
const HIGH: i128 = 1_000_000_000;

const COLUMNS: [(&str, Kind); 8] = [
    ("code", Kind::Text),
    ("category", Kind::Text),
    ("region", Kind::Text),
    ("state", Kind::Text),
    ("row_count", Kind::Integer),
    ("unreadable", Kind::Integer),
    ("money_high", Kind::Integer),
    ("money_low", Kind::Integer),
];

const OF_RUN: Insert<2, 8> = Insert {
    table: "run_exceptions",
    shared: ["workspace", "run"],
    columns: COLUMNS,
    tail: "ON CONFLICT (workspace, code, run, category, region, state) DO UPDATE SET \
           row_count = run_exceptions.row_count + excluded.row_count, \
           unreadable = run_exceptions.unreadable + excluded.unreadable, \
           money_high = run_exceptions.money_high + excluded.money_high, \
           money_low = run_exceptions.money_low + excluded.money_low",
};

const OF_SPAN: Insert<3, 8> = Insert {
    table: "span_exceptions",
    shared: ["workspace", "span", "of_file"],
    columns: COLUMNS,
    tail: "ON CONFLICT (workspace, code, span, of_file, category, region, state) DO UPDATE SET \
           row_count = span_exceptions.row_count + excluded.row_count, \
           unreadable = span_exceptions.unreadable + excluded.unreadable, \
           money_high = span_exceptions.money_high + excluded.money_high, \
           money_low = span_exceptions.money_low + excluded.money_low",
};

/// Rows, those of them without an amount, and money in its two parts.
type Sums = (i64, i64, i128);

/// Counts the exceptions of a run that begins to count.
pub(crate) async fn arrive(
    tx: &mut Tx,
    workspace: &WorkspaceId,
    run: i64,
) -> Result<(), StoreError> {
    for sql in [
        "INSERT INTO run_exceptions (workspace, run, code, category, region, state, row_count, unreadable, \
         money_high, money_low) \
         SELECT k.workspace, k.run, '', k.category, coalesce(k.region, ''), k.state, count(*), \
         sum(CASE WHEN k.money IS NULL THEN 1 ELSE 0 END), \
         sum(coalesce(k.money, 0) / 1000000000), sum(coalesce(k.money, 0) % 1000000000) \
         FROM kept_rows k WHERE k.workspace = $1 AND k.run = $2 AND k.category IS NOT NULL \
         GROUP BY k.workspace, k.run, k.category, coalesce(k.region, ''), k.state",
        "INSERT INTO run_exceptions (workspace, run, code, category, region, state, row_count, unreadable, \
         money_high, money_low) \
         SELECT k.workspace, k.run, f.code, k.category, coalesce(k.region, ''), k.state, count(*), \
         sum(CASE WHEN k.money IS NULL THEN 1 ELSE 0 END), \
         sum(coalesce(k.money, 0) / 1000000000), sum(coalesce(k.money, 0) % 1000000000) \
         FROM (SELECT DISTINCT code, record FROM findings \
         WHERE workspace = $1 AND run = $2 AND severity = 'error') f \
         CROSS JOIN kept_rows k WHERE k.workspace = $1 AND k.run = $2 AND k.record = f.record \
         AND k.category IS NOT NULL \
         GROUP BY k.workspace, k.run, f.code, k.category, coalesce(k.region, ''), k.state",
    ] {
        // Of a run that was just written PostgreSQL has no figures yet, and would look its rows through for each finding.
        if let Tx::Postgres(_) = tx {
            execute!(tx, "SET LOCAL enable_nestloop = off")?;
        }
        execute!(tx, sql, workspace.as_str(), run)?;
        if let Tx::Postgres(_) = tx {
            execute!(tx, "SET LOCAL enable_nestloop TO DEFAULT")?;
        }
    }
    add_spans(tx, workspace, run, 1).await
}

/// Counts those of a run that stops to count no more.
pub(crate) async fn depart(
    tx: &mut Tx,
    workspace: &WorkspaceId,
    run: i64,
) -> Result<(), StoreError> {
    add_spans(tx, workspace, run, -1).await?;
    let codes = json(&codes_of(tx, workspace, run).await?)?;
    let workspace = workspace.as_str();
    execute!(
        tx,
        "DELETE FROM run_exceptions WHERE workspace = $1 AND run = $2 \
         AND code IN (SELECT value FROM json_each($3))",
        workspace,
        run,
        codes
    )?;
    execute!(
        tx,
        "DELETE FROM span_exceptions WHERE workspace = $1 AND row_count = 0",
        workspace
    )?;
    Ok(())
}

async fn add_spans(
    tx: &mut Tx,
    workspace: &WorkspaceId,
    run: i64,
    sign: i64,
) -> Result<(), StoreError> {
    let codes = json(&codes_of(tx, workspace, run).await?)?;
    // A day, a month, and all: each is as long a beginning of the day.
    for length in [10_i64, 7, 0] {
        execute!(
            tx,
            "INSERT INTO span_exceptions (workspace, span, of_file, code, category, region, state, row_count, \
             unreadable, money_high, money_low) \
             SELECT e.workspace, substr(r.created_at, 1, CAST($3 AS INTEGER)), r.kind = 'file', e.code, e.category, \
             e.region, e.state, \
             e.row_count * $4, e.unreadable * $4, e.money_high * $4, e.money_low * $4 \
             FROM json_each($5) c CROSS JOIN run_exceptions e CROSS JOIN runs r \
             WHERE e.workspace = $1 AND e.code = c.value AND e.run = $2 AND r.number = e.run \
             ON CONFLICT (workspace, code, span, of_file, category, region, state) DO UPDATE SET \
             row_count = span_exceptions.row_count + excluded.row_count, \
             unreadable = span_exceptions.unreadable + excluded.unreadable, \
             money_high = span_exceptions.money_high + excluded.money_high, \
             money_low = span_exceptions.money_low + excluded.money_low",
            workspace.as_str(),
            run,
            length,
            sign,
            codes.as_str()
        )?;
    }
    Ok(())
}

/// An exception as it is counted.
#[derive(Debug, Clone)]
pub(super) struct Counted {
    pub(super) category: String,
    /// Empty where it is not known.
    pub(super) region: String,
    pub(super) money: Option<Money>,
}

/// What moves from state to state within one run.
#[derive(Default)]
pub(super) struct Moving(BTreeMap<[String; 4], Sums>);

impl Moving {
    /// `codes` are those of its errors.
    pub(super) fn count(&mut self, it: &Counted, codes: &BTreeSet<String>, state: &str, sign: i64) {
        let unreadable = if it.money.is_none() { sign } else { 0 };
        let money = it.money.map_or(0, |it| it.0) * i128::from(sign);
        for code in codes.iter().map(String::as_str).chain([""]) {
            let cell = [code, &it.category, &it.region, state].map(str::to_owned);
            let sums = self.0.entry(cell).or_default();
            sums.0 += sign;
            sums.1 += unreadable;
            sums.2 += money;
        }
    }

    /// Nothing for a run that does not count.
    pub(super) async fn write(
        mut self,
        tx: &mut Tx,
        workspace: &WorkspaceId,
        run: i64,
    ) -> Result<(), StoreError> {
        self.0.retain(|_, sums| *sums != Sums::default());
        let found: Option<(String, String)> = row!(
            tx,
            "SELECT created_at, kind FROM runs WHERE number = $1 AND status = 'complete'",
            run
        )?;
        let Some((created_at, kind)) = found.filter(|_| !self.0.is_empty()) else {
            return Ok(());
        };
        let values = self.0.iter().map(|(cell, (rows, unreadable, money))| {
            let [code, category, region, state] = cell;
            let part = |it: i128| {
                let part = i64::try_from(it);
                Ok::<_, StoreError>(Value::Integer(Some(part.map_err(StoreError::corrupt)?)))
            };
            Ok([
                Value::Text(Some(code)),
                Value::Text(Some(category)),
                Value::Text(Some(region)),
                Value::Text(Some(state)),
                Value::Integer(Some(*rows)),
                Value::Integer(Some(*unreadable)),
                part(money / HIGH)?,
                part(money % HIGH)?,
            ])
        });
        let values = values.collect::<Result<Vec<_>, StoreError>>()?;
        let of = Value::Text(Some(workspace.as_str()));
        OF_RUN
            .run(tx, [of, Value::Integer(Some(run))], &values)
            .await?;
        for span in [created_at.get(..10), created_at.get(..7), Some("")] {
            let shared = [of, Value::Text(span), Value::Flag(kind == "file")];
            OF_SPAN.run(tx, shared, &values).await?;
        }
        Ok(())
    }
}

/// The codes of the errors of some records.
pub(super) async fn codes(
    tx: &mut Tx,
    workspace: &WorkspaceId,
    run: i64,
    records: &[u64],
) -> Result<BTreeMap<u64, BTreeSet<String>>, StoreError> {
    let all = codes_of(tx, workspace, run).await?;
    let found: Vec<(i64, String)> = rows!(
        tx,
        "SELECT f.record, f.code FROM json_each($4) c CROSS JOIN json_each($3) w CROSS JOIN findings f \
         WHERE f.workspace = $1 AND f.run = $2 AND f.code = c.value AND f.record = CAST(w.value AS BIGINT) \
         AND f.severity = 'error'",
        workspace.as_str(),
        run,
        json(&records)?,
        json(&all)?
    )?;
    let mut codes: BTreeMap<u64, BTreeSet<String>> = BTreeMap::new();
    for (record, code) in found {
        codes.entry(natural(record)?).or_default().insert(code);
    }
    Ok(codes)
}

/// The codes of all errors of a run, and the empty one of every row: with them its findings, and its sums, are looked up
/// by the beginning of their keys.
async fn codes_of(
    tx: &mut Tx,
    workspace: &WorkspaceId,
    run: i64,
) -> Result<Vec<String>, StoreError> {
    let found: Vec<(String,)> = rows!(
        tx,
        "SELECT code FROM kept_totals WHERE workspace = $1 AND run = $2 AND severity = 'error' AND code <> '' \
         AND category = ''",
        workspace.as_str(),
        run
    )?;
    let codes = found.into_iter().map(|(it,)| it);
    Ok(codes.chain([String::new()]).collect())
}

/// Money from the sums of its two parts.
pub(crate) fn money(high: i64, low: i64) -> Money {
    Money(i128::from(high) * HIGH + i128::from(low))
}

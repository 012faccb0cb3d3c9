//! How many exceptions there are of runs that count: kept beside them, so that no page counts them.

use super::gathered;
use crate::{
    db::{Tx, execute, row, rows},
    error::StoreError,
    insert::{Insert, Kind, Value},
    word::{json, natural},
};
use model::{id::WorkspaceId, money::Money};
use std::collections::{BTreeMap, BTreeSet};

/// What `money_high` counts, in paise.
pub(super) const HIGH: i128 = 1_000_000_000;

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

macro_rules! added {
    ($table:literal, $key:literal) => {
        concat!(
            "ON CONFLICT (",
            $key,
            ", category, region, state) DO UPDATE SET row_count = ",
            $table,
            ".row_count + excluded.row_count, unreadable = ",
            $table,
            ".unreadable + excluded.unreadable, money_high = ",
            $table,
            ".money_high + excluded.money_high, money_low = ",
            $table,
            ".money_low + excluded.money_low"
        )
    };
}

const OF_RUN: Insert<2, 8> = Insert {
    table: "run_exceptions",
    shared: ["workspace", "run"],
    columns: COLUMNS,
    tail: added!("run_exceptions", "workspace, code, run"),
};

const OF_SPAN: Insert<3, 8> = Insert {
    table: "span_exceptions",
    shared: ["workspace", "span", "of_file"],
    columns: COLUMNS,
    tail: added!("span_exceptions", "workspace, code, span, of_file"),
};

const PARTS_OF_RUN: Insert<2, 8> = Insert {
    table: "run_part_exceptions",
    shared: ["part", "run"],
    columns: COLUMNS,
    tail: added!("run_part_exceptions", "part, code, run"),
};

const PARTS_OF_SPAN: Insert<3, 8> = Insert {
    table: "span_part_exceptions",
    shared: ["part", "span", "of_file"],
    columns: COLUMNS,
    tail: added!("span_part_exceptions", "part, code, span, of_file"),
};

/// Rows, those of them without an amount, and money in its two parts.
pub(super) type Sums = (i64, i64, i128);

/// Counts the exceptions of a run that begins to count, as they were counted when they were kept.
pub(crate) async fn arrive(
    tx: &mut Tx,
    workspace: &WorkspaceId,
    run: i64,
) -> Result<(), StoreError> {
    for sql in [
        "INSERT INTO exception_parts (workspace, of_category, product_category, product) \
         SELECT DISTINCT workspace, (1 = 0), product_category, product FROM kept_sums \
         WHERE workspace = $1 AND run = $2 \
         ON CONFLICT (workspace, of_category, product_category, product) DO NOTHING",
        "INSERT INTO exception_parts (workspace, of_category, product_category, product) \
         SELECT DISTINCT workspace, (1 = 1), product_category, '' FROM exception_parts \
         WHERE workspace = $1 AND NOT of_category AND $2 = $2 \
         ON CONFLICT (workspace, of_category, product_category, product) DO NOTHING",
        "INSERT INTO run_part_exceptions (part, run, code, category, region, state, row_count, unreadable, \
         money_high, money_low) \
         SELECT p.number, s.run, s.code, s.category, s.region, s.state, s.row_count, s.unreadable, s.money_high, \
         s.money_low FROM kept_sums s CROSS JOIN exception_parts p WHERE s.workspace = $1 AND s.run = $2 \
         AND p.workspace = s.workspace AND NOT p.of_category AND p.product_category = s.product_category \
         AND p.product = s.product",
        "INSERT INTO run_part_exceptions (part, run, code, category, region, state, row_count, unreadable, money_high, \
         money_low) \
         SELECT c.number, e.run, e.code, e.category, e.region, e.state, CAST(sum(e.row_count) AS BIGINT), \
         CAST(sum(e.unreadable) AS BIGINT), CAST(sum(e.money_high) AS BIGINT), CAST(sum(e.money_low) AS BIGINT) \
         FROM kept_sums e CROSS JOIN exception_parts c WHERE e.workspace = $1 AND e.run = $2 \
         AND c.workspace = e.workspace AND c.of_category AND c.product_category = e.product_category \
         AND c.product = '' GROUP BY c.number, e.run, e.code, e.category, e.region, e.state",
        "INSERT INTO run_exceptions (workspace, run, code, category, region, state, row_count, unreadable, \
         money_high, money_low) \
         SELECT workspace, run, code, category, region, state, CAST(sum(row_count) AS BIGINT), \
         CAST(sum(unreadable) AS BIGINT), CAST(sum(money_high) AS BIGINT), CAST(sum(money_low) AS BIGINT) \
         FROM kept_sums WHERE workspace = $1 AND run = $2 \
         GROUP BY workspace, run, code, category, region, state",
    ] {
        execute!(tx, sql, workspace.as_str(), run)?;
    }
    gathered::forget(tx, workspace, run).await?;
    add_spans(tx, workspace, run, 1).await
}

/// Counts its exceptions by region anew.
pub(super) async fn recount_regions(
    tx: &mut Tx,
    workspace: &WorkspaceId,
    run: i64,
) -> Result<(), StoreError> {
    for sql in [
        "UPDATE run_regions SET exceptions = 0 WHERE workspace = $1 AND run = $2",
        "INSERT INTO run_regions (workspace, run, region, accepted, exceptions) \
         SELECT workspace, run, coalesce(region, ''), 0, count(*) FROM kept_rows \
         WHERE workspace = $1 AND run = $2 AND state IS NOT NULL GROUP BY workspace, run, coalesce(region, '') \
         ON CONFLICT (workspace, run, region) DO UPDATE SET exceptions = excluded.exceptions",
    ] {
        execute!(tx, sql, workspace.as_str(), run)?;
    }
    Ok(())
}

/// Counts a run's rows by region, before its exceptions arrive. Once: it tells of the file, whatever becomes of its
/// rows.
pub(crate) async fn count_regions(
    tx: &mut Tx,
    workspace: &WorkspaceId,
    run: i64,
) -> Result<(), StoreError> {
    execute!(
        tx,
        "INSERT INTO run_regions (workspace, run, region, accepted, exceptions) \
         SELECT $1, $2, e.region, sum(e.accepted), sum(e.exceptions) FROM ( \
         SELECT region, row_count AS accepted, 0 AS exceptions FROM run_sales WHERE workspace = $1 AND run = $2 \
         UNION ALL SELECT region, 0, row_count FROM kept_sums WHERE workspace = $1 AND run = $2 AND code = '') e \
         GROUP BY e.region",
        workspace.as_str(),
        run
    )?;
    Ok(())
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
    execute!(tx, "DELETE FROM run_part_exceptions WHERE run = $1", run)?;
    execute!(
        tx,
        "DELETE FROM span_part_exceptions WHERE row_count = 0 \
         AND part IN (SELECT number FROM exception_parts WHERE workspace = $1)",
        workspace
    )?;
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
             SELECT e.workspace, substr(r.came_on, 1, CAST($3 AS INTEGER)), r.kind = 'file', e.code, e.category, \
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
        execute!(
            tx,
            concat!(
                "INSERT INTO span_part_exceptions (part, span, of_file, code, category, region, state, row_count, \
                 unreadable, money_high, money_low) \
                 SELECT e.part, substr(r.came_on, 1, CAST($2 AS INTEGER)), r.kind = 'file', e.code, e.category, \
                 e.region, e.state, e.row_count * $3, e.unreadable * $3, e.money_high * $3, e.money_low * $3 \
                 FROM run_part_exceptions e CROSS JOIN runs r WHERE e.run = $1 AND r.number = e.run ",
                added!("span_part_exceptions", "part, code, span, of_file")
            ),
            run,
            length,
            sign
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
    /// Category and product of what it sells.
    pub(super) part: [String; 2],
    pub(super) money: Option<Money>,
}

/// Code, category, region and state.
type Cell = [String; 4];

/// What moves from state to state within one run: all of it, and by the category and product that the rows sell.
#[derive(Default)]
pub(super) struct Moving {
    all: BTreeMap<Cell, Sums>,
    parts: BTreeMap<[String; 2], BTreeMap<Cell, Sums>>,
}

impl Moving {
    /// `codes` are those of its errors.
    pub(super) fn count(&mut self, it: &Counted, codes: &BTreeSet<String>, state: &str, sign: i64) {
        let unreadable = if it.money.is_none() { sign } else { 0 };
        let money = it.money.map_or(0, |it| it.0) * i128::from(sign);
        let part = self.parts.entry(it.part.clone()).or_default();
        for code in codes.iter().map(String::as_str).chain([""]) {
            let cell = [code, &it.category, &it.region, state].map(str::to_owned);
            for cells in [&mut self.all, part] {
                let sums = cells.entry(cell.clone()).or_default();
                sums.0 += sign;
                sums.1 += unreadable;
                sums.2 += money;
            }
        }
    }

    /// Nothing for a run that does not count.
    pub(super) async fn write(
        self,
        tx: &mut Tx,
        workspace: &WorkspaceId,
        run: i64,
    ) -> Result<(), StoreError> {
        let found: Option<(String, String)> = row!(
            tx,
            "SELECT came_on, kind FROM runs WHERE number = $1 AND status = 'complete'",
            run
        )?;
        let Some((day, kind)) = found.filter(|_| !self.all.is_empty()) else {
            return Ok(());
        };
        let spans = [Some(day.as_str()), day.get(..7), Some("")];
        let spans = spans.map(|span| [Value::Text(span), Value::Flag(kind == "file")]);
        let (of, run_number) = (
            Value::Text(Some(workspace.as_str())),
            Value::Integer(Some(run)),
        );
        let all = values(&self.all)?;
        OF_RUN.run(tx, [of, run_number], &all).await?;
        for [span, of_file] in spans {
            OF_SPAN.run(tx, [of, span, of_file], &all).await?;
        }
        // Of a run whose rows are yet to be read nothing is counted by what they sell.
        if is_unread(tx, workspace, run).await? {
            return Ok(());
        }
        for (part, cells) in &self.parts {
            let numbers: Vec<(i64,)> = rows!(
                tx,
                "SELECT number FROM exception_parts WHERE workspace = $1 AND product_category = $2 \
                 AND (of_category AND product = '' OR NOT of_category AND product = $3)",
                workspace.as_str(),
                part[0].as_str(),
                part[1].as_str()
            )?;
            let cells = values(cells)?;
            for (number,) in numbers {
                let part = Value::Integer(Some(number));
                PARTS_OF_RUN.run(tx, [part, run_number], &cells).await?;
                for [span, of_file] in spans {
                    PARTS_OF_SPAN.run(tx, [part, span, of_file], &cells).await?;
                }
            }
        }
        Ok(())
    }
}

fn values(cells: &BTreeMap<Cell, Sums>) -> Result<Vec<[Value<'_>; 8]>, StoreError> {
    let moved = cells.iter().filter(|(_, sums)| **sums != Sums::default());
    let values = moved.map(|(cell, (rows, unreadable, money))| {
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
    values.collect()
}

pub(super) async fn is_unread(
    tx: &mut Tx,
    workspace: &WorkspaceId,
    run: i64,
) -> Result<bool, StoreError> {
    let found: Option<(i64,)> = row!(
        tx,
        "SELECT run FROM unread_exceptions WHERE workspace = $1 AND run = $2",
        workspace.as_str(),
        run
    )?;
    Ok(found.is_some())
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

//! Quality over the runs of files, from what is kept of their verdicts.

use crate::{
    Store,
    db::{Tx, rows},
    entry::run_id,
    error::StoreError,
    exception_sums::{all_codes, parts},
    insert::{Insert, Kind, Value},
    kept::severity_word,
    word::{from_word, integer, json, natural, word},
};
use model::{
    control::{Dimension, Severity},
    exception::{ExceptionFilter, ExceptionState},
    id::{RunId, WorkspaceId},
    quality::{
        ColumnQuality, ControlEffect, ControlQuality, DimensionQuality, QualityFilter,
        QualityReport, RunQuality,
    },
    ratio::Ratio,
    run::Withdrawal,
    verdict::Verdict,
};
use sqlx::FromRow;
use std::{cmp::Reverse, collections::BTreeMap};

const CONTROLS: Insert<2, 7> = Insert {
    table: "run_controls",
    shared: ["workspace", "run"],
    columns: [
        ("code", Kind::Text),
        ("name", Kind::Text),
        ("dimension", Kind::Text),
        ("severity", Kind::Text),
        ("scored", Kind::Flag),
        ("evaluated", Kind::Integer),
        ("failed", Kind::Integer),
    ],
    tail: "",
};

const COLUMNS: Insert<2, 5> = Insert {
    table: "run_columns",
    shared: ["workspace", "run"],
    columns: [
        ("column_name", Kind::Text),
        ("code", Kind::Text),
        ("column_number", Kind::Integer),
        ("failed", Kind::Integer),
        ("row_count", Kind::Integer),
    ],
    tail: "",
};

/// Keeps what is asked of many runs at once, at the end of one.
pub(crate) async fn keep(
    tx: &mut Tx,
    workspace: &WorkspaceId,
    run: i64,
    verdict: &Verdict,
) -> Result<(), StoreError> {
    let shared = [
        Value::Text(Some(workspace.as_str())),
        Value::Integer(Some(run)),
    ];
    let controls = verdict.controls.iter().filter(|it| it.evaluated > 0);
    let controls = controls.map(|it| Ok((it, word(it.dimension)?)));
    let controls = controls.collect::<Result<Vec<_>, StoreError>>()?;
    let values = controls.iter().map(|(it, dimension)| {
        // As in a verdict: without a score of its own, a run does not count for the score.
        let scored = it.severity == Severity::Error && verdict.quality_score.is_some();
        Ok([
            Value::Text(Some(&it.code)),
            Value::Text(Some(&it.name)),
            Value::Text(Some(dimension)),
            Value::Text(Some(severity_word(it.severity))),
            Value::Flag(scored),
            Value::Integer(Some(integer(it.evaluated)?)),
            Value::Integer(Some(integer(it.failed)?)),
        ])
    });
    let values = values.collect::<Result<Vec<_>, StoreError>>()?;
    CONTROLS.run(tx, shared, &values).await?;

    let mut found: Vec<(i64, String, i64, i64)> = rows!(
        tx,
        "DELETE FROM kept_columns WHERE workspace = $1 AND run = $2 RETURNING column_number, code, failed, row_count",
        workspace.as_str(),
        run
    )?;
    found.retain(|(_, _, failed, _)| *failed > 0);
    found.sort_unstable();
    let mut names: BTreeMap<i64, String> = BTreeMap::new();
    for (place, ..) in &found {
        if names.contains_key(place) {
            continue;
        }
        let at = usize::try_from(place - 1).map_err(StoreError::corrupt)?;
        let column = verdict.options.columns.get(at);
        let name = column.map(|it| it.column.as_ref().unwrap_or(&it.header).clone());
        let mut name = name.unwrap_or_else(|| format!("Column {place}"));
        // A name stands for one column.
        while names.values().any(|it| *it == name) {
            name = format!("{name} ({place})");
        }
        names.insert(*place, name);
    }
    let values = found.iter().map(|(place, code, failed, rows)| {
        [
            Value::Text(names.get(place).map(String::as_str)),
            Value::Text(Some(code)),
            Value::Integer(Some(*place)),
            Value::Integer(Some(*failed)),
            Value::Integer(Some(*rows)),
        ]
    });
    COLUMNS.run(tx, shared, &values.collect::<Vec<_>>()).await?;
    Ok(())
}

const RUNS: &str = "SELECT r.number, r.id, r.file_name, r.created_at, r.status, r.rows_read, r.rows_exceptions, \
     CAST(coalesce(sum(CASE WHEN c.scored THEN c.evaluated ELSE 0 END), 0) AS BIGINT) AS evaluated, \
     CAST(coalesce(sum(CASE WHEN c.scored THEN c.failed ELSE 0 END), 0) AS BIGINT) AS failed \
     FROM (SELECT number, id, file_name, created_at, status, rows_read, rows_exceptions FROM runs \
     WHERE workspace = $1 AND id < $2 AND kind = 'file' AND status IN ('complete', 'held') \
     AND came_on >= $3 AND ($4 = '' OR came_on <= $4) AND ($6 = '' OR id = $6) ORDER BY id DESC LIMIT $5) r \
     LEFT JOIN run_controls c ON c.workspace = $1 AND c.run = r.number \
     GROUP BY r.number, r.id, r.file_name, r.created_at, r.status, r.rows_read, r.rows_exceptions \
     ORDER BY r.id DESC";

// Take the same values in the same places: $7 is the region, and $8 lists what the rows sell.
const RUNS_OF_REGION: &str = "SELECT r.number, r.id, r.file_name, r.created_at, r.status, \
     g.accepted + g.exceptions AS rows_read, g.exceptions AS rows_exceptions, CAST(0 AS BIGINT) AS evaluated, \
     CAST(0 AS BIGINT) AS failed FROM runs r CROSS JOIN run_regions g \
     WHERE r.workspace = $1 AND r.id < $2 AND r.kind = 'file' AND r.status = 'complete' \
     AND r.came_on >= $3 AND ($4 = '' OR r.came_on <= $4) AND g.workspace = r.workspace AND g.run = r.number \
     AND ($6 = '' OR r.id = $6) AND g.region = $7 AND g.accepted + g.exceptions > 0 ORDER BY r.id DESC LIMIT $5";

// The bounds keep PostgreSQL from reading the sums of all parts, and what they come to is joined with the runs.
const RUNS_OF_PARTS: &str = "SELECT r.number, r.id, r.file_name, r.created_at, r.status, \
     CAST(NULL AS BIGINT) AS rows_read, s.row_count AS rows_exceptions, CAST(0 AS BIGINT) AS evaluated, \
     CAST(0 AS BIGINT) AS failed \
     FROM (SELECT e.run, CAST(sum(e.row_count) AS BIGINT) AS row_count \
     FROM json_each($8) p CROSS JOIN run_part_exceptions e WHERE e.part = CAST(p.value AS BIGINT) \
     AND e.part BETWEEN (SELECT min(CAST(value AS BIGINT)) FROM json_each($8)) \
     AND (SELECT max(CAST(value AS BIGINT)) FROM json_each($8)) AND e.code = '' AND ($7 = '' OR e.region = $7) \
     GROUP BY e.run HAVING sum(e.row_count) > 0) s CROSS JOIN runs r WHERE r.number = s.run \
     AND r.workspace = $1 AND r.id < $2 AND r.kind = 'file' AND r.came_on >= $3 AND ($4 = '' OR r.came_on <= $4) \
     AND ($6 = '' OR r.id = $6) ORDER BY r.id DESC LIMIT $5";

// What became of the rows of the runs that $2 lists, by each code that $3 lists: of the region $4, and of the parts that $5
// lists.
macro_rules! states {
    ($from:literal, $of:literal) => {
        concat!(
            "SELECT e.code, e.state, CAST(sum(e.row_count) AS BIGINT) FROM ",
            $from,
            " WHERE ",
            $of,
            " AND e.code = c.value AND e.run = CAST(w.value AS BIGINT) AND ($4 = '' OR e.region = $4) \
             GROUP BY e.code, e.state"
        )
    };
}

const STATES: &str = states!(
    "json_each($3) c CROSS JOIN json_each($2) w CROSS JOIN run_exceptions e",
    "e.workspace = $1"
);
const STATES_OF_PARTS: &str = states!(
    "json_each($5) p CROSS JOIN json_each($3) c CROSS JOIN json_each($2) w CROSS JOIN run_part_exceptions e",
    "e.part = CAST(p.value AS BIGINT)"
);

impl Store {
    /// Of runs of files that were judged; those older than `before`, newest first, at most `limit`. With a region or with
    /// what rows sell, of these rows in the runs that were loaded: those are not judged control by control, so that there
    /// is no score. The work does not grow with rows.
    pub async fn quality(
        &self,
        workspace: &WorkspaceId,
        filter: &QualityFilter,
        before: Option<&RunId>,
        limit: u32,
    ) -> Result<QualityReport, StoreError> {
        // "run_g" is above every id.
        let before = before.map_or("run_g", RunId::as_str);
        let mut tx = self.db.read().await?;
        let sold = ExceptionFilter {
            product: filter.product.clone(),
            product_category: filter.product_category.clone(),
            ..ExceptionFilter::default()
        };
        let parts = parts(&mut tx, workspace, &sold).await?;
        let (sql, states) = match (&parts, &filter.region) {
            (Some(_), _) => (RUNS_OF_PARTS, STATES_OF_PARTS),
            (None, Some(_)) => (RUNS_OF_REGION, STATES),
            (None, None) => (RUNS, STATES),
        };
        let parts = parts.unwrap_or_default();
        let region = filter.region.as_deref().unwrap_or_default();
        let mut found: Vec<RunColumns> = rows!(
            &mut tx,
            sql,
            workspace.as_str(),
            before,
            filter.from.as_deref().unwrap_or_default(),
            filter.to.as_deref().unwrap_or_default(),
            i64::from(limit) + 1,
            filter.run.as_ref().map_or("", RunId::as_str),
            region,
            parts.as_str()
        )?;
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        let more = found.len() > limit;
        found.truncate(limit);
        let numbers: Vec<i64> = found.iter().map(|it| it.number).collect();
        let numbers = json(&numbers)?;
        // Which cells a control judged is known of whole files alone.
        let of_whole = if filter.is_of_files() {
            numbers.as_str()
        } else {
            "[]"
        };
        let controls: Vec<ControlColumns> = rows!(
            &mut tx,
            "SELECT c.code, max(c.name) AS name, max(c.dimension) AS dimension, max(c.severity) AS severity, \
             count(*) AS runs, CAST(sum(c.evaluated) AS BIGINT) AS evaluated, CAST(sum(c.failed) AS BIGINT) AS failed, \
             CAST(sum(CASE WHEN c.scored THEN c.evaluated ELSE 0 END) AS BIGINT) AS scored, \
             CAST(sum(CASE WHEN c.scored THEN c.failed ELSE 0 END) AS BIGINT) AS scored_failed \
             FROM json_each($2) w CROSS JOIN run_controls c \
             WHERE c.workspace = $1 AND c.run = CAST(w.value AS BIGINT) GROUP BY c.code ORDER BY c.code",
            workspace.as_str(),
            of_whole
        )?;
        let codes = json(&all_codes(&mut tx, workspace).await?)?;
        let states: Vec<(String, String, i64)> = rows!(
            &mut tx,
            states,
            workspace.as_str(),
            numbers.as_str(),
            codes,
            region,
            parts.as_str()
        )?;
        // Rows of runs that count, as lists of exceptions have them.
        let columns: Vec<(String, i64, i64, i64)> = rows!(
            &mut tx,
            "SELECT c.column_name, CAST(sum(c.failed) AS BIGINT), count(*), \
             CAST(sum(CASE WHEN EXISTS (SELECT 1 FROM run_exceptions e WHERE e.workspace = c.workspace AND e.code = '' \
             AND e.run = c.run) THEN c.row_count ELSE 0 END) AS BIGINT) \
             FROM json_each($2) w CROSS JOIN run_columns c \
             WHERE c.workspace = $1 AND c.run = CAST(w.value AS BIGINT) AND c.code = '' \
             GROUP BY c.column_name ORDER BY c.column_name",
            workspace.as_str(),
            of_whole
        )?;
        let mut left = withdrawn(&mut tx, workspace, &numbers).await?;
        let runs = found.into_iter();
        let runs = runs.map(|it| {
            let withdrawn = left.remove(&it.number);
            it.run(withdrawn)
        });
        let runs = runs.collect::<Result<Vec<_>, _>>()?;
        report(runs, more, controls, states, columns)
    }
}

/// Those of the runs that `numbers` lists which count no more, and why.
async fn withdrawn(
    tx: &mut Tx,
    workspace: &WorkspaceId,
    numbers: &str,
) -> Result<BTreeMap<i64, Withdrawal>, StoreError> {
    let found: Vec<(i64, String, String, String, Option<String>)> = rows!(
        tx,
        "SELECT w.run, w.time, w.actor, w.reason, w.replaced_by FROM json_each($2) n CROSS JOIN withdrawals w \
         WHERE w.workspace = $1 AND w.run = CAST(n.value AS BIGINT)",
        workspace.as_str(),
        numbers
    )?;
    let found = found
        .into_iter()
        .map(|(run, time, actor, reason, replaced_by)| {
            let withdrawal = Withdrawal {
                time,
                actor,
                reason,
                replaced_by: replaced_by.map(run_id).transpose()?,
            };
            Ok((run, withdrawal))
        });
    found.collect()
}

fn report(
    runs: Vec<RunQuality>,
    more: bool,
    controls: Vec<ControlColumns>,
    states: Vec<(String, String, i64)>,
    columns: Vec<(String, i64, i64, i64)>,
) -> Result<QualityReport, StoreError> {
    let mut errors = (0, 0);
    let mut dimensions: BTreeMap<Dimension, (u64, u64)> = BTreeMap::new();
    let mut by_code = Vec::with_capacity(controls.len());
    for it in controls {
        let (scored, failed) = (natural(it.scored)?, natural(it.scored_failed)?);
        let it = it.control()?;
        if scored > 0 {
            for sum in [dimensions.entry(it.dimension).or_default(), &mut errors] {
                sum.0 += scored;
                sum.1 += failed;
            }
        }
        by_code.push(it);
    }
    let dimensions = dimensions.into_iter();
    let dimensions = dimensions.map(|(dimension, (evaluated, failed))| DimensionQuality {
        dimension,
        evaluated,
        failed,
        passed_share: passed(evaluated, failed),
    });
    let columns = columns.into_iter().map(|(column, failed, runs, rows)| {
        Ok(ColumnQuality {
            column,
            failed: natural(failed)?,
            runs: natural(runs)?,
            rows: natural(rows)?,
        })
    });
    let mut columns = columns.collect::<Result<Vec<_>, StoreError>>()?;
    columns.sort_by_key(|it| Reverse(it.failed));
    let rows_read: Option<u64> = runs.iter().map(|it| it.rows_read).sum();
    let exceptions = runs.iter().map(|it| it.exceptions).sum();
    let next = runs.last().map(|it| it.id.clone()).filter(|_| more);
    Ok(QualityReport {
        quality_score: passed(errors.0, errors.1),
        exception_rate: rows_read.and_then(|read| Ratio::of(exceptions, read)),
        rows_read,
        exceptions,
        controls: by_code,
        dimensions: dimensions.collect(),
        effects: effects(states)?,
        columns,
        runs,
        next,
    })
}

fn effects(states: Vec<(String, String, i64)>) -> Result<Vec<ControlEffect>, StoreError> {
    let mut effects: BTreeMap<String, ControlEffect> = BTreeMap::new();
    for (code, state, rows) in states {
        let rows = natural(rows)?;
        let it = effects
            .entry(code.clone())
            .or_insert_with(|| ControlEffect {
                code,
                ..ControlEffect::default()
            });
        it.found += rows;
        *match from_word(&state)? {
            ExceptionState::New | ExceptionState::Assigned | ExceptionState::Reopened => {
                &mut it.open
            }
            ExceptionState::Corrected => &mut it.corrected,
            ExceptionState::Resolved => &mut it.resolved,
            ExceptionState::Waived => &mut it.waived,
            ExceptionState::Rejected => &mut it.rejected,
        } += rows;
    }
    Ok(effects.into_values().filter(|it| it.found > 0).collect())
}

fn passed(evaluated: u64, failed: u64) -> Option<Ratio> {
    Ratio::of(evaluated - failed, evaluated)
}

#[derive(FromRow)]
struct RunColumns {
    number: i64,
    id: String,
    file_name: String,
    created_at: String,
    status: String,
    rows_read: Option<i64>,
    rows_exceptions: i64,
    /// Over the controls that the score is made of.
    evaluated: i64,
    failed: i64,
}

impl RunColumns {
    fn run(self, withdrawn: Option<Withdrawal>) -> Result<RunQuality, StoreError> {
        let rows_read = self.rows_read.map(natural).transpose()?;
        let exceptions = natural(self.rows_exceptions)?;
        Ok(RunQuality {
            id: run_id(self.id)?,
            file_name: self.file_name,
            created_at: self.created_at,
            status: from_word(&self.status)?,
            rows_read,
            exceptions,
            quality_score: passed(natural(self.evaluated)?, natural(self.failed)?),
            exception_rate: rows_read.and_then(|read| Ratio::of(exceptions, read)),
            withdrawn,
        })
    }
}

#[derive(FromRow)]
struct ControlColumns {
    code: String,
    name: String,
    dimension: String,
    severity: String,
    runs: i64,
    evaluated: i64,
    failed: i64,
    scored: i64,
    scored_failed: i64,
}

impl ControlColumns {
    fn control(self) -> Result<ControlQuality, StoreError> {
        let (evaluated, failed) = (natural(self.evaluated)?, natural(self.failed)?);
        Ok(ControlQuality {
            code: self.code,
            name: self.name,
            dimension: from_word(&self.dimension)?,
            severity: from_word(&self.severity)?,
            runs: natural(self.runs)?,
            evaluated,
            failed,
            passed_share: passed(evaluated, failed),
        })
    }
}

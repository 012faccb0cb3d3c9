//! Quality over the runs of files, from their verdicts.

use crate::{
    Store,
    db::rows,
    entry::run_id,
    error::StoreError,
    word::{from_json, from_word},
};
use model::{
    control::{ControlResult, Dimension, Severity},
    id::{RunId, WorkspaceId},
    quality::{ControlQuality, DimensionQuality, QualityReport, RunQuality},
    ratio::Ratio,
    verdict::Verdict,
};
use sqlx::FromRow;
use std::collections::BTreeMap;

impl Store {
    /// Of runs of files that were judged and began between two ISO days in UTC, both included; those older than
    /// `before`, newest first, at most `limit`.
    pub async fn quality(
        &self,
        workspace: &WorkspaceId,
        days: (Option<&str>, Option<&str>),
        before: Option<&RunId>,
        limit: u32,
    ) -> Result<QualityReport, StoreError> {
        // "run_g" is above every id, and "U" behind a day above its last moment.
        let before = before.map_or("run_g", RunId::as_str);
        let to = days.1.map(|it| format!("{it}U"));
        let mut tx = self.db.read().await?;
        let mut found: Vec<Columns> = rows!(
            &mut tx,
            "SELECT id, file_name, created_at, status, verdict FROM runs WHERE workspace = $1 AND id < $2 \
             AND kind = 'file' AND status IN ('complete', 'held') AND created_at >= $3 \
             AND ($4 = '' OR created_at < $4) ORDER BY id DESC LIMIT $5",
            workspace.as_str(),
            before,
            days.0.unwrap_or_default(),
            to.as_deref().unwrap_or_default(),
            i64::from(limit) + 1
        )?;
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        let more = found.len() > limit;
        found.truncate(limit);
        let mut sums = Sums::default();
        let mut runs = Vec::with_capacity(found.len());
        for columns in found {
            let verdict: Verdict = from_json(&columns.verdict)?;
            sums.add(&verdict);
            runs.push(columns.run(&verdict)?);
        }
        let next = runs.last().map(|it| it.id.clone()).filter(|_| more);
        Ok(sums.report(runs, next))
    }
}

#[derive(Default)]
struct Sums {
    rows: u64,
    exceptions: u64,
    /// Evaluated and failed.
    errors: (u64, u64),
    dimensions: BTreeMap<Dimension, (u64, u64)>,
    controls: BTreeMap<String, ControlQuality>,
}

impl Sums {
    fn add(&mut self, verdict: &Verdict) {
        self.rows += verdict.rows.read;
        self.exceptions += verdict.rows.exceptions;
        for control in verdict.controls.iter().filter(|it| it.evaluated > 0) {
            let known = self.controls.entry(control.code.clone());
            let sum = known.or_insert_with(|| none_of(control));
            sum.runs += 1;
            sum.evaluated += control.evaluated;
            sum.failed += control.failed;
            // As in a verdict: without a score of its own, a run does not count for the score.
            if control.severity == Severity::Error && verdict.quality_score.is_some() {
                let dimension = self.dimensions.entry(control.dimension).or_default();
                for (evaluated, failed) in [dimension, &mut self.errors] {
                    *evaluated += control.evaluated;
                    *failed += control.failed;
                }
            }
        }
    }

    fn report(self, runs: Vec<RunQuality>, next: Option<RunId>) -> QualityReport {
        let controls = self.controls.into_values().map(|it| ControlQuality {
            passed_share: passed(it.evaluated, it.failed),
            ..it
        });
        let dimensions = self.dimensions.into_iter();
        let dimensions = dimensions.map(|(dimension, (evaluated, failed))| DimensionQuality {
            dimension,
            evaluated,
            failed,
            passed_share: passed(evaluated, failed),
        });
        QualityReport {
            quality_score: passed(self.errors.0, self.errors.1),
            exception_rate: Ratio::of(self.exceptions, self.rows),
            rows_read: self.rows,
            exceptions: self.exceptions,
            controls: controls.collect(),
            dimensions: dimensions.collect(),
            runs,
            next,
        }
    }
}

fn none_of(control: &ControlResult) -> ControlQuality {
    ControlQuality {
        code: control.code.clone(),
        name: control.name.clone(),
        dimension: control.dimension,
        severity: control.severity,
        runs: 0,
        evaluated: 0,
        failed: 0,
        passed_share: None,
    }
}

fn passed(evaluated: u64, failed: u64) -> Option<Ratio> {
    Ratio::of(evaluated - failed, evaluated)
}

#[derive(FromRow)]
struct Columns {
    id: String,
    file_name: String,
    created_at: String,
    status: String,
    verdict: String,
}

impl Columns {
    fn run(self, verdict: &Verdict) -> Result<RunQuality, StoreError> {
        Ok(RunQuality {
            id: run_id(self.id)?,
            file_name: self.file_name,
            created_at: self.created_at,
            status: from_word(&self.status)?,
            rows_read: verdict.rows.read,
            exceptions: verdict.rows.exceptions,
            quality_score: verdict.quality_score,
            exception_rate: verdict.exception_rate,
        })
    }
}

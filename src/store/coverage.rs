//! How much of what happened has its entry in the log.

use crate::{
    Store,
    db::{row, rows},
    entry::run_id,
    error::StoreError,
    word::natural,
};
use model::{
    audit::{Coverage, Missing, Share},
    id::WorkspaceId,
};

type Found = Vec<(String, String, Option<String>)>;

impl Store {
    /// Compares the tables of runs, stages, changes of exceptions and versions of contracts with the log. All that was done at one time with
    /// exceptions of one run is one act.
    pub async fn coverage(&self, workspace: &WorkspaceId) -> Result<Coverage, StoreError> {
        let mut tx = self.db.read().await?;
        let workspace = workspace.as_str();
        let totals: Option<(i64, i64, i64)> = row!(
            &mut tx,
            "SELECT (SELECT count(*) FROM runs WHERE workspace = $1), \
             (SELECT count(*) FROM stages WHERE workspace = $1), \
             (SELECT count(*) FROM runs WHERE workspace = $1 AND status <> 'running')",
            workspace
        )?;
        let (runs, stages, ends) = totals.unwrap_or_default();
        let begun: Found = rows!(
            &mut tx,
            "SELECT r.id, 'run.begun', NULL FROM runs r WHERE r.workspace = $1 AND NOT EXISTS \
             (SELECT 1 FROM entries e WHERE e.workspace = r.workspace AND e.run = r.id AND e.event = 'run.begun') \
             ORDER BY r.id",
            workspace
        )?;
        let ended: Found = rows!(
            &mut tx,
            "SELECT m.id, m.event, NULL FROM (SELECT r.workspace, r.id, CASE r.status \
             WHEN 'complete' THEN 'run.completed' WHEN 'held' THEN 'run.held' ELSE 'run.failed' END AS event \
             FROM runs r WHERE r.workspace = $1 AND r.status <> 'running') m WHERE NOT EXISTS \
             (SELECT 1 FROM entries e WHERE e.workspace = m.workspace AND e.run = m.id AND e.event = m.event) \
             ORDER BY m.id",
            workspace
        )?;
        let mut at_stages: Found = rows!(
            &mut tx,
            "SELECT r.id, 'stage.begun', s.stage FROM stages s \
             JOIN runs r ON r.workspace = s.workspace AND r.number = s.run \
             WHERE s.workspace = $1 AND NOT EXISTS \
             (SELECT 1 FROM entries e WHERE e.workspace = r.workspace AND e.run = r.id AND e.event = 'stage.begun' \
             AND e.details LIKE '%\"stage\":\"' || s.stage || '\"%') ORDER BY r.id, s.place",
            workspace
        )?;
        let stage_ends: Found = rows!(
            &mut tx,
            "SELECT r.id, 'stage.ended', s.stage FROM stages s \
             JOIN runs r ON r.workspace = s.workspace AND r.number = s.run \
             WHERE s.workspace = $1 AND s.ended_at IS NOT NULL AND NOT EXISTS \
             (SELECT 1 FROM entries e WHERE e.workspace = r.workspace AND e.run = r.id AND e.event = 'stage.ended' \
             AND e.details LIKE '%\"stage\":\"' || s.stage || '\"%') ORDER BY r.id, s.place",
            workspace
        )?;
        let acts: Option<(i64,)> = row!(
            &mut tx,
            "SELECT count(*) FROM (SELECT DISTINCT run, time, actor FROM exception_changes WHERE workspace = $1) a",
            workspace
        )?;
        let acted: Found = rows!(
            &mut tx,
            "SELECT DISTINCT r.id, 'exception.' || c.event, c.time FROM exception_changes c \
             JOIN runs r ON r.workspace = c.workspace AND r.number = c.run \
             WHERE c.workspace = $1 AND NOT EXISTS (SELECT 1 FROM entries e WHERE e.workspace = r.workspace \
             AND e.run = r.id AND e.event LIKE 'exception.%' AND e.time = c.time AND e.actor = c.actor) \
             ORDER BY r.id, c.time",
            workspace
        )?;
        let acts = acts.map_or(0, |(it,)| it);
        let versions: Option<(i64,)> = row!(
            &mut tx,
            "SELECT count(*) + count(decided_at) + (SELECT count(*) FROM contract_retirements WHERE workspace = $1) \
             FROM contract_versions WHERE workspace = $1",
            workspace
        )?;
        let unversioned: Vec<(String, i64, String)> = rows!(
            &mut tx,
            "SELECT v.name, v.number, v.event FROM (\
             SELECT name, number, 'contract.drafted' AS event, made_entry AS entry, made_at AS time, made_by AS actor \
             FROM contract_versions WHERE workspace = $1 UNION ALL \
             SELECT name, number, CASE state WHEN 'discarded' THEN 'contract.discarded' ELSE 'contract.adopted' END, \
             decided_entry, decided_at, decided_by FROM contract_versions \
             WHERE workspace = $1 AND state <> 'draft' UNION ALL \
             SELECT name, number, 'contract.' || act, entry, time, actor FROM contract_retirements \
             WHERE workspace = $1) v WHERE NOT EXISTS (SELECT 1 FROM entries e \
             WHERE e.workspace = $1 AND e.sequence = v.entry AND e.event = v.event AND e.time = v.time \
             AND e.actor = v.actor) ORDER BY v.name, v.number, v.event",
            workspace
        )?;
        let versions = versions.map_or(0, |(it,)| it);
        // A stage without both entries is one stage.
        let both = |it: &&(String, String, Option<String>)| {
            at_stages
                .iter()
                .any(|begun| begun.0 == it.0 && begun.2 == it.2)
        };
        let stages_missing = at_stages.len() + stage_ends.iter().filter(|it| !both(it)).count();
        let share = |total: i64, missing: usize| -> Result<Share, StoreError> {
            let total = natural(total)?;
            Ok(Share {
                with_entry: total.saturating_sub(missing as u64),
                total,
            })
        };
        let mut coverage = Coverage {
            runs: share(runs, begun.len())?,
            stages: share(stages, stages_missing)?,
            changes: share(ends, ended.len())?,
            acts: share(acts, acted.len())?,
            contracts: share(versions, unversioned.len())?,
            missing: Vec::new(),
        };
        at_stages.extend(stage_ends);
        let acted = acted.into_iter().map(|(run, event, _)| (run, event, None));
        let of_runs = begun.into_iter().chain(at_stages).chain(ended);
        for (run, event, stage) in of_runs.chain(acted) {
            coverage.missing.push(Missing {
                run: Some(run_id(run)?),
                event,
                stage,
                contract: None,
            });
        }
        let versions = unversioned
            .into_iter()
            .map(|(name, number, event)| Missing {
                run: None,
                event,
                stage: None,
                contract: Some(format!("{name} {number}")),
            });
        coverage.missing.extend(versions);
        Ok(coverage)
    }
}

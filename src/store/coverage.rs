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
    /// Compares the tables of runs, withdrawals, stages, changes of exceptions, versions of contracts and uploads with
    /// the log. Changes of exceptions that name one entry are one act.
    pub async fn coverage(&self, workspace: &WorkspaceId) -> Result<Coverage, StoreError> {
        let mut tx = self.db.read().await?;
        let workspace = workspace.as_str();
        let totals: Option<(i64, i64, i64, i64)> = row!(
            &mut tx,
            "SELECT (SELECT count(*) FROM runs WHERE workspace = $1), \
             (SELECT count(*) FROM stages WHERE workspace = $1), \
             (SELECT count(*) FROM runs WHERE workspace = $1 AND status <> 'running') \
             + (SELECT count(*) FROM withdrawals WHERE workspace = $1), \
             (SELECT count(*) + count(completed_at) FROM uploads WHERE workspace = $1)",
            workspace
        )?;
        let (runs, stages, changes, uploads) = totals.unwrap_or_default();
        let begun: Found = rows!(
            &mut tx,
            "SELECT r.id, 'run.begun', NULL FROM runs r WHERE r.workspace = $1 AND NOT EXISTS \
             (SELECT 1 FROM entries e WHERE e.workspace = r.workspace AND e.run = r.id AND e.event = 'run.begun') \
             ORDER BY r.id",
            workspace
        )?;
        let mut changed: Found = rows!(
            &mut tx,
            "SELECT m.id, m.event, NULL FROM (SELECT r.workspace, r.id, CASE r.status \
             WHEN 'complete' THEN 'run.completed' WHEN 'held' THEN 'run.held' ELSE 'run.failed' END AS event \
             FROM runs r WHERE r.workspace = $1 AND r.status <> 'running') m WHERE NOT EXISTS \
             (SELECT 1 FROM entries e WHERE e.workspace = m.workspace AND e.run = m.id AND e.event = m.event) \
             ORDER BY m.id",
            workspace
        )?;
        let withdrawn: Found = rows!(
            &mut tx,
            "SELECT r.id, 'run.withdrawn', NULL FROM withdrawals w \
             JOIN runs r ON r.workspace = w.workspace AND r.number = w.run \
             WHERE w.workspace = $1 AND NOT EXISTS (SELECT 1 FROM entries e WHERE e.workspace = w.workspace \
             AND e.sequence = w.entry_sequence AND e.hash = w.entry_hash AND e.run = r.id \
             AND e.event = 'run.withdrawn') ORDER BY r.id",
            workspace
        )?;
        changed.extend(withdrawn);
        // The index of some entries is taken where their events are named as it names them.
        let mut at_stages: Found = rows!(
            &mut tx,
            "SELECT r.id, 'stage.begun', s.stage FROM stages s \
             JOIN runs r ON r.workspace = s.workspace AND r.number = s.run \
             WHERE s.workspace = $1 AND NOT EXISTS \
             (SELECT 1 FROM entries e WHERE e.workspace = r.workspace AND e.run = r.id AND e.event = 'stage.begun' \
             AND e.event IN ('stage.begun', 'stage.ended') \
             AND e.details LIKE '%\"stage\":\"' || s.stage || '\"%') ORDER BY r.id, s.place",
            workspace
        )?;
        let stage_ends: Found = rows!(
            &mut tx,
            "SELECT r.id, 'stage.ended', s.stage FROM stages s \
             JOIN runs r ON r.workspace = s.workspace AND r.number = s.run \
             WHERE s.workspace = $1 AND s.ended_at IS NOT NULL AND NOT EXISTS \
             (SELECT 1 FROM entries e WHERE e.workspace = r.workspace AND e.run = r.id AND e.event = 'stage.ended' \
             AND e.event IN ('stage.begun', 'stage.ended') \
             AND e.details LIKE '%\"stage\":\"' || s.stage || '\"%') ORDER BY r.id, s.place",
            workspace
        )?;
        let acts: Option<(i64,)> = row!(
            &mut tx,
            "SELECT count(*) FROM (SELECT DISTINCT run, entry, time, actor FROM exception_changes \
             WHERE workspace = $1) a",
            workspace
        )?;
        let acted: Found = rows!(
            &mut tx,
            "SELECT r.id, 'exception.' || min(c.event), c.time FROM exception_changes c \
             JOIN runs r ON r.workspace = c.workspace AND r.number = c.run \
             WHERE c.workspace = $1 AND NOT EXISTS (SELECT 1 FROM entries e WHERE e.workspace = r.workspace \
             AND e.sequence = c.entry AND e.run = r.id AND e.event LIKE 'exception.%' AND e.time = c.time \
             AND e.actor = c.actor) GROUP BY r.id, c.entry, c.time, c.actor ORDER BY r.id, c.time",
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
        let unsent: Vec<(String, String)> = rows!(
            &mut tx,
            "SELECT u.id, u.event FROM (SELECT id, 'upload.begun' AS event FROM uploads WHERE workspace = $1 \
             UNION ALL SELECT id, 'upload.completed' FROM uploads WHERE workspace = $1 AND completed_at IS NOT NULL) u \
             WHERE NOT EXISTS (SELECT 1 FROM entries e WHERE e.workspace = $1 AND e.event = u.event \
             AND e.event IN ('upload.begun', 'upload.completed') \
             AND e.details LIKE '%\"upload\":\"' || u.id || '\"%') ORDER BY u.id, u.event",
            workspace
        )?;
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
            changes: share(changes, changed.len())?,
            acts: share(acts, acted.len())?,
            contracts: share(versions, unversioned.len())?,
            uploads: share(uploads, unsent.len())?,
            missing: Vec::new(),
        };
        at_stages.extend(stage_ends);
        let acted = acted.into_iter().map(|(run, event, _)| (run, event, None));
        let of_runs = begun.into_iter().chain(at_stages).chain(changed);
        for (run, event, stage) in of_runs.chain(acted) {
            coverage.missing.push(Missing {
                run: Some(run_id(run)?),
                event,
                stage,
                contract: None,
                upload: None,
            });
        }
        let versions = unversioned
            .into_iter()
            .map(|(name, number, event)| Missing {
                run: None,
                event,
                stage: None,
                contract: Some(format!("{name} {number}")),
                upload: None,
            });
        coverage.missing.extend(versions);
        let uploads = unsent.into_iter().map(|(id, event)| Missing {
            run: None,
            event,
            stage: None,
            contract: None,
            upload: Some(id),
        });
        coverage.missing.extend(uploads);
        Ok(coverage)
    }
}

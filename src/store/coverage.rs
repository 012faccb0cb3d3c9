//! How much of what happened has its entry in the log.

use crate::{
    Store,
    db::{Tx, row, rows},
    entry::run_id,
    error::StoreError,
    word::natural,
};
use model::{
    audit::{Coverage, Missing, Share},
    id::WorkspaceId,
};
use std::collections::HashMap;

/// A run, the event that its entry would have, and the stage that it is of.
type Found = Vec<(String, String, Option<String>)>;

/// Stands in no details, which are JSON on one line.
const BETWEEN: &str = "\n";

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
        let (at_stages, stages_missing) = stages_untold(&mut tx, workspace).await?;
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

/// The entries of stages that are not there, and how many stages lack one. What is told of a run's stages is read as
/// one text: a look into the log for each stage would take as long as all the rest.
async fn stages_untold(tx: &mut Tx, workspace: &str) -> Result<(Found, usize), StoreError> {
    // The index of some entries is taken where their events are named as it names them.
    let told: Vec<(String, String)> = rows!(
        tx,
        "SELECT run, string_agg(event || details, $2) FROM entries \
         WHERE workspace = $1 AND run IS NOT NULL AND event IN ('stage.begun', 'stage.ended') GROUP BY run",
        workspace,
        BETWEEN
    )?;
    let told: HashMap<String, String> = told.into_iter().collect();
    let stages: Vec<(String, String)> = rows!(
        tx,
        "SELECT r.id, string_agg(s.place || ' ' || s.stage \
         || CASE WHEN s.ended_at IS NULL THEN '' ELSE ' ended' END, $2) FROM runs r \
         JOIN stages s ON s.workspace = r.workspace AND s.run = r.number WHERE r.workspace = $1 \
         GROUP BY r.id ORDER BY r.id",
        workspace,
        BETWEEN
    )?;
    let mut missing = Vec::new();
    let mut lacking = 0;
    for (run, stages) in stages {
        let told = told.get(&run).map_or("", String::as_str);
        let mut stages: Vec<&str> = stages.split(BETWEEN).collect();
        stages.sort_unstable();
        for stage in stages {
            let mut words = stage.split(' ').skip(1);
            let name = words.next().unwrap_or_default();
            let named = format!("\"stage\":\"{name}\"");
            let is_told = |event: &str| {
                let mut entries = told.split(BETWEEN);
                entries.any(|it| it.starts_with(event) && it.contains(&named))
            };
            let ended = words.next().is_some();
            let begun = (!is_told("stage.begun")).then_some("stage.begun");
            let ended = (ended && !is_told("stage.ended")).then_some("stage.ended");
            lacking += usize::from(begun.or(ended).is_some());
            for event in [begun, ended].into_iter().flatten() {
                missing.push((run.clone(), event.to_owned(), Some(name.to_owned())));
            }
        }
    }
    Ok((missing, lacking))
}

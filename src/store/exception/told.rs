//! Are the changes that are kept those that the log tells of?

use super::read::ChangeColumns;
use crate::{
    Store,
    db::{Tx, row, rows},
    entry::run_id,
    error::StoreError,
    word::{integer, natural},
};
use audit::{Fault, FaultKind, history::Act};
use model::{
    audit::Entry,
    id::{RunId, WorkspaceId},
};

/// Changes of an act that are read at a time.
const PAGE: i64 = 1000;

impl Store {
    /// What is wrong with the changes of an act, if the entry is that of one.
    pub(crate) async fn unlike(
        &self,
        workspace: &WorkspaceId,
        entry: &Entry,
    ) -> Result<Option<FaultKind>, StoreError> {
        let Some(mut act) = Act::of(entry) else {
            return Ok(None);
        };
        // Of a run that nobody has, the changes are nobody's.
        let Some(Ok(run)) = entry.run.clone().map(RunId::try_from) else {
            return Ok(None);
        };
        let mut tx = self.db.read().await?;
        let mut after = 0;
        loop {
            let page = changes(&mut tx, workspace, (&run, act.sequence), after).await?;
            let Some(last) = page.last() else {
                break;
            };
            after = last.record;
            for columns in page {
                match (natural(columns.record), columns.change()) {
                    (Ok(record), Ok(change)) => act.take(record, &change),
                    _ => act.spoil(),
                }
            }
        }
        Ok((!act.holds()).then_some(FaultKind::ChangesDiffer { run }))
    }

    /// The first exception that has a change which no entry tells of, or stands elsewhere than its last change says.
    pub(crate) async fn untold(
        &self,
        workspace: &WorkspaceId,
    ) -> Result<Option<Fault>, StoreError> {
        let mut tx = self.db.read().await?;
        let untold: Option<(String, i64, i64)> = row!(
            &mut tx,
            "SELECT r.id, c.record, r.entry_sequence FROM exception_changes c \
             JOIN runs r ON r.workspace = c.workspace AND r.number = c.run \
             WHERE c.workspace = $1 AND NOT EXISTS (SELECT 1 FROM entries e WHERE e.workspace = c.workspace \
             AND e.sequence = c.entry AND e.run = r.id AND e.event LIKE 'exception.%') \
             ORDER BY c.run, c.record, c.version LIMIT 1",
            workspace.as_str()
        )?;
        if let Some((run, record, sequence)) = untold {
            let (run, record) = (run_id(run)?, natural(record)?);
            let kind = FaultKind::ChangeUntold { run, record };
            let sequence = natural(sequence)?;
            return Ok(Some(Fault { sequence, kind }));
        }
        let elsewhere: Option<(String, i64, i64)> = row!(
            &mut tx,
            "SELECT r.id, k.record, coalesce(c.entry, r.entry_sequence) FROM kept_rows k \
             JOIN runs r ON r.workspace = k.workspace AND r.number = k.run \
             LEFT JOIN exception_changes c ON c.workspace = k.workspace AND c.run = k.run AND c.record = k.record \
             AND c.version = (SELECT max(l.version) FROM exception_changes l \
             WHERE l.workspace = k.workspace AND l.run = k.run AND l.record = k.record) \
             WHERE k.workspace = $1 AND k.state IS NOT NULL AND (k.version <> coalesce(c.version, 1) \
             OR k.state <> coalesce(c.state, 'new') OR coalesce(k.assignee, '') <> coalesce(c.assignee, '')) \
             ORDER BY k.run, k.record LIMIT 1",
            workspace.as_str()
        )?;
        let fault = elsewhere.map(|(run, record, sequence)| {
            let (run, record) = (run_id(run)?, natural(record)?);
            let kind = FaultKind::StandsElsewhere { run, record };
            let sequence = natural(sequence)?;
            Ok(Fault { sequence, kind })
        });
        fault.transpose()
    }
}

/// Those that an act made, by record.
async fn changes(
    tx: &mut Tx,
    workspace: &WorkspaceId,
    (run, act): (&RunId, u64),
    after: i64,
) -> Result<Vec<ChangeColumns>, StoreError> {
    Ok(rows!(
        tx,
        "SELECT c.*, e.id AS entered_id, d.id AS displaced_id FROM runs r \
         JOIN exception_changes c ON c.workspace = r.workspace AND c.run = r.number \
         LEFT JOIN runs e ON e.number = c.entered_run LEFT JOIN runs d ON d.number = c.displaced_run \
         WHERE r.workspace = $1 AND r.id = $2 AND c.entry = $3 AND c.record > $4 ORDER BY c.record LIMIT $5",
        workspace.as_str(),
        run.as_str(),
        integer(act)?,
        after,
        PAGE
    )?)
}

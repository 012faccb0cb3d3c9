//! Runs that are withdrawn, by themselves or because another takes their place: their rows leave the totals, with
//! those that entered later through them, and nothing is erased.

use crate::{
    Store,
    db::{Lock, Tx, execute, row, rows},
    entry::{self, Mark},
    error::StoreError,
    exception::{
        bring_back, coming_back, displaced_by, entered_elsewhere, leave_from_others, sums,
    },
    exception_list::number,
    sales::Cube,
    word::{from_word, integer},
};
use audit::Checkpoint;
use model::{
    id::{RunId, WorkspaceId},
    row::LedgerRow,
    run::{RunKind, RunStatus},
};

/// A run whose rows have left the totals within a transaction that has yet to write it down.
pub(crate) struct Leaving {
    pub(crate) id: RunId,
    pub(crate) number: i64,
    rows: u64,
    /// Those that had entered with corrections of several runs, which stay otherwise: how many of which run.
    elsewhere: Vec<(RunId, u64)>,
}

impl Store {
    /// Takes the rows of a run that is complete out of the ledger's totals, with those of the corrections that came
    /// from it; a run that was held can be withdrawn too, so that it is done with. One entry a run,
    /// `run.withdrawn`. The keys are free then. A conflict for a run that goes on, failed, or was withdrawn before, and
    /// for a correction: its rows are put back one by one, by opening their exceptions again.
    pub async fn withdraw_run(
        &self,
        workspace: &WorkspaceId,
        run: &RunId,
        reason: &str,
        mark: &Mark,
    ) -> Result<Checkpoint, StoreError> {
        let mut tx = self.db.begin().await?;
        tx.lock(Lock::Ledger, workspace.as_str()).await?;
        let kind: Option<(String,)> = row!(
            &mut tx,
            "SELECT kind FROM runs WHERE workspace = $1 AND id = $2",
            workspace.as_str(),
            run.as_str()
        )?;
        if from_word::<RunKind>(&kind.ok_or(StoreError::NotFound)?.0)? == RunKind::Correction {
            return Err(StoreError::Conflict(None));
        }
        let leaving = leave(&mut tx, workspace, run).await?;
        let last = write_down(&mut tx, workspace, &leaving, None, reason, mark).await?;
        tx.commit().await?;
        self.learn_of_left().await;
        Ok(last)
    }
}

/// What happens to the totals when a run takes the place of another.
#[derive(Debug, Clone, Default)]
pub struct GivingWay {
    /// Their rows leave.
    pub runs: Vec<RunId>,
    /// Further rows that leave: they entered with other runs through exceptions of these.
    pub elsewhere: Vec<LedgerRow>,
    /// Rows of other runs that count again, for what had displaced them leaves.
    pub back: Vec<LedgerRow>,
}

impl Store {
    /// What would give way to a run that takes the place of this one. Not found where there is no such run.
    pub async fn giving_way(
        &self,
        workspace: &WorkspaceId,
        run: &RunId,
    ) -> Result<GivingWay, StoreError> {
        let mut tx = self.db.read().await?;
        let (mut runs, mut gone) = (Vec::new(), Vec::new());
        for id in in_the_way(&mut tx, workspace, run.clone()).await? {
            gone.push(number(&mut tx, workspace, &id).await?);
            let corrections = corrections(&mut tx, workspace, &id).await?;
            runs.push(id);
            for (number, id) in corrections {
                gone.push(number);
                runs.push(id);
            }
        }
        Ok(GivingWay {
            runs,
            elsewhere: entered_elsewhere(&mut tx, workspace, &gone).await?,
            back: coming_back(&mut tx, workspace, &gone).await?,
        })
    }
}

impl Store {
    /// The run that counts in the place which a held run was to take, since another was let in before it. None where that
    /// place is as it was, or free.
    pub async fn place_taken(
        &self,
        workspace: &WorkspaceId,
        held: &RunId,
    ) -> Result<Option<RunId>, StoreError> {
        let mut tx = self.db.read().await?;
        let places = in_the_way(&mut tx, workspace, held.clone()).await?;
        for run in places.into_iter().skip(1) {
            let taken = successor(&mut tx, workspace, run).await?;
            if taken.is_some() {
                return Ok(taken);
            }
        }
        Ok(None)
    }
}

/// Takes a run's rows out of the totals, and those of its corrections: the run comes first.
pub(crate) async fn leave(
    tx: &mut Tx,
    workspace: &WorkspaceId,
    run: &RunId,
) -> Result<Vec<Leaving>, StoreError> {
    let found: Option<(i64, String)> = row!(
        tx,
        "SELECT number, status FROM runs WHERE workspace = $1 AND id = $2",
        workspace.as_str(),
        run.as_str()
    )?;
    let (number, status) = found.ok_or(StoreError::NotFound)?;
    if !matches!(from_word(&status)?, RunStatus::Complete | RunStatus::Held)
        || is_withdrawn(tx, workspace, number).await?
    {
        return Err(StoreError::Conflict(None));
    }
    let mut all = vec![(number, run.clone())];
    all.extend(corrections(tx, workspace, run).await?);
    let gone: Vec<i64> = all.iter().map(|(number, _)| *number).collect();
    let mut leaving = Vec::new();
    for (number, id) in all {
        let displaced = displaced_by(tx, number, None).await?;
        let cube = Cube::leaving(tx, workspace, number).await?;
        cube.write(tx, workspace, number).await?;
        let rows = execute!(
            tx,
            "UPDATE ledger SET counts = $2 WHERE run = $1 AND counts",
            number,
            false
        )?;
        bring_back(tx, workspace, displaced, &gone).await?;
        sums::depart(tx, workspace, number).await?;
        leaving.push(Leaving {
            id,
            number,
            rows,
            elsewhere: Vec::new(),
        });
    }
    for (number, rows) in leave_from_others(tx, workspace, &gone).await? {
        let id: Option<(String,)> = row!(tx, "SELECT id FROM runs WHERE number = $1", number)?;
        let id = entry::run_id(id.ok_or(StoreError::NotFound)?.0)?;
        if let Some(run) = leaving.first_mut() {
            run.elsewhere.push((id, rows));
        }
    }
    Ok(leaving)
}

/// The corrections that came from a run and count.
async fn corrections(
    tx: &mut Tx,
    workspace: &WorkspaceId,
    run: &RunId,
) -> Result<Vec<(i64, RunId)>, StoreError> {
    // A correction may have exceptions of its own, which are corrected in their turn.
    let found: Vec<(i64, String)> = rows!(
        tx,
        "WITH RECURSIVE c (number, id) AS (\
         SELECT number, id FROM runs WHERE workspace = $1 AND origin = $2 \
         UNION SELECT r.number, r.id FROM runs r JOIN c ON r.workspace = $1 AND r.origin = c.id) \
         SELECT c.number, c.id FROM c JOIN runs r ON r.number = c.number WHERE r.status = 'complete' \
         AND NOT EXISTS (SELECT 1 FROM withdrawals w WHERE w.workspace = $1 AND w.run = c.number) \
         ORDER BY c.number",
        workspace.as_str(),
        run.as_str()
    )?;
    let found = found.into_iter();
    found
        .map(|(number, id)| Ok((number, entry::run_id(id)?)))
        .collect()
}

/// Takes out the run whose place another takes. Where it was held to take the place of a third, that one goes too, unless
/// it was withdrawn meanwhile. A conflict where the run itself left, or a further one has the place of the third: of two
/// that are to take one place, one does.
pub(crate) async fn make_way(
    tx: &mut Tx,
    workspace: &WorkspaceId,
    replaces: Option<String>,
) -> Result<Vec<Leaving>, StoreError> {
    let Some(replaces) = replaces else {
        return Ok(Vec::new());
    };
    let mut all = Vec::new();
    for id in in_the_way(tx, workspace, entry::run_id(replaces)?).await? {
        match leave(tx, workspace, &id).await {
            Ok(leaving) => all.extend(leaving),
            Err(StoreError::Conflict(_))
                if !all.is_empty() && successor(tx, workspace, id).await?.is_none() => {}
            Err(error) => return Err(error),
        }
    }
    Ok(all)
}

/// A run, and those whose place it was held to take.
async fn in_the_way(
    tx: &mut Tx,
    workspace: &WorkspaceId,
    run: RunId,
) -> Result<Vec<RunId>, StoreError> {
    let mut all = vec![run];
    while let Some(last) = all.last() {
        let further: Option<(Option<String>,)> = row!(
            tx,
            "SELECT replaces FROM runs WHERE workspace = $1 AND id = $2 AND status = 'held'",
            workspace.as_str(),
            last.as_str()
        )?;
        let Some((Some(further),)) = further else {
            break;
        };
        all.push(entry::run_id(further)?);
    }
    Ok(all)
}

/// The run that counts in the place of one that was replaced. None where that one was not, or its place is free.
async fn successor(
    tx: &mut Tx,
    workspace: &WorkspaceId,
    mut run: RunId,
) -> Result<Option<RunId>, StoreError> {
    let mut was_replaced = false;
    loop {
        let left: Option<(Option<String>,)> = row!(
            tx,
            "SELECT w.replaced_by FROM runs r JOIN withdrawals w ON w.workspace = r.workspace AND w.run = r.number \
             WHERE r.workspace = $1 AND r.id = $2",
            workspace.as_str(),
            run.as_str()
        )?;
        match left {
            None => return Ok(was_replaced.then_some(run)),
            Some((None,)) => return Ok(None),
            Some((Some(by),)) => run = entry::run_id(by)?,
        }
        was_replaced = true;
    }
}

/// Writes down what left, with an entry each, and gives the last one's place.
pub(crate) async fn write_down(
    tx: &mut Tx,
    workspace: &WorkspaceId,
    leaving: &[Leaving],
    replaced_by: Option<&RunId>,
    reason: &str,
    mark: &Mark,
) -> Result<Checkpoint, StoreError> {
    let mut last = None;
    for Leaving {
        id,
        number,
        rows,
        elsewhere,
    } in leaving
    {
        for (run, rows) in elsewhere {
            let mark = mark.clone().with("rows", rows).with("of", id);
            entry::append(tx, workspace, Some(run), "rows.withdrawn", &mark).await?;
        }
        let mut mark = mark.clone().with("rows", rows);
        if let Some(by) = replaced_by {
            mark = mark.with("replaced_by", by);
        }
        let place = entry::append(tx, workspace, Some(id), "run.withdrawn", &mark).await?;
        execute!(
            tx,
            "INSERT INTO withdrawals (workspace, run, time, actor, reason, replaced_by, entry_sequence, entry_hash) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
            workspace.as_str(),
            number,
            mark.time.as_str(),
            mark.actor.as_str(),
            reason,
            replaced_by.map(RunId::as_str),
            integer(place.sequence)?,
            place.hash.as_str()
        )?;
        last = Some(place);
    }
    last.ok_or(StoreError::NotFound)
}

pub(crate) async fn is_withdrawn(
    tx: &mut Tx,
    workspace: &WorkspaceId,
    number: i64,
) -> Result<bool, StoreError> {
    let found: Option<(i64,)> = row!(
        tx,
        "SELECT run FROM withdrawals WHERE workspace = $1 AND run = $2",
        workspace.as_str(),
        number
    )?;
    Ok(found.is_some())
}

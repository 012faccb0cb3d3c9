//! Rows that are opened again: as they came, and told who has their key by now.

use super::{ActError, Exceptions, Origin, decide::Decided, put_right::as_it_came};
use crate::{
    clock, panic,
    run::{instant, refused::finding},
};
use engine::{Moment, verdict::key_column};
use model::{
    exception::{Event, ExceptionState, RowJudgement, RowPlace, Standing},
    row::{Holder, KeptRow, Refused},
};
use std::collections::BTreeMap;
use store::StoredException;

impl Exceptions<'_> {
    /// Opens rows again. One whose key another row of the ledger holds is judged, and has UNQ02 beside whatever else is
    /// wrong with it: nothing that is put right in it lets it in before that is settled.
    pub(super) async fn open_again(
        &self,
        origin: &Origin,
        rows: Vec<StoredException>,
        decided: &mut Decided,
    ) -> Result<(), ActError> {
        let workspace = &origin.run.summary.workspace;
        let keys = rows.iter().filter_map(|it| it.row.key.as_deref());
        let keys: Vec<&str> = keys.collect();
        let holders = self
            .store
            .holders(workspace, &origin.contract.name, &keys)
            .await?;
        let held = rows.iter().filter_map(|row| {
            let (holder, _) = holders.get(row.row.key.as_deref()?)?;
            (!is_itself(row, holder)).then_some((row, holder))
        });
        let mut judged = judged(origin, held)?;
        decided.changes.extend(rows.iter().map(|row| {
            let mut change = row.change(Event::Reopened, ExceptionState::Reopened);
            change.judged = judged.remove(&row.row.record);
            change
        }));
        Ok(())
    }
}

/// It entered, and leaves with this.
fn is_itself(row: &StoredException, holder: &Holder) -> bool {
    let entered = row.history.iter().rev().find_map(|it| it.entered.as_ref());
    let RowPlace { run, record } = match entered {
        Some(place) if row.state.standing() == Standing::Entered => place,
        _ => return false,
    };
    (run, record) == (&holder.run, &holder.record)
}

/// Judgements by record. None of a row that is no proper record, and none where the contract in force cannot read the
/// file's columns: whoever puts such a row right is told then.
fn judged<'r>(
    origin: &Origin,
    held: impl Iterator<Item = (&'r StoredException, &'r Holder)>,
) -> Result<BTreeMap<u64, RowJudgement>, ActError> {
    let (contract, form) = (&origin.contract, &origin.form);
    let held = held.filter_map(|(row, holder)| {
        let cells = as_it_came(form, &origin.verdict.options, row)?;
        Some((&row.row, holder, cells))
    });
    let held: Vec<(&KeptRow, &Holder, Vec<String>)> = held.collect();
    if held.is_empty() {
        return Ok(BTreeMap::new());
    }
    let evaluated_at = instant::seconds(clock::now());
    let at = Moment::parse(&evaluated_at).ok_or(ActError::Unsound("now is no moment"))?;
    let cells = || held.iter().map(|(_, _, cells)| cells.as_slice());
    let judged = panic::catch(|| form.judge(contract, cells(), Vec::new(), at));
    let judged = judged.map_err(|_| ActError::Unsound("the engine stopped"))??;
    let column = key_column(contract, &judged.verdict.options);
    let found = held.iter().zip(judged.rows);
    let found = found.filter_map(|((came, holder, _), (kept, row))| {
        // Under another contract it may have another key, which nobody was looked up for.
        if row.key != came.key {
            return None;
        }
        let mut findings = kept.findings;
        let holder = (*holder).clone();
        findings.push(finding(&Refused { row, holder }, column));
        let judgement = RowJudgement {
            contract: contract.fingerprint(),
            evaluated_at: evaluated_at.clone(),
            findings,
        };
        Some((came.record, judgement))
    });
    Ok(found.collect())
}

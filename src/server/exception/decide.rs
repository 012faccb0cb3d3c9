//! What is to become of each row by an act.

use super::{
    Act, ActError, Done, Edit, Exceptions, Left, Origin, Settlement, Who,
    enter::{Entering, Row},
    is_open,
    put_right::{cells, last_findings},
};
use crate::{
    clock, panic,
    run::{instant, refused::finding},
};
use engine::{Moment, apart::Form, contract::Contract, verdict::key_column};
use model::{
    control::Severity,
    exception::{ActPreview, Event, ExceptionState, RowJudgement, RowPlace},
    finding::FindingData,
    id::RunId,
    row::{Holder, LedgerRow, Refused},
};
use std::collections::{BTreeMap, BTreeSet};
use store::{NewChange, StoredException};

/// What an act comes to.
pub(super) struct Decided {
    pub(super) changes: Vec<NewChange>,
    pub(super) entering: Option<Box<Entering>>,
    pub(super) stale: Vec<RowPlace>,
    /// Records, and why they are left as they are.
    left: Vec<(u64, &'static str)>,
    /// The act is about one row, so that leaving it is an error.
    is_one: bool,
    /// Rows that pass are not made ready to enter.
    trial: bool,
}

impl Decided {
    pub(super) fn new(is_one: bool, trial: bool) -> Self {
        Self {
            changes: Vec::new(),
            entering: None,
            stale: Vec::new(),
            left: Vec::new(),
            is_one,
            trial,
        }
    }

    pub(super) fn leave(&mut self, record: u64, why: Left) -> Result<(), ActError> {
        if self.is_one && !matches!(why, Left::Unchanged | Left::OtherText) {
            return Err(ActError::Left(why));
        }
        self.left.push((record, why.word()));
        Ok(())
    }

    pub(super) fn entered(&self) -> u64 {
        self.entering.as_ref().map_or(0, |it| it.rows())
    }

    pub(super) fn done(&self, run: &RunId) -> Done {
        let at = |record| RowPlace {
            run: run.clone(),
            record,
        };
        let mut left = BTreeMap::new();
        for (_, why) in &self.left {
            *left.entry(*why).or_default() += 1;
        }
        let changed = self.changes.iter().map(|it| {
            let passed = it.entered.is_some();
            (at(it.record), if passed { "entered" } else { "failing" })
        });
        let left_so = self.left.iter().map(|(record, why)| (at(*record), *why));
        Done {
            changed: self.changes.len() as u64,
            entered: self.entered(),
            run: self.entering.as_ref().map(|it| it.id().clone()),
            left,
            stale: self.stale.clone(),
            outcomes: changed.chain(left_so).collect(),
        }
    }

    /// Adds what it would come to.
    pub(super) fn preview(self, to: &mut ActPreview) {
        for change in self.changes {
            to.changed += 1;
            if change.entered.is_some() {
                to.entered += 1;
                continue;
            }
            let judged = change.judged.map(|it| it.findings).unwrap_or_default();
            for code in errors(&judged) {
                *to.failing.entry(code).or_default() += 1;
            }
        }
        for (_, why) in self.left {
            *to.left.entry(why.to_owned()).or_default() += 1;
        }
    }
}

pub(super) enum Way {
    Change(Box<NewChange>),
    Leave(Left),
    Judge,
    OpenAgain,
}

/// What is decided by where the row stands alone.
pub(super) fn without_judging(row: &StoredException, act: &Act) -> Way {
    let to = |event, state| Way::Change(Box::new(row.change(event, state)));
    match act {
        Act::Comment { .. } => to(Event::Commented, row.state),
        Act::Reopen { .. } if is_open(row) => Way::Leave(Left::Open),
        Act::Reopen { .. } => Way::OpenAgain,
        _ if !is_open(row) => Way::Leave(Left::NotOpen(row.state)),
        Act::Assign { assignee } => {
            let assignee = assignee.as_ref().filter(|it| !it.trim().is_empty());
            let state = match assignee {
                Some(_) => ExceptionState::Assigned,
                None => ExceptionState::New,
            };
            // Opened again, it is assigned anew to whom had it.
            let has_it = assignee == row.assignee.as_ref();
            if has_it && (assignee.is_none() || state == row.state) {
                return Way::Leave(Left::Unchanged);
            }
            Way::Change(Box::new(NewChange {
                assignee: assignee.cloned(),
                ..row.change(Event::Assigned, state)
            }))
        }
        Act::Reject { .. } => to(Event::Rejected, ExceptionState::Rejected),
        Act::Settle {
            settlement: Settlement::KeepHolder,
            ..
        } => {
            let repeats = |it: &FindingData| matches!(it.code.as_str(), "UNQ01" | "UNQ02");
            if last_findings(row).iter().any(repeats) {
                to(Event::Settled, ExceptionState::Rejected)
            } else {
                Way::Leave(Left::KeyNotHeld)
            }
        }
        Act::Correct { .. }
        | Act::CorrectEach { .. }
        | Act::Waive { .. }
        | Act::Settle { .. }
        | Act::Replay
        | Act::Replace { .. } => Way::Judge,
    }
}

/// Codes of the controls that refuse a row.
fn errors(findings: &[FindingData]) -> BTreeSet<String> {
    let errors = findings.iter().filter(|it| it.severity == Severity::Error);
    errors.map(|it| it.code.clone()).collect()
}

/// Those among them that a contract lets nobody waive.
pub(super) fn not_waivable(contract: &Contract, findings: &[FindingData]) -> BTreeSet<String> {
    let mut codes = errors(findings);
    codes.retain(|it| !contract.waivers.controls.contains(it));
    codes
}

/// A row that is to be judged.
struct Candidate {
    row: StoredException,
    cells: Vec<String>,
}

impl Exceptions<'_> {
    /// Judges rows by themselves, and holds their keys to the ledger and to one another.
    pub(super) async fn judge(
        &self,
        origin: &Origin,
        rows: Vec<StoredException>,
        act: &Act,
        who: &Who,
        decided: &mut Decided,
    ) -> Result<(), ActError> {
        let mut candidates = Vec::with_capacity(rows.len());
        for row in rows {
            let record = row.row.record;
            match candidate(origin, row, act)? {
                Ok(candidate) => candidates.push(candidate),
                Err(why) => decided.leave(record, why)?,
            }
        }
        if candidates.is_empty() {
            return Ok(());
        }
        let contract = &origin.contract;
        let evaluated_at = instant::seconds(clock::now());
        let at = Moment::parse(&evaluated_at).ok_or(ActError::Unsound("now is no moment"))?;
        let cells = || candidates.iter().map(|it| it.cells.as_slice());
        let judged = panic::catch(|| origin.form.judge(contract, cells(), Vec::new(), at));
        let judged = judged.map_err(|_| ActError::Unsound("the engine stopped"))??;
        if let Some(held) = &judged.verdict.held {
            let texts = judged.verdict.file_findings.iter();
            let texts: Vec<&str> = texts.map(|it| it.text.as_str()).collect();
            let why = if texts.is_empty() {
                held.reason.clone()
            } else {
                texts.join("; ")
            };
            return Err(ActError::Held(why));
        }
        if judged.rows.len() != candidates.len() {
            return Err(ActError::Unsound("rows by themselves are other rows"));
        }

        let keys: Vec<&str> = judged
            .rows
            .iter()
            .filter_map(|(_, typed)| typed.key.as_deref())
            .collect();
        let workspace = &origin.run.summary.workspace;
        let holders = self.store.holders(workspace, &contract.name, &keys).await?;
        let mut held = Keys {
            holders,
            run: clock::run_id(),
            file_name: origin.run.summary.file_name.clone(),
            column: key_column(contract, &judged.verdict.options),
            entering: 0,
        };
        let mut entering: Vec<Row> = Vec::new();
        for (candidate, (kept, typed)) in candidates.into_iter().zip(judged.rows) {
            let Candidate { row, cells } = candidate;
            let record = row.row.record;
            let mut findings = kept.findings;
            let is_waiver = matches!(act, Act::Waive { .. });
            let codes = if is_waiver {
                not_waivable(contract, &findings)
            } else {
                errors(&findings)
            };
            if is_waiver {
                if !codes.is_empty() {
                    decided.leave(record, Left::NotWaivable(codes.into_iter().collect()))?;
                    continue;
                }
                match by_second_person(&row, &typed, contract.waivers.second_person_above, who) {
                    Waiving::Confirmed => {}
                    Waiving::Proposed => {
                        let change = row.change(Event::WaiverProposed, row.state);
                        decided.changes.push(change);
                        continue;
                    }
                    Waiving::BySamePerson => {
                        decided.leave(record, Left::SecondPerson)?;
                        continue;
                    }
                }
            }
            let takes_place = matches!(
                act,
                Act::Settle {
                    settlement: Settlement::TakePlace,
                    ..
                }
            );
            let mut passes = codes.is_empty();
            let mut displaces = None;
            if passes && let Some(holder) = held.holder(&typed) {
                if takes_place && holder.run != held.run {
                    displaces = Some(RowPlace {
                        run: holder.run.clone(),
                        record: holder.record,
                    });
                } else {
                    findings.push(held.finding(&typed, holder));
                    passes = false;
                }
            }
            let waived: Vec<String> = if is_waiver {
                let errors = findings.iter().filter(|it| it.severity == Severity::Error);
                errors.map(|it| it.code.clone()).collect()
            } else {
                Vec::new()
            };
            let (event, state) = outcome(act, !waived.is_empty());
            let is_edited = act.edits();
            let mut change = NewChange {
                cells: is_edited.then(|| cells.clone()),
                judged: Some(RowJudgement {
                    contract: contract.fingerprint(),
                    evaluated_at: evaluated_at.clone(),
                    findings,
                }),
                displaces,
                ..row.change(event, if passes { state } else { row.state })
            };
            if passes {
                change.entered = Some(held.enter(&typed));
                entering.push(Row { cells, waived });
                decided.changes.push(change);
                continue;
            }
            let found = change.judged.as_ref().map(|it| it.findings.as_slice());
            match act {
                Act::Waive { .. } => decided.leave(record, Left::KeyHeld)?,
                Act::Settle { .. } if !is_edited => decided.leave(record, Left::Failing)?,
                Act::Replay if found == Some(last_findings(&row)) => {
                    decided.leave(record, Left::Unchanged)?;
                }
                _ => decided.changes.push(change),
            }
        }
        if !entering.is_empty() && !decided.trial {
            let entering = Entering::new(self.store, origin, held.run, entering, at, who).await?;
            decided.entering = Some(Box::new(entering));
        }
        Ok(())
    }
}

impl Act {
    /// Whether it changes cells.
    fn edits(&self) -> bool {
        let corrects = matches!(self, Self::Replace { .. } | Self::CorrectEach { .. });
        corrects || self.edit(0).is_some()
    }

    /// Of a record.
    fn edit(&self, record: u64) -> Option<&Edit> {
        match self {
            Self::Correct { edit, .. } => Some(edit),
            Self::CorrectEach { edits, .. } => edits.get(&record),
            Self::Settle {
                settlement: Settlement::OtherKey,
                edit,
                ..
            } => Some(edit),
            _ => None,
        }
    }
}

/// What an act that lets a row enter makes of it.
fn outcome(act: &Act, is_waived: bool) -> (Event, ExceptionState) {
    match act {
        Act::Correct { .. } | Act::CorrectEach { .. } | Act::Replace { .. } => {
            (Event::Corrected, ExceptionState::Corrected)
        }
        Act::Settle {
            settlement: Settlement::OtherKey,
            ..
        } => (Event::Settled, ExceptionState::Corrected),
        Act::Settle { .. } => (Event::Settled, ExceptionState::Resolved),
        Act::Waive { .. } if is_waived => (Event::Waived, ExceptionState::Waived),
        // Nothing is wrong with it any more.
        _ => (Event::Replayed, ExceptionState::Resolved),
    }
}

fn candidate(
    origin: &Origin,
    row: StoredException,
    act: &Act,
) -> Result<Result<Candidate, Left>, ActError> {
    let current = cells(&origin.form, &origin.verdict.options, &row);
    let before = current.clone();
    let cells = match (act, act.edit(row.row.record)) {
        (
            Act::Replace {
                column, from, to, ..
            },
            _,
        ) => replaced(&origin.form, current, column, from, to)?,
        (_, Some(edit)) => edited(&origin.form, current, edit)?,
        (_, None) => current.ok_or(Left::NoRecord),
    };
    let cells = match cells {
        Ok(cells) => cells,
        Err(why) => return Ok(Err(why)),
    };
    // A whole page of rows is sent, of which a few say something else.
    if matches!(act, Act::CorrectEach { .. }) && before.as_ref() == Some(&cells) {
        return Ok(Err(Left::Unchanged));
    }
    // What stands for bytes that were no text would pass for a character.
    let damaged = row.row.findings.iter().any(|it| it.code == "SCH07");
    if damaged && cells.iter().any(|it| it.contains('\u{fffd}')) {
        return Ok(Err(Left::Undecodable));
    }
    Ok(Ok(Candidate { row, cells }))
}

fn edited(
    form: &Form,
    current: Option<Vec<String>>,
    edit: &Edit,
) -> Result<Result<Vec<String>, Left>, ActError> {
    let header = form.header();
    let mut cells = match (&edit.row, current) {
        (Some(row), _) if row.len() != header.len() => {
            return Err(ActError::Invalid(format!(
                "`row` has {} cells; the file's own columns are {}: {}.",
                row.len(),
                header.len(),
                header.join(", ")
            )));
        }
        (Some(row), _) => row.clone(),
        (None, Some(current)) => current,
        (None, None) => return Ok(Err(Left::NoRecord)),
    };
    if edit.row.is_none() && edit.cells.is_empty() {
        return Err(ActError::Invalid(
            "Nothing is corrected: say which cells are, in `cells`, or give the whole `row`."
                .into(),
        ));
    }
    for (name, text) in &edit.cells {
        let cell = form.place(name).and_then(|it| cells.get_mut(it));
        let cell = cell.ok_or_else(|| {
            ActError::NoColumn(format!(
                "`cells` names `{name}`, which is none of the file's columns: {}.",
                header.join(", ")
            ))
        })?;
        cell.clone_from(text);
    }
    Ok(Ok(cells))
}

fn replaced(
    form: &Form,
    current: Option<Vec<String>>,
    column: &str,
    from: &str,
    to: &str,
) -> Result<Result<Vec<String>, Left>, ActError> {
    let place = form.place(column).ok_or_else(|| {
        ActError::NoColumn(format!(
            "`{column}` is none of the file's columns: {}.",
            form.header().join(", ")
        ))
    })?;
    let Some(mut cells) = current else {
        return Ok(Err(Left::NoRecord));
    };
    let cell = cells.get_mut(place);
    let Some(cell) = cell.filter(|it| it.trim() == from.trim() && *it != to) else {
        return Ok(Err(Left::OtherText));
    };
    to.clone_into(cell);
    Ok(Ok(cells))
}

enum Waiving {
    Confirmed,
    Proposed,
    BySamePerson,
}

fn by_second_person(
    row: &StoredException,
    typed: &LedgerRow,
    above: Option<model::money::Money>,
    who: &Who,
) -> Waiving {
    let money = typed.money.map_or(0, |it| it.0.abs());
    if above.is_none_or(|it| money <= it.0) {
        return Waiving::Confirmed;
    }
    let aside = |it: Event| matches!(it, Event::Assigned | Event::Commented);
    let last = row.history.iter().rev().find(|it| !aside(it.event));
    match last.filter(|it| it.event == Event::WaiverProposed) {
        None => Waiving::Proposed,
        Some(it) if it.actor == who.actor => Waiving::BySamePerson,
        Some(_) => Waiving::Confirmed,
    }
}

/// Who holds the keys, rows of this act that enter before among them.
struct Keys {
    holders: BTreeMap<String, (Holder, LedgerRow)>,
    run: RunId,
    file_name: String,
    column: Option<u32>,
    entering: u64,
}

impl Keys {
    fn holder(&self, typed: &LedgerRow) -> Option<&Holder> {
        let (holder, _) = self.holders.get(typed.key.as_deref()?)?;
        Some(holder)
    }

    fn finding(&self, typed: &LedgerRow, holder: &Holder) -> FindingData {
        let refused = Refused {
            row: typed.clone(),
            holder: holder.clone(),
        };
        finding(&refused, self.column)
    }

    /// The row's place in the run by which it enters: a line each, below the header.
    fn enter(&mut self, typed: &LedgerRow) -> RowPlace {
        self.entering += 1;
        let holder = Holder {
            run: self.run.clone(),
            file_name: self.file_name.clone(),
            record: self.entering,
            line: self.entering + 1,
            identical: false,
        };
        if let Some(key) = &typed.key {
            self.holders
                .insert(key.clone().into(), (holder, typed.clone()));
        }
        RowPlace {
            run: self.run.clone(),
            record: self.entering,
        }
    }
}

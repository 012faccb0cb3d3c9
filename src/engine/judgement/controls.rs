//! What the verdict says of each control.

use super::whole::Whole;
use crate::{
    catalogue::CATALOGUE,
    contract::tolerance::Tolerance,
    judge::{NotRun, Piece, Plan, Tally},
};
use model::control::{ControlResult, Severity, Status};

/// Every control of the contract, by code, with the figures of all its uses.
pub(super) fn controls(
    plan: &Plan<'_>,
    pieces: &[Piece],
    read: u64,
    key_tally: Tally,
    whole: &Whole,
) -> Vec<ControlResult> {
    let compiled = &plan.compiled;
    let mut tallies = vec![Tally::default(); compiled.uses.len()];
    for piece in pieces {
        for (sum, it) in tallies.iter_mut().zip(&piece.tallies) {
            sum.evaluated += it.evaluated;
            sum.failed += it.failed;
        }
    }
    let tolerant = compiled.uses.iter().any(|it| it.tolerance.is_some());
    let rows = match tolerant {
        true => failing_rows(compiled.uses.len(), pieces),
        false => Vec::new(),
    };
    let mut results = Vec::new();
    for entry in &CATALOGUE {
        let meta = entry.meta;
        let mut sum = Tally::default();
        let mut reasons: Vec<NotRun> = Vec::new();
        let mut tolerated = 0;
        let mut worst: Option<Severity> = None;
        let mut severity = None;
        for (place, used) in compiled
            .uses
            .iter()
            .enumerate()
            .filter(|(_, it)| it.meta.code == meta.code)
        {
            severity = severity.min(Some(used.severity)).or(Some(used.severity));
            let not_run = whole.not_run.iter().find(|(it, _)| *it == place);
            let not_run = not_run.map(|(_, it)| NotRun::Says(it));
            let tally = if let Some(reason) = used.not_run.clone().or(not_run) {
                reasons.push(reason);
                Tally::default()
            } else if used.of_file {
                let faults = whole.faults.iter().filter(|(it, _)| *it == place);
                worst = faults.clone().map(|(_, it)| it.severity).min().or(worst);
                Tally {
                    evaluated: 1,
                    failed: u64::from(faults.count() > 0),
                }
            } else if compiled.key_use == Some(place) {
                key_tally
            } else {
                tallies.get(place).copied().unwrap_or_default()
            };
            let rows = rows.get(place).copied().unwrap_or(0);
            let covers = |it: Tolerance| it.covers(rows, tally.failed, tally.evaluated);
            if used.tolerance.is_some_and(covers) {
                tolerated += tally.failed;
            } else if tally.failed > 0 && !used.of_file {
                worst = worst.min(Some(used.severity)).or(Some(used.severity));
            }
            sum.evaluated += tally.evaluated;
            sum.failed += tally.failed;
        }
        let Some(severity) = severity else { continue };
        let (status, reason) = match (sum.evaluated, worst) {
            (0, _) => (Status::NotRun, Some(not_run(reasons.first(), read))),
            (_, None) => (Status::Passed, None),
            (_, Some(Severity::Error)) => (Status::Failed, None),
            (_, Some(Severity::Warning)) => (Status::Warned, None),
        };
        results.push(ControlResult {
            code: meta.code.to_owned(),
            name: meta.name.to_owned(),
            category: meta.category,
            severity,
            scope: meta.scope,
            dimension: meta.dimension,
            status,
            reason,
            evaluated: sum.evaluated,
            failed: sum.failed,
            tolerated,
            summary: meta.summary.to_owned(),
            columns: Vec::new(),
        });
    }
    results
}

/// How many rows fail each of the uses: one that fails in several of its cells counts once.
fn failing_rows(uses: usize, pieces: &[Piece]) -> Vec<u64> {
    let mut rows = vec![0; uses];
    for piece in pieces {
        let mut start = 0;
        for flag in &piece.flags {
            let end = flag.faults_end as usize;
            let faults = piece.faults.get(start..end).unwrap_or_default();
            start = end;
            for (at, fault) in faults.iter().enumerate() {
                let earlier = faults.iter().take(at).any(|it| it.used == fault.used);
                if let Some(count) = rows.get_mut(usize::from(fault.used)).filter(|_| !earlier) {
                    *count += 1;
                }
            }
        }
    }
    rows
}

fn not_run(reason: Option<&NotRun>, read: u64) -> String {
    match reason {
        Some(NotRun::Held(name)) => format!("the file is held: {name}"),
        Some(NotRun::NoTable) => "the file is no table".into(),
        Some(NotRun::NoColumn(names)) => format!("the file has no column {names}"),
        Some(NotRun::HasKey) => "the contract has a key, which tells rows apart".into(),
        Some(NotRun::NoKey) => "the contract or the file has no key".into(),
        Some(NotRun::Says(reason)) => (*reason).to_owned(),
        Some(NotRun::NeedsLedger) => {
            "needs the ledger: runs on the server, when rows are loaded".into()
        }
        None if read == 0 => "the file has no rows".into(),
        None => "no cell or row for it to judge".into(),
    }
}

//! What is wrong with the file as a whole: its header, and what its rows add up to.

use crate::{
    control::{FileOutcome, HeaderFault, Totals},
    judge::Plan,
};
use model::control::Severity;

/// Faults of the whole file, and the name of the control that holds it.
pub(super) struct Whole {
    /// Each with the place of its control among the plan's uses.
    pub(super) faults: Vec<(usize, HeaderFault)>,
    pub(super) held: Option<&'static str>,
    /// Why controls of the file's totals did not run, by their places among the plan's uses.
    pub(super) not_run: Vec<(usize, &'static str)>,
}

/// Adds to the faults of the header those of the rows' totals.
pub(super) fn judge(plan: &Plan<'_>, totals: &Totals) -> Whole {
    let compiled = &plan.compiled;
    let mut whole = Whole {
        faults: compiled.header_faults.clone(),
        held: compiled.held,
        not_run: Vec::new(),
    };
    if whole.held.is_some() {
        return whole;
    }
    for (place, check) in &compiled.files {
        let Some(used) = compiled.uses.get(*place) else {
            continue;
        };
        let failed = match check.judge(totals) {
            FileOutcome::Passed => continue,
            FileOutcome::NotRun(reason) => {
                whole.not_run.push((*place, reason));
                continue;
            }
            FileOutcome::Failed(failed) => failed,
        };
        let holds = used.severity == Severity::Error;
        if holds {
            whole.held = whole.held.or(Some(used.meta.name));
        }
        whole
            .faults
            .extend(failed.into_iter().map(|(message, values)| {
                let fault = HeaderFault {
                    message,
                    severity: used.severity,
                    holds,
                    column: None,
                    values,
                };
                (*place, fault)
            }));
    }
    whole
}

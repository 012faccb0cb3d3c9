//! The verdict as a table: one line for each control of the contract.

use super::Table;
use model::{
    control::{ControlResult, Scope, Severity, Status},
    ratio::Ratio,
    verdict::Verdict,
};

const COLUMNS: [&str; 10] = [
    "code",
    "name",
    "summary",
    "category",
    "severity",
    "scope",
    "status",
    "reason",
    "evaluated",
    "failed",
];

/// As CSV with a header line.
pub fn controls(verdict: &Verdict) -> Vec<u8> {
    let mut table = Table::new(b',');
    table.row(COLUMNS.into_iter().chain(["share_failed"]));
    for control in &verdict.controls {
        let (evaluated, failed) = (control.evaluated.to_string(), control.failed.to_string());
        let share = Ratio::of(control.failed, control.evaluated);
        let share = share.map_or(String::new(), |it| it.to_string());
        table.row([
            control.code.as_str(),
            &control.name,
            &control.summary,
            control.category.map_or("", |it| it.as_str()),
            severity(control),
            scope(control),
            status(control),
            control.reason.as_deref().unwrap_or_default(),
            &evaluated,
            &failed,
            &share,
        ]);
    }
    table.take()
}

const fn severity(control: &ControlResult) -> &'static str {
    match control.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
    }
}

const fn scope(control: &ControlResult) -> &'static str {
    match control.scope {
        Scope::File => "file",
        Scope::Server => "server",
    }
}

const fn status(control: &ControlResult) -> &'static str {
    match control.status {
        Status::Passed => "passed",
        Status::Failed => "failed",
        Status::Warned => "warned",
        Status::NotRun => "not_run",
    }
}

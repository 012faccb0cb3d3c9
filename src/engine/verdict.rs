//! Score, rate and thresholds of a verdict, and what the ledger adds to it.

use crate::contract::{Contract, Thresholds};
use model::{
    control::{Category, ColumnFigures, Severity, Status},
    money::Money,
    options::Options,
    ratio::Ratio,
    verdict::{Held, Refused, Threshold, Verdict},
};

/// Fills in score, rate and thresholds from the figures of the verdict.
pub(crate) fn rate(verdict: &mut Verdict, thresholds: &Thresholds) {
    let structure = verdict.held.as_ref().is_some_and(Held::for_structure);
    let none = structure || verdict.rows.read == 0;
    let judged = verdict
        .controls
        .iter()
        .filter(|it| it.severity == Severity::Error);
    let (evaluated, failed) =
        judged.fold((0, 0), |sum, it| (sum.0 + it.evaluated, sum.1 + it.failed));
    verdict.quality_score = Ratio::of(evaluated - failed, evaluated).filter(|_| !none);
    verdict.exception_rate =
        Ratio::of(verdict.rows.exceptions, verdict.rows.read).filter(|_| !none);
    verdict.thresholds = vec![
        Threshold {
            name: "quality_score".into(),
            relation: ">".into(),
            bound: thresholds.quality_score,
            value: verdict.quality_score,
            met: verdict
                .quality_score
                .is_some_and(|it| it > thresholds.quality_score),
        },
        Threshold {
            name: "exception_rate".into(),
            relation: "<".into(),
            bound: thresholds.exception_rate,
            value: verdict.exception_rate,
            met: verdict
                .exception_rate
                .is_some_and(|it| it < thresholds.exception_rate),
        },
    ];
}

/// Turns the verdict of file scope into the authoritative one: the ledger was asked for the key of every
/// accepted row, and refused some. The receipt stays what it is, for it is of file scope.
pub fn apply_ledger(verdict: &mut Verdict, refused: &[Refused], contract: &Contract) {
    // Whoever is loaded is not held: somebody released it.
    verdict.held = None;
    let asked = verdict.rows.accepted;
    let count = refused.len() as u64;
    let money: Money = refused.iter().filter_map(|it| it.money).sum();
    let is_read = refused.iter().any(|it| it.money.is_some());
    verdict.rows.accepted -= count;
    verdict.rows.exceptions += count;
    if let Some(figures) = &mut verdict.money {
        figures.accepted -= money;
        figures.exceptions += money;
    }
    let column = key_column(contract, &verdict.options);
    let place = column.and_then(|it| usize::try_from(it - 1).ok());
    let header = place.and_then(|it| verdict.options.columns.get(it));
    if let Some(control) = verdict.controls.iter_mut().find(|it| it.code == "UNQ02") {
        control.evaluated = asked;
        control.failed = count;
        (control.status, control.reason) = match (asked, count) {
            (0, _) => (
                Status::NotRun,
                Some("no row was accepted, so that there was no key to look up".into()),
            ),
            (_, 0) => (Status::Passed, None),
            _ => (Status::Failed, None),
        };
        let told = ColumnFigures {
            column,
            column_name: header.map(|it| it.header.trim().to_owned()),
            severity: Severity::Error,
            rows: count,
            money: is_read.then_some(money),
            commonest: None,
        };
        control.columns = Vec::from_iter((count > 0).then_some(told));
    }
    let category = Category::DataQualityIssue;
    if let Some(figures) = verdict
        .categories
        .iter_mut()
        .find(|it| it.category == category)
    {
        figures.exceptions += count;
        figures.findings += count;
        if let Some(sum) = &mut figures.money {
            *sum += money;
        }
    }
    verdict.findings.errors += count;
    verdict.findings.flagged_rows += refused.iter().filter(|it| !it.flagged).count() as u64;
    rate(verdict, &contract.thresholds);
}

/// Where the first column of the contract's key stands in the file, 1-based.
pub fn key_column(contract: &Contract, options: &Options) -> Option<u32> {
    let key = contract.key.first()?;
    let mut columns = (1..).zip(&options.columns);
    let found = columns.find(|(_, it)| it.column.as_ref() == Some(key));
    found.map(|(place, _)| place)
}

//! A file that does not add up to what its sender says.

use crate::{
    contract::{Contract, ContractError},
    control::{Check, Control, FileCheck, FileOutcome, Meta, Totals},
};
use model::control::{Dimension, Scope, Severity};
use serde::Deserialize;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ControlTotalMismatch {}

impl Control for ControlTotalMismatch {
    const META: Meta = Meta {
        code: "CON02",
        name: "control-total-mismatch",
        summary: "The file does not add up to the totals that were given with it.",
        dimension: Dimension::Consistency,
        severity: Severity::Error,
        category: None,
        scope: Scope::File,
        since: "0.1.0",
        messages: &[
            (
                "rows",
                "{declared} rows were announced, the file has {found}; check that it is whole and the right one",
            ),
            (
                "money",
                "{declared} was announced, the file's rows add up to {found}; check that it is whole and the right one",
            ),
            (
                "money-unreadable",
                "{declared} was announced, the file's rows add up to {found}; amounts that cannot be read: {unreadable}, so correct those first",
            ),
        ],
    };
    const PAGE: &'static str = include_str!("control_total_mismatch.md");

    fn compile(self, _contract: &Contract) -> Result<Check, ContractError> {
        Ok(Check::File(Box::new(self)))
    }
}

impl FileCheck for ControlTotalMismatch {
    fn judge(&self, totals: &Totals) -> FileOutcome {
        let declared = totals.declared;
        let money = declared.money.zip(totals.money);
        if declared.rows.is_none() && money.is_none() {
            return FileOutcome::NotRun(match declared.money {
                Some(_) => "a sum was given, but the contract has no money column to add up",
                None => "no total was given with the file",
            });
        }
        let mut failed = Vec::new();
        if let Some(rows) = declared.rows.filter(|it| *it != totals.rows) {
            let values = vec![
                ("declared", rows.to_string()),
                ("found", totals.rows.to_string()),
            ];
            failed.push((0, values));
        }
        if let Some((said, found)) = money.filter(|(said, found)| said != found) {
            let mut values = vec![("declared", said.indian()), ("found", found.indian())];
            if totals.unreadable > 0 {
                values.push(("unreadable", totals.unreadable.to_string()));
            }
            failed.push((1 + u8::from(totals.unreadable > 0), values));
        }
        if failed.is_empty() {
            FileOutcome::Passed
        } else {
            FileOutcome::Failed(failed)
        }
    }
}

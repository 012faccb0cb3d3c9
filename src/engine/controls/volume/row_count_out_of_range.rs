//! A file with fewer or more rows than it can be.

use crate::{
    contract::{Contract, ContractError},
    control::{Check, Control, FileCheck, FileOutcome, Meta, Totals},
};
use model::control::{Dimension, Scope, Severity};
use serde::Deserialize;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RowCountOutOfRange {
    #[serde(default)]
    least: u64,
    most: Option<u64>,
}

impl Control for RowCountOutOfRange {
    const META: Meta = Meta {
        code: "VOL01",
        name: "row-count-out-of-range",
        summary: "The file has fewer or more rows than it can have.",
        dimension: Dimension::Volume,
        severity: Severity::Error,
        category: None,
        scope: Scope::File,
        since: "0.1.0",
        messages: &[
            (
                "few",
                "The file has {rows} rows, at least {least} are expected; check that it is whole",
            ),
            (
                "many",
                "The file has {rows} rows, at most {most} are expected; check that it is the right one",
            ),
        ],
    };
    const PAGE: &'static str = include_str!("row_count_out_of_range.md");

    fn compile(self, _contract: &Contract) -> Result<Check, ContractError> {
        Ok(Check::File(Box::new(self)))
    }
}

impl FileCheck for RowCountOutOfRange {
    fn judge(&self, totals: &Totals) -> FileOutcome {
        let values = |bound: (&'static str, u64)| {
            vec![
                ("rows", totals.rows.to_string()),
                (bound.0, bound.1.to_string()),
            ]
        };
        match self.most {
            _ if totals.rows < self.least => {
                FileOutcome::Failed(vec![(0, values(("least", self.least)))])
            }
            Some(most) if totals.rows > most => {
                FileOutcome::Failed(vec![(1, values(("most", most)))])
            }
            _ => FileOutcome::Passed,
        }
    }
}

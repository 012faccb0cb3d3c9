//! A date that two of the forms that the contract lists read as different days.

use crate::{
    contract::{Contract, ContractError},
    control::{Cell, CellCheck, Check, Class, Control, Meta, Outcome, Sweep, columns},
    value::Value,
};
use model::control::{Category, Dimension, Scope, Severity};
use serde::Deserialize;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct AmbiguousDate {
    columns: Vec<String>,
}

impl Control for AmbiguousDate {
    const META: Meta = Meta {
        code: "VAL04",
        name: "ambiguous-date",
        summary: "A date can be read as two different days.",
        dimension: Dimension::Validity,
        severity: Severity::Error,
        category: Some(Category::DataFormatError),
        scope: Scope::File,
        since: "0.1.0",
        messages: &[(
            "ambiguous",
            "`{value}` in `{column}` can be read as more than one day; write it as 2026-11-23",
        )],
    };
    const PAGE: &'static str = include_str!("ambiguous_date.md");

    fn compile(self, contract: &Contract) -> Result<Check, ContractError> {
        let columns = columns(Self::META.code, &self.columns, contract)?;
        Ok(Check::Cells {
            columns,
            check: Box::new(self),
        })
    }
}

impl CellCheck for AmbiguousDate {
    fn judge(&self, cell: &Cell<'_>) -> Outcome {
        match cell.value {
            Value::AmbiguousDay => Outcome::Failed(0),
            Value::Day(_) => Outcome::Passed,
            _ => Outcome::Skipped,
        }
    }

    fn sweep(&self, class: Class, column: usize, _today: i32) -> Option<Sweep> {
        Sweep::by_class(self, class, column)
    }
}

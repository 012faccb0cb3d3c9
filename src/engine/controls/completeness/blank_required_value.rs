//! A cell that must be filled holds nothing, or blanks alone.

use crate::{
    contract::{Contract, ContractError},
    control::{Cell, CellCheck, Check, Class, Control, Meta, Outcome, Sweep, columns},
    value::Value,
};
use model::control::{Category, Dimension, Scope, Severity};
use serde::Deserialize;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct BlankRequiredValue {
    columns: Vec<String>,
}

impl Control for BlankRequiredValue {
    const META: Meta = Meta {
        code: "CMP01",
        name: "blank-required-value",
        summary: "A cell that must be filled is empty.",
        dimension: Dimension::Completeness,
        severity: Severity::Error,
        category: Some(Category::MissingRequiredField),
        scope: Scope::File,
        since: "0.1.0",
        messages: &[("blank", "`{column}` is empty; fill it in")],
    };
    const PAGE: &'static str = include_str!("blank_required_value.md");

    fn compile(self, contract: &Contract) -> Result<Check, ContractError> {
        let columns = columns(Self::META.code, &self.columns, contract)?;
        Ok(Check::Cells {
            columns,
            check: Box::new(self),
        })
    }
}

impl CellCheck for BlankRequiredValue {
    fn judge(&self, cell: &Cell<'_>) -> Outcome {
        match cell.value {
            Value::Undecodable => Outcome::Skipped,
            value => Outcome::pass_if(value != Value::Blank),
        }
    }

    fn sweep(&self, class: Class, column: usize, _today: i32) -> Option<Sweep> {
        Sweep::by_class(self, class, column)
    }
}

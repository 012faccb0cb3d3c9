//! A cell of a whole-number column that cannot be read as one.

use crate::{
    contract::{Contract, ContractError},
    control::{Cell, CellCheck, Check, Class, Control, Meta, Outcome, Sweep, columns},
    value::Value,
};
use model::control::{Category, Dimension, Scope, Severity};
use serde::Deserialize;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct NotAWholeNumber {
    columns: Vec<String>,
}

impl Control for NotAWholeNumber {
    const META: Meta = Meta {
        code: "VAL01",
        name: "not-a-whole-number",
        summary: "A cell is no whole number.",
        dimension: Dimension::Validity,
        severity: Severity::Error,
        category: Some(Category::DataFormatError),
        scope: Scope::File,
        since: "0.1.0",
        messages: &[(
            "unreadable",
            "`{value}` in `{column}` is not a whole number; write it in digits",
        )],
    };
    const PAGE: &'static str = include_str!("not_a_whole_number.md");

    fn compile(self, contract: &Contract) -> Result<Check, ContractError> {
        let columns = columns(Self::META.code, &self.columns, contract)?;
        Ok(Check::Cells {
            columns,
            check: Box::new(self),
        })
    }
}

impl CellCheck for NotAWholeNumber {
    fn judge(&self, cell: &Cell<'_>) -> Outcome {
        match cell.value {
            Value::Blank | Value::Undecodable => Outcome::Skipped,
            value => Outcome::pass_if(value != Value::Unreadable),
        }
    }

    fn sweep(&self, class: Class, column: usize, _today: i32) -> Option<Sweep> {
        Sweep::by_class(self, class, column)
    }
}

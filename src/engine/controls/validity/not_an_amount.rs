//! A cell of an amount column that cannot be read as whole paise.

use crate::{
    contract::{Contract, ContractError},
    control::{Cell, CellCheck, Check, Class, Control, Meta, Outcome, Sweep, columns},
    value::Value,
};
use model::control::{Category, Dimension, Scope, Severity};
use serde::Deserialize;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct NotAnAmount {
    columns: Vec<String>,
}

impl Control for NotAnAmount {
    const META: Meta = Meta {
        code: "VAL02",
        name: "not-an-amount",
        summary: "A cell is no amount of money.",
        dimension: Dimension::Validity,
        severity: Severity::Error,
        category: Some(Category::DataFormatError),
        scope: Scope::File,
        since: "0.1.0",
        messages: &[(
            "unreadable",
            "`{value}` in `{column}` is not an amount; write it in digits with at most two decimals",
        )],
    };
    const PAGE: &'static str = include_str!("not_an_amount.md");

    fn compile(self, contract: &Contract) -> Result<Check, ContractError> {
        let columns = columns(Self::META.code, &self.columns, contract)?;
        Ok(Check::Cells {
            columns,
            check: Box::new(self),
        })
    }
}

impl CellCheck for NotAnAmount {
    fn judge(&self, cell: &Cell<'_>) -> Outcome {
        match cell.value {
            Value::Blank | Value::Undecodable => Outcome::Skipped,
            value => Outcome::pass_if(value != Value::Unreadable),
        }
    }

    fn sweep(&self, class: Class, _today: i32) -> Option<Sweep> {
        Sweep::by_class(self, class)
    }
}

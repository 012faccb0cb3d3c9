//! An amount written with more than two decimals, all of them the noise of floating-point arithmetic.

use crate::{
    contract::{Contract, ContractError},
    control::{Cell, CellCheck, Check, Class, Control, Meta, Outcome, Sweep, columns},
    value::Value,
};
use model::{
    control::{Category, Dimension, Scope, Severity},
    money::Money,
};
use serde::Deserialize;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ExcessPrecision {
    columns: Vec<String>,
}

impl Control for ExcessPrecision {
    const META: Meta = Meta {
        code: "VAL10",
        name: "excess-precision",
        summary: "An amount has more than two decimals.",
        dimension: Dimension::Validity,
        severity: Severity::Warning,
        category: Some(Category::DataFormatError),
        scope: Scope::File,
        since: "0.1.0",
        messages: &[(
            "noise",
            "`{value}` in `{column}` has more than two decimals; it is read as {read}",
        )],
    };
    const PAGE: &'static str = include_str!("excess_precision.md");

    fn compile(self, contract: &Contract) -> Result<Check, ContractError> {
        let columns = columns(Self::META.code, &self.columns, contract)?;
        Ok(Check::Cells {
            columns,
            check: Box::new(self),
        })
    }
}

impl CellCheck for ExcessPrecision {
    fn judge(&self, cell: &Cell<'_>) -> Outcome {
        match cell.value {
            Value::Amount { excess, .. } => Outcome::pass_if(!excess),
            _ => Outcome::Skipped,
        }
    }

    fn sweep(&self, class: Class, column: usize, _today: i32) -> Option<Sweep> {
        Sweep::by_class(self, class, column)
    }

    fn values(&self, cell: &Cell<'_>) -> Vec<(&'static str, String)> {
        let Value::Amount { paise, .. } = cell.value else {
            return Vec::new();
        };
        vec![("read", Money::from_paise(paise).to_string())]
    }
}

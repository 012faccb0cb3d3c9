//! A value that its list does not know; the row counts, under "Other".

use crate::{
    contract::{Contract, ContractError},
    control::{Cell, CellCheck, Check, Class, Control, Meta, Outcome, Sweep, columns},
    value::Value,
};
use model::control::{Category, Dimension, Scope, Severity};
use serde::Deserialize;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct UnknownReference {
    column: String,
}

impl Control for UnknownReference {
    const META: Meta = Meta {
        code: "REF01",
        name: "unknown-reference",
        summary: "A value is not in the list that it refers to.",
        dimension: Dimension::Reference,
        severity: Severity::Warning,
        category: Some(Category::BusinessRuleViolation),
        scope: Scope::File,
        since: "0.1.0",
        messages: &[(
            "unknown",
            "`{value}` in `{column}` is not in the list; correct it, or have it added",
        )],
    };
    const PAGE: &'static str = include_str!("unknown_reference.md");

    fn compile(self, contract: &Contract) -> Result<Check, ContractError> {
        let columns = columns(
            Self::META.code,
            std::slice::from_ref(&self.column),
            contract,
        )?;
        Ok(Check::Cells {
            columns,
            check: Box::new(self),
        })
    }
}

impl CellCheck for UnknownReference {
    fn judge(&self, cell: &Cell<'_>) -> Outcome {
        match cell.value {
            Value::Listed { .. } => Outcome::Passed,
            Value::Text => Outcome::Failed(0),
            _ => Outcome::Skipped,
        }
    }

    fn sweep(&self, class: Class, column: usize, _today: i32) -> Option<Sweep> {
        Sweep::by_class(self, class, column)
    }
}

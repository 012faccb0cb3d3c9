//! A value that is none of the allowed ones, nor a synonym of one.

use crate::{
    contract::{Contract, ContractError},
    control::{Cell, CellCheck, Check, Class, Control, Meta, Outcome, Sweep, columns},
    value::Value,
};
use model::control::{Category, Dimension, Scope, Severity};
use serde::Deserialize;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ValueNotAllowed {
    column: String,
    #[serde(skip)]
    allowed: String,
}

impl Control for ValueNotAllowed {
    const META: Meta = Meta {
        code: "VAL05",
        name: "value-not-allowed",
        summary: "A value is not one of those that are allowed.",
        dimension: Dimension::Validity,
        severity: Severity::Error,
        category: Some(Category::BusinessRuleViolation),
        scope: Scope::File,
        since: "0.1.0",
        messages: &[(
            "not-allowed",
            "`{value}` in `{column}` is not allowed; write one of {allowed}",
        )],
    };
    const PAGE: &'static str = include_str!("value_not_allowed.md");

    fn compile(mut self, contract: &Contract) -> Result<Check, ContractError> {
        let columns = columns(
            Self::META.code,
            std::slice::from_ref(&self.column),
            contract,
        )?;
        let list = columns
            .iter()
            .find_map(|it| contract.columns.get(*it)?.list.as_ref());
        let list = list
            .and_then(|it| contract.list(it))
            .ok_or_else(|| ContractError::NoList {
                place: Self::META.code.to_owned(),
                name: self.column.clone(),
            })?;
        let values: Vec<&str> = list.entries.iter().map(|it| it.value.as_str()).collect();
        self.allowed = values.join(", ");
        Ok(Check::Cells {
            columns,
            check: Box::new(self),
        })
    }
}

impl CellCheck for ValueNotAllowed {
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

    fn values(&self, _cell: &Cell<'_>) -> Vec<(&'static str, String)> {
        vec![("allowed", self.allowed.clone())]
    }
}

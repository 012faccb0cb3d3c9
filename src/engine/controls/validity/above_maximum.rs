//! A readable number above the most that is allowed.

use crate::{
    contract::{Contract, ContractError},
    control::{Cell, CellCheck, Check, Class, Control, Meta, Outcome, Sweep, columns},
    value::measure,
};
use model::control::{Category, Dimension, Scope, Severity};
use serde::Deserialize;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct AboveMaximum {
    column: String,
    maximum: String,
}

impl Control for AboveMaximum {
    const META: Meta = Meta {
        code: "VAL07",
        name: "above-maximum",
        summary: "A number is above its maximum.",
        dimension: Dimension::Validity,
        severity: Severity::Error,
        category: Some(Category::BusinessRuleViolation),
        scope: Scope::File,
        since: "0.1.0",
        messages: &[(
            "above",
            "`{value}` in `{column}` is above the maximum of {maximum}; correct it",
        )],
    };
    const PAGE: &'static str = include_str!("above_maximum.md");

    fn compile(self, contract: &Contract) -> Result<Check, ContractError> {
        let columns = columns(
            Self::META.code,
            std::slice::from_ref(&self.column),
            contract,
        )?;
        let bound = measure::bound(Self::META.code, &self.maximum)?;
        Ok(Check::Cells {
            columns,
            check: Box::new(Maximum { used: self, bound }),
        })
    }
}

struct Maximum {
    used: AboveMaximum,
    bound: i128,
}

impl CellCheck for Maximum {
    fn judge(&self, cell: &Cell<'_>) -> Outcome {
        measure::of(cell.value).map_or(Outcome::Skipped, |it| Outcome::pass_if(it <= self.bound))
    }

    fn sweep(&self, class: Class, _column: usize, _today: i32) -> Option<Sweep> {
        Sweep::by_range(measure::range(class, i128::MIN, self.bound))
    }

    fn values(&self, _cell: &Cell<'_>) -> Vec<(&'static str, String)> {
        vec![("maximum", self.used.maximum.clone())]
    }
}

//! A readable number below the least that is allowed.

use crate::{
    contract::{Contract, ContractError},
    control::{Cell, CellCheck, Check, Class, Control, Meta, Outcome, Sweep, columns},
    value::measure,
};
use model::control::{Category, Dimension, Scope, Severity};
use serde::Deserialize;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct BelowMinimum {
    column: String,
    minimum: String,
    #[serde(default)]
    exclusive: bool,
}

impl Control for BelowMinimum {
    const META: Meta = Meta {
        code: "VAL06",
        name: "below-minimum",
        summary: "A number is below its minimum.",
        dimension: Dimension::Validity,
        severity: Severity::Error,
        category: Some(Category::BusinessRuleViolation),
        scope: Scope::File,
        since: "0.1.0",
        messages: &[
            (
                "below",
                "`{value}` in `{column}` is below the minimum of {minimum}; correct it",
            ),
            (
                "not-above",
                "`{value}` in `{column}` is not above {minimum}; correct it",
            ),
        ],
    };
    const PAGE: &'static str = include_str!("below_minimum.md");

    fn compile(self, contract: &Contract) -> Result<Check, ContractError> {
        let columns = columns(
            Self::META.code,
            std::slice::from_ref(&self.column),
            contract,
        )?;
        let bound = measure::bound(Self::META.code, &self.minimum)?;
        Ok(Check::Cells {
            columns,
            check: Box::new(Minimum { bound, used: self }),
        })
    }
}

struct Minimum {
    used: BelowMinimum,
    bound: i128,
}

impl CellCheck for Minimum {
    fn judge(&self, cell: &Cell<'_>) -> Outcome {
        let Some(value) = measure::of(cell.value) else {
            return Outcome::Skipped;
        };
        match self.used.exclusive {
            true if value <= self.bound => Outcome::Failed(1),
            false if value < self.bound => Outcome::Failed(0),
            _ => Outcome::Passed,
        }
    }

    fn sweep(&self, class: Class, _column: usize, _today: i32) -> Option<Sweep> {
        let least = self.bound.saturating_add(i128::from(self.used.exclusive));
        Sweep::by_range(measure::range(class, least, i128::MAX))
    }

    fn values(&self, _cell: &Cell<'_>) -> Vec<(&'static str, String)> {
        vec![("minimum", self.used.minimum.clone())]
    }
}

//! A day before the first or after the last of a period.

use crate::{
    contract::{Contract, ContractError},
    control::{Cell, CellCheck, Check, Class, Control, Meta, Outcome, Sweep, columns},
    day,
    value::Value,
};
use model::control::{Category, Dimension, Scope, Severity};
use serde::Deserialize;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct OutsideThePeriod {
    column: String,
    first: String,
    last: String,
}

impl Control for OutsideThePeriod {
    const META: Meta = Meta {
        code: "TIM02",
        name: "outside-the-period",
        summary: "A date lies outside the period of the file.",
        dimension: Dimension::Timeliness,
        severity: Severity::Error,
        category: Some(Category::BusinessRuleViolation),
        scope: Scope::File,
        since: "0.1.0",
        messages: &[(
            "outside",
            "`{value}` in `{column}` lies outside {first} to {last}; correct the date, or put the row into the file of its period",
        )],
    };
    const PAGE: &'static str = include_str!("outside_the_period.md");

    fn compile(self, contract: &Contract) -> Result<Check, ContractError> {
        let columns = columns(
            Self::META.code,
            std::slice::from_ref(&self.column),
            contract,
        )?;
        let day = |text: &str| {
            day::parse_iso(text).ok_or_else(|| ContractError::Params {
                code: Self::META.code.to_owned(),
                reason: format!("`{text}` is not a day such as 2026-11-23"),
            })
        };
        let (first, last) = (day(&self.first)?, day(&self.last)?);
        Ok(Check::Cells {
            columns,
            check: Box::new(Period {
                used: self,
                first,
                last,
            }),
        })
    }
}

struct Period {
    used: OutsideThePeriod,
    first: i32,
    last: i32,
}

impl CellCheck for Period {
    fn judge(&self, cell: &Cell<'_>) -> Outcome {
        match cell.value {
            Value::Day(day) => Outcome::pass_if((self.first..=self.last).contains(&day)),
            _ => Outcome::Skipped,
        }
    }

    fn sweep(&self, class: Class, _column: usize, _today: i32) -> Option<Sweep> {
        let range = (self.first.into(), self.last.into());
        Sweep::by_range((class == Class::Day).then_some(range))
    }

    fn values(&self, _cell: &Cell<'_>) -> Vec<(&'static str, String)> {
        vec![
            ("first", self.used.first.clone()),
            ("last", self.used.last.clone()),
        ]
    }
}

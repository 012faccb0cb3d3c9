//! A day later than the day on which the file is judged, in the contract's zone.

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
pub(crate) struct DateInTheFuture {
    columns: Vec<String>,
}

impl Control for DateInTheFuture {
    const META: Meta = Meta {
        code: "TIM01",
        name: "date-in-the-future",
        summary: "A date lies after the day of judging.",
        dimension: Dimension::Timeliness,
        severity: Severity::Error,
        category: Some(Category::BusinessRuleViolation),
        scope: Scope::File,
        since: "0.1.0",
        messages: &[(
            "future",
            "`{value}` in `{column}` lies after {today}, the day of judging; correct the date",
        )],
    };
    const PAGE: &'static str = include_str!("date_in_the_future.md");

    fn compile(self, contract: &Contract) -> Result<Check, ContractError> {
        let columns = columns(Self::META.code, &self.columns, contract)?;
        Ok(Check::Cells {
            columns,
            check: Box::new(self),
        })
    }
}

impl CellCheck for DateInTheFuture {
    fn judge(&self, cell: &Cell<'_>) -> Outcome {
        match cell.value {
            Value::Day(day) => Outcome::pass_if(day <= cell.today),
            _ => Outcome::Skipped,
        }
    }

    fn sweep(&self, class: Class, _column: usize, today: i32) -> Option<Sweep> {
        Sweep::by_range((class == Class::Day).then_some((i64::MIN, today.into())))
    }

    fn values(&self, cell: &Cell<'_>) -> Vec<(&'static str, String)> {
        vec![("today", day::iso(cell.today))]
    }
}

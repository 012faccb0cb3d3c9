//! A cell of a date column that reads in none of the forms that the contract lists.

use crate::{
    contract::{Contract, ContractError},
    control::{Cell, CellCheck, Check, Class, Control, Meta, Outcome, Sweep, columns},
    value::{Value, date, trim},
};
use model::control::{Category, Dimension, Scope, Severity};
use serde::Deserialize;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct UnreadableDate {
    columns: Vec<String>,
}

impl Control for UnreadableDate {
    const META: Meta = Meta {
        code: "VAL03",
        name: "unreadable-date",
        summary: "A cell is no date in a form that the contract lists.",
        dimension: Dimension::Validity,
        severity: Severity::Error,
        category: Some(Category::DataFormatError),
        scope: Scope::File,
        since: "0.1.0",
        messages: &[
            (
                "unreadable",
                "`{value}` in `{column}` is not a date that can be read; write it as 2026-11-23",
            ),
            (
                "no-such-day",
                "`{value}` in `{column}` is no date: its month does not have that day",
            ),
        ],
    };
    const PAGE: &'static str = include_str!("unreadable_date.md");

    fn compile(self, contract: &Contract) -> Result<Check, ContractError> {
        let columns = columns(Self::META.code, &self.columns, contract)?;
        Ok(Check::Cells {
            columns,
            check: Box::new(self),
        })
    }
}

impl CellCheck for UnreadableDate {
    fn judge(&self, cell: &Cell<'_>) -> Outcome {
        match cell.value {
            Value::Blank | Value::Undecodable => Outcome::Skipped,
            Value::Unreadable if date::is_no_day(trim(cell.text)) => Outcome::Failed(1),
            value => Outcome::pass_if(value != Value::Unreadable),
        }
    }

    fn sweep(&self, class: Class, column: usize, _today: i32) -> Option<Sweep> {
        Sweep::by_class(self, class, column)
    }
}

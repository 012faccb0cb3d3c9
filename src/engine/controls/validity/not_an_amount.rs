//! A cell of an amount column that cannot be read as whole paise.

use crate::{
    contract::{Contract, ContractError},
    control::{Cell, CellCheck, Check, Class, Control, Meta, Outcome, Sweep, columns},
    value::{Value, trim},
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
        messages: &[
            (
                "unreadable",
                "`{value}` in `{column}` is not an amount; write it in digits with at most two decimals",
            ),
            (
                "too-large",
                "`{value}` in `{column}` is larger than any amount that is kept",
            ),
        ],
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
            Value::Unreadable if is_too_large(trim(cell.text)) => Outcome::Failed(1),
            value => Outcome::pass_if(value != Value::Unreadable),
        }
    }

    fn sweep(&self, class: Class, column: usize, _today: i32) -> Option<Sweep> {
        Sweep::by_class(self, class, column)
    }
}

/// Digits alone, with at most two decimals, and more of them than 64 bits hold as paise.
fn is_too_large(text: &[u8]) -> bool {
    let text = text.strip_prefix(b"-").unwrap_or(text);
    let (whole, decimals) = match memchr::memchr(b'.', text) {
        Some(at) => (
            text.get(..at).unwrap_or_default(),
            text.get(at + 1..).unwrap_or_default(),
        ),
        None => (text, &[] as &[u8]),
    };
    let are_digits = |it: &[u8]| it.iter().all(u8::is_ascii_digit);
    whole.len() > 16 && decimals.len() <= 2 && are_digits(whole) && are_digits(decimals)
}

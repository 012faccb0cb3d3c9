//! A value with too few or too many characters.

use crate::{
    contract::{Contract, ContractError},
    control::{Cell, CellCheck, Check, Control, Meta, Outcome, columns},
    value::Value,
};
use model::control::{Category, Dimension, Scope, Severity};
use serde::Deserialize;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct LengthOutOfRange {
    column: String,
    #[serde(default)]
    shortest: usize,
    /// None where it may be as long as it likes.
    longest: Option<usize>,
}

impl Control for LengthOutOfRange {
    const META: Meta = Meta {
        code: "VAL09",
        name: "length-out-of-range",
        summary: "A value is too short or too long.",
        dimension: Dimension::Validity,
        severity: Severity::Error,
        category: Some(Category::DataFormatError),
        scope: Scope::File,
        since: "0.1.0",
        messages: &[
            (
                "short",
                "`{value}` in `{column}` has {length} characters, at least {shortest} are needed; complete it",
            ),
            (
                "long",
                "`{value}` in `{column}` has {length} characters, at most {longest} are allowed; shorten it",
            ),
        ],
    };
    const PAGE: &'static str = include_str!("length_out_of_range.md");

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

impl CellCheck for LengthOutOfRange {
    fn judge(&self, cell: &Cell<'_>) -> Outcome {
        if matches!(cell.value, Value::Blank | Value::Undecodable) {
            return Outcome::Skipped;
        }
        match characters(cell.text) {
            length if length < self.shortest => Outcome::Failed(0),
            length if self.longest.is_some_and(|it| length > it) => Outcome::Failed(1),
            _ => Outcome::Passed,
        }
    }

    fn values(&self, cell: &Cell<'_>) -> Vec<(&'static str, String)> {
        vec![
            ("length", characters(cell.text).to_string()),
            ("shortest", self.shortest.to_string()),
            (
                "longest",
                self.longest.map(|it| it.to_string()).unwrap_or_default(),
            ),
        ]
    }
}

/// In a file that is not UTF-8 every byte is a character.
fn characters(text: &[u8]) -> usize {
    std::str::from_utf8(text).map_or(text.len(), |it| it.chars().count())
}

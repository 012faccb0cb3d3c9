//! A value that does not have the form that its column asks for.

use crate::{
    contract::{Contract, ContractError},
    control::{Cell, CellCheck, Check, Control, Meta, Outcome, columns},
    value::{Value, trim},
};
use model::control::{Category, Dimension, Scope, Severity};
use regex_lite::Regex;
use serde::Deserialize;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct PatternMismatch {
    column: String,
    pattern: String,
    /// How people say what the pattern says.
    example: String,
}

impl Control for PatternMismatch {
    const META: Meta = Meta {
        code: "VAL08",
        name: "pattern-mismatch",
        summary: "A value does not have the form that its column asks for.",
        dimension: Dimension::Validity,
        severity: Severity::Error,
        category: Some(Category::DataFormatError),
        scope: Scope::File,
        since: "0.1.0",
        messages: &[(
            "mismatch",
            "`{value}` in `{column}` does not have the form of `{example}`; correct it",
        )],
    };
    const PAGE: &'static str = include_str!("pattern_mismatch.md");

    fn compile(self, contract: &Contract) -> Result<Check, ContractError> {
        let columns = columns(
            Self::META.code,
            std::slice::from_ref(&self.column),
            contract,
        )?;
        let whole = format!("^(?:{})$", self.pattern);
        let pattern = Regex::new(&whole).map_err(|error| ContractError::Params {
            code: Self::META.code.to_owned(),
            reason: error.to_string(),
        })?;
        Ok(Check::Cells {
            columns,
            check: Box::new(Pattern {
                used: self,
                pattern,
            }),
        })
    }
}

struct Pattern {
    used: PatternMismatch,
    pattern: Regex,
}

impl CellCheck for Pattern {
    fn judge(&self, cell: &Cell<'_>) -> Outcome {
        match cell.value {
            Value::Blank | Value::Undecodable | Value::Unreadable => Outcome::Skipped,
            _ => {
                let text = std::str::from_utf8(trim(cell.text));
                Outcome::pass_if(text.is_ok_and(|it| self.pattern.is_match(it)))
            }
        }
    }

    fn values(&self, _cell: &Cell<'_>) -> Vec<(&'static str, String)> {
        vec![("example", self.used.example.clone())]
    }
}

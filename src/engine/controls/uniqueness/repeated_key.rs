//! A later row with the key of an earlier one; the first in file order holds the key.

use crate::{
    contract::{Contract, ContractError},
    control::{Check, Control, Meta},
};
use model::control::{Category, Dimension, Scope, Severity};
use serde::Deserialize;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RepeatedKey {
    #[serde(default)]
    repeats: Repeats,
}

/// Which of the rows with one key are refused.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Repeats {
    /// All but the first.
    #[default]
    HoldLater,
    /// The first as well: nobody knows which one is right.
    HoldAll,
}

impl Control for RepeatedKey {
    const META: Meta = Meta {
        code: "UNQ01",
        name: "repeated-key",
        summary: "Two rows of the file have the same key.",
        dimension: Dimension::Uniqueness,
        severity: Severity::Error,
        category: Some(Category::DataQualityIssue),
        scope: Scope::File,
        since: "0.1.0",
        messages: &[
            (
                "identical",
                "`{value}` already stands in line {line}, with the same values throughout; remove one of the two rows",
            ),
            (
                "conflict",
                "`{value}` already stands in line {line}, with other values; keep the right one, or give this row a key of its own",
            ),
            (
                "all-identical",
                "`{value}` stands in line {line} too, with the same values throughout; remove all of these rows but one",
            ),
            (
                "all-conflict",
                "`{value}` stands in line {line} too, with other values; keep the right one, or give each row a key of its own",
            ),
        ],
    };
    const PAGE: &'static str = include_str!("repeated_key.md");

    fn compile(self, _contract: &Contract) -> Result<Check, ContractError> {
        Ok(Check::Key {
            hold_all: self.repeats == Repeats::HoldAll,
        })
    }
}

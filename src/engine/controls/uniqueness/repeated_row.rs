//! A row that is another one again, where rows have no key.

use crate::{
    contract::{Contract, ContractError},
    control::{Check, Control, Meta},
};
use model::control::{Category, Dimension, Scope, Severity};
use serde::Deserialize;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RepeatedRow {}

impl Control for RepeatedRow {
    const META: Meta = Meta {
        code: "UNQ03",
        name: "repeated-row",
        summary: "Two rows of the file are the same in every column.",
        dimension: Dimension::Uniqueness,
        severity: Severity::Warning,
        category: Some(Category::DataQualityIssue),
        scope: Scope::File,
        since: "0.1.0",
        messages: &[(
            "repeated",
            "The row is the same as the one in line {line}, in every column; remove it if it was sold once",
        )],
    };
    const PAGE: &'static str = include_str!("repeated_row.md");

    fn compile(self, _contract: &Contract) -> Result<Check, ContractError> {
        Ok(Check::RepeatedRow)
    }
}

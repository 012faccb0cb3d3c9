//! Bytes that are no characters in the encoding of the file, and NUL characters.

use crate::{
    contract::{Contract, ContractError},
    control::{Check, Control, Meta, Outcome, RecordCheck, Shape},
};
use model::control::{Category, Dimension, Scope, Severity};
use serde::Deserialize;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct UndecodableText {}

impl Control for UndecodableText {
    const META: Meta = Meta {
        code: "SCH07",
        name: "undecodable-text",
        summary: "A row holds bytes that are no text.",
        dimension: Dimension::Schema,
        severity: Severity::Error,
        category: Some(Category::DataFormatError),
        scope: Scope::File,
        since: "0.1.0",
        messages: &[(
            "undecodable",
            "The cell holds bytes that are no text; save the file as UTF-8 and check this value",
        )],
    };
    const PAGE: &'static str = include_str!("undecodable_text.md");

    fn compile(self, _contract: &Contract) -> Result<Check, ContractError> {
        Ok(Check::Record(Box::new(self)))
    }
}

impl RecordCheck for UndecodableText {
    fn judge(&self, shape: &Shape) -> Outcome {
        Outcome::pass_if(shape.undecodable.is_none())
    }

    fn is_alone(&self) -> bool {
        false
    }

    fn values(&self, _shape: &Shape) -> Vec<(&'static str, String)> {
        Vec::new()
    }
}

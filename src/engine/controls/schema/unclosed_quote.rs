//! A quote still open at the end of the file, blamed on the line where it opened.

use crate::{
    contract::{Contract, ContractError},
    control::{Check, Control, Meta, Outcome, RecordCheck, Shape},
};
use model::control::{Category, Dimension, Scope, Severity};
use serde::Deserialize;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct UnclosedQuote {}

impl Control for UnclosedQuote {
    const META: Meta = Meta {
        code: "SCH06",
        name: "unclosed-quote",
        summary: "A quote is opened and never closed.",
        dimension: Dimension::Schema,
        severity: Severity::Error,
        category: Some(Category::DataFormatError),
        scope: Scope::File,
        since: "0.1.0",
        messages: &[(
            "unclosed",
            "A quote is opened here and never closed; close it, or double it where it belongs to the text",
        )],
    };
    const PAGE: &'static str = include_str!("unclosed_quote.md");

    fn compile(self, _contract: &Contract) -> Result<Check, ContractError> {
        Ok(Check::Record(Box::new(self)))
    }
}

impl RecordCheck for UnclosedQuote {
    fn judge(&self, shape: &Shape) -> Outcome {
        Outcome::pass_if(shape.unclosed.is_none())
    }

    fn is_alone(&self) -> bool {
        true
    }

    fn values(&self, _shape: &Shape) -> Vec<(&'static str, String)> {
        Vec::new()
    }
}

//! A row whose cells cannot be told apart, because there are too many or too few of them.

use crate::{
    contract::{Contract, ContractError},
    control::{Check, Control, Meta, Outcome, RecordCheck, Shape},
};
use model::control::{Category, Dimension, Scope, Severity};
use serde::Deserialize;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RaggedRow {}

impl Control for RaggedRow {
    const META: Meta = Meta {
        code: "SCH04",
        name: "ragged-row",
        summary: "A row has more or fewer cells than the header.",
        dimension: Dimension::Schema,
        severity: Severity::Error,
        category: Some(Category::DataFormatError),
        scope: Scope::File,
        since: "0.1.0",
        messages: &[
            (
                "short",
                "The row has {found} cells where the header has {expected}; a delimiter or a line is missing",
            ),
            (
                "long",
                "The row has {found} cells where the header has {expected}; put cells that contain the delimiter in quotes",
            ),
        ],
    };
    const PAGE: &'static str = include_str!("ragged_row.md");

    fn compile(self, _contract: &Contract) -> Result<Check, ContractError> {
        Ok(Check::Record(Box::new(self)))
    }
}

impl RecordCheck for RaggedRow {
    fn judge(&self, shape: &Shape) -> Outcome {
        if shape.unclosed.is_some() {
            Outcome::Skipped
        } else if shape.fields < shape.least {
            Outcome::Failed(0)
        } else if shape.surplus {
            Outcome::Failed(1)
        } else {
            Outcome::Passed
        }
    }

    fn is_alone(&self) -> bool {
        true
    }

    fn values(&self, shape: &Shape) -> Vec<(&'static str, String)> {
        vec![
            ("found", shape.fields.to_string()),
            ("expected", shape.most.to_string()),
        ]
    }
}

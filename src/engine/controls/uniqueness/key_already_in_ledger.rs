//! A key that a row of an earlier run holds; the server alone can tell.

use crate::{
    contract::{Contract, ContractError},
    control::{Check, Control, Meta},
};
use model::control::{Category, Dimension, Scope, Severity};
use serde::Deserialize;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct KeyAlreadyInLedger {}

impl Control for KeyAlreadyInLedger {
    const META: Meta = Meta {
        code: "UNQ02",
        name: "key-already-in-ledger",
        summary: "The ledger already has a row with this key.",
        dimension: Dimension::Uniqueness,
        severity: Severity::Error,
        category: Some(Category::DataQualityIssue),
        scope: Scope::Server,
        since: "0.1.0",
        messages: &[(
            "held",
            "`{value}` is already in the ledger, from line {line} of {file} ({run}); keep that one, or let this row take its place",
        )],
    };
    const PAGE: &'static str = include_str!("key_already_in_ledger.md");

    fn compile(self, _contract: &Contract) -> Result<Check, ContractError> {
        Ok(Check::Ledger)
    }
}

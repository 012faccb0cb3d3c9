//! Contracts as files of the [Open Data Contract Standard](https://bitol-io.github.io/open-data-contract-standard/)
//! v3.1.0: one table a file, its columns as properties, our controls as custom quality rules, and what the
//! standard has no word for under the custom property `tarazu` of the table and of each column.
//!
//! What the standard's own words promise is checked: `required: true` brings CMP01 without a rule that says so,
//! `minimum: 0` brings VAL06, and so on (`promises`). A contract that does without names the codes under
//! `unchecked`.

mod fields;
mod promises;
mod read;
mod rules;
mod write;

pub use read::read;
pub use write::write;

use super::{Contract, yaml::Fault};
use promises::{Bounds, Unchecked};
use serde_json::{Map, Value};

/// A column's minimum and maximum.
pub(super) type Limits = (Option<String>, Option<String>);

/// Adds rules for what the contract promises and no rule keeps, and for the columns' minimums and maximums.
pub(super) fn keep_promises(contract: &mut Contract, limits: Vec<Limits>) {
    let limits = limits.into_iter();
    let bounds = limits.map(|(minimum, maximum)| Bounds {
        minimum,
        maximum,
        ..Bounds::default()
    });
    let bounds: Vec<Bounds> = bounds.collect();
    let unkept = promises::unkept(contract, &bounds, &Unchecked::default());
    contract.controls.extend(unkept);
}

/// The version of the standard that is written. Earlier ones of its third edition are read as well.
pub const VERSION: &str = "v3.1.0";

/// The engine of our quality rules, and the custom property for what the standard has no word for.
const OURS: &str = "tarazu";

/// A contract that was read from a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reading {
    pub contract: Contract,
    /// What the text asks for that is not checked, in the order of the text.
    pub notes: Vec<Fault>,
}

fn params<const N: usize>(params: [(&str, Value); N]) -> Map<String, Value> {
    params
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value))
        .collect()
}

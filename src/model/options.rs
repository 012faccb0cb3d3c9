//! How a file was read: found by the engine, changeable by the user, part of the receipt.

use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Options {
    /// `utf-8` or another WHATWG encoding label.
    pub encoding: String,
    /// Whether a byte order mark stands at the start.
    pub bom: bool,
    /// One character.
    pub delimiter: String,
    /// How often each candidate stood in the first lines, outside quotes: why `delimiter` was chosen.
    pub delimiter_evidence: Vec<(String, u64)>,
    /// The physical line of the header, 1-based; 0 where there is none.
    pub header_line: u64,
    /// The header's cells in file order, and the contract column each one fills.
    pub columns: Vec<ColumnMapping>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ColumnMapping {
    /// As it stands in the file.
    pub header: String,
    /// The contract's column; None for an extra one.
    pub column: Option<String>,
}

/// What a user lays down instead of what the engine would find. None everywhere by default.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Choice {
    pub delimiter: Option<char>,
}

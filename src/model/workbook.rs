//! What a workbook (`.xlsx`, `.xls`, `.xlsb`, `.ods`) holds, and which text of it is judged.

use crate::verdict::{Note, Proposal};
use serde::{Deserialize, Serialize};
use std::ops::Range;

/// Where the text of a file that is judged was taken from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Origin {
    /// BLAKE3 of the workbook, lowercase hexadecimal.
    pub digest: String,
    /// Of the workbook, in bytes.
    pub size: u64,
    /// `xlsx`, `xls`, `xlsb`, `ods`, `xml` of Excel 2003, or `html` for a page of tables that bears such a name.
    pub format: String,
    /// The sheets that were read, in this order.
    pub sheets: Vec<SheetPart>,
    /// What there is to say of the workbook: hidden rows, formula errors, sheets that were not read.
    pub notes: Vec<Note>,
    /// Other sheets that may be read with these.
    #[serde(default)]
    pub proposals: Vec<Proposal>,
    /// Why there is no text; None where there is.
    #[serde(default)]
    pub refused: Option<Refused>,
}

/// Why a workbook cannot be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Refused {
    Password,
    Damaged,
    /// Larger than what is unpacked at most.
    TooLarge,
    /// It has no sheet of the name that was chosen.
    NoSuchSheet,
    /// Of the sheets that were chosen, one has another header than the first.
    OtherHeader,
}

/// A sheet in the text: its row n is the text's line `first_line + n - 1`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SheetPart {
    pub name: String,
    /// 1-based.
    pub first_line: u64,
    /// Of any sheet but the first: which bytes of the text stand above its header.
    #[serde(default)]
    pub above: Option<Range<u64>>,
}

/// A sheet that can be chosen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SheetInfo {
    pub name: String,
    /// Rows that are not empty.
    pub rows: u64,
    pub hidden: bool,
    /// The cells of the row that names the most columns of the contract, or else of the first that is not empty.
    pub header: Vec<String>,
}

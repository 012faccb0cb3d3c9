//! What a workbook (`.xlsx`, `.xls`, `.xlsb`, `.ods`) holds, and which text of it is judged.

use crate::verdict::Note;
use serde::{Deserialize, Serialize};

/// Where the text of a file that is judged was taken from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Origin {
    /// BLAKE3 of the workbook, lowercase hexadecimal.
    pub digest: String,
    /// Of the workbook, in bytes.
    pub size: u64,
    /// `xlsx`, `xls`, `xlsb` or `ods`.
    pub format: String,
    /// The sheets that were read, in this order.
    pub sheets: Vec<SheetPart>,
    /// What there is to say of the workbook: hidden rows, formula errors, sheets that were not read.
    pub notes: Vec<Note>,
}

/// A sheet in the text: its row n is the text's line `first_line + n - 1`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SheetPart {
    pub name: String,
    /// 1-based.
    pub first_line: u64,
}

/// A sheet that can be chosen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SheetInfo {
    pub name: String,
    /// Rows that are not empty.
    pub rows: u64,
    pub hidden: bool,
    /// The cells of the first row that is not empty.
    pub header: Vec<String>,
}

//! What page and Web Worker say to each other. Posted is `{ id, text, file }`: a number that answers repeat,
//! the JSON of an `Ask` or `Tell`, and a file or its bytes where there is one.

use crate::{
    control::{Category, Severity},
    finding::{FindingQuery, FlaggedRow, FlaggedRows},
    options::{Choice, Correction, DateForm},
    proof::{Check, Progress},
    sales::SalesFigures,
    verdict::Verdict,
    workbook::{Origin, SheetInfo},
};
use serde::{Deserialize, Serialize};

/// From the page. Each ask carries a number that its answers repeat.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ask {
    /// Judge the `File` beside this message, or the text of a workbook, which came from `origin`. Answered by
    /// `Window` with the first rows, where the file is long, and by `Progress`, then `Judged`, then `Sales`.
    Judge {
        evaluated_at: String,
        choice: Choice,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        origin: Option<Box<Origin>>,
        /// In their JSON form. Of several the one is taken that fits the file's header; the shipped one where there
        /// are none.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        contracts: Vec<String>,
    },
    /// Propose a contract of this name for the `File` beside this message, or the text of a workbook. Answered by
    /// `Inferred`.
    Infer {
        name: String,
        choice: Choice,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        origin: Option<Box<Origin>>,
    },
    /// Change a contract that was proposed. Answered by `Revised`, or by `NotRevised`.
    Revise {
        /// As it was proposed, in its JSON form.
        contract: String,
        revision: Revision,
    },
    /// Of the program `sheets`: open the `File` beside this message. Answered by `Opened`, or by `NoWorkbook`.
    Open {
        choice: Choice,
        /// As of `Judge`: which sheet is read where none is chosen depends on them.
        contracts: Vec<String>,
    },
    /// Of the program `sheets`: judge what `Judge` would, and write its rows as a workbook. Answered by `Export`.
    Workbook {
        what: Export,
        evaluated_at: String,
        choice: Choice,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        origin: Option<Box<Origin>>,
        /// As of `Judge`.
        contracts: Vec<String>,
    },
    /// Of the program `sheets`: check the evidence file or the exported log beside this message. Answered by
    /// `Verifying`, then `Verified`; without a file by `Verified` alone, of no checks, so that a page learns that the
    /// program is there.
    Verify,
    /// Make a sample file. Answered by `Sample` with the bytes beside it.
    Sample { rows: u32, seed: u64, end: String },
    /// Judge the last file again with these cells corrected, and no others. Answered by `Judged`, then `Sales`.
    Correct { corrections: Vec<Correction> },
    /// Of how many cells of the last file these corrections would change what it says. Answered by `Counted`.
    Count { corrections: Vec<Correction> },
    /// Rows of the last verdict. Answered by `Rows`.
    Rows(FindingQuery),
    /// Rows of the last verdict by their places among those that the filter lets through, from 0. Answered by `Window`.
    Window {
        filter: RowFilter,
        from: u64,
        count: u32,
    },
    /// The next failing cell behind a place, or the last one before it; None is before all of them. Answered by `Sought`.
    Seek {
        filter: RowFilter,
        from: Option<CellPlace>,
        back: bool,
    },
    /// A download of the last verdict's rows. Answered by `Export` with a `Blob` beside it.
    Export { what: Export },
}

/// All that somebody says of a contract that was proposed, whether it was proposed so or not.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Revision {
    pub name: String,
    /// The place of the column that is added up, from 0.
    pub money: Option<usize>,
    /// In the contract's order.
    pub columns: Vec<ColumnRevision>,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ColumnRevision {
    /// What people call it.
    pub title: String,
    /// The contract's word for what it holds.
    pub kind: String,
    pub required: bool,
    pub key: bool,
    /// Of numbers; empty where there is none.
    pub minimum: String,
    pub maximum: String,
    /// It holds nothing but what its list has, where one was proposed.
    pub listed: bool,
    /// Numbers far from the usual ones are warned of, where that was proposed.
    pub usual: bool,
}

/// Which rows of a file are looked at.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Which {
    #[default]
    Exceptions,
    Warnings,
    /// With any finding.
    Flagged,
    Every,
    /// In which a cell was corrected.
    Corrected,
}

/// All fields narrow. A row passes by a finding that passes all of them; of every row, or of the corrected ones, `which`
/// alone is asked.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RowFilter {
    pub which: Which,
    pub code: Option<String>,
    pub category: Option<Category>,
    /// The file's column, 1-based.
    pub column: Option<u32>,
}

/// A row by its place among those that a filter lets through, from 0, and the file's column, 1-based.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct CellPlace {
    pub row: u64,
    pub column: u32,
}

/// Rows that follow one another under a filter.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RowsInWindow {
    /// The place of the first of `rows`, from 0.
    pub from: u64,
    /// How many rows the filter lets through.
    pub total: u64,
    pub header: Vec<String>,
    pub rows: Vec<FlaggedRow>,
    /// In these rows, in their order.
    pub corrected: Vec<CorrectedCell>,
    /// As above: cells that a list does not know, and that are nearly what it has.
    pub near: Vec<NearCell>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NearCell {
    pub record: u64,
    /// The file's, 1-based.
    pub column: u32,
    /// What the list has.
    pub text: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CorrectedCell {
    pub record: u64,
    /// The file's, 1-based.
    pub column: u32,
    /// What the file says.
    pub was: String,
}

/// A value that fails in several rows of one column.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WrongValue {
    /// The file's, 1-based.
    pub column: u32,
    pub severity: Severity,
    pub value: String,
    pub rows: u64,
    /// What is allowed there and is most like it.
    pub proposal: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Export {
    Exceptions,
    Accepted,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Phase {
    Survey,
    Judge,
}

/// A column of the contract, as far as a page has to know it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ContractColumn {
    pub name: String,
    /// In the words of a page.
    pub title: String,
    /// Of a column of dates: the forms in which the first dates of the file are written, as far as they can be read.
    pub date_forms: Option<Vec<DateForm>>,
}

/// From the worker.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Tell {
    /// Said once, before anything may be asked.
    Ready,
    Progress {
        phase: Phase,
        bytes: u64,
        total: u64,
        rows: u64,
        failing: u64,
    },
    /// The verdict; `Sales` follows when its figures are added up.
    Judged {
        verdict: Box<Verdict>,
        /// Those of the contract, which the file's columns may be said to be.
        columns: Vec<ContractColumn>,
        /// The most frequent ones.
        wrong: Vec<WrongValue>,
        /// The cells of the first records below the header.
        first: Vec<Vec<String>>,
    },
    /// Aggregates over the accepted rows of the last verdict, for the charts.
    Sales(Box<SalesFigures>),
    Sample {
        rows: u32,
    },
    Rows(FlaggedRows),
    Window(RowsInWindow),
    /// None where there is no such cell.
    Sought {
        place: Option<CellPlace>,
    },
    Export {
        name: String,
    },
    Counted {
        cells: u64,
    },
    /// A contract for the file, in its JSON form, and what to look at in it.
    Inferred {
        contract: String,
        /// Rows that were looked at.
        rows: u64,
        /// The file has no more than these.
        is_whole: bool,
        /// What each column may hold, in the contract's words.
        kinds: Vec<Vec<String>>,
        notes: Vec<String>,
    },
    Revised {
        contract: String,
    },
    /// Why that is no contract, in words.
    NotRevised {
        text: String,
    },
    /// The text of the chosen sheets stands beside it, and these are all that can be chosen.
    Opened {
        origin: Box<Origin>,
        sheets: Vec<SheetInfo>,
    },
    /// The file is to be read as it stands.
    NoWorkbook,
    Verifying(Progress),
    Verified {
        checks: Vec<Check>,
    },
    /// The file could not be read (removed, or no permission), in plain words.
    Failed {
        text: String,
    },
}

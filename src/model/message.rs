//! What page and Web Worker say to each other. Posted is `{ id, text, file }`: a number that answers repeat,
//! the JSON of an `Ask` or `Tell`, and a file or its bytes where there is one.

use crate::{
    finding::{FindingQuery, FlaggedRows},
    options::Choice,
    proof::Check,
    sales::SalesFigures,
    verdict::Verdict,
    workbook::{Origin, SheetInfo},
};
use serde::{Deserialize, Serialize};

/// From the page. Each ask carries a number that its answers repeat.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "ask", rename_all = "snake_case")]
pub enum Ask {
    /// Judge the `File` beside this message, or the text of a workbook, which came from `origin`. Answered by
    /// `Progress`, then `Judged`, then `Sales`.
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
    /// `Verified`, without a file too, of no checks, so that a page learns that the program is there.
    Verify,
    /// Make a sample file. Answered by `Sample` with the bytes beside it.
    Sample { rows: u32, seed: u64, end: String },
    /// Rows of the last verdict. Answered by `Rows`.
    Rows(FindingQuery),
    /// A download of the last verdict's rows. Answered by `Export` with a `Blob` beside it.
    Export { what: Export },
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
    pub holds_dates: bool,
}

/// From the worker.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "tell", rename_all = "snake_case")]
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
    },
    /// Aggregates over the accepted rows of the last verdict, for the charts.
    Sales(Box<SalesFigures>),
    Sample {
        rows: u32,
    },
    Rows(FlaggedRows),
    Export {
        name: String,
    },
    /// A contract for the file, in its JSON form, and what to look at in it.
    Inferred {
        contract: String,
        /// Rows that were looked at.
        rows: u64,
        /// The file has no more than these.
        is_whole: bool,
        notes: Vec<String>,
    },
    /// The text of the chosen sheets stands beside it, and these are all that can be chosen.
    Opened {
        origin: Box<Origin>,
        sheets: Vec<SheetInfo>,
    },
    /// The file is to be read as it stands.
    NoWorkbook,
    Verified {
        checks: Vec<Check>,
    },
    /// The file could not be read (removed, or no permission), in plain words.
    Failed {
        text: String,
    },
}

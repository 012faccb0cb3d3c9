//! What the engine says of one file under one contract and options. One shape everywhere.

use crate::{
    control::{Category, ControlResult},
    finding::Finding,
    money::Money,
    options::{Choice, Options},
    ratio::Ratio,
    receipt::Receipt,
};
use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(utoipa::ToSchema))]
pub struct Verdict {
    pub contract: ContractRef,
    pub rows: Rows,
    /// None where the contract has no money column or the file is held for structure.
    pub money: Option<MoneyFigures>,
    /// Set where nothing may be loaded as it is.
    pub held: Option<Held>,
    /// Passed by evaluated over the controls of severity error.
    pub quality_score: Option<Ratio>,
    /// Exceptions by rows read.
    pub exception_rate: Option<Ratio>,
    pub thresholds: Vec<Threshold>,
    pub controls: Vec<ControlResult>,
    /// All four, in order.
    pub categories: Vec<CategoryFigures>,
    /// Findings about the file and its header, whole; those about rows are paged.
    pub file_findings: Vec<Finding>,
    pub findings: FindingCounts,
    pub layout: Vec<LayoutFigures>,
    /// Total rows, each against the sum of its rows; at most 100, and before others those that differ.
    pub total_rows: Vec<TotalRow>,
    pub options: Options,
    /// What a reader of the verdict should know besides its findings.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<Note>,
    /// Other readings of the file that would let more of it through.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub proposals: Vec<Proposal>,
    pub receipt: Receipt,
}

impl Verdict {
    /// The cells that were corrected before submit, and the rows that they stand in; None where none was.
    pub fn corrected(&self) -> Option<(u64, u64)> {
        let note = self.notes.iter().find(|it| it.name == "corrected")?;
        let value = |name: &str| {
            let (_, value) = note.values.iter().find(|(it, _)| it == name)?;
            value.parse().ok()
        };
        Some((value("cells")?, value("rows")?))
    }
}

/// Something told of a file that is no finding: nothing fails by it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(utoipa::ToSchema))]
pub struct Note {
    /// Permanent, in kebab-case: `no-header`, `second-table`, `hidden-rows`.
    pub name: String,
    pub values: Vec<(String, String)>,
    /// In plain words.
    pub text: String,
}

/// Another reading that the user may choose.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(utoipa::ToSchema))]
pub struct Proposal {
    /// Permanent, in kebab-case: `column`, `date-form`, `no-header`.
    pub name: String,
    /// In plain words.
    pub text: String,
    /// What to lay down, besides what is already, to read the file so.
    pub choice: Choice,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(utoipa::ToSchema))]
pub struct ContractRef {
    pub name: String,
    pub version: String,
    /// SHA-256 of the contract's canonical form.
    pub fingerprint: String,
}

/// read = accepted + exceptions; layout is no row and stands apart.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(utoipa::ToSchema))]
pub struct Rows {
    pub read: u64,
    pub accepted: u64,
    pub exceptions: u64,
    pub layout: u64,
}

/// read = accepted + exceptions, over the rows whose amount can be read.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(utoipa::ToSchema))]
pub struct MoneyFigures {
    pub read: Money,
    pub accepted: Money,
    pub exceptions: Money,
    /// What stands in total rows, apart.
    pub layout: Money,
    pub unreadable_rows: u64,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(utoipa::ToSchema))]
pub struct Held {
    /// The name of the control that holds the file, or `exception-rate`.
    pub reason: String,
    /// How many records stand below the header.
    pub records: u64,
}

impl Held {
    pub const BY_RATE: &'static str = "exception-rate";

    /// Held before any row was judged.
    pub fn for_structure(&self) -> bool {
        self.reason != Self::BY_RATE
    }
}

/// A goal of the contract, and whether this file meets it. With no rows, none is met.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(utoipa::ToSchema))]
pub struct Threshold {
    /// `quality_score` or `exception_rate`.
    pub name: String,
    /// `>` or `<`.
    pub relation: String,
    pub bound: Ratio,
    pub value: Option<Ratio>,
    pub met: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(utoipa::ToSchema))]
pub struct CategoryFigures {
    pub category: Category,
    /// Rows with this headline.
    pub exceptions: u64,
    /// Findings of this category, warnings included.
    pub findings: u64,
    /// Of those, warnings.
    pub warnings: u64,
    /// Money in the rows with this headline.
    pub money: Option<Money>,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(utoipa::ToSchema))]
pub struct FindingCounts {
    pub errors: u64,
    pub warnings: u64,
    /// Rows with at least one finding, accepted ones with warnings included.
    pub flagged_rows: u64,
}

/// A kind of line that is no row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum LayoutKind {
    /// Above the header.
    Title,
    Blank,
    RepeatedHeader,
    Total,
    /// Words below the last row.
    Footer,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(utoipa::ToSchema))]
pub struct LayoutFigures {
    pub kind: LayoutKind,
    pub lines: u64,
    /// The first hundred places; `lines` counts them all.
    pub first: Vec<u64>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(utoipa::ToSchema))]
pub struct TotalRow {
    pub line: u64,
    pub amount: Money,
    /// Of the rows above it since the last total row; right below one, since the last total row that sums up totals.
    pub sum_above: Money,
}

/// A row that the file-scope controls accept and the ledger refuses, because another row holds its key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Refused {
    /// None where its amount cannot be read.
    pub money: Option<Money>,
    /// It has warnings, so that it is among the flagged rows already.
    pub flagged: bool,
}

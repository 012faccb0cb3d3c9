//! What a control says of itself, and what a verdict says of a control.

use crate::money::Money;
use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(utoipa::ToSchema))]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    Error,
    Warning,
}

/// Where a control can be decided: from the file alone (so also in the browser), or only with the ledger.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(utoipa::ToSchema))]
#[serde(rename_all = "lowercase")]
pub enum Scope {
    File,
    Server,
}

/// The dimension of data quality that a control belongs to; its codes begin with the prefix.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(utoipa::ToSchema))]
#[serde(rename_all = "lowercase")]
pub enum Dimension {
    Schema,
    Completeness,
    Validity,
    Reference,
    Uniqueness,
    Timeliness,
    Consistency,
    Volume,
    Distribution,
}

impl Dimension {
    pub const fn prefix(self) -> &'static str {
        match self {
            Self::Schema => "SCH",
            Self::Completeness => "CMP",
            Self::Validity => "VAL",
            Self::Reference => "REF",
            Self::Uniqueness => "UNQ",
            Self::Timeliness => "TIM",
            Self::Consistency => "CON",
            Self::Volume => "VOL",
            Self::Distribution => "DIS",
        }
    }
}

/// What kind of trouble a failing row is in. A row's headline is the first, in this order, of its error findings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(utoipa::ToSchema))]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Category {
    MissingRequiredField,
    DataFormatError,
    BusinessRuleViolation,
    DataQualityIssue,
}

impl Category {
    pub const ALL: [Self; 4] = [
        Self::MissingRequiredField,
        Self::DataFormatError,
        Self::BusinessRuleViolation,
        Self::DataQualityIssue,
    ];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::MissingRequiredField => "MISSING_REQUIRED_FIELD",
            Self::DataFormatError => "DATA_FORMAT_ERROR",
            Self::BusinessRuleViolation => "BUSINESS_RULE_VIOLATION",
            Self::DataQualityIssue => "DATA_QUALITY_ISSUE",
        }
    }

    /// In the words of a page.
    pub const fn title(self) -> &'static str {
        match self {
            Self::MissingRequiredField => crate::t!("Missing required field"),
            Self::DataFormatError => crate::t!("Format error"),
            Self::BusinessRuleViolation => crate::t!("Business rule broken"),
            Self::DataQualityIssue => crate::t!("Data quality issue"),
        }
    }
}

/// How a control ended. One that did not run is never `Passed`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Status {
    Passed,
    Failed,
    Warned,
    NotRun,
}

/// One control of the contract in a verdict.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(utoipa::ToSchema))]
pub struct ControlResult {
    pub code: String,
    pub name: String,
    /// None for the controls that are about the file's structure.
    pub category: Option<Category>,
    pub severity: Severity,
    pub scope: Scope,
    pub dimension: Dimension,
    pub status: Status,
    /// Why it did not run; None for every other status.
    pub reason: Option<String>,
    /// Cells, rows or files judged.
    pub evaluated: u64,
    /// Of those, how many failed; never more than `evaluated`.
    pub failed: u64,
    /// Of those, how many the contract's tolerance covers, so that they do not count for `status`.
    #[serde(default, skip_serializing_if = "is_default")]
    pub tolerated: u64,
    /// In plain words, what it finds.
    pub summary: String,
    /// Where it found it: what is about a row and no cell of it first, then column by column. Empty where nothing failed,
    /// where it is about the file, and in verdicts of engines before 0.5.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub columns: Vec<ColumnFigures>,
}

/// What a control found in one column.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(utoipa::ToSchema))]
pub struct ColumnFigures {
    /// The file's, 1-based; None where it is about the row.
    pub column: Option<u32>,
    pub column_name: Option<String>,
    /// The gravest of what failed there: a contract may use a control as an error in one column and as a warning in
    /// another.
    pub severity: Severity,
    /// Rows that fail it there.
    pub rows: u64,
    /// Of those rows. None where the contract has no money column, or no amount of them can be read.
    pub money: Option<Money>,
    /// None where it is no cell's text that fails, where that is empty, and where the ledger has the key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub commonest: Option<Commonest>,
}

/// The text that fails most often in a column, of the first 8,192 there that differ; of texts that are as frequent, the
/// first one in the file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(utoipa::ToSchema))]
pub struct Commonest {
    /// As it stands in the file, its first 80 characters.
    pub value: String,
    pub rows: u64,
}

/// Whether it is what would be assumed if nothing were said.
fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

/// A page of the catalogue: what a control is, in words. `doc` is the Markdown of its executed page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(utoipa::ToSchema))]
pub struct ControlPage {
    pub code: String,
    pub name: String,
    pub category: Option<Category>,
    pub severity: Severity,
    pub scope: Scope,
    pub dimension: Dimension,
    pub summary: String,
    pub doc: String,
}

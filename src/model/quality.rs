//! Quality over several runs.

use crate::{
    control::{Dimension, Severity},
    id::RunId,
    ratio::Ratio,
    run::{RunStatus, Withdrawal},
};
use serde::{Deserialize, Serialize};

/// Which runs of files are wanted, and what of them. Of whole files all is known; of the rows of a region, how many came
/// and which are exceptions; of what rows sell, which are exceptions.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct QualityFilter {
    /// ISO days on which the files came, both included.
    pub from: Option<String>,
    pub to: Option<String>,
    pub run: Option<RunId>,
    /// The list's word.
    pub region: Option<String>,
    /// The list's word; empty for rows that say none of its products.
    pub product: Option<String>,
    /// The list's category of the product; empty for rows that say none.
    pub product_category: Option<String>,
}

impl QualityFilter {
    /// Whether it is about what rows sell.
    pub fn is_of_products(&self) -> bool {
        self.product.is_some() || self.product_category.is_some()
    }

    /// Whether it is about whole files.
    pub fn is_of_files(&self) -> bool {
        self.region.is_none() && !self.is_of_products()
    }
}

/// Of the runs that are listed; a share is that of the sums, not the mean of the shares.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(utoipa::ToSchema))]
pub struct QualityReport {
    /// Passed by evaluated, over the controls of severity error.
    pub quality_score: Option<Ratio>,
    /// Exceptions by rows read.
    pub exception_rate: Option<Ratio>,
    /// None where a product or a category of products is asked for: how many rows of it were read is not known.
    pub rows_read: Option<u64>,
    pub exceptions: u64,
    /// By code.
    pub controls: Vec<ControlQuality>,
    /// Over the controls of severity error.
    pub dimensions: Vec<DimensionQuality>,
    /// What became of the rows that each control found, of runs whose rows count.
    pub effects: Vec<ControlEffect>,
    /// Those with the most errors first.
    pub columns: Vec<ColumnQuality>,
    /// Runs of files that were judged, newest first.
    pub runs: Vec<RunQuality>,
    /// Pass as `before` for the older ones; None at the end.
    pub next: Option<RunId>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(utoipa::ToSchema))]
pub struct ControlQuality {
    pub code: String,
    pub name: String,
    pub dimension: Dimension,
    pub severity: Severity,
    /// In which it was evaluated.
    pub runs: u64,
    pub evaluated: u64,
    pub failed: u64,
    pub passed_share: Option<Ratio>,
}

/// Rows that failed a control, and what became of them: found = open + corrected + resolved + waived + rejected.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(utoipa::ToSchema))]
pub struct ControlEffect {
    pub code: String,
    pub found: u64,
    pub open: u64,
    /// Put right by hand.
    pub corrected: u64,
    /// Put right elsewhere.
    pub resolved: u64,
    pub waived: u64,
    pub rejected: u64,
}

/// Errors in the cells of a column.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(utoipa::ToSchema))]
pub struct ColumnQuality {
    /// The contract's name, or the file's where the contract has none.
    pub column: String,
    pub failed: u64,
    /// In which it has some.
    pub runs: u64,
    /// Exceptions with such a cell, of runs whose rows count.
    pub rows: u64,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(utoipa::ToSchema))]
pub struct DimensionQuality {
    pub dimension: Dimension,
    pub evaluated: u64,
    pub failed: u64,
    pub passed_share: Option<Ratio>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(utoipa::ToSchema))]
pub struct RunQuality {
    pub id: RunId,
    pub file_name: String,
    pub created_at: String,
    pub status: RunStatus,
    pub rows_read: Option<u64>,
    pub exceptions: u64,
    /// None where it is held for structure, or has no rows.
    pub quality_score: Option<Ratio>,
    pub exception_rate: Option<Ratio>,
    /// Its rows count no more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub withdrawn: Option<Withdrawal>,
}

/// The two newest runs of files of a contract.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(utoipa::ToSchema))]
pub struct ContractPair {
    /// Its name.
    pub contract: String,
    pub now: RunId,
    pub before: RunId,
}

/// Values that lists refuse in one run and not in the one before.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(utoipa::ToSchema))]
pub struct NewUnknowns {
    /// Those of most rows first.
    pub values: Vec<UnknownValue>,
    /// Not all rows with such values were looked at, so that some may be missing, or be known from before.
    pub is_part: bool,
}

/// A value that is in no list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(utoipa::ToSchema))]
pub struct UnknownValue {
    /// The contract's name, or the file's where the contract has none.
    pub column: String,
    pub value: String,
    /// Accepted rows that say it, with a warning.
    pub accepted: u64,
    /// Exceptions that say it.
    pub exceptions: u64,
}

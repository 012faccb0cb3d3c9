//! Where a row comes from and where it went, in both directions.

use crate::{
    exception::{ExceptionFigures, ExceptionState},
    finding::Finding,
    id::RunId,
    row::LedgerRow,
    verdict::{ContractRef, Rows},
};
use serde::{Deserialize, Serialize};

/// One row of a run, from the file to the ledger or to the exceptions.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(utoipa::ToSchema))]
pub struct RowLineage {
    pub run: RunId,
    pub file: FileOrigin,
    /// Both 1-based; in a workbook the line is the sheet's row.
    pub record: u64,
    pub line: u64,
    pub contract: ContractRef,
    pub engine: String,
    pub evaluated_at: String,
    /// The codes of the controls that ran on the file.
    pub controls: Vec<String>,
    pub findings: Vec<Finding>,
    /// The columns whose cell was corrected before submit, in the file's words.
    pub corrected: Vec<String>,
    /// What it is in the ledger; None where it is not there.
    pub ledger: Option<LedgerRow>,
    /// Where it stands as an exception; None where it is none.
    pub exception: Option<ExceptionState>,
    pub columns: Vec<ColumnLineage>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(utoipa::ToSchema))]
pub struct FileOrigin {
    pub name: String,
    pub bytes: u64,
    pub sha256: String,
    pub blake3: String,
    pub received_at: String,
}

/// The way of one column. Read from `file` to `ledger` it is the way in, from `ledger` to `file` the way back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(utoipa::ToSchema))]
pub struct ColumnLineage {
    /// The file's header cell, and its place, 1-based; None where the file has no such column.
    pub file: Option<(u32, String)>,
    /// None where the contract does not know the file's column.
    pub contract: Option<String>,
    /// None where the ledger does not keep it.
    pub ledger: Option<String>,
    /// What happens between, in plain words.
    pub transformation: String,
}

/// A run as a whole, from its file to the ledger and to the exceptions, and between which runs its rows went.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(utoipa::ToSchema))]
pub struct RunLineage {
    pub run: RunId,
    pub file: FileOrigin,
    /// The runs whose exceptions it put right.
    pub corrects: LinkedRuns,
    /// The run whose place it took, or waits to take.
    pub replaces: Option<LinkedRun>,
    pub contract: ContractRef,
    pub engine: String,
    pub evaluated_at: String,
    /// The codes of the controls that ran on the file.
    pub controls: Vec<String>,
    /// Of these, the codes of those that found something.
    pub found: Vec<String>,
    pub rows: Rows,
    /// Rows that it brought into the ledger and that count there now.
    pub counting: u64,
    pub exceptions: ExceptionFigures,
    /// The runs with which its exceptions entered the ledger later.
    pub corrections: LinkedRuns,
    /// The run that took its place.
    pub replaced_by: Option<LinkedRun>,
    pub columns: Vec<ColumnLineage>,
}

/// Runs that rows went to or came from, those with the most rows first.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(utoipa::ToSchema))]
pub struct LinkedRuns {
    /// At most 100.
    pub runs: Vec<LinkedRun>,
    /// How many there are.
    pub total: u64,
    /// Rows of all of them.
    pub rows: u64,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(utoipa::ToSchema))]
pub struct LinkedRun {
    pub run: RunId,
    pub file_name: String,
    pub created_at: String,
    /// Those that went between the two; of a run that is replaced, or replaces, those that it brought into the ledger.
    pub rows: u64,
}

//! What a search finds: where something is, and why.

use crate::{finding::Finding, id::RunId, ledger::StandingRow, options::SheetRow, run::RunSummary};
use serde::{Deserialize, Serialize};

/// Everything that answers a text, of each kind at most some.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(utoipa::ToSchema))]
pub struct Hits {
    /// Rows of the ledger with this key, whether they count or not.
    pub rows: Vec<StandingRow>,
    /// Exceptions with this key.
    pub exceptions: Vec<FoundKey>,
    /// Runs with this id, file name or digest, or of a contract with this fingerprint; newest first.
    pub runs: Vec<FoundRun>,
    /// Of one kind there may be more than these.
    pub more: bool,
}

impl Hits {
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty() && self.exceptions.is_empty() && self.runs.is_empty()
    }
}

/// An exception that was found by its key, with what was found of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(utoipa::ToSchema))]
pub struct FoundKey {
    pub run: RunId,
    pub file_name: String,
    pub record: u64,
    pub line: u64,
    /// Where the file was read of several sheets: where the line stands in them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sheet_row: Option<SheetRow>,
    pub state: crate::exception::ExceptionState,
    pub findings: Vec<Finding>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(utoipa::ToSchema))]
pub struct FoundRun {
    pub by: FoundBy,
    pub run: RunSummary,
}

/// What of a run a text was.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(utoipa::ToSchema))]
#[cfg_attr(not(target_arch = "wasm32"), schema(as = RunFoundBy))]
#[serde(rename_all = "snake_case")]
pub enum FoundBy {
    Id,
    FileName,
    Blake3,
    Sha256,
    Contract,
}

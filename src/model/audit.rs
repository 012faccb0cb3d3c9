//! Lines of the audit log as pages and API show them.

use crate::id::RunId;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// One entry. `details` never holds cell contents nor foreign error texts. Hashes are lowercase hexadecimal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(utoipa::ToSchema))]
pub struct Entry {
    /// 1-based, without gaps, per workspace.
    pub sequence: u64,
    /// RFC 3339 in UTC with milliseconds.
    pub time: String,
    pub workspace: String,
    pub actor: String,
    /// Dotted, past tense: `run.begun`, `stage.ended`, `run.completed`.
    pub event: String,
    pub run: Option<String>,
    pub details: BTreeMap<String, String>,
}

/// An entry with its place in the chain.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(utoipa::ToSchema))]
pub struct ChainedEntry {
    #[serde(flatten)]
    pub entry: Entry,
    /// SHA-256 of the entry's RFC 8785 bytes.
    pub body_digest: String,
    /// SHA-256 of the previous entry's hash followed by `body_digest`, both as bytes; 32 zero bytes before the first.
    pub hash: String,
}

/// Which entries are wanted. All fields narrow; an empty one does not.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct EntryFilter {
    pub run: Option<RunId>,
    /// What the event begins with: `run.completed`, or `exception.` for all of these.
    pub event: String,
    pub actor: String,
    /// ISO days of the workspace, both included.
    pub from: String,
    pub to: String,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(utoipa::ToSchema))]
pub struct EntryList {
    /// Newest first.
    pub entries: Vec<ChainedEntry>,
    /// Pass as `before` for the older ones; None at the end.
    pub next: Option<u64>,
}

/// How much of what happened has its entry.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(utoipa::ToSchema))]
pub struct Coverage {
    /// Runs, each with the entry of its beginning.
    pub runs: Share,
    /// Stages, each with the entry of its beginning, and of its end where it has ended.
    pub stages: Share,
    /// Ends of runs and their withdrawals, each with its entry.
    pub changes: Share,
    /// Acts upon exceptions, each with its entry.
    pub acts: Share,
    /// Versions of contracts made, put in force and discarded, each with its entry.
    pub contracts: Share,
    /// Beginnings and ends of files that came in piecemeal, as long as they are listed, each with its entry.
    pub uploads: Share,
    /// Whatever has none.
    pub missing: Vec<Missing>,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(utoipa::ToSchema))]
pub struct Share {
    pub with_entry: u64,
    pub total: u64,
}

/// The entry that should be there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(utoipa::ToSchema))]
pub struct Missing {
    /// The run that it is about; None where it is about a contract or an upload.
    pub run: Option<RunId>,
    pub event: String,
    pub stage: Option<String>,
    /// Name and number of the version of a contract that it is about: `sales 3`.
    pub contract: Option<String>,
    /// The file that came in piecemeal which it is about.
    pub upload: Option<String>,
}

impl Coverage {
    pub fn is_whole(&self) -> bool {
        self.missing.is_empty()
    }
}

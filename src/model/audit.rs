//! Lines of the audit log as pages and API show them.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// One entry. `details` never holds cell contents nor foreign error texts. Hashes are lowercase hexadecimal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
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
pub struct ChainedEntry {
    #[serde(flatten)]
    pub entry: Entry,
    /// SHA-256 of the entry's RFC 8785 bytes.
    pub body_digest: String,
    /// SHA-256 of the previous entry's hash followed by `body_digest`, both as bytes; 32 zero bytes before the first.
    pub hash: String,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct EntryList {
    /// Newest first.
    pub entries: Vec<ChainedEntry>,
    /// Pass as `before` for the older ones; None at the end.
    pub next: Option<u64>,
}

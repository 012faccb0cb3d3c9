//! The proof that two sides read a file alike.

use crate::{money::Money, options::Options};
use serde::{Deserialize, Serialize};

/// Computed by browser and server apart. Two receipts agree when `digest` is equal.
/// All digests are lowercase hexadecimal; file and findings are BLAKE3, the others SHA-256.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(utoipa::ToSchema))]
pub struct Receipt {
    pub file_digest: String,
    /// The contract's fingerprint.
    pub contract: String,
    pub options: Options,
    /// Of the corrections made before submit; of the empty list where there are none.
    pub corrections_digest: String,
    pub counts: Counts,
    pub findings_digest: String,
    /// SHA-256 of this receipt's RFC 8785 form without `digest`, `engine` and `evaluated_at`.
    pub digest: String,
    /// The engine's version.
    pub engine: String,
    pub evaluated_at: String,
}

/// The figures of file scope.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(utoipa::ToSchema))]
pub struct Counts {
    pub read: u64,
    pub accepted: u64,
    pub exceptions: u64,
    pub layout: u64,
    pub findings: u64,
    pub money_read: Option<Money>,
    pub money_accepted: Option<Money>,
    pub money_exceptions: Option<Money>,
}

//! The proof that two sides read a file alike.

use model::{options::Correction, receipt::Receipt};
use serde_json::Value;
use sha2::{Digest, Sha256};

/// SHA-256 of the receipt's RFC 8785 form without `digest`, `engine` and `evaluated_at`, lowercase hexadecimal.
pub fn digest(receipt: &Receipt) -> String {
    let mut value = serde_json::to_value(receipt).unwrap_or_default();
    if let Value::Object(fields) = &mut value {
        for name in ["digest", "engine", "evaluated_at"] {
            fields.remove(name);
        }
    }
    canonical_sha256(&value)
}

/// SHA-256 of the RFC 8785 form of the corrections made before submit.
pub fn corrections_digest(corrections: &[Correction]) -> String {
    canonical_sha256(&serde_json::to_value(corrections).unwrap_or_default())
}

fn canonical_sha256(value: &Value) -> String {
    // Strings, whole numbers, and lists and objects of them always have a canonical form.
    let bytes = serde_json_canonicalizer::to_vec(value).unwrap_or_default();
    Sha256::digest(&bytes)
        .iter()
        .map(|b| format!("{b:02x}"))
        .collect()
}

//! One link: an entry's canonical bytes, their digest, and the hash that ties it to the entry before.

use model::audit::{ChainedEntry, Entry};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::fmt::Write;

/// A place in the chain that someone noted down: the entry with this sequence had this hash.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Checkpoint {
    pub sequence: u64,
    /// Lowercase hexadecimal.
    pub hash: String,
}

/// Why an entry cannot be chained.
#[derive(Debug, thiserror::Error)]
pub enum EntryError {
    #[error("the entry has no canonical form")]
    NotCanonical(#[source] serde_json::Error),
    #[error("the previous hash is not 32 bytes in hexadecimal")]
    PreviousHash,
    #[error("the entry has sequence {found} where {expected} is next")]
    Sequence { expected: u64, found: u64 },
}

/// The entry's RFC 8785 bytes, which its body digest is of.
pub fn body(entry: &Entry) -> Result<Vec<u8>, EntryError> {
    serde_json_canonicalizer::to_vec(entry).map_err(EntryError::NotCanonical)
}

/// Chains `entry` behind the entry that `previous` names; None before the first one.
pub fn append(previous: Option<&Checkpoint>, entry: Entry) -> Result<ChainedEntry, EntryError> {
    let expected = previous.map_or(1, |it| it.sequence + 1);
    if entry.sequence != expected {
        let found = entry.sequence;
        return Err(EntryError::Sequence { expected, found });
    }
    let digest: [u8; 32] = Sha256::digest(body(&entry)?).into();
    let hash = chained(previous.map(|it| it.hash.as_str()), &digest)?;
    Ok(ChainedEntry {
        entry,
        body_digest: hex(&digest),
        hash,
    })
}

/// SHA-256(previous hash ‖ body digest), with 32 zero bytes before the first entry.
pub(crate) fn chained(
    previous: Option<&str>,
    body_digest: &[u8; 32],
) -> Result<String, EntryError> {
    let previous = match previous {
        Some(text) => bytes(text).ok_or(EntryError::PreviousHash)?,
        None => [0; 32],
    };
    let mut hasher = Sha256::new();
    hasher.update(previous);
    hasher.update(body_digest);
    Ok(hex(&hasher.finalize().into()))
}

pub(crate) fn hex(bytes: &[u8; 32]) -> String {
    let mut text = String::with_capacity(64);
    for byte in bytes {
        // Writing to a String cannot fail.
        let _ = write!(text, "{byte:02x}");
    }
    text
}

/// None unless it is 64 lowercase hexadecimal digits, so that one digest has one written form.
pub(crate) fn bytes(text: &str) -> Option<[u8; 32]> {
    let digits = text.as_bytes();
    if digits.len() != 64 {
        return None;
    }
    let mut bytes = [0; 32];
    for (byte, pair) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
        for &digit in pair {
            let value = match digit {
                b'0'..=b'9' => digit - b'0',
                b'a'..=b'f' => digit - b'a' + 10,
                _ => return None,
            };
            *byte = *byte << 4 | value;
        }
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    fn entry(sequence: u64) -> Entry {
        Entry {
            sequence,
            time: "2026-02-02T10:00:00.000Z".into(),
            workspace: "main".into(),
            actor: "ravi".into(),
            event: "run.begun".into(),
            run: None,
            details: BTreeMap::from([("b".into(), "2".into()), ("a".into(), "é\n".into())]),
        }
    }

    #[test]
    fn the_canonical_bytes_are_fixed() {
        let expected = r#"{"actor":"ravi","details":{"a":"é\n","b":"2"},"event":"run.begun","run":null,"sequence":1,"time":"2026-02-02T10:00:00.000Z","workspace":"main"}"#;
        assert_eq!(
            String::from_utf8(body(&entry(1)).unwrap()).unwrap(),
            expected
        );
    }

    #[test]
    fn the_first_entry_follows_32_zero_bytes() {
        let first = append(None, entry(1)).unwrap();
        let digest = bytes(&first.body_digest).unwrap();
        let mut hasher = Sha256::new();
        hasher.update([0; 32]);
        hasher.update(digest);
        assert_eq!(first.hash, hex(&hasher.finalize().into()));
    }

    #[test]
    fn refuses_a_sequence_that_does_not_follow_and_a_hash_that_is_none() {
        assert!(matches!(
            append(None, entry(2)),
            Err(EntryError::Sequence {
                expected: 1,
                found: 2
            })
        ));
        for hash in ["", &"g".repeat(64), &"A".repeat(64), &"a".repeat(63)] {
            let previous = Checkpoint {
                sequence: 1,
                hash: hash.to_owned(),
            };
            assert!(matches!(
                append(Some(&previous), entry(2)),
                Err(EntryError::PreviousHash)
            ));
        }
    }
}

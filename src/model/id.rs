//! Names of things: checked once where they enter, opaque afterwards.

use serde::{Deserialize, Serialize};
use std::fmt;

/// A run's id: `run_` and the 32 hexadecimal digits of a UUID version 7, so that ids sort by time of birth.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(
    not(target_arch = "wasm32"),
    derive(utoipa::ToSchema),
    schema(value_type = String, pattern = "^run_[0-9a-f]{32}$")
)]
#[serde(try_from = "String", into = "String")]
pub struct RunId(String);

/// The id of a file that comes in piecemeal: `upl_` and the 32 hexadecimal digits of a UUID version 7.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(
    not(target_arch = "wasm32"),
    derive(utoipa::ToSchema),
    schema(value_type = String, pattern = "^upl_[0-9a-f]{32}$")
)]
#[serde(try_from = "String", into = "String")]
pub struct UploadId(String);

/// A workspace's name: 1 to 40 of `a-z`, `0-9` and `-`. Every row belongs to one.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(
    not(target_arch = "wasm32"),
    derive(utoipa::ToSchema),
    schema(value_type = String, pattern = "^[a-z0-9-]{1,40}$", example = "main")
)]
#[serde(try_from = "String", into = "String")]
pub struct WorkspaceId(String);

/// A text that is no id of the kind asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct InvalidId;

impl RunId {
    /// From the 128 bits of a UUID, which the caller draws: ids are parameters.
    pub fn from_u128(bits: u128) -> Self {
        Self(format!("run_{bits:032x}"))
    }
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl UploadId {
    /// From the 128 bits of a UUID, as [`RunId::from_u128`].
    pub fn from_u128(bits: u128) -> Self {
        Self(format!("upl_{bits:032x}"))
    }
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl WorkspaceId {
    /// Where real files go.
    pub fn main() -> Self {
        Self("main".into())
    }
    /// Where generated sample files go, so that they never count with real data.
    pub fn sample() -> Self {
        Self("sample".into())
    }
    pub fn is_sample(&self) -> bool {
        self.0 == "sample"
    }
    pub fn as_str(&self) -> &str {
        &self.0
    }
    /// What pages call it.
    pub fn title(&self) -> &str {
        match self.0.as_str() {
            "main" => crate::t!("Main workspace"),
            "sample" => crate::t!("Sample workspace"),
            other => other,
        }
    }
}

impl TryFrom<String> for RunId {
    type Error = InvalidId;
    fn try_from(text: String) -> Result<Self, InvalidId> {
        if is_uuid(&text, "run_") {
            Ok(Self(text))
        } else {
            Err(InvalidId)
        }
    }
}

impl TryFrom<String> for UploadId {
    type Error = InvalidId;
    fn try_from(text: String) -> Result<Self, InvalidId> {
        if is_uuid(&text, "upl_") {
            Ok(Self(text))
        } else {
            Err(InvalidId)
        }
    }
}

fn is_uuid(text: &str, prefix: &str) -> bool {
    let hex = |it: &str| it.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
    text.strip_prefix(prefix)
        .is_some_and(|it| it.len() == 32 && hex(it))
}

impl TryFrom<String> for WorkspaceId {
    type Error = InvalidId;
    fn try_from(text: String) -> Result<Self, InvalidId> {
        let valid = (1..=40).contains(&text.len())
            && text
                .bytes()
                .all(|b| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'-'));
        if valid {
            Ok(Self(text))
        } else {
            Err(InvalidId)
        }
    }
}

impl From<RunId> for String {
    fn from(id: RunId) -> Self {
        id.0
    }
}

impl From<UploadId> for String {
    fn from(id: UploadId) -> Self {
        id.0
    }
}

impl From<WorkspaceId> for String {
    fn from(id: WorkspaceId) -> Self {
        id.0
    }
}

impl fmt::Display for RunId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Display for UploadId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Display for WorkspaceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Display for InvalidId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not an id")
    }
}

impl std::error::Error for InvalidId {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_checked_where_it_enters() {
        let id = RunId::from_u128(7);
        assert_eq!(RunId::try_from(id.to_string()), Ok(id));
        let id = UploadId::from_u128(7);
        assert_eq!(UploadId::try_from(id.to_string()), Ok(id));
        for text in ["", "run_", "run_7", "run_0000000000000000000000000000000G"] {
            assert_eq!(RunId::try_from(text.to_owned()), Err(InvalidId));
            assert_eq!(UploadId::try_from(text.to_owned()), Err(InvalidId));
        }
        for text in ["", "Main", "a/b", &"a".repeat(41)] {
            assert_eq!(WorkspaceId::try_from(text.to_owned()), Err(InvalidId));
        }
    }
}

//! The life of a failed row.

use serde::{Deserialize, Serialize};

/// Where an exception stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(utoipa::ToSchema))]
#[serde(rename_all = "lowercase")]
pub enum ExceptionState {
    New,
    Assigned,
    Corrected,
    Waived,
    /// Left out for good, with a reason.
    Rejected,
    Resolved,
    Reopened,
}

impl ExceptionState {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Assigned => "assigned",
            Self::Corrected => "corrected",
            Self::Waived => "waived",
            Self::Rejected => "rejected",
            Self::Resolved => "resolved",
            Self::Reopened => "reopened",
        }
    }
}

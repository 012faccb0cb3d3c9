//! One authoritative execution on the server, as pages and API show it.

use crate::{
    exception::ExceptionFigures,
    id::{RunId, WorkspaceId},
    lineage::LinkedRun,
    money::Money,
    options::{Choice, SheetRow},
    receipt::Receipt,
    sales::SalesFigures,
    verdict::Verdict,
};
use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(utoipa::ToSchema))]
#[serde(rename_all = "lowercase")]
pub enum RunKind {
    File,
    /// Rows that enter the ledger later: corrected, waived, or in a fixed export.
    Correction,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(utoipa::ToSchema))]
#[serde(rename_all = "lowercase")]
pub enum RunStatus {
    Running,
    Complete,
    Held,
    Failed,
}

impl RunStatus {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Running => "running",
            Self::Complete => "complete",
            Self::Held => "held",
            Self::Failed => "failed",
        }
    }
}

/// By which way a file came.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(utoipa::ToSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Way {
    Browser,
    Api,
    CommandLine,
}

/// What lets the rows of a run into the ledger.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(utoipa::ToSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Admission {
    /// Rows that pass enter, the others are exceptions; above the contract's share of exceptions the run is held.
    #[default]
    Passing,
    /// One exception, and the run is held.
    AllOrNone,
    /// The run is held until somebody releases it.
    AfterConfirmation,
    /// As `passing`, whatever the share of exceptions is.
    Released,
}

impl Admission {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Passing => "passing",
            Self::AllOrNone => "all-or-none",
            Self::AfterConfirmation => "after-confirmation",
            Self::Released => "released",
        }
    }
}

/// That the rows of a run left the ledger's totals, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(utoipa::ToSchema))]
pub struct Withdrawal {
    /// RFC 3339 in UTC with milliseconds.
    pub time: String,
    pub actor: String,
    pub reason: String,
    /// The run that took its place.
    pub replaced_by: Option<RunId>,
}

/// What becomes of the ledger when a run takes the place of another, by key; by the whole row where there is no key.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(utoipa::ToSchema))]
pub struct Difference {
    pub added: Moved,
    /// With the money of the rows as they become.
    pub changed: Moved,
    /// The money of the changed rows as they are now.
    pub changed_before: Money,
    pub gone: Moved,
    pub same: Moved,
    /// Rows of the file whose key a row of a third run holds: they would be exceptions.
    #[serde(default)]
    pub refused: Moved,
    /// The first rows that are added, changed or gone, at most 100.
    pub examples: Vec<DifferingRow>,
    /// The run that was let into the place before it and counts there: this one cannot be, and changes nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place_taken: Option<LinkedRun>,
}

/// Rows and their money.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(utoipa::ToSchema))]
pub struct Moved {
    pub rows: u64,
    pub money: Money,
}

/// A row that is not the same in both files; lines are 1-based, and missing where the file has no such row.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(utoipa::ToSchema))]
pub struct DifferingRow {
    pub key: Option<String>,
    pub line_before: Option<u64>,
    pub line_after: Option<u64>,
    /// Where a file was read of several sheets: where its line stands in them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sheet_row_before: Option<SheetRow>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sheet_row_after: Option<SheetRow>,
    pub money_before: Option<Money>,
    pub money_after: Option<Money>,
}

/// The steps of a run, in order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(utoipa::ToSchema))]
#[serde(rename_all = "lowercase")]
pub enum Stage {
    Validate,
    Isolate,
    Transform,
    Load,
    Summarise,
}

impl Stage {
    pub const ALL: [Self; 5] = [
        Self::Validate,
        Self::Isolate,
        Self::Transform,
        Self::Load,
        Self::Summarise,
    ];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Validate => "validate",
            Self::Isolate => "isolate",
            Self::Transform => "transform",
            Self::Load => "load",
            Self::Summarise => "summarise",
        }
    }
}

/// A stage that has begun. Times are RFC 3339 in UTC with milliseconds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(utoipa::ToSchema))]
pub struct StageRecord {
    pub stage: Stage,
    pub started_at: String,
    pub ended_at: Option<String>,
    /// Rows that went in and came out; what did not come out is an exception of this stage.
    pub rows_in: u64,
    pub rows_out: u64,
}

/// A run in a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(utoipa::ToSchema))]
pub struct RunSummary {
    pub id: RunId,
    pub workspace: WorkspaceId,
    pub kind: RunKind,
    /// The run that the rows of a correction came from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub origin: Option<RunId>,
    pub status: RunStatus,
    pub file_name: String,
    pub file_bytes: u64,
    /// BLAKE3 of the file.
    pub file_digest: String,
    pub way: Way,
    pub actor: String,
    pub created_at: String,
    pub ended_at: Option<String>,
    pub rows_read: Option<u64>,
    pub rows_accepted: Option<u64>,
    pub rows_exceptions: Option<u64>,
    pub money_accepted: Option<Money>,
    pub money_exceptions: Option<Money>,
    /// Accepted rows that count in the ledger now: less those that left it one by one since, and none of a run that is
    /// held, failed or was withdrawn.
    #[serde(default)]
    pub rows_counting: Option<u64>,
    #[serde(default)]
    pub money_counting: Option<Money>,
    /// Why it is held or failed, in plain words with what to do; None otherwise.
    pub reason: Option<String>,
    #[serde(default)]
    pub admission: Admission,
    /// The run whose place it takes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replaces: Option<RunId>,
    /// Its rows count no more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub withdrawn: Option<Withdrawal>,
}

/// One run, whole.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(utoipa::ToSchema))]
pub struct Run {
    #[serde(flatten)]
    pub summary: RunSummary,
    pub media_type: String,
    /// SHA-256 of the file.
    pub file_sha256: String,
    pub note: Option<String>,
    /// How the sender wanted the file to be read.
    #[serde(default)]
    pub choice: Choice,
    /// Whole seconds, Z.
    pub evaluated_at: String,
    /// True where the browser's `evaluated_at` was too far from the server's clock and was not taken.
    pub clock_replaced: bool,
    pub stages: Vec<StageRecord>,
    /// None until the run has ended.
    pub verdict: Option<Verdict>,
    /// What the browser computed, where it sent one.
    pub browser_receipt: Option<Receipt>,
    /// Exceptions that the server alone found (UNQ02).
    pub found_by_server: u64,
    /// What became of the exceptions since; the run's own figures stay.
    #[serde(default)]
    pub exceptions: ExceptionFigures,
    /// Sequence and hash of the run's last entry in the audit log.
    pub last_entry: Option<(u64, String)>,
}

/// How two receipts of one file compare.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "agreement", rename_all = "snake_case")]
pub enum Agreement {
    /// No receipt came with the file.
    OnlyServer,
    Confirmed,
    /// The fields that differ.
    Differs {
        fields: Vec<String>,
    },
}

impl Agreement {
    pub fn between(browser: Option<&Receipt>, server: Option<&Receipt>) -> Self {
        let (Some(browser), Some(server)) = (browser, server) else {
            return Self::OnlyServer;
        };
        if browser.digest == server.digest {
            return Self::Confirmed;
        }
        let fields = [
            ("file_digest", browser.file_digest == server.file_digest),
            ("contract", browser.contract == server.contract),
            ("options", browser.options == server.options),
            (
                "corrections_digest",
                browser.corrections_digest == server.corrections_digest,
            ),
            ("counts", browser.counts == server.counts),
            (
                "findings_digest",
                browser.findings_digest == server.findings_digest,
            ),
        ];
        let differing = fields.into_iter().filter(|(_, equal)| !equal);
        Self::Differs {
            fields: differing.map(|(name, _)| name.to_owned()).collect(),
        }
    }
}

/// Runs, newest first, by keyset.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(utoipa::ToSchema))]
pub struct RunList {
    pub runs: Vec<RunSummary>,
    /// Pass as `before` for the older ones; None at the end.
    pub next: Option<RunId>,
    /// How many runs of each kind the workspace has.
    pub files: u64,
    pub corrections: u64,
}

/// What a run page shows besides the run and its rows.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunFigures {
    /// Rows of this run that count in the ledger.
    pub sales: SalesFigures,
}

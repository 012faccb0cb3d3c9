//! The life of a failed row.

use crate::{
    finding::{Finding, FindingData, FlaggedRow},
    id::RunId,
    money::Money,
    options::Choice,
    verdict::ContractRef,
};
use serde::{Deserialize, Serialize};

/// Where an exception stands. New, assigned and reopened ones are open; corrected, waived and resolved ones entered
/// the ledger.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(utoipa::ToSchema))]
#[serde(rename_all = "lowercase")]
pub enum ExceptionState {
    New,
    Assigned,
    /// Put right by hand.
    Corrected,
    /// Let in in spite of what was found, with a reason.
    Waived,
    /// Left out for good, with a reason.
    Rejected,
    /// Put right elsewhere: in a file that came again, in the contract or its lists, or by leaving its place to it.
    Resolved,
    Reopened,
}

/// Where an exception counts: in each run, all of them = open + entered later + rejected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Standing {
    Open,
    Entered,
    Rejected,
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

    pub const fn standing(self) -> Standing {
        match self {
            Self::New | Self::Assigned | Self::Reopened => Standing::Open,
            Self::Corrected | Self::Waived | Self::Resolved => Standing::Entered,
            Self::Rejected => Standing::Rejected,
        }
    }
}

/// What was done with an exception. Not every act moves its state: a correction may still fail.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(utoipa::ToSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Event {
    Assigned,
    Commented,
    Corrected,
    /// Waived by one person where the contract asks for two.
    WaiverProposed,
    Waived,
    Rejected,
    Reopened,
    /// Judged again under the contract in force.
    Replayed,
    /// It took the place of the row that held its key.
    Settled,
    /// A file that came again holds it, put right.
    Returned,
}

impl Event {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Assigned => "assigned",
            Self::Commented => "commented",
            Self::Corrected => "corrected",
            Self::WaiverProposed => "waiver-proposed",
            Self::Waived => "waived",
            Self::Rejected => "rejected",
            Self::Reopened => "reopened",
            Self::Replayed => "replayed",
            Self::Settled => "settled",
            Self::Returned => "returned",
        }
    }
}

/// A row of a run, by its record there.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(utoipa::ToSchema))]
pub struct RowPlace {
    pub run: RunId,
    pub record: u64,
}

/// One change of an exception, kept for ever.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(
    not(target_arch = "wasm32"),
    derive(utoipa::ToSchema),
    schema(as = ExceptionChange)
)]
pub struct Change {
    /// The one that it made; what the run found is version 1.
    pub version: u64,
    /// RFC 3339 in UTC with milliseconds.
    pub time: String,
    pub actor: String,
    pub event: Event,
    /// Afterwards.
    pub state: ExceptionState,
    pub reason: Option<String>,
    /// Afterwards.
    pub assignee: Option<String>,
    /// The row as it was corrected, in the order of the file's own columns.
    pub cells: Option<Vec<String>>,
    /// None where the row was not judged.
    pub judged: Option<RowJudgement>,
    /// Its place in the ledger, where it entered.
    pub entered: Option<RowPlace>,
    /// The row that left the totals for it.
    pub displaced: Option<RowPlace>,
}

/// How a row by itself was judged.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(utoipa::ToSchema))]
pub struct RowJudgement {
    /// The fingerprint of the contract in force.
    pub contract: String,
    /// Whole seconds, Z.
    pub evaluated_at: String,
    pub findings: Vec<FindingData>,
}

/// What became of a run's exceptions.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(utoipa::ToSchema))]
pub struct ExceptionFigures {
    pub open: ExceptionPart,
    pub entered: ExceptionPart,
    pub rejected: ExceptionPart,
}

/// Rows, and their money as the run found it; rows whose amount cannot be read have none.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(utoipa::ToSchema))]
pub struct ExceptionPart {
    pub rows: u64,
    pub money: Money,
}

/// One exception, whole.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(
    not(target_arch = "wasm32"),
    derive(utoipa::ToSchema),
    schema(as = Exception)
)]
pub struct ExceptionView {
    pub run: RunId,
    pub state: ExceptionState,
    /// What an act has to name, so that it is not decided on what is no longer so.
    pub version: u64,
    pub assignee: Option<String>,
    /// As the run found it.
    pub found: FlaggedRow,
    /// The file's own columns.
    pub header: Vec<String>,
    /// As it stands now, corrected or not; empty where it is no proper record.
    pub cells: Vec<String>,
    /// Of its last judgement.
    pub findings: Vec<Finding>,
    /// What it is judged under next: the contract in force.
    pub contract: ContractRef,
    /// How the row is read by itself, below `header` and in that choice's delimiter.
    pub choice: Choice,
    /// Oldest first.
    pub history: Vec<Change>,
}

/// In which order exceptions of several runs are listed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(utoipa::ToSchema))]
#[serde(rename_all = "lowercase")]
pub enum ExceptionOrder {
    /// The last run first, and in it the last record.
    #[default]
    Newest,
    Oldest,
}

/// An exception with the run that it is of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(utoipa::ToSchema))]
pub struct FoundException {
    pub run: RunId,
    pub file_name: String,
    /// The header of its file, as it stands there.
    pub header: Vec<String>,
    #[serde(flatten)]
    pub row: FlaggedRow,
}

/// Exceptions of a workspace, by keyset.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(utoipa::ToSchema))]
pub struct ExceptionList {
    pub exceptions: Vec<FoundException>,
    /// `after` of the next page; None at the end.
    pub next: Option<String>,
}

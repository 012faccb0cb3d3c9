//! Versions of a workspace's contracts.

use crate::{control::Severity, id::RunId, money::Money, ratio::Ratio, verdict::ContractRef};
use serde::{Deserialize, Serialize};

/// One version of a contract, as people made it and decided on it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(utoipa::ToSchema))]
pub struct ContractVersion {
    /// Name, fingerprint, and the version that the contract says of itself.
    #[serde(flatten)]
    pub contract: ContractRef,
    /// 1-based within the name, without gaps.
    pub number: u64,
    pub state: VersionState,
    /// Fingerprint of what was in force when this was drafted; None where nothing of the name was.
    pub based_on: Option<String>,
    /// RFC 3339 in UTC with milliseconds.
    pub made_at: String,
    pub made_by: String,
    pub note: Option<String>,
    /// When, by whom and why it was put in force or discarded; None while it is a draft.
    pub decided_at: Option<String>,
    pub decided_by: Option<String>,
    pub reason: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(utoipa::ToSchema))]
#[serde(rename_all = "kebab-case")]
pub enum VersionState {
    Draft,
    /// Files are judged under it.
    InForce,
    /// It was in force, until the next one was.
    Replaced,
    /// It never was in force and never will be.
    Discarded,
}

impl VersionState {
    /// In the words of a page.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Draft => crate::t!("draft"),
            Self::InForce => crate::t!("in force"),
            Self::Replaced => crate::t!("replaced"),
            Self::Discarded => crate::t!("discarded"),
        }
    }
}

/// That a version which was put in force is so no more, and nothing took its place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(utoipa::ToSchema))]
pub struct Retirement {
    /// Of the version.
    pub number: u64,
    /// RFC 3339 in UTC with milliseconds.
    pub at: String,
    pub by: String,
    pub reason: String,
}

/// What one contract says otherwise than another, in plain words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(utoipa::ToSchema))]
pub struct ContractChange {
    /// A file that meets the first may fail the second.
    pub breaking: bool,
    pub text: String,
}

/// A contract among those of a workspace.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ContractCard {
    /// What is in force; where nothing is, what was retired, or else the newest draft.
    pub contract: ContractRef,
    /// The version in force; 0 is what the server was started with, and None where there are drafts alone.
    pub in_force: Option<u64>,
    /// When and by whom it was put in force; None of what the server was started with.
    pub since: Option<(String, String)>,
    pub retired: Option<Retirement>,
    /// Drafts on which nobody has decided.
    pub drafts: u64,
}

/// A contract as its page shows it.
#[derive(Debug, Clone)]
pub struct ContractPage {
    pub name: String,
    /// The version that is shown, in words; 0 is what the server was started with.
    pub number: u64,
    pub shown: ContractView,
    /// As a file of the Open Data Contract Standard.
    pub text: String,
    /// What the version after the shown one may say of itself.
    pub next_version: String,
    pub in_force: Option<u64>,
    pub started: Option<ContractRef>,
    /// Newest first.
    pub versions: Vec<ContractVersion>,
    /// Two versions, and what the second says otherwise.
    pub compared: Option<(u64, u64, Vec<ContractChange>)>,
    /// Files that were judged under this contract, newest first.
    pub past: Vec<PastFile>,
    /// The version that was in force last, where it was retired.
    pub retired: Option<Retirement>,
    /// Whether what is in force can be retired: the server was started with nothing of the name.
    pub can_retire: bool,
    /// Somebody else than the reader has to put the shown version in force.
    pub needs_another: bool,
}

/// A file that a contract can be tried on.
#[derive(Debug, Clone)]
pub struct PastFile {
    pub run: RunId,
    pub file_name: String,
    pub created_at: String,
    pub rows: u64,
}

/// What a contract asks for, in the words of its columns' titles.
#[derive(Debug, Clone)]
pub struct ContractView {
    pub contract: ContractRef,
    pub columns: Vec<ColumnView>,
    pub key: Vec<String>,
    pub money: Option<String>,
    pub zone: String,
    pub total_words: Vec<String>,
    pub null_words: Vec<String>,
    /// In the contract's order.
    pub rules: Vec<RuleView>,
    pub lists: Vec<ListView>,
    pub quality_score: Ratio,
    pub exception_rate: Ratio,
    pub hold_above: Ratio,
    /// What may be waived: code and what it finds.
    pub waivable: Vec<(String, String)>,
    pub second_person_above: Option<Money>,
}

#[derive(Debug, Clone)]
pub struct ColumnView {
    pub name: String,
    pub title: String,
    pub aliases: Vec<String>,
    /// `a whole number`
    pub holds: String,
    /// The file has to have it.
    pub required: bool,
    /// No cell of it may be empty.
    pub filled: bool,
    /// `0`; None where there is none.
    pub minimum: Option<String>,
    /// Whether the minimum itself is too small.
    pub exclusive: bool,
    pub maximum: Option<String>,
    /// Whether it can have a minimum and a maximum.
    pub is_number: bool,
    pub null_words: Vec<String>,
    pub list: Option<String>,
}

/// A control as the contract uses it.
#[derive(Debug, Clone)]
pub struct RuleView {
    pub code: String,
    /// What a form calls its severity.
    pub field: String,
    /// What it finds.
    pub summary: String,
    /// Which columns, and within which bounds; empty where it is about the file.
    pub about: String,
    pub severity: Severity,
    /// None where a single failure counts.
    pub tolerance: Option<String>,
}

#[derive(Debug, Clone)]
pub struct ListView {
    pub name: String,
    pub values: usize,
    pub synonyms: usize,
    /// The titles of the columns that hold its values.
    pub columns: Vec<String>,
}

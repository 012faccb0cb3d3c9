//! The life of a failed row.

use crate::{
    control::Category,
    finding::{Finding, FindingData, FlaggedRow, FoundBy},
    id::RunId,
    money::Money,
    options::Choice,
    verdict::ContractRef,
};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

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
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(utoipa::ToSchema))]
#[serde(rename_all = "lowercase")]
pub enum Standing {
    Open,
    Entered,
    Rejected,
}

impl ExceptionState {
    pub const ALL: [Self; 7] = [
        Self::New,
        Self::Assigned,
        Self::Corrected,
        Self::Waived,
        Self::Rejected,
        Self::Resolved,
        Self::Reopened,
    ];

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

    /// All that stand so.
    pub fn of(standing: Standing) -> Vec<Self> {
        let all = Self::ALL.into_iter();
        all.filter(|it| it.standing() == standing).collect()
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
    /// The entry of the log that tells of it; None where none was found of a change from before this was kept.
    #[serde(default)]
    pub entry: Option<u64>,
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
    /// Of the contract in force, in its order.
    pub columns: Vec<ContractColumn>,
    /// Of its last judgement.
    pub findings: Vec<Finding>,
    /// Codes of those errors in `findings` that the contract in force lets nobody waive.
    pub not_waivable: BTreeSet<String>,
    /// What it is judged under next: the contract in force.
    pub contract: ContractRef,
    /// How the row is read by itself, below `header` and in that choice's delimiter.
    pub choice: Choice,
    /// Oldest first.
    pub history: Vec<Change>,
}

/// A column of the contract, and where a row has it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(utoipa::ToSchema))]
pub struct ContractColumn {
    pub name: String,
    /// Among the file's own columns, from 0; None where the file has no such column.
    pub place: Option<u32>,
}

/// Which exceptions are wanted: those to which all of it applies.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ExceptionFilter {
    /// Any where it is empty.
    pub states: Vec<ExceptionState>,
    /// Of an error that the row has.
    pub code: Option<String>,
    /// In which a cell of the row fails, by that control where one is named: the contract's name, or the file's where the
    /// contract has none. Sums ask for it where an assignee is named.
    pub column: Option<String>,
    /// The row's headline.
    pub category: Option<Category>,
    /// The list's word; empty for rows that say none of its regions.
    pub region: Option<String>,
    /// The list's word; empty for rows that say none of its products.
    pub product: Option<String>,
    /// The list's category of the product, or "Other" for products that it does not know; empty for rows that say none.
    pub product_category: Option<String>,
    pub stage: Option<FoundBy>,
    pub assignee: Option<String>,
    /// Then it may be held or withdrawn, too.
    pub run: Option<RunId>,
    /// The oldest and the newest run, in the order in which they came, where only those between them are wanted.
    pub from_run: Option<RunId>,
    pub to_run: Option<RunId>,
    /// ISO days on which the file came, both included.
    pub from: Option<String>,
    pub to: Option<String>,
    /// What the row says, its key or its file's name, whatever the case. Sums do not ask for it.
    pub text: Option<String>,
}

impl ExceptionFilter {
    pub fn named_runs(&self) -> impl Iterator<Item = &RunId> {
        [&self.run, &self.from_run, &self.to_run]
            .into_iter()
            .flatten()
    }

    /// Whether it names runs, whose exceptions are not added up by day.
    pub fn names_runs(&self) -> bool {
        self.named_runs().next().is_some()
    }
}

/// An exception as it stands now, with the run that it is of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WorkItem {
    pub file_name: String,
    /// When the file came: RFC 3339 in UTC.
    pub created_at: String,
    pub exception: ExceptionView,
}

/// Exceptions of all runs, to work through.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct WorkList {
    pub items: Vec<WorkItem>,
    /// The last row of this page, where there are more behind it.
    pub next: Option<RowPlace>,
    /// Not all rows were looked at for a text: the next page goes on with it.
    pub stopped: bool,
}

/// A text of one column that is to become another, in each row that has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Replacement {
    /// By the contract's name of the column or by the file's.
    pub column: String,
    /// The whole cell, outer spaces apart; empty for an empty cell.
    pub from: String,
    pub to: String,
}

/// What an act would come to; nothing was changed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(utoipa::ToSchema))]
pub struct ActPreview {
    /// Exceptions that would have a new version.
    pub changed: u64,
    /// Of those, rows that would enter the ledger.
    pub entered: u64,
    /// Of the others, how many would still fail each control.
    pub failing: BTreeMap<String, u64>,
    /// How many would be left as they are, by the reason.
    pub left: BTreeMap<String, u64>,
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
    /// The largest amount first; rows whose amount cannot be read stand where nothing would.
    Money,
    /// By headline, and in it the last run first.
    Category,
}

/// Rows, those of them whose amount cannot be read, and the money of the others as their runs found it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(utoipa::ToSchema))]
pub struct ExceptionSum {
    pub rows: u64,
    pub unreadable_rows: u64,
    pub money: Money,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(utoipa::ToSchema))]
pub struct ExceptionGroup {
    /// Empty where the row does not say.
    pub label: String,
    #[serde(flatten)]
    pub sum: ExceptionSum,
}

/// How a trend is cut.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(utoipa::ToSchema))]
#[serde(rename_all = "lowercase")]
pub enum TrendStep {
    Day,
    Week,
    #[default]
    Month,
}

/// What a trend tells apart.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(utoipa::ToSchema))]
#[serde(rename_all = "lowercase")]
pub enum TrendBy {
    #[default]
    Category,
    Control,
}

/// One step of a trend: what the files that came in it brought.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(utoipa::ToSchema))]
pub struct ExceptionStep {
    /// `2026-03-14`, `2026-W11` or `2026-03`.
    pub label: String,
    /// All rows that these files have, or those of the region that is asked for. None where a product or a category of
    /// products is asked for: how many rows of it were read is not known.
    pub rows_read: Option<u64>,
    /// Whatever became of them since. A row counts for each of its controls.
    pub groups: Vec<ExceptionGroup>,
}

/// Exceptions of the runs whose rows count, added up. Each grouping is under all of the filter but what it groups by.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(utoipa::ToSchema))]
pub struct ExceptionOverview {
    /// Under the whole filter.
    pub total: ExceptionSum,
    pub by_state: Vec<ExceptionGroup>,
    pub by_category: Vec<ExceptionGroup>,
    /// A row counts for each control that it fails.
    pub by_control: Vec<ExceptionGroup>,
    pub by_region: Vec<ExceptionGroup>,
    /// By the list's category of what the row sells; empty where it says no product.
    pub by_product_category: Vec<ExceptionGroup>,
    /// Empty where it says none of the list's products.
    pub by_product: Vec<ExceptionGroup>,
    /// `validate`, where the file alone shows it, and `load`, where another row of the ledger holds the key.
    pub by_stage: Vec<ExceptionGroup>,
    /// Of the open ones, days since their file came: `0-1`, `2-7`, `8-30` and `31-`.
    pub by_age: Vec<ExceptionGroup>,
    /// Of files alone, not of what was corrected since; oldest first.
    pub trend: Vec<ExceptionStep>,
}

/// An exception with the run that it is of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(utoipa::ToSchema))]
pub struct FoundException {
    pub run: RunId,
    pub file_name: String,
    /// When the file came: RFC 3339 in UTC.
    pub created_at: String,
    /// What an act has to name.
    pub version: u64,
    pub assignee: Option<String>,
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
    /// `after` of the next page; None at the end. With a text, a page that is not full may have one: some rows are looked at
    /// for each.
    pub next: Option<String>,
}

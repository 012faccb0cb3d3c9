//! The ledger as a list: which rows are asked for, in which order, and what is told of each.

use crate::{
    exception::RowPlace, id::RunId, lineage::RowLineage, money::Money, options::SheetRow,
    row::LedgerRow,
};
use serde::{Deserialize, Serialize};

/// Which rows of the ledger are wanted: those to which all of it applies.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RowFilter {
    pub run: Option<RunId>,
    /// ISO days of the rows, both included.
    pub from: Option<String>,
    pub to: Option<String>,
    /// `Not stated` for rows without one; so for product, category and SKU.
    pub region: Option<String>,
    pub product: Option<String>,
    pub category: Option<String>,
    pub sku: Option<String>,
    /// What their key begins with.
    pub key: Option<String>,
    pub state: RowState,
}

/// What aggregates call a region, product, category or SKU that a row does not have.
pub const NOT_STATED: &str = "Not stated";

/// Whether a row counts in the totals, and if not, why.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(utoipa::ToSchema))]
#[serde(rename_all = "lowercase")]
pub enum RowState {
    #[default]
    Counting,
    /// Its run was withdrawn.
    Withdrawn,
    /// Another row took its place.
    Displaced,
    /// It had entered through an exception that was opened again.
    Reopened,
}

impl RowState {
    pub const ALL: [Self; 4] = [
        Self::Counting,
        Self::Withdrawn,
        Self::Displaced,
        Self::Reopened,
    ];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Counting => "counting",
            Self::Withdrawn => "withdrawn",
            Self::Displaced => "displaced",
            Self::Reopened => "reopened",
        }
    }
}

/// By revenue, of as many rows or more only the first are listed: no page begins behind so many.
pub const MOST_BY_REVENUE: u64 = 1_000;

/// By what rows are put in order.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(utoipa::ToSchema))]
#[serde(rename_all = "lowercase")]
pub enum RowSort {
    #[default]
    Day,
    Key,
    Revenue,
    /// By run and record: of one run, and of rows that do not count.
    Arrival,
}

impl RowSort {
    pub const ALL: [Self; 4] = [Self::Day, Self::Key, Self::Revenue, Self::Arrival];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Day => "day",
            Self::Key => "key",
            Self::Revenue => "revenue",
            Self::Arrival => "arrival",
        }
    }
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(utoipa::ToSchema))]
#[serde(rename_all = "lowercase")]
pub enum Direction {
    /// The newest day, the largest amount, the last key or arrival first.
    #[default]
    Descending,
    Ascending,
}

impl Direction {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Descending => "descending",
            Self::Ascending => "ascending",
        }
    }
}

/// One page of the ledger, as it is asked for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RowQuery {
    pub filter: RowFilter,
    pub sort: RowSort,
    pub direction: Direction,
    /// The run and record that the page begins behind.
    pub after: Option<(RunId, u64)>,
    pub limit: u32,
}

impl RowQuery {
    /// The order in which the rows come: keys that begin alike stand together, and rows that do not count are in
    /// order of arrival alone; across runs, rows that count are by day instead.
    pub fn order(&self) -> RowSort {
        if self.filter.key.is_some() {
            RowSort::Key
        } else if self.filter.state != RowState::Counting {
            RowSort::Arrival
        } else if self.sort == RowSort::Arrival && self.filter.run.is_none() {
            RowSort::Day
        } else {
            self.sort
        }
    }
}

/// A row of the ledger with where it came from and how it stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(utoipa::ToSchema))]
pub struct StandingRow {
    pub run: RunId,
    pub file_name: String,
    pub state: RowState,
    /// Of the row that took its place.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub displaced_by: Option<RowPlace>,
    /// When and why its run was withdrawn, where it was.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub withdrawn_at: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub withdrawn_because: Option<String>,
    /// Of a row that entered later: the row of a file that was put right, waived or settled.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub origin: Option<RowOrigin>,
    /// Where the file was read of several sheets: where the line stands there that it came in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sheet_row: Option<SheetRow>,
    #[serde(flatten)]
    pub row: LedgerRow,
}

impl StandingRow {
    /// The run, the name and the line, 1-based, of the file that somebody handed in.
    pub fn came(&self) -> (&RunId, &str, u64) {
        match &self.origin {
            Some(it) => (&it.run, &it.file_name, it.line),
            None => (&self.run, &self.file_name, self.row.line),
        }
    }
}

/// Where a row stood in the file that it came in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(utoipa::ToSchema))]
pub struct RowOrigin {
    pub run: RunId,
    pub file_name: String,
    /// Both 1-based.
    pub record: u64,
    pub line: u64,
}

/// One page of the ledger.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(utoipa::ToSchema))]
pub struct RowPage {
    pub rows: Vec<StandingRow>,
    pub sort: RowSort,
    pub direction: Direction,
    /// All rows that the filter lets through; None where no aggregate tells it: with a key's beginning, and of rows
    /// that do not count.
    pub total: Option<RowTotal>,
    /// Where the next page begins, as `after` takes it; None on the last one. There may be one behind a page that is
    /// not full: a page is looked for among a limited number of rows.
    pub next: Option<String>,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(utoipa::ToSchema))]
pub struct RowTotal {
    pub rows: u64,
    pub money: Money,
}

/// A row of a run with the way that it took.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(utoipa::ToSchema))]
pub struct RowView {
    #[serde(flatten)]
    pub lineage: RowLineage,
    /// How it stands in the ledger; None where it never was there.
    pub standing: Option<StandingRow>,
}

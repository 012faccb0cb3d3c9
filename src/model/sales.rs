//! Aggregates over accepted rows; their size does not grow with the number of rows.

use crate::{id::RunId, money::Money};
use serde::{Deserialize, Serialize};
use std::{
    borrow::Cow,
    collections::{BTreeMap, BTreeSet},
};

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(utoipa::ToSchema))]
pub struct SalesFigures {
    pub rows: u64,
    pub units: i64,
    pub revenue: Money,
    /// In the contract's order of regions.
    pub by_region: Vec<Slice>,
    /// Largest first.
    pub by_category: Vec<Slice>,
    pub by_product: Vec<Slice>,
    /// One per calendar day from the first to the last, days without rows included.
    pub by_day: Vec<Slice>,
}

/// One bar: `label` is a region, a category, a product or an ISO day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(utoipa::ToSchema))]
pub struct Slice {
    pub label: String,
    pub rows: u64,
    pub units: i64,
    pub revenue: Money,
}

/// The longest label, in bytes.
const LONGEST: usize = 200;

/// What a value is counted under: the value itself, or the beginning of a long one, so that sums stay small whatever
/// a column holds. Values that begin alike over 200 bytes are then counted together.
pub fn label(value: &str) -> Cow<'_, str> {
    if value.len() <= LONGEST {
        return Cow::Borrowed(value);
    }
    let end = value.floor_char_boundary(LONGEST);
    Cow::Owned(format!("{}…", value.get(..end).unwrap_or_default()))
}

/// By what sales are grouped.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(utoipa::ToSchema))]
#[serde(rename_all = "lowercase")]
pub enum SalesBy {
    Region,
    Category,
    Product,
    Sku,
    Day,
    /// ISO weeks: `2026-W05`.
    Week,
    /// `2026-02`
    Month,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(utoipa::ToSchema))]
pub struct SalesSum {
    pub rows: u64,
    pub units: i64,
    pub revenue: Money,
}

/// Sales of a period, and of the one before it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(utoipa::ToSchema))]
pub struct SalesReport {
    pub total: SalesSum,
    /// The days right before, as many as the period has; None where it has no beginning or no end.
    pub before: Option<SalesBefore>,
    /// Days, weeks and months in their order, all else the largest first.
    pub groups: Vec<SalesGroup>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(utoipa::ToSchema))]
pub struct SalesBefore {
    /// ISO days, both included.
    pub from: String,
    pub to: String,
    pub total: SalesSum,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(utoipa::ToSchema))]
pub struct SalesGroup {
    pub label: String,
    #[serde(flatten)]
    pub sum: SalesSum,
    /// The same group in the period before; None for a span of time, and where nothing is compared.
    pub before: Option<SalesSum>,
}

/// Which rows are summed up: those to which all of it applies.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SalesFilter {
    pub region: Option<String>,
    pub category: Option<String>,
    pub product: Option<String>,
    pub sku: Option<String>,
    /// The run that brought them.
    pub run: Option<RunId>,
    /// ISO days, both included; a row without a day is in no period.
    pub from: Option<String>,
    pub to: Option<String>,
}

/// Everything that the page Sales shows, from one look at the aggregates.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SalesBoard {
    pub now: SalesTotal,
    /// None where nothing is compared.
    pub before: Option<SalesTotal>,
    /// In the contract's order of regions.
    pub by_region: Vec<SalesGroup>,
    /// Largest first.
    pub by_category: Vec<SalesGroup>,
    pub by_product: Vec<SalesGroup>,
    pub by_sku: Vec<SalesGroup>,
    /// What is sold under each SKU; mostly one product.
    pub products: BTreeMap<String, BTreeSet<String>>,
    /// Days with rows, in their order; rows without a day are in none.
    pub days: Vec<Slice>,
    /// Rows without a day: no period holds them, and all time does.
    pub undated: SalesSum,
    /// Region, category and their sum, where there are rows.
    pub crossed: Vec<(String, String, SalesSum)>,
    /// First and last ISO day of each run that has rows at all: days in none of them are days of which nobody told.
    pub told: Vec<(String, String)>,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct SalesTotal {
    pub sum: SalesSum,
    /// How many products have rows.
    pub products: u64,
}

/// What a page rests on.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(utoipa::ToSchema))]
pub struct Basis {
    /// Runs of files that count and have rows of what is shown.
    pub runs: u64,
    /// All that was read by these runs, whatever is shown of it.
    pub rows_read: u64,
    pub money_read: Money,
    /// What of it is not in the ledger: exceptions that are open or were rejected.
    pub rows_left: u64,
    pub money_left: Money,
    /// Of that, what is still open.
    pub open_rows: u64,
    pub open_money: Money,
    /// Rows that were accepted or entered later, and count no more since another row took their place: what was read =
    /// what counts + what is left + these.
    pub displaced_rows: u64,
    pub displaced_money: Money,
    /// The runs with the most open money, at most three.
    pub worst: Vec<OpenRun>,
    /// Runs that are held, so that nothing of them counts.
    pub held: u64,
    /// The last one, if there is any.
    pub newest: Option<RunId>,
    /// When it came.
    pub newest_at: Option<String>,
}

/// A run with exceptions that are open.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(utoipa::ToSchema))]
pub struct OpenRun {
    pub run: RunId,
    pub file_name: String,
    pub rows: u64,
    pub money: Money,
}

/// What there is to filter by.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(utoipa::ToSchema))]
pub struct Choices {
    pub regions: Vec<String>,
    pub categories: Vec<String>,
    pub products: Vec<String>,
    pub skus: Vec<String>,
    /// Runs that count, newest first, with the names of their files; at most 50.
    pub runs: Vec<OfferedRun>,
}

/// A run as it stands in a list to choose from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(utoipa::ToSchema))]
pub struct OfferedRun {
    pub id: RunId,
    pub file_name: String,
}

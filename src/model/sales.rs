//! Aggregates over accepted rows; their size does not grow with the number of rows.

use crate::money::Money;
use serde::{Deserialize, Serialize};
use std::borrow::Cow;

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

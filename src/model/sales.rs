//! Aggregates over accepted rows; their size does not grow with the number of rows.

use crate::money::Money;
use serde::{Deserialize, Serialize};

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

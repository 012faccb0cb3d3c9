//! Rows on their way from the engine to the store.

use crate::{
    control::{Category, Severity},
    finding::FindingData,
    id::RunId,
    money::Money,
};
use compact_str::CompactString;
use serde::{Deserialize, Serialize};

/// A text of a row. Up to 24 bytes stand in the row itself: a million rows have millions of texts, nearly all of them short,
/// and each would else be a piece of memory of its own.
pub type Text = CompactString;

/// An accepted row with its cells typed, ready for the ledger.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(utoipa::ToSchema))]
pub struct LedgerRow {
    pub record: u64,
    pub line: u64,
    /// None where the contract has no key.
    #[cfg_attr(not(target_arch = "wasm32"), schema(value_type = Option<String>))]
    pub key: Option<Text>,
    /// ISO calendar day.
    #[cfg_attr(not(target_arch = "wasm32"), schema(value_type = Option<String>))]
    pub day: Option<Text>,
    #[cfg_attr(not(target_arch = "wasm32"), schema(value_type = Option<String>))]
    pub region: Option<Text>,
    #[cfg_attr(not(target_arch = "wasm32"), schema(value_type = Option<String>))]
    pub product: Option<Text>,
    #[cfg_attr(not(target_arch = "wasm32"), schema(value_type = Option<String>))]
    pub sku: Option<Text>,
    #[cfg_attr(not(target_arch = "wasm32"), schema(value_type = Option<String>))]
    pub category: Option<Text>,
    pub quantity: Option<i64>,
    pub unit_price: Option<Money>,
    pub money: Option<Money>,
}

/// A row with findings, whole: an exception where one of them is an error, else an accepted row with warnings.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeptRow {
    pub record: u64,
    pub line: u64,
    /// The record's bytes as they stand in the file, without its line break.
    pub raw: Vec<u8>,
    /// The headline; Some exactly where it is an exception.
    pub category: Option<Category>,
    /// None where the amount cannot be read or the contract has none.
    pub money: Option<Money>,
    /// Of an exception: the list's word for what the row says, where the list knows it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub region: Option<Text>,
    /// As for the region.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub product: Option<Text>,
    /// Of an exception: the list's category of its product, or "Other" of a product that the list does not know.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub product_category: Option<Text>,
    /// An exception's key, by which it is looked up; None where it cannot be read.
    pub key: Option<Text>,
    pub findings: Vec<FindingData>,
}

/// What the contract's lists know of what a row says; None where they do not know it, or it says nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Said {
    pub region: Option<Text>,
    pub product: Option<Text>,
    /// "Other" where the row says a product that its list does not know.
    pub product_category: Option<Text>,
}

impl KeptRow {
    pub fn is_exception(&self) -> bool {
        self.findings
            .iter()
            .any(|it| it.severity == Severity::Error)
    }
}

/// A row that the ledger did not take, since another row holds its key (UNQ02).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refused {
    pub row: LedgerRow,
    pub holder: Holder,
}

/// Where the row stands that holds a key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Holder {
    pub run: RunId,
    pub file_name: String,
    pub record: u64,
    pub line: u64,
    /// True where both rows say the same, cell by typed cell; false where they conflict.
    pub identical: bool,
}

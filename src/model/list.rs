//! A contract's lists, as people keep them.

use crate::{money::Money, verdict::ContractRef};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// One change of a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(utoipa::ToSchema))]
#[serde(tag = "edit", rename_all = "kebab-case")]
pub enum ListEdit {
    AddValue { value: String },
    RemoveValue { value: String },
    AddSynonym { value: String, synonym: String },
    RemoveSynonym { value: String, synonym: String },
}

/// A list of the contract in force.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(utoipa::ToSchema))]
pub struct WholeList {
    pub contract: ContractRef,
    pub name: String,
    /// What people call the columns that hold it.
    pub columns: Vec<String>,
    /// The control that makes an exception of a row with a value that the list does not know; None where there is none.
    pub refused_by: Option<String>,
    /// What it knows of its values besides their synonyms.
    pub attributes: Vec<String>,
    /// The filter of the ledger's rows by which `rows` of its values are counted: `region`, `product` or `category`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub counted_by: Option<String>,
    /// In the contract's order.
    pub entries: Vec<ListedValue>,
    /// The most frequent first.
    pub proposed: Vec<ProposedSynonym>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(utoipa::ToSchema))]
pub struct ListedValue {
    pub value: String,
    pub synonyms: Vec<String>,
    pub attributes: BTreeMap<String, String>,
    /// Of the ledger; None where it is not counted by this list.
    pub rows: Option<u64>,
}

/// A text that people have corrected again and again to one value of a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(utoipa::ToSchema))]
pub struct ProposedSynonym {
    pub contract: String,
    pub list: String,
    /// Of the list.
    pub value: String,
    /// What stood there, as it was written first.
    pub synonym: String,
    /// How often it was corrected: a row counts once for each time, and one correction of all such cells before submit
    /// counts once.
    pub times: u64,
    pub runs: u64,
    /// Of the rows that were exceptions.
    pub money: Money,
}

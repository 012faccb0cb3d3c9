//! The shared words of Tarazu: what engine, store, server and pages say to each other.
//! Data only; nothing here reads a file, asks a clock or renders a page.

pub mod access;
pub mod audit;
pub mod contract;
pub mod control;
pub mod exception;
pub mod finding;
pub mod id;
pub mod ledger;
pub mod lineage;
pub mod list;
pub mod locale;
pub mod message;
pub mod money;
pub mod options;
pub mod proof;
pub mod quality;
pub mod ratio;
pub mod receipt;
pub mod row;
pub mod run;
pub mod sales;
pub mod scheme;
pub mod search;
pub mod texts;
pub mod verdict;
pub mod workbook;
pub mod zone;

#[cfg(test)]
mod po;

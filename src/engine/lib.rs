//! The validation engine: bytes in, verdict out. Pure: no IO, no clock, no threads of its own, the same code
//! natively and in WebAssembly.
//!
//! A file is judged in three steps: [`judge::Plan`] surveys the whole of it, [`judge::Plan::judge`] judges its
//! pieces, on as many threads as there are, and [`judge::Plan::finish`] settles the keys and draws up the
//! verdict. [`judge()`] does all of it on one thread.

pub mod again;
pub mod apart;
pub mod beginning;
pub mod catalogue;
pub mod choice;
pub mod contract;
pub mod control;
mod controls;
pub mod day;
pub mod export;
mod expression;
pub mod judge;
pub mod judgement;
mod keys;
mod list;
mod reading;
pub mod receipt;
pub mod render;
pub mod sales;
pub mod sample;
pub mod source;
pub mod value;
pub mod verdict;
pub mod workbook;

pub use day::Moment;
pub use judge::judge;
pub use source::{Source, SourceError};

/// The engine's version, which a receipt names.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");

//! Downloads: rows as CSV that opens in a spreadsheet unharmed, and the summary. The command line and the
//! server write them with the same code.

pub mod accepted;
pub mod exceptions;
pub mod summary;

mod table;

pub use table::{BOM, Table};

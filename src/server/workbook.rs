//! Workbooks whose rows stand in a temporary file while they are made, so that memory does not grow with them.

use engine::{
    contract::Contract,
    day::Moment,
    export::{Columns, Making, Workbook, WorkbookError},
};
use model::{message::Export, options::Options};

pub const MEDIA_TYPE: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

/// For rows of a file that was read with `options`.
///
/// # Errors
/// When the file has more columns than a workbook, or there is no room for a temporary file.
pub fn workbook(
    columns: Columns,
    contract: &Contract,
    options: &Options,
    what: Export,
    at: Moment,
) -> Result<Workbook, WorkbookError> {
    let making = Making {
        add_sheet: |it| it.add_worksheet_with_constant_memory(),
        ..Making::default()
    };
    Workbook::new(columns, contract, options, what, at, making)
}

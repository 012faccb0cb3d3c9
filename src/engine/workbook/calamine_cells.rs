//! Cells as calamine gives them, for the formats that it reads.

use super::{
    limit::Refusal,
    number_format::{date, decimal, duration},
    sheet::Sheet,
    xlsx::iso,
};
use calamine::{Data, ExcelDateTime};
use std::panic::{AssertUnwindSafe, catch_unwind};

/// What stops calamine is damage. In the browser the program ends with it, which the page tells.
pub(super) fn guarded<T>(work: impl FnOnce() -> Result<T, Refusal>) -> Result<T, Refusal> {
    catch_unwind(AssertUnwindSafe(work)).unwrap_or(Err(Refusal::Damaged))
}

pub(super) fn put(sheet: &mut Sheet, (row, column): (u32, u32), cell: &Data, from_1904: bool) {
    match cell {
        Data::Empty => {}
        Data::Int(it) => sheet.cell(column, &it.to_string()),
        Data::Float(it) => sheet.cell(column, &decimal(*it)),
        Data::String(it) | Data::DurationIso(it) => sheet.cell(column, it),
        Data::Bool(it) => sheet.cell(column, if *it { "TRUE" } else { "FALSE" }),
        Data::DateTime(it) => sheet.cell(column, &moment(*it, from_1904)),
        Data::DateTimeIso(it) => sheet.cell(column, &iso(it)),
        Data::Error(it) => sheet.error(row, column, &it.to_string()),
    }
}

fn moment(at: ExcelDateTime, from_1904: bool) -> String {
    let number = at.as_f64();
    let shown = if at.is_duration() {
        duration(number)
    } else {
        date(number, false, from_1904)
    };
    shown.unwrap_or_else(|| decimal(number))
}

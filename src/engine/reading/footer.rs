//! Lines below the last row that belong to no row: "Report generated on 5 June", "Page 1 of 3".

use super::{
    header::Frame,
    record::{Dialect, Field, Records},
    survey::Survey,
};
use crate::{
    contract::Contract,
    source::{Source, SourceError, read_range},
    value::trim,
};

/// Footers are looked for in so many bytes at the end of the file, at least where it has them.
const TAIL: u64 = 16 * 1024;
/// A tail longer than this holds one enormous record, and is no place for a footer.
const LONGEST_TAIL: u64 = 8 * 1024 * 1024;

/// Where the first of the footers stands in the file; None where it ends with a row.
pub(crate) fn find(
    source: &dyn Source,
    survey: &Survey,
    frame: &Frame,
    dialect: Dialect,
    contract: &Contract,
) -> Result<Option<u64>, SourceError> {
    // What a footer leaves blank is required, so that no row is taken for one which could have been accepted.
    let mut columns = contract.columns.iter().zip(&frame.at);
    if !columns.any(|(column, at)| column.required && at.is_some_and(|it| it > 0)) {
        return Ok(None);
    }
    let before_tail = survey.size.saturating_sub(TAIL);
    let starts = survey.starts.iter().rev();
    let from = starts
        .copied()
        .find(|it| *it <= before_tail)
        .unwrap_or(0)
        .max(frame.rows_start);
    if from >= survey.size || survey.size - from > LONGEST_TAIL {
        return Ok(None);
    }
    let mut bytes = Vec::new();
    read_range(source, from, survey.size, &mut bytes)?;
    let mut records = Records::new(&bytes, from, dialect);
    let mut fields = Vec::new();
    let mut first = None;
    while let Some(record) = records.next(&mut fields) {
        if is_footer(&bytes, &fields, frame.least) {
            first = first.or(Some(from + record.start as u64));
        } else if !is_blank(&bytes, &fields) {
            first = None;
        }
    }
    Ok(first)
}

/// A sentence in the first cell and nothing behind it, in a table of three columns or more. A row that lost its
/// other cells is none: what it has left is a number, a code, or a single word.
pub(crate) fn is_footer(bytes: &[u8], fields: &[Field], least: usize) -> bool {
    let Some((first, rest)) = fields.split_first() else {
        return false;
    };
    least >= 3 && is_blank(bytes, rest) && {
        let text = trim(bytes.get(first.start..first.end).unwrap_or_default());
        let words = text
            .split(|it| it.is_ascii_whitespace())
            .filter(|it| it.iter().any(|b| b.is_ascii_alphabetic() || *b >= 0x80));
        let count = words.count();
        count >= 2 || count == 1 && memchr::memmem::find(text, b": ").is_some()
    }
}

/// Nothing stands in any of the fields, or nothing but blanks and empty quotes.
pub(crate) fn is_blank(bytes: &[u8], fields: &[Field]) -> bool {
    fields.iter().all(|it| {
        let text = trim(bytes.get(it.start..it.end).unwrap_or_default());
        text.is_empty() || text == b"\"\""
    })
}

//! The beginning of a file: enough to tell which contract it is for, and to show its first rows before the rest was read.

use crate::{
    contract::Contract,
    day::Moment,
    judge::judge,
    source::{Source, SourceError},
};
use model::{
    message::{RowFilter, RowsInWindow, Which},
    options::Choice,
    workbook::Origin,
};

/// In bytes.
const LENGTH: u64 = 256 * 1024;

/// As if the file ended there.
pub(crate) struct Beginning<'a>(pub(crate) &'a dyn Source);

impl Source for Beginning<'_> {
    fn size(&self) -> u64 {
        self.0.size().min(LENGTH)
    }

    fn read_at(&self, offset: u64, into: &mut [u8]) -> Result<(), SourceError> {
        self.0.read_at(offset, into)
    }

    fn origin(&self) -> Option<&Origin> {
        self.0.origin()
    }
}

/// At most `count` of a file's first rows, with what can be said of them before the rest was read. None of a file that
/// is no longer than what is looked at: it is judged in the same time.
///
/// # Errors
/// When the source cannot be read.
pub fn first_rows(
    source: &dyn Source,
    contract: &Contract,
    choice: &Choice,
    evaluated_at: Moment,
    count: u32,
) -> Result<Option<RowsInWindow>, SourceError> {
    let beginning = Beginning(source);
    if beginning.size() == source.size() {
        return Ok(None);
    }
    let every = RowFilter {
        which: Which::Every,
        ..RowFilter::default()
    };
    let judgement = judge(&beginning, contract, choice, evaluated_at)?;
    let mut window = judgement.window(&beginning, &every, 0, count)?;
    if window.rows.len() as u64 == window.total {
        // It may be cut in two.
        window.rows.pop();
    }
    Ok(Some(window).filter(|it| !it.rows.is_empty()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{contract::sales, source::Memory};

    const HEADER: &str = "order_id,order_date,region,product,quantity,revenue\n";

    fn first(text: &str) -> Option<RowsInWindow> {
        let moment = Moment::parse("2026-03-01T00:00:00Z").unwrap();
        let text = Memory(text.as_bytes());
        first_rows(&text, sales(), &Choice::default(), moment, 20).unwrap()
    }

    fn row(at: usize) -> String {
        let region = if at == 3 { "Nort" } else { "North" };
        format!("K-{at},2026-01-15,{region},Milk 1L,1,10.00\n")
    }

    #[test]
    fn the_first_rows_of_a_long_file_are_those_of_the_whole() {
        let rows: String = (0..10_000).map(row).collect();
        let text = format!("{HEADER}{rows}");
        let found = first(&text).unwrap();
        let moment = Moment::parse("2026-03-01T00:00:00Z").unwrap();
        let source = Memory(text.as_bytes());
        let whole = judge(&source, sales(), &Choice::default(), moment).unwrap();
        let every = RowFilter {
            which: Which::Every,
            ..RowFilter::default()
        };
        let whole = whole.window(&source, &every, 0, 20).unwrap();
        assert_eq!(found.header, whole.header);
        assert_eq!(found.rows, whole.rows);
        assert_eq!(found.rows[3].findings.len(), 1);
    }

    #[test]
    fn a_row_that_is_cut_in_two_is_not_shown() {
        let long = "x".repeat(100_000);
        let rows: String = (0..4).map(|at| format!("{long}{}", row(at))).collect();
        let found = first(&format!("{HEADER}{rows}")).unwrap();
        assert_eq!(found.rows.len(), 2);
        let one = format!("{HEADER}{}{}", "x".repeat(300_000), row(0));
        assert_eq!(first(&one), None);
    }

    #[test]
    fn a_short_file_is_judged_at_once_and_what_is_no_table_has_no_rows() {
        assert_eq!(first(&format!("{HEADER}{}", row(0))), None);
        assert_eq!(first(&"\0".repeat(300_000)), None);
    }
}

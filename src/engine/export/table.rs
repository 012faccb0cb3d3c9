//! One CSV file on its way out: RFC 4180, and no cell that a spreadsheet would run as a formula.

use crate::reading::returned::needs_guard;
use std::borrow::Cow;

/// Tells spreadsheets that the file is UTF-8.
pub const BOM: &[u8] = b"\xef\xbb\xbf";

/// Rows written but not yet taken.
#[derive(Debug)]
pub struct Table {
    bytes: Vec<u8>,
    delimiter: u8,
}

impl Table {
    pub fn new(delimiter: u8) -> Self {
        Self {
            bytes: Vec::new(),
            delimiter,
        }
    }

    pub fn row<'c>(&mut self, cells: impl IntoIterator<Item = &'c str>) {
        self.write(cells.into_iter().map(inert));
    }

    /// As they are, for a reader that runs no formulas.
    pub(crate) fn plain_row<'c>(&mut self, cells: impl IntoIterator<Item = &'c str>) {
        self.write(cells.into_iter().map(Cow::Borrowed));
    }

    fn write<'c>(&mut self, cells: impl Iterator<Item = Cow<'c, str>>) {
        let mut first = true;
        for cell in cells {
            if !first {
                self.bytes.push(self.delimiter);
            }
            first = false;
            self.cell(&cell);
        }
        self.bytes.extend_from_slice(b"\r\n");
    }

    /// How many bytes wait to be taken.
    pub fn waiting(&self) -> usize {
        self.bytes.len()
    }

    /// What was written since the last time.
    pub fn take(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.bytes)
    }

    fn cell(&mut self, cell: &str) {
        let delimiter = char::from(self.delimiter);
        if !cell.contains(['"', delimiter, '\r', '\n']) {
            self.bytes.extend_from_slice(cell.as_bytes());
            return;
        }
        self.bytes.push(b'"');
        let doubled = cell.replace('"', "\"\"");
        self.bytes.extend_from_slice(doubled.as_bytes());
        self.bytes.push(b'"');
    }
}

/// A cell that a spreadsheet would take for a formula gets an apostrophe in front, which the reader takes off
/// again. Negative numbers are no formulas.
fn inert(cell: &str) -> Cow<'_, str> {
    if needs_guard(cell.as_bytes()) {
        Cow::Owned(format!("'{cell}"))
    } else {
        Cow::Borrowed(cell)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn behind_a_minus_only_a_number_stays_as_it_is() {
        for text in [
            "-3",
            "-12.50",
            "-1,23,456.78",
            "-1.234,56",
            "-.5",
            "'-3",
            " -3",
            "a-1",
        ] {
            assert_eq!(inert(text), text);
        }
        for text in [
            "-1+cmd|' /C calc'!A0",
            "-cmd|' /C calc'!A0",
            "-A1",
            "-(1)",
            "-1-1",
            "-1e5",
            "-",
            "--",
            "'-1+1",
            " =1+1",
            "\n=1",
            "\u{ff1d}1+1",
        ] {
            assert_eq!(inert(text), format!("'{text}"));
        }
    }

    #[test]
    fn cells_are_quoted_where_they_must_be_and_formulas_are_inert() {
        let mut table = Table::new(b',');
        table.row(["a", "b,c", "say \"hi\"", "two\nlines", ""]);
        table.row(["=1+1", "+91", "@x", "\tx", "-12.50", "'x", "'=x"]);
        let text = String::from_utf8(table.take()).unwrap();
        assert_eq!(
            text,
            "a,\"b,c\",\"say \"\"hi\"\"\",\"two\nlines\",\r\n'=1+1,'+91,'@x,'\tx,-12.50,'x,''=x\r\n"
        );
        assert!(table.take().is_empty());
    }
}

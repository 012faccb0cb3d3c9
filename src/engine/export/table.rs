//! One CSV file on its way out: RFC 4180, and no cell that a spreadsheet would run as a formula.

use std::borrow::Cow;

/// Tells spreadsheets that the file is UTF-8.
pub const BOM: &[u8] = b"\xef\xbb\xbf";

/// Rows written but not yet taken.
#[derive(Debug, Default)]
pub struct Table(Vec<u8>);

impl Table {
    pub fn row<'c>(&mut self, cells: impl IntoIterator<Item = &'c str>) {
        let mut first = true;
        for cell in cells {
            if !first {
                self.0.push(b',');
            }
            first = false;
            self.cell(cell);
        }
        self.0.extend_from_slice(b"\r\n");
    }

    /// What was written since the last time.
    pub fn take(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.0)
    }

    fn cell(&mut self, cell: &str) {
        let cell = inert(cell);
        if !cell.contains(['"', ',', '\r', '\n']) {
            self.0.extend_from_slice(cell.as_bytes());
            return;
        }
        self.0.push(b'"');
        self.0
            .extend_from_slice(cell.replace('"', "\"\"").as_bytes());
        self.0.push(b'"');
    }
}

/// A cell that a spreadsheet would take for a formula gets an apostrophe in front, which the reader takes off
/// again. Negative numbers are no formulas.
fn inert(cell: &str) -> Cow<'_, str> {
    if cell.starts_with(['=', '+', '@', '\t', '\r']) {
        Cow::Owned(format!("'{cell}"))
    } else {
        Cow::Borrowed(cell)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_quoted_where_they_must_be_and_formulas_are_inert() {
        let mut table = Table::default();
        table.row(["a", "b,c", "say \"hi\"", "two\nlines", ""]);
        table.row(["=1+1", "+91", "@x", "\tx", "-12.50"]);
        let text = String::from_utf8(table.take()).unwrap();
        assert_eq!(
            text,
            "a,\"b,c\",\"say \"\"hi\"\"\",\"two\nlines\",\r\n'=1+1,'+91,'@x,'\tx,-12.50\r\n"
        );
        assert!(table.take().is_empty());
    }
}

//! A sheet as it becomes text: one record a line, with commas and the quotes of RFC 4180. Line n is the sheet's row n.

use super::limit::{Budget, Refusal};

/// Lines that are looked at to tell how wide the table is. Longer rows below stay as long as they are.
const HEAD: usize = 1_000;
/// The most that any of the formats allows.
pub(super) const ROWS: u32 = 1_048_576;
pub(super) const COLUMNS: u32 = 16_384;

/// Something that occurs in cells or rows: how often, and where first.
#[derive(Debug, Clone, Default)]
pub(super) struct Tally {
    pub(super) count: u64,
    /// `B7`, `12` or `A1:C1`.
    pub(super) first: String,
}

impl Tally {
    pub(super) fn add(&mut self, count: u64, place: impl FnOnce() -> String) {
        if self.count == 0 {
            self.first = place();
        }
        self.count += count;
    }
}

/// What there is to say of a sheet besides its cells.
#[derive(Debug, Clone, Default)]
pub(super) struct Remarks {
    pub(super) hidden_rows: Tally,
    pub(super) hidden_columns: Tally,
    pub(super) merged: Tally,
    pub(super) errors: Tally,
    /// The error that stands in the first of them: `#N/A`.
    pub(super) error: String,
    /// Formulas whose value was never saved.
    pub(super) unsaved: Tally,
}

#[derive(Debug, Default)]
pub(super) struct Sheet {
    pub(super) name: String,
    pub(super) hidden: bool,
    /// Rows that are not empty.
    pub(super) rows: u64,
    pub(super) lines: u32,
    pub(super) text: Vec<u8>,
    pub(super) remarks: Remarks,
    /// Where the first lines end in `text` and how many cells each has, until it is known how many all shall have.
    head: Vec<(usize, u32)>,
    width: Option<u32>,
    /// The cells of the row that is being read, one behind the other, and of each its column and its end.
    row: Vec<u8>,
    cells: Vec<(u32, usize)>,
}

impl Sheet {
    pub(super) fn new(name: String, hidden: bool) -> Self {
        Self {
            name,
            hidden,
            ..Self::default()
        }
    }

    /// A cell of the row that is being read; `column` counts from 0. Nothing comes of an empty one.
    pub(super) fn cell(&mut self, column: u32, text: &str) {
        if !text.is_empty() {
            self.row.extend_from_slice(text.as_bytes());
            self.cells.push((column, self.row.len()));
        }
    }

    pub(super) fn error(&mut self, row: u32, column: u32, text: &str) {
        if self.remarks.errors.count == 0 {
            text.clone_into(&mut self.remarks.error);
        }
        self.remarks.errors.add(1, || address(row, column));
        self.cell(column, text);
    }

    /// Whether the row that is being read has a cell.
    pub(super) fn has_cells(&self) -> bool {
        !self.cells.is_empty()
    }

    /// Ends the row, which is the sheet's row `row`, counted from 0.
    ///
    /// # Errors
    /// When it does not lie below the one before, or the workbook becomes too large.
    pub(super) fn end_row(&mut self, row: u32, budget: &Budget) -> Result<(), Refusal> {
        if self.cells.is_empty() {
            return Ok(());
        }
        if row < self.lines || row >= ROWS {
            return Err(Refusal::Damaged);
        }
        budget.cells(self.cells.len())?;
        let before = self.text.len();
        while self.lines < row {
            self.end_line(0);
        }
        let mut start = 0;
        let mut spans = Vec::with_capacity(self.cells.len());
        for (column, end) in self.cells.drain(..) {
            spans.push((column, start, end));
            start = end;
        }
        spans.sort_by_key(|it| it.0);
        let mut cells = 0;
        for (column, start, end) in spans {
            if column >= COLUMNS || column < cells {
                return Err(Refusal::Damaged);
            }
            // In front of the first field stands no comma.
            let commas = column + u32::from(cells > 0) - cells;
            commas_into(commas, &mut self.text);
            write_field(self.row.get(start..end).unwrap_or_default(), &mut self.text);
            cells = column + 1;
        }
        self.row.clear();
        self.rows += 1;
        self.end_line(cells);
        budget.text(self.text.len() - before)
    }

    fn end_line(&mut self, cells: u32) {
        if let Some(width) = self.width.filter(|_| cells > 0) {
            commas_into(width.saturating_sub(cells), &mut self.text);
        }
        self.text.push(b'\n');
        self.lines += 1;
        if self.width.is_none() {
            self.head.push((self.text.len(), cells));
            if self.head.len() >= HEAD {
                self.settle();
            }
        }
    }

    /// Makes the first lines as wide as the widest of them, so that no row is short of its last cells.
    fn settle(&mut self) {
        let width = self.head.iter().map(|it| it.1).max().unwrap_or(0);
        self.width = Some(width);
        let narrow = std::mem::take(&mut self.text);
        let mut start = 0;
        for (end, cells) in std::mem::take(&mut self.head) {
            let line = narrow.get(start..end - 1).unwrap_or_default(); // a line break stands behind it
            self.text.extend_from_slice(line);
            if cells > 0 {
                commas_into(width - cells, &mut self.text);
            }
            self.text.push(b'\n');
            start = end;
        }
    }

    /// Ends the sheet.
    ///
    /// # Errors
    /// When the workbook becomes too large.
    pub(super) fn end(&mut self, budget: &Budget) -> Result<(), Refusal> {
        let before = self.text.len();
        if self.width.is_none() {
            self.settle();
        }
        budget.text(self.text.len() - before)
    }
}

fn commas_into(count: u32, text: &mut Vec<u8>) {
    text.extend(std::iter::repeat_n(b',', count as usize)); // at most `COLUMNS`
}

fn write_field(field: &[u8], text: &mut Vec<u8>) {
    if memchr::memchr3(b',', b'\n', b'\r', field).is_none() && memchr::memchr(b'"', field).is_none()
    {
        text.extend_from_slice(field);
        return;
    }
    text.push(b'"');
    for byte in field {
        if *byte == b'"' {
            text.push(b'"');
        }
        text.push(*byte);
    }
    text.push(b'"');
}

/// `B7` for row 6 and column 1.
pub(super) fn address(row: u32, column: u32) -> String {
    format!("{}{}", letters(column), row + 1)
}

/// `B` for column 1.
pub(super) fn letters(column: u32) -> String {
    let mut letters = Vec::new();
    let mut rest = column + 1;
    while rest > 0 {
        rest -= 1;
        letters.push(b'A' + (rest % 26) as u8); // below 26
        rest /= 26;
    }
    letters.iter().rev().map(|it| char::from(*it)).collect()
}

/// Row and column, from 0, of an address such as `B7` or `$B$7`; None where it is none that a sheet has.
pub(super) fn place(address: &str) -> Option<(u32, u32)> {
    let (mut row, mut column) = (0u32, 0u32);
    for byte in address.bytes() {
        match byte {
            b'$' => {}
            b'A'..=b'Z' | b'a'..=b'z' if row == 0 => {
                let letter = u32::from(byte.to_ascii_uppercase() - b'A');
                column = column.checked_mul(26)?.checked_add(letter + 1)?;
            }
            b'0'..=b'9' => row = row.checked_mul(10)?.checked_add(u32::from(byte - b'0'))?,
            _ => return None,
        }
    }
    let (row, column) = (row.checked_sub(1)?, column.checked_sub(1)?);
    (row < ROWS && column < COLUMNS).then_some((row, column))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_stands_in_its_own_line_and_is_as_wide_as_the_table() {
        let budget = Budget::default();
        let mut sheet = Sheet::new("April".into(), false);
        for (row, cells) in [
            (1, vec![(0, "Sales of April")]),
            (3, vec![(0, "id"), (1, "note"), (2, "amount")]),
            (4, vec![(1, "two\nlines, \"quoted\""), (0, "1")]),
            (6, vec![(2, "5")]),
        ] {
            cells
                .into_iter()
                .for_each(|(at, text)| sheet.cell(at, text));
            sheet.end_row(row, &budget).unwrap();
        }
        sheet.end(&budget).unwrap();
        let expected =
            "\nSales of April,,\n\nid,note,amount\n1,\"two\nlines, \"\"quoted\"\"\",\n\n,,5\n";
        assert_eq!(String::from_utf8_lossy(&sheet.text), expected);
        assert_eq!((sheet.rows, sheet.lines), (4, 7));
    }

    #[test]
    fn rows_in_disorder_and_cells_twice_are_damage() {
        let budget = Budget::default();
        let mut sheet = Sheet::new("A".into(), false);
        sheet.cell(0, "x");
        sheet.end_row(5, &budget).unwrap();
        sheet.cell(0, "x");
        assert_eq!(sheet.end_row(5, &budget), Err(Refusal::Damaged));
        let mut sheet = Sheet::new("A".into(), false);
        sheet.cell(3, "x");
        sheet.cell(3, "y");
        assert_eq!(sheet.end_row(0, &budget), Err(Refusal::Damaged));
    }

    #[test]
    fn addresses_are_read_as_they_are_written() {
        for (text, at) in [
            ("A1", (0, 0)),
            ("AA10", (9, 26)),
            ("XFD1048576", (1_048_575, 16_383)),
        ] {
            assert_eq!(place(text), Some(at));
            assert_eq!(address(at.0, at.1), text);
        }
        for text in ["", "A", "7", "7A", "A0", "XFE1", "A1048577", "A99999999999"] {
            assert_eq!(place(text), None, "{text}");
        }
    }
}

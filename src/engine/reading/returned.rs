//! An export of ours that comes back, corrected or not. What was appended is no column of the file, the guard in front
//! of formulas comes off, and a row that was no proper record is read from its raw text.

use super::{
    footer::is_blank,
    header::CANDIDATES,
    record::{self, Dialect, Field, Record, Records},
    survey,
};

/// Columns that our exports append.
pub(crate) const OURS: [&str; 8] = [
    "tarazu_exception",
    "tarazu_run",
    "tarazu_line",
    "tarazu_codes",
    "tarazu_reasons",
    "tarazu_state",
    "tarazu_corrected",
    "tarazu_raw",
];

/// What the export of the exceptions of several runs has besides: its own columns are the contract's, and not those of
/// the files, whose records stand in `tarazu_raw`.
const ACROSS: [&str; 3] = ["tarazu_file", "tarazu_category", "tarazu_money"];

/// Whether our exports append a column of this name.
pub(crate) fn is_ours(header: &str) -> bool {
    let header = header.trim();
    OURS.contains(&header) || ACROSS.contains(&header)
}

/// The columns of a file that is an export of ours.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Returned {
    /// The fields of the file's own columns, in their order.
    own: Vec<usize>,
    /// A row with fewer cells of its own leaves a named column without one.
    least: usize,
    appended: Vec<usize>,
    raw: Option<usize>,
    codes: Option<usize>,
    /// Where the run and the exception stand.
    names: [Option<usize>; 2],
    delimiter: u8,
    workbook: bool,
    /// Of the exceptions of several runs.
    across: bool,
}

/// What a row of an export stands for.
#[derive(Debug, Default)]
pub(crate) struct Restored {
    /// Cells that lost their guard.
    pub(crate) guarded: u64,
    /// The record that is read in place of the row's own cells.
    pub(crate) raw: Option<RawRecord>,
    /// Bytes that are no text were found in it, so that a cell with their mark was not put right since.
    pub(crate) damaged: bool,
}

/// A record from `tarazu_raw`.
#[derive(Debug)]
pub(crate) struct RawRecord {
    pub(crate) bytes: Vec<u8>,
    pub(crate) fields: usize,
    pub(crate) least: usize,
    pub(crate) most: usize,
    /// Holds more than belongs to one row.
    pub(crate) surplus: bool,
    /// As [`Record::unclosed`], below the first line of the row that it stands in.
    pub(crate) unclosed: Option<u64>,
}

impl Restored {
    /// The bytes that the row's fields stand in: `bytes` unless it is read from its raw text.
    #[inline]
    pub(crate) fn bytes<'a>(&'a self, bytes: &'a [u8]) -> &'a [u8] {
        self.raw.as_ref().map_or(bytes, |it| &it.bytes)
    }
}

impl Returned {
    /// `columns` are the header's cells, and whether each fills a column of the contract. None where no column is
    /// ours.
    pub(crate) fn find<'t>(
        columns: impl Iterator<Item = (&'t str, bool)>,
        delimiter: u8,
        workbook: bool,
    ) -> Option<Self> {
        let mut res = Self {
            own: Vec::new(),
            least: 0,
            appended: Vec::new(),
            raw: None,
            codes: None,
            names: [None; 2],
            delimiter,
            workbook,
            across: false,
        };
        for (place, (text, fills)) in columns.enumerate() {
            match text.trim() {
                text if !fills && is_ours(text) => {
                    res.appended.push(place);
                    res.across |= ACROSS.contains(&text);
                    match text {
                        "tarazu_raw" => res.raw = Some(place),
                        "tarazu_codes" => res.codes = Some(place),
                        "tarazu_run" => res.names[0] = Some(place),
                        "tarazu_exception" => res.names[1] = Some(place),
                        _ => {}
                    }
                }
                text => {
                    res.own.push(place);
                    if !text.is_empty() {
                        res.least = res.own.len();
                    }
                }
            }
        }
        (!res.appended.is_empty()).then_some(res)
    }

    /// Whether rows say which exception they are.
    pub(crate) fn names_exceptions(&self) -> bool {
        self.names.iter().all(Option::is_some)
    }

    /// The fields that say which exception a row is: its run, and its record there.
    pub(crate) fn named(&self, fields: &[Field]) -> Option<[Field; 2]> {
        let [run, record] = self.names;
        Some([*fields.get(run?)?, *fields.get(record?)?])
    }

    /// Whether the row says which exception it is.
    pub(crate) fn is_exception(bytes: &[u8], named: Option<[Field; 2]>) -> bool {
        named.is_some_and(|[_, record]| !is_blank(bytes, &[record]))
    }

    /// How many columns are ours.
    pub(crate) fn appended(&self) -> usize {
        self.appended.len()
    }

    /// Takes the guards off. Where the row stands for a raw record, `fields` become those of its text, each at the
    /// place of its column.
    pub(crate) fn restore(&self, bytes: &[u8], record: &Record, fields: &mut [Field]) -> Restored {
        let mut res = Restored::default();
        if record.unclosed.is_some() {
            return res;
        }
        for field in fields.iter_mut() {
            if is_guarded(bytes, *field) {
                // The apostrophe stands where the content begins; behind a quote, it takes the place of the quote.
                field.start += 1;
                res.guarded += 1;
            }
        }
        let codes = self.codes.and_then(|it| fields.get(it));
        res.damaged = codes.is_some_and(|it| finds(text_of(bytes, *it), "SCH07"));
        res.raw = self.raw_record(bytes, record, fields);
        res
    }

    /// Empties our own cells, which are none of the row's.
    pub(crate) fn hide(&self, fields: &mut [Field]) {
        for place in &self.appended {
            if let Some(field) = fields.get_mut(*place) {
                *field = Field::plain(field.start, field.start);
            }
        }
    }

    fn raw_record(&self, bytes: &[u8], record: &Record, fields: &mut [Field]) -> Option<RawRecord> {
        let field = *fields.get(self.raw?)?;
        let own = self.own.iter().filter_map(|it| fields.get(*it));
        // Where the cells have been filled in, they are the correction.
        if is_blank(bytes, &[field]) || own.into_iter().any(|it| !is_blank(bytes, &[*it])) {
            return None;
        }
        let mut scratch = Vec::new();
        let content = record::content(bytes, field, &mut scratch);
        let text = content.text(bytes, &scratch).to_vec();
        let (cells, unclosed, whole) = self.take_apart(&text);
        let above = bytes.get(record.start..field.start).unwrap_or_default();
        let (count, most) = (cells.len(), self.own.len());
        let behind = cells.get(most..).unwrap_or_default();
        // The record of a file with columns of its own cannot be told apart by those of the contract.
        let surplus = self.across || !whole || !is_blank(&text, behind);
        for field in fields.iter_mut() {
            *field = Field::plain(0, 0);
        }
        for (place, cell) in self.own.iter().zip(&cells) {
            if let Some(field) = fields.get_mut(*place) {
                *field = *cell;
            }
        }
        Some(RawRecord {
            bytes: text,
            fields: count,
            least: self.least,
            most,
            surplus,
            // A sheet's row is one line, whatever its cells hold.
            unclosed: unclosed.map(|it| {
                if self.workbook {
                    0
                } else {
                    it + line_breaks(above)
                }
            }),
        })
    }

    /// The fields of raw text, as [`Record::unclosed`] where a quote is never closed, and whether it is one record.
    /// The delimiter is that of the export, unless a spreadsheet has changed it since.
    fn take_apart(&self, text: &[u8]) -> (Vec<Field>, Option<u64>, bool) {
        let mut res = take_apart(text, self.delimiter);
        if self.workbook || res.0.len() < 2 {
            for other in CANDIDATES {
                let found = take_apart(text, other);
                if found.0.len() > res.0.len() {
                    res = found;
                }
            }
        }
        res
    }
}

fn take_apart(text: &[u8], delimiter: u8) -> (Vec<Field>, Option<u64>, bool) {
    let dialect = Dialect {
        delimiter,
        unclosed: survey::open_quote(text, delimiter),
        rows_are_lines: false,
    };
    let mut records = Records::new(text, 0, dialect);
    let mut fields = Vec::new();
    let unclosed = records.next(&mut fields).and_then(|it| it.unclosed);
    let whole = records.position() >= text.len();
    (fields, unclosed, whole)
}

/// Exports put an apostrophe in front of what a spreadsheet would run as a formula, and of what looks as if they had.
/// Behind a minus only a number is none: digits, and what stands between them.
pub(crate) fn needs_guard(text: &[u8]) -> bool {
    let apostrophes = text.iter().take_while(|it| **it == b'\'').count();
    let text = text.get(apostrophes..).unwrap_or_default();
    if matches!(text, [b'\t' | b'\r' | b'\n', ..]) {
        return true;
    }
    match text.trim_ascii_start() {
        [b'=' | b'+' | b'@', ..] => true,
        [b'-', behind @ ..] => {
            let of_numbers = |it: &u8| matches!(it, b'0'..=b'9' | b'.' | b',');
            !behind.iter().all(of_numbers) || !behind.iter().any(u8::is_ascii_digit)
        }
        text => WIDE.iter().any(|it| text.starts_with(it.as_bytes())),
    }
}

/// What spreadsheets take for `=`, `+`, `-` and `@` where people write wide letters.
const WIDE: [&str; 4] = ["\u{ff1d}", "\u{ff0b}", "\u{ff0d}", "\u{ff20}"];

fn is_guarded(bytes: &[u8], field: Field) -> bool {
    let mut scratch = Vec::new();
    let content = record::content(bytes, field, &mut scratch);
    let text = content.text(bytes, &scratch);
    text.strip_prefix(b"'").is_some_and(needs_guard)
}

/// Exported text marks so where bytes stood that were no text.
pub(crate) fn is_marked(text: &[u8]) -> bool {
    finds(text, "\u{fffd}")
}

fn finds(text: &[u8], what: &str) -> bool {
    memchr::memmem::find(text, what.as_bytes()).is_some()
}

fn text_of(bytes: &[u8], field: Field) -> &[u8] {
    bytes.get(field.start..field.end).unwrap_or_default()
}

fn line_breaks(text: &[u8]) -> u64 {
    let behind = text.iter().skip(1).chain([&b' ']);
    let breaks = text.iter().zip(behind);
    breaks
        .filter(|(byte, behind)| **byte == b'\n' || **byte == b'\r' && **behind != b'\n')
        .count() as u64
}

//! Records of a piece of the file, with the place of every field.

use super::structure;

/// How a record is taken apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Dialect {
    pub(crate) delimiter: u8,
    /// Where, in the file, stands the one quote that is never closed: it is taken literally and its record
    /// ends with the line.
    pub(crate) unclosed: Option<u64>,
    /// Every record is one line, whatever its cells hold: a sheet's row.
    pub(crate) rows_are_lines: bool,
}

/// A field by its place in the piece, quotes included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Field {
    pub(crate) start: usize,
    pub(crate) end: usize,
    pub(crate) form: Form,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    Plain,
    /// In quotes, nothing doubled inside and nothing behind them.
    Quoted,
    /// In quotes, to be rewritten to be read.
    Escaped,
}

impl Field {
    #[inline]
    pub(crate) const fn plain(start: usize, end: usize) -> Self {
        Self {
            start,
            end,
            form: Form::Plain,
        }
    }
}

/// A record by its place in the piece, without its line break.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Record {
    pub(crate) start: usize,
    pub(crate) end: usize,
    /// Line breaks in the piece before it.
    pub(crate) lines_before: u64,
    /// Holds the quote that is never closed, which stands this many lines below the record's first.
    pub(crate) unclosed: Option<u64>,
    /// Some field is to be rewritten.
    pub(crate) has_escapes: bool,
}

/// Reads the records of `bytes`, which begin with a record and end with one.
pub(crate) struct Records<'a> {
    bytes: &'a [u8],
    dialect: Dialect,
    /// The unclosed quote's place in the piece; past its end where there is none here.
    unclosed: usize,
    /// Where the next record begins.
    at: usize,
    lines: u64,
    /// Structural positions from `at` on, as far as they have been looked for.
    marks: Vec<usize>,
    mark: usize,
    scanned: usize,
    window: usize,
}

const FIRST_WINDOW: usize = 256;
const LARGEST_WINDOW: usize = 16 * 1024;

impl<'a> Records<'a> {
    /// `offset` is the place of `bytes` in the file.
    pub(crate) fn new(bytes: &'a [u8], offset: u64, dialect: Dialect) -> Self {
        let unclosed = dialect.unclosed.and_then(|it| it.checked_sub(offset));
        let unclosed = unclosed
            .and_then(|it| usize::try_from(it).ok())
            .unwrap_or(usize::MAX);
        Self {
            bytes,
            dialect,
            unclosed,
            at: 0,
            lines: 0,
            marks: Vec::new(),
            mark: 0,
            scanned: 0,
            window: FIRST_WINDOW,
        }
    }

    /// Goes on with the record at `at`, a place further on.
    pub(crate) fn skip_to(&mut self, at: usize) {
        if at < self.scanned {
            let ahead = self.marks.get(self.mark..).unwrap_or_default();
            self.mark += ahead.partition_point(|&it| it < at);
        } else {
            self.marks.clear();
            self.mark = 0;
            self.scanned = at;
            self.window = FIRST_WINDOW;
        }
        self.at = at;
    }

    /// Line breaks so far, those behind the last record included.
    pub(crate) fn lines(&self) -> u64 {
        self.lines
    }

    /// Where the next record begins.
    pub(crate) fn position(&self) -> usize {
        self.at
    }

    /// The next record, its fields into `fields`; None at the end of the piece. An empty line is a record
    /// with one empty field.
    #[inline]
    pub(crate) fn next(&mut self, fields: &mut Vec<Field>) -> Option<Record> {
        if self.at >= self.bytes.len() {
            return None;
        }
        if self.marks.len() == self.mark {
            self.look_ahead();
        }
        fields.clear();
        let mut start = self.at;
        let ahead = self.marks.get(self.mark..).unwrap_or_default();
        for (taken, &mark) in (1..).zip(ahead) {
            match self.byte(mark) {
                Some(byte) if byte == self.dialect.delimiter => {
                    fields.push(Field::plain(start, mark));
                    start = mark + 1;
                }
                Some(b'\n') => {
                    fields.push(Field::plain(start, mark));
                    let record = Record {
                        start: self.at,
                        end: mark,
                        lines_before: self.lines,
                        unclosed: None,
                        has_escapes: false,
                    };
                    self.mark += taken;
                    return Some(self.close(record, mark, mark + 1));
                }
                // A quote inside a field that does not begin with one is text.
                Some(b'"') if mark != start => {}
                _ => break,
            }
        }
        // Quotes, carriage returns, and what reaches beyond the window. Fields that were taken are taken again.
        self.next_of_any_kind(fields)
    }

    fn next_of_any_kind(&mut self, fields: &mut Vec<Field>) -> Option<Record> {
        fields.clear();
        let mut record = Record {
            start: self.at,
            end: self.bytes.len(),
            lines_before: self.lines,
            unclosed: None,
            has_escapes: false,
        };
        let mut start = self.at;
        loop {
            let (form, end) = self.field(start, &mut record);
            record.has_escapes |= form == Form::Escaped;
            fields.push(Field {
                start,
                end: end.unwrap_or(self.bytes.len()),
                form,
            });
            let Some(end) = end else {
                self.at = self.bytes.len();
                return Some(record);
            };
            match self.byte(end) {
                Some(b'\n') => return Some(self.close(record, end, end + 1)),
                Some(b'\r') if self.byte(end + 1) == Some(b'\n') => {
                    self.next_mark();
                    return Some(self.close(record, end, end + 2));
                }
                Some(b'\r') => return Some(self.close(record, end, end + 1)),
                _ => start = end + 1,
            }
        }
    }

    fn close(&mut self, mut record: Record, end: usize, next: usize) -> Record {
        self.lines += 1;
        self.at = next;
        record.end = end;
        record
    }

    /// The form of the field at `start`, and the place of the delimiter or line break that ends it; None
    /// where the piece ends first.
    fn field(&mut self, start: usize, record: &mut Record) -> (Form, Option<usize>) {
        if self.byte(start) != Some(b'"') {
            return (Form::Plain, self.end_of_plain());
        }
        self.next_mark();
        if start == self.unclosed {
            record.unclosed = Some(self.lines - record.lines_before);
            return (Form::Plain, self.end_of_line());
        }
        let mut doubled = false;
        while let Some(mark) = self.next_mark() {
            match self.byte(mark) {
                Some(b'"') if self.byte(mark + 1) == Some(b'"') => {
                    self.next_mark();
                    doubled = true;
                }
                Some(b'"') => {
                    let end = self.end_of_plain();
                    let clean = !doubled && end.unwrap_or(self.bytes.len()) == mark + 1;
                    return (if clean { Form::Quoted } else { Form::Escaped }, end);
                }
                _ if self.dialect.rows_are_lines => {}
                Some(b'\n') => self.lines += 1,
                Some(b'\r') if self.byte(mark + 1) != Some(b'\n') => self.lines += 1,
                _ => {}
            }
        }
        (Form::Escaped, None)
    }

    fn end_of_plain(&mut self) -> Option<usize> {
        loop {
            let mark = self.next_mark()?;
            if self.byte(mark) != Some(b'"') {
                return Some(mark);
            }
        }
    }

    fn end_of_line(&mut self) -> Option<usize> {
        loop {
            let mark = self.next_mark()?;
            if matches!(self.byte(mark), Some(b'\n' | b'\r')) {
                return Some(mark);
            }
        }
    }

    fn byte(&self, at: usize) -> Option<u8> {
        self.bytes.get(at).copied()
    }

    #[inline]
    fn next_mark(&mut self) -> Option<usize> {
        loop {
            if let Some(&mark) = self.marks.get(self.mark) {
                self.mark += 1;
                return Some(mark);
            }
            if !self.look_ahead() {
                return None;
            }
        }
    }

    /// Looks for marks in the next window; false at the end.
    fn look_ahead(&mut self) -> bool {
        let rest = self.bytes.get(self.scanned..).unwrap_or_default();
        if rest.is_empty() {
            return false;
        }
        let window = rest.get(..self.window).unwrap_or(rest);
        self.marks.clear();
        self.mark = 0;
        structure::positions(
            window,
            self.scanned,
            self.dialect.delimiter,
            &mut self.marks,
        );
        self.scanned += window.len();
        self.window = (self.window * 2).min(LARGEST_WINDOW);
        true
    }
}

/// The content of a field: a part of the piece, or, where it has to be rewritten, appended to `scratch`.
#[inline]
pub(crate) fn content(bytes: &[u8], field: Field, scratch: &mut Vec<u8>) -> Content {
    match field.form {
        Form::Plain => Content {
            start: field.start,
            end: field.end,
            rewritten: false,
        },
        Form::Quoted => Content {
            start: field.start + 1,
            end: field.end - 1,
            rewritten: false,
        },
        Form::Escaped => {
            let start = scratch.len();
            unescape(
                bytes.get(field.start..field.end).unwrap_or_default(),
                scratch,
            );
            Content {
                start,
                end: scratch.len(),
                rewritten: true,
            }
        }
    }
}

/// A field's content by its place, in the piece or in the scratch buffer.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Content {
    start: usize,
    end: usize,
    rewritten: bool,
}

impl Content {
    #[inline]
    pub(crate) fn text<'a>(&self, bytes: &'a [u8], scratch: &'a [u8]) -> &'a [u8] {
        let from = if self.rewritten { scratch } else { bytes };
        from.get(self.start..self.end).unwrap_or_default()
    }
}

/// Undoes the quoting of a field that begins with a quote. What stands behind the closing quote belongs to it.
fn unescape(field: &[u8], into: &mut Vec<u8>) {
    let mut rest = field.get(1..).unwrap_or_default();
    while let Some(at) = memchr::memchr(b'"', rest) {
        let (before, from_quote) = rest.split_at(at);
        into.extend_from_slice(before);
        match from_quote {
            [_, b'"', behind @ ..] => {
                into.push(b'"');
                rest = behind;
            }
            [_, behind @ ..] => {
                into.extend_from_slice(behind);
                return;
            }
            [] => return,
        }
    }
    into.extend_from_slice(rest);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str, unclosed: Option<u64>) -> Vec<(u64, Vec<String>)> {
        let dialect = Dialect {
            delimiter: b',',
            unclosed,
            rows_are_lines: false,
        };
        let mut records = Records::new(text.as_bytes(), 0, dialect);
        let (mut fields, mut res) = (Vec::new(), Vec::new());
        while let Some(record) = records.next(&mut fields) {
            let mut scratch = Vec::new();
            let contents: Vec<Content> = fields
                .iter()
                .map(|it| content(text.as_bytes(), *it, &mut scratch))
                .collect();
            let texts = contents.iter().map(|it| it.text(text.as_bytes(), &scratch));
            let texts = texts
                .map(|it| String::from_utf8_lossy(it).into_owned())
                .collect();
            res.push((record.lines_before + 1, texts));
        }
        res
    }

    fn check(text: &str, expected: &[(u64, &[&str])]) {
        let expected: Vec<(u64, Vec<String>)> = expected
            .iter()
            .map(|(line, fields)| (*line, fields.iter().map(|it| (*it).to_owned()).collect()))
            .collect();
        assert_eq!(read(text, None), expected, "{text:?}");
    }

    #[test]
    fn takes_records_apart() {
        check("a,b\nc,d\n", &[(1, &["a", "b"]), (2, &["c", "d"])]);
        check("a,b\r\nc,d", &[(1, &["a", "b"]), (2, &["c", "d"])]);
        check(
            "a\rb\n\nc",
            &[(1, &["a"]), (2, &["b"]), (3, &[""]), (4, &["c"])],
        );
        check("a,\n", &[(1, &["a", ""])]);
        check("a,", &[(1, &["a", ""])]);
        check("", &[]);
    }

    #[test]
    fn undoes_quotes() {
        check("\"a,b\",c\n", &[(1, &["a,b", "c"])]);
        check("\"a\"\"b\"\n", &[(1, &["a\"b"])]);
        check("\"a\nb\",c\nd\n", &[(1, &["a\nb", "c"]), (3, &["d"])]);
        check("\"a\r\nb\",c\nd\n", &[(1, &["a\r\nb", "c"]), (3, &["d"])]);
        check("\"a\"x,5\" pipe\n", &[(1, &["ax", "5\" pipe"])]);
        check("\"\",\"\"\"\"\n", &[(1, &["", "\""])]);
    }

    #[test]
    fn the_short_way_through_a_record_gives_what_the_long_one_gives() {
        let mut random = oorandom::Rand32::new(3);
        for _ in 0..2000 {
            let length = random.rand_range(1..40);
            let text: Vec<u8> = (0..length)
                .map(|_| b"ab,,\"\n\r;"[random.rand_range(0..8) as usize])
                .collect();
            let dialect = Dialect {
                delimiter: b',',
                unclosed: None,
                rows_are_lines: false,
            };
            let (mut short, mut long) = (Vec::new(), Vec::new());
            let mut one = Records::new(&text, 0, dialect);
            let mut other = Records::new(&text, 0, dialect);
            loop {
                let record = one.next(&mut short);
                let expected = (other.at < text.len())
                    .then(|| other.next_of_any_kind(&mut long))
                    .flatten();
                assert_eq!(record, expected, "{}", String::from_utf8_lossy(&text));
                if record.is_none() {
                    break;
                }
                assert_eq!(short, long, "{}", String::from_utf8_lossy(&text));
            }
        }
    }

    #[test]
    fn takes_the_unclosed_quote_literally_and_goes_on_below() {
        let text = "a,b\n1,\"x,y\n2,z\n";
        let expected = [
            (1, vec!["a", "b"]),
            (2, vec!["1", "\"x,y"]),
            (3, vec!["2", "z"]),
        ];
        let expected: Vec<_> = expected
            .into_iter()
            .map(|(line, it)| (line, it.into_iter().map(str::to_owned).collect::<Vec<_>>()))
            .collect();
        assert_eq!(read(text, Some(6)), expected);
    }
}

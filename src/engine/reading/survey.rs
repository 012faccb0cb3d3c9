//! The first pass: digest, encoding, where records begin, and whether a quote is never closed.

use super::{
    encoding::{Encoding, Evidence},
    sniff::{self, NotATable},
};
use crate::source::{Source, SourceError, read_range};
use serde::{Deserialize, Serialize};

/// The byte order mark of UTF-8.
pub(crate) const BOM: &[u8] = b"\xef\xbb\xbf";

/// What one pass over the whole file tells.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Survey {
    pub(crate) size: u64,
    /// BLAKE3, lowercase hexadecimal.
    pub(crate) digest: String,
    pub(crate) encoding: Encoding,
    pub(crate) bom: bool,
    /// Whether a NUL stands anywhere, so that rows have to be looked at.
    pub(crate) nul: bool,
    pub(crate) not_a_table: Option<NotATable>,
    /// Starts of records, about one for each block that was read.
    pub(crate) starts: Vec<u64>,
    /// The quote that is never closed.
    pub(crate) unclosed: Option<u64>,
}

/// Reads the whole file once, in blocks of `block` bytes, and tells `progress` how many bytes are behind it.
///
/// `digest` is that of the file where `source` is only its text; `chosen` is the encoding that the user laid down.
pub(crate) fn survey(
    source: &dyn Source,
    delimiter: u8,
    digest: Option<&str>,
    chosen: Option<&str>,
    block: u64,
    progress: &mut dyn FnMut(u64),
) -> Result<Survey, SourceError> {
    let size = source.size();
    let mut hasher = digest.is_none().then(blake3::Hasher::new);
    let mut evidence = Evidence::default();
    let mut scan = Scan::new(delimiter);
    let mut buffer = Vec::new();
    read_range(source, 0, size.min(8192), &mut buffer)?;
    let mut not_a_table = sniff::sniff(&buffer);
    let bom = buffer.starts_with(BOM);
    scan.text_start = if bom { BOM.len() as u64 } else { 0 };
    let (mut nul, mut blank) = (false, true);
    let mut at = 0;
    while at < size {
        let to = size.min(at + block);
        read_range(source, at, to, &mut buffer)?;
        if let Some(hasher) = &mut hasher {
            hasher.update(&buffer);
        }
        evidence.feed(&buffer);
        nul |= memchr::memchr(0, &buffer).is_some();
        blank = blank && is_blank(&buffer, at, scan.text_start);
        scan.feed(&buffer, at);
        at = to;
        progress(at);
    }
    if blank {
        not_a_table = not_a_table.or(Some(NotATable::Nothing));
    }
    let unclosed = scan.open_quote();
    if let Some(quote) = unclosed {
        scan.go_on_below(source, quote, block)?;
    }
    Ok(Survey {
        size,
        digest: match (digest, hasher) {
            (None, Some(hasher)) => hasher.finalize().to_hex().to_string(),
            (known, _) => known.unwrap_or_default().to_owned(),
        },
        encoding: evidence.decide(bom, chosen),
        bom,
        nul,
        not_a_table,
        starts: scan.starts,
        unclosed,
    })
}

fn is_blank(bytes: &[u8], offset: u64, text_start: u64) -> bool {
    let mark = usize::try_from(text_start.saturating_sub(offset)).unwrap_or(0);
    bytes.iter().skip(mark).all(u8::is_ascii_whitespace)
}

/// The quote of `text`, which is all there is, that is never closed.
pub(crate) fn open_quote(text: &[u8], delimiter: u8) -> Option<u64> {
    let mut scan = Scan::new(delimiter);
    scan.feed(text, 0);
    scan.open_quote()
}

/// Follows the quotes through the file, exactly as the reader of records does, and notes one start of a
/// record in each block.
struct Scan {
    delimiter: u8,
    text_start: u64,
    mode: Mode,
    previous: u8,
    starts: Vec<u64>,
    /// No start of a record has been seen in this block yet.
    wanted: bool,
    /// A lone CR or the first half of CRLF was the last byte looked at, and a start is wanted.
    after_return: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mode {
    Plain,
    Quoted {
        opened: u64,
    },
    /// Behind a quote inside quotes: the next byte tells whether it closed.
    Closing {
        opened: u64,
    },
}

impl Scan {
    fn new(delimiter: u8) -> Self {
        Self {
            delimiter,
            text_start: 0,
            mode: Mode::Plain,
            previous: b'\n',
            starts: Vec::new(),
            wanted: false,
            after_return: false,
        }
    }

    /// `offset` is the place of `block` in the file.
    fn feed(&mut self, block: &[u8], offset: u64) {
        self.wanted = offset > 0;
        let mut at = 0;
        while let Some(rest) = block.get(at..).filter(|it| !it.is_empty()) {
            at = match self.mode {
                Mode::Closing { opened } if rest.first() == Some(&b'"') => {
                    self.mode = Mode::Quoted { opened };
                    at + 1
                }
                Mode::Closing { .. } => {
                    self.mode = Mode::Plain;
                    at
                }
                Mode::Quoted { opened } => match memchr::memchr(b'"', rest) {
                    Some(next) => {
                        self.mode = Mode::Closing { opened };
                        at + next + 1
                    }
                    None => block.len(),
                },
                Mode::Plain if self.after_return => {
                    self.after_return = false;
                    let next = if rest.first() == Some(&b'\n') {
                        at + 1
                    } else {
                        at
                    };
                    self.start_at(offset, next);
                    next
                }
                Mode::Plain if self.wanted => match memchr::memchr3(b'"', b'\n', b'\r', rest) {
                    Some(next) => self.mark(block, at + next, offset),
                    None => block.len(),
                },
                Mode::Plain => match memchr::memchr(b'"', rest) {
                    Some(next) => self.mark(block, at + next, offset),
                    None => block.len(),
                },
            };
        }
        self.previous = block.last().copied().unwrap_or(self.previous);
    }

    /// Looks at the quote or line break at `at` and gives the place behind it.
    fn mark(&mut self, block: &[u8], at: usize, offset: u64) -> usize {
        match block.get(at) {
            Some(b'\n') => self.start_at(offset, at + 1),
            Some(b'\r') => self.after_return = true,
            _ => {
                let place = offset + at as u64;
                let previous = at
                    .checked_sub(1)
                    .and_then(|it| block.get(it))
                    .unwrap_or(&self.previous);
                let begins_field = *previous == self.delimiter || matches!(previous, b'\n' | b'\r');
                if begins_field || place == self.text_start {
                    self.mode = Mode::Quoted { opened: place };
                }
            }
        }
        at + 1
    }

    fn start_at(&mut self, offset: u64, at: usize) {
        self.wanted = false;
        self.starts.push(offset + at as u64);
    }

    fn open_quote(&self) -> Option<u64> {
        match self.mode {
            Mode::Quoted { opened } => Some(opened),
            _ => None,
        }
    }

    /// Reads on from the line below the unclosed quote. All quotes behind it come in pairs, or one of them
    /// would have closed it, so that this second look is the last.
    fn go_on_below(
        &mut self,
        source: &dyn Source,
        quote: u64,
        block: u64,
    ) -> Result<(), SourceError> {
        self.mode = Mode::Plain;
        self.wanted = false;
        self.after_return = false;
        let size = source.size();
        let mut buffer = Vec::new();
        let mut at = quote + 1;
        let mut below = false;
        while at < size {
            let to = size.min((at / block + 1) * block);
            read_range(source, at, to, &mut buffer)?;
            let mut skip = 0;
            if !below {
                let Some(end) = memchr::memchr2(b'\n', b'\r', &buffer) else {
                    at = to;
                    continue;
                };
                // A line feed behind the return is a line break of its own to the scan, which does no harm.
                (skip, below) = (end + 1, true);
                self.previous = b'\n';
            }
            let rest = buffer.get(skip..).unwrap_or_default();
            self.feed(rest, at + skip as u64);
            at = to;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::Memory;

    fn look(text: &str, block: u64) -> Survey {
        survey(
            &Memory(text.as_bytes()),
            b',',
            None,
            None,
            block,
            &mut |_| {},
        )
        .unwrap()
    }

    #[test]
    fn notes_starts_of_records_alone() {
        let text = "a,b\n\"x\ny\",2\r\n3,4\r5,\"\"\"\n\"\n6,7\n";
        let records = [0, 4, 13, 17, 25, 29];
        for block in 1..40 {
            let found = look(text, block);
            assert_eq!(found.unclosed, None);
            assert!(found.starts.is_sorted());
            for start in &found.starts {
                assert!(records.contains(start), "{start} by {block}");
            }
        }
        assert_eq!(look(text, 4).starts, [13, 17, 25, 29]);
    }

    #[test]
    fn finds_the_quote_that_is_never_closed() {
        for block in 1..30 {
            let found = look("a,b\n1,\"x\n2,\"\"\n3,4\n", block);
            assert_eq!(found.unclosed, Some(6), "by {block}");
        }
        assert_eq!(look("a,b\n1,\"x\n2,\"\"\n3,4\n", 5).starts, [14, 18]);
        assert_eq!(look("a\n5\" pipe\n", 4).unclosed, None);
        assert_eq!(look("\"a\nb", 64).unclosed, Some(0));
        assert_eq!(look("\u{feff}\"a\nb", 64).unclosed, Some(3));
    }

    #[test]
    fn tells_nothing_from_something() {
        assert_eq!(look("", 4).not_a_table, Some(NotATable::Nothing));
        assert_eq!(
            look("\u{feff}\n \n", 4).not_a_table,
            Some(NotATable::Nothing)
        );
        assert_eq!(look("a\n", 4).not_a_table, None);
    }
}

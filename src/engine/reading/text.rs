//! The file as text that the reader can take apart: its own bytes, or UTF-16 turned into UTF-8 on the way, with the
//! cells in place that were corrected.

use super::splice::Splices;
use crate::source::{Source, SourceError, read_range};

/// Bytes of UTF-16 between two marks of the index; reading anywhere decodes at most so many in vain.
const STEP: u64 = 64 * 1024;

/// How the file's bytes become text.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct TextForm {
    /// None where they are text as they stand.
    pub(crate) utf16: Option<Utf16>,
    pub(crate) splices: Splices,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Utf16 {
    pub(crate) big_endian: bool,
    /// Bytes of the byte order mark.
    start: u64,
    /// The bytes of UTF-8 before each step of the file, and behind them all.
    index: Vec<u64>,
}

/// What the first bytes say about UTF-16 and UTF-32.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Wide {
    Utf16 { big_endian: bool, bom: bool },
    Utf32,
}

/// By a byte order mark, or by where the NULs stand: text in UTF-16 has one in nearly every pair of bytes.
pub(crate) fn wide(head: &[u8]) -> Option<Wide> {
    match head {
        [0xff, 0xfe, 0, 0, ..] | [0, 0, 0xfe, 0xff, ..] => return Some(Wide::Utf32),
        [0xff, 0xfe, ..] => {
            return Some(Wide::Utf16 {
                big_endian: false,
                bom: true,
            });
        }
        [0xfe, 0xff, ..] => {
            return Some(Wide::Utf16 {
                big_endian: true,
                bom: true,
            });
        }
        _ => {}
    }
    let mut zeros = [0usize; 4];
    let quads = head.as_chunks::<4>().0;
    for quad in quads {
        for (count, byte) in zeros.iter_mut().zip(quad) {
            *count += usize::from(*byte == 0);
        }
    }
    let most = |count: usize| !quads.is_empty() && count * 10 >= quads.len() * 9;
    let few = |count: usize| count * 10 <= quads.len();
    match zeros {
        [a, _, c, d] if most(c) && most(d) && few(a) => Some(Wide::Utf32),
        [a, b, _, d] if most(a) && most(b) && few(d) => Some(Wide::Utf32),
        [a, b, c, d] if few(a) && few(c) && half(b, d, quads.len()) => Some(Wide::Utf16 {
            big_endian: false,
            bom: false,
        }),
        [a, b, c, d] if few(b) && few(d) && half(a, c, quads.len()) => Some(Wide::Utf16 {
            big_endian: true,
            bom: false,
        }),
        _ => None,
    }
}

/// Digits, delimiters and line breaks are half of any table, whatever its script.
fn half(one: usize, other: usize, quads: usize) -> bool {
    quads > 0 && one + other >= quads
}

impl TextForm {
    /// UTF-16 from `start` on: reads the whole file once, and gives each block to `take`.
    pub(crate) fn utf16(
        source: &dyn Source,
        big_endian: bool,
        bom: bool,
        take: &mut dyn FnMut(&[u8], u64),
    ) -> Result<Self, SourceError> {
        let mut form = Utf16 {
            big_endian,
            start: if bom { 2 } else { 0 },
            index: vec![0],
        };
        let size = source.size();
        let (mut raw, mut text) = (Vec::new(), Vec::new());
        let (mut at, mut length) = (0, 0);
        while at < size {
            let to = size.min(at + STEP);
            read_range(source, at, to, &mut raw)?;
            take(&raw, to);
            text.clear();
            form.decode(source, at, &mut raw, &mut text)?;
            length += text.len() as u64;
            form.index.push(length);
            at = to;
        }
        Ok(Self {
            utf16: Some(form),
            splices: Splices::default(),
        })
    }

    /// Whether a byte order mark was taken off.
    pub(crate) fn has_bom(&self) -> bool {
        self.utf16.as_ref().is_some_and(|it| it.start > 0)
    }

    /// The text of the file whose bytes `source` gives.
    pub(crate) fn over<'a>(&'a self, source: &'a dyn Source) -> Text<'a> {
        Text { source, form: self }
    }

    /// Bytes of the text before any cell is corrected.
    fn size(&self, source: &dyn Source) -> u64 {
        match &self.utf16 {
            None => source.size(),
            Some(it) => it.index.last().copied().unwrap_or(0),
        }
    }

    fn read_at(
        &self,
        source: &dyn Source,
        offset: u64,
        into: &mut [u8],
    ) -> Result<(), SourceError> {
        match &self.utf16 {
            None => source.read_at(offset, into),
            Some(it) => it.read_at(source, offset, into),
        }
    }
}

impl Utf16 {
    /// Appends the characters that begin in the step at `at`, whose bytes `raw` holds. What is no UTF-16, half a
    /// pair or half a unit, becomes bytes that are no UTF-8, so that its row is an exception.
    fn decode(
        &self,
        source: &dyn Source,
        at: u64,
        raw: &mut Vec<u8>,
        into: &mut Vec<u8>,
    ) -> Result<(), SourceError> {
        let to = at + raw.len() as u64;
        let mut skip = 0;
        if at == 0 {
            skip = usize::try_from(self.start).unwrap_or(0).min(raw.len());
        } else if raw.len() >= 2 && self.is_low(unit(raw, 0, self.big_endian)) {
            // The second half of a pair belongs to the step before.
            let mut before = [0; 2];
            source.read_at(at - 2, &mut before)?;
            if is_high(unit(&before, 0, self.big_endian)) {
                skip = 2;
            }
        }
        if to + 2 <= source.size() && raw.len() >= 2 {
            let last = raw.len() - 2;
            if is_high(unit(raw, last, self.big_endian)) {
                let mut behind = [0; 2];
                source.read_at(to, &mut behind)?;
                if self.is_low(unit(&behind, 0, self.big_endian)) {
                    raw.extend_from_slice(&behind);
                }
            }
        }
        let (pairs, odd) = raw.get(skip..).unwrap_or_default().as_chunks::<2>();
        let units = pairs.iter().map(|it| unit(it, 0, self.big_endian));
        let mut bytes = [0; 4];
        for character in char::decode_utf16(units) {
            match character {
                Ok(it) => into.extend_from_slice(it.encode_utf8(&mut bytes).as_bytes()),
                Err(half) => into.extend_from_slice(&half_pair(half.unpaired_surrogate())),
            }
        }
        if !odd.is_empty() {
            into.push(0xff);
        }
        Ok(())
    }

    /// Fills `into` with the text from `offset` on.
    fn read_at(
        &self,
        source: &dyn Source,
        offset: u64,
        into: &mut [u8],
    ) -> Result<(), SourceError> {
        let end = offset + into.len() as u64;
        let step = self.index.partition_point(|it| *it <= offset) - 1;
        let mut steps = (step as u64..).map(|it| it * STEP);
        let mut before = self.index.get(step).copied().unwrap_or(0);
        let (mut raw, mut text) = (Vec::new(), Vec::new());
        while before < end {
            let at = steps
                .next()
                .filter(|it| *it < source.size())
                .ok_or_else(|| SourceError {
                    offset,
                    reason: "past the end".into(),
                })?;
            let to = source.size().min(at + STEP);
            read_range(source, at, to, &mut raw)?;
            text.clear();
            self.decode(source, at, &mut raw, &mut text)?;
            let from = offset.saturating_sub(before);
            let upto = (end - before).min(text.len() as u64);
            if let (Ok(from), Ok(upto), Ok(place)) = (
                usize::try_from(from),
                usize::try_from(upto),
                usize::try_from(before.saturating_sub(offset)),
            ) && let (Some(part), Some(free)) = (text.get(from..upto), into.get_mut(place..))
                && let Some(free) = free.get_mut(..part.len())
            {
                free.copy_from_slice(part);
            }
            before += text.len() as u64;
        }
        Ok(())
    }

    fn is_low(&self, unit: u16) -> bool {
        (0xdc00..0xe000).contains(&unit)
    }
}

fn is_high(unit: u16) -> bool {
    (0xd800..0xdc00).contains(&unit)
}

fn unit(bytes: &[u8], at: usize, big_endian: bool) -> u16 {
    match bytes.get(at..at + 2) {
        Some(&[a, b]) if big_endian => u16::from_be_bytes([a, b]),
        Some(&[a, b]) => u16::from_le_bytes([a, b]),
        _ => 0,
    }
}

/// As UTF-8 would write it if it wrote halves of pairs.
fn half_pair(unit: u16) -> [u8; 3] {
    let [high, low] = unit.to_be_bytes();
    [
        0xe0 | high >> 4,
        0x80 | (high & 0x0f) << 2 | low >> 6,
        0x80 | low & 0x3f,
    ]
}

/// A file's text as a source of its own.
#[derive(Clone, Copy)]
pub(crate) struct Text<'a> {
    source: &'a dyn Source,
    form: &'a TextForm,
}

impl Source for Text<'_> {
    fn size(&self) -> u64 {
        self.form.splices.size(self.form.size(self.source))
    }

    fn read_at(&self, offset: u64, into: &mut [u8]) -> Result<(), SourceError> {
        let Self { source, form } = *self;
        form.splices
            .read_at(offset, into, &mut |at, part| form.read_at(source, at, part))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::Memory;

    fn utf16(text: &str, big_endian: bool) -> Vec<u8> {
        let units = text.encode_utf16();
        let bytes = units.map(|it| {
            if big_endian {
                it.to_be_bytes()
            } else {
                it.to_le_bytes()
            }
        });
        bytes.flatten().collect()
    }

    fn text(bytes: &[u8], big_endian: bool, bom: bool) -> Vec<u8> {
        let source = Memory(bytes);
        let form = TextForm::utf16(&source, big_endian, bom, &mut |_, _| {}).unwrap();
        let text = form.over(&source);
        let mut whole = vec![0; usize::try_from(text.size()).unwrap()];
        text.read_at(0, &mut whole).unwrap();
        for (from, length) in [(0, 1), (3, 7), (65_530, 20), (131_000, 300)] {
            let Some(expected) = whole.get(from..from + length) else {
                continue;
            };
            let mut part = vec![0; length];
            text.read_at(from as u64, &mut part).unwrap();
            assert_eq!(part, expected, "{from}");
        }
        whole
    }

    #[test]
    fn reads_both_byte_orders_at_any_place() {
        let long = "order,₹1,🧂\n".repeat(20_000);
        for sample in ["", "a", "a,b\n1,ü\n", "🧂", &long] {
            for big_endian in [false, true] {
                let read = text(&utf16(sample, big_endian), big_endian, false);
                assert_eq!(read, sample.as_bytes());
            }
        }
        // A pair that two steps share.
        let cut = format!("{}🧂z", "a".repeat(32_767));
        assert_eq!(text(&utf16(&cut, false), false, false), cut.as_bytes());
        assert_eq!(text(b"\xff\xfea\0", false, true), b"a");
    }

    #[test]
    fn keeps_damage_as_damage() {
        assert_eq!(text(b"a\0\x00\xd8b\0", false, false), b"a\xed\xa0\x80b");
        assert_eq!(text(b"\x00\xdcb\0", false, false), b"\xed\xb0\x80b");
        assert_eq!(text(b"a\0b", false, false), b"a\xff");
    }

    #[test]
    fn knows_wide_text_without_a_mark() {
        let table = "order_id,region\nO-1,उत्तर\n";
        for big_endian in [false, true] {
            let found = wide(&utf16(table, big_endian));
            assert_eq!(
                found,
                Some(Wide::Utf16 {
                    big_endian,
                    bom: false
                })
            );
        }
        let utf32: Vec<u8> = table
            .chars()
            .flat_map(|it| u32::from(it).to_le_bytes())
            .collect();
        assert_eq!(wide(&utf32), Some(Wide::Utf32));
        assert_eq!(wide(table.as_bytes()), None);
        assert_eq!(wide(b"a,b\0\n1,2\n"), None);
        assert_eq!(wide(b""), None);
    }
}

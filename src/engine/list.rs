//! A contract's list, made ready to look cells up in it.

use crate::{contract::List, reading::encoding::Encoding, value::trim};

/// Finds entries by their value as written, or ignoring case, outer blanks and by synonym.
#[derive(Debug)]
pub(crate) struct Lookup {
    exact: Table,
    loose: Table,
}

impl Lookup {
    pub(crate) fn new(list: &List) -> Self {
        let mut exact = Vec::new();
        let mut loose = Vec::new();
        for (entry, it) in (0u32..).zip(&list.entries) {
            exact.push((it.value.as_bytes().into(), entry));
            for text in std::iter::once(&it.value).chain(&it.synonyms) {
                loose.push((text.trim().to_lowercase().as_bytes().into(), entry));
            }
        }
        Self {
            exact: Table::new(exact),
            loose: Table::new(loose),
        }
    }

    /// The entry, and whether it is written exactly so. None where the list does not know it.
    pub(crate) fn find(&self, text: &[u8], encoding: Encoding) -> Option<(u32, bool)> {
        // The list's texts are UTF-8, which nearly all cells are as well.
        let decoded = (encoding == Encoding::Windows1252 && !text.is_ascii())
            .then(|| encoding.decode(text).into_owned());
        let text = decoded.as_deref().map_or(text, str::as_bytes);
        if let Some(entry) = self.exact.find(text) {
            return Some((entry, true));
        }
        let folded = String::from_utf8_lossy(trim(text)).to_lowercase();
        self.loose
            .find(folded.trim().as_bytes())
            .map(|it| (it, false))
    }
}

/// Texts and their entries, each at its hash or, where that place is taken, soon behind it.
#[derive(Debug)]
struct Table(Vec<Option<Known>>);

#[derive(Debug, Clone)]
struct Known {
    sketch: Sketch,
    text: Box<[u8]>,
    entry: u32,
}

/// A text's length and its ends, which for all but long texts is the whole of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Sketch {
    length: usize,
    first: u64,
    last: u64,
}

impl Sketch {
    /// The longest text that its two ends cover.
    const WHOLE: usize = 16;

    #[inline]
    fn of(text: &[u8]) -> Self {
        let long = |it: &[u8; 8]| u64::from_le_bytes(*it);
        let short = |it: &[u8; 4]| u64::from(u32::from_le_bytes(*it));
        let ends = match (text.first_chunk(), text.last_chunk()) {
            (Some(first), Some(last)) => (long(first), long(last)),
            _ => match (text.first_chunk(), text.last_chunk()) {
                (Some(first), Some(last)) => (short(first), short(last)),
                _ => (text.iter().fold(0, |sum, it| sum << 8 | u64::from(*it)), 0),
            },
        };
        Self {
            length: text.len(),
            first: ends.0,
            last: ends.1,
        }
    }

    fn hash(self) -> usize {
        // An odd number without a pattern in its bits, which spreads each bit of the text over the upper half.
        const SPREAD: u64 = 0x9e37_79b9_7f4a_7c15;
        let mixed = self.first ^ self.last.rotate_left(23) ^ self.length as u64;
        (mixed.wrapping_mul(SPREAD) >> 32) as usize // 32 bits
    }
}

impl Table {
    fn new(rows: Vec<(Box<[u8]>, u32)>) -> Self {
        // Half of the places stay free, so that a search soon ends at one.
        let mut table = Self(vec![None; (rows.len() * 2).next_power_of_two()]);
        for (text, entry) in rows {
            let sketch = Sketch::of(&text);
            if table.find(&text).is_none()
                && let Some(place) = table
                    .places(sketch)
                    .find(|it| table.0.get(*it).is_some_and(Option::is_none))
                && let Some(free) = table.0.get_mut(place)
            {
                *free = Some(Known {
                    sketch,
                    text,
                    entry,
                });
            }
        }
        table
    }

    #[inline]
    fn find(&self, text: &[u8]) -> Option<u32> {
        let sketch = Sketch::of(text);
        for place in self.places(sketch) {
            let known = self.0.get(place)?.as_ref()?;
            if known.sketch == sketch && (text.len() <= Sketch::WHOLE || *known.text == *text) {
                return Some(known.entry);
            }
        }
        None
    }

    #[inline]
    fn places(&self, sketch: Sketch) -> impl Iterator<Item = usize> + use<> {
        let mask = self.0.len() - 1;
        let first = sketch.hash();
        (0..=mask).map(move |step| first.wrapping_add(step) & mask)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contract::ListEntry;

    #[test]
    fn finds_every_entry_and_nothing_else() {
        let entry = |value: String| ListEntry {
            synonyms: vec![format!("alias {value}")],
            value,
            attributes: Default::default(),
        };
        for length in [0u32, 1, 2, 3, 100] {
            let entries = (0..length).map(|it| entry(format!("Entry {it}"))).collect();
            let lookup = Lookup::new(&List {
                name: "l".into(),
                entries,
            });
            let find = |text: String| lookup.find(text.as_bytes(), Encoding::Utf8);
            for it in 0..length {
                assert_eq!(find(format!("Entry {it}")), Some((it, true)));
                assert_eq!(find(format!(" eNTRY {it} ")), Some((it, false)));
                assert_eq!(find(format!("Alias Entry {it}")), Some((it, false)));
            }
            assert_eq!(find(format!("Entry {length}")), None);
            assert_eq!(find(String::new()), None);
        }
    }

    #[test]
    fn a_cell_is_compared_as_it_is_read() {
        let lookup = Lookup::new(&List {
            name: "l".into(),
            entries: vec![ListEntry {
                value: "Süd".to_owned(),
                synonyms: Vec::new(),
                attributes: Default::default(),
            }],
        });
        let find = |text: &[u8]| lookup.find(text, Encoding::Windows1252);
        assert_eq!(find(b"S\xfcd"), Some((0, true)));
        assert_eq!(find(b"s\xdcD"), Some((0, false)));
        assert_eq!(find(b"S\xfcd\xa0"), Some((0, false)));
        assert_eq!(find("Süd".as_bytes()), None);
        let utf8 = lookup.find("Süd".as_bytes(), Encoding::Utf8);
        assert_eq!(utf8, Some((0, true)));
    }
}

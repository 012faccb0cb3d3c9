//! A contract's list, made ready to look cells up in it.

use crate::{contract::List, reading::encoding::Encoding, value::trim};
use xxhash_rust::xxh3::xxh3_64;

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
        if let Some(entry) = self.exact.find(text) {
            return Some((entry, true));
        }
        let folded = encoding.decode(trim(text)).to_lowercase();
        self.loose
            .find(folded.trim().as_bytes())
            .map(|it| (it, false))
    }
}

/// Texts and their entries, each at its hash or, where that place is taken, soon behind it.
#[derive(Debug)]
struct Table(Vec<Option<(Box<[u8]>, u32)>>);

impl Table {
    fn new(rows: Vec<(Box<[u8]>, u32)>) -> Self {
        // Half of the places stay free, so that a search soon ends at one.
        let mut table = Self(vec![None; (rows.len() * 2).next_power_of_two()]);
        for (text, entry) in rows {
            if table.find(&text).is_none()
                && let Some(place) = table
                    .places(&text)
                    .find(|it| table.0.get(*it) == Some(&None))
                && let Some(free) = table.0.get_mut(place)
            {
                *free = Some((text, entry));
            }
        }
        table
    }

    fn find(&self, text: &[u8]) -> Option<u32> {
        for place in self.places(text) {
            let (known, entry) = self.0.get(place)?.as_ref()?;
            if **known == *text {
                return Some(*entry);
            }
        }
        None
    }

    #[expect(
        clippy::cast_possible_truncation,
        reason = "the hash is cut down to a place anyway"
    )]
    fn places(&self, text: &[u8]) -> impl Iterator<Item = usize> + use<> {
        let mask = self.0.len() - 1;
        let first = xxh3_64(text) as usize;
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
}

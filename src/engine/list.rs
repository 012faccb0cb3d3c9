//! A contract's list, made ready to look cells up in it.

use crate::{contract::List, reading::encoding::Encoding, value::trim};
use xxhash_rust::xxh3::xxh3_64;

/// Finds entries by their value as written, or ignoring case, outer blanks and by synonym.
#[derive(Debug)]
pub(crate) struct Lookup {
    /// By hash of the text, sorted.
    exact: Vec<(u64, Box<[u8]>, u32)>,
    loose: Vec<(u64, Box<[u8]>, u32)>,
}

impl Lookup {
    pub(crate) fn new(list: &List) -> Self {
        let mut exact = Vec::new();
        let mut loose = Vec::new();
        for (entry, it) in (0u32..).zip(&list.entries) {
            exact.push(row(it.value.as_bytes(), entry));
            for text in std::iter::once(&it.value).chain(&it.synonyms) {
                loose.push(row(text.trim().to_lowercase().as_bytes(), entry));
            }
        }
        exact.sort();
        loose.sort();
        Self { exact, loose }
    }

    /// The entry, and whether it is written exactly so. None where the list does not know it.
    pub(crate) fn find(&self, text: &[u8], encoding: Encoding) -> Option<(u32, bool)> {
        if let Some(entry) = find(&self.exact, text) {
            return Some((entry, true));
        }
        let folded = encoding.decode(trim(text)).to_lowercase();
        find(&self.loose, folded.trim().as_bytes()).map(|it| (it, false))
    }
}

fn row(text: &[u8], entry: u32) -> (u64, Box<[u8]>, u32) {
    (xxh3_64(text), text.into(), entry)
}

fn find(rows: &[(u64, Box<[u8]>, u32)], text: &[u8]) -> Option<u32> {
    let hash = xxh3_64(text);
    let from = rows.partition_point(|it| it.0 < hash);
    let equal = rows.iter().skip(from).take_while(|it| it.0 == hash);
    equal.clone().find(|it| &*it.1 == text).map(|it| it.2)
}

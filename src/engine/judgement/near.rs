//! What a list has that is nearly what somebody wrote.

use crate::{contract::List, reading::header::plain};
use std::collections::BTreeMap;

/// So many letters may be other ones, missing or too many, ...
const LETTERS: usize = 2;
/// ... and the names are to be at least so alike.
const ALIKE: f64 = 0.6;

/// The values of a list by what is left of them without case, blanks and signs, and what was found near to which value.
pub(super) struct Names<'a> {
    names: Vec<(String, &'a str)>,
    known: BTreeMap<String, Option<&'a str>>,
}

impl<'a> Names<'a> {
    pub(super) fn new(list: &'a List) -> Self {
        let entries = list.entries.iter();
        Self {
            names: entries
                .map(|it| (plain(&it.value), it.value.as_str()))
                .collect(),
            known: BTreeMap::new(),
        }
    }

    /// The one that is nearest; none where two are as near, since nobody knows then which is meant.
    pub(super) fn nearest(&mut self, value: &str) -> Option<&'a str> {
        if let Some(known) = self.known.get(value) {
            return *known;
        }
        let found = self.search(&plain(value));
        self.known.insert(value.to_owned(), found);
        found
    }

    fn search(&self, value: &str) -> Option<&'a str> {
        let mut best = None;
        let mut nearest = LETTERS + 1;
        for (name, entry) in &self.names {
            let letters = distance(name, value);
            if letters < nearest {
                (best, nearest) = (Some(*entry), letters);
            } else if letters == nearest {
                best = None;
            }
        }
        best
    }
}

/// By how many letters they differ; more than [`LETTERS`] where that is too much. What differs in its numbers or their
/// units is another thing on purpose: one litre is not two, and no kilogram.
fn distance(name: &str, value: &str) -> usize {
    let (one, other) = (name.chars().count(), value.chars().count());
    if value.is_empty() || one.abs_diff(other) > LETTERS || measures(name) != measures(value) {
        return LETTERS + 1;
    }
    let letters = strsim::damerau_levenshtein(name, value);
    let alike = 1.0 - letters as f64 / one.max(other) as f64; // names are short
    if alike < ALIKE {
        return LETTERS + 1;
    }
    letters
}

/// The numbers, each with the letters behind it.
fn measures(text: &str) -> String {
    let mut is_in = false;
    let in_one = |it: &char| {
        is_in = it.is_numeric() || is_in && it.is_alphabetic();
        is_in
    };
    text.chars().filter(in_one).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contract::ListEntry;

    fn nearest(list: &[&str], value: &str) -> Option<String> {
        let entries = list.iter().map(|it| ListEntry {
            value: (*it).to_owned(),
            synonyms: Vec::new(),
            attributes: Default::default(),
        });
        let list = List {
            name: "products".into(),
            entries: entries.collect(),
        };
        Names::new(&list).nearest(value).map(str::to_owned)
    }

    #[test]
    fn a_slip_leads_to_the_name_that_was_meant() {
        let products = ["Apple Juice 1L", "Milk 1L", "Tomato Ketchup 500g"];
        for slip in [
            "Mlik 1L",
            "Milk 1 L",
            "Milk  1L",
            "\u{200b}Milk 1L",
            "Milk\u{a0}1L",
            "milk-1l",
            "Milks 1L",
        ] {
            assert_eq!(
                nearest(&products, slip).as_deref(),
                Some("Milk 1L"),
                "{slip}"
            );
        }
        let regions = ["North", "South", "East", "West"];
        for (slip, region) in [("Nort", "North"), ("Souht", "South"), ("Wst", "West")] {
            assert_eq!(nearest(&regions, slip).as_deref(), Some(region), "{slip}");
        }
    }

    #[test]
    fn what_may_be_another_thing_leads_nowhere() {
        let products = ["Apple Juice 1L", "Milk 1L", "Silk 1L", "Cola 500ml"];
        for other in [
            "Mango Juice 1L",
            "Milk 2L",
            "Milk 1kg",
            "Cola 500g",
            "Cola 250ml",
            "Bilk 1L",
            "?",
            "",
            "Ghee",
        ] {
            assert_eq!(nearest(&products, other), None, "{other}");
        }
    }
}

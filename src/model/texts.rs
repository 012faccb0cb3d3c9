//! The texts that people read on pages. The English text stands where it is used, as the key of its translation;
//! a program built for another language has the translation in its place, looked up while it is compiled.

use std::fmt::{Display, Write};

include!(concat!(env!("OUT_DIR"), "/texts.rs"));

/// A text of the pages, as `&'static str`; with values in the places `{name}`, as `String`. Both are gathered by
/// `cargo xtask texts`, so the text is a literal.
#[macro_export]
macro_rules! t {
    ($text:literal) => {
        const { $crate::texts::text($text, &[]) }
    };
    ($text:literal, $($name:ident = $value:expr),+ $(,)?) => {
        $crate::texts::filled(
            const { $crate::texts::text($text, &[$(stringify!($name)),+]) },
            &[$((stringify!($name), &$value)),+],
        )
    };
}

/// The translation of an English text, which is itself where there is none.
///
/// # Panics
/// Where the text has not the places `{name}` of these names; since it is called while compiling, nothing is built.
pub const fn text(english: &'static str, names: &[&str]) -> &'static str {
    let mut places = 0;
    let mut at = 0;
    let bytes = english.as_bytes();
    while at < bytes.len() {
        if bytes[at] == b'{' {
            places += 1;
            let mut known = false;
            let mut name = 0;
            while name < names.len() {
                known |= names_at(bytes, at + 1, names[name].as_bytes());
                name += 1;
            }
            assert!(known, "a place in the text has no value");
        }
        at += 1;
    }
    assert!(places >= names.len(), "a value has no place in the text");
    let mut at = 0;
    while at < TRANSLATIONS.len() {
        if equal(TRANSLATIONS[at].0.as_bytes(), bytes) {
            return TRANSLATIONS[at].1;
        }
        at += 1;
    }
    english
}

/// Whether the name stands there, with the brace that closes it.
const fn names_at(bytes: &[u8], start: usize, name: &[u8]) -> bool {
    let end = start + name.len();
    if end >= bytes.len() || bytes[end] != b'}' {
        return false;
    }
    let mut at = 0;
    while at < name.len() {
        if bytes[start + at] != name[at] {
            return false;
        }
        at += 1;
    }
    true
}

const fn equal(one: &[u8], other: &[u8]) -> bool {
    if one.len() != other.len() {
        return false;
    }
    let mut at = 0;
    while at < one.len() {
        if one[at] != other[at] {
            return false;
        }
        at += 1;
    }
    true
}

/// The pieces of a text: what stands as it is, and the names of places.
pub fn pieces(text: &str) -> impl Iterator<Item = Piece<'_>> {
    text.split_inclusive('}').flat_map(|it| {
        let (plain, name) = match it.strip_suffix('}').and_then(|it| it.split_once('{')) {
            Some((plain, name)) => (plain, Some(name)),
            None => (it, None),
        };
        [Some(Piece::Plain(plain)), name.map(Piece::Place)]
            .into_iter()
            .flatten()
    })
}

#[derive(Debug, PartialEq, Eq)]
pub enum Piece<'a> {
    Plain(&'a str),
    Place(&'a str),
}

/// A text with values in its places.
pub fn filled(text: &str, values: &[(&str, &dyn Display)]) -> String {
    let mut all = String::with_capacity(2 * text.len());
    for piece in pieces(text) {
        match piece {
            Piece::Plain(text) => all.push_str(text),
            Piece::Place(name) => {
                if let Some((_, value)) = values.iter().find(|(known, _)| *known == name) {
                    // Writing into a string does not fail.
                    write!(all, "{value}").ok();
                }
            }
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_stand_where_the_text_has_their_places() {
        let check = |text: &str, expected: &str| {
            assert_eq!(
                filled(text, &[("rows", &3), ("all", &"5 {rows}")]),
                expected
            );
        };
        check("{rows} of {all} rows", "3 of 5 {rows} rows");
        check("of {all}, {rows}", "of 5 {rows}, 3");
        check("{rows}{rows}", "33");
        check("nothing", "nothing");
        check("", "");
        check("{other} and } and {", " and } and {");
    }

    #[test]
    fn a_text_without_a_translation_is_itself() {
        assert_eq!(
            t!("No page is called like that."),
            "No page is called like that."
        );
        assert_eq!(t!("{count} of these", count = 7), "7 of these");
    }
}

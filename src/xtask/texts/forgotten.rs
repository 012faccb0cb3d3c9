//! What people would read on a page and no translator would find, since it stands outside `t!` and `phrase!`.

use super::{called, is_marked, literal, sources};
use anyhow::Result;
use proc_macro2::{Delimiter, TokenStream, TokenTree};
use std::path::Path;

/// Attributes of HTML whose values are no words of a language; so are those that begin with `data-`, `aria-` and `on`.
const TECHNICAL: [&str; 33] = [
    "accept",
    "action",
    "autocomplete",
    "charset",
    "class",
    "content",
    "d",
    "enctype",
    "for",
    "form",
    "href",
    "id",
    "inputmode",
    "key",
    "list",
    "max",
    "method",
    "min",
    "name",
    "pattern",
    "popover",
    "popovertarget",
    "rel",
    "role",
    "scope",
    "src",
    "step",
    "style",
    "target",
    "type",
    "value",
    "viewBox",
    "width",
];

/// Of those, the ones that are read aloud.
const SPOKEN: [&str; 2] = ["aria-label", "aria-description"];

/// Macros and methods that take no text of a page: the log, assertions, selectors, events.
const ELSEWHERE: [&str; 14] = [
    "assert",
    "closest",
    "concat",
    "env",
    "error",
    "expect",
    "get_response_header",
    "matches",
    "query_selector",
    "query_selector_all",
    "selects",
    "server",
    "set_attribute",
    "unreachable",
];

/// Words that begin a list of CSS classes.
const CLASSES: [&str; 5] = ["answer", "button", "fault", "flagged", "state"];

/// What may stand as it is, and why.
const EXCEPTIONS: [(&str, &str, &str); 19] = [
    ("app/audit.rs", "tarazu audit verify", "a command"),
    (
        "app/check/driver/contract.rs",
        "kept on Check, drawn up from {}",
        "kept by the server",
    ),
    ("app/web/come.rs", "Files", "a kind of what is dropped"),
    (
        "app/check/reading.rs",
        "UTF-16 (little-endian)",
        "the name of an encoding",
    ),
    (
        "app/check/reading.rs",
        "UTF-16 (big-endian)",
        "the name of an encoding",
    ),
    ("app/check/sheet.rs", "thead th:nth-child({})", "a selector"),
    ("app/web/focus.rs", "main h1", "a selector"),
    ("app/web/focus.rs", "main {}", "a selector"),
    ("app/check/sheet.rs", " fault", "a class"),
    ("app/check/sheet.rs", " fault mild", "a class"),
    ("app/check/sheet.rs", " corrected", "a class"),
    ("app/check/sheet.rs", " active", "a class"),
    ("app/frame.rs", "Tarazu", "the name of the program"),
    (
        "app/markdown.rs",
        "nothing\n",
        "a word of the catalogue's documents",
    ),
    (
        "app/rows/address.rs",
        "A day is written as 2026-02-02.",
        "what the API says, too",
    ),
    (
        "app/rows/address.rs",
        "A run's id is run_ and 32 letters and digits.",
        "what the API says, too",
    ),
    (
        "app/rows/address.rs",
        "`after` is no row's place.",
        "what the API says, too",
    ),
    ("charts/canvas.rs", "chart {}", "a list of classes"),
    ("app/format.rs", "{between} ms", "a unit"),
];

/// Files that hold no text of a page: drawings, and the classes and data that have a colour.
const WITHOUT_TEXTS: [&str; 2] = ["app/icons.rs", "charts/hue.rs"];

/// Names of keys and of a file's format.
const NAMES: [&str; 8] = [
    "Backspace",
    "Delete",
    "End",
    "Enter",
    "Escape",
    "Home",
    "Parquet",
    "Tab",
];

/// Texts in `app` and `charts` that are not marked for translation: `file: text`.
///
/// # Errors
/// Where a file cannot be read or is no Rust.
pub fn forgotten(root: &Path) -> Result<Vec<String>> {
    let mut all = Vec::new();
    for (name, tokens) in sources(root)? {
        if name.starts_with("model/") || WITHOUT_TEXTS.contains(&name.as_str()) {
            continue;
        }
        let mut found = Vec::new();
        look(tokens, &mut found);
        let is_excepted = |text: &str| {
            let mut exceptions = EXCEPTIONS.iter();
            exceptions.any(|(file, it, _)| name == *file && text == *it)
        };
        found.retain(|it| !is_excepted(it));
        all.extend(found.into_iter().map(|it| format!("{name}: {it:?}")));
    }
    Ok(all)
}

fn look(tokens: TokenStream, into: &mut Vec<String>) {
    let tokens: Vec<TokenTree> = tokens.into_iter().collect();
    for (at, token) in tokens.iter().enumerate() {
        if attribute(&tokens, at).is_some_and(|it| is_technical(&it)) {
            continue;
        }
        match token {
            TokenTree::Group(_) if is_elsewhere(&tokens, at) => {}
            TokenTree::Group(group) => {
                let marked = called(&tokens, at).is_some_and(is_marked);
                // Values of a marked text may hold texts of their own.
                let skipped = usize::from(marked);
                look(group.stream().into_iter().skip(skipped).collect(), into);
            }
            _ => into.extend(literal(token).filter(|it| is_text(it))),
        }
    }
}

/// Whether the group at this place belongs to an attribute of Rust, or to a call that takes no text.
fn is_elsewhere(tokens: &[TokenTree], at: usize) -> bool {
    let before = |back: usize| at.checked_sub(back).and_then(|it| tokens.get(it));
    let is_mark = |token: Option<&TokenTree>, mark: char| matches!(token, Some(TokenTree::Punct(it)) if it.as_char() == mark);
    let of_rust = matches!(tokens.get(at), Some(TokenTree::Group(it)) if it.delimiter() == Delimiter::Bracket)
        && (is_mark(before(1), '#') || (is_mark(before(1), '!') && is_mark(before(2), '#')));
    let name = if is_mark(before(1), '!') {
        before(2)
    } else {
        before(1)
    };
    let is_named = |it: &str| matches!(name, Some(TokenTree::Ident(name)) if name == it);
    of_rust || ELSEWHERE.iter().any(|it| is_named(it))
}

/// The name of the attribute of HTML whose value stands at this place.
fn attribute(tokens: &[TokenTree], at: usize) -> Option<String> {
    let mut before = tokens.get(..at)?.iter().rev();
    match before.next()? {
        TokenTree::Punct(it) if it.as_char() == '=' => {}
        _ => return None,
    }
    let mut name = String::new();
    for token in before {
        match token {
            TokenTree::Ident(word) if name.is_empty() || name.starts_with(['-', ':']) => {
                name.insert_str(0, &word.to_string());
            }
            TokenTree::Punct(mark) if !name.is_empty() && matches!(mark.as_char(), '-' | ':') => {
                name.insert(0, mark.as_char());
            }
            _ => break,
        }
    }
    (!name.is_empty()).then_some(name)
}

fn is_technical(name: &str) -> bool {
    let technical = ["data-", "aria-", "on:", "class:", "prop:"];
    !SPOKEN.contains(&name)
        && (TECHNICAL.contains(&name) || technical.iter().any(|it| name.starts_with(it)))
}

/// Whether people would read it: letters with a space between, or one word that begins with a capital and is no
/// abbreviation, header or list of classes.
fn is_text(literal: &str) -> bool {
    // Places of `format!` are not read.
    let pieces = literal
        .split('{')
        .map(|it| it.split_once('}').map_or(it, |(_, rest)| rest));
    let text = pieces.collect::<String>();
    let is_markup = literal.starts_with(['<', '#', '.', '[', '/', '&', '?']);
    let classes = CLASSES.iter().any(|it| {
        let rest = text.strip_prefix(it);
        rest.is_some_and(|it| {
            it.bytes()
                .all(|it| it.is_ascii_lowercase() || b" -".contains(&it))
        })
    });
    if is_markup || classes || NAMES.contains(&literal) {
        return false;
    }
    let words: Vec<&str> = text.split_whitespace().collect();
    let wordy = |it: &str| it.chars().filter(|it| it.is_alphabetic()).count() > 1;
    match words.as_slice() {
        [] => false,
        [word] => {
            let plain = word.trim_end_matches(['.', ':', '…', ',']);
            let mut letters = plain.chars();
            let capital = letters.next().is_some_and(char::is_uppercase);
            let name = letters.all(|it| it.is_lowercase() || it == '\'');
            (capital && name && plain.len() > 1) || (text.len() > word.len() && wordy(word))
        }
        more => {
            let is_word = |it: &&&str| it.starts_with(char::is_alphabetic);
            more.iter().filter(is_word).count() > 1 && more.iter().any(|it| wordy(it))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_a_page_are_told_from_names() {
        let check = |code: &str, expected: &[&str]| {
            let mut found = Vec::new();
            look(code.parse().unwrap(), &mut found);
            assert_eq!(found, expected, "{code}");
        };
        check(
            r#"html! { p class="big box" title="A title" { "Some text" } }"#,
            &["A title", "Some text"],
        );
        check(
            r#"html! { p class={ "state " (it) } aria-label="Rows" { (t!("Rows")) } }"#,
            &["Rows"],
        );
        check(
            r#"t!("{n} rows", n = counted("Two words"))"#,
            &["Two words"],
        );
        check(
            r#"#[expect(lint, reason = "two words")] fn f() { error!("two words") }"#,
            &[],
        );
        check(
            r#"x("run_…"); x("Upload-Offset"); x("CSV"); x("{a}:{b}"); x("state quiet")"#,
            &[],
        );
        check(
            r#"format!("{a} rows of {b}"); x(" of "); x("/a b"); x("Rows.")"#,
            &["{a} rows of {b}", " of ", "Rows."],
        );
    }
}

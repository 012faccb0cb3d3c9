//! `cargo xtask texts`: the texts of the pages, gathered from the code for whoever translates them. A text is what
//! stands in `t!` or `phrase!`; what people would read and stands in neither has been forgotten.

mod forgotten;

pub use forgotten::forgotten;

use crate::{folders, report::say};
use anyhow::{Context, Result, anyhow};
use proc_macro2::{TokenStream, TokenTree};
use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

/// The members whose texts are read on pages, and what of the server writes for them.
const PLACES: [&str; 5] = [
    "app",
    "charts",
    "model",
    "server/shelf/edit.rs",
    "server/shelf/view.rs",
];
const FOLDER: &str = "src/model/texts";
/// Letters of a long word of a pseudo translation.
const WORD: usize = 9;

/// By text, the files that have it.
pub type Texts = BTreeMap<String, BTreeSet<String>>;

/// Writes the template of all translations, `tarazu.pot`; with `pseudo` also a translation in which every text stands
/// in brackets and is longer by a third, so that a look at the pages finds what is not translated or has no room.
///
/// # Errors
/// Where a file cannot be read, is no Rust, or cannot be written.
pub fn run(pseudo: bool) -> Result<()> {
    let folder = folders::root().join(FOLDER);
    let texts = gathered(&folders::root())?;
    write(
        &folder.join("tarazu.pot"),
        &file("", &texts, |_| String::new()),
    )?;
    if pseudo {
        write(&folder.join("en-XA.po"), &file("en-XA", &texts, bracketed))?;
    }
    say(&format!("{} texts", texts.len()));
    Ok(())
}

/// The template as it has to be.
///
/// # Errors
/// Where a file cannot be read or is no Rust.
pub fn template(root: &Path) -> Result<String> {
    Ok(file("", &gathered(root)?, |_| String::new()))
}

fn write(path: &Path, text: &str) -> Result<()> {
    say(&path.display().to_string());
    fs::write(path, text).with_context(|| format!("{} cannot be written", path.display()))
}

fn bracketed(text: &str) -> String {
    let letters = "~".repeat(text.chars().count().div_ceil(3));
    let letters: Vec<char> = letters.chars().collect();
    // In words, where a line can be broken.
    let words: Vec<String> = letters.chunks(WORD).map(String::from_iter).collect();
    format!("⟦{text}{}⟧", words.join(" "))
}

/// A file of translations, as gettext has them. Files are named without lines, which change with every edit.
fn file(language: &str, texts: &Texts, translated: impl Fn(&str) -> String) -> String {
    let mut all = format!(
        "# The texts of Tarazu's pages. `cargo xtask texts` writes this template.\n\
         msgid \"\"\nmsgstr \"\"\n\"Language: {language}\\n\"\n\"MIME-Version: 1.0\\n\"\n\
         \"Content-Type: text/plain; charset=UTF-8\\n\"\n\"Content-Transfer-Encoding: 8bit\\n\"\n"
    );
    for (text, files) in texts {
        let files: Vec<&str> = files.iter().map(String::as_str).collect();
        all.push_str(&format!(
            "\n#: {}\nmsgid {}\nmsgstr {}\n",
            files.join(" "),
            quoted(text),
            quoted(&translated(text))
        ));
    }
    all
}

fn quoted(text: &str) -> String {
    let text = text.replace('\\', "\\\\").replace('"', "\\\"");
    format!("\"{}\"", text.replace('\n', "\\n").replace('\t', "\\t"))
}

fn gathered(root: &Path) -> Result<Texts> {
    let mut texts = Texts::new();
    for (name, tokens) in sources(root)? {
        let mut found = Vec::new();
        gather(tokens, &mut found);
        for text in found {
            texts.entry(text).or_default().insert(name.clone());
        }
    }
    Ok(texts)
}

fn gather(tokens: TokenStream, into: &mut Vec<String>) {
    let tokens: Vec<TokenTree> = tokens.into_iter().collect();
    for (at, token) in tokens.iter().enumerate() {
        let TokenTree::Group(group) = token else {
            continue;
        };
        if called(&tokens, at).is_some_and(is_marked)
            && let Some(text) = group.stream().into_iter().next().as_ref().and_then(literal)
        {
            into.push(text);
        }
        gather(group.stream(), into);
    }
}

/// The macro that takes the group at this place.
fn called(tokens: &[TokenTree], at: usize) -> Option<&proc_macro2::Ident> {
    let [name, mark] = tokens.get(at.checked_sub(2)?..at)? else {
        return None;
    };
    match (name, mark) {
        (TokenTree::Ident(name), TokenTree::Punct(mark)) if mark.as_char() == '!' => Some(name),
        _ => None,
    }
}

fn is_marked(name: &proc_macro2::Ident) -> bool {
    name == "t" || name == "phrase"
}

/// What a literal of text says.
fn literal(token: &TokenTree) -> Option<String> {
    let TokenTree::Literal(literal) = token else {
        return None;
    };
    let parsed = syn::parse_str::<syn::LitStr>(&literal.to_string());
    parsed.ok().map(|it| it.value())
}

/// The code of the members, by path below `src`, without unit tests.
fn sources(root: &Path) -> Result<Vec<(String, TokenStream)>> {
    let mut paths = Vec::new();
    for place in PLACES {
        collect(&root.join("src").join(place), &mut paths)?;
    }
    paths.sort();
    let mut all = Vec::new();
    for path in paths {
        let text = fs::read_to_string(&path)?;
        let name = path.strip_prefix(root.join("src")).unwrap_or(&path);
        let name = name.to_string_lossy().replace('\\', "/");
        let tokens: TokenStream = text
            .parse()
            .map_err(|error| anyhow!("src/{name}: {error}"))?;
        all.push((name, without_tests(tokens)));
    }
    Ok(all)
}

/// Unit tests stand last in a file.
fn without_tests(tokens: TokenStream) -> TokenStream {
    let tokens: Vec<TokenTree> = tokens.into_iter().collect();
    let tests = tokens.windows(2).position(|pair| {
        matches!(pair, [TokenTree::Ident(word), TokenTree::Ident(name)] if word == "mod" && name == "tests")
    });
    let end = tests.unwrap_or(tokens.len());
    tokens.into_iter().take(end).collect()
}

fn collect(path: &Path, into: &mut Vec<PathBuf>) -> Result<()> {
    if path.is_dir() && !path.ends_with("tests") {
        for entry in fs::read_dir(path)? {
            collect(&entry?.path(), into)?;
        }
    }
    let is_code = path.extension().is_some_and(|ending| ending == "rs");
    if is_code && !path.ends_with("build.rs") {
        into.push(path.to_owned());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_found_within_each_other_and_in_templates() {
        let code = r#"
            fn f() { html! { p title=(t!("A \"title\"")) { (phrase!("{n} of \
                     all", n = html! { b { (t!("Inner")) } })) } } }
            mod tests { t!("not this") }
        "#;
        let mut found = Vec::new();
        gather(without_tests(code.parse().unwrap()), &mut found);
        assert_eq!(found, ["A \"title\"", "{n} of all", "Inner"]);
    }

    #[test]
    fn a_file_has_each_text_with_its_places_and_its_translation() {
        let files = BTreeSet::from(["app/check.rs".to_owned(), "app/run.rs".to_owned()]);
        let texts = Texts::from([("Say \"{word}\"".to_owned(), files)]);
        let po = file("en-XA", &texts, bracketed);
        let expected = "\n#: app/check.rs app/run.rs\nmsgid \"Say \\\"{word}\\\"\"\n\
                        msgstr \"⟦Say \\\"{word}\\\"~~~~⟧\"\n";
        assert!(po.ends_with(expected), "{po}");
    }
}

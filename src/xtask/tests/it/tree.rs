//! The files: what lies where, and what may not stand in them.

use crate::{assert_none, root};
use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

/// What may lie at the top besides dotfiles.
const TOP: [&str; 9] = [
    "Cargo.lock",
    "Cargo.toml",
    "README.md",
    "Trunk.toml",
    "end2end",
    "migrations",
    "public",
    "src",
    "style",
];

/// What may lie there too: licences, and what a platform demands at the root.
const TOP_ALSO: [&str; 4] = ["Dockerfile", "LICENSE", "LICENSE-APACHE", "LICENSE-MIT"];

/// Folders that git ignores.
const IGNORED: [&str; 6] = [
    ".git",
    ".tarazu",
    "node_modules",
    "report",
    "results",
    "target",
];

const LONGEST: usize = 800;

#[test]
fn the_top_level_is_as_designed() {
    let found: BTreeSet<String> = fs::read_dir(root())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| !name.starts_with('.') && !IGNORED.contains(&name.as_str()))
        .filter(|name| !TOP_ALSO.contains(&name.as_str()))
        .collect();
    let designed: BTreeSet<String> = TOP.iter().map(|name| (*name).to_owned()).collect();
    assert_eq!(found, designed);
}

#[test]
fn every_source_file_says_first_what_it_is() {
    let breaches = sources()
        .into_iter()
        .filter(|(_, text)| !text.starts_with("//! "))
        .map(|(path, _)| shown(&path))
        .collect();
    assert_none("the first line of a source file is `//! …`", breaches);
}

#[test]
fn a_long_file_says_why() {
    let breaches = sources()
        .into_iter()
        .filter(|(_, text)| text.lines().count() > LONGEST)
        .filter(|(_, text)| !head(text).contains("long because"))
        .map(|(path, text)| format!("{}: {} lines", shown(&path), text.lines().count()))
        .collect();
    assert_none(
        "beyond 800 lines a file's head says that it is `long because …`",
        breaches,
    );
}

#[test]
fn modules_are_named_after_what_they_are() {
    const VAGUE: [&str; 6] = ["mod", "common", "utils", "util", "helpers", "core"];
    let breaches = sources()
        .into_iter()
        .filter(|(path, _)| {
            let name = path.file_stem().unwrap().to_str().unwrap();
            VAGUE.contains(&name)
        })
        .map(|(path, _)| shown(&path))
        .collect();
    assert_none("no `mod.rs`, and no module without a subject", breaches);
}

#[test]
fn lints_are_expected_with_a_reason_and_never_allowed() {
    let allow = concat!("[", "allow(");
    let breaches = sources()
        .into_iter()
        .filter(|(_, text)| text.contains(allow))
        .map(|(path, _)| shown(&path))
        .collect();
    assert_none("`#[expect(lint, reason = …)]` takes its place", breaches);
}

#[test]
fn tests_are_never_left_out() {
    let marks = [concat!("#[", "ignore"), concat!("#[", "should_panic")];
    let breaches = sources()
        .into_iter()
        .filter(|(_, text)| marks.iter().any(|mark| text.contains(mark)))
        .map(|(path, _)| shown(&path))
        .collect();
    assert_none("a test runs and says what it expects", breaches);
}

#[test]
fn migrations_are_paired() {
    let folder = |name: &str| -> Option<BTreeSet<String>> {
        let entries = fs::read_dir(root().join("migrations").join(name)).ok()?;
        Some(
            entries
                .map(|entry| entry.unwrap().file_name().into_string().unwrap())
                .collect(),
        )
    };
    let sqlite = folder("sqlite").unwrap();
    assert!(!sqlite.is_empty(), "there is no migration");
    if let Some(postgres) = folder("postgres") {
        assert_eq!(sqlite, postgres);
    }
}

/// The repository is read by people who know nothing of the place where it was written.
#[test]
fn no_file_names_the_place_where_it_was_written() {
    let words = [
        concat!("/wo", "rk/main"),
        concat!("/wo", "rk/shared"),
        concat!("/ro", "ot/"),
        concat!("tool", "chain.md"),
        concat!("design", ".md"),
        concat!("brief", ".md"),
    ];
    let mut files = Vec::new();
    collect(&root(), &mut files);
    let mut breaches = Vec::new();
    for path in files {
        // What is no text has no words.
        let Ok(text) = fs::read_to_string(&path) else {
            continue;
        };
        for word in words.iter().filter(|word| text.contains(**word)) {
            breaches.push(format!("{}: {word}", shown(&path)));
        }
    }
    assert_none("a file names the place where it was written", breaches);
}

#[test]
fn lock_files_name_no_mirror() {
    let npm = fs::read_to_string(root().join("end2end/package-lock.json")).unwrap();
    assert!(!npm.contains("\"resolved\""), "package-lock.json");
    let cargo = fs::read_to_string(root().join("Cargo.lock")).unwrap();
    let breaches = cargo
        .lines()
        .filter(|line| line.starts_with("source = "))
        .filter(|line| !line.contains("\"registry+https://github.com/rust-lang/crates.io-index\""))
        .map(str::to_owned)
        .collect();
    assert_none("packages come from crates.io", breaches);
}

/// Every Rust file below `src` with its text.
fn sources() -> Vec<(PathBuf, String)> {
    let mut files = Vec::new();
    collect(&root().join("src"), &mut files);
    files
        .into_iter()
        .filter(|path| path.extension().is_some_and(|ending| ending == "rs"))
        .map(|path| {
            let text = fs::read_to_string(&path).unwrap();
            (path, text)
        })
        .collect()
}

fn collect(folder: &Path, into: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let entry = entry.unwrap();
        if !entry.file_type().unwrap().is_dir() {
            into.push(entry.path());
        } else if !IGNORED.iter().any(|name| entry.file_name() == *name) {
            collect(&entry.path(), into);
        }
    }
}

/// The `//!` lines at the start.
fn head(text: &str) -> String {
    text.lines()
        .take_while(|line| line.starts_with("//!"))
        .collect()
}

/// The path within the clone.
fn shown(path: &Path) -> String {
    path.strip_prefix(root())
        .unwrap_or(path)
        .display()
        .to_string()
}

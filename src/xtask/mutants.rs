//! `cargo xtask mutants`: do the tests notice? Each mutation of the list is made, alone, in a copy of the tree, and
//! the tests that are named for it have to fail. A survivor says that a law is held by luck.

mod list;
mod tree;

use crate::{folders, report::say, stopwatch::Stopwatch};
use anyhow::{Result, bail, ensure};
use list::{MUTATIONS, Mutation};
use tree::{Ended, Tree};

/// What became of a mutation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fate {
    /// The tests failed, as they should.
    Noticed,
    /// They did not end, which somebody would notice too.
    Endless,
    Survived,
    /// The code has changed: the text to replace is not there, or there more than once.
    NotFound,
    DoesNotCompile,
}

impl Fate {
    fn word(self) -> &'static str {
        match self {
            Fate::Noticed => "noticed",
            Fate::Endless => "noticed, endless",
            Fate::Survived => "SURVIVED",
            Fate::NotFound => "TEXT NOT FOUND",
            Fate::DoesNotCompile => "DOES NOT COMPILE",
        }
    }

    fn is_good(self) -> bool {
        matches!(self, Fate::Noticed | Fate::Endless)
    }
}

/// Tries the mutations whose name or file has `only` in it, and prints what became of them.
///
/// # Errors
/// When the tests fail without a mutation, or when one of the mutations is not noticed.
pub fn run(only: Option<&str>) -> Result<()> {
    let wanted =
        |it: &&Mutation| only.is_none_or(|word| it.name.contains(word) || it.file.contains(word));
    let chosen: Vec<&Mutation> = MUTATIONS.iter().filter(wanted).collect();
    ensure!(!chosen.is_empty(), "no mutation has that in its name");
    let tree = Tree::copy(&folders::target().join("mutants"))?;
    let mut tests: Vec<&str> = chosen.iter().flat_map(|it| it.tests).copied().collect();
    tests.sort_unstable();
    tests.dedup();
    for test in &tests {
        match tree.test(&[test])? {
            Ended::Passed(1..) => {}
            Ended::Passed(0) => bail!("no test is called {test}"),
            _ => bail!("{test} fails without a mutation"),
        }
    }
    say(&format!("{} tests pass without a mutation", tests.len()));
    let mut bad = 0;
    for mutation in chosen {
        let watch = Stopwatch::start();
        let fate = fate(&tree, mutation)?;
        bad += usize::from(!fate.is_good());
        say(&format!(
            "{:<52} {:<18}{:>6.1} s",
            mutation.name,
            fate.word(),
            watch.read().as_secs_f64()
        ));
    }
    ensure!(bad == 0, "{bad} mutations were not noticed");
    Ok(())
}

fn fate(tree: &Tree, mutation: &Mutation) -> Result<Fate> {
    let text = tree.read(mutation.file)?;
    let Some(mutated) = mutated(&text, mutation) else {
        return Ok(Fate::NotFound);
    };
    tree.write(mutation.file, &mutated)?;
    let ended = tree.test(mutation.tests);
    tree.write(mutation.file, &text)?;
    Ok(match ended? {
        Ended::Passed(_) => Fate::Survived,
        Ended::Failed => Fate::Noticed,
        Ended::TooLate => Fate::Endless,
        Ended::NotBuilt => Fate::DoesNotCompile,
    })
}

/// None where the text to replace does not stand there exactly once.
fn mutated(text: &str, mutation: &Mutation) -> Option<String> {
    let (before, behind) = text.split_once(mutation.old)?;
    (!behind.contains(mutation.old)).then(|| [before, mutation.new, behind].concat())
}

#[cfg(test)]
mod tests {
    use super::*;

    const MUTATION: Mutation = Mutation {
        name: "a",
        file: "a.rs",
        old: "<= b",
        new: "< b",
        tests: &["a"],
    };

    #[test]
    fn replaces_a_text_that_stands_there_once() {
        assert_eq!(mutated("a <= b;", &MUTATION).as_deref(), Some("a < b;"));
        assert_eq!(mutated("a < b;", &MUTATION), None);
        assert_eq!(mutated("a <= b || c <= b", &MUTATION), None);
    }

    #[test]
    fn every_mutation_changes_something_and_names_tests() {
        for it in MUTATIONS {
            assert_ne!(it.old, it.new, "{}", it.name);
            assert!(!it.tests.is_empty(), "{}", it.name);
            assert!(folders::root().join(it.file).is_file(), "{}", it.name);
            assert_eq!(
                MUTATIONS
                    .iter()
                    .filter(|other| other.name == it.name)
                    .count(),
                1
            );
        }
    }
}

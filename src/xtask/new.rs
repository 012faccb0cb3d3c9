//! `cargo xtask new CODE name`: the files and lines of a new control. It compiles, and its page's first example fails
//! until the control is written.

use crate::{folders, program, report::say, tools};
use anyhow::{Context, Result, bail, ensure};
use engine::{
    catalogue::{self, CATALOGUE},
    control::Meta,
};
use std::{
    fs,
    path::{Path, PathBuf},
};

const CONTROL: &str = include_str!("new/control.txt");
const PAGE: &str = include_str!("new/page.txt");

/// Makes the control in this clone.
///
/// # Errors
/// When the code or the name is none that a control can have, or is taken.
pub fn run(code: &str, name: &str) -> Result<()> {
    for path in make(&folders::root(), code, name)? {
        say(&format!("{}", path.display()));
    }
    program::run(tools::cargo().args(["fmt", "--package", "engine"]))?;
    say("Write the control and its page, then: cargo test -p engine --test it documents");
    Ok(())
}

/// Makes the control in the clone at `root`, and gives the files that were made or changed.
fn make(root: &Path, code: &str, name: &str) -> Result<Vec<PathBuf>> {
    let sibling = sibling(code)?;
    let is_word = |it: &str| !it.is_empty() && it.bytes().all(|it| it.is_ascii_lowercase());
    ensure!(
        name.split('-').all(is_word),
        "`{name}` is no name of a control: say what is wrong with the data, such as blank-required-value"
    );
    let taken = |it: &catalogue::Entry| it.meta.code == code || it.meta.name == name;
    if let Some(entry) = CATALOGUE.iter().find(|it| taken(it)) {
        bail!("there is {} {} already", entry.meta.code, entry.meta.name);
    }
    let new = New {
        code,
        name,
        sibling,
    };
    let controls = root.join("src/engine/controls");
    let folder = controls.join(new.folder());
    fs::create_dir_all(&folder).with_context(|| format!("{} cannot be made", folder.display()))?;
    let source = folder.join(new.file()).with_extension("rs");
    let page = folder.join(new.file()).with_extension("md");
    let module = controls.join(new.folder()).with_extension("rs");
    let list = root.join("src/engine/catalogue.rs");
    let readme = root.join("README.md");
    write(&source, &new.filled(CONTROL))?;
    write(&page, &new.filled(PAGE))?;
    change(&module, |text| new.in_module(text))?;
    change(&list, |text| new.in_catalogue(text))?;
    change(&readme, |text| new.in_readme(text))?;
    Ok(vec![source, page, module, list, readme])
}

/// A control of the same dimension, from which the new one takes what they have in common.
fn sibling(code: &str) -> Result<&'static Meta> {
    let mut all = CATALOGUE.iter().map(|it| &it.meta);
    let digits = |it: &str| it.len() == 2 && it.bytes().all(|it| it.is_ascii_digit());
    let found = all.find(|it| code.strip_prefix(it.dimension.prefix()).is_some_and(digits));
    found.with_context(|| {
        let mut prefixes: Vec<&str> = CATALOGUE
            .iter()
            .map(|it| it.meta.dimension.prefix())
            .collect();
        prefixes.dedup();
        format!(
            "`{code}` is no code: one of {}, and two digits",
            prefixes.join(", ")
        )
    })
}

fn write(path: &Path, text: &str) -> Result<()> {
    fs::write(path, text).with_context(|| format!("{} cannot be written", path.display()))
}

fn change(path: &Path, how: impl Fn(&str) -> Option<String>) -> Result<()> {
    let text =
        fs::read_to_string(path).with_context(|| format!("{} cannot be read", path.display()))?;
    let changed = how(&text.replace('\r', ""));
    let changed = changed.with_context(|| format!("{} has no place for it", path.display()))?;
    write(path, &changed)
}

struct New<'a> {
    code: &'a str,
    name: &'a str,
    sibling: &'static Meta,
}

impl New<'_> {
    fn folder(&self) -> String {
        format!("{:?}", self.sibling.dimension).to_lowercase()
    }

    fn file(&self) -> String {
        self.name.replace('-', "_")
    }

    /// `blank-required-value` is `BlankRequiredValue`.
    fn type_name(&self) -> String {
        let words = self.name.split('-');
        words
            .filter_map(|it| {
                let (first, rest) = it.split_at_checked(1)?;
                Some(first.to_uppercase() + rest)
            })
            .collect()
    }

    fn category(&self) -> String {
        let category = self.sibling.category;
        category.map_or("None".to_owned(), |it| format!("Some(Category::{it:?})"))
    }

    fn filled(&self, template: &str) -> String {
        let category = self.category();
        let import = if category == "None" { "" } else { "Category, " };
        template
            .replace('\r', "")
            .replace("{CODE}", self.code)
            .replace("{NAME}", self.name)
            .replace("{FILE}", &self.file())
            .replace("{TYPE}", &self.type_name())
            .replace("{DIMENSION}", &format!("{:?}", self.sibling.dimension))
            .replace("{CATEGORY}", &category)
            .replace("{IMPORT}", import)
            .replace("{SINCE}", engine::VERSION)
    }

    fn in_module(&self, text: &str) -> Option<String> {
        let line = format!("pub(crate) mod {};", self.file());
        inserted(text, &line, |it| {
            it.starts_with("pub(crate) mod ").then_some(it)
        })
    }

    fn in_catalogue(&self, text: &str) -> Option<String> {
        let import = format!(
            "        {}::{}::{},",
            self.folder(),
            self.file(),
            self.type_name()
        );
        let (before, after) = text.split_once("    controls::{\n")?;
        let text = format!("{before}    controls::{{\n{import}\n{after}");
        let line = format!("    listed::<{}>(), // {}", self.type_name(), self.code);
        inserted(&text, &line, |it| {
            let is_entry = it.starts_with("    listed::<");
            it.rsplit_once("// ").filter(|_| is_entry).map(|it| it.1)
        })
    }

    fn in_readme(&self, text: &str) -> Option<String> {
        let (code, name) = (self.code, self.name);
        let page = format!("src/engine/controls/{}/{}.md", self.folder(), self.file());
        let line =
            format!("| {code} | [{name}]({page}) | Say what is wrong with the data. | error |");
        inserted(text, &line, |it| {
            it.contains("](src/engine/controls/")
                .then(|| it.get(2..7))
                .flatten()
        })
    }
}

/// The text with a line put among those that have a key, which are sorted by it. None where there are none.
fn inserted(text: &str, line: &str, key: impl Fn(&str) -> Option<&str>) -> Option<String> {
    let new = key(line)?;
    let lines: Vec<&str> = text.lines().collect();
    let keys = lines.iter().enumerate();
    let keys: Vec<(usize, &str)> = keys.filter_map(|(at, it)| Some((at, key(it)?))).collect();
    let behind = keys.iter().find(|(_, it)| *it > new).map(|it| it.0);
    let place = behind.or_else(|| Some(keys.last()?.0 + 1))?;
    let (before, after) = lines.split_at_checked(place)?;
    let all = [before, &[line], after].concat();
    Some(all.join("\n") + "\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A clone with what a new control changes.
    fn clone() -> tempfile::TempDir {
        let clone = tempfile::tempdir().unwrap();
        let controls = clone.path().join("src/engine/controls");
        fs::create_dir_all(&controls).unwrap();
        for file in [
            "README.md",
            "src/engine/catalogue.rs",
            "src/engine/controls/validity.rs",
        ] {
            fs::copy(folders::root().join(file), clone.path().join(file)).unwrap();
        }
        clone
    }

    #[test]
    fn a_new_control_has_its_files_and_its_lines_in_their_places() {
        let clone = clone();
        let made = make(clone.path(), "VAL99", "wrong-case").unwrap();
        let read = |file: &str| fs::read_to_string(clone.path().join(file)).unwrap();
        for path in &made {
            let path = path.to_str().unwrap().replace('\\', "/");
            let text = fs::read_to_string(&path).unwrap();
            for left in ["{CODE}", "{NAME}", "{TYPE}", "{FILE}", "{IMPORT}"] {
                assert!(!text.contains(left), "{path}: {left}");
            }
        }
        let source = read("src/engine/controls/validity/wrong_case.rs");
        for says in [
            "pub(crate) struct WrongCase",
            "code: \"VAL99\"",
            "include_str!(\"wrong_case.md\")",
            "Some(Category::DataFormatError)",
        ] {
            assert!(source.contains(says), "{says}");
        }
        let module = read("src/engine/controls/validity.rs");
        assert!(module.ends_with("value_not_allowed;\npub(crate) mod wrong_case;\n"));
        let list = read("src/engine/catalogue.rs");
        let at = |text: &str| list.find(text).unwrap();
        assert!(at("// VAL11") < at("listed::<WrongCase>(), // VAL99"));
        assert!(at("// VAL99") < at("// VOL01"));
        assert!(list.contains("validity::wrong_case::WrongCase,"));
        let readme = read("README.md");
        let row = "| VAL99 | [wrong-case](src/engine/controls/validity/wrong_case.md) |";
        assert!(readme.find("| VAL11 |").unwrap() < readme.find(row).unwrap());
        assert!(readme.find(row).unwrap() < readme.find("| VOL01 |").unwrap());
    }

    #[test]
    fn what_no_control_can_be_is_refused() {
        let clone = clone();
        let says = |code: &str, name: &str| make(clone.path(), code, name).unwrap_err().to_string();
        assert!(says("ABC01", "wrong-case").contains("is no code"));
        assert!(says("VAL1", "wrong-case").contains("is no code"));
        assert!(says("VAL99", "Wrong_Case").contains("is no name"));
        assert!(says("VAL01", "wrong-case").contains("VAL01 not-a-whole-number already"));
        assert!(says("VAL99", "outlier").contains("DIS01 outlier already"));
    }
}

//! The yardsticks: Polars, DuckDB and Papa Parse with every control of the contract `sales`, counting only. Their
//! versions are pinned in `requirements.txt` and in `end2end/package.json`.

use super::{
    TODAY,
    file::File,
    inside,
    process::{self, Counts},
    table::{Group, Table},
};
use crate::{folders, node, python, report::say};
use anyhow::{Context, Result, ensure};
use engine::contract;
use serde::{Deserialize, Serialize};
use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
    process::Command,
};

/// What everyone counts: the controls that look into the rows of the file that is generated.
const COUNTED: [&str; 13] = [
    "read",
    "exceptions",
    "CMP01",
    "VAL01",
    "VAL02",
    "VAL03",
    "VAL05",
    "VAL06",
    "VAL10",
    "REF01",
    "REF02",
    "UNQ01",
    "TIM01",
];

/// What a yardstick is to do; the scripts read it.
#[derive(Serialize)]
struct Task<'a> {
    file: &'a Path,
    today: &'a str,
    /// The best of so many counts.
    times: u32,
    threads: usize,
    regions: List<'a>,
    products: List<'a>,
}

/// A list of the contract.
#[derive(Serialize)]
struct List<'a> {
    /// As written.
    exact: Vec<&'a str>,
    /// Values and synonyms as they are compared.
    known: BTreeSet<String>,
}

#[derive(Deserialize)]
struct Answer {
    version: String,
    seconds: f64,
    counts: Counts,
}

/// A tool and how it is started.
struct Yardstick {
    name: &'static str,
    program: PathBuf,
    /// Before the script.
    option: Option<&'static str>,
    script: PathBuf,
    /// Behind the task.
    more: Option<PathBuf>,
    /// Whether it uses as many threads as it is told.
    threads: bool,
}

/// The yardsticks that can be had here. Says which cannot, why, and what to install.
pub(super) struct Yardsticks(Vec<Yardstick>);

impl Yardsticks {
    pub(super) fn set_up() -> Yardsticks {
        let mut found = Vec::new();
        for (name, made, missing) in [
            ("Polars", python("Polars", "polars_check.py"), PYTHON),
            ("DuckDB", python("DuckDB", "duckdb_check.py"), PYTHON),
            ("Papa Parse", papa_parse(), NODE),
        ] {
            match made {
                Ok(yardstick) => found.push(yardstick),
                Err(reason) => {
                    say(&format!("{name} is not measured: {reason:#}"));
                    say(&format!("{name}: {missing}"));
                }
            }
        }
        Yardsticks(found)
    }

    /// Adds time and memory to the table, and returns where counts differ from the engine's.
    ///
    /// # Errors
    /// When one of them fails.
    pub(super) fn measure(
        &self,
        file: &File,
        counts: &Counts,
        times: u32,
        table: &mut Table,
    ) -> Result<Vec<String>> {
        let mut differences = Vec::new();
        for yardstick in &self.0 {
            differences.extend(yardstick.measure(file, counts, times, table)?);
        }
        Ok(differences)
    }

    /// As `measure`, on one thread alone.
    ///
    /// # Errors
    /// When one of them fails.
    pub(super) fn on_one_thread(
        &self,
        group: Group,
        file: &File,
        counts: &Counts,
        times: u32,
        table: &mut Table,
    ) -> Result<Vec<String>> {
        let mut differences = Vec::new();
        for yardstick in &self.0 {
            let answer = yardstick.ask(file, times, 1)?;
            let who = format!("{} {}", yardstick.name, answer.version);
            table.add(group, &who, answer.seconds);
            differences.extend(self::differences(&who, &answer.counts, counts));
        }
        Ok(differences)
    }
}

const PYTHON: &str = "install Python 3 with the modules venv and pip; the packages are those of \
                      src/xtask/bench/requirements.txt, which this task installs by itself";
const NODE: &str = "install Node 20 or later with npm; the package is in end2end/package.json, which this \
                    task installs by itself";

impl Yardstick {
    /// Adds its times to the table and returns where its counts differ.
    fn measure(
        &self,
        file: &File,
        counts: &Counts,
        times: u32,
        table: &mut Table,
    ) -> Result<Vec<String>> {
        let all = inside::threads();
        let one = self.ask(file, times, 1)?;
        let who = format!("{} {}", self.name, one.version);
        table.add(Group::OneThread, &who, one.seconds);
        let threads = if self.threads {
            table.add(Group::AllThreads, &who, self.ask(file, times, all)?.seconds);
            all
        } else {
            1
        };
        let mut whole = f64::INFINITY;
        let mut memory = None;
        for _ in 0..times.max(1) {
            let ended = process::time(&mut self.command(file, 1, threads)?)?;
            whole = whole.min(ended.time.as_secs_f64());
            memory = memory.max(ended.memory);
        }
        table.add(Group::Process, &who, whole);
        table.add_memory(Group::Memory, &who, memory);
        Ok(differences(&who, &one.counts, counts))
    }

    fn ask(&self, file: &File, times: u32, threads: usize) -> Result<Answer> {
        let ended = process::time(&mut self.command(file, times, threads)?)?;
        ensure!(ended.code == Some(0), "{} failed", self.name);
        serde_json::from_str(&ended.output)
            .with_context(|| format!("{} answered something else", self.name))
    }

    fn command(&self, file: &File, times: u32, threads: usize) -> Result<Command> {
        let mut command = Command::new(&self.program);
        command
            .args(self.option)
            .arg(&self.script)
            .arg(task(file, times, threads)?)
            .args(&self.more);
        Ok(command)
    }
}

/// Writes down what is to be done, and returns where.
pub(super) fn task(file: &File, times: u32, threads: usize) -> Result<PathBuf> {
    let task = Task {
        file: &file.path,
        today: TODAY,
        times: times.max(1),
        threads,
        regions: list("regions")?,
        products: list("products")?,
    };
    let path = folders::target().join("bench/task.json");
    fs::write(&path, serde_json::to_vec(&task)?)
        .with_context(|| format!("{} cannot be written", path.display()))?;
    Ok(path)
}

/// The counts that are not the engine's, and those that are missing.
pub(super) fn differences(who: &str, theirs: &Counts, ours: &Counts) -> Vec<String> {
    COUNTED
        .into_iter()
        .filter(|name| !ours.contains_key(*name) || theirs.get(*name) != ours.get(*name))
        .map(|name| {
            let said = |counts: &Counts| {
                let count = counts.get(name);
                count.map_or("nothing".to_owned(), u64::to_string)
            };
            format!(
                "{who}: {name} is {}, the engine says {}",
                said(theirs),
                said(ours)
            )
        })
        .collect()
}

fn list(name: &str) -> Result<List<'static>> {
    let list = contract::sales()
        .list(name)
        .with_context(|| format!("the contract has no list {name}"))?;
    let entries = list.entries.iter();
    Ok(List {
        exact: entries.clone().map(|it| it.value.as_str()).collect(),
        known: entries
            .flat_map(|it| std::iter::once(&it.value).chain(&it.synonyms))
            .map(|it| it.trim().to_lowercase())
            .collect(),
    })
}

fn python(name: &'static str, script: &str) -> Result<Yardstick> {
    Ok(Yardstick {
        name,
        program: python::set_up("bench", &folder().join("requirements.txt"))?,
        // What Python compiles does not belong among the sources.
        option: Some("-B"),
        script: folder().join(script),
        more: None,
        threads: true,
    })
}

fn papa_parse() -> Result<Yardstick> {
    node::set_up()?;
    Ok(Yardstick {
        name: "Papa Parse",
        program: PathBuf::from("node"),
        option: None,
        script: folder().join("papaparse.mjs"),
        more: Some(folders::end2end().join("package.json")),
        threads: false,
    })
}

pub(super) fn folder() -> PathBuf {
    folders::root().join("src/xtask/bench")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tells_each_count_that_is_not_the_engines() {
        let ours: Counts = COUNTED.map(|it| (it.to_owned(), 3)).into();
        assert!(differences("A", &ours, &ours).is_empty());
        let mut theirs = ours.clone();
        theirs.insert("CMP01".to_owned(), 4);
        theirs.remove("UNQ01");
        assert_eq!(
            differences("A", &theirs, &ours),
            [
                "A: CMP01 is 4, the engine says 3",
                "A: UNQ01 is nothing, the engine says 3"
            ]
        );
        assert_eq!(differences("A", &ours, &Counts::new()).len(), COUNTED.len());
    }
}

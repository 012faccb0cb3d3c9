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

/// Measures every yardstick that can be had, and says which cannot.
///
/// # Errors
/// When one of them fails, or counts anything else than `counts`.
pub(super) fn measure(file: &File, counts: &Counts, times: u32, table: &mut Table) -> Result<()> {
    let mut differences = Vec::new();
    for (name, made) in [
        ("Polars", python("Polars", "polars_check.py")),
        ("DuckDB", python("DuckDB", "duckdb_check.py")),
        ("Papa Parse", papa_parse()),
    ] {
        match made {
            Ok(yardstick) => differences.extend(yardstick.measure(file, counts, times, table)?),
            Err(reason) => say(&format!("{name}: not measured: {reason:#}")),
        }
    }
    ensure!(
        differences.is_empty(),
        "the yardsticks count something else than the engine:\n{}",
        differences.join("\n")
    );
    Ok(())
}

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
        for _ in 0..times.max(1) {
            let mut command = self.command(file, 1, threads)?;
            whole = whole.min(process::time(&mut command)?.time.as_secs_f64());
        }
        table.add(Group::Process, &who, whole);
        let mut differences = Vec::new();
        for (name, count) in &one.counts {
            let ours = counts.get(name);
            if ours != Some(count) {
                differences.push(format!(
                    "{who}: {name} is {count}, the engine says {ours:?}"
                ));
            }
        }
        ensure!(one.counts.len() > 10, "{who} counts too little");
        Ok(differences)
    }

    fn ask(&self, file: &File, times: u32, threads: usize) -> Result<Answer> {
        let ended = process::time(&mut self.command(file, times, threads)?)?;
        ensure!(ended.code == Some(0), "{} failed", self.name);
        serde_json::from_str(&ended.output)
            .with_context(|| format!("{} answered something else", self.name))
    }

    fn command(&self, file: &File, times: u32, threads: usize) -> Result<Command> {
        let task = Task {
            file: &file.path,
            today: TODAY,
            times: times.max(1),
            threads,
            regions: list("regions")?,
            products: list("products")?,
        };
        let path = folders::target().join("bench/task.json");
        fs::write(&path, serde_json::to_vec(&task)?)?;
        let mut command = Command::new(&self.program);
        command
            .args(self.option)
            .arg(&self.script)
            .arg(path)
            .args(&self.more);
        Ok(command)
    }
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

fn folder() -> PathBuf {
    folders::root().join("src/xtask/bench")
}

//! `cargo xtask bench store`: how long a file takes from the disk to the ledger, on each database, beside what the
//! database's own loader needs for the same rows in one table with an index on the key; and how much memory a server takes
//! that sends such rows out, many of them and a tenth of these. Whether what is aimed at holds stands below the table.

use super::{
    exports,
    file::{Faults, File},
    process::{self, Ended},
    table::{Group, Table},
};
use crate::{
    environment, folders,
    postgres::{Durability, Postgres},
    report::say,
    server::{self, Profile, Server},
    tools,
};
use anyhow::{Result, ensure};
use std::{fs, path::Path, process::Command};

/// The columns are texts, as they are in the file: a loader judges nothing.
const CREATE: &str = "CREATE TABLE sales (order_id TEXT, order_date TEXT, region TEXT, product TEXT, quantity TEXT, \
                      revenue TEXT); CREATE INDEX sales_keys ON sales (order_id);";

const INGEST: &str = "tarazu ingest";
const IMPORT: &str = "sqlite3, .import";
const COPY: &str = "psql, \\copy";
const MEMORY: [&str; 2] = ["tarazu ingest, SQLite", "tarazu ingest, PostgreSQL"];

/// At most so many times as long as the database's own loader, and so many MB.
const TIMES: f64 = 3.0;
const MEGABYTES: f64 = 300.0;

/// Ingests a generated file into new databases and prints a table.
///
/// # Errors
/// When something cannot be built or started, or a file does not get in.
pub fn store(rows: u32, times: u32) -> Result<()> {
    let tarazu = server::build(Profile::Release)?;
    let file = File::generate(&tarazu, rows, Faults::Usual)?;
    // Its rows all have the cells that the table has; loaders stop at the first one that has not.
    let clean = File::generate(&tarazu, rows, Faults::None)?;
    let few = File::generate(&tarazu, rows / 10, Faults::Usual)?;
    let mut table = Table::default();
    let data = folders::target().join("bench").join("store");

    for _ in 0..times.max(1) {
        let ended = ingest(&tarazu, &file, &data, None)?;
        table.add_best(Group::Sqlite, INGEST, ended.time.as_secs_f64());
        table.add_worst_memory(MEMORY[0], ended.memory);
        if environment::finds(&tools::program_file("sqlite3")) {
            let seconds = import(&clean, &data)?;
            table.add_best(Group::Sqlite, IMPORT, seconds);
        }
    }
    ingest(&tarazu, &few, &data, None)?;
    let with_few = exports::measure(&tarazu, &data, None)?;
    ingest(&tarazu, &file, &data, None)?;
    let sqlite = [with_few, exports::measure(&tarazu, &data, None)?];
    let database = Postgres::start(Durability::AsInstalled)?;
    for round in 0..times.max(1) {
        let url = database.create(&format!("bench{round}"))?;
        let ended = ingest(&tarazu, &file, &data, Some(&url))?;
        table.add_best(Group::Postgres, INGEST, ended.time.as_secs_f64());
        table.add_worst_memory(MEMORY[1], ended.memory);
        let url = database.create(&format!("loader{round}"))?;
        let seconds = copy(&database, &clean, &url)?;
        table.add_best(Group::Postgres, COPY, seconds);
    }
    let url = database.create("few")?;
    ingest(&tarazu, &few, &data, Some(&url))?;
    let with_few = exports::measure(&tarazu, &data, Some(&url))?;
    let url = database.create("many")?;
    ingest(&tarazu, &file, &data, Some(&url))?;
    let postgres = [with_few, exports::measure(&tarazu, &data, Some(&url))?];
    fs::remove_dir_all(&data)?;
    say(&format!(
        "{rows} rows, {:.1} MB, best of {times}",
        super::megabytes(file.bytes)
    ));
    table.print();
    say("");
    for line in aims(&table) {
        say(&line);
    }
    for (name, [with_few, with_many]) in [("SQLite", sqlite), ("PostgreSQL", postgres)] {
        exports::print(name, (rows / 10, &with_few), (rows, &with_many));
    }
    Ok(())
}

/// What is aimed at, and whether it holds.
fn aims(table: &Table) -> Vec<String> {
    let mut lines = Vec::new();
    for (group, loader) in [(Group::Sqlite, IMPORT), (Group::Postgres, COPY)] {
        let ours = table.figure(group, INGEST);
        let times = ours.zip(table.figure(group, loader));
        lines.push(match times.map(|(ours, loader)| ours / loader) {
            Some(it) => format!(
                "{it:.2} times as long as {loader}, at most {TIMES}: {}",
                word(it <= TIMES)
            ),
            // psql comes with the server that is started.
            None => format!(
                "{loader}: NOT MEASURED, since the program is not in PATH, so that nothing says how many times as long \
                 is taken"
            ),
        });
    }
    for who in MEMORY {
        lines.push(match table.figure(Group::Memory, who) {
            Some(it) => format!(
                "{it:.0} MB of {who}, at most {MEGABYTES}: {}",
                word(it <= MEGABYTES)
            ),
            None => format!("{who}: NOT MEASURED, since the system does not tell its memory"),
        });
    }
    lines
}

fn word(holds: bool) -> &'static str {
    if holds { "holds" } else { "MISSED" }
}

/// Into an empty ledger, whose tables are there: a database is set up once, and not for each file.
fn ingest(tarazu: &Path, file: &File, data: &Path, database: Option<&str>) -> Result<Ended> {
    fs::remove_dir_all(data).ok();
    let address = server::free_address()?;
    drop(Server::start_on(
        tarazu,
        &address,
        data,
        &folders::site(),
        database,
    )?);
    let mut command = Command::new(tarazu);
    command.arg("ingest").arg(&file.path);
    command
        .arg("--data-dir")
        .arg(data)
        .env_remove("DATABASE_URL");
    if let Some(url) = database {
        command.env("DATABASE_URL", url);
    }
    let ended = process::time(&mut command)?;
    ensure!(ended.code == Some(0), "tarazu ingest: {}", ended.output);
    Ok(ended)
}

fn import(file: &File, data: &Path) -> Result<f64> {
    fs::remove_dir_all(data).ok();
    fs::create_dir_all(data)?;
    let mut command = Command::new("sqlite3");
    command.arg("-bail").arg(data.join("loader.db")).args([
        "PRAGMA journal_mode = wal",
        "PRAGMA synchronous = full",
        CREATE,
    ]);
    command.arg(format!(
        ".import --csv --skip 1 '{}' sales",
        file.path.display()
    ));
    let ended = process::time(&mut command)?;
    ensure!(ended.code == Some(0), "sqlite3: {}", ended.output);
    Ok(ended.time.as_secs_f64())
}

fn copy(database: &Postgres, file: &File, url: &str) -> Result<f64> {
    let mut command = database.client("psql");
    command.args([
        "--quiet",
        "--no-psqlrc",
        "--set=ON_ERROR_STOP=1",
        "--command",
        CREATE,
    ]);
    command.arg("--command");
    command.arg(format!(
        "\\copy sales FROM '{}' WITH (FORMAT csv, HEADER)",
        file.path.display()
    ));
    let ended = process::time(command.arg(url))?;
    ensure!(ended.code == Some(0), "psql: {}", ended.output);
    Ok(ended.time.as_secs_f64())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tells_what_holds_what_is_missed_and_what_nobody_measured() {
        let mut table = Table::default();
        table.add_best(Group::Sqlite, INGEST, 5.0);
        table.add_best(Group::Postgres, INGEST, 7.0);
        table.add_best(Group::Postgres, COPY, 2.0);
        table.add_worst_memory(MEMORY[0], Some(209_000_000));
        let lines = aims(&table);
        let ends = ["is taken", "3: MISSED", "300: holds", "its memory"];
        for (line, end) in lines.iter().zip(ends) {
            assert!(line.ends_with(end), "{line}");
        }
        assert_eq!(lines.len(), ends.len());
        assert!(lines[0].contains("sqlite3, .import: NOT MEASURED"));
        table.add_best(Group::Sqlite, IMPORT, 2.0);
        assert!(aims(&table)[0].starts_with("2.50 times"));
    }
}

//! `cargo xtask bench store`: how long a file takes from the disk to the ledger, on each database, beside what the
//! database's own loader needs for the same rows in one table with an index on the key; and how much memory a server takes
//! that sends such rows out, many of them and a tenth of these.

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
        table.add_best(Group::Sqlite, "tarazu ingest", ended.time.as_secs_f64());
        table.add_worst_memory("tarazu ingest, SQLite", ended.memory);
        if environment::finds(&tools::program_file("sqlite3")) {
            let seconds = import(&clean, &data)?;
            table.add_best(Group::Sqlite, "sqlite3, .import", seconds);
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
        table.add_best(Group::Postgres, "tarazu ingest", ended.time.as_secs_f64());
        table.add_worst_memory("tarazu ingest, PostgreSQL", ended.memory);
        let url = database.create(&format!("loader{round}"))?;
        let seconds = copy(&database, &clean, &url)?;
        table.add_best(Group::Postgres, "psql, \\copy", seconds);
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
    for (name, [with_few, with_many]) in [("SQLite", sqlite), ("PostgreSQL", postgres)] {
        exports::print(name, (rows / 10, &with_few), (rows, &with_many));
    }
    Ok(())
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

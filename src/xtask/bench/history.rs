//! `cargo xtask bench history`: how quickly lists, aggregates and pages answer when a thousand runs lie behind them.

use super::{
    file::{Faults, File},
    process,
};
use crate::{
    folders,
    postgres::{Durability, Postgres},
    report::say,
    server::{self, Profile, Server},
    stopwatch::Stopwatch,
};
use anyhow::{Context, Result, ensure};
use serde_json::Value;
use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

/// How often each address is asked.
const TIMES: usize = 100;

/// Files that one process takes in: some, so that starting it does not count, and few enough to lie on the disk.
const FILES: usize = 50;

/// Ingests `runs` files of `rows` rows each into a new ledger, then asks for everything that grows with them. With `keep`
/// the ledger stays, and one that stayed is asked again; on PostgreSQL none does.
///
/// # Errors
/// When something cannot be built or started, a file does not get in, or an address does not answer.
pub fn history(runs: u32, rows: u32, postgres: bool, keep: bool) -> Result<()> {
    let tarazu = server::build(Profile::Release)?;
    let file = File::generate(&tarazu, rows, Faults::Usual)?;
    let text = fs::read_to_string(&file.path)?;
    let folder = folders::target().join("bench").join("history");
    let there = keep && !postgres && folder.join("whole").exists();
    if !there {
        fs::remove_dir_all(&folder).ok();
    }
    let database = postgres
        .then(|| Postgres::start(Durability::AsInstalled))
        .transpose()?;
    let url = database.as_ref().map(Postgres::url);
    let watch = Stopwatch::start();
    let numbers: Vec<u32> = (0..runs).collect();
    for numbers in numbers.chunks(FILES).filter(|_| !there) {
        let files = write(&folder.join("files"), numbers, &text)?;
        let mut command = Command::new(&tarazu);
        command
            .arg("ingest")
            .args(&files)
            .arg("--data-dir")
            .arg(folder.join("data"));
        command.env_remove("DATABASE_URL");
        if let Some(url) = &url {
            command.env("DATABASE_URL", url);
        }
        let ended = process::time(&mut command)?;
        ensure!(ended.code == Some(0), "tarazu ingest: {}", ended.output);
        fs::remove_dir_all(folder.join("files"))?;
    }
    if !there {
        fs::write(folder.join("whole"), "")?;
        say(&format!(
            "{runs} runs of {rows} rows taken in within {:.0} s",
            watch.read().as_secs_f64()
        ));
    }
    let address = server::free_address()?;
    let started = Server::start_on(
        &tarazu,
        &address,
        &folder.join("data"),
        &folders::site(),
        url.as_deref(),
    )?;
    ask(&started)?;
    drop(started);
    if !keep {
        fs::remove_dir_all(&folder)?;
    }
    Ok(())
}

/// The same rows under keys of each run's own.
fn write(folder: &Path, numbers: &[u32], text: &str) -> Result<Vec<PathBuf>> {
    fs::create_dir_all(folder)?;
    let write = |number: &u32| {
        let path = folder.join(format!("sales-{number:04}.csv"));
        fs::write(&path, text.replace("\nORD", &format!("\nR{number:04}-ORD")))?;
        Ok(path)
    };
    numbers.iter().map(write).collect()
}

fn ask(server: &Server) -> Result<()> {
    let runs: Value = serde_json::from_slice(&server.get("/api/v1/runs")?)?;
    let newest = runs["runs"][0]["id"].as_str().context("there is no run")?;
    let older = runs["next"].as_str().unwrap_or(newest);
    let run = |path: &str| path.replace("RUN", newest);
    let addresses = [
        "/api/v1/runs".to_owned(),
        format!("/api/v1/runs?before={older}"),
        run("/api/v1/runs/RUN"),
        run("/api/v1/runs/RUN/findings?severity=error"),
        run("/api/v1/runs/RUN/findings?code=UNQ01"),
        "/api/v1/sales".to_owned(),
        "/api/v1/sales?by=month&region=North".to_owned(),
        "/api/v1/quality".to_owned(),
        "/api/v1/rows".to_owned(),
        "/api/v1/rows?region=North&sort=revenue".to_owned(),
        "/api/v1/rows?sort=revenue&direction=ascending".to_owned(),
        "/api/v1/rows?from=2026-03-01&to=2026-03-31&category=Snacks".to_owned(),
        "/api/v1/rows?key=R0500-ORD00001".to_owned(),
        run("/api/v1/rows?run=RUN&sort=revenue"),
        "/api/v1/rows?state=withdrawn".to_owned(),
        "/api/v1/search?q=R0500-ORD0000123".to_owned(),
        "/api/v1/exceptions".to_owned(),
        "/api/v1/exceptions?code=VAL02".to_owned(),
        "/api/v1/exceptions?column=order_date".to_owned(),
        "/api/v1/exceptions?column=order_date&sort=money".to_owned(),
        "/api/v1/exceptions?sort=money&region=South".to_owned(),
        "/api/v1/exceptions?sort=category".to_owned(),
        "/api/v1/exceptions?q=r0500-ord".to_owned(),
        "/api/v1/exceptions/overview".to_owned(),
        "/".to_owned(),
        "/runs".to_owned(),
        run("/runs/RUN"),
        "/sales".to_owned(),
        "/quality".to_owned(),
        "/exceptions".to_owned(),
        "/rows".to_owned(),
        "/search?q=R0500-ORD0000123".to_owned(),
        "/audit".to_owned(),
    ];
    say(&format!(
        "{:<58}{:>8}{:>8}{:>8}",
        "milliseconds, of 100 answers each", "median", "95 %", "KB"
    ));
    for path in addresses {
        let shown = path.replace(newest, "RUN").replace(older, "OLDER");
        let mut times = Vec::with_capacity(TIMES);
        let mut bytes = 0;
        for _ in 0..TIMES {
            let watch = Stopwatch::start();
            bytes = server.get(&path)?.len();
            times.push(watch.read().as_secs_f64() * 1e3);
        }
        times.sort_by(f64::total_cmp);
        let at = |share: usize| times.get(TIMES * share / 100).copied().unwrap_or_default();
        say(&format!(
            "{shown:<58}{:>8.1}{:>8.1}{:>8}",
            at(50),
            at(95),
            bytes / 1000
        ));
    }
    Ok(())
}

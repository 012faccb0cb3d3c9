//! `cargo xtask bench pages`: how soon each page stands in Chromium, over a year of runs.

use super::{
    file::{Faults, File},
    yardsticks,
};
use crate::{
    chromium, folders, node, program,
    report::say,
    server::{self, Profile, Server},
    setup::Builders,
    site,
};
use anyhow::{Context, Result};
use serde::Deserialize;
use std::{fs, process::Command};

/// Two files a month.
const RUNS: u32 = 24;
const ROWS: u32 = 5_000;

const PATHS: [&str; 8] = [
    "/",
    "/runs",
    "/sales",
    "/quality",
    "/exceptions",
    "/rows",
    "/audit",
    "/controls",
];

#[derive(Deserialize)]
struct Measured {
    pages: Vec<Page>,
    /// Milliseconds from a changed filter to the redrawn chart.
    filter: f64,
}

/// Times are milliseconds.
#[derive(Deserialize)]
struct Page {
    path: String,
    /// Bytes of scripts and WASM, as sent, without those of workers.
    program: u32,
    /// Largest Contentful Paint
    paint: f64,
    /// Cumulative Layout Shift
    shift: f64,
    /// When the last of its WASM had come.
    ready: f64,
}

/// Fills a new ledger, opens every page of it, and prints what Chromium says.
///
/// # Errors
/// When something cannot be built or started, a file does not get in, or a page does not answer.
pub fn pages(times: u32) -> Result<()> {
    let tarazu = server::build(Profile::Release)?;
    let site = site::build(&Builders::set_up()?)?;
    let browser = chromium::set_up()?;
    let folder = folders::target().join("bench").join("pages");
    fs::remove_dir_all(&folder).ok();
    fs::create_dir_all(&folder)?;
    let file = File::generate(&tarazu, ROWS, Faults::Usual)?;
    let text = fs::read_to_string(&file.path)?;
    let mut ingest = Command::new(&tarazu);
    ingest
        .arg("ingest")
        .arg("--data-dir")
        .arg(folder.join("data"));
    for number in 0..RUNS {
        let path = folder.join(format!("sales-{number:02}.csv"));
        fs::write(&path, text.replace("\nORD", &format!("\nR{number:02}-ORD")))?;
        ingest.arg(path);
    }
    program::read(ingest.env_remove("DATABASE_URL"))?;
    let server = Server::start(
        &tarazu,
        &server::free_address()?,
        &folder.join("data"),
        &site,
    )?;
    let mut command = node::script(&yardsticks::folder().join("pages.mjs"));
    command
        .arg(server.url())
        .arg(times.max(1).to_string())
        .arg(folders::end2end().join("package.json"))
        .args(PATHS)
        .env_remove("CHROMIUM");
    if let Some(browser) = browser {
        command.env("CHROMIUM", browser);
    }
    let answer = program::read(&mut command);
    drop(server);
    fs::remove_dir_all(&folder)?;
    let measured: Measured = serde_json::from_str(&answer?)
        .context("the browser's benchmark answered something else")?;
    say(&format!(
        "{RUNS} runs of {ROWS} rows, median of {times}, cold; scripts and WASM in kilobytes as sent"
    ));
    say(&format!(
        "{:<16}{:>22}{:>18}{:>16}{:>20}",
        "milliseconds", "largest paint", "scripts and WASM", "all there", "layout shift"
    ));
    for page in measured.pages {
        say(&format!(
            "{:<16}{:>22.0}{:>18.0}{:>16.0}{:>20.3}",
            page.path,
            page.paint,
            f64::from(page.program) / 1e3,
            page.ready,
            page.shift
        ));
    }
    say(&format!(
        "from a changed filter to the redrawn chart: {:.0} ms",
        measured.filter
    ));
    Ok(())
}

//! Chromium: the real page of a server that was built for release, and Papa Parse in a worker of the same browser.

use super::{
    file::File,
    process::Counts,
    table::{Group, Table},
    yardsticks,
};
use crate::{
    chromium, folders, node, program,
    report::say,
    server::{self, Server},
};
use anyhow::{Context, Result};
use serde::Deserialize;
use std::{fs, path::Path};

#[derive(Deserialize)]
struct Measured {
    /// Seconds from the drop to the verdict on the page.
    verdict: f64,
    /// The longest task of the main thread in milliseconds; zero where none took 50.
    blocked: f64,
    /// The longest pause between two frames in milliseconds.
    gap: f64,
    /// Bytes of the worker's WASM memory, which never shrinks.
    wasm: u64,
    /// Bytes of the page's process at most, its worker included, where the system tells.
    memory: Option<u64>,
    papaparse: Papaparse,
}

#[derive(Deserialize)]
struct Papaparse {
    version: String,
    /// From choosing the file to the counts.
    seconds: f64,
    blocked: f64,
    gap: f64,
    memory: Option<u64>,
    counts: Counts,
}

/// Adds the page and Papa Parse to the table, says how long the main thread was busy, and returns where the counts
/// differ.
pub(super) fn measure(
    tarazu: &Path,
    site: &Path,
    file: &File,
    counts: &Counts,
    times: u32,
    table: &mut Table,
) -> Result<Vec<String>> {
    let browser = chromium::set_up()?;
    let data = folders::target().join(format!("bench/data-{}", std::process::id()));
    fs::create_dir_all(&data).with_context(|| format!("{} cannot be made", data.display()))?;
    let server = Server::start(tarazu, &server::free_address()?, &data, site)?;
    let mut command = node::script(&yardsticks::folder().join("browser.mjs"));
    command
        .arg(server.url())
        .arg(yardsticks::task(file, times, 1)?)
        .arg(folders::end2end().join("package.json"))
        .env_remove("CHROMIUM");
    if let Some(browser) = browser {
        command.env("CHROMIUM", browser);
    }
    let answer = program::read(&mut command);
    drop(server);
    let removed = fs::remove_dir_all(&data);
    let measured: Measured = serde_json::from_str(&answer?)
        .context("the browser's benchmark answered something else")?;
    removed.with_context(|| format!("{} cannot be removed", data.display()))?;
    let theirs = measured.papaparse;
    let who = format!("Papa Parse {} in a worker", theirs.version);
    table.add(
        Group::Browser,
        "from the drop to the verdict",
        measured.verdict,
    );
    table.add(Group::Browser, &who, theirs.seconds);
    table.add_memory(
        Group::BrowserMemory,
        "the worker's WASM",
        Some(measured.wasm),
    );
    table.add_memory(
        Group::BrowserMemory,
        "the page's process, worker included",
        measured.memory,
    );
    table.add_memory(
        Group::BrowserMemory,
        &format!("the process of {who}"),
        theirs.memory,
    );
    for (who, blocked, gap) in [
        ("the page", measured.blocked, measured.gap),
        (&who, theirs.blocked, theirs.gap),
    ] {
        let task = if blocked > 0.0 {
            format!("took {blocked:.0} ms")
        } else {
            "took less than 50 ms".to_owned()
        };
        say(&format!(
            "{who}: the longest task of the main thread {task}, the longest pause between frames {gap:.0} ms"
        ));
    }
    Ok(yardsticks::differences(&who, &theirs.counts, counts))
}

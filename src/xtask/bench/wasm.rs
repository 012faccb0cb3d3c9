//! The worker's WASM, as the pages load it, under Node: V8 runs it as Chromium does. Beside the verdict it draws up
//! the sales figures that the page shows, which the native times leave out.

use super::{EVALUATED_AT, line, megabytes};
use crate::{folders, node, program, report::say};
use anyhow::{Context, Result};
use serde::Deserialize;
use std::{fs, path::Path, time::Duration};

#[derive(Deserialize)]
struct Measured {
    seconds: f64,
    rows: u64,
    /// Bytes.
    memory: u64,
}

pub(super) fn worker(site: &Path, file: &Path, times: u32) -> Result<()> {
    let script = folders::root().join("src/xtask/bench/wasm.mjs");
    let answer = program::read(
        node::script(&script)
            .arg(site)
            .arg(file)
            .args([EVALUATED_AT, &times.max(1).to_string()]),
    )?;
    let measured: Measured =
        serde_json::from_str(&answer).context("the WASM benchmark answered something else")?;
    say(&line(
        "WASM worker, with figures",
        measured.rows,
        fs::metadata(file)?.len(),
        Duration::try_from_secs_f64(measured.seconds)?,
    ));
    say(&format!(
        "{:<28}{:>8.1} MB of WASM memory",
        "WASM worker, with figures",
        megabytes(measured.memory)
    ));
    Ok(())
}

//! The worker's WASM, as the pages load it, under Node: V8 runs it as Chromium does.

use super::{EVALUATED_AT, line, megabytes};
use crate::{folders, node, program, report::say};
use anyhow::{Context, Result};
use serde::Deserialize;
use std::{fs, path::Path, time::Duration};

#[derive(Deserialize)]
struct Measured {
    /// Seconds from asking to the verdict.
    verdict: f64,
    /// Seconds from asking to the sales figures, which follow the verdict.
    figures: f64,
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
    let size = fs::metadata(file)?.len();
    for (way, seconds) in [
        ("WASM in V8, 1 thread", measured.verdict),
        ("  with the sales figures", measured.figures),
    ] {
        let time = Duration::try_from_secs_f64(seconds)?;
        say(&line(way, measured.rows, size, time));
    }
    say(&format!(
        "{:<28}{:>8.1} MB of WASM memory",
        "WASM in V8, 1 thread",
        megabytes(measured.memory)
    ));
    Ok(())
}

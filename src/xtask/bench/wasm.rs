//! The worker's WASM, as the pages load it, under Node: V8 runs it as Chromium does.

use super::{
    EVALUATED_AT,
    file::File,
    megabytes,
    table::{Group, Table},
};
use crate::{folders, node, program, report::say};
use anyhow::{Context, Result, ensure};
use serde::Deserialize;
use std::{fs, path::Path};

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

/// Adds the worker to the table, beside `native` seconds on one thread, and says what else is to be known of it.
pub(super) fn worker(
    site: &Path,
    file: &File,
    rows: u32,
    times: u32,
    native: f64,
    table: &mut Table,
) -> Result<()> {
    let script = folders::root().join("src/xtask/bench/wasm.mjs");
    let answer = program::read(
        node::script(&script)
            .arg(site)
            .arg(&file.path)
            .args([EVALUATED_AT, &times.max(1).to_string()]),
    )?;
    let measured: Measured =
        serde_json::from_str(&answer).context("the WASM benchmark answered something else")?;
    ensure!(
        measured.rows == u64::from(rows),
        "the worker read {} rows",
        measured.rows
    );
    table.add(Group::Targets, "native", native);
    table.add(Group::Targets, "WASM in V8", measured.verdict);
    table.add(
        Group::Targets,
        "WASM in V8, with the sales figures",
        measured.figures,
    );
    say(&format!(
        "WASM memory of the worker: {:.1} MB",
        megabytes(measured.memory)
    ));
    let packed = site.join("worker_bg.wasm.br");
    let packed =
        fs::metadata(&packed).with_context(|| format!("{} is not there", packed.display()))?;
    say(&format!(
        "the worker's program: {} bytes in Brotli",
        packed.len()
    ));
    Ok(())
}

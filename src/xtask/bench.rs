//! `cargo xtask bench`: how fast the engine judges, natively and in WASM, on a generated file.

mod native;
mod wasm;

use crate::{
    folders, program,
    report::say,
    server::{self, Profile},
    setup::Builders,
    site, tools,
};
use anyhow::{Context, Result};
use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

pub use native::inside;

/// The day after the last row, so that no row lies in the future.
const EVALUATED_AT: &str = "2026-07-01T00:00:00Z";
const END: &str = "2026-06-30";
const SEED: &str = "7";

/// Generates `rows` rows and judges them `times` times in each way.
///
/// # Errors
/// When something cannot be built, generated or judged.
pub fn run(rows: u32, times: u32) -> Result<()> {
    let site = site::build(&Builders::set_up()?)?;
    let tarazu = server::build(Profile::Release)?;
    program::run(tools::cargo().args(["build", "--release", "--package", "xtask"]))?;
    let file = generate(&tarazu, rows)?;
    say(&format!(
        "{rows} rows, {:.1} MB, best of {times}",
        megabytes(fs::metadata(&file)?.len())
    ));
    // A release build of this program: the one that runs now is built for quick compilation.
    let own = tools::native_target()?
        .join("release")
        .join(tools::program_file("xtask"));
    program::run(
        Command::new(own)
            .args(["bench", "--times", &times.to_string(), "--inside"])
            .arg(&file),
    )?;
    native::whole_process(&tarazu, &file)?;
    wasm::worker(&site, &file, times)
}

/// The same file for the same number of rows, every time.
fn generate(tarazu: &Path, rows: u32) -> Result<PathBuf> {
    let folder = folders::target().join("bench");
    fs::create_dir_all(&folder).with_context(|| format!("{} cannot be made", folder.display()))?;
    let file = folder.join(format!("sales-{rows}.csv"));
    program::read(
        Command::new(tarazu)
            .args(["generate", "--rows", &rows.to_string()])
            .args(["--seed", SEED, "--end", END, "--out"])
            .arg(&file),
    )?;
    Ok(file)
}

/// One line of the report.
fn line(way: &str, rows: u64, bytes: u64, time: Duration) -> String {
    let seconds = time.as_secs_f64().max(f64::MIN_POSITIVE);
    #[expect(
        clippy::cast_precision_loss,
        reason = "a speed is shown with three digits"
    )]
    let rows_a_second = rows as f64 / seconds;
    format!(
        "{way:<28}{seconds:>8.3} s {:>8.2} million rows/s {:>8.0} MB/s",
        rows_a_second / 1e6,
        megabytes(bytes) / seconds
    )
}

/// Of a million bytes each.
fn megabytes(bytes: u64) -> f64 {
    #[expect(
        clippy::cast_precision_loss,
        reason = "a size is shown with three digits"
    )]
    let bytes = bytes as f64;
    bytes / 1e6
}

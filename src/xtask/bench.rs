//! `cargo xtask bench`: how fast the engine judges, natively and in WASM, beside the yardsticks: tools that people
//! use for the same. Counts of the yardsticks and of the engine are compared, so that all do the same work.

mod file;
mod inside;
mod process;
mod table;
mod wasm;
mod yardsticks;

use crate::{
    program,
    report::say,
    server::{self, Profile},
    setup::Builders,
    site, tools,
};
use anyhow::Result;
use file::{Faults, File};
use table::{Group, Table};

pub use inside::inside;

/// The day after the last row, so that no row lies in the future.
const TODAY: &str = "2026-07-01";
const EVALUATED_AT: &str = "2026-07-01T00:00:00Z";

/// What is measured, and how often.
#[derive(Debug, Clone, Copy)]
pub struct Settings {
    pub rows: u32,
    /// The best of so many counts.
    pub times: u32,
    /// Leave WASM out.
    pub native: bool,
}

/// Generates the files, judges them in each way, and prints a table.
///
/// # Errors
/// When something cannot be built, generated or judged, or a yardstick counts differently from the engine.
pub fn run(settings: Settings) -> Result<()> {
    let Settings { rows, times, .. } = settings;
    let tarazu = server::build(Profile::Release)?;
    program::run(tools::cargo().args(["build", "--release", "--package", "xtask"]))?;
    // A release build of this program: the one that runs now is built for quick compilation.
    let own = tools::native_target()?
        .join("release")
        .join(tools::program_file("xtask"));
    let file = File::generate(&tarazu, rows, Faults::Usual)?;
    let mut table = Table::default();
    let checked = process::check(&tarazu, &file, times)?;
    say(&format!(
        "{rows} rows, {:.1} MB, {} of them exceptions, best of {times}",
        megabytes(file.bytes),
        checked.counts.get("exceptions").unwrap_or(&0),
    ));
    table.add(Group::Process, "tarazu check", checked.seconds);
    let usual = inside::measure(&own, &file, times)?;
    table.add(Group::OneThread, "the engine", usual.one_thread);
    table.add(Group::AllThreads, "the engine", usual.all_threads);
    table.add(
        Group::Records,
        "the engine, with everything",
        usual.one_thread,
    );
    table.add(Group::Records, "csv", usual.csv);
    table.add(Group::Records, "simd-csv", usual.simd_csv);
    table.add(Group::Threads, "on one thread", usual.one_thread);
    table.add(Group::Threads, "on all cores", usual.all_threads);
    for (name, faults) in [
        ("no row fails", Faults::None),
        ("every row fails", Faults::All),
    ] {
        let file = File::generate(&tarazu, rows, faults)?;
        let measured = inside::measure(&own, &file, times)?;
        table.add(Group::Faults, name, measured.one_thread);
    }
    table.add(Group::Faults, "the usual share", usual.one_thread);
    let agree = yardsticks::measure(&file, &checked.counts, times, &mut table);
    if !settings.native {
        let site = site::build(&Builders::set_up()?)?;
        wasm::worker(&site, &file, rows, times, usual.one_thread, &mut table)?;
    }
    table.print();
    if let Some(memory) = checked.memory {
        say(&format!(
            "memory of `tarazu check`: {:.1} MB at most",
            megabytes(memory)
        ));
    } else {
        say("memory of `tarazu check`: not measured on this system");
    }
    agree
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

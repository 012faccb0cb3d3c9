//! `cargo xtask bench`: how fast the engine judges, natively and in WASM, beside the yardsticks: tools that people
//! use for the same. Counts of the yardsticks and of the engine are compared, so that all do the same work.

mod browser;
mod exports;
mod file;
mod history;
mod inside;
mod pages;
mod process;
mod store;
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
use anyhow::{Result, ensure};
use file::{Faults, File};
use table::{Group, Table};
use yardsticks::Yardsticks;

pub use history::history;
pub use inside::inside;
pub use pages::pages;
pub use store::store;

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
    /// Measure the page in Chromium too.
    pub browser: bool,
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
    table.add_memory(Group::Memory, "tarazu check", checked.memory);
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
    table.add(Group::Faults, "the usual share", usual.one_thread);
    let yardsticks = Yardsticks::set_up();
    let mut differences = yardsticks.measure(&file, &checked.counts, times, &mut table)?;
    for (name, group, faults) in [
        ("no row fails", Group::NoFaults, Faults::None),
        ("every row fails", Group::AllFaults, Faults::All),
    ] {
        let file = File::generate(&tarazu, rows, faults)?;
        let counts = process::check(&tarazu, &file, 1)?.counts;
        let measured = inside::measure(&own, &file, times)?;
        table.add(Group::Faults, name, measured.one_thread);
        table.add(group, "the engine", measured.one_thread);
        differences.extend(yardsticks.on_one_thread(group, &file, &counts, times, &mut table)?);
    }
    if !settings.native {
        let site = site::build(&Builders::set_up()?)?;
        wasm::worker(&site, &file, rows, times, usual.one_thread, &mut table)?;
        if settings.browser {
            differences.extend(browser::measure(
                &tarazu,
                &site,
                &file,
                &checked.counts,
                times,
                &mut table,
            )?);
        }
    }
    table.print();
    if checked.memory.is_none() {
        say("memory: not measured on this system");
    }
    ensure!(
        differences.is_empty(),
        "the yardsticks count something else than the engine:\n{}",
        differences.join("\n")
    );
    Ok(())
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

//! `cargo xtask`: one subcommand for each task.

use anyhow::Result;
use clap::{Parser, Subcommand, ValueEnum};
use std::{io::Write, path::PathBuf, process::ExitCode};
use xtask::{bench, fuzz, mutants, new, serve, setup, test, texts};

#[derive(Parser)]
#[command(name = "cargo xtask", about = "The tasks of this repository")]
struct Arguments {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Install what the other tasks need, where it is missing.
    Setup,
    /// Build everything for release and serve it until it is stopped.
    Serve {
        /// Where to listen.
        #[arg(long, default_value = "127.0.0.1:3000")]
        addr: String,
    },
    /// Run every check and test; the first failure stops.
    Test {
        /// Also run what takes longer.
        #[arg(long)]
        long: bool,
        /// Run these steps alone.
        #[arg(long, value_enum, value_name = "STEP", num_args = 1..)]
        only: Vec<test::Step>,
    },
    /// Throw drawn bytes at the engine, each fuzz target for a bounded time.
    Fuzz {
        /// How long each target runs.
        #[arg(long, default_value_t = 60)]
        seconds: u32,
    },
    /// Break the engine in many small ways, one at a time, and see whether its tests notice.
    Mutants {
        /// Try those alone that have this in their name or file.
        only: Option<String>,
    },
    /// Make the files and lines of a new control, to be filled in.
    New {
        /// Three letters of a dimension and two digits, such as VAL12.
        code: String,
        /// What is wrong with the data, such as blank-required-value.
        name: String,
    },
    /// Gather the texts of the pages for translators, in src/model/texts/tarazu.pot.
    Texts {
        /// Also write the translation en-XA, in which every text stands in brackets and is longer by a third.
        #[arg(long)]
        pseudo: bool,
    },
    /// Print the speed of the engine, native and in WASM, or of the store, beside other tools, or of the pages.
    Bench {
        #[arg(value_enum, default_value_t = What::Engine)]
        what: What,
        /// How many rows to generate: 1,000,000, or 12,000,000 of a history.
        #[arg(long)]
        rows: Option<u32>,
        /// How often each is measured; the best counts.
        #[arg(long, default_value_t = 5)]
        times: u32,
        /// Leave WASM out.
        #[arg(long)]
        native: bool,
        /// Measure the page in Chromium too.
        #[arg(long, conflicts_with = "native")]
        browser: bool,
        /// How many runs the history has.
        #[arg(long, default_value_t = 1_000)]
        runs: u32,
        /// The history on PostgreSQL.
        #[arg(long)]
        postgres: bool,
        /// Leave the history, and ask the one that was left.
        #[arg(long, conflicts_with = "postgres")]
        keep: bool,
        /// Time the engine on this file inside this process: what the task itself calls, built for release.
        #[arg(long, hide = true, value_name = "FILE")]
        inside: Option<PathBuf>,
    },
}

/// Of the file that is measured.
const ROWS: u32 = 1_000_000;

#[derive(Clone, Copy, ValueEnum)]
enum What {
    /// From the file to the verdict.
    Engine,
    /// From the file to the ledger, on each database.
    Store,
    /// Lists, aggregates and pages over a thousand runs, of which ten million rows are in the ledger.
    History,
    /// How soon each page stands in Chromium.
    Pages,
}

fn main() -> ExitCode {
    match start(Arguments::parse().task) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            // With its causes, and without a backtrace: it says which program failed, not where we called it.
            let mut errors = std::io::stderr().lock();
            writeln!(errors, "error: {failure:#}").ok();
            ExitCode::FAILURE
        }
    }
}

fn start(task: Task) -> Result<()> {
    match task {
        Task::Setup => setup::run(),
        Task::Serve { addr } => serve::run(&addr),
        Task::Test { long, only } => test::run(long, &only),
        Task::Fuzz { seconds } => fuzz::run(seconds),
        Task::New { code, name } => new::run(&code, &name),
        Task::Texts { pseudo } => texts::run(pseudo),
        Task::Mutants { only } => mutants::run(only.as_deref()),
        Task::Bench {
            times,
            inside: Some(file),
            ..
        } => bench::inside(&file, times),
        Task::Bench {
            what: What::Store,
            rows,
            times,
            ..
        } => bench::store(rows.unwrap_or(ROWS), times),
        Task::Bench {
            what: What::Pages,
            times,
            ..
        } => bench::pages(times),
        Task::Bench {
            what: What::History,
            rows,
            runs,
            postgres,
            keep,
            ..
        } => bench::history(
            runs,
            rows.unwrap_or(12 * ROWS) / runs.max(1),
            postgres,
            keep,
        ),
        Task::Bench {
            rows,
            times,
            native,
            browser,
            ..
        } => bench::run(bench::Settings {
            rows: rows.unwrap_or(ROWS),
            times,
            native,
            browser,
        }),
    }
}

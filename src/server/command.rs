//! The command line: what `tarazu` understands. Each command is a file of its own.

pub mod audit;
pub mod check;
pub mod contract;
pub mod evidence;
pub mod generate;
pub mod ingest;
pub mod reading;
pub mod serve;

pub mod report;
mod reports;

use clap::{Parser, Subcommand};
use std::{io::Write, process::ExitCode};

/// Weighs a sales file before it counts: what is wrong with it, row by row, and what it adds up to.
#[derive(Debug, Parser)]
#[command(name = "tarazu", version)]
pub struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Start the server: pages, REST interface and runs
    Serve(crate::settings::ServeArgs),
    /// Judge files without keeping anything. Exit code: 0 thresholds met, 1 not met, 2 held or not judged
    Check(check::CheckArgs),
    /// Judge files and keep them: accepted rows in the ledger, the others among the exceptions
    Ingest(ingest::IngestArgs),
    /// Write a sample file with planted faults
    Generate(generate::GenerateArgs),
    /// Look into contracts: what a file must satisfy
    Contract {
        #[command(subcommand)]
        command: contract::ContractCommand,
    },
    /// Write all that speaks for a run, or for the runs of a time, into one file
    Evidence(evidence::EvidenceArgs),
    /// Look into the audit log
    Audit {
        #[command(subcommand)]
        command: audit::AuditCommand,
    },
}

impl Cli {
    /// Does what was asked. `out` takes answers, `err` what is about the asking itself.
    ///
    /// # Errors
    /// What kept the command from being carried out at all, in plain words.
    pub fn run(self, out: &mut dyn Write, err: &mut dyn Write) -> anyhow::Result<ExitCode> {
        match self.command {
            Command::Serve(args) => serve::serve(args, out),
            Command::Check(args) => check::check(&args, out, err),
            Command::Ingest(args) => ingest::ingest(&args, out, err),
            Command::Generate(args) => generate::generate(&args, out),
            Command::Contract { command } => contract::run(&command, out, err),
            Command::Evidence(args) => evidence::evidence(&args, out),
            Command::Audit { command } => audit::run(&command, out),
        }
    }
}

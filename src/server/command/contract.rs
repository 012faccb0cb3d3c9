//! `tarazu contract`: looks into contracts, compares them and writes them in other forms.

mod infer;
mod shown;

use crate::contracts;
use clap::{Args, Subcommand, ValueEnum};
use engine::contract::{Contract, diff, export, odcs, text};
use std::{fs, io::Write, path::PathBuf, process::ExitCode};

#[derive(Debug, Clone, Subcommand)]
pub enum ContractCommand {
    /// Say everything that is wrong with contracts, by line and column. Exit code: 0 they are whole, 1 they are not, 2
    /// not read
    Validate {
        /// Files of the Open Data Contract Standard, or of our own JSON form
        #[arg(required = true, value_name = "FILE")]
        files: Vec<PathBuf>,
    },
    /// Show what a contract asks for, with its fingerprint. Exit code: 0 shown, 2 no contract
    Show {
        #[command(flatten)]
        contract: OneContract,
        /// For people, as a file of the standard, or in our own JSON form
        #[arg(long, value_enum, default_value_t = ShowFormat::Text)]
        format: ShowFormat,
    },
    /// Propose a contract for a file, on the standard output. Exit code: 0 proposed, 2 not read
    Infer(infer::InferArgs),
    /// Say in words what a second contract asks for otherwise. Exit code: 0 nothing, 1 something, 2 no contract
    Diff {
        /// The contract that there is: a file, or `sales`
        #[arg(value_name = "OLD")]
        old: PathBuf,
        /// The one that is to take its place
        #[arg(value_name = "NEW")]
        new: PathBuf,
        /// Exit with 1 only where a file that meets OLD may fail NEW
        #[arg(long)]
        breaking: bool,
    },
    /// Write a contract in the words of another standard. Exit code: 0 written, 2 no contract
    Export {
        #[command(flatten)]
        contract: OneContract,
        /// JSON Schema 2020-12 of a row, a Frictionless Table Schema, or a file of the Open Data Contract Standard
        #[arg(long, value_enum)]
        to: ExportFormat,
    },
}

#[derive(Debug, Clone, Args)]
pub struct OneContract {
    /// A file, or `sales`, the contract that comes with the program
    #[arg(value_name = "FILE_OR_NAME")]
    contract: PathBuf,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ShowFormat {
    Text,
    Yaml,
    Json,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ExportFormat {
    JsonSchema,
    TableSchema,
    Odcs,
}

pub fn run(
    command: &ContractCommand,
    out: &mut dyn Write,
    err: &mut dyn Write,
) -> anyhow::Result<ExitCode> {
    match command {
        ContractCommand::Validate { files } => validate(files, out, err),
        ContractCommand::Show { contract, format } => {
            let contract = contracts::read(&contract.contract)?;
            match format {
                ShowFormat::Text => shown::contract(&contract, out)?,
                ShowFormat::Yaml => write!(out, "{}", odcs::write(&contract))?,
                ShowFormat::Json => {
                    let text = serde_json::to_string_pretty(&contract)?;
                    writeln!(out, "{text}")?;
                }
            }
            Ok(ExitCode::SUCCESS)
        }
        ContractCommand::Infer(args) => infer::infer(args, out),
        ContractCommand::Diff { old, new, breaking } => {
            let (old, new) = (contracts::read(old)?, contracts::read(new)?);
            differences(&old, &new, *breaking, out)
        }
        ContractCommand::Export { contract, to } => {
            let contract = contracts::read(&contract.contract)?;
            match to {
                ExportFormat::Odcs => write!(out, "{}", odcs::write(&contract))?,
                ExportFormat::JsonSchema => {
                    let schema = export::json_schema(&contract);
                    writeln!(out, "{}", serde_json::to_string_pretty(&schema)?)?;
                }
                ExportFormat::TableSchema => {
                    let schema = export::table_schema(&contract);
                    writeln!(out, "{}", serde_json::to_string_pretty(&schema)?)?;
                }
            }
            Ok(ExitCode::SUCCESS)
        }
    }
}

fn validate(
    files: &[PathBuf],
    out: &mut dyn Write,
    err: &mut dyn Write,
) -> anyhow::Result<ExitCode> {
    let mut code = 0;
    for path in files {
        let file = path.display();
        let content = match fs::read_to_string(path) {
            Ok(content) => content,
            Err(error) => {
                writeln!(err, "tarazu: {file}: {error}")?;
                code = 2;
                continue;
            }
        };
        match text::read(&content) {
            Ok(reading) if !reading.contract.contradictions().is_empty() => {
                code = code.max(1);
                for it in reading.contract.contradictions() {
                    writeln!(out, "{file}: error: {it}")?;
                }
            }
            Ok(reading) => {
                let it = reading.contract.reference();
                let fingerprint = &it.fingerprint;
                writeln!(
                    out,
                    "{file}: {} {} is whole, fingerprint {fingerprint}",
                    it.name, it.version
                )?;
                for note in &reading.notes {
                    let place = contracts::place(note.mark);
                    writeln!(out, "{file}:{place}: note: {}", note.text)?;
                }
            }
            Err(faults) => {
                code = code.max(1);
                for fault in &faults {
                    let place = contracts::place(fault.mark);
                    writeln!(out, "{file}:{place}: error: {}", fault.text)?;
                }
                let count = faults.len();
                let errors = if count == 1 { "error" } else { "errors" };
                writeln!(out, "{file}: {count} {errors}")?;
            }
        }
    }
    Ok(ExitCode::from(code))
}

fn differences(
    old: &Contract,
    new: &Contract,
    only_breaking: bool,
    out: &mut dyn Write,
) -> anyhow::Result<ExitCode> {
    let found = diff::differences(old, new);
    let breaking = found.iter().filter(|it| it.breaking).count();
    for it in &found {
        let mark = if it.breaking { "breaking" } else { "        " };
        writeln!(out, "{mark}  {}", it.text)?;
    }
    let (from, to) = (old.reference(), new.reference());
    let name = |it: &model::verdict::ContractRef| format!("{} {}", it.name, it.version);
    match found.len() {
        0 => writeln!(out, "{} and {} ask for the same", name(&from), name(&to))?,
        count => writeln!(
            out,
            "{} to {}: {count} changed, {breaking} of it such that a file that meets the first may fail the second",
            name(&from),
            name(&to)
        )?,
    }
    let differs = if only_breaking { breaking } else { found.len() };
    Ok(ExitCode::from(u8::from(differs > 0)))
}

//! `tarazu contract infer`: proposes a contract for a file.

use crate::{
    command::{reading::ReadingArgs, report::count},
    contracts::Contracts,
    run::judge,
    source::FileSource,
};
use anyhow::Context;
use clap::Args;
use engine::contract::{infer, odcs};
use std::{
    io::Write,
    path::{Path, PathBuf},
    process::ExitCode,
};

#[derive(Debug, Clone, Args)]
pub struct InferArgs {
    /// A sample of the files that the contract is to be for
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// What the contract is called; the file's name where it is not given
    #[arg(long)]
    name: Option<String>,
    #[command(flatten)]
    reading: ReadingArgs,
}

/// Writes the proposal as a file of the standard, with what to look at as comments.
pub(super) fn infer(args: &InferArgs, out: &mut dyn Write) -> anyhow::Result<ExitCode> {
    let path = &args.file;
    let file = path.display();
    let shipped = Contracts::shipped();
    let choice = args.reading.choice(&shipped)?;
    let opened = FileSource::open(path).with_context(|| format!("{file} cannot be opened"))?;
    let source = judge::unpack(opened, shipped.first(), &choice)?;
    let name = args.name.clone().unwrap_or_else(|| stem(path));
    let found = infer::infer(&source, &name, &choice)?;
    anyhow::ensure!(
        !found.contract.columns.is_empty(),
        "{file} has no columns to make a contract of"
    );
    let rows = count(found.rows);
    let first = if found.is_whole { "all" } else { "the first" };
    writeln!(
        out,
        "# Proposed from {first} {rows} rows of {file}; look it over."
    )?;
    for note in &found.notes {
        writeln!(out, "# {}", note.replace(['\n', '\r'], " "))?;
    }
    write!(out, "{}", odcs::write(&found.contract))?;
    Ok(ExitCode::SUCCESS)
}

/// The file's name, without its ending.
fn stem(path: &Path) -> String {
    let stem = path.file_stem().map(|it| it.to_string_lossy().into_owned());
    stem.unwrap_or_else(|| "contract".to_owned())
}

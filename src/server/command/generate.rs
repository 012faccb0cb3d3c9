//! `tarazu generate`: a sample file with planted faults.

use crate::clock;
use anyhow::Context;
use clap::{Args, ValueEnum};
use engine::{
    day,
    sample::{Planted, Sample, Share},
};
use serde::Serialize;
use std::{
    fs::File,
    io::{BufWriter, Write},
    path::{Path, PathBuf},
    process::ExitCode,
};

#[derive(Debug, Clone, Args)]
pub struct GenerateArgs {
    #[arg(long, default_value_t = 5000)]
    rows: u64,
    /// The same seed gives the same file everywhere
    #[arg(long, default_value_t = 7)]
    seed: u64,
    /// The last day of the twelve months that the file is about; today where it is absent
    #[arg(long, value_name = "DATE")]
    end: Option<String>,
    /// Leave out the columns that the contract could do without
    #[arg(long)]
    required_only: bool,
    /// How many rows have faults: about 14 %, none, or all of them
    #[arg(long, value_enum, default_value_t = Faults::Usual)]
    faults: Faults,
    /// The file to write
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    /// Write what was planted to this file, as a JSON list of line, code and column
    #[arg(long, value_name = "OUT.json")]
    planted: Option<PathBuf>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Faults {
    Usual,
    None,
    All,
}

impl From<Faults> for Share {
    fn from(it: Faults) -> Self {
        match it {
            Faults::Usual => Self::Usual,
            Faults::None => Self::None,
            Faults::All => Self::All,
        }
    }
}

#[derive(Serialize)]
struct PlantedLine {
    line: u64,
    code: &'static str,
    column: &'static str,
}

impl From<Planted> for PlantedLine {
    fn from(it: Planted) -> Self {
        Self {
            line: it.line,
            code: it.code,
            column: it.column,
        }
    }
}

pub fn generate(args: &GenerateArgs, out: &mut dyn Write) -> anyhow::Result<ExitCode> {
    let end = match &args.end {
        Some(text) => day::parse_iso(text)
            .with_context(|| format!("--end: `{text}` is no day such as 2026-02-02"))?,
        None => i32::try_from(clock::now().timestamp().div_euclid(86_400))?,
    };
    let sample = Sample {
        rows: args.rows,
        seed: args.seed,
        end,
        required_only: args.required_only,
        share: args.faults.into(),
    };
    let mut file = create(&args.out)?;
    let mut written = Ok(());
    let mut faults = 0_u64;
    let mut planted: Vec<PlantedLine> = Vec::new();
    sample.write(
        &mut |piece| {
            if written.is_ok() {
                written = file.write_all(piece);
            }
        },
        &mut |fault| {
            faults += 1;
            if args.planted.is_some() {
                planted.push(fault.into());
            }
        },
    );
    let cannot = || format!("{} cannot be written", args.out.display());
    written.and_then(|()| file.flush()).with_context(cannot)?;
    if let Some(path) = &args.planted {
        let mut file = create(path)?;
        serde_json::to_writer(&mut file, &planted)?;
        file.write_all(b"\n")?;
        file.flush()
            .with_context(|| format!("{} cannot be written", path.display()))?;
    }
    writeln!(
        out,
        "{}: {} rows up to {} with {faults} planted faults",
        args.out.display(),
        args.rows,
        day::iso(end)
    )?;
    Ok(ExitCode::SUCCESS)
}

fn create(path: &Path) -> anyhow::Result<BufWriter<File>> {
    let file = File::create(path).with_context(|| format!("{} cannot be made", path.display()))?;
    Ok(BufWriter::new(file))
}

//! `tarazu evidence`: all that speaks for a run, or for the runs of a time, in one file.

use super::{audit::existing, ingest::workspace};
use crate::{
    clock,
    evidence::{self, Span},
    settings::PlaceArgs,
};
use anyhow::Context;
use audit::sample::{self, Draw};
use clap::{Args, value_parser};
use model::{
    id::{RunId, WorkspaceId},
    run::Run,
};
use std::{
    fs::{self, File},
    io::{BufWriter, Write},
    path::PathBuf,
    process::ExitCode,
    str::FromStr,
};
use store::Store;
use tokio::runtime::{Handle, Runtime};

#[derive(Debug, Clone, Args)]
pub struct EvidenceArgs {
    /// A run's id, or when the runs began, in Indian time: 2026, 2026-02, 2026-02-14 or 2026-02-01..2026-02-14
    #[arg(value_name = "RUN|PERIOD")]
    what: What,
    /// The file that is written
    #[arg(long, value_name = "FILE.zip")]
    out: PathBuf,
    /// How many accepted rows, drawn by chance, are traced from the ledger to their lines
    #[arg(long, value_name = "N", default_value_t = sample::USUAL, value_parser = value_parser!(u32).range(..=i64::from(sample::MOST)))]
    sample: u32,
    /// The workspace of the runs
    #[arg(long, default_value = "main")]
    workspace: String,
    #[command(flatten)]
    places: PlaceArgs,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum What {
    Run(RunId),
    Span(Span),
}

impl FromStr for What {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if let Ok(id) = RunId::try_from(text.to_owned()) {
            return Ok(Self::Run(id));
        }
        let (from, to) = text.split_once("..").unwrap_or((text, text));
        let is_part = |it: &str| {
            let form = "9999-99-99";
            let digits = it.bytes().zip(form.bytes());
            matches!(it.len(), 4 | 7 | 10)
                && digits.into_iter().all(|(it, form)| match form {
                    b'-' => it == b'-',
                    _ => it.is_ascii_digit(),
                })
        };
        if is_part(from) && is_part(to) {
            let (from, to) = (from.to_owned(), to.to_owned());
            return Ok(Self::Span(Span { from, to }));
        }
        Err("neither a run's id nor a time such as 2026-02 or 2026-02-01..2026-02-14")
    }
}

pub fn evidence(args: &EvidenceArgs, out: &mut dyn Write) -> anyhow::Result<ExitCode> {
    let runtime = Runtime::new().context("the runtime cannot start")?;
    let workspace = workspace(&args.workspace)?;
    let store = runtime.block_on(existing(&args.places))?;
    let runs = runtime.block_on(runs(&store, &workspace, &args.what))?;
    if runs.is_empty() {
        anyhow::bail!("no run that has ended began then");
    }
    let draw = Draw {
        seed: clock::seed(),
        rows: args.sample,
    };
    runtime.block_on(evidence::note(&store, &runs, &draw, "command-line"))?;
    // Only what is whole gets the name.
    let unfinished = args.out.with_extension("zip.part");
    let file = File::create(&unfinished);
    let file = file.with_context(|| format!("{} cannot be written", unfinished.display()))?;
    let mut file = BufWriter::new(file);
    let handle: &Handle = runtime.handle();
    evidence::write(&store, handle, &workspace, &runs, draw, &mut file)?;
    file.into_inner()?.sync_all()?;
    fs::rename(&unfinished, &args.out)
        .with_context(|| format!("{} cannot be written", args.out.display()))?;
    runtime.block_on(store.close());
    let (path, count) = (args.out.display(), runs.len());
    writeln!(
        out,
        "{path}: {count} run{}",
        if count == 1 { "" } else { "s" }
    )?;
    Ok(ExitCode::SUCCESS)
}

async fn runs(store: &Store, workspace: &WorkspaceId, what: &What) -> anyhow::Result<Vec<Run>> {
    match what {
        What::Run(id) => {
            let run = store.run(workspace, id).await;
            Ok(vec![run.context("there is no such run in this workspace")?])
        }
        What::Span(span) => Ok(evidence::begun(store, workspace, span).await?),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_a_year_a_month_a_day_or_two_of_them() {
        let check = |text: &str, time: &str, expected: bool| {
            let What::Span(span) = text.parse().unwrap() else {
                panic!("{text} is no time");
            };
            assert_eq!(span.has(time), expected, "{text} {time}");
        };
        let noon = "2026-02-14T12:00:00.000Z";
        for text in [
            "2026",
            "2026-02",
            "2026-02-14",
            "2026-02-01..2026-02-14",
            "2025..2026-02",
        ] {
            check(text, noon, true);
        }
        for text in [
            "2025",
            "2026-03",
            "2026-02-13",
            "2026-02-15..2026-03",
            "2025-01..2025-12",
        ] {
            check(text, noon, false);
        }
        for text in [
            "",
            "26",
            "2026-2",
            "2026-02-1x",
            "run_1",
            "2026..",
            "last week",
        ] {
            assert!(text.parse::<What>().is_err(), "{text}");
        }
    }
}

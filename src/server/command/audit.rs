//! `tarazu audit`: is the log what was written?

use super::ingest::{open, workspace};
use crate::{
    handout::{self, Taken},
    replay,
    settings::PlaceArgs,
};
use anyhow::Context;
use audit::{Checkpoint, FaultKind, FileReport, FileVerifier, Report, evidence};
use clap::{Args, Subcommand};
use engine::again;
use futures::TryStreamExt;
use model::{
    id::{RunId, WorkspaceId},
    proof::{Agrees, Check, Outcome},
    verdict::Verdict,
};
use std::{
    fs::File,
    io::{BufRead, BufReader, BufWriter, Write},
    path::{Path, PathBuf},
    pin::pin,
    process::ExitCode,
    str::FromStr,
};
use store::{Store, StoreError};
use tokio::runtime::Runtime;

#[derive(Debug, Clone, Subcommand)]
pub enum AuditCommand {
    /// Recompute the hash chain. Exit code: 0 it holds, 1 it does not (the first broken entry is named), 2 a file that
    /// could not be checked, or not whole
    Verify(VerifyArgs),
    /// Write a workspace's log as NDJSON: an entry a line, and checkpoints between them
    Export(ExportArgs),
    /// Judge a run's file again and compare. Exit code: 0 the same, 1 something differs, 2 it could not be judged
    Replay(ReplayArgs),
}

#[derive(Debug, Clone, Args)]
pub struct VerifyArgs {
    /// The workspace whose log is verified; all of them where neither it nor a checkpoint is given
    #[arg(long)]
    workspace: Option<String>,
    /// An entry noted down earlier, as this command prints it; of the main workspace where no other is named
    #[arg(long, value_name = "SEQ:HASH")]
    checkpoint: Option<Noted>,
    /// An exported log, or an evidence file, to be verified instead; no database is needed for it
    #[arg(long, value_name = "FILE", conflicts_with = "workspace")]
    file: Option<PathBuf>,
    #[command(flatten)]
    places: PlaceArgs,
}

#[derive(Debug, Clone, Args)]
pub struct ExportArgs {
    /// The workspace whose log is written
    #[arg(long, default_value = "main")]
    workspace: String,
    /// The file that it goes to; the standard output where it is absent
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    #[command(flatten)]
    places: PlaceArgs,
}

#[derive(Debug, Clone, Args)]
pub struct ReplayArgs {
    /// The run whose file is judged again
    run: String,
    /// The workspace of the run
    #[arg(long, default_value = "main")]
    workspace: String,
    #[command(flatten)]
    places: PlaceArgs,
}

/// Opens what is there; nothing is made where nothing is.
pub(super) async fn existing(places: &PlaceArgs) -> anyhow::Result<Store> {
    if places.is_sqlite() && !places.data_dir.join("tarazu.db").is_file() {
        anyhow::bail!("there is no database in {}", places.data_dir.display());
    }
    open(places).await
}

/// A checkpoint as a person wrote it down.
#[derive(Debug, Clone)]
struct Noted(Checkpoint);

impl FromStr for Noted {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let wrong = "not a sequence and a hash of 64 hexadecimal digits, such as 12:9f86d0…";
        let (sequence, hash) = text.split_once(':').ok_or(wrong)?;
        let sequence = sequence.parse().map_err(|_| wrong)?;
        if hash.len() != 64 || !hash.bytes().all(|it| it.is_ascii_hexdigit()) {
            return Err(wrong);
        }
        Ok(Self(Checkpoint {
            sequence,
            hash: hash.to_ascii_lowercase(),
        }))
    }
}

pub fn run(command: &AuditCommand, out: &mut dyn Write) -> anyhow::Result<ExitCode> {
    let runtime = Runtime::new().context("the runtime cannot start")?;
    match command {
        AuditCommand::Verify(args) => match &args.file {
            Some(file) => verify_file(file, args.checkpoint.as_ref(), out),
            None => runtime.block_on(verify(args, out)),
        },
        AuditCommand::Export(args) => runtime.block_on(export(args, out)),
        AuditCommand::Replay(args) => runtime.block_on(replay(args, out)),
    }
}

async fn replay(args: &ReplayArgs, out: &mut dyn Write) -> anyhow::Result<ExitCode> {
    let workspace = workspace(&args.workspace)?;
    let id = RunId::try_from(args.run.clone());
    let id = id.map_err(|_| anyhow::anyhow!("`{}` is not a run's id", args.run))?;
    let store = existing(&args.places).await?;
    let replay = replay::replay(&store, &workspace, &id, "command-line").await;
    let replay = replay.map_err(|error| match error {
        StoreError::NotFound => anyhow::anyhow!("there is no such run in this workspace"),
        other => other.into(),
    })?;
    store.close().await;
    let (says, code) = match replay.outcome {
        Agrees::Agrees => ("the file gives the same again", 0),
        Agrees::Differs => ("SOMETHING DIFFERS", 1),
        Agrees::CouldNot => ("the file could not be judged again", 2),
    };
    writeln!(out, "{id}: {says}.")?;
    write_checks(&replay.checks, out)?;
    Ok(ExitCode::from(code))
}

fn write_checks(checks: &[Check], out: &mut dyn Write) -> anyhow::Result<()> {
    for check in checks {
        let word = match check.outcome {
            Outcome::Passed => "passed",
            Outcome::Failed => "FAILED",
            Outcome::NotRun => "not run",
            Outcome::Missing => "MISSING",
        };
        writeln!(out, "  {word:<8}{:<16} {}.", check.name, check.text)?;
    }
    Ok(())
}

/// The engine, as `audit::evidence` asks it.
fn judge(ask: evidence::Ask<'_>) -> Result<(String, Verdict, String), String> {
    let before = again::Before {
        contract: ask.contract,
        choice: &ask.run.choice,
        evaluated_at: &ask.run.evaluated_at,
        refused: ask.refused,
    };
    let judged = again::judge(ask.file, &before, &mut |row| (ask.row)(&row), ask.accepted);
    let (contract, verdict) = judged.map_err(|error| error.to_string())?;
    Ok((contract, verdict, engine::VERSION.to_owned()))
}

async fn export(args: &ExportArgs, out: &mut dyn Write) -> anyhow::Result<ExitCode> {
    let workspace = workspace(&args.workspace)?;
    let store = existing(&args.places).await?;
    let taken = Taken {
        run: None,
        what: "audit-log",
        format: "ndjson",
    };
    handout::note(&store, &workspace, "command-line", taken).await?;
    let mut file = args.out.as_deref().map(create).transpose()?;
    let out: &mut dyn Write = match &mut file {
        Some(file) => file,
        None => out,
    };
    let mut lines = pin!(handout::log(&store, &workspace, |_| true));
    while let Some(piece) = lines.try_next().await? {
        out.write_all(&piece)?;
    }
    out.flush()?;
    store.close().await;
    Ok(ExitCode::SUCCESS)
}

fn create(path: &Path) -> anyhow::Result<BufWriter<File>> {
    let file = File::create(path);
    let file = file.with_context(|| format!("{} cannot be written", path.display()))?;
    Ok(BufWriter::new(file))
}

fn verify_file(
    path: &Path,
    checkpoint: Option<&Noted>,
    out: &mut dyn Write,
) -> anyhow::Result<ExitCode> {
    let file = File::open(path).with_context(|| format!("{} cannot be opened", path.display()))?;
    let mut file = BufReader::new(file);
    let unread = || format!("{} cannot be read", path.display());
    if evidence::is_of_another_kind(&mut file).with_context(unread)? {
        writeln!(
            out,
            "{}: not checked: {}.",
            path.display(),
            evidence::ANOTHER_KIND
        )?;
        return Ok(ExitCode::from(2));
    }
    if file.fill_buf().is_ok_and(|it| it.starts_with(b"PK")) {
        let checks = evidence::check(&mut file, &mut judge, &mut |_| {});
        let (says, code) = match Agrees::of(&checks) {
            Agrees::Agrees => ("holds", 0),
            Agrees::Differs => ("BROKEN", 1),
            Agrees::CouldNot => ("INCOMPLETE: what is there holds", 2),
        };
        writeln!(out, "{}: {says}.", path.display())?;
        write_checks(&checks, out)?;
        return Ok(ExitCode::from(code));
    }
    let checkpoint = checkpoint.map(|it| &it.0);
    let report = FileVerifier::verify(&mut file, checkpoint).with_context(unread)?;
    write_file_report(path, &report, out)?;
    Ok(code(report.fault.is_none()))
}

fn write_file_report(path: &Path, report: &FileReport, out: &mut dyn Write) -> anyhow::Result<()> {
    let path = path.display();
    if let Some(fault) = &report.fault {
        writeln!(out, "{path}: BROKEN: {fault}.")?;
        writeln!(out, "  {} lines before it hold.", report.lines)?;
        return Ok(());
    }
    let entries = report.report.entries;
    writeln!(
        out,
        "{path}: {entries} entries, each following from the one before it."
    )?;
    if report.links > 0 {
        let links = report.links;
        writeln!(
            out,
            "  Of {links} of them the file tells the digests alone."
        )?;
    }
    if !report.report.had_checkpoint {
        writeln!(
            out,
            "  No checkpoint was given, so entries that are newer than the file do not show."
        )?;
    }
    Ok(())
}

fn code(holds: bool) -> ExitCode {
    if holds {
        ExitCode::SUCCESS
    } else {
        ExitCode::from(1)
    }
}

async fn verify(args: &VerifyArgs, out: &mut dyn Write) -> anyhow::Result<ExitCode> {
    let store = existing(&args.places).await?;
    let workspaces = match (&args.workspace, &args.checkpoint) {
        (Some(name), _) => vec![workspace(name)?],
        (None, Some(_)) => vec![WorkspaceId::main()],
        (None, None) => store.workspaces().await?,
    };
    if workspaces.is_empty() {
        writeln!(out, "There are no entries yet.")?;
    }
    let checkpoint = args.checkpoint.as_ref().map(|it| &it.0);
    let mut holds = true;
    for workspace in &workspaces {
        let report = store.verify(workspace, checkpoint).await?;
        write_report(workspace, &report, out)?;
        holds &= report.fault.is_none();
    }
    store.close().await;
    Ok(code(holds))
}

fn write_report(
    workspace: &WorkspaceId,
    report: &Report,
    out: &mut dyn Write,
) -> anyhow::Result<()> {
    if let Some(fault) = &report.fault {
        let what = match &fault.kind {
            FaultKind::BodyChanged => "its contents were changed".to_owned(),
            FaultKind::HashDoesNotFollow => {
                "its hash does not follow from the entry before it".to_owned()
            }
            FaultKind::OutOfSequence { found } => {
                format!("it is missing; entry {found} stands in its place")
            }
            FaultKind::OtherWorkspace => "it is of another workspace".to_owned(),
            FaultKind::CheckpointMissing => {
                "the checkpoint names it, and the log ends before it: the newest entries are gone"
                    .to_owned()
            }
            FaultKind::CheckpointDiffers => {
                "it is not the one that the checkpoint names: the log was written anew".to_owned()
            }
            FaultKind::RunEntryMissing { run } => {
                format!("{run} names it as its last, and the log ends before it")
            }
            FaultKind::RunEntryDiffers { run } => {
                format!("it is not the one that {run} names as its last")
            }
            FaultKind::ChangesDiffer { run } => {
                format!("it tells of other changes of exceptions of {run} than are kept")
            }
            FaultKind::ChangeUntold { run, record } => format!(
                "it is the last that tells of record {record} of {run}, which has a change that no entry tells of"
            ),
            FaultKind::StandsElsewhere { run, record } => {
                format!("record {record} of {run} does not stand where it was left with it")
            }
        };
        writeln!(
            out,
            "{workspace}: BROKEN at entry {}: {what}.",
            fault.sequence
        )?;
        writeln!(out, "  {} entries before it hold.", report.entries)?;
        return Ok(());
    }
    writeln!(
        out,
        "{workspace}: {} entries, each following from the one before it.",
        report.entries
    )?;
    if !report.had_checkpoint {
        writeln!(
            out,
            "  No checkpoint was given, so newest entries that are gone show only where one of the {} runs names \
             them.",
            report.runs
        )?;
    }
    if let Some(last) = &report.last {
        writeln!(
            out,
            "  Note this down as the next checkpoint: {}:{}",
            last.sequence, last.hash
        )?;
    }
    Ok(())
}

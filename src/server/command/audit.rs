//! `tarazu audit`: is the log what was written?

use super::ingest::{open, workspace};
use anyhow::Context;
use audit::{Checkpoint, FaultKind, Report};
use clap::{Args, Subcommand};
use model::id::WorkspaceId;
use std::{io::Write, path::PathBuf, process::ExitCode, str::FromStr};
use tokio::runtime::Runtime;

#[derive(Debug, Clone, Subcommand)]
pub enum AuditCommand {
    /// Recompute the hash chain. Exit code 0 when it holds, 1 with the first broken entry when it does not
    Verify(VerifyArgs),
}

#[derive(Debug, Clone, Args)]
pub struct VerifyArgs {
    /// The workspace whose log is verified; all of them where neither it nor a checkpoint is given
    #[arg(long)]
    workspace: Option<String>,
    /// An entry noted down earlier, as this command prints it; of the main workspace where no other is named
    #[arg(long, value_name = "SEQ:HASH")]
    checkpoint: Option<Noted>,
    /// Folder of the database
    #[arg(
        long,
        env = "TARAZU_DATA_DIR",
        value_name = "FOLDER",
        default_value = ".tarazu"
    )]
    data_dir: PathBuf,
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
    let AuditCommand::Verify(args) = command;
    let runtime = Runtime::new().context("the runtime cannot start")?;
    runtime.block_on(verify(args, out))
}

async fn verify(args: &VerifyArgs, out: &mut dyn Write) -> anyhow::Result<ExitCode> {
    if !args.data_dir.join("tarazu.db").is_file() {
        anyhow::bail!("there is no database in {}", args.data_dir.display());
    }
    let store = open(&args.data_dir).await?;
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
    Ok(if holds {
        ExitCode::SUCCESS
    } else {
        ExitCode::from(1)
    })
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

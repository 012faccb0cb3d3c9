//! `tarazu ingest`: runs on the local store, without a server or beside one.

use super::{reading::ReadingArgs, report::count};
use crate::{
    api::upload::file_name,
    clock, lineage,
    run::{
        Runs, Submitted,
        instant::{self, JudgedAt},
    },
    settings::{ContractArgs, PlaceArgs, StoreArgs},
    upload::{Cut, Details},
};
use anyhow::Context;
use bytes::Bytes;
use clap::Args;
use futures::{Stream, stream};
use model::{
    id::WorkspaceId,
    run::{Admission, Run, RunStatus, Way},
};
use std::{
    io::Write,
    path::{Path, PathBuf},
    process::ExitCode,
};
use store::Store;
use tokio::{fs::File, io::AsyncReadExt, runtime::Runtime};

/// Read and written at a time.
const PIECE: usize = 256 * 1024;

#[derive(Debug, Clone, Args)]
pub struct IngestArgs {
    /// The files to judge and keep
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// The workspace that they go to
    #[arg(long, default_value = "main")]
    workspace: String,
    /// Judge anew what this workspace judged already
    #[arg(long)]
    again: bool,
    /// A word on where the files come from, kept with the runs
    #[arg(long)]
    note: Option<String>,
    #[command(flatten)]
    contracts: ContractArgs,
    #[command(flatten)]
    reading: ReadingArgs,
    #[command(flatten)]
    store: StoreArgs,
}

/// Exit code 0 when all runs are complete, 2 when one is held or failed or a file was not taken.
pub fn ingest(
    args: &IngestArgs,
    out: &mut dyn Write,
    err: &mut dyn Write,
) -> anyhow::Result<ExitCode> {
    let runtime = Runtime::new().context("the runtime cannot start")?;
    runtime.block_on(ingest_all(args, out, err))
}

async fn ingest_all(
    args: &IngestArgs,
    out: &mut dyn Write,
    err: &mut dyn Write,
) -> anyhow::Result<ExitCode> {
    let workspace = workspace(&args.workspace)?;
    let store = open(&args.store.places).await?;
    let contracts = args.contracts.read()?;
    let runs = Runs::new(
        store.clone(),
        contracts,
        args.store.runs,
        args.store.max_upload,
    );
    // Runs that a crash cut off are finished on the way, be it by a server or by this.
    runs.work();
    let mut all_complete = true;
    for path in &args.files {
        let complete = match ingest_file(args, &workspace, &runs, path).await {
            Ok(run) => {
                write_run(path, &run, out)?;
                out.flush()?;
                run.summary.status == RunStatus::Complete
            }
            Err(error) => {
                writeln!(err, "tarazu: {}: {error:#}", path.display())?;
                false
            }
        };
        all_complete &= complete;
    }
    runs.finish().await;
    // What is in the ledger stays there without it, and a server makes up for it.
    if let Err(error) = lineage::send::keep(&store).await {
        writeln!(
            err,
            "tarazu: the lineage of the runs is not kept yet: {error}"
        )?;
    }
    store.close().await;
    Ok(if all_complete {
        ExitCode::SUCCESS
    } else {
        ExitCode::from(2)
    })
}

async fn ingest_file(
    args: &IngestArgs,
    workspace: &WorkspaceId,
    runs: &Runs,
    path: &Path,
) -> anyhow::Result<Run> {
    let file = File::open(path).await.context("cannot be opened")?;
    let size = file.metadata().await.context("cannot be read")?.len();
    let contracts = runs.contracts(workspace).await?;
    let choice = args.reading.choice(&contracts)?;
    let fitting = contracts.fitting(path, &choice)?;
    if !contracts.is_one() {
        fitting.whole(path)?;
    }
    let details = Details {
        workspace: workspace.clone(),
        file_name: file_name(path.file_name().and_then(|it| it.to_str())),
        media_type: media_type(path).to_owned(),
        way: Way::CommandLine,
        actor: "command-line".to_owned(),
        note: args.note.clone(),
        again: args.again,
        admission: Admission::Passing,
        replaces: None,
        judged_at: JudgedAt {
            text: instant::seconds(clock::now()),
            replaced: false,
        },
        choice,
        contract: Some(fitting.contract),
        browser_receipt: None,
    };
    let submitted = runs.submit(details, pieces(file), Some(size)).await;
    let id = match submitted? {
        Submitted::Begun(run) => run.summary.id,
        Submitted::Earlier(earlier) => earlier.id,
    };
    Ok(runs.ended(workspace, &id).await?)
}

/// By the ending of the name, as browsers tell it.
fn media_type(path: &Path) -> &'static str {
    let ending = path.extension().and_then(|it| it.to_str());
    match ending.map(str::to_ascii_lowercase).as_deref() {
        Some("xlsx") => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        Some("xlsm") => "application/vnd.ms-excel.sheet.macroenabled.12",
        Some("xlsb") => "application/vnd.ms-excel.sheet.binary.macroenabled.12",
        Some("xls") => "application/vnd.ms-excel",
        Some("ods") => "application/vnd.oasis.opendocument.spreadsheet",
        _ => "text/csv",
    }
}

/// A file that gets shorter or unreadable while it is read is cut, as a connection is.
fn pieces(file: File) -> impl Stream<Item = Result<Bytes, Cut>> + Send {
    stream::try_unfold(file, |mut file| async move {
        let mut piece = Vec::with_capacity(PIECE);
        let count = file.read_buf(&mut piece).await.map_err(|_| Cut)?;
        Ok((count > 0).then(|| (Bytes::from(piece), file)))
    })
}

fn write_run(path: &Path, run: &Run, out: &mut dyn Write) -> anyhow::Result<()> {
    let summary = &run.summary;
    writeln!(
        out,
        "{}: {} {}",
        path.display(),
        summary.id,
        summary.status.as_str()
    )?;
    if let (Some(read), Some(accepted), Some(exceptions)) = (
        summary.rows_read,
        summary.rows_accepted,
        summary.rows_exceptions,
    ) {
        writeln!(
            out,
            "  {} rows read, {} accepted, {} exceptions",
            count(read),
            count(accepted),
            count(exceptions)
        )?;
    }
    if let (Some(accepted), Some(exceptions)) = (summary.money_accepted, summary.money_exceptions) {
        writeln!(
            out,
            "  {} accepted, {} in exceptions",
            accepted.indian(),
            exceptions.indian()
        )?;
    }
    if run.found_by_server > 0 {
        let count = count(run.found_by_server);
        writeln!(
            out,
            "  {count} of the exceptions have a key that is in the ledger already"
        )?;
    }
    if let Some(reason) = &summary.reason {
        writeln!(out, "  {reason}")?;
    }
    Ok(())
}

pub(super) fn workspace(name: &str) -> anyhow::Result<WorkspaceId> {
    WorkspaceId::try_from(name.to_owned())
        .map_err(|_| anyhow::anyhow!("`{name}` is no workspace: 1 to 40 of a-z, 0-9 and -"))
}

pub(super) async fn open(places: &PlaceArgs) -> anyhow::Result<Store> {
    let folder = places.data_dir.display();
    Store::open(places.places()?).await.with_context(|| {
        if places.is_sqlite() {
            format!("the data folder {folder} cannot be opened")
        } else {
            format!("the database or the data folder {folder} cannot be opened")
        }
    })
}

//! `tarazu check`: judges files without keeping anything.

use super::{
    reading::ReadingArgs,
    report,
    reports::{Reports, Wanted},
};
use crate::{
    clock,
    contracts::{Contracts, FittingError, NoneFits},
    run::{
        instant,
        judge::{self, JudgeError},
    },
    settings::ContractArgs,
    source::FileSource,
    workbook,
};
use anyhow::Context;
use clap::{Args, ValueEnum};
use engine::{
    contract::Contract,
    day::Moment,
    export::{self, BOM, Columns, Csv, WorkbookError},
    judgement::Judgement,
    source::SourceError,
};
use model::{
    finding::{Finding, FlaggedRow},
    message::Export,
    options::Choice,
    verdict::Verdict,
};
use serde::Serialize;
use std::{
    fs::File,
    io::{self, BufWriter, Write},
    path::{Path, PathBuf},
    process::ExitCode,
    sync::Arc,
};

#[derive(Debug, Clone, Args)]
pub struct CheckArgs {
    /// The files to judge
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// How the verdict is written: for people, or as one JSON document a line
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
    /// Judge as if it were this moment, such as 2026-02-02T12:00:00Z; now where it is absent
    #[arg(long, value_name = "RFC3339")]
    evaluated_at: Option<String>,
    /// Write every finding to this file, one JSON object a line
    #[arg(long, value_name = "OUT.ndjson")]
    findings: Option<PathBuf>,
    /// Write a report for a pipeline, of all files: junit=OUT.xml, sarif=OUT.sarif or frictionless=OUT.json
    #[arg(long, value_name = "FORMAT=OUT", value_parser = Wanted::parse)]
    report: Vec<Wanted>,
    /// Write the rows that cannot be accepted to this file, with reasons: CSV, or a workbook where it ends in .xlsx;
    /// of one file only
    #[arg(long, value_name = "OUT")]
    exceptions: Option<PathBuf>,
    /// Write the accepted rows to this file: CSV, or a workbook where it ends in .xlsx; of one file only
    #[arg(long, value_name = "OUT")]
    accepted: Option<PathBuf>,
    /// Mark CSV files as UTF-8 with a byte order mark, which Excel wants
    #[arg(long)]
    bom: bool,
    #[command(flatten)]
    contracts: ContractArgs,
    #[command(flatten)]
    reading: ReadingArgs,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    Text,
    Json,
}

/// How a file was found, from best to worst: the exit code is the worst of all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Outcome {
    Met,
    NotMet,
    /// Held, or not judged at all.
    Held,
}

/// The verdict as `--format json` prints it: the document of the API, with the file's name in front.
#[derive(Serialize)]
struct Document<'a> {
    file: String,
    #[serde(flatten)]
    verdict: &'a Verdict,
}

/// A line of `--findings`.
#[derive(Serialize)]
struct FindingLine<'a> {
    file: &'a str,
    #[serde(flatten)]
    finding: &'a Finding,
}

/// What stands between a file and its verdict, or between a verdict and its way out.
#[derive(Debug, thiserror::Error)]
enum CheckError {
    #[error("cannot be opened: {0}")]
    Open(io::Error),
    #[error(transparent)]
    Judge(#[from] JudgeError),
    #[error(transparent)]
    Fitting(#[from] FittingError),
    #[error(transparent)]
    NoneFits(#[from] NoneFits),
    #[error(transparent)]
    Source(#[from] SourceError),
    #[error("{}: {error}", .path.display())]
    Write { path: PathBuf, error: io::Error },
    #[error(transparent)]
    Out(#[from] io::Error),
}

impl CheckArgs {
    /// What is written must not lie on a file that is read, or on another that is written.
    fn keep_apart(&self) -> anyhow::Result<()> {
        let out = [&self.findings, &self.exceptions, &self.accepted];
        let out = out.into_iter().flatten().map(PathBuf::as_path);
        let out = out.chain(self.report.iter().map(Wanted::path));
        let mut taken: Vec<PathBuf> = self.files.iter().map(|it| place(it)).collect();
        taken.extend(self.contracts.paths().map(place));
        // Nothing is lost in a pipe.
        for path in out.filter(|it| it.metadata().is_ok_and(|it| it.is_file()) || !it.exists()) {
            let place = place(path);
            if taken.contains(&place) {
                anyhow::bail!(
                    "{} would be written over: name another file to write to",
                    path.display()
                );
            }
            taken.push(place);
        }
        Ok(())
    }

    fn no_findings(&self, error: io::Error) -> CheckError {
        CheckError::Write {
            path: self.findings.clone().unwrap_or_default(),
            error,
        }
    }
}

/// What findings go into besides the answer.
struct Also<'a> {
    findings: Option<&'a mut BufWriter<File>>,
    reports: Option<&'a mut Reports>,
}

impl Also<'_> {
    fn wants_rows(&self) -> bool {
        self.findings.is_some() || self.reports.is_some()
    }

    fn file(&mut self, file: &str, verdict: &Verdict, watch: clock::Stopwatch) -> io::Result<()> {
        if let Some(reports) = &mut self.reports {
            reports.judged(file, verdict, watch.elapsed().as_secs_f64());
        }
        if let Some(into) = &mut self.findings {
            for finding in &verdict.file_findings {
                write_finding(file, finding, into)?;
            }
        }
        Ok(())
    }

    fn row(&mut self, file: &str, row: &FlaggedRow) -> io::Result<()> {
        if let Some(reports) = &mut self.reports {
            reports.row(row);
        }
        if let Some(into) = &mut self.findings {
            for finding in &row.findings {
                write_finding(file, finding, into)?;
            }
        }
        Ok(())
    }
}

pub fn check(
    args: &CheckArgs,
    out: &mut dyn Write,
    err: &mut dyn Write,
) -> anyhow::Result<ExitCode> {
    if args.files.len() > 1 && (args.exceptions.is_some() || args.accepted.is_some()) {
        anyhow::bail!(
            "--exceptions and --accepted are for one file at a time, since columns differ"
        );
    }
    args.keep_apart()?;
    let contracts = args.contracts.read()?;
    let choice = args.reading.choice(&contracts)?;
    let at = match &args.evaluated_at {
        Some(text) => instant::read(text).context("--evaluated-at")?,
        None => clock::now(),
    };
    let at = Moment::from_unix(at.timestamp());
    let mut findings = args.findings.as_deref().map(create).transpose()?;
    let mut reports = (!args.report.is_empty()).then(Reports::default);
    let mut worst = Outcome::Met;
    for path in &args.files {
        let judged = fitting(path, &contracts, &choice, err).and_then(|contract| {
            let mut also = Also {
                findings: findings.as_mut(),
                reports: reports.as_mut(),
            };
            check_file(args, path, &contract, &choice, at, &mut also, out)
        });
        let outcome = match judged {
            Ok(outcome) => outcome,
            // Nobody reads the answers any more.
            Err(CheckError::Out(error)) => return Err(error.into()),
            Err(error) => {
                let file = path.display().to_string();
                writeln!(err, "tarazu: {file}: {error}")?;
                if let Some(reports) = &mut reports {
                    reports.not_judged(&file, error.to_string());
                }
                Outcome::Held
            }
        };
        worst = worst.max(outcome);
    }
    if let Some(mut findings) = findings {
        findings.flush().context("--findings")?;
    }
    if let Some(reports) = reports {
        let written = reports.write(&args.report);
        written.map_err(|(path, error)| anyhow::anyhow!("{}: {error}", path.display()))?;
    }
    Ok(match worst {
        Outcome::Met => ExitCode::SUCCESS,
        Outcome::NotMet => ExitCode::from(1),
        Outcome::Held => ExitCode::from(2),
    })
}

/// The contract for a file, which is said where there were several.
fn fitting(
    path: &Path,
    contracts: &Contracts,
    choice: &Choice,
    err: &mut dyn Write,
) -> Result<Arc<Contract>, CheckError> {
    let fitting = contracts.fitting(path, choice)?;
    if !contracts.is_one() {
        let contract = fitting.whole(path)?.reference();
        let (name, version) = (contract.name, contract.version);
        let file = path.display();
        writeln!(
            err,
            "tarazu: {file}: judged under {name} {version}, which fits its header"
        )?;
    }
    Ok(fitting.contract)
}

fn check_file(
    args: &CheckArgs,
    path: &Path,
    contract: &Contract,
    choice: &Choice,
    at: Moment,
    also: &mut Also<'_>,
    out: &mut dyn Write,
) -> Result<Outcome, CheckError> {
    let watch = clock::Stopwatch::start();
    let file = FileSource::open(path).map_err(CheckError::Open)?;
    let source = judge::unpack(file, contract, choice)?;
    let judgement = judge::judge(&source, contract, choice, at)?;
    let verdict = &judgement.verdict;
    let file = path.display().to_string();
    match args.format {
        Format::Text => report::verdict(&file, verdict, out)?,
        Format::Json => {
            let document = Document {
                file: file.clone(),
                verdict,
            };
            let text = serde_json::to_string(&document).map_err(io::Error::other)?;
            writeln!(out, "{text}")?;
        }
    }
    also.file(&file, verdict, watch)
        .map_err(|error| args.no_findings(error))?;
    if also.wants_rows() {
        each_flagged(&judgement, &source, &mut |row| {
            also.row(&file, row)
                .map_err(|error| args.no_findings(error))
        })?;
    }
    let exports = [
        (Export::Exceptions, &args.exceptions),
        (Export::Accepted, &args.accepted),
    ];
    for (what, path) in exports {
        if let Some(path) = path {
            write_rows(args, &judgement, &source, contract, (what, path))?;
        }
    }
    Ok(outcome(verdict))
}

fn outcome(verdict: &Verdict) -> Outcome {
    if verdict.held.is_some() {
        Outcome::Held
    } else if verdict.thresholds.iter().all(|it| it.met) {
        Outcome::Met
    } else {
        Outcome::NotMet
    }
}

fn write_rows(
    args: &CheckArgs,
    judgement: &Judgement<'_>,
    source: &FileSource,
    contract: &Contract,
    (what, path): (Export, &Path),
) -> Result<(), CheckError> {
    let to_write = |error| CheckError::Write {
        path: path.to_owned(),
        error,
    };
    let mut into = File::create(path).map_err(to_write)?;
    let corrected = judgement.corrected_cells();
    let columns = Columns::new(&judgement.verdict.options, what, None, corrected);
    let ending = path.extension();
    if ending.is_some_and(|it| it.eq_ignore_ascii_case("xlsx")) {
        let failed = |it: WorkbookError| to_write(io::Error::other(it));
        let Verdict {
            options, receipt, ..
        } = &judgement.verdict;
        let at = Moment::parse(&receipt.evaluated_at).unwrap_or(Moment::from_unix(0));
        let workbook = workbook::workbook(columns, contract, options, what, at);
        let mut workbook = workbook.map_err(failed)?;
        export::rows::<CheckError>(judgement, source, what, &mut |row| {
            workbook.row(&row).map_err(failed)
        })?;
        return workbook.finish(&mut into).map_err(failed);
    }
    if args.bom {
        into.write_all(BOM).map_err(to_write)?;
    }
    let mut csv = Csv::new(columns);
    export::rows::<CheckError>(judgement, source, what, &mut |row| {
        csv.row(&row);
        let much = csv.take_much().unwrap_or_default();
        into.write_all(&much).map_err(to_write)
    })?;
    into.write_all(&csv.take()).map_err(to_write)
}

/// Every row with findings, in file order.
fn each_flagged(
    judgement: &Judgement<'_>,
    source: &FileSource,
    take: &mut dyn FnMut(&FlaggedRow) -> Result<(), CheckError>,
) -> Result<(), CheckError> {
    for batch in 0..judgement.batches() {
        for row in judgement.kept(source, batch)? {
            take(&judgement.render(row))?;
        }
    }
    Ok(())
}

fn write_finding(file: &str, finding: &Finding, into: &mut BufWriter<File>) -> io::Result<()> {
    serde_json::to_writer(&mut *into, &FindingLine { file, finding })?;
    into.write_all(b"\n")
}

/// Where a file is or will be, by whatever way it is named.
fn place(path: &Path) -> PathBuf {
    path.canonicalize().unwrap_or_else(|_| {
        let folder = path.parent().filter(|it| !it.as_os_str().is_empty());
        let folder = folder.unwrap_or(Path::new(".")).canonicalize();
        let name = path.file_name().unwrap_or_default();
        folder.map_or_else(|_| path.to_owned(), |it| it.join(name))
    })
}

fn create(path: &Path) -> anyhow::Result<BufWriter<File>> {
    let file = File::create(path).with_context(|| format!("{} cannot be made", path.display()))?;
    Ok(BufWriter::new(file))
}

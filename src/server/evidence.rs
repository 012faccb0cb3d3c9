//! Makes evidence files: all that speaks for a run, or for the runs of a time, in one zip that `audit::evidence` checks
//! without this server. Made of the same store it is the same bytes, but for the entry of its own making and the sample
//! that is drawn.

mod sample;

use crate::{backend, clock, contracts, handout};
use audit::{
    Checkpoint, Line,
    evidence::{self, History, Manifest, Measure, Part, file_part, part},
    sample::Draw,
};
use chrono::{DateTime, TimeDelta};
use engine::contract::{Contract, odcs};
use futures::{StreamExt, TryStreamExt};
use model::{
    id::{RunId, WorkspaceId},
    run::{Run, RunStatus},
    verdict::Verdict,
    zone,
};
use serde::Serialize;
use serde_json::{Value, json};
use std::{
    collections::BTreeSet,
    io::{self, Write},
    pin::pin,
};
use store::{Mark, Store, StoreError};
use thiserror::Error;
use tokio::runtime::Handle;
use zip::{CompressionMethod, ZipWriter, result::ZipError, write::SimpleFileOptions};

/// Exceptions whose history is asked for at a time.
const RECORDS: usize = 500;

/// Runs that are asked for at a time.
const RUNS: u32 = 500;

/// From the first text to the last one, both of them, as beginnings of a day: `2026` to `2026-02`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Span {
    pub from: String,
    pub to: String,
}

impl Span {
    /// `time` is RFC 3339; its day is that of Indian time.
    pub fn has(&self, time: &str) -> bool {
        let zone = TimeDelta::seconds(zone::SECONDS.into());
        let time = DateTime::parse_from_rfc3339(time);
        time.is_ok_and(|time| {
            let day = (time.to_utc() + zone).date_naive().to_string();
            let end = day.get(..self.to.len());
            day.as_str() >= self.from.as_str() && end.is_some_and(|it| it <= self.to.as_str())
        })
    }
}

/// The runs that began then, in order of age. Those that go on are left out.
///
/// # Errors
/// Those of the store.
pub async fn begun(
    store: &Store,
    workspace: &WorkspaceId,
    span: &Span,
) -> Result<Vec<Run>, StoreError> {
    let (mut found, mut before) = (Vec::new(), None);
    loop {
        let page = store.runs(workspace, None, before.as_ref(), RUNS).await?;
        for it in page.runs {
            if span.has(&it.created_at) && it.status != RunStatus::Running {
                found.push(store.run(workspace, &it.id).await?);
            }
        }
        before = page.next;
        if before.is_none() {
            found.reverse();
            return Ok(found);
        }
    }
}

/// Why no evidence could be made.
#[derive(Debug, Error)]
pub enum EvidenceError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Log(#[from] handout::LogError),
    #[error("it cannot be written")]
    Io(#[from] io::Error),
    #[error("it cannot be packed")]
    Zip(#[from] ZipError),
    #[error("something of it has no JSON form")]
    Json(#[from] serde_json::Error),
    #[error("the contract of {0} cannot be read")]
    Contract(RunId),
    #[error("{0} is going on: its evidence can be taken when it has ended")]
    Running(RunId),
}

/// Notes that the evidence of these runs is taken along, which files it lacks, and what is drawn of it.
///
/// # Errors
/// When one of them is going on, or the log does not take an entry. Then nothing may go.
pub async fn note(
    store: &Store,
    runs: &[Run],
    draw: &Draw,
    actor: &str,
) -> Result<(), EvidenceError> {
    for run in runs {
        if run.summary.status == RunStatus::Running {
            return Err(EvidenceError::Running(run.summary.id.clone()));
        }
    }
    for run in runs {
        let (workspace, id) = (&run.summary.workspace, &run.summary.id);
        let mut mark = Mark::new(clock::now_text(), actor)
            .with("what", "evidence")
            .with("format", "zip")
            .with("seed", &draw.seed)
            .with("sample", draw.rows.to_string());
        if !store.raw().has(workspace, &run.summary.file_digest).await? {
            mark = mark.with("file", evidence::MISSING);
        }
        store
            .append(workspace, Some(id), evidence::EXPORTED, &mark)
            .await?;
    }
    Ok(())
}

/// Writes the evidence of runs of one workspace, on a thread that may block.
///
/// # Errors
/// When something of it cannot be read or written; what was written is no evidence then.
pub fn write(
    store: &Store,
    runtime: &Handle,
    workspace: &WorkspaceId,
    runs: &[Run],
    draw: Draw,
    out: &mut dyn Write,
) -> Result<(), EvidenceError> {
    let mut parts = Parts {
        zip: ZipWriter::new_stream(out),
        list: Vec::new(),
        missing: Vec::new(),
    };
    parts.add(evidence::README, 0, README.as_bytes())?;
    let checkpoint = log(store, runtime, workspace, runs, &mut parts)?;
    parts.json(evidence::CHECKPOINT, &checkpoint)?;
    for run in runs {
        let until = checkpoint.as_ref().map_or(0, |it| it.sequence);
        one(store, runtime, (run, until), &mut parts)?;
    }
    let sample = sample::draw(store, runtime, runs, &draw, &parts.missing)?;
    parts.json(evidence::SAMPLE, &sample)?;
    let manifest = Manifest {
        format: evidence::FORMAT.to_owned(),
        workspace: workspace.clone(),
        runs: runs.iter().map(|it| it.summary.id.clone()).collect(),
        missing: parts.missing.clone(),
        sample: Some(draw),
        parts: parts.list.clone(),
    };
    parts.json(evidence::MANIFEST, &manifest)?;
    parts.zip.finish()?;
    Ok(())
}

/// The log, whole where it is of these runs, and its last entry.
fn log(
    store: &Store,
    runtime: &Handle,
    workspace: &WorkspaceId,
    runs: &[Run],
    parts: &mut Parts<'_>,
) -> Result<Option<Checkpoint>, EvidenceError> {
    let ids: BTreeSet<String> = runs.iter().map(|it| it.summary.id.to_string()).collect();
    let whole = move |run: Option<&str>| run.is_some_and(|it| ids.contains(it));
    let mut lines = pin!(handout::log(store, workspace, whole));
    let mut part = parts.begin(evidence::ENTRIES, 0)?;
    let mut last = Vec::new();
    while let Some(piece) = runtime.block_on(lines.try_next())? {
        part.write_all(&piece)?;
        if let Some(line) = piece.strip_suffix(b"\n") {
            let from = line.iter().rposition(|it| *it == b'\n');
            last = line
                .get(from.map_or(0, |it| it + 1)..)
                .unwrap_or_default()
                .to_vec();
        }
    }
    part.end();
    Ok(match Line::read(&last) {
        Some(Line::Checkpoint { checkpoint }) => Some(checkpoint),
        _ => None,
    })
}

/// `until` is the last entry of the log that goes along: what was done since is left out.
fn one(
    store: &Store,
    runtime: &Handle,
    (run, until): (&Run, u64),
    parts: &mut Parts<'_>,
) -> Result<(), EvidenceError> {
    let (workspace, id) = (&run.summary.workspace, &run.summary.id);
    let bare = Run {
        verdict: None,
        browser_receipt: None,
        ..run.clone()
    };
    parts.json(&part(id, "run.json"), &bare)?;
    let raw = store.raw().stream(workspace, &run.summary.file_digest);
    match runtime.block_on(raw) {
        Ok((size, mut bytes)) => {
            let mut file = parts.begin(&file_part(id, &run.summary.file_name), size)?;
            while let Some(piece) = runtime.block_on(bytes.try_next())? {
                file.write_all(&piece)?;
            }
            file.end();
        }
        // What else there is still speaks for the run, and for the others all of it.
        Err(StoreError::NotFound) => parts.missing.push(id.clone()),
        Err(error) => return Err(error.into()),
    }
    let Some(verdict) = &run.verdict else {
        return Ok(());
    };
    let text = store.contract(workspace, &verdict.contract.fingerprint);
    let contract = contracts::kept(runtime.block_on(text)?.as_deref());
    let contract: Contract = contract.ok_or_else(|| EvidenceError::Contract(id.clone()))?;
    parts.add(
        &part(id, "contract.json"),
        0,
        contract.canonical().as_bytes(),
    )?;
    parts.add(
        &part(id, "contract.yaml"),
        0,
        odcs::write(&contract).as_bytes(),
    )?;
    parts.json(&part(id, "options.json"), &options(run, verdict))?;
    parts.json(&part(id, "verdict.json"), verdict)?;
    parts.json(&part(id, "receipt.server.json"), &verdict.receipt)?;
    if let Some(receipt) = &run.browser_receipt {
        parts.json(&part(id, "receipt.browser.json"), receipt)?;
    }
    let header = backend::header(verdict);
    let mut records = Vec::new();
    let mut rows = store.exceptions(workspace, id);
    let mut exceptions = parts.begin(&part(id, "exceptions.ndjson"), 0)?;
    while let Some(row) = runtime.block_on(rows.next()) {
        let row = backend::rendered(row?, verdict, &header);
        records.push(row.record);
        serde_json::to_writer(&mut exceptions, &row)?;
        exceptions.write_all(b"\n")?;
    }
    exceptions.end();
    let mut history = parts.begin(&part(id, evidence::HISTORY), 0)?;
    for records in records.chunks(RECORDS) {
        let found = runtime.block_on(store.exceptions_at(workspace, id, records))?;
        for it in found {
            let mut changes = it.history;
            changes.retain(|it| it.entry.is_none_or(|entry| entry <= until));
            let Some(last) = changes.last() else {
                continue;
            };
            let line = History {
                record: it.row.record,
                state: last.state,
                version: last.version,
                assignee: last.assignee.clone(),
                history: changes,
            };
            serde_json::to_writer(&mut history, &line)?;
            history.write_all(b"\n")?;
        }
    }
    history.end();
    Ok(())
}

fn options(run: &Run, verdict: &Verdict) -> Value {
    json!({
        "choice": run.choice,
        "evaluated_at": run.evaluated_at,
        "clock_replaced": run.clock_replaced,
        "options": verdict.options,
    })
}

struct Parts<'a> {
    zip: ZipWriter<zip::write::StreamWriter<&'a mut dyn Write>>,
    list: Vec<Part>,
    /// Runs whose files are gone.
    missing: Vec<RunId>,
}

impl<'a> Parts<'a> {
    fn add(&mut self, name: &str, size: u64, content: &[u8]) -> Result<(), EvidenceError> {
        let mut part = self.begin(name, size)?;
        part.write_all(content)?;
        part.end();
        Ok(())
    }

    fn json(&mut self, name: &str, content: &impl Serialize) -> Result<(), EvidenceError> {
        let mut text = serde_json::to_vec_pretty(content)?;
        text.push(b'\n');
        self.add(name, 0, &text)
    }

    /// `size` is in bytes, as far as it is known before.
    fn begin(&mut self, name: &str, size: u64) -> Result<Writing<'_, 'a>, EvidenceError> {
        // Neither the moment of making nor the machine's habits go into the file.
        let options = SimpleFileOptions::default()
            .compression_method(CompressionMethod::Deflated)
            .last_modified_time(zip::DateTime::default())
            .unix_permissions(0o644)
            .large_file(size >= u64::from(u32::MAX));
        self.zip.start_file(name, options)?;
        Ok(Writing {
            name: name.to_owned(),
            measure: Measure::default(),
            parts: self,
        })
    }
}

/// A part while it is written.
struct Writing<'p, 'a> {
    name: String,
    measure: Measure,
    parts: &'p mut Parts<'a>,
}

impl Writing<'_, '_> {
    fn end(self) {
        self.parts.list.push(Part {
            name: self.name,
            bytes: self.measure.bytes(),
            sha256: self.measure.sha256(),
        });
    }
}

impl Write for Writing<'_, '_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let count = self.parts.zip.write(bytes)?;
        self.measure.write(bytes.get(..count).unwrap_or_default())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.parts.zip.flush()
    }
}

const README: &str = "\
This file speaks for one or more runs of Tarazu: what came in, under which contract it was judged, what came of it, and
the entries of the audit log that say so.

To check it, drop it on the page Verify of any Tarazu, which sends nothing anywhere, or run

    tarazu audit verify --file evidence.zip

By hand: manifest.json has the SHA-256 of every part. Each line of entries.ndjson has a body_digest (SHA-256 of the
entry's RFC 8785 form, without body_digest and hash) and a hash (SHA-256 of the previous entry's hash followed by
body_digest, both as bytes; 32 zero bytes before the first). Entries of other runs are there as their digests alone.
The entry run.begun names the file's BLAKE3, and run.completed or run.held the digest of the server's receipt and the
SHA-256 of the verdict's RFC 8785 form.

sample.json has accepted rows that were drawn by chance: as the ledger has them, and their lines as the file has them. To
draw them again, count the accepted rows of all complete runs whose files are here through from 0, in the order of
manifest.json and of record. Draw n, from 0, is the first 16 bytes of SHA-256(\"SEED:n\"), as a number, modulo how many rows
there are; a row that is drawn again is passed over. The entry evidence.exported names the seed. Under \"missing\",
manifest.json names the runs whose files were gone when this file was made.

A chain shows that something was changed. That its newest entries are there shows only against a checkpoint that was
noted down elsewhere.
";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_evening_of_utc_is_the_next_day() {
        let has = |from: &str, to: &str| {
            let (from, to) = (from.to_owned(), to.to_owned());
            Span { from, to }.has("2025-12-31T23:30:00.000Z")
        };
        assert!(has("2026", "2026") && has("2026-01-01", "2026-01-01") && has("", "9999"));
        assert!(
            !has("2025", "2025") && !has("2025-12", "2025-12-31") && !has("2026-01-02", "2026")
        );
    }
}

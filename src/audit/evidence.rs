//! An evidence file: a zip of all that speaks for a run, and how it is checked, without the server that made it.
//!
//! ```text
//! README.txt                    what all of this is
//! entries.ndjson                the whole log; entries of other runs as their digests alone
//! checkpoint.json               the last entry of it
//! runs/<id>/run.json            what is kept of the run, without what stands beside it
//! runs/<id>/file/<name>         the file as it came
//! runs/<id>/contract.json       what it was judged under; contract.yaml is the same as a data contract
//! runs/<id>/options.json        how it was read, and when it was judged
//! runs/<id>/verdict.json
//! runs/<id>/receipt.server.json and, where the browser sent one, receipt.browser.json
//! runs/<id>/exceptions.ndjson   the failing rows, whole
//! runs/<id>/history.ndjson      what became of those that something was done with
//! sample.json                   rows drawn by a seed, each traced from the ledger to its line
//! manifest.json                 every part with its length and SHA-256; which files are missing; what was drawn
//! ```

use crate::{
    chain::{Checkpoint, hex},
    file::{FileReport, FileVerifier, next_line},
    history::Acts,
    line::Line,
    proof::{self, Judged},
    sample::{self, Draw, MOST, Sample, Traced, Typed},
};
use model::{
    audit::Entry,
    control::Severity,
    exception::{Change, ExceptionState},
    finding::FlaggedRow,
    id::{RunId, WorkspaceId},
    proof::{Check, Outcome, Progress},
    receipt::Receipt,
    run::{Run, RunStatus},
    verdict::{Refused, Verdict},
};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use sha2::{Digest, Sha256};
use std::{
    borrow::Cow,
    collections::{BTreeMap, BTreeSet},
    io::{self, BufRead, BufReader, Cursor, Read, Seek, SeekFrom},
};
use zip::{ZipArchive, read::ZipFile};

pub const MANIFEST: &str = "manifest.json";
pub const ENTRIES: &str = "entries.ndjson";
pub const CHECKPOINT: &str = "checkpoint.json";
pub const README: &str = "README.txt";
pub const SAMPLE: &str = "sample.json";
/// The event of the entry that evidence of a run was taken along.
pub const EXPORTED: &str = "evidence.exported";
/// What that entry says of the run's `file` where it was gone.
pub const MISSING: &str = "missing";
/// A line for each exception that something was done with, in order of record.
pub const HISTORY: &str = "history.ndjson";
/// Of `Manifest::format`.
pub const FORMAT: &str = "tarazu-evidence-1";

/// The most bytes of a part that is read as one document.
const DOCUMENT: u64 = 64 << 20;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    pub format: String,
    pub workspace: WorkspaceId,
    pub runs: Vec<RunId>,
    /// Of these the file was gone when the evidence was made.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub missing: Vec<RunId>,
    /// None in a file from before samples were drawn.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sample: Option<Draw>,
    /// In the order of the file, without the manifest itself.
    pub parts: Vec<Part>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Part {
    pub name: String,
    pub bytes: u64,
    /// Lowercase hexadecimal.
    pub sha256: String,
}

/// What became of an exception.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct History {
    pub record: u64,
    pub state: ExceptionState,
    pub version: u64,
    pub assignee: Option<String>,
    /// Oldest first.
    pub history: Vec<Change>,
}

/// The name of a run's part.
pub fn part(run: &RunId, name: &str) -> String {
    format!("runs/{run}/{name}")
}

/// The part that a run's file is, under its own name as far as every system takes it.
pub fn file_part(run: &RunId, file_name: &str) -> String {
    let plain = file_name.trim_start_matches('.').chars();
    let plain = plain.map(|it| match it {
        '/' | '\\' | ':' | '*' | '?' | '"' | '<' | '>' | '|' => '_',
        it if it.is_control() => '_',
        it => it,
    });
    part(run, &format!("file/{}", plain.collect::<String>()))
}

/// Where the bytes of an evidence file come from.
pub trait Archive: Read + Seek {}

impl<T: Read + Seek> Archive for T {}

/// What is asked of the engine.
pub struct Ask<'a> {
    pub run: &'a Run,
    /// In its JSON form.
    pub contract: &'a str,
    pub file: &'a [u8],
    /// The rows that the ledger refused; None where it was not asked.
    pub refused: Option<&'a [Refused]>,
    /// Takes each exception that the file gives, in order of record.
    pub row: &'a mut dyn FnMut(&FlaggedRow),
    /// Takes each row that the file accepts, in order of record; None where nobody asks.
    pub accepted: Option<&'a mut Typed<'a>>,
}

/// Judges a file again: the fingerprint of the contract, the verdict, and the engine's version.
pub type Judge<'j> = dyn FnMut(Ask<'_>) -> Result<(String, Verdict, String), String> + 'j;

/// Checks an evidence file: every part against the manifest, the log's chain, what is kept of each run against its
/// entries, and each file by judging it again. What fails is told with its place. `progress` hears how far it is.
pub fn check(
    archive: &mut dyn Archive,
    judge: &mut Judge<'_>,
    progress: &mut dyn FnMut(Progress),
) -> Vec<Check> {
    let mut checks = Checks::default();
    match Evidence::open(archive, &mut checks) {
        Err(why) => checks.fail("evidence", why),
        Ok(mut evidence) => {
            let mut entries = evidence.log(&mut checks, progress);
            let mut drawn = evidence.drawn(&entries, &mut checks);
            let runs = evidence.manifest.runs.clone();
            let total = runs.len() as u64;
            for (checked, id) in (0..).zip(runs) {
                progress(Progress::Runs { checked, total });
                let own = entries.remove(id.as_str()).unwrap_or_default();
                if let Err(why) = evidence.run(&id, &own, judge, &mut drawn, &mut checks) {
                    checks.fail("run", format!("{id}: {why}"));
                }
            }
            evidence.sample(&drawn.found, &mut checks);
        }
    }
    checks.0
}

/// What is said of a file that nobody could check.
pub const ANOTHER_KIND: &str =
    "this is neither an evidence file nor an audit log; Audit and the page of a run give both";

/// Checks a file that is an evidence file, or else an exported log.
pub fn check_bytes(
    bytes: &[u8],
    judge: &mut Judge<'_>,
    progress: &mut dyn FnMut(Progress),
) -> Vec<Check> {
    let mut checks = Checks::default();
    if is_of_another_kind(&mut Cursor::new(bytes)).unwrap_or(false) {
        checks.not_run("kind", ANOTHER_KIND);
        return checks.0;
    }
    if bytes.starts_with(b"PK") {
        return check(&mut Cursor::new(bytes), judge, progress);
    }
    let total = stated(bytes);
    let mut checked = |checked| progress(Progress::Entries { checked, total });
    let report = follow(&mut &*bytes, None, &mut checked, &mut |_| {});
    checks.chain("the file", &report);
    checks.0
}

/// Whether nothing in a file is what an evidence file or a log has: no part of that name, no line of that form. It is
/// read from where it stands, and stands there again afterwards.
///
/// # Errors
/// Where the file cannot be read.
pub fn is_of_another_kind(file: &mut dyn Archive) -> io::Result<bool> {
    let start = file.stream_position()?;
    let mut lines = BufReader::new(&mut *file);
    let beginning = lines.fill_buf()?;
    let is_empty = beginning.is_empty();
    let is_other = if beginning.starts_with(b"PK") {
        let ours = [MANIFEST, ENTRIES, CHECKPOINT];
        let archive = ZipArchive::new(lines);
        archive.is_ok_and(|it| ours.iter().all(|name| it.index_for_name(name).is_none()))
    } else {
        let mut has_ours = is_empty;
        while !has_ours && let Some(line) = next_line(&mut lines)? {
            has_ours = Line::read(&line).is_some();
        }
        !has_ours
    };
    file.seek(SeekFrom::Start(start))?;
    Ok(is_other)
}

/// How many entries a log says it has, in the checkpoint that is its last line; 0 where it says nothing.
fn stated(log: &[u8]) -> u64 {
    let lines = log.strip_suffix(b"\n").unwrap_or(log);
    let mut last = lines.rsplit(|it| *it == b'\n').next().unwrap_or_default();
    match next_line(&mut last).map(|it| Line::read(&it?)) {
        Ok(Some(Line::Checkpoint { checkpoint })) => checkpoint.sequence,
        _ => 0,
    }
}

/// Takes a log to its end, or to the first line that does not hold. `checked` hears at each checkpoint how many entries
/// hold, and `entry` takes those that are told whole.
fn follow(
    log: &mut dyn BufRead,
    noted: Option<&Checkpoint>,
    checked: &mut dyn FnMut(u64),
    entry: &mut dyn FnMut(Entry),
) -> FileReport {
    let mut verifier = FileVerifier::new(noted);
    checked(0);
    // Where a line cannot be read, the log ends without a checkpoint, which the report says.
    while let Ok(Some(line)) = next_line(log) {
        match verifier.push(&line) {
            Some(Line::Whole(it)) => entry(it.entry),
            Some(Line::Link(_)) => {}
            Some(Line::Checkpoint { checkpoint }) => checked(checkpoint.sequence),
            None => break,
        }
    }
    verifier.finish()
}

#[derive(Default)]
struct Checks(Vec<Check>);

impl Checks {
    fn fail(&mut self, name: &str, text: impl Into<String>) {
        self.0.push(Check::new(name, Outcome::Failed, text));
    }

    fn chain(&mut self, file: &str, report: &FileReport) {
        if let Some(fault) = &report.fault {
            return self.fail("log", format!("{file}, {fault}"));
        }
        let entries = report.report.entries;
        let mut text = format!("{entries} entries, each following from the one before it");
        if report.links > 0 {
            text.push_str(&format!("; {} of them are digests alone", report.links));
        }
        self.pass("log", text);
    }

    fn not_run(&mut self, name: &str, text: impl Into<String>) {
        self.0.push(Check::new(name, Outcome::NotRun, text));
    }

    fn pass(&mut self, name: &str, text: impl Into<String>) {
        self.0.push(Check::new(name, Outcome::Passed, text));
    }
}

struct Evidence<'a> {
    archive: ZipArchive<&'a mut dyn Archive>,
    manifest: Manifest,
}

impl<'a> Evidence<'a> {
    /// With every part compared with the manifest.
    fn open(archive: &'a mut dyn Archive, checks: &mut Checks) -> Result<Self, String> {
        let archive = ZipArchive::new(archive);
        let archive = archive.map_err(|_| "this is no zip file, or its end is missing")?;
        let mut evidence = Self {
            archive,
            manifest: Manifest {
                format: String::new(),
                workspace: WorkspaceId::main(),
                runs: Vec::new(),
                missing: Vec::new(),
                sample: None,
                parts: Vec::new(),
            },
        };
        evidence.manifest = evidence.document(MANIFEST)?;
        if evidence.manifest.format != FORMAT {
            return Err(format!("{MANIFEST} is not of the form {FORMAT}"));
        }
        evidence.parts(checks);
        Ok(evidence)
    }

    fn parts(&mut self, checks: &mut Checks) {
        let parts = self.manifest.parts.clone();
        let mut stated: BTreeSet<&str> = parts.iter().map(|it| it.name.as_str()).collect();
        stated.insert(MANIFEST);
        let names = self.archive.file_names();
        let names: Vec<String> = names
            .map(|it| it.map_or("a name that cannot be read".into(), Cow::into_owned))
            .collect();
        let mut whole = true;
        for name in names.iter().filter(|it| !stated.contains(it.as_str())) {
            checks.fail("parts", format!("{name} does not stand in {MANIFEST}"));
            whole = false;
        }
        for part in &parts {
            if let Err(why) = self.measure(part) {
                checks.fail("parts", why);
                whole = false;
            }
        }
        if whole {
            let text = format!(
                "all {} parts have the SHA-256 that the manifest states",
                parts.len()
            );
            checks.pass("parts", text);
        }
    }

    fn measure(&mut self, part: &Part) -> Result<(), String> {
        let name = &part.name;
        let mut content = self.content(name)?;
        let mut measure = Measure::default();
        let bytes = io::copy(&mut content, &mut measure);
        match bytes {
            Err(_) => Err(format!(
                "{name} was changed: it cannot be unpacked as it was packed"
            )),
            Ok(bytes) if bytes != part.bytes => Err(format!(
                "{name} was changed: it has {bytes} bytes, and {MANIFEST} states {}",
                part.bytes
            )),
            Ok(_) if measure.sha256() != part.sha256 => Err(format!(
                "{name} was changed: its SHA-256 is not the one that {MANIFEST} states"
            )),
            Ok(_) => Ok(()),
        }
    }

    /// Verifies the chain, and gives the entries of the evidence's runs, oldest first.
    fn log(
        &mut self,
        checks: &mut Checks,
        progress: &mut dyn FnMut(Progress),
    ) -> BTreeMap<String, Vec<Entry>> {
        let mut own: BTreeMap<String, Vec<Entry>> = BTreeMap::new();
        let checkpoint: Option<Checkpoint> = self
            .document(CHECKPOINT)
            .map_err(|why| checks.fail("log", why))
            .ok();
        let content = match self.content(ENTRIES) {
            Ok(content) => content,
            Err(why) => {
                checks.fail("log", why);
                return own;
            }
        };
        let total = checkpoint.as_ref().map_or(0, |it| it.sequence);
        let report = follow(
            &mut BufReader::new(content),
            checkpoint.as_ref(),
            &mut |checked| progress(Progress::Entries { checked, total }),
            &mut |entry| {
                if let Some(run) = &entry.run {
                    own.entry(run.clone()).or_default().push(entry);
                }
            },
        );
        checks.chain(ENTRIES, &report);
        own
    }

    fn run(
        &mut self,
        id: &RunId,
        entries: &[Entry],
        judge: &mut Judge<'_>,
        drawn: &mut Drawn,
        checks: &mut Checks,
    ) -> Result<(), String> {
        let mut run: Run = self.document(&part(id, "run.json"))?;
        if run.summary.id != *id || run.summary.workspace != self.manifest.workspace {
            return Err("run.json is of another run".to_owned());
        }
        let judged = matches!(run.summary.status, RunStatus::Complete | RunStatus::Held);
        if judged {
            let mut verdict: Verdict = self.document(&part(id, "verdict.json"))?;
            // The receipt has a part of its own, and stands in the verdict too: both are checked.
            let receipt: Receipt = self.document(&part(id, "receipt.server.json"))?;
            if receipt != verdict.receipt {
                let text = "receipt.server.json is not the receipt of verdict.json".to_owned();
                checks.fail("receipt", text);
                verdict.receipt = receipt;
            }
            run.verdict = Some(verdict);
            let browser = part(id, "receipt.browser.json");
            run.browser_receipt = match self.has(&browser) {
                true => Some(self.document(&browser)?),
                false => None,
            };
        }
        checks.0.extend(proof::kept(&run, entries));
        if judged {
            self.history(id, entries, checks)?;
        }
        let name = file_part(id, &run.summary.file_name);
        if self.manifest.missing.contains(id) && !self.has(&name) {
            let file = &run.summary.file_name;
            let (outcome, why) = if entries.iter().any(says_missing) {
                let why = "it was gone when the evidence was made, so that nothing could be compared with it";
                (Outcome::Missing, why)
            } else {
                (
                    Outcome::Failed,
                    "no entry says that it was gone when the evidence was made",
                )
            };
            checks.0.push(Check::new(
                "file",
                outcome,
                format!("{file} is missing: {why}"),
            ));
            return Ok(());
        }
        let file = self.bytes(&name, u64::MAX)?;
        let Some(verdict) = &run.verdict else {
            let same = hex(&Sha256::digest(&file).into()) == run.file_sha256;
            let outcome = if same {
                Outcome::Passed
            } else {
                Outcome::Failed
            };
            let text = "the run has no verdict, so the file's SHA-256 alone is compared";
            checks.0.push(Check::new("file", outcome, text));
            return Ok(());
        };
        let contract = self.text(&part(id, "contract.json"))?;
        let mut kept = self.exceptions(id)?;
        let total = kept.rows.len() as u64;
        let mut unlike = None;
        let asked = (run.summary.status == RunStatus::Complete).then_some(kept.refused.as_slice());
        let places = drawn.places.remove(id).unwrap_or_default();
        let mut place = 0_u64;
        let mut accepted = |record: u64, read: &mut sample::Read<'_>| {
            if kept.by_ledger.contains(&record) {
                return;
            }
            if places.contains(&place) {
                drawn.found.push(Traced::new(&run, read()));
            }
            place += 1;
        };
        let accepted: &mut Typed<'_> = &mut accepted;
        let again = judge(Ask {
            run: &run,
            contract: &contract,
            file: &file,
            refused: asked,
            row: &mut |row| {
                let same = kept
                    .rows
                    .remove(&row.record)
                    .is_some_and(|it| it == mark(row));
                if !same && unlike.is_none() {
                    unlike = Some(row.line);
                }
            },
            accepted: (!places.is_empty()).then_some(accepted),
        })?;
        let (contract, again, engine) = again;
        let judged = Judged {
            contract,
            sha256: hex(&Sha256::digest(&file).into()),
            engine,
            verdict: again,
            refused: asked.map(|it| it.len() as u64),
        };
        checks.0.extend(proof::compare(&run, verdict, &judged));
        // What the ledger refused is no exception of the file by itself.
        let left = kept.rows.keys().find(|it| !kept.by_ledger.contains(it));
        match (unlike, left) {
            (Some(line), _) => checks.fail(
                "exceptions",
                format!("exceptions.ndjson has another row than the file gives for line {line}"),
            ),
            (None, Some(record)) => checks.fail(
                "exceptions",
                format!("exceptions.ndjson has record {record}, which the file does not give"),
            ),
            (None, None) if total != verdict.rows.exceptions => checks.fail(
                "exceptions",
                format!(
                    "exceptions.ndjson has {total} rows, and the verdict {}",
                    verdict.rows.exceptions
                ),
            ),
            (None, None) => checks.pass(
                "exceptions",
                format!("all exceptions ({total}) are those that file and ledger give"),
            ),
        }
        Ok(())
    }

    /// Holds what became of exceptions against the acts that the log tells of.
    fn history(
        &mut self,
        id: &RunId,
        entries: &[Entry],
        checks: &mut Checks,
    ) -> Result<(), String> {
        let name = part(id, HISTORY);
        let mut lines = BufReader::new(self.content(&name)?);
        let mut acts = Acts::of(entries);
        let (mut number, mut changes) = (0_u64, 0);
        while let Some(line) = next_line(&mut lines).map_err(|_| unpacked(&name))? {
            number += 1;
            let it: History = serde_json::from_slice(&line)
                .map_err(|_| format!("{name}, line {number} is no history"))?;
            let record = it.record;
            changes += it.history.len();
            if !acts.take(record, &it.history) {
                let text =
                    format!("{HISTORY}: record {record} has a change that no entry tells of");
                checks.fail("history", text);
                return Ok(());
            }
            let last = it.history.last();
            let left = last.map(|it| (it.version, it.state, &it.assignee));
            if left != Some((it.version, it.state, &it.assignee)) {
                let text = format!(
                    "{HISTORY}: record {record} does not stand where its last change left it"
                );
                checks.fail("history", text);
                return Ok(());
            }
        }
        match acts.first_fault() {
            Some(entry) => checks.fail(
                "history",
                format!("entry {entry} tells of other changes of exceptions than {HISTORY} has"),
            ),
            None => checks.pass(
                "history",
                format!("all changes of exceptions ({changes}) are those that the entries tell of"),
            ),
        }
        Ok(())
    }

    /// The places that the seed draws, if the log names that seed.
    fn drawn(&mut self, entries: &BTreeMap<String, Vec<Entry>>, checks: &mut Checks) -> Drawn {
        let Some(draw) = self.manifest.sample.clone() else {
            let mut all = entries.values().flatten();
            if all.any(|it| it.event == EXPORTED && it.details.contains_key("seed")) {
                checks.fail(
                    "sample",
                    format!("the log names a seed, and {MANIFEST} does not"),
                );
            }
            return Drawn::default();
        };
        if draw.rows > MOST {
            checks.fail(
                "sample",
                format!("{MANIFEST} has more than {MOST} rows drawn"),
            );
            return Drawn::default();
        }
        let mut accepted = Vec::new();
        for id in self.manifest.runs.clone() {
            let own = entries.get(id.as_str());
            if !own.into_iter().flatten().any(|it| draw.is_noted(it)) {
                let text = format!("no entry of {id} names the seed that {MANIFEST} has");
                checks.fail("sample", text);
            }
            // What cannot be read is told where the run itself is checked.
            let run = self.document::<Run>(&part(&id, "run.json"));
            let complete = run.is_ok_and(|it| it.summary.status == RunStatus::Complete);
            if complete
                && !self.manifest.missing.contains(&id)
                && let Ok(verdict) = self.document::<Verdict>(&part(&id, "verdict.json"))
            {
                accepted.push((id, verdict.rows.accepted));
            }
        }
        Drawn {
            places: draw.places(&accepted),
            found: Vec::new(),
        }
    }

    /// Compares the sample with what was found of it in the files.
    fn sample(&mut self, found: &[Traced], checks: &mut Checks) {
        let Some(draw) = self.manifest.sample.clone() else {
            return;
        };
        match self.document::<Sample>(SAMPLE) {
            Ok(kept) => checks.0.push(sample::compare(&draw, &kept, found)),
            Err(why) => checks.fail("sample", why),
        }
    }

    fn exceptions(&mut self, id: &RunId) -> Result<Exceptions, String> {
        let name = part(id, "exceptions.ndjson");
        let content = self.content(&name)?;
        let mut lines = BufReader::new(content);
        let mut kept = Exceptions::default();
        let mut number = 0_u64;
        while let Some(line) = next_line(&mut lines).map_err(|_| unpacked(&name))? {
            number += 1;
            let row: FlaggedRow = serde_json::from_slice(&line)
                .map_err(|_| format!("{name}, line {number} is no row"))?;
            let of_ledger = |it: &model::finding::Finding| it.data.code == "UNQ02";
            if row.findings.iter().any(of_ledger) {
                kept.by_ledger.insert(row.record);
                kept.refused.push(Refused {
                    money: row.money,
                    flagged: row
                        .findings
                        .iter()
                        .any(|it| !of_ledger(it) && it.data.severity == Severity::Warning),
                });
            }
            kept.rows.insert(row.record, mark(&row));
        }
        Ok(kept)
    }

    fn has(&self, name: &str) -> bool {
        self.archive.index_for_name(name).is_some()
    }

    fn content(&mut self, name: &str) -> Result<ZipFile<'_, &'a mut dyn Archive>, String> {
        let content = self.archive.by_name(name);
        content.map_err(|_| format!("{name} is missing, or cannot be unpacked"))
    }

    fn bytes(&mut self, name: &str, most: u64) -> Result<Vec<u8>, String> {
        let mut bytes = Vec::new();
        let content = self.content(name)?;
        let read = content.take(most).read_to_end(&mut bytes);
        read.map_err(|_| unpacked(name))?;
        Ok(bytes)
    }

    fn text(&mut self, name: &str) -> Result<String, String> {
        let bytes = self.bytes(name, DOCUMENT)?;
        String::from_utf8(bytes).map_err(|_| format!("{name} is no text"))
    }

    fn document<T: DeserializeOwned>(&mut self, name: &str) -> Result<T, String> {
        let bytes = self.bytes(name, DOCUMENT)?;
        serde_json::from_slice(&bytes).map_err(|_| format!("{name} cannot be read"))
    }
}

fn unpacked(name: &str) -> String {
    format!("{name} was changed: it cannot be unpacked as it was packed")
}

/// The sample: where its rows stand, by run, and those that were found.
#[derive(Default)]
struct Drawn {
    places: BTreeMap<RunId, BTreeSet<u64>>,
    found: Vec<Traced>,
}

/// The failing rows that an evidence file has.
#[derive(Default)]
struct Exceptions {
    /// By record, with a digest each: rows as such would not fit memory.
    rows: BTreeMap<u64, Option<String>>,
    refused: Vec<Refused>,
    by_ledger: BTreeSet<u64>,
}

/// A row without what became of it later.
fn mark(row: &FlaggedRow) -> Option<String> {
    let row = FlaggedRow {
        state: None,
        ..row.clone()
    };
    proof::digest(&row).ok()
}

fn says_missing(entry: &Entry) -> bool {
    entry.event == EXPORTED && entry.details.get("file").is_some_and(|it| it == MISSING)
}

/// Counts and hashes the bytes that are written to it.
#[derive(Debug, Clone, Default)]
pub struct Measure {
    hasher: Sha256,
    bytes: u64,
}

impl Measure {
    pub fn update(&mut self, bytes: &[u8]) {
        self.hasher.update(bytes);
        self.bytes += bytes.len() as u64;
    }

    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    /// SHA-256, lowercase hexadecimal.
    pub fn sha256(self) -> String {
        hex(&self.hasher.finalize().into())
    }
}

impl io::Write for Measure {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.update(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::file::tests::file;

    fn check(log: &[u8], expected: &[(u64, u64)], outcome: Outcome) {
        let mut told = Vec::new();
        let mut judge = |_: Ask<'_>| Err("a log has no file".to_owned());
        let checks = check_bytes(log, &mut judge, &mut |it| told.push(it));
        let expected = expected.iter();
        let expected = expected.map(|&(checked, total)| Progress::Entries { checked, total });
        assert_eq!(told, expected.collect::<Vec<_>>());
        let outcomes: Vec<_> = checks.iter().map(|it| it.outcome).collect();
        assert_eq!(outcomes, [outcome]);
    }

    #[test]
    fn a_log_tells_how_many_of_its_entries_were_checked() {
        let log = file(2_500, true);
        let all = [(0, 2_500), (1_000, 2_500), (2_000, 2_500), (2_500, 2_500)];
        check(&log, &all, Outcome::Passed);
        check(
            &file(2_000, false),
            &[(0, 2_000), (1_000, 2_000), (2_000, 2_000)],
            Outcome::Passed,
        );
        let mut changed = log.clone();
        let place = log.len() / 2;
        changed[place] ^= 1;
        check(&changed, &all[..2], Outcome::Failed);
        // Cut off in the last line, it does not say how many it has.
        let cut = &log[..log.len() - 9];
        check(cut, &[(0, 0), (1_000, 0), (2_000, 0)], Outcome::Failed);
        check(b"", &[(0, 0)], Outcome::Failed);
    }

    #[test]
    fn a_file_of_another_kind_is_not_said_to_fail() {
        let kind = |bytes: &[u8]| {
            check(bytes, &[], Outcome::NotRun);
        };
        kind(b"nothing of the kind");
        kind(b"order_id,revenue\nA-1,10.00\n");
        let zip = |name: &str| {
            let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
            let options = zip::write::SimpleFileOptions::default();
            zip.start_file(name, options).unwrap();
            zip.finish().unwrap().into_inner()
        };
        kind(&zip("xl/workbook.xml"));
        // One that lost its manifest is an evidence file that fails.
        check(&zip(ENTRIES), &[], Outcome::Failed);
        // So is a log of which one line is left.
        let mut cut = file(3, true);
        cut.splice(0..9, *b"something");
        check(&cut, &[(0, 3)], Outcome::Failed);
    }
}

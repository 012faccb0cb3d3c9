//! Is what is kept of a run what the log says of it, and does the file give the same again? The server asks this of
//! its store, and a browser of an evidence file.

use crate::{EntryError, chain::hex};
use model::{
    audit::Entry,
    proof::{Check, Outcome},
    receipt::Receipt,
    run::Run,
    verdict::Verdict,
};
use serde::Serialize;
use serde_json::Value;
use sha2::{Digest, Sha256};

/// What judging the file again gave.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Judged {
    /// The fingerprint of the contract that is kept, computed anew.
    pub contract: String,
    /// SHA-256 of the file.
    pub sha256: String,
    pub engine: String,
    /// With the rows that the ledger refused, as they are kept.
    pub verdict: Verdict,
    /// How many of these there are; None where the ledger was not asked.
    pub refused: Option<u64>,
}

/// SHA-256 of the RFC 8785 form, lowercase hexadecimal: what entries name a verdict by.
///
/// # Errors
/// When it has no such form.
pub fn digest(value: &impl Serialize) -> Result<String, EntryError> {
    let bytes = serde_json_canonicalizer::to_vec(value).map_err(EntryError::NotCanonical)?;
    Ok(hex(&Sha256::digest(bytes).into()))
}

/// Compares what is kept of a run with the run's own entries, oldest first, which are verified by themselves.
pub fn kept(run: &Run, entries: &[Entry]) -> Vec<Check> {
    let mut checks = vec![begun(run, entries)];
    let Some(verdict) = &run.verdict else {
        return checks;
    };
    let ended = |it: &&Entry| matches!(it.event.as_str(), "run.completed" | "run.held");
    let Some(end) = entries.iter().rev().find(ended) else {
        checks.push(Check::new(
            "verdict",
            Outcome::Failed,
            "no entry says how the run ended, and there is a verdict",
        ));
        return checks;
    };
    let place = format!("entry {}", end.sequence);
    let receipt = &verdict.receipt;
    let receipt_noted = end.details.get("receipt").map(String::as_str);
    checks.push(receipt_check(
        "receipt",
        "server's",
        receipt,
        receipt_noted,
        &place,
    ));
    let browser_noted = entries
        .iter()
        .find_map(|it| it.details.get("browser_receipt"));
    match (&run.browser_receipt, browser_noted) {
        (Some(receipt), noted) => {
            let noted = noted.map(String::as_str);
            checks.push(receipt_check(
                "browser-receipt",
                "browser's",
                receipt,
                noted,
                "the first entry",
            ));
        }
        (None, Some(_)) => checks.push(Check::new(
            "browser-receipt",
            Outcome::Failed,
            "the first entry names a browser's receipt, and none is kept",
        )),
        (None, None) => {}
    }
    checks.push(verdict_check(verdict, end, &place));
    checks
}

fn begun(run: &Run, entries: &[Entry]) -> Check {
    let Some(entry) = entries.iter().find(|it| it.event == "run.begun") else {
        return Check::new("run", Outcome::Failed, "no entry says that the run began");
    };
    let summary = &run.summary;
    let noted = |name: &str| entry.details.get(name).map(String::as_str);
    let bytes = summary.file_bytes.to_string();
    let mut wrong = Vec::new();
    let place = entry.sequence;
    // Entries of releases named the file only from some version on.
    if let (Some(released), None) = (noted("releases"), noted("file_digest")) {
        let text =
            format!("it began with entry {place}, which releases {released} and names no file");
        return Check::new("run", Outcome::NotRun, text);
    }
    for (name, kept) in [
        ("file_digest", &summary.file_digest),
        ("file_bytes", &bytes),
    ] {
        if noted(name) != Some(kept) {
            wrong.push(name);
        }
    }
    if wrong.is_empty() {
        let text = format!("it began with entry {place}, which names the same file");
        return Check::new("run", Outcome::Passed, text);
    }
    let text = format!(
        "entry {place} says something else of it: {}",
        wrong.join(", ")
    );
    Check::new("run", Outcome::Failed, text)
}

fn receipt_check(
    name: &str,
    whose: &str,
    receipt: &Receipt,
    noted: Option<&str>,
    place: &str,
) -> Check {
    let same = receipt_digest(receipt).is_ok_and(|it| it == receipt.digest);
    let (outcome, text) = if !same {
        (
            Outcome::Failed,
            format!("the {whose} receipt was changed: its digest is not that of its fields"),
        )
    } else {
        match noted {
            Some(noted) if noted != receipt.digest => (
                Outcome::Failed,
                format!("the {whose} receipt is not the one that {place} names"),
            ),
            Some(_) => (
                Outcome::Passed,
                format!("the {whose} receipt is whole, and {place} names it"),
            ),
            None => (Outcome::Passed, format!("the {whose} receipt is whole")),
        }
    };
    Check::new(name, outcome, text)
}

/// Of its RFC 8785 form without `digest`, `engine` and `evaluated_at`.
fn receipt_digest(receipt: &Receipt) -> Result<String, EntryError> {
    let mut value = serde_json::to_value(receipt).map_err(EntryError::NotCanonical)?;
    if let Value::Object(fields) = &mut value {
        for name in ["digest", "engine", "evaluated_at"] {
            fields.remove(name);
        }
    }
    digest(&value)
}

fn verdict_check(verdict: &Verdict, end: &Entry, place: &str) -> Check {
    let rows = verdict.rows;
    let figures = [
        ("rows_read", rows.read),
        ("rows_accepted", rows.accepted),
        ("rows_exceptions", rows.exceptions),
    ];
    for (name, kept) in figures {
        if end.details.get(name) != Some(&kept.to_string()) {
            let text = format!("{place} has another figure for {name}");
            return Check::new("verdict", Outcome::Failed, text);
        }
    }
    match end.details.get("verdict") {
        None => Check::new(
            "verdict",
            Outcome::NotRun,
            format!(
                "{place} has the same figures, and is from before verdicts were named in entries"
            ),
        ),
        Some(noted) if digest(verdict).is_ok_and(|it| it == *noted) => Check::new(
            "verdict",
            Outcome::Passed,
            format!("the verdict is the one that {place} names"),
        ),
        Some(_) => Check::new(
            "verdict",
            Outcome::Failed,
            format!("the verdict was changed: it is not the one that {place} names"),
        ),
    }
}

/// Compares what is kept of a run with what its file gives now.
pub fn compare(run: &Run, kept: &Verdict, again: &Judged) -> Vec<Check> {
    let (then, now) = (&kept.receipt, &again.verdict.receipt);
    let equal = |name: &str, equal: bool, yes: &str, no: String| {
        let (outcome, text) = if equal {
            (Outcome::Passed, yes.to_owned())
        } else {
            (Outcome::Failed, no)
        };
        Check::new(name, outcome, text)
    };
    let blake3 = &run.summary.file_digest;
    let same_file = *blake3 == now.file_digest && run.file_sha256 == again.sha256;
    let mut checks = vec![
        equal(
            "file",
            same_file,
            "the file has the BLAKE3 and the SHA-256 that it came with",
            format!(
                "{} was changed: its BLAKE3 is {}, and it came with {blake3}",
                run.summary.file_name, now.file_digest
            ),
        ),
        equal(
            "contract",
            again.contract == kept.contract.fingerprint && again.contract == then.contract,
            "the contract has the fingerprint that verdict and receipt name",
            format!(
                "the contract's fingerprint is {}, and not the one that verdict and receipt name",
                again.contract
            ),
        ),
        if then.engine == again.engine {
            let text = format!("judged then and now by engine {}", again.engine);
            Check::new("engine", Outcome::Passed, text)
        } else {
            let text = format!(
                "judged then by engine {}, now by {}: where something differs, it may come from that",
                then.engine, again.engine
            );
            Check::new("engine", Outcome::NotRun, text)
        },
        equal(
            "counts",
            then.counts == now.counts,
            "rows, findings and money are the same",
            format!(
                "kept are {} rows read, {} accepted, {} exceptions, {} findings; the file gives {}, {}, {}, {}",
                then.counts.read,
                then.counts.accepted,
                then.counts.exceptions,
                then.counts.findings,
                now.counts.read,
                now.counts.accepted,
                now.counts.exceptions,
                now.counts.findings,
            ),
        ),
        equal(
            "findings",
            then.findings_digest == now.findings_digest,
            "the digest of all findings is the same",
            format!(
                "the digest of all findings is {}, and not the one that is kept",
                now.findings_digest
            ),
        ),
        equal(
            "receipts-agree",
            then.digest == now.digest,
            "the receipt is the same",
            format!(
                "the receipt is {}, and not the one that is kept",
                now.digest
            ),
        ),
    ];
    if let Some(refused) = again.refused {
        checks.push(Check::new(
            "server-controls",
            Outcome::NotRun,
            format!(
                "controls that ask the ledger are not run again: it has changed since. The rows that it refused \
                 ({refused}) are taken as they are kept"
            ),
        ));
    }
    let differing = differing(kept, &again.verdict);
    checks.push(equal(
        "judged-again",
        differing.is_empty(),
        "the file gives the same verdict again, in every field",
        format!(
            "the file gives another verdict, in: {}",
            differing.join(", ")
        ),
    ));
    checks
}

/// The fields in which two verdicts differ, apart from who judged.
fn differing(kept: &Verdict, again: &Verdict) -> Vec<String> {
    let mut again = again.clone();
    again.receipt.engine.clone_from(&kept.receipt.engine);
    // Engines before 0.5 told nothing of columns.
    if kept.controls.iter().all(|it| it.columns.is_empty()) {
        again.controls.iter_mut().for_each(|it| it.columns.clear());
    }
    let fields = |it: &Verdict| match serde_json::to_value(it) {
        Ok(Value::Object(fields)) => fields,
        _ => serde_json::Map::new(),
    };
    let (kept, again) = (fields(kept), fields(&again));
    let mut names: Vec<&String> = kept.keys().chain(again.keys()).collect();
    names.sort_unstable();
    names.dedup();
    let differ = names
        .into_iter()
        .filter(|it| kept.get(*it) != again.get(*it));
    differ.cloned().collect()
}

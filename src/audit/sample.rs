//! A random sample of accepted rows, drawn by a seed: each is traced from the ledger to its line in the file.

use crate::evidence::EXPORTED;
use model::{
    audit::Entry,
    id::RunId,
    proof::{Check, Outcome},
    row::LedgerRow,
    run::Run,
};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, BTreeSet};

/// Rows that are drawn unless somebody says otherwise, and the most that can be.
pub const USUAL: u32 = 25;
pub const MOST: u32 = 1_000;

/// Reads an accepted row: as the ledger takes it, and its bytes as they stand in the file.
pub type Read<'r> = dyn FnMut() -> (LedgerRow, Vec<u8>) + 'r;

/// Takes each accepted row, by its record, with what reads it.
pub type Typed<'t> = dyn FnMut(u64, &mut Read<'_>) + 't;

/// How rows are drawn.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Draw {
    pub seed: String,
    pub rows: u32,
}

impl Draw {
    /// Whether the entry says that evidence with this sample was taken along.
    pub fn is_noted(&self, entry: &Entry) -> bool {
        let says = |name: &str, it: &str| entry.details.get(name).is_some_and(|noted| noted == it);
        entry.event == EXPORTED
            && says("seed", &self.seed)
            && says("sample", &self.rows.to_string())
    }

    /// Draws among the accepted rows of runs, of which `accepted` says how many they have. Gives their places among
    /// those of their run, from 0. The rows count through from 0, in order of run and record; draw number `n`, from 0,
    /// takes the first 16 bytes of SHA-256(`seed:n`), as a number, modulo how many rows there are; who is drawn again
    /// is passed over.
    pub fn places(&self, accepted: &[(RunId, u64)]) -> BTreeMap<RunId, BTreeSet<u64>> {
        let total: u128 = accepted.iter().map(|(_, rows)| u128::from(*rows)).sum();
        let wanted = u128::from(self.rows).min(total);
        let (mut drawn, mut turn) = (BTreeSet::new(), 0_u64);
        while (drawn.len() as u128) < wanted {
            let digest = Sha256::digest(format!("{}:{turn}", self.seed));
            let (number, _) = digest.split_at(16);
            let number = number
                .iter()
                .fold(0_u128, |it, byte| it << 8 | u128::from(*byte));
            drawn.insert(number % total);
            turn += 1;
        }
        let (mut places, mut before) = (BTreeMap::new(), 0_u128);
        for (run, rows) in accepted {
            let behind = before + u128::from(*rows);
            let own = drawn.range(before..behind).map(|it| it - before);
            let own: BTreeSet<u64> = own.filter_map(|it| it.try_into().ok()).collect();
            if !own.is_empty() {
                places.insert(run.clone(), own);
            }
            before = behind;
        }
        places
    }
}

/// What was drawn, in order of run and record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sample {
    pub seed: String,
    pub rows: Vec<Traced>,
}

/// A row of the ledger and the line that it came from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Traced {
    pub run: RunId,
    /// BLAKE3 of the run's file.
    pub file_digest: String,
    /// With record and line.
    pub ledger: LedgerRow,
    /// The record as it stands in the file, with what was corrected in it before it was submitted. What is no UTF-8
    /// stands there as U+FFFD.
    pub raw: String,
}

impl Traced {
    pub fn new(run: &Run, (ledger, raw): (LedgerRow, Vec<u8>)) -> Self {
        Self {
            run: run.summary.id.clone(),
            file_digest: run.summary.file_digest.clone(),
            ledger,
            raw: String::from_utf8_lossy(&raw).into_owned(),
        }
    }
}

/// Compares a sample with what its files give at the places that are drawn.
pub fn compare(draw: &Draw, kept: &Sample, found: &[Traced]) -> Check {
    let failed = |text: String| Check::new("sample", Outcome::Failed, text);
    if kept.seed != draw.seed {
        return failed("sample.json has another seed than manifest.json".to_owned());
    }
    for (place, (kept, found)) in (1..).zip(kept.rows.iter().zip(found)) {
        if let Some(why) = unlike(kept, found) {
            return failed(format!("sample.json, row {place}: {why}"));
        }
    }
    let (count, of_files) = (kept.rows.len(), found.len());
    if count != of_files {
        return failed(format!(
            "sample.json has {count} rows, and {of_files} of those that the seed draws are in the files"
        ));
    }
    if count == 0 {
        let text = "no row was drawn, or none was accepted";
        return Check::new("sample", Outcome::NotRun, text);
    }
    let text = format!(
        "the rows drawn by seed {} ({count}) were traced from the ledger to their lines",
        draw.seed
    );
    Check::new("sample", Outcome::Passed, text)
}

fn unlike(kept: &Traced, found: &Traced) -> Option<String> {
    let (run, line) = (&found.run, found.ledger.line);
    if (&kept.run, kept.ledger.record) != (run, found.ledger.record) {
        return Some(format!(
            "it is record {} of {}, and the seed draws record {} of {run}",
            kept.ledger.record, kept.run, found.ledger.record
        ));
    }
    if kept.file_digest != found.file_digest {
        return Some(format!("{run} has a file with another digest"));
    }
    if kept.raw != found.raw {
        return Some(format!(
            "line {line} of {run} says something else in the file"
        ));
    }
    let fields = |row: &LedgerRow| match serde_json::to_value(row) {
        Ok(Value::Object(fields)) => fields,
        _ => serde_json::Map::new(),
    };
    let (ledger, file) = (fields(&kept.ledger), fields(&found.ledger));
    let (name, value) = ledger
        .iter()
        .find(|(name, it)| file.get(*name) != Some(*it))?;
    let given = file.get(name).unwrap_or(&Value::Null);
    Some(format!(
        "line {line} of {run} has {name} {value} in the ledger, and the file gives {given}"
    ))
}

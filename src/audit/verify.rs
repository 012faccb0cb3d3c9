//! Is the log what was written? The chain alone tells changes and gaps; what is gone from its end shows
//! only against something noted elsewhere: a checkpoint, or the runs' own last entries.

use crate::{
    chain::{Checkpoint, body, bytes, chained, hex},
    line::Link,
};
use model::{audit::ChainedEntry, id::RunId};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::{collections::BTreeMap, fmt};

/// What a run keeps of its last entry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunEnd {
    pub run: RunId,
    pub last: Checkpoint,
}

/// What verifying found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    /// Entries that were found whole and in order, up to the fault where there is one.
    pub entries: u64,
    /// The last of them: what to note down as the next checkpoint.
    pub last: Option<Checkpoint>,
    /// None where everything holds.
    pub fault: Option<Fault>,
    /// False where none was given: then nobody can say whether the newest entries are gone, beyond what the
    /// runs noted.
    pub had_checkpoint: bool,
    /// How many runs' own last entries were compared.
    pub runs: u64,
}

/// The first entry that is broken, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fault {
    pub sequence: u64,
    #[serde(flatten)]
    pub kind: FaultKind,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "fault", rename_all = "snake_case")]
pub enum FaultKind {
    /// Its contents are not those that its digest was taken of.
    BodyChanged,
    /// Its hash does not follow from the entry before it.
    HashDoesNotFollow,
    /// It is not there: the entry with sequence `found` stands in its place.
    OutOfSequence { found: u64 },
    /// It is of another workspace than the first one.
    OtherWorkspace,
    /// The checkpoint names it, and the log ends before it: the newest entries are gone.
    CheckpointMissing,
    /// It is whole, and not the one that the checkpoint names: the log was written anew.
    CheckpointDiffers,
    /// A run names it as its last, and the log ends before it.
    RunEntryMissing { run: RunId },
    /// It is whole, and not the one that a run names as its last.
    RunEntryDiffers { run: RunId },
    /// It tells of an act upon exceptions, whose changes are not those that are kept.
    ChangesDiffer { run: RunId },
    /// It is the last that tells of an exception, which has a change that no entry tells of.
    ChangeUntold { run: RunId, record: u64 },
    /// It is the last that tells of an exception, which does not stand where it was left then.
    StandsElsewhere { run: RunId, record: u64 },
}

/// Takes the entries one by one, from the first; for logs that do not fit memory.
#[derive(Debug)]
pub struct Verifier {
    workspace: Option<String>,
    last: Option<Checkpoint>,
    /// What others noted of the entry with this sequence.
    noted: BTreeMap<u64, Vec<(Option<RunId>, String)>>,
    had_checkpoint: bool,
    runs: u64,
    fault: Option<Fault>,
}

/// Verifies a whole log. `entries` are all of one workspace in their stored order.
pub fn verify(
    entries: impl IntoIterator<Item = ChainedEntry>,
    checkpoint: Option<&Checkpoint>,
    runs: impl IntoIterator<Item = RunEnd>,
) -> Report {
    let mut verifier = Verifier::new(checkpoint, runs);
    for entry in entries {
        if !verifier.push(&entry) {
            break;
        }
    }
    verifier.finish()
}

impl Verifier {
    pub fn new(checkpoint: Option<&Checkpoint>, runs: impl IntoIterator<Item = RunEnd>) -> Self {
        let mut noted: BTreeMap<u64, Vec<(Option<RunId>, String)>> = BTreeMap::new();
        if let Some(it) = checkpoint {
            let notes = noted.entry(it.sequence).or_default();
            notes.push((None, it.hash.clone()));
        }
        let mut count = 0;
        for RunEnd { run, last } in runs {
            count += 1;
            let notes = noted.entry(last.sequence).or_default();
            notes.push((Some(run), last.hash));
        }
        Self {
            workspace: None,
            last: None,
            noted,
            had_checkpoint: checkpoint.is_some(),
            runs: count,
            fault: None,
        }
    }

    /// False once a fault is found: further entries change nothing.
    pub fn push(&mut self, entry: &ChainedEntry) -> bool {
        self.push_beside(entry, None)
    }

    /// As [`Self::push`], with what was found of that which the entry tells of.
    pub fn push_beside(&mut self, entry: &ChainedEntry, found: Option<FaultKind>) -> bool {
        self.take(&entry.hash, |it, sequence| {
            it.judge(sequence, entry).or(found)
        })
    }

    /// As [`Self::push`], of an entry whose contents are not told.
    pub fn push_link(&mut self, link: &Link) -> bool {
        self.take(&link.hash, |it, sequence| {
            if link.sequence != sequence {
                let found = link.sequence;
                return Some(FaultKind::OutOfSequence { found });
            }
            let Some(digest) = bytes(&link.body_digest) else {
                return Some(FaultKind::BodyChanged);
            };
            it.follows(sequence, &digest, &link.hash)
        })
    }

    fn take(
        &mut self,
        hash: &str,
        judge: impl FnOnce(&mut Self, u64) -> Option<FaultKind>,
    ) -> bool {
        if self.fault.is_none() {
            let sequence = self.last.as_ref().map_or(1, |it| it.sequence + 1);
            match judge(self, sequence) {
                None => {
                    self.last = Some(Checkpoint {
                        sequence,
                        hash: hash.to_owned(),
                    });
                }
                Some(kind) => self.fault = Some(Fault { sequence, kind }),
            }
        }
        self.fault.is_none()
    }

    /// The last entry that holds.
    pub fn last(&self) -> Option<&Checkpoint> {
        self.last.as_ref()
    }

    pub fn finish(mut self) -> Report {
        let entries = self.last.as_ref().map_or(0, |it| it.sequence);
        if self.fault.is_none()
            && let Some((&sequence, notes)) = self
                .noted
                .iter()
                .find(|(sequence, _)| **sequence == 0 || **sequence > entries)
            && let Some((run, _)) = notes.first()
        {
            let kind = match run.clone() {
                None => FaultKind::CheckpointMissing,
                Some(run) => FaultKind::RunEntryMissing { run },
            };
            self.fault = Some(Fault { sequence, kind });
        }
        Report {
            entries,
            last: self.last,
            fault: self.fault,
            had_checkpoint: self.had_checkpoint,
            runs: self.runs,
        }
    }

    fn judge(&mut self, sequence: u64, chained_entry: &ChainedEntry) -> Option<FaultKind> {
        let entry = &chained_entry.entry;
        if entry.sequence != sequence {
            return Some(FaultKind::OutOfSequence {
                found: entry.sequence,
            });
        }
        let workspace = self
            .workspace
            .get_or_insert_with(|| entry.workspace.clone());
        if *workspace != entry.workspace {
            return Some(FaultKind::OtherWorkspace);
        }
        let Ok(body) = body(entry) else {
            return Some(FaultKind::BodyChanged);
        };
        let digest: [u8; 32] = Sha256::digest(body).into();
        if hex(&digest) != chained_entry.body_digest {
            return Some(FaultKind::BodyChanged);
        }
        self.follows(sequence, &digest, &chained_entry.hash)
    }

    /// Whether `hash` is that of the next entry, and the one that others noted of it.
    fn follows(&self, sequence: u64, digest: &[u8; 32], hash: &str) -> Option<FaultKind> {
        let previous = self.last.as_ref().map(|it| it.hash.as_str());
        let follows = chained(previous, digest).is_ok_and(|it| it == hash);
        if !follows || bytes(hash).is_none() {
            return Some(FaultKind::HashDoesNotFollow);
        }
        let notes = self.noted.get(&sequence)?;
        let (run, _) = notes.iter().find(|(_, noted)| noted != hash)?;
        Some(match run.clone() {
            None => FaultKind::CheckpointDiffers,
            Some(run) => FaultKind::RunEntryDiffers { run },
        })
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sequence = self.sequence;
        match &self.kind {
            FaultKind::BodyChanged => {
                write!(f, "entry {sequence} was changed after it was written")
            }
            FaultKind::HashDoesNotFollow => {
                write!(
                    f,
                    "the hash of entry {sequence} does not follow from the entry before it"
                )
            }
            FaultKind::OutOfSequence { found } => {
                write!(
                    f,
                    "entry {sequence} is missing: entry {found} stands in its place"
                )
            }
            FaultKind::OtherWorkspace => write!(f, "entry {sequence} is of another workspace"),
            FaultKind::CheckpointMissing => write!(
                f,
                "the checkpoint names entry {sequence}, which is missing: the newest entries are gone"
            ),
            FaultKind::CheckpointDiffers => write!(
                f,
                "entry {sequence} is not the one that the checkpoint names: the log was written anew"
            ),
            FaultKind::RunEntryMissing { run } => write!(
                f,
                "{run} names entry {sequence} as its last, which is missing: the newest entries are gone"
            ),
            FaultKind::RunEntryDiffers { run } => {
                write!(
                    f,
                    "entry {sequence} is not the one that {run} names as its last"
                )
            }
            FaultKind::ChangesDiffer { run } => write!(
                f,
                "entry {sequence} tells of other changes of exceptions of {run} than are kept"
            ),
            FaultKind::ChangeUntold { run, record } => write!(
                f,
                "record {record} of {run}, of which entry {sequence} tells last, has a change that no entry tells of"
            ),
            FaultKind::StandsElsewhere { run, record } => write!(
                f,
                "record {record} of {run} does not stand where it was left with entry {sequence}"
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::append;
    use model::audit::Entry;
    use std::collections::BTreeMap;

    fn log(length: u64) -> Vec<ChainedEntry> {
        let mut entries: Vec<ChainedEntry> = Vec::new();
        for sequence in 1..=length {
            let previous = entries.last().map(at);
            let entry = Entry {
                sequence,
                time: format!("2026-02-02T10:00:{sequence:02}.000Z"),
                workspace: "main".into(),
                actor: "ravi".into(),
                event: "stage.ended".into(),
                run: None,
                details: BTreeMap::from([("rows".into(), sequence.to_string())]),
            };
            entries.push(append(previous.as_ref(), entry).unwrap());
        }
        entries
    }

    fn at(entry: &ChainedEntry) -> Checkpoint {
        Checkpoint {
            sequence: entry.entry.sequence,
            hash: entry.hash.clone(),
        }
    }

    /// Tampers with a log of six and verifies it without a checkpoint.
    fn check(tamper: impl FnOnce(&mut Vec<ChainedEntry>), expected: Option<(u64, FaultKind)>) {
        let mut entries = log(6);
        tamper(&mut entries);
        let report = verify(entries, None, []);
        let fault = expected.map(|(sequence, kind)| Fault { sequence, kind });
        assert_eq!(report.fault, fault);
        assert!(!report.had_checkpoint);
    }

    #[test]
    fn an_untouched_log_holds() {
        check(|_| {}, None);
        check(Vec::clear, None);
    }

    #[test]
    fn a_changed_entry_is_named() {
        check(
            |it| it[2].entry.actor = "mallory".into(),
            Some((3, FaultKind::BodyChanged)),
        );
        check(
            |it| {
                it[2].entry.details.insert("rows".into(), "4".into());
            },
            Some((3, FaultKind::BodyChanged)),
        );
        check(
            |it| it[2].hash = "0".repeat(64),
            Some((3, FaultKind::HashDoesNotFollow)),
        );
    }

    #[test]
    fn a_change_with_a_fitting_digest_breaks_the_hash() {
        check(
            |it| {
                it[2].entry.actor = "mallory".into();
                it[2].body_digest = hex(&Sha256::digest(body(&it[2].entry).unwrap()).into());
            },
            Some((3, FaultKind::HashDoesNotFollow)),
        );
    }

    #[test]
    fn a_link_made_anew_breaks_the_next_one() {
        check(
            |it| {
                let mut entry = it[2].entry.clone();
                entry.actor = "mallory".into();
                it[2] = append(Some(&at(&it[1])), entry).unwrap();
            },
            Some((4, FaultKind::HashDoesNotFollow)),
        );
    }

    #[test]
    fn deleted_reordered_and_inserted_entries_are_named() {
        let gap = |sequence, found| Some((sequence, FaultKind::OutOfSequence { found }));
        check(
            |it| {
                it.remove(2);
            },
            gap(3, 4),
        );
        check(
            |it| {
                it.remove(0);
            },
            gap(1, 2),
        );
        check(|it| it.swap(2, 3), gap(3, 4));
        check(|it| it.insert(3, it[2].clone()), gap(4, 3));
        check(
            |it| it[3].entry.workspace = "other".into(),
            Some((4, FaultKind::OtherWorkspace)),
        );
    }

    #[test]
    fn a_deleted_entry_with_the_rest_numbered_anew_is_still_found() {
        check(
            |it| {
                it.remove(2);
                for (place, entry) in (1..).zip(it.iter_mut()) {
                    entry.entry.sequence = place;
                }
            },
            Some((3, FaultKind::BodyChanged)),
        );
    }

    #[test]
    fn a_cut_tail_shows_only_against_a_note() {
        let mut entries = log(6);
        let checkpoint = at(&entries[5]);
        let run = RunId::from_u128(7);
        let end = RunEnd {
            run: run.clone(),
            last: at(&entries[4]),
        };
        entries.truncate(4);
        assert_eq!(verify(entries.clone(), None, []).fault, None);
        let fault = |sequence, kind| Some(Fault { sequence, kind });
        let report = verify(entries.clone(), Some(&checkpoint), []);
        assert_eq!(report.fault, fault(6, FaultKind::CheckpointMissing));
        assert_eq!((report.entries, report.had_checkpoint), (4, true));
        let report = verify(entries, None, [end]);
        assert_eq!(report.fault, fault(5, FaultKind::RunEntryMissing { run }));
        assert_eq!((report.runs, report.had_checkpoint), (1, false));
    }

    #[test]
    fn a_log_written_anew_differs_from_the_notes() {
        let entries = log(6);
        let run = RunId::from_u128(7);
        let mut forged: Vec<ChainedEntry> = Vec::new();
        for it in &entries {
            let mut entry = it.entry.clone();
            entry.actor = "mallory".into();
            forged.push(append(forged.last().map(at).as_ref(), entry).unwrap());
        }
        assert_eq!(verify(forged.clone(), None, []).fault, None);
        let report = verify(forged.clone(), Some(&at(&entries[3])), []);
        let fault = |sequence, kind| Some(Fault { sequence, kind });
        assert_eq!(report.fault, fault(4, FaultKind::CheckpointDiffers));
        let end = RunEnd {
            run: run.clone(),
            last: at(&entries[2]),
        };
        let report = verify(forged, None, [end]);
        assert_eq!(report.fault, fault(3, FaultKind::RunEntryDiffers { run }));
    }
}

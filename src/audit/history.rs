//! Are the changes of exceptions that are kept those that the log tells of? The entry of an act names the digest of all
//! changes that were made with it.

use crate::chain::{EntryError, hex};
use model::{audit::Entry, exception::Change};
use sha2::{Digest, Sha256};

/// What the entry of an act names the digest of its changes by.
pub const DIGEST: &str = "changes_digest";

/// SHA-256 over the changes of one act, by record and in that order: the RFC 8785 forms of their reason, and then of each
/// record, version, event, state, assignee, cells, judgement, place in the ledger, and whom it displaced.
///
/// # Errors
/// When one of them has no such form.
pub fn digest<'c>(
    changes: impl IntoIterator<Item = (u64, &'c Change)>,
) -> Result<String, EntryError> {
    let mut hasher = Sha256::new();
    let mut is_first = true;
    for (record, change) in changes {
        if is_first {
            hash(&mut hasher, &change.reason)?;
        }
        is_first = false;
        line(&mut hasher, record, change)?;
    }
    Ok(hex(&hasher.finalize().into()))
}

fn line(hasher: &mut Sha256, record: u64, it: &Change) -> Result<(), EntryError> {
    let line = (
        record,
        it.version,
        it.event,
        it.state,
        &it.assignee,
        &it.cells,
        &it.judged,
        &it.entered,
        &it.displaced,
    );
    hash(hasher, &line)
}

fn hash(hasher: &mut Sha256, value: &impl serde::Serialize) -> Result<(), EntryError> {
    let bytes = serde_json_canonicalizer::to_vec(value).map_err(EntryError::NotCanonical)?;
    hasher.update(bytes);
    Ok(())
}

/// The entry of an act, and what is kept of its changes. They are taken one by one, in order of record, since an act may
/// have more of them than fit memory.
#[derive(Debug, Clone)]
pub struct Act {
    pub sequence: u64,
    time: String,
    actor: String,
    /// None in an entry from before it was named for this kind of act.
    noted: Option<String>,
    /// Record and version, where the act made one change and says so.
    one: Option<(u64, u64)>,
    /// Of the first change, and what was hashed since.
    begun: Option<(Option<String>, Sha256)>,
    differs: bool,
}

impl Act {
    /// None where the entry is of no act upon exceptions.
    pub fn of(entry: &Entry) -> Option<Self> {
        if !entry.event.starts_with("exception.") {
            return None;
        }
        let number = |name: &str| entry.details.get(name)?.parse().ok();
        Some(Self {
            sequence: entry.sequence,
            time: entry.time.clone(),
            actor: entry.actor.clone(),
            noted: entry.details.get(DIGEST).cloned(),
            one: number("record").zip(number("version")),
            begun: None,
            differs: false,
        })
    }

    /// Whether a change that names no entry may be this act's: one from before changes named theirs.
    fn may_have(&self, record: u64, change: &Change) -> bool {
        self.time == change.time
            && self.actor == change.actor
            && self.one.is_none_or(|it| it == (record, change.version))
    }

    pub fn take(&mut self, record: u64, change: &Change) {
        let (reason, hasher) = self.begun.get_or_insert_with(|| {
            let mut hasher = Sha256::new();
            self.differs |= hash(&mut hasher, &change.reason).is_err();
            (change.reason.clone(), hasher)
        });
        self.differs |= *reason != change.reason
            || self.time != change.time
            || self.actor != change.actor
            || line(hasher, record, change).is_err();
    }

    /// Of a change that cannot be read.
    pub fn spoil(&mut self) {
        self.differs = true;
    }

    pub fn holds(self) -> bool {
        let found = self.begun.map(|(_, it)| hex(&it.finalize().into()));
        !self.differs && (self.noted.is_none() || self.noted == found)
    }
}

/// The acts upon the exceptions of a run, by their entries.
#[derive(Debug, Clone)]
pub(crate) struct Acts(Vec<Act>);

impl Acts {
    pub(crate) fn of(entries: &[Entry]) -> Self {
        Self(entries.iter().filter_map(Act::of).collect())
    }

    /// Takes what became of an exception, oldest change first. False where one of them is no act's.
    pub(crate) fn take(&mut self, record: u64, history: &[Change]) -> bool {
        history.iter().all(|change| {
            let mut acts = self.0.iter_mut();
            let act = match change.entry {
                Some(entry) => acts.find(|it| it.sequence == entry),
                // The act that says that it is this one's comes before others of the same moment.
                None => acts
                    .filter(|it| it.may_have(record, change))
                    .max_by_key(|it| it.one.is_some()),
            };
            act.map(|it| it.take(record, change)).is_some()
        })
    }

    /// The entry of the first act whose changes are not those that are kept.
    pub(crate) fn first_fault(self) -> Option<u64> {
        let mut acts = self.0.into_iter();
        acts.find_map(|it| {
            let sequence = it.sequence;
            (!it.holds()).then_some(sequence)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::exception::{Event, ExceptionState, RowJudgement, RowPlace};
    use model::id::RunId;
    use std::collections::BTreeMap;

    fn change(version: u64) -> Change {
        Change {
            version,
            time: "2026-02-02T10:00:00.000Z".into(),
            actor: "ravi".into(),
            event: Event::Corrected,
            state: ExceptionState::Corrected,
            reason: Some("as the shop says".into()),
            assignee: Some("asha".into()),
            cells: Some(vec!["é".into()]),
            judged: Some(RowJudgement {
                contract: "f".repeat(64),
                evaluated_at: "2026-02-03T10:00:00Z".into(),
                findings: Vec::new(),
            }),
            entered: Some(RowPlace {
                run: RunId::from_u128(2),
                record: 1,
            }),
            displaced: None,
            entry: Some(5),
        }
    }

    fn entry(sequence: u64, details: &[(&str, &str)]) -> Entry {
        let details = details.iter();
        Entry {
            sequence,
            time: "2026-02-02T10:00:00.000Z".into(),
            workspace: "main".into(),
            actor: "ravi".into(),
            event: "exception.corrected".into(),
            run: None,
            details: details.map(|(a, b)| ((*a).into(), (*b).into())).collect(),
        }
    }

    #[test]
    fn the_digest_is_fixed() {
        // As acts were told of before the digest was taken here: JSON without blanks, its fields by name.
        let text = format!(
            r#""as the shop says"[3,2,"corrected","corrected","asha",["é"],{{"contract":"{}","evaluated_at":"2026-02-03T10:00:00Z","findings":[]}},{{"record":1,"run":"{}"}},null]"#,
            "f".repeat(64),
            RunId::from_u128(2)
        );
        let expected: [u8; 32] = Sha256::digest(text).into();
        assert_eq!(digest([(3, &change(2))]).unwrap(), hex(&expected));
    }

    /// Of the changes that are kept, by record.
    type Tamper<'a> = &'a dyn Fn(&mut Vec<(u64, Change)>);

    #[test]
    fn whatever_is_changed_of_an_act_shows() {
        let changes = [change(2), change(3)];
        let noted = digest([(3, &changes[0]), (4, &changes[1])]).unwrap();
        let holds = |tamper: Tamper<'_>| {
            let mut kept = vec![(3, changes[0].clone()), (4, changes[1].clone())];
            tamper(&mut kept);
            let mut act = Act::of(&entry(5, &[(DIGEST, &noted)])).unwrap();
            kept.iter().for_each(|(record, it)| act.take(*record, it));
            act.holds()
        };
        assert!(holds(&|_| {}));
        let tampered: [Tamper<'_>; 12] = [
            &|it| it[1].0 = 5,
            &|it| it[1].1.version = 4,
            &|it| it[1].1.time = "2026-02-02T10:00:00.001Z".into(),
            &|it| it[1].1.actor = "mallory".into(),
            &|it| it[1].1.event = Event::Waived,
            &|it| it[1].1.state = ExceptionState::Waived,
            &|it| it[1].1.reason = None,
            &|it| it.iter_mut().for_each(|it| it.1.reason = None),
            &|it| it[0].1.assignee = None,
            &|it| it[0].1.cells = Some(vec!["e".into()]),
            &|it| it.truncate(1),
            &Vec::clear,
        ];
        for (place, tamper) in tampered.into_iter().enumerate() {
            assert!(!holds(tamper), "{place}");
        }
    }

    #[test]
    fn changes_from_before_they_named_their_entry_are_found_by_time_and_person() {
        let old = |version| Change {
            entry: None,
            ..change(version)
        };
        let of = |changes: &[(u64, &Change)]| digest(changes.iter().copied()).unwrap();
        let many = of(&[(3, &old(2)), (4, &old(2))]);
        let one = of(&[(5, &old(7))]);
        let entries = [
            entry(8, &[(DIGEST, &many)]),
            entry(9, &[(DIGEST, &one), ("record", "5"), ("version", "7")]),
        ];
        let mut acts = Acts::of(&entries);
        for (record, version) in [(3, 2), (4, 2), (5, 7)] {
            assert!(acts.take(record, &[old(version)]));
        }
        assert_eq!(acts.clone().first_fault(), None);
        assert!(acts.take(6, &[old(2)]));
        assert_eq!(acts.clone().first_fault(), Some(8));
        let later = Change {
            time: "2026-02-02T11:00:00.000Z".into(),
            ..old(2)
        };
        assert!(!acts.take(6, &[later]));
        assert_eq!(
            Act::of(&Entry {
                event: "run.begun".into(),
                details: BTreeMap::new(),
                ..entry(1, &[])
            })
            .map(|it| it.sequence),
            None
        );
    }
}

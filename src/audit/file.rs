//! Is an exported log whole, and what was written? Needs nothing but the file.

use crate::{
    chain::Checkpoint,
    line::Line,
    verify::{Fault, Report, Verifier},
};
use serde::{Deserialize, Serialize};
use std::{fmt, io, io::BufRead};

/// A line that is longer is none of ours; without a limit a file without line breaks would fill the memory.
const LONGEST: u64 = 16 << 20;

/// What verifying a file found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileReport {
    /// Lines that hold.
    pub lines: u64,
    /// Entries among them of which only the place in the chain is told.
    pub links: u64,
    /// Of the chain. Its own fault, where there is one, stands in `fault` too.
    pub report: Report,
    pub fault: Option<LineFault>,
}

/// The first line that does not hold, 1-based, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LineFault {
    pub line: u64,
    #[serde(flatten)]
    pub kind: LineFaultKind,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "line_fault", rename_all = "snake_case")]
pub enum LineFaultKind {
    /// It is no entry and no checkpoint in the one form that these are written in.
    NotALine,
    Chain(Fault),
    /// It names another entry than the one above it.
    CheckpointDiffers {
        sequence: u64,
    },
    /// The file ends here without a checkpoint: it was cut off.
    Cut,
}

/// Takes a file line by line, from the first.
#[derive(Debug)]
pub struct FileVerifier {
    verifier: Verifier,
    lines: u64,
    links: u64,
    /// The line that was read last is a checkpoint.
    closed: bool,
    fault: Option<LineFaultKind>,
}

impl FileVerifier {
    /// `checkpoint` was noted down elsewhere.
    pub fn new(checkpoint: Option<&Checkpoint>) -> Self {
        Self {
            verifier: Verifier::new(checkpoint, []),
            lines: 0,
            links: 0,
            closed: false,
            fault: None,
        }
    }

    /// Takes a whole file.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn verify(
        file: &mut dyn BufRead,
        checkpoint: Option<&Checkpoint>,
    ) -> io::Result<FileReport> {
        let mut verifier = Self::new(checkpoint);
        while let Some(line) = next_line(file)? {
            if verifier.push(&line).is_none() {
                break;
            }
        }
        Ok(verifier.finish())
    }

    /// Takes the next line, without its line break, and gives what it says. None once there is a fault: further
    /// lines change nothing.
    pub fn push(&mut self, bytes: &[u8]) -> Option<Line> {
        if self.fault.is_some() {
            return None;
        }
        let Some(line) = Line::read(bytes) else {
            self.fault = Some(LineFaultKind::NotALine);
            return None;
        };
        self.closed = false;
        let holds = match &line {
            Line::Whole(entry) => self.verifier.push(entry),
            Line::Link(link) => {
                self.links += 1;
                self.verifier.push_link(link)
            }
            Line::Checkpoint { checkpoint } => {
                if self.verifier.last() != Some(checkpoint) {
                    let sequence = checkpoint.sequence;
                    self.fault = Some(LineFaultKind::CheckpointDiffers { sequence });
                    return None;
                }
                self.closed = true;
                true
            }
        };
        if !holds {
            // What it is stands in the verifier's report.
            return None;
        }
        self.lines += 1;
        Some(line)
    }

    pub fn finish(self) -> FileReport {
        let report = self.verifier.finish();
        let kind = match (self.fault, &report.fault) {
            (Some(kind), _) => Some(kind),
            (None, Some(fault)) => Some(LineFaultKind::Chain(fault.clone())),
            (None, None) => (!self.closed).then_some(LineFaultKind::Cut),
        };
        let line = self.lines + 1;
        FileReport {
            lines: self.lines,
            links: self.links,
            report,
            fault: kind.map(|kind| LineFault { line, kind }),
        }
    }
}

/// The next line without its line break; None at the end of the file.
pub(crate) fn next_line(file: &mut dyn BufRead) -> io::Result<Option<Vec<u8>>> {
    let mut line = Vec::new();
    io::Read::take(file, LONGEST).read_until(b'\n', &mut line)?;
    if line.is_empty() {
        return Ok(None);
    }
    if line.last() == Some(&b'\n') {
        line.pop();
    }
    Ok(Some(line))
}

impl fmt::Display for LineFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let line = self.line;
        match &self.kind {
            LineFaultKind::NotALine => write!(
                f,
                "line {line} is no entry and no checkpoint as they are written"
            ),
            LineFaultKind::Chain(fault) => write!(f, "line {line}: {fault}"),
            LineFaultKind::CheckpointDiffers { sequence } => write!(
                f,
                "line {line} is a checkpoint of entry {sequence}, which is not the entry above it"
            ),
            LineFaultKind::Cut => write!(
                f,
                "line {line} should be a checkpoint: the file was cut off"
            ),
        }
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::{FaultKind, Lines, Link, append};
    use model::audit::{ChainedEntry, Entry};
    use std::collections::BTreeMap;

    /// Every third entry is told whole, where `all` is false.
    pub(crate) fn file(length: u64, all: bool) -> Vec<u8> {
        let (mut lines, mut bytes) = (Lines::default(), Vec::new());
        let mut last: Option<Checkpoint> = None;
        for sequence in 1..=length {
            let entry = Entry {
                sequence,
                time: "2026-02-02T10:00:00.000Z".into(),
                workspace: "main".into(),
                actor: "ravi".into(),
                event: "stage.ended".into(),
                run: None,
                details: BTreeMap::from([("rows".into(), sequence.to_string())]),
            };
            let chained: ChainedEntry = append(last.as_ref(), entry).unwrap();
            last = Some(Checkpoint {
                sequence,
                hash: chained.hash.clone(),
            });
            let line = match all || sequence % 3 == 0 {
                true => Line::Whole(Box::new(chained)),
                false => Line::Link(Link::from(chained)),
            };
            lines.push(&line, &mut bytes).unwrap();
        }
        assert_eq!(lines.finish(&mut bytes).unwrap(), last);
        bytes
    }

    fn verified(bytes: &[u8]) -> FileReport {
        FileVerifier::verify(&mut &*bytes, None).unwrap()
    }

    /// Tampers with the lines of a file of six entries.
    fn check(tamper: impl FnOnce(&mut Vec<String>), line: u64, kind: LineFaultKind) {
        let text = String::from_utf8(file(6, true)).unwrap();
        let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
        tamper(&mut lines);
        let report = verified((lines.join("\n") + "\n").as_bytes());
        assert_eq!(report.fault, Some(LineFault { line, kind }));
        assert_eq!(report.lines, line - 1);
    }

    #[test]
    fn a_whole_file_holds_and_has_a_checkpoint_every_thousand_entries() {
        for (length, all, lines) in [(6, true, 7), (1000, false, 1001), (2500, false, 2503)] {
            let bytes = file(length, all);
            let report = verified(&bytes);
            assert_eq!(report.fault, None);
            assert_eq!((report.lines, report.report.entries), (lines, length));
            assert_eq!(report.links, if all { 0 } else { length - length / 3 });
            assert_eq!(report.report.last.map(|it| it.sequence), Some(length));
        }
    }

    #[test]
    fn every_single_byte_counts() {
        let bytes = file(7, false);
        for place in 0..bytes.len() {
            for flip in [1, 0x20, 0x80] {
                let mut changed = bytes.clone();
                changed[place] ^= flip;
                let report = verified(&changed);
                let line = 1 + bytes[..place].iter().filter(|it| **it == b'\n').count() as u64;
                let fault = report.fault.expect("a changed byte is found");
                assert_eq!(fault.line, line, "byte {place}, {fault}");
            }
        }
    }

    #[test]
    fn what_is_done_to_lines_is_told_with_its_place() {
        let gap = |sequence, found| {
            LineFaultKind::Chain(Fault {
                sequence,
                kind: FaultKind::OutOfSequence { found },
            })
        };
        check(|it| drop(it.remove(2)), 3, gap(3, 4));
        check(|it| it.swap(2, 3), 3, gap(3, 4));
        check(|it| it.insert(3, it[2].clone()), 4, gap(4, 3));
        check(|it| it[1] = it[1].replace("ravi", "mala"), 2, {
            LineFaultKind::Chain(Fault {
                sequence: 2,
                kind: FaultKind::BodyChanged,
            })
        });
        check(|it| it[1].push(' '), 2, LineFaultKind::NotALine);
        check(
            |it| it[1] = it[1].replace("{\"actor\"", "{\"aaa\":1,\"actor\""),
            2,
            LineFaultKind::NotALine,
        );
        check(|it| drop(it.pop()), 7, LineFaultKind::Cut);
        check(|it| it.clear(), 1, LineFaultKind::NotALine);
        let differs = LineFaultKind::CheckpointDiffers { sequence: 6 };
        check(|it| drop(it.remove(5)), 6, differs);
    }

    #[test]
    fn a_file_that_ends_before_what_was_noted_down_is_told() {
        let long = verified(&file(9, true)).report.last;
        let report = FileVerifier::verify(&mut &*file(6, true), long.as_ref()).unwrap();
        assert_eq!(
            report.fault,
            Some(LineFault {
                line: 8,
                kind: LineFaultKind::Chain(Fault {
                    sequence: 9,
                    kind: FaultKind::CheckpointMissing
                })
            })
        );
        assert_eq!(
            verified(&[]).fault.map(|it| it.kind),
            Some(LineFaultKind::Cut)
        );
    }
}

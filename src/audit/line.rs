//! A log as a file: one JSON object a line, each in its RFC 8785 form, so that every line has one written form and
//! a changed byte shows. There are three kinds of line:
//!
//! - an entry, whole: `actor`, `body_digest`, `details`, `event`, `hash`, `run`, `sequence`, `time`, `workspace`;
//! - an entry of which only its place in the chain is told: `body_digest`, `hash`, `sequence`;
//! - a checkpoint, which names the entry above it: `{"checkpoint":{"hash":…,"sequence":…}}`. One stands after every
//!   thousand entries, and one is the last line of the file.

use crate::chain::{Checkpoint, EntryError};
use model::audit::ChainedEntry;
use serde::{Deserialize, Serialize};

/// Entries between two checkpoints.
pub const EVERY: u64 = 1000;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Line {
    Checkpoint { checkpoint: Checkpoint },
    Whole(Box<ChainedEntry>),
    Link(Link),
}

/// The place of an entry in the chain, without its contents.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Link {
    pub sequence: u64,
    pub body_digest: String,
    pub hash: String,
}

impl From<ChainedEntry> for Link {
    fn from(entry: ChainedEntry) -> Self {
        Self {
            sequence: entry.entry.sequence,
            body_digest: entry.body_digest,
            hash: entry.hash,
        }
    }
}

impl Line {
    /// Its one written form, without a line break.
    ///
    /// # Errors
    /// When it has none.
    pub fn bytes(&self) -> Result<Vec<u8>, EntryError> {
        serde_json_canonicalizer::to_vec(self).map_err(EntryError::NotCanonical)
    }

    /// None where the bytes are no line, or not in the one form that it is written in.
    pub fn read(bytes: &[u8]) -> Option<Self> {
        let line: Self = serde_json::from_slice(bytes).ok()?;
        (line.bytes().ok()? == bytes).then_some(line)
    }
}

/// Writes entries, from the first on, with the checkpoints between and behind them.
#[derive(Debug, Default)]
pub struct Lines {
    last: Option<Checkpoint>,
    since: u64,
}

impl Lines {
    /// Adds the line of an entry, and of a checkpoint where one is due.
    ///
    /// # Errors
    /// When the entry has no written form.
    pub fn push(&mut self, line: &Line, into: &mut Vec<u8>) -> Result<(), EntryError> {
        let (sequence, hash) = match line {
            Line::Whole(it) => (it.entry.sequence, &it.hash),
            Line::Link(it) => (it.sequence, &it.hash),
            Line::Checkpoint { checkpoint } => (checkpoint.sequence, &checkpoint.hash),
        };
        self.last = Some(Checkpoint {
            sequence,
            hash: hash.clone(),
        });
        self.since += 1;
        add(line, into)?;
        if self.since == EVERY {
            self.checkpoint(into)?;
        }
        Ok(())
    }

    /// Adds the last line and gives what it names. None where there was no entry.
    ///
    /// # Errors
    /// As [`Self::push`].
    pub fn finish(mut self, into: &mut Vec<u8>) -> Result<Option<Checkpoint>, EntryError> {
        if self.since > 0 {
            self.checkpoint(into)?;
        }
        Ok(self.last)
    }

    fn checkpoint(&mut self, into: &mut Vec<u8>) -> Result<(), EntryError> {
        self.since = 0;
        let Some(checkpoint) = self.last.clone() else {
            return Ok(());
        };
        add(&Line::Checkpoint { checkpoint }, into)
    }
}

fn add(line: &Line, into: &mut Vec<u8>) -> Result<(), EntryError> {
    into.extend(line.bytes()?);
    into.push(b'\n');
    Ok(())
}

//! What a workbook may hold at most. A small file can unpack into more than any machine has.

use model::workbook::Refused;
use std::cell::{Cell, RefCell};

/// Bytes of the file itself.
pub(super) const FILE: u64 = 256 * MIB;
/// Bytes of all its parts, unpacked.
const UNPACKED: u64 = 2048 * MIB;
/// Bytes of one part, unpacked.
const PART: u64 = 1024 * MIB;
/// A part that unpacks into more than `SMALL` bytes may be so many times the size of its packed form. Sheets of a
/// million rows come to 10 to 60 times.
const RATIO: u64 = 250;
const SMALL: u64 = 64 * MIB;
/// Cells that are not empty, over all sheets.
const CELLS: u64 = 50_000_000;
/// Bytes of text, over all sheets.
const TEXT: u64 = 512 * MIB;

const MIB: u64 = 1024 * 1024;

/// Why a workbook cannot be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Refusal {
    Password,
    Damaged,
    /// In words: what is too large, and how large it may be.
    TooLarge(String),
    /// The name of the sheet that was chosen.
    NoSuchSheet(String),
    /// The name of the sheet whose header is not that of the first one, and that one's name.
    OtherHeader(String, String),
}

impl Refusal {
    pub(super) fn kind(&self) -> Refused {
        match self {
            Self::Password => Refused::Password,
            Self::Damaged => Refused::Damaged,
            Self::TooLarge(_) => Refused::TooLarge,
            Self::NoSuchSheet(_) => Refused::NoSuchSheet,
            Self::OtherHeader(..) => Refused::OtherHeader,
        }
    }
}

/// What has been taken of the limits, shared by all who read.
#[derive(Debug, Default)]
pub(super) struct Budget {
    unpacked: Cell<u64>,
    cells: Cell<u64>,
    text: Cell<u64>,
    /// What stopped the unpacking: readers of XML and zip tell of an error without its cause.
    over: RefCell<Option<Refusal>>,
}

impl Budget {
    /// `bytes` more come out of a part that is `packed` bytes long, `part` bytes of it by now.
    pub(super) fn unpack(&self, bytes: u64, part: u64, packed: u64) -> Result<(), Refusal> {
        let unpacked = self.unpacked.get() + bytes;
        self.unpacked.set(unpacked);
        let within = if part > SMALL && part / RATIO > packed {
            Err(Refusal::TooLarge(format!(
                "a part of it unpacks into more than {RATIO} times its size, as no table does"
            )))
        } else {
            most("one of its parts", part, PART).and(most(
                "what it unpacks into",
                unpacked,
                UNPACKED,
            ))
        };
        if let Err(refusal) = &within {
            self.over.replace(Some(refusal.clone()));
        }
        within
    }

    /// Why a part could not be read to its end.
    pub(super) fn broken(&self) -> Refusal {
        self.over.take().unwrap_or(Refusal::Damaged)
    }

    pub(super) fn cells(&self, more: usize) -> Result<(), Refusal> {
        self.cells.set(self.cells.get() + more as u64);
        if self.cells.get() > CELLS {
            return Err(Refusal::TooLarge(format!(
                "it has more than {} million cells",
                CELLS / 1_000_000
            )));
        }
        Ok(())
    }

    /// Bytes of text that are kept in memory.
    pub(super) fn text(&self, more: usize) -> Result<(), Refusal> {
        self.text.set(self.text.get() + more as u64);
        most("its text", self.text.get(), TEXT)
    }
}

/// # Errors
/// When `bytes` is more than `limit`.
pub(super) fn most(what: &str, bytes: u64, limit: u64) -> Result<(), Refusal> {
    if bytes > limit {
        return Err(Refusal::TooLarge(format!(
            "{what} is larger than {} MB",
            limit / MIB
        )));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_that_swells_beyond_all_tables_is_refused() {
        let budget = Budget::default();
        assert_eq!(budget.unpack(60 * MIB, 60 * MIB, 1), Ok(()));
        assert_eq!(budget.unpack(60 * MIB, 120 * MIB, MIB), Ok(()));
        assert!(budget.unpack(60 * MIB, 300 * MIB, MIB).is_err());
        assert!(matches!(budget.broken(), Refusal::TooLarge(it) if it.contains("250 times")));
        assert_eq!(budget.broken(), Refusal::Damaged);
        assert!(budget.unpack(2000 * MIB, 10, 10).is_err());
        let cells = usize::try_from(CELLS).unwrap();
        assert_eq!(budget.cells(cells), Ok(()));
        assert!(budget.cells(1).is_err());
        assert_eq!(budget.text(500 * 1024 * 1024), Ok(()));
        assert!(budget.text(20 * 1024 * 1024).is_err());
    }
}

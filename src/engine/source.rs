//! Where bytes come from: a file, memory, or a `File` in the browser. The engine itself does no IO.

use model::workbook::Origin;
use std::fmt;

/// Bytes that can be read again at any place. The bytes must not change while a file is judged.
pub trait Source {
    /// In bytes.
    fn size(&self) -> u64;
    /// Fills `into` with the bytes from `offset` on; all of them lie within `size`.
    ///
    /// # Errors
    /// When the bytes are no longer there: the file was removed, the disk fails.
    fn read_at(&self, offset: u64, into: &mut [u8]) -> Result<(), SourceError>;
    /// Where these bytes are the text of a workbook's sheets, one record a line; None where they are the file.
    fn origin(&self) -> Option<&Origin> {
        None
    }
}

/// The bytes could not be read. The one thing that keeps a file from getting a verdict.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceError {
    pub offset: u64,
    /// What the system says, for the log.
    pub reason: String,
}

impl fmt::Display for SourceError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "the file could not be read at byte {}: {}",
            self.offset, self.reason
        )
    }
}

impl std::error::Error for SourceError {}

/// Bytes in memory.
#[derive(Debug, Clone, Copy)]
pub struct Memory<'a>(pub &'a [u8]);

impl Source for Memory<'_> {
    fn size(&self) -> u64 {
        self.0.len() as u64
    }

    fn read_at(&self, offset: u64, into: &mut [u8]) -> Result<(), SourceError> {
        let from = usize::try_from(offset).ok();
        let bytes = from.and_then(|from| self.0.get(from..)?.get(..into.len()));
        let Some(bytes) = bytes else {
            return Err(SourceError {
                offset,
                reason: "past the end".into(),
            });
        };
        into.copy_from_slice(bytes);
        Ok(())
    }
}

/// Reads `[from, to)` into `buffer`, replacing what is there.
pub(crate) fn read_range(
    source: &dyn Source,
    from: u64,
    to: u64,
    buffer: &mut Vec<u8>,
) -> Result<(), SourceError> {
    let length = usize::try_from(to.saturating_sub(from)).map_err(|_| SourceError {
        offset: from,
        reason: "too long for memory".into(),
    })?;
    buffer.resize(length, 0);
    source.read_at(from, buffer)
}

//! Other bytes in place of some of a text's, without a copy of it.

use crate::source::SourceError;
use serde::{Deserialize, Serialize};

/// In the order of their places, none within another.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Splices(Vec<Splice>);

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Splice {
    /// What goes, as places in the text before.
    from: u64,
    to: u64,
    /// What comes instead, and its place in the text after.
    start: u64,
    bytes: Vec<u8>,
}

impl Splice {
    fn end(&self) -> u64 {
        self.start + self.bytes.len() as u64
    }
}

/// Fills a buffer with the text before, from a place on.
type Read<'a> = dyn FnMut(u64, &mut [u8]) -> Result<(), SourceError> + 'a;

impl Splices {
    /// Behind all that were put before.
    pub(crate) fn put(&mut self, from: u64, to: u64, bytes: Vec<u8>) {
        let start = self.size(from);
        self.0.push(Splice {
            from,
            to,
            start,
            bytes,
        });
    }

    /// Bytes of the text after, where it had `before`.
    pub(crate) fn size(&self, before: u64) -> u64 {
        let last = self.0.last();
        last.map_or(before, |it| it.end() + (before - it.to))
    }

    /// Where a place of the text before, that no splice holds, stands in the text after: in front of what is put in
    /// there.
    pub(crate) fn after(&self, at: u64) -> u64 {
        let behind = self.0.partition_point(|it| it.from < at);
        let last = behind.checked_sub(1).and_then(|it| self.0.get(it));
        last.map_or(at, |it| it.end() + at.saturating_sub(it.to))
    }

    /// Where a place of the text after stands in the text before; the end of what a splice took where one holds it.
    fn before(&self, at: u64) -> u64 {
        let behind = self.0.partition_point(|it| it.start <= at);
        let last = behind.checked_sub(1).and_then(|it| self.0.get(it));
        last.map_or(at, |it| it.to + at.saturating_sub(it.end()))
    }

    /// Fills `into` with the text after, from `offset` on.
    pub(crate) fn read_at(
        &self,
        offset: u64,
        into: &mut [u8],
        read: &mut Read<'_>,
    ) -> Result<(), SourceError> {
        if self.0.is_empty() {
            return read(offset, into);
        }
        let end = offset + into.len() as u64;
        let first = self.0.partition_point(|it| it.end() <= offset);
        let mut splices = self.0.get(first..).unwrap_or_default().iter().peekable();
        // Read at once: what stands between two splices is often a few bytes.
        let from = self.before(offset);
        let mut old = vec![0; length(self.before(end).max(from) - from)];
        read(from, &mut old)?;
        let mut at = offset;
        while at < end {
            let splice = splices.next_if(|it| it.start <= at);
            let (part, upto) = match (splice, splices.peek()) {
                (Some(it), _) => {
                    let part = it.bytes.get(length(at - it.start)..).unwrap_or_default();
                    (part, it.end().min(end))
                }
                (None, next) => {
                    let part = old.get(length(self.before(at) - from)..);
                    let upto = next.map_or(end, |it| it.start.min(end));
                    (part.unwrap_or_default(), upto)
                }
            };
            let free = into.get_mut(length(at - offset)..length(upto - offset));
            if let (Some(free), Some(part)) = (free, part.get(..length(upto - at))) {
                free.copy_from_slice(part);
            }
            at = upto;
        }
        Ok(())
    }
}

/// Of a part of a buffer.
fn length(bytes: u64) -> usize {
    usize::try_from(bytes).unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_part_reads_as_in_the_whole_text_after() {
        let before = b"a,bb,ccc\nd,ee,fff\n";
        for (puts, after) in [
            (&[][..], &before[..]),
            (&[(2, 4, "North")], b"a,North,ccc\nd,ee,fff\n"),
            (
                &[(0, 1, ""), (2, 4, ""), (5, 8, "x"), (9, 9, "<")],
                b",,x\n<d,ee,fff\n",
            ),
            (
                &[(8, 8, ",y"), (9, 10, "long"), (17, 17, "!")],
                b"a,bb,ccc,y\nlong,ee,fff!\n",
            ),
        ] {
            let mut splices = Splices::default();
            for (from, to, bytes) in puts {
                splices.put(*from, *to, bytes.as_bytes().to_vec());
            }
            assert_eq!(splices.size(before.len() as u64), after.len() as u64);
            let line = |text: &[u8]| text.iter().position(|it| *it == b'\n').unwrap() as u64 + 1;
            assert_eq!(splices.after(line(before)), line(after));
            for from in 0..after.len() {
                for to in from..=after.len() {
                    let mut part = vec![0; to - from];
                    let mut read = |at: u64, into: &mut [u8]| {
                        let at = length(at);
                        into.copy_from_slice(&before[at..at + into.len()]);
                        Ok(())
                    };
                    splices.read_at(from as u64, &mut part, &mut read).unwrap();
                    assert_eq!(part, after[from..to], "{from} to {to} of {after:?}");
                }
            }
        }
    }
}

//! Finds the rows that repeat a key. Keys are hashed and sorted piece by piece; here the pieces' lists are
//! brought together, one part of the hash space at a time, and equal hashes are verified on the real keys.

use crate::{
    judge::{
        Piece, Plan,
        row::{Found, RowBuffer},
    },
    reading::record::Records,
    source::{Source, SourceError, read_range},
    value::Value,
};

/// A row that repeats the key of an earlier one, or, where all are held, of a later one. Places are relative to the piece.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Repeat {
    pub(crate) offset: u64,
    pub(crate) line: u64,
    pub(crate) record: u64,
    /// Of the row that holds the key, or, of the first row with it, of the next one: in the file, 1-based.
    pub(crate) holder_line: u64,
    /// Every cell is that row's.
    pub(crate) identical: bool,
    pub(crate) money: Option<i64>,
    /// Of the key's text.
    pub(crate) hash: u64,
}

/// A row whose hash another row has as well.
#[derive(Debug, Clone, Copy)]
struct Candidate {
    piece: u32,
    offset: u32,
    line: u32,
    record: u32,
    group: u32,
    hash: u64,
}

impl Candidate {
    fn repeat(&self, holder_line: u64, identical: bool, money: Option<i64>) -> Repeat {
        Repeat {
            offset: u64::from(self.offset),
            line: u64::from(self.line),
            record: u64::from(self.record),
            holder_line,
            identical,
            money,
            hash: self.hash,
        }
    }
}

/// The row that holds a key.
struct Holder {
    key: Vec<u8>,
    line: u64,
    content: blake3::Hash,
    /// Where it stands, until it is told like the rows that repeat its key.
    untold: Option<(Candidate, Option<i64>)>,
}

/// The repeats of each piece, in file order. `first_lines` are the physical lines on which the pieces begin.
pub(crate) fn repeats(
    plan: &Plan<'_>,
    source: &dyn Source,
    pieces: &[Piece],
    first_lines: &[u64],
) -> Result<Vec<Vec<Repeat>>, SourceError> {
    let mut res: Vec<Vec<Repeat>> = pieces.iter().map(|_| Vec::new()).collect();
    let mut candidates = candidates(pieces);
    candidates.sort_unstable_by_key(|it| (it.piece, it.offset));
    let groups = candidates.iter().map(|it| it.group + 1).max().unwrap_or(0);
    let mut holders: Vec<Vec<Holder>> = (0..groups).map(|_| Vec::new()).collect();
    let mut firsts: Vec<(u32, Repeat)> = Vec::new();
    let mut rest = candidates.as_slice();
    let mut bytes = Vec::new();
    while let Some(piece) = rest.first().map(|it| it.piece as usize) {
        let count = rest.partition_point(|it| it.piece as usize == piece);
        let (these, behind) = rest.split_at(count);
        rest = behind;
        let (Some((from, to)), Some(first_line), Some(found)) = (
            plan.range(piece),
            first_lines.get(piece),
            res.get_mut(piece),
        ) else {
            continue;
        };
        read_range(source, from, to, &mut bytes)?;
        let mut reader = Reader {
            plan,
            bytes: &bytes,
            records: Records::new(&bytes, from, plan.dialect()),
        };
        let mut row = RowBuffer::new(plan, from);
        for candidate in these {
            let Some((key, content, money)) = reader.read(candidate.offset as usize, &mut row)
            else {
                continue;
            };
            let Some(group) = holders.get_mut(candidate.group as usize) else {
                continue;
            };
            let line = first_line + u64::from(candidate.line);
            match group.iter_mut().find(|it| it.key == key) {
                Some(holder) => {
                    let identical = holder.content == content;
                    found.push(candidate.repeat(holder.line, identical, money));
                    if let Some((first, money)) = holder.untold.take() {
                        firsts.push((first.piece, first.repeat(line, identical, money)));
                    }
                }
                None => group.push(Holder {
                    key,
                    line,
                    content,
                    untold: plan.compiled.hold_all.then_some((*candidate, money)),
                }),
            }
        }
    }
    if !firsts.is_empty() {
        for (piece, first) in firsts {
            if let Some(found) = res.get_mut(piece as usize) {
                found.push(first);
            }
        }
        for found in &mut res {
            found.sort_unstable_by_key(|it| it.offset);
        }
    }
    Ok(res)
}

/// All rows whose hash occurs more than once.
fn candidates(pieces: &[Piece]) -> Vec<Candidate> {
    const PARTS: u64 = 256;
    let mut res = Vec::new();
    let mut group = 0;
    let mut part_keys: Vec<(u64, u32, u32, u32, u32)> = Vec::new();
    for part in 0..PARTS {
        part_keys.clear();
        for (piece, it) in (0u32..).zip(pieces) {
            let from = it.keys.partition_point(|it| it.hash >> 56 < part);
            let keys = it
                .keys
                .iter()
                .skip(from)
                .take_while(|it| it.hash >> 56 == part);
            let place = |number: u64| u32::try_from(number).unwrap_or(u32::MAX);
            part_keys.extend(keys.map(|it| {
                (
                    it.hash,
                    piece,
                    place(it.offset()),
                    place(it.line()),
                    place(it.record()),
                )
            }));
        }
        part_keys.sort_unstable();
        for equal in part_keys
            .chunk_by(|a, b| a.0 == b.0)
            .filter(|it| it.len() > 1)
        {
            res.extend(
                equal
                    .iter()
                    .map(|&(hash, piece, offset, line, record)| Candidate {
                        piece,
                        offset,
                        line,
                        record,
                        group,
                        hash,
                    }),
            );
            group += 1;
        }
    }
    res
}

/// Reads single rows of a piece again.
struct Reader<'a> {
    plan: &'a Plan<'a>,
    bytes: &'a [u8],
    records: Records<'a>,
}

impl Reader<'_> {
    /// The key, a digest of all cells, and the money of the row at `at`.
    fn read(
        &mut self,
        at: usize,
        row: &mut RowBuffer,
    ) -> Option<(Vec<u8>, blake3::Hash, Option<i64>)> {
        self.records.skip_to(at);
        let record = self.records.next(&mut row.fields)?;
        let Found::Row(_) = row.take(self.plan, self.bytes, &record) else {
            return None;
        };
        row.read(self.plan, self.bytes, false);
        let mut key = Vec::new();
        for place in &self.plan.compiled.key {
            let text = row.text(self.bytes, *place);
            if self.plan.compiled.key.len() > 1 {
                key.extend_from_slice(&(text.len() as u64).to_le_bytes());
            }
            key.extend_from_slice(text);
        }
        let content = row.digest(self.bytes);
        if self.plan.compiled.key.is_empty() {
            key.extend_from_slice(content.as_bytes());
        }
        let money = self.plan.compiled.columns.iter().position(|it| it.is_money);
        let money = money.and_then(|place| match row.value(place) {
            Value::Amount { paise, .. } => Some(paise),
            _ => None,
        });
        Some((key, content, money))
    }
}

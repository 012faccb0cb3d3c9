//! Finds the rows that repeat a key. Keys are hashed and parted piece by piece; here the pieces' lists are
//! brought together, one part of the hash space at a time, and equal hashes are verified on the real keys.

use crate::{
    judge::{
        Keys, Piece, Plan,
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
    let mut res = Vec::new();
    let mut group = 0;
    let mut seen = Seen::default();
    for part in 0..Keys::PARTS {
        let parts = || pieces.iter().map(|it| it.keys.part(part));
        seen.clear(parts().map(<[_]>::len).sum());
        let mut repeated: Vec<u64> = Vec::new();
        for key in parts().flatten() {
            if seen.take(key.hash) {
                repeated.push(key.hash);
            }
        }
        if repeated.is_empty() {
            continue;
        }
        repeated.sort_unstable();
        repeated.dedup();
        // Tells nearly all others without a search.
        let mut bits = [false; 4096];
        let bit = |hash: u64| (hash & 4095) as usize; // 12 bits
        for hash in &repeated {
            if let Some(it) = bits.get_mut(bit(*hash)) {
                *it = true;
            }
        }
        for (piece, keys) in (0u32..).zip(parts()) {
            for key in keys {
                if bits.get(bit(key.hash)) != Some(&true) {
                    continue;
                }
                let Ok(found) = repeated.binary_search(&key.hash) else {
                    continue;
                };
                let place = |number: u64| u32::try_from(number).unwrap_or(u32::MAX);
                res.push(Candidate {
                    piece,
                    offset: place(key.offset()),
                    line: place(key.line()),
                    record: place(key.record()),
                    group: group + place(found as u64),
                    hash: key.hash,
                });
            }
        }
        group += u32::try_from(repeated.len()).unwrap_or(u32::MAX);
    }
    res
}

/// Tells hashes that have been seen before, of one part at a time, so that the table stays in the cache.
#[derive(Default)]
struct Seen {
    /// Zero where nothing is; each hash at the place that its bits give or soon behind it.
    places: Vec<u64>,
    zero: bool,
}

impl Seen {
    /// Makes room for `count` hashes.
    fn clear(&mut self, count: usize) {
        self.places.clear();
        self.places.resize((count * 2).next_power_of_two(), 0);
        self.zero = false;
    }

    /// Whether the hash was seen before.
    #[expect(
        clippy::cast_possible_truncation,
        reason = "the hash is cut down to a place anyway"
    )]
    fn take(&mut self, hash: u64) -> bool {
        if hash == 0 {
            return std::mem::replace(&mut self.zero, true);
        }
        let mask = self.places.len() - 1;
        let mut place = hash as usize & mask;
        while let Some(known) = self.places.get_mut(place) {
            if *known == hash {
                return true;
            }
            if *known == 0 {
                *known = hash;
                return false;
            }
            place = (place + 1) & mask; // half of the places stay free
        }
        false
    }
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
        let Found::Row = row.take(self.plan, self.bytes, &record) else {
            return None;
        };
        row.read(self.plan, self.bytes);
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

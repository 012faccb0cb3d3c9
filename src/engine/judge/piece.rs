//! Judges one piece of a file, knowing nothing of the others. Places are kept relative to the piece.

use super::{
    Plan,
    compiled::FileColumn,
    row::{Cells, Found, RowBuffer},
};
use crate::{
    contract::Kind,
    control::{Cell, Class, Outcome, Shape},
    reading::{
        encoding::Encoding,
        record::{Record, Records},
    },
    source::{Source, SourceError, read_range},
    value::{Value, amount, date::FormSet, trim, whole},
};
use model::{
    control::{Category, Severity},
    verdict::LayoutKind,
};
use serde::{Deserialize, Serialize};
use xxhash_rust::xxh3::{Xxh3, xxh3_64};

/// A control failing at a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Fault {
    /// The place among the plan's uses.
    pub(crate) used: u16,
    /// The place among the control's messages.
    pub(crate) message: u8,
    /// The file's column, 1-based; 0 where it is about the row.
    pub(crate) column: u32,
    /// UNQ01: the holder's line. SCH06: lines below the record's first.
    pub(crate) extra: u64,
    /// Of the text that was judged, for the digest of the findings.
    pub(crate) hash: u64,
}

/// A row with faults. `offset`, `line` and `record` are relative to the piece.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Flag {
    pub(crate) offset: u32,
    pub(crate) line: u32,
    pub(crate) record: u32,
    /// Its faults end here and begin where those of the flag before end.
    pub(crate) faults_end: u32,
    /// None where the amount cannot be read.
    pub(crate) money: Option<i64>,
    /// The headline; Some exactly where it is an exception.
    pub(crate) category: Option<Category>,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Tally {
    pub(crate) evaluated: u64,
    pub(crate) failed: u64,
}

/// A line that is no row. For a total row: its amount, and the sum of the piece's rows above it since the
/// last total row in the piece.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct LayoutLine {
    pub(crate) kind: LayoutKind,
    pub(crate) line: u32,
    /// Rows of the piece above it.
    pub(crate) rows: u32,
    pub(crate) total: Option<(i64, i128)>,
}

/// The key of a row that no file-scope control refuses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct KeyPlace {
    pub(crate) hash: u64,
    place: u64,
}

const PLACE_BITS: u32 = 21;
const PLACE_MASK: u64 = (1 << PLACE_BITS) - 1;

impl KeyPlace {
    /// Record starts, lines and records of a piece all stay below the piece's size in bytes, 2^21.
    fn new(hash: u64, offset: u64, line: u64, record: u64) -> Self {
        Self {
            hash,
            place: offset << (2 * PLACE_BITS) | line << PLACE_BITS | record,
        }
    }

    pub(crate) fn offset(self) -> u64 {
        self.place >> (2 * PLACE_BITS)
    }

    pub(crate) fn line(self) -> u64 {
        self.place >> PLACE_BITS & PLACE_MASK
    }

    pub(crate) fn record(self) -> u64 {
        self.place & PLACE_MASK
    }
}

/// The keys of a piece, parted by the first byte of their hashes.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Keys {
    #[serde(with = "packed")]
    places: Vec<KeyPlace>,
    /// Where each part ends.
    ends: Vec<usize>,
}

impl Keys {
    /// How many parts there are.
    pub(crate) const PARTS: usize = 256;

    fn new(unordered: &[KeyPlace]) -> Self {
        let part = |it: &KeyPlace| (it.hash >> 56) as usize; // a byte
        let mut ends = vec![0; Self::PARTS];
        for key in unordered {
            if let Some(count) = ends.get_mut(part(key)) {
                *count += 1;
            }
        }
        let mut start = 0;
        for end in &mut ends {
            (*end, start) = (start, start + *end);
        }
        let mut places = vec![KeyPlace { hash: 0, place: 0 }; unordered.len()];
        for key in unordered {
            if let Some(next) = ends.get_mut(part(key))
                && let Some(place) = places.get_mut(*next)
            {
                *place = *key;
                *next += 1;
            }
        }
        Self { places, ends }
    }

    pub(crate) fn len(&self) -> usize {
        self.places.len()
    }

    /// The keys of a part, in file order.
    pub(crate) fn part(&self, part: usize) -> &[KeyPlace] {
        let end = |part: usize| self.ends.get(part).copied().unwrap_or_default();
        let start = part.checked_sub(1).map_or(0, end);
        self.places.get(start..end(part)).unwrap_or_default()
    }
}

/// Keys as plain bytes: there is one for nearly every row.
mod packed {
    use super::KeyPlace;
    use serde::{Deserializer, Serializer, de::Error, de::Visitor};
    use std::fmt;

    pub(super) fn serialize<S: Serializer>(
        places: &[KeyPlace],
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        let words = places.iter().flat_map(|it| [it.hash, it.place]);
        let bytes: Vec<u8> = words.flat_map(u64::to_le_bytes).collect();
        serializer.serialize_bytes(&bytes)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Vec<KeyPlace>, D::Error> {
        deserializer.deserialize_bytes(Packed)
    }

    struct Packed;

    impl Visitor<'_> for Packed {
        type Value = Vec<KeyPlace>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("16 bytes for each key")
        }

        fn visit_bytes<E: Error>(self, bytes: &[u8]) -> Result<Self::Value, E> {
            let (words, rest) = bytes.as_chunks::<8>();
            let (pairs, alone) = words.as_chunks::<2>();
            if !rest.is_empty() || !alone.is_empty() {
                return Err(E::invalid_length(bytes.len(), &self));
            }
            let place = |[hash, place]: &[[u8; 8]; 2]| KeyPlace {
                hash: u64::from_le_bytes(*hash),
                place: u64::from_le_bytes(*place),
            };
            Ok(pairs.iter().map(place).collect())
        }
    }
}

/// What judging one piece gave.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Piece {
    pub(crate) rows: u64,
    /// Rows with an error.
    pub(crate) failing: u64,
    /// Line breaks.
    pub(crate) lines: u64,
    pub(crate) tallies: Vec<Tally>,
    pub(crate) money_read: i128,
    pub(crate) money_failing: i128,
    /// Of the rows below the last total row.
    pub(crate) money_since_total: i128,
    pub(crate) unreadable: u64,
    pub(crate) flags: Vec<Flag>,
    pub(crate) faults: Vec<Fault>,
    pub(crate) layout: Vec<LayoutLine>,
    /// For each of the plan's columns, the date forms that read all of its cells.
    pub(crate) forms: Vec<FormSet>,
    /// The first lines that look like the header of another table: failing rows of words below a blank line or
    /// at the start of the piece.
    pub(crate) other_headers: Vec<u32>,
    /// In an export of ours: cells that lost their guard, and rows that were read from their raw text.
    pub(crate) guarded: u64,
    pub(crate) raw: u64,
    /// Where some of the file's text is no UTF-8: lines with such text, and lines beyond ASCII that are UTF-8.
    pub(crate) undecodable: u64,
    pub(crate) multibyte: u64,
    pub(crate) keys: Keys,
}

pub(super) fn judge(
    plan: &Plan<'_>,
    source: &dyn Source,
    piece: usize,
) -> Result<Piece, SourceError> {
    let mut res = Piece {
        tallies: vec![Tally::default(); plan.compiled.uses.len()],
        ..Piece::default()
    };
    let Some((from, to)) = plan.range(piece) else {
        return Ok(res);
    };
    let mut bytes = Vec::new();
    read_range(source, from, to, &mut bytes)?;
    let mut records = Records::new(&bytes, from, plan.dialect());
    let mut keys = Vec::new();
    let mut row = RowBuffer::new(plan, from);
    let mut judging = Judging {
        plan,
        bytes: &bytes,
        today: plan.today(),
        piece: &mut res,
        keys: &mut keys,
        swept: vec![Default::default(); plan.compiled.columns.len()],
        sound: 0,
    };
    while let Some(record) = records.next(&mut row.fields) {
        match row.take(plan, &bytes, &record) {
            Found::Layout(kind) => judging.layout(kind, &row, &record),
            Found::Row if plan.compiled.held.is_some() => judging.piece.rows += 1,
            Found::Row => judging.row(&mut row, &record),
        }
        if let Some(restored) = &row.restored {
            judging.piece.guarded += restored.guarded;
            judging.piece.raw += u64::from(restored.raw.is_some());
        }
        if plan.survey.encoding == Encoding::DamagedUtf8 {
            let text = bytes.get(record.start..record.end).unwrap_or_default();
            match str::from_utf8(text) {
                Err(_) => judging.piece.undecodable += 1,
                Ok(text) => judging.piece.multibyte += u64::from(!text.is_ascii()),
            }
        }
    }
    judging.count_swept();
    res.forms = row.forms;
    res.lines = records.lines();
    res.keys = Keys::new(&keys);
    Ok(res)
}

struct Judging<'a> {
    plan: &'a Plan<'a>,
    bytes: &'a [u8],
    today: i32,
    piece: &'a mut Piece,
    keys: &'a mut Vec<KeyPlace>,
    /// How many cells of each of the plan's columns and of each class no check failed.
    swept: Vec<[u64; Class::ALL.len()]>,
    /// Rows that no check of the record looked at, since they are sound.
    sound: u64,
}

impl Judging<'_> {
    fn layout(&mut self, kind: LayoutKind, row: &RowBuffer, record: &Record) {
        let money = self.plan.compiled.columns.iter().position(|it| it.is_money);
        let amount = money.and_then(|place| amount_of(self.plan, row, self.bytes, place));
        let total = (kind == LayoutKind::Total).then_some(amount).flatten();
        let total = total.map(|amount| (amount, std::mem::take(&mut self.piece.money_since_total)));
        self.piece.layout.push(LayoutLine {
            kind,
            line: small(record.lines_before),
            rows: small(self.piece.rows),
            total,
        });
    }

    fn row(&mut self, row: &mut RowBuffer, record: &Record) {
        let first_fault = self.piece.faults.len();
        let mut money = None;
        self.sound += u64::from(row.shape.is_none());
        let alone = row.shape.is_some_and(|it| self.record_checks(&it, record));
        if !alone {
            row.read_each(self.plan, self.bytes, |place, column, text, value| {
                if column.is_money
                    && let Value::Amount { paise, .. } = *value
                {
                    money = Some(paise);
                }
                self.cell_checks(place, column, text, value);
            });
            self.row_checks(row, record);
        }
        self.count_money(money);
        self.settle(row, record, first_fault, money);
        let below_blank = self.piece.layout.last().is_some_and(|it| {
            it.kind == LayoutKind::Blank && u64::from(it.line) + 1 == record.lines_before
        });
        if (below_blank && self.piece.other_headers.len() < 2) || record.start == 0 {
            let failing = self.piece.faults.len() > first_fault;
            if failing && is_words(row.bytes(self.bytes), row) {
                self.piece.other_headers.push(small(record.lines_before));
            }
        }
        self.piece.rows += 1;
    }

    /// True where a fault was found that stands alone.
    fn record_checks(&mut self, shape: &Shape, record: &Record) -> bool {
        let mut alone = false;
        for (used, check) in &self.plan.compiled.records {
            if alone {
                break;
            }
            let column = match shape.undecodable {
                Some(field) if !check.is_alone() => small(field as u64 + 1),
                _ => 0,
            };
            let failed = self.outcome(*used, check.judge(shape));
            if let Some(message) = failed {
                alone = check.is_alone();
                let text = self.bytes.get(record.start..record.end).unwrap_or_default();
                self.piece.faults.push(Fault {
                    used: *used as u16, // a contract has fewer controls than that
                    message,
                    column,
                    extra: shape.unclosed.unwrap_or(0),
                    hash: xxh3_64(text),
                });
            }
        }
        alone
    }

    /// Asks only those checks that have not said what they say of all cells like this one.
    #[inline]
    fn cell_checks(&mut self, place: usize, column: &FileColumn, text: &[u8], value: &Value) {
        let mut asked = &column.checks;
        if let Some((class, number)) = Class::of(value)
            && is_tidy(text)
            && let Some(swept) = column.swept.get(class as usize)
            && (swept.from..=swept.to).contains(&number)
            && let Some(counts) = self.swept.get_mut(place)
            && let Some(count) = counts.get_mut(class as usize)
        {
            *count += 1;
            asked = &swept.asked;
        }
        if !asked.is_empty() {
            self.ask(asked, column, text, *value);
        }
    }

    fn ask(&mut self, checks: &[(usize, usize)], column: &FileColumn, text: &[u8], value: Value) {
        let cell = Cell {
            text,
            value,
            column: column.column,
            today: self.today,
        };
        for (used, check) in checks {
            let Some(check) = self.plan.compiled.cells.get(*check) else {
                continue;
            };
            if let Some(message) = self.outcome(*used, check.judge(&cell)) {
                self.piece.faults.push(Fault {
                    used: *used as u16, // a contract has fewer controls than that
                    message,
                    column: small(column.field as u64 + 1),
                    extra: 0,
                    hash: xxh3_64(cell.text),
                });
            }
        }
    }

    fn row_checks(&mut self, row: &RowBuffer, record: &Record) {
        if self.plan.compiled.rows.is_empty() {
            return;
        }
        let cells = Cells {
            plan: self.plan,
            row,
            bytes: self.bytes,
            today: self.today,
        };
        for (used, check) in &self.plan.compiled.rows {
            if let Some(message) = self.outcome(*used, check.judge(&cells)) {
                let place = check
                    .column(&cells)
                    .and_then(|it| *self.plan.frame.at.get(it)?);
                let text = self.bytes.get(record.start..record.end).unwrap_or_default();
                self.piece.faults.push(Fault {
                    used: *used as u16, // a contract has fewer controls than that
                    message,
                    column: place.map_or(0, |it| small(it as u64 + 1)),
                    extra: 0,
                    hash: xxh3_64(text),
                });
            }
        }
    }

    #[inline]
    fn outcome(&mut self, used: usize, outcome: Outcome) -> Option<u8> {
        let tally = self.piece.tallies.get_mut(used)?;
        match outcome {
            Outcome::Skipped => None,
            Outcome::Passed => {
                tally.evaluated += 1;
                None
            }
            Outcome::Failed(message) => {
                tally.evaluated += 1;
                tally.failed += 1;
                Some(message)
            }
        }
    }

    /// Adds what was not asked cell by cell.
    fn count_swept(&mut self) {
        let compiled = &self.plan.compiled;
        for (used, _) in &compiled.records {
            if let Some(tally) = self.piece.tallies.get_mut(*used) {
                tally.evaluated += self.sound;
            }
        }
        for (column, counts) in compiled.columns.iter().zip(&self.swept) {
            for (swept, count) in column.swept.iter().zip(counts) {
                for used in &swept.passed {
                    if let Some(tally) = self.piece.tallies.get_mut(*used) {
                        tally.evaluated += count;
                    }
                }
            }
        }
    }

    fn count_money(&mut self, money: Option<i64>) {
        match money {
            Some(paise) => {
                self.piece.money_read += i128::from(paise);
                self.piece.money_since_total += i128::from(paise);
            }
            None if self.plan.contract.money.is_some() => self.piece.unreadable += 1,
            None => {}
        }
    }

    /// Flags a row with faults, and takes the key of a row without errors.
    fn settle(&mut self, row: &RowBuffer, record: &Record, first_fault: usize, money: Option<i64>) {
        let faults = self.piece.faults.get_mut(first_fault..).unwrap_or_default();
        let category = headline(self.plan, faults);
        if !faults.is_empty() {
            put_in_order(self.plan, faults);
            self.piece.flags.push(Flag {
                offset: small(record.start as u64),
                line: small(record.lines_before),
                record: small(self.piece.rows),
                faults_end: small(self.piece.faults.len() as u64),
                money,
                category,
            });
        }
        if category.is_some() {
            self.piece.failing += 1;
            self.piece.money_failing += i128::from(money.unwrap_or(0));
        } else if self.plan.compiled.key_use.is_some() {
            let hash = key_hash(self.plan, row, self.bytes);
            self.keys.push(KeyPlace::new(
                hash,
                record.start as u64,
                record.lines_before,
                self.piece.rows,
            ));
        }
    }
}

/// The first category, in order, of the error faults.
pub(super) fn headline(plan: &Plan<'_>, faults: &[Fault]) -> Option<Category> {
    let uses = faults
        .iter()
        .filter_map(|it| plan.compiled.uses.get(usize::from(it.used)));
    let errors = uses.filter(|it| it.severity == Severity::Error);
    errors
        .map(|it| it.meta.category.unwrap_or(Category::DataFormatError))
        .min()
}

/// The faults of a row as they are told: by column, and in a column by code.
pub(crate) fn put_in_order(plan: &Plan<'_>, faults: &mut [Fault]) {
    faults.sort_by_key(|it| (it.column, fault_code(plan, it)));
}

/// The code of the control that failed.
pub(crate) fn fault_code(plan: &Plan<'_>, fault: &Fault) -> &'static str {
    plan.compiled
        .uses
        .get(usize::from(fault.used))
        .map_or("", |it| it.meta.code)
}

fn key_hash(plan: &Plan<'_>, row: &RowBuffer, bytes: &[u8]) -> u64 {
    match plan.compiled.key.as_slice() {
        [] => row.hash(bytes),
        [place] => xxh3_64(row.text(bytes, *place)),
        places => {
            let mut hasher = Xxh3::new();
            for place in places {
                let text = row.text(bytes, *place);
                hasher.update(&(text.len() as u64).to_le_bytes());
                hasher.update(text);
            }
            hasher.digest()
        }
    }
}

/// Nothing around it that could be a blank.
#[inline]
fn is_tidy(text: &[u8]) -> bool {
    matches!(text, [] | [b'!'..=b'~'] | [b'!'..=b'~', .., b'!'..=b'~'])
}

/// Two cells or more that are filled, and no digit in them.
fn is_words(bytes: &[u8], row: &RowBuffer) -> bool {
    let cells = row.fields.iter().map(|it| bytes.get(it.start..it.end));
    let filled = cells.flatten().filter(|it| !it.trim_ascii().is_empty());
    let mut count = 0;
    for cell in filled {
        if cell.iter().any(u8::is_ascii_digit) {
            return false;
        }
        count += 1;
    }
    count >= 2
}

fn amount_of(plan: &Plan<'_>, row: &RowBuffer, bytes: &[u8], place: usize) -> Option<i64> {
    let text = trim(row.text(bytes, place));
    let column = plan.compiled.columns.get(place)?;
    match column.kind {
        Kind::Whole => whole::parse(text, column.writing.decimal_comma)?.checked_mul(100),
        _ => amount::parse(text, column.writing).map(|it| it.paise),
    }
}

/// Places within a piece fit 32 bits: records begin within its first 2^21 bytes. A file's columns do, too.
fn small(number: u64) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

//! A judged file: its verdict, and its rows with findings, read again from the source when they are wanted.

pub(crate) mod advice;
mod assemble;
mod columns;
mod controls;
mod near;
mod proof;
mod whole;
mod window;

use crate::{
    contract::LedgerRole,
    day,
    judge::{
        Fault, Flag, Partial, Piece, Plan,
        row::{Found, RowBuffer},
    },
    reading::{
        record::{self, Record, Records},
        returned::Returned,
    },
    render::{self, Place},
    sales::SalesSums,
    source::{Source, SourceError, read_range},
    value::Value,
};
use model::{
    finding::{FindingData, FindingQuery, FlaggedRow, FlaggedRows, FoundBy},
    money::Money,
    options::Correction,
    row::{KeptRow, LedgerRow, Said, Text},
    verdict::{Held, Verdict},
};
use std::{
    borrow::Cow,
    collections::{BTreeMap, BTreeSet},
};

/// The most rows that one page gives.
pub const LARGEST_PAGE: u32 = 500;

/// A verdict with all its findings. Row text is not kept: it stands in the source, which must be the one that
/// was judged.
pub struct Judgement<'c> {
    pub verdict: Verdict,
    plan: Plan<'c>,
    pieces: Vec<Piece>,
    /// For each piece: the rows before it, and the physical line on which it begins.
    bases: Vec<Base>,
}

/// What a product is counted under that its list does not know, or has no category for.
const OTHER: &str = "Other";

/// Takes an accepted row: its place, the bytes of its piece, its record there, and its contents.
type TakeRow<'a> = dyn FnMut(Place, &[u8], &Record, &mut RowBuffer) + 'a;

/// Takes any row, with its flag where it has findings, and the flag's place in the piece.
type TakeFlagged<'a> =
    dyn FnMut(Place, &[u8], &Record, &mut RowBuffer, Option<(usize, &Flag)>) + 'a;

fn passes(flag: Option<(usize, &Flag)>) -> bool {
    flag.is_none_or(|(_, it)| it.category.is_none())
}

/// A row of an export of ours that came back.
#[derive(Debug)]
pub struct ReturnedRow {
    pub record: u64,
    /// Whether it is accepted.
    pub passes: bool,
    /// The run whose exception the row says it is, as it stands in the file.
    pub run: String,
    /// The record that it had there.
    pub exception: u64,
}

/// An accepted row's cells by the roles that they play, as they stand in the file or in the contract's lists.
#[derive(Debug, Default)]
pub(crate) struct TypedRow<'a> {
    pub(crate) day: Option<i32>,
    pub(crate) region: Option<Cow<'a, str>>,
    pub(crate) product: Option<Cow<'a, str>>,
    pub(crate) sku: Option<Cow<'a, str>>,
    pub(crate) category: Option<Cow<'a, str>>,
    pub(crate) quantity: Option<i64>,
    pub(crate) unit_price: Option<Money>,
    pub(crate) money: Option<Money>,
}

impl TypedRow<'_> {
    fn into_ledger(self, place: Place, key: Option<Text>) -> LedgerRow {
        LedgerRow {
            record: place.record,
            line: place.line,
            key,
            day: self.day.map(day::text),
            region: self.region.map(Text::from),
            product: self.product.map(Text::from),
            sku: self.sku.map(Text::from),
            category: self.category.map(Text::from),
            quantity: self.quantity,
            unit_price: self.unit_price,
            money: self.money,
        }
    }
}

/// Takes an accepted row by its record, with what reads it.
pub type Typed<'t> = dyn FnMut(u64, &mut (dyn FnMut() -> (LedgerRow, Vec<u8>) + '_)) + 't;

#[derive(Debug, Clone, Copy, Default)]
struct Base {
    rows: u64,
    line: u64,
}

impl<'c> Judgement<'c> {
    pub(crate) fn new(
        plan: Plan<'c>,
        source: &dyn Source,
        partial: Partial,
    ) -> Result<Self, SourceError> {
        let form = plan.form.clone();
        let read = source;
        let source = &form.over(source);
        let mut pieces: Vec<Piece> = partial.pieces.into_values().collect();
        let mut bases = Vec::with_capacity(pieces.len());
        let mut base = Base {
            rows: 0,
            line: plan.frame.lines_above + 1,
        };
        for piece in &pieces {
            bases.push(base);
            base = Base {
                rows: base.rows + piece.rows,
                line: base.line + piece.lines,
            };
        }
        let first_lines: Vec<u64> = bases.iter().map(|it| it.line).collect();
        let key_tally = assemble::settle_keys(&plan, source, &mut pieces, &first_lines)?;
        let verdict = assemble::verdict(&plan, &pieces, &first_lines, key_tally);
        let mut judgement = Self {
            verdict,
            plan,
            pieces,
            bases,
        };
        judgement.tell_columns(read)?;
        Ok(judgement)
    }

    /// How many batches [`Self::kept`] and [`Self::accepted`] give.
    pub fn batches(&self) -> usize {
        self.pieces.len()
    }

    /// The header's cells as they stand in the file.
    pub fn header(&self) -> Vec<String> {
        self.plan.header()
    }

    /// Rows with findings of one batch, whole, in file order.
    ///
    /// # Errors
    /// When the source cannot be read.
    pub fn kept(&self, source: &dyn Source, batch: usize) -> Result<Vec<KeptRow>, SourceError> {
        let held = self.verdict.held.as_ref();
        let Some(piece) = self.pieces.get(batch) else {
            return Ok(Vec::new());
        };
        // Held as a whole, the file has no rows of which each would be judged.
        if held.is_some_and(Held::for_structure) {
            return Ok(Vec::new());
        }
        self.read_flags(source, batch, piece.flags.iter().enumerate())
    }

    fn read_flags<'a>(
        &self,
        source: &dyn Source,
        batch: usize,
        flags: impl Iterator<Item = (usize, &'a Flag)>,
    ) -> Result<Vec<KeptRow>, SourceError> {
        let flags: Vec<_> = flags.collect();
        let (Some(piece), Some(base), Some((start, end)), Some(&(_, first)), Some(&(last, _))) = (
            self.pieces.get(batch),
            self.bases.get(batch),
            self.plan.range(batch),
            flags.first(),
            flags.last(),
        ) else {
            return Ok(Vec::new());
        };
        // From the first of the rows up to the one that is flagged next behind the last, instead of the whole piece.
        let from = start + u64::from(first.offset);
        let behind = piece.flags.get(last + 1);
        let to = behind.map_or(end, |it| start + u64::from(it.offset));
        let mut bytes = Vec::new();
        read_range(&self.plan.form.over(source), from, to, &mut bytes)?;
        let mut records = Records::new(&bytes, from, self.plan.dialect());
        let mut row = RowBuffer::new(&self.plan, from);
        let mut res = Vec::new();
        for (index, flag) in flags {
            records.skip_to((flag.offset - first.offset) as usize);
            let Some(record) = records.next(&mut row.fields) else {
                continue;
            };
            let Found::Row = row.take(&self.plan, &bytes, &record) else {
                continue;
            };
            row.read(&self.plan, &bytes);
            res.push(KeptRow {
                record: base.rows + u64::from(flag.record) + 1,
                line: base.line + u64::from(flag.line),
                ..self.kept_row(batch, Some((index, flag)), &row, &bytes, &record)
            });
        }
        Ok(res)
    }

    /// Accepted rows of one batch, typed, in file order.
    ///
    /// # Errors
    /// When the source cannot be read.
    pub fn accepted(
        &self,
        source: &dyn Source,
        batch: usize,
    ) -> Result<Vec<LedgerRow>, SourceError> {
        let accepted = self.pieces.get(batch).map_or(0, |it| it.rows - it.failing);
        let mut res = Vec::with_capacity(usize::try_from(accepted).unwrap_or(0));
        self.each_accepted(source, batch, &mut |place, bytes, _, row| {
            row.read(&self.plan, bytes);
            let key = self.key(bytes, row);
            res.push(self.typed(bytes, row).into_ledger(place, key));
        })?;
        Ok(res)
    }

    /// Accepted rows of one batch by their record, in file order. What is handed over reads the row: typed, and its
    /// bytes as they stand in the file.
    ///
    /// # Errors
    /// When the source cannot be read.
    pub fn each_typed(
        &self,
        source: &dyn Source,
        batch: usize,
        take: &mut Typed<'_>,
    ) -> Result<(), SourceError> {
        self.each_accepted(source, batch, &mut |place, bytes, record, row| {
            take(place.record, &mut || {
                row.read(&self.plan, bytes);
                let key = self.key(bytes, row);
                let raw = bytes.get(record.start..record.end).unwrap_or_default();
                let typed = self.typed(bytes, row);
                (typed.into_ledger(place, key), raw.to_vec())
            });
        })
    }

    /// The bytes of the accepted rows of one batch, as they stand in the file, with line and record.
    ///
    /// # Errors
    /// When the source cannot be read.
    pub fn accepted_raw(
        &self,
        source: &dyn Source,
        batch: usize,
        take: &mut dyn FnMut(Place, &[u8]),
    ) -> Result<(), SourceError> {
        self.each_accepted(source, batch, &mut |place, bytes, record, _| {
            take(
                place,
                bytes.get(record.start..record.end).unwrap_or_default(),
            );
        })
    }

    /// Accepted rows of one batch as they stand in the file, with the warnings of those that have some.
    ///
    /// # Errors
    /// When the source cannot be read.
    pub fn accepted_rows(
        &self,
        source: &dyn Source,
        batch: usize,
        take: &mut dyn FnMut(FlaggedRow),
    ) -> Result<(), SourceError> {
        let flags = self.pieces.get(batch).map(|it| it.flags.iter().enumerate());
        let warned = flags.into_iter().flatten();
        let mut warned = warned.filter(|(_, it)| it.category.is_none()).peekable();
        self.each_accepted(source, batch, &mut |place, bytes, record, row| {
            let flag = warned.next_if(|(_, it)| it.offset as usize == record.start);
            if flag.is_some() {
                row.read(&self.plan, bytes);
            }
            let kept = KeptRow {
                record: place.record,
                line: place.line,
                ..self.kept_row(batch, flag, row, bytes, record)
            };
            take(self.render(kept));
        })
    }

    /// The row that `row` holds, without its place.
    fn kept_row(
        &self,
        batch: usize,
        flag: Option<(usize, &Flag)>,
        row: &RowBuffer,
        bytes: &[u8],
        record: &Record,
    ) -> KeptRow {
        let at = render::Row {
            plan: &self.plan,
            row,
            bytes,
            shape: row.shape,
        };
        let faults = self.pieces.get(batch).zip(flag);
        let faults = faults.map_or(&[][..], |(piece, (index, _))| faults_of(piece, index));
        let is_exception = flag.is_some_and(|(_, it)| it.category.is_some());
        let said = if is_exception {
            self.said(row)
        } else {
            Said::default()
        };
        KeptRow {
            record: 0,
            line: 0,
            raw: bytes
                .get(record.start..record.end)
                .unwrap_or_default()
                .to_vec(),
            category: flag.and_then(|(_, it)| it.category),
            money: flag.and_then(|(_, it)| it.money).map(Money::from_paise),
            region: said.region,
            product: said.product,
            product_category: said.product_category,
            key: is_exception
                .then(|| self.key(bytes, row))
                .flatten()
                .filter(|it| it.chars().any(|it| it != '\u{1f}')),
            findings: faults.iter().map(|it| at.finding(it)).collect(),
        }
    }

    /// Every row of one batch, in file order: whole with its findings, and typed as the ledger would take it.
    ///
    /// # Errors
    /// When the source cannot be read.
    pub fn rows(
        &self,
        source: &dyn Source,
        batch: usize,
    ) -> Result<Vec<(KeptRow, LedgerRow)>, SourceError> {
        let mut res = Vec::new();
        self.each_row(source, batch, &mut |place, bytes, record, row, flag| {
            row.read(&self.plan, bytes);
            let key = self.key(bytes, row);
            let typed = self.typed(bytes, row).into_ledger(place, key);
            let kept = KeptRow {
                record: place.record,
                line: place.line,
                ..self.kept_row(batch, flag, row, bytes, record)
            };
            res.push((kept, typed));
        })?;
        Ok(res)
    }

    /// Of an export of ours that came back, the rows of one batch that say which exception they are.
    ///
    /// # Errors
    /// When the source cannot be read.
    pub fn returned(
        &self,
        source: &dyn Source,
        batch: usize,
    ) -> Result<Vec<ReturnedRow>, SourceError> {
        let mut res = Vec::new();
        if self.plan.frame.returned.is_none() {
            return Ok(res);
        }
        let mut scratch = Vec::new();
        self.each_row(source, batch, &mut |place, bytes, _, row, flag| {
            let Some(fields) = row.named else { return };
            let [run, exception] = fields.map(|field| {
                scratch.clear();
                let text = record::content(bytes, field, &mut scratch).text(bytes, &scratch);
                self.plan.survey.encoding.decode(text).trim().to_owned()
            });
            if let Ok(exception) = exception.parse() {
                res.push(ReturnedRow {
                    record: place.record,
                    passes: passes(flag),
                    run,
                    exception,
                });
            }
        })?;
        Ok(res)
    }

    fn each_accepted(
        &self,
        source: &dyn Source,
        batch: usize,
        take: &mut TakeRow<'_>,
    ) -> Result<(), SourceError> {
        self.each_row(source, batch, &mut |place, bytes, record, row, flag| {
            if passes(flag) {
                take(place, bytes, record, row);
            }
        })
    }

    fn each_row(
        &self,
        source: &dyn Source,
        batch: usize,
        take: &mut TakeFlagged<'_>,
    ) -> Result<(), SourceError> {
        let (Some(piece), Some(base), Some((from, to))) = (
            self.pieces.get(batch),
            self.bases.get(batch),
            self.plan.range(batch),
        ) else {
            return Ok(());
        };
        let held = self.verdict.held.as_ref();
        if held.is_some_and(|it| it.for_structure()) {
            return Ok(());
        }
        let mut bytes = Vec::new();
        read_range(&self.plan.form.over(source), from, to, &mut bytes)?;
        let mut records = Records::new(&bytes, from, self.plan.dialect());
        let mut row = RowBuffer::new(&self.plan, from);
        let mut flags = piece.flags.iter().enumerate().peekable();
        let mut rows = base.rows;
        while let Some(record) = records.next(&mut row.fields) {
            let Found::Row = row.take(&self.plan, &bytes, &record) else {
                continue;
            };
            rows += 1;
            let flag = flags.next_if(|(_, it)| it.offset as usize == record.start);
            let place = Place {
                record: rows,
                line: base.line + record.lines_before,
            };
            take(place, &bytes, &record, &mut row, flag);
        }
        Ok(())
    }

    /// Adds the accepted rows of one batch up.
    ///
    /// # Errors
    /// When the source cannot be read.
    pub fn add_sales(
        &self,
        source: &dyn Source,
        batch: usize,
        sums: &mut SalesSums,
    ) -> Result<(), SourceError> {
        self.each_accepted(source, batch, &mut |_, bytes, _, row| {
            row.read(&self.plan, bytes);
            sums.add(&self.typed(bytes, row));
        })
    }

    fn typed<'a>(&'a self, bytes: &'a [u8], row: &'a RowBuffer) -> TypedRow<'a> {
        let plan = &self.plan;
        let text = |place: usize| plan.survey.encoding.decode(row.text(bytes, place));
        let mut res = TypedRow::default();
        let mut known = (None, None);
        for (place, column) in plan.compiled.columns.iter().enumerate() {
            let Some(declared) = plan.contract.columns.get(column.column) else {
                continue;
            };
            let value = row.value(place);
            if let (true, Value::Amount { paise, .. }) = (column.is_money, value) {
                res.money = Some(Money::from_paise(paise));
            }
            let Some(role) = declared.role else {
                continue;
            };
            let entry = match value {
                Value::Listed { entry, .. } => declared.list.as_ref().and_then(|it| {
                    let entry = usize::try_from(entry).ok()?;
                    plan.contract.list(it)?.entries.get(entry)
                }),
                _ => None,
            };
            let words = || match (entry, value) {
                (Some(entry), _) => Some(Cow::from(&entry.value)),
                (None, Value::Blank) => None,
                (None, _) => Some(text(place)),
            };
            match (role, value) {
                (LedgerRole::Day, Value::Day(day)) => res.day = Some(day),
                (LedgerRole::Quantity, Value::Whole(quantity)) => res.quantity = Some(quantity),
                (LedgerRole::UnitPrice, Value::Amount { paise, .. }) => {
                    res.unit_price = Some(Money::from_paise(paise));
                }
                (LedgerRole::Region, _) => res.region = words(),
                (LedgerRole::Product, _) => {
                    let attribute = |name| {
                        let value = entry.and_then(|it| it.attributes.get(name));
                        value.map(Cow::from)
                    };
                    let category = attribute("category").or(Some(Cow::from(OTHER)));
                    known = (attribute("sku"), category);
                    res.product = words();
                }
                (LedgerRole::Sku, _) => res.sku = words(),
                (LedgerRole::Category, _) => res.category = words(),
                _ => {}
            }
        }
        // The list is the authority on a product; the file's own words serve where it says nothing.
        res.sku = known.0.or(res.sku);
        res.category = known.1.or(res.category);
        if res.unit_price.is_none()
            && let (Some(money), Some(quantity @ 1..)) = (res.money, res.quantity)
        {
            let quantity = i128::from(quantity);
            res.unit_price = Some(Money((money.0 * 2 + quantity).div_euclid(quantity * 2)));
        }
        res
    }

    /// What the lists know of what a row says.
    fn said(&self, row: &RowBuffer) -> Said {
        let contract = self.plan.contract;
        let mut said = Said::default();
        for (place, column) in self.plan.compiled.columns.iter().enumerate() {
            let Some(declared) = contract.columns.get(column.column) else {
                continue;
            };
            let value = row.value(place);
            let entry = match value {
                Value::Listed { entry, .. } => declared.list.as_ref().and_then(|it| {
                    let entry = usize::try_from(entry).ok()?;
                    contract.list(it)?.entries.get(entry)
                }),
                _ => None,
            };
            match (declared.role, value) {
                (Some(LedgerRole::Region), _) => {
                    said.region = entry.map(|it| Text::from(&it.value))
                }
                // In a row that is no proper record any text may stand there.
                (Some(LedgerRole::Product), Value::Text) if row.shape.is_some() => {}
                (Some(LedgerRole::Product), Value::Listed { .. } | Value::Text) => {
                    said.product = entry.map(|it| Text::from(&it.value));
                    let category = entry.and_then(|it| it.attributes.get("category"));
                    said.product_category = Some(category.map_or(OTHER, String::as_str).into());
                }
                _ => {}
            }
        }
        said
    }

    /// What rows of one batch say, by record: those of `wanted`, accepted or not.
    ///
    /// # Errors
    /// When the source cannot be read.
    pub fn sayings(
        &self,
        source: &dyn Source,
        batch: usize,
        wanted: &BTreeSet<u64>,
    ) -> Result<BTreeMap<u64, Said>, SourceError> {
        let mut res = BTreeMap::new();
        self.each_row(source, batch, &mut |place, bytes, _, row, _| {
            if wanted.contains(&place.record) {
                row.read(&self.plan, bytes);
                res.insert(place.record, self.said(row));
            }
        })?;
        Ok(res)
    }

    fn key(&self, bytes: &[u8], row: &RowBuffer) -> Option<Text> {
        let plan = &self.plan;
        let text = |place: &usize| plan.survey.encoding.decode(row.text(bytes, *place));
        let mut parts = plan.compiled.key.iter().map(text);
        let mut key = Text::from(parts.next()?);
        for part in parts {
            key.push('\u{1f}');
            key.push_str(&part);
        }
        Some(key)
    }

    /// Rows with findings that match the query, in file order.
    ///
    /// # Errors
    /// When the source cannot be read.
    pub fn flagged(
        &self,
        source: &dyn Source,
        query: &FindingQuery,
    ) -> Result<FlaggedRows, SourceError> {
        let limit = query.limit.clamp(1, LARGEST_PAGE) as usize;
        let mut page = FlaggedRows {
            header: self.header(),
            ..FlaggedRows::default()
        };
        for (batch, (piece, base)) in self.pieces.iter().zip(&self.bases).enumerate() {
            let matching =
                |(index, flag): &(usize, &Flag)| self.matches(piece, *index, flag, query);
            let all = piece.flags.iter().enumerate().filter(matching);
            page.total += all.clone().count() as u64;
            let behind =
                all.filter(|(_, flag)| base.rows + u64::from(flag.record) + 1 > query.after);
            let missing = limit - page.rows.len();
            if missing == 0 {
                if page.next.is_none() && behind.clone().next().is_some() {
                    page.next = page.rows.last().map(|it: &FlaggedRow| it.record);
                }
                continue;
            }
            let more = behind.clone().nth(missing).is_some();
            let rows = self.read_flags(source, batch, behind.take(missing))?;
            page.rows.extend(rows.into_iter().map(|it| self.render(it)));
            if more {
                page.next = page.rows.last().map(|it| it.record);
            }
        }
        Ok(page)
    }

    fn matches(&self, piece: &Piece, index: usize, flag: &Flag, query: &FindingQuery) -> bool {
        if query.category.is_some() && query.category != flag.category {
            return false;
        }
        if query.severity.is_none() && query.code.is_none() && query.column.is_none() {
            return true;
        }
        faults_of(piece, index).iter().any(|fault| {
            let Some(used) = self.plan.compiled.uses.get(usize::from(fault.used)) else {
                return false;
            };
            query.severity.is_none_or(|it| it == used.severity)
                && query.code.as_ref().is_none_or(|it| it == used.meta.code)
                && query.column.is_none_or(|it| it == fault.column)
        })
    }

    /// As [`Plan::corrected_cells`].
    pub fn corrected_cells(&self) -> Vec<(u64, u32)> {
        self.plan.corrected_cells()
    }

    /// As [`Plan::count_cells`].
    ///
    /// # Errors
    /// When the source cannot be read.
    pub fn count_cells(
        &self,
        source: &dyn Source,
        corrections: &[Correction],
    ) -> Result<u64, SourceError> {
        self.plan.count_cells(source, corrections)
    }

    /// A kept row for a page.
    pub fn render(&self, row: KeptRow) -> FlaggedRow {
        render::flagged(row, &self.verdict.options, &self.header())
    }
}

fn faults_of(piece: &Piece, index: usize) -> &[Fault] {
    let end = piece
        .flags
        .get(index)
        .map_or(0, |it| it.faults_end as usize);
    let before = index.checked_sub(1).and_then(|it| piece.flags.get(it));
    let start = before.map_or(0, |it| it.faults_end as usize);
    piece.faults.get(start..end).unwrap_or_default()
}

/// The cells of a record's bytes, read under the given delimiter and encoding, and, where they are read from
/// `tarazu_raw`, the text there.
pub(crate) fn cells(
    raw: &[u8],
    delimiter: u8,
    returned: Option<&Returned>,
    decode: &dyn Fn(&[u8]) -> String,
) -> (Vec<String>, Option<String>) {
    let dialect = record::Dialect {
        delimiter,
        unclosed: None,
        rows_are_lines: false,
    };
    let mut fields = Vec::new();
    let record = Records::new(raw, 0, dialect).next(&mut fields);
    let restored = returned.zip(record);
    let restored = restored.map(|(it, record)| it.restore(raw, &record, &mut fields));
    let raw = restored.as_ref().map_or(raw, |it| it.bytes(raw));
    let mut scratch = Vec::new();
    let cells = fields.into_iter().map(|field| {
        scratch.clear();
        decode(record::content(raw, field, &mut scratch).text(raw, &scratch))
    });
    let cells = cells.collect();
    let raw = restored.as_ref().and_then(|it| it.raw.as_ref());
    (cells, raw.map(|it| decode(&it.bytes)))
}

impl render::Row<'_> {
    fn finding(&self, fault: &Fault) -> FindingData {
        self.data(fault, FoundBy::Validate)
    }
}

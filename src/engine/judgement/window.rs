//! Rows of a judged file by their places, for a page that shows some of very many.

use super::{Judgement, faults_of, near::Names};
use crate::{
    contract::Kind,
    control::Control,
    controls::{
        reference::unknown_reference::UnknownReference,
        validity::value_not_allowed::ValueNotAllowed,
    },
    judge::{Fault, Flag, Piece},
    reading::record::{self, Records},
    source::{Source, SourceError, read_range},
    value::{date, trim},
};
use model::{
    control::Severity,
    finding::FlaggedRow,
    message::{CellPlace, CorrectedCell, NearCell, RowFilter, RowsInWindow, Which, WrongValue},
    options::DateForm,
    row::KeptRow,
};
use std::{cmp::Reverse, collections::BTreeMap, ops::Range};

/// The most rows that one window gives.
const LARGEST: u64 = 500;
/// Where the first records are looked for, in bytes below the header.
const FIRST_BYTES: u64 = 16 * 1024;
/// How many wrong values are told.
const WRONG: usize = 6;
/// How many of the values that are only warned of are looked at for something near, the most frequent ones.
const WARNED: usize = 24;

/// The lists of columns, the file's, 1-based.
type Lists<'a> = BTreeMap<u32, Names<'a>>;

impl Judgement<'_> {
    /// Rows that the filter lets through, at most `count` from the place `from` on.
    ///
    /// # Errors
    /// When the source cannot be read.
    pub fn window(
        &self,
        source: &dyn Source,
        filter: &RowFilter,
        from: u64,
        count: u32,
    ) -> Result<RowsInWindow, SourceError> {
        let wanted = from..from.saturating_add(u64::from(count).min(LARGEST));
        let mut res = RowsInWindow {
            from,
            header: self.header(),
            ..RowsInWindow::default()
        };
        (res.total, res.rows) = match filter.which {
            Which::Every => {
                let total = self.verdict.rows.read;
                let last = wanted.end.min(total);
                let records: Vec<u64> = (wanted.start..last).map(|it| it + 1).collect();
                (total, self.rows_at(source, &records)?)
            }
            Which::Corrected => {
                let all = &self.plan.corrected.records;
                let place = |it: u64| usize::try_from(it).unwrap_or(usize::MAX).min(all.len());
                let records = all.get(place(wanted.start)..place(wanted.end));
                let rows = self.rows_at(source, records.unwrap_or_default())?;
                (all.len() as u64, rows)
            }
            _ => self.flags_at(source, filter, wanted)?,
        };
        let mut lists = Lists::new();
        for row in &res.rows {
            res.near.extend(self.near(row, &mut lists));
            res.corrected.extend(self.corrected(row.record));
        }
        Ok(res)
    }

    /// The cells of the first records below the header, whatever they are, to show what its columns hold.
    ///
    /// # Errors
    /// When the source cannot be read.
    pub fn first(
        &self,
        source: &dyn Source,
        records: usize,
    ) -> Result<Vec<Vec<String>>, SourceError> {
        let plan = &self.plan;
        let source = &plan.form.over(source);
        let from = plan.frame.rows_start.min(source.size());
        let to = source.size().min(from + FIRST_BYTES);
        let mut bytes = Vec::new();
        read_range(source, from, to, &mut bytes)?;
        let mut reader = Records::new(&bytes, from, plan.dialect());
        let (mut fields, mut scratch, mut res) = (Vec::new(), Vec::new(), Vec::new());
        while res.len() < records && reader.next(&mut fields).is_some() {
            let cells = fields.iter().map(|field| {
                scratch.clear();
                let content = record::content(&bytes, *field, &mut scratch);
                let text = content.text(&bytes, &scratch);
                plan.survey.encoding.decode(text).into_owned()
            });
            res.push(cells.collect());
        }
        Ok(res)
    }

    /// For each of the contract's columns of dates that the file has, by its place there: of the forms in which it is
    /// read, those in which the dates of `first` are written.
    pub fn date_forms(&self, first: &[Vec<String>]) -> BTreeMap<usize, Vec<DateForm>> {
        let columns = self.plan.compiled.columns.iter();
        let columns = columns.filter(|it| it.kind == Kind::Date);
        columns
            .map(|column| {
                let texts = first.iter().filter_map(|it| it.get(column.field));
                let texts: Vec<&[u8]> = texts.map(|it| trim(it.as_bytes())).collect();
                let mut forms = column.forms.clone();
                forms.retain(|form| texts.iter().any(|it| date::parse(it, &[*form]).is_some()));
                (column.column, forms)
            })
            .collect()
    }

    /// The cells of a row that were corrected.
    fn corrected(&self, record: u64) -> impl Iterator<Item = CorrectedCell> {
        let places = &self.plan.corrected.places;
        let first = places.partition_point(|it| it.0 < record);
        let here = places.get(first..).unwrap_or_default().iter();
        let here = here.take_while(move |it| it.0 == record);
        here.filter_map(|(record, column, correction)| {
            Some(CorrectedCell {
                record: *record,
                column: *column,
                was: self.plan.choice.corrections.get(*correction)?.was.clone(),
            })
        })
    }

    /// The rows of these records, which are in file order.
    fn rows_at(
        &self,
        source: &dyn Source,
        records: &[u64],
    ) -> Result<Vec<FlaggedRow>, SourceError> {
        let mut rows = Vec::new();
        let mut rest = records;
        while let Some(first) = rest.first() {
            let behind = self.bases.partition_point(|it| it.rows < *first);
            let Some(batch) = behind.checked_sub(1) else {
                break;
            };
            let end = self.bases.get(behind).map_or(u64::MAX, |it| it.rows);
            let (here, others) = rest.split_at(rest.partition_point(|it| *it <= end));
            rest = others;
            let mut wanted = here.iter().peekable();
            self.each_row(source, batch, &mut |place, bytes, record, row, flag| {
                if wanted.next_if(|it| **it == place.record).is_none() {
                    return;
                }
                if flag.is_some() {
                    row.read(&self.plan, bytes);
                }
                rows.push(self.render(KeptRow {
                    record: place.record,
                    line: place.line,
                    ..self.kept_row(batch, flag, row, bytes, record)
                }));
            })?;
        }
        Ok(rows)
    }

    fn flags_at(
        &self,
        source: &dyn Source,
        filter: &RowFilter,
        wanted: Range<u64>,
    ) -> Result<(u64, Vec<FlaggedRow>), SourceError> {
        let (mut total, mut rows) = (0, Vec::new());
        for (batch, piece) in self.pieces.iter().enumerate() {
            let mut here = Vec::new();
            for (index, flag) in piece.flags.iter().enumerate() {
                if self.passes(filter, piece, index, flag) {
                    if wanted.contains(&total) {
                        here.push((index, flag));
                    }
                    total += 1;
                }
            }
            let read = self.read_flags(source, batch, here.into_iter())?;
            rows.extend(read.into_iter().map(|it| self.render(it)));
        }
        Ok((total, rows))
    }

    fn passes(&self, filter: &RowFilter, piece: &Piece, index: usize, flag: &Flag) -> bool {
        let mut faults = faults_of(piece, index).iter();
        faults.any(|it| self.fault_passes(filter, flag, it))
    }

    fn fault_passes(&self, filter: &RowFilter, flag: &Flag, fault: &Fault) -> bool {
        let Some(used) = self.plan.compiled.uses.get(usize::from(fault.used)) else {
            return false;
        };
        let severity = match filter.which {
            Which::Exceptions => Some(Severity::Error),
            Which::Warnings => Some(Severity::Warning),
            _ => None,
        };
        severity.is_none_or(|it| it == used.severity)
            && filter.code.as_ref().is_none_or(|it| it == used.meta.code)
            && filter.category.is_none_or(|it| Some(it) == flag.category)
            && filter.column.is_none_or(|it| it == fault.column)
    }

    /// The next failing cell behind `from`, or the last one before it; None is before all of them, and a finding about a
    /// whole row is in column 0.
    pub fn seek(
        &self,
        filter: &RowFilter,
        from: Option<CellPlace>,
        back: bool,
    ) -> Option<CellPlace> {
        let corrected = &self.plan.corrected.records;
        let (mut matching, mut last) = (0, None);
        for (piece, base) in self.pieces.iter().zip(&self.bases) {
            for (index, flag) in piece.flags.iter().enumerate() {
                let record = base.rows + u64::from(flag.record) + 1;
                let row = match filter.which {
                    Which::Every => record - 1,
                    Which::Corrected => match corrected.binary_search(&record) {
                        Ok(it) => it as u64,
                        Err(_) => continue,
                    },
                    _ => matching,
                };
                let mut any = false;
                for fault in faults_of(piece, index) {
                    if !self.fault_passes(filter, flag, fault) {
                        continue;
                    }
                    any = true;
                    let place = Some(CellPlace {
                        row,
                        column: fault.column,
                    });
                    match back {
                        false if place > from => return place,
                        true if place >= from => return last,
                        _ => last = place,
                    }
                }
                matching += u64::from(any);
            }
        }
        last.filter(|_| back)
    }

    /// Values that fail in two rows or more of a column, the most frequent ones first; then those that are only warned of
    /// since a list does not know them, where it has something near.
    ///
    /// # Errors
    /// When the source cannot be read.
    pub fn wrong_values(&self, source: &dyn Source) -> Result<Vec<WrongValue>, SourceError> {
        // By severity, column and the hash of the text: how often, and where at first.
        let mut found: BTreeMap<(Severity, u32, u64), (u64, usize, usize)> = BTreeMap::new();
        for (batch, piece) in self.pieces.iter().enumerate() {
            for (index, _) in piece.flags.iter().enumerate() {
                let mut told = 0;
                for fault in faults_of(piece, index) {
                    // Of a column's faults the first, so that a row counts once.
                    if fault.column > told
                        && let Some(severity) = self.wrong_cell(fault)
                    {
                        told = fault.column;
                        let place = (severity, fault.column, fault.hash);
                        found.entry(place).or_insert((0, batch, index)).0 += 1;
                    }
                }
            }
        }
        let mut found: Vec<_> = found.into_iter().filter(|(_, it)| it.0 > 1).collect();
        found.sort_by_key(|(place, it)| (place.0, Reverse(it.0), *place));
        let (mut res, mut lists, mut warned) = (Vec::new(), Lists::new(), 0);
        for ((severity, column, _), (rows, batch, index)) in found {
            let is_error = severity == Severity::Error;
            warned += usize::from(!is_error);
            if res.len() == WRONG || warned > WARNED {
                break;
            }
            let value = self.text_at(source, column, (batch, index))?;
            let Some(value) = value.filter(|it| !it.trim().is_empty()) else {
                continue;
            };
            let proposal = self.like(column, &value, &mut lists);
            if is_error || proposal.is_some() {
                res.push(WrongValue {
                    column,
                    severity,
                    value,
                    rows,
                    proposal,
                });
            }
        }
        Ok(res)
    }

    /// How grave it is what a control says that looks at one cell. None for any other control, and for a warning about a
    /// value that was read all the same.
    fn wrong_cell(&self, fault: &Fault) -> Option<Severity> {
        let of = self.plan.compiled.uses.get(usize::from(fault.used))?;
        let counts = of.severity == Severity::Error || is_unlisted(of.meta.code);
        (counts && self.is_of_cell(fault)).then_some(of.severity)
    }

    /// Whether a control says it that looks at one cell.
    pub(super) fn is_of_cell(&self, fault: &Fault) -> bool {
        let mut columns = self.plan.compiled.columns.iter();
        columns.any(|it| {
            it.field as u64 + 1 == u64::from(fault.column)
                && it
                    .checks
                    .iter()
                    .any(|(of, _)| *of == usize::from(fault.used))
        })
    }

    /// The cells of a row that their lists do not know, where one has something near.
    fn near<'a>(&'a self, row: &FlaggedRow, lists: &mut Lists<'a>) -> Vec<NearCell> {
        let unlisted = row.findings.iter().filter(|it| is_unlisted(&it.data.code));
        let near = unlisted.filter_map(|it| {
            let column = it.data.column?;
            let place = usize::try_from(column).ok()?.checked_sub(1)?;
            Some(NearCell {
                record: row.record,
                column,
                text: self.like(column, row.cells.get(place)?, lists)?,
            })
        });
        near.collect()
    }

    /// What the column's list allows and is most like this value.
    fn like<'a>(&'a self, column: u32, value: &str, lists: &mut Lists<'a>) -> Option<String> {
        let plan = &self.plan;
        let mut columns = plan.compiled.columns.iter();
        let place = columns.find(|it| it.field as u64 + 1 == u64::from(column))?;
        let list = plan.contract.columns.get(place.column)?.list.as_ref()?;
        let list = plan.contract.list(list)?;
        let names = lists.entry(column).or_insert_with(|| Names::new(list));
        names.nearest(value).map(str::to_owned)
    }
}

/// The control says that a list does not know the value.
fn is_unlisted(code: &str) -> bool {
    [ValueNotAllowed::META.code, UnknownReference::META.code].contains(&code)
}

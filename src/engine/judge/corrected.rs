//! Cells that were corrected before submit. They stand in the file's text before it is judged, so that the verdict is that of
//! a file which says so, with the lines and the digest of the file that came.

use super::{
    Partial, Plan, Surveying,
    row::{Found, RowBuffer},
};
use crate::{
    reading::{
        encoding::Encoding,
        record::{self, Field, Records},
        splice::Splices,
        survey::Survey,
    },
    source::{Source, SourceError, read_range},
};
use model::options::Correction;
use std::collections::{BTreeMap, BTreeSet};

/// Bytes by which a piece may grow. Plans that are to be corrected quickly are made of pieces of [`super::PIECE`] less
/// these.
pub const ROOM: u64 = super::PIECE / 2;

/// What became of corrections.
#[derive(Debug, Clone, Default)]
pub(crate) struct Corrected {
    pub(crate) splices: Splices,
    /// Cells that say something else now.
    pub(crate) cells: u64,
    /// The rows that hold them, by their records in the file as it came.
    pub(crate) records: Vec<u64>,
    /// Each cell, in that order: its record, its column from 1, and the place of its correction among the choice's.
    pub(crate) places: Vec<(u64, u32, usize)>,
    /// Corrections for which there is no cell that says what they correct.
    pub(crate) missed: u64,
    /// The pieces that hold the cells.
    pub(super) pieces: BTreeSet<usize>,
}

impl<'c> Plan<'c> {
    /// The same file with its corrections in place. `self` knows it as it came.
    pub(super) fn with_corrections(
        &self,
        source: &dyn Source,
        corrected: Corrected,
        surveying: Surveying<'_>,
    ) -> Result<Self, SourceError> {
        let (contract, at) = (self.contract, self.evaluated_at);
        let known = Some((self.survey.digest.as_str(), corrected));
        Self::surveyed(source, contract, &self.choice, at, surveying, known)
    }

    /// How many cells these corrections find in the file as it is read here.
    ///
    /// # Errors
    /// When the source cannot be read.
    pub fn count_cells(
        &self,
        source: &dyn Source,
        corrections: &[Correction],
    ) -> Result<u64, SourceError> {
        Ok(find(self, source, corrections, None)?.cells)
    }

    /// The plan of this file, which was planned without corrections and judged as in `before`, with these; and the pieces
    /// that have to be judged anew, all others being what they were. None where all of it has to be.
    ///
    /// # Errors
    /// When the source cannot be read.
    pub fn again(
        &self,
        source: &dyn Source,
        corrections: &[Correction],
        before: &Partial,
    ) -> Result<Option<(Self, Vec<usize>)>, SourceError> {
        let corrected = find(self, source, corrections, Some(before))?;
        let survey = &self.survey;
        // Nothing but sound text comes in, so that sound text stays sound.
        let sound = survey.encoding == Encoding::Utf8 && !survey.nul && survey.unclosed.is_none();
        if !sound || survey.not_a_table.is_some() {
            return Ok(None);
        }
        let survey = Survey {
            size: corrected.splices.size(survey.size),
            starts: survey
                .starts
                .iter()
                .map(|it| corrected.splices.after(*it))
                .collect(),
            ..survey.clone()
        };
        let pieces: Vec<usize> = corrected.pieces.iter().copied().collect();
        let mut asked = self.choice.clone();
        asked.corrections = corrections.to_vec();
        let known = Some((self.survey.digest.as_str(), corrected));
        let surveying = Surveying::Done(Box::new(survey));
        let (contract, at) = (self.contract, self.evaluated_at);
        let plan = Self::surveyed(source, contract, &asked, at, surveying, known)?;
        let length = |plan: &Self, piece| plan.range(piece).map_or(0, |(from, to)| to - from);
        let grown = |it: &usize| length(&plan, *it) > length(self, *it) + ROOM;
        let alike = plan.frame == self.frame
            && plan.delimiter.byte == self.delimiter.byte
            && plan.decimal_comma == self.decimal_comma
            && plan.footer == self.footer.map(|it| plan.form.splices.after(it))
            && plan.pieces() == self.pieces()
            && !pieces.iter().any(grown);
        Ok(alike.then_some((plan, pieces)))
    }
}

/// Finds the cells. `before` spares pieces that hold none.
pub(super) fn find(
    plan: &Plan<'_>,
    source: &dyn Source,
    corrections: &[Correction],
    before: Option<&Partial>,
) -> Result<Corrected, SourceError> {
    let mut by_line: BTreeMap<u64, Vec<usize>> = BTreeMap::new();
    let mut everywhere = Vec::new();
    for (place, it) in corrections.iter().enumerate() {
        match it.line {
            Some(line) => by_line.entry(line).or_default().push(place),
            None => everywhere.push(place),
        }
    }
    let mut res = Corrected::default();
    let mut used = vec![false; corrections.len()];
    let source = &plan.form.over(source);
    let (mut first_line, mut rows) = (plan.frame.lines_above + 1, 0);
    let (mut bytes, mut fields) = (Vec::new(), Vec::new());
    for piece in 0..plan.pieces() {
        if let Some(known) = before.and_then(|it| it.pieces.get(&piece)) {
            let lines = first_line..first_line + known.lines.max(1);
            if everywhere.is_empty() && by_line.range(lines).next().is_none() {
                first_line += known.lines;
                rows += known.rows;
                continue;
            }
        }
        let Some((from, to)) = plan.range(piece) else {
            continue;
        };
        read_range(source, from, to, &mut bytes)?;
        let mut records = Records::new(&bytes, from, plan.dialect());
        let mut row = RowBuffer::new(plan, from);
        while let Some(record) = records.next(&mut row.fields) {
            let line = first_line + record.lines_before;
            let here = by_line.get(&line).map(Vec::as_slice).unwrap_or_default();
            let wanted = !here.is_empty() || !everywhere.is_empty();
            if wanted {
                // What is read of an export of ours is not what stands there.
                fields.clone_from(&row.fields);
            }
            if row.take(plan, &bytes, &record) != Found::Row {
                continue;
            }
            rows += 1;
            if !wanted || record.unclosed.is_some() {
                continue;
            }
            let cells = Cells {
                plan,
                bytes: &bytes,
                fields: &fields,
            };
            let mut put: BTreeMap<usize, (Vec<u8>, usize)> = BTreeMap::new();
            for place in here.iter().chain(&everywhere) {
                if let Some(it) = corrections.get(*place)
                    && let Some((column, text)) = cells.corrected(it)
                    && let Some(used) = used.get_mut(*place)
                {
                    *used = true;
                    put.entry(column).or_insert((text, *place));
                }
            }
            if !put.is_empty() {
                res.cells += put.len() as u64;
                res.records.push(rows);
                let places = put.iter().map(|(column, (_, correction))| {
                    let column = u32::try_from(column + 1).unwrap_or(u32::MAX);
                    (rows, column, *correction)
                });
                res.places.extend(places);
                res.pieces.insert(piece);
                cells.splice(&put, from, record.end, &mut res.splices);
            }
        }
        first_line += records.lines();
    }
    res.missed = used.iter().filter(|it| !**it).count() as u64;
    Ok(res)
}

/// The cells of a record.
struct Cells<'a> {
    plan: &'a Plan<'a>,
    bytes: &'a [u8],
    fields: &'a [Field],
}

impl Cells<'_> {
    /// The place of the cell that is corrected, from 0, and its bytes then. None where it is not what is corrected.
    fn corrected(&self, correction: &Correction) -> Option<(usize, Vec<u8>)> {
        let column = usize::try_from(correction.column).ok()?.checked_sub(1)?;
        let encoding = self.plan.survey.encoding;
        let mut scratch = Vec::new();
        let is_it = match self.fields.get(column) {
            Some(field) => {
                let content = record::content(self.bytes, *field, &mut scratch);
                encoding.decode(content.text(self.bytes, &scratch)) == correction.was
            }
            // A row that ends early has cells that say nothing.
            None => column < self.plan.frame.cells.len() && correction.was.is_empty(),
        };
        if !is_it {
            return None;
        }
        Some((
            column,
            quoted(encoding.encode(&correction.text)?, self.plan.delimiter.byte),
        ))
    }

    fn splice(
        &self,
        put: &BTreeMap<usize, (Vec<u8>, usize)>,
        from: u64,
        end: usize,
        into: &mut Splices,
    ) {
        let mut behind = Vec::new();
        let mut fields = self.fields.len();
        for (column, (text, _)) in put {
            match self.fields.get(*column) {
                Some(it) => into.put(from + it.start as u64, from + it.end as u64, text.clone()),
                None => {
                    for _ in fields..=*column {
                        behind.push(self.plan.delimiter.byte);
                    }
                    fields = column + 1;
                    behind.extend_from_slice(text);
                }
            }
        }
        if !behind.is_empty() {
            into.put(from + end as u64, from + end as u64, behind);
        }
    }
}

/// A cell as it is written in a file with this delimiter.
fn quoted(cell: Vec<u8>, delimiter: u8) -> Vec<u8> {
    if !cell.iter().any(|it| *it == b'"' || *it == delimiter) {
        return cell;
    }
    let mut res = vec![b'"'];
    for byte in cell {
        if byte == b'"' {
            res.push(b'"');
        }
        res.push(byte);
    }
    res.push(b'"');
    res
}

//! Judges a file: a survey of the whole, then its pieces, each apart and in any order, merged at the end.

mod apart;
mod compiled;
mod corrected;
mod piece;
pub(crate) mod row;
mod total;

use crate::{
    contract::Contract,
    day::Moment,
    judgement::Judgement,
    reading::{
        decimal, encoding, footer,
        header::{self, Delimiter, Frame},
        record::Dialect,
        sniff::NotATable,
        survey::{self, Survey},
        text::{self, TextForm, Wide},
    },
    source::{Source, SourceError, read_range},
};
pub use apart::{Outline, Unreadable};
pub(crate) use compiled::NotRun;
use compiled::{Compiled, Manner};
use corrected::Corrected;
pub use corrected::ROOM;
use model::{
    options::{Choice, ColumnMapping, Options, WorkbookOptions},
    workbook::Origin,
};
pub(crate) use piece::{Fault, Flag, Keys, Piece, Tally, fault_code, put_in_order};
use std::{collections::BTreeMap, ops::Range};

/// Bytes in a piece. Places within a piece are kept in 21 bits, so that this is also the most.
pub const PIECE: u64 = 2 * 1024 * 1024;

/// Everything that is known of a file before its rows are judged. Pieces can be judged on many threads, each
/// with a source of its own.
pub struct Plan<'c> {
    pub(crate) contract: &'c Contract,
    pub(crate) evaluated_at: Moment,
    pub(crate) choice: Choice,
    pub(crate) origin: Option<Origin>,
    pub(crate) form: TextForm,
    pub(crate) survey: Survey,
    pub(crate) delimiter: Delimiter,
    pub(crate) frame: Frame,
    pub(crate) decimal_comma: bool,
    /// Where the words below the last row begin.
    pub(crate) footer: Option<u64>,
    /// What stands above the headers of sheets below the first one.
    pub(crate) above: Vec<Range<u64>>,
    pub(crate) compiled: Compiled,
    /// Where pieces begin, and behind them where the last one ends.
    pub(crate) bounds: Vec<u64>,
    /// Of the choice's corrections; its splices are those of `form`.
    pub(crate) corrected: Corrected,
}

/// What judging some pieces gave. Merging is associative: any grouping gives the same verdict.
#[derive(Debug, Default)]
pub struct Partial {
    /// By their place in the file.
    pub(crate) pieces: BTreeMap<usize, Piece>,
}

impl Partial {
    pub fn merge(mut self, mut other: Self) -> Self {
        self.pieces.append(&mut other.pieces);
        self
    }

    /// Those pieces alone that are not among these.
    pub fn without(&self, pieces: &[usize]) -> Self {
        let others = self.pieces.iter().filter(|(it, _)| !pieces.contains(it));
        Self {
            pieces: others.map(|(place, it)| (*place, it.clone())).collect(),
        }
    }

    /// Rows read and rows with an error among them, for showing progress.
    pub fn counts(&self) -> (u64, u64) {
        self.pieces.values().fold((0, 0), |(read, failing), it| {
            (read + it.rows, failing + it.failing)
        })
    }
}

impl<'c> Plan<'c> {
    /// Surveys the whole file, and tells `progress` how many bytes are behind it.
    ///
    /// # Errors
    /// When the source cannot be read.
    pub fn new(
        source: &dyn Source,
        contract: &'c Contract,
        choice: &Choice,
        evaluated_at: Moment,
        progress: &mut dyn FnMut(u64),
    ) -> Result<Self, SourceError> {
        Self::in_pieces(source, contract, choice, evaluated_at, PIECE, progress)
    }

    /// As `new`, with pieces of `piece` bytes, at most [`PIECE`] and at least 1. The verdict is the same.
    ///
    /// # Errors
    /// When the source cannot be read.
    pub fn in_pieces(
        source: &dyn Source,
        contract: &'c Contract,
        choice: &Choice,
        evaluated_at: Moment,
        piece: u64,
        progress: &mut dyn FnMut(u64),
    ) -> Result<Self, SourceError> {
        let survey = Surveying::New { piece, progress };
        let plan = Self::surveyed(source, contract, choice, evaluated_at, survey, None)?;
        if choice.corrections.is_empty() {
            return Ok(plan);
        }
        let corrected = corrected::find(&plan, source, &choice.corrections, None)?;
        let survey = Surveying::New { piece, progress };
        plan.with_corrections(source, corrected, survey)
    }

    /// `corrected` are the cells that are to say something else, with the digest of the file as it came.
    fn surveyed(
        source: &dyn Source,
        contract: &'c Contract,
        choice: &Choice,
        evaluated_at: Moment,
        surveying: Surveying<'_>,
        corrected: Option<(&str, Corrected)>,
    ) -> Result<Self, SourceError> {
        let origin = source.origin().cloned();
        let mut surveying = surveying;
        let Wording {
            mut form,
            mut digest,
            encoding,
            utf32,
        } = wording(source, choice, &mut |at| surveying.tell(at))?;
        let mut known = Corrected::default();
        if let Some((of_file, corrected)) = corrected {
            digest = Some(of_file.to_owned());
            form.splices = corrected.splices.clone();
            known = corrected;
        }
        let source = &form.over(source);
        let mut delimiter = header::delimiter(source, contract)?;
        if origin.is_some() {
            delimiter.byte = b',';
        } else if let Some(byte) = choice.delimiter.and_then(|it| u8::try_from(it).ok()) {
            delimiter.byte = byte;
        }
        let mut survey = match surveying {
            Surveying::New { piece, progress } => survey::survey(
                source,
                delimiter.byte,
                origin
                    .as_ref()
                    .map(|it| it.digest.as_str())
                    .or(digest.as_deref()),
                encoding,
                piece.clamp(1, PIECE),
                progress,
            )?,
            Surveying::Done(survey) => *survey,
        };
        if utf32 {
            survey.not_a_table = Some(NotATable::Utf32);
        }
        if let Some(origin) = &origin {
            let empty = survey.not_a_table.filter(|it| *it == NotATable::Nothing);
            survey.not_a_table = origin.refused.map(NotATable::Workbook).or(empty);
        }
        let dialect = Dialect {
            delimiter: delimiter.byte,
            unclosed: survey.unclosed,
            rows_are_lines: origin.is_some(),
        };
        let frame = header::find(source, &survey, dialect, contract, choice)?;
        let decimal_comma = match choice.decimal_comma {
            Some(laid_down) => laid_down,
            None => decimal::is_comma(source, &frame, dialect, contract)?,
        };
        let footer = footer::find(source, &survey, &frame, dialect, contract)?;
        let parts = origin.iter().flat_map(|it| &it.sheets);
        let above = parts.filter_map(|it| it.above.as_ref());
        let above = above.map(|it| form.splices.after(it.start)..form.splices.after(it.end));
        let above = above.collect();
        let manner = Manner {
            choice,
            decimal_comma,
            workbook: origin.is_some(),
            today: today(evaluated_at, contract),
        };
        let compiled = Compiled::new(contract, &survey, &frame, manner);
        let mut bounds = Vec::new();
        if survey.not_a_table.is_none() && frame.rows_start < survey.size {
            bounds.push(frame.rows_start);
            let inner = survey.starts.iter().copied();
            bounds.extend(inner.filter(|it| (frame.rows_start + 1..survey.size).contains(it)));
            bounds.push(survey.size);
        }
        Ok(Self {
            contract,
            evaluated_at,
            choice: choice.clone(),
            origin,
            form,
            survey,
            delimiter,
            frame,
            decimal_comma,
            footer,
            above,
            compiled,
            bounds,
            corrected: known,
        })
    }

    pub fn contract(&self) -> &'c Contract {
        self.contract
    }

    /// How many pieces there are to judge.
    pub fn pieces(&self) -> usize {
        self.bounds.len().saturating_sub(1)
    }

    /// Where a piece begins and ends in the file.
    pub fn range(&self, piece: usize) -> Option<(u64, u64)> {
        Some((*self.bounds.get(piece)?, *self.bounds.get(piece + 1)?))
    }

    /// Judges one piece.
    ///
    /// # Errors
    /// When the source cannot be read.
    pub fn judge(&self, source: &dyn Source, piece: usize) -> Result<Partial, SourceError> {
        Ok(Partial {
            pieces: BTreeMap::from([(piece, piece::judge(self, &self.form.over(source), piece)?)]),
        })
    }

    /// Settles the keys over all pieces, each of which has been judged once, and draws up the verdict.
    ///
    /// # Errors
    /// When the source cannot be read.
    pub fn finish(
        self,
        source: &dyn Source,
        partial: Partial,
    ) -> Result<Judgement<'c>, SourceError> {
        Judgement::new(self, source, partial)
    }

    /// Cells that were corrected before submit: records and columns, both from 1, in that order.
    pub fn corrected_cells(&self) -> Vec<(u64, u32)> {
        let places = self.corrected.places.iter();
        places
            .map(|(record, column, _)| (*record, *column))
            .collect()
    }

    pub fn evaluated_at(&self) -> Moment {
        self.evaluated_at
    }

    /// BLAKE3 of the file, lowercase hexadecimal.
    pub fn file_digest(&self) -> &str {
        &self.survey.digest
    }

    pub(crate) fn dialect(&self) -> Dialect {
        Dialect {
            delimiter: self.delimiter.byte,
            unclosed: self.survey.unclosed,
            rows_are_lines: self.origin.is_some(),
        }
    }

    /// The moment of judging as a day in the contract's zone.
    pub(crate) fn today(&self) -> i32 {
        today(self.evaluated_at, self.contract)
    }

    /// The header's cells as they stand in the file.
    pub fn header(&self) -> Vec<String> {
        self.frame.cells.iter().map(|it| it.text.clone()).collect()
    }

    pub(crate) fn options(&self) -> Options {
        let text = |byte: u8| char::from(byte).to_string();
        Options {
            encoding: self.encoding().to_owned(),
            bom: self.survey.bom || self.form.has_bom(),
            delimiter: text(self.delimiter.byte),
            delimiter_evidence: self
                .delimiter
                .evidence
                .iter()
                .map(|(byte, count)| (text(*byte), *count))
                .collect(),
            header_line: self.frame.line,
            columns: self
                .frame
                .cells
                .iter()
                .map(|cell| {
                    let column = cell.column.filter(|_| !cell.repeats);
                    let column = column.and_then(|it| self.contract.columns.get(it));
                    ColumnMapping {
                        header: cell.text.clone(),
                        column: column.map(|it| it.name.clone()),
                    }
                })
                .collect(),
            decimal_comma: self.decimal_comma,
            date_forms: self.choice.date_forms.clone(),
            totals: self.choice.totals,
            workbook: self.origin.as_ref().map(|it| WorkbookOptions {
                format: it.format.clone(),
                sheets: it.sheets.iter().map(|it| it.name.clone()).collect(),
                first_lines: match &it.sheets[..] {
                    [_] => Vec::new(),
                    sheets => sheets.iter().map(|it| it.first_line).collect(),
                },
            }),
        }
    }

    fn encoding(&self) -> &'static str {
        match &self.form.utf16 {
            None => self.survey.encoding.label(),
            Some(it) if it.big_endian => "utf-16be",
            Some(_) => "utf-16le",
        }
    }
}

/// Where a plan's survey comes from.
enum Surveying<'a> {
    New {
        /// Bytes in a piece.
        piece: u64,
        progress: &'a mut dyn FnMut(u64),
    },
    Done(Box<Survey>),
}

impl Surveying<'_> {
    fn tell(&mut self, bytes: u64) {
        if let Self::New { progress, .. } = self {
            progress(bytes);
        }
    }
}

fn today(evaluated_at: Moment, contract: &Contract) -> i32 {
    evaluated_at.day(contract.zone.seconds())
}

/// How a file's bytes become text, and what was learnt on the way.
struct Wording {
    form: TextForm,
    /// Of the file, where it had to be read for this.
    digest: Option<String>,
    /// The encoding of the text that was laid down.
    encoding: Option<&'static str>,
    utf32: bool,
}

fn wording(
    source: &dyn Source,
    choice: &Choice,
    progress: &mut dyn FnMut(u64),
) -> Result<Wording, SourceError> {
    let mut head = Vec::new();
    // The text of a workbook is UTF-8, whatever it begins with.
    let is_text = source.origin().is_some();
    let length = if is_text { 0 } else { source.size().min(4096) };
    read_range(source, 0, length, &mut head)?;
    let chosen = choice.encoding.as_deref().filter(|_| !is_text);
    let chosen = encoding::CHOICES.into_iter().find(|it| Some(*it) == chosen);
    let found = text::wide(&head);
    let bom = matches!(found, Some(Wide::Utf16 { bom: true, .. }));
    let big_endian = match (chosen, found) {
        (Some("utf-16le"), _) => Some(false),
        (Some("utf-16be"), _) => Some(true),
        (None, Some(Wide::Utf16 { big_endian, .. })) => Some(big_endian),
        _ => None,
    };
    let mut res = Wording {
        form: TextForm::default(),
        digest: None,
        // What was UTF-16 is UTF-8 by now, damaged places included.
        encoding: chosen
            .filter(|_| big_endian.is_none())
            .or(big_endian.map(|_| "utf-8")),
        utf32: chosen.is_none() && found == Some(Wide::Utf32),
    };
    if let Some(big_endian) = big_endian {
        let mut hasher = blake3::Hasher::new();
        res.form = TextForm::utf16(source, big_endian, bom, &mut |block, at| {
            hasher.update(block);
            progress(at);
        })?;
        res.digest = Some(hasher.finalize().to_hex().to_string());
    }
    Ok(res)
}

/// Judges a file on one thread.
///
/// # Errors
/// When the source cannot be read.
pub fn judge<'c>(
    source: &dyn Source,
    contract: &'c Contract,
    choice: &Choice,
    evaluated_at: Moment,
) -> Result<Judgement<'c>, SourceError> {
    let plan = Plan::new(source, contract, choice, evaluated_at, &mut |_| {})?;
    let mut partial = Partial::default();
    for piece in 0..plan.pieces() {
        partial = partial.merge(plan.judge(source, piece)?);
    }
    plan.finish(source, partial)
}

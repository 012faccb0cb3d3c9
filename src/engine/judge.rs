//! Judges a file: a survey of the whole, then its pieces, each apart and in any order, merged at the end.

mod compiled;
mod piece;
pub(crate) mod row;

use crate::{
    contract::Contract,
    day::Moment,
    judgement::Judgement,
    reading::{
        header::{self, Delimiter, Frame},
        record::Dialect,
        survey::{self, Survey},
    },
    source::{Source, SourceError},
};
use compiled::Compiled;
pub(crate) use compiled::NotRun;
use model::options::{Choice, ColumnMapping, Options};
pub(crate) use piece::{Fault, Flag, Piece, Tally, fault_code};

/// Bytes in a piece. Places within a piece are kept in 21 bits, so that this is also the most.
pub const PIECE: u64 = 2 * 1024 * 1024;

/// Everything that is known of a file before its rows are judged. Pieces can be judged on many threads, each
/// with a source of its own.
pub struct Plan<'c> {
    pub(crate) contract: &'c Contract,
    pub(crate) evaluated_at: Moment,
    pub(crate) survey: Survey,
    pub(crate) delimiter: Delimiter,
    pub(crate) frame: Frame,
    pub(crate) compiled: Compiled<'c>,
    /// Where pieces begin, and behind them where the last one ends.
    pub(crate) bounds: Vec<u64>,
}

/// What judging some pieces gave. Merging is associative: any grouping gives the same verdict.
#[derive(Debug, Default)]
pub struct Partial {
    pub(crate) pieces: Vec<(usize, Piece)>,
}

impl Partial {
    pub fn merge(mut self, mut other: Self) -> Self {
        self.pieces.append(&mut other.pieces);
        self
    }

    /// Rows read and rows with an error among them, for showing progress.
    pub fn counts(&self) -> (u64, u64) {
        self.pieces.iter().fold((0, 0), |(read, failing), (_, it)| {
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
        let mut delimiter = header::delimiter(source, contract)?;
        if let Some(byte) = choice.delimiter.and_then(|it| u8::try_from(it).ok()) {
            delimiter.byte = byte;
        }
        let survey = survey::survey(source, delimiter.byte, piece.clamp(1, PIECE), progress)?;
        let dialect = Dialect {
            delimiter: delimiter.byte,
            unclosed: survey.unclosed,
        };
        let frame = header::find(source, &survey, dialect, contract)?;
        let compiled = Compiled::new(contract, &survey, &frame);
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
            survey,
            delimiter,
            frame,
            compiled,
            bounds,
        })
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
            pieces: vec![(piece, piece::judge(self, source, piece)?)],
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

    /// BLAKE3 of the file, lowercase hexadecimal.
    pub fn file_digest(&self) -> &str {
        &self.survey.digest
    }

    pub(crate) fn dialect(&self) -> Dialect {
        Dialect {
            delimiter: self.delimiter.byte,
            unclosed: self.survey.unclosed,
        }
    }

    /// The moment of judging as a day in the contract's zone.
    pub(crate) fn today(&self) -> i32 {
        self.evaluated_at.day(self.contract.zone.seconds())
    }

    /// The header's cells as they stand in the file.
    pub fn header(&self) -> Vec<String> {
        self.frame.cells.iter().map(|it| it.text.clone()).collect()
    }

    pub(crate) fn options(&self) -> Options {
        let text = |byte: u8| char::from(byte).to_string();
        Options {
            encoding: self.survey.encoding.label().to_owned(),
            bom: self.survey.bom,
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
        }
    }
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

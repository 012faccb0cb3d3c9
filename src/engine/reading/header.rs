//! Finds the delimiter and the header, and matches the header with the contract's columns.

use super::{
    record::{self, Dialect, Field, Records},
    returned::{Returned, is_ours},
    survey::{BOM, Survey},
};
use crate::{
    contract::Contract,
    control::HeaderCell,
    reading::encoding::Encoding,
    source::{Source, SourceError, read_range},
};
use model::{options::Choice, verdict::LayoutKind};

pub(crate) const CANDIDATES: [u8; 4] = [b',', b';', b'\t', b'|'];
/// The header is looked for among so many first records.
const FIRST_RECORDS: usize = 30;
const FIRST_BYTES: u64 = 64 * 1024;

/// A delimiter and, for each candidate, how often it stood in the first records.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Delimiter {
    pub(crate) byte: u8,
    pub(crate) evidence: Vec<(u8, u64)>,
}

/// The one under which some first record names the most columns of the contract, then the most frequent one.
pub(crate) fn delimiter(
    source: &dyn Source,
    contract: &Contract,
) -> Result<Delimiter, SourceError> {
    let mut head = Vec::new();
    read_range(source, 0, source.size().min(FIRST_BYTES), &mut head)?;
    let text = head.strip_prefix(BOM).unwrap_or(&head);
    if let [
        b's' | b'S',
        b'e' | b'E',
        b'p' | b'P',
        b'=',
        byte,
        b'\r' | b'\n',
        ..,
    ] = text
    {
        return Ok(Delimiter {
            byte: *byte,
            evidence: Vec::new(),
        });
    }
    let mut best = (0, 0, 0, b',');
    let mut evidence = Vec::new();
    for byte in CANDIDATES {
        let mut records = Records::new(
            text,
            0,
            Dialect {
                delimiter: byte,
                unclosed: None,
                rows_are_lines: false,
            },
        );
        let (mut fields, mut named, mut count) = (Vec::new(), 0, 0);
        let mut widths = Vec::new();
        for _ in 0..FIRST_RECORDS {
            if records.next(&mut fields).is_none() {
                break;
            }
            let texts = texts(text, &fields, Encoding::DamagedUtf8);
            named = named.max(named_columns(&match_columns(texts, contract)));
            count += fields.len() as u64 - 1;
            widths.push(fields.len());
        }
        evidence.push((byte, count));
        let alike = alike(&mut widths);
        if (named, alike, count) > (best.0, best.1, best.2) {
            best = (named, alike, count, byte);
        }
    }
    Ok(Delimiter {
        byte: best.3,
        evidence,
    })
}

/// How many records have the width that most of them have; a single cell is no width.
fn alike(widths: &mut [usize]) -> usize {
    widths.sort_unstable();
    let wide = widths.chunk_by(|a, b| a == b).filter(|it| it[0] > 1); // a chunk is never empty
    wide.map(<[usize]>::len).max().unwrap_or(0)
}

/// The header, and where the rows below it begin.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Frame {
    pub(crate) cells: Vec<HeaderCell>,
    /// 1-based; 0 where there is no header.
    pub(crate) line: u64,
    /// The place of the first byte below the header, and the line breaks above it.
    pub(crate) rows_start: u64,
    pub(crate) lines_above: u64,
    /// What stands above the header, by line.
    pub(crate) above: Vec<(LayoutKind, u64)>,
    /// A row with fewer fields leaves a named column without a cell.
    pub(crate) least: usize,
    /// For each column of the contract, the field that fills it.
    pub(crate) at: Vec<Option<usize>>,
    /// The header's cells as names are compared, to know it again further down; nothing for those that our exports
    /// append.
    pub(crate) plain: Vec<String>,
    /// Set where the file is an export of ours.
    pub(crate) returned: Option<Returned>,
}

/// Looks for the header among the first records: the first one that names half of the required columns, else
/// the one that names the most, else the first that is not blank. What the user laid down goes first.
pub(crate) fn find(
    source: &dyn Source,
    survey: &Survey,
    dialect: Dialect,
    contract: &Contract,
    choice: &Choice,
) -> Result<Frame, SourceError> {
    let text_start = if survey.bom { BOM.len() as u64 } else { 0 };
    let mut wanted = FIRST_BYTES;
    let mut buffer = Vec::new();
    loop {
        let to = survey.size.min(text_start + wanted);
        read_range(source, text_start, to, &mut buffer)?;
        let whole = to == survey.size;
        if let Some(frame) = look(
            &buffer,
            text_start,
            whole,
            survey.encoding,
            dialect,
            contract,
            choice,
        ) {
            return Ok(frame);
        }
        wanted *= 4;
    }
}

/// None where more bytes are needed to tell.
fn look(
    bytes: &[u8],
    offset: u64,
    whole: bool,
    encoding: Encoding,
    dialect: Dialect,
    contract: &Contract,
    choice: &Choice,
) -> Option<Frame> {
    let enough = enough(contract);
    let mut records = Records::new(bytes, offset, dialect);
    let mut fields = Vec::new();
    let mut above: Vec<(LayoutKind, u64)> = Vec::new();
    let mut best: Option<(usize, Frame)> = None;
    let mut seen = 0;
    while seen < FIRST_RECORDS || choice.header_line.is_some() {
        let (rows_start, lines_above) = (offset + records.position() as u64, records.lines());
        let Some(record) = records.next(&mut fields) else {
            break;
        };
        if !whole && records.position() >= bytes.len() {
            // The record may go on behind what has been read.
            return None;
        }
        let line = record.lines_before + 1;
        let texts = texts(bytes, &fields, encoding);
        if choice.header_line == Some(0) {
            return Some(headless(
                fields.len(),
                (rows_start, lines_above),
                contract,
                choice,
            ));
        }
        if choice.header_line != Some(line) {
            if texts.iter().all(|it| it.trim().is_empty()) {
                above.push((LayoutKind::Blank, line));
                continue;
            }
            if choice.header_line.is_some() {
                above.push((LayoutKind::Title, line));
                continue;
            }
        }
        seen += 1;
        let mut cells = match_columns(texts, contract);
        lay_down(&mut cells, contract, choice);
        let named = named_columns(&cells);
        if choice.header_line.is_some() || best.as_ref().is_none_or(|(most, _)| named > *most) {
            let frame = Frame {
                least: cells
                    .iter()
                    .rposition(|it| !it.ours && !it.text.trim().is_empty())
                    .map_or(0, |it| it + 1),
                at: places(&cells, contract),
                plain: cells
                    .iter()
                    .map(|it| {
                        if it.ours {
                            String::new()
                        } else {
                            plain(&it.text)
                        }
                    })
                    .collect(),
                returned: Returned::find(
                    cells
                        .iter()
                        .map(|it| (it.text.as_str(), it.column.is_some())),
                    dialect.delimiter,
                    dialect.rows_are_lines,
                ),
                cells,
                line,
                rows_start: offset + records.position() as u64,
                lines_above: records.lines(),
                above: above.clone(),
            };
            best = Some((named, frame));
        }
        if named >= enough || choice.header_line.is_some() {
            break;
        }
        above.push((LayoutKind::Title, line));
    }
    let none = Frame {
        cells: Vec::new(),
        line: 0,
        rows_start: offset + records.position() as u64,
        lines_above: records.lines(),
        above,
        least: 0,
        at: vec![None; contract.columns.len()],
        plain: Vec::new(),
        returned: None,
    };
    Some(best.map_or(none, |(_, frame)| frame))
}

/// A row that names so many columns is the header.
pub(crate) fn enough(contract: &Contract) -> usize {
    let required = contract.columns.iter().filter(|it| it.required).count();
    required.div_ceil(2).max(1)
}

/// A file whose first record is a row already: its columns are known by their places alone.
fn headless(
    width: usize,
    (rows_start, lines_above): (u64, u64),
    contract: &Contract,
    choice: &Choice,
) -> Frame {
    let mut cells: Vec<HeaderCell> = (1..=width)
        .map(|place| HeaderCell {
            text: format!("column {place}"),
            column: None,
            repeats: false,
            ours: false,
        })
        .collect();
    lay_down(&mut cells, contract, choice);
    Frame {
        least: cells
            .iter()
            .rposition(|it| it.column.is_some())
            .map_or(0, |it| it + 1),
        at: places(&cells, contract),
        plain: Vec::new(),
        returned: None,
        cells,
        line: 0,
        rows_start,
        lines_above,
        above: Vec::new(),
    }
}

/// For each column of the contract, the first cell that means it.
fn places(cells: &[HeaderCell], contract: &Contract) -> Vec<Option<usize>> {
    (0..contract.columns.len())
        .map(|place| cells.iter().position(|it| it.column == Some(place)))
        .collect()
}

/// The user's mapping, which wins over names.
fn lay_down(cells: &mut [HeaderCell], contract: &Contract, choice: &Choice) {
    for (key, name) in &choice.columns {
        let Some(at) = place_of(key, cells) else {
            continue;
        };
        let column = contract.column(name);
        for (other, cell) in cells.iter_mut().enumerate() {
            if other == at {
                cell.column = column;
                cell.repeats = false;
                cell.ours = cell.ours && column.is_none();
            } else if column.is_some() && cell.column == column {
                cell.column = None;
                cell.repeats = false;
            }
        }
    }
}

/// The column of the file that a key of a mapping means: its header cell, or else its place.
pub(crate) fn place_of(key: &str, cells: &[HeaderCell]) -> Option<usize> {
    let name = plain(key);
    let named = cells.iter().position(|it| plain(&it.text) == name);
    let place = || key.trim().parse::<usize>().ok()?.checked_sub(1);
    named.or_else(place).filter(|it| *it < cells.len())
}

pub(crate) fn texts(bytes: &[u8], fields: &[Field], encoding: Encoding) -> Vec<String> {
    let mut scratch = Vec::new();
    fields
        .iter()
        .map(|field| {
            scratch.clear();
            let content = record::content(bytes, *field, &mut scratch);
            encoding.decode(content.text(bytes, &scratch)).into_owned()
        })
        .collect()
}

/// Finds the contract's column for each cell: by its name, or, where no cell bears that, by an alias.
fn match_columns(texts: Vec<String>, contract: &Contract) -> Vec<HeaderCell> {
    let plain_texts: Vec<String> = texts.iter().map(|it| plain(it)).collect();
    let mut cells: Vec<HeaderCell> = texts
        .into_iter()
        .map(|text| {
            let ours = is_ours(&text);
            HeaderCell {
                text,
                column: None,
                repeats: false,
                ours,
            }
        })
        .collect();
    for (place, column) in contract.columns.iter().enumerate() {
        let name = plain(&column.name);
        let aliases: Vec<String> = column.aliases.iter().map(|it| plain(it)).collect();
        let by_name = plain_texts.contains(&name);
        let mut filled = false;
        for (cell, text) in cells.iter_mut().zip(&plain_texts) {
            let meant = if by_name {
                *text == name
            } else {
                aliases.contains(text)
            };
            if meant && cell.column.is_none() && !cell.ours {
                cell.column = Some(place);
                cell.repeats = filled;
                filled = true;
            }
        }
    }
    cells
}

/// A record of a sheet's text that may be its header.
#[derive(Debug, Default)]
pub(crate) struct Head {
    /// How many columns of the contract it names.
    pub(crate) named: usize,
    pub(crate) cells: Vec<String>,
    /// Where it begins in the text.
    pub(crate) start: usize,
}

/// Of the first records of a sheet's text, the one that names the most columns of the contract; the first one with a
/// cell where none names any.
pub(crate) fn most_named(text: &[u8], contract: &Contract) -> Head {
    let dialect = Dialect {
        delimiter: b',',
        unclosed: None,
        rows_are_lines: true,
    };
    let mut records = Records::new(text, 0, dialect);
    let mut fields = Vec::new();
    let mut best: Option<Head> = None;
    let mut seen = 0;
    while seen < FIRST_RECORDS
        && let Some(record) = records.next(&mut fields)
    {
        let texts = texts(text, &fields, Encoding::Utf8);
        if texts.iter().all(|it| it.trim().is_empty()) {
            continue;
        }
        seen += 1;
        let named = named_columns(&match_columns(texts.clone(), contract));
        if best.as_ref().is_none_or(|it| named > it.named) {
            best = Some(Head {
                named,
                cells: texts,
                start: record.start,
            });
        }
    }
    best.unwrap_or_default()
}

pub(crate) fn named_columns(cells: &[HeaderCell]) -> usize {
    cells
        .iter()
        .filter(|it| it.column.is_some() && !it.repeats)
        .count()
}

/// As names are compared: letters and digits alone, in lower case.
pub(crate) fn plain(text: &str) -> String {
    text.chars()
        .filter(|it| it.is_alphanumeric())
        .flat_map(char::to_lowercase)
        .collect()
}

//! `.xls`, by calamine. It takes the places and sizes that a file states on trust, and has a place for every cell of
//! the rectangle around a sheet: the records are looked over before.

use super::{
    calamine_cells::{guarded, put},
    limit::{Budget, Refusal},
    sheet::{self, COLUMNS, Sheet, Tally},
};
use calamine::{Reader, SheetType, SheetVisible, Xls};
use std::io::{Cursor, Read};

/// Cells between the first and the last of each sheet of an `.xls`, over all sheets: calamine has a place for each.
const AREA: u64 = 8_000_000;

/// None where the compound file holds something else.
pub(super) fn read(
    bytes: &[u8],
    budget: &Budget,
) -> Option<(&'static str, Result<Vec<Sheet>, Refusal>)> {
    let mut file = cfb::CompoundFile::open(Cursor::new(bytes)).ok()?;
    // An encrypted .xlsx.
    if file.is_stream("/EncryptedPackage") {
        return Some(("xlsx", Err(Refusal::Password)));
    }
    let name = ["/Workbook", "/Book"]
        .into_iter()
        .find(|it| file.is_stream(it))?;
    let mut stream = Vec::new();
    let read = file
        .open_stream(name)
        .and_then(|mut it| it.read_to_end(&mut stream));
    let sheets = match read {
        Ok(_) => guarded(|| xls_sheets(bytes, &stream, budget)),
        Err(_) => Err(Refusal::Damaged),
    };
    Some(("xls", sheets))
}

fn xls_sheets(bytes: &[u8], stream: &[u8], budget: &Budget) -> Result<Vec<Sheet>, Refusal> {
    let outlines = outlines(stream)?;
    let mut workbook: Xls<_> = Xls::new(Cursor::new(bytes)).map_err(|_| Refusal::Damaged)?;
    let from_1904 = workbook.has_1904_epoch();
    let listed = workbook.sheets_metadata().to_vec();
    let mut res = Vec::new();
    for (about, outline) in listed.into_iter().zip(outlines) {
        if about.typ != SheetType::WorkSheet {
            continue;
        }
        let mut sheet = Sheet::new(about.name, about.visible != SheetVisible::Visible);
        sheet.remarks.hidden_columns = outline.hidden_columns;
        let merged = workbook.merge_cells_by_sheet_name(&sheet.name);
        for it in merged.unwrap_or_default() {
            sheet.remarks.merged.add(1, || {
                let corner = |(row, column)| sheet::address(row, column);
                format!("{}:{}", corner(it.start), corner(it.end))
            });
        }
        let range = workbook
            .worksheet_range(&sheet.name)
            .map_err(|_| Refusal::Damaged)?;
        let (first_row, first_column) = range.start().unwrap_or_default();
        for (row, cells) in (first_row..).zip(range.rows()) {
            for (column, cell) in (first_column..).zip(cells) {
                put(&mut sheet, (row, column), cell, from_1904);
            }
            if sheet.has_cells() && outline.hidden_rows.contains(&row) {
                sheet.remarks.hidden_rows.add(1, || (row + 1).to_string());
            }
            sheet.end_row(row, budget)?;
        }
        sheet.end(budget)?;
        res.push(sheet);
    }
    Ok(res)
}

/// What is known of a sheet of an `.xls` without reading its cells.
#[derive(Debug, Default)]
struct Outline {
    hidden_rows: Vec<u32>,
    hidden_columns: Tally,
}

/// Goes over the records of the stream ([MS-XLS] 2.3.1), sheet by sheet as they are listed.
fn outlines(stream: &[u8]) -> Result<Vec<Outline>, Refusal> {
    const FILE_PASS: u16 = 0x002f;
    const SHEET: u16 = 0x0085;
    const END: u16 = 0x000a;
    let mut starts = Vec::new();
    for (kind, data) in records(stream) {
        match kind {
            FILE_PASS if number(data, 0) != Some(0) => return Err(Refusal::Password),
            SHEET => starts.push(long(data, 0).ok_or(Refusal::Damaged)?),
            END => break,
            _ => {}
        }
    }
    let mut area = 0;
    let mut res = Vec::new();
    for start in starts {
        let start = usize::try_from(start).map_err(|_| Refusal::Damaged)?;
        let sheet = stream.get(start..).ok_or(Refusal::Damaged)?;
        let (outline, extent) = outline(sheet)?;
        area += extent;
        if area > AREA {
            return Err(Refusal::TooLarge(format!(
                "its cells lie in an area of more than {} million",
                AREA / 1_000_000
            )));
        }
        res.push(outline);
    }
    Ok(res)
}

/// With the number of cells in the rectangle around its cells, or in the one that it states, if that is larger.
fn outline(sheet: &[u8]) -> Result<(Outline, u64), Refusal> {
    const BEGIN: u16 = 0x0809;
    const END: u16 = 0x000a;
    const DIMENSIONS: u16 = 0x0200;
    const ROW: u16 = 0x0208;
    const HIDDEN: u16 = 0x20;
    const COLUMNS_ALIKE: u16 = 0x007d;
    // Formula, MulRk, RString, LabelSst, Number, Label, BoolErr, Rk.
    const CELLS: [u16; 8] = [
        0x0006, 0x00bd, 0x00d6, 0x00fd, 0x0203, 0x0204, 0x0205, 0x027e,
    ];
    const MUL_RK: u16 = 0x00bd;
    let mut outline = Outline::default();
    let (mut depth, mut stated) = (0, 0);
    let mut around: Option<[u64; 4]> = None;
    for (kind, data) in records(sheet) {
        match kind {
            BEGIN => depth += 1,
            END if depth <= 1 => break,
            END => depth -= 1,
            _ if depth > 1 => {}
            DIMENSIONS => {
                let wide = data.len() > 10;
                let row = |at: usize| {
                    if wide {
                        long(data, at * 2).map(u64::from)
                    } else {
                        word(data, at)
                    }
                };
                let column = |at: usize| word(data, if wide { at + 8 } else { at + 4 });
                let [from, to, first, last] =
                    [row(0), row(2), column(0), column(2)].map(|it| it.unwrap_or(u64::MAX));
                // calamine takes the distance without asking which of them is the larger one.
                let first = if first > 255 || last < first {
                    0
                } else {
                    first
                };
                if to > 0 && last > 0 && (from >= to || first >= last || to > 65_536 || last > 256)
                {
                    return Err(Refusal::Damaged);
                }
                stated = to.saturating_sub(from).max(1) * last.saturating_sub(first).max(1);
            }
            ROW => {
                let hidden = number(data, 12).is_some_and(|it| it & HIDDEN != 0);
                if let (Some(row), true) = (number(data, 0), hidden) {
                    outline.hidden_rows.push(u32::from(row));
                }
            }
            COLUMNS_ALIKE if number(data, 8).is_some_and(|it| it & 1 != 0) => {
                if let (Some(first), Some(last)) = (number(data, 0), number(data, 2))
                    && first <= last
                    && u32::from(last) < COLUMNS
                {
                    let count = u64::from(last - first) + 1;
                    outline
                        .hidden_columns
                        .add(count, || sheet::letters(first.into()));
                }
            }
            _ if CELLS.contains(&kind) => {
                let (Some(row), Some(column)) = (word(data, 0), word(data, 2)) else {
                    return Err(Refusal::Damaged);
                };
                let last = data.len().checked_sub(2).filter(|_| kind == MUL_RK);
                let last = last.and_then(|it| word(data, it)).unwrap_or(column);
                let [from, to, first, end] = around.unwrap_or([row, row, column, last]);
                around = Some([from.min(row), to.max(row), first.min(column), end.max(last)]);
            }
            _ => {}
        }
    }
    let used = around.map_or(0, |[from, to, first, last]| {
        (to - from + 1) * (last.max(first) - first + 1)
    });
    Ok((outline, used.max(stated)))
}

/// The records of a stream: what each is, and its content as far as there is some.
fn records(stream: &[u8]) -> impl Iterator<Item = (u16, &[u8])> {
    let mut rest = stream;
    std::iter::from_fn(move || {
        let (kind, length) = (number(rest, 0)?, number(rest, 2)?);
        let behind = rest.get(4..)?;
        let (data, next) = behind.split_at_checked(usize::from(length))?;
        rest = next;
        Some((kind, data))
    })
}

fn number(data: &[u8], at: usize) -> Option<u16> {
    let bytes = data.get(at..)?.first_chunk::<2>()?;
    Some(u16::from_le_bytes(*bytes))
}

fn word(data: &[u8], at: usize) -> Option<u64> {
    number(data, at).map(u64::from)
}

fn long(data: &[u8], at: usize) -> Option<u32> {
    let bytes = data.get(at..)?.first_chunk::<4>()?;
    Some(u32::from_le_bytes(*bytes))
}

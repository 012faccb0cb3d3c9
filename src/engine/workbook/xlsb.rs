//! `.xlsb` ([MS-XLSB]), by calamine. It unpacks without a limit and does not tell what is hidden: every part is
//! unpacked for once before, and the records of the sheets are looked over on the way.

use super::{
    calamine_cells::{guarded, put},
    limit::{Budget, Refusal},
    package::{Package, Part},
    sheet::{self, COLUMNS, ROWS, Sheet, Tally},
    xlsx::relations,
};
use calamine::{Reader, SheetType, SheetVisible, Xlsb};
use std::{
    collections::BTreeMap,
    io::{self, BufReader, Cursor, Read},
};

/// What a sheet hides.
#[derive(Debug, Default)]
struct Hidden {
    rows: Vec<u32>,
    columns: Tally,
}

/// # Errors
/// When the workbook is damaged or too large.
pub(super) fn read(
    bytes: &[u8],
    package: &mut Package<'_>,
    budget: &Budget,
) -> Result<Vec<Sheet>, Refusal> {
    let mut by_part: BTreeMap<String, Hidden> = BTreeMap::new();
    let mut listed = Vec::new();
    package.weigh(&mut |name, part| {
        if name == "xl/workbook.bin" {
            listed = sheet_parts(part)?;
        } else if name.starts_with("xl/worksheets/") && name.ends_with(".bin") {
            by_part.insert(name.to_owned(), hidden(part)?);
        }
        Ok(())
    })?;
    let relations = relations(package, "xl/workbook.bin")?;
    let mut by_sheet: BTreeMap<String, Hidden> = BTreeMap::new();
    for (sheet, id) in listed {
        let part = relations.get(&id).map(|it| it.path.to_lowercase());
        if let Some(hidden) = part.and_then(|it| by_part.remove(&it)) {
            by_sheet.insert(sheet, hidden);
        }
    }
    guarded(|| sheets(bytes, by_sheet, budget))
}

fn sheets(
    bytes: &[u8],
    mut hidden: BTreeMap<String, Hidden>,
    budget: &Budget,
) -> Result<Vec<Sheet>, Refusal> {
    let mut workbook: Xlsb<_> = Xlsb::new(Cursor::new(bytes)).map_err(|_| Refusal::Damaged)?;
    let from_1904 = workbook.has_1904_epoch();
    let listed = workbook.sheets_metadata().to_vec();
    let mut res = Vec::new();
    for about in listed {
        if about.typ != SheetType::WorkSheet {
            continue;
        }
        let hidden = hidden.remove(&about.name).unwrap_or_default();
        let cells = workbook.worksheet_cells_reader(&about.name);
        let mut cells = cells.map_err(|_| Refusal::Damaged)?;
        let mut sheet = Sheet::new(about.name, about.visible != SheetVisible::Visible);
        sheet.remarks.hidden_columns = hidden.columns;
        let end_row = |sheet: &mut Sheet, row: u32| {
            if sheet.has_cells() && hidden.rows.binary_search(&row).is_ok() {
                sheet.remarks.hidden_rows.add(1, || (row + 1).to_string());
            }
            sheet.end_row(row, budget)
        };
        let mut current = 0;
        while let Some(cell) = cells.next_cell().map_err(|_| Refusal::Damaged)? {
            let place = cell.get_position();
            if place.0 != current {
                end_row(&mut sheet, current)?;
                current = place.0;
            }
            put(
                &mut sheet,
                place,
                &cell.get_value().clone().into(),
                from_1904,
            );
        }
        end_row(&mut sheet, current)?;
        sheet.end(budget)?;
        res.push(sheet);
    }
    Ok(res)
}

/// The records of a part: what each is, and its content.
struct Records<'r, 'p> {
    content: BufReader<&'r mut Part<'p>>,
    data: Vec<u8>,
}

impl<'r, 'p> Records<'r, 'p> {
    fn new(part: &'r mut Part<'p>) -> Self {
        Self {
            content: BufReader::new(part),
            data: Vec::new(),
        }
    }

    /// None at the end.
    fn next(&mut self) -> io::Result<Option<(u64, &[u8])>> {
        let Some(kind) = self.number(2)? else {
            return Ok(None);
        };
        let length = self.number(4)?.unwrap_or(0);
        self.data.clear();
        let read = (&mut self.content)
            .take(length)
            .read_to_end(&mut self.data)?;
        let whole = read as u64 == length;
        Ok(whole.then_some((kind, self.data.as_slice())))
    }

    /// In at most so many bytes, the lowest seven bits first; None at the end.
    fn number(&mut self, most: u32) -> io::Result<Option<u64>> {
        let mut res = 0;
        for place in 0..most {
            let mut byte = [0];
            if self.content.read(&mut byte)? == 0 {
                return Ok(None);
            }
            res |= u64::from(byte[0] & 0x7f) << (7 * place);
            if byte[0] & 0x80 == 0 {
                break;
            }
        }
        Ok(Some(res))
    }
}

/// The name of each sheet, and the id of its part.
fn sheet_parts(part: &mut Part<'_>) -> io::Result<Vec<(String, String)>> {
    const SHEET: u64 = 0x9c;
    let mut records = Records::new(part);
    let mut res = Vec::new();
    while let Some((kind, data)) = records.next()? {
        if kind == SHEET
            && let Some((id, behind)) = data.get(8..).and_then(text)
            && let Some((name, _)) = text(behind)
        {
            res.push((name, id));
        }
    }
    Ok(res)
}

/// A text that its length stands before, and what stands behind it.
fn text(data: &[u8]) -> Option<(String, &[u8])> {
    let (length, rest) = data.split_first_chunk::<4>()?;
    let length = usize::try_from(u32::from_le_bytes(*length)).ok()?;
    let (text, behind) = rest.split_at_checked(length.checked_mul(2)?)?;
    let units: Vec<u16> = text
        .as_chunks::<2>()
        .0
        .iter()
        .map(|it| u16::from_le_bytes(*it))
        .collect();
    Some((String::from_utf16_lossy(&units), behind))
}

fn hidden(part: &mut Part<'_>) -> io::Result<Hidden> {
    const ROW: u64 = 0x00;
    const COLUMNS_ALIKE: u64 = 0x3c;
    const END_OF_CELLS: u64 = 0x92;
    let mut records = Records::new(part);
    let mut res = Hidden::default();
    while let Some((kind, data)) = records.next()? {
        let long = |at: usize| {
            let bytes = data.get(at..)?.first_chunk::<4>()?;
            Some(u32::from_le_bytes(*bytes))
        };
        match kind {
            ROW if data.get(11).is_some_and(|it| it & 0x10 != 0) => {
                res.rows.extend(long(0).filter(|it| *it < ROWS));
            }
            COLUMNS_ALIKE if data.get(16).is_some_and(|it| it & 1 != 0) => {
                if let (Some(first), Some(last)) = (long(0), long(4))
                    && first <= last
                    && last < COLUMNS
                {
                    res.columns
                        .add(u64::from(last - first + 1), || sheet::letters(first));
                }
            }
            END_OF_CELLS => break,
            _ => {}
        }
    }
    res.rows.sort_unstable();
    Ok(res)
}

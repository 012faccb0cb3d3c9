//! `.ods` (OpenDocument 1.3, part 3): values as they are stored, dates as ISO has them.

use super::{
    limit::{Budget, Refusal},
    number_format::decimal,
    package::{Package, Xml, attribute, push_reference},
    sheet::{self, COLUMNS, Sheet},
    xlsx::iso,
};
use quick_xml::events::{BytesStart, Event};
use std::{collections::BTreeSet, io::Read};

pub(super) fn is_one(package: &mut Package<'_>) -> bool {
    let mut start = Vec::new();
    if let Ok(Some(part)) = package.part("mimetype") {
        // What cannot be read is none.
        let _ = part.take(100).read_to_end(&mut start);
    }
    start.starts_with(b"application/vnd.oasis.opendocument.spreadsheet")
}

/// # Errors
/// When it has a password, is damaged or too large.
pub(super) fn read(package: &mut Package<'_>, budget: &Budget) -> Result<Vec<Sheet>, Refusal> {
    if let Some(mut manifest) = package.xml("META-INF/manifest.xml")? {
        while let Some(element) = manifest.next_start()? {
            if element.local_name().as_ref() == "encryption-data" {
                return Err(Refusal::Password);
            }
        }
    }
    let mut xml = package.xml("content.xml")?.ok_or(Refusal::Damaged)?;
    let mut res = Vec::new();
    // Styles of sheets that are not shown.
    let (mut hidden, mut style) = (BTreeSet::new(), String::new());
    while let Some(element) = xml.next_start()? {
        let text = |name: &str| attribute(&element, name).unwrap_or_default().into_owned();
        match element.local_name().as_ref() {
            "style" => style = text("name"),
            "table-properties" if text("display") == "false" => {
                hidden.insert(style.clone());
            }
            "table" => {
                let mut sheet = Sheet::new(text("name"), hidden.contains(&text("style-name")));
                table(&mut xml, &mut sheet, budget)?;
                sheet.end(budget)?;
                res.push(sheet);
            }
            _ => {}
        }
    }
    Ok(res)
}

/// A cell while it is read; the same may stand in many columns.
#[derive(Debug, Default)]
struct Cell {
    column: u32,
    repeated: u32,
    /// None where the cell states none: it is empty, or a formula without a value.
    kind: Option<Kind>,
    /// As an attribute states it, where one does.
    value: Option<String>,
    /// As it is shown.
    text: String,
    paragraphs: u32,
    is_error: bool,
    has_formula: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Text,
    Number,
    Date,
    Time,
    Boolean,
}

fn table(xml: &mut Xml<'_>, sheet: &mut Sheet, budget: &Budget) -> Result<(), Refusal> {
    let (mut row, mut rows, mut hidden) = (0u32, 1, false);
    let (mut column, mut columns) = (0, 0u32);
    let mut cells: Vec<Cell> = Vec::new();
    let mut cell: Option<Cell> = None;
    // Within a comment or a drawing nothing is the cell's own.
    let (mut aside, mut paragraph) = (0, false);
    loop {
        match xml.next()? {
            Event::Start(element) => match element.local_name().as_ref() {
                "annotation" | "shapes" | "frame" | "table" => aside += 1,
                _ if aside > 0 => {}
                "table-column" => {
                    let count = repeated(&element, "number-columns-repeated");
                    if attribute(&element, "visibility").is_some_and(|it| it != "visible")
                        && columns.saturating_add(count) < COLUMNS
                    {
                        let hidden = &mut sheet.remarks.hidden_columns;
                        hidden.add(u64::from(count), || sheet::letters(columns));
                    }
                    columns = columns.saturating_add(count);
                }
                "table-row" => {
                    rows = repeated(&element, "number-rows-repeated");
                    hidden = attribute(&element, "visibility").is_some_and(|it| it != "visible");
                    (column, cells) = (0, Vec::new());
                }
                "table-cell" | "covered-table-cell" => {
                    cell = Some(begin(&element, column, row, sheet)?);
                }
                "p" | "h" => {
                    paragraph = true;
                    if let Some(cell) = &mut cell {
                        cell.text
                            .push_str(if cell.paragraphs > 0 { "\n" } else { "" });
                        cell.paragraphs += 1;
                    }
                }
                "s" | "tab" | "line-break" => {
                    if let Some(cell) = &mut cell {
                        let (what, count) = match element.local_name().as_ref() {
                            "s" => (" ", repeated(&element, "c")),
                            "tab" => ("\t", 1),
                            _ => ("\n", 1),
                        };
                        budget.text(count as usize)?; // repetition costs the file nothing
                        cell.text.push_str(&what.repeat(count as usize));
                    }
                }
                _ => {}
            },
            Event::End(element) => match element.local_name().as_ref() {
                "table" if aside == 0 => return Ok(()),
                "annotation" | "shapes" | "frame" | "table" => aside -= 1,
                _ if aside > 0 => {}
                "table-cell" | "covered-table-cell" => {
                    let ended = cell.take().ok_or(Refusal::Damaged)?;
                    column = ended.column.saturating_add(ended.repeated).min(COLUMNS);
                    if ended.is_error || ended.has_formula || !shown(&ended).is_empty() {
                        cells.push(ended);
                    }
                }
                "table-row" => {
                    if hidden && !cells.is_empty() {
                        sheet
                            .remarks
                            .hidden_rows
                            .add(u64::from(rows), || (row + 1).to_string());
                    }
                    let end = row.saturating_add(rows);
                    if !cells.is_empty() {
                        for row in row..end {
                            put(&cells, row, sheet);
                            sheet.end_row(row, budget)?;
                        }
                    }
                    row = end;
                }
                "p" | "h" => paragraph = false,
                _ => {}
            },
            Event::Eof => return Err(Refusal::Damaged),
            _ if aside > 0 || !paragraph => {}
            event => {
                if let Some(cell) = &mut cell {
                    match event {
                        Event::Text(it) => cell.text.push_str(&it.xml10_content()),
                        Event::CData(it) => cell.text.push_str(&it.xml10_content()),
                        Event::GeneralRef(it) => push_reference(&it, &mut cell.text),
                        _ => {}
                    }
                }
            }
        }
    }
}

/// How often something stands there; at least once.
fn repeated(element: &BytesStart<'_>, name: &str) -> u32 {
    let count = attribute(element, name).and_then(|it| it.parse().ok());
    count.unwrap_or(1).max(1)
}

fn begin(
    element: &BytesStart<'_>,
    column: u32,
    row: u32,
    sheet: &mut Sheet,
) -> Result<Cell, Refusal> {
    let mut cell = Cell {
        column,
        repeated: repeated(element, "number-columns-repeated"),
        ..Cell::default()
    };
    for attribute in element.attributes().with_checks(false) {
        let attribute = attribute.map_err(|_| Refusal::Damaged)?;
        let value = attribute.normalized_value(quick_xml::XmlVersion::Implicit1_0);
        let value = value.map_err(|_| Refusal::Damaged)?;
        match attribute.key.as_ref() {
            "office:value-type" => {
                cell.kind = Some(match value.as_ref() {
                    "float" | "percentage" | "currency" => Kind::Number,
                    "date" => Kind::Date,
                    "time" => Kind::Time,
                    "boolean" => Kind::Boolean,
                    _ => Kind::Text,
                });
            }
            "calcext:value-type" => cell.is_error = value == "error",
            "table:formula" => cell.has_formula = true,
            "office:value"
            | "office:date-value"
            | "office:time-value"
            | "office:boolean-value"
            | "office:string-value" => cell.value = Some(value.into_owned()),
            _ => {}
        }
    }
    let (columns, rows) = (
        repeated(element, "number-columns-spanned"),
        repeated(element, "number-rows-spanned"),
    );
    if columns > 1 || rows > 1 {
        let corner = sheet::address(
            row.saturating_add(rows - 1).min(sheet::ROWS),
            column.saturating_add(columns - 1).min(COLUMNS),
        );
        let first = sheet::address(row, column);
        sheet.remarks.merged.add(1, || format!("{first}:{corner}"));
    }
    Ok(cell)
}

fn put(cells: &[Cell], row: u32, sheet: &mut Sheet) {
    for cell in cells {
        let text = shown(cell);
        for column in cell.column..cell.column.saturating_add(cell.repeated).min(COLUMNS) {
            if cell.is_error {
                sheet.error(row, column, &cell.text);
            } else if cell.kind.is_none() && cell.has_formula {
                sheet.remarks.unsaved.add(1, || sheet::address(row, column));
            } else {
                sheet.cell(column, &text);
            }
        }
    }
}

fn shown(cell: &Cell) -> String {
    let value = cell.value.as_deref().unwrap_or_default();
    match cell.kind {
        None => cell.text.clone(),
        Some(Kind::Text) if cell.paragraphs > 0 => cell.text.clone(),
        Some(Kind::Text) => value.to_owned(),
        Some(Kind::Number) => number(value, &cell.text),
        Some(Kind::Date) => iso(value).into_owned(),
        Some(Kind::Time) => time(value).unwrap_or_else(|| cell.text.clone()),
        Some(Kind::Boolean) => value.to_uppercase(),
    }
}

/// The number as it is stored, unless it is shown with zeros in front, as an identifier is.
fn number(value: &str, shown: &str) -> String {
    let Ok(number) = value.parse::<f64>() else {
        return value.to_owned();
    };
    let stored = decimal(number);
    let padded = shown.len() > stored.len()
        && shown.bytes().all(|it| it.is_ascii_digit())
        && shown.trim_start_matches('0') == stored;
    if padded { shown.to_owned() } else { stored }
}

/// `14:30:00` for `PT14H30M00S`.
fn time(value: &str) -> Option<String> {
    let (hours, rest) = value.strip_prefix("PT")?.split_once('H')?;
    let (minutes, rest) = rest.split_once('M')?;
    let seconds = rest.strip_suffix('S')?;
    let seconds = seconds.split(['.', ',']).next()?;
    Some(format!("{hours:0>2}:{minutes:0>2}:{seconds:0>2}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identifiers_keep_their_zeros_and_amounts_their_decimals() {
        assert_eq!(number("42", "00042"), "00042");
        assert_eq!(number("42", "42.00"), "42");
        assert_eq!(number("1234.567", "1,234.57"), "1234.567");
        assert_eq!(number("0", "0000"), "0");
        assert_eq!(time("PT14H30M00S").as_deref(), Some("14:30:00"));
        assert_eq!(time("PT9H05M07.5S").as_deref(), Some("09:05:07"));
    }
}

//! A web page of tables under the name of a workbook, or the XML of Excel 2003, as many programs export. Every table
//! is a sheet.

use super::{
    limit::{Budget, Refusal},
    number_format::decimal,
    sheet::{COLUMNS, ROWS, Sheet},
    xlsx::iso,
};
use crate::reading::encoding::Encoding;

/// Tables within tables are layout; beyond this depth they are text.
const DEPTH: usize = 16;

/// A table that has not ended.
#[derive(Default)]
struct Table {
    sheet: Sheet,
    row: u32,
    column: u32,
    /// The most columns of a row.
    width: u32,
    in_row: bool,
    cell: Option<Cell>,
}

/// A cell that has not ended.
#[derive(Default)]
struct Cell {
    text: String,
    /// Over how many columns it goes.
    columns: u32,
    /// As XML states it: `Number`, `DateTime`, `Error`.
    kind: String,
}

impl Table {
    fn end_cell(&mut self) {
        let Some(cell) = self.cell.take() else {
            return;
        };
        let text = cell.text.trim();
        if self.column < COLUMNS {
            match (cell.kind.as_str(), text.parse::<f64>()) {
                ("number", Ok(number)) => self.sheet.cell(self.column, &decimal(number)),
                ("datetime", _) => self.sheet.cell(self.column, &iso(text)),
                ("error", _) => self.sheet.error(self.row, self.column, text),
                _ => self.sheet.cell(self.column, text),
            }
        }
        self.column = self.column.saturating_add(cell.columns).min(COLUMNS);
        self.width = self.width.max(self.column);
    }

    fn end_row(&mut self, budget: &Budget) -> Result<(), Refusal> {
        self.end_cell();
        if std::mem::take(&mut self.in_row) && self.row < ROWS {
            self.sheet.end_row(self.row, budget)?;
            self.row += 1;
            self.column = 0;
        }
        Ok(())
    }
}

/// The format, and its sheets. None where the page has no table of at least two rows and two columns: it is a page.
pub(super) fn read(
    bytes: &[u8],
    budget: &Budget,
) -> Option<(&'static str, Result<Vec<Sheet>, Refusal>)> {
    let encoding = match std::str::from_utf8(bytes) {
        Ok(_) => Encoding::Utf8,
        Err(_) => Encoding::Windows1252,
    };
    let page = encoding.decode(bytes);
    let start = page.get(..2048).unwrap_or(&page);
    let is_xml = start.contains("urn:schemas-microsoft-com:office:spreadsheet");
    let read = tables(&page, budget);
    let empty = read.as_ref().is_ok_and(Vec::is_empty);
    (!empty).then_some((if is_xml { "xml" } else { "html" }, read))
}

fn tables(page: &str, budget: &Budget) -> Result<Vec<Sheet>, Refusal> {
    let (mut open, mut res): (Vec<Table>, Vec<Sheet>) = (Vec::new(), Vec::new());
    let mut sheet = None;
    let mut rest = page;
    while let Some(at) = rest.find('<') {
        let (text, from) = rest.split_at(at);
        add_text(&mut open, text);
        let (tag, behind) = split_tag(from);
        rest = behind;
        let name = tag_name(tag);
        let depth = open.len();
        match (name.as_str(), open.last_mut()) {
            ("script" | "style" | "title", _) => rest = skip(rest, &format!("</{name}")),
            ("worksheet", _) => sheet = attribute(tag, "name"),
            ("table", _) if depth < DEPTH => {
                let mut table = Table::default();
                table.sheet.name = sheet.take().unwrap_or_default();
                open.push(table);
            }
            ("/table", Some(table)) => {
                table.end_row(budget)?;
                if let Some(ended) = open.pop() {
                    keep(ended, &mut res, budget)?;
                }
            }
            ("tr" | "row", Some(table)) => {
                table.end_row(budget)?;
                table.in_row = true;
                if let Some(row) = number(tag, "index") {
                    table.row = table.row.max(row - 1);
                }
            }
            ("/tr" | "/row", Some(table)) => table.end_row(budget)?,
            ("td" | "th" | "cell", Some(table)) => {
                table.end_cell();
                table.in_row = true;
                if let Some(column) = number(tag, "index") {
                    table.column = table.column.max(column - 1);
                }
                let across = number(tag, "mergeacross").map(|it| it + 1);
                let columns = across.or_else(|| number(tag, "colspan")).unwrap_or(1);
                table.cell = Some(Cell {
                    columns,
                    ..Cell::default()
                });
            }
            ("/td" | "/th" | "/cell", Some(table)) => table.end_cell(),
            ("data", Some(table)) => {
                if let Some(cell) = &mut table.cell {
                    let kind = attribute(tag, "type").unwrap_or_default();
                    cell.kind = kind.to_ascii_lowercase();
                }
            }
            ("br" | "br/" | "p" | "div", Some(_)) => add_text(&mut open, " "),
            _ => {}
        }
    }
    add_text(&mut open, rest);
    // A page that breaks off still has the rows before.
    for mut table in open {
        table.end_row(budget)?;
        keep(table, &mut res, budget)?;
    }
    Ok(res)
}

fn keep(mut table: Table, into: &mut Vec<Sheet>, budget: &Budget) -> Result<(), Refusal> {
    if table.sheet.rows >= 2 && table.width >= 2 {
        table.sheet.end(budget)?;
        if table.sheet.name.is_empty() {
            table.sheet.name = format!("Table {}", into.len() + 1);
        }
        into.push(table.sheet);
    }
    Ok(())
}

/// Text goes to the innermost cell; blanks in a row are one.
fn add_text(open: &mut [Table], text: &str) {
    let Some(cell) = open.last_mut().and_then(|it| it.cell.as_mut()) else {
        return;
    };
    let cell = &mut cell.text;
    let decoded = references(text);
    for letter in decoded.chars() {
        if !letter.is_whitespace() {
            cell.push(letter);
        } else if !cell.ends_with(' ') {
            cell.push(' ');
        }
    }
}

/// A tag or comment, and what stands behind it.
fn split_tag(from: &str) -> (&str, &str) {
    if from.starts_with("<!--") {
        return ("", skip(from, "-->"));
    }
    match from.find('>') {
        Some(end) => from.split_at(end + 1),
        None => (from, ""),
    }
}

/// What stands behind the next `end`, in whatever case.
fn skip<'a>(rest: &'a str, end: &str) -> &'a str {
    let bytes = rest.as_bytes();
    let found = bytes
        .windows(end.len())
        .position(|it| it.eq_ignore_ascii_case(end.as_bytes()));
    found
        .and_then(|at| rest.get(at + end.len()..))
        .unwrap_or("")
}

/// In lower case, without the prefix that XML may put before it.
fn tag_name(tag: &str) -> String {
    let inside = tag.trim_start_matches('<').trim_end_matches('>');
    let name = inside.split_ascii_whitespace().next().unwrap_or_default();
    let name = name.to_ascii_lowercase();
    match name.strip_prefix('/') {
        Some(ended) => format!("/{}", ended.strip_prefix("ss:").unwrap_or(ended)),
        None => name.strip_prefix("ss:").unwrap_or(&name).to_owned(),
    }
}

/// The value of an attribute, whatever prefix its name has.
fn attribute(tag: &str, name: &str) -> Option<String> {
    let lower = tag.to_ascii_lowercase();
    let (at, _) = lower.match_indices(name).find(|(at, found)| {
        let before = lower.get(..*at).and_then(|it| it.chars().next_back());
        let behind = lower.get(at + found.len()..).unwrap_or_default();
        before.is_some_and(|it| it == ':' || it.is_whitespace())
            && behind.trim_start().starts_with('=')
    })?;
    let (_, value) = tag.get(at..)?.split_once('=')?;
    let value = value.trim_start();
    let end = match value.chars().next()? {
        quote @ ('"' | '\'') => {
            let inside = value.get(1..)?;
            return Some(references(inside.split(quote).next()?));
        }
        _ => value.find(|it: char| it.is_whitespace() || it == '>'),
    };
    value.get(..end.unwrap_or(value.len())).map(references)
}

/// An attribute that counts, from 1 on.
fn number(tag: &str, name: &str) -> Option<u32> {
    let value = attribute(tag, name)?.trim().parse().ok()?;
    (1..=ROWS).contains(&value).then_some(value)
}

/// Puts characters in place of the references to them.
fn references(text: &str) -> String {
    let mut res = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('&') {
        let (before, from) = rest.split_at(at);
        res.push_str(before);
        let end = from.find(';').filter(|it| *it <= 10);
        let name = end.and_then(|it| from.get(1..it)).unwrap_or_default();
        match character(name) {
            Some(character) => {
                res.push(character);
                rest = from.get(name.len() + 2..).unwrap_or_default();
            }
            None => {
                res.push('&');
                rest = from.get(1..).unwrap_or_default();
            }
        }
    }
    res.push_str(rest);
    res
}

fn character(name: &str) -> Option<char> {
    if let Some(code) = name.strip_prefix('#') {
        let number = match code.strip_prefix(['x', 'X']) {
            Some(hexadecimal) => u32::from_str_radix(hexadecimal, 16),
            None => code.parse(),
        };
        return number.ok().and_then(char::from_u32);
    }
    Some(match name {
        "amp" => '&',
        "lt" => '<',
        "gt" => '>',
        "quot" => '"',
        "apos" => '\'',
        "nbsp" => ' ',
        "euro" => '€',
        "pound" => '£',
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(page: &str, expected: &[&str]) {
        let budget = Budget::default();
        let sheets = read(page.as_bytes(), &budget).map_or_else(Vec::new, |it| it.1.unwrap());
        let texts: Vec<_> = sheets
            .iter()
            .map(|it| String::from_utf8_lossy(&it.text))
            .collect();
        assert_eq!(texts, expected, "{page}");
    }

    #[test]
    fn tables_are_read_and_pages_are_not() {
        check(
            "<html><style>td{}</style><TABLE border=1><tr><th>id<th>amount</tr>\n\
             <tr><td>A&amp;B&#8377;</td><td> 1,200<br>net </td></tr></TABLE>",
            &["id,amount\nA&B₹,\"1,200 net\"\n"],
        );
        check(
            "<table><tr><td><table><tr><td>a<td>b<tr><td>c<td colspan='2'>d</table></table>",
            &["a,b\nc,d\n"],
        );
        check("<!DOCTYPE html><title>502</title><h1>Bad Gateway</h1>", &[]);
        check("<table><tr><td>Not found</td></tr></table>", &[]);
        check("<table><tr><td>a<td>b<tr><td>c<td>d", &["a,b\nc,d\n"]);
        check("<!-- <table> --><p>x < y</p>", &[]);
    }

    #[test]
    fn the_xml_of_excel_2003_is_read_with_its_gaps_and_types() {
        let page = r#"<?xml version="1.0"?><?mso-application progid="Excel.Sheet"?>
            <Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet" xmlns:ss="urn:schemas-microsoft-com:office:spreadsheet">
            <Worksheet ss:Name="April &amp; May"><Table>
            <Row><Cell><Data ss:Type="String">id</Data></Cell><Cell><Data ss:Type="String">day</Data></Cell></Row>
            <Row ss:Index="4"><Cell ss:StyleID="s1"/><Cell ss:Index="2"><Data ss:Type="DateTime">2026-03-05T00:00:00.000</Data></Cell>
            <Cell><Data ss:Type="Number">0.30000000000000004</Data></Cell><Cell><Data ss:Type="Error">#N/A</Data></Cell></Row>
            </Table></Worksheet></Workbook>"#;
        let budget = Budget::default();
        let (format, sheets) = read(page.as_bytes(), &budget).unwrap();
        let sheets = sheets.unwrap();
        assert_eq!((format, sheets[0].name.as_str()), ("xml", "April & May"));
        assert_eq!(
            String::from_utf8_lossy(&sheets[0].text),
            "id,day,,\n\n\n,2026-03-05,0.3,#N/A\n"
        );
        assert_eq!(sheets[0].remarks.errors.first, "D4");
    }
}

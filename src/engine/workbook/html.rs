//! A web page of tables under the name of a workbook, as many programs export. Every table is a sheet.

use super::{
    limit::{Budget, Refusal},
    sheet::{COLUMNS, ROWS, Sheet},
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
    /// The text of the cell that has not ended, and over how many columns it goes.
    cell: Option<(String, u32)>,
}

impl Table {
    fn end_cell(&mut self) {
        if let Some((text, columns)) = self.cell.take() {
            if self.column < COLUMNS {
                self.sheet.cell(self.column, text.trim());
            }
            self.column = self.column.saturating_add(columns).min(COLUMNS);
            self.width = self.width.max(self.column);
        }
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

/// None where the page has no table of at least two rows and two columns: it is a page.
pub(super) fn read(bytes: &[u8], budget: &Budget) -> Option<Result<Vec<Sheet>, Refusal>> {
    let encoding = match std::str::from_utf8(bytes) {
        Ok(_) => Encoding::Utf8,
        Err(_) => Encoding::Windows1252,
    };
    let read = tables(&encoding.decode(bytes), budget);
    let empty = read.as_ref().is_ok_and(Vec::is_empty);
    (!empty).then_some(read)
}

fn tables(page: &str, budget: &Budget) -> Result<Vec<Sheet>, Refusal> {
    let (mut open, mut res): (Vec<Table>, Vec<Sheet>) = (Vec::new(), Vec::new());
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
            ("table", _) if depth < DEPTH => open.push(Table::default()),
            ("/table", Some(table)) => {
                table.end_row(budget)?;
                if let Some(ended) = open.pop() {
                    keep(ended, &mut res, budget)?;
                }
            }
            ("tr", Some(table)) => {
                table.end_row(budget)?;
                table.in_row = true;
            }
            ("/tr", Some(table)) => table.end_row(budget)?,
            ("td" | "th", Some(table)) => {
                table.end_cell();
                table.in_row = true;
                table.cell = Some((String::new(), columns(tag)));
            }
            ("/td" | "/th", Some(table)) => table.end_cell(),
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
        table.sheet.name = format!("Table {}", into.len() + 1);
        into.push(table.sheet);
    }
    Ok(())
}

/// Text goes to the innermost cell; blanks in a row are one.
fn add_text(open: &mut [Table], text: &str) {
    let Some((cell, _)) = open.last_mut().and_then(|it| it.cell.as_mut()) else {
        return;
    };
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

fn tag_name(tag: &str) -> String {
    let inside = tag.trim_start_matches('<').trim_end_matches('>');
    let name = inside.split_ascii_whitespace().next().unwrap_or_default();
    name.to_ascii_lowercase()
}

fn columns(tag: &str) -> u32 {
    let lower = tag.to_ascii_lowercase();
    let value = lower.split("colspan").nth(1).unwrap_or_default();
    let value =
        value.trim_start_matches(|it: char| it.is_whitespace() || matches!(it, '=' | '"' | '\''));
    let digits: String = value.chars().take_while(char::is_ascii_digit).collect();
    digits.parse().unwrap_or(1).clamp(1, COLUMNS)
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
        let sheets = read(page.as_bytes(), &budget).map_or_else(Vec::new, Result::unwrap);
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
}

//! `.xlsx` and `.xlsm` (ECMA-376): sheets as Excel shows them, in one pass over each.

use super::{
    limit::{Budget, Refusal},
    number_format::NumberFormat,
    package::{Package, Xml, attribute, push_reference, says_yes},
    sheet::{self, COLUMNS, Sheet},
};
use quick_xml::events::{BytesStart, Event};
use std::{borrow::Cow, collections::BTreeMap};

/// What all sheets share.
#[derive(Debug, Default)]
struct Shared {
    strings: Strings,
    /// By the number that a cell gives as its style.
    formats: Vec<NumberFormat>,
    from_1904: bool,
}

/// The texts of the cells, one behind the other, and where each ends.
#[derive(Debug, Default)]
struct Strings {
    text: String,
    ends: Vec<usize>,
}

impl Strings {
    fn get(&self, place: usize) -> Option<&str> {
        let start = match place.checked_sub(1) {
            None => 0,
            Some(before) => *self.ends.get(before)?,
        };
        self.text.get(start..*self.ends.get(place)?)
    }
}

/// A part that another one names.
pub(super) struct Relation {
    /// The last word of its type: `worksheet`.
    kind: String,
    pub(super) path: String,
}

/// None where the package holds no such workbook.
///
/// # Errors
/// When it is damaged or too large.
pub(super) fn read(
    package: &mut Package<'_>,
    budget: &Budget,
) -> Result<Option<Vec<Sheet>>, Refusal> {
    let main = relations(package, "")?
        .into_values()
        .find(|it| it.kind == "officeDocument");
    let main = main.map_or_else(|| "xl/workbook.xml".to_owned(), |it| it.path);
    let Some(List { sheets, from_1904 }) = sheet_list(package, &main)? else {
        return Ok(None);
    };
    let relations = relations(package, &main)?;
    let path_of = |kind: &str| {
        relations
            .values()
            .find(|it| it.kind == kind)
            .map(|it| &it.path)
    };
    let mut shared = Shared {
        from_1904,
        ..Shared::default()
    };
    if let Some(path) = path_of("sharedStrings")
        && let Some(xml) = package.xml(path)?
    {
        shared.strings = strings(xml, budget)?;
    }
    if let Some(path) = path_of("styles")
        && let Some(xml) = package.xml(path)?
    {
        shared.formats = formats(xml)?;
    }
    let mut res = Vec::new();
    for (mut sheet, id) in sheets {
        // A chart may be a sheet of its own; it has no cells.
        let Some(relation) = relations.get(&id).filter(|it| it.kind == "worksheet") else {
            continue;
        };
        let xml = package.xml(&relation.path)?.ok_or(Refusal::Damaged)?;
        cells(xml, &shared, &mut sheet, budget)?;
        sheet.end(budget)?;
        res.push(sheet);
    }
    Ok(Some(res))
}

/// What the main part says of a workbook.
struct List {
    /// In their order, each with the id of its part.
    sheets: Vec<(Sheet, String)>,
    from_1904: bool,
}

/// None where the main part is no workbook.
fn sheet_list(package: &mut Package<'_>, main: &str) -> Result<Option<List>, Refusal> {
    let Some(mut xml) = package.xml(main)? else {
        return Ok(None);
    };
    let (mut sheets, mut from_1904) = (Vec::new(), false);
    let root = xml.next_start()?;
    if root.is_none_or(|it| it.local_name().as_ref() != "workbook") {
        return Ok(None);
    }
    while let Some(element) = xml.next_start()? {
        match element.local_name().as_ref() {
            "workbookPr" => from_1904 = says_yes(&element, "date1904"),
            "sheet" => {
                let text = |name: &str| attribute(&element, name).map(Cow::into_owned);
                let name = text("name").ok_or(Refusal::Damaged)?;
                let hidden = text("state").is_some_and(|it| it != "visible");
                let id = text("id").ok_or(Refusal::Damaged)?;
                sheets.push((Sheet::new(name, hidden), id));
            }
            _ => {}
        }
    }
    Ok(Some(List { sheets, from_1904 }))
}

/// What a part refers to, by id; of the package itself where `part` is empty.
pub(super) fn relations(
    package: &mut Package<'_>,
    part: &str,
) -> Result<BTreeMap<String, Relation>, Refusal> {
    let (folder, name) = part.rsplit_once('/').unwrap_or(("", part));
    let mut res = BTreeMap::new();
    let Some(mut xml) = package.xml(&format!("{folder}/_rels/{name}.rels"))? else {
        return Ok(res);
    };
    while let Some(element) = xml.next_start()? {
        if element.local_name().as_ref() != "Relationship" {
            continue;
        }
        let text = |name: &str| attribute(&element, name).unwrap_or_default();
        let kind = text("Type");
        let relation = Relation {
            kind: kind.rsplit('/').next().unwrap_or_default().to_owned(),
            path: resolve(folder, &text("Target")),
        };
        res.insert(text("Id").into_owned(), relation);
    }
    Ok(res)
}

/// The path of a target that is written from a folder on.
fn resolve(folder: &str, target: &str) -> String {
    if let Some(whole) = target.strip_prefix('/') {
        return whole.to_owned();
    }
    let mut path: Vec<&str> = folder.split('/').filter(|it| !it.is_empty()).collect();
    for step in target.split('/') {
        match step {
            "." | "" => {}
            ".." => {
                path.pop();
            }
            step => path.push(step),
        }
    }
    path.join("/")
}

fn strings(mut xml: Xml<'_>, budget: &Budget) -> Result<Strings, Refusal> {
    let mut res = Strings::default();
    let (mut item, mut text) = (String::new(), Text::default());
    loop {
        let event = xml.next()?;
        text.see(&event, &mut item);
        match event {
            Event::End(it) if it.local_name().as_ref() == "si" => {
                unescape(&item, &mut res.text);
                budget.text(item.len() + size_of::<usize>())?;
                res.ends.push(res.text.len());
                item.clear();
            }
            Event::Eof => return Ok(res),
            _ => {}
        }
    }
}

/// Follows the text of a string through its parts in different type, and leaves out how it is pronounced.
#[derive(Default)]
struct Text {
    within: bool,
    phonetic: bool,
}

impl Text {
    fn see(&mut self, event: &Event<'_>, into: &mut String) {
        match event {
            Event::Start(it) => match it.local_name().as_ref() {
                "t" | "v" => self.within = true,
                "rPh" => self.phonetic = true,
                _ => {}
            },
            Event::End(it) => match it.local_name().as_ref() {
                "t" | "v" => self.within = false,
                "rPh" => self.phonetic = false,
                _ => {}
            },
            _ if !self.within || self.phonetic => {}
            Event::Text(it) => into.push_str(&it.xml10_content()),
            Event::CData(it) => into.push_str(&it.xml10_content()),
            Event::GeneralRef(it) => push_reference(it, into),
            _ => {}
        }
    }
}

/// Undoes `_x000D_`, which stands for what XML cannot hold.
fn unescape(text: &str, into: &mut String) {
    let mut rest = text;
    while let Some(at) = rest.find("_x") {
        let (before, from) = rest.split_at(at);
        into.push_str(before);
        let code = from.get(2..6).filter(|_| from.get(6..7) == Some("_"));
        let code = code.and_then(|it| u32::from_str_radix(it, 16).ok());
        if let Some(character) = code.and_then(char::from_u32) {
            into.push(character);
            rest = from.get(7..).unwrap_or_default();
        } else {
            into.push_str("_x");
            rest = from.get(2..).unwrap_or_default();
        }
    }
    into.push_str(rest);
}

/// The number format of each cell style.
fn formats(mut xml: Xml<'_>) -> Result<Vec<NumberFormat>, Refusal> {
    let mut codes: BTreeMap<u32, NumberFormat> = BTreeMap::new();
    let mut res = Vec::new();
    let mut of_cells = false;
    loop {
        match xml.next()? {
            Event::Start(element) => match element.local_name().as_ref() {
                "numFmt" => {
                    let id = attribute(&element, "numFmtId").and_then(|it| it.parse().ok());
                    let code = attribute(&element, "formatCode");
                    if let (Some(id), Some(code)) = (id, code) {
                        codes.insert(id, NumberFormat::of_code(&code));
                    }
                }
                "cellXfs" => of_cells = true,
                "xf" if of_cells => {
                    let id = attribute(&element, "numFmtId").and_then(|it| it.parse().ok());
                    let id = id.unwrap_or(0);
                    let code = codes.get(&id).cloned();
                    res.push(code.unwrap_or_else(|| NumberFormat::built_in(id)));
                }
                _ => {}
            },
            Event::End(element) if element.local_name().as_ref() == "cellXfs" => of_cells = false,
            Event::Eof => return Ok(res),
            _ => {}
        }
    }
}

/// A cell while it is read.
#[derive(Default)]
struct Cell {
    column: u32,
    style: usize,
    kind: String,
    text: String,
    has_formula: bool,
}

fn cells(
    mut xml: Xml<'_>,
    shared: &Shared,
    sheet: &mut Sheet,
    budget: &Budget,
) -> Result<(), Refusal> {
    let (mut row, mut next_row, mut hidden) = (0, 0, false);
    let mut next_column = 0;
    let mut cell = Cell::default();
    let (mut within, mut text) = (false, Text::default());
    let mut shown = String::new();
    loop {
        let event = xml.next()?;
        if within {
            text.see(&event, &mut cell.text);
        }
        match event {
            Event::Start(element) => match element.local_name().as_ref() {
                "row" => {
                    let number = attribute(&element, "r").map(|it| it.parse::<u32>());
                    row = match number {
                        Some(Ok(number @ 1..)) => number - 1,
                        Some(_) => return Err(Refusal::Damaged),
                        None => next_row,
                    };
                    hidden = says_yes(&element, "hidden");
                    next_column = 0;
                }
                "c" => {
                    begin(&mut cell, &element, next_column)?;
                    within = true;
                }
                "f" => cell.has_formula = true,
                "col" if says_yes(&element, "hidden") => hidden_columns(&element, sheet),
                "mergeCell" => {
                    let place = attribute(&element, "ref").unwrap_or_default();
                    sheet.remarks.merged.add(1, || place.into_owned());
                }
                _ => {}
            },
            Event::End(element) => match element.local_name().as_ref() {
                "c" => {
                    within = false;
                    shown.clear();
                    finish(&cell, row, shared, sheet, &mut shown)?;
                    next_column = cell.column + 1;
                }
                "row" => {
                    if hidden && sheet.has_cells() {
                        sheet.remarks.hidden_rows.add(1, || (row + 1).to_string());
                    }
                    sheet.end_row(row, budget)?;
                    next_row = row + 1;
                }
                _ => {}
            },
            Event::Eof => return Ok(()),
            _ => {}
        }
    }
}

fn begin(cell: &mut Cell, element: &BytesStart<'_>, next: u32) -> Result<(), Refusal> {
    cell.column = next;
    cell.style = 0;
    cell.kind.clear();
    cell.text.clear();
    cell.has_formula = false;
    for attribute in element.attributes().with_checks(false).flatten() {
        let value = &attribute.value;
        match attribute.key.as_ref() {
            "r" => cell.column = sheet::place(value).ok_or(Refusal::Damaged)?.1,
            "s" => cell.style = value.parse().unwrap_or(0),
            "t" => cell.kind.push_str(value),
            _ => {}
        }
    }
    if cell.column >= COLUMNS {
        return Err(Refusal::Damaged);
    }
    Ok(())
}

fn finish(
    cell: &Cell,
    row: u32,
    shared: &Shared,
    sheet: &mut Sheet,
    shown: &mut String,
) -> Result<(), Refusal> {
    let (column, text) = (cell.column, cell.text.as_str());
    if text.is_empty() {
        if cell.has_formula && cell.kind != "str" {
            sheet.remarks.unsaved.add(1, || sheet::address(row, column));
        }
        return Ok(());
    }
    match cell.kind.as_str() {
        "s" => {
            let place = text.trim().parse().map_err(|_| Refusal::Damaged)?;
            let string = shared.strings.get(place).ok_or(Refusal::Damaged)?;
            sheet.cell(column, string);
        }
        "inlineStr" | "str" => {
            unescape(text, shown);
            sheet.cell(column, shown);
        }
        "b" => sheet.cell(column, if text.trim() == "0" { "FALSE" } else { "TRUE" }),
        "e" => sheet.error(row, column, text.trim()),
        "d" => sheet.cell(column, iso(text.trim()).as_ref()),
        _ => {
            let format = shared
                .formats
                .get(cell.style)
                .unwrap_or(&NumberFormat::Plain);
            sheet.cell(column, &format.show(text.trim(), shared.from_1904));
        }
    }
    Ok(())
}

/// `2026-03-05T00:00:00` without a time that says nothing.
pub(super) fn iso(text: &str) -> Cow<'_, str> {
    match text.split_once('T') {
        Some((date, time)) if time.bytes().all(|it| matches!(it, b'0' | b':' | b'.')) => {
            date.into()
        }
        Some((date, time)) => format!("{date} {time}").into(),
        None => text.into(),
    }
}

fn hidden_columns(element: &BytesStart<'_>, sheet: &mut Sheet) {
    let number = |name: &str| attribute(element, name).and_then(|it| it.parse::<u32>().ok());
    if let (Some(from @ 1..), Some(to)) = (number("min"), number("max"))
        && from <= to
        && to <= COLUMNS
    {
        let hidden = &mut sheet.remarks.hidden_columns;
        hidden.add(u64::from(to - from + 1), || sheet::letters(from - 1));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_resolved_from_their_folder() {
        for (folder, target, path) in [
            ("", "xl/workbook.xml", "xl/workbook.xml"),
            ("xl", "worksheets/sheet1.xml", "xl/worksheets/sheet1.xml"),
            ("xl", "/xl/styles.xml", "xl/styles.xml"),
            ("a/b", "../c/./d.xml", "a/c/d.xml"),
        ] {
            assert_eq!(resolve(folder, target), path);
        }
    }

    #[test]
    fn characters_that_xml_cannot_hold_are_undone() {
        for (text, expected) in [
            ("a_x000D_b", "a\rb"),
            ("_x005F_x000D_", "_x000D_"),
            ("_x12", "_x12"),
            ("_xZZZZ_", "_xZZZZ_"),
            ("_x€€_", "_x€€_"),
            ("_xD800_", "_xD800_"),
        ] {
            let mut into = String::new();
            unescape(text, &mut into);
            assert_eq!(into, expected);
        }
    }
}

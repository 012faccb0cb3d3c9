//! Workbooks that are written here: what they hold is what is read, and what calamine reads too.

use crate::workbooks::{open, text};
use calamine::{Data, Reader, Xlsx};
use model::workbook::Refused;
use proptest::prelude::*;
use rust_xlsxwriter::{Format, Formula, Workbook};
use std::io::{Cursor, Write};
use zip::{ZipWriter, write::SimpleFileOptions};

const SHEET: &str = "xl/worksheets/sheet1.xml";

#[derive(Debug, Clone)]
enum Cell {
    Text(String),
    Number(f64),
    Flag(bool),
    Day(u32),
}

fn cell() -> impl Strategy<Value = Option<Cell>> {
    prop_oneof![
        2 => Just(None),
        3 => "[a-z ,\"\u{20b9}\n_x0-9]{0,12}".prop_map(|it| Some(Cell::Text(it))),
        2 => (-1e9..1e9_f64).prop_map(|it| Some(Cell::Number(it))),
        2 => (0..1_000_000_i32).prop_map(|it| Some(Cell::Number(f64::from(it) / 100.0))),
        1 => any::<bool>().prop_map(|it| Some(Cell::Flag(it))),
        1 => (61..60_000_u32).prop_map(|it| Some(Cell::Day(it))),
    ]
}

proptest! {
    #[test]
    fn an_xlsx_holds_what_calamine_finds_in_it(
        rows in prop::collection::vec(prop::collection::vec(cell(), 0..6), 1..20),
    ) {
        let bytes = write(&rows);
        let mut theirs: Xlsx<_> = Xlsx::new(Cursor::new(&bytes)).unwrap();
        let range = theirs.worksheet_range("Sheet1").unwrap();
        let mut expected = String::new();
        if let Some((last_row, last_column)) = range.end() {
            for row in 0..=last_row {
                let cells = (0..=last_column).map(|column| range.get_value((row, column)));
                expected.push_str(&line(cells.map(|it| it.map_or_else(String::new, show))));
            }
        }
        let ours = open(&bytes, &[]);
        prop_assert_eq!(text(&ours), expected);
    }
}

fn line(cells: impl Iterator<Item = String>) -> String {
    let cells: Vec<String> = cells.collect();
    if cells.iter().all(String::is_empty) {
        return "\n".into();
    }
    let quoted = cells.iter().map(|it| {
        if it.contains([',', '"', '\n']) {
            format!("\"{}\"", it.replace('"', "\"\""))
        } else {
            it.clone()
        }
    });
    quoted.collect::<Vec<_>>().join(",") + "\n"
}

fn write(rows: &[Vec<Option<Cell>>]) -> Vec<u8> {
    let mut workbook = Workbook::new();
    let sheet = workbook.add_worksheet();
    let date = Format::new().set_num_format("dd/mm/yyyy");
    for (row, cells) in (0..).zip(rows) {
        for (column, cell) in (0..).zip(cells) {
            match cell {
                None => continue,
                Some(Cell::Text(it)) => sheet.write(row, column, it),
                Some(Cell::Number(it)) => sheet.write(row, column, *it),
                Some(Cell::Flag(it)) => sheet.write(row, column, *it),
                Some(Cell::Day(it)) => sheet.write_with_format(row, column, *it, &date),
            }
            .unwrap();
        }
    }
    workbook.save_to_buffer().unwrap()
}

/// In 15 digits, as Excel itself keeps them.
fn show(cell: &Data) -> String {
    match cell {
        Data::Float(it) => {
            let digits: f64 = format!("{it:.14e}").parse().unwrap();
            format!("{digits}")
        }
        Data::DateTime(it) => {
            let (year, month, day, ..) = it.to_ymd_hms_milli();
            format!("{year}-{month:02}-{day:02}")
        }
        Data::Bool(it) => it.to_string().to_uppercase(),
        other => other.to_string(),
    }
}

#[test]
fn formulas_without_values_and_padded_numbers_are_told_apart() {
    let mut workbook = Workbook::new();
    let sheet = workbook.add_worksheet();
    let padded = Format::new().set_num_format("000-000");
    sheet.write(0, 0, "order_id").unwrap();
    sheet.write(0, 1, "revenue").unwrap();
    sheet.write_with_format(1, 0, 1234, &padded).unwrap();
    let formula = Formula::new("=1+1").set_result("2");
    sheet.write_formula(1, 1, formula).unwrap();
    let bytes = workbook.save_to_buffer().unwrap();
    assert_eq!(text(&open(&bytes, &[])), "order_id,revenue\n001-234,2\n");

    let sheet = "<worksheet><sheetData><row><c t=\"str\"><v>revenue</v></c></row>\
                 <row r=\"3\"><c><f>1+1</f></c><c><f>1+1</f><v>2</v></c></row></sheetData></worksheet>";
    let bytes = with_part(&bytes, SHEET, sheet, b' ', 0);
    let read = open(&bytes, &[]);
    assert_eq!(text(&read), "revenue,\n\n,2\n");
    let told: Vec<_> = read
        .origin
        .notes
        .iter()
        .map(|it| it.name.as_str())
        .collect();
    assert_eq!(told, ["formulas-without-value"]);
}

#[test]
fn a_bomb_is_refused_before_it_goes_off() {
    let bytes = write(&[vec![Some(Cell::Text("order_id".into()))]]);
    let start = "<worksheet><sheetData><row r=\"1\"><c r=\"A1\" t=\"inlineStr\"><is><t>";
    let bomb = with_part(&bytes, SHEET, start, b' ', 200 * 1024 * 1024);
    assert!(bomb.len() < 1024 * 1024, "{}", bomb.len());
    let read = open(&bomb, &[]);
    assert_eq!(read.origin.refused, Some(Refused::TooLarge));
    let told = &read.origin.notes[0].text;
    assert!(told.contains("250 times its size"), "{told}");
}

/// The same archive with another part in place of one: `start`, and as many bytes `fill` as said behind it.
fn with_part(bytes: &[u8], name: &str, start: &str, fill: u8, count: usize) -> Vec<u8> {
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).unwrap();
    let mut out = ZipWriter::new(Cursor::new(Vec::new()));
    for place in 0..archive.len() {
        let file = archive.by_index(place).unwrap();
        if file.name().unwrap() == name {
            out.start_file(name, SimpleFileOptions::default()).unwrap();
            out.write_all(start.as_bytes()).unwrap();
            let block = vec![fill; 1024 * 1024];
            for _ in 0..count / block.len() {
                out.write_all(&block).unwrap();
            }
        } else {
            out.raw_copy_file(file).unwrap();
        }
    }
    out.finish().unwrap().into_inner()
}

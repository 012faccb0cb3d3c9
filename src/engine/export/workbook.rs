//! Rows as a workbook: one header row that stays in view, failing cells filled, the reason as a note on the cell.
//! Identifiers are text; numbers and dates are such where nothing of them is lost.

use super::{
    Columns,
    typed::{Typed, Value},
};
use crate::{contract::Contract, day::Moment, reading::returned::needs_guard};
use model::{
    control::Severity,
    finding::{Finding, FlaggedRow},
    message::Export,
    options::Options,
};
use rust_xlsxwriter::{DocProperties, ExcelDateTime, Format, Note, Worksheet, XlsxError};
use std::{borrow::Cow, io::Write};

/// The most notes of a workbook: each is a drawing, and takes 12 KB while it is made. The reasons of all rows stand in a
/// column, too.
const NOTES: u32 = 10_000;
/// The most that a cell of a workbook holds, in units of UTF-16, less what marks it as cut.
const LONGEST: usize = 32_700;
const CUT: &str = "… (cut here; the CSV has the whole)";

/// What a workbook cannot be made for: more columns than one has, no room for its temporary file.
#[derive(Debug, thiserror::Error)]
#[error("the workbook could not be written: {0}")]
pub struct WorkbookError(#[from] XlsxError);

/// How a workbook is made.
#[derive(Debug, Clone, Copy)]
pub struct Making {
    /// Rows on a sheet, the header included. A further sheet has the rest.
    pub rows: u32,
    /// Adds a sheet: in memory, or, where memory must not grow with the rows, with its rows in a temporary file.
    pub add_sheet: fn(&mut rust_xlsxwriter::Workbook) -> Result<&mut Worksheet, XlsxError>,
}

impl Default for Making {
    fn default() -> Self {
        Self {
            rows: 1_048_576,
            add_sheet: |it| Ok(it.add_worksheet()),
        }
    }
}

/// Writes rows of one file under its header.
pub struct Workbook {
    inner: rust_xlsxwriter::Workbook,
    making: Making,
    columns: Columns,
    name: &'static str,
    /// How the cells of the file's own columns are read; None for columns that the contract does not know.
    typed: Vec<Option<Typed>>,
    formats: Formats,
    /// On the last sheet, the header included.
    rows: u32,
    sheets: usize,
    notes: u32,
}

impl Workbook {
    /// `options` are those that the file was read with, `at` the moment of making.
    ///
    /// # Errors
    /// When the file has more columns than a workbook, or there is no room for a temporary file.
    pub fn new(
        columns: Columns,
        contract: &Contract,
        options: &Options,
        what: Export,
        at: Moment,
        making: Making,
    ) -> Result<Self, WorkbookError> {
        let mut inner = rust_xlsxwriter::Workbook::new();
        let made = ExcelDateTime::from_timestamp(at.unix())?;
        inner.set_properties(
            &DocProperties::new()
                .set_author("Tarazu")
                .set_creation_datetime(&made),
        );
        let typed = columns.places().iter().map(|place| {
            let name = options.columns.get(*place)?.column.as_deref()?;
            Some(Typed::new(
                contract.columns.get(contract.column(name)?)?,
                options,
            ))
        });
        let mut res = Self {
            typed: typed.collect(),
            inner,
            making,
            columns,
            name: match what {
                Export::Exceptions => "Exceptions",
                Export::Accepted => "Accepted",
            },
            formats: Formats::new(),
            rows: 0,
            sheets: 0,
            notes: 0,
        };
        res.begin_sheet()?;
        Ok(res)
    }

    /// # Errors
    /// When there is no room for a temporary file.
    pub fn row(&mut self, row: &FlaggedRow) -> Result<(), WorkbookError> {
        if self.rows >= self.making.rows.max(2) {
            self.end_sheet()?;
            self.begin_sheet()?;
        }
        let at = self.rows;
        let sheet = self.inner.worksheet_from_index(self.sheets - 1)?;
        let mut notes: Vec<(u16, String)> = Vec::new();
        let places = self.columns.places().iter().zip(&self.typed);
        let own = (0..).zip(places).zip(self.columns.own(row));
        for ((column, (place, typed)), text) in own {
            let findings = || of_column(row, *place);
            let mark = mark(findings());
            if mark.is_some() {
                notes.push((column, reasons(findings())));
            }
            let value = typed.as_ref().map_or(Value::Text, |it| it.value(text));
            self.formats.write(sheet, (at, column), text, value, mark)?;
        }
        // What is said of the row and not of a cell is marked where it is told, or where the row stands whole.
        let whole = if row.raw {
            "tarazu_raw"
        } else {
            "tarazu_reasons"
        };
        let whole = self.columns.place_of(whole);
        let first = u16::try_from(self.typed.len()).unwrap_or(u16::MAX);
        for (column, text) in (first..).zip(self.columns.appended(row)) {
            let findings = || row.findings.iter().filter(|it| it.data.column.is_none());
            let mark = mark(findings()).filter(|_| whole == Some(usize::from(column)));
            if mark.is_some() {
                notes.push((column, reasons(findings())));
            }
            let value = if text.is_empty() && mark.is_none() {
                Value::Blank
            } else {
                Value::Text
            };
            self.formats
                .write(sheet, (at, column), &text, value, mark)?;
        }
        for (column, text) in notes {
            if self.notes < NOTES {
                self.notes += 1;
                let last = self.notes == NOTES;
                let end = if last {
                    "\n(Notes end here; the column tarazu_reasons goes on.)"
                } else {
                    ""
                };
                let note = Note::new(format!("{}{end}", short(&text)));
                let note = note.set_author("Tarazu").add_author_prefix(false);
                sheet.insert_note(at, column, &note.set_width(320).set_height(80))?;
            }
        }
        self.rows += 1;
        Ok(())
    }

    /// The workbook's bytes into `write`.
    ///
    /// # Errors
    /// When `write` fails.
    pub fn finish(mut self, write: &mut (dyn Write + Send)) -> Result<(), WorkbookError> {
        self.end_sheet()?;
        Ok(self.inner.save_to_writer(write)?)
    }

    fn begin_sheet(&mut self) -> Result<(), WorkbookError> {
        let sheet = (self.making.add_sheet)(&mut self.inner)?;
        self.sheets += 1;
        sheet.set_name(match self.sheets {
            1 => self.name.to_owned(),
            more => format!("{} {more}", self.name),
        })?;
        let own = self.typed.len();
        for (column, name) in (0..).zip(self.columns.header()) {
            sheet.set_column_width(column, width(name, usize::from(column) < own))?;
            sheet.write_string_with_format(0, column, short(name), &self.formats.header)?;
        }
        sheet.set_freeze_panes(1, 0)?;
        self.rows = 1;
        Ok(())
    }

    fn end_sheet(&mut self) -> Result<(), WorkbookError> {
        let columns = u16::try_from(self.columns.header().count()).unwrap_or(u16::MAX);
        let sheet = self.inner.worksheet_from_index(self.sheets - 1)?;
        sheet.autofilter(0, 0, self.rows - 1, columns.saturating_sub(1))?;
        Ok(())
    }
}

/// In characters.
fn width(name: &str, own: bool) -> u16 {
    match name {
        "tarazu_reasons" if !own => 60,
        "tarazu_raw" if !own => 40,
        _ => 16,
    }
}

fn of_column(row: &FlaggedRow, place: usize) -> impl Iterator<Item = &Finding> {
    let findings = row.findings.iter();
    findings.filter(move |it| it.data.column.is_some_and(|it| it as usize == place + 1))
}

/// The worst of what is said; None where nothing is.
fn mark<'f>(findings: impl Iterator<Item = &'f Finding>) -> Option<Severity> {
    findings.map(|it| it.data.severity).min()
}

fn reasons<'f>(findings: impl Iterator<Item = &'f Finding>) -> String {
    let lines = findings.map(|it| format!("{} ({})", it.text, it.data.code));
    lines.collect::<Vec<_>>().join("\n")
}

/// What does not fit into a cell is cut, and says so.
fn short(text: &str) -> Cow<'_, str> {
    if text.len() <= LONGEST {
        return Cow::Borrowed(text);
    }
    let mut units = 0;
    let end = text.char_indices().find(|(_, it)| {
        units += it.len_utf16();
        units > LONGEST
    });
    match end {
        Some((at, _)) => Cow::Owned(format!("{}{CUT}", text.get(..at).unwrap_or_default())),
        None => Cow::Borrowed(text),
    }
}

/// What cells look like: each kind of value plain, as an error and as a warning.
struct Formats {
    header: Format,
    text: Marked,
    whole: Marked,
    amount: Marked,
    number: Marked,
    day: Marked,
}

/// Plain, with an error, with a warning.
struct Marked([Format; 3]);

impl Marked {
    fn new(form: &str) -> Self {
        let plain = Format::new().set_num_format(form);
        // The colours that spreadsheets have for "bad" and "neutral".
        let error = plain
            .clone()
            .set_background_color(0xff_c7_ce)
            .set_font_color(0x9c_00_06);
        let warning = plain
            .clone()
            .set_background_color(0xff_eb_9c)
            .set_font_color(0x7f_60_00);
        Self([plain, error, warning])
    }

    fn of(&self, mark: Option<Severity>) -> &Format {
        let [plain, error, warning] = &self.0;
        match mark {
            None => plain,
            Some(Severity::Error) => error,
            Some(Severity::Warning) => warning,
        }
    }
}

impl Formats {
    fn new() -> Self {
        Self {
            header: Format::new().set_bold().set_background_color(0xe8_ec_f1),
            // As text even when somebody writes into the cell, so that zeros in front stay and no formula begins.
            text: Marked::new("@"),
            whole: Marked::new("0"),
            amount: Marked::new("#,##0.00"),
            number: Marked::new("General"),
            day: Marked::new("yyyy-mm-dd"),
        }
    }

    fn write(
        &self,
        sheet: &mut Worksheet,
        (row, column): (u32, u16),
        text: &str,
        value: Value,
        mark: Option<Severity>,
    ) -> Result<(), XlsxError> {
        match value {
            Value::Whole(it) => {
                sheet.write_number_with_format(row, column, it, self.whole.of(mark))?;
            }
            Value::Amount(it) => {
                sheet.write_number_with_format(row, column, it, self.amount.of(mark))?;
            }
            Value::Number(it) => {
                sheet.write_number_with_format(row, column, it, self.number.of(mark))?;
            }
            Value::Day(it) => {
                sheet.write_number_with_format(row, column, it, self.day.of(mark))?;
            }
            Value::Blank => {}
            Value::Text if text.is_empty() => {
                sheet.write_blank(row, column, self.text.of(mark))?;
            }
            Value::Text => {
                let text = short(text);
                // Here no formula needs a guard; but what looks like one would be taken off on the way back.
                let looks = text.starts_with('\'') && needs_guard(text.as_bytes());
                let text = if looks {
                    Cow::Owned(format!("'{text}"))
                } else {
                    text
                };
                sheet.write_string_with_format(row, column, text, self.text.of(mark))?;
            }
        }
        Ok(())
    }
}

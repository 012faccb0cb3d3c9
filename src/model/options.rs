//! How a file was read: found by the engine, changeable by the user, part of the receipt.

use crate::money::Money;
use serde::{Deserialize, Serialize};
use std::{collections::BTreeMap, fmt};

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(utoipa::ToSchema))]
pub struct Options {
    /// `utf-8` or another WHATWG encoding label.
    pub encoding: String,
    /// Whether a byte order mark stands at the start.
    pub bom: bool,
    /// One character.
    pub delimiter: String,
    /// How often each candidate stood in the first lines, outside quotes: why `delimiter` was chosen.
    pub delimiter_evidence: Vec<(String, u64)>,
    /// The physical line of the header, 1-based; 0 where there is none.
    pub header_line: u64,
    /// The header's cells in file order, and the contract column each one fills.
    pub columns: Vec<ColumnMapping>,
    /// Amounts are written `1.234,56`.
    #[serde(default)]
    pub decimal_comma: bool,
    /// The form that the user laid down for a column of dates, by the contract's name of the column.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub date_forms: BTreeMap<String, DateForm>,
    /// What the user said that the file adds up to.
    #[serde(default, skip_serializing_if = "ControlTotals::is_empty")]
    pub totals: ControlTotals,
    /// Where the text was taken from a workbook.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub workbook: Option<WorkbookOptions>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(utoipa::ToSchema))]
pub struct ColumnMapping {
    /// As it stands in the file.
    pub header: String,
    /// The contract's column; None for an extra one.
    pub column: Option<String>,
}

/// What was read of a workbook.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(utoipa::ToSchema))]
pub struct WorkbookOptions {
    /// `xlsx`, `xls`, `xlsb`, `ods`, `xml` or `html`.
    pub format: String,
    /// The sheets that were read as one file, in this order.
    pub sheets: Vec<String>,
    /// Of several sheets, the line on which each one's first row stands.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub first_lines: Vec<u64>,
}

/// A line of a file that was read of several sheets, as a reader of the workbook finds it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(utoipa::ToSchema))]
pub struct SheetRow {
    pub sheet: String,
    /// 1-based.
    pub row: u64,
}

impl fmt::Display for SheetRow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}, row {}", self.sheet, self.row)
    }
}

impl Options {
    /// None where lines are those of the one file or sheet that was read.
    pub fn sheet_row(&self, line: u64) -> Option<SheetRow> {
        self.workbook.as_ref()?.sheet_row(line)
    }

    /// A line for a sentence: `16`, or `16 (May, row 7)`.
    pub fn line_text(&self, line: u64) -> String {
        let row = self.sheet_row(line);
        row.map_or_else(|| line.to_string(), |it| format!("{line} ({it})"))
    }
}

impl WorkbookOptions {
    pub fn sheet_row(&self, line: u64) -> Option<SheetRow> {
        let mut parts = self.sheets.iter().zip(&self.first_lines).rev();
        let (sheet, first) = parts.find(|(_, first)| (1..=line).contains(*first))?;
        Some(SheetRow {
            sheet: sheet.clone(),
            row: line - first + 1,
        })
    }
}

/// A way to write a date; a time of day may follow each of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(utoipa::ToSchema))]
pub enum DateForm {
    /// `2026-02-02`, `2026-02-02 10:00:00.5`, `2026-02-02T10:00:00+05:30`
    #[serde(rename = "YYYY-MM-DD")]
    Iso,
    /// `02-02-2026`, `2/2/2026`
    #[serde(rename = "DD-MM-YYYY")]
    DayFirst,
    /// `02-23-2026`, `2/23/2026`
    #[serde(rename = "MM-DD-YYYY")]
    MonthFirst,
    /// `02-Feb-26`, `2 Feb 2026`
    #[serde(rename = "DD-Mon-YY")]
    DayMonthName,
    /// `46055`, the days of a spreadsheet since the end of 1899; a fraction is the time of day.
    #[serde(rename = "excel-serial")]
    ExcelSerial,
    /// `02.02.2026`, `2.2.2026`
    #[serde(rename = "DD.MM.YYYY")]
    Dotted,
    /// `02-02-26`, `2/2/26`, `02.02.26`, of this century
    #[serde(rename = "DD-MM-YY")]
    ShortDayFirst,
    /// `02-23-26`, `2/23/26`, of this century
    #[serde(rename = "MM-DD-YY")]
    ShortMonthFirst,
}

impl DateForm {
    pub const ALL: [Self; 8] = [
        Self::Iso,
        Self::DayFirst,
        Self::MonthFirst,
        Self::DayMonthName,
        Self::ExcelSerial,
        Self::Dotted,
        Self::ShortDayFirst,
        Self::ShortMonthFirst,
    ];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Iso => "YYYY-MM-DD",
            Self::DayFirst => "DD-MM-YYYY",
            Self::MonthFirst => "MM-DD-YYYY",
            Self::DayMonthName => "DD-Mon-YY",
            Self::ExcelSerial => "excel-serial",
            Self::Dotted => "DD.MM.YYYY",
            Self::ShortDayFirst => "DD-MM-YY",
            Self::ShortMonthFirst => "MM-DD-YY",
        }
    }

    /// Whether one has the day first and the other the month. Where both are listed, one text can be two days, or two texts
    /// of one column mean their numbers otherwise.
    pub fn clashes(self, other: Self) -> bool {
        let day_first = |it| matches!(it, Self::DayFirst | Self::ShortDayFirst);
        let month_first = |it| matches!(it, Self::MonthFirst | Self::ShortMonthFirst);
        day_first(self) && month_first(other) || month_first(self) && day_first(other)
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|it| it.as_str() == text)
    }
}

/// What the sender knows that a file adds up to, from the system that it came from.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(utoipa::ToSchema))]
#[serde(default)]
pub struct ControlTotals {
    /// Rows read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rows: Option<u64>,
    /// The sum of the money column over all rows read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub money: Option<Money>,
}

impl ControlTotals {
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// What a user lays down instead of what the engine would find. Nothing by default.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(utoipa::ToSchema))]
#[serde(default)]
pub struct Choice {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub delimiter: Option<char>,
    /// `utf-8`, `windows-1252`, `utf-16le` or `utf-16be`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub encoding: Option<String>,
    /// The physical line of the header, 1-based; 0 where the file has none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub header_line: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub decimal_comma: Option<bool>,
    /// The contract's column for a column of the file, by the file's header cell or else by its place in the file,
    /// 1-based. An empty name says that the file's column fills none.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub columns: BTreeMap<String, String>,
    /// The one form of a column of dates, by the contract's name of the column.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub date_forms: BTreeMap<String, DateForm>,
    /// Of a workbook, read one below the other.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub sheets: Vec<String>,
    #[serde(skip_serializing_if = "ControlTotals::is_empty")]
    pub totals: ControlTotals,
    /// Cells that the user put right before submit. The file stays what it is.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub corrections: Vec<Correction>,
    /// Each record is a row by itself, outside its file. Not for users: rows that enter the ledger later are read so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub apart: Option<Apart>,
}

/// Other text for a cell of the file, or for every cell of a column that says the same. One that names its line goes
/// before one that does not.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(utoipa::ToSchema))]
pub struct Correction {
    /// The physical line on which the row begins, 1-based; None where each row is meant whose cell says `was`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line: Option<u64>,
    /// The file's column, 1-based.
    pub column: u32,
    /// What the cell says in the file. A cell that says something else is left as it is.
    pub was: String,
    /// What it is to say: one line of text.
    pub text: String,
}

impl Correction {
    /// The cells that are meant, in the order in which corrections stand.
    fn cells(&self) -> (Option<u64>, u32, Option<&str>) {
        let says = self.line.is_none().then_some(self.was.as_str());
        (self.line, self.column, says)
    }
}

/// How rows are judged outside their file: controls of the whole file do not run, nor do those that hold a row to
/// others of its file.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(utoipa::ToSchema))]
#[serde(default)]
pub struct Apart {
    /// Codes of controls whose findings are warnings here, since somebody let the rows in in spite of them.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub waived: Vec<String>,
}

impl Choice {
    /// With what `other` lays down in place of what this one does; of corrections, those of the same cells.
    pub fn with(mut self, other: Self) -> Self {
        self.delimiter = other.delimiter.or(self.delimiter);
        self.encoding = other.encoding.or(self.encoding);
        self.header_line = other.header_line.or(self.header_line);
        self.decimal_comma = other.decimal_comma.or(self.decimal_comma);
        self.columns.extend(other.columns);
        self.date_forms.extend(other.date_forms);
        if !other.sheets.is_empty() {
            self.sheets = other.sheets;
        }
        self.totals.rows = other.totals.rows.or(self.totals.rows);
        self.totals.money = other.totals.money.or(self.totals.money);
        let earlier = std::mem::replace(&mut self.corrections, other.corrections);
        self.corrections.extend(earlier);
        // Stable, so that of two for the same cells the first one is that of `other`.
        self.corrections.sort_by(|a, b| a.cells().cmp(&b.cells()));
        self.corrections.dedup_by(|a, b| a.cells() == b.cells());
        self.apart = other.apart.or(self.apart);
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn corrections_are_joined_cell_by_cell_and_the_later_one_stands() {
        let choice = |all: &[(Option<u64>, u32, &str, &str)]| Choice {
            corrections: all
                .iter()
                .map(|(line, column, was, text)| Correction {
                    line: *line,
                    column: *column,
                    was: (*was).to_owned(),
                    text: (*text).to_owned(),
                })
                .collect(),
            ..Choice::default()
        };
        let kept = choice(&[
            (None, 3, "Nort", "North"),
            (None, 3, "Sout", "South"),
            (Some(4), 3, "Wst", "East"),
            (Some(9), 2, "", "2026-01-15"),
        ]);
        let later = choice(&[
            (None, 3, "Sout", "East"),
            (Some(4), 3, "Wst", "West"),
            (Some(7), 1, "", "A-7"),
        ]);
        let joined = choice(&[
            (None, 3, "Nort", "North"),
            (None, 3, "Sout", "East"),
            (Some(4), 3, "Wst", "West"),
            (Some(7), 1, "", "A-7"),
            (Some(9), 2, "", "2026-01-15"),
        ]);
        assert_eq!(kept.clone().with(later), joined);
        assert_eq!(kept.clone().with(Choice::default()), kept);
    }
}

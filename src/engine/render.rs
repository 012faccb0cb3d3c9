//! Findings as data and as sentences. Sentences are made here, at the edge, and nowhere else.

use crate::{
    catalogue,
    control::Shape,
    judge::{
        Fault, Plan,
        row::{Cells, RowBuffer},
    },
    judgement,
    reading::{encoding::Encoding, returned::Returned},
};
use model::{
    finding::{Finding, FindingData, FlaggedRow, FoundBy},
    options::Options,
    row::KeptRow,
};

/// Where a row stands, both 1-based: among the file's rows, and the physical line on which it begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    pub record: u64,
    pub line: u64,
}

/// A row of a file that is being judged, to say what is wrong with it.
pub(crate) struct Row<'a> {
    pub(crate) plan: &'a Plan<'a>,
    pub(crate) row: &'a RowBuffer,
    pub(crate) bytes: &'a [u8],
    /// None where the record is sound, so that no check of it failed.
    pub(crate) shape: Option<Shape>,
}

impl Row<'_> {
    pub(crate) fn data(&self, fault: &Fault, stage: FoundBy) -> FindingData {
        let place = usize::from(fault.used);
        let compiled = &self.plan.compiled;
        let Some(used) = compiled.uses.get(place) else {
            // A fault names a use of its own plan.
            return FindingData {
                code: String::new(),
                message: String::new(),
                severity: model::control::Severity::Error,
                stage,
                column: None,
                values: Vec::new(),
            };
        };
        let mut values: Vec<(&'static str, String)> = Vec::new();
        if let Some((_, check)) = compiled.records.iter().find(|(it, _)| *it == place) {
            values = self.shape.map(|it| check.values(&it)).unwrap_or_default();
            if let Some(below) = self.shape.and_then(|it| it.unclosed).filter(|it| *it > 0) {
                values.push(("lines_below", below.to_string()));
            }
        } else if let Some((_, check)) = compiled.rows.iter().find(|(it, _)| *it == place) {
            let today = self.plan.today();
            values = check.values(&Cells {
                plan: self.plan,
                row: self.row,
                bytes: self.bytes,
                today,
            });
        } else if compiled.key_use == Some(place) {
            values.push(("value", self.key()));
            values.push(("line", fault.extra.to_string()));
        } else if let Some((at, column)) = compiled
            .columns
            .iter()
            .enumerate()
            .find(|(_, it)| it.field as u64 + 1 == u64::from(fault.column))
        {
            let cell = self.row.cell(self.bytes, at, column, self.plan.today());
            values.push((
                "value",
                self.plan.survey.encoding.decode(cell.text).into_owned(),
            ));
            let check = column.checks.iter().find(|(it, _)| *it == place);
            if let Some(check) = check.and_then(|(_, it)| compiled.cells.get(*it)) {
                values.extend(check.values(&cell));
            }
        }
        let message = used.meta.messages.get(usize::from(fault.message));
        FindingData {
            code: used.meta.code.to_owned(),
            message: message.map_or(String::new(), |(name, _)| (*name).to_owned()),
            severity: used.severity,
            stage,
            column: (fault.column > 0).then_some(fault.column),
            values: values
                .into_iter()
                .map(|(name, value)| (name.to_owned(), value))
                .collect(),
        }
    }

    fn key(&self) -> String {
        let texts = self
            .plan
            .compiled
            .key
            .iter()
            .map(|it| self.row.text(self.bytes, *it));
        let texts: Vec<String> = texts
            .map(|it| self.plan.survey.encoding.decode(it).into_owned())
            .collect();
        texts.join(", ")
    }
}

/// The sentence for a finding in its place. `header` are the file's header cells, `options` those it was read with.
pub fn finding(
    data: FindingData,
    place: Option<Place>,
    line: u64,
    header: &[String],
    options: &Options,
) -> Finding {
    let entry = catalogue::by_code(&data.code);
    let column_name = data.column.and_then(|it| {
        header
            .get(usize::try_from(it).ok()?.checked_sub(1)?)
            .map(|it| it.trim().to_owned())
    });
    let template = entry.and_then(|it| {
        it.meta
            .messages
            .iter()
            .find(|(name, _)| *name == data.message)
    });
    let text = template.map_or("", |(_, text)| *text);
    let mut values = data.values.clone();
    // What the ledger finds names a line of another file.
    if data.stage == FoundBy::Validate
        && let Some((_, value)) = values.iter_mut().find(|(it, _)| it == "line")
        && let Ok(line) = value.parse()
    {
        *value = options.line_text(line);
    }
    let text = fill(text, &values, column_name.as_deref());
    Finding {
        name: entry.map_or(String::new(), |it| it.meta.name.to_owned()),
        category: entry.and_then(|it| it.meta.category),
        line,
        sheet_row: options.sheet_row(line),
        record: place.map(|it| it.record),
        column_name,
        text,
        data,
    }
}

/// Fills each `{name}` in one go, so that braces in a value stay what they are. A finding that says nothing
/// else of `{column}` means the one that it stands in.
fn fill(template: &str, values: &[(String, String)], column: Option<&str>) -> String {
    let mut res = String::with_capacity(template.len() + 32);
    let mut rest = template;
    while let Some((before, behind)) = rest.split_once('{') {
        res.push_str(before);
        let Some((name, after)) = behind.split_once('}') else {
            res.push('{');
            rest = behind;
            continue;
        };
        let value = values
            .iter()
            .find(|(it, _)| it == name)
            .map(|(_, value)| value.as_str());
        match value.or(if name == "column" { column } else { None }) {
            Some(value) => res.push_str(&shorten(value)),
            None => {
                res.push('{');
                res.push_str(name);
                res.push('}');
            }
        }
        rest = after;
    }
    res.push_str(rest);
    res
}

/// A value in a sentence; the whole of it stands in the row.
pub(crate) fn shorten(value: &str) -> String {
    const MOST: usize = 80;
    match value.char_indices().nth(MOST) {
        Some((at, _)) => format!("{}…", value.get(..at).unwrap_or_default()),
        None => value.to_owned(),
    }
}

/// A kept row for a page: its cells under the options that the file was read with, its findings as sentences.
pub fn flagged(row: KeptRow, options: &Options, header: &[String]) -> FlaggedRow {
    let place = Place {
        record: row.record,
        line: row.line,
    };
    let raw = row
        .findings
        .iter()
        .any(|it| matches!(it.code.as_str(), "SCH04" | "SCH06"));
    let (mut cells, record) = open(&row.raw, options);
    if raw {
        cells = vec![record.unwrap_or_else(|| text(&row.raw, options))];
    }
    let findings = row.findings.into_iter().map(|data| {
        let below = data.values.iter().find(|(name, _)| name == "lines_below");
        let below: u64 = below.and_then(|(_, it)| it.parse().ok()).unwrap_or(0);
        finding(data, Some(place), row.line + below, header, options)
    });
    FlaggedRow {
        record: row.record,
        line: row.line,
        sheet_row: options.sheet_row(row.line),
        cells,
        raw,
        findings: findings.collect(),
        category: row.category,
        money: row.money,
        state: None,
    }
}

/// The cells of a record's bytes under the options that its file was read with, and, in an export of ours, the raw
/// text that they were read from.
fn open(raw: &[u8], options: &Options) -> (Vec<String>, Option<String>) {
    let delimiter = options.delimiter.bytes().next().unwrap_or(b',');
    let columns = options.columns.iter();
    let returned = Returned::find(
        columns.map(|it| (it.header.as_str(), it.column.is_some())),
        delimiter,
        options.workbook.is_some(),
    );
    judgement::cells(raw, delimiter, returned.as_ref(), &|it| text(it, options))
}

fn text(bytes: &[u8], options: &Options) -> String {
    let encoding = if options.encoding == Encoding::Windows1252.label() {
        Encoding::Windows1252
    } else {
        Encoding::DamagedUtf8
    };
    encoding.decode(bytes).into_owned()
}

//! What stands in the columns of an export: the file's own first, then what Tarazu says of the row.

use super::Corrected;
use crate::reading::returned::{OURS, is_ours};
use model::{finding::FlaggedRow, message::Export, options::Options};

/// Of accepted rows, which are in no run's list of exceptions and are proper records.
const OF_ACCEPTED: [&str; 4] = [
    "tarazu_line",
    "tarazu_codes",
    "tarazu_reasons",
    "tarazu_corrected",
];

/// The columns of an export of one file.
#[derive(Debug, Clone)]
pub struct Columns {
    /// The file's own columns, by their places, without those of an export that came back.
    own: Vec<usize>,
    header: Vec<String>,
    appended: &'static [&'static str],
    /// None where there is no run: on the command line, and before submit.
    run: Option<String>,
    corrected: Corrected,
    delimiter: u8,
}

impl Columns {
    /// `options` are those that the file was read with, `corrected` its cells that were corrected before submit.
    pub fn new(
        options: &Options,
        what: Export,
        run: Option<String>,
        corrected: Vec<(u64, u32)>,
    ) -> Self {
        let columns = options.columns.iter().enumerate();
        let own = columns.filter(|(_, it)| it.column.is_some() || !is_ours(&it.header));
        let (own, header) = own
            .map(|(place, it)| {
                // Where the file has no header, its export has one all the same, and names what was laid down.
                let name = it.column.as_ref().filter(|_| options.header_line == 0);
                (place, name.unwrap_or(&it.header).clone())
            })
            .unzip();
        Self {
            own,
            header,
            appended: match what {
                Export::Exceptions => &OURS,
                Export::Accepted => &OF_ACCEPTED,
            },
            run,
            corrected: Corrected::new(options, corrected),
            delimiter: options.delimiter.bytes().next().unwrap_or(b','),
        }
    }

    /// The place in the file of each own column.
    pub(super) fn places(&self) -> &[usize] {
        &self.own
    }

    /// The place of an appended column among all; None where the export has none of that name.
    pub(super) fn place_of(&self, name: &str) -> Option<usize> {
        let place = self.appended.iter().position(|it| *it == name)?;
        Some(self.own.len() + place)
    }

    pub fn header(&self) -> impl Iterator<Item = &str> {
        let own = self.header.iter().map(String::as_str);
        own.chain(self.appended.iter().copied())
    }

    /// The row's own cells; all empty where it is no proper record.
    pub fn own<'r>(&'r self, row: &'r FlaggedRow) -> impl Iterator<Item = &'r str> {
        let cells: &[String] = if row.raw { &[] } else { &row.cells };
        self.own
            .iter()
            .map(|place| cells.get(*place).map_or("", String::as_str))
    }

    /// What is said of the row. `tarazu_exception` is its record, which names it within its run.
    pub fn appended(&self, row: &FlaggedRow) -> Vec<String> {
        let said = |name: &&str| match *name {
            "tarazu_exception" => row.record.to_string(),
            "tarazu_run" => self.run.clone().unwrap_or_default(),
            "tarazu_line" => match &row.sheet_row {
                Some(it) => it.to_string(),
                None => row.line.to_string(),
            },
            "tarazu_codes" => joined(row.findings.iter().map(|it| it.data.code.as_str())),
            "tarazu_reasons" => joined(row.findings.iter().map(|it| it.text.as_str())),
            "tarazu_state" => row.state.map_or("", |it| it.as_str()).to_owned(),
            "tarazu_corrected" => self.corrected.text(row.record),
            _ if row.raw => row.cells.concat(),
            _ => String::new(),
        };
        self.appended.iter().map(said).collect()
    }

    /// As the file's own, so that a raw record is read under the same one when the export comes back.
    pub fn delimiter(&self) -> u8 {
        self.delimiter
    }
}

fn joined<'t>(texts: impl Iterator<Item = &'t str>) -> String {
    texts.collect::<Vec<_>>().join("; ")
}

//! Exceptions: the file's own columns first, then what Tarazu says of the row.

use super::Table;
use model::finding::FlaggedRow;

/// The columns that are appended; reading recognises them when the mended file comes back.
const APPENDED: [&str; 7] = [
    "tarazu_exception",
    "tarazu_run",
    "tarazu_line",
    "tarazu_codes",
    "tarazu_reasons",
    "tarazu_state",
    "tarazu_raw",
];

/// Writes exceptions of one file under its header.
pub struct Exceptions {
    table: Table,
    /// How many columns of its own the file has.
    columns: usize,
    /// None on the command line, where there is no run.
    run: Option<String>,
}

impl Exceptions {
    pub fn new(header: &[String], run: Option<String>) -> Self {
        let mut table = Table::default();
        table.row(header.iter().map(String::as_str).chain(APPENDED));
        Self {
            table,
            columns: header.len(),
            run,
        }
    }

    /// One row. `tarazu_exception` is its record, which names it within its run.
    pub fn row(&mut self, row: &FlaggedRow) {
        let codes: Vec<&str> = row
            .findings
            .iter()
            .map(|it| it.data.code.as_str())
            .collect();
        let reasons: Vec<&str> = row.findings.iter().map(|it| it.text.as_str()).collect();
        let (record, line) = (row.record.to_string(), row.line.to_string());
        let (codes, reasons) = (codes.join("; "), reasons.join("; "));
        let state = row.state.map_or("", |it| it.as_str());
        let run = self.run.as_deref().unwrap_or_default();
        let raw = if row.raw {
            row.cells.concat()
        } else {
            String::new()
        };
        let cells: &[String] = if row.raw { &[] } else { &row.cells };
        let own = (0..self.columns).map(|place| cells.get(place).map_or("", String::as_str));
        let said = [&record, run, &line, &codes, &reasons, state, &raw];
        self.table.row(own.chain(said));
    }

    /// What was written since the last time, the header line at first.
    pub fn take(&mut self) -> Vec<u8> {
        self.table.take()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::{
        control::Severity,
        exception::ExceptionState,
        finding::{Finding, FindingData, FoundBy},
    };

    fn row(cells: &[&str], raw: bool) -> FlaggedRow {
        let finding = Finding {
            data: FindingData {
                code: "CMP01".to_owned(),
                message: String::new(),
                severity: Severity::Error,
                stage: FoundBy::Validate,
                column: None,
                values: Vec::new(),
            },
            name: String::new(),
            category: None,
            line: 5,
            record: Some(4),
            column_name: None,
            text: "Region is empty".to_owned(),
        };
        FlaggedRow {
            record: 4,
            line: 5,
            cells: cells.iter().map(|&it| it.to_owned()).collect(),
            raw,
            findings: vec![finding],
            category: None,
            money: None,
            state: Some(ExceptionState::New),
        }
    }

    #[test]
    fn a_row_that_is_no_record_stands_whole_in_the_last_column() {
        let header = ["id".to_owned(), "amount".to_owned()];
        let mut exceptions = Exceptions::new(&header, Some("run_1".to_owned()));
        exceptions.row(&row(&["a", "1"], false));
        exceptions.row(&row(&["b,2,surplus"], true));
        let text = String::from_utf8(exceptions.take()).unwrap();
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(
            lines,
            [
                "id,amount,tarazu_exception,tarazu_run,tarazu_line,tarazu_codes,tarazu_reasons,tarazu_state,tarazu_raw",
                "a,1,4,run_1,5,CMP01,Region is empty,new,",
                ",,4,run_1,5,CMP01,Region is empty,new,\"b,2,surplus\"",
            ]
        );
    }
}

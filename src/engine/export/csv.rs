//! Rows as CSV.

use super::{Columns, Table};
use model::finding::FlaggedRow;

/// Writes rows of one file under its header, in its delimiter, as UTF-8.
#[derive(Debug)]
pub struct Csv {
    columns: Columns,
    table: Table,
}

impl Csv {
    pub fn new(columns: Columns) -> Self {
        let mut table = Table::new(columns.delimiter());
        table.row(columns.header());
        Self { columns, table }
    }

    pub fn row(&mut self, row: &FlaggedRow) {
        let appended = self.columns.appended(row);
        let own = self.columns.own(row);
        self.table
            .row(own.chain(appended.iter().map(String::as_str)));
    }

    /// What was written since the last time, the header line at first.
    pub fn take(&mut self) -> Vec<u8> {
        self.table.take()
    }

    /// As `take`, once there is enough of it to be worth while.
    pub fn take_much(&mut self) -> Option<Vec<u8>> {
        const MUCH: usize = 256 * 1024;
        (self.table.waiting() >= MUCH).then(|| self.table.take())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::{
        control::Severity,
        exception::ExceptionState,
        finding::{Finding, FindingData, FoundBy},
        message::Export,
        options::{ColumnMapping, Options},
    };

    fn options(header: &[&str], delimiter: &str) -> Options {
        Options {
            encoding: "utf-8".to_owned(),
            bom: false,
            delimiter: delimiter.to_owned(),
            delimiter_evidence: Vec::new(),
            header_line: 1,
            columns: header
                .iter()
                .map(|&it| ColumnMapping {
                    header: it.to_owned(),
                    column: None,
                })
                .collect(),
            decimal_comma: false,
            date_forms: Default::default(),
            totals: Default::default(),
            workbook: None,
        }
    }

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
            sheet_row: None,
            record: Some(4),
            column_name: None,
            text: "Region is empty".to_owned(),
        };
        FlaggedRow {
            record: 4,
            line: 5,
            sheet_row: None,
            cells: cells.iter().map(|&it| it.to_owned()).collect(),
            raw,
            findings: vec![finding],
            category: None,
            money: None,
            state: Some(ExceptionState::New),
        }
    }

    fn written(options: &Options, what: Export, rows: &[FlaggedRow]) -> String {
        let mut csv = Csv::new(Columns::new(
            options,
            what,
            Some("run_1".to_owned()),
            vec![(4, 1)],
        ));
        rows.iter().for_each(|it| csv.row(it));
        String::from_utf8(csv.take()).unwrap()
    }

    #[test]
    fn a_row_that_is_no_record_stands_whole_in_the_last_column() {
        let options = options(&["id", "amount"], ",");
        let rows = [row(&["a", "1"], false), row(&["b,2,surplus"], true)];
        let text = written(&options, Export::Exceptions, &rows);
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(
            lines,
            [
                "id,amount,tarazu_exception,tarazu_run,tarazu_line,tarazu_codes,tarazu_reasons,tarazu_state,tarazu_corrected,tarazu_raw",
                "a,1,4,run_1,5,CMP01,Region is empty,new,id,",
                ",,4,run_1,5,CMP01,Region is empty,new,id,\"b,2,surplus\"",
            ]
        );
    }

    #[test]
    fn columns_that_were_appended_before_are_not_exported_again() {
        let options = options(&["id", "tarazu_line", "amount"], ";");
        let rows = [row(&["a", "77", "1,5"], false)];
        let text = written(&options, Export::Accepted, &rows);
        assert_eq!(
            text,
            "id;amount;tarazu_line;tarazu_codes;tarazu_reasons;tarazu_corrected\r\na;1,5;5;CMP01;Region is empty;id\r\n"
        );
    }
}

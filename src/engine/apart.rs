//! Rows by themselves, outside their file: corrected, waived, or judged again. They are written as a file of their own,
//! so that they are judged by the same code as any other, and can be judged again by whoever has that file.

use crate::{
    contract::Contract,
    day::Moment,
    export::Table,
    judge,
    reading::{header, returned::is_ours},
    source::{Memory, SourceError},
};
use model::{
    finding::FlaggedRow,
    options::{Apart, Choice, DateForm, Options},
    row::{KeptRow, LedgerRow},
    verdict::Verdict,
};
use std::collections::BTreeMap;

/// How rows of one file are written apart from it: with the file's own columns, in its delimiter, as UTF-8.
#[derive(Debug, Clone)]
pub struct Form {
    /// Each with the contract's column that it fills, and its place in the file.
    columns: Vec<(String, Option<String>, usize)>,
    delimiter: u8,
    decimal_comma: bool,
    date_forms: BTreeMap<String, DateForm>,
}

/// Rows that were judged by themselves.
#[derive(Debug, Clone)]
pub struct Judged {
    /// In the order in which they were given: whole with the findings, and typed. What could not be typed is absent.
    pub rows: Vec<(KeptRow, LedgerRow)>,
    /// Of the file that they make, where they enter the ledger by it.
    pub verdict: Verdict,
}

impl Form {
    /// `options` are those that the file was read with.
    pub fn of(options: &Options) -> Self {
        let columns = options.columns.iter().enumerate();
        let own = columns.filter(|(_, it)| it.column.is_some() || !is_ours(&it.header));
        let own = own.map(|(place, it)| {
            let named = it.column.as_ref().filter(|_| options.header_line == 0);
            let header = named.unwrap_or(&it.header).clone();
            (header, it.column.clone(), place)
        });
        Self {
            columns: own.collect(),
            delimiter: options.delimiter.bytes().next().unwrap_or(b','),
            decimal_comma: options.decimal_comma,
            date_forms: options.date_forms.clone(),
        }
    }

    pub fn header(&self) -> Vec<String> {
        self.columns.iter().map(|(it, _, _)| it.clone()).collect()
    }

    /// The place of a column, by the contract's name or by what the file calls it.
    pub fn place(&self, name: &str) -> Option<usize> {
        let plain = header::plain(name);
        let called = |it: &(String, Option<String>, usize)| header::plain(&it.0) == plain;
        self.place_of(name)
            .or_else(|| self.columns.iter().position(called))
    }

    /// The place of a column of the contract.
    pub fn place_of(&self, name: &str) -> Option<usize> {
        let mut columns = self.columns.iter();
        columns.position(|it| it.1.as_deref() == Some(name))
    }

    /// The own cells of a row as it stands in the file. None where it is no proper record.
    pub fn cells(&self, row: &FlaggedRow) -> Option<Vec<String>> {
        if row.raw {
            return None;
        }
        let cells = self.columns.iter();
        let cells = cells.map(|(_, _, place)| row.cells.get(*place).cloned().unwrap_or_default());
        Some(cells.collect())
    }

    /// Puts own cells into a row of the file, each at its place there.
    pub fn lay(&self, row: &mut FlaggedRow, cells: &[String]) {
        if row.raw {
            row.cells.clear();
            row.raw = false;
        }
        let most = self.columns.iter().map(|(_, _, place)| place + 1).max();
        if row.cells.len() < most.unwrap_or(0) {
            row.cells.resize(most.unwrap_or(0), String::new());
        }
        for ((_, _, place), cell) in self.columns.iter().zip(cells) {
            if let Some(old) = row.cells.get_mut(*place) {
                old.clone_from(cell);
            }
        }
    }

    /// The column of the file, from 1, of an own cell.
    pub fn column(&self, own: usize) -> Option<u32> {
        let (_, _, place) = self.columns.get(own)?;
        u32::try_from(place + 1).ok()
    }

    /// The rows as a file, below their header.
    pub fn file<'r>(&self, rows: impl IntoIterator<Item = &'r [String]>) -> Vec<u8> {
        let mut table = Table::new(self.delimiter);
        table.plain_row(self.columns.iter().map(|it| it.0.as_str()));
        for row in rows {
            table.plain_row(row.iter().map(String::as_str));
        }
        table.take()
    }

    /// How that file is to be read. Findings of the controls in `waived` are warnings.
    pub fn choice(&self, contract: &Contract, waived: Vec<String>) -> Choice {
        let places = (1..).zip(&self.columns);
        let mapped = places.map(|(place, (_, name, _)): (usize, _)| {
            let name = name.as_ref().filter(|it| contract.column(it).is_some());
            (place.to_string(), name.cloned().unwrap_or_default())
        });
        let forms = self.date_forms.iter();
        let forms = forms.filter(|(name, _)| contract.column(name).is_some());
        Choice {
            delimiter: Some(self.delimiter.into()),
            encoding: Some("utf-8".to_owned()),
            header_line: Some(1),
            decimal_comma: Some(self.decimal_comma),
            columns: mapped.collect(),
            date_forms: forms.map(|(name, it)| (name.clone(), *it)).collect(),
            apart: Some(Apart { waived }),
            ..Choice::default()
        }
    }

    /// Judges each row by itself under a contract. A header that the contract cannot read holds all of them: there are
    /// no rows then, and the verdict says why.
    ///
    /// # Errors
    /// Never with rows that fit into memory.
    pub fn judge<'r>(
        &self,
        contract: &Contract,
        rows: impl IntoIterator<Item = &'r [String]>,
        waived: Vec<String>,
        at: Moment,
    ) -> Result<Judged, SourceError> {
        let bytes = self.file(rows);
        let source = Memory(&bytes);
        let judgement = judge::judge(&source, contract, &self.choice(contract, waived), at)?;
        let mut res = Vec::new();
        for batch in 0..judgement.batches() {
            res.append(&mut judgement.rows(&source, batch)?);
        }
        Ok(Judged {
            rows: res,
            verdict: judgement.verdict,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{contract::sales, judge::Plan};
    use model::{
        control::{Severity, Status},
        options::ColumnMapping,
    };

    fn form(header: &[&str]) -> Form {
        let file = header.join(",");
        let at = Moment::parse("2026-02-02T12:00:00Z").unwrap();
        let plan = Plan::new(
            &Memory(file.as_bytes()),
            sales(),
            &Choice::default(),
            at,
            &mut |_| {},
        );
        Form::of(&plan.unwrap().options())
    }

    fn judged(form: &Form, rows: &[&[&str]], waived: &[&str]) -> Judged {
        let rows: Vec<Vec<String>> = rows
            .iter()
            .map(|row| row.iter().map(|&it| it.to_owned()).collect())
            .collect();
        let waived = waived.iter().map(|&it| it.to_owned()).collect();
        let at = Moment::parse("2026-02-02T12:00:00Z").unwrap();
        form.judge(sales(), rows.iter().map(Vec::as_slice), waived, at)
            .unwrap()
    }

    const HEADER: [&str; 7] = [
        "Order ID",
        "note",
        "order_date",
        "region",
        "product",
        "quantity",
        "revenue",
    ];

    fn codes(row: &KeptRow) -> Vec<&str> {
        row.findings.iter().map(|it| it.code.as_str()).collect()
    }

    #[test]
    fn every_record_is_a_row_and_none_is_held_to_the_others() {
        let form = form(&HEADER);
        assert_eq!(
            (form.place("order_id"), form.place("Note")),
            (Some(0), Some(1))
        );
        let good = [
            "7",
            "a, \"b\"\nc",
            "2026-01-15",
            "North",
            "Milk 1L",
            "1",
            "=1",
        ];
        let good = [&good[..6], &["10.00"]].concat();
        let rows: [&[&str]; 5] = [
            &good,
            &good,
            &[""; 7],
            &HEADER,
            &["Total", "", "", "", "", "", "99.00"],
        ];
        let judged = judged(&form, &rows, &[]);
        assert_eq!(judged.rows.len(), 5);
        let found: Vec<bool> = judged
            .rows
            .iter()
            .map(|(it, _)| it.is_exception())
            .collect();
        assert_eq!(found, [false, false, true, true, true]);
        assert_eq!(judged.rows[1].1.key.as_deref(), Some("7"));
        assert_eq!(judged.verdict.held, None);
        for code in ["UNQ01", "CON02", "SCH02"] {
            let control = judged.verdict.controls.iter().find(|it| it.code == code);
            assert_eq!(control.unwrap().status, Status::NotRun, "{code}");
        }
    }

    #[test]
    fn what_is_waived_is_a_warning_and_the_row_is_typed() {
        let form = form(&HEADER);
        let row: [&str; 7] = ["7", "", "2026-03-15", "North", "Milk 1L", "1", "-10.00"];
        let first = judged(&form, &[&row], &[]);
        assert_eq!(codes(&first.rows[0].0), ["TIM01", "VAL06"]);
        assert_eq!(first.verdict.rows.exceptions, 1);
        let second = judged(&form, &[&row], &["TIM01", "VAL06"]);
        let (kept, typed) = &second.rows[0];
        assert!(
            kept.findings
                .iter()
                .all(|it| it.severity == Severity::Warning)
        );
        assert_eq!(typed.money.unwrap().to_string(), "-10.00");
        assert_eq!(second.verdict.rows.accepted, 1);
    }

    #[test]
    fn a_column_that_the_contract_needs_holds_the_rows() {
        let mut form = form(&HEADER);
        form.columns.remove(3);
        let judged = judged(&form, &[&["7"; 6]], &[]);
        assert!(judged.rows.is_empty());
        assert_eq!(judged.verdict.held.unwrap().reason, "missing-column");
    }

    #[test]
    fn columns_that_an_export_appended_are_not_the_files_own() {
        let mut options = Options {
            columns: Vec::new(),
            ..judged(&form(&HEADER), &[], &[]).verdict.options
        };
        for header in ["a", "tarazu_line", "b"] {
            options.columns.push(ColumnMapping {
                header: header.to_owned(),
                column: None,
            });
        }
        assert_eq!(Form::of(&options).header(), ["a", "b"]);
    }
}

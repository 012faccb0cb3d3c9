//! The contract's controls, compiled and bound to the file's columns.

use crate::{
    catalogue,
    contract::{Column, Contract, ControlUse, Kind, NumberWriting, tolerance::Tolerance},
    control::{
        CellCheck, Check, Class, FileCheck, Header, HeaderFault, Meta, Outcome, RecordCheck,
        RowCheck, Sweep,
    },
    list::Lookup,
    reading::{header::Frame, survey::Survey},
    value::amount::Writing,
};
use model::{
    control::Severity,
    options::{Apart, Choice, DateForm},
};

/// A control of the contract, once for each place that the contract uses it in.
pub(crate) struct Use {
    pub(crate) meta: Meta,
    pub(crate) severity: Severity,
    pub(crate) tolerance: Option<Tolerance>,
    pub(crate) not_run: Option<NotRun>,
    /// Judges the file once, not its rows.
    pub(crate) of_file: bool,
    is_header: bool,
}

/// Why a control did not run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum NotRun {
    /// The named control holds the file.
    Held(&'static str),
    NoTable,
    NoColumn(String),
    NoKey,
    HasKey,
    NeedsLedger,
    /// For a reason of the control's own.
    Says(&'static str),
}

/// A column of the contract that the file has.
pub(crate) struct FileColumn {
    /// Its place in the contract.
    pub(crate) column: usize,
    /// Its field in the file, from 0.
    pub(crate) field: usize,
    pub(crate) kind: Kind,
    pub(crate) forms: Vec<DateForm>,
    pub(crate) writing: Writing,
    pub(crate) lookup: Option<Lookup>,
    /// What means that a cell is blank, besides nothing at all.
    pub(crate) null_words: Vec<String>,
    pub(crate) is_money: bool,
    /// Uses and the places of their checks.
    pub(crate) checks: Vec<(usize, usize)>,
    /// By class, what is said of its cells without asking.
    pub(crate) swept: [Swept; Class::ALL.len()],
}

/// What the checks of a column say of the cells of a class whose number lies between `from` and `to`.
#[derive(Debug, Default)]
pub(crate) struct Swept {
    pub(crate) from: i64,
    pub(crate) to: i64,
    /// Uses that pass them all.
    pub(crate) passed: Vec<usize>,
    /// Uses, and the places of their checks, that look at each.
    pub(crate) asked: Vec<(usize, usize)>,
}

impl Swept {
    fn new(
        checks: &[(usize, usize)],
        cells: &[Box<dyn CellCheck>],
        column: usize,
        class: Class,
        today: i32,
    ) -> Self {
        let mut res = Self {
            from: i64::MIN,
            to: i64::MAX,
            ..Self::default()
        };
        for (used, place) in checks {
            let Some(check) = cells.get(*place) else {
                continue;
            };
            match check.sweep(class, column, today) {
                None
                | Some(Sweep {
                    outcome: Outcome::Failed(_),
                    ..
                }) => res.asked.push((*used, *place)),
                Some(Sweep { outcome, from, to }) => {
                    res.from = res.from.max(from);
                    res.to = res.to.min(to);
                    if outcome == Outcome::Passed {
                        res.passed.push(*used);
                    }
                }
            }
        }
        res
    }
}

pub(crate) struct Compiled {
    pub(crate) uses: Vec<Use>,
    pub(crate) records: Vec<(usize, Box<dyn RecordCheck>)>,
    pub(crate) columns: Vec<FileColumn>,
    /// The place among `columns` of each column of the contract.
    pub(crate) places: Vec<Option<usize>>,
    pub(crate) cells: Vec<Box<dyn CellCheck>>,
    pub(crate) rows: Vec<(usize, Box<dyn RowCheck>)>,
    pub(crate) files: Vec<(usize, Box<dyn FileCheck>)>,
    /// Places of the key's columns among `columns`; empty where the file or the contract has no key.
    pub(crate) key: Vec<usize>,
    /// The use of the control that judges the key within the file, or, without a key, whole rows.
    pub(crate) key_use: Option<usize>,
    /// Every row with a repeated key is told, the first one too.
    pub(crate) hold_all: bool,
    pub(crate) header_faults: Vec<(usize, HeaderFault)>,
    /// The name of the control that holds the file for its structure.
    pub(crate) held: Option<&'static str>,
    pub(crate) gates: Gates,
}

/// Bytes that may begin a line that is no row.
pub(crate) struct Gates {
    /// The first cell of a blank line or of the header again.
    pub(crate) header: [bool; 256],
    /// The key of a total row.
    pub(crate) total: [bool; 256],
    /// And bytes in which the key of one may end that says more than a total word.
    pub(crate) total_end: [bool; 256],
}

impl Gates {
    fn new(contract: &Contract, frame: &Frame) -> Self {
        let mut gates = Self {
            header: [false; 256],
            total: [false; 256],
            total_end: [false; 256],
        };
        let header = frame.plain.first().and_then(|it| it.chars().next());
        let words = || contract.total_words.iter();
        let begins: Vec<char> = words().filter_map(|it| it.chars().next()).collect();
        let ends: Vec<char> = words().filter_map(|it| it.chars().next_back()).collect();
        for byte in 0..=u8::MAX {
            let at = usize::from(byte);
            // Anything but ASCII letters and digits may be a blank, a quote, or a letter folded to another.
            let other = !byte.is_ascii_alphanumeric();
            let letter = char::from(byte.to_ascii_lowercase());
            for (gate, opens) in [
                (&mut gates.header, header.is_none_or(|it| it == letter)),
                (&mut gates.total, begins.contains(&letter)),
                (&mut gates.total_end, ends.contains(&letter)),
            ] {
                if let Some(gate) = gate.get_mut(at) {
                    *gate = other || opens;
                }
            }
        }
        gates
    }
}

/// How the file's values are written, found or laid down.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Manner<'a> {
    pub(crate) choice: &'a Choice,
    pub(crate) decimal_comma: bool,
    /// The text comes from a workbook, whose dates are days and written as ISO has them.
    pub(crate) workbook: bool,
    /// The day of judging.
    pub(crate) today: i32,
}

impl Compiled {
    pub(crate) fn new(
        contract: &Contract,
        survey: &Survey,
        frame: &Frame,
        manner: Manner<'_>,
    ) -> Self {
        let columns = file_columns(contract, frame, manner);
        let place = |column| columns.iter().position(|it| it.column == column);
        let mut compiled = Self {
            places: (0..contract.columns.len()).map(place).collect(),
            uses: Vec::new(),
            records: Vec::new(),
            columns,
            cells: Vec::new(),
            rows: Vec::new(),
            files: Vec::new(),
            key: Vec::new(),
            key_use: None,
            hold_all: false,
            header_faults: Vec::new(),
            held: None,
            gates: Gates::new(contract, frame),
        };
        let header = Header {
            contract,
            cells: if survey.not_a_table.is_some() {
                &[]
            } else {
                &frame.cells
            },
            not_a_table: survey.not_a_table.map(|it| it.message()),
        };
        for used in &contract.controls {
            // The contract was checked when it was read, so that each of its controls compiles.
            let Ok((meta, check)) = catalogue::compile(used, contract) else {
                continue;
            };
            compiled.add(meta, used, check, &header);
        }
        compiled.bind_key(contract);
        if let Some(apart) = &manner.choice.apart {
            compiled.set_apart(apart);
        }
        compiled.hold(header.not_a_table.is_some());
        for column in &mut compiled.columns {
            column.swept = Class::ALL.map(|it| {
                Swept::new(
                    &column.checks,
                    &compiled.cells,
                    column.column,
                    it,
                    manner.today,
                )
            });
        }
        let uses = &compiled.uses;
        let runs = |used: usize| uses.get(used).is_some_and(|it| it.not_run.is_none());
        compiled.rows.retain(|(used, _)| runs(*used));
        compiled
    }

    fn add(&mut self, meta: Meta, used: &ControlUse, check: Check, header: &Header<'_>) {
        let place = self.uses.len();
        let mut not_run = None;
        let mut is_header = false;
        match check {
            Check::Header(check) => {
                is_header = true;
                if header.not_a_table.is_some() && meta.code != "SCH08" {
                    not_run = Some(NotRun::NoTable);
                } else {
                    let mut faults = Vec::new();
                    check.judge(header, &mut faults);
                    self.header_faults
                        .extend(faults.into_iter().map(|it| (place, it)));
                }
            }
            Check::Record(check) => self.records.push((place, check)),
            Check::Cells { columns, check } => {
                let mut found = false;
                for column in &mut self.columns {
                    if columns.contains(&column.column) {
                        column.checks.push((place, self.cells.len()));
                        found = true;
                    }
                }
                if !found {
                    not_run = Some(NotRun::NoColumn(names(header.contract, &columns)));
                }
                self.cells.push(check);
            }
            Check::Row(check) => {
                let has = |column: &usize| self.columns.iter().any(|it| it.column == *column);
                let mut missing = check.columns();
                missing.retain(|it| !has(it));
                let any_of = check.any_of();
                if !any_of.is_empty() && !any_of.iter().any(has) {
                    missing.extend(any_of);
                }
                if !missing.is_empty() {
                    not_run = Some(NotRun::NoColumn(names(header.contract, &missing)));
                }
                self.rows.push((place, check));
            }
            Check::File(check) => self.files.push((place, check)),
            Check::Key { .. } if header.contract.key.is_empty() => not_run = Some(NotRun::NoKey),
            Check::RepeatedRow if !header.contract.key.is_empty() => not_run = Some(NotRun::HasKey),
            Check::RepeatedRow => self.key_use = Some(place),
            Check::Key { hold_all } => {
                self.key_use = Some(place);
                self.hold_all = hold_all;
            }
            Check::Ledger => not_run = Some(NotRun::NeedsLedger),
        }
        let of_file = is_header || self.files.last().is_some_and(|(it, _)| *it == place);
        self.uses.push(Use {
            meta,
            severity: used.severity.unwrap_or(meta.severity),
            tolerance: used.tolerance,
            not_run,
            of_file,
            is_header,
        });
    }

    fn bind_key(&mut self, contract: &Contract) {
        let place = |name: &String| {
            let column = contract.column(name)?;
            self.columns.iter().position(|it| it.column == column)
        };
        let places: Option<Vec<usize>> = contract.key.iter().map(place).collect();
        self.key = places.unwrap_or_default();
        if self.key.is_empty()
            && !contract.key.is_empty()
            && let Some(used) = self.key_use.take().and_then(|it| self.uses.get_mut(it))
        {
            used.not_run = Some(NotRun::NoKey);
        }
    }

    /// Leaves out what is about the file or about several of its rows. A header under which no row can be read still
    /// holds them all.
    fn set_apart(&mut self, apart: &Apart) {
        let key_use = self.key_use.take();
        self.files.clear();
        self.header_faults.retain(|(_, it)| it.holds);
        for (place, used) in self.uses.iter_mut().enumerate() {
            let holds = self.header_faults.iter().any(|(it, _)| *it == place);
            if (used.of_file || key_use == Some(place)) && !holds {
                used.not_run = Some(NotRun::Says(
                    "the row is judged by itself, outside its file",
                ));
            }
            if apart.waived.iter().any(|it| it == used.meta.code) {
                used.severity = Severity::Warning;
            }
        }
    }

    fn hold(&mut self, no_table: bool) {
        let holding = self.header_faults.iter().find(|(_, it)| it.holds);
        self.held = holding
            .and_then(|(used, _)| self.uses.get(*used))
            .map(|it| it.meta.name);
        let Some(name) = self.held else { return };
        for used in self.uses.iter_mut().filter(|it| !it.is_header) {
            if no_table {
                used.not_run = Some(NotRun::NoTable);
            } else {
                used.not_run.get_or_insert(NotRun::Held(name));
            }
        }
    }
}

fn names(contract: &Contract, columns: &[usize]) -> String {
    let names = columns.iter().filter_map(|it| contract.columns.get(*it));
    let names: Vec<&str> = names.map(|it| it.name.as_str()).collect();
    names.join(", ")
}

fn forms(column: &Column, manner: Manner<'_>) -> Vec<DateForm> {
    let mut forms = match manner.choice.date_forms.get(&column.name) {
        Some(form) => vec![*form],
        None => column.forms.clone(),
    };
    if manner.workbook && !forms.contains(&DateForm::Iso) {
        forms.insert(0, DateForm::Iso);
    }
    forms
}

fn file_columns(contract: &Contract, frame: &Frame, manner: Manner<'_>) -> Vec<FileColumn> {
    let columns = contract.columns.iter().enumerate();
    columns
        .filter_map(|(place, column)| {
            Some(FileColumn {
                column: place,
                field: (*frame.at.get(place)?)?,
                kind: column.kind,
                forms: forms(column, manner),
                writing: Writing {
                    decimal_comma: manner.decimal_comma,
                    parentheses: column.writing.contains(&NumberWriting::Parentheses),
                    trailing_minus: column.writing.contains(&NumberWriting::TrailingMinus),
                },
                lookup: column
                    .list
                    .as_ref()
                    .and_then(|it| contract.list(it))
                    .map(Lookup::new),
                null_words: [&contract.null_words[..], &column.null_words].concat(),
                is_money: contract.money.as_ref() == Some(&column.name),
                checks: Vec::new(),
                swept: Default::default(),
            })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use crate::{
        Moment,
        contract::{self, Contract},
        judge::{Partial, Plan},
        source::Memory,
    };
    use model::{options::Choice, verdict::Verdict};

    /// With every shortcut taken out: all checks are asked about every cell, and every line may be no row.
    fn judge(text: &[u8], contract: &Contract, asking: bool) -> Verdict {
        let source = Memory(text);
        let moment = Moment::parse("2026-02-02T12:00:00Z").unwrap();
        let choice = Choice::default();
        let mut plan = Plan::new(&source, contract, &choice, moment, &mut |_| {}).unwrap();
        if asking {
            plan.compiled.gates.header = [true; 256];
            plan.compiled.gates.total = [true; 256];
            plan.compiled.gates.total_end = [true; 256];
            for swept in plan
                .compiled
                .columns
                .iter_mut()
                .flat_map(|it| &mut it.swept)
            {
                (swept.from, swept.to) = (1, 0);
            }
        }
        let mut partial = Partial::default();
        for piece in 0..plan.pieces() {
            partial = partial.merge(plan.judge(&source, piece).unwrap());
        }
        plan.finish(&source, partial).unwrap().verdict
    }

    #[test]
    fn what_is_said_without_asking_is_what_asking_tells() {
        let mut random = oorandom::Rand32::new(7);
        let cells = [
            "",
            " ",
            "\"\"",
            "ORD1",
            "ord2",
            "Order",
            "Total",
            "grand total",
            "T",
            "5",
            "-5",
            "0",
            "100",
            "1001",
            "99999999",
            "10.5",
            "10.555",
            "₹5",
            " 7",
            "7 ",
            "x",
            "North",
            "north",
            "Nowhere",
            "2026-01-05",
            "2026-02-03",
            "1999-12-31",
            "05/01/2026",
            "05-06-07",
            "Milk 1L",
            "é",
            "\"a,b\"",
            "\"a\"\"b\"",
        ];
        let header = "Order ID,Order Date,Region,Product,Quantity,Revenue";
        for _ in 0..300 {
            let mut text = header.to_owned();
            for _ in 0..random.rand_range(1..12) {
                text.push('\n');
                if random.rand_range(0..12) == 0 {
                    text.push_str(header);
                    continue;
                }
                let fields =
                    (0..random.rand_range(5..8)).map(|_| cells[random.rand_range(0..33) as usize]);
                text.push_str(&fields.collect::<Vec<_>>().join(","));
            }
            let sales = contract::sales();
            assert_eq!(
                judge(text.as_bytes(), sales, false),
                judge(text.as_bytes(), sales, true),
                "{text}"
            );
        }
    }
}

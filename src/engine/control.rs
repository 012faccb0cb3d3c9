//! The vocabulary that a control is written in.

use crate::{
    contract::{Contract, ContractError},
    value::Value,
};
use model::{
    control::{Category, Dimension, Scope, Severity},
    money::Money,
    options::ControlTotals,
};
use serde::de::DeserializeOwned;

/// What every control declares of itself; the source of the pages, the catalogue and the messages.
#[derive(Debug, Clone, Copy)]
pub struct Meta {
    /// Permanent: stored in verdicts and in the audit log, never reused.
    pub code: &'static str,
    /// What is wrong with the data, in kebab-case; equal to the file's name.
    pub name: &'static str,
    pub summary: &'static str,
    pub dimension: Dimension,
    pub severity: Severity,
    /// None for controls of the file's structure.
    pub category: Option<Category>,
    pub scope: Scope,
    /// The version that brought it.
    pub since: &'static str,
    /// One message for each way to fail, by its permanent name; `{…}` are filled from the finding's values.
    pub messages: &'static [(&'static str, &'static str)],
}

/// A control with its parameters, read from a contract. Compiling is the one step that can fail.
pub trait Control: DeserializeOwned {
    const META: Meta;
    /// Its page, which is executed too.
    const PAGE: &'static str;

    /// # Errors
    /// When the parameters name what the contract does not have.
    fn compile(self, contract: &Contract) -> Result<Check, ContractError>;
}

/// A compiled control, by what it looks at. Judging cannot fail: bad data is a finding, not an error.
pub enum Check {
    /// The file and its header, once.
    Header(Box<dyn HeaderCheck>),
    /// Every row as a record, before its cells are read.
    Record(Box<dyn RecordCheck>),
    /// Every cell of some columns, by their places in the contract.
    Cells {
        columns: Vec<usize>,
        check: Box<dyn CellCheck>,
    },
    /// Every row, over several of its cells.
    Row(Box<dyn RowCheck>),
    /// The file as a whole, once its rows have been counted.
    File(Box<dyn FileCheck>),
    /// Whole rows, where the contract has no key; in the same pass as keys.
    RepeatedRow,
    /// The key among the file's rows; the engine's own pass, see `keys`.
    Key {
        /// The first row with a repeated key is refused like the later ones.
        hold_all: bool,
    },
    /// The key against the ledger; the server's.
    Ledger,
}

pub trait HeaderCheck: Send + Sync {
    fn judge(&self, header: &Header<'_>, out: &mut Vec<HeaderFault>);
}

/// What a check of the header sees.
pub struct Header<'a> {
    pub contract: &'a Contract,
    /// In file order; empty where the file is no table.
    pub cells: &'a [HeaderCell],
    /// The name of what the file is instead of a table.
    pub not_a_table: Option<&'static str>,
}

/// A cell of the header.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeaderCell {
    pub text: String,
    /// The place of the contract's column that it means.
    pub column: Option<usize>,
    /// The column that it means is already filled by another header cell.
    pub repeats: bool,
    /// One of the columns that our own exports append.
    pub ours: bool,
}

/// A control failing at the header.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeaderFault {
    /// The place of the message among the control's.
    pub message: u8,
    pub severity: Severity,
    /// Nothing is loaded while this is so.
    pub holds: bool,
    /// 1-based.
    pub column: Option<u32>,
    pub values: Vec<(&'static str, String)>,
}

/// A record as wide as it should be, with all its quotes closed and its text sound, passes every such check.
pub trait RecordCheck: Send + Sync {
    fn judge(&self, shape: &Shape) -> Outcome;
    /// A row that fails gets this finding alone: its cells cannot be told apart.
    fn is_alone(&self) -> bool;
    /// What fills the message besides the column and the value.
    fn values(&self, shape: &Shape) -> Vec<(&'static str, String)>;
}

/// A row as a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shape {
    pub fields: usize,
    /// Fewer fields than this leave a named column without a cell.
    pub least: usize,
    /// Fields beyond this have no header.
    pub most: usize,
    /// Some field beyond `most` is not empty.
    pub surplus: bool,
    /// Holds a quote that is never closed, so many lines below the record's first.
    pub unclosed: Option<u64>,
    /// The first field with bytes that are no text, from 0.
    pub undecodable: Option<usize>,
}

pub trait CellCheck: Send + Sync {
    fn judge(&self, cell: &Cell<'_>) -> Outcome;
    /// What `judge` says of all cells of a class in a column, by its place in the contract, so that it is asked about the
    /// others alone. None where it has to look at each.
    fn sweep(&self, class: Class, column: usize, today: i32) -> Option<Sweep> {
        let _ = (class, column, today);
        None
    }
    /// What fills the message besides the column and the value.
    fn values(&self, cell: &Cell<'_>) -> Vec<(&'static str, String)> {
        let _ = cell;
        Vec::new()
    }
}

/// A cell, read once for all controls.
#[derive(Debug, Clone, Copy)]
pub struct Cell<'a> {
    /// As it stands in the file, quotes undone.
    pub text: &'a [u8],
    pub value: Value,
    /// The place of its column in the contract.
    pub column: usize,
    /// The moment of judging as a calendar day in the contract's zone.
    pub today: i32,
}

/// Sound cells with no blanks around them, whose value is all that most checks look at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Class {
    Blank,
    Text,
    /// Written as the list has it.
    Listed,
    Whole,
    /// With at most two decimals.
    Amount,
    Number,
    Day,
}

impl Class {
    pub const ALL: [Self; 7] = [
        Self::Blank,
        Self::Text,
        Self::Listed,
        Self::Whole,
        Self::Amount,
        Self::Number,
        Self::Day,
    ];

    /// Of a value, with its number: of paise, millionths or days, too. None where checks are asked singly.
    #[inline]
    pub(crate) const fn of(value: &Value) -> Option<(Self, i64)> {
        Some(match *value {
            Value::Blank => (Self::Blank, 0),
            Value::Text => (Self::Text, 0),
            Value::Listed { exact: true, .. } => (Self::Listed, 0),
            Value::Whole(number) => (Self::Whole, number),
            Value::Amount {
                paise,
                excess: false,
            } => (Self::Amount, paise),
            Value::Number { millionths } => (Self::Number, millionths),
            Value::Day(day) => (Self::Day, day as i64),
            _ => return None,
        })
    }

    /// The value with this number.
    pub(crate) fn value(self, number: i64) -> Value {
        match self {
            Self::Blank => Value::Blank,
            Self::Text => Value::Text,
            Self::Listed => Value::Listed {
                entry: 0,
                exact: true,
            },
            Self::Whole => Value::Whole(number),
            Self::Amount => Value::Amount {
                paise: number,
                excess: false,
            },
            Self::Number => Value::Number { millionths: number },
            Self::Day => Value::Day(i32::try_from(number).unwrap_or_default()),
        }
    }
}

/// The outcome for all cells of a class whose number lies between `from` and `to`, both included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sweep {
    pub outcome: Outcome,
    pub from: i64,
    pub to: i64,
}

impl Sweep {
    /// Of a check that looks at the class and at nothing else.
    #[expect(
        clippy::unnecessary_wraps,
        reason = "what `CellCheck::sweep` gives, for it to pass on"
    )]
    pub(crate) fn by_class(check: &dyn CellCheck, class: Class, column: usize) -> Option<Self> {
        let cell = Cell {
            text: b"",
            value: class.value(0),
            column,
            today: 0,
        };
        Some(Self {
            outcome: check.judge(&cell),
            from: i64::MIN,
            to: i64::MAX,
        })
    }

    /// Of a check that passes the numbers of a range, and skips classes without one.
    pub(crate) fn by_range(range: Option<(i64, i64)>) -> Option<Self> {
        let (outcome, (from, to)) = match range {
            Some(range) => (Outcome::Passed, range),
            None => (Outcome::Skipped, (i64::MIN, i64::MAX)),
        };
        (from <= to).then_some(Self { outcome, from, to })
    }
}

/// The cells of a row, by their columns' places in the contract.
pub trait RowCells {
    /// None where the file does not have the column.
    fn cell(&self, column: usize) -> Option<Cell<'_>>;
    /// For people to read.
    fn decode(&self, text: &[u8]) -> String;
}

pub trait RowCheck: Send + Sync {
    /// The columns without which there is nothing to judge.
    fn columns(&self) -> Vec<usize>;
    /// Columns of which one at least must be there, or there is nothing to judge; none where that does not matter.
    fn any_of(&self) -> Vec<usize> {
        Vec::new()
    }
    fn judge(&self, row: &dyn RowCells) -> Outcome;
    /// The column to blame in a row that failed; None where it is the row.
    fn column(&self, row: &dyn RowCells) -> Option<usize>;
    /// What fills the message.
    fn values(&self, row: &dyn RowCells) -> Vec<(&'static str, String)>;
}

/// What a file adds up to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Totals {
    pub rows: u64,
    /// None where the contract has no money column.
    pub money: Option<Money>,
    /// Rows whose amount cannot be read, so that `money` is without it.
    pub unreadable: u64,
    /// What the sender says of it.
    pub declared: ControlTotals,
}

pub trait FileCheck: Send + Sync {
    fn judge(&self, totals: &Totals) -> FileOutcome;
}

/// Failing an error control holds the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FileOutcome {
    Passed,
    /// Each with the place of its message among the control's, and what fills it.
    Failed(Vec<(u8, Vec<(&'static str, String)>)>),
    /// With the reason.
    NotRun(&'static str),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// Not for this control to judge; another one says so.
    Skipped,
    Passed,
    /// With the place of the message among the control's.
    Failed(u8),
}

impl Outcome {
    pub fn pass_if(passed: bool) -> Self {
        if passed {
            Self::Passed
        } else {
            Self::Failed(0)
        }
    }
}

/// The places of the named columns in the contract.
pub(crate) fn columns(
    code: &str,
    names: &[String],
    contract: &Contract,
) -> Result<Vec<usize>, ContractError> {
    names
        .iter()
        .map(|name| {
            contract
                .column(name)
                .ok_or_else(|| ContractError::NoColumn {
                    place: code.to_owned(),
                    name: name.clone(),
                })
        })
        .collect()
}

//! One control failing at one place, as data and rendered, and rows with their findings for a page.

use crate::{
    control::{Category, Severity},
    exception::ExceptionState,
    money::Money,
    options::SheetRow,
};
use serde::{Deserialize, Serialize};

/// Which step of judging found it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(utoipa::ToSchema))]
#[serde(rename_all = "lowercase")]
pub enum FoundBy {
    /// The engine, from the file alone.
    Validate,
    /// The server, against the ledger.
    Load,
}

/// A finding as it is kept: data, no text. `column` is 1-based; None where it is about the row or the file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(utoipa::ToSchema))]
pub struct FindingData {
    pub code: String,
    /// Which of the control's messages, by its permanent name.
    pub message: String,
    pub severity: Severity,
    pub stage: FoundBy,
    pub column: Option<u32>,
    /// What fills the message, in the control's order.
    pub values: Vec<(String, String)>,
}

/// A finding with its place and its texts. `line`, `record` and `column` are 1-based; `record` counts data
/// rows, without layout. `record` and `column` are None for a finding about the file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(utoipa::ToSchema))]
#[serde(from = "Written")]
pub struct Finding {
    #[serde(flatten)]
    pub data: FindingData,
    pub name: String,
    pub category: Option<Category>,
    pub line: u64,
    /// Where the file was read of several sheets: where `line` stands in them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sheet_row: Option<SheetRow>,
    pub record: Option<u64>,
    pub column_name: Option<String>,
    /// The message in plain words, with the remedy.
    pub text: String,
}

/// A finding as it is written. Read field by field, it costs a page's program less than serde's way with `flatten`.
#[derive(Deserialize)]
struct Written {
    code: String,
    message: String,
    severity: Severity,
    stage: FoundBy,
    column: Option<u32>,
    values: Vec<(String, String)>,
    name: String,
    category: Option<Category>,
    line: u64,
    #[serde(default)]
    sheet_row: Option<SheetRow>,
    record: Option<u64>,
    column_name: Option<String>,
    text: String,
}

impl From<Written> for Finding {
    fn from(it: Written) -> Self {
        Self {
            data: FindingData {
                code: it.code,
                message: it.message,
                severity: it.severity,
                stage: it.stage,
                column: it.column,
                values: it.values,
            },
            name: it.name,
            category: it.category,
            line: it.line,
            sheet_row: it.sheet_row,
            record: it.record,
            column_name: it.column_name,
            text: it.text,
        }
    }
}

/// A row with at least one finding, in its context.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(utoipa::ToSchema))]
pub struct FlaggedRow {
    pub record: u64,
    pub line: u64,
    /// As of a finding.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sheet_row: Option<SheetRow>,
    /// The cells as they stand in the file; for a row that is no proper record, one cell with its text.
    pub cells: Vec<String>,
    /// True where the row is no proper record and `cells` is its text.
    pub raw: bool,
    pub findings: Vec<Finding>,
    /// The headline of its error findings; None where it has warnings alone and is accepted.
    pub category: Option<Category>,
    pub money: Option<Money>,
    /// None before Submit and for an accepted row.
    pub state: Option<ExceptionState>,
}

/// Which flagged rows are wanted. All fields narrow; the default is everything, in the file's order.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(
    not(target_arch = "wasm32"),
    derive(utoipa::IntoParams),
    into_params(parameter_in = Query)
)]
#[serde(default)]
pub struct FindingQuery {
    pub severity: Option<Severity>,
    pub code: Option<String>,
    pub category: Option<Category>,
    /// The file's column, 1-based, that the finding is of; 0 is about the row.
    pub column: Option<u32>,
    /// Only rows after this record, which is one of the page before; 0 is from the start.
    pub after: u64,
    /// At most this many rows; the answering side caps it at 500.
    #[cfg_attr(not(target_arch = "wasm32"), param(maximum = 500))]
    pub limit: u32,
}

/// In which order rows with findings are listed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(utoipa::ToSchema))]
#[serde(rename_all = "lowercase")]
pub enum FindingOrder {
    /// As the file has them.
    #[default]
    Record,
    /// The other way round.
    Last,
    /// The largest amount first; rows whose amount cannot be read stand where nothing would.
    Money,
    /// By headline, and behind them the accepted rows.
    Category,
}

/// Some flagged rows, and where the next ones begin.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(utoipa::ToSchema))]
pub struct FlaggedRows {
    /// The file's header, as it stands there.
    pub header: Vec<String>,
    pub rows: Vec<FlaggedRow>,
    /// How many rows match the query in all, on every page of it.
    pub total: u64,
    /// `after` of the next page; None at the end.
    pub next: Option<u64>,
}

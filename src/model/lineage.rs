//! Where a row comes from and where it went, in both directions.

use crate::{
    exception::{ExceptionFigures, ExceptionState},
    finding::Finding,
    id::RunId,
    options::SheetRow,
    row::LedgerRow,
    t,
    verdict::{ContractRef, Rows},
};
use serde::{Deserialize, Serialize};

/// One row of a run, from the file to the ledger or to the exceptions.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(utoipa::ToSchema))]
pub struct RowLineage {
    pub run: RunId,
    pub file: FileOrigin,
    /// Both 1-based; in a workbook the line is the sheet's row.
    pub record: u64,
    pub line: u64,
    /// Where the file was read of several sheets: where the line stands in them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sheet_row: Option<SheetRow>,
    /// Of a row that was put right, waived or settled: where it stood in the file that somebody handed in. `file` is then
    /// the one that was made of what entered in that act.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub came: Option<Came>,
    pub contract: ContractRef,
    pub engine: String,
    pub evaluated_at: String,
    /// The codes of the controls that ran on the file.
    pub controls: Vec<String>,
    pub findings: Vec<Finding>,
    /// The columns whose cell was corrected before submit, in the file's words.
    pub corrected: Vec<String>,
    /// What it is in the ledger; None where it is not there.
    pub ledger: Option<LedgerRow>,
    /// Where it stands as an exception; None where it is none.
    pub exception: Option<ExceptionState>,
    pub columns: Vec<ColumnLineage>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(utoipa::ToSchema))]
pub struct Came {
    pub run: RunId,
    pub file: FileOrigin,
    /// Both 1-based.
    pub record: u64,
    pub line: u64,
    /// Where the file was read of several sheets: where the line stands in them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sheet_row: Option<SheetRow>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(utoipa::ToSchema))]
pub struct FileOrigin {
    pub name: String,
    pub bytes: u64,
    pub sha256: String,
    pub blake3: String,
    pub received_at: String,
}

/// The way of one column. Read from `file` to `ledger` it is the way in, from `ledger` to `file` the way back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(utoipa::ToSchema))]
pub struct ColumnLineage {
    /// The file's header cell, and its place, 1-based; None where the file has no such column.
    pub file: Option<(u32, String)>,
    /// None where the contract does not know the file's column.
    pub contract: Option<String>,
    /// None where the ledger does not keep it.
    pub ledger: Option<String>,
    /// What happens between, in plain words.
    pub transformation: String,
}

/// What happens to a column on its way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Transformation<'a> {
    /// The contract knows it, the ledger has no place for it.
    Judged,
    /// The contract does not know it.
    Unknown,
    AsItStands,
    /// One of several columns of the key, which are all named.
    Key(&'a [String]),
    Money,
    Amount,
    WholeNumber,
    /// Money by quantity.
    Divided,
    /// In the forms that are named.
    Day(&'a [&'a str]),
    /// As the list of that name writes it.
    Listed(&'a str),
    /// What the list of that name says of its entry.
    ListedSku(&'a str),
    ListedCategory(&'a str),
    /// From a column of its own, as the list of that name writes it, if there is one.
    Sku(Option<&'a str>),
    Category(Option<&'a str>),
}

impl Transformation<'_> {
    pub fn words(self) -> String {
        match self {
            Self::Judged => t!("judged, and not kept in the ledger").to_owned(),
            Self::Unknown => t!("not in the contract: kept in the raw file alone").to_owned(),
            Self::AsItStands => t!("as it stands").to_owned(),
            Self::Key(columns) => t!(
                "as it stands, joined with the other columns of the key ({columns})",
                columns = columns.join(", ")
            ),
            Self::Money => {
                t!("read as an amount, in whole paise; signs of the currency and grouping come off")
                    .to_owned()
            }
            Self::Amount => t!("read as an amount, in whole paise").to_owned(),
            Self::WholeNumber => t!("read as a whole number").to_owned(),
            Self::Divided => t!(
                "divided by the quantity, rounded to the paisa, where the file gives no unit price"
            )
            .to_owned(),
            Self::Day(forms) => t!(
                "read as a date ({forms}); the calendar day, whatever time stands with it",
                forms = forms.join(", ")
            ),
            Self::Listed(list) => t!(
                "as the list {list} writes it: a synonym gives way to its entry",
                list = list
            ),
            Self::ListedSku(list) => {
                t!(
                    "the SKU that the list {list} has for the entry",
                    list = list
                )
            }
            Self::ListedCategory(list) => t!(
                "the category that the list {list} has for the entry; Other for what the list does not know",
                list = list
            ),
            Self::Sku(None) => t!("as it stands, where the list of products has none").to_owned(),
            Self::Sku(Some(list)) => t!(
                "as the list {list} writes it, where the list of products has none",
                list = list
            ),
            Self::Category(None) => {
                t!("as it stands, where there is no list of products").to_owned()
            }
            Self::Category(Some(list)) => t!(
                "as the list {list} writes it, where there is no list of products",
                list = list
            ),
        }
    }
}

/// A run as a whole, from its file to the ledger and to the exceptions, and between which runs its rows went.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(utoipa::ToSchema))]
pub struct RunLineage {
    pub run: RunId,
    pub file: FileOrigin,
    /// The runs whose exceptions it put right.
    pub corrects: LinkedRuns,
    /// The run whose place it took, or waits to take.
    pub replaces: Option<LinkedRun>,
    pub contract: ContractRef,
    pub engine: String,
    pub evaluated_at: String,
    /// The codes of the controls that ran on the file.
    pub controls: Vec<String>,
    /// Of these, the codes of those that found something.
    pub found: Vec<String>,
    pub rows: Rows,
    /// Rows that it brought into the ledger and that count there now.
    pub counting: u64,
    pub exceptions: ExceptionFigures,
    /// The runs with which its exceptions entered the ledger later.
    pub corrections: LinkedRuns,
    /// The run that took its place.
    pub replaced_by: Option<LinkedRun>,
    pub columns: Vec<ColumnLineage>,
}

/// Runs that rows went to or came from, those with the most rows first.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(utoipa::ToSchema))]
pub struct LinkedRuns {
    /// At most 100.
    pub runs: Vec<LinkedRun>,
    /// How many there are.
    pub total: u64,
    /// Rows of all of them.
    pub rows: u64,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(utoipa::ToSchema))]
pub struct LinkedRun {
    pub run: RunId,
    pub file_name: String,
    pub created_at: String,
    /// Those that went between the two; of a run that is replaced, or replaces, those that it brought into the ledger.
    pub rows: u64,
}

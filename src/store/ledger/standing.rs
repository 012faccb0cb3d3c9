//! A row of the ledger as it stands: whether it counts, and if not, why.

use super::{cells::Cell, origin::origins, page::Place};
use crate::{db::Tx, entry::run_id, error::StoreError, read::LedgerColumns, word::natural};
use model::{
    exception::RowPlace,
    ledger::{RowOrigin, RowState, StandingRow},
    sales,
};
use sqlx::FromRow;

// Rows of `l`, with what is told of each. `$before` stands before the ledger among the tables; CROSS JOIN is how SQLite
// is told to keep their order.
macro_rules! standing {
    ($before:expr, $which:expr) => {
        concat!(
            "SELECT r.id AS run_id, r.file_name, l.run AS number, l.counts, d.id AS displaced_by_run, \
             l.displaced_by_record, w.time AS withdrawn_at, w.reason AS withdrawn_because, l.record, l.line, l.row_key, \
             l.day, l.region, l.product, l.sku, l.category, l.quantity, l.unit_price, l.money FROM ",
            $before,
            "ledger_rows l CROSS JOIN runs r LEFT JOIN runs d ON d.number = l.displaced_by_run \
             LEFT JOIN withdrawals w ON w.workspace = r.workspace AND w.run = l.run WHERE r.number = l.run AND ",
            $which
        )
    };
}

// Whether a row's column is counted under a label, which has the beginning of a long value alone.
macro_rules! label {
    ($column:literal, $label:literal) => {
        concat!(
            "(coalesce(l.",
            $column,
            ", '') = ",
            $label,
            " OR substr(coalesce(l.",
            $column,
            ", ''), 1, abs(length(",
            $label,
            ") - 1)) || '…' = ",
            $label,
            ")"
        )
    };
}

pub(crate) use {label, standing};

/// As they are told, with where they came from.
pub(crate) async fn told(
    tx: &mut Tx,
    workspace: &str,
    found: Vec<Standing>,
) -> Result<Vec<StandingRow>, StoreError> {
    let places: Vec<_> = found.iter().map(|it| (it.number, it.record())).collect();
    let mut origins = origins(tx, workspace, &places).await?;
    let told = found.into_iter().zip(places);
    told.map(|(it, place)| it.row(origins.remove(&place)))
        .collect()
}

#[derive(FromRow)]
pub(crate) struct Standing {
    run_id: String,
    file_name: String,
    pub(crate) number: i64,
    counts: bool,
    displaced_by_run: Option<String>,
    displaced_by_record: Option<i64>,
    withdrawn_at: Option<String>,
    withdrawn_because: Option<String>,
    #[sqlx(flatten)]
    columns: LedgerColumns,
}

impl Standing {
    pub(crate) fn state(&self) -> RowState {
        if self.counts {
            RowState::Counting
        } else if self.displaced_by_run.is_some() {
            RowState::Displaced
        } else if self.withdrawn_at.is_some() {
            RowState::Withdrawn
        } else {
            RowState::Reopened
        }
    }

    fn row(self, origin: Option<RowOrigin>) -> Result<StandingRow, StoreError> {
        let state = self.state();
        let displaced_by = match (self.displaced_by_run, self.displaced_by_record) {
            (Some(run), Some(record)) => Some(RowPlace {
                run: run_id(run)?,
                record: natural(record)?,
            }),
            _ => None,
        };
        Ok(StandingRow {
            run: run_id(self.run_id)?,
            file_name: self.file_name,
            state,
            displaced_by,
            withdrawn_at: self.withdrawn_at,
            withdrawn_because: self.withdrawn_because,
            origin,
            sheet_row: None,
            row: self.columns.row()?,
        })
    }

    pub(crate) fn place(&self, tx: &Tx) -> Place {
        let key = self.columns.row_key.as_deref();
        Place {
            run: self.number,
            record: self.record(),
            key: key.map(|it| tx.key_index(it).into_owned()),
            money: self.money(),
            cell: Cell {
                day: sales::label(self.day()).into_owned(),
                region: sales::label(self.region()).into_owned(),
                product: sales::label(self.product()).into_owned(),
                category: sales::label(self.category()).into_owned(),
                sku: sales::label(self.sku()).into_owned(),
            },
        }
    }

    pub(crate) fn record(&self) -> i64 {
        self.columns.record
    }

    /// In paise; nothing where the row has no amount.
    pub(crate) fn money(&self) -> i64 {
        self.columns.money.unwrap_or(0)
    }

    pub(crate) fn key(&self) -> &str {
        self.columns.row_key.as_deref().unwrap_or_default()
    }

    pub(crate) fn day(&self) -> &str {
        self.columns.day.as_deref().unwrap_or_default()
    }

    pub(crate) fn region(&self) -> &str {
        self.columns.region.as_deref().unwrap_or_default()
    }

    pub(crate) fn product(&self) -> &str {
        self.columns.product.as_deref().unwrap_or_default()
    }

    pub(crate) fn category(&self) -> &str {
        self.columns.category.as_deref().unwrap_or_default()
    }

    pub(crate) fn sku(&self) -> &str {
        self.columns.sku.as_deref().unwrap_or_default()
    }
}

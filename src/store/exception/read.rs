//! Exceptions with their history, and where keys are held.

use super::NewChange;
use crate::{
    Store,
    db::{Tx, row, rows},
    entry::run_id,
    error::StoreError,
    ledger::{origin::origins, scope},
    read::LedgerColumns,
    word::{from_json, from_word, json, money, natural, sum},
};
use model::{
    exception::{Change, Event, ExceptionPart, ExceptionState, RowJudgement, RowPlace},
    id::{RunId, WorkspaceId},
    money::Money,
    row::{Holder, KeptRow, LedgerRow, Text},
};
use sqlx::FromRow;
use std::collections::BTreeMap;

pub(super) const ENTERED: &str = "entered";
pub(super) const REJECTED: &str = "rejected";

/// An exception as the run found it, where it stands, and how it came there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredException {
    pub row: KeptRow,
    pub state: ExceptionState,
    pub version: u64,
    pub assignee: Option<String>,
    /// Oldest first: one change a version, from the second on.
    pub history: Vec<Change>,
}

impl StoredException {
    /// A change of its state, to which more may be added.
    pub fn change(&self, event: Event, state: ExceptionState) -> NewChange {
        NewChange {
            record: self.row.record,
            version: self.version,
            event,
            state,
            assignee: self.assignee.clone(),
            cells: None,
            judged: None,
            entered: None,
            displaces: None,
        }
    }
}

impl Store {
    /// The records of a run's exceptions whose cells were corrected at some time, in order.
    pub async fn corrected_records(
        &self,
        workspace: &WorkspaceId,
        run: &RunId,
    ) -> Result<Vec<u64>, StoreError> {
        let mut tx = self.db.read().await?;
        let Some(run) = crate::read::visible(&mut tx, workspace, run).await? else {
            return Ok(Vec::new());
        };
        let found: Vec<(i64,)> = rows!(
            &mut tx,
            "SELECT DISTINCT record FROM exception_changes WHERE workspace = $1 AND run = $2 AND cells IS NOT NULL \
             ORDER BY record",
            workspace.as_str(),
            run
        )?;
        found.into_iter().map(|(it,)| natural(it)).collect()
    }

    /// Exceptions of a run by their records, in that order; others are left out. None of a run that is going on or
    /// failed.
    pub async fn exceptions_at(
        &self,
        workspace: &WorkspaceId,
        run: &RunId,
        records: &[u64],
    ) -> Result<Vec<StoredException>, StoreError> {
        let mut tx = self.db.read().await?;
        let Some(run) = crate::read::visible(&mut tx, workspace, run).await? else {
            return Ok(Vec::new());
        };
        let records = json(&records)?;
        let found: Vec<Columns> = rows!(
            &mut tx,
            "SELECT record, line, raw, category, money, region, product, product_category, state, version, assignee, \
             row_key, findings FROM kept_rows \
             WHERE workspace = $1 AND run = $2 AND state IS NOT NULL \
             AND record IN (SELECT CAST(value AS BIGINT) FROM json_each($3)) ORDER BY record",
            workspace.as_str(),
            run,
            records.as_str()
        )?;
        let changes: Vec<ChangeColumns> = rows!(
            &mut tx,
            "SELECT c.*, e.id AS entered_id, d.id AS displaced_id FROM exception_changes c \
             LEFT JOIN runs e ON e.number = c.entered_run LEFT JOIN runs d ON d.number = c.displaced_run \
             WHERE c.workspace = $1 AND c.run = $2 \
             AND c.record IN (SELECT CAST(value AS BIGINT) FROM json_each($3)) ORDER BY c.record, c.version",
            workspace.as_str(),
            run,
            records.as_str()
        )?;
        let mut histories: BTreeMap<u64, Vec<Change>> = BTreeMap::new();
        for columns in changes {
            let record = natural(columns.record)?;
            histories.entry(record).or_default().push(columns.change()?);
        }
        let found = found.into_iter().map(|columns| {
            let history = histories.remove(&natural(columns.record)?);
            columns.exception(history.unwrap_or_default())
        });
        found.collect()
    }

    /// The rows that count and hold one of the keys, by key.
    pub async fn holders(
        &self,
        workspace: &WorkspaceId,
        contract: &str,
        keys: &[&str],
    ) -> Result<BTreeMap<String, (Holder, LedgerRow)>, StoreError> {
        let mut tx = self.db.read().await?;
        holders(&mut tx, workspace, contract, keys).await
    }
}

/// As [`Store::holders`]. `identical` is not told.
pub(crate) async fn holders(
    tx: &mut Tx,
    workspace: &WorkspaceId,
    contract: &str,
    keys: &[&str],
) -> Result<BTreeMap<String, (Holder, LedgerRow)>, StoreError> {
    let Some(scope) = scope(tx, workspace, contract).await? else {
        return Ok(BTreeMap::new());
    };
    let wanted: Vec<_> = keys.iter().map(|key| tx.key_index(key)).collect();
    // CROSS JOIN keeps the order of the tables on SQLite: each key is then one look into the index of keys.
    let found: Vec<HolderColumns> = rows!(
        tx,
        "SELECT r.id, r.file_name, l.run AS number, l.record, l.line, l.row_key, l.day, l.region, l.product, l.sku, \
         l.category, l.quantity, l.unit_price, l.money \
         FROM json_each($2) w CROSS JOIN ledger_rows l CROSS JOIN runs r \
         WHERE l.scope = $1 AND l.key_index = w.value AND l.counts AND r.number = l.run",
        scope,
        json(&wanted)?
    )?;
    let places: Vec<_> = found.iter().map(|it| (it.number, it.row.record)).collect();
    let mut origins = origins(tx, workspace.as_str(), &places).await?;
    let mut holders = BTreeMap::new();
    for (columns, place) in found.into_iter().zip(places) {
        let row = columns.row.row()?;
        let origin = origins.remove(&place);
        let holder = Holder {
            run: run_id(columns.id)?,
            record: row.record,
            line: origin.as_ref().map_or(row.line, |it| it.line),
            file_name: origin.map_or(columns.file_name, |it| it.file_name),
            identical: false,
        };
        if let Some(key) = row.key.clone() {
            holders.insert(key.into(), (holder, row));
        }
    }
    Ok(holders)
}

#[derive(FromRow)]
struct HolderColumns {
    id: String,
    file_name: String,
    number: i64,
    #[sqlx(flatten)]
    row: LedgerColumns,
}

/// The place in the ledger of an exception that entered.
pub(super) async fn entered(
    tx: &mut Tx,
    workspace: &WorkspaceId,
    run: i64,
    record: i64,
) -> Result<(i64, i64), StoreError> {
    let found: Option<(i64, i64)> = row!(
        tx,
        "SELECT entered_run, entered_record FROM exception_changes \
         WHERE workspace = $1 AND run = $2 AND record = $3 AND entered_run IS NOT NULL \
         ORDER BY version DESC LIMIT 1",
        workspace.as_str(),
        run,
        record
    )?;
    found.ok_or(StoreError::NotFound)
}

/// How many of a run's exceptions entered later, and were rejected.
pub(crate) async fn figures(
    tx: &mut Tx,
    workspace: &WorkspaceId,
    run: i64,
) -> Result<(ExceptionPart, ExceptionPart), StoreError> {
    let found: Vec<(String, i64, String)> = rows!(
        tx,
        "SELECT standing, row_count, money FROM exception_totals WHERE workspace = $1 AND run = $2",
        workspace.as_str(),
        run
    )?;
    let mut parts = (ExceptionPart::default(), ExceptionPart::default());
    for (standing, rows, money) in found {
        let part = ExceptionPart {
            rows: natural(rows)?,
            money: Money(sum(&money)?),
        };
        match standing.as_str() {
            ENTERED => parts.0 = part,
            _ => parts.1 = part,
        }
    }
    Ok(parts)
}

#[derive(FromRow)]
pub(super) struct Columns {
    record: i64,
    line: i64,
    raw: Vec<u8>,
    category: Option<String>,
    money: Option<i64>,
    region: Option<String>,
    product: Option<String>,
    product_category: Option<String>,
    state: String,
    version: i64,
    assignee: Option<String>,
    row_key: Option<String>,
    findings: String,
}

impl Columns {
    pub(super) fn exception(self, history: Vec<Change>) -> Result<StoredException, StoreError> {
        Ok(StoredException {
            row: KeptRow {
                record: natural(self.record)?,
                line: natural(self.line)?,
                raw: self.raw,
                category: self.category.as_deref().map(from_word).transpose()?,
                money: money(self.money),
                region: self.region.map(Text::from),
                product: self.product.map(Text::from),
                product_category: self.product_category.map(Text::from),
                key: self.row_key.map(Text::from),
                findings: from_json(&self.findings)?,
            },
            state: from_word(&self.state)?,
            version: natural(self.version)?,
            assignee: self.assignee,
            history,
        })
    }
}

#[derive(FromRow)]
pub(super) struct ChangeColumns {
    pub(super) record: i64,
    version: i64,
    time: String,
    actor: String,
    event: String,
    state: String,
    reason: Option<String>,
    assignee: Option<String>,
    cells: Option<String>,
    contract: Option<String>,
    evaluated_at: Option<String>,
    findings: Option<String>,
    entered_id: Option<String>,
    entered_record: Option<i64>,
    displaced_id: Option<String>,
    displaced_record: Option<i64>,
    entry: Option<i64>,
}

impl ChangeColumns {
    pub(super) fn change(self) -> Result<Change, StoreError> {
        let place = |id: Option<String>, record: Option<i64>| {
            let place = id.zip(record).map(|(id, record)| {
                Ok::<_, StoreError>(RowPlace {
                    run: run_id(id)?,
                    record: natural(record)?,
                })
            });
            place.transpose()
        };
        let judged = match (self.contract, self.evaluated_at, self.findings) {
            (Some(contract), Some(evaluated_at), Some(findings)) => Some(RowJudgement {
                contract,
                evaluated_at,
                findings: from_json(&findings)?,
            }),
            _ => None,
        };
        Ok(Change {
            version: natural(self.version)?,
            time: self.time,
            actor: self.actor,
            event: from_word(&self.event)?,
            state: from_word(&self.state)?,
            reason: self.reason,
            assignee: self.assignee,
            cells: self.cells.as_deref().map(from_json).transpose()?,
            judged,
            entered: place(self.entered_id, self.entered_record)?,
            displaced: place(self.displaced_id, self.displaced_record)?,
            entry: self.entry.map(natural).transpose()?,
        })
    }
}

//! Where rows came from that entered later: such a row is one of a file made of what was put right, and its origin is the
//! row of the file that somebody handed in.

use crate::{
    db::{Tx, rows},
    entry::run_id,
    error::StoreError,
    word::{json, natural},
};
use model::ledger::RowOrigin;
use sqlx::FromRow;
use std::collections::{BTreeSet, HashMap};

#[derive(FromRow)]
struct Columns {
    entered_run: i64,
    entered_record: i64,
    id: String,
    file_name: String,
    record: i64,
    line: i64,
}

/// Of those of `places`, each the number of a run and a record, that have one. An export that came back put right is a
/// file that was handed in: its rows have none.
pub(crate) async fn origins(
    tx: &mut Tx,
    workspace: &str,
    places: &[(i64, i64)],
) -> Result<HashMap<(i64, i64), RowOrigin>, StoreError> {
    if places.is_empty() {
        return Ok(HashMap::new());
    }
    let runs: BTreeSet<i64> = places.iter().map(|it| it.0).collect();
    let records: BTreeSet<i64> = places.iter().map(|it| it.1).collect();
    let found: Vec<Columns> = rows!(
        tx,
        "SELECT c.entered_run, c.entered_record, o.id, o.file_name, k.record, k.line \
         FROM json_each($2) w CROSS JOIN exception_changes c CROSS JOIN runs o CROSS JOIN kept_rows k \
         WHERE c.workspace = $1 AND c.entered_run = CAST(w.value AS BIGINT) AND c.entered_run IS NOT NULL \
         AND c.entered_record IN (SELECT CAST(value AS BIGINT) FROM json_each($3)) AND c.event <> 'returned' \
         AND o.number = c.run AND k.workspace = c.workspace AND k.run = c.run AND k.record = c.record",
        workspace,
        json(&runs)?,
        json(&records)?
    )?;
    let found = found.into_iter().map(|it| {
        let origin = RowOrigin {
            run: run_id(it.id)?,
            file_name: it.file_name,
            record: natural(it.record)?,
            line: natural(it.line)?,
        };
        Ok(((it.entered_run, it.entered_record), origin))
    });
    found.collect()
}

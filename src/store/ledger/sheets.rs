//! Where rows of the ledger stand in files that were read of several sheets.

use crate::{
    Store,
    db::rows,
    entry::run_id,
    error::StoreError,
    word::{from_json, json},
};
use model::{
    id::{RunId, WorkspaceId},
    ledger::StandingRow,
    verdict::Verdict,
};
use sqlx::FromRow;
use std::collections::{BTreeSet, HashMap};

#[derive(FromRow)]
struct Columns {
    id: String,
    verdict: String,
}

impl Store {
    /// Says of each row whose file was read of several sheets in which row of which one it stands.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn name_sheets(
        &self,
        workspace: &WorkspaceId,
        rows: &mut [StandingRow],
    ) -> Result<(), StoreError> {
        let runs: BTreeSet<&str> = rows.iter().map(|it| it.came().0.as_str()).collect();
        if runs.is_empty() {
            return Ok(());
        }
        let mut tx = self.db.read().await?;
        // Few files have several sheets, and only these verdicts say where each begins.
        let found: Vec<Columns> = rows!(
            &mut tx,
            "SELECT r.id, r.verdict FROM json_each($2) w CROSS JOIN runs r \
             WHERE r.workspace = $1 AND r.id = w.value AND r.verdict LIKE '%\"first_lines\":%'",
            workspace.as_str(),
            json(&runs)?
        )?;
        let mut of_sheets: HashMap<RunId, Verdict> = HashMap::new();
        for it in found {
            of_sheets.insert(run_id(it.id)?, from_json(&it.verdict)?);
        }
        for row in rows {
            let (run, _, line) = row.came();
            let verdict = of_sheets.get(run);
            row.sheet_row = verdict.and_then(|it| it.options.sheet_row(line));
        }
        Ok(())
    }
}

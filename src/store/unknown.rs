//! Values that no list knows, of one run beside the one before it under the same contract.

use crate::{
    Store, db::rows, entry::run_id, error::StoreError, exception_list::number, word::from_json,
};
use model::{
    finding::FindingData,
    id::{RunId, WorkspaceId},
    quality::{ContractPair, NewUnknowns, UnknownValue},
};
use std::{cmp::Reverse, collections::BTreeMap};

/// Controls that hold a cell to a list.
const OF_LISTS: [&str; 2] = ["REF01", "VAL05"];

/// Rows of a run that are looked at.
const LOOKED: i64 = 20_000;

/// Accepted rows and exceptions, by column and value.
type Unknowns = BTreeMap<(String, String), (u64, u64)>;

impl Store {
    /// The two newest runs of files that count under each contract and came between two ISO days, both included: the
    /// contract of the newest run first. A contract of one run has no pair.
    pub async fn contract_pairs(
        &self,
        workspace: &WorkspaceId,
        (from, to): (Option<&str>, Option<&str>),
    ) -> Result<Vec<ContractPair>, StoreError> {
        let mut tx = self.db.read().await?;
        let found: Vec<(String, String, String)> = rows!(
            &mut tx,
            "WITH counting AS (SELECT contract, id, row_number() OVER (PARTITION BY contract ORDER BY id DESC) AS place \
             FROM runs r WHERE workspace = $1 AND kind = 'file' AND status = 'complete' AND came_on >= $2 \
             AND ($3 = '' OR came_on <= $3) AND NOT EXISTS (SELECT 1 FROM withdrawals w \
             WHERE w.workspace = r.workspace AND w.run = r.number)) \
             SELECT a.contract, a.id, b.id FROM counting a JOIN counting b ON b.contract = a.contract AND b.place = 2 \
             WHERE a.place = 1 ORDER BY a.id DESC",
            workspace.as_str(),
            from.unwrap_or_default(),
            to.unwrap_or_default()
        )?;
        let pairs = found.into_iter().map(|(contract, now, before)| {
            Ok(ContractPair {
                contract,
                now: run_id(now)?,
                before: run_id(before)?,
            })
        });
        pairs.collect()
    }

    /// Values that no list knows in `now`, and none of which stands in `before`.
    pub async fn new_unknowns(
        &self,
        workspace: &WorkspaceId,
        before: &RunId,
        now: &RunId,
    ) -> Result<NewUnknowns, StoreError> {
        let (old, old_part) = self.unknowns(workspace, before).await?;
        let (new, new_part) = self.unknowns(workspace, now).await?;
        let new = new.into_iter().filter(|(it, _)| !old.contains_key(it));
        let mut values: Vec<UnknownValue> = new
            .map(|((column, value), (accepted, exceptions))| UnknownValue {
                column,
                value,
                accepted,
                exceptions,
            })
            .collect();
        values.sort_by_key(|it| Reverse(it.accepted + it.exceptions));
        Ok(NewUnknowns {
            values,
            is_part: old_part || new_part,
        })
    }

    /// With whether there are more rows than were looked at.
    async fn unknowns(
        &self,
        workspace: &WorkspaceId,
        run: &RunId,
    ) -> Result<(Unknowns, bool), StoreError> {
        let verdict = self.run(workspace, run).await?.verdict;
        let columns = verdict.map_or_else(Vec::new, |it| it.options.columns);
        let mut tx = self.db.read().await?;
        let number = number(&mut tx, workspace, run).await?;
        let found: Vec<(bool, String)> = rows!(
            &mut tx,
            "SELECT k.category IS NOT NULL, k.findings FROM (SELECT DISTINCT record FROM findings \
             WHERE workspace = $1 AND run = $2 AND code IN ('REF01', 'VAL05') ORDER BY record LIMIT $3) f \
             CROSS JOIN kept_rows k WHERE k.workspace = $1 AND k.run = $2 AND k.record = f.record",
            workspace.as_str(),
            number,
            LOOKED
        )?;
        let is_part = i64::try_from(found.len()).is_ok_and(|it| it >= LOOKED);
        let mut unknowns = Unknowns::new();
        for (is_exception, findings) in found {
            let findings: Vec<FindingData> = from_json(&findings)?;
            for it in findings {
                let place = it
                    .column
                    .and_then(|it| usize::try_from(it).ok()?.checked_sub(1));
                let column = place.and_then(|it| columns.get(it));
                let value = it.values.iter().find(|(name, _)| name == "value");
                let (Some(column), Some((_, value))) = (column, value) else {
                    continue;
                };
                if !OF_LISTS.contains(&it.code.as_str()) {
                    continue;
                }
                let name = column.column.as_ref().unwrap_or(&column.header);
                let sums = unknowns.entry((name.clone(), value.clone())).or_default();
                if is_exception {
                    sums.1 += 1;
                } else {
                    sums.0 += 1;
                }
            }
        }
        Ok((unknowns, is_part))
    }
}

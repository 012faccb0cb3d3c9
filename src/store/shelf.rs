//! The versions of a workspace's contracts: drafted, put in force, replaced or discarded; and retired, until they are
//! brought back. Each act has its entry in the same transaction.

use crate::{
    Store,
    contract::keep_contract,
    db::{Lock, Tx, execute, row, rows},
    entry::{self, Mark, run_id},
    error::StoreError,
    word::{from_word, integer, natural, word},
};
use model::{
    contract::{ContractVersion, PastFile, Retirement, VersionState},
    id::WorkspaceId,
    verdict::ContractRef,
};
use sqlx::FromRow;
use std::collections::BTreeMap;

/// A version that is to be made.
#[derive(Debug, Clone)]
pub struct NewDraft {
    pub contract: ContractRef,
    /// The canonical form, which the fingerprint is taken of.
    pub text: String,
    /// Fingerprint of what is in force under this name; None where nothing is.
    pub based_on: Option<String>,
    pub note: Option<String>,
}

/// Why a version does not come into the state that was asked for. Nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum ShelfError {
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Somebody put it in force or discarded it before.
    #[error("it is no draft any more")]
    Decided(VersionState),
    /// What it was drafted from is not what is in force, so that it would undo what nobody looked at.
    #[error("another version was put in force since it was drafted")]
    Overtaken,
    /// It is not in force, or was retired before; or it is not retired.
    #[error("it is not in the state that this needs")]
    State,
}

impl From<sqlx::Error> for ShelfError {
    fn from(error: sqlx::Error) -> Self {
        Self::Store(error.into())
    }
}

impl Store {
    /// Makes a draft, with the entry `contract.drafted`. What is in force stays so.
    pub async fn draft_contract(
        &self,
        workspace: &WorkspaceId,
        draft: &NewDraft,
        mark: &Mark,
    ) -> Result<ContractVersion, StoreError> {
        let mut tx = self.db.begin().await?;
        let number = add(&mut tx, workspace, draft, mark).await?;
        let made = one(&mut tx, workspace, &draft.contract.name, number).await?;
        tx.commit().await?;
        Ok(made)
    }

    /// Puts a draft in force, with the entry `contract.adopted`; what was in force is replaced. Of two drafts from one
    /// version, one can be put in force.
    pub async fn adopt_contract(
        &self,
        workspace: &WorkspaceId,
        name: &str,
        number: u64,
        reason: &str,
        mark: &Mark,
    ) -> Result<ContractVersion, ShelfError> {
        let mut tx = self.db.begin().await?;
        let made = adopt(&mut tx, workspace, name, number, reason, mark).await?;
        tx.commit().await.map_err(ShelfError::Store)?;
        Ok(made)
    }

    /// Drafts and puts in force at one time, with both entries: an earlier version again, or a whole list.
    pub async fn replace_contract(
        &self,
        workspace: &WorkspaceId,
        draft: &NewDraft,
        reason: &str,
        mark: &Mark,
    ) -> Result<ContractVersion, ShelfError> {
        let mut tx = self.db.begin().await?;
        let number = add(&mut tx, workspace, draft, mark).await?;
        let name = &draft.contract.name;
        let made = adopt(&mut tx, workspace, name, number, reason, mark).await?;
        tx.commit().await.map_err(ShelfError::Store)?;
        Ok(made)
    }

    /// Ends a draft that is not to be, with the entry `contract.discarded`.
    pub async fn discard_contract(
        &self,
        workspace: &WorkspaceId,
        name: &str,
        number: u64,
        reason: &str,
        mark: &Mark,
    ) -> Result<ContractVersion, ShelfError> {
        let mut tx = self.db.begin().await?;
        tx.lock(Lock::Chain, workspace.as_str()).await?;
        let draft = draft(&mut tx, workspace, name, number).await?;
        let mark = about(mark, &draft);
        let event = "contract.discarded";
        let place = entry::append(&mut tx, workspace, None, event, &mark).await?;
        let state = VersionState::Discarded;
        decide(&mut tx, workspace, &draft, state, reason, &mark, &place).await?;
        let made = one(&mut tx, workspace, name, number).await?;
        tx.commit().await.map_err(ShelfError::Store)?;
        Ok(made)
    }

    /// Retires the version in force, with the entry `contract.retired`: nothing of the name is in force from now on.
    pub async fn retire_contract(
        &self,
        workspace: &WorkspaceId,
        name: &str,
        number: u64,
        reason: &str,
        mark: &Mark,
    ) -> Result<Retirement, ShelfError> {
        let mut tx = self.db.begin().await?;
        tx.lock(Lock::Chain, workspace.as_str()).await?;
        let version = one(&mut tx, workspace, name, number).await?;
        let before = retired(&mut tx, workspace, Some(name)).await?;
        if version.state != VersionState::InForce || before.contains_key(name) {
            return Err(ShelfError::State);
        }
        let act = ("retired", "contract.retired");
        retire(&mut tx, workspace, &version, act, reason, mark).await?;
        tx.commit().await.map_err(ShelfError::Store)?;
        Ok(Retirement {
            number,
            at: mark.time.clone(),
            by: mark.actor.clone(),
            reason: reason.to_owned(),
        })
    }

    /// Puts a version that was retired in force again, with the entry `contract.returned`.
    pub async fn return_contract(
        &self,
        workspace: &WorkspaceId,
        name: &str,
        number: u64,
        reason: &str,
        mark: &Mark,
    ) -> Result<ContractVersion, ShelfError> {
        let mut tx = self.db.begin().await?;
        tx.lock(Lock::Chain, workspace.as_str()).await?;
        let version = one(&mut tx, workspace, name, number).await?;
        let before = retired(&mut tx, workspace, Some(name)).await?;
        if before.get(name).is_none_or(|it| it.number != number) {
            return Err(ShelfError::State);
        }
        let act = ("returned", "contract.returned");
        retire(&mut tx, workspace, &version, act, reason, mark).await?;
        tx.commit().await.map_err(ShelfError::Store)?;
        Ok(version)
    }

    /// What was in force last and is retired, by name.
    pub async fn retired_contracts(
        &self,
        workspace: &WorkspaceId,
    ) -> Result<BTreeMap<String, Retirement>, StoreError> {
        let mut tx = self.db.read().await?;
        retired(&mut tx, workspace, None).await
    }

    /// What is in force on the shelf, by name. Asked at each use, so that all processes see a change at once.
    pub async fn contracts_in_force(
        &self,
        workspace: &WorkspaceId,
    ) -> Result<Vec<ContractVersion>, StoreError> {
        let mut tx = self.db.read().await?;
        let found: Vec<VersionRow> = rows!(
            &mut tx,
            "SELECT v.*, c.version FROM contract_versions v \
             JOIN contracts c ON c.workspace = v.workspace AND c.fingerprint = v.fingerprint \
             WHERE v.workspace = $1 AND v.state = 'in-force' AND NOT EXISTS (SELECT 1 FROM contract_retirements t \
             WHERE t.workspace = v.workspace AND t.name = v.name AND t.number = v.number AND t.act = 'retired' \
             AND t.place = (SELECT max(place) FROM contract_retirements l \
             WHERE l.workspace = v.workspace AND l.name = v.name)) ORDER BY v.name",
            workspace.as_str()
        )?;
        found.into_iter().map(VersionRow::version).collect()
    }

    /// All versions of the shelf, or those of one name; by name, newest first.
    pub async fn contract_versions(
        &self,
        workspace: &WorkspaceId,
        name: Option<&str>,
    ) -> Result<Vec<ContractVersion>, StoreError> {
        let mut tx = self.db.read().await?;
        let found: Vec<VersionRow> = rows!(
            &mut tx,
            "SELECT v.*, c.version FROM contract_versions v \
             JOIN contracts c ON c.workspace = v.workspace AND c.fingerprint = v.fingerprint \
             WHERE v.workspace = $1 AND (CAST($2 AS TEXT) IS NULL OR v.name = $2) \
             ORDER BY v.name, v.number DESC",
            workspace.as_str(),
            name
        )?;
        found.into_iter().map(VersionRow::version).collect()
    }

    /// Files that were judged, under contracts of this name where one is given, and were not withdrawn; newest first.
    pub async fn past_files(
        &self,
        workspace: &WorkspaceId,
        name: Option<&str>,
        limit: u32,
    ) -> Result<Vec<PastFile>, StoreError> {
        let mut tx = self.db.read().await?;
        let found: Vec<(String, String, String, i64)> = rows!(
            &mut tx,
            "SELECT id, file_name, created_at, coalesce(rows_read, 0) FROM runs r WHERE workspace = $1 \
             AND (CAST($2 AS TEXT) IS NULL OR contract = $2) AND kind = 'file' AND status IN ('complete', 'held') AND NOT EXISTS \
             (SELECT 1 FROM withdrawals w WHERE w.workspace = r.workspace AND w.run = r.number) \
             ORDER BY id DESC LIMIT $3",
            workspace.as_str(),
            name,
            i64::from(limit)
        )?;
        let files = found.into_iter().map(|(id, file_name, created_at, rows)| {
            Ok(PastFile {
                run: run_id(id)?,
                file_name,
                created_at,
                rows: natural(rows)?,
            })
        });
        files.collect()
    }

    pub async fn contract_version(
        &self,
        workspace: &WorkspaceId,
        name: &str,
        number: u64,
    ) -> Result<ContractVersion, StoreError> {
        let mut tx = self.db.read().await?;
        one(&mut tx, workspace, name, number).await
    }
}

async fn add(
    tx: &mut Tx,
    workspace: &WorkspaceId,
    draft: &NewDraft,
    mark: &Mark,
) -> Result<u64, StoreError> {
    tx.lock(Lock::Chain, workspace.as_str()).await?;
    let name = draft.contract.name.as_str();
    let last: Option<(Option<i64>,)> = row!(
        tx,
        "SELECT max(number) FROM contract_versions WHERE workspace = $1 AND name = $2",
        workspace.as_str(),
        name
    )?;
    let number = last.and_then(|(it,)| it).unwrap_or(0) + 1;
    keep_contract(tx, workspace, &draft.contract, &draft.text).await?;
    let fingerprint = draft.contract.fingerprint.as_str();
    let mut said = of(mark, name, number, fingerprint);
    if let Some(based_on) = &draft.based_on {
        said = said.with("based_on", based_on);
    }
    let place = entry::append(tx, workspace, None, "contract.drafted", &said).await?;
    execute!(
        tx,
        "INSERT INTO contract_versions (workspace, name, number, fingerprint, state, based_on, made_at, made_by, \
         note, made_entry) VALUES ($1, $2, $3, $4, 'draft', $5, $6, $7, $8, $9)",
        workspace.as_str(),
        name,
        number,
        fingerprint,
        draft.based_on.as_deref(),
        mark.time.as_str(),
        mark.actor.as_str(),
        draft.note.as_deref(),
        integer(place.sequence)?
    )?;
    natural(number)
}

async fn adopt(
    tx: &mut Tx,
    workspace: &WorkspaceId,
    name: &str,
    number: u64,
    reason: &str,
    mark: &Mark,
) -> Result<ContractVersion, ShelfError> {
    tx.lock(Lock::Chain, workspace.as_str()).await?;
    let draft = draft(tx, workspace, name, number).await?;
    let before: Option<(i64, String)> = row!(
        tx,
        "SELECT number, fingerprint FROM contract_versions \
         WHERE workspace = $1 AND name = $2 AND state = 'in-force'",
        workspace.as_str(),
        name
    )?;
    let mut mark = about(mark, &draft);
    if let Some((before, fingerprint)) = before {
        // What was drafted while nothing was in force undoes nothing.
        let is_retired = retired(tx, workspace, Some(name)).await?.contains_key(name);
        let based_on = draft.based_on.as_deref();
        if based_on != Some(fingerprint.as_str()) && !(is_retired && based_on.is_none()) {
            return Err(ShelfError::Overtaken);
        }
        mark = mark.with("replaces", before);
        execute!(
            tx,
            "UPDATE contract_versions SET state = 'replaced' WHERE workspace = $1 AND name = $2 AND number = $3",
            workspace.as_str(),
            name,
            before
        )?;
    }
    let place = entry::append(tx, workspace, None, "contract.adopted", &mark).await?;
    let state = VersionState::InForce;
    decide(tx, workspace, &draft, state, reason, &mark, &place).await?;
    Ok(one(tx, workspace, name, number).await?)
}

async fn decide(
    tx: &mut Tx,
    workspace: &WorkspaceId,
    draft: &ContractVersion,
    state: VersionState,
    reason: &str,
    mark: &Mark,
    place: &audit::Checkpoint,
) -> Result<(), StoreError> {
    execute!(
        tx,
        "UPDATE contract_versions SET state = $4, decided_at = $5, decided_by = $6, reason = $7, decided_entry = $8 \
         WHERE workspace = $1 AND name = $2 AND number = $3",
        workspace.as_str(),
        draft.contract.name.as_str(),
        integer(draft.number)?,
        word(state)?,
        mark.time.as_str(),
        mark.actor.as_str(),
        reason,
        integer(place.sequence)?
    )?;
    Ok(())
}

async fn retire(
    tx: &mut Tx,
    workspace: &WorkspaceId,
    version: &ContractVersion,
    (act, event): (&str, &str),
    reason: &str,
    mark: &Mark,
) -> Result<(), StoreError> {
    let mark = about(mark, version);
    let entry = entry::append(tx, workspace, None, event, &mark).await?;
    execute!(
        tx,
        "INSERT INTO contract_retirements (workspace, name, place, number, act, time, actor, reason, entry) \
         SELECT $1, $2, 1 + coalesce(max(place), 0), $3, $4, $5, $6, $7, $8 FROM contract_retirements \
         WHERE workspace = $1 AND name = $2",
        workspace.as_str(),
        version.contract.name.as_str(),
        integer(version.number)?,
        act,
        mark.time.as_str(),
        mark.actor.as_str(),
        reason,
        integer(entry.sequence)?
    )?;
    Ok(())
}

/// Of one name or of all: what is retired by the last act upon it. Where another version was put in force since, it is
/// not.
async fn retired(
    tx: &mut Tx,
    workspace: &WorkspaceId,
    name: Option<&str>,
) -> Result<BTreeMap<String, Retirement>, StoreError> {
    let found: Vec<(String, i64, String, String, String)> = rows!(
        tx,
        "SELECT t.name, t.number, t.time, t.actor, t.reason FROM contract_retirements t \
         JOIN contract_versions v ON v.workspace = t.workspace AND v.name = t.name AND v.number = t.number \
         WHERE t.workspace = $1 AND (CAST($2 AS TEXT) IS NULL OR t.name = $2) AND t.act = 'retired' \
         AND v.state = 'in-force' AND t.place = (SELECT max(place) FROM contract_retirements l \
         WHERE l.workspace = t.workspace AND l.name = t.name)",
        workspace.as_str(),
        name
    )?;
    let found = found.into_iter().map(|(name, number, at, by, reason)| {
        let number = natural(number)?;
        Ok((
            name,
            Retirement {
                number,
                at,
                by,
                reason,
            },
        ))
    });
    found.collect()
}

/// What an entry says of a version.
fn about(mark: &Mark, version: &ContractVersion) -> Mark {
    let contract = &version.contract;
    of(mark, &contract.name, version.number, &contract.fingerprint)
}

fn of(mark: &Mark, name: &str, number: impl ToString, fingerprint: &str) -> Mark {
    let mark = mark.clone().with("contract", name);
    let mark = mark.with("number", number);
    mark.with("fingerprint", fingerprint)
}

/// A version that nobody has decided on.
async fn draft(
    tx: &mut Tx,
    workspace: &WorkspaceId,
    name: &str,
    number: u64,
) -> Result<ContractVersion, ShelfError> {
    let found = one(tx, workspace, name, number).await?;
    match found.state {
        VersionState::Draft => Ok(found),
        state => Err(ShelfError::Decided(state)),
    }
}

async fn one(
    tx: &mut Tx,
    workspace: &WorkspaceId,
    name: &str,
    number: u64,
) -> Result<ContractVersion, StoreError> {
    // A number that no database has is that of no version.
    let number = i64::try_from(number).map_err(|_| StoreError::NotFound)?;
    let found: Option<VersionRow> = row!(
        tx,
        "SELECT v.*, c.version FROM contract_versions v \
         JOIN contracts c ON c.workspace = v.workspace AND c.fingerprint = v.fingerprint \
         WHERE v.workspace = $1 AND v.name = $2 AND v.number = $3",
        workspace.as_str(),
        name,
        number
    )?;
    found.ok_or(StoreError::NotFound)?.version()
}

#[derive(FromRow)]
struct VersionRow {
    name: String,
    number: i64,
    version: String,
    fingerprint: String,
    state: String,
    based_on: Option<String>,
    made_at: String,
    made_by: String,
    note: Option<String>,
    decided_at: Option<String>,
    decided_by: Option<String>,
    reason: Option<String>,
}

impl VersionRow {
    fn version(self) -> Result<ContractVersion, StoreError> {
        Ok(ContractVersion {
            contract: ContractRef {
                name: self.name,
                version: self.version,
                fingerprint: self.fingerprint,
            },
            number: natural(self.number)?,
            state: from_word(&self.state)?,
            based_on: self.based_on,
            made_at: self.made_at,
            made_by: self.made_by,
            note: self.note,
            decided_at: self.decided_at,
            decided_by: self.decided_by,
            reason: self.reason,
        })
    }
}

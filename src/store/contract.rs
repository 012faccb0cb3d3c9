//! The contracts that runs were judged under, whole: each once in a workspace.

use crate::{Store, db::Tx, error::StoreError};
use model::{id::WorkspaceId, verdict::ContractRef};

/// Keeps a contract unless it is kept already.
pub(crate) async fn keep_contract(
    tx: &mut Tx,
    workspace: &WorkspaceId,
    contract: &ContractRef,
    text: &str,
) -> Result<(), StoreError> {
    sqlx::query(
        "INSERT INTO contracts (workspace, fingerprint, name, version, text) VALUES ($1, $2, $3, $4, $5) \
         ON CONFLICT (workspace, fingerprint) DO NOTHING",
    )
    .bind(workspace.as_str())
    .bind(contract.fingerprint.as_str())
    .bind(contract.name.as_str())
    .bind(contract.version.as_str())
    .bind(text)
    .execute(&mut **tx)
    .await?;
    Ok(())
}

impl Store {
    /// The canonical form of a contract that a run of this workspace was begun under. None for one of a run that
    /// was begun before these were kept.
    pub async fn contract(
        &self,
        workspace: &WorkspaceId,
        fingerprint: &str,
    ) -> Result<Option<String>, StoreError> {
        let found = sqlx::query_scalar(
            "SELECT text FROM contracts WHERE workspace = $1 AND fingerprint = $2",
        )
        .bind(workspace.as_str())
        .bind(fingerprint)
        .fetch_optional(&self.db.read)
        .await?;
        Ok(found)
    }
}

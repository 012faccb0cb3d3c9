//! The contracts that runs were judged under, whole: each once in a workspace.

use crate::{
    Store,
    db::{Tx, execute, row},
    error::StoreError,
};
use model::{id::WorkspaceId, verdict::ContractRef};

/// Keeps a contract unless it is kept already.
pub(crate) async fn keep_contract(
    tx: &mut Tx,
    workspace: &WorkspaceId,
    contract: &ContractRef,
    text: &str,
) -> Result<(), StoreError> {
    execute!(
        tx,
        "INSERT INTO contracts (workspace, fingerprint, name, version, text) VALUES ($1, $2, $3, $4, $5) \
         ON CONFLICT (workspace, fingerprint) DO NOTHING",
        workspace.as_str(),
        contract.fingerprint.as_str(),
        contract.name.as_str(),
        contract.version.as_str(),
        text
    )?;
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
        let mut tx = self.db.read().await?;
        let found: Option<(String,)> = row!(
            &mut tx,
            "SELECT text FROM contracts WHERE workspace = $1 AND fingerprint = $2",
            workspace.as_str(),
            fingerprint
        )?;
        Ok(found.map(|(text,)| text))
    }
}

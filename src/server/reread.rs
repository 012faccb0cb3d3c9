//! Exceptions of an earlier version, of which it was not kept what regions and products they say: their files are asked
//! once, when the server starts.

use crate::run::{
    judge::JudgeError,
    stored::{self, CouldNot},
};
use model::{
    id::{RunId, WorkspaceId},
    row::Said,
};
use std::{collections::BTreeMap, error::Error};
use store::{Store, StoreError};

/// Asks the files of all such runs, the newest first. What a file that is gone said stays unknown.
///
/// # Errors
/// When the store fails. What was told before that stays.
pub async fn reread(store: &Store) -> Result<(), StoreError> {
    let unread = store.unread_exceptions().await?;
    if let runs @ 1.. = unread.len() {
        tracing::info!(runs, "files of an earlier version are read once more");
    }
    for (workspace, run) in unread {
        let said = match sayings(store, &workspace, &run).await {
            Ok(said) => said,
            Err(CouldNot::Store(error)) => return Err(error),
            Err(error) => {
                let error = &error as &dyn Error;
                tracing::warn!(%run, error, "products of a run's exceptions stay unknown");
                BTreeMap::new()
            }
        };
        store.tell_exceptions(&workspace, &run, &said).await?;
    }
    Ok(())
}

async fn sayings(
    store: &Store,
    workspace: &WorkspaceId,
    id: &RunId,
) -> Result<BTreeMap<Said, Vec<u64>>, CouldNot> {
    let run = store.run(workspace, id).await?;
    let (file, terms) = stored::open(store, &run).await?;
    let wanted = store.exception_records(workspace, id).await?;
    stored::aside(move || {
        let (source, judgement) = terms.judge(file)?;
        let mut said: BTreeMap<Said, Vec<u64>> = BTreeMap::new();
        for batch in 0..judgement.batches() {
            let some = judgement.sayings(&source, batch, &wanted);
            for (record, it) in some.map_err(JudgeError::from)? {
                said.entry(it).or_default().push(record);
            }
        }
        Ok(said)
    })
    .await
}

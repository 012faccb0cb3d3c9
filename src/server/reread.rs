//! Exceptions of an earlier version, of which it was not kept what regions and products they say: their files are asked
//! once, when the server starts.

use crate::{
    contracts,
    run::judge::{self, JudgeError},
    source::FileSource,
};
use engine::day::Moment;
use model::{
    id::{RunId, WorkspaceId},
    row::Said,
};
use std::{collections::BTreeMap, error::Error};
use store::{Store, StoreError};
use thiserror::Error;

/// Why a file cannot be asked.
#[derive(Debug, Error)]
enum CouldNot {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Judge(#[from] JudgeError),
    #[error("{0}")]
    Because(&'static str),
}

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
    let kept = run.verdict.ok_or(CouldNot::Because("it has no verdict"))?;
    let text = store.contract(workspace, &kept.contract.fingerprint);
    let contract = contracts::kept(text.await?.as_deref());
    let contract = contract.ok_or(CouldNot::Because("its contract cannot be read"))?;
    let file = FileSource::raw(store.raw(), workspace, &run.summary.file_digest).await;
    let file = file.map_err(|error| match error {
        StoreError::NotFound => CouldNot::Because("its file is gone"),
        other => other.into(),
    })?;
    let wanted = store.exception_records(workspace, id).await?;
    let asking = tokio::task::spawn_blocking(move || {
        let source = judge::unpack(file, &contract, &run.choice)?;
        let at = Moment::parse(&run.evaluated_at);
        let at = at.ok_or(CouldNot::Because("it has no moment of judging"))?;
        let judgement = judge::judge(&source, &contract, &run.choice, at)?;
        let mut said: BTreeMap<Said, Vec<u64>> = BTreeMap::new();
        for batch in 0..judgement.batches() {
            let some = judgement.sayings(&source, batch, &wanted);
            for (record, it) in some.map_err(JudgeError::from)? {
                said.entry(it).or_default().push(record);
            }
        }
        Ok(said)
    });
    // A thread that is stopped stops with the whole server.
    asking
        .await
        .unwrap_or(Err(CouldNot::Because("the judging was stopped")))
}

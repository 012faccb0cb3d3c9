//! Files that come in piecemeal, over several connections: what has arrived stays, and when the last byte is there, the
//! file goes to the raw store and its run begins. Each step can be cut off and is done again.

use crate::{
    api::upload::Said,
    checksum::Checksum,
    clock,
    exception::Who,
    problem::Problem,
    run::{Runs, Submitted},
    state::Server,
    upload::{Cut, Details, Digests, Received, UploadError},
};
use bytes::Bytes;
use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use futures::{Stream, StreamExt};
use model::id::{RunId, UploadId, WorkspaceId};
use serde::{Deserialize, Serialize};
use std::{error::Error, time::Duration};
use store::{Mark, NewPiecemeal, Piecemeal, PiecemealState, StoreError, Whole};
use thiserror::Error;

/// How long a file is waited for, from its announcement.
const KEPT: TimeDelta = TimeDelta::hours(24);

/// A sender that says nothing for so long is gone.
const SILENCE: Duration = Duration::from_secs(60);

/// What a sender says of a file before its first byte.
#[derive(Debug, Serialize, Deserialize)]
pub struct Announced {
    pub said: Said,
    #[serde(default)]
    pub who: Who,
    pub media_type: Option<String>,
}

/// Where a file stands.
#[derive(Debug)]
pub struct Standing {
    pub workspace: WorkspaceId,
    /// All that is to come, and what of it is here.
    pub bytes: u64,
    pub arrived: u64,
    pub expires_at: String,
    /// What it became.
    pub run: Option<RunId>,
}

#[derive(Debug, Error)]
pub enum PiecemealError {
    #[error("there is no such upload")]
    NotFound,
    #[error("{arrived} bytes have arrived")]
    WrongOffset { arrived: u64 },
    #[error("more came than was announced")]
    TooMuch,
    #[error("what came is not what its checksum says")]
    WrongChecksum,
    #[error("another connection sends it now")]
    CalledAway,
    /// What was said of the file makes no sense, or no longer.
    #[error("what was said of the file makes no sense")]
    Said(Box<Problem>),
    #[error(transparent)]
    Upload(#[from] UploadError),
}

impl From<StoreError> for PiecemealError {
    fn from(error: StoreError) -> Self {
        Self::Upload(error.into())
    }
}

impl Announced {
    pub async fn details(&self, runs: &Runs) -> Result<Details, PiecemealError> {
        let media_type = self.media_type.clone();
        let details = self.said.clone();
        let details = details.details(runs, self.who.clone(), None, media_type);
        details
            .await
            .map_err(|problem| PiecemealError::Said(Box::new(problem)))
    }
}

/// Announces a file of so many bytes.
///
/// # Errors
/// When it would be too large, what is said of it makes no sense, or the store fails.
pub async fn announce(
    server: &Server,
    announced: &Announced,
    bytes: u64,
) -> Result<PiecemealState, PiecemealError> {
    let limit = server.runs.max_upload();
    if bytes > limit {
        return Err(UploadError::TooLarge { limit }.into());
    }
    let details = announced.details(&server.runs).await?;
    let said = serde_json::to_string(announced);
    let id = clock::upload_id();
    let file = NewPiecemeal {
        workspace: details.workspace,
        bytes,
        said: said.map_err(|error| StoreError::Corrupt(Box::new(error)))?,
        expires_at: (clock::now() + KEPT).to_rfc3339_opts(SecondsFormat::Millis, true),
        id,
    };
    let mark = mark(&file, &announced.who.actor).with("file_bytes", bytes);
    server.store.begin_piecemeal(&file, &mark).await?;
    Ok(PiecemealState {
        file,
        actor: mark.actor,
        begun_at: mark.time,
        whole: None,
        completed: false,
    })
}

/// Adds what comes to a file of which `offset` bytes are here. Whatever ends it, what arrived stays; but where a checksum
/// was given of it, all of it stays or nothing.
///
/// # Errors
/// When that many are not here, the sender is cut off or sends too much or something else than the checksum says, or the
/// store fails.
pub async fn append(
    server: &Server,
    workspace: &WorkspaceId,
    id: &UploadId,
    offset: u64,
    checksum: Option<Checksum>,
    body: &mut (impl Stream<Item = Result<Bytes, Cut>> + Send + Unpin),
) -> Result<Standing, PiecemealError> {
    let (state, mut file) = take(server, workspace, id).await?;
    let arrived = arrived(&state, &file);
    if arrived != offset {
        return Err(PiecemealError::WrongOffset { arrived });
    }
    if state.whole.is_none() {
        let bytes = state.file.bytes;
        let received = match checksum {
            None => receive(&mut file, bytes, &mut |_| {}, body).await,
            Some(checksum) => checked(&mut file, bytes, checksum, body).await,
        };
        // Nothing may still be on its way to the disk when the next connection looks at the file.
        let synced = file.sync().await;
        received?;
        synced?;
    }
    settle(server, state, file).await
}

async fn checked(
    file: &mut Piecemeal<'_>,
    bytes: u64,
    mut checksum: Checksum,
    body: &mut (impl Stream<Item = Result<Bytes, Cut>> + Send + Unpin),
) -> Result<(), PiecemealError> {
    let before = file.bytes();
    let received = receive(file, bytes, &mut |piece| checksum.update(piece), body).await;
    let checked = received.and_then(|()| match checksum.holds() {
        true => Ok(()),
        false => Err(PiecemealError::WrongChecksum),
    });
    if checked.is_err() {
        // Of a part nobody knows whether it is right.
        file.cut_back(before).await?;
    }
    checked
}

/// Shows `look` each piece that was added.
async fn receive(
    file: &mut Piecemeal<'_>,
    bytes: u64,
    look: &mut (dyn FnMut(&[u8]) + Send),
    body: &mut (impl Stream<Item = Result<Bytes, Cut>> + Send + Unpin),
) -> Result<(), PiecemealError> {
    let before = file.bytes();
    loop {
        let chunk = tokio::select! {
            biased;
            () = file.called_away() => return Err(PiecemealError::CalledAway),
            chunk = tokio::time::timeout(SILENCE, body.next()) => chunk,
        };
        let chunk = match chunk {
            Ok(None) => return Ok(()),
            Ok(Some(chunk)) => chunk.map_err(UploadError::from)?,
            Err(_) => return Err(UploadError::from(Cut).into()),
        };
        let count = u64::try_from(chunk.len()).unwrap_or(u64::MAX);
        if count > bytes.saturating_sub(file.bytes()) {
            // It is not known which of these bytes are the file's.
            file.cut_back(before).await?;
            return Err(PiecemealError::TooMuch);
        }
        file.append(&chunk).await?;
        look(&chunk);
    }
}

/// Where a file stands, as durably as it is told. Whoever sends it at this moment is called away: its sender asks. A
/// file that is here as a whole gets its run, if it has none yet.
///
/// # Errors
/// When there is none, or its run cannot begin.
pub async fn stand(
    server: &Server,
    workspace: &WorkspaceId,
    id: &UploadId,
) -> Result<Standing, PiecemealError> {
    let (state, file) = take(server, workspace, id).await?;
    settle(server, state, file).await
}

/// Ends a file, with the entry of this event unless it has its run; what arrived of it is removed.
///
/// # Errors
/// When there is none, or the store fails.
pub async fn end(
    server: &Server,
    workspace: &WorkspaceId,
    id: &UploadId,
    event: &str,
    actor: &str,
) -> Result<(), PiecemealError> {
    let (state, file) = take(server, workspace, id).await?;
    let mark = mark(&state.file, actor)
        .with("file_bytes", state.file.bytes)
        .with("received_bytes", arrived(&state, &file));
    if !state.completed {
        file.remove().await?;
    }
    let store = &server.store;
    store.forget_piecemeal(workspace, id, event, &mark).await?;
    if let Some(whole) = state.whole.filter(|_| !state.completed) {
        // It went to its address, and its run could not begin.
        let (who, file) = ((workspace, actor), (&*whole.blake3, state.file.bytes));
        server.runs.refuse(who, file, "no-run").await;
    }
    Ok(())
}

/// Ends the files whose time is over at `now`.
///
/// # Errors
/// When the store fails; of one file alone, that is logged.
pub async fn expire(server: &Server, now: DateTime<Utc>) -> Result<(), StoreError> {
    let now = now.to_rfc3339_opts(SecondsFormat::Millis, true);
    for NewPiecemeal { workspace, id, .. } in server
        .store
        .expired(&now)
        .await?
        .into_iter()
        .map(|it| it.file)
    {
        if let Err(error) = end(server, &workspace, &id, "upload.expired", "system").await {
            let error: &dyn Error = &error;
            tracing::error!(%id, error, "an upload whose time is over stays");
        }
    }
    Ok(())
}

/// Begins the runs of files that were whole when a crash cut that off.
///
/// # Errors
/// When the store cannot say which these are; of one file alone, that is logged.
pub async fn resume(server: &Server) -> Result<(), StoreError> {
    for state in server.store.all_coming_in().await? {
        let NewPiecemeal {
            workspace,
            id,
            bytes,
            ..
        } = &state.file;
        let raw = server.store.raw();
        if state.whole.is_none() && raw.arrived(id.as_str()).await? < *bytes {
            continue;
        }
        if let Err(error) = stand(server, workspace, id).await {
            let error: &dyn Error = &error;
            tracing::error!(%id, error, "an upload that has arrived has no run yet");
        }
    }
    Ok(())
}

/// A file in hand, and what is known of it since then. What is not known is not made.
async fn take<'s>(
    server: &'s Server,
    workspace: &WorkspaceId,
    id: &UploadId,
) -> Result<(PiecemealState, Piecemeal<'s>), PiecemealError> {
    let store = &server.store;
    if store.piecemeal(workspace, id).await?.is_none() {
        return Err(PiecemealError::NotFound);
    }
    let file = store.raw().take_over(id.as_str()).await?;
    let state = store.piecemeal(workspace, id).await?;
    if state.as_ref().is_none_or(|it| it.completed) {
        file.remove().await?;
    }
    let state = state.ok_or(PiecemealError::NotFound)?;
    Ok((state, file))
}

/// Once it was seen whole, the file may have left staging.
fn arrived(state: &PiecemealState, file: &Piecemeal<'_>) -> u64 {
    match state.whole {
        Some(_) => state.file.bytes,
        None => file.bytes(),
    }
}

async fn settle(
    server: &Server,
    state: PiecemealState,
    mut file: Piecemeal<'_>,
) -> Result<Standing, PiecemealError> {
    let arrived = arrived(&state, &file);
    let run = match &state.whole {
        Some(whole) if state.completed => Some(whole.run.clone()),
        _ if arrived < state.file.bytes => None,
        _ => Some(begin(server, &state, &mut file).await?),
    };
    Ok(Standing {
        workspace: state.file.workspace,
        bytes: state.file.bytes,
        arrived,
        expires_at: state.file.expires_at,
        run,
    })
}

/// Begins the run of a file that is here as a whole. The run's id is kept before the file goes to its address, and the
/// run begins under it: so this can be cut off anywhere and be done again.
async fn begin(
    server: &Server,
    state: &PiecemealState,
    file: &mut Piecemeal<'_>,
) -> Result<RunId, PiecemealError> {
    let store = &server.store;
    let NewPiecemeal {
        workspace,
        id,
        bytes,
        said,
        ..
    } = &state.file;
    let announced: Announced =
        serde_json::from_str(said).map_err(|error| StoreError::Corrupt(Box::new(error)))?;
    let details = announced.details(&server.runs).await?;
    let whole = match &state.whole {
        Some(whole) => whole.clone(),
        None => {
            let mut digests = Digests::default();
            file.each(|piece| digests.update(piece)).await?;
            let (blake3, sha256) = digests.finish();
            let run = clock::run_id();
            let whole = Whole {
                blake3,
                sha256,
                run,
            };
            store.keep_whole(workspace, id, &whole).await?
        }
    };
    let local = if file.bytes() == *bytes {
        file.finish(workspace, &whole.blake3).await?
    } else {
        file.remove().await?;
        store.raw().local(workspace, &whole.blake3).await?
    };
    let run = match store.run(workspace, &whole.run).await {
        Ok(_) => whole.run,
        Err(StoreError::NotFound) => {
            let received = Received {
                bytes: *bytes,
                blake3: whole.blake3,
                sha256: whole.sha256,
                local,
            };
            match server.runs.begin_as(whole.run, details, received).await? {
                Submitted::Begun(run) => run.summary.id,
                Submitted::Earlier(earlier) => earlier.id,
            }
        }
        Err(error) => return Err(error.into()),
    };
    let mark = mark(&state.file, &state.actor).with("file_bytes", bytes);
    store.complete_piecemeal(workspace, id, &run, &mark).await?;
    Ok(run)
}

fn mark(file: &NewPiecemeal, actor: &str) -> Mark {
    Mark::new(clock::now_text(), actor).with("upload", &file.id)
}

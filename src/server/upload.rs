//! A file on its way in: streamed to the raw store while it is hashed, and nothing kept unless all of it came.

use crate::{clock, run::instant::JudgedAt};
use bytes::Bytes;
use engine::contract::Contract;
use futures::{Stream, TryStreamExt};
use model::{
    id::{RunId, WorkspaceId},
    options::Choice,
    receipt::Receipt,
    run::{Admission, Way},
};
use sha2::{Digest, Sha256};
use std::{error::Error, sync::Arc};
use store::{LocalFile, Mark, RawFiles, Store, StoreError};
use thiserror::Error;

/// What is said of a file besides its bytes.
#[derive(Debug, Clone)]
pub struct Details {
    pub workspace: WorkspaceId,
    pub file_name: String,
    pub media_type: String,
    pub way: Way,
    pub actor: String,
    pub note: Option<String>,
    /// Judge anew what was judged already.
    pub again: bool,
    pub admission: Admission,
    /// The run whose place the file's is to take.
    pub replaces: Option<RunId>,
    pub judged_at: JudgedAt,
    pub choice: Choice,
    /// None where the one is to be taken that fits the file's header.
    pub contract: Option<Arc<Contract>>,
    pub browser_receipt: Option<Receipt>,
}

/// A file that is durable in the raw store. Digests are lowercase hexadecimal.
#[derive(Debug, Clone)]
pub struct Received {
    pub bytes: u64,
    pub blake3: String,
    pub sha256: String,
    /// Held until its run has read it, so that what is kept elsewhere need not come back.
    pub local: LocalFile,
}

/// The sender is gone, or its bytes cannot be read, in the middle of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("the connection was cut in the middle of the file")]
pub struct Cut;

/// Why a file was not taken. Nothing of it is kept.
#[derive(Debug, Error)]
pub enum UploadError {
    #[error("the file is larger than {limit} bytes")]
    TooLarge { limit: u64 },
    #[error(transparent)]
    Cut(#[from] Cut),
    #[error("the disk is full")]
    Full(#[source] StoreError),
    #[error("the run that was to be replaced cannot be")]
    NotReplaceable,
    /// The same bytes were refused to another sender at this moment.
    #[error("the file was cleared away meanwhile")]
    Gone,
    #[error("the store failed")]
    Store(#[source] StoreError),
}

impl UploadError {
    /// For its entry.
    pub const fn reason(&self) -> &'static str {
        match self {
            Self::TooLarge { .. } => "too-large",
            Self::Cut(_) => "connection-cut",
            Self::Full(_) => "disk-full",
            Self::NotReplaceable => "not-replaceable",
            Self::Gone => "cleared-away",
            Self::Store(_) => "store-failed",
        }
    }
}

impl From<StoreError> for UploadError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Full(_) => Self::Full(error),
            other => Self::Store(other),
        }
    }
}

/// Takes the whole body, at most `limit` bytes. `expected` is the length that the sender announced, where it
/// did: a body that ends before it was cut. What keeps the file out gets an entry in the audit log.
///
/// # Errors
/// When the file is too large, cut, or cannot be stored.
pub async fn receive(
    store: &Store,
    details: &Details,
    body: impl Stream<Item = Result<Bytes, Cut>> + Send,
    expected: Option<u64>,
    limit: u64,
) -> Result<Received, UploadError> {
    let mut bytes = 0;
    let taken = if expected.is_some_and(|it| it > limit) {
        Err(UploadError::TooLarge { limit })
    } else {
        take(store.raw(), details, body, expected, limit, &mut bytes).await
    };
    if let Err(error) = &taken {
        note(store, details, error, bytes).await;
    }
    taken
}

async fn take(
    raw: &RawFiles,
    details: &Details,
    body: impl Stream<Item = Result<Bytes, Cut>> + Send,
    expected: Option<u64>,
    limit: u64,
    bytes: &mut u64,
) -> Result<Received, UploadError> {
    let mut upload = raw.begin().await?;
    let mut digests = Digests::default();
    let mut body = std::pin::pin!(body);
    let written: Result<(), UploadError> = async {
        while let Some(chunk) = body.try_next().await? {
            *bytes += u64::try_from(chunk.len()).unwrap_or(u64::MAX);
            if *bytes > limit {
                return Err(UploadError::TooLarge { limit });
            }
            digests.update(&chunk);
            upload.write(chunk).await?;
        }
        if expected.is_some_and(|it| it != *bytes) {
            return Err(Cut.into());
        }
        Ok(())
    }
    .await;
    if let Err(error) = written {
        // What cannot be removed now is swept at the next start; the first error is the one to tell.
        if let Err(error) = upload.abort().await {
            tracing::warn!(
                error = &error as &dyn Error,
                "an upload's staging file stays"
            );
        }
        return Err(error);
    }
    let (blake3, sha256) = digests.finish();
    let local = upload.finish(&details.workspace, &blake3).await?;
    Ok(Received {
        bytes: *bytes,
        blake3,
        sha256,
        local,
    })
}

/// Both digests of a file, taken on the way.
#[derive(Default)]
pub struct Digests {
    blake3: blake3::Hasher,
    sha256: Sha256,
}

impl Digests {
    pub fn update(&mut self, piece: &[u8]) {
        self.blake3.update(piece);
        self.sha256.update(piece);
    }

    /// BLAKE3 and SHA-256 in lowercase hexadecimal.
    pub fn finish(self) -> (String, String) {
        let sha256 = self.sha256.finalize();
        let sha256 = sha256.iter().map(|it| format!("{it:02x}")).collect();
        (self.blake3.finalize().to_hex().to_string(), sha256)
    }
}

/// The entry of a file that was not taken. Where the store cannot take even that, the log has it alone.
async fn note(store: &Store, details: &Details, error: &UploadError, bytes: u64) {
    let reason = error.reason();
    let event = match error {
        UploadError::Cut(_) => "upload.cut",
        _ => "upload.refused",
    };
    tracing::warn!(
        workspace = %details.workspace, bytes, reason,
        error = error as &dyn Error, "a file was not taken"
    );
    let mut mark = Mark::new(clock::now_text(), details.actor.as_str())
        .with("reason", reason)
        .with("received_bytes", bytes);
    if let UploadError::TooLarge { limit } = error {
        mark = mark.with("limit_bytes", limit);
    }
    if let Err(error) = store.append(&details.workspace, None, event, &mark).await {
        tracing::error!(
            error = &error as &dyn Error,
            event,
            "an entry could not be written"
        );
    }
}

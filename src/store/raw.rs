//! The raw files, as they came, under workspace and digest. Written once, never changed.

use crate::error::StoreError;
use bytes::Bytes;
use futures::{StreamExt, TryStreamExt, stream::BoxStream};
use model::id::WorkspaceId;
use object_store::{
    MultipartUpload, ObjectStoreExt, PutPayload, local::LocalFileSystem, path::Path as Place,
};
use std::{
    fs, io,
    ops::Range,
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

/// No workspace's name begins with a dot.
const STAGING: &str = ".staging";

/// Chunks are gathered to this many bytes before they go to the disk.
const PART: usize = 1 << 20;

pub struct RawFiles {
    files: Arc<LocalFileSystem>,
    folder: PathBuf,
    lease: u64,
    uploads: AtomicU64,
}

/// A file on its way in. Dropped, it is as if it had never come.
pub struct Upload {
    files: Arc<LocalFileSystem>,
    /// A folder of its own, so that nothing of it stays behind whichever way it ends.
    folder: PathBuf,
    staged: Place,
    parts: Box<dyn MultipartUpload>,
    waiting: Vec<Bytes>,
    waiting_bytes: usize,
}

/// Removes what uploads of processes that are no longer alive left behind.
pub(crate) fn sweep(folder: &Path, alive: &[u64]) -> io::Result<()> {
    let staging = folder.join(STAGING);
    fs::create_dir_all(&staging)?;
    for found in fs::read_dir(&staging)? {
        let found = found?;
        let owner = found.file_name().to_str().and_then(|it| it.parse().ok());
        if !owner.is_some_and(|owner: u64| alive.contains(&owner)) {
            fs::remove_dir_all(found.path())?;
        }
    }
    Ok(())
}

impl RawFiles {
    pub(crate) async fn open(folder: &Path, lease: u64) -> Result<Self, StoreError> {
        tokio::fs::create_dir_all(folder).await?;
        let files = LocalFileSystem::new_with_prefix(folder)?.with_fsync(true);
        Ok(Self {
            files: Arc::new(files),
            folder: folder.to_owned(),
            lease,
            uploads: AtomicU64::new(0),
        })
    }

    /// Begins a file whose digest is not known yet.
    pub async fn begin(&self) -> Result<Upload, StoreError> {
        let number = self.uploads.fetch_add(1, Ordering::Relaxed).to_string();
        let lease = self.lease.to_string();
        let staged = Place::from_iter([STAGING, &lease, &number, "file"]);
        let parts = self.files.put_multipart(&staged).await?;
        Ok(Upload {
            files: Arc::clone(&self.files),
            folder: self.folder.join(STAGING).join(lease).join(number),
            staged,
            parts,
            waiting: Vec::new(),
            waiting_bytes: 0,
        })
    }

    /// Whether the workspace has these bytes. `digest` is their BLAKE3 in hexadecimal, everywhere here.
    pub async fn has(&self, workspace: &WorkspaceId, digest: &str) -> Result<bool, StoreError> {
        match self.files.head(&place(workspace, digest)).await {
            Ok(_) => Ok(true),
            Err(object_store::Error::NotFound { .. }) => Ok(false),
            Err(error) => Err(error.into()),
        }
    }

    /// Where the file lies on this machine, to be opened for reading at any position. Not found where it
    /// does not lie there.
    pub async fn path(&self, workspace: &WorkspaceId, digest: &str) -> Result<PathBuf, StoreError> {
        let place = place(workspace, digest);
        self.files.head(&place).await?;
        Ok(self.files.path_to_filesystem(&place)?)
    }

    /// The bytes of a range; what lies beyond the end is left out.
    pub async fn read(
        &self,
        workspace: &WorkspaceId,
        digest: &str,
        range: Range<u64>,
    ) -> Result<Bytes, StoreError> {
        Ok(self
            .files
            .get_range(&place(workspace, digest), range)
            .await?)
    }

    /// The whole file from its beginning, with its length in bytes.
    pub async fn stream(
        &self,
        workspace: &WorkspaceId,
        digest: &str,
    ) -> Result<(u64, BoxStream<'static, Result<Bytes, StoreError>>), StoreError> {
        let found = self.files.get(&place(workspace, digest)).await?;
        let bytes = found.meta.size;
        Ok((bytes, found.into_stream().map_err(StoreError::from).boxed()))
    }
}

impl Upload {
    /// Takes the next bytes. After an error the upload is of no use; drop or abort it.
    pub async fn write(&mut self, chunk: Bytes) -> Result<(), StoreError> {
        self.waiting_bytes += chunk.len();
        self.waiting.push(chunk);
        if self.waiting_bytes >= PART {
            self.flush().await?;
        }
        Ok(())
    }

    /// Makes the file durable under its address: once this returns, it survives a loss of power. `digest` is
    /// the BLAKE3 of what was written, which the caller computed on the way. The same bytes twice are one file.
    pub async fn finish(mut self, workspace: &WorkspaceId, digest: &str) -> Result<(), StoreError> {
        let kept = self.publish(&place(workspace, digest)).await;
        let removed = tokio::fs::remove_dir_all(&self.folder).await;
        kept?;
        Ok(removed?)
    }

    /// Removes what was written, and returns once its space is free again.
    pub async fn abort(mut self) -> Result<(), StoreError> {
        let aborted = self.parts.abort().await;
        tokio::fs::remove_dir_all(&self.folder).await?;
        Ok(aborted?)
    }

    async fn publish(&mut self, place: &Place) -> Result<(), StoreError> {
        self.flush().await?;
        self.parts.complete().await?;
        Ok(self.files.rename(&self.staged, place).await?)
    }

    async fn flush(&mut self) -> Result<(), StoreError> {
        self.waiting_bytes = 0;
        if !self.waiting.is_empty() {
            let payload = PutPayload::from_iter(self.waiting.drain(..));
            self.parts.put_part(payload).await?;
        }
        Ok(())
    }
}

fn place(workspace: &WorkspaceId, digest: &str) -> Place {
    Place::from_iter([workspace.as_str(), digest])
}

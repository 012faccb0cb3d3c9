//! A file on its way in, over one connection.

use super::{
    PART, RawFiles,
    copy::{Copy, LocalFile},
};
use crate::error::StoreError;
use bytes::Bytes;
use model::id::WorkspaceId;
use object_store::{MultipartUpload, ObjectStoreExt, PutPayload, path::Path as Place};
use tokio::task::JoinHandle;

/// A file on its way in. Dropped, it is as if it had never come.
pub struct Upload<'a> {
    raw: &'a RawFiles,
    /// A folder of its own, so that nothing of it stays behind whichever way it ends.
    folder: Copy,
    staged: Place,
    parts: Box<dyn MultipartUpload>,
    waiting: Vec<Bytes>,
    waiting_bytes: usize,
    /// The part that is being written, while the next bytes come and are hashed.
    going: Option<JoinHandle<object_store::Result<()>>>,
}

impl RawFiles {
    /// Begins a file whose digest is not known yet.
    pub async fn begin(&self) -> Result<Upload<'_>, StoreError> {
        let (folder, staged) = self.stage();
        let parts = self.local.put_multipart(&staged).await?;
        Ok(Upload {
            raw: self,
            folder: Copy::in_folder(folder),
            staged,
            parts,
            waiting: Vec::new(),
            waiting_bytes: 0,
            going: None,
        })
    }
}

impl Upload<'_> {
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
    /// the BLAKE3 of what was written, which the caller computed on the way. The same bytes twice are one file. To be
    /// held until a run has begun of it or it was refused: a process that ends before leaves a note of it.
    pub async fn finish(
        mut self,
        workspace: &WorkspaceId,
        digest: &str,
    ) -> Result<LocalFile, StoreError> {
        self.write_all().await?;
        self.folder.note(workspace, digest).await?;
        self.raw.publish(&self.staged, workspace, digest).await?;
        if self.raw.away.is_some() {
            return Ok(self.raw.lend(workspace, digest, self.folder).await);
        }
        let path = self
            .raw
            .local
            .path_to_filesystem(&self.raw.place(workspace, digest))?;
        Ok(LocalFile::arrived(path, self.folder))
    }

    /// Removes what was written, and returns once its space is free again.
    pub async fn abort(mut self) -> Result<(), StoreError> {
        // Whatever comes of it, it goes.
        self.written().await.ok();
        let aborted = self.parts.abort().await;
        self.folder.remove().await?;
        Ok(aborted?)
    }

    /// Leaves it in staging, until the copy is dropped.
    pub(super) async fn into_copy(mut self) -> Result<Copy, StoreError> {
        self.write_all().await?;
        Ok(self.folder)
    }

    async fn write_all(&mut self) -> Result<(), StoreError> {
        self.flush().await?;
        self.written().await?;
        self.parts.complete().await?;
        Ok(())
    }

    async fn flush(&mut self) -> Result<(), StoreError> {
        self.written().await?;
        self.waiting_bytes = 0;
        if !self.waiting.is_empty() {
            let payload = PutPayload::from_iter(self.waiting.drain(..));
            self.going = Some(tokio::spawn(self.parts.put_part(payload)));
        }
        Ok(())
    }

    /// Waits for the part that is being written.
    async fn written(&mut self) -> Result<(), StoreError> {
        if let Some(going) = self.going.take() {
            going.await.map_err(StoreError::corrupt)??;
        }
        Ok(())
    }
}

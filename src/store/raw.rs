//! The raw files, as they came, under workspace and digest. Written once, never changed. They lie in the data folder,
//! in a folder that is shared, or in an object store; in either case they come in through the data folder's staging.

mod copy;
mod piecemeal;
mod place;
mod upload;

pub use copy::LocalFile;
pub(crate) use copy::remove;
pub use piecemeal::Piecemeal;
pub use place::{RawUrl, RawUrlError};
pub use upload::Upload;

use crate::error::StoreError;
use bytes::Bytes;
use copy::{Copies, Copy, LeftBehind};
use futures::{StreamExt, TryStreamExt, stream::BoxStream};
use model::id::WorkspaceId;
use object_store::{
    ObjectStore, ObjectStoreExt, buffered::BufWriter, local::LocalFileSystem, path::Path as Place,
};
use place::Away;
use std::{
    fs, io,
    ops::Range,
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};
use tokio::io::AsyncWriteExt;

/// No workspace's name begins with a dot.
const STAGING: &str = ".staging";

/// Chunks are gathered to this many bytes before they go to the disk.
const PART: usize = 1 << 20;

/// Parts of a file that goes to an object store, and how many are under way at a time. S3 takes 10,000 parts.
const SENT_PART: usize = 16 << 20;
const SENT_AT_ONCE: usize = 4;

pub struct RawFiles {
    /// The data folder's own, where files come in.
    local: Arc<LocalFileSystem>,
    folder: PathBuf,
    /// Where files are kept, if not in the data folder.
    away: Option<Away>,
    lease: u64,
    staged: AtomicU64,
    copies: Copies,
    turns: piecemeal::Turns,
}

/// Removes what uploads of processes that are no longer alive left behind, and their copies; but not the notes of files that
/// had come whole, which are given back. What comes in piecemeal stays: it goes on later.
pub(crate) fn sweep(folder: &Path, alive: &[u64]) -> io::Result<Vec<LeftBehind>> {
    let staging = folder.join(STAGING);
    fs::create_dir_all(&staging)?;
    let mut left = Vec::new();
    for found in fs::read_dir(&staging)? {
        let found = found?;
        let name = found.file_name();
        if name == piecemeal::FOLDER {
            continue;
        }
        let owner = name.to_str().and_then(|it| it.parse().ok());
        if owner.is_some_and(|owner: u64| alive.contains(&owner)) {
            continue;
        }
        let before = left.len();
        for upload in fs::read_dir(found.path())? {
            let upload = upload?.path();
            match LeftBehind::read(&upload) {
                Some(noted) => left.push(noted),
                None => copy::remove(&upload)?,
            }
        }
        if left.len() == before {
            fs::remove_dir(found.path())?;
        }
    }
    Ok(left)
}

impl RawFiles {
    pub(crate) async fn open(
        folder: &Path,
        away: Option<&RawUrl>,
        lease: u64,
    ) -> Result<Self, StoreError> {
        let away = match away {
            Some(url) => Some(url.open().await?),
            None => None,
        };
        Self::over(folder, away, lease).await
    }

    async fn over(folder: &Path, away: Option<Away>, lease: u64) -> Result<Self, StoreError> {
        tokio::fs::create_dir_all(folder.join(STAGING).join(piecemeal::FOLDER)).await?;
        let local = LocalFileSystem::new_with_prefix(folder)?.with_fsync(true);
        Ok(Self {
            local: Arc::new(local),
            folder: folder.to_owned(),
            away,
            lease,
            staged: AtomicU64::new(0),
            copies: Copies::default(),
            turns: piecemeal::Turns::default(),
        })
    }

    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    /// Whether the workspace has these bytes. `digest` is their BLAKE3 in hexadecimal, everywhere here.
    pub async fn has(&self, workspace: &WorkspaceId, digest: &str) -> Result<bool, StoreError> {
        match self.files().head(&self.place(workspace, digest)).await {
            Ok(_) => Ok(true),
            Err(object_store::Error::NotFound { .. }) => Ok(false),
            Err(error) => Err(error.into()),
        }
    }

    /// Removes a file that no run and no upload names. Whoever reads a copy of it keeps that.
    pub(crate) async fn remove(
        &self,
        workspace: &WorkspaceId,
        digest: &str,
    ) -> Result<(), StoreError> {
        match self.files().delete(&self.place(workspace, digest)).await {
            Ok(()) | Err(object_store::Error::NotFound { .. }) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    /// The file on this machine, to be opened for reading at any position: the one that is kept, or a copy that lasts
    /// as long as somebody holds it.
    pub async fn local(
        &self,
        workspace: &WorkspaceId,
        digest: &str,
    ) -> Result<LocalFile, StoreError> {
        let place = self.place(workspace, digest);
        let Some(away) = &self.away else {
            self.local.head(&place).await?;
            return Ok(LocalFile::kept(self.local.path_to_filesystem(&place)?));
        };
        if let Some(folder) = &away.folder {
            away.files.head(&place).await?;
            let path = folder.join(workspace.as_str()).join(digest);
            return Ok(LocalFile::kept(path));
        }
        // Whoever else wants the same file waits for the one copy.
        let slot = self.copies.slot(&place);
        let mut slot = slot.lock().await;
        if let Some(copy) = slot.upgrade() {
            return Ok(LocalFile::copy(copy));
        }
        let mut staged = self.begin().await?;
        let mut chunks = away.files.get(&place).await?.into_stream();
        while let Some(chunk) = chunks.try_next().await? {
            staged.write(chunk).await?;
        }
        let copy = Arc::new(staged.into_copy().await?);
        *slot = Arc::downgrade(&copy);
        Ok(LocalFile::copy(copy))
    }

    /// The bytes of a range; what lies beyond the end is left out.
    pub async fn read(
        &self,
        workspace: &WorkspaceId,
        digest: &str,
        range: Range<u64>,
    ) -> Result<Bytes, StoreError> {
        let place = self.place(workspace, digest);
        Ok(self.files().get_range(&place, range).await?)
    }

    /// The whole file from its beginning, with its length in bytes.
    pub async fn stream(
        &self,
        workspace: &WorkspaceId,
        digest: &str,
    ) -> Result<(u64, BoxStream<'static, Result<Bytes, StoreError>>), StoreError> {
        let found = self.files().get(&self.place(workspace, digest)).await?;
        let bytes = found.meta.size;
        Ok((bytes, found.into_stream().map_err(StoreError::from).boxed()))
    }

    /// Makes a staged file durable under its address. It is gone from staging then, unless it is kept elsewhere.
    async fn publish(
        &self,
        staged: &Place,
        workspace: &WorkspaceId,
        digest: &str,
    ) -> Result<(), StoreError> {
        let place = self.place(workspace, digest);
        match &self.away {
            None => Ok(self.local.rename(staged, &place).await?),
            Some(_) if self.has(workspace, digest).await? => Ok(()),
            Some(away) => send(away, &self.local.path_to_filesystem(staged)?, place).await,
        }
    }

    /// Lets a file that is kept elsewhere serve as its copy, unless another does already.
    async fn lend(&self, workspace: &WorkspaceId, digest: &str, copy: Copy) -> LocalFile {
        let slot = self.copies.slot(&self.place(workspace, digest));
        let mut slot = slot.lock().await;
        let copy = slot.upgrade().unwrap_or_else(|| Arc::new(copy));
        *slot = Arc::downgrade(&copy);
        LocalFile::copy(copy)
    }

    /// A new place in staging, in a folder of its own.
    fn stage(&self) -> (PathBuf, Place) {
        let number = self.staged.fetch_add(1, Ordering::Relaxed).to_string();
        let lease = self.lease.to_string();
        let place = Place::from_iter([STAGING, &lease, &number, "file"]);
        (self.folder.join(STAGING).join(lease).join(number), place)
    }

    fn files(&self) -> &dyn ObjectStore {
        match &self.away {
            Some(away) => &away.files,
            None => &*self.local,
        }
    }

    fn place(&self, workspace: &WorkspaceId, digest: &str) -> Place {
        let address = [workspace.as_str(), digest];
        match &self.away {
            Some(away) => Place::from_iter(away.prefix.parts().chain(address.map(Into::into))),
            None => Place::from_iter(address),
        }
    }
}

/// An object is there whole or not at all; once this returns, it is durable.
async fn send(away: &Away, from: &Path, to: Place) -> Result<(), StoreError> {
    let mut file = tokio::fs::File::open(from).await?;
    let mut object = BufWriter::with_capacity(Arc::clone(&away.files), to, SENT_PART)
        .with_max_concurrency(SENT_AT_ONCE);
    let sent = async {
        tokio::io::copy(&mut file, &mut object).await?;
        object.shutdown().await
    };
    if let Err(error) = sent.await {
        // Parts that stay behind are no object; the first error is the one to tell.
        let _ = object.abort().await;
        return Err(error.into());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use object_store::memory::InMemory;

    async fn away(folder: &Path) -> (RawFiles, Arc<InMemory>) {
        let objects = Arc::new(InMemory::new());
        let away = Away {
            files: objects.clone(),
            prefix: Place::from("team/raw"),
            folder: None,
        };
        let raw = RawFiles::over(folder, Some(away), 1).await.unwrap();
        (raw, objects)
    }

    async fn put(raw: &RawFiles, bytes: &[u8]) -> LocalFile {
        let mut upload = raw.begin().await.unwrap();
        upload.write(Bytes::copy_from_slice(bytes)).await.unwrap();
        upload.finish(&WorkspaceId::main(), "abc").await.unwrap()
    }

    fn staged(folder: &Path) -> usize {
        let lease = folder.join(STAGING).join("1");
        fs::read_dir(lease).map_or(0, |it| it.count())
    }

    #[tokio::test]
    async fn a_file_that_is_kept_elsewhere_lies_here_as_long_as_somebody_reads_it() {
        let folder = tempfile::tempdir().unwrap();
        let (raw, objects) = away(folder.path()).await;
        let main = WorkspaceId::main();
        let file = put(&raw, b"date,region\n").await;
        let kept = objects.get(&Place::from("team/raw/main/abc")).await;
        assert_eq!(kept.unwrap().bytes().await.unwrap(), "date,region\n");
        assert!(raw.has(&main, "abc").await.unwrap());

        // What came in is the copy at first, and one copy serves all.
        let other = raw.local(&main, "abc").await.unwrap();
        assert_eq!(other.path(), file.path());
        drop(file);
        assert_eq!(fs::read(other.path()).unwrap(), b"date,region\n");
        drop(other);
        assert_eq!(staged(folder.path()), 0);
        let (one, two) = tokio::join!(raw.local(&main, "abc"), raw.local(&main, "abc"));
        assert_eq!(one.as_ref().unwrap().path(), two.unwrap().path());
        assert_eq!(fs::read(one.unwrap().path()).unwrap(), b"date,region\n");
        assert_eq!(staged(folder.path()), 0);

        let (bytes, stream) = raw.stream(&main, "abc").await.unwrap();
        let read: Vec<_> = stream.try_collect().await.unwrap();
        assert_eq!((bytes, read.concat()), (12, b"date,region\n".to_vec()));
        assert_eq!(raw.read(&main, "abc", 5..99).await.unwrap(), "region\n");
        let missing = raw.local(&WorkspaceId::sample(), "abc").await;
        assert!(matches!(missing, Err(StoreError::NotFound)));
        assert_eq!(staged(folder.path()), 0);
    }

    #[tokio::test]
    async fn the_same_bytes_are_not_sent_twice() {
        let folder = tempfile::tempdir().unwrap();
        let (raw, objects) = away(folder.path()).await;
        let place = Place::from("team/raw/main/abc");
        put(&raw, b"as it came").await;
        let first = objects.head(&place).await.unwrap();
        put(&raw, b"as it came").await;
        let second = objects.head(&place).await.unwrap();
        assert_eq!(first.e_tag, second.e_tag);
        assert_eq!(staged(folder.path()), 0);
    }

    #[tokio::test]
    async fn a_file_of_many_parts_arrives_whole() {
        let folder = tempfile::tempdir().unwrap();
        let (raw, _) = away(folder.path()).await;
        let bytes: Vec<u8> = (0..2 * SENT_PART + 5)
            .map(|it| it.to_le_bytes()[0])
            .collect();
        drop(put(&raw, &bytes).await);
        let copy = raw.local(&WorkspaceId::main(), "abc").await.unwrap();
        assert!(fs::read(copy.path()).unwrap() == bytes);
    }
}

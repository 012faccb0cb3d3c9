//! Raw files on this machine: the ones that are kept here, and copies of those that are not.

use crate::error::StoreError;
use model::id::WorkspaceId;
use object_store::path::Path as Place;
use std::{
    collections::HashMap,
    fs, io, mem,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError, Weak},
};
use tokio::{fs::File, io::AsyncWriteExt};

/// A raw file that can be opened at its path as long as this, or a clone of it, is held.
#[derive(Debug, Clone)]
pub struct LocalFile {
    path: PathBuf,
    copy: Option<Arc<Copy>>,
    /// Of a kept one that has just come in: the note of it, which is to stay until a run has it.
    note: Option<Arc<Copy>>,
}

impl LocalFile {
    pub(super) fn kept(path: PathBuf) -> Self {
        Self {
            path,
            copy: None,
            note: None,
        }
    }

    pub(super) fn arrived(path: PathBuf, note: Copy) -> Self {
        Self {
            note: Some(Arc::new(note)),
            ..Self::kept(path)
        }
    }

    pub(super) fn copy(copy: Arc<Copy>) -> Self {
        Self {
            path: copy.file(),
            copy: Some(copy),
            note: None,
        }
    }

    /// Whether it goes when nobody holds it any more.
    pub fn is_copy(&self) -> bool {
        self.copy.is_some()
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Of a file that has just come in, of which no run begins, and which cannot be removed now: lets its note be found once
    /// this process has ended.
    pub fn leave_note(&self) {
        mem::forget((self.copy.clone(), self.note.clone()));
    }
}

/// In a file's folder in staging: the address that it went to. Of what a process that is gone left behind, this alone says
/// that the file may lie there without a run.
const NOTE: &str = "note";

/// A file that came whole while the process which took it in was going to end.
pub(crate) struct LeftBehind {
    pub(crate) folder: PathBuf,
    pub(crate) workspace: WorkspaceId,
    pub(crate) digest: String,
}

impl LeftBehind {
    /// What the note in this folder says; None where there is none, or none that was written to its end.
    pub(super) fn read(folder: &Path) -> Option<Self> {
        let note = fs::read_to_string(folder.join(NOTE)).ok()?;
        let (workspace, digest) = note.split_once('/')?;
        let is_whole = digest.len() == 64;
        let workspace = workspace.to_owned().try_into().ok()?;
        is_whole.then(|| Self {
            folder: folder.to_owned(),
            workspace,
            digest: digest.to_owned(),
        })
    }
}

/// A folder in staging with one file; it goes when this does.
#[derive(Debug)]
pub(super) struct Copy(PathBuf);

impl Copy {
    pub(super) fn in_folder(folder: PathBuf) -> Self {
        Self(folder)
    }

    pub(super) fn file(&self) -> PathBuf {
        self.0.join("file")
    }

    /// Notes durably under which address the file comes to lie.
    pub(super) async fn note(
        &self,
        workspace: &WorkspaceId,
        digest: &str,
    ) -> Result<(), StoreError> {
        let mut note = File::create(self.0.join(NOTE)).await?;
        let address = format!("{workspace}/{digest}");
        note.write_all(address.as_bytes()).await?;
        Ok(note.sync_all().await?)
    }

    /// Removes it now, and tells when that cannot be done.
    pub(super) async fn remove(&self) -> Result<(), StoreError> {
        Ok(tokio::fs::remove_dir_all(&self.0).await?)
    }
}

impl Drop for Copy {
    fn drop(&mut self) {
        if let Err(error) = remove(&self.0) {
            // It is swept at the next start.
            tracing::warn!(%error, "a file stays in staging");
        }
    }
}

/// Removes a folder, unless somebody else has.
pub(crate) fn remove(folder: &Path) -> io::Result<()> {
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        removed => removed,
    }
}

/// The copies that are in use.
#[derive(Default)]
pub(super) struct Copies(Mutex<HashMap<Place, Arc<Slot>>>);

type Slot = tokio::sync::Mutex<Weak<Copy>>;

impl Copies {
    /// Where the copy of this file is, or comes to be.
    pub(super) fn slot(&self, place: &Place) -> Arc<Slot> {
        let mut slots = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        // Of a slot that nobody waits at, only the copy counts.
        slots.retain(|_, slot| {
            Arc::strong_count(slot) > 1 || slot.try_lock().is_ok_and(|copy| copy.strong_count() > 0)
        });
        Arc::clone(slots.entry(place.clone()).or_default())
    }
}

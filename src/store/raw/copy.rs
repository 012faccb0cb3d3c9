//! Raw files on this machine: the ones that are kept here, and copies of those that are not.

use crate::error::StoreError;
use object_store::path::Path as Place;
use std::{
    collections::HashMap,
    fs, io,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError, Weak},
};

/// A raw file that can be opened at its path as long as this, or a clone of it, is held.
#[derive(Debug, Clone)]
pub struct LocalFile {
    path: PathBuf,
    copy: Option<Arc<Copy>>,
}

impl LocalFile {
    pub(super) fn kept(path: PathBuf) -> Self {
        Self { path, copy: None }
    }

    pub(super) fn copy(copy: Arc<Copy>) -> Self {
        Self {
            path: copy.file(),
            copy: Some(copy),
        }
    }

    /// Whether it goes when nobody holds it any more.
    pub fn is_copy(&self) -> bool {
        self.copy.is_some()
    }

    pub fn path(&self) -> &Path {
        &self.path
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

    /// Removes it now, and tells when that cannot be done.
    pub(super) async fn remove(&self) -> Result<(), StoreError> {
        Ok(tokio::fs::remove_dir_all(&self.0).await?)
    }
}

impl Drop for Copy {
    fn drop(&mut self) {
        match fs::remove_dir_all(&self.0) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                // It is swept at the next start.
                tracing::warn!(%error, "a file stays in staging");
            }
            _ => {}
        }
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

//! Room set aside in the data folder, so that on a full disk there is still room to write down that it is full.

use crate::error::StoreError;
use std::{
    io::ErrorKind,
    path::PathBuf,
    sync::atomic::{AtomicBool, Ordering},
};
use tokio::fs;

/// Enough for some dozens of entries and the ends of as many runs.
const BYTES: usize = 1 << 20;

pub(crate) struct Reserve {
    file: PathBuf,
    held: AtomicBool,
}

impl Reserve {
    pub(crate) fn at(file: PathBuf) -> Self {
        Self {
            file,
            held: AtomicBool::new(false),
        }
    }

    /// False where the room was given free and could not be set aside again.
    pub(crate) fn is_held(&self) -> bool {
        self.held.load(Ordering::Acquire)
    }

    /// Sets the room aside, where it is not.
    pub(crate) async fn fill(&self) -> Result<(), StoreError> {
        if self.is_held() {
            return Ok(());
        }
        // Not zeros, which some file systems store as nothing.
        let filled = fs::write(&self.file, vec![b'r'; BYTES]).await;
        if filled.is_err() {
            self.spend().await;
        }
        self.held.store(filled.is_ok(), Ordering::Release);
        Ok(filled?)
    }

    /// Gives the room free. False where it was free already.
    pub(crate) async fn spend(&self) -> bool {
        self.held.store(false, Ordering::Release);
        match fs::remove_file(&self.file).await {
            Ok(()) => true,
            Err(error) => {
                if error.kind() != ErrorKind::NotFound {
                    tracing::warn!(kind = %error.kind(), "the room set aside cannot be given free");
                }
                false
            }
        }
    }
}

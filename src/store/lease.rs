//! Which processes have the data folder open. Each holds a lock on a numbered file, which the system gives
//! back when the process ends, however it ends. So what belongs to a number that nobody holds was cut off.

use crate::error::StoreError;
use std::{
    fs::{self, File, TryLockError},
    io,
    path::{Path, PathBuf},
};

pub(crate) struct Lease {
    folder: PathBuf,
    number: u64,
    /// The lock lasts as long as this is open.
    _held: File,
}

impl Lease {
    /// Takes a number above `last` and above all that are held. `sweep` gets the numbers that are held, and
    /// runs while nobody else can take one.
    pub(crate) async fn take<T>(
        folder: &Path,
        last: u64,
        sweep: impl FnOnce(&[u64]) -> io::Result<T> + Send + 'static,
    ) -> Result<Self, StoreError> {
        let folder = folder.to_owned();
        let take = move || {
            let _gate = gate(&folder)?;
            let alive = alive(&folder)?;
            sweep(&alive)?;
            let number = alive.iter().copied().fold(last, u64::max) + 1;
            let held = File::create(file(&folder, number))?;
            held.lock()?;
            Ok(Self {
                folder,
                number,
                _held: held,
            })
        };
        blocking(take).await
    }

    pub(crate) fn number(&self) -> u64 {
        self.number
    }

    /// The numbers that are held now, this one among them.
    pub(crate) async fn alive(&self) -> Result<Vec<u64>, StoreError> {
        self.among(|alive| Ok(alive.to_vec())).await
    }

    /// Looks at the numbers that are held now while nobody else can take one.
    pub(crate) async fn among<T: Send + 'static>(
        &self,
        look: impl FnOnce(&[u64]) -> io::Result<T> + Send + 'static,
    ) -> Result<T, StoreError> {
        let folder = self.folder.clone();
        let read = move || {
            let _gate = gate(&folder)?;
            look(&alive(&folder)?)
        };
        blocking(read).await
    }
}

/// Lets one process at a time do what must not be done by two, such as the migrations of a new database.
/// The way is free again when the file is dropped.
pub(crate) async fn enter(folder: &Path) -> Result<File, StoreError> {
    let folder = folder.to_owned();
    blocking(move || gate(&folder)).await
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> io::Result<T> + Send + 'static,
) -> Result<T, StoreError> {
    let done = tokio::task::spawn_blocking(work).await;
    Ok(done.map_err(|error| StoreError::Unavailable(Box::new(error)))??)
}

/// Whoever looks at the locks takes them for a moment; one at a time, or two would take each other for alive.
fn gate(folder: &Path) -> io::Result<File> {
    fs::create_dir_all(folder)?;
    let gate = File::create(folder.join("gate"))?;
    gate.lock()?;
    Ok(gate)
}

fn file(folder: &Path, number: u64) -> PathBuf {
    folder.join(number.to_string())
}

/// The numbers that are held; the files of the others are removed.
fn alive(folder: &Path) -> io::Result<Vec<u64>> {
    let mut alive = Vec::new();
    for found in fs::read_dir(folder)? {
        let found = found?;
        let Some(number) = found.file_name().to_str().and_then(|it| it.parse().ok()) else {
            continue;
        };
        let held = File::open(found.path())?;
        match held.try_lock() {
            Err(TryLockError::WouldBlock) => alive.push(number),
            Err(TryLockError::Error(error)) => return Err(error),
            Ok(()) => {
                drop(held);
                fs::remove_file(found.path())?;
            }
        }
    }
    Ok(alive)
}

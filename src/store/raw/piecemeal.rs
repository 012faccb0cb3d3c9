//! Files that come in over several connections, each under a name. What has arrived outlives the process; the length of
//! the file says how far it came.

use super::{
    RawFiles, STAGING,
    copy::{Copy, LocalFile},
};
use crate::error::StoreError;
use model::id::WorkspaceId;
use object_store::path::Path as Place;
use std::{
    collections::HashMap,
    io::{self, SeekFrom},
    path::PathBuf,
    sync::{Arc, Mutex, PoisonError, Weak},
};
use tokio::{
    fs::{self, File},
    io::{AsyncReadExt, AsyncSeekExt, AsyncWriteExt},
    sync::{OwnedMutexGuard, watch},
};

pub(super) const FOLDER: &str = "uploads";

/// So many bytes at most are written before they are made durable.
const UNSYNCED: u64 = 64 << 20;

/// A file that comes in piecemeal, in the hand of one connection. Names are ids: they fit into a path.
pub struct Piecemeal<'a> {
    raw: &'a RawFiles,
    name: String,
    file: File,
    bytes: u64,
    unsynced: u64,
    turn: Turn,
}

impl RawFiles {
    /// How many bytes have arrived. Disturbs nobody.
    pub async fn arrived(&self, name: &str) -> Result<u64, StoreError> {
        match fs::metadata(self.piecemeal_path(name)).await {
            Ok(about) => Ok(about.len()),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(0),
            Err(error) => Err(error.into()),
        }
    }

    /// Takes the file in hand, made where there is none yet. Whoever has it is called away first: a connection that was cut may look alive to this
    /// side for minutes, and its sender is back already.
    pub async fn take_over(&self, name: &str) -> Result<Piecemeal<'_>, StoreError> {
        let turn = self.turns.take(name).await;
        let path = self.piecemeal_path(name);
        let mut options = File::options();
        let file = options.read(true).append(true).create(true);
        let file = file.open(&path).await?;
        let bytes = file.metadata().await?.len();
        if bytes == 0 {
            sync_folder(path).await?;
        }
        Ok(Piecemeal {
            raw: self,
            name: name.to_owned(),
            file,
            bytes,
            unsynced: 0,
            turn,
        })
    }

    fn piecemeal_path(&self, name: &str) -> PathBuf {
        self.folder.join(STAGING).join(FOLDER).join(name)
    }
}

impl Piecemeal<'_> {
    /// How many bytes have arrived.
    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Ends when somebody else wants the file.
    pub async fn called_away(&self) {
        self.turn.called_away().await;
    }

    /// Adds what comes next. After an error the file has some of it: ask for it anew.
    pub async fn append(&mut self, chunk: &[u8]) -> Result<(), StoreError> {
        self.file.write_all(chunk).await?;
        let count = u64::try_from(chunk.len()).unwrap_or(u64::MAX);
        self.bytes = self.bytes.saturating_add(count);
        self.unsynced = self.unsynced.saturating_add(count);
        if self.unsynced >= UNSYNCED {
            self.sync().await?;
        }
        Ok(())
    }

    /// Once this returns, what has arrived survives a loss of power.
    pub async fn sync(&mut self) -> Result<(), StoreError> {
        self.file.flush().await?;
        self.file.sync_data().await?;
        self.unsynced = 0;
        Ok(())
    }

    /// Forgets all but the first bytes.
    pub async fn cut_back(&mut self, bytes: u64) -> Result<(), StoreError> {
        self.file.flush().await?;
        self.file.set_len(bytes).await?;
        self.bytes = bytes;
        self.sync().await
    }

    /// Shows all that has arrived, from the beginning, in pieces.
    pub async fn each(&mut self, mut look: impl FnMut(&[u8])) -> Result<(), StoreError> {
        self.file.seek(SeekFrom::Start(0)).await?;
        let mut piece = vec![0; super::PART];
        loop {
            let count = self.file.read(&mut piece).await?;
            match piece.get(..count) {
                None | Some([]) => return Ok(()),
                Some(read) => look(read),
            }
        }
    }

    /// Makes the file durable under its address, as [`super::Upload::finish`] does. It is no longer piecemeal then.
    pub async fn finish(
        &self,
        workspace: &WorkspaceId,
        digest: &str,
    ) -> Result<LocalFile, StoreError> {
        let staged = Place::from_iter([STAGING, FOLDER, &self.name]);
        self.raw.publish(&staged, workspace, digest).await?;
        if self.raw.away.is_none() {
            return self.raw.local(workspace, digest).await;
        }
        let (folder, _) = self.raw.stage();
        fs::create_dir_all(&folder).await?;
        let copy = Copy::in_folder(folder);
        fs::rename(self.raw.piecemeal_path(&self.name), copy.file()).await?;
        Ok(self.raw.lend(workspace, digest, copy).await)
    }

    /// Removes what has arrived.
    pub async fn remove(&self) -> Result<(), StoreError> {
        Ok(fs::remove_file(self.raw.piecemeal_path(&self.name)).await?)
    }
}

/// A new file's name is durable with its folder.
async fn sync_folder(path: PathBuf) -> Result<(), StoreError> {
    #[cfg(unix)]
    if let Some(folder) = path.parent() {
        File::open(folder).await?.sync_all().await?;
    }
    #[cfg(not(unix))]
    drop(path);
    Ok(())
}

/// Who has which file in hand, and who wants it next.
#[derive(Default)]
pub(super) struct Turns(Mutex<HashMap<String, Weak<Line>>>);

/// Those who want one file.
#[derive(Default)]
struct Line {
    hand: Arc<tokio::sync::Mutex<()>>,
    /// The number of whoever came last.
    last: watch::Sender<u64>,
}

struct Turn {
    number: u64,
    line: Arc<Line>,
    _hand: OwnedMutexGuard<()>,
}

impl Turns {
    async fn take(&self, name: &str) -> Turn {
        let line = self.line(name);
        let mut number = 0;
        line.last.send_modify(|last| {
            *last += 1;
            number = *last;
        });
        let hand = Arc::clone(&line.hand).lock_owned().await;
        Turn {
            number,
            line,
            _hand: hand,
        }
    }

    fn line(&self, name: &str) -> Arc<Line> {
        let mut lines = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        lines.retain(|_, line| line.strong_count() > 0);
        if let Some(line) = lines.get(name).and_then(Weak::upgrade) {
            return line;
        }
        let line = Arc::new(Line::default());
        lines.insert(name.to_owned(), Arc::downgrade(&line));
        line
    }
}

impl Turn {
    async fn called_away(&self) {
        let mut last = self.line.last.subscribe();
        // An error says that the line is gone, which it is not while this holds it.
        let _ = last.wait_for(|last| *last > self.number).await;
    }
}

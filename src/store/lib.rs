//! What lasts: runs with their rows, the ledger, the audit log and the raw files, behind plain methods.
//! SQLite is the database and a folder holds the raw files; neither shows through. Time, ids and actors
//! are given by the caller. Every method is of one workspace and none crosses it.

mod closing;
mod contract;
mod db;
mod entry;
mod error;
mod insert;
mod kept;
mod lease;
mod raw;
mod read;
mod reserve;
mod run;
mod sales;
mod word;

pub use closing::Closing;
pub use entry::Mark;
pub use error::StoreError;
pub use kept::{KeptPage, StoredRow};
pub use raw::{LocalFile, Piecemeal, RawFiles, RawUrl, RawUrlError, Upload};
pub use run::{Begun, NewRun};

use db::Db;
use lease::Lease;
use reserve::Reserve;
use std::{path::Path, sync::Arc};

/// An open data folder. Clones share it.
///
/// There is one connection that writes: while a [`Closing`] is open, every other writing method waits for it.
/// Reading never waits and sees what was committed last.
#[derive(Clone)]
pub struct Store {
    db: Db,
    raw: Arc<RawFiles>,
    lease: Arc<Lease>,
}

impl Store {
    /// Opens the data folder, made where it is missing: `tarazu.db`, migrated, and `raw/`. What uploads cut
    /// off by a crash left behind is removed. Several processes may have one folder open.
    pub async fn open(folder: &Path) -> Result<Self, StoreError> {
        Self::open_with(folder, None).await
    }

    /// As [`Store::open`], with the raw files in an object store where one is given.
    pub async fn open_with(folder: &Path, away: Option<&RawUrl>) -> Result<Self, StoreError> {
        tokio::fs::create_dir_all(folder).await?;
        let leases = folder.join("leases");
        let gate = lease::enter(&leases).await?;
        let db = Db::open(
            &folder.join("tarazu.db"),
            Reserve::at(folder.join("reserve")),
        )
        .await?;
        drop(gate);
        let last: Option<i64> = sqlx::query_scalar("SELECT max(lease) FROM runs")
            .fetch_one(&db.read)
            .await?;
        let raw = folder.join("raw");
        let lease = Lease::take(&leases, word::natural(last.unwrap_or(0))?, {
            let raw = raw.clone();
            move |alive| raw::sweep(&raw, alive)
        })
        .await?;
        Ok(Self {
            db,
            raw: Arc::new(RawFiles::open(&raw, away, lease.number()).await?),
            lease: Arc::new(lease),
        })
    }

    pub fn raw(&self) -> &RawFiles {
        &self.raw
    }

    /// Whether the database answers.
    pub async fn ready(&self) -> Result<(), StoreError> {
        let _: i64 = sqlx::query_scalar("SELECT count(*) FROM runs WHERE status = 'running'")
            .fetch_one(&self.db.read)
            .await?;
        Ok(())
    }

    /// Waits until nothing uses the database any more and closes it, so that its files are whole by themselves.
    pub async fn close(&self) {
        self.db.read.close().await;
        self.db.write.close().await;
    }
}

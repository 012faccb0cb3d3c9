//! What lasts: runs with their rows, the ledger, the audit log and the raw files, behind plain methods.
//! SQLite or PostgreSQL is the database and a folder holds the raw files; neither shows through. Time, ids and actors
//! are given by the caller. Every method is of one workspace and none crosses it.

mod answer;
mod closing;
mod contract;
mod coverage;
mod db;
mod entry;
mod error;
mod exception;
mod exception_list;
mod exception_sums;
mod insert;
mod kept;
mod lease;
mod ledger;
mod lineage;
mod piecemeal;
mod pulse;
mod quality;
mod raw;
mod read;
mod reserve;
mod run;
mod sales;
mod search;
mod shelf;
mod texts;
mod unknown;
mod withdrawal;
mod word;

pub use answer::{Claim, KeptAnswer, RequestKey};
pub use closing::Closing;
pub use entry::Mark;
pub use error::{StoreError, code};
pub use exception::{
    Act, ChangeError, CorrectedRow, CorrectedRun, Entering, NewChange, StoredException,
};
pub use exception_list::{ExceptionPage, OfRun};
pub use exception_sums::ExceptionView;
pub use kept::{Keeping, KeptPage, StoredRow};
pub use ledger::Counting;
pub use lineage::{LineageEvent, LineageStep, Untold};
pub use piecemeal::{NewPiecemeal, PiecemealState, Whole};
pub use raw::{LocalFile, Piecemeal, RawFiles, RawUrl, RawUrlError, Upload};
pub use run::{Begun, Claimed, NewRun};
pub use search::Found;
pub use shelf::{NewDraft, ShelfError};
pub use withdrawal::GivingWay;

use db::{Db, row};
use lease::Lease;
use pulse::Pulse;
use reserve::Reserve;
use sales::known::Known;
use std::{
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

/// How often a process says that it is alive, unless it is set.
pub const HEARTBEAT: Duration = Duration::from_secs(3);

/// Where everything is kept.
#[derive(Clone)]
pub struct Places {
    /// Holds the raw files and, where no other database is named, `tarazu.db`.
    pub folder: PathBuf,
    /// `postgres://…` with everything that libpq's addresses say, such as `sslmode` and `sslrootcert`.
    pub database: Option<String>,
    /// The object store, or shared folder, that keeps the raw files instead of the folder.
    pub raw: Option<RawUrl>,
    /// How often a process says on PostgreSQL that it is alive. Whoever is silent for five of these is taken for gone,
    /// so that it has to be the same for all.
    pub heartbeat: Duration,
}

impl From<&Path> for Places {
    fn from(folder: &Path) -> Self {
        Self {
            folder: folder.to_owned(),
            database: None,
            raw: None,
            heartbeat: HEARTBEAT,
        }
    }
}

/// An open store. Clones share it.
///
/// On SQLite there is one connection that writes: while a [`Closing`] is open, every other writing method waits
/// for it. Reading never waits and sees what was committed last.
#[derive(Clone)]
pub struct Store {
    db: Db,
    raw: Arc<RawFiles>,
    lease: Arc<Lease>,
    known: Arc<Known>,
    /// On PostgreSQL, where the processes that share a database need not share a folder.
    pulse: Option<Arc<Pulse>>,
    heartbeat: Duration,
}

impl Store {
    /// Opens the data folder, made where it is missing, and the database, migrated. What uploads cut off by a
    /// crash left behind is removed. Several processes may have one store open.
    pub async fn open(places: impl Into<Places>) -> Result<Self, StoreError> {
        let Places {
            folder,
            database,
            raw: away,
            heartbeat,
        } = places.into();
        tokio::fs::create_dir_all(&folder).await?;
        let leases = folder.join("leases");
        let gate = lease::enter(&leases).await?;
        let db = match &database {
            Some(address) => Db::postgres(address).await?,
            None => {
                let reserve = Reserve::at(folder.join("reserve"));
                Db::sqlite(&folder.join("tarazu.db"), reserve).await?
            }
        };
        sales::earlier::tell_skus(&db).await?;
        drop(gate);
        let pulse = match &db {
            Db::Sqlite { .. } => None,
            Db::Postgres(pool) => Some(Arc::new(Pulse::begin(pool, heartbeat).await?)),
        };
        let mut tx = db.read().await?;
        let last: Option<(Option<i64>,)> = row!(
            &mut tx,
            "SELECT max(lease) FROM (SELECT lease FROM runs UNION ALL SELECT lease FROM answers) AS leases"
        )?;
        drop(tx);
        let last = last.and_then(|(it,)| it).unwrap_or(0);
        let raw = folder.join("raw");
        let lease = Lease::take(&leases, word::natural(last)?, {
            let raw = raw.clone();
            move |alive| raw::sweep(&raw, alive)
        })
        .await?;
        Ok(Self {
            db,
            raw: Arc::new(RawFiles::open(&raw, away.as_ref(), lease.number()).await?),
            lease: Arc::new(lease),
            known: Arc::default(),
            pulse,
            heartbeat,
        })
    }

    pub fn raw(&self) -> &RawFiles {
        &self.raw
    }

    /// Whether the database answers.
    pub async fn ready(&self) -> Result<(), StoreError> {
        let mut tx = self.db.read().await?;
        let _: Option<(i64,)> = row!(
            &mut tx,
            "SELECT count(*) FROM runs WHERE status = 'running'"
        )?;
        Ok(())
    }

    /// To be called when much was written: old data stays quick to find. Nothing is lost where it fails.
    pub async fn learn(&self) {
        if let Err(error) = self.db.learn().await {
            not_learnt(&error);
        }
    }

    /// As [`Store::learn`], when rows of a whole run have left the ledger.
    pub async fn learn_of_left(&self) {
        if let Err(error) = self.db.learn_of_left().await {
            not_learnt(&error);
        }
    }

    /// Waits until nothing uses the database any more and closes it, so that its files are whole by themselves.
    pub async fn close(&self) {
        if let Some(pulse) = &self.pulse {
            pulse.end().await;
        }
        self.db.close().await;
    }

    /// How often to look for runs whose process is gone.
    pub fn heartbeat(&self) -> Duration {
        self.heartbeat
    }

    /// The number under which this process does runs.
    pub(crate) fn owner(&self) -> u64 {
        self.pulse
            .as_ref()
            .map_or_else(|| self.lease.number(), |it| it.number())
    }

    /// The numbers of the processes that are alive, this one among them.
    pub(crate) async fn alive(&self) -> Result<Vec<u64>, StoreError> {
        match &self.pulse {
            Some(pulse) => pulse.alive().await,
            None => self.lease.alive().await,
        }
    }
}

fn not_learnt(error: &(dyn std::error::Error + 'static)) {
    tracing::warn!(
        error,
        "the database could not look at how its tables have grown"
    );
}

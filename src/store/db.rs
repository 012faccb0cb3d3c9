//! The database: how it is opened, and its two pools.

use crate::{error::StoreError, reserve::Reserve};
use sqlx::{
    Connection, Sqlite, SqlitePool, Transaction,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous},
};
use std::{error::Error, path::Path, sync::Arc, time::Duration};

pub(crate) type Tx = Transaction<'static, Sqlite>;

/// SQLite knows one writer at a time: with one connection for it, writers queue here, in order, instead of
/// finding the database busy.
#[derive(Clone)]
pub(crate) struct Db {
    pub(crate) read: SqlitePool,
    pub(crate) write: SqlitePool,
    pub(crate) reserve: Arc<Reserve>,
}

/// A run of many million rows closes in minutes, and whoever wants to write meanwhile waits.
const PATIENCE: Duration = Duration::from_secs(900);

impl Db {
    pub(crate) async fn open(file: &Path, reserve: Reserve) -> Result<Self, StoreError> {
        let options = SqliteConnectOptions::new()
            .filename(file)
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .foreign_keys(true)
            .busy_timeout(Duration::from_secs(60));
        let write = SqlitePoolOptions::new()
            .max_connections(1)
            .acquire_timeout(PATIENCE)
            .idle_timeout(None)
            .max_lifetime(None)
            // On a full disk SQLite ends the transaction by itself, which sqlx does not learn of: such a
            // connection could never begin another one. The ping waits for a rollback that is under way.
            .after_release(|connection, _| {
                Box::pin(async move {
                    connection.ping().await?;
                    Ok(!connection.is_in_transaction())
                })
            })
            .connect_with(
                options
                    .clone()
                    // 64 MiB, so that the keys of a large ledger stay in memory while they are compared.
                    .pragma("cache_size", "-65536")
                    .pragma("journal_size_limit", "67108864"),
            )
            .await?;
        sqlx::migrate!("../../migrations/sqlite")
            .run(&write)
            .await?;
        let read = SqlitePoolOptions::new()
            .max_connections(8)
            .connect_with(options.pragma("query_only", "on"))
            .await?;
        if let Err(error) = reserve.fill().await {
            let error: &dyn Error = &error;
            tracing::warn!(error, "there is no room to set aside");
        }
        Ok(Self {
            read,
            write,
            reserve: Arc::new(reserve),
        })
    }

    /// A transaction that has the right to write from its first moment, so that it never has to give up
    /// half-way. Dropped, it rolls back.
    pub(crate) async fn begin(&self) -> Result<Tx, StoreError> {
        let mut tx = self.write.begin_with("BEGIN IMMEDIATE").await?;
        // Moving the write-ahead log into the database lets the latter grow, which would eat the room that
        // was given free for entries; it has to wait until the disk has room again.
        sqlx::query(if self.reserve.is_held() {
            "PRAGMA wal_autocheckpoint = 1000"
        } else {
            "PRAGMA wal_autocheckpoint = 0"
        })
        .execute(&mut *tx)
        .await?;
        Ok(tx)
    }
}

//! The database: SQLite in a file, or PostgreSQL at an address, each behind the same transactions.
//!
//! Every statement runs within a [`Tx`], reads too: they see one state of the database, and a connection pooler
//! in between may give each transaction another session. For the same reason statements have no names there.

use crate::{error::StoreError, reserve::Reserve};
use sha2::{Digest, Sha256};
use sqlx::{
    Connection, PgPool, Postgres, Sqlite, SqlitePool, Transaction,
    migrate::Migrator,
    postgres::{PgConnectOptions, PgPoolOptions},
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous},
};
use std::{borrow::Cow, error::Error, path::Path, sync::Arc, time::Duration};

/// Rows from which on SQLite is told how many a table has. Told of a few, it would read such a table from end to end for
/// every row of another, and go on so when a large file has come; told nothing, it takes every table for a large one.
const MANY: i64 = 100_000;

/// Leaves figures of tables alone that have so many rows. Each index of such a table has some then, one of few rows those of
/// many: where one had none, SQLite would count the table's rows again after each run, however long its history is.
const OF_LARGE: [&str; 3] = [
    "DELETE FROM sqlite_stat1 WHERE tbl NOT IN (SELECT tbl FROM sqlite_stat1 WHERE CAST(stat AS INTEGER) >= $1)",
    "UPDATE sqlite_stat1 SET stat = CAST($1 AS TEXT) WHERE CAST(stat AS INTEGER) < $1",
    "INSERT INTO sqlite_stat1 (tbl, idx, stat) SELECT i.tbl_name, i.name, CAST($1 AS TEXT) FROM sqlite_schema i \
     WHERE i.type = 'index' AND i.tbl_name IN (SELECT tbl FROM sqlite_stat1) \
     AND NOT EXISTS (SELECT 1 FROM sqlite_stat1 s WHERE s.tbl = i.tbl_name AND s.idx = i.name)",
];

#[derive(Clone)]
pub(crate) enum Db {
    /// SQLite knows one writer at a time: with one connection for it, writers queue here, in order, instead of
    /// finding the database busy.
    Sqlite {
        read: SqlitePool,
        write: SqlitePool,
        reserve: Arc<Reserve>,
    },
    Postgres(PgPool),
}

/// A transaction. Dropped, it rolls back.
pub(crate) enum Tx {
    Sqlite(Transaction<'static, Sqlite>),
    Postgres(Transaction<'static, Postgres>),
}

/// Runs a statement that gives no rows, and tells how many it changed. The text is a literal that both databases
/// understand; its values follow, `$1` first.
macro_rules! execute {
    ($tx:expr, $sql:expr $(, $value:expr)* $(,)?) => {
        match &mut *$tx {
            $crate::db::Tx::Sqlite(tx) => {
                sqlx::query($sql)$(.bind($value))*.execute(&mut **tx).await.map(|it| it.rows_affected())
            }
            $crate::db::Tx::Postgres(tx) => {
                sqlx::query($sql).persistent(false)$(.bind($value))*.execute(&mut **tx).await
                    .map(|it| it.rows_affected())
            }
        }
    };
}

/// Runs a statement whose rows are read as `FromRow` says: all of them.
macro_rules! rows {
    ($tx:expr, $sql:expr $(, $value:expr)* $(,)?) => {
        match &mut *$tx {
            $crate::db::Tx::Sqlite(tx) => {
                sqlx::query_as($sql)$(.bind($value))*.fetch_all(&mut **tx).await
            }
            $crate::db::Tx::Postgres(tx) => {
                sqlx::query_as($sql).persistent(false)$(.bind($value))*.fetch_all(&mut **tx).await
            }
        }
    };
}

/// As `rows`, of the first row alone, if there is one. A single column is read as a tuple of one.
macro_rules! row {
    ($tx:expr, $sql:expr $(, $value:expr)* $(,)?) => {
        match &mut *$tx {
            $crate::db::Tx::Sqlite(tx) => {
                sqlx::query_as($sql)$(.bind($value))*.fetch_optional(&mut **tx).await
            }
            $crate::db::Tx::Postgres(tx) => {
                sqlx::query_as($sql).persistent(false)$(.bind($value))*.fetch_optional(&mut **tx).await
            }
        }
    };
}

pub(crate) use {execute, row, rows};

/// A run of many million rows closes in minutes, and whoever wants to write meanwhile waits.
const PATIENCE: Duration = Duration::from_secs(900);

/// How long to wait for a connection to PostgreSQL: a server that takes over from a dead one needs some seconds.
const RECONNECT: Duration = Duration::from_secs(10);

/// Where a machine goes without a word, the database would keep its transactions, and what they hold, for hours. And it
/// would compile a statement of some milliseconds for a tenth of a second, where it takes it for a long one.
const BEGIN: &str =
    "BEGIN; SET LOCAL idle_in_transaction_session_timeout = '2min'; SET LOCAL jit = off";
const BEGIN_READING: &str = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SET LOCAL jit = off";

/// The longest key that an index of PostgreSQL has as it is, in bytes.
const LONGEST_KEY: usize = 500;

/// Characters of a longer key that its entry there begins with.
const BEGINNING: usize = 48;

/// What transactions wait for on PostgreSQL. Taken in this order, for one workspace at a time, they cannot stand
/// in each other's way.
#[derive(Clone, Copy)]
pub(crate) enum Lock {
    /// The rows of the ledger that count, and their sums.
    Ledger = 1,
    /// The end of the audit log.
    Chain = 2,
}

impl Db {
    pub(crate) async fn sqlite(file: &Path, reserve: Reserve) -> Result<Self, StoreError> {
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
                    // So that a new index on a long history is sorted beside being read.
                    .pragma("threads", "2")
                    .pragma("journal_size_limit", "67108864"),
            )
            .await?;
        let before = migrated(&write).await?;
        sqlx::migrate!("../../migrations/sqlite")
            .run(&write)
            .await?;
        // Of a table that was made anew nothing is known, and whoever reads shall know it from the beginning.
        if before > 0 && migrated(&write).await? > before {
            learn(&write).await?;
        }
        let read = SqlitePoolOptions::new()
            .max_connections(8)
            // A connection follows the figures of tables that it found when it was opened: see `learn`.
            .max_lifetime(Duration::from_mins(10))
            .connect_with(
                options
                    // So that reading goes on while the rows read so far are taken.
                    .row_buffer_size(1024)
                    .pragma("query_only", "on")
                    .pragma("cache_size", "-16384"),
            )
            .await?;
        if let Err(error) = reserve.fill().await {
            let error: &dyn Error = &error;
            tracing::warn!(error, "there is no room to set aside");
        }
        Ok(Self::Sqlite {
            read,
            write,
            reserve: Arc::new(reserve),
        })
    }

    pub(crate) async fn postgres(address: &str) -> Result<Self, StoreError> {
        let options: PgConnectOptions = address.parse()?;
        let options = options
            .application_name("tarazu")
            .statement_cache_capacity(0);
        let pool = PgPoolOptions::new()
            .max_connections(20)
            .acquire_timeout(RECONNECT)
            .connect_with(options)
            .await?;
        migrate(&pool).await?;
        Ok(Self::Postgres(pool))
    }

    /// For reading: all its statements see the same state.
    pub(crate) async fn read(&self) -> Result<Tx, StoreError> {
        Ok(match self {
            Self::Sqlite { read, .. } => Tx::Sqlite(read.begin().await?),
            Self::Postgres(pool) => Tx::Postgres(pool.begin_with(BEGIN_READING).await?),
        })
    }

    /// For writing. On SQLite it has the right to write from its first moment, so that it never has to give up
    /// half-way.
    pub(crate) async fn begin(&self) -> Result<Tx, StoreError> {
        match self {
            Self::Sqlite { write, reserve, .. } => {
                let mut tx = write.begin_with("BEGIN IMMEDIATE").await?;
                // Moving the write-ahead log into the database lets the latter grow, which would eat the room
                // that was given free for entries; it has to wait until the disk has room again.
                sqlx::query(if reserve.is_held() {
                    "PRAGMA wal_autocheckpoint = 1000"
                } else {
                    "PRAGMA wal_autocheckpoint = 0"
                })
                .execute(&mut *tx)
                .await?;
                Ok(Tx::Sqlite(tx))
            }
            Self::Postgres(pool) => Ok(Tx::Postgres(pool.begin_with(BEGIN).await?)),
        }
    }

    /// Whether several can write at a time.
    pub(crate) const fn is_shared(&self) -> bool {
        matches!(self, Self::Postgres(_))
    }

    /// Has the database look at how much its tables have grown, from which it chooses ways to ask them. PostgreSQL does so
    /// by itself.
    pub(crate) async fn learn(&self) -> Result<(), StoreError> {
        match self {
            Self::Sqlite { write, .. } => learn(write).await,
            Self::Postgres(_) => Ok(()),
        }
    }

    /// Has PostgreSQL look at how many rows of the ledger left: by itself it does so when a tenth of all rows changed, and
    /// would take those that left for none until then. SQLite is told by [`Db::learn`].
    pub(crate) async fn learn_of_left(&self) -> Result<(), StoreError> {
        if let Self::Postgres(pool) = self {
            sqlx::raw_sql("ANALYZE ledger").execute(pool).await?;
        }
        Ok(())
    }

    /// Sets room aside for writing down that the disk is full, where the disk is ours.
    pub(crate) async fn set_aside(&self) -> Result<(), StoreError> {
        match self {
            Self::Sqlite { reserve, .. } => reserve.fill().await,
            Self::Postgres(_) => Ok(()),
        }
    }

    /// Gives that room free. False where there was none.
    pub(crate) async fn spend(&self) -> bool {
        match self {
            Self::Sqlite { reserve, .. } => reserve.spend().await,
            Self::Postgres(_) => false,
        }
    }

    pub(crate) async fn close(&self) {
        match self {
            Self::Sqlite { read, write, .. } => {
                read.close().await;
                write.close().await;
            }
            Self::Postgres(pool) => pool.close().await,
        }
    }
}

impl Tx {
    pub(crate) async fn commit(self) -> Result<(), StoreError> {
        match self {
            Self::Sqlite(tx) => tx.commit().await?,
            Self::Postgres(tx) => tx.commit().await?,
        }
        Ok(())
    }

    /// What the index of keys has for a key: see the migration `lighter_keys`.
    pub(crate) fn key_index<'a>(&self, key: &'a str) -> Cow<'a, str> {
        match self {
            Self::Postgres(_) if key.len() > LONGEST_KEY => {
                let digest = Sha256::digest(key.as_bytes());
                let digest: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
                let begin = key.get(..beginning(key)).unwrap_or_default();
                Cow::Owned(format!("{begin}{digest}{:LONGEST_KEY$}", ""))
            }
            _ => Cow::Borrowed(key),
        }
    }

    /// Waits until no other transaction of this workspace holds the lock, and holds it until this one ends. SQLite
    /// has one writer anyway.
    pub(crate) async fn lock(&mut self, lock: Lock, workspace: &str) -> Result<(), StoreError> {
        if let Self::Postgres(tx) = self {
            sqlx::query("SELECT pg_advisory_xact_lock($1, hashtext($2))")
                .persistent(false)
                .bind(lock as i32)
                .bind(workspace)
                .execute(&mut **tx)
                .await?;
        }
        Ok(())
    }
}

/// Where the characters of a key end that its index begins with in any case.
pub(crate) fn beginning(key: &str) -> usize {
    let end = key.char_indices().nth(BEGINNING);
    end.map_or(key.len(), |(at, _)| at)
}

/// Several processes may start at once. The lock lasts as long as its transaction, since one of the session would
/// be lost behind a pooler.
/// How many migrations a database has behind it.
async fn migrated(pool: &SqlitePool) -> Result<i64, StoreError> {
    let any = "SELECT 1 FROM sqlite_schema WHERE name = '_sqlx_migrations'";
    let any: Option<(i64,)> = sqlx::query_as(any).fetch_optional(pool).await?;
    if any.is_none() {
        return Ok(0);
    }
    let count = sqlx::query_scalar("SELECT count(*) FROM _sqlx_migrations");
    Ok(count.fetch_one(pool).await?)
}

async fn learn(write: &SqlitePool) -> Result<(), StoreError> {
    let mut tx = write.begin().await?;
    // Some hundred rows of each index, of tables that have ten times the rows of the last time.
    sqlx::raw_sql("PRAGMA analysis_limit = 400; PRAGMA optimize = 0x10002")
        .execute(&mut *tx)
        .await?;
    let any = "SELECT 1 FROM sqlite_schema WHERE name = 'sqlite_stat1'";
    let any: Option<(i64,)> = sqlx::query_as(any).fetch_optional(&mut *tx).await?;
    if any.is_some() {
        for sql in OF_LARGE {
            sqlx::query(sql).bind(MANY).execute(&mut *tx).await?;
        }
    }
    tx.commit().await?;
    // This connection follows what it has just found, unless it reads what is left of it.
    sqlx::raw_sql("ANALYZE sqlite_schema")
        .execute(write)
        .await?;
    Ok(())
}

async fn migrate(pool: &PgPool) -> Result<(), StoreError> {
    let mut gate = pool.begin().await?;
    sqlx::query("SELECT pg_advisory_xact_lock(0, 0)")
        .persistent(false)
        .execute(&mut *gate)
        .await?;
    // sqlx gives its own statements names and leaves them to the session, where another process has left the same.
    sqlx::raw_sql("DEALLOCATE ALL").execute(&mut *gate).await?;
    let mut migrations: Migrator = sqlx::migrate!("../../migrations/postgres");
    migrations.set_locking(false);
    migrations.run_direct(None, &mut *gate, false).await?;
    sqlx::raw_sql("DEALLOCATE ALL").execute(&mut *gate).await?;
    Ok(gate.commit().await?)
}

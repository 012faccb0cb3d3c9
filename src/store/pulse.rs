//! Which processes share a PostgreSQL database. Each has a number there and says every few seconds, by the database's
//! clock, that it is alive. A lock of the session would tell sooner, but does not outlive a pooler.

use crate::{error::StoreError, word::natural};
use sqlx::{PgPool, postgres::PgPoolOptions};
use std::{error::Error, time::Duration};
use tokio::task::JoinHandle;

/// Whoever is silent for so many beats is taken for gone.
const MISSED: u32 = 5;

pub(crate) struct Pulse {
    pool: PgPool,
    number: u64,
    beat: Duration,
    beating: JoinHandle<()>,
}

impl Pulse {
    pub(crate) async fn begin(others: &PgPool, beat: Duration) -> Result<Self, StoreError> {
        // A connection of its own: all others may be waiting for a lock, and whoever waits is alive.
        let pool = PgPoolOptions::new()
            .max_connections(1)
            .connect_lazy_with(others.connect_options().as_ref().clone());
        let mut tx = pool.begin().await?;
        let (number,): (i64,) =
            sqlx::query_as("INSERT INTO processes DEFAULT VALUES RETURNING number")
                .persistent(false)
                .fetch_one(&mut *tx)
                .await?;
        // Numbers that a run still names stay, for its owner to be missed.
        sqlx::query(
            "DELETE FROM processes p WHERE seen_at < now() - interval '1 day' \
             AND NOT EXISTS (SELECT 1 FROM runs r WHERE r.status = 'running' AND r.lease = p.number)",
        )
        .persistent(false)
        .execute(&mut *tx)
        .await?;
        tx.commit().await?;
        let beating = tokio::spawn(go_on(pool.clone(), number, beat));
        Ok(Self {
            pool,
            number: natural(number)?,
            beat,
            beating,
        })
    }

    pub(crate) fn number(&self) -> u64 {
        self.number
    }

    /// Processes that said so lately.
    pub(crate) async fn alive(&self) -> Result<Vec<u64>, StoreError> {
        let mut tx = self.pool.begin().await?;
        let found: Vec<(i64,)> = sqlx::query_as(
            "SELECT number FROM processes WHERE seen_at > now() - make_interval(secs => $2) OR number = $1",
        )
        .persistent(false)
        .bind(i64::try_from(self.number).map_err(StoreError::corrupt)?)
        .bind((self.beat * MISSED).as_secs_f64())
        .fetch_all(&mut *tx)
        .await?;
        found.into_iter().map(|(it,)| natural(it)).collect()
    }

    /// Says that the process is gone, so that nobody has to wait until it is missed.
    pub(crate) async fn end(&self) {
        self.beating.abort();
        if let Err(error) = self.leave().await {
            let error: &dyn Error = &error;
            tracing::warn!(
                error,
                "the database could not be told that this process ends"
            );
        }
        self.pool.close().await;
    }

    async fn leave(&self) -> Result<(), StoreError> {
        let number = i64::try_from(self.number).map_err(StoreError::corrupt)?;
        let mut tx = self.pool.begin().await?;
        sqlx::query("DELETE FROM processes WHERE number = $1")
            .persistent(false)
            .bind(number)
            .execute(&mut *tx)
            .await?;
        Ok(tx.commit().await?)
    }
}

impl Drop for Pulse {
    fn drop(&mut self) {
        self.beating.abort();
    }
}

async fn go_on(pool: PgPool, number: i64, beat: Duration) {
    loop {
        tokio::time::sleep(beat).await;
        let seen = async {
            let mut tx = pool.begin().await?;
            sqlx::query(
                "INSERT INTO processes (number) OVERRIDING SYSTEM VALUE VALUES ($1) \
                 ON CONFLICT (number) DO UPDATE SET seen_at = now()",
            )
            .persistent(false)
            .bind(number)
            .execute(&mut *tx)
            .await?;
            tx.commit().await
        };
        if let Err(error) = seen.await {
            let error: &dyn Error = &error;
            tracing::warn!(
                error,
                "the database could not be told that this process is alive"
            );
        }
    }
}

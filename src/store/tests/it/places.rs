//! Where a test keeps things: in a folder, and in a database of PostgreSQL where TARAZU_TEST_POSTGRES names a
//! server. Every test that runs without it runs with it too; `cargo xtask test` does both.

#![expect(
    clippy::disallowed_methods,
    reason = "which database to test is said from outside"
)]

use sqlx::{AssertSqlSafe, Connection, PgConnection};
use std::{env, fs::File, io::Write, path::Path, thread};
use store::{Places, Store};

/// The places of a test's folder; asked again for the same folder, they are the same.
pub(crate) async fn places(folder: &Path) -> Places {
    let Some(server) = server() else {
        return Places::from(folder);
    };
    let name = name(folder);
    let mut sql = PgConnection::connect(&server).await.unwrap();
    // As the store does it, so that tests go through a pooler too: in a transaction, without a statement's name.
    let mut tx = sql.begin().await.unwrap();
    let there: bool =
        sqlx::query_scalar("SELECT EXISTS (SELECT 1 FROM pg_database WHERE datname = $1)")
            .persistent(false)
            .bind(&name)
            .fetch_one(&mut *tx)
            .await
            .unwrap();
    tx.commit().await.unwrap();
    if !there {
        let create = format!("CREATE DATABASE \"{name}\"");
        sqlx::raw_sql(AssertSqlSafe(create))
            .execute(&mut sql)
            .await
            .unwrap();
    }
    Places {
        database: Some(address(&server, &name)),
        ..Places::from(folder)
    }
}

pub(crate) async fn open(folder: &Path) -> Store {
    Store::open(places(folder).await).await.unwrap()
}

pub(crate) fn server() -> Option<String> {
    env::var("TARAZU_TEST_POSTGRES")
        .ok()
        .filter(|it| !it.is_empty())
}

/// Says that the test at hand cannot be done here: in the file that TARAZU_NOT_RUN names too, from which
/// `cargo xtask test` tells it and counts it apart.
#[expect(clippy::print_stdout, reason = "whoever runs the tests reads it")]
pub(crate) fn not_run(why: &str) {
    println!("not run: {why}");
    if let Some(file) = env::var_os("TARAZU_NOT_RUN") {
        let mut file = File::options()
            .append(true)
            .create(true)
            .open(file)
            .unwrap();
        let test = thread::current();
        let line = format!("{}: {why}\n", test.name().unwrap_or_default());
        // At once, since other tests write beside it.
        file.write_all(line.as_bytes()).unwrap();
    }
}

pub(crate) fn name(folder: &Path) -> String {
    let kept: String = folder
        .to_string_lossy()
        .chars()
        .filter(|it| it.is_ascii_alphanumeric())
        .collect();
    let from = kept.len().saturating_sub(60);
    kept[from..].to_owned()
}

/// The address of another database of the same server.
pub(crate) fn address(server: &str, name: &str) -> String {
    let (server, _) = server.rsplit_once('/').unwrap();
    format!("{server}/{name}")
}

//! Changes to the database behind the store's back.

use crate::places::{address, name, server};
use sqlx::{AssertSqlSafe, Connection, PgConnection, SqliteConnection};
use std::path::Path;

/// Whether tests run on PostgreSQL.
pub(crate) fn is_postgres() -> bool {
    server().is_some()
}

/// Does what no store would: `Err` where the database itself refuses it.
pub(crate) async fn tamper(folder: &Path, sql: &str) -> Result<(), sqlx::Error> {
    let sql = AssertSqlSafe(sql.to_owned());
    match server() {
        Some(server) => {
            let mut database = PgConnection::connect(&address(&server, &name(folder))).await?;
            sqlx::raw_sql(sql).execute(&mut database).await?;
            database.close().await
        }
        None => {
            let url = format!("sqlite://{}", folder.join("tarazu.db").display());
            let mut database = SqliteConnection::connect(&url).await?;
            sqlx::raw_sql(sql).execute(&mut database).await?;
            database.close().await
        }
    }
}

/// Makes the database of `to` a copy of that of `from`, which nobody may have open.
pub(crate) async fn copy(from: &Path, to: &Path) {
    match server() {
        Some(server) => {
            let mut sql = PgConnection::connect(&server).await.unwrap();
            // A pooler keeps sessions that nobody uses any more.
            let end = format!(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{}'",
                name(from)
            );
            sqlx::raw_sql(AssertSqlSafe(end))
                .execute(&mut sql)
                .await
                .unwrap();
            let copy = format!(
                "CREATE DATABASE \"{}\" TEMPLATE \"{}\"",
                name(to),
                name(from)
            );
            sqlx::raw_sql(AssertSqlSafe(copy))
                .execute(&mut sql)
                .await
                .unwrap();
        }
        None => {
            std::fs::copy(from.join("tarazu.db"), to.join("tarazu.db")).unwrap();
        }
    }
}

/// Triggers are dropped by `DROP TRIGGER name`, and on PostgreSQL of a table.
pub(crate) fn drop_trigger(name: &str, table: &str) -> String {
    if is_postgres() {
        format!("DROP TRIGGER {name} ON {table};")
    } else {
        format!("DROP TRIGGER {name};")
    }
}

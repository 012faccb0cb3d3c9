//! Statements over many rows at once: the way to bring a million rows in within seconds.

use crate::error::StoreError;
use sqlx::{
    Arguments, AssertSqlSafe, Encode, Sqlite, SqliteConnection, Type, sqlite::SqliteArguments,
};

/// Rows per statement. More of them save little, and preparing one grows.
pub(crate) const CHUNK: usize = 128;

/// `INSERT INTO … (…) VALUES (?, …), (?, …) tail`.
pub(crate) struct Insert {
    /// `INSERT INTO table (columns)`.
    pub(crate) head: &'static str,
    pub(crate) columns: usize,
    pub(crate) tail: &'static str,
}

/// The values of one statement, row after row.
#[derive(Default)]
pub(crate) struct Values(SqliteArguments);

impl Values {
    pub(crate) fn add<'t, T>(&mut self, value: T) -> Result<(), StoreError>
    where
        T: Encode<'t, Sqlite> + Type<Sqlite>,
    {
        self.0.add(value).map_err(StoreError::Corrupt)
    }

    pub(crate) fn into_arguments(self) -> SqliteArguments {
        self.0
    }
}

impl Insert {
    /// Inserts `rows` rows, at most a chunk, and tells how many of them were taken.
    pub(crate) async fn run(
        &self,
        connection: &mut SqliteConnection,
        rows: usize,
        values: Values,
    ) -> Result<u64, StoreError> {
        let row = format!("({})", placeholders(self.columns));
        let sql = format!(
            "{} VALUES {} {}",
            self.head,
            vec![row; rows].join(","),
            self.tail
        );
        // Only a full chunk comes again often enough to stay prepared.
        let done = sqlx::query_with(AssertSqlSafe(sql), values.0)
            .persistent(rows == CHUNK)
            .execute(connection)
            .await?;
        Ok(done.rows_affected())
    }
}

/// `?,?,?`. Numbered ones would be looked up by name, one by one, for every value.
pub(crate) fn placeholders(count: usize) -> String {
    vec!["?"; count].join(",")
}

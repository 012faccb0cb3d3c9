//! What goes wrong in the store. The texts are ours; a foreign error stands behind `source`, for the log.

use sqlx::{migrate::MigrateError, postgres::PgDatabaseError};
use std::{error::Error, io};

type Source = Box<dyn Error + Send + Sync>;

#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// There is no such run, file or entry in this workspace.
    #[error("not found")]
    NotFound,
    /// It is not in the state that this needs: a run that has ended, a row that is there already.
    #[error("this does not fit the state that it is in")]
    Conflict(#[source] Option<Source>),
    /// No space, or a quota is used up. Nothing of the operation was kept.
    #[error("the disk is full")]
    Full(#[source] Source),
    /// The database or the disk does not answer, or is busy for too long.
    #[error("the store does not answer")]
    Unavailable(#[source] Source),
    /// What was read is not what was ever written.
    #[error("what is stored cannot be read")]
    Corrupt(#[source] Source),
    /// What the caller gave breaks an invariant; nothing of the operation was kept.
    #[error("the figures do not add up: {0}")]
    Unbalanced(&'static str),
}

impl StoreError {
    pub(crate) fn corrupt(source: impl Into<Source>) -> Self {
        Self::Corrupt(source.into())
    }

    /// For entries: which kind of error it is, in a closed word.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::NotFound => "not-found",
            Self::Conflict(_) => "conflict",
            Self::Full(_) => "disk-full",
            Self::Unavailable(_) => "unavailable",
            Self::Corrupt(_) => "corrupt",
            Self::Unbalanced(_) => "unbalanced",
        }
    }
}

/// For entries, which hold no foreign text: the code that the database or the operating system gave for what went wrong,
/// somewhere behind this error. It is a state of PostgreSQL, a result of SQLite, or the number or kind of an error of input
/// and output.
pub fn code(error: &(dyn Error + 'static)) -> Option<String> {
    let mut cause = Some(error);
    while let Some(it) = cause {
        if let Some(sqlx::Error::Database(inner)) = it.downcast_ref() {
            let of = match inner.try_downcast_ref::<PgDatabaseError>() {
                Some(_) => "SQLSTATE",
                None => "SQLite",
            };
            return inner.code().map(|it| format!("{of} {it}"));
        }
        if let Some(inner) = it.downcast_ref::<io::Error>() {
            let number = inner.raw_os_error().map(|it| format!("errno {it}"));
            return Some(number.unwrap_or_else(|| format!("{:?}", inner.kind())));
        }
        cause = it.source();
    }
    None
}

impl From<io::Error> for StoreError {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::NotFound => Self::NotFound,
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
                Self::Full(Box::new(error))
            }
            _ => Self::Unavailable(Box::new(error)),
        }
    }
}

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        match &error {
            sqlx::Error::Database(inner) => {
                let code = inner.code();
                if inner.try_downcast_ref::<PgDatabaseError>().is_some() {
                    kind_of_state(code.as_deref().unwrap_or_default())(error)
                } else {
                    kind_of_result(code.and_then(|it| it.parse().ok()))(error)
                }
            }
            sqlx::Error::Io(inner) if is_full(inner.kind()) => Self::Full(Box::new(error)),
            sqlx::Error::ColumnDecode { .. } | sqlx::Error::Decode(_) => {
                Self::Corrupt(Box::new(error))
            }
            _ => Self::Unavailable(Box::new(error)),
        }
    }
}

impl From<MigrateError> for StoreError {
    fn from(error: MigrateError) -> Self {
        match error {
            MigrateError::Execute(inner) | MigrateError::ExecuteMigration(inner, _) => inner.into(),
            other => Self::Corrupt(Box::new(other)),
        }
    }
}

impl From<object_store::Error> for StoreError {
    fn from(error: object_store::Error) -> Self {
        if matches!(error, object_store::Error::NotFound { .. }) {
            return Self::NotFound;
        }
        let mut cause: Option<&(dyn Error + 'static)> = Some(&error);
        while let Some(it) = cause {
            if it
                .downcast_ref::<io::Error>()
                .is_some_and(|it| is_full(it.kind()))
            {
                return Self::Full(Box::new(error));
            }
            cause = it.source();
        }
        Self::Unavailable(Box::new(error))
    }
}

fn is_full(kind: io::ErrorKind) -> bool {
    matches!(
        kind,
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded
    )
}

/// By SQLite's extended result codes (<https://www.sqlite.org/rescode.html>). The index of the write-ahead
/// log is a file of its own, and a full disk shows there as an input-output error of its growing.
fn kind_of_result(code: Option<i32>) -> fn(sqlx::Error) -> StoreError {
    const IOERR_SHMSIZE: i32 = 4874;
    let Some(code) = code else {
        return |it| StoreError::Unavailable(Box::new(it));
    };
    match (code & 0xff, code) {
        (13, _) | (_, IOERR_SHMSIZE) => |it| StoreError::Full(Box::new(it)),
        (11 | 26, _) => |it| StoreError::Corrupt(Box::new(it)),
        (19, _) => |it| StoreError::Conflict(Some(Box::new(it))),
        _ => |it| StoreError::Unavailable(Box::new(it)),
    }
}

/// By PostgreSQL's states (<https://www.postgresql.org/docs/current/errcodes-appendix.html>): 53100 is a full disk,
/// class 23 a constraint, XX001 and XX002 damage, P0001 what our triggers refuse.
fn kind_of_state(state: &str) -> fn(sqlx::Error) -> StoreError {
    match state {
        "53100" => |it| StoreError::Full(Box::new(it)),
        "XX001" | "XX002" => |it| StoreError::Corrupt(Box::new(it)),
        "P0001" => |it| StoreError::Conflict(Some(Box::new(it))),
        _ if state.starts_with("23") => |it| StoreError::Conflict(Some(Box::new(it))),
        _ => |it| StoreError::Unavailable(Box::new(it)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use sqlx::{Connection, SqliteConnection};

    #[tokio::test]
    async fn a_full_database_is_told_from_a_dead_one() {
        let mut connection = SqliteConnection::connect("sqlite::memory:").await.unwrap();
        sqlx::raw_sql("CREATE TABLE t (b BLOB); PRAGMA max_page_count = 4")
            .execute(&mut connection)
            .await
            .unwrap();
        let full = sqlx::query("INSERT INTO t VALUES (zeroblob(1000000))")
            .execute(&mut connection)
            .await;
        let full: StoreError = full.unwrap_err().into();
        assert!(matches!(full, StoreError::Full(_)));
        assert_eq!(code(&full).as_deref(), Some("SQLite 13"));
        let dead: StoreError = sqlx::Error::PoolClosed.into();
        assert!(matches!(dead, StoreError::Unavailable(_)));
        assert_eq!(code(&dead), None);
    }

    #[test]
    fn a_full_disk_is_found_behind_other_errors_and_its_text_stays_there() {
        let source = io::Error::from(io::ErrorKind::StorageFull);
        let error = object_store::Error::Generic {
            store: "raw",
            source: Box::new(source),
        };
        let error = StoreError::from(error);
        assert!(matches!(error, StoreError::Full(_)));
        assert_eq!(error.to_string(), "the disk is full");
        assert_eq!(code(&error).as_deref(), Some("StorageFull"));
        let cut = sqlx::Error::Io(io::Error::from_raw_os_error(104));
        assert_eq!(code(&StoreError::from(cut)).as_deref(), Some("errno 104"));
    }
}

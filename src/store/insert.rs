//! Statements over many rows at once: the way to bring a million rows in within seconds.

use crate::{db::Tx, error::StoreError};
use sqlx::{
    Arguments, AssertSqlSafe, Encode, Type, error::BoxDynError, postgres::PgArguments,
    sqlite::SqliteArguments,
};
use std::{collections::HashMap, sync::Arc};

/// Rows per statement of SQLite. More of them save little, and preparing one grows.
const CHUNK: usize = 128;

/// Rows per statement of PostgreSQL, where each column goes as one array.
const ARRAYS: usize = 8192;

/// `INSERT INTO table (shared, columns) … tail`.
pub(crate) struct Insert<const S: usize, const C: usize> {
    pub(crate) table: &'static str,
    /// Columns whose value is the same for all rows.
    pub(crate) shared: [&'static str; S],
    pub(crate) columns: [(&'static str, Kind); C],
    pub(crate) tail: &'static str,
}

#[derive(Debug, Clone, Copy)]
pub(crate) enum Kind {
    Text,
    /// A text that many rows have.
    Word,
    Integer,
    Bytes,
    Flag,
}

/// A value of a row; which of them stands in a column is its `Kind`.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Value<'a> {
    Text(Option<&'a str>),
    Integer(Option<i64>),
    Bytes(&'a [u8]),
    Flag(bool),
}

impl<const S: usize, const C: usize> Insert<S, C> {
    /// Inserts the rows in their order, and tells how many of them were taken.
    pub(crate) async fn run(
        &self,
        tx: &mut Tx,
        shared: [Value<'_>; S],
        rows: &[[Value<'_>; C]],
    ) -> Result<u64, StoreError> {
        let mut taken = 0;
        match tx {
            Tx::Sqlite(tx) => {
                let written = self.row(&shared);
                let texts = shared.into_iter().filter_map(|it| match it {
                    Value::Text(Some(text)) => Some(Arc::<str>::from(text)),
                    _ => None,
                });
                let texts: Vec<_> = texts.collect();
                let mut words = HashMap::new();
                for chunk in rows.chunks(CHUNK) {
                    let mut values = SqliteArguments::default();
                    for row in chunk {
                        for text in &texts {
                            values.add(Arc::clone(text)).map_err(StoreError::Corrupt)?;
                        }
                        for (value, (_, kind)) in row.iter().zip(&self.columns) {
                            match (kind, value) {
                                (Kind::Word, Value::Text(Some(text))) => {
                                    let word = words.entry(*text);
                                    values.add(Arc::clone(
                                        word.or_insert_with(|| Arc::<str>::from(*text)),
                                    ))
                                }
                                _ => add(&mut values, *value),
                            }
                            .map_err(StoreError::Corrupt)?;
                        }
                    }
                    // Only a full chunk comes again often enough to stay prepared.
                    let sql = AssertSqlSafe(self.row_by_row(&written, chunk.len()));
                    let done = sqlx::query_with(sql, values)
                        .persistent(chunk.len() == CHUNK)
                        .execute(&mut **tx)
                        .await?;
                    taken += done.rows_affected();
                }
            }
            Tx::Postgres(tx) => {
                for chunk in rows.chunks(ARRAYS) {
                    let done = sqlx::query_with(
                        AssertSqlSafe(self.column_by_column()),
                        self.arrays(&shared, chunk)?,
                    )
                    .persistent(false)
                    .execute(&mut **tx)
                    .await?;
                    taken += done.rows_affected();
                }
            }
        }
        Ok(taken)
    }

    fn head(&self) -> String {
        let names = self.shared.into_iter();
        let names = names.chain(self.columns.iter().map(|(name, _)| *name));
        let names: Vec<&str> = names.collect();
        format!("INSERT INTO {} ({})", self.table, names.join(", "))
    }

    /// `(?, 7, ?, ?)`. A shared text is bound for each row, since a numbered value would be looked up by name, one by
    /// one; other shared values are written out.
    fn row(&self, shared: &[Value<'_>; S]) -> String {
        let shared = shared.iter().map(|it| match it {
            Value::Text(Some(_)) => "?".to_owned(),
            Value::Integer(Some(number)) => number.to_string(),
            Value::Flag(is) => i64::from(*is).to_string(),
            Value::Text(None) | Value::Integer(None) => "NULL".to_owned(),
            Value::Bytes(bytes) => {
                let digits: Vec<String> = bytes.iter().map(|it| format!("{it:02x}")).collect();
                format!("X'{}'", digits.concat())
            }
        });
        let own = (0..C).map(|_| "?".to_owned());
        let values: Vec<String> = shared.chain(own).collect();
        format!("({})", values.join(","))
    }

    /// `VALUES (?, ?), (?, ?)`.
    fn row_by_row(&self, row: &str, rows: usize) -> String {
        let rows = vec![row; rows].join(",");
        format!("{} VALUES {rows} {}", self.head(), self.tail)
    }

    /// `SELECT $1, column … FROM unnest($2::text[], …)`.
    fn column_by_column(&self) -> String {
        let shared = (1..=S).map(|it| format!("${it}"));
        let own = (1..=C).map(|it| format!("u.c{it}"));
        let selected: Vec<String> = shared.chain(own).collect();
        let arrays = self.columns.iter().enumerate().map(|(place, (_, kind))| {
            let kind = match kind {
                Kind::Text | Kind::Word => "text",
                Kind::Integer => "bigint",
                Kind::Bytes => "bytea",
                Kind::Flag => "boolean",
            };
            format!("${}::{kind}[]", S + place + 1)
        });
        let arrays: Vec<String> = arrays.collect();
        let names: Vec<String> = (1..=C).map(|it| format!("c{it}")).collect();
        format!(
            "{} SELECT {} FROM unnest({}) AS u({}) {}",
            self.head(),
            selected.join(", "),
            arrays.join(", "),
            names.join(", "),
            self.tail
        )
    }

    fn arrays(
        &self,
        shared: &[Value<'_>; S],
        rows: &[[Value<'_>; C]],
    ) -> Result<PgArguments, StoreError> {
        let mut values = PgArguments::default();
        for value in shared {
            add(&mut values, *value).map_err(StoreError::Corrupt)?;
        }
        for (place, (_, kind)) in self.columns.iter().enumerate() {
            let column = rows.iter().filter_map(|row| row.get(place).copied());
            match kind {
                Kind::Text | Kind::Word => {
                    values.add(column.map(Value::text).collect::<Result<Vec<_>, _>>()?)
                }
                Kind::Integer => {
                    values.add(column.map(Value::integer).collect::<Result<Vec<_>, _>>()?)
                }
                Kind::Bytes => values.add(column.map(Value::bytes).collect::<Result<Vec<_>, _>>()?),
                Kind::Flag => values.add(column.map(Value::flag).collect::<Result<Vec<_>, _>>()?),
            }
            .map_err(StoreError::Corrupt)?;
        }
        Ok(values)
    }
}

fn add<'a, A>(values: &mut A, value: Value<'a>) -> Result<(), BoxDynError>
where
    A: Arguments,
    Option<&'a str>: Encode<'a, A::Database> + Type<A::Database>,
    Option<i64>: Encode<'a, A::Database> + Type<A::Database>,
    &'a [u8]: Encode<'a, A::Database> + Type<A::Database>,
    bool: Encode<'a, A::Database> + Type<A::Database>,
{
    match value {
        Value::Text(it) => values.add(it),
        Value::Integer(it) => values.add(it),
        Value::Bytes(it) => values.add(it),
        Value::Flag(it) => values.add(it),
    }
}

impl<'a> Value<'a> {
    fn text(self) -> Result<Option<&'a str>, StoreError> {
        match self {
            Self::Text(it) => Ok(it),
            _ => Err(OTHER_KIND),
        }
    }

    fn integer(self) -> Result<Option<i64>, StoreError> {
        match self {
            Self::Integer(it) => Ok(it),
            _ => Err(OTHER_KIND),
        }
    }

    fn bytes(self) -> Result<&'a [u8], StoreError> {
        match self {
            Self::Bytes(it) => Ok(it),
            _ => Err(OTHER_KIND),
        }
    }

    fn flag(self) -> Result<bool, StoreError> {
        match self {
            Self::Flag(it) => Ok(it),
            _ => Err(OTHER_KIND),
        }
    }
}

const OTHER_KIND: StoreError = StoreError::Unbalanced("a value is not of its column's kind");

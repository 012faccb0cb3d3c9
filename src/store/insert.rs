//! Statements over many rows at once: the way to bring a million rows in within seconds.

use crate::{db::Tx, error::StoreError};
use futures::future;
use sqlx::{
    Arguments, AssertSqlSafe, Encode, Type, error::BoxDynError, postgres::PgArguments,
    sqlite::SqliteArguments,
};
use std::{collections::HashMap, sync::Arc};

/// Rows per statement of SQLite. More of them save little, and preparing one grows.
const CHUNK: usize = 128;

/// Rows per statement of PostgreSQL, where each column goes as one array.
const ARRAYS: usize = 8192;

/// Rows that are copied at a time.
const SENT: usize = 1024;

/// From so many rows on they are copied, where no conflict is to be told: that saves PostgreSQL a statement's work for
/// each row, and takes two more messages.
const COPIED: usize = 512;

/// What comes before the rows in PostgreSQL's binary form of COPY.
const HEAD: &[u8] = b"PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0";

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
        self.run_while(tx, shared, rows, &|it| Ok(*it), &mut |_| {})
            .await
    }

    /// As [`Self::run`], of rows that have such values. What there is to do about rows besides is done while the database
    /// works on them. Few of them are in hand at a time, so that what is read once is still near when it is read again.
    pub(crate) async fn run_while<'a, R: Sync>(
        &self,
        tx: &mut Tx,
        shared: [Value<'a>; S],
        rows: &'a [R],
        values: &(dyn Fn(&'a R) -> Result<[Value<'a>; C], StoreError> + Sync),
        meanwhile: &mut (dyn FnMut(&'a [R]) + Send),
    ) -> Result<u64, StoreError> {
        let mut taken = 0;
        match tx {
            Tx::Sqlite(tx) => {
                let row = self.row(&shared);
                let mut words = Words::default();
                let mut chunks = rows.chunks(CHUNK);
                let mut next = chunks.next();
                let mut arguments = self.arguments(&mut words, &shared, next, values)?;
                while let Some(chunk) = next {
                    // Only a full chunk comes again often enough to stay prepared.
                    let sql = AssertSqlSafe(self.row_by_row(&row, chunk.len()));
                    let done = sqlx::query_with(sql, arguments)
                        .persistent(chunk.len() == CHUNK)
                        .execute(&mut **tx);
                    // SQLite works on a thread of its own: the next values are laid out meanwhile.
                    next = chunks.next();
                    let ahead = async {
                        meanwhile(chunk);
                        self.arguments(&mut words, &shared, next, values)
                    };
                    let (done, ahead) = future::join(done, ahead).await;
                    taken += done?.rows_affected();
                    arguments = ahead?;
                }
            }
            Tx::Postgres(tx) if self.tail.is_empty() && rows.len() >= COPIED => {
                let mut copy = tx.copy_in_raw(&self.copy()).await?;
                copy.send(HEAD).await?;
                for chunk in rows.chunks(SENT) {
                    // Once it is on its way the database works on it: the next one is laid out meanwhile.
                    copy.send(self.copied(&shared, chunk, values)?).await?;
                    meanwhile(chunk);
                }
                copy.send((-1_i16).to_be_bytes().as_slice()).await?;
                taken += copy.finish().await?;
            }
            Tx::Postgres(tx) => {
                for chunk in rows.chunks(ARRAYS) {
                    let done = sqlx::query_with(
                        AssertSqlSafe(self.column_by_column()),
                        self.arrays(&shared, chunk, values)?,
                    )
                    .persistent(false)
                    .execute(&mut **tx);
                    let ahead = async { meanwhile(chunk) };
                    taken += future::join(done, ahead).await.0?.rows_affected();
                }
            }
        }
        Ok(taken)
    }

    /// The values of some rows as SQLite takes them.
    fn arguments<'a, R>(
        &self,
        words: &mut Words<'a>,
        shared: &[Value<'a>; S],
        rows: Option<&'a [R]>,
        values: &dyn Fn(&'a R) -> Result<[Value<'a>; C], StoreError>,
    ) -> Result<SqliteArguments, StoreError> {
        let mut arguments = SqliteArguments::default();
        for row in rows.unwrap_or_default() {
            for value in shared {
                if let Value::Text(Some(text)) = value {
                    arguments.add(words.of(text)).map_err(StoreError::Corrupt)?;
                }
            }
            for (value, (_, kind)) in values(row)?.iter().zip(&self.columns) {
                match (kind, value) {
                    (Kind::Word, Value::Text(Some(text))) => arguments.add(words.of(text)),
                    _ => add(&mut arguments, *value),
                }
                .map_err(StoreError::Corrupt)?;
            }
        }
        Ok(arguments)
    }

    fn copy(&self) -> String {
        format!("COPY {} FROM STDIN WITH (FORMAT binary)", self.target())
    }

    /// `table (shared, columns)`.
    fn target(&self) -> String {
        let names = self.shared.into_iter();
        let names = names.chain(self.columns.iter().map(|(name, _)| *name));
        let names: Vec<&str> = names.collect();
        format!("{} ({})", self.table, names.join(", "))
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

    /// `VALUES (?, ?), (?, ?)`. Where it fails its transaction is over: SQLite need not be able to take back what a
    /// statement alone did, and keeps no copies of the pages for that.
    fn row_by_row(&self, row: &str, rows: usize) -> String {
        let (target, tail) = (self.target(), self.tail);
        let rows = vec![row; rows].join(",");
        format!("INSERT OR FAIL INTO {target} VALUES {rows} {tail}")
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
            "INSERT INTO {} SELECT {} FROM unnest({}) AS u({}) {}",
            self.target(),
            selected.join(", "),
            arrays.join(", "),
            names.join(", "),
            self.tail
        )
    }

    /// Rows in PostgreSQL's binary form of COPY: the number of fields of each, and each field with its length before it.
    fn copied<'a, R>(
        &self,
        shared: &[Value<'a>; S],
        rows: &'a [R],
        values: &dyn Fn(&'a R) -> Result<[Value<'a>; C], StoreError>,
    ) -> Result<Vec<u8>, StoreError> {
        let fields = i16::try_from(S + C).map_err(StoreError::corrupt)?;
        let mut bytes = Vec::new();
        let mut start = fields.to_be_bytes().to_vec();
        for value in shared {
            value.copy(&mut start)?;
        }
        for row in rows {
            bytes.extend_from_slice(&start);
            for value in values(row)? {
                value.copy(&mut bytes)?;
            }
        }
        Ok(bytes)
    }

    fn arrays<'a, R>(
        &self,
        shared: &[Value<'a>; S],
        rows: &'a [R],
        values: &dyn Fn(&'a R) -> Result<[Value<'a>; C], StoreError>,
    ) -> Result<PgArguments, StoreError> {
        let rows = rows.iter().map(values).collect::<Result<Vec<_>, _>>()?;
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

/// Texts that many rows have, each of them made once.
#[derive(Default)]
struct Words<'a>(HashMap<&'a str, Arc<str>>);

impl<'a> Words<'a> {
    fn of(&mut self, text: &'a str) -> Arc<str> {
        Arc::clone(self.0.entry(text).or_insert_with(|| Arc::from(text)))
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
    /// As a field of COPY: its length in four bytes, or -1 for none, and itself.
    fn copy(self, to: &mut Vec<u8>) -> Result<(), StoreError> {
        let (number, flag);
        let bytes: &[u8] = match self {
            Self::Text(None) | Self::Integer(None) => {
                to.extend_from_slice(&(-1_i32).to_be_bytes());
                return Ok(());
            }
            Self::Text(Some(text)) => text.as_bytes(),
            Self::Bytes(bytes) => bytes,
            Self::Integer(Some(it)) => {
                number = it.to_be_bytes();
                &number
            }
            Self::Flag(it) => {
                flag = [u8::from(it)];
                &flag
            }
        };
        let length = i32::try_from(bytes.len()).map_err(StoreError::corrupt)?;
        to.extend_from_slice(&length.to_be_bytes());
        to.extend_from_slice(bytes);
        Ok(())
    }

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

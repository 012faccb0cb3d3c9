//! Rows of many files as one table of typed columns.

mod parquet;

pub use ::parquet::errors::ParquetError;
pub use parquet::Parquet;

use engine::day;
use model::money::Money;

pub struct Column {
    pub name: String,
    pub kind: Kind,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Text,
    Whole,
    Money,
    Day,
}

/// A cell of a column of its kind, or of any where it is `None`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cell {
    None,
    Text(String),
    Whole(i64),
    Money(Money),
    /// Counted from 1970-01-01.
    Day(i32),
}

impl Column {
    pub fn new(name: impl Into<String>, kind: Kind) -> Self {
        let name = name.into();
        Self { name, kind }
    }
}

impl Cell {
    pub fn text(text: Option<impl Into<String>>) -> Self {
        text.map_or(Self::None, |it| Self::Text(it.into()))
    }

    /// What is beyond 63 bits is none.
    pub fn natural(number: u64) -> Self {
        i64::try_from(number).map_or(Self::None, Self::Whole)
    }

    pub fn whole(number: Option<i64>) -> Self {
        number.map_or(Self::None, Self::Whole)
    }

    pub fn money(money: Option<Money>) -> Self {
        money.map_or(Self::None, Self::Money)
    }

    pub fn day(iso: Option<&str>) -> Self {
        iso.and_then(day::parse_iso).map_or(Self::None, Self::Day)
    }

    /// As CSV has it.
    pub fn written(&self) -> String {
        match self {
            Self::None => String::new(),
            Self::Text(text) => text.clone(),
            Self::Whole(number) => number.to_string(),
            Self::Money(money) => money.to_string(),
            Self::Day(day) => day::iso(*day),
        }
    }
}

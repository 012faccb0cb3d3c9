//! Between Rust's types and what columns hold.

use crate::error::StoreError;
use model::money::Money;
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;

/// The one word that an enum without fields is written as.
pub(crate) fn word(value: impl Serialize) -> Result<String, StoreError> {
    match serde_json::to_value(value) {
        Ok(Value::String(text)) => Ok(text),
        Ok(_) => Err(StoreError::Unbalanced("a word is no word")),
        Err(error) => Err(StoreError::corrupt(error)),
    }
}

pub(crate) fn from_word<T: DeserializeOwned>(text: &str) -> Result<T, StoreError> {
    serde_json::from_value(Value::String(text.to_owned())).map_err(StoreError::corrupt)
}

pub(crate) fn json(value: &impl Serialize) -> Result<String, StoreError> {
    serde_json::to_string(value).map_err(StoreError::corrupt)
}

pub(crate) fn from_json<T: DeserializeOwned>(text: &str) -> Result<T, StoreError> {
    serde_json::from_str(text).map_err(StoreError::corrupt)
}

pub(crate) fn integer(number: u64) -> Result<i64, StoreError> {
    i64::try_from(number).map_err(|_| StoreError::Unbalanced("a number does not fit 63 bits"))
}

pub(crate) fn natural(number: i64) -> Result<u64, StoreError> {
    u64::try_from(number).map_err(StoreError::corrupt)
}

/// One amount; a sum goes as text.
pub(crate) fn paise(money: Option<Money>) -> Result<Option<i64>, StoreError> {
    let fits = money.map(|it| i64::try_from(it.0)).transpose();
    fits.map_err(|_| StoreError::Unbalanced("an amount does not fit 64 bits"))
}

pub(crate) fn money(paise: Option<i64>) -> Option<Money> {
    paise.map(Money::from_paise)
}

pub(crate) fn sum(text: &str) -> Result<i128, StoreError> {
    text.parse().map_err(StoreError::corrupt)
}

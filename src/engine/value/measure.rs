//! Numbers of all kinds in one measure, to hold them against bounds.

use super::{Value, amount, number};
use crate::contract::ContractError;

/// A whole number, an amount or a number in millionths; None for anything else.
pub(crate) fn of(value: Value) -> Option<i128> {
    match value {
        Value::Whole(value) => Some(i128::from(value) * 1_000_000),
        Value::Amount { paise, .. } => Some(i128::from(paise) * 10_000),
        Value::Number { millionths } => Some(i128::from(millionths)),
        _ => None,
    }
}

/// A bound that a contract gives for the control `code`.
pub(crate) fn bound(code: &str, text: &str) -> Result<i128, ContractError> {
    let amount = || amount::parse(text.as_bytes(), amount::Writing::default());
    let bound =
        number::wide(text.as_bytes()).or_else(|| Some(i128::from(amount()?.paise) * 10_000));
    bound.ok_or_else(|| ContractError::Params {
        code: code.to_owned(),
        reason: format!("`{text}` is not a number with at most six decimals"),
    })
}

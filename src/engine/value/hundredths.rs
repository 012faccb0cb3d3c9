//! Numbers of both kinds in one measure, to hold them against bounds.

use super::{Value, amount};
use crate::contract::ContractError;

/// A whole number or an amount in hundredths; None for anything else.
pub(crate) fn of(value: Value) -> Option<i128> {
    match value {
        Value::Whole(value) => Some(i128::from(value) * 100),
        Value::Amount { paise, .. } => Some(i128::from(paise)),
        _ => None,
    }
}

/// A bound that a contract gives for the control `code`.
pub(crate) fn bound(code: &str, text: &str) -> Result<i128, ContractError> {
    let bound =
        amount::parse(text.as_bytes(), amount::Writing::default()).map(|it| i128::from(it.paise));
    bound.ok_or_else(|| ContractError::Params {
        code: code.to_owned(),
        reason: format!("`{text}` is not a number with at most two decimals"),
    })
}

//! Numbers of all kinds in one measure, to hold them against bounds.

use super::{Value, amount, number};
use crate::{contract::ContractError, control::Class};

/// A whole number, an amount or a number in millionths; None for anything else.
pub(crate) fn of(value: Value) -> Option<i128> {
    match value {
        Value::Whole(value) => Some(i128::from(value) * 1_000_000),
        Value::Amount { paise, .. } => Some(i128::from(paise) * 10_000),
        Value::Number { millionths } => Some(i128::from(millionths)),
        _ => None,
    }
}

/// The numbers of a class whose measure lies between `least` and `most`; None for a class without numbers of
/// that kind. `from` is larger than `to` where there are none.
pub(crate) fn range(class: Class, least: i128, most: i128) -> Option<(i64, i64)> {
    let unit = match class {
        Class::Whole => 1_000_000,
        Class::Amount => 10_000,
        Class::Number => 1,
        Class::Blank | Class::Text | Class::Listed | Class::Day => return None,
    };
    // Rounded inwards, so that nothing outside is taken in.
    let from = least.div_euclid(unit) + i128::from(least.rem_euclid(unit) != 0);
    let to = most.div_euclid(unit);
    if from > i128::from(i64::MAX) || to < i128::from(i64::MIN) {
        return Some((1, 0));
    }
    let within = |it: i128| i64::try_from(it.clamp(i64::MIN.into(), i64::MAX.into()));
    Some((within(from).ok()?, within(to).ok()?))
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

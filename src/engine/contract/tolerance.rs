//! How much of what a control judges may fail before the control's status says so.

use serde::{Deserialize, Serialize};

/// Written `{"rows": 5}` or `{"percent": "0.5"}`. It decides a status and nothing else: each failing row is an
/// exception all the same, and the score counts it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Tolerance {
    /// So many rows may fail.
    Rows(u64),
    /// So much of what was evaluated may fail.
    Percent(Percent),
}

impl Tolerance {
    /// Whether `failed` of `evaluated`, in `rows` different rows, may pass.
    pub fn covers(self, rows: u64, failed: u64, evaluated: u64) -> bool {
        match self {
            Self::Rows(most) => rows <= most,
            Self::Percent(Percent(most)) => {
                u128::from(failed) * u128::from(WHOLE) <= u128::from(evaluated) * u128::from(most)
            }
        }
    }
}

/// 100 %, in units of the fourth decimal of a per cent.
const WHOLE: u32 = 1_000_000;

/// From 0 to 100 with at most four decimals, kept as a whole number of ten-thousandths.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Percent(u32);

impl TryFrom<String> for Percent {
    type Error = &'static str;
    fn try_from(text: String) -> Result<Self, Self::Error> {
        let wrong = "not a percentage from 0 to 100 with at most four decimals, such as \"0.5\"";
        let (whole, fraction) = text.split_once('.').unwrap_or((&text, "0"));
        let digits = |text: &str| !text.is_empty() && text.bytes().all(|it| it.is_ascii_digit());
        if !digits(whole) || !digits(fraction) || whole.len() > 3 || fraction.len() > 4 {
            return Err(wrong);
        }
        let number = format!("{whole}{fraction:0<4}");
        let number: u32 = number.parse().map_err(|_| wrong)?;
        if number > WHOLE {
            return Err(wrong);
        }
        Ok(Self(number))
    }
}

impl From<Percent> for String {
    /// Without zeros at the end, so that one tolerance has one form.
    fn from(Percent(number): Percent) -> Self {
        let text = format!("{}.{:04}", number / 10_000, number % 10_000);
        text.trim_end_matches('0').trim_end_matches('.').to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Tolerance, String> {
        serde_json::from_str(text).map_err(|error| error.to_string())
    }

    #[test]
    fn covers_exactly_up_to_its_bound() {
        let half = read(r#"{"percent": "0.5"}"#).unwrap();
        assert!(half.covers(1, 1, 200));
        assert!(!half.covers(1, 1, 199));
        assert!(half.covers(0, 0, 0));
        let third = read(r#"{"percent": "33.3333"}"#).unwrap();
        assert!(!third.covers(1, 1, 3));
        assert!(third.covers(1, 333_333, 1_000_000));
        assert!(!third.covers(1, 333_334, 1_000_000));
        let large = read(r#"{"percent": "100"}"#).unwrap();
        assert!(large.covers(u64::MAX, u64::MAX, u64::MAX));
        let rows = read(r#"{"rows": 5}"#).unwrap();
        assert!(rows.covers(5, 10, 10) && !rows.covers(6, 6, 1_000_000));
    }

    #[test]
    fn has_one_form() {
        for (text, form) in [
            (r#"{"percent":"0.50"}"#, Some(r#"{"percent":"0.5"}"#)),
            (r#"{"percent":"100.0"}"#, Some(r#"{"percent":"100"}"#)),
            (r#"{"percent":"0"}"#, Some(r#"{"percent":"0"}"#)),
            (r#"{"rows":7}"#, Some(r#"{"rows":7}"#)),
            (r#"{"percent":"100.1"}"#, None),
            (r#"{"percent":"-1"}"#, None),
            (r#"{"percent":"1."}"#, None),
            (r#"{"percent":"0.12345"}"#, None),
            (r#"{"percent":0.5}"#, None),
            (r#"{"rows":-1}"#, None),
            (r#"{"rows":1,"percent":"1"}"#, None),
        ] {
            let again = read(text)
                .ok()
                .map(|it| serde_json::to_string(&it).unwrap());
            assert_eq!(again.as_deref(), form, "{text}");
        }
    }
}

//! Shares, kept as two whole numbers and written with six decimals.

use serde::{Deserialize, Serialize};
use std::fmt;

/// A share between 0 and 1 in millionths, rounded half up. Written as `0.124800`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(
    not(target_arch = "wasm32"),
    derive(utoipa::ToSchema),
    schema(value_type = String, pattern = r"^[0-9]+\.[0-9]{6}$", example = "0.124800")
)]
#[serde(try_from = "String", into = "String")]
pub struct Ratio(u32);

impl Ratio {
    pub const fn from_millionths(millionths: u32) -> Self {
        Self(millionths)
    }

    /// `part / whole`; nothing of nothing is no share at all.
    pub fn of(part: u64, whole: u64) -> Option<Self> {
        let whole_wide = u128::from(whole);
        let millionths = (u128::from(part) * 1_000_000 + whole_wide / 2).checked_div(whole_wide)?;
        u32::try_from(millionths).ok().map(Self)
    }

    pub const fn millionths(self) -> u32 {
        self.0
    }

    /// In per cent with two decimals: `12.48`.
    pub fn percent(self) -> String {
        let hundredths = (self.0 + 50) / 100;
        format!("{}.{:02}", hundredths / 100, hundredths % 100)
    }
}

impl fmt::Display for Ratio {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{:06}", self.0 / 1_000_000, self.0 % 1_000_000)
    }
}

impl TryFrom<String> for Ratio {
    type Error = &'static str;
    fn try_from(text: String) -> Result<Self, Self::Error> {
        let wrong = "not a share with six decimals";
        let (whole, rest) = text.split_once('.').ok_or(wrong)?;
        if rest.len() != 6 || !rest.bytes().all(|b| b.is_ascii_digit()) {
            return Err(wrong);
        }
        let whole: u32 = whole.parse().map_err(|_| wrong)?;
        let rest: u32 = rest.parse().map_err(|_| wrong)?;
        whole
            .checked_mul(1_000_000)
            .and_then(|it| it.checked_add(rest))
            .map(Self)
            .ok_or(wrong)
    }
}

impl From<Ratio> for String {
    fn from(ratio: Ratio) -> Self {
        ratio.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn has_six_places_and_nothing_of_nothing_is_none() {
        let ratio = Ratio::of(624, 5000).unwrap();
        assert_eq!(
            (ratio.to_string().as_str(), ratio.percent().as_str()),
            ("0.124800", "12.48")
        );
        assert_eq!(Ratio::of(2, 3).unwrap().to_string(), "0.666667");
        assert_eq!(Ratio::of(0, 0), None);
        assert_eq!(Ratio::try_from("0.124800".to_owned()), Ok(ratio));
    }
}

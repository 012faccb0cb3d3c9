//! Money in paise, exact: one amount fits 64 bits, every sum is kept in 128.

use serde::{Deserialize, Serialize};
use std::{fmt, iter::Sum, ops, str::FromStr};

/// An amount of paise, signed. Written as rupees with two decimals: `28786763.77`.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[cfg_attr(
    not(target_arch = "wasm32"),
    derive(utoipa::ToSchema),
    schema(value_type = String, pattern = r"^-?[0-9]+\.[0-9]{2}$", example = "28786763.77")
)]
#[serde(try_from = "String", into = "String")]
pub struct Money(pub i128);

impl Money {
    pub const ZERO: Self = Self(0);

    pub const fn from_paise(paise: i64) -> Self {
        Self(paise as i128)
    }

    /// With Indian grouping and the rupee sign: `₹2,87,86,763.77`.
    pub fn indian(self) -> String {
        let sign = if self.0 < 0 { "-" } else { "" };
        let paise = self.0.unsigned_abs();
        format!("{sign}₹{}.{:02}", grouped(paise / 100), paise % 100)
    }

    /// Short, for charts: `₹1.05 lakh cr`, `₹2.88 cr`, `₹31.32 lakh`, `₹4,512`.
    pub fn short(self) -> String {
        Numbers::Indian.short(self)
    }
}

/// The units of short amounts, in rupees, from the least.
const INDIAN: [(u128, &str); 3] = [
    (100_000, "lakh"),
    (10_000_000, "cr"),
    (1_000_000_000_000, "lakh cr"),
];
const INTERNATIONAL: [(u128, &str); 3] = [
    (1_000_000, "million"),
    (1_000_000_000, "billion"),
    (1_000_000_000_000, "trillion"),
];

/// How numbers are written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Numbers {
    /// Lakh and crore, and their grouping.
    #[default]
    Indian,
    /// Million, billion and trillion, in groups of three.
    International,
}

impl Numbers {
    /// Exact: `₹2,87,86,763.77` or `₹28,786,763.77`.
    pub fn full(self, money: Money) -> String {
        let sign = if money.0 < 0 { "-" } else { "" };
        let paise = money.0.unsigned_abs();
        let rupees = self.count(paise / 100);
        format!("{sign}₹{rupees}.{:02}", paise % 100)
    }

    /// Short, for axes and key figures, rounded half up: `₹2.88 cr` or `₹28.79 million`.
    pub fn short(self, money: Money) -> String {
        let paise = money.0.unsigned_abs();
        let rupees = (paise + 50) / 100;
        let sign = if money.0 < 0 && rupees > 0 { "-" } else { "" };
        let mut text = self.count(rupees);
        // What the text says, in hundredths of a rupee: a unit is taken where it says that much.
        let mut said = rupees * 100;
        let units = match self {
            Self::Indian => INDIAN,
            Self::International => INTERNATIONAL,
        };
        for (unit, word) in units {
            if said < unit * 100 {
                break;
            }
            let hundredths = (paise + unit / 2) / unit;
            said = hundredths * unit;
            text = format!(
                "{}.{:02} {word}",
                self.count(hundredths / 100),
                hundredths % 100
            );
        }
        format!("{sign}₹{text}")
    }

    /// `1,48,200` or `148,200`
    pub fn count(self, number: u128) -> String {
        match self {
            Self::Indian => grouped(number),
            Self::International => in_threes(number),
        }
    }
}

fn in_threes(number: u128) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() * 4 / 3);
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// Digits in the Indian grouping: the last three, then pairs.
pub fn grouped(number: u128) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() * 3 / 2);
    for (i, digit) in digits.chars().enumerate() {
        let left = digits.len() - i;
        if i > 0 && (left == 3 || (left > 3 && left % 2 == 1)) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let paise = self.0.unsigned_abs();
        let sign = if self.0 < 0 { "-" } else { "" };
        write!(f, "{sign}{}.{:02}", paise / 100, paise % 100)
    }
}

impl FromStr for Money {
    type Err = NotMoney;
    fn from_str(text: &str) -> Result<Self, NotMoney> {
        let (negative, digits) = text
            .strip_prefix('-')
            .map_or((false, text), |rest| (true, rest));
        let (rupees, paise) = digits.split_once('.').ok_or(NotMoney)?;
        let valid = !rupees.is_empty() && paise.len() == 2;
        if !valid
            || !rupees
                .bytes()
                .chain(paise.bytes())
                .all(|b| b.is_ascii_digit())
        {
            return Err(NotMoney);
        }
        let rupees: i128 = rupees.parse().map_err(|_| NotMoney)?;
        let paise: i128 = paise.parse().map_err(|_| NotMoney)?;
        let total = rupees
            .checked_mul(100)
            .and_then(|it| it.checked_add(paise))
            .ok_or(NotMoney)?;
        Ok(Self(if negative { -total } else { total }))
    }
}

/// A text that is not rupees with two decimals.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NotMoney;

impl fmt::Display for NotMoney {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not an amount with two decimals")
    }
}

impl std::error::Error for NotMoney {}

impl TryFrom<String> for Money {
    type Error = NotMoney;
    fn try_from(text: String) -> Result<Self, NotMoney> {
        text.parse()
    }
}

impl From<Money> for String {
    fn from(money: Money) -> Self {
        money.to_string()
    }
}

impl ops::Add for Money {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self(self.0 + other.0)
    }
}

impl ops::Sub for Money {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        Self(self.0 - other.0)
    }
}

impl ops::AddAssign for Money {
    fn add_assign(&mut self, other: Self) {
        self.0 += other.0;
    }
}

impl ops::SubAssign for Money {
    fn sub_assign(&mut self, other: Self) {
        self.0 -= other.0;
    }
}

impl Sum for Money {
    fn sum<I: Iterator<Item = Self>>(items: I) -> Self {
        items.fold(Self::ZERO, |sum, it| sum + it)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn is_written_plain_indian_and_short() {
        for (paise, plain, indian, short) in [
            (0, "0.00", "₹0.00", "₹0"),
            (-5, "-0.05", "-₹0.05", "₹0"),
            (99, "0.99", "₹0.99", "₹1"),
            (1_479_092, "14790.92", "₹14,790.92", "₹14,791"),
            (9_999_950, "99999.50", "₹99,999.50", "₹1.00 lakh"),
            (999_999_900, "9999999.00", "₹99,99,999.00", "₹1.00 cr"),
            (2_878_676_377, "28786763.77", "₹2,87,86,763.77", "₹2.88 cr"),
            (313_192_052, "3131920.52", "₹31,31,920.52", "₹31.32 lakh"),
            (100_000, "1000.00", "₹1,000.00", "₹1,000"),
            (
                79_012_345_687_901_288,
                "790123456879012.88",
                "₹79,01,23,45,68,79,012.88",
                "₹790.12 lakh cr",
            ),
        ] {
            let money = Money(paise);
            assert_eq!(
                (money.to_string().as_str(), money.indian().as_str()),
                (plain, indian)
            );
            assert_eq!(money.short(), short);
            assert_eq!(plain.parse(), Ok(money));
        }
    }

    #[test]
    fn is_written_in_lakh_and_crore_or_in_million() {
        for (paise, full, short) in [
            (0, "₹0.00", "₹0"),
            (99_999_949, "₹999,999.49", "₹999,999"),
            (99_999_999, "₹999,999.99", "₹1.00 million"),
            (2_878_676_377, "₹28,786,763.77", "₹28.79 million"),
            (-250_000_000_000, "-₹2,500,000,000.00", "-₹2.50 billion"),
            (
                250_000_000_000_000,
                "₹2,500,000,000,000.00",
                "₹2.50 trillion",
            ),
        ] {
            let money = Money(paise);
            assert_eq!(Numbers::International.full(money), full);
            assert_eq!(Numbers::International.short(money), short);
            assert_eq!(Numbers::Indian.full(money), money.indian());
            assert_eq!(Numbers::Indian.short(money), money.short());
        }
        assert_eq!(Numbers::International.count(148_200), "148,200");
    }

    #[test]
    fn refuses_what_is_not_money() {
        for text in ["", "1", "1.5", ".50", "1.234", "+1.00", "1.0a", "--1.00"] {
            assert_eq!(text.parse::<Money>(), Err(NotMoney), "{text}");
        }
    }
}

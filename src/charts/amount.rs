//! What a chart measures.

use model::{
    money::{Money, Numbers},
    ratio::Ratio,
};

/// The length of a mark, exact.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Amount {
    Money(Money),
    Count(u64),
    Share(Ratio),
}

impl Amount {
    /// In paise, in ones or in millionths: what is compared within one chart.
    pub(crate) fn units(self) -> i128 {
        match self {
            Self::Money(money) => money.0,
            Self::Count(count) => i128::from(count),
            Self::Share(share) => i128::from(share.millionths()),
        }
    }

    /// The same kind with another value; a count or a share below zero is zero.
    pub(crate) fn with_units(self, units: i128) -> Self {
        match self {
            Self::Money(_) => Self::Money(Money(units)),
            Self::Count(_) => Self::Count(u64::try_from(units).unwrap_or_default()),
            Self::Share(_) => Self::Share(Ratio::from_millionths(
                u32::try_from(units).unwrap_or_default(),
            )),
        }
    }

    /// The least step of an axis: a rupee, one, or one per cent.
    pub(crate) fn least_step(self) -> i128 {
        match self {
            Self::Money(_) => 100,
            Self::Count(_) => 1,
            Self::Share(_) => 10_000,
        }
    }

    /// Exact: `₹2,87,86,763.77`, `4,376`, `12.48 %`.
    pub fn full(self, numbers: Numbers) -> String {
        match self {
            Self::Money(money) => numbers.full(money),
            Self::Count(count) => numbers.count(count.into()),
            Self::Share(share) => format!("{} %", share.percent()),
        }
    }

    /// For an axis: `₹2.88 cr`, `₹50 lakh`, `4,376`, `12 %`.
    pub fn short(self, numbers: Numbers) -> String {
        match self {
            Self::Money(money) => rounded(&numbers.short(money)),
            Self::Count(count) => numbers.count(count.into()),
            Self::Share(share) => rounded(&format!("{} %", share.percent())),
        }
    }
}

/// `₹1.50 lakh` as `₹1.5 lakh`, `₹2.00 cr` as `₹2 cr`.
fn rounded(text: &str) -> String {
    match text.split_once(' ') {
        Some((number, unit)) if number.contains('.') => {
            let number = number.trim_end_matches('0').trim_end_matches('.');
            format!("{number} {unit}")
        }
        _ => text.to_owned(),
    }
}

impl From<Money> for Amount {
    fn from(money: Money) -> Self {
        Self::Money(money)
    }
}

impl From<Ratio> for Amount {
    fn from(share: Ratio) -> Self {
        Self::Share(share)
    }
}

impl From<u64> for Amount {
    fn from(count: u64) -> Self {
        Self::Count(count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_axis_has_no_empty_decimals() {
        for (paise, short) in [
            (0, "₹0"),
            (5_000_000, "₹50,000"),
            (15_000_000, "₹1.5 lakh"),
            (200_000_000, "₹20 lakh"),
            (1_000_000_000, "₹1 cr"),
            (-2_878_676_377, "-₹2.88 cr"),
        ] {
            assert_eq!(Amount::Money(Money(paise)).short(Numbers::Indian), short);
        }
        assert_eq!(Amount::Count(148_200).short(Numbers::Indian), "1,48,200");
        let share = Amount::Share(Ratio::from_millionths(50_000));
        assert_eq!(share.short(Numbers::Indian), "5 %");
    }
}

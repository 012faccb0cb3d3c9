//! Periods of the calendar and what they are compared with. Pure: today is handed in.

use chrono::{Datelike, Days, Months, NaiveDate};

/// What the days of a period depend on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Calendar {
    /// In the zone of the contract.
    pub today: NaiveDate,
    /// The month in which the financial year begins, 1 to 12.
    pub year_begins: u32,
}

/// A length of time that repeats itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    Month,
    /// A quarter of the financial year.
    Quarter,
    /// A financial year.
    Year,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Period {
    #[default]
    AllTime,
    Today,
    Yesterday,
    /// So many days up to today.
    Days(u64),
    /// The present one, up to today.
    ToDate(Unit),
    /// The present one, whole, days to come included.
    Whole(Unit),
    /// The one before the present one.
    Last(Unit),
    /// Both included; open on a side that is not said.
    Custom(Option<NaiveDate>, Option<NaiveDate>),
}

/// With what a period is compared.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Against {
    #[default]
    Before,
    YearAgo,
}

/// Days, both included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span {
    pub from: NaiveDate,
    pub to: NaiveDate,
}

impl Unit {
    const fn months(self) -> u32 {
        match self {
            Self::Month => 1,
            Self::Quarter => 3,
            Self::Year => 12,
        }
    }
}

impl Span {
    /// How many days it has.
    pub fn days(self) -> u64 {
        u64::try_from((self.to - self.from).num_days() + 1).unwrap_or(0)
    }

    /// So many days from the first on; None beyond the calendar.
    fn starting(from: NaiveDate, days: u64) -> Option<Self> {
        let to = from.checked_add_days(Days::new(days.checked_sub(1)?))?;
        Some(Self { from, to })
    }
}

impl Calendar {
    /// First and last day of a period, open on a side that has none.
    pub fn days(&self, period: Period) -> (Option<NaiveDate>, Option<NaiveDate>) {
        match (period, self.span(period)) {
            (_, Some(span)) => (Some(span.from), Some(span.to)),
            (Period::Custom(from, to), None) => (from, to),
            _ => (None, None),
        }
    }

    /// The days of a period that has both ends.
    pub fn span(&self, period: Period) -> Option<Span> {
        let today = self.today;
        match period {
            Period::AllTime => None,
            Period::Today => Span::starting(today, 1),
            Period::Yesterday => Span::starting(today.pred_opt()?, 1),
            Period::Days(days) => {
                let from = today.checked_sub_days(Days::new(days.checked_sub(1)?))?;
                Some(Span { from, to: today })
            }
            Period::ToDate(unit) => Some(Span {
                from: self.start(unit)?,
                to: today,
            }),
            Period::Whole(unit) => whole(self.start(unit)?, unit),
            Period::Last(unit) => whole(back(self.start(unit)?, unit.months())?, unit),
            Period::Custom(from, to) => {
                let span = Span {
                    from: from?,
                    to: to?,
                };
                (span.from <= span.to).then_some(span)
            }
        }
    }

    /// What a period is compared with: as many days, or the whole month, quarter or year where it is a whole one. What
    /// runs up to today is compared with as many days from the beginning, but with none that are its own or lie
    /// beyond that month, quarter or year.
    pub fn compared(&self, period: Period, against: Against) -> Option<Span> {
        let span = self.span(period)?;
        let months = |unit: Unit| match against {
            Against::Before => unit.months(),
            Against::YearAgo => 12,
        };
        match period {
            Period::Whole(unit) | Period::Last(unit) => whole(back(span.from, months(unit))?, unit),
            Period::ToDate(unit) => {
                let first = back(span.from, months(unit))?;
                let (begun, whole) = (Span::starting(first, span.days())?, whole(first, unit)?);
                let to = begun.to.min(whole.to);
                Some(Span { from: first, to })
            }
            _ => {
                let from = match against {
                    Against::Before => span.from.checked_sub_days(Days::new(span.days()))?,
                    Against::YearAgo => back(span.from, 12)?,
                };
                Span::starting(from, span.days())
            }
        }
    }

    /// The first day of the present month, quarter or year.
    fn start(&self, unit: Unit) -> Option<NaiveDate> {
        let of_month = self.today.with_day(1)?;
        let into_year = (self.today.month() + 12 - self.year_begins) % 12;
        back(of_month, into_year % unit.months())
    }
}

fn back(day: NaiveDate, months: u32) -> Option<NaiveDate> {
    day.checked_sub_months(Months::new(months))
}

fn whole(from: NaiveDate, unit: Unit) -> Option<Span> {
    let to = from
        .checked_add_months(Months::new(unit.months()))?
        .pred_opt()?;
    Some(Span { from, to })
}

#[cfg(test)]
mod tests {
    use super::*;

    const TO_DATE: [Period; 3] = [
        Period::ToDate(Unit::Month),
        Period::ToDate(Unit::Quarter),
        Period::ToDate(Unit::Year),
    ];

    fn calendar(today: &str, year_begins: u32) -> Calendar {
        Calendar {
            today: today.parse().unwrap(),
            year_begins,
        }
    }

    fn text(span: Option<Span>) -> String {
        span.map_or("none".to_owned(), |it| format!("{} {}", it.from, it.to))
    }

    #[test]
    fn a_period_has_its_days() {
        let at = calendar("2026-11-25", 4);
        let check = |period, expected: &str| assert_eq!(text(at.span(period)), expected);
        check(Period::Today, "2026-11-25 2026-11-25");
        check(Period::Yesterday, "2026-11-24 2026-11-24");
        check(Period::Days(7), "2026-11-19 2026-11-25");
        check(Period::Days(30), "2026-10-27 2026-11-25");
        check(Period::ToDate(Unit::Month), "2026-11-01 2026-11-25");
        check(Period::Whole(Unit::Month), "2026-11-01 2026-11-30");
        check(Period::Last(Unit::Month), "2026-10-01 2026-10-31");
        check(Period::ToDate(Unit::Quarter), "2026-10-01 2026-11-25");
        check(Period::Whole(Unit::Quarter), "2026-10-01 2026-12-31");
        check(Period::Last(Unit::Quarter), "2026-07-01 2026-09-30");
        check(Period::ToDate(Unit::Year), "2026-04-01 2026-11-25");
        check(Period::Whole(Unit::Year), "2026-04-01 2027-03-31");
        check(Period::Last(Unit::Year), "2025-04-01 2026-03-31");
        check(Period::AllTime, "none");
    }

    #[test]
    fn quarters_and_years_begin_where_the_setting_says() {
        for (today, begins, quarter, year) in [
            ("2027-03-31", 4, "2027-01-01", "2026-04-01"),
            ("2027-04-01", 4, "2027-04-01", "2027-04-01"),
            ("2026-11-25", 1, "2026-10-01", "2026-01-01"),
            ("2026-11-25", 2, "2026-11-01", "2026-02-01"),
            ("2026-01-25", 2, "2025-11-01", "2025-02-01"),
            ("2026-11-25", 12, "2026-09-01", "2025-12-01"),
        ] {
            let at = calendar(today, begins);
            let start = |unit| at.start(unit).unwrap().to_string();
            assert_eq!(start(Unit::Quarter), quarter, "{today} from {begins}");
            assert_eq!(start(Unit::Year), year, "{today} from {begins}");
        }
    }

    #[test]
    fn up_to_today_is_compared_with_as_many_days() {
        let at = calendar("2026-11-25", 4);
        let check = |period, before: &str, year_ago: &str| {
            assert_eq!(text(at.compared(period, Against::Before)), before);
            assert_eq!(text(at.compared(period, Against::YearAgo)), year_ago);
        };
        let [month, quarter, year] = TO_DATE;
        check(month, "2026-10-01 2026-10-25", "2025-11-01 2025-11-25");
        check(quarter, "2026-07-01 2026-08-25", "2025-10-01 2025-11-25");
        check(year, "2025-04-01 2025-11-25", "2025-04-01 2025-11-25");
        check(
            Period::Days(7),
            "2026-11-12 2026-11-18",
            "2025-11-19 2025-11-25",
        );
        check(
            Period::Whole(Unit::Quarter),
            "2026-07-01 2026-09-30",
            "2025-10-01 2025-12-31",
        );
        check(
            Period::Last(Unit::Month),
            "2026-09-01 2026-09-30",
            "2025-10-01 2025-10-31",
        );
        for against in [Against::Before, Against::YearAgo] {
            for period in TO_DATE {
                let (now, then) = (at.span(period), at.compared(period, against));
                assert_eq!(now.unwrap().days(), then.unwrap().days(), "{period:?}");
            }
        }
    }

    #[test]
    fn a_shorter_month_is_compared_whole_and_no_day_with_itself() {
        let at = calendar("2026-03-30", 4);
        let month = at.compared(Period::ToDate(Unit::Month), Against::Before);
        assert_eq!(text(month), "2026-02-01 2026-02-28");
        let leap = calendar("2024-02-29", 4);
        let month = leap.compared(Period::ToDate(Unit::Month), Against::YearAgo);
        assert_eq!(text(month), "2023-02-01 2023-02-28");
        let whole = leap.compared(Period::Whole(Unit::Month), Against::YearAgo);
        assert_eq!(text(whole), "2023-02-01 2023-02-28");
        let day = leap.compared(Period::Today, Against::YearAgo);
        assert_eq!(text(day), "2023-02-28 2023-02-28");
        let after = calendar("2025-02-28", 4);
        let whole = after.compared(Period::Whole(Unit::Month), Against::YearAgo);
        assert_eq!(text(whole), "2024-02-01 2024-02-29");
    }

    #[test]
    fn a_leap_day_within_a_year_to_date_moves_its_end_by_one() {
        let at = calendar("2024-03-10", 4);
        let year = at.compared(Period::ToDate(Unit::Year), Against::Before);
        assert_eq!(text(year), "2022-04-01 2023-03-11");
    }

    #[test]
    fn a_period_without_both_ends_is_compared_with_nothing() {
        let at = calendar("2026-11-25", 4);
        let day = |it: &str| it.parse().ok();
        for period in [
            Period::AllTime,
            Period::Custom(day("2026-01-01"), None),
            Period::Custom(None, day("2026-01-01")),
            Period::Custom(day("2026-02-01"), day("2026-01-01")),
        ] {
            assert_eq!(at.compared(period, Against::Before), None);
        }
        let custom = Period::Custom(day("2026-02-01"), day("2026-02-07"));
        let before = at.compared(custom, Against::Before);
        assert_eq!(text(before), "2026-01-25 2026-01-31");
        let ends = Period::Custom(Some(NaiveDate::MIN), Some(NaiveDate::MAX));
        assert_eq!(at.compared(ends, Against::Before), None);
    }
}

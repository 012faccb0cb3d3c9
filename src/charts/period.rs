//! Days gathered into as many columns as can be told apart.

use chrono::{Datelike, Months, NaiveDate};
use model::locale::Days;
use model::t;

/// How long a column is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Span {
    Day,
    /// From Monday to Sunday.
    Week,
    Month,
    Year,
}

/// More columns than this are too narrow on a phone.
const MOST_COLUMNS: i64 = 62;

const MONTHS: [&str; 12] = [
    t!("Jan"),
    t!("Feb"),
    t!("Mar"),
    t!("Apr"),
    t!("May"),
    t!("Jun"),
    t!("Jul"),
    t!("Aug"),
    t!("Sep"),
    t!("Oct"),
    t!("Nov"),
    t!("Dec"),
];

impl Span {
    /// The shortest with which these days, both included, give columns that can be told apart.
    pub fn of(first: NaiveDate, last: NaiveDate) -> Self {
        let days = (last - first).num_days() + 1;
        if days <= MOST_COLUMNS {
            Self::Day
        } else if days <= (MOST_COLUMNS - 1) * 7 {
            Self::Week
        } else if days <= (MOST_COLUMNS - 1) * 30 {
            Self::Month
        } else {
            Self::Year
        }
    }

    /// The first day of the column that `day` stands in.
    pub fn start(self, day: NaiveDate) -> NaiveDate {
        let back = match self {
            Self::Day => 0,
            Self::Week => day.weekday().num_days_from_monday(),
            Self::Month => day.day0(),
            Self::Year => day.ordinal0(),
        };
        day.checked_sub_days(chrono::Days::new(back.into()))
            .unwrap_or(day)
    }

    /// The first day of the next column; None at the end of the calendar.
    pub fn next(self, start: NaiveDate) -> Option<NaiveDate> {
        match self {
            Self::Day => start.succ_opt(),
            Self::Week => start.checked_add_days(chrono::Days::new(7)),
            Self::Month => start.checked_add_months(Months::new(1)),
            Self::Year => start.checked_add_months(Months::new(12)),
        }
    }

    /// What a column is called: `3 Nov 2025`, `Week of 3 Nov 2025`, `Nov 2025`, `2025`.
    pub fn name(self, start: NaiveDate, days: Days) -> String {
        let year = start.year();
        match self {
            Self::Day => written(start, days),
            Self::Week => t!("Week of {day}", day = written(start, days)),
            Self::Month => format!("{} {year}", month(start)),
            Self::Year => year.to_string(),
        }
    }

    /// The word under a column where one may stand: under Mondays (or every day where there are few), under the
    /// first week of a month, under every month or year. A year stands for its January, so that February has room.
    pub fn tick(self, start: NaiveDate, columns: usize, days: Days) -> Option<String> {
        let of_month = |first: NaiveDate| match first.month() {
            1 => first.year().to_string(),
            _ => month(first).to_owned(),
        };
        match self {
            Self::Day => (columns <= 14 || start.weekday().num_days_from_monday() == 0)
                .then(|| of_year(start, days)),
            Self::Week => {
                let end = start.checked_add_days(chrono::Days::new(6))?;
                (end.day() <= 7).then(|| of_month(end))
            }
            Self::Month => Some(of_month(start)),
            Self::Year => Some(start.year().to_string()),
        }
    }

    /// What a column stands for: `day`, `week`, `month`, `year`.
    pub const fn each(self) -> &'static str {
        match self {
            Self::Day => t!("day"),
            Self::Week => t!("week"),
            Self::Month => t!("month"),
            Self::Year => t!("year"),
        }
    }
}

/// A day in words: `3 Nov 2025` or `Nov 3, 2025`.
pub fn written(day: NaiveDate, days: Days) -> String {
    let (text, year) = (of_year(day, days), day.year());
    match days {
        Days::DayFirst => format!("{text} {year}"),
        Days::MonthFirst => format!("{text}, {year}"),
    }
}

fn of_year(day: NaiveDate, days: Days) -> String {
    match days {
        Days::DayFirst => format!("{} {}", day.day(), month(day)),
        Days::MonthFirst => format!("{} {}", month(day), day.day()),
    }
}

fn month(day: NaiveDate) -> &'static str {
    let place = usize::try_from(day.month0()).ok();
    place.and_then(|it| MONTHS.get(it)).copied().unwrap_or("")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(year: i32, month: u32, day: u32) -> NaiveDate {
        NaiveDate::from_ymd_opt(year, month, day).unwrap()
    }

    #[test]
    fn two_months_stand_by_day_and_a_year_by_week() {
        let first = day(2025, 11, 24);
        for (last, span) in [
            (first, Span::Day),
            (day(2026, 1, 24), Span::Day),
            (day(2026, 1, 25), Span::Week),
            (day(2026, 11, 23), Span::Week),
            (day(2027, 11, 23), Span::Month),
            (day(2035, 11, 23), Span::Year),
        ] {
            assert_eq!(Span::of(first, last), span, "{last}");
        }
    }

    #[test]
    fn a_column_begins_where_its_span_does_and_says_so() {
        let thursday = day(2026, 1, 1);
        for (span, start, name, tick) in [
            (Span::Day, thursday, "1 Jan 2026", Some("1 Jan")),
            (
                Span::Week,
                day(2025, 12, 29),
                "Week of 29 Dec 2025",
                Some("2026"),
            ),
            (Span::Month, thursday, "Jan 2026", Some("2026")),
            (Span::Year, thursday, "2026", Some("2026")),
        ] {
            assert_eq!(span.start(thursday), start);
            assert_eq!(span.name(start, Days::DayFirst), name);
            assert_eq!(span.tick(start, 5, Days::DayFirst).as_deref(), tick);
        }
        assert_eq!(Span::Week.tick(day(2026, 1, 5), 50, Days::DayFirst), None);
        assert_eq!(Span::Day.tick(thursday, 50, Days::DayFirst), None);
        let tick = Span::Day.tick(thursday, 5, Days::MonthFirst);
        assert_eq!(tick.as_deref(), Some("Jan 1"));
        let name = Span::Week.name(thursday, Days::MonthFirst);
        assert_eq!(name, "Week of Jan 1, 2026");
    }

    #[test]
    fn the_calendar_has_ends() {
        for span in [Span::Day, Span::Week, Span::Month, Span::Year] {
            assert!(span.start(NaiveDate::MIN) <= NaiveDate::MIN);
            assert_eq!(span.next(NaiveDate::MAX), None);
        }
    }
}

//! Calendar days and the moment of judging. Days are counted from 1970-01-01.

use chrono::{DateTime, Datelike, NaiveDate, NaiveTime, SecondsFormat};
use compact_str::format_compact;
use model::row::Text;
use std::fmt;

/// Whole seconds in UTC: when a file is judged. Always a parameter; the engine has no clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Moment(i64);

impl Moment {
    /// From RFC 3339; fractions of a second are cut off. None for anything else.
    pub fn parse(text: &str) -> Option<Self> {
        DateTime::parse_from_rfc3339(text)
            .ok()
            .map(|it| Self(it.timestamp()))
    }

    pub const fn from_unix(seconds: i64) -> Self {
        Self(seconds)
    }

    pub const fn unix(self) -> i64 {
        self.0
    }

    /// The calendar day at this moment where clocks are `offset` seconds ahead of UTC.
    pub fn day(self, offset: i32) -> i32 {
        let days = (self.0 + i64::from(offset)).div_euclid(86_400);
        i32::try_from(days).unwrap_or(if days < 0 { i32::MIN } else { i32::MAX })
    }
}

impl fmt::Display for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match DateTime::from_timestamp(self.0, 0) {
            Some(at) => f.write_str(&at.to_rfc3339_opts(SecondsFormat::Secs, true)),
            None => write!(f, "@{}", self.0),
        }
    }
}

/// The day number of a calendar date; None where there is no such date. Years 1 to 9999.
pub(crate) fn number(year: i32, month: u32, day: u32) -> Option<i32> {
    // The arithmetic is that of Howard Hinnant's date algorithms: years begin in March, eras have 400 of them.
    const BEFORE: [u32; 12] = [306, 337, 0, 31, 61, 92, 122, 153, 184, 214, 245, 275];
    const DAYS_OF_ERA: u32 = 146_097;
    const FIRST_OF_MARCH_0: i32 = -719_468;
    let year = u32::try_from(year)
        .ok()
        .filter(|it| (1..=9999).contains(it))?;
    let before = BEFORE.get(usize::try_from(month).ok()?.checked_sub(1)?)?;
    if day == 0 || day > length(year, month) {
        return None;
    }
    let shifted = year - u32::from(month <= 2);
    let (era, of_era) = (shifted / 400, shifted % 400);
    let days = era * DAYS_OF_ERA + of_era * 365 + of_era / 4 - of_era / 100 + before + day - 1;
    Some(FIRST_OF_MARCH_0 + i32::try_from(days).ok()?)
}

fn length(year: u32, month: u32) -> u32 {
    match month {
        4 | 6 | 9 | 11 => 30,
        2 if year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400)) => {
            29
        }
        2 => 28,
        _ => 31,
    }
}

/// ISO form of a day number: `2026-02-02`.
pub fn iso(day: i32) -> String {
    text(day).into()
}

/// As [`iso`], for a row.
pub(crate) fn text(day: i32) -> Text {
    NaiveDate::from_epoch_days(day).map_or_else(
        || format_compact!("{day}"),
        |it| format_compact!("{:04}-{:02}-{:02}", it.year(), it.month(), it.day()),
    )
}

/// The day number of an ISO date.
pub fn parse_iso(text: &str) -> Option<i32> {
    let [y, y2, y3, y4, b'-', m, m2, b'-', d, d2] = *text.as_bytes() else {
        return None;
    };
    let year = pair(y, y2)? * 100 + pair(y3, y4)?;
    number(i32::try_from(year).ok()?, pair(m, m2)?, pair(d, d2)?)
}

/// Whether `text` is a time of day, with an optional fraction of a second and offset.
pub(crate) fn is_time(text: &[u8]) -> bool {
    let Some(rest) = clock(text) else {
        return false;
    };
    match rest {
        [] | [b'Z' | b'z'] => true,
        [b'+' | b'-', offset @ ..] => match offset {
            [h @ b'0'..=b'9', h2 @ b'0'..=b'9', b':', m, m2] | [h, h2, m, m2] => {
                pair(*h, *h2).is_some_and(|it| it <= 18) && pair(*m, *m2).is_some_and(|it| it < 60)
            }
            [h, h2] => pair(*h, *h2).is_some_and(|it| it <= 18),
            _ => false,
        },
        _ => false,
    }
}

/// Reads `HH:MM[:SS[.f…]]` and gives what follows it.
fn clock(text: &[u8]) -> Option<&[u8]> {
    let (hour, minute, rest) = match text {
        [h, h2, b':', m, m2, rest @ ..] => (pair(*h, *h2)?, pair(*m, *m2)?, rest),
        [h, b':', m, m2, rest @ ..] => (pair(b'0', *h)?, pair(*m, *m2)?, rest),
        _ => return None,
    };
    let (second, rest) = match rest {
        [b':', s, s2, rest @ ..] => (pair(*s, *s2)?, rest),
        _ => return valid(hour, minute, 0).then_some(rest),
    };
    let rest = match rest {
        [b'.', fraction @ ..] => {
            let digits = fraction.iter().take_while(|b| b.is_ascii_digit()).count();
            if digits == 0 {
                return None;
            }
            fraction.get(digits..)?
        }
        _ => rest,
    };
    valid(hour, minute, second).then_some(rest)
}

fn valid(hour: u32, minute: u32, second: u32) -> bool {
    // 60 is a leap second; chrono has no such second of its own.
    NaiveTime::from_hms_opt(hour, minute, second.min(59)).is_some() && second <= 60
}

pub(crate) fn pair(tens: u8, ones: u8) -> Option<u32> {
    let valid = tens.is_ascii_digit() && ones.is_ascii_digit();
    valid.then(|| u32::from(tens - b'0') * 10 + u32::from(ones - b'0'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn day_numbers_are_those_of_chrono() {
        for year in [
            1, 4, 100, 400, 1900, 1969, 1970, 2000, 2024, 2025, 2100, 9999,
        ] {
            for month in 0..=13 {
                for day in 0..=32 {
                    let expected =
                        NaiveDate::from_ymd_opt(year, month, day).map(|it| it.to_epoch_days());
                    assert_eq!(number(year, month, day), expected, "{year}-{month}-{day}");
                }
            }
        }
        assert_eq!(iso(0), "1970-01-01");
        assert_eq!(
            parse_iso("2026-02-02").map(iso).as_deref(),
            Some("2026-02-02")
        );
    }

    #[test]
    fn a_moment_has_a_day_in_each_zone() {
        let moment = Moment::parse("2026-02-01T18:30:00Z").unwrap();
        assert_eq!(iso(moment.day(0)), "2026-02-01");
        assert_eq!(iso(moment.day(19_800)), "2026-02-02");
        assert_eq!(moment.to_string(), "2026-02-01T18:30:00Z");
        assert_eq!(Moment::parse("2026-02-02T00:00:00.9+05:30"), Some(moment));
    }

    #[test]
    fn knows_a_time_of_day() {
        for text in [
            "23:59:45.645053",
            "9:05",
            "09:05",
            "00:00:00Z",
            "10:00+05:30",
            "10:00-0530",
            "23:59:60",
        ] {
            assert!(is_time(text.as_bytes()), "{text}");
        }
        for text in [
            "",
            "24:00",
            "10:60",
            "10",
            "10:00:",
            "10:00:00.",
            "10:00 pm",
            "10:00+5",
            "1a:00",
        ] {
            assert!(!is_time(text.as_bytes()), "{text}");
        }
    }
}

//! Dates in the forms that a contract lists. The day counts as written: an offset never shifts it.

use crate::day;
use model::options::DateForm;

/// What a text says of a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Read {
    /// The day, and the first of the forms that reads it.
    Day(i32, DateForm),
    /// Two of the forms read it as different days.
    Ambiguous,
}

/// A set of date forms, a bit for each.
pub(crate) type FormSet = u16;

pub(crate) const ALL_FORMS: FormSet = (1 << DateForm::ALL.len()) - 1;

pub(crate) const fn form_set(form: DateForm) -> FormSet {
    match form {
        DateForm::Iso => 1,
        DateForm::DayFirst => 2,
        DateForm::MonthFirst => 4,
        DateForm::DayMonthName => 8,
        DateForm::ExcelSerial => 16,
        DateForm::Dotted => 32,
        DateForm::ShortDayFirst => 64,
        DateForm::ShortMonthFirst => 128,
    }
}

/// Every form that reads `text`, without outer blanks, whether a contract lists it or not.
pub(crate) fn forms_of(text: &[u8]) -> FormSet {
    let forms = DateForm::ALL
        .iter()
        .filter(|it| day_in(text, **it).is_some());
    forms.fold(0, |set, it| set | form_set(*it))
}

/// The day of `text`, without outer blanks, under `forms`; None where none of them reads it.
pub(crate) fn parse(text: &[u8], forms: &[DateForm]) -> Option<Read> {
    let mut found = None;
    for form in forms {
        match (found, day_in(text, *form)) {
            (Some((one, _)), Some(other)) if one != other => return Some(Read::Ambiguous),
            (None, Some(day)) => found = Some((day, *form)),
            _ => {}
        }
    }
    found.map(|(day, form)| Read::Day(day, form))
}

/// Whether `text`, without outer blanks, is written as a date, of a day that its month does not have.
pub(crate) fn is_no_day(text: &[u8]) -> bool {
    let in_some_month = |year, month, day| {
        let is_one = year > 0 && (1..=12).contains(&month) && (1..=31).contains(&day);
        is_one.then_some(0)
    };
    let is_written = |it: &DateForm| read_in(text, *it, in_some_month).is_some();
    DateForm::ALL.iter().any(is_written) && forms_of(text) == 0
}

fn day_in(text: &[u8], form: DateForm) -> Option<i32> {
    read_in(text, form, day::number)
}

/// `number` makes a day of year, month and day of the month.
fn read_in(
    text: &[u8],
    form: DateForm,
    number: impl Fn(i32, u32, u32) -> Option<i32>,
) -> Option<i32> {
    match form {
        DateForm::Iso => iso(text, number),
        DateForm::DayFirst => numbers(text, b"-/", 4, |day, month, year| number(year, month, day)),
        DateForm::MonthFirst => {
            numbers(text, b"-/", 4, |month, day, year| number(year, month, day))
        }
        DateForm::DayMonthName => day_month_name(text, number),
        DateForm::ExcelSerial => excel_serial(text),
        DateForm::Dotted => numbers(text, b".", 4, |day, month, year| number(year, month, day)),
        DateForm::ShortDayFirst => {
            numbers(text, b"-/.", 2, |day, month, year| number(year, month, day))
        }
        DateForm::ShortMonthFirst => {
            numbers(text, b"-/", 2, |month, day, year| number(year, month, day))
        }
    }
}

fn iso(text: &[u8], number: impl Fn(i32, u32, u32) -> Option<i32>) -> Option<i32> {
    let (date, rest) = text.split_first_chunk::<10>()?;
    let [y, y2, y3, y4, b'-', m, m2, b'-', d, d2] = *date else {
        return None;
    };
    let year = day::pair(y, y2)? * 100 + day::pair(y3, y4)?;
    let (month, day) = (day::pair(m, m2)?, day::pair(d, d2)?);
    ends_well(rest)?;
    number(i32::try_from(year).ok()?, month, day)
}

/// Two numbers and a year of so many digits, between which the same one of `separators` stands.
fn numbers(
    text: &[u8],
    separators: &[u8],
    digits_of_year: usize,
    number: impl Fn(u32, u32, i32) -> Option<i32>,
) -> Option<i32> {
    let (first, separator, rest) = leading(text)?;
    if !separators.contains(&separator) {
        return None;
    }
    let (second, other_separator, rest) = leading(rest)?;
    if other_separator != separator {
        return None;
    }
    let (year, rest) = rest.split_at_checked(digits_of_year)?;
    ends_well(rest)?;
    let century = if digits_of_year == 2 { 2000 } else { 0 };
    number(first, second, century + i32::try_from(digits(year)?).ok()?)
}

/// Day 61 is 1900-03-01. Spreadsheets count a 29 February 1900 that never was, as day 60.
fn excel_serial(text: &[u8]) -> Option<i32> {
    const DAY_61: i32 = -25_508;
    const LAST: i32 = 2_958_465;
    let at = memchr::memchr(b'.', text).unwrap_or(text.len());
    let (whole, fraction) = text.split_at_checked(at)?;
    let fraction = fraction.get(1..).unwrap_or_default();
    if whole.is_empty() || whole.len() > 7 || !fraction.iter().all(u8::is_ascii_digit) {
        return None;
    }
    match i32::try_from(digits(whole)?).ok()? {
        serial @ 1..=59 => Some(DAY_61 - 60 + serial),
        serial @ 61..=LAST => Some(DAY_61 - 61 + serial),
        _ => None,
    }
}

fn day_month_name(text: &[u8], number: impl Fn(i32, u32, u32) -> Option<i32>) -> Option<i32> {
    let (day, separator, rest) = leading(text)?;
    if !matches!(separator, b'-' | b'/' | b' ') {
        return None;
    }
    let (name, rest) = rest.split_first_chunk::<3>()?;
    let names: [&[u8; 3]; 12] = [
        b"jan", b"feb", b"mar", b"apr", b"may", b"jun", b"jul", b"aug", b"sep", b"oct", b"nov",
        b"dec",
    ];
    let month = names.iter().position(|it| name.eq_ignore_ascii_case(*it))?;
    let rest = rest.strip_prefix(&[separator])?;
    let count = rest.iter().take_while(|b| b.is_ascii_digit()).count();
    let (year, rest) = rest.split_at_checked(count)?;
    let year = match year.len() {
        2 => 2000 + digits(year)?,
        4 => digits(year)?,
        _ => return None,
    };
    ends_well(rest)?;
    number(
        i32::try_from(year).ok()?,
        u32::try_from(month).ok()? + 1,
        day,
    )
}

/// One or two digits, the byte after them, and the rest.
fn leading(text: &[u8]) -> Option<(u32, u8, &[u8])> {
    match text {
        [a @ b'0'..=b'9', b @ b'0'..=b'9', separator, rest @ ..] => {
            Some((digits(&[*a, *b])?, *separator, rest))
        }
        [a @ b'0'..=b'9', separator, rest @ ..] => Some((digits(&[*a])?, *separator, rest)),
        _ => None,
    }
}

/// Nothing, or a time of day after a blank or a `T`.
fn ends_well(rest: &[u8]) -> Option<()> {
    match rest {
        [] => Some(()),
        [b' ' | b'T' | b't', time @ ..] => day::is_time(time).then_some(()),
        _ => None,
    }
}

fn digits(text: &[u8]) -> Option<u32> {
    text.iter().try_fold(0, |sum, b| {
        b.is_ascii_digit().then(|| sum * 10 + u32::from(b - b'0'))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: [DateForm; 3] = [DateForm::Iso, DateForm::DayFirst, DateForm::DayMonthName];

    fn read(text: &str) -> Option<String> {
        read_as(text, &ALL)
    }

    fn read_as(text: &str, forms: &[DateForm]) -> Option<String> {
        parse(text.as_bytes(), forms).map(|it| match it {
            Read::Day(day, _) => day::iso(day),
            Read::Ambiguous => "ambiguous".to_owned(),
        })
    }

    #[test]
    fn never_guesses_between_two_forms() {
        let both = [DateForm::DayFirst, DateForm::MonthFirst];
        for (text, expected) in [
            ("03/04/2025", Some("ambiguous")),
            ("05/05/2025", Some("2025-05-05")),
            ("31/12/2025", Some("2025-12-31")),
            ("12/31/2025", Some("2025-12-31")),
            ("13/13/2025", None),
        ] {
            assert_eq!(read_as(text, &both).as_deref(), expected, "{text}");
        }
    }

    #[test]
    fn points_and_years_of_two_digits_are_forms_of_their_own() {
        for (text, forms, expected) in [
            ("02.03.2026", vec![DateForm::Dotted], Some("2026-03-02")),
            ("2.3.2026 10:00", vec![DateForm::Dotted], Some("2026-03-02")),
            ("02.03.2026", ALL.to_vec(), None),
            ("02.13.2026", vec![DateForm::Dotted], None),
            ("02-03.2026", vec![DateForm::Dotted], None),
            (
                "02/03/26",
                vec![DateForm::ShortDayFirst],
                Some("2026-03-02"),
            ),
            (
                "02.03.26",
                vec![DateForm::ShortDayFirst],
                Some("2026-03-02"),
            ),
            (
                "02/03/26",
                vec![DateForm::ShortMonthFirst],
                Some("2026-02-03"),
            ),
            ("02.03.26", vec![DateForm::ShortMonthFirst], None),
            ("02/03/2026", vec![DateForm::ShortDayFirst], None),
            ("02/03/26", ALL.to_vec(), None),
            (
                "02/03/26",
                vec![DateForm::ShortDayFirst, DateForm::ShortMonthFirst],
                Some("ambiguous"),
            ),
        ] {
            assert_eq!(
                read_as(text, &forms).as_deref(),
                expected,
                "{text} {forms:?}"
            );
        }
    }

    #[test]
    fn a_day_that_is_not_there_is_told_from_what_is_no_date() {
        for text in ["2023-02-29", "29-02-2026", "31/04/2026 10:00", "30-Feb-26"] {
            assert!(is_no_day(text.as_bytes()), "{text}");
        }
        for text in [
            "2024-02-29",
            "12/31/2025",
            "2025-13-01",
            "0000-01-15",
            "32-01-2025",
            "soon",
            "",
        ] {
            assert!(!is_no_day(text.as_bytes()), "{text}");
        }
    }

    #[test]
    fn reads_the_days_of_spreadsheets() {
        for (text, expected) in [
            ("1", Some("1900-01-01")),
            ("59", Some("1900-02-28")),
            ("60", None),
            ("61", Some("1900-03-01")),
            ("45813.999", Some("2025-06-05")),
            ("2958465", Some("9999-12-31")),
            ("2958466", None),
            ("0", None),
            ("-1", None),
            ("45813.", Some("2025-06-05")),
            (".5", None),
        ] {
            assert_eq!(
                read_as(text, &[DateForm::ExcelSerial]).as_deref(),
                expected,
                "{text}"
            );
        }
    }

    #[test]
    fn reads_the_listed_forms() {
        for text in [
            "2025-06-05",
            "2025-06-05 23:59:45.645053",
            "2025-06-05T23:59:45Z",
            "2025-06-05T23:59+05:30",
            "05-06-2025",
            "5/6/2025",
            "05/06/2025 10:30",
            "05-Jun-25",
            "5 jun 2025",
        ] {
            assert_eq!(read(text).as_deref(), Some("2025-06-05"), "{text}");
        }
        assert_eq!(read("2024-02-29").as_deref(), Some("2024-02-29"));
    }

    #[test]
    fn refuses_other_forms_and_days_that_are_not() {
        for text in [
            "",
            "invalid_date",
            "2025-02-29",
            "2025-13-01",
            "0000-01-15",
            "31/04/2025",
            "12/31/2025",
            "12-04-201800",
            "2025/06/05",
            "05-06/2025",
            "05-06-25",
            "2025-06-05x",
            "2025-06-05 25:00",
            "05-Foo-25",
            "20250605",
            "45813",
            "0000-01-01",
        ] {
            assert_eq!(read(text), None, "{text}");
        }
    }
}

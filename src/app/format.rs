//! Numbers, days and times in the words of a page. The same text on server and browser.

use chrono::{DateTime, FixedOffset, NaiveDate, Timelike};
#[cfg(target_arch = "wasm32")]
use model::locale::Days;
use model::t;
use model::{
    locale::Locale,
    money::{Money, Numbers},
    options::SheetRow,
    ratio::Ratio,
    scheme::Scheme,
    zone,
};
#[cfg(target_arch = "wasm32")]
use std::cell::Cell;

/// How who reads this page has numbers and days written.
#[cfg(not(target_arch = "wasm32"))]
pub(crate) fn locale() -> Locale {
    leptos::prelude::use_context().unwrap_or_default()
}

#[cfg(target_arch = "wasm32")]
thread_local! {
    /// At first as the server says at the root of the document (`shell.rs`, which names the same attributes).
    static LOCALE: Cell<Locale> = Cell::new({
        let root = leptos::prelude::document().document_element();
        let has = |name| root.as_ref().is_some_and(|it| it.has_attribute(name));
        Locale {
            numbers: if has("data-in-threes") {
                Numbers::International
            } else {
                Numbers::Indian
            },
            days: if has("data-month-first") {
                Days::MonthFirst
            } else {
                Days::DayFirst
            },
        }
    });
}

#[cfg(target_arch = "wasm32")]
pub(crate) fn locale() -> Locale {
    LOCALE.get()
}

/// Whether the page is light or dark.
#[cfg(not(target_arch = "wasm32"))]
pub(crate) fn scheme() -> Scheme {
    leptos::prelude::use_context().unwrap_or_default()
}

#[cfg(target_arch = "wasm32")]
pub(crate) fn scheme() -> Scheme {
    let root = leptos::prelude::document().document_element();
    let name = root.and_then(|it| it.get_attribute("data-scheme"));
    name.and_then(|it| Scheme::named(&it)).unwrap_or_default()
}

/// From now on. What stands on the page already is written anew by who follows `Desk::locale`.
#[cfg(target_arch = "wasm32")]
pub(crate) fn write_as(locale: Locale) {
    LOCALE.set(locale);
}

pub(crate) fn numbers() -> Numbers {
    locale().numbers
}

/// A line as a table names it: by its number, or, of several sheets, by its sheet and row.
pub(crate) fn line(line: u64, at: Option<&SheetRow>) -> String {
    match at {
        Some(it) => t!("{sheet}, row {row}", sheet = it.sheet, row = count(it.row)),
        None => count(line),
    }
}

/// A line in a sentence.
pub(crate) fn line_named(line: u64, at: Option<&SheetRow>) -> String {
    match at {
        Some(_) => self::line(line, at),
        None => t!("line {line}", line = count(line)),
    }
}

/// Whole numbers, grouped: `1,48,200` or `148,200`.
pub(crate) fn count(number: u64) -> String {
    numbers().count(number.into())
}

/// Exact: `₹2,87,86,763.77` or `₹28,786,763.77`.
pub(crate) fn money(money: Money) -> String {
    numbers().full(money)
}

/// As `count`, for what may be below zero.
pub(crate) fn signed(number: i64) -> String {
    let sign = if number < 0 { "-" } else { "" };
    format!("{sign}{}", count(number.unsigned_abs()))
}

/// A number and its noun: `1 row`, `4,376 rows`.
pub(crate) fn counted(number: u64, one: &str, many: &str) -> String {
    let noun = if number == 1 { one } else { many };
    format!("{} {noun}", count(number))
}

pub(crate) fn rows(number: u64) -> String {
    counted(number, t!("row"), t!("rows"))
}

/// `4 cells in 4 rows`
#[cfg(not(target_arch = "wasm32"))]
pub(crate) fn cells(cells: u64, in_rows: u64) -> String {
    t!(
        "{cells} in {rows}",
        cells = counted(cells, t!("cell"), t!("cells")),
        rows = rows(in_rows)
    )
}

/// `12.48 %`
pub(crate) fn percent(share: Ratio) -> String {
    format!("{} %", share.percent())
}

/// A goal, which needs no decimals where it has none: `95 %`.
pub(crate) fn goal(share: Ratio) -> String {
    let text = share.percent();
    let text = text.strip_suffix(".00").unwrap_or(&text);
    format!("{text} %")
}

/// In powers of ten, as file managers show it: `12.4 MB`.
pub(crate) fn bytes(number: u64) -> String {
    let scaled = |unit: u64, name: &str| {
        let tenths = (u128::from(number) * 10 + u128::from(unit) / 2) / u128::from(unit);
        format!("{}.{} {name}", numbers().count(tenths / 10), tenths % 10)
    };
    match number {
        0..1_000 => counted(number, t!("byte"), t!("bytes")),
        1_000..1_000_000 => scaled(1_000, "KB"),
        1_000_000..1_000_000_000 => scaled(1_000_000, "MB"),
        _ => scaled(1_000_000_000, "GB"),
    }
}

/// An ISO day: `2026-11-23` becomes `23 Nov 2026` or `Nov 23, 2026`. What is no day stays as it is.
#[cfg(not(target_arch = "wasm32"))]
pub(crate) fn day(iso: &str) -> String {
    NaiveDate::parse_from_str(iso, "%Y-%m-%d").map_or_else(|_| iso.to_owned(), written)
}

/// The day of an RFC 3339 time.
#[cfg(not(target_arch = "wasm32"))]
pub(crate) fn day_at(rfc3339: &str) -> String {
    parsed(rfc3339).map_or_else(|| rfc3339.to_owned(), |it| written(it.date_naive()))
}

/// A moment for a page: `text` to read, `precise` with seconds, `title` with both zones.
pub(crate) struct Stamp {
    pub(crate) text: String,
    #[cfg_attr(
        target_arch = "wasm32",
        expect(dead_code, reason = "only pages of the server show seconds")
    )]
    pub(crate) precise: String,
    pub(crate) title: String,
}

/// An RFC 3339 time, shown in Indian time.
pub(crate) fn stamp(rfc3339: &str) -> Stamp {
    let Some(time) = parsed(rfc3339) else {
        return Stamp {
            text: rfc3339.to_owned(),
            precise: rfc3339.to_owned(),
            title: rfc3339.to_owned(),
        };
    };
    let utc = time.naive_utc();
    let day = written(time.date_naive());
    let (hour, minute, second) = (time.hour(), time.minute(), time.second());
    let precise = format!("{day}, {hour:02}:{minute:02}:{second:02}");
    Stamp {
        text: format!("{day}, {hour:02}:{minute:02}"),
        title: t!(
            "{time} Indian time (UTC+05:30), {utc} UTC",
            time = precise,
            utc = format!("{:02}:{:02}:{:02}", utc.hour(), utc.minute(), utc.second())
        ),
        precise,
    }
}

/// Milliseconds since 1970 of an RFC 3339 time.
pub(crate) fn milliseconds(rfc3339: &str) -> Option<i64> {
    Some(parsed(rfc3339)?.timestamp_millis())
}

/// How long ago, roughly; None for what lies more than 30 days back, where the day says more.
#[cfg(any(target_arch = "wasm32", test))]
pub(crate) fn ago(now: i64, then: i64) -> Option<String> {
    let seconds = u64::try_from(now.saturating_sub(then) / 1_000).unwrap_or(0);
    Some(match seconds {
        0..60 => t!("just now").to_owned(),
        60..3_600 => t!("{minutes} min ago", minutes = seconds / 60),
        3_600..86_400 => t!("{hours} h ago", hours = seconds / 3_600),
        86_400..2_592_000 => t!(
            "{days} ago",
            days = counted(seconds / 86_400, t!("day"), t!("days"))
        ),
        _ => return None,
    })
}

/// Between two RFC 3339 times: `412 ms`, `3.1 s`, `2 min 5 s`.
pub(crate) fn duration(start: &str, end: &str) -> Option<String> {
    let between = milliseconds(end)?.saturating_sub(milliseconds(start)?);
    let between = u64::try_from(between).ok()?;
    Some(match between {
        0..1_000 => format!("{between} ms"),
        1_000..60_000 => {
            let tenths = (between + 50) / 100;
            format!("{}.{} s", tenths / 10, tenths % 10)
        }
        _ => t!(
            "{minutes} min {seconds} s",
            minutes = between / 60_000,
            seconds = between % 60_000 / 1_000
        ),
    })
}

/// The first eight digits of a digest, which people compare.
#[cfg(not(target_arch = "wasm32"))]
pub(crate) fn short_digest(digest: &str) -> String {
    digest.chars().take(8).collect()
}

/// The part of the whole, of a thousand, for a bar; something is never drawn as nothing.
pub(crate) fn per_mille(part: u64, whole: u64) -> u32 {
    let share = Ratio::of(part.min(whole), whole).map_or(0, |it| it.millionths() / 1_000);
    if part > 0 { share.max(4) } else { 0 }
}

fn written(day: NaiveDate) -> String {
    charts::written(day, locale().days)
}

fn parsed(rfc3339: &str) -> Option<DateTime<FixedOffset>> {
    let zone = FixedOffset::east_opt(zone::SECONDS)?;
    Some(
        DateTime::parse_from_rfc3339(rfc3339)
            .ok()?
            .with_timezone(&zone),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_read_as_in_a_file_manager() {
        let check = |number, expected| assert_eq!(bytes(number), expected);
        check(1, "1 byte");
        check(999, "999 bytes");
        check(355_387, "355.4 KB");
        check(12_449_999, "12.4 MB");
        check(55_700_000_000, "55.7 GB");
    }

    #[test]
    fn times_are_shown_in_indian_time_with_both_zones_in_the_title() {
        let shown = stamp("2026-11-23T18:50:12.345Z");
        assert_eq!(shown.text, "24 Nov 2026, 00:20");
        assert_eq!(
            shown.title,
            "24 Nov 2026, 00:20:12 Indian time (UTC+05:30), 18:50:12 UTC"
        );
        assert_eq!(day_at("2026-11-23T18:50:12.345Z"), "24 Nov 2026");
        assert_eq!(stamp("yesterday").text, "yesterday");
    }

    #[test]
    fn days_are_written_out() {
        assert_eq!(day("2026-11-03"), "3 Nov 2026");
        assert_eq!(day("Nov"), "Nov");
    }

    #[test]
    fn durations_take_the_unit_that_fits() {
        let check = |end: &str, expected: &str| {
            let shown = duration("2026-11-23T10:00:00.000Z", end);
            assert_eq!(shown.as_deref(), Some(expected));
        };
        check("2026-11-23T10:00:00.412Z", "412 ms");
        check("2026-11-23T10:00:03.149Z", "3.1 s");
        check("2026-11-23T10:02:05.000Z", "2 min 5 s");
    }

    #[test]
    fn old_runs_have_no_age() {
        assert_eq!(ago(10_000, 9_000).as_deref(), Some("just now"));
        assert_eq!(ago(7_200_000, 0).as_deref(), Some("2 h ago"));
        assert_eq!(ago(90_000_000, 0).as_deref(), Some("1 day ago"));
        assert_eq!(ago(9_000_000_000, 0), None);
    }

    #[test]
    fn a_bar_shows_one_row_in_a_million() {
        assert_eq!(per_mille(1, 1_000_000), 4);
        assert_eq!(per_mille(0, 1_000_000), 0);
        assert_eq!(per_mille(500, 1_000), 500);
        assert_eq!(per_mille(1, 0), 4);
    }
}

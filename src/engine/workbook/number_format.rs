//! Number formats of Excel, as far as they change what a reader of the file sees: whether a number is a date, and
//! whether zeros stand in front of it (ECMA-376, part 1, 18.8.30 and 18.8.31).

use crate::day;

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum NumberFormat {
    /// The number as it is stored. Hidden decimals, percent, currency and grouping take nothing from it.
    Plain,
    Date,
    /// Hours, minutes and seconds alone.
    Time,
    /// `[h]:mm`: hours that go on beyond the day.
    Duration,
    /// `00000` or `"INV-"0000`: an identifier. What it consists of, and how many digits it takes.
    Padded(Vec<Piece>, usize),
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Piece {
    Digit,
    Text(String),
}

impl NumberFormat {
    /// Of the formats that have a number and no code.
    pub(super) fn built_in(id: u32) -> Self {
        match id {
            // With the forms of Chinese, Japanese, Korean and Thai dates.
            14..=17 | 22 | 27..=31 | 34..=36 | 50..=54 | 57 | 58 | 71..=76 | 81 => Self::Date,
            18..=21 | 32 | 33 | 45 | 47 | 55 | 56 | 77..=80 => Self::Time,
            46 => Self::Duration,
            _ => Self::Plain,
        }
    }

    pub(super) fn of_code(code: &str) -> Self {
        // The first part is that of positive numbers.
        let (mut date, mut time, mut duration, mut plain) = (false, false, false, false);
        let mut pieces: Vec<Piece> = Vec::new();
        let mut digits = 0;
        let mut letters = code.chars().peekable();
        while let Some(letter) = letters.next() {
            match letter {
                ';' => break,
                '"' => add(&mut pieces, letters.by_ref().take_while(|it| *it != '"')),
                '\\' => add(&mut pieces, letters.next()),
                // The space of a letter's width, and the letter that fills the cell.
                '_' | '*' => {
                    letters.next();
                }
                '[' => {
                    let inside: String = letters.by_ref().take_while(|it| *it != ']').collect();
                    let elapsed = inside
                        .chars()
                        .all(|it| matches!(it, 'h' | 'H' | 'm' | 'M' | 's' | 'S'));
                    duration |= elapsed && !inside.is_empty();
                    plain |= inside.starts_with(['<', '>', '=']);
                }
                // `General` and `AM/PM` are words.
                'G' | 'g' if code.to_ascii_lowercase().contains("general") => return Self::Plain,
                'y' | 'Y' | 'd' | 'D' | 'e' | 'g' | 'b' | 'B' => date = true,
                'h' | 'H' | 's' | 'S' => time = true,
                'm' | 'M' => match time || next_is_seconds(letters.clone()) {
                    true => time = true,
                    false => date = true,
                },
                'A' | 'a' | 'P' | 'p' if time => {}
                '0' => {
                    digits += 1;
                    pieces.push(Piece::Digit);
                }
                '#' | '?' | '.' | ',' | '%' | 'E' | '@' => plain = true,
                other => add(&mut pieces, [other]),
            }
        }
        if duration {
            return Self::Duration;
        }
        if date {
            return Self::Date;
        }
        if time {
            return Self::Time;
        }
        // What stands behind the last digit is a unit, and such a number a measure.
        if plain || digits < 2 || pieces.last() != Some(&Piece::Digit) {
            return Self::Plain;
        }
        Self::Padded(pieces, digits)
    }

    /// `stored` as a reader of the file sees it. `from_1904` is how a workbook counts its days.
    pub(super) fn show(&self, stored: &str, from_1904: bool) -> String {
        let Ok(number) = stored.parse::<f64>() else {
            return stored.to_owned();
        };
        let shown = match self {
            Self::Plain => None,
            Self::Date | Self::Time => date(number, *self == Self::Time, from_1904),
            Self::Duration => duration(number),
            Self::Padded(pieces, digits) => padded(number, pieces, *digits),
        };
        shown.unwrap_or_else(|| decimal(number))
    }
}

fn add(pieces: &mut Vec<Piece>, letters: impl IntoIterator<Item = char>) {
    let letters = letters.into_iter();
    match pieces.last_mut() {
        Some(Piece::Text(text)) => text.extend(letters),
        _ => pieces.push(Piece::Text(letters.collect())),
    }
}

/// Whether `m` stands for minutes because seconds follow it.
fn next_is_seconds(letters: impl Iterator<Item = char>) -> bool {
    let mut letters = letters.skip_while(|it| matches!(it, 'm' | 'M' | ':' | '\\'));
    matches!(letters.next(), Some('s' | 'S'))
}

/// The shortest decimal form of at most 15 digits, which is what Excel itself keeps: `0.1 + 0.2` is `0.3`.
pub(super) fn decimal(number: f64) -> String {
    // Whole numbers have no noise, and may be identifiers of 16 digits.
    if number.fract() == 0.0 && number != 0.0 && number.abs() < EXACT {
        return format!("{number:.0}");
    }
    let scientific = format!("{number:.14e}");
    let Some((mantissa, exponent)) = scientific.split_once('e') else {
        return scientific; // no number, or none that ends
    };
    let Ok(exponent) = exponent.parse::<i32>() else {
        return scientific;
    };
    let (sign, mantissa) = mantissa
        .strip_prefix('-')
        .map_or(("", mantissa), |it| ("-", it));
    let digits: String = mantissa.chars().filter(|it| *it != '.').collect();
    let digits = digits.trim_end_matches('0');
    if digits.is_empty() {
        return "0".to_owned();
    }
    let length = i32::try_from(digits.len()).unwrap_or(i32::MAX);
    let zeros = |count: i32| "0".repeat(usize::try_from(count).unwrap_or(0));
    if !(-20..=20).contains(&exponent) {
        let (first, rest) = digits.split_at(1);
        let point = if rest.is_empty() { "" } else { "." };
        return format!("{sign}{first}{point}{rest}E{exponent}");
    }
    if exponent < 0 {
        return format!("{sign}0.{}{digits}", zeros(-exponent - 1));
    }
    if exponent + 1 >= length {
        return format!("{sign}{digits}{}", zeros(exponent + 1 - length));
    }
    let (whole, fraction) = digits.split_at(usize::try_from(exponent + 1).unwrap_or(0));
    format!("{sign}{whole}.{fraction}")
}

/// Below it a float holds every whole number.
const EXACT: f64 = 9_007_199_254_740_992.0;
const DAY: f64 = 86_400_000.0;
/// 1970-01-01 as Excel counts days.
const EPOCH: i64 = 25_569;
/// 9999-12-31.
const LAST: i64 = 2_958_465;

/// `2026-03-05`, with a time where there is one, or a time alone. None where Excel shows none either.
pub(super) fn date(number: f64, time_alone: bool, from_1904: bool) -> Option<String> {
    let (mut days, milliseconds) = days_and_rest(number)?;
    let time = clock(milliseconds);
    if days == 0 && !from_1904 && (time_alone || milliseconds > 0) {
        return Some(time);
    }
    if from_1904 {
        if days == 0 && time_alone {
            return Some(time);
        }
        days += 1_462;
    } else if days < 60 {
        // Excel has a 29th of February 1900, its day 60; before it, all is a day later.
        days += 1;
    } else if days == 60 {
        return None;
    }
    if !(2..=LAST).contains(&days) {
        return None;
    }
    let date = day::iso(i32::try_from(days - EPOCH).ok()?);
    Some(if milliseconds == 0 {
        date
    } else {
        format!("{date} {time}")
    })
}

fn days_and_rest(number: f64) -> Option<(i64, i64)> {
    if !(0.0..3_000_000.0).contains(&number) {
        return None;
    }
    #[expect(clippy::cast_possible_truncation, reason = "below 3 million days")]
    let all = (number * DAY).round() as i64;
    Some((all / 86_400_000, all % 86_400_000))
}

/// `14:30:00`, with thousandths where there are some.
fn clock(milliseconds: i64) -> String {
    let seconds = milliseconds / 1_000;
    let (hours, minutes, left) = (seconds / 3_600, seconds / 60 % 60, seconds % 60);
    let thousandths = milliseconds % 1_000;
    let fraction = if thousandths == 0 {
        String::new()
    } else {
        format!(".{thousandths:03}")
    };
    format!("{hours:02}:{minutes:02}:{left:02}{fraction}")
}

pub(super) fn duration(number: f64) -> Option<String> {
    let (days, rest) = days_and_rest(number)?;
    Some(clock(days * 86_400_000 + rest))
}

fn padded(number: f64, pieces: &[Piece], digits: usize) -> Option<String> {
    if number.fract() != 0.0 || !(0.0..1e15).contains(&number) {
        return None;
    }
    let written = format!("{number:0>digits$}");
    // More digits than the format has stand in front.
    let mut left = written.chars();
    let mut extra = written.len() - digits;
    let mut res = String::new();
    for piece in pieces {
        match piece {
            Piece::Text(text) => res.push_str(text),
            Piece::Digit => {
                res.extend(left.by_ref().take(extra + 1));
                extra = 0;
            }
        }
    }
    Some(res)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(code: &str, stored: &str, expected: &str) {
        let shown = NumberFormat::of_code(code).show(stored, false);
        assert_eq!(shown, expected, "{stored} as {code}");
    }

    #[test]
    fn numbers_keep_their_digits_and_lose_float_noise() {
        for (stored, expected) in [
            ("1234.5600000000001", "1234.56"),
            ("0.30000000000000004", "0.3"),
            ("1E-3", "0.001"),
            ("-42", "-42"),
            ("1.5E+3", "1500"),
            ("100", "100"),
            ("0", "0"),
            ("-0", "0"),
            ("1234567890123456", "1234567890123456"),
            ("123456789012345678", "123456789012346000"),
            ("1e30", "1E30"),
            ("1.25e-30", "1.25E-30"),
        ] {
            check("General", stored, expected);
        }
        check("0.00", "1234.567", "1234.567");
        check("#,##0", "1234567.89", "1234567.89");
        check("\"₹\" #,##0.00", "12.5", "12.5");
        check("0%", "0.05", "0.05");
        check("0\" kg\"", "5", "5");
        check("00\" kg\"", "5", "5");
        check("0.00E+00", "1234567", "1234567");
        check("[Red][<0]0;0", "5", "5");
    }

    #[test]
    fn dates_become_iso() {
        for code in [
            "dd/mm/yyyy",
            "d-mmm-yy",
            "[$-409]mmmm d, yyyy;@",
            "m/d/yy h:mm AM/PM",
            "mmm",
        ] {
            check(code, "46086", "2026-03-05");
        }
        check(
            "yyyy-mm-dd hh:mm",
            "46086.604166666664",
            "2026-03-05 14:30:00",
        );
        check("dd.mm.yyyy", "46086.5", "2026-03-05 12:00:00");
        check("h:mm", "0.604166666666667", "14:30:00");
        check("mm:ss", "0.5", "12:00:00");
        check("[h]:mm:ss", "1.25", "30:00:00");
        check("hh:mm:ss", "46086.604166666664", "2026-03-05 14:30:00");
        check("yyyy", "1", "1900-01-01");
        check("yyyy", "59", "1900-02-28");
        check("yyyy", "60", "60");
        check("yyyy", "61", "1900-03-01");
        check("yyyy", "-5", "-5");
        check("yyyy", "2958465", "9999-12-31");
        check("yyyy", "2958466", "2958466");
        assert_eq!(NumberFormat::Date.show("44624", true), "2026-03-05");
        assert_eq!(
            NumberFormat::built_in(14).show("46086", false),
            "2026-03-05"
        );
        assert_eq!(NumberFormat::built_in(2).show("46086", false), "46086");
    }

    #[test]
    fn identifiers_keep_their_zeros() {
        check("00000", "42", "00042");
        check("00000", "1234567", "1234567");
        check("000-00-0000", "12345678", "012-34-5678");
        check("\"INV-\"0000", "7", "INV-0007");
        check("\"INV-\"0000", "12345", "INV-12345");
        check("000000;-000000", "42", "000042");
        check("00000", "4.5", "4.5");
        check("00000", "-4", "-4");
    }
}

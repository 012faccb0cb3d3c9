//! Numbers that are no money, in millionths: `0.2`, `-1148.5`, `12,34,567.8901`.

use super::amount::{Writing, swapped, ungroup};

/// Decimals that are kept; zeros may stand behind them.
const DECIMALS: usize = 6;

/// None where `text`, without outer blanks, is no number of at most six decimals, or too large for 64 bits.
pub(crate) fn parse(text: &[u8], writing: Writing) -> Option<i64> {
    let swapped = (writing.decimal_comma && memchr::memchr2(b',', b'.', text).is_some())
        .then(|| swapped(text));
    let text = swapped.as_deref().unwrap_or(text);
    let inside = |it: &'_ [u8]| it.first().is_some_and(|it| !matches!(it, b'-' | b'+'));
    let around = text.strip_prefix(b"(").and_then(|it| it.strip_suffix(b")"));
    if let Some(text) = around.filter(|it| writing.parentheses && inside(it)) {
        return i64::try_from(-wide(text.trim_ascii())?).ok();
    }
    let before = text.strip_suffix(b"-").map(<[u8]>::trim_ascii_end);
    if let Some(text) = before.filter(|it| writing.trailing_minus && inside(it)) {
        return i64::try_from(-wide(text)?).ok();
    }
    i64::try_from(wide(text)?).ok()
}

/// With a decimal point and nothing around it, as far as 128 bits go.
pub(crate) fn wide(text: &[u8]) -> Option<i128> {
    let (negative, digits) = match text {
        [b'-', rest @ ..] => (true, rest),
        [b'+', rest @ ..] => (false, rest),
        _ => (false, text),
    };
    let at = memchr::memchr(b'.', digits).unwrap_or(digits.len());
    let (whole, fraction) = digits.split_at_checked(at)?;
    let fraction = fraction.get(1..).unwrap_or_default();
    let (fraction, zeros) = fraction
        .split_at_checked(DECIMALS)
        .unwrap_or((fraction, &[]));
    if whole.is_empty() && fraction.is_empty()
        || !fraction.iter().all(u8::is_ascii_digit)
        || zeros.iter().any(|it| *it != b'0')
    {
        return None;
    }
    let grouped = (!whole.iter().all(u8::is_ascii_digit)).then(|| ungroup(whole));
    let whole = match &grouped {
        Some(ungrouped) => ungrouped.as_deref()?,
        None => whole,
    };
    let missing = DECIMALS - fraction.len(); // at most so many were taken
    let zeros = std::iter::repeat_n(&b'0', missing);
    let mut digits = whole.iter().chain(fraction).chain(zeros);
    let number = digits.try_fold(0i128, |sum, digit| {
        sum.checked_mul(10)?.checked_add(i128::from(digit - b'0'))
    })?;
    Some(if negative { -number } else { number })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_up_to_six_decimals_and_no_more() {
        for (text, millionths) in [
            ("0", Some(0)),
            ("41.9136", Some(41_913_600)),
            ("-0.2", Some(-200_000)),
            ("+.5", Some(500_000)),
            ("5.", Some(5_000_000)),
            ("0.123456", Some(123_456)),
            ("0.12345600", Some(123_456)),
            ("12,34,567.8", Some(1_234_567_800_000)),
            ("9223372036854.775807", Some(i64::MAX)),
            ("-9223372036854.775808", Some(i64::MIN)),
            ("9223372036854.775808", None),
            ("0.1234567", None),
            ("1e5", None),
            ("", None),
            (".", None),
            ("-", None),
            ("1.2.3", None),
            ("₹5", None),
            ("(5)", None),
            ("5-", None),
            ("NaN", None),
            ("--5", None),
        ] {
            assert_eq!(
                parse(text.as_bytes(), Writing::default()),
                millionths,
                "{text}"
            );
        }
    }

    #[test]
    fn reads_what_a_contract_allows_besides() {
        let writing = Writing {
            decimal_comma: true,
            parentheses: true,
            trailing_minus: true,
        };
        for (text, millionths) in [
            ("1.234,5678", Some(1_234_567_800)),
            ("(0,5)", Some(-500_000)),
            ("0,5-", Some(-500_000)),
            ("(-5)", None),
            ("-5-", None),
        ] {
            assert_eq!(parse(text.as_bytes(), writing), millionths, "{text}");
        }
    }
}

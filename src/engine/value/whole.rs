//! Whole numbers: `12`, `-3`, `1,23,456`, and `12.0`, which many programs write for 12.

use super::amount::{swapped, ungroup};

/// None where `text`, without outer blanks, is no whole number of 64 bits.
pub(crate) fn parse(text: &[u8], decimal_comma: bool) -> Option<i64> {
    if decimal_comma && memchr::memchr2(b',', b'.', text).is_some() {
        return parse(&swapped(text), false);
    }
    let (negative, digits) = match text {
        [b'-', rest @ ..] => (true, rest),
        [b'+', rest @ ..] => (false, rest),
        _ => (false, text),
    };
    let (digits, fraction) = match memchr::memchr(b'.', digits) {
        Some(at) => (digits.get(..at)?, digits.get(at + 1..)?),
        None => (digits, &[] as &[u8]),
    };
    if digits.is_empty() || fraction.iter().any(|&b| b != b'0') {
        return None;
    }
    let mut value: i64 = 0;
    let mut add = |digit: u8| {
        let digit = i64::from(digit - b'0');
        // Towards the sign, so that the smallest number can be read too.
        let next = value.checked_mul(10)?;
        value = if negative {
            next.checked_sub(digit)?
        } else {
            next.checked_add(digit)?
        };
        Some(())
    };
    if digits.iter().all(u8::is_ascii_digit) {
        for &digit in digits {
            add(digit)?;
        }
    } else {
        for digit in ungroup(digits)? {
            add(digit)?;
        }
    }
    Some(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_whole_numbers_alone() {
        for (text, value) in [
            ("0", 0),
            ("-3", -3),
            ("+7", 7),
            ("007", 7),
            ("12.0", 12),
            ("12.", 12),
            ("1,234", 1234),
            ("1,23,456", 123_456),
            ("-9223372036854775808", i64::MIN),
        ] {
            assert_eq!(parse(text.as_bytes(), false), Some(value), "{text}");
        }
        assert_eq!(parse(b"1.234,0", true), Some(1234));
        for text in [
            "",
            "-",
            "1.5",
            ".0",
            "1e3",
            "12a",
            "1 2",
            "9223372036854775808",
            "1,2,3",
            "--1",
            "ten",
        ] {
            assert_eq!(parse(text.as_bytes(), false), None, "{text}");
        }
    }
}

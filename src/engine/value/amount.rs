//! Amounts of money in paise: `10536.57`, `₹1,23,456.78`, `Rs. 500/-`, `INR -12`, `1 234 567`.

use super::trim;

/// A readable amount.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Amount {
    pub(crate) paise: i64,
    /// Written with more than two decimals, all of them float noise.
    pub(crate) excess: bool,
}

/// How amounts and whole numbers of a column may be written, besides the plain way.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Writing {
    /// `1.234,56`, and not `1,234.56`.
    pub(crate) decimal_comma: bool,
    /// `(500)` for -500.
    pub(crate) parentheses: bool,
    /// `500-` for -500.
    pub(crate) trailing_minus: bool,
}

/// None where `text`, without outer blanks, is no amount of whole paise, or one too large for 64 bits.
pub(crate) fn parse(text: &[u8], writing: Writing) -> Option<Amount> {
    if writing.decimal_comma && memchr::memchr2(b',', b'.', text).is_some() {
        return parse_with_point(&swapped(text), writing);
    }
    parse_with_point(text, writing)
}

/// With points for commas and commas for points.
pub(super) fn swapped(text: &[u8]) -> Vec<u8> {
    let swap = |byte: &u8| match byte {
        b',' => b'.',
        b'.' => b',',
        other => *other,
    };
    text.iter().map(swap).collect()
}

fn parse_with_point(text: &[u8], writing: Writing) -> Option<Amount> {
    if let Some(paise) = bare(text) {
        return Some(Amount {
            paise,
            excess: false,
        });
    }
    match text {
        [b'0'..=b'9' | b'.', .., b'0'..=b'9' | b'.'] | [b'0'..=b'9'] => unsigned(text, false),
        [] => None,
        _ => adorned(text, writing),
    }
}

/// Digits alone, perhaps with a point and one or two more: what nearly every cell is. None says nothing.
#[inline]
fn bare(text: &[u8]) -> Option<i64> {
    const SHORT: usize = 16;
    if text.is_empty() || text.len() > SHORT {
        return None;
    }
    let (whole, cents) = match text {
        [whole @ .., b'.', tens, ones] => (whole, digit(*tens)? * 10 + digit(*ones)?),
        [whole @ .., b'.', tens] => (whole, digit(*tens)? * 10),
        _ => (text, 0),
    };
    let mut sum = 0;
    for byte in whole {
        sum = sum * 10 + digit(*byte)?;
    }
    (!whole.is_empty()).then_some(sum * 100 + cents) // of at most 18 digits
}

#[inline]
fn digit(byte: u8) -> Option<i64> {
    let value = byte.wrapping_sub(b'0');
    (value < 10).then_some(i64::from(value))
}

/// With a sign and a currency, each at most once and before or behind the digits, as people write them.
fn adorned(text: &[u8], writing: Writing) -> Option<Amount> {
    let (mut sign, rest) = take_sign(text);
    let (mut currency, rest) = take_currency(rest.trim_ascii_start());
    let mut rest = rest;
    if sign.is_none() {
        (sign, rest) = take_sign(rest);
    }
    if writing.parentheses
        && sign.is_none()
        && let Some(inside) = rest.strip_prefix(b"(").and_then(|it| it.strip_suffix(b")"))
    {
        sign = Some(b'-');
        rest = inside.trim_ascii();
        if !currency {
            (currency, rest) = take_currency(rest);
        }
    }
    if let Some(before) = rest.strip_suffix(b"/-") {
        rest = before.trim_ascii_end();
    } else if writing.trailing_minus
        && sign.is_none()
        && let Some(before) = rest.strip_suffix(b"-")
    {
        sign = Some(b'-');
        rest = before.trim_ascii_end();
    }
    if !currency {
        rest = drop_currency_behind(rest);
    }
    let rest = rest.trim_ascii();
    match rest.first()? {
        b'0'..=b'9' | b'.' => unsigned(rest, sign == Some(b'-')),
        _ => None,
    }
}

fn take_sign(text: &[u8]) -> (Option<u8>, &[u8]) {
    match text {
        [sign @ (b'-' | b'+'), rest @ ..] => (Some(*sign), rest),
        _ => (None, text),
    }
}

/// Whether a currency stood there, and what stands behind it.
fn take_currency(text: &[u8]) -> (bool, &[u8]) {
    if let Some(rest) = text.strip_prefix("₹".as_bytes()) {
        return (true, trim(rest));
    }
    for word in [b"rs.".as_slice(), b"rs", b"inr"] {
        if let Some((start, rest)) = text.split_at_checked(word.len())
            && start.eq_ignore_ascii_case(word)
        {
            return (true, trim(rest));
        }
    }
    (false, text)
}

fn drop_currency_behind(text: &[u8]) -> &[u8] {
    if let Some(before) = text.strip_suffix("₹".as_bytes()) {
        return before;
    }
    for word in [b"rs.".as_slice(), b"rs", b"inr"] {
        if let Some(at) = text.len().checked_sub(word.len())
            && let Some((before, end)) = text.split_at_checked(at)
            && end.eq_ignore_ascii_case(word)
        {
            return before;
        }
    }
    text
}

fn unsigned(text: &[u8], negative: bool) -> Option<Amount> {
    let (whole, fraction) = match memchr::memchr(b'.', text) {
        Some(at) => (text.get(..at)?, text.get(at + 1..)?),
        None => (text, &[] as &[u8]),
    };
    if whole.is_empty() && fraction.is_empty() || !fraction.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let mut paise: i64 = 0;
    if whole.iter().all(u8::is_ascii_digit) {
        for &digit in whole {
            paise = shift_in(paise, digit, negative)?;
        }
    } else {
        for digit in ungroup(whole)? {
            paise = shift_in(paise, digit, negative)?;
        }
    }
    for place in 0..2 {
        paise = shift_in(
            paise,
            fraction.get(place).copied().unwrap_or(b'0'),
            negative,
        )?;
    }
    let Some(noise @ [_, ..]) = fraction.get(2..) else {
        return Some(Amount {
            paise,
            excess: false,
        });
    };
    let step = rounding(noise)?;
    let paise = if negative {
        paise.checked_sub(step)?
    } else {
        paise.checked_add(step)?
    };
    Some(Amount {
        paise,
        excess: true,
    })
}

fn shift_in(paise: i64, digit: u8, negative: bool) -> Option<i64> {
    let digit = i64::from(digit - b'0');
    let shifted = paise.checked_mul(10)?;
    if negative {
        shifted.checked_sub(digit)
    } else {
        shifted.checked_add(digit)
    }
}

/// The digits after the second decimal: 0 or 1 paisa where they lie within 0.000001 rupees (a ten-thousandth
/// of a paisa) of it, None where they say something else.
fn rounding(noise: &[u8]) -> Option<i64> {
    let at = |place: usize| noise.get(place).copied().unwrap_or(b'0');
    let head = [at(0), at(1), at(2), at(3)];
    let tail_is_zero = noise.iter().skip(4).all(|&b| b == b'0');
    match &head {
        b"0000" => Some(0),
        b"0001" if tail_is_zero => Some(0),
        b"9999" => Some(1),
        _ => None,
    }
}

/// The digits of a grouped number: commas, or else blanks, before the last three digits and then every two
/// (Indian) or every three (Western). None for any other grouping.
pub(super) fn ungroup(text: &[u8]) -> Option<Vec<u8>> {
    const NO_BREAK: &[&str] = &["\u{a0}", "\u{202f}"];
    if !text.is_ascii() {
        let text = std::str::from_utf8(text).ok()?;
        let blank = NO_BREAK.iter().find(|it| text.contains(**it))?;
        return ungroup(text.replace(*blank, " ").as_bytes());
    }
    let separator = if memchr::memchr(b',', text).is_some() {
        b','
    } else {
        b' '
    };
    let groups: Vec<&[u8]> = text.split(|&b| b == separator).collect();
    let [first, middle @ .., last] = groups.as_slice() else {
        return None;
    };
    let digits = groups
        .iter()
        .all(|it| !it.is_empty() && it.iter().all(u8::is_ascii_digit));
    let western = first.len() <= 3 && middle.iter().all(|it| it.len() == 3);
    let indian = first.len() <= 2 && middle.iter().all(|it| it.len() == 2);
    (digits && last.len() == 3 && (western || indian)).then(|| groups.concat())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Option<(i64, bool)> {
        parse(text.as_bytes(), Writing::default()).map(|it| (it.paise, it.excess))
    }

    #[test]
    fn reads_what_a_contract_allows_besides() {
        let all = Writing {
            decimal_comma: false,
            parentheses: true,
            trailing_minus: true,
        };
        let comma = Writing {
            decimal_comma: true,
            ..all
        };
        for (text, writing, paise) in [
            ("(1,234.50)", all, Some(-123_450)),
            ("₹(500)", all, Some(-50_000)),
            ("(₹ 500)", all, Some(-50_000)),
            ("500-", all, Some(-50_000)),
            ("500.25 -", all, Some(-50_025)),
            ("(-5)", all, None),
            ("-(5)", all, None),
            ("-5-", all, None),
            ("(5", all, None),
            ("()", all, None),
            ("1.234,56", comma, Some(123_456)),
            ("-1.234.567,8", comma, Some(-123_456_780)),
            ("1234,5", comma, Some(123_450)),
            ("1234", comma, Some(123_400)),
            ("1.234", comma, Some(123_400)),
            ("1,234", comma, None),
            ("1234.56", comma, None),
        ] {
            let read = parse(text.as_bytes(), writing).map(|it| it.paise);
            assert_eq!(read, paise, "{text}");
        }
    }

    #[test]
    fn reads_what_people_write() {
        for (text, paise) in [
            ("10536.57", 1_053_657),
            ("17244.0", 1_724_400),
            ("5", 500),
            (".5", 50),
            ("5.", 500),
            ("-12.30", -1230),
            ("+1", 100),
            ("₹1,23,456.78", 12_345_678),
            ("₹ -5", -500),
            ("-₹5", -500),
            ("Rs. 500", 50_000),
            ("rs500", 50_000),
            ("INR 1,234,567.00", 123_456_700),
            ("500/-", 50_000),
            ("Rs. 1,500/-", 150_000),
            ("500 INR", 50_000),
            ("500₹", 50_000),
            ("12 34 567", 123_456_700),
            ("1\u{a0}234.5", 123_450),
            ("1\u{202f}234\u{202f}567", 123_456_700),
            ("92233720368547758.07", i64::MAX),
            ("-92233720368547758.08", i64::MIN),
        ] {
            assert_eq!(read(text), Some((paise, false)), "{text}");
        }
    }

    #[test]
    fn takes_float_noise_for_what_it_is() {
        for (text, paise) in [
            ("8092.160000000001", 809_216),
            ("5607.099999999999", 560_710),
            ("-1737.6299999999999", -173_763),
            ("1.500", 150),
            ("1.010001", 101),
            ("0.999999", 100),
        ] {
            assert_eq!(read(text), Some((paise, true)), "{text}");
        }
        for text in ["1.005", "1.0100011", "1.019", "0.001", "1.0099"] {
            assert_eq!(read(text), None, "{text}");
        }
    }

    #[test]
    fn refuses_the_rest() {
        for text in [
            "",
            ".",
            "-",
            "₹",
            "abc",
            "1e5",
            "1,2",
            "1,23,45",
            "12,34",
            ",123",
            "1 00",
            "1 000,000",
            "₹5₹",
            "/-",
            "--5",
            "-₹-5",
            "5-",
            "(5)",
            "NaN",
            "inf",
            "1.2.3",
            "92233720368547758.08",
            "Rs",
            "₹₹5",
            "0x10",
        ] {
            assert_eq!(read(text), None, "{text}");
        }
    }
}

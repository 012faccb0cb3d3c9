//! Amounts of money in paise: `10536.57`, `₹1,23,456.78`, `Rs. 500`, `INR -12`.

/// A readable amount.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Amount {
    pub(crate) paise: i64,
    /// Written with more than two decimals, all of them float noise.
    pub(crate) excess: bool,
}

/// None where `text`, without outer blanks, is no amount of whole paise, or one too large for 64 bits.
pub(crate) fn parse(text: &[u8]) -> Option<Amount> {
    match text.first()? {
        b'0'..=b'9' => unsigned(text, false),
        b'.' => unsigned(text, false),
        _ => signed(text),
    }
}

/// With a sign and a currency in either order, each at most once.
fn signed(text: &[u8]) -> Option<Amount> {
    let (sign, rest) = take_sign(text);
    let rest = take_currency(rest.trim_ascii_start());
    let (sign, rest) = match sign {
        Some(_) => (sign, rest),
        None => take_sign(rest),
    };
    let rest = rest.trim_ascii_start();
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

fn take_currency(text: &[u8]) -> &[u8] {
    if let Some(rest) = text.strip_prefix("₹".as_bytes()) {
        return rest.trim_ascii_start();
    }
    for word in [b"rs.".as_slice(), b"rs", b"inr"] {
        if let Some((start, rest)) = text.split_at_checked(word.len())
            && start.eq_ignore_ascii_case(word)
        {
            return rest.trim_ascii_start();
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

/// The digits of a grouped number: commas before the last three digits and then every two (Indian) or every
/// three (Western). None for any other grouping.
pub(super) fn ungroup(text: &[u8]) -> Option<Vec<u8>> {
    let groups: Vec<&[u8]> = text.split(|&b| b == b',').collect();
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
        parse(text.as_bytes()).map(|it| (it.paise, it.excess))
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
            "1 000",
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

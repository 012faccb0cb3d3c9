//! A cell's text as a value of its column's type. Each cell is read once, whatever number of controls look at it.

pub(crate) mod amount;
pub(crate) mod date;
pub(crate) mod measure;
pub(crate) mod number;
pub(crate) mod whole;

/// What stands in a cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Value {
    /// Nothing, or blanks alone.
    Blank,
    /// Bytes that are no text in the file's encoding.
    Undecodable,
    /// Not a value of the column's type.
    Unreadable,
    Text,
    Whole(i64),
    Amount {
        paise: i64,
        /// Written with more than two decimals.
        excess: bool,
    },
    Number {
        millionths: i64,
    },
    /// Days since 1970-01-01.
    Day(i32),
    /// Two of its column's forms read it as different days.
    AmbiguousDay,
    /// An entry of the column's list, by its place there.
    Listed {
        entry: u32,
        /// Written as the list has it, not by a synonym, in other case or with blanks around it.
        exact: bool,
    },
}

/// Without the blanks around it.
#[inline]
pub(crate) fn trim(text: &[u8]) -> &[u8] {
    match text {
        // Most cells have nothing around them.
        [b'!'..=b'~'] | [b'!'..=b'~', .., b'!'..=b'~'] => text,
        _ => trim_blanks(text),
    }
}

fn trim_blanks(text: &[u8]) -> &[u8] {
    // A no-break space is what spreadsheets leave behind; in UTF-8 it is two bytes.
    let mut text = text.trim_ascii();
    while let Some(rest) = text.strip_prefix("\u{a0}".as_bytes()) {
        text = rest.trim_ascii_start();
    }
    while let Some(rest) = text.strip_suffix("\u{a0}".as_bytes()) {
        text = rest.trim_ascii_end();
    }
    text
}

//! Which bytes are which characters.

use serde::{Deserialize, Serialize};
use std::borrow::Cow;

/// How the file's bytes are read, decided over the whole file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Encoding {
    /// Valid throughout.
    Utf8,
    /// UTF-8 with damaged places: rows with bytes that are no UTF-8 are exceptions.
    DamagedUtf8,
    /// Not UTF-8 anywhere beyond ASCII.
    Windows1252,
}

/// What a user may lay down as a file's encoding.
pub(crate) const CHOICES: [&str; 4] = ["utf-8", "windows-1252", "utf-16le", "utf-16be"];

impl Encoding {
    pub(crate) const fn label(self) -> &'static str {
        match self {
            Self::Utf8 | Self::DamagedUtf8 => "utf-8",
            Self::Windows1252 => "windows-1252",
        }
    }

    /// Whether `text` holds bytes that are no text. A NUL never is.
    pub(crate) fn is_damaged(self, text: &[u8]) -> bool {
        let invalid = self == Self::DamagedUtf8 && std::str::from_utf8(text).is_err();
        invalid || memchr::memchr(0, text).is_some()
    }

    /// For people to read: damaged places become U+FFFD.
    pub(crate) fn decode(self, text: &[u8]) -> Cow<'_, str> {
        match self {
            Self::Utf8 | Self::DamagedUtf8 => String::from_utf8_lossy(text),
            Self::Windows1252 if text.is_ascii() => String::from_utf8_lossy(text),
            Self::Windows1252 => Cow::Owned(text.iter().map(|&b| windows_1252(b)).collect()),
        }
    }

    /// None where the text cannot be written so.
    pub(crate) fn encode(self, text: &str) -> Option<Vec<u8>> {
        match self {
            Self::Utf8 | Self::DamagedUtf8 => Some(text.as_bytes().to_vec()),
            Self::Windows1252 => text.chars().map(to_windows_1252).collect(),
        }
    }
}

/// None where the character has no byte there.
fn to_windows_1252(character: char) -> Option<u8> {
    let code = u32::from(character);
    if code < 0x80 {
        return u8::try_from(code).ok();
    }
    (0x80..=0xff).find(|it| windows_1252(*it) == character)
}

/// The WHATWG index of windows-1252, which gives every byte a character.
fn windows_1252(byte: u8) -> char {
    const HIGH: [char; 32] = [
        '€', '\u{81}', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', '\u{8d}', 'Ž',
        '\u{8f}', '\u{90}', '‘', '’', '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', '\u{9d}',
        'ž', 'Ÿ',
    ];
    match byte {
        0x80..=0x9f => HIGH
            .get(usize::from(byte - 0x80))
            .copied()
            .unwrap_or('\u{fffd}'),
        _ => char::from(byte),
    }
}

/// Gathers, block by block, what the bytes say about the encoding.
#[derive(Debug, Default)]
pub(crate) struct Evidence {
    /// Some character beyond ASCII is valid UTF-8.
    multibyte: bool,
    invalid: bool,
    /// The start of a character that the last block cut.
    cut: Vec<u8>,
}

impl Evidence {
    pub(crate) fn feed(&mut self, block: &[u8]) {
        if self.multibyte && self.invalid || block.is_ascii() && self.cut.is_empty() {
            return;
        }
        let mut rest = self.finish_cut(block);
        loop {
            match std::str::from_utf8(rest) {
                Ok(text) => {
                    self.multibyte |= !text.is_ascii();
                    return;
                }
                Err(error) => {
                    let (valid, behind) = rest.split_at(error.valid_up_to());
                    self.multibyte |= !valid.is_ascii();
                    let Some(length) = error.error_len() else {
                        self.cut = behind.to_vec();
                        return;
                    };
                    self.invalid = true;
                    if self.multibyte {
                        return;
                    }
                    rest = behind.get(length..).unwrap_or_default();
                }
            }
        }
    }

    /// Completes the cut character with the first bytes of `block`, and gives the rest.
    fn finish_cut<'a>(&mut self, block: &'a [u8]) -> &'a [u8] {
        let mut rest = block;
        while let (false, [byte, behind @ ..]) = (self.cut.is_empty(), rest) {
            self.cut.push(*byte);
            match std::str::from_utf8(&self.cut) {
                Ok(_) => {
                    self.multibyte = true;
                    self.cut.clear();
                }
                Err(error) if error.error_len().is_some() => {
                    // The new byte may begin a character of its own.
                    self.invalid = true;
                    self.cut.clear();
                    return rest;
                }
                Err(_) => {}
            }
            rest = behind;
        }
        rest
    }

    /// `chosen` is one of [`CHOICES`]; text that was UTF-16 is UTF-8 here.
    pub(crate) fn decide(&self, bom: bool, chosen: Option<&str>) -> Encoding {
        if chosen == Some(Encoding::Windows1252.label()) {
            return Encoding::Windows1252;
        }
        let bom = bom || chosen.is_some();
        match (self.invalid || !self.cut.is_empty(), self.multibyte || bom) {
            (false, _) => Encoding::Utf8,
            (true, true) => Encoding::DamagedUtf8,
            (true, false) => Encoding::Windows1252,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decide(bytes: &[u8], block: usize) -> Encoding {
        let mut evidence = Evidence::default();
        bytes.chunks(block).for_each(|it| evidence.feed(it));
        evidence.decide(false, None)
    }

    #[test]
    fn decides_over_the_whole_file_at_any_block_size() {
        for (bytes, expected) in [
            (b"plain".as_slice(), Encoding::Utf8),
            ("₹ and ü and 🧂".as_bytes(), Encoding::Utf8),
            (b"caf\xe9 au lait", Encoding::Windows1252),
            (b"caf\xe9", Encoding::Windows1252),
            (b"\xe9\xe9\xe9", Encoding::Windows1252),
            ("ü\u{fffd}".as_bytes(), Encoding::Utf8),
            (b"\xc3\xbc then \xff", Encoding::DamagedUtf8),
            (b"\xff then \xc3\xbc", Encoding::DamagedUtf8),
            (b"\xf0\x9f\xa7\x82 then \xf0\x9f", Encoding::DamagedUtf8),
            (b"", Encoding::Utf8),
        ] {
            for block in 1..=bytes.len().max(1) {
                assert_eq!(decide(bytes, block), expected, "{bytes:?} by {block}");
            }
        }
    }

    #[test]
    fn reads_windows_1252() {
        assert_eq!(
            Encoding::Windows1252.decode(b"\x80 caf\xe9 \x93x\x94"),
            "€ café “x”"
        );
        assert!(Encoding::DamagedUtf8.is_damaged(b"a\xff"));
        assert!(!Encoding::Windows1252.is_damaged(b"a\xff"));
        assert!(Encoding::Utf8.is_damaged(b"a\0b"));
    }
}

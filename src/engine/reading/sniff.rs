//! Recognises, by their first bytes, things that are no table.

use model::workbook::Refused;
use serde::{Deserialize, Serialize};

const ZIP: &[u8] = b"PK\x03\x04";
const OLD_OFFICE: &[u8] = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1";

/// What the file is instead of a table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum NotATable {
    Nothing,
    Image,
    Pdf,
    Zip,
    Gzip,
    OldOffice,
    Html,
    Utf32,
    Binary,
    /// A workbook that could not be read.
    Workbook(Refused),
}

impl NotATable {
    /// The name of the message that SCH08 gives.
    pub(crate) const fn message(self) -> &'static str {
        match self {
            Self::Nothing => "nothing",
            Self::Image => "image",
            Self::Pdf => "pdf",
            Self::Zip => "zip",
            Self::Gzip => "gzip",
            Self::OldOffice => "old-office",
            Self::Html => "html",
            Self::Utf32 => "utf-32",
            Self::Binary => "binary",
            Self::Workbook(Refused::Password) => "password",
            Self::Workbook(Refused::Damaged) => "damaged-workbook",
            Self::Workbook(Refused::TooLarge) => "large-workbook",
            Self::Workbook(Refused::NoSuchSheet) => "no-such-sheet",
            Self::Workbook(Refused::OtherHeader) => "other-header",
        }
    }
}

/// From the file's first kilobytes; None where it may be a table.
pub(crate) fn sniff(head: &[u8]) -> Option<NotATable> {
    const SIGNATURES: [(&[u8], NotATable); 11] = [
        (b"\x89PNG\r\n\x1a\n", NotATable::Image),
        (b"\xff\xd8\xff", NotATable::Image),
        (b"GIF87a", NotATable::Image),
        (b"GIF89a", NotATable::Image),
        (b"II*\0", NotATable::Image),
        (b"MM\0*", NotATable::Image),
        (b"%PDF-", NotATable::Pdf),
        (ZIP, NotATable::Zip),
        (b"PK\x05\x06", NotATable::Zip),
        (b"\x1f\x8b", NotATable::Gzip),
        (OLD_OFFICE, NotATable::OldOffice),
    ];
    if let Some((_, kind)) = SIGNATURES
        .iter()
        .find(|(signature, _)| head.starts_with(signature))
    {
        return Some(*kind);
    }
    if head.starts_with(b"RIFF") && head.get(8..12) == Some(b"WEBP") {
        return Some(NotATable::Image);
    }
    if is_html(head) {
        return Some(NotATable::Html);
    }
    // Text has hardly any control characters; a stray NUL in a cell is SCH07 and no reason to refuse the file.
    let start = head.get(..4096).unwrap_or(head);
    let controls = start
        .iter()
        .filter(|b| matches!(b, 0..=8 | 14..=31))
        .count();
    (controls * 10 > start.len()).then_some(NotATable::Binary)
}

fn is_html(head: &[u8]) -> bool {
    const STARTS: [&[u8]; 7] = [
        b"<!doctype html",
        b"<html",
        b"<head",
        b"<?xml",
        b"<table",
        b"<style",
        b"<meta",
    ];
    let text = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head);
    let text = text.trim_ascii_start();
    STARTS.iter().any(|word| {
        let start = text.get(..word.len());
        start.is_some_and(|it| it.eq_ignore_ascii_case(word))
    })
}

pub(crate) fn is_zip(head: &[u8]) -> bool {
    head.starts_with(ZIP)
}

pub(crate) fn is_old_office(head: &[u8]) -> bool {
    head.starts_with(OLD_OFFICE)
}

/// Whether a file that begins so may be a workbook, or a page of tables that is called one.
pub(crate) fn may_be_workbook(head: &[u8]) -> bool {
    is_zip(head) || is_old_office(head) || is_html(head)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn knows_what_is_no_table() {
        assert_eq!(sniff(b"\x89PNG\r\n\x1a\n\0\0"), Some(NotATable::Image));
        assert_eq!(sniff(b"  <!DOCTYPE html><p>502"), Some(NotATable::Html));
        assert_eq!(sniff(b"PK\x03\x04xlsx"), Some(NotATable::Zip));
        assert_eq!(sniff(&[0, 1, 2, 3, 200]), Some(NotATable::Binary));
        assert_eq!(sniff(b"order_id,note\n1,a\0b\n"), None);
        assert_eq!(sniff(b""), None);
    }
}

//! Whether a file writes its amounts with a decimal comma.

use super::{
    header::Frame,
    record::{self, Dialect, Records},
};
use crate::{
    contract::{Contract, Kind, NumberWriting},
    source::{Source, SourceError, read_range},
    value::trim,
};

/// Amounts are looked at in so many bytes below the header.
const FIRST_BYTES: u64 = 64 * 1024;

/// True where the delimiter is the semicolon, the contract allows it, some amount ends in a comma and one or two
/// digits, and none in a point and one or two digits.
pub(crate) fn is_comma(
    source: &dyn Source,
    frame: &Frame,
    dialect: Dialect,
    contract: &Contract,
) -> Result<bool, SourceError> {
    let allowing: Vec<usize> = contract
        .columns
        .iter()
        .zip(&frame.at)
        .filter(|(column, _)| {
            matches!(column.kind, Kind::Amount | Kind::Number)
                && column.writing.contains(&NumberWriting::DecimalComma)
        })
        .filter_map(|(_, at)| *at)
        .collect();
    if dialect.delimiter != b';' || allowing.is_empty() {
        return Ok(false);
    }
    let to = source.size().min(frame.rows_start + FIRST_BYTES);
    let mut bytes = Vec::new();
    read_range(source, frame.rows_start.min(to), to, &mut bytes)?;
    let mut records = Records::new(&bytes, frame.rows_start, dialect);
    let (mut fields, mut scratch) = (Vec::new(), Vec::new());
    let (mut commas, mut points) = (0, 0);
    while let Some(record) = records.next(&mut fields) {
        let returned = frame.returned.as_ref();
        let restored = returned.map(|it| it.restore(&bytes, &record, &mut fields));
        let bytes = restored.as_ref().map_or(&bytes[..], |it| it.bytes(&bytes));
        for at in &allowing {
            let Some(field) = fields.get(*at) else {
                continue;
            };
            scratch.clear();
            let content = record::content(bytes, *field, &mut scratch);
            match trim(content.text(bytes, &scratch)) {
                [.., b',', b'0'..=b'9'] | [.., b',', b'0'..=b'9', b'0'..=b'9'] => commas += 1,
                [.., b'.', b'0'..=b'9'] | [.., b'.', b'0'..=b'9', b'0'..=b'9'] => points += 1,
                _ => {}
            }
        }
    }
    Ok(commas > 0 && points == 0)
}

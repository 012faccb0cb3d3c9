//! Accepted rows with the columns and cells of their file.

use super::Table;
use crate::{
    judgement::Judgement,
    render,
    source::{Source, SourceError},
};

/// Gives the accepted rows of a judged file to `write`, some at a time, under the file's header. `skip` tells
/// of a record whether it is left out, since the ledger refused it.
///
/// # Errors
/// When the source cannot be read, or `write` fails.
pub fn accepted<E: From<SourceError>>(
    judgement: &Judgement<'_>,
    source: &dyn Source,
    skip: &dyn Fn(u64) -> bool,
    write: &mut dyn FnMut(Vec<u8>) -> Result<(), E>,
) -> Result<(), E> {
    let mut table = Table::default();
    let header = judgement.header();
    table.row(header.iter().map(String::as_str));
    let options = &judgement.verdict.options;
    for batch in 0..judgement.batches() {
        judgement.accepted_raw(source, batch, &mut |place, raw| {
            if !skip(place.record) {
                let cells = render::cells(raw, options);
                table.row(cells.iter().take(header.len()).map(String::as_str));
            }
        })?;
        write(table.take())?;
    }
    write(table.take())
}

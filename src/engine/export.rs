//! Downloads: rows for spreadsheets, opened there unharmed, and the summary. The command line, the server and the
//! browser write them with the same code.

mod columns;
mod corrected;
mod csv;
pub mod summary;
mod table;
mod typed;
mod workbook;

use crate::{
    judgement::Judgement,
    source::{Source, SourceError},
};
pub use columns::Columns;
pub use corrected::Corrected;
pub use csv::Csv;
use model::{finding::FlaggedRow, message::Export};
pub use table::{BOM, Table};
pub use workbook::{Making, Workbook, WorkbookError};

/// Gives the exceptions or the accepted rows of a judged file to `take`, in file order.
///
/// # Errors
/// When the source cannot be read, or `take` fails.
pub fn rows<E: From<SourceError>>(
    judgement: &Judgement<'_>,
    source: &dyn Source,
    what: Export,
    take: &mut dyn FnMut(FlaggedRow) -> Result<(), E>,
) -> Result<(), E> {
    for batch in 0..judgement.batches() {
        match what {
            Export::Exceptions => {
                let kept = judgement.kept(source, batch)?.into_iter();
                for row in kept.filter(|it| it.category.is_some()) {
                    take(judgement.render(row))?;
                }
            }
            Export::Accepted => {
                let mut taken = Ok(());
                judgement.accepted_rows(source, batch, &mut |row| {
                    if taken.is_ok() {
                        taken = take(row);
                    }
                })?;
                taken?;
            }
        }
    }
    Ok(())
}

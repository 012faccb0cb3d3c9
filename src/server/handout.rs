//! What leaves the server is noted: an entry for each download and export, before its first byte goes. It says what
//! was taken in which format, never what stood in it. And the log itself as lines.

use crate::clock;
use audit::{EntryError, Line, Lines};
use bytes::Bytes;
use futures::{Stream, StreamExt, stream};
use model::id::{RunId, WorkspaceId};
use store::{Mark, Store, StoreError};
use thiserror::Error;

/// Who asks over HTTP, as long as nobody has to say who he is.
pub const ANONYMOUS: &str = "anonymous";

/// Lines that go at a time.
const LINES: usize = 1000;

/// What is taken along.
#[derive(Debug, Clone, Copy)]
pub struct Taken<'a> {
    pub run: Option<&'a RunId>,
    /// `exceptions`, `accepted`, `audit-log`.
    pub what: &'a str,
    /// `csv`, `xlsx`, `ndjson`.
    pub format: &'a str,
}

/// Notes a download.
///
/// # Errors
/// When the log does not take the entry. Then nothing may go.
pub async fn note(
    store: &Store,
    workspace: &WorkspaceId,
    actor: &str,
    taken: Taken<'_>,
) -> Result<(), StoreError> {
    let mark = Mark::new(clock::now_text(), actor)
        .with("what", taken.what)
        .with("format", taken.format);
    store
        .append(workspace, taken.run, "export.downloaded", &mark)
        .await?;
    Ok(())
}

/// Why the log cannot be written out.
#[derive(Debug, Error)]
pub enum LogError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Entry(#[from] EntryError),
}

/// A workspace's log in the form of `audit::Line`, in pieces of whole lines. Entries of which `whole` says no are told
/// by their place alone.
pub fn log(
    store: &Store,
    workspace: &WorkspaceId,
    whole: impl Fn(Option<&str>) -> bool + Send + 'static,
) -> impl Stream<Item = Result<Bytes, LogError>> + Send + 'static {
    let entries = store.log(workspace).ready_chunks(LINES);
    let begun = (entries, Some(Lines::default()), whole);
    stream::try_unfold(begun, |(mut entries, lines, whole)| async move {
        let Some(mut lines) = lines else {
            return Ok(None);
        };
        let mut bytes = Vec::new();
        let Some(chunk) = entries.next().await else {
            lines.finish(&mut bytes)?;
            return Ok(Some((Bytes::from(bytes), (entries, None, whole))));
        };
        for entry in chunk {
            let entry = entry?;
            let line = if whole(entry.entry.run.as_deref()) {
                Line::Whole(Box::new(entry))
            } else {
                Line::Link(entry.into())
            };
            lines.push(&line, &mut bytes)?;
        }
        Ok(Some((Bytes::from(bytes), (entries, Some(lines), whole))))
    })
}

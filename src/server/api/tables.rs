//! Tables on their way out, in pieces: memory does not grow with the rows.

use super::download::broken;
use crate::{
    corrected::CorrectedError,
    panic,
    table::{Cell, Column, Parquet, ParquetError},
};
use axum::body::Body;
use bytes::Bytes;
use engine::{
    export::{Table, WorkbookError},
    source::SourceError,
};
use futures::{StreamExt, stream, stream::BoxStream};
use std::{
    error::Error,
    io::{self, BufWriter, Write},
};
use store::StoreError;
use tokio::{runtime::Handle, sync::mpsc};

pub(super) const PARQUET: &str = "application/vnd.apache.parquet";

/// Rows that go into one piece of the answer.
pub(super) const ROWS: usize = 500;
/// Pieces that wait for a slow reader.
pub(super) const WAITING: usize = 4;
/// Bytes that are gathered into one piece.
const PIECE: usize = 64 * 1024;

pub(super) type Sender = mpsc::Sender<io::Result<Bytes>>;
pub(super) type Receiver = mpsc::Receiver<io::Result<Bytes>>;
pub(super) type Rows = BoxStream<'static, Result<Vec<Cell>, Gone>>;

/// Why writing rows out ended early.
#[derive(Debug, thiserror::Error)]
pub(super) enum Gone {
    #[error("the reader is gone")]
    Reader,
    #[error(transparent)]
    Source(#[from] SourceError),
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Corrected(#[from] CorrectedError),
    #[error(transparent)]
    Workbook(#[from] WorkbookError),
    #[error(transparent)]
    Parquet(#[from] ParquetError),
}

pub(super) fn csv(columns: Vec<Column>, rows: Rows, mark: &Bytes) -> Body {
    let mut table = Table::new(b',');
    table.row(columns.iter().map(|it| it.name.as_str()));
    let first = Bytes::from([mark.as_ref(), &table.take()].concat());
    let rest = rows.ready_chunks(ROWS).map(move |rows| {
        for row in rows {
            let row = row.map_err(broken)?;
            let cells: Vec<String> = row.iter().map(Cell::written).collect();
            table.row(cells.iter().map(String::as_str));
        }
        Ok::<_, io::Error>(Bytes::from(table.take()))
    });
    Body::from_stream(stream::iter([Ok(first)]).chain(rest))
}

pub(super) fn parquet(columns: Vec<Column>, mut rows: Rows) -> Body {
    let (send, receive) = mpsc::channel(WAITING);
    let runtime = Handle::current();
    tokio::task::spawn_blocking(move || {
        let write = || -> Result<(), Gone> {
            let mut parquet = Parquet::new(columns, pieces(&send))?;
            while let Some(row) = runtime.block_on(rows.next()) {
                parquet.row(row?)?;
            }
            Ok(parquet.finish()?)
        };
        write_out(write, &send);
    });
    streamed(Bytes::new(), receive)
}

/// What comes from a thread of its own, behind `first`.
pub(super) fn streamed(first: Bytes, rest: Receiver) -> Body {
    let rest = stream::unfold(rest, |mut it| async move { Some((it.recv().await?, it)) });
    Body::from_stream(stream::iter([Ok(first)]).chain(rest))
}

/// Sends what is written, in pieces; from a thread that may wait.
pub(super) fn pieces(to: &Sender) -> impl Write + Send + use<> {
    struct Pieces(Sender);
    impl Write for Pieces {
        fn write(&mut self, piece: &[u8]) -> io::Result<usize> {
            let sent = self.0.blocking_send(Ok(Bytes::copy_from_slice(piece)));
            sent.map_err(|_| io::ErrorKind::BrokenPipe)?;
            Ok(piece.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }
    BufWriter::with_capacity(PIECE, Pieces(to.clone()))
}

/// Writes an answer, on a thread that may wait. Where it does not come to its end, whatever the reason, it is cut, so that
/// nobody takes it for whole.
pub(super) fn write_out<E: Error + Send + Sync + 'static>(
    write: impl FnOnce() -> Result<(), E>,
    to: &Sender,
) {
    let cut = match panic::catch(write) {
        Ok(Ok(())) => return,
        // Nobody is left to be told.
        _ if to.is_closed() => return,
        Ok(Err(error)) => broken(error),
        Err(panicked) => broken(panicked),
    };
    let _ = to.blocking_send(Err(cut));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table::Kind;
    use axum::body::to_bytes;

    #[tokio::test(flavor = "multi_thread")]
    async fn a_table_whose_writing_stops_half_way_is_no_whole_one() {
        let columns = || vec![Column::new("line", Kind::Whole)];
        let whole = || stream::iter((1..10).map(|it| Ok(vec![Cell::Whole(it)])));
        let rest = || stream::once(async { panic!("a secret cell") });
        let sound = parquet(columns(), whole().boxed());
        assert!(to_bytes(sound, usize::MAX).await.is_ok());
        let broken = parquet(columns(), whole().chain(rest()).boxed());
        assert!(to_bytes(broken, usize::MAX).await.is_err());
    }
}

//! Tables on their way out, in pieces: memory does not grow with the rows.

use super::download::broken;
use crate::{
    corrected::CorrectedError,
    table::{Cell, Column, Parquet, ParquetError},
};
use axum::body::Body;
use bytes::Bytes;
use engine::{
    export::{Table, WorkbookError},
    source::SourceError,
};
use futures::{StreamExt, stream, stream::BoxStream};
use std::io::{self, BufWriter, Write};
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
        tell(write(), &send);
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

/// Cuts the answer where it could not be written to its end, unless nobody is left to be told.
pub(super) fn tell(written: Result<(), Gone>, to: &Sender) {
    if let Err(error) = written
        && !to.is_closed()
    {
        let _ = to.blocking_send(Err(broken(error)));
    }
}

//! Downloads of one run, streamed: memory does not grow with the rows.

use super::{
    contracts,
    extract::{Asked, InWorkspace, NamedRun},
};
use crate::{
    backend::{self, Pages},
    problem::Problem,
    run::judge,
    source::FileSource,
};
use app::backend::Backend;
use axum::{
    body::Body,
    http::{
        HeaderMap, HeaderValue, StatusCode,
        header::{CONTENT_DISPOSITION, CONTENT_LENGTH, CONTENT_TYPE},
    },
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use engine::{
    day::Moment,
    export::{self, BOM, Columns, Csv},
    source::SourceError,
};
use futures::{StreamExt, TryStreamExt, stream};
use model::{finding::FindingQuery, message::Export, run::Run, verdict::Verdict};
use serde::Deserialize;
use std::{collections::BTreeSet, error::Error, io};
use tokio::sync::{mpsc, oneshot};

/// Exceptions that go into one piece of the answer.
const ROWS: usize = 500;
/// Pieces that wait for a slow reader.
const WAITING: usize = 4;

const CSV: &str = "text/csv; charset=utf-8; header=present";

#[derive(Deserialize)]
pub struct CsvQuery {
    /// `1` puts a byte order mark in front, for spreadsheets.
    bom: Option<String>,
}

impl CsvQuery {
    fn mark(&self) -> Bytes {
        let wanted = matches!(self.bom.as_deref(), Some("1" | "true"));
        Bytes::from_static(if wanted { BOM } else { &[] })
    }
}

pub async fn exceptions(
    pages: Pages,
    InWorkspace(workspace): InWorkspace,
    NamedRun(id): NamedRun,
    Asked(query): Asked<CsvQuery>,
) -> Result<Response, Problem> {
    let run = pages.run(&workspace, &id).await?;
    let verdict = verdict(&run)?.clone();
    let header = backend::header(&verdict);
    let columns = Columns::new(&verdict.options, Export::Exceptions, Some(id.to_string()));
    let mut csv = Csv::new(columns);
    let first = Bytes::from([query.mark().as_ref(), &csv.take()].concat());
    let rows = pages
        .server()
        .store
        .exceptions(&workspace, &id)
        .ready_chunks(ROWS);
    let rest = rows.map(move |rows| {
        for row in rows {
            csv.row(&backend::rendered(row.map_err(broken)?, &verdict, &header));
        }
        Ok::<_, io::Error>(Bytes::from(csv.take()))
    });
    let body = Body::from_stream(stream::iter([Ok(first)]).chain(rest));
    Ok((attachment(&run, "exceptions.csv", CSV), body).into_response())
}

/// The file is judged again, which gives the same rows: their text stands in the raw file alone.
pub async fn accepted(
    pages: Pages,
    InWorkspace(workspace): InWorkspace,
    NamedRun(id): NamedRun,
    Asked(query): Asked<CsvQuery>,
) -> Result<Response, Problem> {
    let run = pages.run(&workspace, &id).await?;
    let findings = verdict(&run)?.receipt.findings_digest.clone();
    let refused = refused(&pages, &run).await?;
    let path = pages
        .server()
        .store
        .raw()
        .path(&workspace, &run.summary.file_digest)
        .await?;
    let choice = run.choice.clone();
    let at = Moment::parse(&run.evaluated_at).ok_or_else(Problem::internal)?;
    let contract = contracts::of_run(&pages, &workspace, &run).await?;
    let (tell, told) = oneshot::channel();
    let (send, receive) = mpsc::channel(WAITING);
    tokio::task::spawn_blocking(move || {
        let judged = FileSource::open(&path)
            .map_err(|error| judge::JudgeError::from(unreadable(&error)))
            .and_then(|file| {
                let source = judge::unpack(file, &contract, &choice)?;
                let judgement = judge::judge(&source, &contract, &choice, at)?;
                Ok((source, judgement))
            });
        let (source, judgement) = match judged {
            Ok(judged) => judged,
            Err(error) => {
                let _ = tell.send(Err(error));
                return;
            }
        };
        // Who is told something else than was expected drops `receive`, so that nothing is written then.
        let _ = tell.send(Ok(judgement.verdict.receipt.findings_digest.clone()));
        let write = |piece: Vec<u8>| {
            // The reader is gone, and nobody is left to be told.
            send.blocking_send(Ok(Bytes::from(piece)))
                .map_err(|_| Gone::Reader)
        };
        let options = &judgement.verdict.options;
        let mut csv = Csv::new(Columns::new(options, Export::Accepted, None));
        let written = export::rows(&judgement, &source, Export::Accepted, &mut |row| {
            if !refused.contains(&row.record) {
                csv.row(&row);
            }
            csv.take_much().map_or(Ok(()), write)
        });
        let written = written.and_then(|()| write(csv.take()));
        if let Err(Gone::Source(error)) = written {
            let _ = send.blocking_send(Err(broken(error)));
        }
    });
    let judged = told.await.map_err(|error| failed(&error))?;
    if judged.map_err(|error| failed(&error))? != findings {
        return Err(Problem::new(
            StatusCode::CONFLICT,
            "judged-by-another-version",
            "The accepted rows of this run cannot be drawn up again",
            "The file was judged by another version of the engine or of the contract, and this one says something \
             else of it. The ledger holds the rows as they were accepted; the raw file can be downloaded.",
        ));
    }
    let rest = stream::unfold(
        receive,
        |mut it| async move { Some((it.recv().await?, it)) },
    );
    let body = Body::from_stream(stream::iter([Ok(query.mark())]).chain(rest));
    Ok((attachment(&run, "accepted.csv", CSV), body).into_response())
}

pub async fn summary_json(
    pages: Pages,
    InWorkspace(workspace): InWorkspace,
    NamedRun(id): NamedRun,
) -> Result<Response, Problem> {
    let run = pages.run(&workspace, &id).await?;
    let text = serde_json::to_string_pretty(verdict(&run)?).map_err(|error| failed(&error))?;
    let headers = attachment(&run, "summary.json", "application/json");
    Ok((headers, text).into_response())
}

pub async fn summary_csv(
    pages: Pages,
    InWorkspace(workspace): InWorkspace,
    NamedRun(id): NamedRun,
    Asked(query): Asked<CsvQuery>,
) -> Result<Response, Problem> {
    let run = pages.run(&workspace, &id).await?;
    let table = export::summary::controls(verdict(&run)?);
    let bytes = [query.mark().as_ref(), &table].concat();
    Ok((attachment(&run, "summary.csv", CSV), bytes).into_response())
}

/// The file as it came, byte for byte.
pub async fn raw_file(
    pages: Pages,
    InWorkspace(workspace): InWorkspace,
    NamedRun(id): NamedRun,
) -> Result<Response, Problem> {
    let run = pages.run(&workspace, &id).await?;
    let raw = pages
        .server()
        .store
        .raw()
        .stream(&workspace, &run.summary.file_digest)
        .await;
    let (size, bytes) = raw?;
    // Never the sender's own media type: what is no table here must not become a page there.
    let mut headers = attachment(&run, "", "application/octet-stream");
    headers.insert(CONTENT_LENGTH, HeaderValue::from(size));
    Ok((headers, Body::from_stream(bytes.map_err(broken))).into_response())
}

/// Why writing rows out ended early.
enum Gone {
    Reader,
    Source(SourceError),
}

impl From<SourceError> for Gone {
    fn from(error: SourceError) -> Self {
        Self::Source(error)
    }
}

/// The records that the server alone made exceptions.
async fn refused(pages: &Pages, run: &Run) -> Result<BTreeSet<u64>, Problem> {
    let mut records = BTreeSet::new();
    let mut after = (run.found_by_server > 0).then_some(0);
    while let Some(from) = after {
        let query = FindingQuery {
            code: Some("UNQ02".to_owned()),
            after: from,
            ..FindingQuery::default()
        };
        let (workspace, id) = (&run.summary.workspace, &run.summary.id);
        let page = pages.server().store.flagged(workspace, id, &query).await?;
        records.extend(page.rows.iter().map(|it| it.row.record));
        after = page.next;
    }
    Ok(records)
}

pub(super) fn verdict(run: &Run) -> Result<&Verdict, Problem> {
    run.verdict.as_ref().ok_or_else(|| {
        Problem::new(
            StatusCode::CONFLICT,
            "no-verdict",
            "This run has no verdict",
            "It is still going on, or it failed; its page says which. The raw file can be downloaded.",
        )
    })
}

fn attachment(run: &Run, what: &str, media_type: &'static str) -> HeaderMap {
    let name = &run.summary.file_name;
    let name = match what {
        "" => name.clone(),
        what => {
            let stem = name
                .rsplit_once('.')
                .map_or(name.as_str(), |(stem, _)| stem);
            format!("{stem}.{what}")
        }
    };
    let mut headers = HeaderMap::new();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(media_type));
    if let Ok(value) = HeaderValue::from_str(&disposition(&name)) {
        headers.insert(CONTENT_DISPOSITION, value);
    }
    headers
}

/// RFC 6266: a plain name for everybody, the true one percent-encoded beside it.
fn disposition(name: &str) -> String {
    let plain: String = name
        .chars()
        .map(|it| {
            if it.is_ascii_alphanumeric() || " ._-()".contains(it) {
                it
            } else {
                '_'
            }
        })
        .collect();
    let mut encoded = String::new();
    for byte in name.bytes() {
        if byte.is_ascii_alphanumeric() || b"._-".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            encoded.push_str(&format!("%{byte:02X}"));
        }
    }
    format!("attachment; filename=\"{plain}\"; filename*=UTF-8''{encoded}")
}

fn unreadable(error: &io::Error) -> SourceError {
    SourceError {
        offset: 0,
        reason: error.to_string(),
    }
}

fn failed(error: &(dyn Error + 'static)) -> Problem {
    tracing::error!(error, "a download failed");
    Problem::internal()
}

/// Ends an answer that has begun: the reader sees that it is cut.
fn broken(error: impl Error + Send + Sync + 'static) -> io::Error {
    tracing::error!(error = &error as &dyn Error, "a download broke off");
    io::Error::other("the download broke off")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_name_cannot_break_its_header() {
        assert_eq!(
            disposition("a\"b;.csv"),
            "attachment; filename=\"a_b_.csv\"; filename*=UTF-8''a%22b%3B.csv"
        );
        assert_eq!(
            disposition("अ.csv"),
            "attachment; filename=\"_.csv\"; filename*=UTF-8''%E0%A4%85.csv"
        );
    }
}

//! Downloads of one run, streamed: memory does not grow with the rows.

use super::{
    extract::{Asked, InWorkspace, NamedRun, flag},
    openapi::File,
};
use crate::{
    backend::Pages,
    handout::{self, Taken},
    problem::Problem,
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
use engine::export::{self, BOM};
use futures::TryStreamExt;
use model::{
    id::{RunId, WorkspaceId},
    run::Run,
    verdict::Verdict,
};
use serde::Deserialize;
use std::{error::Error, io};
use utoipa::IntoParams;

pub(super) const CSV: &str = "text/csv; charset=utf-8; header=present";

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct CsvQuery {
    /// Puts a byte order mark in front, for spreadsheets.
    #[param(value_type = Option<bool>)]
    bom: Option<String>,
}

impl CsvQuery {
    pub(super) fn mark(&self) -> Result<Bytes, Problem> {
        let wanted = flag(self.bom.as_deref(), "bom")?;
        Ok(Bytes::from_static(if wanted { BOM } else { &[] }))
    }
}

/// What was found in a run, as the verdict says it.
#[utoipa::path(
    get,
    path = "/api/v1/runs/{id}/summary.json",
    operation_id = "get_summary",
    tag = "downloads",
    params(InWorkspace, NamedRun),
    responses(
        (status = 200, description = "The verdict", body = Verdict),
        (status = 409, description = "The run has no verdict: it is going on, or it failed"),
    ),
)]
pub async fn summary_json(
    pages: Pages,
    InWorkspace(workspace): InWorkspace,
    NamedRun(id): NamedRun,
) -> Result<Response, Problem> {
    let run = pages.run(&workspace, &id).await?;
    let text = serde_json::to_string_pretty(verdict(&run)?).map_err(|error| failed(&error))?;
    noted(&pages, &workspace, Some(&id), "summary", "json").await?;
    let headers = attachment(&run, "summary.json", "application/json");
    Ok((headers, text).into_response())
}

/// What was found in a run, control by control.
#[utoipa::path(
    get,
    path = "/api/v1/runs/{id}/summary.csv",
    operation_id = "get_summary_csv",
    tag = "downloads",
    params(InWorkspace, NamedRun, CsvQuery),
    responses(
        (status = 200, description = "One line for each control", body = File, content_type = "text/csv"),
        (status = 409, description = "The run has no verdict: it is going on, or it failed"),
    ),
)]
pub async fn summary_csv(
    pages: Pages,
    InWorkspace(workspace): InWorkspace,
    NamedRun(id): NamedRun,
    Asked(query): Asked<CsvQuery>,
) -> Result<Response, Problem> {
    let mark = query.mark()?;
    let run = pages.run(&workspace, &id).await?;
    let table = export::summary::controls(verdict(&run)?);
    let bytes = [mark.as_ref(), &table].concat();
    noted(&pages, &workspace, Some(&id), "summary", "csv").await?;
    Ok((attachment(&run, "summary.csv", CSV), bytes).into_response())
}

/// The file as it came, byte for byte.
#[utoipa::path(
    get,
    path = "/api/v1/runs/{id}/file",
    operation_id = "get_file",
    tag = "downloads",
    params(InWorkspace, NamedRun),
    responses(
        (status = 200, description = "The same bytes", body = File, content_type = "application/octet-stream"),
    ),
)]
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
    noted(&pages, &workspace, Some(&id), "file", "raw").await?;
    // Never the sender's own media type: what is no table here must not become a page there.
    let mut headers = attachment(&run, "", "application/octet-stream");
    headers.insert(CONTENT_LENGTH, HeaderValue::from(size));
    Ok((headers, Body::from_stream(bytes.map_err(broken))).into_response())
}

/// Notes what is taken along, in the log.
pub(super) async fn noted(
    pages: &Pages,
    workspace: &WorkspaceId,
    run: Option<&RunId>,
    what: &str,
    format: &str,
) -> Result<(), Problem> {
    let taken = Taken { run, what, format };
    let store = &pages.server().store;
    Ok(handout::note(store, workspace, &pages.who().actor, taken).await?)
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

pub(super) fn attachment(run: &Run, what: &str, media_type: &'static str) -> HeaderMap {
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
    named(&name, media_type)
}

/// Of a file that is to be kept under this name.
pub(super) fn named(name: &str, media_type: &'static str) -> HeaderMap {
    let mut headers = HeaderMap::new();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(media_type));
    if let Ok(value) = HeaderValue::from_str(&disposition(name)) {
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

pub(super) fn failed(error: &(dyn Error + 'static)) -> Problem {
    tracing::error!(error, "a download failed");
    Problem::internal().caused_by(error)
}

/// Ends an answer that has begun: the reader sees that it is cut.
pub(super) fn broken(error: impl Error + Send + Sync + 'static) -> io::Error {
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

//! Uploads that can be resumed, by tus 1.0 (<https://tus.io/protocols/resumable-upload>): its core, checksum,
//! creation, expiration and termination. Listing them, and telling what became of one, are additions.

use super::{
    extract::InWorkspace,
    openapi::File,
    upload::{Said, drain},
};
use crate::{
    backend::Pages,
    checksum::{self, Checksum},
    exception::Who,
    panic,
    piecemeal::{self, Announced, PiecemealError, Standing},
    problem::Problem,
    state::Server,
    upload::{Cut, UploadError},
};
use axum::{
    Json,
    extract::{FromRequestParts, Path, Request},
    http::{
        HeaderMap, HeaderName, HeaderValue, StatusCode,
        header::{CONTENT_LENGTH, CONTENT_TYPE, LOCATION},
        request::Parts,
    },
    response::{IntoResponse, Response},
};
use base64::{Engine, engine::general_purpose::STANDARD};
use chrono::DateTime;
use futures::TryStreamExt;
use model::id::{RunId, UploadId, WorkspaceId};
use serde::Serialize;
use std::{str::FromStr, sync::Arc};
use store::PiecemealState;
use utoipa::{IntoParams, ToSchema};

const VERSION: &str = "1.0.0";
const OFFSET: HeaderName = HeaderName::from_static("upload-offset");
const LENGTH: HeaderName = HeaderName::from_static("upload-length");
const EXPIRES: HeaderName = HeaderName::from_static("upload-expires");
const CHECKSUM: HeaderName = HeaderName::from_static("upload-checksum");
const METADATA: HeaderName = HeaderName::from_static("upload-metadata");
/// Additions: the run that a file became, and its address.
const RUN: HeaderName = HeaderName::from_static("tarazu-run");
const RUN_LOCATION: HeaderName = HeaderName::from_static("tarazu-run-location");

const OFFSET_STREAM: &str = "application/offset+octet-stream";

/// A file that comes in piecemeal.
#[derive(Serialize, ToSchema)]
pub struct UploadInfo {
    id: UploadId,
    workspace: WorkspaceId,
    file_name: String,
    /// All bytes that are to come.
    bytes: u64,
    /// How many of them are here.
    arrived: u64,
    begun_at: String,
    /// When what has arrived is removed.
    expires_at: String,
    state: UploadState,
    /// What it became.
    run: Option<RunId>,
}

#[derive(Serialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum UploadState {
    ComingIn,
    Complete,
}

#[derive(Serialize, ToSchema)]
pub struct UploadList {
    uploads: Vec<UploadInfo>,
}

/// What every request of the protocol says.
#[derive(IntoParams)]
#[into_params(parameter_in = Header)]
#[expect(
    dead_code,
    reason = "it is checked by `Tus`, and stands here for the document"
)]
pub struct Version {
    /// `1.0.0`
    #[param(rename = "tus-resumable", pattern = r"^1\.0\.0$")]
    version: String,
}

/// A request of a version of the protocol that is spoken here.
pub struct Tus;

impl<S: Send + Sync> FromRequestParts<S> for Tus {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        if parts
            .headers
            .get("tus-resumable")
            .is_some_and(|it| it == VERSION)
        {
            return Ok(Self);
        }
        Err(Problem::new(
            StatusCode::PRECONDITION_FAILED,
            "tus-version",
            "The request is not of tus 1.0.0",
            "Say `Tus-Resumable: 1.0.0`. Nothing was changed.",
        ))
    }
}

/// A text that is no upload's id names none.
#[derive(IntoParams)]
#[into_params(names("id"), parameter_in = Path)]
pub struct NamedUpload(
    /// The upload's id.
    pub UploadId,
);

impl<S: Send + Sync> FromRequestParts<S> for NamedUpload {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let Path(id) = Path::<String>::from_request_parts(parts, state)
            .await
            .map_err(|_| Problem::not_found("upload"))?;
        let id = UploadId::try_from(id).map_err(|_| Problem::not_found("upload"))?;
        Ok(Self(id))
    }
}

/// Every answer says the version.
pub async fn with_version(mut response: Response) -> Response {
    let version = HeaderValue::from_static(VERSION);
    let headers = response.headers_mut();
    headers.insert("tus-resumable", version.clone());
    headers.insert("tus-version", version);
    response
}

/// What of the protocol is spoken here.
pub async fn abilities(pages: Pages) -> Response {
    let limit = HeaderValue::from(pages.server().runs.max_upload());
    let headers = [
        (
            "tus-extension",
            HeaderValue::from_static("creation,expiration,checksum,termination"),
        ),
        (
            "tus-checksum-algorithm",
            HeaderValue::from_static(checksum::ALGORITHMS),
        ),
        ("tus-max-size", limit),
    ];
    (StatusCode::NO_CONTENT, headers).into_response()
}

/// Announces a file that is to come in piecemeal. It is waited for for 24 hours.
#[utoipa::path(
    post,
    path = "/api/v1/uploads",
    operation_id = "announce_upload",
    tag = "uploads",
    params(
        Version,
        ("upload-length" = u64, Header, description = "How many bytes are to come"),
        ("upload-metadata" = Option<String>, Header, description = "What is said of the file, as tus has it: the fields of \
            `POST /api/v1/runs`, each with its value in Base64, separated by commas; `filetype` is its media type"),
    ),
    responses(
        (
            status = 201,
            description = "The file can come",
            body = UploadInfo,
            headers(
                ("location" = String, description = "Where it goes, by PATCH"),
                ("upload-expires" = String, description = "When what has arrived is removed"),
            ),
        ),
        (status = 400, description = "What is said of the file makes no sense"),
        (status = 403, description = "A page of another site sent this request"),
        (status = 412, description = "The request is not of tus 1.0.0"),
        (status = 413, description = "The file is larger than this server takes; `limit_bytes` says how large that is"),
    ),
)]
pub async fn announce(pages: Pages, _: Tus, headers: HeaderMap) -> Result<Response, Problem> {
    let bytes = number(&headers, &LENGTH).ok_or_else(|| {
        Problem::invalid("`Upload-Length` says how many bytes are to come, and is missing.")
    })?;
    let announced = announced(&headers)?;
    let state = piecemeal::announce(pages.server(), &announced, bytes).await?;
    let file = &state.file;
    let address = format!("/api/v1/uploads/{}?workspace={}", file.id, file.workspace);
    let mut response = (
        StatusCode::CREATED,
        [(LOCATION, address)],
        Json(info(&state, 0)),
    )
        .into_response();
    expires(response.headers_mut(), &file.expires_at);
    Ok(response)
}

/// The uploads of a workspace that are coming in, oldest first.
#[utoipa::path(
    get,
    path = "/api/v1/uploads",
    operation_id = "list_uploads",
    tag = "uploads",
    params(InWorkspace),
    responses((status = 200, description = "Those whose run has not begun", body = UploadList)),
)]
pub async fn list(
    pages: Pages,
    InWorkspace(workspace): InWorkspace,
) -> Result<Json<UploadList>, Problem> {
    let store = &pages.server().store;
    let mut uploads = Vec::new();
    for state in store.coming_in(&workspace).await? {
        let arrived = store.raw().arrived(state.file.id.as_str()).await?;
        uploads.push(info(&state, arrived));
    }
    Ok(Json(UploadList { uploads }))
}

/// One upload: how much of it is here, and what it became.
#[utoipa::path(
    get,
    path = "/api/v1/uploads/{id}",
    operation_id = "get_upload",
    tag = "uploads",
    params(NamedUpload, InWorkspace),
    responses((status = 200, description = "The upload", body = UploadInfo)),
)]
pub async fn one(
    pages: Pages,
    InWorkspace(workspace): InWorkspace,
    NamedUpload(id): NamedUpload,
) -> Result<Json<UploadInfo>, Problem> {
    let store = &pages.server().store;
    let found = store.piecemeal(&workspace, &id).await?;
    let state = found.ok_or_else(|| Problem::not_found("upload"))?;
    let arrived = store.raw().arrived(id.as_str()).await?;
    Ok(Json(info(&state, arrived)))
}

/// `HEAD`: how much of it is here. A connection that still sends it is ended.
pub async fn stand(
    pages: Pages,
    _: Tus,
    InWorkspace(workspace): InWorkspace,
    NamedUpload(id): NamedUpload,
) -> Result<Response, Problem> {
    let standing = apart(&pages, async move |server| {
        Ok(piecemeal::stand(&server, &workspace, &id).await?)
    });
    let standing = standing.await?;
    let mut response = answer(StatusCode::OK, &standing);
    let headers = response.headers_mut();
    headers.insert(LENGTH, HeaderValue::from(standing.bytes));
    Ok(response)
}

/// Adds to an upload. What arrives stays, whatever ends the request. With the last byte the run begins, unless the same
/// bytes were judged already.
#[utoipa::path(
    patch,
    path = "/api/v1/uploads/{id}",
    operation_id = "continue_upload",
    tag = "uploads",
    params(
        NamedUpload,
        InWorkspace,
        Version,
        ("upload-offset" = u64, Header, description = "How many bytes are here already"),
        ("upload-checksum" = Option<String>, Header, description = "`sha1` or `sha256`, and of the bytes of this request the \
            checksum in Base64: all of them are kept then, or none"),
    ),
    request_body(content((File = "application/offset+octet-stream")), description = "The bytes that come next"),
    responses(
        (
            status = 204,
            description = "They are here",
            headers(
                ("upload-offset" = u64, description = "How many bytes are here now"),
                ("upload-expires" = String, description = "When what has arrived is removed"),
                ("tarazu-run" = Option<RunId>, description = "With the last byte: the run"),
                ("tarazu-run-location" = Option<String>, description = "And its address"),
            ),
        ),
        (status = 400, description = "The connection was cut, or the request makes no sense"),
        (status = 409, description = "Another number of bytes is here, which `offset` says, or another connection goes on"),
        (status = 412, description = "The request is not of tus 1.0.0"),
        (status = 413, description = "More came than was announced; none of it was kept"),
        (status = 415, description = "The body is said to be something else"),
        (status = 460, description = "The bytes are not what their checksum says; none of them was kept"),
        (status = 507, description = "The server's disk is full; what has arrived is kept"),
    ),
)]
pub async fn append(
    pages: Pages,
    _: Tus,
    InWorkspace(workspace): InWorkspace,
    NamedUpload(id): NamedUpload,
    request: Request,
) -> Result<Response, Problem> {
    let headers = request.headers();
    if headers
        .get(CONTENT_TYPE)
        .is_none_or(|it| it != OFFSET_STREAM)
    {
        return Err(Problem::new(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "not-an-offset-stream",
            "The body is said to be something else than the next bytes",
            format!("Say `Content-Type: {OFFSET_STREAM}`. Nothing was changed."),
        ));
    }
    let offset = number(headers, &OFFSET).ok_or_else(|| {
        Problem::invalid("`Upload-Offset` says how many bytes are here already, and is missing.")
    })?;
    let checksum = match headers.get(CHECKSUM) {
        None => None,
        Some(it) => {
            let read = it.to_str().ok().and_then(Checksum::parse);
            Some(read.ok_or_else(|| {
                let known = checksum::ALGORITHMS;
                Problem::invalid(format!(
                    "`Upload-Checksum` is an algorithm ({known}) and a checksum in Base64. Nothing was changed."
                ))
            })?)
        }
    };
    let coming: Option<u64> = number(headers, &CONTENT_LENGTH);
    let standing = apart(&pages, async move |server| {
        let mut body = request.into_body().into_data_stream().map_err(|_| Cut);
        let added = piecemeal::append(&server, &workspace, &id, offset, checksum, &mut body).await;
        let refused = !matches!(
            added,
            Ok(_) | Err(PiecemealError::CalledAway | PiecemealError::Upload(UploadError::Cut(_)))
        );
        if refused && coming != Some(0) {
            drain(body).await;
        }
        Ok(added?)
    });
    Ok(answer(StatusCode::NO_CONTENT, &standing.await?))
}

/// Ends an upload and removes what has arrived. A run that has begun goes on.
#[utoipa::path(
    delete,
    path = "/api/v1/uploads/{id}",
    operation_id = "cancel_upload",
    tag = "uploads",
    params(NamedUpload, InWorkspace, Version),
    responses(
        (status = 204, description = "It is gone"),
        (status = 403, description = "A page of another site sent this request"),
        (status = 412, description = "The request is not of tus 1.0.0"),
    ),
)]
pub async fn cancel(
    pages: Pages,
    _: Tus,
    InWorkspace(workspace): InWorkspace,
    NamedUpload(id): NamedUpload,
) -> Result<StatusCode, Problem> {
    let actor = pages.who().actor.clone();
    apart(&pages, async move |server| {
        let event = "upload.cancelled";
        Ok(piecemeal::end(&server, &workspace, &id, event, &actor).await?)
    })
    .await?;
    Ok(StatusCode::NO_CONTENT)
}

/// In a task of its own: when the sender goes, its handler is dropped, and what is under way must still end well.
async fn apart<T, W>(pages: &Pages, work: impl FnOnce(Arc<Server>) -> W) -> Result<T, Problem>
where
    T: Send + 'static,
    W: Future<Output = Result<T, Problem>> + Send + 'static,
{
    let done = panic::apart(work(Arc::clone(pages.server()))).await;
    done.map_err(Problem::stopped)?
}

fn answer(status: StatusCode, standing: &Standing) -> Response {
    let mut response = status.into_response();
    let headers = response.headers_mut();
    headers.insert(OFFSET, HeaderValue::from(standing.arrived));
    expires(headers, &standing.expires_at);
    if let Some(run) = &standing.run {
        let address = format!("/api/v1/runs/{run}?workspace={}", standing.workspace);
        for (name, value) in [(RUN, run.to_string()), (RUN_LOCATION, address)] {
            if let Ok(value) = HeaderValue::from_str(&value) {
                headers.insert(name, value);
            }
        }
    }
    response
}

/// A status of tus alone, "Checksum Mismatch".
fn wrong_checksum() -> StatusCode {
    StatusCode::from_u16(460).unwrap_or(StatusCode::BAD_REQUEST)
}

/// In the form of RFC 9110.
fn expires(headers: &mut HeaderMap, at: &str) {
    let at = DateTime::parse_from_rfc3339(at).ok();
    let text = at.map(|it| it.format("%a, %d %b %Y %H:%M:%S GMT").to_string());
    if let Some(value) = text.and_then(|it| HeaderValue::from_str(&it).ok()) {
        headers.insert(EXPIRES, value);
    }
}

fn info(state: &PiecemealState, arrived: u64) -> UploadInfo {
    let file = &state.file;
    let announced: Option<Announced> = serde_json::from_str(&file.said).ok();
    let whole = state.whole.as_ref();
    UploadInfo {
        id: file.id.clone(),
        workspace: file.workspace.clone(),
        file_name: announced.map_or_else(String::new, |it| it.said.file_name()),
        bytes: file.bytes,
        arrived: whole.map_or(arrived, |_| file.bytes),
        begun_at: state.begun_at.clone(),
        expires_at: file.expires_at.clone(),
        state: if state.completed {
            UploadState::Complete
        } else {
            UploadState::ComingIn
        },
        run: whole.filter(|_| state.completed).map(|it| it.run.clone()),
    }
}

fn number<T: FromStr>(headers: &HeaderMap, name: &HeaderName) -> Option<T> {
    headers.get(name)?.to_str().ok()?.parse().ok()
}

/// Pairs of a name and a value in Base64, which may be absent, separated by commas.
fn announced(headers: &HeaderMap) -> Result<Announced, Problem> {
    let wrong =
        |name: &str| Problem::invalid(format!("`Upload-Metadata`: `{name}` is no text in Base64."));
    let text = headers.get(METADATA).map_or(Ok(""), |it| it.to_str());
    let text = text.map_err(|_| Problem::invalid("`Upload-Metadata` is no text."))?;
    let mut said = Said::default();
    let mut media_type = None;
    for pair in text.split(',').map(str::trim).filter(|it| !it.is_empty()) {
        let (name, value) = pair.split_once(' ').unwrap_or((pair, ""));
        let value = STANDARD.decode(value.trim()).map_err(|_| wrong(name))?;
        let value = String::from_utf8(value).map_err(|_| wrong(name))?;
        match name {
            "filetype" => media_type = Some(value).filter(|it| !it.is_empty()),
            _ => said.set(name, value)?,
        }
    }
    Ok(Announced {
        said,
        who: Who::of(headers),
        media_type,
    })
}

impl From<PiecemealError> for Problem {
    fn from(error: PiecemealError) -> Self {
        match error {
            PiecemealError::NotFound => Self::not_found("upload"),
            PiecemealError::WrongOffset { arrived } => Self::new(
                StatusCode::CONFLICT,
                "wrong-offset",
                "Another number of bytes is here",
                format!("{arrived} bytes have arrived. Send what comes after them."),
            )
            .with("offset", arrived),
            PiecemealError::TooMuch => Self::new(
                StatusCode::PAYLOAD_TOO_LARGE,
                "more-than-announced",
                "More came than was announced",
                "Nothing of this request was kept. Announce the file anew, with its true length.",
            ),
            PiecemealError::WrongChecksum => Self::new(
                wrong_checksum(),
                "wrong-checksum",
                "What came is not what its checksum says",
                "Nothing of this request was kept. Send it again.",
            ),
            PiecemealError::CalledAway => Self::new(
                StatusCode::CONFLICT,
                "sent-elsewhere",
                "Another connection goes on with this file",
                "What arrived is kept. Ask by HEAD how much that is.",
            ),
            PiecemealError::Said(problem) => *problem,
            PiecemealError::Upload(UploadError::Cut(_)) => Self::new(
                StatusCode::BAD_REQUEST,
                "upload-cut",
                "The connection was cut in the middle of the file",
                "What arrived is kept. Ask by HEAD how much that is, and send the rest.",
            ),
            PiecemealError::Upload(UploadError::Full(error)) => Self::new(
                StatusCode::INSUFFICIENT_STORAGE,
                "disk-full",
                "The server's disk is full",
                "What arrived is kept. Free some space in the data folder's file system, then send the rest.",
            )
            .caused_by(&error),
            PiecemealError::Upload(error) => error.into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(metadata: &'static str, expected: Result<(&str, Option<&str>), &str>) {
        let headers = HeaderMap::from_iter([(METADATA, HeaderValue::from_static(metadata))]);
        match (announced(&headers), expected) {
            (Ok(it), Ok((name, media_type))) => {
                let found = (it.said.file_name(), it.media_type);
                assert_eq!(found, (name.to_owned(), media_type.map(str::to_owned)));
            }
            (Err(problem), Err(text)) => {
                assert!(format!("{problem:?}").contains(text), "{problem:?}")
            }
            (found, _) => panic!("{metadata}: {found:?}"),
        }
    }

    #[test]
    fn what_is_said_of_a_file_is_read_as_tus_has_it() {
        check("", Ok(("unnamed", None)));
        check(
            "filename YXByaWwuY3N2,filetype dGV4dC9jc3Y=, again",
            Ok(("april.csv", Some("text/csv"))),
        );
        check("filename !", Err("is no text in Base64"));
        check("filename /w==", Err("is no text in Base64"));
        check("colour cmVk", Err("a field that nobody knows"));
    }
}

//! `Idempotency-Key` on any POST of the API (draft-ietf-httpapi-idempotency-key-header-07): while the key is kept, the
//! same request is answered as it was, and not done again. Only what was done is kept; what was refused may be sent
//! again under its key.

mod digest;

use crate::{
    api::{extract::InWorkspace, upload::drain},
    clock,
    exception::Who,
    problem::Problem,
    state::{AppState, Server},
    upload::Cut,
};
use axum::{
    body::{Body, to_bytes},
    extract::{FromRequestParts, Request, State},
    http::{
        HeaderName, HeaderValue, Method, StatusCode,
        header::{CONTENT_LENGTH, EXPECT},
        request::Parts,
    },
    middleware::Next,
    response::{IntoResponse, Response},
};
use chrono::TimeDelta;
use digest::RequestDigest;
use futures::TryStreamExt;
use std::{
    error::Error,
    sync::{Arc, Mutex, PoisonError},
};
use store::{Claim, KeptAnswer, RequestKey, StoreError};
use tracing::Instrument;

pub const KEY: HeaderName = HeaderName::from_static("idempotency-key");

/// Says that nothing was done now.
const REPLAYED: HeaderName = HeaderName::from_static("idempotency-replayed");

const KEPT_FOR: TimeDelta = TimeDelta::hours(24);
const KEY_CHARS: usize = 255;

/// The most that an answer to be kept may hold; those of POST are runs and the like.
const ANSWER_BYTES: usize = 16 * 1024 * 1024;

/// The layer.
pub async fn once(State(state): State<AppState>, request: Request, next: Next) -> Response {
    let (mut parts, body) = request.into_parts();
    match key(&mut parts, &state).await {
        Ok(None) => next.run(Request::from_parts(parts, body)).await,
        Ok(Some(key)) => {
            let request = Request::from_parts(parts, body);
            let answered = answered(state.server, key, request, next).await;
            answered.unwrap_or_else(IntoResponse::into_response)
        }
        Err(problem) => problem.into_response(),
    }
}

/// The key that a request bears, where it is one that may.
async fn key(parts: &mut Parts, state: &AppState) -> Result<Option<RequestKey>, Problem> {
    if parts.method != Method::POST || !parts.uri.path().starts_with("/api/v1/") {
        return Ok(None);
    }
    let Some(text) = parts.headers.get(&KEY) else {
        return Ok(None);
    };
    // The draft has it quoted, most programs do not.
    let text = text.to_str().unwrap_or_default().trim();
    let quoted = text.strip_prefix('"').and_then(|it| it.strip_suffix('"'));
    let text = quoted.unwrap_or(text);
    let sound = |it: u8| it.is_ascii_graphic() && !matches!(it, b'"' | b'\\');
    if text.is_empty() || text.len() > KEY_CHARS || !text.bytes().all(sound) {
        return Err(Problem::invalid(format!(
            "`Idempotency-Key` is 1 to {KEY_CHARS} letters, digits and signs, such as a UUID."
        )));
    }
    let key = text.to_owned();
    let InWorkspace(workspace) = InWorkspace::from_request_parts(parts, state).await?;
    Ok(Some(RequestKey {
        workspace,
        actor: Who::of(&parts.headers).actor,
        key,
    }))
}

async fn answered(
    server: Arc<Server>,
    key: RequestKey,
    request: Request,
    next: Next,
) -> Result<Response, Problem> {
    let now = clock::now();
    let since = clock::text(now - KEPT_FOR);
    match server
        .store
        .claim_key(&key, &clock::text(now), &since)
        .await?
    {
        Claim::Answered(kept) => again(kept, request).await,
        Claim::GoingOn => {
            if !request.headers().contains_key(EXPECT) {
                drain(request.into_body().into_data_stream().map_err(|_| Cut)).await;
            }
            Err(Problem::new(
                StatusCode::CONFLICT,
                "request-going-on",
                "A request with this key is still being done",
                "This one was not done beside it. Send it again in a moment, under the same key, for the answer.",
            ))
        }
        Claim::New => {
            // A task of its own: when the sender goes, what was begun is done all the same, and the answer is
            // there when he asks again.
            let work = first(server, key, request, next).in_current_span();
            let answer = tokio::spawn(work).await;
            answer.unwrap_or_else(|error| Err(stopped(&error)))
        }
    }
}

/// Does what is asked, and keeps the answer.
async fn first(
    server: Arc<Server>,
    key: RequestKey,
    request: Request,
    next: Next,
) -> Result<Response, Problem> {
    let digest = Arc::new(Mutex::new(RequestDigest::of(&request)));
    let hashing = Arc::clone(&digest);
    let (parts, body) = request.into_parts();
    let body = body.into_data_stream().inspect_ok(move |chunk| {
        let mut digest = hashing.lock().unwrap_or_else(PoisonError::into_inner);
        digest.update(chunk);
    });
    let request = Request::from_parts(parts, Body::from_stream(body));
    let answer = tokio::spawn(next.run(request).in_current_span()).await;
    let answer = match answer {
        Ok(answer) if answer.status().as_u16() < 400 => answer,
        refused => {
            give_back(&server, &key).await;
            return refused.map_err(|error| stopped(&error));
        }
    };
    let (parts, body) = answer.into_parts();
    let body = to_bytes(body, ANSWER_BYTES)
        .await
        .map_err(|error| stopped(&error))?;
    let request_digest = digest
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .finish();
    let headers = parts.headers.iter();
    let headers = headers.filter(|(name, _)| *name != CONTENT_LENGTH);
    let headers = headers.map(|(name, value)| {
        let value = String::from_utf8_lossy(value.as_bytes());
        (name.as_str().to_owned(), value.into_owned())
    });
    let kept = KeptAnswer {
        request_digest,
        status: parts.status.as_u16(),
        headers: headers.collect(),
        body: body.to_vec(),
    };
    if let Err(error) = server.store.keep_answer(&key, &kept).await {
        unkept(&error);
    }
    Ok(Response::from_parts(parts, Body::from(body)))
}

/// The kept answer, where the request is the one that it answers.
async fn again(kept: KeptAnswer, request: Request) -> Result<Response, Problem> {
    let mut digest = RequestDigest::of(&request);
    let mut body = request.into_body().into_data_stream();
    while let Some(chunk) = body
        .try_next()
        .await
        .map_err(|_| Problem::invalid("The request was cut. What it asks for was done before."))?
    {
        digest.update(&chunk);
    }
    if digest.finish() != kept.request_digest {
        return Err(Problem::new(
            StatusCode::UNPROCESSABLE_ENTITY,
            "key-reused",
            "Another request bore this key",
            "Nothing was done. Give every request a key of its own, and repeat a request exactly as it was.",
        ));
    }
    let mut answer = Response::new(Body::from(kept.body));
    *answer.status_mut() = StatusCode::from_u16(kept.status).map_err(|error| stopped(&error))?;
    for (name, value) in kept.headers {
        if let (Ok(name), Ok(value)) = (name.parse::<HeaderName>(), value.parse()) {
            answer.headers_mut().append(name, value);
        }
    }
    let replayed = HeaderValue::from_static("true");
    answer.headers_mut().insert(REPLAYED, replayed);
    Ok(answer)
}

async fn give_back(server: &Server, key: &RequestKey) {
    if let Err(error) = server.store.give_key_back(key).await {
        unkept(&error);
    }
}

/// The key stays as it is: who repeats the request is told to wait, until it is forgotten or the server starts anew.
fn unkept(error: &StoreError) {
    tracing::error!(error = error as &dyn Error, "an answer could not be kept");
}

fn stopped(error: &(dyn Error + 'static)) -> Problem {
    tracing::error!(error, "a request that bore a key stopped");
    Problem::internal().caused_by(error)
}

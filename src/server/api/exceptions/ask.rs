//! What the handlers of exceptions take from a request.

use crate::{exception::Who, handout::ANONYMOUS, problem::Problem};
use axum::{
    body::Bytes,
    extract::{FromRequest, FromRequestParts, Path, Request},
    http::request::Parts,
};
use model::{id::RunId, run::Way};
use serde::de::DeserializeOwned;
use std::convert::Infallible;
use utoipa::IntoParams;

const NAME_CHARS: usize = 255;

/// A record of a run, as the address names it.
#[derive(IntoParams)]
#[into_params(parameter_in = Path)]
pub struct NamedException {
    /// The run's id.
    #[param(rename = "id")]
    pub run: RunId,
    /// The row's record in the run, from 1.
    pub record: u64,
}

impl<S: Send + Sync> FromRequestParts<S> for NamedException {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let named = Path::<(String, u64)>::from_request_parts(parts, state).await;
        let Path((run, record)) = named.map_err(|_| Problem::not_found("exception"))?;
        let run = RunId::try_from(run).map_err(|_| Problem::not_found("run"))?;
        if i64::try_from(record).is_err() {
            return Err(Problem::not_found("exception"));
        }
        Ok(Self { run, record })
    }
}

/// The body as JSON.
pub struct Sent<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Sent<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        let body = Bytes::from_request(request, state).await;
        let body = body.map_err(|_| {
            Problem::invalid("The body did not come whole, or is larger than 2 MB.")
        })?;
        let read = serde_json::from_slice(&body).map(Self);
        read.map_err(|error| Problem::invalid(format!("The body cannot be read: {error}.")))
    }
}

/// There are no accounts yet: who acts is whom the header `X-Tarazu-Actor` names, and all who name nobody are one
/// person.
impl<S: Send + Sync> FromRequestParts<S> for Who {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        let text = |name: &str| parts.headers.get(name).and_then(|it| it.to_str().ok());
        let named = text("x-tarazu-actor").map(|it| {
            let kept = it.chars().filter(|it| !it.is_control()).take(NAME_CHARS);
            kept.collect::<String>().trim().to_owned()
        });
        let actor = named.filter(|it| !it.is_empty());
        let from_page = text("sec-fetch-site") == Some("same-origin");
        Ok(Self {
            actor: actor.unwrap_or_else(|| ANONYMOUS.to_owned()),
            way: if from_page { Way::Browser } else { Way::Api },
        })
    }
}

//! What handlers take from a request, checked once; what makes no sense is a problem with plain words.

use crate::{
    backend::Pages, exception::Who, handout::ANONYMOUS, problem::Problem, request::RequestId,
    state::AppState,
};
use axum::{
    body::Bytes,
    extract::{FromRequest, FromRequestParts, Path, Query, Request},
    http::{HeaderMap, request::Parts},
};
use chrono::NaiveDate;
use model::{
    id::{RunId, WorkspaceId},
    run::Way,
};
use serde::{Deserialize, de::DeserializeOwned};
use std::convert::Infallible;
use utoipa::{
    IntoParams,
    openapi::{
        KnownFormat, ObjectBuilder, SchemaFormat,
        schema::{AnyOfBuilder, Schema, Type},
    },
};

/// Of who acts.
const NAME_CHARS: usize = 255;

/// The query string as `T`.
pub struct Asked<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequestParts<S> for Asked<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        if parts.uri.query().is_some_and(|it| it.contains("%00")) {
            // No text of a database holds it.
            return Err(Problem::invalid("The address has a NUL character."));
        }
        let query = Query::try_from_uri(&parts.uri).map(|Query(it)| Self(it));
        query.map_err(|error| {
            Problem::invalid(format!(
                "The address cannot be read: {}.",
                error.body_text()
            ))
        })
    }
}

#[derive(IntoParams)]
#[into_params(names("workspace"), parameter_in = Query)]
pub struct InWorkspace(
    /// The workspace; `main` where none is named.
    #[param(required = false)]
    pub WorkspaceId,
);

#[derive(Deserialize)]
struct WorkspaceQuery {
    workspace: Option<String>,
}

impl<S: Send + Sync> FromRequestParts<S> for InWorkspace {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let Asked(query) = Asked::<WorkspaceQuery>::from_request_parts(parts, state).await?;
        workspace(query.workspace).map(Self)
    }
}

/// A workspace's name; the main one where none is given.
pub fn workspace(name: Option<String>) -> Result<WorkspaceId, Problem> {
    let Some(name) = name else {
        return Ok(WorkspaceId::main());
    };
    WorkspaceId::try_from(name).map_err(|_| {
        Problem::invalid("A workspace's name is 1 to 40 of the characters a-z, 0-9 and -.")
    })
}

/// A text that is no run's id names no run.
#[derive(IntoParams)]
#[into_params(names("id"), parameter_in = Path)]
pub struct NamedRun(
    /// The run's id.
    pub RunId,
);

impl<S: Send + Sync> FromRequestParts<S> for NamedRun {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let Path(id) = Path::<String>::from_request_parts(parts, state)
            .await
            .map_err(|_| Problem::not_found("run"))?;
        let id = RunId::try_from(id).map_err(|_| Problem::not_found("run"))?;
        Ok(Self(id))
    }
}

/// Two days, both included; open on a side that is not said.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Period {
    /// The first day.
    #[param(required = false, schema_with = day_or_nothing)]
    pub from: Option<NaiveDate>,
    /// The last day.
    #[param(required = false, schema_with = day_or_nothing)]
    pub to: Option<NaiveDate>,
}

#[derive(Deserialize)]
struct PeriodQuery {
    from: Option<String>,
    to: Option<String>,
}

impl<S: Send + Sync> FromRequestParts<S> for Period {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let Asked(query) = Asked::<PeriodQuery>::from_request_parts(parts, state).await?;
        Ok(Self {
            from: said(query.from.as_deref()).map(day).transpose()?,
            to: said(query.to.as_deref()).map(day).transpose()?,
        })
    }
}

fn day_or_nothing() -> Schema {
    let text = || ObjectBuilder::new().schema_type(Type::String);
    let day = SchemaFormat::KnownFormat(KnownFormat::Date);
    let either = AnyOfBuilder::new()
        .item(text().format(Some(day)))
        .item(text().max_length(Some(0)));
    Schema::AnyOf(either.build())
}

/// A form sends what nobody filled in as an empty text.
fn said(text: Option<&str>) -> Option<&str> {
    text.filter(|it| !it.is_empty())
}

fn day(text: &str) -> Result<NaiveDate, Problem> {
    let written = text.len() == 10 && text.bytes().all(|it| it.is_ascii_digit() || it == b'-');
    let day = text.parse().ok().filter(|_| written);
    day.ok_or_else(|| Problem::invalid("A day is written as 2026-02-02."))
}

/// Yes or no, where something is said at all.
pub fn flag(text: Option<&str>, name: &str) -> Result<bool, Problem> {
    match text {
        None | Some("false" | "0") => Ok(false),
        Some("true" | "1" | "on") => Ok(true),
        Some(_) => Err(Problem::invalid(format!("`{name}` is true or false."))),
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
        Ok(Self::of(&parts.headers))
    }
}

impl Who {
    pub fn of(headers: &HeaderMap) -> Self {
        let text = |name: &str| headers.get(name).and_then(|it| it.to_str().ok());
        let named = text("x-tarazu-actor").map(|it| {
            let kept = it.chars().filter(|it| !it.is_control()).take(NAME_CHARS);
            kept.collect::<String>().trim().to_owned()
        });
        let actor = named.filter(|it| !it.is_empty());
        let from_page = text("sec-fetch-site") == Some("same-origin");
        Self {
            actor: actor.unwrap_or_else(|| ANONYMOUS.to_owned()),
            way: if from_page { Way::Browser } else { Way::Api },
        }
    }
}

impl FromRequestParts<AppState> for Pages {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Infallible> {
        let id = parts.extensions.get::<RequestId>().cloned();
        Ok(Self::new(state.clone(), id, Who::of(&parts.headers)))
    }
}

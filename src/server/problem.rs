//! What goes wrong, as a problem document (RFC 9457): closed kinds with plain words and what to do. An inner
//! error's text never leaves the server; it is logged once, with the request's id, where it is handled.

use crate::{failure::Cause, panic::Panicked};
use app::{
    backend::BackendError,
    refused::{Back, Fault, Refused},
};
use axum::{
    http::{
        HeaderValue, StatusCode,
        header::{CONTENT_TYPE, RETRY_AFTER},
    },
    response::{Html, IntoResponse, Response},
};
use serde::Serialize;
use serde_json::{Map, Value, json};
use std::error::Error;
use utoipa::ToSchema;

/// When to ask a store again that is away.
const RETRY_SECONDS: &str = "10";

/// An answer that is no success. It is written out by the outermost layer, which knows the request's id and
/// whether a person or a program asked.
#[derive(Debug, Clone)]
pub struct Problem {
    status: StatusCode,
    /// Permanent, in kebab-case; the last part of `type`.
    kind: &'static str,
    title: &'static str,
    detail: String,
    extra: Map<String, Value>,
    faults: Box<[Fault]>,
    back: Option<Box<Back>>,
    cause: Option<Box<Cause>>,
}

/// What went wrong (RFC 9457). Some types have further fields.
#[derive(Serialize, ToSchema)]
#[schema(as = Problem)]
pub struct ProblemDocument {
    /// Permanent: `urn:tarazu:problem:` and a name in kebab-case.
    #[serde(rename = "type")]
    kind: String,
    /// What happened, in a few words.
    title: &'static str,
    status: u16,
    /// What was kept, and what to do.
    detail: String,
    /// Stands in the server's log.
    request_id: String,
    #[serde(flatten)]
    #[schema(ignore)]
    extra: Map<String, Value>,
}

impl Problem {
    /// `title` says what happened in a few words; `detail` what was kept and what to do.
    pub fn new(
        status: StatusCode,
        kind: &'static str,
        title: &'static str,
        detail: impl Into<String>,
    ) -> Self {
        Self {
            status,
            kind,
            title,
            detail: detail.into(),
            extra: Map::new(),
            faults: Box::default(),
            back: None,
            cause: None,
        }
    }

    /// What the detail says, for the page that held the form.
    pub fn of_faults(self, faults: Vec<Fault>) -> Self {
        Self {
            faults: faults.into(),
            ..self
        }
    }

    pub fn faults_mut(&mut self) -> &mut [Fault] {
        &mut self.faults
    }

    /// To a person, the page that held the form is the answer; to a program, the document.
    pub fn leading_back(self, back: Back) -> Self {
        Self {
            back: Some(Box::new(back)),
            ..self
        }
    }

    pub fn leads_back(&self) -> bool {
        self.back.is_some()
    }

    /// What the page is told that held the form. A server that fails may not be able to make that page either.
    pub fn refused(&self) -> Option<Refused> {
        let back = self
            .back
            .as_ref()
            .filter(|_| self.status.is_client_error())?;
        Some(Refused {
            title: self.title.to_owned(),
            detail: self.detail.clone(),
            faults: self.faults.to_vec(),
            back: (**back).clone(),
        })
    }

    /// What stands behind it, for its entry.
    pub fn caused_by(self, error: &(dyn Error + 'static)) -> Self {
        Self {
            cause: Some(Box::new(Cause::of(error))),
            ..self
        }
    }

    /// What its entry says; None where nothing failed, or the store is away and would not take one.
    pub fn cause(&self) -> Option<Cause> {
        let failed = matches!(
            self.status,
            StatusCode::INTERNAL_SERVER_ERROR | StatusCode::INSUFFICIENT_STORAGE
        );
        let cause = self.cause.as_deref().cloned();
        failed.then(|| cause.unwrap_or(Cause::unknown(self.kind)))
    }

    /// With another detail.
    pub fn saying(self, detail: impl Into<String>) -> Self {
        Self {
            detail: detail.into(),
            ..self
        }
    }

    /// A further field of the document.
    pub fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.extra.insert(name.to_owned(), value.into());
        self
    }

    pub fn not_found(what: &str) -> Self {
        Self::new(
            StatusCode::NOT_FOUND,
            "not-found",
            "There is nothing here",
            format!("No such {what} in this workspace. Check the address."),
        )
    }

    pub fn conflict() -> Self {
        Self::new(
            StatusCode::CONFLICT,
            "conflict",
            "This does not fit the state that it is in",
            "It was changed, withdrawn or ended meanwhile. Nothing was changed by this request: look at it again.",
        )
    }

    pub fn invalid(detail: impl Into<String>) -> Self {
        Self::new(
            StatusCode::BAD_REQUEST,
            "invalid-request",
            "The request makes no sense as it is",
            detail,
        )
    }

    pub fn internal() -> Self {
        Self::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "internal",
            "Something went wrong on the server",
            "Nothing was changed by this request. Try again; if it stays so, give the request id to whoever runs this server.",
        )
    }

    /// A fault of our own stopped the request half-way.
    pub fn stopped(panicked: Panicked) -> Self {
        let problem = Self::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "internal",
            "Something went wrong on the server",
            "The server stopped in the middle of this request because of a fault of its own. Look whether what you \
             asked for was done before you ask again, and give the request id to whoever runs this server.",
        );
        Self {
            cause: Some(Box::new(Cause::panic(panicked))),
            ..problem
        }
    }

    /// The database, or the store of the raw files, is away for the moment.
    pub fn unavailable() -> Self {
        Self::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "unavailable",
            "The store does not answer now",
            "Nothing was changed by this request, and what was taken before is safe. Try again in some seconds; if it \
             stays so, tell whoever runs this server that its database or its raw store is away.",
        )
    }

    pub fn status(&self) -> StatusCode {
        self.status
    }

    /// For a program: `application/problem+json`.
    pub fn document(&self, request_id: &str) -> Response {
        let document = ProblemDocument {
            kind: format!("urn:tarazu:problem:{}", self.kind),
            title: self.title,
            status: self.status.as_u16(),
            detail: self.detail.clone(),
            request_id: request_id.to_owned(),
            extra: self.extra.clone(),
        };
        let kind = HeaderValue::from_static("application/problem+json");
        let kind = [(CONTENT_TYPE, kind)];
        self.answer((kind, json!(document).to_string()))
    }

    /// For a person who followed a link or sent the plain form.
    pub fn page(&self, request_id: &str) -> Response {
        let title = escaped(self.title);
        let detail = escaped(&self.detail);
        let request_id = escaped(request_id);
        let page = format!(
            r#"<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title} · Tarazu</title>
<link rel="icon" href="/favicon.svg" type="image/svg+xml">
<link rel="stylesheet" href="/style.css">
</head>
<body>
<main class="trouble">
<h1>{title}</h1>
<p>{detail}</p>
<p><a href="/">Check a file</a> · <a href="/runs">See the runs</a></p>
<p><small>Request {request_id}</small></p>
</main>
</body>
</html>
"#
        );
        self.answer(Html(page))
    }

    fn answer(&self, body: impl IntoResponse) -> Response {
        let mut response = (self.status, body).into_response();
        if self.status == StatusCode::SERVICE_UNAVAILABLE {
            let headers = response.headers_mut();
            headers.insert(RETRY_AFTER, HeaderValue::from_static(RETRY_SECONDS));
        }
        response
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut response = self.status.into_response();
        response.extensions_mut().insert(self);
        response
    }
}

impl From<BackendError> for Problem {
    fn from(error: BackendError) -> Self {
        match error {
            BackendError::NotFound => Self::not_found("thing"),
            BackendError::Invalid { text } => Self::invalid(text),
            BackendError::Internal { .. } => Self::internal(),
            BackendError::Unavailable => Self::unavailable(),
        }
    }
}

fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for symbol in text.chars() {
        match symbol {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            other => out.push(other),
        }
    }
    out
}

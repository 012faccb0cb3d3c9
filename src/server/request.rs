//! What every request passes through: a name of its own, the log, the headers that keep a page to itself, and
//! the guard against posts from other sites.

use crate::{clock, failure::Cause, panic, problem::Problem};
use axum::{
    extract::Request,
    http::{
        HeaderMap, HeaderName, HeaderValue, Method, StatusCode,
        header::{
            ACCEPT, CACHE_CONTROL, CONTENT_SECURITY_POLICY, HOST, ORIGIN, REFERRER_POLICY,
            X_CONTENT_TYPE_OPTIONS,
        },
    },
    middleware::Next,
    response::{IntoResponse, Response},
};
use std::{
    mem,
    sync::{Arc, OnceLock},
};
use tracing::Instrument;

/// The name of one request, in its extensions, in the answer's `x-request-id` and in the log.
#[derive(Debug, Clone)]
pub struct RequestId(pub Arc<str>, Arc<OnceLock<Cause>>);

impl RequestId {
    fn new() -> Self {
        Self(clock::request_id().into(), Arc::default())
    }

    /// Something failed of which the answer says no more than this name. Of several such failures the first is kept.
    pub fn failed(&self, cause: Cause) {
        self.1.get_or_init(|| cause);
    }

    pub fn cause(&self) -> Option<&Cause> {
        self.1.get()
    }
}

/// Outermost: names the request, writes problems out in the asking side's form, adds headers, logs.
pub async fn answer(mut request: Request, next: Next) -> Response {
    let id = RequestId::new();
    let watch = clock::Stopwatch::start();
    let method = request.method().clone();
    let path = request.uri().path().to_owned();
    let reads_pages = wants_page(request.headers());
    request.extensions_mut().insert(id.clone());
    let span = tracing::info_span!("request", id = %id.0, %method, path);
    let mut response = next.run(request).instrument(span.clone()).await;
    if let Some(problem) = response.extensions_mut().remove::<Problem>() {
        let said = mem::take(response.headers_mut());
        response = if reads_pages {
            problem.page(&id.0)
        } else {
            problem.document(&id.0)
        };
        response.headers_mut().extend(said);
    }
    add_headers(response.headers_mut(), &id);
    let status = response.status().as_u16();
    let milliseconds = u64::try_from(watch.elapsed().as_millis()).unwrap_or(u64::MAX);
    let _entered = span.enter();
    tracing::info!(status, milliseconds, "answered");
    response
}

/// Innermost: where a fault of our own stops a request, it is answered all the same.
pub async fn catch(request: Request, next: Next) -> Response {
    match panic::caught(next.run(request)).await {
        Ok(response) => response,
        Err(panicked) => Problem::stopped(panicked).into_response(),
    }
}

/// Refuses what another site makes a browser send. Programs that are no browser send neither header.
pub async fn refuse_other_sites(request: Request, next: Next) -> Response {
    let changes = !matches!(
        *request.method(),
        Method::GET | Method::HEAD | Method::OPTIONS
    );
    if changes && !comes_from_here(request.headers()) {
        return Problem::new(
            StatusCode::FORBIDDEN,
            "other-site",
            "This request came from another site",
            "Nothing was changed. Open Tarazu itself and do it there.",
        )
        .into_response();
    }
    next.run(request).await
}

fn comes_from_here(headers: &HeaderMap) -> bool {
    let text = |name: HeaderName| headers.get(name).and_then(|it| it.to_str().ok());
    if let Some(site) = text(HeaderName::from_static("sec-fetch-site")) {
        return matches!(site, "same-origin" | "none");
    }
    let Some(origin) = headers.get(ORIGIN) else {
        return true;
    };
    let from = origin.to_str().ok().and_then(|it| it.split_once("://"));
    from.map(|(_, host)| host) == text(HOST)
}

/// A person's browser following a link or sending a form asks for HTML by name; `fetch` and programs do not.
pub fn wants_page(headers: &HeaderMap) -> bool {
    let accept = headers.get(ACCEPT).and_then(|it| it.to_str().ok());
    accept.is_some_and(|it| it.contains("text/html"))
}

/// What a page may load and run. `nonce` lets the one inline script of a page start.
pub fn policy(nonce: Option<&str>) -> String {
    let nonce = nonce.map_or(String::new(), |it| format!(" 'nonce-{it}'"));
    format!(
        "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'{nonce}; style-src 'self'; \
         img-src 'self' data:; connect-src 'self'; worker-src 'self'; object-src 'none'; \
         base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    )
}

fn add_headers(headers: &mut HeaderMap, id: &RequestId) {
    if let Ok(value) = HeaderValue::from_str(&id.0) {
        headers.insert("x-request-id", value);
    }
    if !headers.contains_key(CONTENT_SECURITY_POLICY)
        && let Ok(value) = HeaderValue::from_str(&policy(None))
    {
        headers.insert(CONTENT_SECURITY_POLICY, value);
    }
    if !headers.contains_key(CACHE_CONTROL) {
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
    for (name, value) in [
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (REFERRER_POLICY, "same-origin"),
        (
            HeaderName::from_static("cross-origin-opener-policy"),
            "same-origin",
        ),
        (
            HeaderName::from_static("cross-origin-resource-policy"),
            "same-origin",
        ),
        (
            HeaderName::from_static("permissions-policy"),
            "camera=(), geolocation=(), microphone=()",
        ),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::{
        Router,
        body::{Body, to_bytes},
        middleware::from_fn,
        routing::get,
    };
    use tower::ServiceExt;

    #[tokio::test]
    async fn a_panic_of_a_handler_is_answered_with_a_problem_that_quotes_nothing() {
        async fn broken() -> &'static str {
            tokio::task::yield_now().await;
            panic!("a secret cell")
        }
        let router = Router::new()
            .route("/broken", get(broken))
            .route("/sound", get(|| async { "sound" }))
            .layer(from_fn(catch))
            .layer(from_fn(answer));
        let ask = async |path: &str, accept: &str| {
            let request = Request::get(path).header(ACCEPT, accept);
            let request = request.body(Body::empty()).unwrap();
            let response = router.clone().oneshot(request).await.unwrap();
            let (parts, body) = response.into_parts();
            let body = to_bytes(body, usize::MAX).await.unwrap().to_vec();
            (parts, String::from_utf8(body).unwrap())
        };
        for (accept, kind) in [
            ("*/*", "application/problem+json"),
            ("text/html", "text/html; charset=utf-8"),
        ] {
            let (head, body) = ask("/broken", accept).await;
            assert_eq!(head.status, StatusCode::INTERNAL_SERVER_ERROR);
            assert_eq!(head.headers["content-type"], kind);
            let id = head.headers["x-request-id"].to_str().unwrap();
            assert!(body.contains(id) && !body.contains("secret"), "{body}");
        }
        let (head, body) = ask("/sound", "*/*").await;
        assert_eq!((head.status, body.as_str()), (StatusCode::OK, "sound"));
    }

    fn check(pairs: &[(&'static str, &'static str)], expected: bool) {
        let headers = pairs.iter().map(|(name, value)| {
            (
                HeaderName::from_static(name),
                HeaderValue::from_static(value),
            )
        });
        assert_eq!(comes_from_here(&headers.collect()), expected, "{pairs:?}");
    }

    #[test]
    fn a_post_from_another_site_is_told_apart() {
        check(&[("host", "localhost:3000")], true);
        check(&[("host", "a:1"), ("origin", "http://a:1")], true);
        check(&[("host", "a:1"), ("origin", "https://a:1")], true);
        check(&[("host", "a:1"), ("origin", "http://a:2")], false);
        check(&[("host", "a:1"), ("origin", "http://b")], false);
        check(&[("host", "a:1"), ("origin", "null")], false);
        check(&[("sec-fetch-site", "same-origin")], true);
        check(&[("sec-fetch-site", "none")], true);
        check(&[("sec-fetch-site", "same-site")], false);
        check(
            &[
                ("sec-fetch-site", "cross-site"),
                ("host", "a"),
                ("origin", "http://a"),
            ],
            false,
        );
    }
}

//! The Leptos pages inside the router: what they get from the server, and what stands where no page is.

use crate::{
    backend::Pages,
    exception::Who,
    problem::Problem,
    request::{RequestId, policy, wants_page},
    state::AppState,
};
use app::{backend::Backend, status::AnswerStatus};
use axum::{
    Form,
    body::Body,
    extract::{Request, State},
    http::{
        HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Uri,
        header::{ACCEPT_LANGUAGE, CONTENT_SECURITY_POLICY, COOKIE, REFERER, SET_COOKIE},
        request::Parts,
        uri::PathAndQuery,
    },
    middleware::Next,
    response::{IntoResponse, Redirect, Response},
};
use leptos::{nonce::use_nonce, prelude::*};
use leptos_axum::{ResponseOptions, render_app_async_with_context};
use model::{id::WorkspaceId, locale::Locale, scheme::Scheme};
use serde::Deserialize;
use std::sync::Arc;

/// What pages and server functions find in their context: the `Backend`, and a policy that lets the page's
/// one inline script start.
pub fn context(state: AppState) -> impl Fn() + Clone + Send + Sync + 'static {
    move || {
        let parts = use_context::<Parts>();
        let id = parts
            .as_ref()
            .and_then(|it| it.extensions.get::<RequestId>().cloned());
        provide_context(locale(parts.as_ref(), &state));
        provide_context(Scheme::of(said(parts.as_ref(), COOKIE)));
        let who = parts.map_or_else(Who::default, |it| Who::of(&it.headers));
        let pages = Pages::new(state.clone(), id, who);
        provide_context::<Arc<dyn Backend>>(Arc::new(pages));
        let Some(options) = use_context::<ResponseOptions>() else {
            return;
        };
        let policy = use_nonce().map(|nonce| HeaderValue::from_str(&policy(Some(&nonce))));
        if let Some(Ok(value)) = policy {
            options.insert_header(CONTENT_SECURITY_POLICY, value);
        }
        provide_context(AnswerStatus(Arc::new(move |code| {
            if let Ok(status) = StatusCode::from_u16(code) {
                options.set_status(status);
            }
        })));
    }
}

/// How who asks has numbers and days written.
fn locale(parts: Option<&Parts>, state: &AppState) -> Locale {
    let set = state.server.display.numbers;
    Locale::of(said(parts, COOKIE), set, said(parts, ACCEPT_LANGUAGE))
}

/// What a header says; nothing where there is none.
fn said(parts: Option<&Parts>, header: HeaderName) -> &str {
    let value = parts.and_then(|it| it.headers.get(header));
    value.and_then(|it| it.to_str().ok()).unwrap_or_default()
}

/// What the switch on every page sends: one of these.
#[derive(Deserialize)]
pub struct Chosen {
    locale: Option<String>,
    scheme: Option<String>,
}

/// `POST /display`: keeps a choice for a year, and sends the browser back to where it was made.
pub async fn choose_display(headers: HeaderMap, Form(chosen): Form<Chosen>) -> Response {
    let locale = chosen.locale.filter(|it| Locale::named(it).is_some());
    let locale = locale.map(|it| (Locale::COOKIE, it));
    let scheme = chosen.scheme.filter(|it| Scheme::named(it).is_some());
    let Some((cookie, value)) = locale.or(scheme.map(|it| (Scheme::COOKIE, it))) else {
        return Problem::invalid(
            "There is no such way to write numbers and days, and no such scheme of colours.",
        )
        .into_response();
    };
    // Posts of other sites are refused before, so the page is one of ours; its path and filters are what counts.
    let from = headers.get(REFERER).and_then(|it| it.to_str().ok());
    let from = from.and_then(|it| it.parse::<Uri>().ok());
    let path = from.as_ref().and_then(Uri::path_and_query);
    // What begins with two slashes would be the address of another site.
    let path = path
        .map(PathAndQuery::as_str)
        .filter(|it| !it.starts_with("//"));
    let cookie = format!("{cookie}={value}; Path=/; Max-Age=31536000; SameSite=Lax");
    let back = Redirect::to(path.unwrap_or("/"));
    ([(SET_COOKIE, cookie)], back).into_response()
}

/// The document around every page.
pub fn shell(state: AppState) -> impl Fn() -> AnyView + Clone + Send + Sync + 'static {
    move || {
        let scripts = state.server.assets.has_programs();
        app::shell(state.leptos().clone(), scripts).into_any()
    }
}

/// A form that was refused is answered with the page that held it. No program takes that page over, since the address in
/// the browser is the form's and not the page's.
pub async fn lead_back(State(state): State<AppState>, request: Request, next: Next) -> Response {
    if request.method() != Method::POST || !wants_page(request.headers()) {
        return next.run(request).await;
    }
    let headers = request.headers().clone();
    let id = request.extensions().get::<RequestId>().cloned();
    let response = next.run(request).await;
    let problem = response.extensions().get::<Problem>();
    let Some((problem, refused)) = problem.and_then(|it| Some((it, it.refused()?))) else {
        return response;
    };
    let Ok(mut page) = Request::get(&refused.back.href).body(Body::empty()) else {
        return response;
    };
    *page.headers_mut() = headers;
    if let Some(id) = id {
        page.extensions_mut().insert(id);
    }
    let status = problem.status();
    let context = context(state.clone());
    let context = move || {
        context();
        provide_context(refused.clone());
    };
    let shell = move || app::shell(state.leptos().clone(), false).into_any();
    let mut response = render_app_async_with_context(context, shell)(page).await;
    *response.status_mut() = status;
    response
}

/// For an address that is no page: a person sees the pages' own words for it.
pub async fn missing(State(state): State<AppState>, request: Request) -> Response {
    if request.method() != Method::GET || !wants_page(request.headers()) {
        return Problem::not_found("address").into_response();
    }
    let render = render_app_async_with_context(context(state.clone()), shell(state));
    let mut response = render(request).await;
    *response.status_mut() = StatusCode::NOT_FOUND;
    response
}

/// No name of a workspace is told like an address that is no page: the pages would be those of the main workspace.
pub async fn of_a_workspace(state: State<AppState>, request: Request, next: Next) -> Response {
    let named = request.uri().path().strip_prefix("/w/");
    let name = named.and_then(|it| it.split('/').next());
    if name.is_some_and(|it| WorkspaceId::try_from(it.to_owned()).is_err()) {
        return missing(state, request).await;
    }
    next.run(request).await
}

/// For an address of the REST interface that does not exist.
pub async fn no_such_address() -> Problem {
    Problem::not_found("address")
}

pub async fn no_such_method() -> Problem {
    Problem::new(
        StatusCode::METHOD_NOT_ALLOWED,
        "method-not-allowed",
        "This address takes other methods",
        "Nothing was changed. Look at the documentation for the method to use.",
    )
}

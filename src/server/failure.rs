//! A request that the server, and not whoever asked, is to blame for has an entry in the audit log: one that ended in
//! 500 or 507, or whose page could not be made. A store that is away takes no entry, and is no such failure.

use crate::{
    clock, exception::Who, panic::Panicked, problem::Problem, request::RequestId, state::AppState,
};
use axum::{
    extract::{MatchedPath, Query, Request, State},
    http::{HeaderMap, Uri, header::REFERER},
    middleware::Next,
    response::Response,
};
use model::id::WorkspaceId;
use std::{collections::BTreeMap, error::Error, iter, time::Duration};
use store::{Mark, Store, StoreError};
use tokio::time::timeout;
use tracing::Instrument;

/// How long an answer waits for its entry. Where others write for longer, the entry comes behind the answer.
const WAIT: Duration = Duration::from_secs(1);

/// What stopped a request: closed words, codes and places, never the text of an error, which may quote a cell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cause {
    kind: &'static str,
    code: Option<String>,
    panicked: Option<Panicked>,
}

impl Cause {
    pub fn of(error: &(dyn Error + 'static)) -> Self {
        let mut causes = iter::successors(Some(error), |&it| it.source());
        let of_store = causes.find_map(|it| it.downcast_ref::<StoreError>());
        Self {
            code: store::code(error),
            ..Self::unknown(of_store.map_or("internal", StoreError::kind))
        }
    }

    pub fn panic(panicked: Panicked) -> Self {
        Self {
            panicked: Some(panicked),
            ..Self::unknown("panic")
        }
    }

    /// Nothing more is known of it.
    pub fn unknown(kind: &'static str) -> Self {
        Self {
            kind,
            code: None,
            panicked: None,
        }
    }

    fn told(&self, mark: Mark) -> Mark {
        let mut mark = mark.with("kind", self.kind);
        if let Some(code) = &self.code {
            mark = mark.with("code", code);
        }
        match &self.panicked {
            Some(Panicked { place, backtrace }) => {
                mark.with("place", place).with("backtrace", backtrace)
            }
            None => mark,
        }
    }
}

/// The layer: writes the entry `request.failed`.
pub async fn note(State(state): State<AppState>, request: Request, next: Next) -> Response {
    let workspace = workspace(request.uri(), request.headers());
    let actor = Who::of(request.headers()).actor;
    let method = request.method().clone();
    let extensions = request.extensions();
    let route = extensions.get::<MatchedPath>().cloned();
    let id = extensions.get::<RequestId>().cloned();
    let response = next.run(request).await;
    let problem = response.extensions().get::<Problem>();
    let behind = id.as_ref().and_then(RequestId::cause).cloned();
    let Some(cause) = behind.or_else(|| problem.and_then(Problem::cause)) else {
        return response;
    };
    let mark = Mark::new(clock::now_text(), actor)
        .with("request", id.as_ref().map_or("", |it| &it.0))
        .with("method", method)
        .with("route", route.as_ref().map_or("", MatchedPath::as_str));
    let writing = write(state.server.store.clone(), workspace, cause.told(mark));
    let writing = tokio::spawn(writing.in_current_span());
    // Nobody asks how it ended: what could not be written was logged.
    let _ = timeout(WAIT, writing).await;
    response
}

/// On a full disk SQLite has room set aside for it; PostgreSQL may have none, and then the server's log has it alone.
async fn write(store: Store, workspace: WorkspaceId, mark: Mark) {
    let written = store
        .append(&workspace, None, "request.failed", &mark)
        .await;
    if let Err(error) = written {
        tracing::error!(
            error = &error as &dyn Error, details = ?mark.details,
            "a failed request has no entry"
        );
    }
}

/// The workspace that the address names, or that of the page from which a form was sent; the main one otherwise.
fn workspace(uri: &Uri, headers: &HeaderMap) -> WorkspaceId {
    let query: Option<Query<BTreeMap<String, String>>> = Query::try_from_uri(uri).ok();
    let said = query.and_then(|Query(mut it)| it.remove("workspace"));
    let page = headers.get(REFERER).and_then(|it| it.to_str().ok());
    let page: Option<Uri> = page.and_then(|it| it.parse().ok());
    let name = said
        .or_else(|| of_page(uri))
        .or_else(|| page.as_ref().and_then(of_page));
    let id = name.and_then(|it| WorkspaceId::try_from(it).ok());
    id.unwrap_or_else(WorkspaceId::main)
}

fn of_page(uri: &Uri) -> Option<String> {
    let path = uri.path().strip_prefix("/w/")?;
    path.split('/').next().map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        assets::Assets, contracts::Contracts, request, run::Runs, settings::Display, state::Server,
    };
    use axum::{
        Router,
        body::Body,
        http::StatusCode,
        middleware::{from_fn, from_fn_with_state},
        routing::post,
    };
    use futures::TryStreamExt;
    use std::path::Path;
    use tokio::sync::watch;
    use tower::ServiceExt;

    #[tokio::test]
    async fn a_request_that_panics_has_an_entry_with_its_place_and_not_its_words() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path()).await.unwrap();
        let state = AppState::new(Server {
            store: store.clone(),
            runs: Runs::new(store.clone(), Contracts::shipped(), 1, 1 << 20),
            assets: Assets::read(Path::new("no such folder")).unwrap(),
            display: Display::default(),
            closing: watch::channel(false).1,
        });
        async fn broken() -> StatusCode {
            panic!("a secret cell")
        }
        let router: Router = Router::new()
            .route("/broken/{id}", post(broken).get(StatusCode::NOT_FOUND))
            .layer(from_fn(request::catch))
            .layer(from_fn_with_state(state, note))
            .layer(from_fn(request::answer));
        let ask = |request: axum::http::request::Builder| {
            let request = request.header("x-tarazu-actor", "asha");
            router.clone().oneshot(request.body(Body::empty()).unwrap())
        };
        let asked = Request::get("/broken/7?workspace=dairy");
        assert_eq!(ask(asked).await.unwrap().status(), StatusCode::NOT_FOUND);
        let asked = Request::post("/broken/7?workspace=dairy");
        let answer = ask(asked).await.unwrap();
        assert_eq!(answer.status(), StatusCode::INTERNAL_SERVER_ERROR);

        let dairy = WorkspaceId::try_from("dairy".to_owned()).unwrap();
        let log: Vec<_> = store.log(&dairy).try_collect().await.unwrap();
        let [failed] = log.as_slice() else {
            panic!("{log:?}")
        };
        let entry = &failed.entry;
        assert_eq!((&*entry.event, &*entry.actor), ("request.failed", "asha"));
        let said = |name: &str| entry.details[name].as_str();
        assert_eq!(
            (said("method"), said("route"), said("kind")),
            ("POST", "/broken/{id}", "panic")
        );
        assert_eq!(said("request"), answer.headers()["x-request-id"]);
        assert!(said("place").contains("failure.rs"), "{entry:?}");
        assert!(said("backtrace").contains("failure"), "{entry:?}");
        assert!(!format!("{entry:?}").contains("secret"), "{entry:?}");
        assert_eq!(store.verify(&dairy, None).await.unwrap().fault, None);
    }

    #[test]
    fn the_workspace_is_that_of_the_address_or_of_the_page_before() {
        let check = |uri: &str, page: Option<&str>, expected: &str| {
            let page = page.map(|it| (REFERER, it.parse().unwrap()));
            let found = workspace(&uri.parse().unwrap(), &page.into_iter().collect());
            assert_eq!(found.as_str(), expected, "{uri}");
        };
        let page = Some("http://localhost:3000/w/dairy/exceptions?code=VAL06");
        check("/api/v1/runs", None, "main");
        check("/api/v1/runs?workspace=tea&kind=file", page, "tea");
        check("/w/tea/runs", page, "tea");
        check("/w/tea", None, "tea");
        check("/exceptions", page, "dairy");
        check(
            "/exceptions",
            Some("http://localhost:3000/exceptions"),
            "main",
        );
        check("/w/No%20Such/runs", None, "main");
    }
}

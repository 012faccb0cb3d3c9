//! A server of its own for each test, in a folder of its own.

use crate::places::open;
use axum::{
    Router,
    body::{Body, to_bytes},
    http::{HeaderMap, Request, StatusCode, header::CONTENT_TYPE},
};
use chrono::{DateTime, TimeDelta};
use engine::sample::{Planted, Sample};
use futures::TryStreamExt;
use model::audit::ChainedEntry;
use serde_json::Value;
use server::{
    assets::Assets,
    contracts::Contracts,
    router::router,
    run::Runs,
    settings::Display,
    shelf::Shelf,
    state::{AppState, Server},
};
use std::{
    path::{Path, PathBuf},
    sync::Arc,
};
use store::Store;
use tempfile::TempDir;
use tokio::sync::watch;
use tower::ServiceExt;

/// 2026-02-02, from which on no row of the fixtures is in the future.
pub(crate) const END: i32 = 20_486;

pub(crate) struct House {
    /// None where the folder belongs to someone else.
    _own: Option<TempDir>,
    folder: PathBuf,
    pub(crate) router: Router,
    pub(crate) store: Store,
    pub(crate) runs: Runs,
    pub(crate) server: Arc<Server>,
    pub(crate) close: watch::Sender<bool>,
}

pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
}

impl House {
    pub(crate) async fn new() -> Self {
        Self::with_limit(1 << 30).await
    }

    pub(crate) async fn with_limit(max_upload: u64) -> Self {
        let own = tempfile::tempdir().unwrap();
        let mut house = Self::at(own.path(), max_upload).await;
        house._own = Some(own);
        house
    }

    pub(crate) async fn at(folder: &Path, max_upload: u64) -> Self {
        Self::under(folder, max_upload, Contracts::shipped()).await
    }

    /// With contracts of its own.
    pub(crate) async fn under(folder: &Path, max_upload: u64, contracts: impl Into<Shelf>) -> Self {
        let house = Self::idle(folder, max_upload, contracts).await;
        house.runs.work();
        house
    }

    /// Takes files and does no runs.
    pub(crate) async fn idle(folder: &Path, max_upload: u64, contracts: impl Into<Shelf>) -> Self {
        let store = open(folder).await;
        let runs = Runs::new(store.clone(), contracts, 2, max_upload);
        let (close, closing) = watch::channel(false);
        let state = AppState::new(Server {
            store: store.clone(),
            runs: runs.clone(),
            assets: Assets::read(Path::new("no such folder")).unwrap(),
            display: Display::default(),
            closing,
        });
        Self {
            _own: None,
            folder: folder.to_owned(),
            server: Arc::clone(&state.server),
            router: router(state),
            store,
            runs,
            close,
        }
    }

    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    pub(crate) async fn send(&self, request: Request<Body>) -> Answer {
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        Answer {
            status: parts.status,
            headers: parts.headers,
            body: to_bytes(body, usize::MAX).await.unwrap().to_vec(),
        }
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.send(Request::get(path).body(Body::empty()).unwrap())
            .await
    }

    /// As a browser that follows a link.
    pub(crate) async fn page(&self, path: &str) -> Answer {
        let request = Request::get(path).header("accept", "text/html,*/*;q=0.8");
        self.send(request.body(Body::empty()).unwrap()).await
    }

    pub(crate) async fn post(&self, query: &str, body: impl Into<Body>) -> Answer {
        let request = Request::post(format!("/api/v1/runs?{query}"));
        self.send(request.body(body.into()).unwrap()).await
    }

    pub(crate) async fn post_form(&self, path: &str, form: &Form) -> Answer {
        let request = Request::post(path)
            .header(CONTENT_TYPE, "multipart/form-data; boundary=edge")
            .header("accept", "text/html");
        self.send(request.body(Body::from(form.body())).unwrap())
            .await
    }

    /// A form whose end does not come.
    pub(crate) async fn post_cut_form(&self, path: &str, form: &Form) -> Answer {
        let mut body = form.body();
        body.truncate(body.len() - 12);
        let request = Request::post(path)
            .header(CONTENT_TYPE, "multipart/form-data; boundary=edge")
            .header("accept", "text/html");
        self.send(request.body(Body::from(body)).unwrap()).await
    }

    /// Hands a file in, follows its run to its end, and gives the run.
    pub(crate) async fn run(&self, query: &str, body: impl Into<Body>) -> Value {
        let answer = self.post(query, body).await;
        assert_eq!(answer.status, StatusCode::ACCEPTED, "{}", answer.text());
        self.settled(&answer.json()).await
    }

    /// Follows a run, as POST gave it, to its end.
    pub(crate) async fn settled(&self, begun: &Value) -> Value {
        let id = begun["id"].as_str().unwrap();
        let workspace = begun["workspace"].as_str().unwrap();
        let query = format!("/api/v1/runs/{id}/events?workspace={workspace}");
        let events = self.get(&query).await;
        assert!(events.text().contains("event: end"), "{}", events.text());
        let run = self
            .get(&format!("/api/v1/runs/{id}?workspace={workspace}"))
            .await;
        assert_eq!(run.status, StatusCode::OK);
        run.json()
    }

    pub(crate) async fn runs(&self, workspace: &str) -> Vec<Value> {
        let answer = self
            .get(&format!("/api/v1/runs?workspace={workspace}"))
            .await;
        answer.json()["runs"].as_array().unwrap().clone()
    }

    /// A workspace's audit log, oldest first.
    pub(crate) async fn log(&self, workspace: &str) -> Vec<ChainedEntry> {
        let workspace = workspace.to_owned().try_into().unwrap();
        self.store.log(&workspace).try_collect().await.unwrap()
    }

    /// The events of a workspace's audit log, oldest first.
    pub(crate) async fn events(&self, workspace: &str) -> Vec<String> {
        let log = self.log(workspace).await.into_iter();
        log.map(|it| it.entry.event).collect()
    }

    /// The files in the raw store, staged ones included.
    pub(crate) fn raw_files(&self) -> usize {
        fn count(folder: &Path) -> usize {
            let Ok(entries) = std::fs::read_dir(folder) else {
                return 0;
            };
            entries
                .map(|it| it.unwrap())
                .map(|it| {
                    if it.path().is_dir() {
                        count(&it.path())
                    } else {
                        1
                    }
                })
                .sum()
        }
        count(&self.folder.join("raw"))
    }

    pub(crate) async fn verify(&self, workspace: &str) {
        let workspace = workspace.to_owned().try_into().unwrap();
        let report = self.store.verify(&workspace, None).await.unwrap();
        assert_eq!(report.fault, None);
        assert!(report.entries > 0);
    }
}

impl Answer {
    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|_| panic!("no JSON: {}", self.text()))
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |it| it.to_str().unwrap())
    }

    /// The answer is a problem document of this status and kind.
    pub(crate) fn problem(&self, status: u16, kind: &str) -> Value {
        assert_eq!(self.status.as_u16(), status, "{}", self.text());
        assert_eq!(self.header("content-type"), "application/problem+json");
        let problem = self.json();
        assert_eq!(problem["type"], format!("urn:tarazu:problem:{kind}"));
        assert_eq!(problem["status"], status);
        assert!(problem["request_id"].as_str().unwrap().starts_with("req_"));
        assert!(!problem["detail"].as_str().unwrap().is_empty());
        problem
    }
}

/// A multipart form.
#[derive(Default)]
pub(crate) struct Form(Vec<u8>);

impl Form {
    pub(crate) fn field(mut self, name: &str, value: &str) -> Self {
        let part =
            format!("--edge\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n");
        self.0.extend_from_slice(part.as_bytes());
        self
    }

    pub(crate) fn file(mut self, file_name: &str, bytes: &[u8]) -> Self {
        let head = format!(
            "--edge\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{file_name}\"\r\n\
             Content-Type: text/csv\r\n\r\n"
        );
        self.0.extend_from_slice(head.as_bytes());
        self.0.extend_from_slice(bytes);
        self.0.extend_from_slice(b"\r\n");
        self
    }

    pub(crate) fn body(&self) -> Vec<u8> {
        [self.0.as_slice(), b"--edge--\r\n"].concat()
    }
}

/// A generated file and what was planted in it.
pub(crate) fn sample(rows: u64, seed: u64) -> (Vec<u8>, Vec<Planted>) {
    let (mut bytes, mut planted) = (Vec::new(), Vec::new());
    let sample = Sample::new(rows, seed, END);
    sample.write(&mut |piece| bytes.extend_from_slice(piece), &mut |it| {
        planted.push(it)
    });
    (bytes, planted)
}

/// In Indian time.
pub(crate) fn day_of(rfc3339: &str) -> String {
    let time = DateTime::parse_from_rfc3339(rfc3339).unwrap().to_utc();
    let day = (time + TimeDelta::minutes(330)).date_naive();
    day.to_string()
}

/// A file of sound rows with these order ids.
pub(crate) fn orders(ids: impl IntoIterator<Item = u64>) -> String {
    let mut text = "order_id,order_date,region,product,quantity,revenue\n".to_owned();
    for id in ids {
        text.push_str(&format!("ORD-{id},2026-01-15,North,Milk 1L,2,240.50\n"));
    }
    text
}

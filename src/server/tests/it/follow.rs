//! Following a run while it goes on, and pages.

use crate::house::{House, sample};
use axum::http::StatusCode;
use server::contracts::Contracts;

#[tokio::test(flavor = "multi_thread")]
async fn the_stages_are_told_in_order_and_the_end_last() {
    let house = House::new().await;
    let (file, _) = sample(20_000, 5);
    let begun = house.post("filename=a.csv", file).await.json();
    let id = begun["id"].as_str().unwrap();
    let events = house.get(&format!("/api/v1/runs/{id}/events")).await;
    assert!(
        events
            .header("content-type")
            .starts_with("text/event-stream")
    );
    let text = events.text();
    let told: Vec<(&str, serde_json::Value)> = text
        .split("\n\n")
        .filter_map(|it| it.split_once("\ndata: "))
        .map(|(event, data)| (event, serde_json::from_str(data).unwrap()))
        .collect();
    let (last, before) = told.split_last().unwrap();
    assert_eq!(
        (last.0, &last.1["status"]),
        ("event: end", &"complete".into())
    );
    assert_eq!(last.1["stages"].as_array().unwrap().len(), 5);
    let mut length = 0;
    for (event, data) in before {
        assert_eq!(
            (*event, &data["status"]),
            ("event: stage", &"running".into())
        );
        let stages = data["stages"].as_array().unwrap().len();
        assert!(stages >= length);
        length = stages;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_are_whole_without_scripts() {
    let house = House::new().await;
    let (file, _) = sample(300, 5);
    let run = house.run("filename=april.csv", file).await;
    let id = run["id"].as_str().unwrap();
    for (path, says) in [
        ("/".to_owned(), "form"),
        ("/runs".to_owned(), "april.csv"),
        (format!("/runs/{id}"), "april.csv"),
        ("/sales".to_owned(), "<svg"),
        ("/audit".to_owned(), "run.completed"),
        ("/controls".to_owned(), "UNQ02"),
        ("/w/sample".to_owned(), "form"),
    ] {
        let page = house.page(&path).await;
        assert_eq!(page.status, StatusCode::OK, "{path}");
        assert!(page.text().contains(says), "{path}: {}", page.text());
        assert!(
            !page.text().contains("style=\""),
            "{path} has an inline style"
        );
        assert!(
            page.header("content-security-policy")
                .contains("script-src 'self' 'wasm-unsafe-eval' 'nonce-")
        );
    }
    let missing = house.page("/no/such/page").await;
    assert_eq!(missing.status, StatusCode::NOT_FOUND);
    assert!(missing.text().contains("<html"));
    let no_run = house
        .page("/runs/run_00000000000000000000000000000000")
        .await;
    assert_eq!(no_run.status, StatusCode::NOT_FOUND);
    let style = house.get("/style.css").await;
    assert_eq!(
        (style.status, style.header("cache-control")),
        (StatusCode::OK, "no-cache")
    );
    assert_eq!(house.get("/healthz").await.text(), "ok\n");
    assert_eq!(house.get("/readyz").await.text(), "ready\n");
}

#[tokio::test(flavor = "multi_thread")]
async fn live_events_end_when_the_server_stops() {
    let folder = tempfile::tempdir().unwrap();
    // A run that waits, and nobody does it.
    let house = House::idle(folder.path(), 1 << 20, Contracts::shipped()).await;
    let begun = crate::crash::begin(&house, "stuck.csv", b"order_id\n").await;
    house.close.send_replace(true);
    let events = house
        .get(&format!("/api/v1/runs/{begun}/events"))
        .await
        .text();
    assert!(
        events.contains("event: stage") && !events.contains("event: end"),
        "{events}"
    );
}

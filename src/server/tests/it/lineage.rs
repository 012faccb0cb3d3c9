//! Lineage on its way to a collector.

use crate::house::{House, orders};
use axum::{Router, extract::State, http::StatusCode, routing::post};
use serde_json::Value;
use server::lineage::send::Sender;
use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex},
    time::Duration,
};
use tokio::{net::TcpListener, sync::watch};

const WAIT: Duration = Duration::from_millis(5);

/// What it was told, and how often it still says that it cannot take anything.
#[derive(Default)]
struct Told {
    events: Vec<Value>,
    refusals: u32,
}

type Shared = Arc<(Mutex<Told>, watch::Sender<()>)>;

async fn take(State(shared): State<Shared>, body: String) -> StatusCode {
    let mut told = shared.0.lock().unwrap();
    if told.refusals > 0 {
        told.refusals -= 1;
        return StatusCode::SERVICE_UNAVAILABLE;
    }
    told.events.push(serde_json::from_str(&body).unwrap());
    drop(told);
    shared.1.send_replace(());
    StatusCode::CREATED
}

/// A collector that refuses so often at first, and its address.
async fn collector(refusals: u32) -> (Shared, reqwest::Url) {
    let told = Told {
        refusals,
        ..Told::default()
    };
    let shared: Shared = Arc::new((Mutex::new(told), watch::Sender::new(())));
    let router = Router::new().route("/api/v1/lineage", post(take));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let serving = axum::serve(listener, router.with_state(Arc::clone(&shared)));
    tokio::spawn(async move { serving.await });
    let url = format!("http://{address}/api/v1/lineage");
    (shared, url.parse().unwrap())
}

/// Waits until it has been told so many events, and gives each as its run and kind.
async fn events(shared: &Shared, count: usize) -> Vec<(String, String)> {
    let mut rung = shared.1.subscribe();
    let has = |_: &()| shared.0.lock().unwrap().events.len() >= count;
    rung.wait_for(has).await.unwrap();
    let told = shared.0.lock().unwrap();
    let named = |it: &Value, path: &str| it.pointer(path).unwrap().as_str().unwrap().to_owned();
    let each = told.events.iter();
    each.map(|it| {
        (
            format!("run_{}", named(it, "/run/runId").replace('-', "")),
            named(it, "/eventType"),
        )
    })
    .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_run_is_told_once_though_the_collector_was_away_and_the_server_stopped() {
    let folder = tempfile::tempdir().unwrap();
    let house = House::at(folder.path(), 1 << 30).await;
    let before = house.run("filename=a.csv", orders(1..=3)).await;
    // Nobody listens there; the run does not care.
    let nowhere = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/", nowhere.local_addr().unwrap());
    drop(nowhere);
    let sender = Sender::new(house.store.clone(), url.parse().unwrap(), WAIT).unwrap();
    let sending = tokio::spawn(sender.send(house.runs.bell(), house.close.subscribe()));
    let meanwhile = house.run("filename=b.csv", orders(4..=6)).await;
    house.close.send_replace(true);
    sending.await.unwrap();
    house.store.close().await;

    let (shared, url) = collector(3).await;
    let house = House::at(folder.path(), 1 << 30).await;
    let sender = Sender::new(house.store.clone(), url, WAIT).unwrap();
    let sending = tokio::spawn(sender.send(house.runs.bell(), house.close.subscribe()));
    events(&shared, 4).await;
    let later = house.run("filename=c.csv", orders(7..=9)).await;
    let told = events(&shared, 6).await;
    let all: BTreeSet<(String, String)> = told.iter().cloned().collect();
    assert_eq!(all.len(), told.len());
    for run in [before, meanwhile, later] {
        let id = run["id"].as_str().unwrap();
        for kind in ["START", "COMPLETE"] {
            assert!(
                all.contains(&(id.to_owned(), kind.to_owned())),
                "{id} {kind}"
            );
        }
    }
    house.close.send_replace(true);
    sending.await.unwrap();
    // What was taken is not told again.
    let left = house.store.lineage_unsent(0, 10).await.unwrap();
    assert_eq!(left, []);
    house.store.close().await;
}

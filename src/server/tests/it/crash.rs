//! Runs that a crash cut off.

use crate::{
    house::{House, orders},
    places::open,
};
use bytes::Bytes;
use model::{
    id::WorkspaceId,
    options::Choice,
    run::{Admission, RunKind, Way},
};
use serde_json::{Value, json};
use server::{clock, contracts::Contracts};
use store::{LocalFile, Mark, NewRun, Store};

/// Leaves a run as a process leaves it that ends right after the file is durable. Gives its id.
pub(crate) async fn begin(house: &House, name: &str, file: &[u8]) -> String {
    begin_in(&house.store, name, file).await
}

async fn begin_in(store: &Store, name: &str, file: &[u8]) -> String {
    let _file = put_in(store, file).await;
    let digest = blake3::hash(file).to_hex().to_string();
    let run = NewRun {
        id: clock::run_id(),
        workspace: WorkspaceId::main(),
        kind: RunKind::File,
        origin: None,
        file_name: name.to_owned(),
        file_bytes: file.len() as u64,
        media_type: "text/csv".to_owned(),
        file_digest: digest,
        file_sha256: "0".repeat(64),
        way: Way::Api,
        note: None,
        choice: Choice::default(),
        evaluated_at: "2026-02-02T00:00:00Z".to_owned(),
        clock_replaced: false,
        contract: engine::contract::sales().reference(),
        // As older versions left it.
        contract_text: None,
        browser_receipt: None,
        admission: Admission::Passing,
        replaces: None,
    };
    let mark = Mark::new(clock::now_text(), "anonymous");
    store.begin_run(&run, false, &mark).await.unwrap();
    run.id.to_string()
}

async fn put_in(store: &Store, file: &[u8]) -> LocalFile {
    let digest = blake3::hash(file).to_hex().to_string();
    let mut upload = store.raw().begin().await.unwrap();
    upload.write(Bytes::copy_from_slice(file)).await.unwrap();
    upload.finish(&WorkspaceId::main(), &digest).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_was_whole_when_the_server_ended_is_cleared_away_unless_a_run_has_it() {
    let folder = tempfile::tempdir().unwrap();
    let before = open(folder.path()).await;
    let (of_run, of_none) = (orders(1..=5), orders(6..=9));
    begin_in(&before, "a.csv", of_run.as_bytes()).await;
    for file in [&of_run, &of_none] {
        put_in(&before, file.as_bytes()).await.leave_note();
    }
    // Whoever is alive may still begin a run.
    let house = House::idle(folder.path(), 1 << 30, Contracts::shipped()).await;
    house.runs.refuse_left_behind().await.unwrap();
    let has = async |file: &str| {
        let digest = blake3::hash(file.as_bytes()).to_hex();
        let (main, raw) = (WorkspaceId::main(), house.store.raw());
        raw.has(&main, &digest).await.unwrap()
    };
    assert!(has(&of_run).await && has(&of_none).await);
    before.close().await;
    drop(before);
    for _ in 0..2 {
        house.runs.refuse_left_behind().await.unwrap();
        assert!(has(&of_run).await && !has(&of_none).await);
    }
    assert_eq!(house.raw_files(), 1);
    let log = house.log("main").await;
    let refused: Vec<&str> = log
        .iter()
        .filter(|it| it.entry.event == "upload.refused")
        .map(|it| &*it.entry.details["reason"])
        .collect();
    assert_eq!(refused, ["server-ended"]);
    house.verify("main").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_was_cut_off_is_finished_at_the_next_start() {
    let folder = tempfile::tempdir().unwrap();
    let before = open(folder.path()).await;
    let file = orders(1..=50);
    let id = begin_in(&before, "cut.csv", file.as_bytes()).await;
    let lost = begin_in(&before, "lost.csv", b"order_id\n").await;
    // It had begun to keep rows when it was cut.
    let run = id.clone().try_into().unwrap();
    for _ in 0..2 {
        before.claim(&[]).await.unwrap().unwrap();
    }
    let mark = Mark::new(clock::now_text(), "anonymous");
    let main = WorkspaceId::main();
    before
        .begin_stage(&main, &run, model::run::Stage::Validate, 0, &mark)
        .await
        .unwrap();
    before.close().await;
    drop(before);
    let digest = blake3::hash(b"order_id\n").to_hex().to_string();
    std::fs::remove_file(folder.path().join("raw/main").join(digest)).unwrap();

    let house = House::at(folder.path(), 1 << 20).await;
    let main = WorkspaceId::main();
    for id in [&id, &lost] {
        let id = id.clone().try_into().unwrap();
        house.runs.ended(&main, &id).await.unwrap();
    }
    let run = house.get(&format!("/api/v1/runs/{id}")).await.json();
    assert_eq!(
        (&run["status"], &run["verdict"]["rows"]["accepted"]),
        (&"complete".into(), &50.into())
    );
    let run = house.get(&format!("/api/v1/runs/{lost}")).await.json();
    assert_eq!(run["status"], "failed");
    assert!(
        run["reason"]
            .as_str()
            .unwrap()
            .contains("Hand the file in again")
    );
    let path = format!("/api/v1/runs/{lost}/openlineage.json");
    let told = house.get(&path).await.json();
    let kinds: Vec<&Value> = told
        .as_array()
        .unwrap()
        .iter()
        .map(|it| &it["eventType"])
        .collect();
    assert_eq!(kinds, ["START", "FAIL"]);
    let end = &told[1];
    assert_eq!(
        end["run"]["facets"]["errorMessage"]["message"],
        run["reason"]
    );
    assert_eq!(
        (&end["outputs"], &end["eventTime"]),
        (&json!([]), &run["ended_at"])
    );
    let events = house.events("main").await;
    for event in ["run.restarted", "run.completed", "run.failed"] {
        assert!(
            events.iter().any(|it| it == event),
            "{event} is not in {events:?}"
        );
    }
    let log = house.log("main").await;
    let failed = log
        .iter()
        .find(|it| it.entry.event == "run.failed")
        .unwrap();
    assert_eq!(&*failed.entry.details["kind"], "raw-file-gone");
    house.verify("main").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_goes_on_in_another_process_is_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let other = open(folder.path()).await;
    let id = begin_in(&other, "a.csv", orders(1..=2).as_bytes()).await;
    other.claim(&[]).await.unwrap().unwrap();
    let house = House::at(folder.path(), 1 << 20).await;
    // Runs are taken up in their order, so once a later one is done this one was passed over.
    house.run("filename=b.csv", orders(3..=4)).await;
    assert_eq!(
        house.get(&format!("/api/v1/runs/{id}")).await.json()["status"],
        "running"
    );
}

#[cfg(unix)]
#[test]
fn whoever_is_told_to_stop_closes_the_database_first() {
    let folder = tempfile::tempdir().unwrap();
    // What is written while nobody stops it lies beside the database until then.
    let beside = folder.path().join("tarazu.db-wal");
    for file in 1..=3 {
        let server = crate::serving::Serving::start(folder.path(), &[]);
        server.begin("a.csv", orders(file..=file + 20).as_bytes());
        server.settled();
        assert!(server.stop().success());
        assert!(!beside.exists(), "{file}");
    }
}

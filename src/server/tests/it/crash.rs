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
use server::clock;
use store::{Mark, NewRun, Store};

/// Leaves a run as a process leaves it that ends right after the file is durable. Gives its id.
pub(crate) async fn begin(house: &House, name: &str, file: &[u8]) -> String {
    begin_in(&house.store, name, file).await
}

async fn begin_in(store: &Store, name: &str, file: &[u8]) -> String {
    let workspace = WorkspaceId::main();
    let digest = blake3::hash(file).to_hex().to_string();
    let mut upload = store.raw().begin().await.unwrap();
    upload.write(Bytes::copy_from_slice(file)).await.unwrap();
    upload.finish(&workspace, &digest).await.unwrap();
    let run = NewRun {
        id: clock::run_id(),
        workspace,
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
    let events = house.events("main").await;
    for event in ["run.restarted", "run.completed", "run.failed"] {
        assert!(
            events.iter().any(|it| it == event),
            "{event} is not in {events:?}"
        );
    }
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

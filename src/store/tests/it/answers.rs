//! Keys of requests: who is first, how long they are kept, and what becomes of those that a dead process held.

use crate::places::open;
use model::id::WorkspaceId;
use store::{Claim, KeptAnswer, RequestKey, Store};

const NOW: &str = "2026-02-02T12:00:00.000Z";
const A_DAY_AGO: &str = "2026-02-01T12:00:00.000Z";

fn key(actor: &str) -> RequestKey {
    RequestKey {
        workspace: WorkspaceId::main(),
        actor: actor.to_owned(),
        key: "k".to_owned(),
    }
}

fn answer() -> KeptAnswer {
    KeptAnswer {
        request_digest: "d".to_owned(),
        status: 202,
        headers: vec![("location".to_owned(), "/there".to_owned())],
        body: b"{}".to_vec(),
    }
}

async fn claim(store: &Store, actor: &str) -> Claim {
    store.claim_key(&key(actor), NOW, A_DAY_AGO).await.unwrap()
}

#[tokio::test]
async fn of_two_the_first_gets_a_key_and_its_answer_is_kept_for_a_day() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path()).await;
    let both = tokio::join!(claim(&store, "a"), claim(&store, "a"));
    assert!(matches!(
        both,
        (Claim::New, Claim::GoingOn) | (Claim::GoingOn, Claim::New)
    ));
    assert_eq!(claim(&store, "b").await, Claim::New);
    store.keep_answer(&key("a"), &answer()).await.unwrap();
    assert_eq!(claim(&store, "a").await, Claim::Answered(answer()));
    assert!(store.keep_answer(&key("a"), &answer()).await.is_err());
    // What was answered is not given back.
    store.give_key_back(&key("a")).await.unwrap();
    assert_eq!(claim(&store, "a").await, Claim::Answered(answer()));
    store.give_key_back(&key("b")).await.unwrap();
    assert_eq!(claim(&store, "b").await, Claim::New);
    let tomorrow = "2026-02-03T12:00:00.001Z";
    let later = store
        .claim_key(&key("a"), tomorrow, "2026-02-02T12:00:00.001Z")
        .await;
    assert_eq!(later.unwrap(), Claim::New);
    store.close().await;
}

#[tokio::test]
async fn a_key_whose_process_is_gone_is_free_again() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path()).await;
    assert_eq!(claim(&store, "a").await, Claim::New);
    let neighbour = open(folder.path()).await;
    assert_eq!(claim(&neighbour, "a").await, Claim::GoingOn);
    store.close().await;
    drop(store);
    assert_eq!(claim(&neighbour, "a").await, Claim::New);
    neighbour.close().await;
}

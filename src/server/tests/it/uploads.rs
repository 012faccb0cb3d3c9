//! Uploads that can be resumed.

use crate::house::{Answer, House, orders, sample};
use axum::{
    body::Body,
    http::{Method, Request, StatusCode},
};
use base64::{Engine, engine::general_purpose::STANDARD};
use bytes::Bytes;
use chrono::TimeDelta;
use futures::{StreamExt, stream};
use server::{clock, piecemeal};
use std::io;
use store::{Mark, Whole};
use tokio::sync::mpsc;

impl House {
    async fn tus(&self, method: Method, at: &str, headers: &[(&str, &str)], body: Body) -> Answer {
        let mut request = Request::builder()
            .method(method)
            .uri(at)
            .header("tus-resumable", "1.0.0");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let answer = self.send(request.body(body).unwrap()).await;
        assert_eq!(answer.header("tus-resumable"), "1.0.0");
        answer
    }

    /// Announces a file and gives the address where it goes.
    pub(crate) async fn announce(&self, bytes: usize, metadata: &str) -> String {
        let bytes = bytes.to_string();
        let headers = [
            ("upload-length", bytes.as_str()),
            ("upload-metadata", metadata),
        ];
        let path = "/api/v1/uploads";
        let answer = self.tus(Method::POST, path, &headers, Body::empty()).await;
        assert_eq!(answer.status, StatusCode::CREATED, "{}", answer.text());
        assert!(answer.header("upload-expires").ends_with(" GMT"));
        answer.header("location").to_owned()
    }

    pub(crate) async fn add(&self, at: &str, offset: usize, body: impl Into<Body>) -> Answer {
        self.add_with(at, offset, &[], body).await
    }

    async fn add_with(
        &self,
        at: &str,
        offset: usize,
        more: &[(&str, &str)],
        body: impl Into<Body>,
    ) -> Answer {
        let offset = offset.to_string();
        let headers = [
            ("upload-offset", offset.as_str()),
            ("content-type", "application/offset+octet-stream"),
        ];
        let headers = [&headers, more].concat();
        self.tus(Method::PATCH, at, &headers, body.into()).await
    }

    /// How many bytes are here.
    pub(crate) async fn offset(&self, at: &str) -> usize {
        let answer = self.tus(Method::HEAD, at, &[], Body::empty()).await;
        assert_eq!(answer.status, StatusCode::OK);
        assert_eq!(answer.header("cache-control"), "no-store");
        answer.header("upload-offset").parse().unwrap()
    }

    /// The run that the answer to the last byte names, when it has ended.
    pub(crate) async fn became(&self, answer: &Answer) -> serde_json::Value {
        assert_eq!(answer.status, StatusCode::NO_CONTENT, "{}", answer.text());
        let run = self.get(answer.header("tarazu-run-location")).await.json();
        assert_eq!(run["id"], answer.header("tarazu-run"));
        self.settled(&run).await
    }
}

/// Some bytes, and then the connection is cut.
fn cut(bytes: &[u8]) -> Body {
    let chunks = [
        Ok(Bytes::copy_from_slice(bytes)),
        Err(io::Error::from(io::ErrorKind::ConnectionReset)),
    ];
    Body::from_stream(stream::iter(chunks))
}

/// `filename` is april.csv, `note` is "by tus".
const SAID: &str = "filename YXByaWwuY3N2,note YnkgdHVz";

#[tokio::test(flavor = "multi_thread")]
async fn what_arrived_before_a_cut_stays_and_the_rest_is_enough() {
    let house = House::new().await;
    let (file, _) = sample(2000, 7);
    let at = house.announce(file.len(), SAID).await;
    assert_eq!(house.offset(&at).await, 0);
    let half = file.len() / 2;
    house
        .add(&at, 0, cut(&file[..half]))
        .await
        .problem(400, "upload-cut");
    assert_eq!(house.offset(&at).await, half);

    let listed = house.get("/api/v1/uploads").await.json();
    let listed = &listed["uploads"][0];
    assert_eq!(
        (&listed["file_name"], &listed["state"], &listed["arrived"]),
        (&"april.csv".into(), &"coming-in".into(), &half.into())
    );
    assert!(house.runs("main").await.is_empty());

    let run = house
        .became(&house.add(&at, half, file[half..].to_vec()).await)
        .await;
    assert_eq!(run["status"], "complete");
    assert_eq!(
        (&run["file_name"], &run["note"]),
        (&"april.csv".into(), &"by tus".into())
    );
    assert_eq!(run["file_digest"], blake3::hash(&file).to_hex().as_str());
    let id = run["id"].as_str().unwrap();
    assert_eq!(
        house.get(&format!("/api/v1/runs/{id}/file")).await.body,
        file
    );

    // Whoever lost the answer asks again.
    assert_eq!(house.offset(&at).await, file.len());
    let told = house.get(&at).await.json();
    assert_eq!(
        (&told["state"], &told["run"]),
        (&"complete".into(), &run["id"])
    );
    let listed = house.get("/api/v1/uploads").await.json();
    assert_eq!(listed["uploads"], serde_json::json!([]));
    assert_eq!(house.raw_files(), 1);
    let events = house.events("main").await;
    assert_eq!(events[0], "upload.begun");
    assert!(
        events.iter().any(|it| it == "upload.completed"),
        "{events:?}"
    );
    house.verify("main").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn it_goes_on_after_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let file = orders(1..=5000);
    let half = file.len() / 3;
    let at = {
        let house = House::at(folder.path(), 1 << 30).await;
        let at = house.announce(file.len(), SAID).await;
        house.add(&at, 0, cut(&file.as_bytes()[..half])).await;
        house.store.close().await;
        at
    };
    let house = House::at(folder.path(), 1 << 30).await;
    assert_eq!(house.offset(&at).await, half);
    let run = house
        .became(&house.add(&at, half, file[half..].to_owned()).await)
        .await;
    assert_eq!(run["verdict"]["rows"]["accepted"], 5000);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_was_whole_when_the_process_ended_gets_its_run_at_the_next_start() {
    let house = House::new().await;
    // As a crash leaves them: before anything was looked at, and after the file went to its address.
    for (name, published) in [("YQ==", false), ("Yg==", true)] {
        let file = orders(if published { 1..=10 } else { 11..=20 });
        let at = house
            .announce(file.len(), &format!("filename {name}"))
            .await;
        let info = house.get(&at).await.json();
        let id = info["id"].as_str().unwrap();
        let mut staged = house.store.raw().take_over(id).await.unwrap();
        staged.append(file.as_bytes()).await.unwrap();
        staged.sync().await.unwrap();
        if published {
            let whole = Whole {
                blake3: blake3::hash(file.as_bytes()).to_hex().to_string(),
                sha256: "0".repeat(64),
                run: clock::run_id(),
            };
            let main = model::id::WorkspaceId::main();
            let id = id.to_owned().try_into().unwrap();
            house.store.keep_whole(&main, &id, &whole).await.unwrap();
            staged.finish(&main, &whole.blake3).await.unwrap();
        }
    }
    piecemeal::resume(&house.server).await.unwrap();
    piecemeal::resume(&house.server).await.unwrap();
    let runs = house.runs("main").await;
    assert_eq!(runs.len(), 2);
    for run in &runs {
        assert_eq!(house.settled(run).await["status"], "complete");
    }
    assert_eq!(house.raw_files(), 2);
    house.verify("main").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_wrong_offset_is_told_and_changes_nothing() {
    let house = House::new().await;
    let file = orders(1..=3);
    let at = house.announce(file.len(), SAID).await;
    house.add(&at, 0, cut(&file.as_bytes()[..10])).await;
    for offset in [0, 9, 11, file.len()] {
        let problem = house
            .add(&at, offset, "x")
            .await
            .problem(409, "wrong-offset");
        assert_eq!(problem["offset"], 10);
    }
    assert_eq!(house.offset(&at).await, 10);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_comes_later_goes_on_and_no_byte_is_mixed() {
    let house = House::new().await;
    let file = orders(1..=2000);
    let bytes = Bytes::from(file.clone());
    let at = house.announce(bytes.len(), SAID).await;
    let (send, receive) = mpsc::channel::<io::Result<Bytes>>(1);
    let body = stream::unfold(receive, |mut it| async { Some((it.recv().await?, it)) });
    // The first connection says a part and then nothing more, as one that was cut unnoticed.
    let first = house.add(&at, 0, Body::from_stream(body.boxed()));
    let later = async {
        send.send(Ok(bytes.slice(..1000))).await.unwrap();
        while house.get(&at).await.json()["arrived"] != 1000 {
            tokio::task::yield_now().await;
        }
        // Two at once at the same place: one of them has to give way.
        let (one, two) = tokio::join!(
            house.add(&at, 1000, bytes.slice(1000..).to_vec()),
            house.add(&at, 1000, bytes.slice(1000..).to_vec()),
        );
        [one, two]
    };
    let (first, later) = tokio::join!(first, later);
    first.problem(409, "sent-elsewhere");
    let (done, refused): (Vec<_>, Vec<_>) = later
        .iter()
        .partition(|it| it.status == StatusCode::NO_CONTENT);
    assert!(refused.iter().all(|it| it.status == StatusCode::CONFLICT));
    let arrived = house.offset(&at).await;
    let last = match done.first() {
        Some(done) => house.became(done).await,
        // Each took the file from the other before anything was written.
        None => {
            let rest = bytes.slice(arrived..).to_vec();
            house.became(&house.add(&at, arrived, rest).await).await
        }
    };
    assert_eq!(last["verdict"]["rows"]["accepted"], 2000);
    assert_eq!(house.runs("main").await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn more_than_is_taken_or_was_announced_is_refused() {
    let house = House::with_limit(1000).await;
    let headers = [("upload-length", "1001")];
    let answer = house
        .tus(Method::POST, "/api/v1/uploads", &headers, Body::empty())
        .await;
    assert_eq!(answer.problem(413, "too-large")["limit_bytes"], 1000);
    let abilities = house
        .tus(Method::OPTIONS, "/api/v1/uploads", &[], Body::empty())
        .await;
    assert_eq!(abilities.status, StatusCode::NO_CONTENT);
    assert_eq!(abilities.header("tus-max-size"), "1000");
    assert_eq!(abilities.header("tus-version"), "1.0.0");

    let at = house.announce(10, SAID).await;
    house.add(&at, 0, "abc").await;
    house
        .add(&at, 3, "defghijkl")
        .await
        .problem(413, "more-than-announced");
    assert_eq!(house.offset(&at).await, 3);
    assert!(house.runs("main").await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn after_a_day_it_is_removed_with_an_entry() {
    let house = House::new().await;
    let at = house.announce(100, SAID).await;
    house.add(&at, 0, "order_id").await;
    let done = orders(1..=3);
    let complete = house.announce(done.len(), SAID).await;
    house.became(&house.add(&complete, 0, done).await).await;

    let now = clock::now();
    let server = &house.server;
    piecemeal::expire(server, now + TimeDelta::hours(23))
        .await
        .unwrap();
    assert_eq!(house.offset(&at).await, 8);
    piecemeal::expire(server, now + TimeDelta::hours(25))
        .await
        .unwrap();
    for gone in [&at, &complete] {
        house.get(gone).await.problem(404, "not-found");
        house.add(gone, 8, "x").await.problem(404, "not-found");
    }
    // The raw file of the run is left.
    assert_eq!(house.raw_files(), 1);
    let events = house.events("main").await;
    let expired = events.iter().filter(|it| *it == "upload.expired");
    assert_eq!(expired.count(), 1, "{events:?}");
    house.verify("main").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn it_can_be_ended_and_is_gone_then() {
    let house = House::new().await;
    let at = house.announce(100, SAID).await;
    house.add(&at, 0, "order_id").await;
    let ended = house.tus(Method::DELETE, &at, &[], Body::empty()).await;
    assert_eq!(ended.status, StatusCode::NO_CONTENT);
    house.get(&at).await.problem(404, "not-found");
    let again = house.tus(Method::DELETE, &at, &[], Body::empty()).await;
    again.problem(404, "not-found");
    assert_eq!(house.raw_files(), 0);
    assert_eq!(
        house.events("main").await,
        ["upload.begun", "upload.cancelled"]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn bytes_that_were_judged_already_become_their_earlier_run() {
    let house = House::new().await;
    let file = orders(1..=10);
    let first = house.run("filename=a.csv", file.clone()).await;
    let at = house.announce(file.len(), SAID).await;
    let answer = house.add(&at, 0, file.clone()).await;
    assert_eq!(answer.header("tarazu-run"), first["id"]);
    let at = house
        .announce(file.len(), &format!("{SAID},again dHJ1ZQ=="))
        .await;
    let anew = house.became(&house.add(&at, 0, file).await).await;
    assert_ne!(anew["id"], first["id"]);
    assert_eq!(house.raw_files(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_upload_is_of_one_workspace() {
    let house = House::new().await;
    // `workspace` is team-b.
    let at = house.announce(3, "workspace dGVhbS1i").await;
    assert!(at.ends_with("?workspace=team-b"), "{at}");
    let (elsewhere, _) = at.split_once('?').unwrap();
    house.get(elsewhere).await.problem(404, "not-found");
    house
        .add(elsewhere, 0, "a,b")
        .await
        .problem(404, "not-found");
    assert_eq!(house.offset(&at).await, 0);
    assert_eq!(
        house.became(&house.add(&at, 0, "a,b").await).await["workspace"],
        "team-b"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_makes_no_sense_is_told() {
    let house = House::new().await;
    let path = "/api/v1/uploads";
    let none = Body::empty;
    house
        .tus(Method::POST, path, &[], none())
        .await
        .problem(400, "invalid-request");
    for said in [
        "evaluated_at eWVzdGVyZGF5",
        "colour cmVk",
        "contract bm9uZQ==",
        "note ?",
    ] {
        let headers = [("upload-length", "1"), ("upload-metadata", said)];
        let answer = house.tus(Method::POST, path, &headers, none()).await;
        answer.problem(400, "invalid-request");
    }
    let other = Request::post(path)
        .header("tus-resumable", "0.2.2")
        .body(none())
        .unwrap();
    house.send(other).await.problem(412, "tus-version");
    let at = house.announce(1, SAID).await;
    let headers = [("upload-offset", "0"), ("content-type", "text/csv")];
    let answer = house
        .tus(Method::PATCH, &at, &headers, Body::from("x"))
        .await;
    answer.problem(415, "not-an-offset-stream");
    assert_eq!(house.offset(&at).await, 0);
    // A file without bytes is one.
    let at = house.announce(0, SAID).await;
    let run = house.became(&house.add(&at, 0, "").await).await;
    assert_eq!(run["status"], "held");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_its_run_needs_may_be_gone_by_then() {
    let house = House::new().await;
    let file = orders(1..=3);
    let at = house.announce(file.len(), SAID).await;
    let id = house.get(&at).await.json()["id"]
        .as_str()
        .unwrap()
        .to_owned();
    let main = model::id::WorkspaceId::main();
    let id = id.try_into().unwrap();
    let state = house.store.piecemeal(&main, &id).await.unwrap().unwrap();
    // The contract was another server's.
    let mut file_of_other = state.file;
    file_of_other.id = clock::upload_id();
    file_of_other.said = file_of_other
        .said
        .replace("\"contract\":null", "\"contract\":\"none\"");
    let mark = Mark::new(clock::now_text(), "anonymous");
    house
        .store
        .begin_piecemeal(&file_of_other, &mark)
        .await
        .unwrap();
    let at = format!("/api/v1/uploads/{}", file_of_other.id);
    house
        .add(&at, 0, file.clone())
        .await
        .problem(400, "invalid-request");
    let told = house.get(&at).await.json();
    assert_eq!(
        (&told["arrived"], &told["state"]),
        (&file.len().into(), &"coming-in".into())
    );
    assert!(house.runs("main").await.is_empty());
}

fn checksum(algorithm: &str, bytes: &[u8]) -> String {
    use sha2::Digest;
    let digest = match algorithm {
        "sha1" => sha1::Sha1::digest(bytes).to_vec(),
        _ => sha2::Sha256::digest(bytes).to_vec(),
    };
    format!("{algorithm} {}", STANDARD.encode(digest))
}

#[tokio::test(flavor = "multi_thread")]
async fn what_has_a_checksum_is_kept_whole_or_not_at_all() {
    let house = House::new().await;
    let options = house
        .tus(Method::OPTIONS, "/api/v1/uploads", &[], Body::empty())
        .await;
    assert_eq!(options.header("tus-checksum-algorithm"), "sha1,sha256");
    assert!(options.header("tus-extension").contains("checksum"));

    let file = orders(1..=40).into_bytes();
    let at = house.announce(file.len(), "").await;
    let (first, rest) = file.split_at(100);
    for wrong in ["sha1", "md5 kAFQmDzST7DWlj99KOF/cg==", "sha256 YWJj"] {
        let answer = house
            .add_with(&at, 0, &[("upload-checksum", wrong)], first.to_vec())
            .await;
        answer.problem(400, "invalid-request");
    }
    for algorithm in ["sha1", "sha256"] {
        let said = checksum(algorithm, first);
        let other = house
            .add_with(&at, 0, &[("upload-checksum", &said)], rest.to_vec())
            .await;
        other.problem(460, "wrong-checksum");
        assert_eq!(house.offset(&at).await, 0);
    }
    let said = checksum("sha1", first);
    let added = house
        .add_with(&at, 0, &[("upload-checksum", &said)], first.to_vec())
        .await;
    assert_eq!(added.status, StatusCode::NO_CONTENT, "{}", added.text());
    assert_eq!(house.offset(&at).await, 100);

    // What is wrong behind it leaves it as it was, and so does a cut in the middle.
    let wrong = checksum("sha256", first);
    let answer = house
        .add_with(&at, 100, &[("upload-checksum", &wrong)], rest.to_vec())
        .await;
    answer.problem(460, "wrong-checksum");
    assert_eq!(house.offset(&at).await, 100);
    let said = checksum("sha256", rest);
    let half = Bytes::copy_from_slice(&rest[..50]);
    let cut = stream::iter([Ok(half), Err(io::Error::other("cut"))]);
    let answer = house
        .add_with(
            &at,
            100,
            &[("upload-checksum", &said)],
            Body::from_stream(cut),
        )
        .await;
    answer.problem(400, "upload-cut");
    assert_eq!(house.offset(&at).await, 100);

    let added = house
        .add_with(&at, 100, &[("upload-checksum", &said)], rest.to_vec())
        .await;
    let run = house.became(&added).await;
    assert_eq!(run["rows_accepted"], 40);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_whose_run_cannot_begin_is_kept_for_its_upload_and_goes_with_it() {
    let house = House::new().await;
    let first = house.run("filename=a.csv", orders(1..=3)).await;
    let replaces = first["id"].as_str().unwrap();
    let file = orders(4..=9);
    let said = format!("replaces {}", STANDARD.encode(replaces));
    let at = house.announce(file.len(), &said).await;
    let (most, last) = file.split_at(file.len() - 1);
    house.add(&at, 0, most.to_owned()).await;
    // Meanwhile that run is withdrawn.
    let withdrawal = Request::post(format!("/api/v1/runs/{replaces}/withdrawal"))
        .header("content-type", "application/json")
        .body(Body::from("{\"reason\": \"twice\"}"));
    assert_eq!(house.send(withdrawal.unwrap()).await.status, StatusCode::OK);
    house
        .add(&at, most.len(), last.to_owned())
        .await
        .problem(409, "not-replaceable");
    assert_eq!(house.raw_files(), 2);
    house.tus(Method::HEAD, &at, &[], Body::empty()).await;
    let ended = house.tus(Method::DELETE, &at, &[], Body::empty()).await;
    assert_eq!(ended.status, StatusCode::NO_CONTENT);
    assert_eq!(house.raw_files(), 1);
    let events = house.events("main").await;
    assert!(
        events.ends_with(&["upload.cancelled".to_owned(), "upload.refused".to_owned()]),
        "{events:?}"
    );
    house.verify("main").await;
}

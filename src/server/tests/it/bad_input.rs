//! Files that are no sales files, and uploads that do not arrive.

use crate::{
    house::{Form, House, orders},
    proof::verify,
};
use axum::{body::Body, http::Request};
use serde_json::json;
use std::net::SocketAddr;
use tokio::{
    io::AsyncWriteExt,
    net::{TcpListener, TcpStream},
};

/// Hands `file` in: it is held by `reason`, its text says `says`, and nothing of it is lost or loaded.
async fn held(file: &[u8], reason: &str, says: &str) {
    let house = House::new().await;
    let run = house.run("filename=bad.csv", file.to_vec()).await;
    assert_eq!(run["status"], "held", "{run}");
    let verdict = &run["verdict"];
    assert_eq!(verdict["held"]["reason"], reason, "{verdict}");
    assert_eq!(verdict["money"], serde_json::Value::Null);
    assert!(
        verdict["thresholds"]
            .as_array()
            .unwrap()
            .iter()
            .all(|it| it["met"] == false)
    );
    let text = run["reason"].as_str().unwrap();
    assert!(
        text.contains(says) && text.contains("hand it in again"),
        "{text}"
    );
    assert!(house.events("main").await.contains(&"run.held".to_owned()));
    let id = run["id"].as_str().unwrap();
    assert_eq!(
        house.get(&format!("/api/v1/runs/{id}/file")).await.body,
        file
    );
    house.verify("main").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_empty_file_is_held() {
    held(b"", "not-a-table", "").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_picture_is_held() {
    let picture =
        b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01\x08\x06\0\0\0\x1f\x15\xc4\x89";
    held(picture, "not-a-table", "").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_missing_column_is_held_and_named() {
    let file = "order_id,order_date,product,quantity,revenue\n1,2026-01-01,Milk 1L,1,10.00\n";
    held(file.as_bytes(), "missing-column", "egion").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_repeated_column_is_held_and_named() {
    let file = "order_id,order_date,region,product,quantity,revenue,revenue\n1,2026-01-01,North,Milk 1L,1,1,1\n";
    held(file.as_bytes(), "repeated-column-name", "evenue").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_total_that_does_not_hold_holds_a_file_with_exceptions_too() {
    let house = House::new().await;
    let file = orders(1..=3).replacen("North", "Nort!", 1);
    let totals = "filename=a.csv&choice=%7B%22totals%22%3A%7B%22rows%22%3A5%7D%7D";
    let run = house.run(totals, file.clone()).await;
    assert_eq!(run["status"], "held", "{run}");
    let reason = run["reason"].as_str().unwrap();
    assert!(
        reason.contains("5 rows were announced, the file has 3"),
        "{reason}"
    );
    let held = &run["verdict"]["held"];
    assert_eq!(held["reason"], "control-total-mismatch", "{held}");
    let id = run["id"].as_str().unwrap();
    let path = format!("/api/v1/exceptions?run={id}");
    assert_eq!(house.get(&path).await.json()["exceptions"], json!([]));
    let replay = Request::post(format!("/api/v1/runs/{id}/replay-check"));
    let replay = house.send(replay.body(Body::empty()).unwrap()).await.json();
    assert_eq!(replay["outcome"], "agrees", "{replay}");
    let evidence = house.get(&format!("/api/v1/runs/{id}/evidence.zip")).await;
    let folder = tempfile::tempdir().unwrap();
    let ended = verify(folder.path(), &evidence.body);
    assert_eq!(ended.code, 0, "{}", ended.all());
    // With the right total its rows are judged, and the others loaded.
    let right = totals.replace("%3A5", "%3A3");
    let run = house.run(&right, file).await;
    assert_eq!(
        (&run["status"], &run["verdict"]["rows"]["exceptions"]),
        (&"complete".into(), &1.into()),
        "{run}"
    );
    house.verify("main").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_header_alone_is_complete_with_no_rows_and_meets_no_threshold() {
    let house = House::new().await;
    let run = house.run("filename=header.csv", orders(0..0)).await;
    assert_eq!(run["status"], "complete");
    let verdict = &run["verdict"];
    assert_eq!(verdict["rows"]["read"], 0);
    assert_eq!(verdict["quality_score"], serde_json::Value::Null);
    assert!(
        verdict["thresholds"]
            .as_array()
            .unwrap()
            .iter()
            .all(|it| it["met"] == false)
    );
    house.verify("main").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_of_which_most_fail_are_held_with_a_full_verdict_and_no_ledger_row() {
    let house = House::new().await;
    let file = orders(1..=4).replace("North", "Atlantis");
    let run = house.run("filename=a.csv", file).await;
    assert_eq!(
        (&run["status"], &run["verdict"]["held"]["reason"]),
        (&"held".into(), &"exception-rate".into())
    );
    assert_eq!(run["verdict"]["rows"]["exceptions"], 4);
    let id = run["id"].as_str().unwrap();
    let findings = house
        .get(&format!("/api/v1/runs/{id}/findings"))
        .await
        .json();
    assert_eq!(findings["total"], 4);
    // Nothing of it holds a key.
    let next = house.run("filename=b.csv", orders(1..=4)).await;
    assert_eq!(
        (&next["status"], &next["found_by_server"]),
        (&"complete".into(), &0.into())
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_over_the_limit_is_refused_with_limit_and_setting() {
    let house = House::with_limit(1000).await;
    let file = orders(1..=100);
    let announced = Request::post("/api/v1/runs?filename=big.csv")
        .header("content-length", file.len())
        .body(Body::from(file.clone()))
        .unwrap();
    let problem = house.send(announced).await.problem(413, "too-large");
    assert_eq!(
        (&problem["limit_bytes"], &problem["setting"]),
        (&1000.into(), &"TARAZU_MAX_UPLOAD".into())
    );
    // And where no length is announced, while it streams.
    let pieces = file
        .into_bytes()
        .chunks(100)
        .map(|it| Ok::<_, std::io::Error>(it.to_vec()))
        .collect::<Vec<_>>();
    let streamed = Body::from_stream(futures::stream::iter(pieces));
    house
        .post("filename=big.csv", streamed)
        .await
        .problem(413, "too-large");
    assert_eq!(
        house.events("main").await,
        ["upload.refused", "upload.refused"]
    );
    assert!(house.runs("main").await.is_empty());
    assert_eq!(house.raw_files(), 0);
    assert_eq!(
        house.run("filename=small.csv", orders(1..=2)).await["status"],
        "complete"
    );
    house.verify("main").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_cut_in_the_middle_keeps_nothing_and_has_an_entry() {
    let house = House::new().await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address: SocketAddr = listener.local_addr().unwrap();
    let service = house.router.clone().into_make_service();
    let serving = tokio::spawn(async move { axum::serve(listener, service).await });
    let heads = [
        "Content-Length: 100000",
        "Transfer-Encoding: chunked",
        "Content-Length: 100000\r\nContent-Type: multipart/form-data; boundary=edge",
    ];
    for (count, head) in heads.into_iter().enumerate() {
        let mut socket = TcpStream::connect(address).await.unwrap();
        let part = if head.contains("multipart") {
            "--edge\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.csv\"\r\n\r\norder_id\n1\n"
        } else if head.contains("chunked") {
            "5\r\na,b\n1\r\n5\r\n,2"
        } else {
            "a,b\n1,2\n"
        };
        let request = format!(
            "POST /api/v1/runs?filename=a.csv HTTP/1.1\r\nHost: localhost\r\n{head}\r\n\r\n{part}"
        );
        socket.write_all(request.as_bytes()).await.unwrap();
        socket.shutdown().await.unwrap();
        drop(socket);
        while house.events("main").await.len() <= count {
            tokio::task::yield_now().await;
        }
    }
    assert_eq!(house.events("main").await, ["upload.cut"; 3]);
    assert!(house.runs("main").await.is_empty());
    assert_eq!(house.raw_files(), 0);
    house.verify("main").await;
    serving.abort();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_is_refused_when_all_of_it_came_is_removed_unless_a_run_has_it() {
    let house = House::new().await;
    let file = orders(1..=5);
    let send = async |form: Form| {
        let request = Request::post("/api/v1/runs")
            .header("content-type", "multipart/form-data; boundary=edge")
            .body(Body::from(form.body()));
        house.send(request.unwrap()).await
    };
    let nobody = format!("run_{}", "0".repeat(32));
    let form = || Form::default().file("a.csv", file.as_bytes());
    send(form().field("colour", "red"))
        .await
        .problem(400, "invalid-request");
    send(form().field("receipt", "{}"))
        .await
        .problem(400, "invalid-request");
    send(form().field("replaces", &nobody))
        .await
        .problem(409, "not-replaceable");
    assert_eq!(house.raw_files(), 0);
    let log = house.log("main").await;
    let told: Vec<(&str, &str)> = log
        .iter()
        .map(|it| (&*it.entry.event, &*it.entry.details["reason"]))
        .collect();
    assert_eq!(
        told,
        [
            ("upload.refused", "invalid-request"),
            ("upload.refused", "invalid-request"),
            ("upload.refused", "not-replaceable"),
        ]
    );

    // What a run has stays, whoever is refused with the same bytes.
    let run = house.run("filename=a.csv", file.clone()).await;
    send(form().field("colour", "red"))
        .await
        .problem(400, "invalid-request");
    send(form().field("replaces", &nobody))
        .await
        .problem(409, "not-replaceable");
    let id = run["id"].as_str().unwrap();
    assert_eq!(
        house.get(&format!("/api/v1/runs/{id}/file")).await.text(),
        file
    );
    house.verify("main").await;
}

//! Keys in the ledger, and workspaces that do not see one another.

use crate::house::{House, orders};
use axum::{body::Body, http::Request};

#[tokio::test(flavor = "multi_thread")]
async fn no_key_enters_the_ledger_twice_from_two_files() {
    let house = House::new().await;
    let first = house.run("filename=january.csv", orders(1..=10)).await;
    assert_eq!(first["found_by_server"], 0);
    let second = house.run("filename=february.csv", orders(8..=20)).await;
    assert_eq!(
        (&second["status"], &second["found_by_server"]),
        (&"complete".into(), &3.into())
    );
    let verdict = &second["verdict"];
    assert_eq!(verdict["rows"]["accepted"], 10);
    assert_eq!(verdict["rows"]["exceptions"], 3);
    assert_eq!(verdict["money"]["exceptions"], "721.50");
    // The receipt is of file scope: the browser could say the same.
    assert_eq!(verdict["receipt"]["counts"]["accepted"], 13);
    let control = verdict["controls"]
        .as_array()
        .unwrap()
        .iter()
        .find(|it| it["code"] == "UNQ02")
        .unwrap();
    assert_eq!(
        (
            &control["status"],
            &control["evaluated"],
            &control["failed"]
        ),
        (&"failed".into(), &13.into(), &3.into())
    );

    let id = second["id"].as_str().unwrap();
    let found = house
        .get(&format!("/api/v1/runs/{id}/findings?code=UNQ02"))
        .await
        .json();
    assert_eq!(found["total"], 3);
    let finding = &found["rows"][0]["findings"][0];
    let text = finding["text"].as_str().unwrap();
    let holder = first["id"].as_str().unwrap();
    assert!(
        text.contains("january.csv") && text.contains("line 9") && text.contains(holder),
        "{text}"
    );
    assert_eq!(
        (&finding["column_name"], &finding["stage"]),
        (&"order_id".into(), &"load".into())
    );
    let accepted = house
        .get(&format!("/api/v1/runs/{id}/accepted.csv"))
        .await
        .text();
    assert_eq!(accepted.lines().count(), 11);
    assert!(!accepted.contains("ORD-8,") && accepted.contains("ORD-11,"));
    // What the ledger held then is not asked again.
    let replay = Request::post(format!("/api/v1/runs/{id}/replay-check"));
    let replay = house.send(replay.body(Body::empty()).unwrap()).await.json();
    let mut checks = replay["checks"].as_array().unwrap().iter();
    let of_server = checks.find(|it| it["name"] == "server-controls");
    assert_eq!(
        (&replay["outcome"], &of_server.unwrap()["outcome"]),
        (&"agrees".into(), &"not_run".into())
    );
    house.verify("main").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_is_to_enter_whole_or_not_at_all_is_held_for_a_key_of_the_ledger() {
    let house = House::new().await;
    house.run("filename=january.csv", orders(1..=10)).await;
    let query = "filename=february.csv&admission=all-or-none";
    let run = house.run(query, orders(10..=20)).await;
    assert_eq!(run["status"], "held", "{run}");
    let why = run["reason"].as_str().unwrap();
    assert!(
        why.contains("a key that a row of the ledger holds"),
        "{why}"
    );
    let sales = house.get("/api/v1/sales").await.json();
    assert_eq!(sales["total"]["rows"], 10);
    // What was tried is told, and nothing of it is left.
    let events = house.events("main").await;
    assert_eq!(events.iter().filter(|it| *it == "run.restarted").count(), 1);
    assert_eq!(events.last().unwrap(), "run.held");
    let coverage = house.get("/api/v1/audit/coverage").await.json();
    assert_eq!(coverage["missing"], serde_json::json!([]));

    let id = run["id"].as_str().unwrap();
    let body = r#"{"reason":"the others at least"}"#;
    let release = Request::post(format!("/api/v1/runs/{id}/release"));
    let released = house.send(release.body(Body::from(body)).unwrap()).await;
    let released = house.settled(&released.json()).await;
    assert_eq!(
        (&released["status"], &released["found_by_server"]),
        (&"complete".into(), &1.into())
    );
    // Without such a key it is loaded at once.
    let query = "filename=march.csv&admission=all-or-none";
    let whole = house.run(query, orders(30..=40)).await;
    assert_eq!(whole["status"], "complete");
    house.verify("main").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_workspaces_never_cross() {
    let house = House::new().await;
    let file = orders(1..=5);
    let ours = house
        .run("filename=a.csv&workspace=ours", file.clone())
        .await;
    let theirs = house.run("filename=a.csv&workspace=theirs", file).await;
    assert_ne!(ours["id"], theirs["id"]);
    assert_eq!(theirs["found_by_server"], 0);
    let id = ours["id"].as_str().unwrap();
    for what in [
        "",
        "/findings",
        "/events",
        "/exceptions.csv",
        "/accepted.csv",
        "/summary.json",
        "/summary.csv",
        "/file",
    ] {
        for workspace in ["theirs", "main"] {
            let answer = house
                .get(&format!("/api/v1/runs/{id}{what}?workspace={workspace}"))
                .await;
            answer.problem(404, "not-found");
        }
    }
    let digest = ours["file_digest"].as_str().unwrap();
    house
        .get(&format!("/api/v1/digests/{digest}?workspace=main"))
        .await
        .problem(404, "not-found");
    assert_eq!(house.runs("ours").await.len(), 1);
    assert!(house.runs("main").await.is_empty());
    house.verify("ours").await;
    house.verify("theirs").await;
}

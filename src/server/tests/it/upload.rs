//! Handing files in.

use crate::house::{Form, House, orders, sample};
use axum::http::StatusCode;

#[tokio::test(flavor = "multi_thread")]
async fn a_raw_body_becomes_a_run_with_a_whole_verdict() {
    let house = House::new().await;
    let (file, planted) = sample(5000, 7);
    let answer = house
        .post("filename=april.csv&note=from%20the%20till", file.clone())
        .await;
    assert_eq!(answer.status, StatusCode::ACCEPTED);
    let begun = answer.json();
    assert_eq!(begun["verdict"], serde_json::Value::Null);
    let address = format!(
        "/api/v1/runs/{}?workspace=main",
        begun["id"].as_str().unwrap()
    );
    assert_eq!(answer.header("location"), address);

    let run = house.settled(&begun).await;
    assert_eq!(run["status"], "complete");
    assert_eq!(run["file_name"], "april.csv");
    assert_eq!(run["note"], "from the till");
    assert_eq!(run["way"], "api");
    assert_eq!(run["file_digest"], blake3::hash(&file).to_hex().as_str());
    let verdict = &run["verdict"];
    let rows = |name: &str| verdict["rows"][name].as_u64().unwrap();
    assert_eq!(rows("read"), 5000);
    assert_eq!(rows("read"), rows("accepted") + rows("exceptions"));
    let failing: std::collections::BTreeSet<u64> = planted.iter().map(|it| it.line).collect();
    assert_eq!(rows("exceptions"), failing.len() as u64);
    let key_control = verdict["controls"].as_array().unwrap().iter();
    let key_control = key_control
        .clone()
        .find(|it| it["code"] == "UNQ02")
        .unwrap();
    assert_eq!(key_control["status"], "passed");
    assert_eq!(key_control["evaluated"], rows("accepted"));
    let stages: Vec<&str> = run["stages"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| it["stage"].as_str().unwrap())
        .collect();
    assert_eq!(
        stages,
        ["validate", "isolate", "transform", "load", "summarise"]
    );
    assert!(
        run["stages"]
            .as_array()
            .unwrap()
            .iter()
            .all(|it| it["ended_at"].is_string())
    );
    house.verify("main").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_file_again_is_the_earlier_run_unless_asked_otherwise() {
    let house = House::new().await;
    let file = orders(1..=10);
    let first = house.run("filename=a.csv", file.clone()).await;
    let digest = first["file_digest"].as_str().unwrap();
    let known = house.get(&format!("/api/v1/digests/{digest}")).await;
    assert_eq!(
        (known.status, &known.json()["id"]),
        (StatusCode::OK, &first["id"])
    );
    house
        .get(&format!("/api/v1/digests/{digest}?contract=other"))
        .await
        .problem(404, "not-found");

    let second = house.post("filename=b.csv", file.clone()).await;
    assert_eq!(second.status, StatusCode::OK);
    assert_eq!(second.json()["id"], first["id"]);
    assert!(second.json()["verdict"].is_object());

    let again = house.run("filename=b.csv&again=true", file).await;
    assert_ne!(again["id"], first["id"]);
    // Every key is in the ledger already, from the same file.
    assert_eq!(again["found_by_server"], 10);
    assert_eq!(house.runs("main").await.len(), 2);
    house.verify("main").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_form_says_what_it_has_to_say_before_the_file_or_behind_it() {
    let house = House::new().await;
    let file = orders(1..=3);
    let first = house
        .run("filename=a.csv&workspace=other", file.clone())
        .await;
    let receipt = first["verdict"]["receipt"].to_string();
    let form = Form::default()
        .field("workspace", "team-b")
        .field("receipt", &receipt)
        .field("evaluated_at", "2020-01-01T00:00:00Z")
        .file("../sales/a.csv", file.as_bytes())
        .field("note", "by hand");
    let answer = house.post_form("/api/v1/runs", &form).await;
    assert_eq!(answer.status, StatusCode::ACCEPTED, "{}", answer.text());
    let run = house.settled(&answer.json()).await;
    assert_eq!(
        (&run["workspace"], &run["file_name"]),
        (&"team-b".into(), &"a.csv".into())
    );
    assert_eq!(run["note"], "by hand");
    assert_eq!(run["way"], "browser");
    // Too long ago to be believed.
    assert_eq!(run["clock_replaced"], true);
    let digest = &run["verdict"]["receipt"]["digest"];
    assert_eq!(&run["browser_receipt"]["digest"], digest);
    house.verify("team-b").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_plain_form_leads_to_the_run_or_says_what_to_do() {
    let house = House::new().await;
    let file = orders(1..=3);
    let form = Form::default()
        .field("workspace", "sample")
        .file("a.csv", file.as_bytes());
    let answer = house.post_form("/check", &form).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER);
    let id = house.runs("sample").await[0]["id"]
        .as_str()
        .unwrap()
        .to_owned();
    assert_eq!(answer.header("location"), format!("/w/sample/runs/{id}"));

    let none = house
        .post_form("/check", &Form::default().file("", b""))
        .await;
    assert_eq!(none.status, StatusCode::BAD_REQUEST);
    assert!(none.header("content-type").starts_with("text/html"));
    assert!(
        none.text().contains("No file was chosen"),
        "{}",
        none.text()
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_makes_no_sense_is_said_plainly_and_keeps_nothing() {
    let house = House::new().await;
    for query in [
        "evaluated_at=yesterday",
        "workspace=No%20Such",
        "again=maybe",
    ] {
        house
            .post(query, "a,b\n1,2\n")
            .await
            .problem(400, "invalid-request");
    }
    let form = Form::default().field("receipt", "{}").file("a.csv", b"a");
    let answer = house.post_form("/api/v1/runs", &form).await;
    assert_eq!(answer.status, StatusCode::BAD_REQUEST);
    let form = Form::default().field("note", "no file");
    assert_eq!(
        house.post_form("/api/v1/runs", &form).await.status,
        StatusCode::BAD_REQUEST
    );
    assert!(house.runs("main").await.is_empty());
    assert_eq!(house.raw_files(), 0);
    let form = Form::default().file("a.csv", b"a").field("workspace", "b");
    let answer = house.post_form("/api/v1/runs", &form).await;
    assert_eq!(answer.status, StatusCode::BAD_REQUEST);
    assert!(house.runs("main").await.is_empty());
    house
        .get("/api/v1/runs/run_1")
        .await
        .problem(404, "not-found");
    house.get("/api/v1/nothing").await.problem(404, "not-found");
    house
        .get("/api/v1/runs?before=x")
        .await
        .problem(400, "invalid-request");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_is_read_as_the_sender_lays_it_down() {
    let house = House::new().await;
    let file = orders(1..=3).replace("region", "Gegend");
    let held = house.run("filename=a.csv", file.clone()).await;
    assert_eq!(held["status"], "held");
    assert_eq!(held["choice"], serde_json::json!({}));

    // Read otherwise, the same bytes are another run.
    let choice = r#"{"columns":{"Gegend":"region"}}"#;
    let form = Form::default()
        .field("choice", choice)
        .file("a.csv", file.as_bytes());
    let begun = house.post_form("/api/v1/runs", &form).await.json();
    let run = house.settled(&begun).await;
    assert_eq!(run["status"], "complete");
    assert_eq!(run["choice"]["columns"]["Gegend"], "region");
    assert_eq!(run["verdict"]["rows"]["accepted"], 3);
    let accepted = house
        .get(&format!(
            "/api/v1/runs/{}/accepted.csv?workspace=main",
            run["id"].as_str().unwrap()
        ))
        .await;
    assert_eq!(accepted.text().lines().count(), 4);

    // Read in the same way, they are the run that there is.
    let again = house.post_form("/api/v1/runs", &form).await.json();
    assert_eq!(again["id"], run["id"]);
    let wrong = Form::default()
        .field("choice", r#"{"columns":{"1":"nothing"}}"#)
        .file("a.csv", file.as_bytes());
    let refused = house.post_form("/api/v1/runs", &wrong).await;
    assert_eq!(refused.status, StatusCode::BAD_REQUEST);
    assert!(refused.text().contains("`nothing`"));
    house.verify("main").await;
}

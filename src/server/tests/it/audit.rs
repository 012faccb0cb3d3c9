//! The log after all of it, by the program.

use crate::{
    command::tarazu,
    house::{House, day_of, orders, sample},
};
use axum::{body::Body, http::Request};
use serde_json::Value;
use std::fs;

#[tokio::test(flavor = "multi_thread")]
async fn the_log_of_a_busy_day_verifies_and_a_changed_one_does_not() {
    let house = House::with_limit(1 << 20).await;
    house.run("filename=a.csv", sample(500, 1).0).await;
    house.run("filename=b.csv", orders(1..=5)).await;
    house.run("filename=c.csv", "").await;
    house
        .run("filename=d.csv&workspace=sample", orders(1..=5))
        .await;
    house
        .post("filename=big.csv", vec![0; 2 << 20])
        .await
        .problem(413, "too-large");
    let folder = house.folder().to_str().unwrap().to_owned();
    let verify = |more: &[&str]| {
        let args = ["audit", "verify", "--data-dir", &folder];
        tarazu(&[args.as_slice(), more].concat())
    };
    let fine = verify(&[]);
    assert_eq!(fine.code, 0, "{}", fine.all());
    assert!(
        fine.out.contains("main: ")
            && fine.out.contains("sample: ")
            && fine.out.contains("No checkpoint")
    );
    let checkpoint = fine
        .out
        .lines()
        .find_map(|it| it.split("checkpoint: ").nth(1))
        .unwrap();
    let with = verify(&["--workspace", "main", "--checkpoint", checkpoint]);
    assert_eq!(with.code, 0, "{}", with.all());
    assert!(!with.out.contains("No checkpoint"));
    let beyond = verify(&["--checkpoint", &format!("9999:{}", "0".repeat(64))]);
    assert_eq!(beyond.code, 1, "{}", beyond.all());
    assert!(
        beyond.out.contains("BROKEN at entry 9999"),
        "{}",
        beyond.out
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_exported_log_verifies_without_a_database() {
    let house = House::new().await;
    house.run("filename=a.csv", sample(500, 1).0).await;
    let answer = house.get("/api/v1/audit/export").await;
    assert_eq!(answer.header("content-type"), "application/x-ndjson");
    assert!(
        answer
            .header("content-disposition")
            .contains("audit-main.ndjson")
    );
    let folder = house.folder().to_str().unwrap();
    let file = format!("{folder}/log.ndjson");
    let by_program = format!("{folder}/again.ndjson");
    fs::write(&file, &answer.body).unwrap();
    let ended = tarazu(&[
        "audit",
        "export",
        "--data-dir",
        folder,
        "--out",
        &by_program,
    ]);
    assert_eq!(ended.code, 0, "{}", ended.all());
    // The export of the program comes after that of the server, so it begins with the same entries.
    let (text, later) = (answer.text(), fs::read_to_string(&by_program).unwrap());
    let entries = text.lines().filter(|it| !it.starts_with("{\"checkpoint\""));
    assert!(later.starts_with(&entries.map(|it| format!("{it}\n")).collect::<String>()));
    for path in [&file, &by_program] {
        let ended = tarazu(&["audit", "verify", "--file", path]);
        assert_eq!(ended.code, 0, "{}", ended.all());
    }
    let last: Value = serde_json::from_str(later.lines().last().unwrap()).unwrap();
    let checkpoint = format!(
        "{}:{}",
        last["checkpoint"]["sequence"],
        last["checkpoint"]["hash"].as_str().unwrap()
    );
    let verify = |file: &str| {
        tarazu(&[
            "audit",
            "verify",
            "--file",
            file,
            "--checkpoint",
            &checkpoint,
        ])
    };
    assert_eq!(verify(&by_program).code, 0);
    let short = verify(&file);
    assert_eq!(short.code, 1, "{}", short.all());
    assert!(
        short.out.contains("the newest entries are gone"),
        "{}",
        short.out
    );
    fs::write(&file, text.replacen("run.begun", "run.begum", 1)).unwrap();
    let broken = tarazu(&["audit", "verify", "--file", &file]);
    assert_eq!(broken.code, 1);
    let other = format!("{folder}/sales.csv");
    fs::write(&other, "order_id,revenue\nA-1,10.00\n").unwrap();
    let other = tarazu(&["audit", "verify", "--file", &other]);
    assert_eq!(other.code, 2);
    assert!(other.out.contains("not checked"), "{}", other.all());
    assert!(
        broken
            .out
            .contains("BROKEN: line 1: entry 1 was changed after it was written"),
        "{}",
        broken.out
    );
    house.verify("main").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_is_taken_along_is_noted() {
    let house = House::new().await;
    let run = house.run("filename=a.csv", sample(200, 1).0).await;
    let id = run["id"].as_str().unwrap();
    let taken = [
        ("exceptions.csv", "exceptions", "csv"),
        ("exceptions.xlsx", "exceptions", "xlsx"),
        ("accepted.csv", "accepted", "csv"),
        ("accepted.xlsx", "accepted", "xlsx"),
        ("summary.json", "summary", "json"),
        ("summary.csv", "summary", "csv"),
        ("file", "file", "raw"),
        ("contract.json", "contract", "json"),
        ("contract.yaml", "contract", "yaml"),
        ("openlineage.json", "openlineage", "json"),
        ("accepted.parquet", "accepted", "parquet"),
        ("exceptions.parquet", "exceptions", "parquet"),
    ];
    for (name, what, format) in taken {
        let answer = house.get(&format!("/api/v1/runs/{id}/{name}")).await;
        assert!(answer.status.is_success(), "{name}");
        let log = house.log("main").await;
        let entry = &log.last().unwrap().entry;
        assert_eq!(entry.event, "export.downloaded", "{name}");
        assert_eq!(entry.run.as_deref(), Some(id));
        assert_eq!(
            (&*entry.details["what"], &*entry.details["format"]),
            (what, format)
        );
        assert_eq!(entry.details.len(), 2);
    }
    for (path, what) in [
        ("rows.csv", "accepted"),
        ("rows.parquet", "accepted"),
        ("exceptions.csv", "exceptions"),
        ("exceptions.parquet", "exceptions"),
        ("contracts/sales/lists/regions/entries.csv", "list"),
        ("contracts/sales/versions/0/contract.json", "contract"),
        ("contracts/sales/versions/0/contract.yaml", "contract"),
        ("audit/export", "audit-log"),
    ] {
        let before = house.log("main").await.len();
        let answer = house.get(&format!("/api/v1/{path}")).await;
        assert_eq!(answer.status, 200, "{path}: {}", answer.text());
        let entry = house.log("main").await.pop().unwrap();
        assert_eq!(house.log("main").await.len(), before + 1, "{path}");
        assert_eq!(entry.entry.event, "export.downloaded", "{path}");
        assert_eq!(
            (&*entry.entry.details["what"], entry.entry.run),
            (what, None),
            "{path}"
        );
    }
    house.verify("main").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_log_says_who_sent_a_file_and_who_took_it_along() {
    let house = House::new().await;
    let request = Request::post("/api/v1/runs?filename=a.csv")
        .header("x-tarazu-actor", "asha")
        .body(Body::from(sample(20, 1).0));
    let begun = house.send(request.unwrap()).await.json();
    let run = house.settled(&begun).await;
    assert_eq!(run["actor"], "asha");
    let id = run["id"].as_str().unwrap();
    let request = Request::get(format!("/api/v1/runs/{id}/file"))
        .header("x-tarazu-actor", "ravi")
        .body(Body::empty());
    assert_eq!(house.send(request.unwrap()).await.status, 200);
    let log = house.log("main").await;
    let by = |event: &str| {
        let found = log.iter().find(|it| it.entry.event == event).unwrap();
        found.entry.actor.clone()
    };
    assert_eq!(
        (by("run.begun"), by("export.downloaded")),
        ("asha".into(), "ravi".into())
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn entries_are_found_by_what_they_say_and_each_stands_at_its_address() {
    let house = House::new().await;
    let first = house.run("filename=a.csv", orders(1..=5)).await;
    let second = house.run("filename=b.csv", orders(6..=9)).await;
    let elsewhere = house
        .run("filename=c.csv&workspace=other", orders(1..=2))
        .await;
    let withdrawal = Request::post(format!(
        "/api/v1/runs/{}/withdrawal",
        second["id"].as_str().unwrap()
    ))
    .header("content-type", "application/json")
    .header("x-tarazu-actor", "ravi")
    .body(Body::from("{\"reason\": \"twice\"}"));
    assert_eq!(house.send(withdrawal.unwrap()).await.status, 200);
    let log = house.log("main").await;
    let list = async |query: &str| -> Value {
        let answer = house.get(&format!("/api/v1/audit/entries{query}")).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        answer.json()
    };
    let sequences = |page: &Value| -> Vec<u64> {
        let entries = page["entries"].as_array().unwrap().iter();
        entries.map(|it| it["sequence"].as_u64().unwrap()).collect()
    };

    // All of it, page by page, is the log.
    let (mut found, mut query) = (Vec::new(), "?limit=7".to_owned());
    loop {
        let page = list(&query).await;
        found.extend(page["entries"].as_array().unwrap().clone());
        match page["next"].as_u64() {
            Some(next) => query = format!("?limit=7&before={next}"),
            None => break,
        }
    }
    found.reverse();
    assert_eq!(Value::from(found), serde_json::to_value(&log).unwrap());

    let of_run = list(&format!("?run={}", first["id"].as_str().unwrap())).await;
    let expected = log
        .iter()
        .rev()
        .filter(|it| it.entry.run.as_deref() == first["id"].as_str());
    assert_eq!(
        sequences(&of_run),
        expected.map(|it| it.entry.sequence).collect::<Vec<_>>()
    );
    let begun = list("?event=run.begun").await;
    assert_eq!(sequences(&begun).len(), 2);
    assert!(sequences(&list("?event=stage.").await).len() > 10);
    let ravi = list("?actor=ravi").await;
    assert_eq!(ravi["entries"][0]["event"], "run.withdrawn");
    assert_eq!(sequences(&ravi).len(), 1);
    let today = day_of(&log[0].entry.time);
    assert_eq!(
        list(&format!("?from={today}&limit=500")).await["entries"]
            .as_array()
            .unwrap()
            .len(),
        log.len()
    );
    assert_eq!(sequences(&list("?to=2020-01-01").await), [0; 0]);
    let other = elsewhere["id"].as_str().unwrap();
    assert_eq!(sequences(&list(&format!("?run={other}")).await), [0; 0]);

    for entry in [log.first().unwrap(), log.last().unwrap()] {
        let one = house
            .get(&format!("/api/v1/audit/entries/{}", entry.entry.sequence))
            .await;
        assert_eq!(one.json(), serde_json::to_value(entry).unwrap());
    }
    for none in ["0", "999999", "x", "99999999999999999999"] {
        house
            .get(&format!("/api/v1/audit/entries/{none}"))
            .await
            .problem(404, "not-found");
    }
    for wrong in [
        "limit=0",
        "limit=501",
        "from=1.1.2026",
        "run=x",
        "before=9999999999999999999",
    ] {
        house
            .get(&format!("/api/v1/audit/entries?{wrong}"))
            .await
            .problem(400, "invalid-request");
    }
}

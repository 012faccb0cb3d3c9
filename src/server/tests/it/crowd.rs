//! Many files at once, with keys in common.

use crate::{
    house::{House, orders},
    sound::sound,
};
use axum::http::StatusCode;
use futures::future::join_all;
use serde_json::Value;
use std::collections::BTreeMap;

/// File `n` has 30 keys, of which each neighbour has 20.
fn keys(n: u64) -> std::ops::RangeInclusive<u64> {
    10 * n + 1..=10 * n + 30
}

#[tokio::test(flavor = "multi_thread")]
async fn of_fifty_files_at_once_one_holds_each_key_and_the_others_are_told_which() {
    let house = House::new().await;
    let runs = join_all((0..50).map(|n| {
        let house = &house;
        async move {
            let query = format!("filename=file-{n}.csv");
            house.run(&query, orders(keys(n))).await
        }
    }));
    let runs = runs.await;

    // By key: the run that holds it, with the number of its file.
    let mut holders: BTreeMap<u64, (u64, String)> = BTreeMap::new();
    for (n, run) in (0..).zip(&runs) {
        assert_eq!(run["status"], "complete", "{run}");
        let id = run["id"].as_str().unwrap();
        let accepted = house.get(&format!("/api/v1/runs/{id}/accepted.csv")).await;
        for row in accepted.text().lines().skip(1) {
            let key = row.strip_prefix("ORD-").unwrap().split(',').next().unwrap();
            let before = holders.insert(key.parse().unwrap(), (n, id.to_owned()));
            assert_eq!(before, None, "{key} is held twice");
        }
    }
    assert!(holders.keys().copied().eq(1..=520), "{holders:?}");

    let mut told = 0;
    for (n, run) in (0..).zip(&runs) {
        let id = run["id"].as_str().unwrap();
        let found = house
            .get(&format!("/api/v1/runs/{id}/findings"))
            .await
            .json();
        for row in found["rows"].as_array().unwrap() {
            let line = row["line"].as_u64().unwrap();
            // The header is line 1.
            let key = keys(n).start() + line - 2;
            let (holder, run) = &holders[&key];
            let findings = row["findings"].as_array().unwrap();
            assert_eq!((findings.len(), &findings[0]["code"]), (1, &"UNQ02".into()));
            let text = findings[0]["text"].as_str().unwrap();
            let line = key - keys(*holder).start() + 2;
            let says = format!("from line {line} of file-{holder}.csv ({run})");
            assert!(text.contains(&says), "{says}: {text}");
            told += 1;
        }
    }
    assert_eq!(told, 50 * 30 - 520);
    sound(house.folder()).await;

    // The same bytes again are the run that judged them; judged anew, all of their keys are held.
    let first = house.post("filename=again.csv", orders(keys(0))).await;
    assert_eq!(
        (first.status, &first.json()["id"]),
        (StatusCode::OK, &runs[0]["id"])
    );
    let anew = house
        .run("filename=again.csv&again=true", orders(keys(0)))
        .await;
    check(&anew, 0, 30);
    // Of another file with some of the keys only those are refused.
    let other = house.run("filename=other.csv", orders(511..=530)).await;
    check(&other, 10, 10);
    sound(house.folder()).await;
    house.verify("main").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_one_file_handed_in_many_times_at_once_one_run_begins() {
    let house = House::new().await;
    let answers = join_all((0..20).map(|_| house.post("filename=a.csv", orders(1..=30)))).await;
    let begun = answers
        .iter()
        .filter(|it| it.status == StatusCode::ACCEPTED);
    assert_eq!(begun.count(), 1);
    let run = house.settled(&answers[0].json()).await;
    check(&run, 30, 0);
    assert!(answers.iter().all(|it| it.json()["id"] == run["id"]));
    assert_eq!(house.runs("main").await.len(), 1);
    sound(house.folder()).await;
}

fn check(run: &Value, accepted: u64, exceptions: u64) {
    let rows = &run["verdict"]["rows"];
    assert_eq!(
        (&rows["accepted"], &rows["exceptions"]),
        (&accepted.into(), &exceptions.into()),
        "{run}"
    );
}

/// Text that no database packs smaller.
fn noise(length: usize) -> String {
    let pieces = (0_u64..).map(|n| blake3::hash(&n.to_le_bytes()).to_hex().to_string());
    pieces
        .flat_map(String::into_bytes)
        .map(char::from)
        .take(length)
        .collect()
}

#[tokio::test]
async fn a_key_of_any_length_is_held_once() {
    let house = House::new().await;
    let (key, product) = (noise(20_000), noise(30_000));
    let file = |end: &str| {
        format!(
            "order_id,order_date,region,product,quantity,revenue\n\
             {key}{end},2026-01-05,North,{product},1,10.00\n\
             \\{key},2026-01-05,North,Chips,1,1.00\n"
        )
    };
    let first = house.run("filename=first.csv", file("")).await;
    assert_eq!(first["verdict"]["rows"]["accepted"], 2, "{first}");
    let second = house.run("filename=second.csv", file("x")).await;
    assert_eq!(second["rows_accepted"], 1, "{second}");

    let id = second["id"].as_str().unwrap();
    let found = house
        .get(&format!("/api/v1/runs/{id}/findings"))
        .await
        .json();
    let refused = found["rows"]
        .as_array()
        .unwrap()
        .iter()
        .find(|row| row["line"] == 3)
        .unwrap();
    let text = refused["findings"].to_string();
    assert!(
        text.contains("UNQ02") && text.contains("line 3 of first.csv"),
        "{text}"
    );

    let sales = house.get("/api/v1/sales?by=product").await.json();
    let label = sales["groups"][0]["label"].as_str().unwrap();
    assert_eq!(label, format!("{}…", &product[..200]));
    assert_eq!(sales["total"]["revenue"], "21.00");
}

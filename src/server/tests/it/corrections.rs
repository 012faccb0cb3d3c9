//! Cells that were corrected before submit: the file is kept as it came, the corrections beside it, and whoever judges it
//! again judges it with them.

use crate::house::{Form, House};
use axum::{body::Body, http::Request};
use engine::{Moment, contract, judge, source::Memory};
use model::options::{Choice, Correction};
use serde_json::json;

const FILE: &str = "order_id,order_date,region,product,quantity,revenue\n\
                    C-1,2026-01-15,Nort,Milk 1L,2,10.00\n\
                    C-2,2026-01-15,Nort,Milk 1L,2,20.00\n\
                    C-3,someday,South,Milk 1L,2,40.00\n\
                    C-4,2026-01-15,South,Milk 1L,2,ten\n";

fn corrections() -> Vec<Correction> {
    vec![
        Correction {
            line: None,
            column: 3,
            was: "Nort".to_owned(),
            text: "North".to_owned(),
        },
        Correction {
            line: Some(4),
            column: 2,
            was: "someday".to_owned(),
            text: "2026-01-16".to_owned(),
        },
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_and_its_corrections_are_kept_and_judged_alike_on_both_sides() {
    let house = House::new().await;
    let plain = house.run("filename=plain.csv&workspace=sample", FILE).await;
    assert_eq!(plain["rows_accepted"], 0);
    let choice = Choice {
        corrections: corrections(),
        ..Choice::default()
    };
    let at = plain["evaluated_at"].as_str().unwrap();
    let source = Memory(FILE.as_bytes());
    let browser = judge(
        &source,
        contract::sales(),
        &choice,
        Moment::parse(at).unwrap(),
    )
    .unwrap();
    let receipt = serde_json::to_string(&browser.verdict.receipt).unwrap();
    let form = Form::default()
        .field("receipt", &receipt)
        .field("evaluated_at", at)
        .field("choice", &serde_json::to_string(&choice).unwrap())
        .file("mended.csv", FILE.as_bytes());
    let request = Request::post("/api/v1/runs")
        .header("content-type", "multipart/form-data; boundary=edge")
        .body(Body::from(form.body()));
    let begun = house.send(request.unwrap()).await;
    let run = house.settled(&begun.json()).await;
    assert_eq!(
        (&run["rows_accepted"], &run["rows_exceptions"]),
        (&json!(3), &json!(1))
    );
    assert_eq!(run["money_accepted"], "70.00");
    let server = &run["verdict"]["receipt"];
    assert_eq!(server["digest"], run["browser_receipt"]["digest"]);
    assert_ne!(
        server["corrections_digest"],
        plain["verdict"]["receipt"]["corrections_digest"]
    );
    assert_eq!(
        server["file_digest"],
        plain["verdict"]["receipt"]["file_digest"]
    );
    assert_eq!(run["choice"]["corrections"], json!(corrections()));

    let id = run["id"].as_str().unwrap();
    let file = house.get(&format!("/api/v1/runs/{id}/file")).await;
    assert_eq!(file.text(), FILE);
    let page = house.page(&format!("/runs/{id}")).await.text();
    assert!(
        page.contains("Corrected before submit") && page.contains("someday"),
        "{page}"
    );
    // One count of them, wherever they are told of: in the note, in the drawing, and below it.
    assert_eq!(page.matches("3 cells in 3 rows").count(), 3, "{page}");

    // What leaves says so of each row, whoever writes it.
    let text = async |path: &str| house.get(path).await.text();
    let last = |text: &str, from_end: usize| -> Vec<String> {
        let rows = text.lines().skip(1);
        rows.map(|it| it.rsplit(',').nth(from_end).unwrap().to_owned())
            .collect()
    };
    let exceptions = text(&format!("/api/v1/runs/{id}/exceptions.csv")).await;
    assert_eq!(last(&exceptions, 1), [""], "{exceptions}");
    let accepted = text(&format!("/api/v1/runs/{id}/accepted.csv")).await;
    assert_eq!(
        last(&accepted, 0),
        ["region", "region", "order_date"],
        "{accepted}"
    );
    let rows = text(&format!("/api/v1/rows.csv?run={id}")).await;
    assert!(
        rows.lines().next().unwrap().ends_with(",corrected"),
        "{rows}"
    );
    assert_eq!(last(&rows, 0), ["region", "region", "order_date"], "{rows}");
    for what in [
        "accepted.parquet",
        "exceptions.parquet",
        "accepted.xlsx",
        "exceptions.xlsx",
    ] {
        let answer = house.get(&format!("/api/v1/runs/{id}/{what}")).await;
        assert_eq!(answer.status, 200);
        let has = |text: &str| {
            answer
                .body
                .windows(text.len())
                .any(|it| it == text.as_bytes())
        };
        if what == "accepted.parquet" {
            assert!(has("corrected") && has("order_date"));
        } else if what.ends_with("parquet") {
            assert!(has("tarazu_corrected"));
        }
    }
    // One that still fails names what was corrected in it.
    let twice = Choice {
        corrections: [
            corrections(),
            vec![Correction {
                line: Some(5),
                column: 3,
                was: "South".to_owned(),
                text: "North".to_owned(),
            }],
        ]
        .concat(),
        ..Choice::default()
    };
    let form = Form::default()
        .field("choice", &serde_json::to_string(&twice).unwrap())
        .file("twice.csv", FILE.as_bytes());
    let request = Request::post("/api/v1/runs?workspace=twice")
        .header("content-type", "multipart/form-data; boundary=edge")
        .body(Body::from(form.body()));
    let begun = house.send(request.unwrap()).await;
    let other = house.settled(&begun.json()).await;
    let path = format!("/api/v1/runs/{}/exceptions", other["id"].as_str().unwrap());
    let exceptions = text(&format!("{path}.csv?workspace=twice")).await;
    assert_eq!(last(&exceptions, 1), ["region"], "{exceptions}");
    let all = text("/api/v1/exceptions.csv?workspace=twice").await;
    assert!(
        all.lines()
            .next()
            .unwrap()
            .ends_with(",tarazu_money,tarazu_corrected,tarazu_raw"),
        "{all}"
    );
    assert!(all.contains(",region,"), "{all}");

    // Judged again, with what is kept, it is the same; and the log names no cell.
    let replay = Request::post(format!("/api/v1/runs/{id}/replay-check")).body(Body::empty());
    assert_eq!(
        house.send(replay.unwrap()).await.json()["outcome"],
        "agrees"
    );
    let log = serde_json::to_string(&house.log("main").await).unwrap();
    assert!(!log.contains("someday") && !log.contains("Nort"), "{log}");
    let evidence = house.get(&format!("/api/v1/runs/{id}/evidence.zip")).await;
    let path = house.folder().join("evidence.zip");
    std::fs::write(&path, &evidence.body).unwrap();
    let ended = crate::command::tarazu(&["audit", "verify", "--file", path.to_str().unwrap()]);
    assert_eq!(ended.code, 0, "{}", ended.all());

    // With the same corrections it was judged already; without them it was not.
    let again = |choice: Choice| {
        let form = Form::default()
            .field("choice", &serde_json::to_string(&choice).unwrap())
            .file("again.csv", FILE.as_bytes());
        Request::post("/api/v1/runs")
            .header("content-type", "multipart/form-data; boundary=edge")
            .body(Body::from(form.body()))
            .unwrap()
    };
    let known = house.send(again(choice)).await;
    assert_eq!(
        (known.status.as_u16(), &known.json()["id"]),
        (200, &run["id"])
    );
    assert_eq!(house.send(again(Choice::default())).await.status, 202);
}

/// The cells in a column of a table, by its name.
fn column(table: &str, name: &str) -> Vec<String> {
    let mut lines = table.lines().map(|it| it.split(','));
    let place = lines.next().unwrap().position(|it| it == name).unwrap();
    let cells = lines.map(|mut it| it.nth(place).unwrap().to_owned());
    cells.collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_that_enter_later_still_say_what_was_corrected_before_submit() {
    let house = House::new().await;
    let file =
        format!("{FILE}C-5,2026-01-15,Nort,Milk 1L,2,five\nC-6,2026-01-15,South,Milk 1L,2,six\n");
    let choice = Choice {
        corrections: corrections(),
        ..Choice::default()
    };
    let form = Form::default()
        .field("choice", &serde_json::to_string(&choice).unwrap())
        .file("later.csv", file.as_bytes());
    let request = Request::post("/api/v1/runs")
        .header("content-type", "multipart/form-data; boundary=edge")
        .body(Body::from(form.body()));
    let begun = house.send(request.unwrap()).await;
    let run = house.settled(&begun.json()).await;
    assert_eq!(run["rows_exceptions"], 3, "{run}");
    let id = run["id"].as_str().unwrap();

    // Put right one by one: C-5 was corrected before, C-6 was not.
    let mut entered = Vec::new();
    for record in [5, 6] {
        let body = json!({ "version": 1, "cells": { "revenue": "50.00" } });
        let path = format!("/api/v1/runs/{id}/exceptions/{record}/corrections");
        let answer = house.send(
            Request::post(path)
                .body(Body::from(body.to_string()))
                .unwrap(),
        );
        let answer = answer.await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        let history = answer.json()["history"].clone();
        let last = history.as_array().unwrap().last().unwrap().clone();
        entered.push(last["entered"]["run"].as_str().unwrap().to_owned());
    }
    let text = async |path: &str| {
        let answer = house.get(path).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        answer.text()
    };
    let corrected = async |run: &str, record: u32| {
        let lineage = text(&format!("/api/v1/runs/{run}/rows/{record}/lineage")).await;
        serde_json::from_str::<serde_json::Value>(&lineage).unwrap()["corrected"].clone()
    };
    for (run, says) in entered.iter().zip(["region", ""]) {
        let rows = text(&format!("/api/v1/rows.csv?run={run}")).await;
        assert_eq!(column(&rows, "corrected"), [says], "{rows}");
        let rows = text(&format!("/api/v1/runs/{run}/accepted.csv")).await;
        assert_eq!(column(&rows, "tarazu_corrected"), [says], "{rows}");
        let known: Vec<&str> = Some(says).filter(|it| !it.is_empty()).into_iter().collect();
        assert_eq!(corrected(run, 1).await, json!(known));
        let page = house.page(&format!("/runs/{run}/rows/1")).await.text();
        assert_eq!(
            page.contains("Corrected before submit"),
            says == "region",
            "{page}"
        );
    }
    // The file's own rows say it, too, whether they entered or not.
    assert_eq!(corrected(id, 3).await, json!(["order_date"]));
    assert_eq!(corrected(id, 5).await, json!(["region"]));
    let rows = text("/api/v1/rows.csv").await;
    assert_eq!(
        column(&rows, "corrected"),
        ["region", "region", "order_date", "region", ""],
        "{rows}"
    );

    // In a file that comes back with another column before it, and goes through a row that was put right once.
    let again = json!({ "version": 2, "reason": "not so" });
    let path = format!("/api/v1/runs/{id}/exceptions/5/reopen");
    let answer = house.send(
        Request::post(path)
            .body(Body::from(again.to_string()))
            .unwrap(),
    );
    assert_eq!(answer.await.status, 200);
    let export = text(&format!("/api/v1/runs/{id}/exceptions.csv")).await;
    let mut lines = export.lines();
    let header = format!("note,{}\n", lines.next().unwrap());
    let fixed = lines.find(|it| it.starts_with("C-5,")).unwrap();
    let fixed = fixed.replace(",five,", ",55.00,");
    let back = house
        .run("filename=back.csv", format!("{header}mended,{fixed}\n"))
        .await;
    assert_eq!(back["rows_accepted"], 1, "{back}");
    let back = back["id"].as_str().unwrap();
    let rows = text(&format!("/api/v1/rows.csv?run={back}")).await;
    assert_eq!(column(&rows, "corrected"), ["region"], "{rows}");
    let rows = text(&format!("/api/v1/runs/{back}/accepted.csv")).await;
    assert_eq!(column(&rows, "tarazu_corrected"), ["region"], "{rows}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_kept_file_is_read_otherwise_without_being_sent_again() {
    let house = House::new().await;
    let first = house.run("filename=kept.csv", FILE).await;
    let id = first["id"].as_str().unwrap();
    let choice = Choice {
        corrections: corrections(),
        ..Choice::default()
    };
    let form = Form::default().field("choice", &serde_json::to_string(&choice).unwrap());
    let again = |path: &str| {
        Request::post(path)
            .header("content-type", "multipart/form-data; boundary=edge")
            .body(Body::from(form.body()))
            .unwrap()
    };
    let path = format!("/api/v1/runs/{id}/again");
    let begun = house.send(again(&path)).await;
    assert_eq!(begun.status, 202, "{}", begun.text());
    let run = house.settled(&begun.json()).await;
    assert_eq!(run["rows_accepted"], 3);
    assert_eq!(
        (&run["file_name"], &run["file_digest"]),
        (&json!("kept.csv"), &first["file_digest"])
    );
    assert_eq!(run["replaces"], first["id"]);
    assert_eq!(house.raw_files(), 1);
    house
        .send(again(&path))
        .await
        .problem(409, "not-replaceable");
    // Nothing need be said of it: it is read as it was before.
    let path = format!("/api/v1/runs/{}/again", run["id"].as_str().unwrap());
    let bare = Request::post(&path).body(Body::empty()).unwrap();
    let begun = house.send(bare).await;
    assert_eq!(begun.status, 202, "{}", begun.text());
    let bare = house.settled(&begun.json()).await;
    assert_eq!(bare["rows_accepted"], first["rows_accepted"]);
    let unknown = format!("/api/v1/runs/run_{}/again", "0".repeat(32));
    house.send(again(&unknown)).await.problem(404, "not-found");
}

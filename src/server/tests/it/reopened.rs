//! Exceptions that are opened again while the ledger has their orders already.

use crate::{
    desk::{Desk, FIRST, HEADER},
    stewards::figures_are_those_of_rows,
};
use serde_json::{Value, json};

/// Acts on an exception of the desk's first file as it stands.
async fn done(desk: &Desk, record: u64, what: &str, mut body: Value) -> Value {
    let path = format!("/api/v1/runs/{}/exceptions/{record}", desk.runs[0]);
    body["version"] = desk.get(&path).await["version"].clone();
    let answer = desk.post(&format!("{path}/{what}"), &body).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.json()
}

fn codes(exception: &Value) -> Vec<&str> {
    let findings = exception["findings"].as_array().unwrap().iter();
    findings.map(|it| it["code"].as_str().unwrap()).collect()
}

async fn revenue(desk: &Desk) -> Value {
    desk.get("/api/v1/sales").await["revenue"].clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_row_that_was_left_out_is_opened_again_with_who_has_its_key_by_now() {
    let desk = Desk::new().await;
    let reason = json!({ "reason": "a test" });
    let rejected = done(&desk, 2, "rejections", reason.clone()).await;
    assert_eq!(codes(&rejected), ["VAL05"]);
    // The order comes put right, in a file that knows nothing of the first.
    let late = format!("{HEADER}\nC1,2026-01-17,North,Milk 1L,1,3.00\n{FIRST}");
    let late: String = late.lines().take(4).map(|it| format!("{it}\n")).collect();
    let late = late.replace("A1,", "C2,").replace("Nort,", "North,");
    let late = desk.house.run("filename=late.csv", late).await;
    assert_eq!(late["rows_accepted"], 3, "{late}");
    let late = late["id"].as_str().unwrap();
    let before = revenue(&desk).await;

    let opened = done(&desk, 2, "reopen", reason.clone()).await;
    assert_eq!(
        (&opened["state"], codes(&opened)),
        (&json!("reopened"), vec!["VAL05", "UNQ02"])
    );
    let text = opened["findings"][1]["text"].as_str().unwrap();
    let holder = format!("line 4 of late.csv ({late})");
    assert!(text.contains(&holder), "{text}");
    let page = format!("/runs/{}/exceptions/2", desk.runs[0]);
    let page = desk.house.page(&page).await.text();
    for part in [holder.as_str(), "take-place", "keep-holder"] {
        assert!(page.contains(part), "{part}: {page}");
    }

    // Whatever is done with it, the order is counted once.
    let north = json!({ "cells": { "region": "North" } });
    let mended = done(&desk, 2, "corrections", north).await;
    assert_eq!(
        (&mended["state"], codes(&mended)),
        (&json!("reopened"), vec!["UNQ02"])
    );
    done(&desk, 2, "replay", json!({})).await;
    let path = format!("/api/v1/runs/{}/exceptions/2/waivers", desk.runs[0]);
    let waiver = json!({ "version": mended["version"], "reason": "a test" });
    desk.post(&path, &waiver).await.problem(409, "key-held");
    assert_eq!(revenue(&desk).await, before);
    let take = json!({ "settlement": "take-place", "reason": "a test" });
    let settled = done(&desk, 2, "settlement", take).await;
    assert_eq!(settled["state"], "resolved");
    assert_eq!(revenue(&desk).await, before);
    // It holds the key itself, and leaves with its being opened again.
    let again = done(&desk, 2, "reopen", reason.clone()).await;
    assert_eq!(codes(&again), ["VAL05"]);
    assert_eq!(revenue(&desk).await, before);
    figures_are_those_of_rows(&desk.house).await;
    desk.house.verify("main").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_that_are_opened_again_it_is_said_beforehand_how_many_keys_are_held() {
    let desk = Desk::new().await;
    let filter = json!({ "code": "VAL05" });
    let reject = json!({ "act": "reject", "reason": "a test" });
    assert_eq!(desk.bulk(filter.clone(), reject).await["changed"], 5);
    let late = format!(
        "{HEADER}\nA3,2026-01-17,North,Milk 1L,1,3.00\nB1,2026-01-17,North,Milk 1L,1,3.00\n"
    );
    desk.house.run("filename=late.csv", late).await;
    let reopen = json!({ "act": "reopen", "reason": "a test" });
    let preview = desk.preview(filter.clone(), reopen.clone()).await;
    assert_eq!(
        (&preview["changed"], &preview["failing"]),
        (&json!(5), &json!({ "VAL05": 2, "UNQ02": 2 }))
    );
    let done = desk.bulk(filter, reopen).await;
    assert_eq!((&done["changed"], &done["entered"]), (&json!(5), &json!(0)));
    figures_are_those_of_rows(&desk.house).await;
    desk.house.verify("main").await;
}

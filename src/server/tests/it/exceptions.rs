//! Exceptions have a life: from the answer to a correction to the export that comes back.

use crate::house::{Answer, House};
use axum::{body::Body, http::Request};
use engine::contract;
use model::id::WorkspaceId;
use serde_json::{Value, json};
use server::contracts::Contracts;
use std::{fs, path::Path};

const HEADER: &str = "order_id,order_date,region,product,quantity,revenue";

/// Record 2 has no region, 3 less than nothing, 4 the key of 1, 5 a cell too many; the others are sound.
fn file() -> String {
    let mut text = format!(
        "{HEADER}\nA1,2026-01-15,North,Milk 1L,1,10.00\nA2,2026-01-15,,Milk 1L,1,20.00\n\
         A3,2026-01-15,South,Milk 1L,1,-30.00\nA1,2026-01-15,East,Milk 1L,1,40.00\n\
         A5,2026-01-15,West,Milk 1L,1,50.00,more\n"
    );
    for it in 6..=12 {
        text.push_str(&format!("A{it},2026-01-15,North,Milk 1L,1,1.00\n"));
    }
    text
}

pub(crate) struct Life {
    pub(crate) house: House,
    pub(crate) run: String,
}

impl Life {
    pub(crate) async fn new() -> Self {
        Self::of(House::new().await).await
    }

    pub(crate) async fn of(house: House) -> Self {
        let run = house.run("filename=a.csv", file()).await;
        assert_eq!(
            run["verdict"]["rows"]["exceptions"], 4,
            "{}",
            run["verdict"]
        );
        let run = run["id"].as_str().unwrap().to_owned();
        Self { house, run }
    }

    pub(crate) async fn get(&self, record: u64) -> Value {
        let path = format!("/api/v1/runs/{}/exceptions/{record}", self.run);
        let answer = self.house.get(&path).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        answer.json()
    }

    pub(crate) async fn post_as(&self, actor: &str, path: &str, body: &Value) -> Answer {
        let request = Request::post(path).header("x-tarazu-actor", actor);
        let body = Body::from(body.to_string());
        self.house.send(request.body(body).unwrap()).await
    }

    async fn act(&self, record: u64, what: &str, body: Value) -> Answer {
        let path = format!("/api/v1/runs/{}/exceptions/{record}/{what}", self.run);
        self.post_as("asha", &path, &body).await
    }

    /// Acts on the exception as it stands, and gives it afterwards.
    pub(crate) async fn done(&self, record: u64, what: &str, mut body: Value) -> Value {
        body["version"] = self.get(record).await["version"].clone();
        let answer = self.act(record, what, body).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        answer.json()
    }

    async fn refused(&self, record: u64, what: &str, mut body: Value, kind: &str) -> Value {
        let before = self.get(record).await;
        body["version"] = before["version"].clone();
        let problem = self.act(record, what, body).await.problem(409, kind);
        assert_eq!(self.get(record).await, before);
        problem
    }

    pub(crate) async fn bulk(&self, filter: Value, act: Value) -> Value {
        let mut filter = filter;
        filter["run"] = self.run.clone().into();
        let body = json!({ "filter": filter, "act": act });
        let answer = self.post_as("asha", "/api/v1/exceptions/bulk", &body).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        answer.json()
    }

    pub(crate) async fn text(&self, path: &str) -> String {
        let answer = self.house.get(path).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        answer.text()
    }

    /// Of all rows that count.
    pub(crate) async fn revenue(&self) -> String {
        let main = WorkspaceId::main();
        let sales = self.house.store.sales(&main, &[]).await.unwrap();
        sales.revenue.to_string()
    }

    /// Open, entered later and rejected, which are all of the run's exceptions.
    pub(crate) async fn figures(&self) -> [u64; 3] {
        let run = self.house.get(&format!("/api/v1/runs/{}", self.run)).await;
        let run = run.json();
        let part = |name: &str| run["exceptions"][name]["rows"].as_u64().unwrap();
        let parts = ["open", "entered", "rejected"].map(part);
        assert_eq!(run["rows_exceptions"], parts.iter().sum::<u64>());
        parts
    }
}

/// Judged again from what is kept of it, a run is what it was.
pub(crate) async fn replays(life: &Life, run: &str) {
    let path = format!("/api/v1/runs/{run}/replay-check");
    let replay = life.post_as("asha", &path, &Value::Null).await.json();
    assert_eq!(replay["outcome"], "agrees", "{replay}");
}

fn codes(exception: &Value) -> Vec<&str> {
    let findings = exception["findings"].as_array().unwrap().iter();
    findings.map(|it| it["code"].as_str().unwrap()).collect()
}

pub(crate) fn entered(exception: &Value) -> &str {
    let last = exception["history"].as_array().unwrap().last().unwrap();
    last["entered"]["run"].as_str().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_correction_is_judged_at_once_and_enters_when_it_passes() {
    let life = Life::new().await;
    let found = life.get(2).await;
    assert_eq!(
        (&found["state"], &found["version"]),
        (&json!("new"), &json!(1))
    );
    assert_eq!(codes(&found), ["CMP01"]);
    assert_eq!(life.figures().await, [4, 0, 0]);

    let still = life
        .done(
            2,
            "corrections",
            json!({ "cells": { "region": "Nowhere" } }),
        )
        .await;
    assert_eq!(
        (&still["state"], &still["version"]),
        (&json!("new"), &json!(2))
    );
    assert_eq!(codes(&still), ["VAL05"]);
    let text = still["findings"][0]["text"].as_str().unwrap();
    assert!(text.contains("Nowhere"), "{text}");

    let stale = json!({ "version": 1, "cells": { "region": "East" } });
    let stale = life.act(2, "corrections", stale).await;
    assert_eq!(stale.problem(409, "stale-version")["version"], 2);
    let unknown = json!({ "version": 2, "cells": { "regoin": "East" } });
    let unknown = life.act(2, "corrections", unknown).await;
    unknown.problem(400, "invalid-request");

    let correction = json!({ "cells": { "region": "East" }, "reason": "the shop told us" });
    let passed = life.done(2, "corrections", correction).await;
    assert_eq!(passed["state"], "corrected");
    assert_eq!(passed["found"]["cells"][2], "");
    assert_eq!(passed["cells"][2], "East");
    let history = passed["history"].as_array().unwrap();
    assert_eq!(history.len(), 2);
    assert_eq!(history[0]["cells"][2], "Nowhere");
    assert_eq!(history[1]["actor"], "asha");
    assert_eq!(history[1]["reason"], "the shop told us");
    assert_eq!(
        history[1]["judged"]["contract"],
        contract::sales().fingerprint()
    );
    // Under the time of the act, in whole seconds.
    let [judged, acted] = [&history[1]["judged"]["evaluated_at"], &history[1]["time"]];
    assert_eq!(
        judged.as_str().unwrap()[..19],
        acted.as_str().unwrap()[..19]
    );
    assert_eq!(life.figures().await, [3, 1, 0]);

    let id = entered(&passed);
    let run = life.house.get(&format!("/api/v1/runs/{id}")).await.json();
    assert_eq!(
        (&run["kind"], &run["origin"], &run["rows_accepted"]),
        (&json!("correction"), &json!(life.run), &json!(1))
    );
    let status = |code: &str| {
        let mut controls = run["verdict"]["controls"].as_array().unwrap().iter();
        let control = controls.find(|it| it["code"] == code).unwrap();
        control["status"].as_str().unwrap().to_owned()
    };
    assert_eq!(["CON02", "UNQ01"].map(status), ["not_run", "not_run"]);
    assert_eq!(["UNQ02", "CMP01"].map(status), ["passed", "passed"]);
    let accepted = life.text(&format!("/api/v1/runs/{id}/accepted.csv")).await;
    assert!(
        accepted.contains("A2,2026-01-15,East,Milk 1L,1,20.00"),
        "{accepted}"
    );
    its_line_is_that_of_the_file_that_came(&life, id).await;
    life.refused(2, "rejections", json!({ "reason": "no" }), "not-open")
        .await;
    replays(&life, id).await;
    replays(&life, &life.run).await;
    life.house.verify("main").await;
}

/// The row with the key A2 is the third line there, and the second of the file that was made of what was corrected.
async fn its_line_is_that_of_the_file_that_came(life: &Life, correction: &str) {
    let path = format!("/api/v1/runs/{}", life.run);
    let came = life.house.get(&path).await.json();
    let file = came["file_name"].as_str().unwrap();
    let found = life.house.get("/api/v1/rows?key=A2").await.json();
    let row = &found["rows"][0];
    assert_eq!((&row["run"], &row["line"]), (&json!(correction), &json!(2)));
    assert_eq!(
        row["origin"],
        json!({ "run": life.run, "file_name": file, "record": 2, "line": 3 })
    );
    let rows = life.text("/api/v1/rows.csv").await;
    assert!(
        rows.contains(&format!("{correction},{file},1,3,A2,")),
        "{rows}"
    );
    let path = format!("/api/v1/runs/{correction}/rows/1/lineage");
    let way = life.house.get(&path).await.json();
    let stood = &way["came"];
    assert_eq!(
        (&stood["line"], &stood["file"]["sha256"]),
        (&json!(3), &came["file_sha256"])
    );
    // And how it stands, as its page and the list do.
    assert_eq!(&way["standing"], row);
    let listed = life.house.page("/rows?key=A2").await.text();
    assert!(listed.contains("line 3"), "{listed}");
    let shown = life
        .house
        .page(&format!("/runs/{correction}/rows/1"))
        .await
        .text();
    let sha256 = came["file_sha256"].as_str().unwrap();
    for part in ["line 3 of", "what was done with it", sha256] {
        assert!(shown.contains(part), "{part}: {shown}");
    }
    // And who repeats its key is told of that line, too.
    let again = format!("{HEADER}\nA2,2026-01-16,East,Milk 1L,1,20.00\n");
    let again = life.house.run("filename=again.csv", again).await;
    let path = format!(
        "/api/v1/runs/{}/findings?code=UNQ02",
        again["id"].as_str().unwrap()
    );
    let said = life.house.get(&path).await.text();
    assert!(said.contains(&format!("line 3 of {file}")), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_are_waived_rejected_and_opened_again_with_a_reason() {
    let life = Life::new().await;
    let blank = json!({ "version": 1, "reason": " " });
    life.act(3, "waivers", blank)
        .await
        .problem(400, "invalid-request");
    let reason = json!({ "reason": "a refund" });
    let problem = life
        .refused(2, "waivers", reason.clone(), "not-waivable")
        .await;
    assert!(problem["detail"].as_str().unwrap().contains("CMP01"));
    life.refused(5, "waivers", reason.clone(), "no-record")
        .await;

    let waived = life.done(3, "waivers", reason.clone()).await;
    assert_eq!(waived["state"], "waived");
    let id = entered(&waived).to_owned();
    let path = format!("/api/v1/runs/{id}/findings?code=VAL06&severity=warning");
    let kept = life.house.get(&path).await.json();
    assert_eq!(kept["total"], 1);
    let run = life.house.get(&format!("/api/v1/runs/{id}")).await.json();
    assert_eq!(run["money_accepted"], "-30.00");
    replays(&life, &id).await;

    let gone = life
        .done(5, "rejections", json!({ "reason": "a test row" }))
        .await;
    assert_eq!(gone["state"], "rejected");
    assert_eq!(life.figures().await, [2, 1, 1]);
    life.done(5, "reopen", json!({ "reason": "it was real" }))
        .await;
    life.done(3, "reopen", json!({ "reason": "no refund" }))
        .await;
    assert_eq!(life.figures().await, [4, 0, 0]);
    let ledger = life
        .house
        .get(&format!("/api/v1/runs/{id}/accepted.csv"))
        .await;
    assert_eq!(ledger.status, 200);
    life.refused(3, "reopen", reason, "open").await;

    let row = json!({ "row": ["A5", "2026-01-15", "West", "Milk 1L", "1", "50.00"] });
    assert_eq!(life.done(5, "corrections", row).await["state"], "corrected");
    let given = life
        .done(2, "assignment", json!({ "assignee": "ravi" }))
        .await;
    assert_eq!(
        (&given["state"], &given["assignee"]),
        (&json!("assigned"), &json!("ravi"))
    );
    let said = life
        .done(2, "comments", json!({ "text": "asked the shop" }))
        .await;
    assert_eq!(said["state"], "assigned");
    assert_eq!(said["history"][1]["reason"], "asked the shop");
    life.house.verify("main").await;
    let events = life.house.events("main").await;
    for event in [
        "waived",
        "rejected",
        "reopened",
        "assigned",
        "commented",
        "corrected",
    ] {
        assert!(events.contains(&format!("exception.{event}")), "{event}");
    }
    // The log says that something was done, and nothing of what stands in rows or was said.
    for entry in life.house.log("main").await {
        let text = serde_json::to_string(&entry).unwrap();
        assert!(!text.contains("refund") && !text.contains("shop"), "{text}");
    }
}

/// The shipped contract as a house has it that uses every control which it lets people waive.
pub(crate) fn with_all_that_is_waivable() -> Value {
    let mut contract: Value = serde_json::from_str(&contract::sales().canonical()).unwrap();
    contract["version"] = json!("1.1.0");
    let controls = contract["controls"].as_array_mut().unwrap();
    let period = json!({ "first": "2025-01-01", "last": "2999-12-31", "column": "order_date" });
    for (code, mut control) in [
        ("TIM02", period),
        (
            "CON01",
            json!({ "expression": "revenue <= 100 * quantity" }),
        ),
    ] {
        control["code"] = json!(code);
        controls.push(control);
    }
    contract
}

#[tokio::test(flavor = "multi_thread")]
async fn what_may_be_waived_is_and_a_row_without_typed_values_never() {
    // What it is refused for, codes last found, and the row.
    let rows = [
        (None, vec!["VAL06"], "A1,2026-01-15,North,Milk 1L,1,-30.00"),
        (None, vec!["TIM01"], "A2,2099-01-15,North,Milk 1L,1,30.00"),
        (None, vec!["TIM02"], "A3,2024-01-15,North,Milk 1L,1,30.00"),
        (None, vec!["CON01"], "A4,2026-01-15,North,Milk 1L,1,300.00"),
        (
            None,
            vec!["TIM02", "VAL06"],
            "A5,2024-01-15,North,Milk 1L,1,-30.00",
        ),
        (
            Some("not-waivable"),
            vec!["CMP01"],
            "A6,2026-01-15,,Milk 1L,1,30.00",
        ),
        (
            Some("not-waivable"),
            vec!["VAL05"],
            "A7,2026-01-15,Nort,Milk 1L,1,30.00",
        ),
        (
            Some("not-waivable"),
            vec!["VAL02"],
            "A8,2026-01-15,North,Milk 1L,1,much",
        ),
        (
            Some("not-waivable"),
            vec!["VAL03"],
            "A9,soon,North,Milk 1L,1,30.00",
        ),
        (
            Some("not-waivable"),
            vec!["VAL01"],
            "A10,2026-01-15,North,Milk 1L,many,30.00",
        ),
        (
            Some("not-waivable"),
            vec!["VAL03", "VAL06"],
            "A11,soon,North,Milk 1L,1,-30.00",
        ),
        (
            Some("no-record"),
            vec!["SCH04"],
            "A12,2026-01-15,North,Milk 1L,1",
        ),
        (
            Some("key-held"),
            vec!["UNQ01"],
            "B1,2026-01-16,North,Milk 1L,1,30.00",
        ),
    ];
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("sales.json");
    fs::write(&path, with_all_that_is_waivable().to_string()).unwrap();
    let contracts = Contracts::read(&[path]).unwrap();
    let house = House::under(folder.path(), 1 << 30, contracts).await;
    let sound = (1..=20).map(|it| format!("B{it},2026-01-15,North,Milk 1L,1,1.00"));
    let all = sound.chain(rows.iter().map(|it| it.2.to_owned()));
    let all: Vec<String> = all.collect();
    let run = house.run("filename=a.csv", format!("{HEADER}\n{}\n", all.join("\n")));
    let run = run.await["id"].as_str().unwrap().to_owned();
    let life = Life { house, run };
    for (record, (refused, expected, row)) in (21..).zip(&rows) {
        let view = life.get(record).await;
        let mut found = codes(&view);
        found.sort_unstable();
        assert_eq!(found, *expected, "{row}");
        let reason = json!({ "reason": "as the shop says" });
        let barred = &view["not_waivable"];
        assert_eq!(
            *barred,
            json!(refused.map_or(&[][..], |_| &expected[..1])),
            "{row}"
        );
        let path = format!("/runs/{}/exceptions/{record}", life.run);
        let page = life.house.page(&path).await.text();
        assert_eq!(page.contains("Let it in as it is"), refused.is_none());
        let why = format!("lets nobody waive {}.", expected[0]);
        assert_eq!(page.contains(&why), refused.is_some(), "{row}");
        if let Some(kind) = refused {
            let problem = life.refused(record, "waivers", reason, kind).await;
            if *kind == "not-waivable" {
                let detail = problem["detail"].as_str().unwrap();
                let named = |it: &&&str| detail.contains(**it);
                let named: Vec<_> = expected.iter().filter(named).collect();
                assert_eq!(named, [&expected[0]], "{row}: {detail}");
            }
            continue;
        }
        let waived = life.done(record, "waivers", reason).await;
        assert_eq!(waived["state"], "waived", "{row}");
        // It is in the ledger, typed, and marked so.
        let id = entered(&waived);
        let rows = life.text(&format!("/api/v1/rows?run={id}")).await;
        let rows: Value = serde_json::from_str(&rows).unwrap();
        let typed = &rows["rows"][0];
        for cell in ["day", "region", "product", "quantity", "money"] {
            assert!(!typed[cell].is_null(), "{row} {cell}: {typed}");
        }
        let lineage = life
            .text(&format!("/api/v1/runs/{id}/rows/1/lineage"))
            .await;
        let lineage: Value = serde_json::from_str(&lineage).unwrap();
        let mut marked = codes(&lineage);
        marked.sort_unstable();
        assert_eq!(marked, *expected, "{lineage}");
        assert_eq!(lineage["findings"][0]["severity"], "warning");
        replays(&life, id).await;
    }
    assert_eq!(life.figures().await, [8, 5, 0]);
    life.house.verify("main").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_repeated_key_is_settled_by_a_choice() {
    let life = Life::new().await;
    let settle =
        |settlement: &str| json!({ "settlement": settlement, "reason": "the later one is right" });
    life.refused(2, "settlement", settle("keep-holder"), "key-not-held")
        .await;
    let unsaid = json!({ "version": 1, "settlement": "take-place", "reason": " " });
    let unsaid = life.act(4, "settlement", unsaid).await;
    unsaid.problem(400, "invalid-request");
    // Held to the ledger, the row says so; said once, it is said.
    let replayed = life.done(4, "replay", json!({})).await;
    assert_eq!(
        (&replayed["version"], codes(&replayed)),
        (&json!(2), vec!["UNQ02"])
    );
    let again = life.done(4, "replay", json!({})).await;
    assert_eq!(again, replayed);

    let settled = life.done(4, "settlement", settle("take-place")).await;
    assert_eq!(settled["state"], "resolved");
    let displaced = &settled["history"][1]["displaced"];
    assert_eq!(displaced, &json!({ "run": life.run, "record": 1 }));
    assert_eq!(life.revenue().await, "47.00");
    life.done(4, "reopen", json!({ "reason": "no" })).await;
    assert_eq!(life.revenue().await, "17.00");

    let mut other = settle("other-key");
    other["cells"] = json!({ "order_id": "A6" });
    let other = life.done(4, "settlement", other).await;
    assert_eq!(
        (&other["state"], codes(&other)),
        (&json!("reopened"), vec!["UNQ02"])
    );
    let kept = life.done(4, "settlement", settle("keep-holder")).await;
    assert_eq!(kept["state"], "rejected");
    life.done(4, "reopen", json!({ "reason": "no" })).await;
    let mut other = settle("other-key");
    other["cells"] = json!({ "order_id": "A4" });
    let other = life.done(4, "settlement", other).await;
    assert_eq!(other["state"], "corrected");
    assert_eq!(life.figures().await, [3, 1, 0]);
    life.house.verify("main").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn many_are_dealt_with_at_one_time_and_with_one_entry() {
    let life = Life::new().await;
    let edit = json!({ "cells": { "region": "East" } });
    let act = json!({ "act": "correct", "edit": edit });
    let done = life.bulk(json!({ "state": "new" }), act).await;
    // The row with a cell too many has to be given whole; of two with one key the first would enter.
    assert_eq!(done["left"], json!({ "no-record": 1 }));
    assert_eq!((&done["changed"], &done["entered"]), (&json!(3), &json!(1)));
    let events = life.house.events("main").await;
    let corrected = events.iter().filter(|it| *it == "exception.corrected");
    assert_eq!(corrected.count(), 1);
    let act = json!({ "act": "replay" });
    let done = life.bulk(json!({}), act.clone()).await;
    assert_eq!((&done["changed"], &done["entered"]), (&json!(0), &json!(0)));
    let act = json!({ "act": "reject", "reason": "too old" });
    let done = life.bulk(json!({ "records": [3, 4] }), act).await;
    let coverage: Value = life.house.get("/api/v1/audit/coverage").await.json();
    assert_eq!(coverage["acts"], json!({ "with_entry": 2, "total": 2 }));
    assert_eq!((&done["changed"], &done["run"]), (&json!(2), &Value::Null));
    assert_eq!(life.figures().await, [1, 1, 2]);
    for filter in [
        json!({ "run": "run_0" }),
        json!({ "records": [1_u64 << 63] }),
    ] {
        let body = json!({ "filter": filter, "act": { "act": "replay" } });
        let wrong = life.post_as("asha", "/api/v1/exceptions/bulk", &body).await;
        wrong.problem(400, "invalid-request");
    }
    life.house.verify("main").await;
}

/// `sales` under which two persons waive what is above 25 rupees, and, with it, one that lets more in.
/// A life under a contract that asks a second person above an amount; the row that may be waived is of 30.00 below zero.
async fn two_persons(folder: &Path, above: &str) -> Life {
    let mut contract = contract::sales().clone();
    contract.version = "2.0.0".into();
    contract.waivers.second_person_above = Some(above.to_owned().try_into().unwrap());
    let path = folder.join("sales.json");
    fs::write(&path, contract.canonical()).unwrap();
    let contracts = Contracts::read(&[path]).unwrap();
    Life::of(House::under(folder, 1 << 30, contracts).await).await
}

#[tokio::test(flavor = "multi_thread")]
async fn above_an_amount_a_second_person_confirms_a_waiver() {
    let folder = tempfile::tempdir().unwrap();
    let life = two_persons(folder.path(), "25.00").await;
    let reason = json!({ "reason": "a refund" });
    let proposed = life.done(3, "waivers", reason.clone()).await;
    assert_eq!(proposed["state"], "new");
    assert_eq!(proposed["history"][0]["event"], "waiver-proposed");
    life.refused(3, "waivers", reason.clone(), "second-person")
        .await;
    let path = format!("/api/v1/runs/{}/exceptions/3/waivers", life.run);
    let body = json!({ "version": 2, "reason": "I saw it" });
    let waived = life.post_as("ravi", &path, &body).await.json();
    assert_eq!(waived["state"], "waived");
    assert_eq!(waived["history"][1]["actor"], "ravi");
}

#[tokio::test(flavor = "multi_thread")]
async fn up_to_that_amount_one_person_waives_alone() {
    let folder = tempfile::tempdir().unwrap();
    let life = two_persons(folder.path(), "30.00").await;
    let waived = life
        .done(3, "waivers", json!({ "reason": "a refund" }))
        .await;
    assert_eq!(
        (&waived["state"], &waived["history"][0]["event"]),
        (&json!("waived"), &json!("waived"))
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_are_replayed_under_the_contract_that_is_in_force() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("sales.json");
    let run = {
        let house = House::at(folder.path(), 1 << 30).await;
        let life = Life::of(house).await;
        let same = life.bulk(json!({}), json!({ "act": "replay" })).await;
        assert_eq!(same["entered"], 0);
        life.house.runs.finish().await;
        life.house.store.close().await;
        life.run
    };
    let mut contract = contract::sales().clone();
    contract.version = "1.1.0".into();
    contract.controls.retain(|it| it.code != "VAL06");
    fs::write(&path, contract.canonical()).unwrap();
    let contracts = Contracts::read(&[path]).unwrap();
    let house = House::under(folder.path(), 1 << 30, contracts).await;
    let life = Life { house, run };
    let done = life.bulk(json!({}), json!({ "act": "replay" })).await;
    assert_eq!(
        (&done["changed"], &done["entered"]),
        (&json!(1), &json!(1)),
        "{done}"
    );
    let resolved = life.get(3).await;
    assert_eq!(resolved["state"], "resolved");
    assert_eq!(
        resolved["history"][0]["judged"]["contract"],
        contract.fingerprint()
    );
    let done = life.bulk(json!({}), json!({ "act": "replay" })).await;
    assert_eq!((&done["changed"], &done["entered"]), (&json!(0), &json!(0)));
    let corrected = json!({ "cells": { "region": "East" } });
    let corrected = life.done(2, "corrections", corrected).await;
    let judged = &corrected["history"][0]["judged"];
    assert_eq!(judged["contract"], contract.fingerprint());
    life.house.verify("main").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_who_act_at_once_one_is_told_and_one_key_is_held_once() {
    let life = Life::new().await;
    let row = |id: &str| json!([id, "2026-01-15", "East", "Milk 1L", "1", "20.00"]);
    let first = json!({ "version": 1, "row": row("Z1") });
    let (one, other) = tokio::join!(
        life.act(2, "corrections", first.clone()),
        life.act(2, "corrections", first.clone())
    );
    let mut answers = [one.status.as_u16(), other.status.as_u16()];
    answers.sort_unstable();
    assert_eq!(answers, [200, 409]);

    let rival = json!({ "version": 1, "row": row("Z2") });
    let (one, other) = tokio::join!(
        life.act(3, "corrections", rival.clone()),
        life.act(5, "corrections", rival)
    );
    let mut states = [one.json(), other.json()].map(|it| {
        let state = it["state"].as_str().unwrap().to_owned();
        (state, codes(&it).join(","))
    });
    states.sort();
    let expected = [("corrected", ""), ("new", "UNQ02")];
    let expected = expected.map(|(state, codes)| (state.to_owned(), codes.to_owned()));
    assert_eq!(states, expected);
    assert_eq!(life.figures().await, [2, 2, 0]);
    life.house.verify("main").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_says_with_which_runs_its_exceptions_entered_and_those_say_where_they_came_from() {
    let life = Life::new().await;
    let lineage = async |run: &str| {
        let path = format!("/api/v1/runs/{run}/lineage");
        serde_json::from_str::<Value>(&life.text(&path).await).unwrap()
    };
    let none = json!({ "runs": [], "total": 0, "rows": 0 });
    let before = lineage(&life.run).await;
    assert_eq!(
        (&before["corrects"], &before["corrections"]),
        (&none, &none)
    );
    assert_eq!(before["counting"], 8);
    assert_eq!(before["rows"]["exceptions"], 4);
    assert!(
        before["found"]
            .as_array()
            .unwrap()
            .contains(&json!("CMP01"))
    );
    let columns = before["columns"].as_array().unwrap().iter();
    let money = columns
        .filter(|it| it["ledger"] == "money")
        .collect::<Vec<_>>();
    assert_eq!(money.len(), 1);
    assert_eq!(money[0]["file"], json!([6, "revenue"]));

    let corrected = life
        .done(2, "corrections", json!({ "cells": { "region": "North" } }))
        .await;
    life.done(3, "waivers", json!({ "reason": "a refund" }))
        .await;
    let after = lineage(&life.run).await;
    let by = entered(&corrected);
    assert_eq!(after["corrections"]["runs"][0]["run"], by);
    assert_eq!(after["corrections"]["runs"][0]["rows"], 1);
    assert_eq!(
        after["corrections"]["rows"],
        after["exceptions"]["entered"]["rows"]
    );
    assert_eq!(after["exceptions"]["open"]["rows"], 2);
    assert_eq!(after["corrections"]["total"], 2);
    let back = lineage(by).await;
    assert_eq!(
        (
            &back["corrects"]["runs"][0]["run"],
            &back["corrects"]["rows"]
        ),
        (&json!(life.run), &json!(1))
    );
    assert_eq!(
        (&back["counting"], &back["corrections"]),
        (&json!(1), &none)
    );

    // What is opened again went nowhere.
    life.done(2, "reopen", json!({ "reason": "it is another region" }))
        .await;
    let left = lineage(&life.run).await["corrections"].clone();
    assert_eq!((&left["total"], &left["rows"]), (&json!(1), &json!(1)));
    assert_ne!(left["runs"][0]["run"], by);
    assert_eq!(lineage(by).await["corrects"], none);
    assert_eq!(lineage(by).await["counting"], 0);

    let held = life.house.run("filename=none.csv", "no,such\n1,2\n").await;
    assert_eq!(
        lineage(held["id"].as_str().unwrap()).await["rows"]["read"],
        0
    );
    let nothing = format!("/api/v1/runs/run_{}/lineage", "0".repeat(32));
    life.house.get(&nothing).await.problem(404, "not-found");
}

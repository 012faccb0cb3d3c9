//! What is kept of acts, and the log that tells of them: neither goes, or is changed, without the other saying so.

use crate::{
    command::{Ended, tarazu},
    house::{Answer, House},
    proof::{Copy, mended, packed, parts, verify},
    shelf::with_minimum,
    tamper::tamper,
};
use axum::http::Request;
use serde_json::{Value, json};
use std::{collections::BTreeMap, path::Path};
use tempfile::TempDir;

/// A data folder in which something of every kind was done, closed; and the evidence of its first run.
struct Acted {
    folder: TempDir,
    first: String,
    evidence: Vec<u8>,
}

impl Acted {
    fn path(&self) -> &Path {
        self.folder.path()
    }
}

async fn acted() -> Acted {
    let folder = tempfile::tempdir().unwrap();
    let house = House::at(folder.path(), 1 << 30).await;
    let post = async |path: &str, body: Value| -> Answer {
        let request = Request::post(path).header("x-tarazu-actor", "asha");
        let request = request.body(body.to_string().into());
        let done = house.send(request.unwrap()).await;
        assert!(done.status.is_success(), "{path}: {}", done.text());
        done
    };
    let run = async |name: &str, key: &str| -> String {
        let file = file(key);
        let run = house.run(&format!("filename={name}.csv"), file).await;
        assert_eq!(run["rows_exceptions"], 4, "{run}");
        run["id"].as_str().unwrap().to_owned()
    };
    let first = run("a", "A").await;
    let act = async |run: &str, record: u64, what: &str, mut body: Value| {
        let path = format!("/api/v1/runs/{run}/exceptions/{record}");
        body["version"] = house.get(&path).await.json()["version"].clone();
        post(&format!("{path}/{what}"), body).await;
    };
    let why = json!({ "reason": "as the shop says" });
    act(&first, 2, "assignment", json!({ "assignee": "ravi" })).await;
    act(&first, 2, "comments", json!({ "text": "who knows?" })).await;
    let east = json!({ "cells": { "region": "East" } });
    act(&first, 2, "corrections", east).await;
    act(&first, 3, "waivers", why.clone()).await;
    let take = json!({ "settlement": "take-place", "reason": "the later one is right" });
    act(&first, 4, "settlement", take).await;
    act(&first, 5, "rejections", why.clone()).await;
    act(&first, 5, "reopen", why.clone()).await;
    let many = json!({ "filter": { "run": &first, "state": "reopened" },
                       "act": { "act": "assign", "assignee": "ravi" } });
    post("/api/v1/exceptions/bulk", many).await;

    let second = run("b", "B").await;
    let export = format!("/api/v1/runs/{second}/exceptions.csv");
    let export = house.get(&export).await.text();
    // The row that was put right comes back alone.
    let fixed = export.split_inclusive("\r\n");
    let fixed = fixed.filter(|it| it.starts_with("order_id") || it.starts_with("B2,"));
    let fixed: String = fixed.collect();
    let fixed = fixed.replace("B2,2026-01-15,,", "B2,2026-01-15,East,");
    house.run("filename=fixed.csv", fixed).await;
    let draft = async |text: String| {
        let text: Value = serde_json::from_str(&text).unwrap();
        post("/api/v1/contracts/drafts", text).await;
    };
    let decide = async |name: &str, number: u64, what: &str| {
        let path = format!("/api/v1/contracts/{name}/versions/{number}/{what}");
        post(&path, json!({ "reason": "agreed" })).await;
    };
    draft(with_minimum("1.1.0", "-100")).await;
    decide("sales", 1, "adoption").await;
    draft(with_minimum("1.2.0", "5")).await;
    decide("sales", 2, "discard").await;
    let stalls = with_minimum("1.0.0", "1").replace("\"name\":\"sales\"", "\"name\":\"stalls\"");
    draft(stalls).await;
    decide("stalls", 1, "adoption").await;
    decide("stalls", 1, "retirement").await;
    decide("stalls", 1, "return").await;
    act(&second, 3, "replay", json!({})).await;

    let third = house.run("filename=c.csv", file("C")).await;
    let third = third["id"].as_str().unwrap();
    post(&format!("/api/v1/runs/{third}/withdrawal"), why).await;
    house
        .run("filename=held.csv", "no,such,columns\n1,2,3\n")
        .await;
    let upload = house.announce(file("D").len(), "filename ZC5jc3Y=").await;
    let whole = house.add(&upload, 0, file("D")).await;
    house.became(&whole).await;

    let whole = house.get("/api/v1/audit/coverage").await.json();
    assert_eq!(whole["missing"], json!([]));
    assert_eq!(whole["acts"], json!({ "with_entry": 10, "total": 10 }));
    assert_eq!(whole["uploads"], json!({ "with_entry": 2, "total": 2 }));
    house.verify("main").await;
    let evidence = format!("/api/v1/runs/{first}/evidence.zip");
    let evidence = house.get(&evidence).await.body;
    house.store.close().await;
    Acted {
        folder,
        first,
        evidence,
    }
}

/// Record 2 has no region, 3 less than nothing, 4 the key of 1, 5 a cell too many; the others are sound.
fn file(key: &str) -> String {
    let mut text = format!(
        "order_id,order_date,region,product,quantity,revenue\n{key}1,2026-01-15,North,Milk 1L,1,10.00\n\
         {key}2,2026-01-15,,Milk 1L,1,20.00\n{key}3,2026-01-15,South,Milk 1L,1,-30.00\n\
         {key}1,2026-01-15,East,Milk 1L,1,40.00\n{key}5,2026-01-15,West,Milk 1L,1,50.00,more\n"
    );
    for it in 6..=12 {
        text.push_str(&format!("{key}{it},2026-01-15,North,Milk 1L,1,1.00\n"));
    }
    text
}

fn verified(folder: &Path) -> Ended {
    let data = folder.to_str().unwrap();
    tarazu(&["audit", "verify", "--workspace", "main", "--data-dir", data])
}

#[tokio::test(flavor = "multi_thread")]
async fn an_entry_of_each_kind_of_change_is_missed_when_it_goes() {
    let acted = acted().await;
    let house = House::at(acted.path(), 1 << 30).await;
    let mut told: BTreeMap<String, u64> = BTreeMap::new();
    for entry in house.log("main").await {
        *told.entry(entry.entry.event).or_default() += 1;
    }
    house.store.close().await;
    // What was only taken along changed nothing.
    let (taken, changes): (Vec<&String>, Vec<&String>) = told
        .keys()
        .partition(|it| it.starts_with("export.") || it.starts_with("evidence."));
    assert_eq!(taken, ["evidence.exported", "export.downloaded"]);
    let one_of_each = "DELETE FROM entries WHERE workspace = 'main' AND sequence IN \
                       (SELECT max(sequence) FROM entries WHERE workspace = 'main' GROUP BY event)";
    let copy = Copy::of(acted.path(), one_of_each).await;
    let house = House::at(copy.path(), 1 << 30).await;
    let found = house.get("/api/v1/audit/coverage").await.json();
    let mut missing: Vec<&str> = found["missing"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| it["event"].as_str().unwrap())
        .collect();
    missing.sort_unstable();
    assert_eq!(missing, changes, "{found}");
    for event in [
        "run.withdrawn",
        "run.held",
        "exception.returned",
        "contract.retired",
        "upload.completed",
    ] {
        assert!(missing.contains(&event), "{event}");
    }
    let page = house.page("/audit").await.text();
    for event in missing {
        assert!(page.contains(&format!("<code>{event}</code>")), "{event}");
    }
    house.store.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_changed_act_is_found_and_told_with_its_entry() {
    let acted = acted().await;
    let (folder, first) = (acted.path(), &acted.first);
    assert_eq!(verified(folder).code, 0);
    let house = House::at(folder, 1 << 30).await;
    let log = house.log("main").await;
    house.store.close().await;
    let of_first = |event: &str| {
        let mut found = log.iter().map(|it| &it.entry);
        let found = found.find(|it| it.run.as_ref() == Some(first) && it.event == event);
        found.unwrap().sequence
    };
    let here = "run = (SELECT min(run) FROM exception_changes)";
    let (assigned, commented) = (
        of_first("exception.assigned"),
        of_first("exception.commented"),
    );
    let corrected = of_first("exception.corrected");
    let (waived, settled) = (of_first("exception.waived"), of_first("exception.settled"));
    let (rejected, reopened) = (
        of_first("exception.rejected"),
        of_first("exception.reopened"),
    );
    let completed = of_first("run.completed");
    let set = |record: u64, version: u64, set: &str| {
        format!(
            "UPDATE exception_changes SET {set} WHERE {here} AND record = {record} AND version = {version}"
        )
    };
    let differ = |entry: u64| {
        format!(
            "BROKEN at entry {entry}: it tells of other changes of exceptions of {first} than are kept"
        )
    };
    for (change, told) in [
        (set(2, 2, "assignee = 'mala'"), differ(assigned)),
        (set(2, 3, "reason = 'nobody'"), differ(commented)),
        (
            set(2, 4, "cells = replace(cells, 'East', 'West')"),
            differ(corrected),
        ),
        (set(2, 4, "cells = 'no cells'"), differ(corrected)),
        (set(2, 4, "entered_record = 9"), differ(corrected)),
        (set(2, 4, "contract = 'another'"), differ(corrected)),
        (set(3, 2, "actor = 'mala'"), differ(waived)),
        (set(3, 2, "event = 'rejected'"), differ(waived)),
        (set(3, 2, "reason = NULL"), differ(waived)),
        (set(4, 2, "displaced_record = 2"), differ(settled)),
        (
            set(5, 2, "time = '2020-01-01T00:00:00.000Z'"),
            differ(rejected),
        ),
        (set(5, 2, "event = 'no such'"), differ(rejected)),
        (
            format!("DELETE FROM exception_changes WHERE {here} AND record = 5 AND version = 3"),
            differ(reopened),
        ),
        // Another entry's, or none's.
        (set(5, 2, &format!("entry = {reopened}")), differ(rejected)),
        (
            format!(
                "INSERT INTO exception_changes (workspace, run, record, version, time, actor, event, state) \
                 SELECT workspace, run, record, 9, time, actor, event, state FROM exception_changes \
                 WHERE {here} AND record = 5 AND version = 2"
            ),
            format!(
                "BROKEN at entry {completed}: it is the last that tells of record 5 of {first}, which has a change \
                 that no entry tells of"
            ),
        ),
        // Where an exception stands now.
        (
            format!("UPDATE kept_rows SET state = 'rejected' WHERE {here} AND record = 3"),
            format!(
                "BROKEN at entry {waived}: record 3 of {first} does not stand where it was left with it"
            ),
        ),
        (
            format!("UPDATE kept_rows SET state = 'new', version = 1 WHERE {here} AND record = 3"),
            format!(
                "BROKEN at entry {waived}: record 3 of {first} does not stand where it was left with it"
            ),
        ),
        (
            format!("UPDATE kept_rows SET assignee = 'mala' WHERE {here} AND record = 5"),
            format!("record 5 of {first} does not stand where it was left with it"),
        ),
    ] {
        let copy = Copy::of(folder, &change).await;
        let ended = verified(copy.path());
        assert_eq!(ended.code, 1, "{change}\n{}", ended.all());
        assert!(ended.out.contains(&told), "{change}: {told}\n{}", ended.out);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn evidence_has_the_acts_that_its_log_tells_of() {
    let acted = acted().await;
    let (folder, id) = (acted.path(), &acted.first);
    let ended = verify(folder, &acted.evidence);
    assert_eq!(ended.code, 0, "{}", ended.all());
    assert!(
        ended
            .out
            .contains("passed  history          all changes of exceptions (8) are"),
        "{}",
        ended.out
    );
    let whole = parts(&acted.evidence);
    let name = format!("runs/{id}/history.ndjson");
    let history = String::from_utf8(whole[&name].clone()).unwrap();
    let line = |record: u64| {
        let mut lines = history.lines();
        let found = lines.find(|it| it.starts_with(&format!("{{\"record\":{record},")));
        format!("{}\n", found.unwrap())
    };
    let fourth = line(4);
    for (from, to, told) in [
        (
            "\"East\"",
            "\"West\"",
            "tells of other changes of exceptions than",
        ),
        (
            "\"as the shop says\"",
            "\"as I say\"",
            "tells of other changes of exceptions than",
        ),
        (
            "\"state\":\"waived\",\"version\"",
            "\"state\":\"new\",\"version\"",
            "record 3 does not stand where its last change left it",
        ),
        (
            "\"entry\":",
            "\"entry\":1",
            "has a change that no entry tells of",
        ),
        (
            fourth.as_str(),
            "",
            "tells of other changes of exceptions than",
        ),
    ] {
        assert!(history.contains(from), "{from}\n{history}");
        let mut changed = whole.clone();
        changed.insert(name.clone(), history.replacen(from, to, 1).into_bytes());
        mended(&mut changed);
        let ended = verify(folder, &packed(&changed));
        assert_eq!(ended.code, 1, "{from}\n{}", ended.all());
        assert!(
            ended.out.contains("FAILED  history "),
            "{from}\n{}",
            ended.out
        );
        assert!(ended.out.contains(told), "{told}\n{}", ended.out);
    }
    // Changes of an earlier version name no entry, and are found by their time and who made them.
    let mut older = whole.clone();
    let mut lines = String::new();
    for line in history.lines() {
        let mut line: Value = serde_json::from_str(line).unwrap();
        for change in line["history"].as_array_mut().unwrap() {
            change.as_object_mut().unwrap().remove("entry").unwrap();
        }
        lines += &format!("{line}\n");
    }
    older.insert(name, lines.into_bytes());
    mended(&mut older);
    let ended = verify(folder, &packed(&older));
    assert_eq!(ended.code, 0, "{}", ended.all());
}

#[tokio::test(flavor = "multi_thread")]
async fn acts_from_before_they_named_their_entries_are_given_them() {
    let acted = acted().await;
    let entries = async |folder: &Path| {
        let house = House::at(folder, 1 << 30).await;
        let history = async |record: u64| {
            let path = format!("/api/v1/runs/{}/exceptions/{record}", acted.first);
            house.get(&path).await.json()["history"].clone()
        };
        let all = [
            history(2).await,
            history(3).await,
            history(4).await,
            history(5).await,
        ];
        house.store.close().await;
        all
    };
    let before = entries(acted.path()).await;
    assert!(before[0][0]["entry"].is_u64());
    let without = "DROP INDEX exception_changes_by_act; ALTER TABLE exception_changes DROP COLUMN entry; \
                   DELETE FROM _sqlx_migrations WHERE version = 28;";
    tamper(acted.path(), without).await.unwrap();
    assert_eq!(entries(acted.path()).await, before);
    let ended = verified(acted.path());
    assert_eq!(ended.code, 0, "{}", ended.all());
}

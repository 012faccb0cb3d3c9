//! Runs that are withdrawn, held, released and replaced.

use crate::{
    house::{Answer, House, orders},
    sound::sound,
    stewards::what_was_read_adds_up,
};
use axum::{
    body::Body,
    http::{Request, header::CONTENT_TYPE},
};
use model::{id::WorkspaceId, run::Difference};
use serde_json::{Value, json};

async fn act(house: &House, run: &Value, act: &str) -> Answer {
    said(house, run, act, json!({ "reason": "the wrong month" })).await
}

async fn said(house: &House, run: &Value, act: &str, what: Value) -> Answer {
    let id = run["id"].as_str().unwrap();
    let request = Request::post(format!("/api/v1/runs/{id}/{act}"))
        .header(CONTENT_TYPE, "application/json")
        .header("x-tarazu-actor", "ravi")
        .body(Body::from(what.to_string()));
    house.send(request.unwrap()).await
}

/// The revenue of all rows that count, and how many they are.
async fn sales(house: &House) -> (u64, String) {
    let figures = house.store.sales(&WorkspaceId::main(), &[]).await.unwrap();
    (figures.rows, figures.revenue.to_string())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_withdrawn_run_leaves_the_totals_and_its_keys_are_free() {
    let house = House::new().await;
    let first = house.run("filename=january.csv", orders(1..=10)).await;
    let second = house.run("filename=february.csv", orders(8..=20)).await;
    assert_eq!(second["found_by_server"], 3);
    assert_eq!(sales(&house).await, (20, "4810.00".to_owned()));

    let done = act(&house, &first, "withdrawal").await;
    assert_eq!(done.status, 200, "{}", done.text());
    let withdrawn = &done.json()["withdrawn"];
    assert_eq!(
        (
            &withdrawn["actor"],
            &withdrawn["reason"],
            &withdrawn["replaced_by"]
        ),
        (&"ravi".into(), &"the wrong month".into(), &Value::Null)
    );
    said(&house, &first, "withdrawal", json!("no object"))
        .await
        .problem(400, "invalid-request");
    assert_eq!(sales(&house).await, (10, "2405.00".to_owned()));
    act(&house, &first, "withdrawal")
        .await
        .problem(409, "not-withdrawable");

    // The withdrawn file itself can be judged anew.
    let again = house.run("filename=january.csv", orders(1..=10)).await;
    assert_eq!(
        (&again["status"], &again["found_by_server"]),
        (&"complete".into(), &0.into())
    );
    assert_eq!(sales(&house).await, (20, "4810.00".to_owned()));
    let events = house.events("main").await;
    assert!(events.iter().any(|it| it == "run.withdrawn"));
    // Nothing was erased.
    let id = first["id"].as_str().unwrap();
    let file = house.get(&format!("/api/v1/runs/{id}/file")).await;
    assert_eq!(file.text(), orders(1..=10));
    house.verify("main").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_refused_for_a_run_that_is_withdrawn_is_judged_anew_and_enters() {
    let house = House::new().await;
    let first = house.run("filename=january.csv", orders(1..=10)).await;
    let second = house.run("filename=february.csv", orders(8..=20)).await;
    let third = house.run("filename=march.csv", orders(4..=5)).await;
    let refused = |run: &Value| {
        let accepted = &run["verdict"]["rows"]["accepted"];
        (run["found_by_server"].clone(), accepted.clone())
    };
    assert_eq!(refused(&second), (3.into(), 10.into()));
    assert_eq!(refused(&third), (2.into(), 0.into()));
    // As long as it counts, nothing changes.
    let replay = async |run: &Value, changed: u64| {
        let body = json!({
            "filter": { "run": run["id"], "code": "UNQ02" },
            "act": { "act": "replay" },
        });
        let request = Request::post("/api/v1/exceptions/bulk")
            .header(CONTENT_TYPE, "application/json")
            .body(Body::from(body.to_string()));
        let done = house.send(request.unwrap()).await.json();
        assert_eq!(done["entered"], changed, "{done}");
    };
    replay(&second, 0).await;
    assert_eq!(act(&house, &first, "withdrawal").await.status, 200);
    assert_eq!(sales(&house).await, (10, "2405.00".to_owned()));

    // Row by row, of a file that has rows in the ledger.
    replay(&second, 3).await;
    assert_eq!(sales(&house).await, (13, "3126.50".to_owned()));
    // As a whole, where the same bytes would give the earlier run.
    let known = house.post("filename=march.csv", orders(4..=5)).await;
    assert_eq!(
        (known.status.as_u16(), &known.json()["id"]),
        (200, &third["id"])
    );
    let anew = house
        .run("filename=march.csv&again=true", orders(4..=5))
        .await;
    assert_eq!(anew["status"], "complete");
    assert_eq!(refused(&anew), (0.into(), 2.into()));
    assert_eq!(sales(&house).await, (15, "3607.50".to_owned()));
    house.verify("main").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_takes_the_place_of_another_after_a_look_at_what_changes() {
    let house = House::new().await;
    let first = house.run("filename=january.csv", orders(1..=10)).await;
    let id = first["id"].as_str().unwrap();
    let mended = orders(3..=12).replace(
        "ORD-5,2026-01-15,North,Milk 1L,2,240.50",
        "ORD-5,2026-01-15,North,Milk 1L,2,100.00",
    );
    let query = format!("filename=mended.csv&replaces={id}&admission=after-confirmation");
    let held = house.run(&query, mended).await;
    assert_eq!(
        (&held["status"], &held["replaces"]),
        (&"held".into(), &id.into())
    );
    assert_eq!(sales(&house).await, (10, "2405.00".to_owned()));

    let path = format!("/api/v1/runs/{}/difference", held["id"].as_str().unwrap());
    let difference = house.get(&path).await.json();
    let part = |name: &str| {
        (
            difference[name]["rows"].clone(),
            difference[name]["money"].clone(),
        )
    };
    assert_eq!(part("added"), (2.into(), "481.00".into()));
    assert_eq!(part("gone"), (2.into(), "481.00".into()));
    assert_eq!(part("changed"), (1.into(), "100.00".into()));
    assert_eq!(difference["changed_before"], "240.50");
    assert_eq!(part("same"), (7.into(), "1683.50".into()));
    assert_eq!(difference["examples"].as_array().unwrap().len(), 5);

    let begun = act(&house, &held, "release").await;
    assert_eq!(begun.status, 202, "{}", begun.text());
    let released = house.settled(&begun.json()).await;
    assert_eq!(
        (&released["status"], &released["found_by_server"]),
        (&"complete".into(), &0.into())
    );
    assert_eq!(sales(&house).await, (10, "2264.50".to_owned()));
    for replaced in [&first, &held] {
        let path = format!("/api/v1/runs/{}", replaced["id"].as_str().unwrap());
        let withdrawn = house.get(&path).await.json()["withdrawn"].clone();
        assert_eq!(withdrawn["replaced_by"], released["id"], "{withdrawn}");
    }
    let lineage = async |run: &Value| {
        let path = format!("/api/v1/runs/{}/lineage", run["id"].as_str().unwrap());
        house.get(&path).await.json()
    };
    let (before, after) = (lineage(&first).await, lineage(&released).await);
    assert_eq!(before["replaced_by"]["run"], released["id"]);
    assert_eq!(
        (&before["counting"], &before["rows"]["accepted"]),
        (&json!(0), &json!(10))
    );
    let replaced = &after["replaces"];
    assert_eq!(replaced["run"], released["replaces"], "{replaced}");
    assert_eq!(after["counting"], 10);
    act(&house, &held, "release")
        .await
        .problem(409, "not-releasable");
    let again = format!("filename=x.csv&replaces={id}");
    house
        .post(&again, orders(1..=1))
        .await
        .problem(409, "not-replaceable");
    house.verify("main").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_entered_by_correction_is_in_the_difference_to_its_file() {
    let house = House::new().await;
    let found = orders(1..=10).replacen("North", "Nort", 2);
    let first = house.run("filename=january.csv", found).await;
    let id = first["id"].as_str().unwrap();
    let corrected = json!({ "version": 1, "cells": { "region": "North" } });
    let corrected = said(&house, &first, "exceptions/1/corrections", corrected).await;
    assert_eq!(corrected.status, 200, "{}", corrected.text());
    // Another comes back with an export.
    let export = format!("/api/v1/runs/{id}/exceptions.csv");
    let export = house.get(&export).await.text().replace(",Nort,", ",North,");
    let lines: Vec<&str> = export.lines().filter(|it| !it.contains("ORD-1,")).collect();
    let returned = house.run("filename=fixed.csv", lines.join("\r\n")).await;
    assert_eq!(returned["rows_accepted"], 1, "{returned}");
    assert_eq!(sales(&house).await, (10, "2405.00".to_owned()));

    let mended = orders(1..=11).replacen("240.50", "100.00", 1);
    let query = format!("filename=mended.csv&replaces={id}&admission=after-confirmation");
    let held = house.run(&query, mended).await;
    let path = format!("/api/v1/runs/{}/difference", held["id"].as_str().unwrap());
    let difference = house.get(&path).await.json();
    let rows = ["added", "changed", "gone", "same"].map(|it| difference[it]["rows"].clone());
    assert_eq!(rows, [1, 1, 0, 9].map(Value::from), "{difference}");
    assert_eq!(difference["changed_before"], "240.50");
    let begun = act(&house, &held, "release").await;
    assert_eq!(house.settled(&begun.json()).await["status"], "complete");
    assert_eq!(sales(&house).await, (11, "2505.00".to_owned()));
    house.verify("main").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_of_other_files_are_in_the_difference_where_they_have_to_do_with_it() {
    let house = House::new().await;
    house.run("filename=a.csv", orders(1..=10)).await;
    house.run("filename=b.csv", orders(20..=22)).await;
    let header = orders([]);
    let of = |ids: &[u64]| orders(ids.iter().copied());
    let fifth = of(&[5]).replace("240.50", "100.00");
    let file = fifth + of(&[40, 41, 42]).trim_start_matches(&header);
    let replaced = house.run("filename=c.csv", file).await;
    // The row of a.csv leaves for that of c.csv.
    let settled = json!({ "version": 1, "settlement": "take-place", "reason": "the later one" });
    let settled = said(&house, &replaced, "exceptions/1/settlement", settled).await;
    assert_eq!(settled.status, 200, "{}", settled.text());
    assert_eq!(sales(&house).await, (16, "3707.50".to_owned()));

    let id = replaced["id"].as_str().unwrap();
    let query = format!("filename=d.csv&replaces={id}&admission=after-confirmation");
    let held = house.run(&query, of(&[20, 40, 41, 42, 50])).await;
    let path = format!("/api/v1/runs/{}/difference", held["id"].as_str().unwrap());
    let difference = house.get(&path).await.json();
    let rows = ["added", "changed", "gone", "same", "refused"];
    let rows = rows.map(|it| difference[it]["rows"].clone());
    assert_eq!(rows, [1, 1, 0, 3, 1].map(Value::from), "{difference}");
    assert_eq!(
        (
            &difference["changed"]["money"],
            &difference["changed_before"]
        ),
        (&"240.50".into(), &"100.00".into())
    );
    let page = format!("/runs/{}", held["id"].as_str().unwrap());
    let page = house.page(&page).await.text();
    assert!(page.contains("another file has their key"));
    let begun = act(&house, &held, "release").await;
    let released = house.settled(&begun.json()).await;
    assert_eq!(released["found_by_server"], 1);
    assert_eq!(sales(&house).await, (17, "4088.50".to_owned()));
    house.verify("main").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_rows_that_had_one_place_after_another_the_difference_tells_which_comes_back() {
    // Two rows of the replaced file had the place, one after the other: what had it before them comes back.
    let house = House::new().await;
    let header = orders([]);
    house.run("filename=a.csv", orders(1..=6)).await;
    let [earlier, later] = ["100.00", "200.00"].map(|it| orders([5]).replace("240.50", it));
    let file = orders(40..=41) + &(earlier + &later).replace(&header, "");
    let replaced = house.run("filename=c.csv", file).await;
    for record in [3, 4] {
        take_place(&house, &replaced, record).await;
    }
    assert_eq!(sales(&house).await, (8, "1883.50".to_owned()));
    let refused = happens_as_told(&house, &replaced, orders([5, 40, 50])).await;
    assert_eq!(refused, 1);
    assert_eq!(sales(&house).await, (8, "1924.00".to_owned()));

    // The row that had the place came back in a file of two runs, and leaves with the one that it came from.
    let (house, runs, head) =
        came_back_with("A2,2026-01-15,Suth,Milk 1L,1,7.00\nA3,2026-01-15,North,Milk 1L,1,1.00\n")
            .await;
    let corrected = json!({ "version": 1, "cells": { "region": "South" } });
    let corrected = said(&house, &runs[0], "exceptions/3/corrections", corrected).await;
    assert_eq!(corrected.status, 200, "{}", corrected.text());
    let settled = json!({ "version": 2, "settlement": "take-place", "reason": "the later one" });
    let settled = said(&house, &runs[0], "exceptions/3/settlement", settled).await;
    assert_eq!(settled.status, 200, "{}", settled.text());
    assert_eq!(sales(&house).await, (5, "213.00".to_owned()));
    let file = format!("{head}A2,2026-01-15,North,Milk 1L,1,8.00\n");
    assert_eq!(happens_as_told(&house, &runs[0], file).await, 0);
    assert_eq!(sales(&house).await, (3, "113.00".to_owned()));
}

/// Lets a file take the place of a run, and compares the sums with what the difference told before. How many rows were
/// refused.
async fn happens_as_told(house: &House, replaced: &Value, file: String) -> u64 {
    let counting = async || {
        let figures = house.store.sales(&WorkspaceId::main(), &[]).await.unwrap();
        (figures.rows, figures.revenue)
    };
    let id = replaced["id"].as_str().unwrap();
    let query = format!("filename=d.csv&replaces={id}&admission=after-confirmation");
    let held = house.run(&query, file).await;
    let path = format!("/api/v1/runs/{}/difference", held["id"].as_str().unwrap());
    let told: Difference = serde_json::from_value(house.get(&path).await.json()).unwrap();
    let before = counting().await;
    let begun = act(house, &held, "release").await;
    let released = house.settled(&begun.json()).await;
    assert_eq!(released["found_by_server"], told.refused.rows, "{told:?}");
    let rows = before.0 + told.added.rows - told.gone.rows;
    let changed = told.changed.money - told.changed_before;
    let money = before.1 + told.added.money + changed - told.gone.money;
    assert_eq!(counting().await, (rows, money), "{told:?}");
    house.verify("main").await;
    told.refused.rows
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_is_to_enter_whole_is_held_for_one_exception() {
    let house = House::new().await;
    let whole = house.run("admission=all-or-none", orders(1..=3)).await;
    assert_eq!(whole["status"], "complete");
    let broken = orders(4..=30).replacen("240.50", "lots", 1);
    let held = house.run("admission=all-or-none", broken).await;
    assert_eq!(
        (&held["status"], &held["verdict"]["held"]),
        (&"held".into(), &Value::Null)
    );
    assert_eq!(sales(&house).await.0, 3);
    let begun = act(&house, &held, "release").await;
    let released = house.settled(&begun.json()).await;
    assert_eq!(
        (
            &released["status"],
            &released["verdict"]["rows"]["accepted"]
        ),
        (&"complete".into(), &26.into())
    );
    assert_eq!(sales(&house).await.0, 29);

    // What has not the form of the contract has no rows to let in.
    let held = house.run("", "a,b\n1,2\n").await;
    assert_eq!(held["status"], "held");
    act(&house, &held, "release")
        .await
        .problem(409, "not-releasable");
    let bad = house.post("admission=perhaps", orders(1..=1)).await;
    bad.problem(400, "invalid-request");
    house.verify("main").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_held_for_its_share_of_exceptions_can_be_released() {
    let house = House::new().await;
    let file = orders(1..=10).replacen("240.50", "lots", 6);
    let held = house.run("", file).await;
    assert_eq!(
        (&held["status"], &held["verdict"]["held"]["reason"]),
        (&"held".into(), &"exception-rate".into())
    );
    let begun = act(&house, &held, "release").await;
    let released = house.settled(&begun.json()).await;
    assert_eq!(
        (&released["status"], &released["verdict"]["held"]),
        (&"complete".into(), &Value::Null)
    );
    assert_eq!(sales(&house).await.0, 4);
    house.verify("main").await;
}

/// Lets a row of the second run take the place of the one that holds its key in the first.
async fn take_place(house: &House, second: &Value, record: u64) -> Value {
    let what =
        json!({ "version": 1, "settlement": "take-place", "reason": "the later one is right" });
    let settled = said(
        house,
        second,
        &format!("exceptions/{record}/settlement"),
        what,
    )
    .await;
    assert_eq!(settled.status, 200, "{}", settled.text());
    settled.json()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_had_left_for_a_run_that_is_withdrawn_counts_again() {
    let house = House::new().await;
    house.run("filename=january.csv", orders(1..=3)).await;
    let later = orders(2..=5).replacen("240.50", "100.00", 1);
    let second = house.run("filename=february.csv", later).await;
    take_place(&house, &second, 1).await;
    assert_eq!(sales(&house).await, (5, "1062.00".to_owned()));

    // A correction goes with the run that it came from, and not by itself.
    let runs = house.runs("main").await;
    let correction = runs.iter().find(|it| it["kind"] == "correction").unwrap();
    act(&house, correction, "withdrawal")
        .await
        .problem(409, "not-withdrawable");

    let done = act(&house, &second, "withdrawal").await;
    assert_eq!(done.status, 200, "{}", done.text());
    assert_eq!(sales(&house).await, (3, "721.50".to_owned()));
    house.verify("main").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_withdrawn_does_not_come_back_with_a_reopened_exception() {
    let house = House::new().await;
    let first = house.run("filename=january.csv", orders(1..=3)).await;
    let second = house.run("filename=february.csv", orders(2..=5)).await;
    let settled = take_place(&house, &second, 1).await;
    act(&house, &first, "withdrawal").await;
    assert_eq!(sales(&house).await.0, 3);
    let what = json!({ "version": settled["version"], "reason": "no" });
    let reopened = said(&house, &second, "exceptions/1/reopen", what).await;
    assert_eq!(reopened.status, 200, "{}", reopened.text());
    assert_eq!(sales(&house).await, (2, "481.00".to_owned()));
    house.verify("main").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reopened_exception_gives_its_place_back_past_a_row_that_was_withdrawn() {
    let house = House::new().await;
    house.run("filename=january.csv", orders(2..=2)).await;
    let first = sales(&house).await;
    let mut later = Vec::new();
    for (name, amount) in [("february", "100.00"), ("march", "90.00")] {
        let file = orders(2..=2).replacen("240.50", amount, 1);
        let run = house.run(&format!("filename={name}.csv"), file).await;
        take_place(&house, &run, 1).await;
        assert_eq!(sales(&house).await, (1, amount.to_owned()));
        later.push(run);
    }
    assert_eq!(act(&house, &later[0], "withdrawal").await.status, 200);
    assert_eq!(sales(&house).await, (1, "90.00".to_owned()));
    let what = json!({ "version": 2, "reason": "a test" });
    let reopened = said(&house, &later[1], "exceptions/1/reopen", what).await;
    assert_eq!(reopened.status, 200, "{}", reopened.text());
    assert_eq!(sales(&house).await, first);
    what_was_read_adds_up(&house).await;
    house.verify("main").await;
    sound(house.folder()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_gave_its_place_to_another_row_is_told_beside_the_exceptions() {
    let house = House::new().await;
    let first = house.run("filename=january.csv", orders(1..=3)).await;
    let later = orders(2..=5).replacen("240.50", "100.00", 1);
    let second = house.run("filename=february.csv", later).await;
    let basis = async |of: Option<&Value>| {
        let run = of.map_or(String::new(), |it| {
            format!("?run={}", it["id"].as_str().unwrap())
        });
        let basis = house.get(&format!("/api/v1/sales/basis{run}")).await.json();
        [
            "rows_read",
            "rows_left",
            "displaced_rows",
            "displaced_money",
        ]
        .map(|it| basis[it].clone())
    };
    let told = |read: u64, left: u64, displaced: u64, money: &str| {
        [read.into(), left.into(), displaced.into(), json!(money)]
    };
    assert_eq!(basis(None).await, told(7, 2, 0, "0.00"));
    take_place(&house, &second, 1).await;
    assert_eq!(basis(None).await, told(7, 1, 1, "240.50"));
    let page = house.page("/sales").await.text();
    assert!(
        page.contains(" 1 row gave way to another with the same key."),
        "{page}"
    );
    assert_eq!(basis(Some(&first)).await, told(3, 0, 1, "240.50"));
    assert_eq!(basis(Some(&second)).await, told(4, 1, 0, "0.00"));
    what_was_read_adds_up(&house).await;

    // What entered by a correction gives its place in its turn: it came with the second file.
    let third = house.run("filename=march.csv", orders(2..=2)).await;
    take_place(&house, &third, 1).await;
    assert_eq!(basis(None).await, told(8, 1, 2, "340.50"));
    assert_eq!(basis(Some(&second)).await, told(4, 1, 1, "100.00"));
    what_was_read_adds_up(&house).await;

    assert_eq!(act(&house, &second, "withdrawal").await.status, 200);
    assert_eq!(basis(None).await, told(4, 0, 1, "240.50"));
    what_was_read_adds_up(&house).await;
    assert_eq!(act(&house, &third, "withdrawal").await.status, 200);
    assert_eq!(basis(None).await, told(3, 0, 0, "0.00"));
    what_was_read_adds_up(&house).await;
    house.verify("main").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_releases_of_one_run_one_is_loaded() {
    let folder = tempfile::tempdir().unwrap();
    let house = House::at(folder.path(), 1 << 20).await;
    let broken = orders(1..=30).replacen("240.50", "lots", 1);
    let held = house.run("admission=all-or-none", broken).await;
    assert_eq!(held["status"], "held");
    // Both wait before either is done.
    house.runs.finish().await;
    let mut begun = Vec::new();
    for _ in 0..2 {
        let answer = act(&house, &held, "release").await;
        assert_eq!(answer.status, 202, "{}", answer.text());
        begun.push(answer.json());
    }
    let other = House::at(folder.path(), 1 << 20).await;
    let mut ends = Vec::new();
    for run in &begun {
        ends.push(other.settled(run).await["status"].clone());
    }
    ends.sort_by_key(ToString::to_string);
    assert_eq!(ends, ["complete", "failed"]);
    assert_eq!(sales(&house).await.0, 29);
    house.verify("main").await;
}

/// Two files that wait to take the place of one, of two and of three rows more.
async fn two_for_one_place(house: &House) -> [Value; 2] {
    let first = house.run("filename=january.csv", orders(1..=10)).await;
    let id = first["id"].as_str().unwrap();
    let query = |name| format!("filename={name}.csv&replaces={id}&admission=after-confirmation");
    let two = house.run(&query("two"), orders(1..=12)).await;
    let three = house.run(&query("three"), orders(1..=13)).await;
    assert_eq!(
        (&two["status"], &three["status"]),
        (&json!("held"), &json!("held"))
    );
    [two, three]
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_files_that_wait_for_one_place_the_second_is_told_who_has_it() {
    for order in [[0, 1], [1, 0]] {
        let house = House::new().await;
        let waiting = two_for_one_place(&house).await;
        let [first, second] = order.map(|it| &waiting[it]);
        let released = house
            .settled(&act(&house, first, "release").await.json())
            .await;
        assert_eq!(released["status"], "complete");
        let counting = sales(&house).await;
        assert_eq!(counting.0, [12, 13][order[0]]);

        // Its page says so before anything is sent.
        let id = second["id"].as_str().unwrap();
        let offers = async || {
            let page = house.page(&format!("/runs/{id}")).await.text();
            let to = format!("<a href=\"/runs/{}\">", released["id"].as_str().unwrap());
            let told = page.split_once("It cannot be let in");
            let leads =
                told.map(|(_, rest)| rest.split_once("</section>").unwrap().0.contains(&to));
            (page.contains("Let its rows in"), leads)
        };
        assert_eq!(offers().await, (false, Some(true)));
        let path = format!("/api/v1/runs/{id}/difference");
        let difference = house.get(&path).await.json();
        assert_eq!(difference["place_taken"]["run"], released["id"]);
        assert_eq!(difference["added"]["rows"], 0);
        let problem = act(&house, second, "release")
            .await
            .problem(409, "place-taken");
        assert_eq!(problem["run"], released["id"]);
        let told = format!(
            "{} ({})",
            first["file_name"].as_str().unwrap(),
            released["id"].as_str().unwrap()
        );
        assert!(
            problem["detail"].as_str().unwrap().contains(&told),
            "{problem}"
        );
        assert_eq!(sales(&house).await, counting);
        let path = format!("/api/v1/runs/{}", second["id"].as_str().unwrap());
        let stands = house.get(&path).await.json();
        assert_eq!(
            (&stands["status"], &stands["withdrawn"]),
            (&json!("held"), &Value::Null)
        );

        // Its file takes the place of that run, or, where the place is free again, it is let in.
        let rows = [12, 13][order[1]];
        if order == [0, 1] {
            let query = format!(
                "filename=again.csv&replaces={}",
                released["id"].as_str().unwrap()
            );
            let again = house.run(&query, orders(1..=rows)).await;
            assert_eq!(again["status"], "complete", "{again}");
            assert_eq!(act(&house, second, "withdrawal").await.status, 200);
        } else {
            assert_eq!(act(&house, &released, "withdrawal").await.status, 200);
            assert_eq!(offers().await, (true, None));
            let released = act(&house, second, "release").await.json();
            assert_eq!(house.settled(&released).await["status"], "complete");
        }
        assert_eq!(sales(&house).await.0, rows);
        house.verify("main").await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_that_are_let_into_one_place_at_once_one_is_loaded() {
    for order in [[0, 1], [1, 0]] {
        let folder = tempfile::tempdir().unwrap();
        let house = House::at(folder.path(), 1 << 20).await;
        let waiting = two_for_one_place(&house).await;
        // Both are begun before either is done.
        house.runs.finish().await;
        let mut begun = Vec::new();
        for it in order {
            let answer = act(&house, &waiting[it], "release").await;
            assert_eq!(answer.status, 202, "{}", answer.text());
            begun.push(answer.json());
        }
        let other = House::at(folder.path(), 1 << 20).await;
        let mut ends = Vec::new();
        for run in &begun {
            ends.push(other.settled(run).await["status"].clone());
        }
        let loaded = ends.iter().position(|it| it == "complete").unwrap();
        assert_eq!(ends[1 - loaded], "failed");
        assert_eq!(sales(&other).await.0, [12, 13][order[loaded]]);
        let left = &waiting[order[1 - loaded]];
        let problem = act(&other, left, "release")
            .await
            .problem(409, "place-taken");
        assert_eq!(problem["run"], begun[loaded]["id"]);
        other.verify("main").await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_that_came_back_in_one_file_leave_with_the_runs_that_they_came_from() {
    let (house, runs, _) = came_back().await;
    let done = act(&house, &runs[0], "withdrawal").await;
    assert_eq!(done.status, 200, "{}", done.text());
    assert_eq!(sales(&house).await, (2, "105.00".to_owned()));
    let events = house.events("main").await;
    assert_eq!(
        events.iter().filter(|it| *it == "rows.withdrawn").count(),
        1
    );
    house.verify("main").await;
    sound(house.folder()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn such_a_row_that_gave_its_place_does_not_come_back_once_its_run_is_withdrawn() {
    let (house, runs, head) = came_back().await;
    let other = format!("{head}A2,2026-01-15,South,Milk 1L,1,7.00\n");
    let other = house.run("filename=other.csv", other).await;
    take_place(&house, &other, 1).await;
    assert_eq!(sales(&house).await, (4, "212.00".to_owned()));
    what_was_read_adds_up(&house).await;
    assert_eq!(act(&house, &runs[0], "withdrawal").await.status, 200);
    assert_eq!(sales(&house).await, (3, "112.00".to_owned()));
    assert_eq!(act(&house, &other, "withdrawal").await.status, 200);
    assert_eq!(sales(&house).await, (2, "105.00".to_owned()));
    what_was_read_adds_up(&house).await;
    house.verify("main").await;
    sound(house.folder()).await;
}

/// Two files of a row that counts and one that came put right, both of them in one file; and the header of all.
async fn came_back() -> (House, Vec<Value>, &'static str) {
    let (house, runs, head) = came_back_with("").await;
    assert_eq!(sales(&house).await, (4, "215.00".to_owned()));
    (house, runs, head)
}

/// The same, with further rows in the first file; those of Suth are not put right.
async fn came_back_with(further: &str) -> (House, Vec<Value>, &'static str) {
    let house = House::new().await;
    let head = "order_id,order_date,region,product,quantity,revenue\n";
    let mut runs = Vec::new();
    for (name, paid, further) in [("A", "10.00", further), ("B", "5.00", "")] {
        let file = format!(
            "{head}{name}1,2026-01-15,North,Milk 1L,1,100.00\n{name}2,2026-01-15,Nrth,Milk 1L,1,{paid}\n{further}"
        );
        let run = house.run(&format!("filename={name}.csv"), file).await;
        runs.push(run);
    }
    let export = house.get("/api/v1/exceptions.csv").await.text();
    let fixed: String = export
        .split_inclusive('\n')
        .filter(|it| !it.contains("Suth"))
        .collect();
    let fixed = fixed.replace("Nrth", "North");
    let back = house.run("filename=fixed.csv", fixed).await;
    assert_eq!(
        (&back["kind"], &back["origin"]),
        (&json!("correction"), &json!(null)),
        "{back}"
    );
    (house, runs, head)
}

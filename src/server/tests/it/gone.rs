//! The database goes away in the middle of things, as in a loss of power, and comes back, or another server takes its
//! place; and single connections to it are cut.

use crate::{
    cluster::Cluster,
    command::{command, text},
    house::{orders, sample},
    places::not_run,
    serving::{Answer, Serving, answer},
    sound::sound_at,
};
use serde_json::{Value, json};
use server::clock::Stopwatch;
use sqlx::{Connection, PgConnection};
use std::{path::Path, time::Duration};
use tokio::runtime::Runtime;

#[test]
fn what_the_database_went_away_from_ends_once_it_is_back() {
    let cluster = match Cluster::start() {
        Ok(cluster) => cluster,
        Err(why) => return not_run(&format!("no PostgreSQL can be started here: {why}")),
    };
    let folder = tempfile::tempdir().unwrap();
    let mut server = start(&cluster, folder.path());
    let before = orders(1..=20).replacen("North", "", 4);
    let before = server.begin("before.csv", before.as_bytes());
    server.settled();
    for (seed, stage) in (1..).zip(["validate", "isolate", "load", "summarise"]) {
        let (file, _) = sample(20_000, seed);
        let id = server.begin(&format!("{stage}.csv"), &file);
        server.wait(&id, stage);
        cluster.stop();

        // Whoever comes or acts meanwhile learns that it is worth coming again, and then is taken. Under a key nobody need
        // ask whether it was done.
        let path = format!("/api/v1/runs/{before}/exceptions/{seed}/corrections");
        let act = json!({ "version": 1, "cells": { "region": "East" } });
        let act = || server.ask_under(stage, &path, &act);
        let acting = act();
        let other = orders([1000 + seed]);
        let refused = server.post("meanwhile.csv", other.as_bytes());
        unavailable(&refused);
        unavailable(&answer(acting));
        let (status, _) = server.get("/readyz");
        assert_eq!(status, 503);

        cluster.begin(&[]);
        let done = answer(act());
        assert_eq!(done.status, 200, "{done:?}");
        let again = answer(act());
        assert!(
            again.head.contains("idempotency-replayed: true"),
            "{again:?}"
        );
        assert_eq!(done.body, again.body);
        let row = server.exception(&before, seed);
        let history = row["history"].as_array().unwrap();
        assert_eq!((&row["state"], history.len()), (&json!("corrected"), 1));
        let taken = server.begin("meanwhile.csv", other.as_bytes());
        let runs = server.settled();
        let run = |id: &str| runs.iter().find(|it| it["id"] == id).unwrap();
        assert_eq!(run(&taken)["status"], "complete", "{stage}");
        let cut = run(&id);
        println!("{stage}: {} {}", cut["status"], cut["reason"]);
        if cut["status"] != "complete" {
            assert_eq!(cut["status"], "failed");
            let reason = cut["reason"].as_str().unwrap();
            assert!(reason.contains("Hand the file in again"), "{reason}");
            // Nothing of it holds a key.
            server.begin(&format!("{stage}.csv"), &file);
            assert_eq!(server.settled()[0]["status"], "complete");
        }
        Runtime::new()
            .unwrap()
            .block_on(sound_at(&cluster.url("postgres")));
    }
    verify(&cluster, folder.path());
}

#[test]
fn a_connection_that_is_cut_while_rows_go_over_it_fails_the_run_and_no_other() {
    let cluster = match Cluster::start() {
        Ok(cluster) => cluster,
        Err(why) => return not_run(&format!("no PostgreSQL can be started here: {why}")),
    };
    let folder = tempfile::tempdir().unwrap();
    let server = start(&cluster, folder.path());
    let url = cluster.url("postgres");
    for (seed, (rows, stage)) in (1..).zip([("COPY kept_rows", "isolate"), ("COPY ledger", "load")])
    {
        let (file, _) = sample(60_000, seed);
        let file = String::from_utf8(file).unwrap();
        let file = file.replace("ORD", &format!("F{seed}-"));
        let id = server.begin("cut.csv", file.as_bytes());
        Runtime::new().unwrap().block_on(cut(&url, rows));
        let other = server.begin("other.csv", orders([1000 + seed]).as_bytes());
        let runs = server.settled();
        let run = |id: &str| runs.iter().find(|it| it["id"] == id).unwrap();
        assert_eq!(run(&other)["status"], "complete", "{rows}");
        assert_eq!(run(&id)["status"], "failed", "{rows}");
        let reason = run(&id)["reason"].as_str().unwrap();
        assert!(reason.contains("Hand the file in again"), "{reason}");
        let (_, log) = server.get("/api/v1/audit/export");
        let mut log = log.lines().filter(|it| it.contains(&id));
        let failed = log.find(|it| it.contains("run.failed")).unwrap();
        let failed: Value = serde_json::from_str(failed).unwrap();
        let details = &failed["details"];
        assert_eq!(
            (&details["kind"], &details["stage"]),
            (&"store-failed".into(), &stage.into()),
            "{failed}"
        );
        // Whoever ends a session says so, or it breaks.
        let code = details["code"].as_str().unwrap();
        assert!(!code.is_empty(), "{failed}");
        println!("{rows}: {code}");
        Runtime::new().unwrap().block_on(sound_at(&url));

        let again = server.begin("cut.csv", file.as_bytes());
        server.settled();
        let (_, again) = server.get(&format!("/api/v1/runs/{again}"));
        let again: Value = serde_json::from_str(&again).unwrap();
        assert_eq!(
            (&again["status"], &again["found_by_server"]),
            (&"complete".into(), &0.into()),
            "{rows}"
        );
        Runtime::new().unwrap().block_on(sound_at(&url));
    }
    verify(&cluster, folder.path());
}

/// Ends the session whose statement begins so, as soon as there is one.
async fn cut(url: &str, statement: &str) {
    let mut database = PgConnection::connect(url).await.unwrap();
    let watch = Stopwatch::start();
    let cut = "SELECT count(*) FROM (SELECT pg_terminate_backend(pid) AS done FROM pg_stat_activity \
               WHERE application_name = 'tarazu' AND state <> 'idle' AND starts_with(query, $1)) AS a WHERE done";
    while watch.elapsed() < Duration::from_mins(2) {
        let cut = sqlx::query_scalar(cut).bind(statement);
        let cut: i64 = cut.fetch_one(&mut database).await.unwrap();
        if cut > 0 {
            return;
        }
    }
    panic!("nobody says {statement}");
}

#[test]
fn another_server_takes_the_place_of_the_database_s_and_everything_goes_on() {
    let cluster = match Cluster::start() {
        Ok(cluster) => cluster,
        Err(why) => return not_run(&format!("no PostgreSQL can be started here: {why}")),
    };
    let mut standby = cluster.standby();
    // What is committed is on both from now on.
    Runtime::new().unwrap().block_on(async {
        let url = cluster.url("postgres");
        let mut database = PgConnection::connect(&url).await.unwrap();
        for statement in [
            "ALTER SYSTEM SET synchronous_standby_names = '*'",
            "SELECT pg_reload_conf()",
        ] {
            let done = sqlx::raw_sql(statement).execute(&mut database).await;
            done.unwrap();
        }
    });
    let folder = tempfile::tempdir().unwrap();
    let mut server = start(&cluster, folder.path());
    let before = server.begin("before.csv", orders(1..=10).as_bytes());
    server.settled();
    let (file, _) = sample(20_000, 1);
    let cut = server.begin("cut.csv", &file);
    server.wait(&cut, "load");
    cluster.stop();

    // As long as it only follows, it is read.
    standby.move_to(cluster.port());
    let (status, run) = server.get(&format!("/api/v1/runs/{before}"));
    assert_eq!(status, 200, "{run}");
    let rows = orders([1000]);
    unavailable(&server.post("meanwhile.csv", rows.as_bytes()));
    standby.promote();
    let taken = server.begin("meanwhile.csv", rows.as_bytes());
    let runs = server.settled();
    let run = |id: &str| runs.iter().find(|it| it["id"] == id).unwrap();
    for id in [&before, &taken] {
        assert_eq!(run(id)["status"], "complete");
    }
    let cut = run(&cut);
    println!("{} {}", cut["status"], cut["reason"]);
    if cut["status"] != "complete" {
        assert_eq!(cut["status"], "failed");
        server.begin("cut.csv", &file);
        assert_eq!(server.settled()[0]["status"], "complete");
    }
    let url = standby.url("postgres");
    Runtime::new().unwrap().block_on(sound_at(&url));
    verify(&standby, folder.path());
}

fn verify(cluster: &Cluster, folder: &Path) {
    let mut verify = command(&["audit", "verify", "--data-dir", text(folder)]);
    let verify = verify.env("DATABASE_URL", cluster.url("postgres"));
    let verified = verify.output().unwrap();
    assert!(verified.status.success(), "{verified:?}");
}

fn start(cluster: &Cluster, folder: &Path) -> Serving {
    let mut serve = command(&["serve", "--runs", "1"]);
    serve.arg("--data-dir").arg(folder);
    Serving::of(serve.env("DATABASE_URL", cluster.url("postgres")))
}

fn unavailable(answer: &Answer) {
    assert_eq!(answer.status, 503, "{answer:?}");
    assert!(answer.head.contains("\r\nretry-after: "), "{answer:?}");
    let problem: Value = serde_json::from_str(&answer.body).unwrap();
    assert_eq!(problem["type"], "urn:tarazu:problem:unavailable");
}

//! A full disk, on a real file system of a few megabytes.

use crate::{
    cluster::Cluster,
    command::{command, text},
    exceptions::Life,
    house::{House, orders},
    places::{self, not_run},
    serving::{Serving, answer},
    sound::{sound, sound_at},
};
use axum::http::StatusCode;
use serde_json::{Value, json};
use std::{fs, path::Path, process::Command};

/// A small file system of its own, unmounted at the end.
struct SmallDisk(tempfile::TempDir);

impl SmallDisk {
    fn mount(megabytes: u32) -> Result<Self, String> {
        let folder = tempfile::tempdir().map_err(|it| it.to_string())?;
        let size = format!("size={megabytes}m");
        let mut mount = Command::new("mount");
        mount
            .args(["-t", "tmpfs", "-o", &size, "tmpfs"])
            .arg(folder.path());
        let done = mount.output().map_err(|it| it.to_string())?;
        if done.status.success() {
            Ok(Self(folder))
        } else {
            Err(String::from_utf8_lossy(&done.stderr).trim().to_owned())
        }
    }

    /// Somebody makes room.
    fn grow(&self, megabytes: u32) {
        let size = format!("remount,size={megabytes}m");
        let mut mount = Command::new("mount");
        let grown = mount.args(["-o", &size]).arg(self.path()).status();
        assert!(
            grown.is_ok_and(|it| it.success()),
            "the small disk stays small"
        );
    }

    fn path(&self) -> &Path {
        self.0.path()
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let unmounted = Command::new("umount").arg("-l").arg(self.path()).status();
        assert!(
            unmounted.is_ok_and(|it| it.success()),
            "the small disk stays mounted"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_the_disk_has_no_room_for_leaves_nothing_but_entries() {
    let disk = match SmallDisk::mount(8) {
        Ok(disk) => disk,
        Err(why) => return not_run(&format!("no small file system can be mounted here: {why}")),
    };
    let house = House::at(&disk.path().join("data"), 1 << 30).await;
    assert_eq!(
        house.run("filename=small.csv", orders(1..=10)).await["status"],
        "complete"
    );
    let kept = house.raw_files();
    house
        .post("filename=big.csv", vec![b'x'; 16 << 20])
        .await
        .problem(507, "disk-full");
    assert_eq!(house.raw_files(), kept);
    assert_eq!(house.runs("main").await.len(), 1);
    let events = house.events("main").await;
    assert!(events.ends_with(&["upload.refused".into(), "request.failed".into()]));
    // Where there is room again, everything goes on.
    assert_eq!(
        house.run("filename=next.csv", orders(11..=20)).await["status"],
        "complete"
    );
    // Of what comes in piecemeal, what found room is kept, and the rest is enough once there is some.
    let file = orders(100..=200_000).into_bytes();
    let at = house.announce(file.len(), "filename YmlnLmNzdg==").await;
    let answer = house.add(&at, 0, file.clone()).await;
    answer.problem(507, "disk-full");
    let kept = house.offset(&at).await;
    assert!(kept < file.len());
    disk.grow(256);
    let answer = house.add(&at, kept, file[kept..].to_vec()).await;
    let run = house.became(&answer).await;
    assert_eq!(
        (&run["status"], &run["rows_read"]),
        (&"complete".into(), &199_901.into())
    );
    house.verify("main").await;
    house.store.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_people_do_on_a_full_disk_is_refused_and_can_be_done_later() {
    if places::server().is_some() {
        return not_run("PostgreSQL's data lies elsewhere, and has a test of its own");
    }
    let disk = match SmallDisk::mount(12) {
        Ok(disk) => disk,
        Err(why) => return not_run(&format!("no small file system can be mounted here: {why}")),
    };
    let life = Life::of(House::at(&disk.path().join("data"), 1 << 30).await).await;
    fs::write(disk.path().join("others"), vec![0; 16 << 20]).unwrap_err();
    let path = format!("/api/v1/runs/{}/exceptions/2/comments", life.run);
    let mut said = 0;
    let refused = loop {
        let version = life.get(2).await["version"].clone();
        let body = json!({ "version": version, "text": "a".repeat(1_900) });
        let answer = life.post_as("asha", &path, &body).await;
        if answer.status != StatusCode::OK {
            break answer;
        }
        said += 1;
        assert!(said < 5_000, "the small disk is never full");
    };
    let problem = refused.problem(507, "disk-full");
    let log = life.house.log("main").await;
    let failed = &log.last().unwrap().entry;
    assert_eq!((&*failed.event, &*failed.actor), ("request.failed", "asha"));
    assert_eq!(problem["request_id"], failed.details["request"]);
    assert_eq!(failed.details["kind"], "disk-full");
    assert!(failed.details["code"].starts_with("SQLite "), "{failed:?}");
    let row = life.get(2).await;
    assert_eq!(row["history"].as_array().unwrap().len(), said);
    fs::remove_file(disk.path().join("others")).unwrap();
    let corrected = json!({ "cells": { "region": "East" } });
    let corrected = life.done(2, "corrections", corrected).await;
    assert_eq!(corrected["state"], "corrected");
    life.house.verify("main").await;
    life.house.store.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_the_database_has_no_room_for_fails_and_loads_nothing() {
    if places::server().is_some() {
        return not_run("PostgreSQL's data lies elsewhere, and has a test of its own");
    }
    let disk = match SmallDisk::mount(12) {
        Ok(disk) => disk,
        Err(why) => return not_run(&format!("no small file system can be mounted here: {why}")),
    };
    let house = House::at(&disk.path().join("data"), 1 << 30).await;
    assert_eq!(
        house.run("filename=small.csv", orders(1..=10)).await["status"],
        "complete"
    );
    // The file itself fits; its rows in ledger and log do not.
    let answer = house.post("filename=big.csv", orders(100..=90_000)).await;
    assert_eq!(answer.status, StatusCode::ACCEPTED, "{}", answer.text());
    let run = house.settled(&answer.json()).await;
    assert_eq!(run["status"], "failed", "{run}");
    assert!(
        run["reason"].as_str().unwrap().contains("disk is full"),
        "{run}"
    );
    let log = house.log("main").await;
    let mut ends = log.iter().filter(|it| it.entry.event == "run.failed");
    let failed = &ends.next().unwrap().entry;
    assert_eq!(failed.run.as_deref(), run["id"].as_str());
    assert_eq!(failed.details["kind"], "disk-full");
    assert!(failed.details["code"].starts_with("SQLite "), "{failed:?}");
    assert!(failed.details.contains_key("stage"), "{failed:?}");
    assert!(ends.next().is_none(), "{log:?}");
    sound(house.folder()).await;
    // Nothing of it holds a key; and where there is room again, everything goes on.
    disk.grow(64);
    let last = house.run("filename=next.csv", orders(100..=105)).await;
    assert_eq!(
        (&last["status"], &last["found_by_server"]),
        (&"complete".into(), &0.into())
    );
    sound(house.folder()).await;
    house.verify("main").await;
    house.store.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_and_an_act_that_postgresql_has_no_room_for_go_through_once_there_is_some() {
    let disk = match SmallDisk::mount(56) {
        Ok(disk) => disk,
        Err(why) => return not_run(&format!("no small file system can be mounted here: {why}")),
    };
    let cluster = match Cluster::make(Some(&disk.path().join("data"))) {
        Ok(cluster) => cluster,
        Err(why) => return not_run(&format!("no PostgreSQL can be started here: {why}")),
    };
    // What it cleared away would be room.
    cluster.begin(&["autovacuum=off"]);
    let folder = tempfile::tempdir().unwrap();
    let mut serve = command(&["serve", "--runs", "1", "--data-dir", text(folder.path())]);
    let mut server = Serving::of(serve.env("DATABASE_URL", cluster.url("postgres")));
    let small = orders(1..=500).replacen("North", "", 75);
    let small = small.replacen("North,Milk 1L,2,", "North,Milk 1L,2,-", 75);
    let small = server.begin("small.csv", small.as_bytes());
    assert_eq!(server.settled()[0]["status"], "complete");
    let big = orders(1_000..=150_000);
    let id = server.begin("big.csv", big.as_bytes());
    server.wait(&id, "after");
    // Others are taken as long as their entries find a place, and are told when they do not.
    let refused = (0..500).find_map(|n| {
        let answer = server.post("more.csv", orders([1_000_000 + n]).as_bytes());
        (answer.status != 202).then_some(answer)
    });
    let refused = refused.unwrap();
    let problem: Value = serde_json::from_str(&refused.body).unwrap();
    assert_eq!(
        (refused.status, &problem["type"]),
        (507, &"urn:tarazu:problem:disk-full".into())
    );

    // So is whoever acts. What is said with an act is kept beside others, where there is room for some.
    fs::write(disk.path().join("others"), vec![0; 64 << 20]).unwrap_err();
    let long = "a".repeat(1_900);
    let acts = [
        (
            "corrections",
            1..=75,
            json!({ "version": 1, "cells": { "region": "East" }, "reason": long }),
        ),
        ("waivers", 76..=150, json!({ "version": 1, "reason": long })),
    ];
    let path = |record: u64, act: &str| format!("/api/v1/runs/{small}/exceptions/{record}/{act}");
    let refused = acts.map(|(act, mut records, body)| {
        let refused = records.find_map(|record| {
            let answer = answer(server.ask(&path(record, act), &body));
            (answer.status != 200).then_some((record, answer))
        });
        let (record, answer) = refused.unwrap();
        let problem: Value = serde_json::from_str(&answer.body).unwrap();
        assert_eq!(
            (answer.status, &problem["type"]),
            (507, &"urn:tarazu:problem:disk-full".into())
        );
        let detail = problem["detail"].as_str().unwrap();
        assert!(detail.starts_with("Nothing of this was kept"), "{detail}");
        let row = server.exception(&small, record);
        assert_eq!((&row["version"], &row["state"]), (&json!(1), &json!("new")));
        (act, record, body)
    });

    disk.grow(512);
    for (act, record, body) in refused {
        let done = answer(server.ask(&path(record, act), &body));
        assert_eq!(done.status, 200, "{done:?}");
        let row = server.exception(&small, record);
        assert_eq!(row["history"].as_array().unwrap().len(), 1, "{row}");
    }
    for run in server.settled() {
        let reason = run["reason"].as_str().unwrap_or_default();
        assert!(
            run["status"] == "complete" || reason.contains("disk is full"),
            "{run}"
        );
    }
    let (_, run) = server.get(&format!("/api/v1/runs/{id}"));
    let run: Value = serde_json::from_str(&run).unwrap();
    assert_eq!(run["status"], "failed");
    let (_, log) = server.get("/api/v1/audit/export");
    let failed = log
        .lines()
        .find(|it| it.contains("run.failed") && it.contains(&id));
    assert!(failed.is_some_and(|it| it.contains("disk-full")), "{log}");
    // What failed holds nothing, and goes through now.
    let again = server.begin("big.csv", big.as_bytes());
    assert_ne!(again, id);
    let last = &server.settled()[0];
    assert_eq!(
        (&last["status"], &last["rows_accepted"]),
        (&"complete".into(), &149_001.into())
    );
    sound_at(&cluster.url("postgres")).await;
}

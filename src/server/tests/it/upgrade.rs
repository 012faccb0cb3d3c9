//! A database as an earlier version left it.

use crate::{
    desk::Desk,
    house::{House, orders},
    places::places,
    sound::sound,
    stewards::{figures_are_those_of_rows, quality_is_that_of_rows},
};
use serde_json::{Value, json};
use server::reread::reread;
use sqlx::{AssertSqlSafe, Connection, PgConnection, SqliteConnection, migrate::Migrator};
use std::{collections::BTreeMap, fs, path::Path};

/// The last migration of that version.
const LAST: i64 = 2;
const ROWS: &str = include_str!("upgrade.sql");
const FILE: &str = include_str!("upgrade.csv");

#[tokio::test(flavor = "multi_thread")]
async fn a_database_of_an_earlier_version_opens_with_all_that_it_holds() {
    let folder = tempfile::tempdir().unwrap();
    make(folder.path()).await;
    let house = House::at(folder.path(), 1 << 20).await;
    // Until their file is asked, nobody knows what its exceptions sell.
    let milk = "/api/v1/exceptions?product=Milk%201L&region=South";
    let found = async || {
        let page = house.get(milk).await.json();
        page["exceptions"].as_array().unwrap().len()
    };
    assert_eq!(found().await, 0);
    for _ in 0..2 {
        reread(&house.store).await.unwrap();
        assert_eq!(found().await, 1);
        figures_are_those_of_rows(&house).await;
    }
    let runs = house.runs("main").await;
    assert_eq!((runs.len(), &runs[0]["status"]), (1, &"complete".into()));
    let id = runs[0]["id"].as_str().unwrap();
    for (what, lines) in [("accepted.csv", 6), ("exceptions.csv", 4), ("file", 9)] {
        let answer = house.get(&format!("/api/v1/runs/{id}/{what}")).await;
        assert_eq!(
            answer.text().lines().count(),
            lines,
            "{what}: {}",
            answer.text()
        );
    }
    assert!(house.page("/sales").await.text().contains("1,10,601.25"));
    let sales = house.get("/api/v1/sales?by=sku").await.json();
    let groups = sales["groups"].as_array().unwrap().iter();
    let groups: Vec<_> = groups
        .map(|it| (&it["label"], &it["rows"], &it["revenue"]))
        .collect();
    assert_eq!(
        groups,
        [
            (&"Not stated".into(), &1.into(), &"110000.00".into()),
            (&"SKU-MLK-1L".into(), &4.into(), &"601.25".into())
        ]
    );
    let rows = house.get("/api/v1/rows?sku=SKU-MLK-1L").await.json();
    assert_eq!(
        (
            &rows["total"]["rows"],
            rows["rows"].as_array().unwrap().len()
        ),
        (&4.into(), 4)
    );

    // It goes on as ever, and what was loaded then holds its keys.
    let next = house.run("filename=next.csv", orders([1, 2, 99])).await;
    assert_eq!(
        (&next["status"], &next["found_by_server"]),
        (&"complete".into(), &2.into())
    );
    let next = next["id"].as_str().unwrap();
    let found = house
        .get(&format!("/api/v1/runs/{next}/findings?code=UNQ02"))
        .await;
    assert!(
        found
            .text()
            .contains(&format!("from line 2 of earlier.csv ({id})"))
    );
    // Its verdict, which says nothing of columns, is the same when it is made again.
    let replay = format!("/api/v1/runs/{id}/replay-check");
    let replay = axum::http::Request::post(replay).body(axum::body::Body::empty());
    let replay = house.send(replay.unwrap()).await;
    let told = replay.text();
    assert_eq!(replay.json()["outcome"], "agrees", "{told}");
    let engines = format!("judged then by engine 0.1.0, now by {}", engine::VERSION);
    assert!(told.contains(&engines), "{told}");
    sound(house.folder()).await;
    house.verify("main").await;
}

/// Later versions, by their last migrations: exceptions had a life and runs could be withdrawn; rows of exceptions were
/// summed up and contracts had versions; the ledger was narrow and exceptions were told by what they sell.
const LATER: [i64; 3] = [9, 18, 22];

#[tokio::test(flavor = "multi_thread")]
async fn what_was_done_under_an_earlier_version_is_there_and_can_be_undone() {
    for last in LATER {
        let folder = tempfile::tempdir().unwrap();
        let desk = Desk::of(House::at(folder.path(), 1 << 20).await).await;
        work(&desk).await;
        let expected = all(&desk).await;
        let log = desk.house.log("main").await;
        desk.house.runs.finish().await;
        desk.house.store.close().await;
        go_back(folder.path(), last).await;

        let house = House::at(folder.path(), 1 << 20).await;
        reread(&house.store).await.unwrap();
        let desk = Desk { house, ..desk };
        assert!(desk.house.log("main").await == log);
        let found = all(&desk).await;
        for (path, answer) in &expected {
            assert_eq!(found[path], *answer, "{path} after migration {last}");
        }
        sound(folder.path()).await;
        figures_are_those_of_rows(&desk.house).await;
        quality_is_that_of_rows(&desk.house).await;
        desk.house.verify("main").await;

        // The row that had been displaced comes back, and what was waived and corrected leaves.
        let [first, second] = &desk.runs;
        let before = revenue(&desk).await;
        for (run, record) in [(second, 2), (first, 4), (first, 2)] {
            done(&desk, run, record, "reopen", json!({ "reason": "no" })).await;
        }
        assert_eq!(revenue(&desk).await, before - 600 + 1000 + 4000 - 2000);
        let withdrawal = format!("/api/v1/runs/{first}/withdrawal");
        let withdrawn = desk.post(&withdrawal, &json!({ "reason": "no" })).await;
        assert_eq!(withdrawn.status, 200, "{}", withdrawn.text());
        sound(folder.path()).await;
        figures_are_those_of_rows(&desk.house).await;
        desk.house.verify("main").await;
    }
}

/// Does something of everything that can be done with runs and exceptions.
async fn work(desk: &Desk) {
    let [first, second] = &desk.runs;
    let north = json!({ "cells": { "region": "North" } });
    let reason = json!({ "reason": "a test" });
    for (run, record, what, body) in [
        (first, 2, "corrections", north.clone()),
        (first, 3, "corrections", north.clone()),
        (first, 3, "reopen", reason.clone()),
        (first, 4, "corrections", north.clone()),
        (first, 4, "waivers", reason.clone()),
        (first, 5, "comments", json!({ "text": "asked the shop" })),
        (first, 5, "assignment", json!({ "assignee": "ravi" })),
        (first, 6, "waivers", reason.clone()),
        (first, 7, "rejections", reason.clone()),
        (second, 1, "corrections", north.clone()),
        (
            second,
            2,
            "settlement",
            json!({ "settlement": "take-place", "reason": "the later one" }),
        ),
    ] {
        done(desk, run, record, what, body).await;
    }
    let file = |name: &str| {
        let head = "order_id,order_date,region,product,sku,quantity,revenue\n";
        let rows = (1..=6).map(|it| {
            let region = if it < 3 { "Nort" } else { "East" };
            format!("{name}{it},2026-01-17,{region},Milk 1L,SKU-MLK-1L,1,{it}.50\n")
        });
        format!("{head}{}", rows.collect::<String>())
    };
    let mut runs = Vec::new();
    for name in ["C", "D", "E"] {
        let query = format!("filename={name}.csv");
        let run = desk.house.run(&query, file(name)).await;
        let run = run["id"].as_str().unwrap().to_owned();
        done(desk, &run, 1, "corrections", north.clone()).await;
        runs.push(run);
    }
    let withdrawal = format!("/api/v1/runs/{}/withdrawal", runs[0]);
    let withdrawn = desk.post(&withdrawal, &reason).await;
    assert_eq!(withdrawn.status, 200, "{}", withdrawn.text());
    let query = format!("filename=E.csv&replaces={}", runs[2]);
    let mended = file("E").replace("5.50", "7.50");
    let by = desk.house.run(&query, mended).await;
    assert_eq!(by["status"], "complete", "{by}");
    let held = desk.house.run("admission=all-or-none", file("F")).await;
    assert_eq!(held["status"], "held", "{held}");
}

/// Acts on the exception as it stands.
async fn done(desk: &Desk, run: &str, record: u64, what: &str, mut body: Value) {
    let path = format!("/api/v1/runs/{run}/exceptions/{record}");
    body["version"] = desk.get(&path).await["version"].clone();
    let answer = desk.post(&format!("{path}/{what}"), &body).await;
    assert_eq!(answer.status, 200, "{record} {what}: {}", answer.text());
}

/// In paise, of all rows that count.
async fn revenue(desk: &Desk) -> i64 {
    let rows = desk.get("/api/v1/rows").await;
    let money = rows["total"]["money"].as_str().unwrap();
    money.replace('.', "").parse().unwrap()
}

/// All that is told of what the workspace holds.
async fn all(desk: &Desk) -> BTreeMap<String, Value> {
    let mut all = BTreeMap::new();
    let mut paths: Vec<String> = [
        "runs",
        "rows?limit=500",
        "rows?limit=500&sort=revenue",
        "rows?limit=500&sku=SKU-MLK-1L",
        "exceptions?limit=500",
        "exceptions?limit=500&sort=money",
        "exceptions?limit=500&product=Milk%201L",
        "exceptions?limit=500&column=region",
        "exceptions/overview",
        "exceptions/overview?region=South",
        "sales?by=sku",
        "sales?by=region",
        "sales?by=day",
        "quality?limit=500",
        "quality?limit=500&region=East",
        "audit/coverage",
    ]
    .map(|it| format!("/api/v1/{it}"))
    .into();
    let runs = desk.house.runs("main").await;
    for id in runs.iter().map(|it| it["id"].as_str().unwrap()) {
        let run = format!("/api/v1/runs/{id}");
        for what in ["findings", "lineage", "openlineage.json"] {
            paths.push(format!("{run}/{what}"));
        }
        let list = desk
            .get(&format!("/api/v1/exceptions?limit=500&run={id}"))
            .await;
        for it in list["exceptions"].as_array().unwrap() {
            paths.push(format!("{run}/exceptions/{}", it["record"]));
        }
        paths.push(run);
    }
    for path in paths {
        let answer = desk.get(&path).await;
        all.insert(path, answer);
    }
    all
}

/// What an earlier version has in its database, in the order in which it may be told.
const TABLES: [&str; 22] = [
    "entries",
    "runs",
    "stages",
    "contracts",
    "kept_rows",
    "findings",
    "kept_totals",
    "ledger_scopes",
    "ledger",
    "run_sales",
    "sales",
    "exception_changes",
    "exception_totals",
    "withdrawals",
    "run_exceptions",
    "span_exceptions",
    "run_controls",
    "run_columns",
    "exception_parts",
    "run_part_exceptions",
    "span_part_exceptions",
    "run_regions",
];

/// Makes the database of a folder what the version with that last migration would have made of the same acts.
async fn go_back(folder: &Path, last: i64) {
    let aside = folder.join("later.db");
    match places(folder).await.database {
        Some(address) => {
            let mut database = PgConnection::connect(&address).await.unwrap();
            let mut tx = database.begin().await.unwrap();
            let aside = "ALTER SCHEMA public RENAME TO later; CREATE SCHEMA public";
            sqlx::raw_sql(aside).execute(&mut *tx).await.unwrap();
            let mut migrations: Migrator = sqlx::migrate!("../../migrations/postgres");
            migrations.set_locking(false);
            migrations.run_to(last, &mut *tx).await.unwrap();
            for table in TABLES {
                let columns = "SELECT column_name::text FROM information_schema.columns WHERE table_schema = 'public' \
                               AND table_name = $1 AND is_generated = 'NEVER' ORDER BY ordinal_position";
                let columns = sqlx::query_scalar(columns).persistent(false).bind(table);
                let columns: Vec<String> = columns.fetch_all(&mut *tx).await.unwrap();
                let mut copy = copied(table, &columns, last, "OVERRIDING SYSTEM VALUE");
                if columns.iter().any(|it| it == "number") {
                    copy.push_str(&format!(
                        "; SELECT setval(pg_get_serial_sequence('{table}', 'number'), max(number)) FROM {table}"
                    ));
                }
                let copy = sqlx::raw_sql(AssertSqlSafe(copy));
                copy.execute(&mut *tx).await.unwrap();
            }
            let drop = "DROP SCHEMA later CASCADE";
            sqlx::raw_sql(drop).execute(&mut *tx).await.unwrap();
            tx.commit().await.unwrap();
        }
        None => {
            fs::rename(folder.join("tarazu.db"), &aside).unwrap();
            let mut database = sqlite(folder).await;
            let migrations: Migrator = sqlx::migrate!("../../migrations/sqlite");
            migrations.run_to(last, &mut database).await.unwrap();
            let attach = format!("ATTACH '{}' AS later", aside.display());
            let attach = sqlx::raw_sql(AssertSqlSafe(attach));
            attach.execute(&mut database).await.unwrap();
            for table in TABLES {
                let columns = "SELECT name FROM pragma_table_info($1, 'main')";
                let columns = sqlx::query_scalar(columns).bind(table);
                let columns: Vec<String> = columns.fetch_all(&mut database).await.unwrap();
                let copy = sqlx::raw_sql(AssertSqlSafe(copied(table, &columns, last, "")));
                copy.execute(&mut database).await.unwrap();
            }
            database.close().await.unwrap();
        }
    }
}

/// The statement that copies what is there later into a table with these columns, of which there is none before its time.
fn copied(table: &str, columns: &[String], last: i64, overriding: &str) -> String {
    if columns.is_empty() {
        return "SELECT 1".to_owned();
    }
    let source = match table {
        "ledger" if last < 20 => "(SELECT s.workspace, s.contract, l.* FROM later.ledger_rows l \
             JOIN later.ledger_scopes s ON s.number = l.scope) AS wide"
            .to_owned(),
        "ledger" if last < 43 => "later.ledger_rows".to_owned(),
        "run_sales" | "sales" if last < 24 => {
            let cell = if table == "sales" { "" } else { "run, " };
            let cell = format!("workspace, {cell}region, product, category, day");
            format!(
                "(SELECT {cell}, sum(row_count) AS row_count, CAST(sum(CAST(units AS BIGINT)) AS TEXT) AS units, \
                 CAST(sum(CAST(revenue AS BIGINT)) AS TEXT) AS revenue, CAST(NULL AS TEXT) AS records, \
                 CAST(NULL AS BIGINT) AS lowest, CAST(NULL AS BIGINT) AS highest \
                 FROM later.{table} GROUP BY {cell}) AS without_sku"
            )
        }
        "run_columns" if last < 31 => {
            "(SELECT * FROM later.run_columns WHERE code = '') AS whole".to_owned()
        }
        _ => format!("later.{table}"),
    };
    let columns = columns.join(", ");
    format!(
        "INSERT INTO {table} ({columns}) {overriding} SELECT {columns} FROM {source} ORDER BY 1, 2"
    )
}

async fn sqlite(folder: &Path) -> SqliteConnection {
    let url = format!("sqlite://{}?mode=rwc", folder.join("tarazu.db").display());
    SqliteConnection::connect(&url).await.unwrap()
}

async fn make(folder: &Path) {
    let digest = blake3::hash(FILE.as_bytes()).to_hex().to_string();
    let raw = folder.join("raw/main");
    fs::create_dir_all(&raw).unwrap();
    fs::write(raw.join(digest), FILE).unwrap();
    match places(folder).await.database {
        Some(address) => {
            let mut database = PgConnection::connect(&address).await.unwrap();
            let mut tx = database.begin().await.unwrap();
            let mut migrations: Migrator = sqlx::migrate!("../../migrations/postgres");
            migrations.set_locking(false);
            migrations.run_to(LAST, &mut *tx).await.unwrap();
            let rows = ROWS.replace("X'", "'\\x");
            sqlx::raw_sql(AssertSqlSafe(rows))
                .execute(&mut *tx)
                .await
                .unwrap();
            tx.commit().await.unwrap();
        }
        None => {
            let mut database = sqlite(folder).await;
            let migrations: Migrator = sqlx::migrate!("../../migrations/sqlite");
            migrations.run_to(LAST, &mut database).await.unwrap();
            sqlx::raw_sql(ROWS).execute(&mut database).await.unwrap();
            database.close().await.unwrap();
        }
    }
}

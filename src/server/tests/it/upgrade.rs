//! A database as an earlier version left it.

use crate::{
    house::{House, orders},
    places::places,
    sound::sound,
    stewards::figures_are_those_of_rows,
};
use server::reread::reread;
use sqlx::{AssertSqlSafe, Connection, PgConnection, SqliteConnection, migrate::Migrator};
use std::{fs, path::Path};

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
    sound(house.folder()).await;
    house.verify("main").await;
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
            let url = format!("sqlite://{}?mode=rwc", folder.join("tarazu.db").display());
            let mut database = SqliteConnection::connect(&url).await.unwrap();
            let migrations: Migrator = sqlx::migrate!("../../migrations/sqlite");
            migrations.run_to(LAST, &mut database).await.unwrap();
            sqlx::raw_sql(ROWS).execute(&mut database).await.unwrap();
            database.close().await.unwrap();
        }
    }
}

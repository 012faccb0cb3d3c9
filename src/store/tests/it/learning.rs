//! What SQLite is told of its tables' sizes.

use crate::{
    places::open,
    rows::loaded,
    tamper::{is_postgres, tamper},
};
use model::id::WorkspaceId;

// PostgreSQL looks after itself.
#[tokio::test(flavor = "multi_thread")]
async fn a_large_table_is_counted_once_and_not_again_after_each_run() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path()).await;
    loaded(&store, &WorkspaceId::main(), 1, 60).await;
    if is_postgres() {
        return;
    }
    // None of them is what an index of some rows alone has.
    let many = "\
        INSERT INTO kept_rows (workspace, run, record, line, raw, warned, findings) \
        WITH RECURSIVE numbers (it) AS (SELECT 1000 UNION ALL SELECT it + 1 FROM numbers WHERE it < 150000) \
        SELECT 'main', 1, it, it, x'', 0, '[]' FROM numbers;";
    tamper(folder.path(), many).await.unwrap();
    store.learn().await;
    let told = "\
        CREATE TABLE told (indices INTEGER NOT NULL CHECK (indices = 0)); \
        INSERT INTO told SELECT count(*) FROM sqlite_schema i WHERE i.type = 'index' AND i.tbl_name = 'kept_rows' \
        AND NOT EXISTS (SELECT 1 FROM sqlite_stat1 s WHERE s.idx = i.name AND CAST(s.stat AS INTEGER) >= 100000); \
        UPDATE sqlite_stat1 SET stat = '123456' WHERE tbl = 'kept_rows';";
    tamper(folder.path(), told).await.unwrap();
    store.close().await;
    let store = open(folder.path()).await;
    store.learn().await;
    store.close().await;
    let as_they_were = "\
        CREATE TABLE counted (again INTEGER NOT NULL CHECK (again = 0)); \
        INSERT INTO counted SELECT count(*) FROM sqlite_stat1 WHERE tbl = 'kept_rows' AND stat <> '123456'; \
        INSERT INTO counted SELECT CASE WHEN count(*) > 5 THEN 0 ELSE 1 END FROM sqlite_stat1 WHERE tbl = 'kept_rows';";
    tamper(folder.path(), as_they_were).await.unwrap();
}

// PostgreSQL looks after itself.
#[tokio::test(flavor = "multi_thread")]
async fn tables_of_few_rows_are_not_taken_for_small_ones_for_good() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path()).await;
    store.learn().await;
    loaded(&store, &WorkspaceId::main(), 1, 60).await;
    store.learn().await;
    store.close().await;
    if !is_postgres() {
        let none_of_few = "\
            CREATE TABLE told (rows INTEGER NOT NULL CHECK (rows >= 100000)); \
            INSERT INTO told SELECT CAST(stat AS INTEGER) FROM sqlite_stat1;";
        tamper(folder.path(), none_of_few).await.unwrap();
    }
}

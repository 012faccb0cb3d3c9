//! What SQLite is told of its tables' sizes.

use crate::{
    places::open,
    rows::loaded,
    tamper::{is_postgres, tamper},
};
use model::id::WorkspaceId;

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

//! Sums by SKU: those of the rows, and those of runs that were summed up before SKUs were a part of them.

use crate::{
    REGIONS, begin,
    making::*,
    places::open,
    rows::{all, loaded},
    tamper::tamper,
};
use model::{
    id::{RunId, WorkspaceId},
    ledger::{Direction, RowFilter, RowQuery, RowSort, StandingRow},
    money::Money,
    row::LedgerRow,
    sales::{SalesBy, SalesFilter, SalesReport, SalesSum, label},
};
use std::collections::BTreeMap;
use store::{Mark, Store};

/// As a version before the migration 0024 had the sums, and as that leaves them.
const WITHOUT: &str = "\
    CREATE TABLE before AS SELECT workspace, run, region, product, category, day, \
    CAST(sum(row_count) AS BIGINT) AS row_count, \
    CASE count(*) WHEN 1 THEN max(units) ELSE CAST(sum(CAST(units AS NUMERIC)) AS TEXT) END AS units, \
    CASE count(*) WHEN 1 THEN max(revenue) ELSE CAST(sum(CAST(revenue AS NUMERIC)) AS TEXT) END AS revenue \
    FROM run_sales GROUP BY workspace, run, region, product, category, day; \
    DELETE FROM run_sales; \
    INSERT INTO run_sales (workspace, run, region, product, category, day, sku, row_count, units, revenue) \
    SELECT workspace, run, region, product, category, day, '', row_count, units, revenue FROM before; \
    DELETE FROM sales; \
    INSERT INTO sales (workspace, region, product, category, day, sku, row_count, units, revenue) \
    SELECT workspace, region, product, category, day, '', CAST(sum(row_count) AS BIGINT), \
    CASE count(*) WHEN 1 THEN max(units) ELSE CAST(sum(CAST(units AS NUMERIC)) AS TEXT) END, \
    CASE count(*) WHEN 1 THEN max(revenue) ELSE CAST(sum(CAST(revenue AS NUMERIC)) AS TEXT) END \
    FROM before GROUP BY workspace, region, product, category, day; \
    DROP TABLE before; \
    INSERT INTO sales_without_sku (workspace, run) SELECT workspace, number FROM runs \
    WHERE EXISTS (SELECT 1 FROM ledger_rows WHERE run = number AND sku > '');";

/// As the migration 0042 leaves them, and those of runs that are summed up anew.
const BOUNDS: &str = "\
    DELETE FROM run_bounds; \
    INSERT INTO run_bounds (workspace, run, region, product, category, sku, month, lowest, highest) \
    SELECT workspace, run, region, product, category, sku, substr(day, 1, 7), \
    min(coalesce(lowest, -9223372036854775807)), max(coalesce(highest, 9223372036854775807)) \
    FROM run_sales GROUP BY workspace, run, region, product, category, sku, substr(day, 1, 7);";

const FORGOTTEN: &str = "run_sales_by_cell";

/// After [`WITHOUT`]: as it is where whoever summed up anew was stopped after some runs. `whole` has their sums.
fn stopped(told: usize) -> String {
    format!(
        "CREATE TABLE told AS SELECT run FROM sales_without_sku ORDER BY workspace, run LIMIT {told}; \
         UPDATE sales_without_sku SET told = (1 = 1) WHERE run IN (SELECT run FROM told); \
         DELETE FROM run_sales WHERE run IN (SELECT run FROM told); \
         INSERT INTO run_sales (workspace, run, region, product, category, day, sku, row_count, units, revenue, \
         records, lowest, highest) SELECT workspace, run, region, product, category, day, sku, row_count, units, \
         revenue, records, lowest, highest FROM whole WHERE run IN (SELECT run FROM told); \
         DROP TABLE told; DROP TABLE whole;"
    )
}

/// Sums by SKU and by product, and the rows in two orders.
type Told = (SalesReport, SalesReport, Vec<StandingRow>, Vec<StandingRow>);

async fn told(store: &Store, workspace: &WorkspaceId, run: Option<&RunId>) -> Told {
    let filter = SalesFilter {
        run: run.cloned(),
        ..SalesFilter::default()
    };
    let by = async |by| {
        store
            .sales_by(workspace, &filter, None, Some(by))
            .await
            .unwrap()
    };
    let query = |sort, direction| RowQuery {
        filter: RowFilter {
            run: run.cloned(),
            sku: Some("T-2".to_owned()),
            ..RowFilter::default()
        },
        sort,
        direction,
        after: None,
        limit: 7,
    };
    let ascending = query(RowSort::Day, Direction::Ascending);
    let largest = query(RowSort::Revenue, Direction::Descending);
    (
        by(SalesBy::Sku).await,
        by(SalesBy::Product).await,
        all(store, workspace, &ascending).await,
        all(store, workspace, &largest).await,
    )
}

/// What the rows that count come to by SKU.
async fn by_rows(store: &Store, workspace: &WorkspaceId) -> BTreeMap<String, SalesSum> {
    let query = RowQuery {
        limit: 500,
        ..RowQuery::default()
    };
    let mut sums: BTreeMap<String, SalesSum> = BTreeMap::new();
    for it in all(store, workspace, &query).await {
        let sku = it.row.sku.as_deref().unwrap_or("Not stated");
        let sum = sums.entry(label(sku).into_owned()).or_default();
        sum.rows += 1;
        sum.units = sum.units.saturating_add(it.row.quantity.unwrap_or(0));
        sum.revenue += it.row.money.unwrap_or_default();
    }
    sums
}

#[tokio::test]
async fn sums_by_sku_are_those_of_the_rows_and_those_of_earlier_runs_become_so() {
    let folder = tempfile::tempdir().unwrap();
    let (main, other) = (WorkspaceId::main(), WorkspaceId::sample());
    let store = open(folder.path()).await;
    let first = loaded(&store, &main, 1, 60).await;
    loaded(&store, &main, 2, 35).await;
    let third = loaded(&store, &main, 3, 20).await;
    loaded(&store, &other, 4, 30).await;
    listed(&store, &main, 6).await;
    let wide = wide(&store, &main, 5).await;
    let mark = Mark::new("2026-02-03T00:00:00.000Z", "asha");
    store
        .withdraw_run(&main, &third, "twice", &mark)
        .await
        .unwrap();

    let whole = async |store: &Store| {
        [
            told(store, &main, None).await,
            told(store, &main, Some(&first)).await,
            told(store, &main, Some(&third)).await,
            told(store, &main, Some(&wide)).await,
            told(store, &other, None).await,
        ]
    };
    let expected = whole(&store).await;
    for (workspace, at) in [(&main, 0), (&other, 4)] {
        let groups = expected[at].0.groups.iter();
        let groups: BTreeMap<_, _> = groups.map(|it| (it.label.clone(), it.sum)).collect();
        assert_eq!(groups, by_rows(&store, workspace).await);
    }
    assert_eq!(expected[0].0.groups.len(), 6);
    assert_eq!(expected[2].0.groups, []);
    let largest = i128::from(i64::MAX);
    assert_eq!(expected[3].0.total.revenue, Money(2 * largest));
    store.close().await;

    // Nothing is done yet; some runs are; all are, and the index is still to be made; and only the sums of the workspaces
    // are left.
    for (told, forgotten) in [(0, false), (2, true), (5, true), (5, false)] {
        tamper(
            folder.path(),
            "CREATE TABLE whole AS SELECT * FROM run_sales",
        )
        .await
        .unwrap();
        tamper(folder.path(), WITHOUT).await.unwrap();
        tamper(folder.path(), &stopped(told)).await.unwrap();
        tamper(folder.path(), BOUNDS).await.unwrap();
        if forgotten {
            let sql = format!("DROP INDEX {FORGOTTEN}");
            tamper(folder.path(), &sql).await.unwrap();
        }
        for _ in 0..2 {
            let store = open(folder.path()).await;
            assert!(whole(&store).await == expected, "{told} {forgotten}");
            store.close().await;
        }
        let again = format!("CREATE INDEX {FORGOTTEN} ON run_sales (run)");
        assert!(tamper(folder.path(), &again).await.is_err());
    }

    // What leaves afterwards leaves nothing behind.
    let store = open(folder.path()).await;
    for run in [&first, &wide] {
        store
            .withdraw_run(&main, run, "twice", &mark)
            .await
            .unwrap();
    }
    let (report, ..) = told(&store, &main, None).await;
    let groups = report.groups.iter();
    let groups: BTreeMap<_, _> = groups.map(|it| (it.label.clone(), it.sum)).collect();
    assert_eq!(groups, by_rows(&store, &main).await);
}

#[tokio::test]
async fn sums_that_are_remembered_are_those_of_the_rows_whoever_changed_them() {
    let folder = tempfile::tempdir().unwrap();
    let (main, other) = (WorkspaceId::main(), WorkspaceId::sample());
    let (store, elsewhere) = (open(folder.path()).await, open(folder.path()).await);
    let check = async |rows: bool| {
        for workspace in [&main, &other] {
            let expected = by_rows(&elsewhere, workspace).await;
            assert!(!rows || workspace == &other || !expected.is_empty());
            // Twice, read and remembered; then some days alone.
            for store in [&store, &store, &elsewhere] {
                let (report, ..) = told(store, workspace, None).await;
                let groups = report.groups.iter();
                let groups: BTreeMap<_, _> = groups.map(|it| (it.label.clone(), it.sum)).collect();
                assert_eq!(groups, expected);
            }
            let filter = SalesFilter {
                from: Some("2026-01-11".to_owned()),
                to: Some("2026-01-12".to_owned()),
                region: Some("North".to_owned()),
                ..SalesFilter::default()
            };
            let sums = async |store: &Store| {
                let days = Some(("2026-01-13", "2026-01-14"));
                let board = store.sales_board(workspace, &filter, days, &REGIONS);
                board.await.unwrap()
            };
            let fresh = open(folder.path()).await;
            assert_eq!(sums(&store).await, sums(&fresh).await);
            fresh.close().await;
        }
    };
    check(false).await;
    let first = loaded(&store, &main, 1, 60).await;
    check(true).await;
    loaded(&elsewhere, &main, 2, 35).await;
    check(true).await;
    loaded(&elsewhere, &other, 3, 20).await;
    check(true).await;
    let mark = Mark::new("2026-02-03T00:00:00.000Z", "asha");
    elsewhere
        .withdraw_run(&main, &first, "twice", &mark)
        .await
        .unwrap();
    check(true).await;
}

/// A run whose products have one SKU each; another one than elsewhere, in part.
async fn listed(store: &Store, workspace: &WorkspaceId, number: u64) {
    let id = begin(store, workspace, number).await;
    let rows: Vec<LedgerRow> = (1..=9)
        .map(|record| {
            let row = ledger_row(record, &format!("L-{record}"), 500);
            let (product, sku) = [
                (Some("Tea".into()), Some("T-9".into())),
                (Some("Chutney".into()), Some("T-2".into())),
                (None, None),
            ][usize::try_from(record % 3).unwrap()]
            .clone();
            LedgerRow {
                product,
                sku,
                ..row
            }
        })
        .collect();
    let mut closing = store.close_run(workspace, &id).await.unwrap();
    assert_eq!(closing.load(&rows).await.unwrap(), []);
    closing
        .finish(&verdict(9, 0, 4500, 0), &mark())
        .await
        .unwrap();
}

/// A run whose sums are beyond 64 bits.
async fn wide(store: &Store, workspace: &WorkspaceId, number: u64) -> RunId {
    let id = begin(store, workspace, number).await;
    let rows: Vec<LedgerRow> = (1..=2)
        .map(|record| LedgerRow {
            quantity: Some(i64::MAX),
            sku: Some("W-1".into()),
            ..ledger_row(record, &format!("W-{record}"), i64::MAX)
        })
        .collect();
    let mut closing = store.close_run(workspace, &id).await.unwrap();
    assert_eq!(closing.load(&rows).await.unwrap(), []);
    let judged = verdict(2, 0, 2 * i128::from(i64::MAX), 0);
    closing.finish(&judged, &mark()).await.unwrap();
    id
}

//! No list reads a table that grows with the history from end to end: each statement that lists make is taken down as the
//! driver tells it, and SQLite is asked how it would go about it.

use crate::{
    making::*,
    places::open,
    rows::{loaded, made},
    tamper::is_postgres,
};
use chrono::NaiveDate;
use model::{
    audit::EntryFilter,
    exception::{ExceptionFilter, ExceptionOrder, ExceptionState, TrendBy, TrendStep},
    finding::{FindingOrder, FindingQuery},
    id::{RunId, WorkspaceId},
    ledger::{Direction, RowFilter, RowQuery, RowSort, RowState},
    quality::QualityFilter,
    run::RunKind,
    sales::SalesFilter,
};
use sqlx::{AssertSqlSafe, Connection, SqliteConnection};
use std::{
    collections::BTreeSet,
    fmt::Debug,
    path::Path,
    sync::{Arc, Mutex},
};
use store::{ExceptionView, Store, StoreError};
use tracing::{Event, Instrument, Subscriber, field::Field, field::Visit};
use tracing_subscriber::{
    Layer, layer::Context, layer::SubscriberExt, registry::LookupSpan, util::SubscriberInitExt,
};

/// Tables that grow with the history, and the view by which keys are looked for.
const GROWING: [&str; 14] = [
    "entries",
    "exception_changes",
    "findings",
    "kept_rows",
    "ledger",
    "ledger_rows",
    "run_controls",
    "run_exceptions",
    "run_part_exceptions",
    "run_bounds",
    "run_regions",
    "run_sales",
    "runs",
    "stages",
];

/// Those of them of which a workspace has many rows.
const OF_ROWS: [&str; 6] = [
    "entries",
    "exception_changes",
    "findings",
    "kept_rows",
    "ledger",
    "ledger_rows",
];

/// Statements of what is done within the span `lists`, each once.
#[derive(Clone, Default)]
struct Recorder(Arc<Mutex<BTreeSet<String>>>);

impl<S: Subscriber + for<'s> LookupSpan<'s>> Layer<S> for Recorder {
    fn on_event(&self, event: &Event<'_>, context: Context<'_, S>) {
        let scope = context.event_scope(event);
        let is_ours = scope.is_some_and(|mut it| it.any(|span| span.name() == "lists"));
        if is_ours && event.metadata().target() == "sqlx::query" {
            let mut statement = Statement::default();
            event.record(&mut statement);
            let whole = Some(statement.whole).filter(|it| !it.is_empty());
            let text = whole.unwrap_or(statement.summary);
            self.0.lock().unwrap().insert(text.trim().to_owned());
        }
    }
}

/// A short one is its own summary.
#[derive(Default)]
struct Statement {
    summary: String,
    whole: String,
}

impl Visit for Statement {
    fn record_str(&mut self, field: &Field, value: &str) {
        match field.name() {
            "summary" => value.clone_into(&mut self.summary),
            "db.statement" => value.clone_into(&mut self.whole),
            _ => {}
        }
    }

    fn record_debug(&mut self, _: &Field, _: &dyn Debug) {}
}

/// What a statement calls some tables.
fn names<'s>(sql: &'s str, tables: &[&str]) -> BTreeSet<&'s str> {
    let words = sql.split(|it: char| !(it.is_alphanumeric() || it == '_'));
    let words: Vec<&str> = words.filter(|it| !it.is_empty()).collect();
    let pairs = words.iter().zip(words.iter().skip(1));
    let named = pairs.filter(|(it, _)| tables.contains(it));
    named.flat_map(|(it, alias)| [*it, *alias]).collect()
}

/// Steps of a statement that read a growing table from end to end, or all that a workspace has in one of rows.
async fn scans(database: &mut SqliteConnection, sql: &str) -> Vec<String> {
    let explain = AssertSqlSafe(format!("EXPLAIN QUERY PLAN {sql}"));
    let steps: Vec<(i64, i64, i64, String)> = sqlx::query_as(explain)
        .fetch_all(database)
        .await
        .unwrap_or_else(|error| panic!("{error}: {sql}"));
    let (growing, of_rows) = (names(sql, &GROWING), names(sql, &OF_ROWS));
    let read = |step: &String| {
        let mut words = step.split(' ');
        let (how, table) = (words.next(), words.next().unwrap_or_default());
        match how {
            Some("SCAN") => growing.contains(table),
            // Once for each row of what is around it.
            Some("CORRELATED") => table == "LIST",
            Some("SEARCH") => of_rows.contains(table) && step.ends_with("(workspace=?)"),
            _ => false,
        }
    };
    steps.into_iter().map(|it| it.3).filter(read).collect()
}

/// Runs with rows and exceptions, one of them withdrawn.
async fn history(store: &Store, workspace: &WorkspaceId, first: u64) -> [RunId; 2] {
    for run in 0..3 {
        loaded(store, workspace, first + run, 99).await;
    }
    let mut runs = Vec::new();
    for run in first + 3..first + 5 {
        let begun = new_run(workspace, run, run);
        store.begin_run(&begun, false, &mark()).await.unwrap();
        store.claim(&[]).await.unwrap().unwrap();
        let kept: Vec<_> = (100..300)
            .map(|it| exception(it, it + 1, Some(100)))
            .collect();
        store.keep(workspace, &begun.id, &kept).await.unwrap();
        let mut closing = store.close_run(workspace, &begun.id).await.unwrap();
        let row = made(run, 1);
        let money = row.money.unwrap().0;
        assert_eq!(closing.load(&[row]).await.unwrap(), []);
        let judged = verdict(1, 200, money, 200 * 100);
        closing.finish(&judged, &mark()).await.unwrap();
        runs.push(begun.id);
    }
    let [gone, left] = runs.try_into().unwrap();
    store
        .withdraw_run(workspace, &gone, "a test", &mark())
        .await
        .unwrap();
    store.learn().await;
    [gone, left]
}

/// Asks for all lists, under all that they can be narrowed by, and for a further page of each.
async fn lists(
    store: &Store,
    workspace: &WorkspaceId,
    [gone, left]: &[RunId; 2],
) -> Result<(), StoreError> {
    let filter = RowFilter::default();
    let text = |it: &str| Some(it.to_owned());
    let filters = [
        filter.clone(),
        RowFilter {
            run: Some(left.clone()),
            ..filter.clone()
        },
        RowFilter {
            from: text("2026-01-11"),
            to: text("2026-01-13"),
            ..filter.clone()
        },
        RowFilter {
            region: text("North"),
            product: text("Tea"),
            ..filter.clone()
        },
        RowFilter {
            category: text("Drinks"),
            sku: text("T-1"),
            ..filter.clone()
        },
        RowFilter {
            key: text("K-1"),
            ..filter.clone()
        },
        RowFilter {
            state: RowState::Withdrawn,
            ..filter.clone()
        },
        RowFilter {
            state: RowState::Displaced,
            ..filter.clone()
        },
        RowFilter {
            state: RowState::Reopened,
            run: Some(gone.clone()),
            ..filter.clone()
        },
    ];
    for filter in filters {
        for sort in [
            RowSort::Day,
            RowSort::Key,
            RowSort::Revenue,
            RowSort::Arrival,
        ] {
            for direction in [Direction::Descending, Direction::Ascending] {
                let mut query = RowQuery {
                    filter: filter.clone(),
                    sort,
                    direction,
                    after: None,
                    limit: 5,
                };
                let mut page = store.rows(workspace, &query).await?;
                store.name_sheets(workspace, &mut page.rows).await?;
                query.after = page.rows.last().map(|it| (it.run.clone(), it.row.record));
                store.rows(workspace, &query).await?;
            }
        }
    }

    for column in [None, Some(0), Some(6)] {
        for code in [None, text("VAL06")] {
            let query = FindingQuery {
                code: code.clone(),
                column,
                ..all()
            };
            for order in [
                FindingOrder::Record,
                FindingOrder::Last,
                FindingOrder::Money,
                FindingOrder::Category,
            ] {
                store.flagged_by(workspace, left, &query, order).await?;
            }
        }
    }

    let filter = ExceptionFilter::default();
    let filters = [
        filter.clone(),
        ExceptionFilter {
            states: vec![ExceptionState::New, ExceptionState::Reopened],
            ..filter.clone()
        },
        ExceptionFilter {
            run: Some(left.clone()),
            ..filter.clone()
        },
        ExceptionFilter {
            from_run: Some(gone.clone()),
            to_run: Some(left.clone()),
            ..filter.clone()
        },
        ExceptionFilter {
            code: text("VAL06"),
            ..filter.clone()
        },
        ExceptionFilter {
            column: text("revenue"),
            code: text("VAL06"),
            ..filter.clone()
        },
        ExceptionFilter {
            region: text("North"),
            product: text("Tea"),
            ..filter.clone()
        },
        ExceptionFilter {
            region: text(""),
            ..filter.clone()
        },
        ExceptionFilter {
            region: text(""),
            assignee: text("ravi"),
            ..filter.clone()
        },
        ExceptionFilter {
            product_category: text("Drinks"),
            ..filter.clone()
        },
        ExceptionFilter {
            assignee: text("ravi"),
            ..filter.clone()
        },
        ExceptionFilter {
            from: text("2026-02-01"),
            to: text("2026-02-03"),
            ..filter.clone()
        },
        ExceptionFilter {
            text: text("A-1"),
            ..filter.clone()
        },
    ];
    for filter in filters {
        for order in [
            ExceptionOrder::Newest,
            ExceptionOrder::Oldest,
            ExceptionOrder::Money,
            ExceptionOrder::Category,
        ] {
            let page = store
                .find_exceptions(workspace, &filter, order, None, 5)
                .await?;
            let last = page
                .rows
                .last()
                .map(|it| (it.run.clone(), it.row.row.record));
            store
                .find_exceptions(workspace, &filter, order, last.as_ref(), 5)
                .await?;
        }
    }

    let filter = ExceptionFilter {
        assignee: text("ravi"),
        code: text("VAL06"),
        ..filter.clone()
    };
    let view = ExceptionView {
        by: TrendBy::Category,
        step: TrendStep::Day,
        today: NaiveDate::MIN,
    };
    store.exception_overview(workspace, &filter, view).await?;

    for kind in [None, Some(RunKind::File), Some(RunKind::Correction)] {
        let page = store.runs(workspace, kind, None, 2).await?;
        store.runs(workspace, kind, page.next.as_ref(), 2).await?;
    }
    for text in [
        "K-1-008",
        left.as_str(),
        "sales-4.csv",
        &format!("{:064x}", 4),
    ] {
        store.search(workspace, text, 5).await?;
    }
    let filter = EntryFilter::default();
    let filters = [
        filter.clone(),
        EntryFilter {
            run: Some(left.clone()),
            ..filter.clone()
        },
        EntryFilter {
            event: "run.".to_owned(),
            ..filter.clone()
        },
        EntryFilter {
            actor: "ravi".to_owned(),
            ..filter.clone()
        },
        EntryFilter {
            from: "2026-02-01".to_owned(),
            to: "2026-02-03".to_owned(),
            ..filter.clone()
        },
    ];
    for filter in filters {
        store.entries(workspace, &filter, None, 5).await?;
        store.entries(workspace, &filter, Some(9), 5).await?;
    }
    store.basis(workspace, &SalesFilter::default()).await?;
    store
        .quality(workspace, &QualityFilter::default(), None, 5)
        .await?;
    store.contract_pairs(workspace, (None, None)).await?;
    store.open_exceptions(workspace).await?;
    Ok(())
}

async fn connected(folder: &Path) -> SqliteConnection {
    let url = format!("sqlite://{}", folder.join("tarazu.db").display());
    SqliteConnection::connect(&url).await.unwrap()
}

// PostgreSQL chooses by figures of its own, which tables of a test do not have.
#[tokio::test(flavor = "multi_thread")]
async fn no_list_reads_a_table_that_grows_from_end_to_end() {
    if is_postgres() {
        return;
    }
    let recorder = Recorder::default();
    tracing_subscriber::registry().with(recorder.clone()).init();
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path()).await;
    let (main, other) = (WorkspaceId::main(), WorkspaceId::sample());
    let runs = history(&store, &main, 1).await;
    history(&store, &other, 11).await;
    let asked = lists(&store, &main, &runs).instrument(tracing::info_span!("lists"));
    asked.await.unwrap();
    store.close().await;

    let statements = recorder.0.lock().unwrap().clone();
    let asks = |it: &&String| it.starts_with("SELECT") || it.starts_with("WITH");
    let statements: Vec<&String> = statements.iter().filter(asks).collect();
    assert!(statements.len() > 40, "{statements:?}");
    let mut database = connected(folder.path()).await;
    let mut found = Vec::new();
    for sql in statements {
        let scans = scans(&mut database, sql).await;
        if !scans.is_empty() {
            found.push(format!("{scans:?}: {sql}"));
        }
    }
    assert!(found.is_empty(), "{}", found.join("\n\n"));
    // And it would be seen.
    for (seen, sql) in [
        (
            "SCAN e",
            "SELECT e.event FROM entries e WHERE e.actor = 'ravi'",
        ),
        (
            "SEARCH k USING INDEX exceptions_by_money (workspace=?)",
            "SELECT k.raw FROM kept_rows k WHERE k.workspace = 'main' AND k.category IS NOT NULL \
             ORDER BY coalesce(k.money, 0) DESC",
        ),
    ] {
        assert_eq!(scans(&mut database, sql).await, [seen]);
    }
}

//! The ledger page by page: every filter in every order gives each row once, and no other.

use crate::{begin, making::*, places::open};
use model::{
    id::{RunId, WorkspaceId},
    ledger::{
        Direction, MOST_BY_REVENUE, NOT_STATED, RowFilter, RowQuery, RowSort, RowState, StandingRow,
    },
    money::Money,
    row::{LedgerRow, Text},
    sales::label,
};
use store::{Mark, Store};

const LONG: &str = "a product whose name is as long as a sentence and then goes on";

/// Rows that differ in all that they are filtered by; some have nothing there, some begin alike.
pub(crate) fn made(run: u64, record: u64) -> LedgerRow {
    let n = record * 7 + run;
    let region = [Some("North"), Some("South"), None][(n % 3) as usize];
    let other = format!("{LONG} for ever");
    let product = [Some(LONG), Some(other.as_str()), Some("Tea"), None][(n % 4) as usize];
    // Two SKUs that are too long for a sum, and begin alike, are counted as one.
    let long = |end: char| Some(format!("{}{end}", "é".repeat(120)).into());
    let sku = match n % 11 {
        0 | 1 => None,
        2 | 3 => Some("T-1".into()),
        4 => long('a'),
        5 => long('b'),
        _ => Some("T-2".into()),
    };
    let day = (!n.is_multiple_of(5)).then(|| format!("2026-01-{:02}", n % 5 + 10).into());
    LedgerRow {
        day,
        region: region.map(Text::from),
        product: product.map(Text::from),
        sku,
        category: n.is_multiple_of(2).then(|| "Drinks".into()),
        ..ledger_row(
            record,
            &format!("K-{run}-{:03}", n % 100),
            i64::try_from(n % 6).unwrap() * 100,
        )
    }
}

pub(crate) async fn loaded(store: &Store, workspace: &WorkspaceId, run: u64, count: u64) -> RunId {
    let id = begin(store, workspace, run).await;
    let mut rows: Vec<LedgerRow> = (1..=count).map(|record| made(run, record)).collect();
    let mut keys = std::collections::BTreeSet::new();
    rows.retain(|it| keys.insert(it.key.clone()));
    let money: i128 = rows.iter().filter_map(|it| it.money).map(|it| it.0).sum();
    let mut closing = store.close_run(workspace, &id).await.unwrap();
    assert_eq!(closing.load(&rows).await.unwrap(), []);
    let judged = verdict(rows.len().try_into().unwrap(), 0, money, 0);
    closing.finish(&judged, &mark()).await.unwrap();
    id
}

/// Every page of a query, and how many there were.
pub(crate) async fn all(
    store: &Store,
    workspace: &WorkspaceId,
    query: &RowQuery,
) -> Vec<StandingRow> {
    let mut query = query.clone();
    let mut found = Vec::new();
    loop {
        let page = store.rows(workspace, &query).await.unwrap();
        assert!(page.rows.len() <= query.limit as usize);
        if let Some(total) = page.total {
            let money: Money = total.money;
            assert!(total.rows >= page.rows.len() as u64 && money.0 >= 0);
        }
        found.extend(page.rows);
        let Some(next) = page.next else {
            return found;
        };
        let (run, record) = next.split_once('.').unwrap();
        query.after = Some((run.to_owned().try_into().unwrap(), record.parse().unwrap()));
    }
}

fn wish(text: &Option<String>, of: &Option<Text>) -> bool {
    match text.as_deref() {
        None => true,
        Some(NOT_STATED) => of.is_none(),
        Some(text) => of.as_deref().is_some_and(|it| label(it) == label(text)),
    }
}

fn lets(filter: &RowFilter, it: &StandingRow) -> bool {
    let day = it.row.day.as_deref();
    filter.run.as_ref().is_none_or(|run| *run == it.run)
        && filter
            .from
            .as_deref()
            .is_none_or(|from| day.is_some_and(|day| day >= from))
        && filter
            .to
            .as_deref()
            .is_none_or(|to| day.is_some_and(|day| day <= to))
        && wish(&filter.region, &it.row.region)
        && wish(&filter.product, &it.row.product)
        && wish(&filter.category, &it.row.category)
        && wish(&filter.sku, &it.row.sku)
        && it
            .row
            .key
            .as_deref()
            .unwrap()
            .starts_with(filter.key.as_deref().unwrap_or_default())
        && it.state == filter.state
}

#[tokio::test]
async fn every_filter_in_every_order_gives_each_row_once() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path()).await;
    let main = WorkspaceId::main();
    let first = loaded(&store, &main, 1, 60).await;
    loaded(&store, &main, 2, 35).await;
    let third = loaded(&store, &main, 3, 20).await;
    store
        .withdraw_run(
            &main,
            &third,
            "twice",
            &Mark::new("2026-02-03T00:00:00.000Z", "asha"),
        )
        .await
        .unwrap();
    let whole = |state| RowQuery {
        filter: RowFilter {
            state,
            ..RowFilter::default()
        },
        limit: 500,
        ..RowQuery::default()
    };
    let mut everything = all(&store, &main, &whole(RowState::Counting)).await;
    assert_eq!(everything.len(), 95);
    let withdrawn = all(&store, &main, &whole(RowState::Withdrawn)).await;
    assert_eq!(withdrawn.len(), 20);
    assert_eq!(withdrawn[0].withdrawn_because.as_deref(), Some("twice"));
    everything.extend(withdrawn);

    let some = |text: &str| Some(text.to_owned());
    let mut filters = vec![
        RowFilter::default(),
        RowFilter {
            region: some("North"),
            ..RowFilter::default()
        },
        RowFilter {
            region: some(NOT_STATED),
            category: some("Drinks"),
            ..RowFilter::default()
        },
        RowFilter {
            product: some(LONG),
            ..RowFilter::default()
        },
        RowFilter {
            from: some("2026-01-12"),
            ..RowFilter::default()
        },
        RowFilter {
            to: some("2026-01-12"),
            product: some("Tea"),
            ..RowFilter::default()
        },
        RowFilter {
            sku: some("T-2"),
            region: some("North"),
            ..RowFilter::default()
        },
        RowFilter {
            sku: some(&"é".repeat(150)),
            ..RowFilter::default()
        },
        RowFilter {
            sku: some(NOT_STATED),
            ..RowFilter::default()
        },
        RowFilter {
            sku: some("T-1"),
            state: RowState::Withdrawn,
            ..RowFilter::default()
        },
        RowFilter {
            key: some("K-2-01"),
            ..RowFilter::default()
        },
        RowFilter {
            key: some("K-"),
            region: some("South"),
            ..RowFilter::default()
        },
        RowFilter {
            key: some("K-3"),
            state: RowState::Withdrawn,
            ..RowFilter::default()
        },
        RowFilter {
            region: some("North"),
            state: RowState::Withdrawn,
            ..RowFilter::default()
        },
        RowFilter {
            region: some("Nowhere"),
            ..RowFilter::default()
        },
    ];
    let of_run = filters.clone().into_iter().map(|it| RowFilter {
        run: Some(first.clone()),
        ..it
    });
    filters.extend(of_run.collect::<Vec<_>>());
    for filter in filters {
        let expected: Vec<&StandingRow> =
            everything.iter().filter(|it| lets(&filter, it)).collect();
        for sort in RowSort::ALL {
            for direction in [Direction::Ascending, Direction::Descending] {
                let query = RowQuery {
                    filter: filter.clone(),
                    sort,
                    direction,
                    after: None,
                    limit: 7,
                };
                let found = all(&store, &main, &query).await;
                let text = |it: &Option<Text>| it.as_deref().unwrap_or_default().to_owned();
                let place = |it: &&StandingRow| {
                    let row = &it.row;
                    let begin = |it: &Option<Text>| label(&text(it)).into_owned();
                    let at = (it.run.clone(), row.record);
                    match query.order() {
                        RowSort::Day => (
                            [
                                text(&row.day),
                                begin(&row.region),
                                begin(&row.product),
                                begin(&row.category),
                                begin(&row.sku),
                            ],
                            0,
                            at,
                        ),
                        RowSort::Key => (
                            [text(&row.key), "".into(), "".into(), "".into(), "".into()],
                            0,
                            at,
                        ),
                        RowSort::Revenue => (Default::default(), row.money.unwrap().0, at),
                        RowSort::Arrival => (Default::default(), 0, at),
                    }
                };
                let mut expected = expected.clone();
                expected.sort_by_key(place);
                if direction == Direction::Descending {
                    expected.reverse();
                }
                let found: Vec<&StandingRow> = found.iter().collect();
                assert_eq!(found, expected, "{query:?}");
                let exported = store.all_rows(&main, filter.clone());
                let exported: Vec<_> = futures::TryStreamExt::try_collect(exported).await.unwrap();
                assert_eq!(exported.len(), expected.len(), "{filter:?}");
                let total = store.rows(&main, &query).await.unwrap().total;
                if let Some(total) = total {
                    let money: i128 = expected.iter().map(|it| it.row.money.unwrap().0).sum();
                    assert_eq!(
                        (total.rows, total.money),
                        (expected.len() as u64, Money(money))
                    );
                }
            }
        }
    }
    // Another workspace has none of it, not even by the name of a run.
    let other = WorkspaceId::sample();
    assert!(
        all(&store, &other, &whole(RowState::Counting))
            .await
            .is_empty()
    );
    assert!(
        all(&store, &other, &whole(RowState::Withdrawn))
            .await
            .is_empty()
    );
    assert!(store.row(&other, &first, 1).await.is_err());
    assert!(store.row(&main, &first, 1).await.unwrap().is_some());
}

/// Too many rows to be put in order at once, and in one cell too many to be listed.
#[tokio::test]
async fn many_rows_come_in_every_order() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path()).await;
    let main = WorkspaceId::main();
    let mut everything = Vec::new();
    for (run, count) in [(1, 700), (2, 5_000), (3, 400)] {
        let id = begin(&store, &main, run).await;
        let rows: Vec<LedgerRow> = (1..=count)
            .map(|record| {
                let n = record * 7919 % 1009 + run;
                let mut row = ledger_row(
                    record,
                    &format!("K-{:04}-{run}", record * 31 % 5_003),
                    i64::try_from(n % 300).unwrap(),
                );
                row.region = (run != 2).then(|| ["North", "South"][(n % 2) as usize].into());
                row.day = (run != 2).then(|| format!("2026-01-{:02}", n % 9 + 10).into());
                // All of the large cell is of one product.
                let product = if run == 2 { 0 } else { n % 3 };
                row.product = [Some("Tea"), Some("Milk"), None][product as usize].map(Text::from);
                row.category = (product < 2).then(|| "Drinks".into());
                if n.is_multiple_of(5) {
                    row.key = None;
                }
                row
            })
            .collect();
        let money: i128 = rows.iter().filter_map(|it| it.money).map(|it| it.0).sum();
        let mut closing = store.close_run(&main, &id).await.unwrap();
        assert_eq!(closing.load(&rows).await.unwrap(), []);
        let judged = verdict(count, 0, money, 0);
        closing.finish(&judged, &mark()).await.unwrap();
        everything.extend(rows.into_iter().map(|row| (id.clone(), row)));
    }
    let of_north = RowFilter {
        region: Some("North".into()),
        ..RowFilter::default()
    };
    let of_one_product = RowFilter {
        product: Some("Tea".into()),
        ..RowFilter::default()
    };
    let of_two_products = RowFilter {
        category: Some("Drinks".into()),
        ..RowFilter::default()
    };
    for filter in [
        RowFilter::default(),
        of_north,
        of_one_product,
        of_two_products,
    ] {
        let mut expected = everything.clone();
        expected.retain(|(_, it)| {
            wish(&filter.region, &it.region)
                && wish(&filter.product, &it.product)
                && wish(&filter.category, &it.category)
        });
        for sort in [RowSort::Day, RowSort::Key, RowSort::Revenue] {
            for direction in [Direction::Ascending, Direction::Descending] {
                expected.sort_by_cached_key(|(run, row)| {
                    let at = (run.clone(), row.record);
                    let text = |it: &Option<Text>| it.as_deref().unwrap_or_default().to_owned();
                    let money = row.money.unwrap().0;
                    match sort {
                        RowSort::Day => ([&row.day, &row.region, &row.product].map(text), 0, at),
                        RowSort::Key => ([text(&row.key), String::new(), String::new()], 0, at),
                        _ => (Default::default(), money, at),
                    }
                });
                if direction == Direction::Descending {
                    expected.reverse();
                }
                let query = RowQuery {
                    filter: filter.clone(),
                    sort,
                    direction,
                    after: None,
                    limit: 230,
                };
                let found = all(&store, &main, &query).await;
                let places = |it: &RunId, row: &LedgerRow| (it.clone(), row.record);
                let found: Vec<_> = found.iter().map(|it| places(&it.run, &it.row)).collect();
                let mut expected: Vec<_> = expected.iter().map(|(a, b)| places(a, b)).collect();
                if sort == RowSort::Revenue && expected.len() > 1_000 {
                    assert!(
                        found.len() as u64 >= MOST_BY_REVENUE,
                        "{sort:?} {direction:?}"
                    );
                    expected.truncate(found.len());
                }
                assert!(found == expected, "{sort:?} {direction:?} {filter:?}");
            }
        }
    }
}

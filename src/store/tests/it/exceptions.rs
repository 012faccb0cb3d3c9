//! What becomes of exceptions, in a story and in any order of acts.

use crate::{
    REGIONS,
    making::*,
    places::open,
    tamper::{is_postgres, tamper},
};
use futures::TryStreamExt;
use model::{
    control::Category,
    exception::{
        Event, ExceptionFilter, ExceptionOrder, ExceptionState, RowJudgement, RowPlace, Standing,
    },
    id::{RunId, WorkspaceId},
    money::Money,
    options::Correction,
    quality::QualityFilter,
    row::LedgerRow,
    run::{RunKind, RunStatus},
};
use proptest::{
    prelude::*,
    test_runner::{Config, RngAlgorithm, TestRng, TestRunner},
};
use std::collections::{BTreeMap, BTreeSet};
use store::{
    Act, Begun, ChangeError, Entering, ExceptionPage, NewChange, Store, StoreError, StoredException,
};

/// Records 1 and 2 are in the ledger under the keys; records 3 to 8 are exceptions.
const EXCEPTIONS: [u64; 6] = [3, 4, 5, 6, 7, 8];

async fn file_run(store: &Store, workspace: &WorkspaceId, number: u64) -> RunId {
    let run = new_run(workspace, number, number);
    assert_eq!(
        store.begin_run(&run, false, &mark()).await.unwrap(),
        Begun::New
    );
    store.claim(&[]).await.unwrap().unwrap();
    let money = |record: u64| (record != 8).then_some(100 * i64::try_from(record).unwrap());
    let rows = EXCEPTIONS.map(|it| exception(it, it + 1, money(it)));
    store.keep(workspace, &run.id, &rows).await.unwrap();
    let mut closing = store.close_run(workspace, &run.id).await.unwrap();
    let rows = [ledger_row(1, "A-1", 1000), ledger_row(2, "A-2", 5000)];
    assert_eq!(closing.load(&rows).await.unwrap(), []);
    let judged = verdict(2, 6, 6000, 300 + 400 + 500 + 600 + 700);
    closing.finish(&judged, &mark()).await.unwrap();
    run.id
}

async fn at(store: &Store, workspace: &WorkspaceId, run: &RunId, record: u64) -> StoredException {
    let found = store
        .exceptions_at(workspace, run, &[record])
        .await
        .unwrap();
    found.into_iter().next().unwrap()
}

fn judged() -> RowJudgement {
    RowJudgement {
        contract: "f".repeat(64),
        evaluated_at: "2026-02-03T10:00:00Z".to_owned(),
        findings: Vec::new(),
    }
}

/// Lets rows enter by the run `number`, each under its key, in place of the holder where one is named.
async fn enter(
    store: &Store,
    workspace: &WorkspaceId,
    origin: &RunId,
    number: u64,
    rows: &[(StoredException, &str, Option<RowPlace>)],
) -> Result<RunId, ChangeError> {
    let mut run = new_run(workspace, number, number);
    run.kind = RunKind::Correction;
    run.origin = Some(origin.clone());
    let changes: Vec<NewChange> = (1..)
        .zip(rows)
        .map(|(record, (row, _, holder))| NewChange {
            cells: Some(vec!["A-3".into(), "North".into()]),
            judged: Some(judged()),
            entered: Some(RowPlace {
                run: run.id.clone(),
                record,
            }),
            displaces: holder.clone(),
            ..row.change(Event::Corrected, ExceptionState::Corrected)
        })
        .collect();
    let ledger: Vec<LedgerRow> = (1..)
        .zip(rows)
        .map(|(record, (_, key, _))| ledger_row(record, key, 50))
        .collect();
    let count = u64::try_from(rows.len()).unwrap();
    let waived = [(1, "VAL06,TIM01".to_owned())];
    let entering = Entering {
        run: &run,
        verdict: &verdict(count, 0, i128::from(count) * 50, 0),
        rows: &ledger,
        kept: &[with_warning(kept_row(1, 2, Some(50)))],
        waived: &waived,
        begun: &mark(),
        completed: &mark(),
    };
    let act = Act {
        event: "exception.corrected",
        reason: Some("as the shop says"),
        mark: &mark(),
    };
    store
        .enter(workspace, origin, &changes, act, entering)
        .await?;
    Ok(run.id)
}

/// Everything that has to hold at any time.
async fn sound(store: &Store, workspace: &WorkspaceId, origin: &RunId) {
    let run = store.run(workspace, origin).await.unwrap();
    let rows = store
        .exceptions_at(workspace, origin, &EXCEPTIONS)
        .await
        .unwrap();
    assert_eq!(rows.len(), 6);
    let mut parts: BTreeMap<Standing, (u64, Money)> = BTreeMap::new();
    for row in &rows {
        let part = parts.entry(row.state.standing()).or_default();
        part.0 += 1;
        part.1 += row.row.money.unwrap_or_default();
        let versions: Vec<u64> = row.history.iter().map(|it| it.version).collect();
        assert_eq!(versions, (2..=row.version).collect::<Vec<_>>());
        let last = row.history.last();
        assert_eq!(last.map_or(ExceptionState::New, |it| it.state), row.state);
        assert_eq!(last.and_then(|it| it.assignee.clone()), row.assignee);
    }
    let told = run.exceptions;
    for (standing, part) in [
        (Standing::Open, told.open),
        (Standing::Entered, told.entered),
        (Standing::Rejected, told.rejected),
    ] {
        let counted = parts.get(&standing).copied().unwrap_or_default();
        assert_eq!((part.rows, part.money), counted, "{standing:?}");
    }
    let parts = [told.open, told.entered, told.rejected];
    let rows: u64 = parts.iter().map(|it| it.rows).sum();
    let money: Money = parts.iter().map(|it| it.money).sum();
    assert_eq!(Some(rows), run.summary.rows_exceptions);
    assert_eq!(Some(money), run.summary.money_exceptions);

    let (mut count, mut revenue, mut keys) = (0, Money::ZERO, BTreeSet::new());
    for run in store.runs(workspace, None, None, 100).await.unwrap().runs {
        let rows = store.ledger(workspace, &run.id, 0, 100).await.unwrap();
        let figures = store.figures(workspace, &run.id, &REGIONS).await.unwrap();
        let own: Money = rows.iter().filter_map(|it| it.money).sum();
        assert_eq!(figures.rows, u64::try_from(rows.len()).unwrap());
        assert_eq!(figures.revenue, own);
        count += figures.rows;
        revenue += own;
        for row in rows {
            assert!(keys.insert(row.key.clone()), "{row:?}");
        }
    }
    let sales = store.sales(workspace, &REGIONS).await.unwrap();
    assert_eq!((sales.rows, sales.revenue), (count, revenue));
}

#[tokio::test]
async fn an_exception_is_corrected_settled_and_opened_again() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path()).await;
    let main = WorkspaceId::main();
    let origin = file_run(&store, &main, 1).await;
    sound(&store, &main, &origin).await;

    let row = at(&store, &main, &origin, 3).await;
    let first = enter(&store, &main, &origin, 2, &[(row.clone(), "A-3", None)]).await;
    let first = first.unwrap();
    sound(&store, &main, &origin).await;
    let run = store.run(&main, &first).await.unwrap();
    assert_eq!(run.summary.kind, RunKind::Correction);
    assert_eq!(run.summary.status, RunStatus::Complete);
    assert_eq!(run.summary.origin, Some(origin.clone()));
    let now = at(&store, &main, &origin, 3).await;
    assert_eq!(now.row, row.row);
    assert_eq!((now.version, now.state), (2, ExceptionState::Corrected));
    let told = &now.history[0];
    assert_eq!(told.actor, "ravi");
    assert_eq!(told.reason.as_deref(), Some("as the shop says"));
    assert_eq!(told.judged, Some(judged()));
    let entered = RowPlace {
        run: first.clone(),
        record: 1,
    };
    assert_eq!(told.entered, Some(entered.clone()));

    // Decided on what is no longer so, nothing is done.
    let again = enter(&store, &main, &origin, 3, &[(row, "A-9", None)]).await;
    let stale = matches!(
        again,
        Err(ChangeError::Stale {
            record: 3,
            version: 2
        })
    );
    assert!(stale, "{again:?}");

    // A key that is held is told, and taken over only where that is asked for.
    let rival = at(&store, &main, &origin, 4).await;
    let held = enter(&store, &main, &origin, 4, &[(rival.clone(), "A-3", None)]).await;
    let Err(ChangeError::Held(refused)) = held else {
        panic!("{held:?}");
    };
    assert_eq!(refused[0].holder.run, first);
    let holder = Some(entered.clone());
    let second = enter(&store, &main, &origin, 4, &[(rival, "A-3", holder)]).await;
    let second = second.unwrap();
    sound(&store, &main, &origin).await;
    assert_eq!(store.ledger(&main, &first, 0, 9).await.unwrap(), []);
    let keys = store
        .holders(&main, "sales", &["A-3", "A-4"])
        .await
        .unwrap();
    assert_eq!(keys.len(), 1);
    assert_eq!(keys["A-3"].0.run, second);

    // Opened again, the row gives its place back.
    let rival = at(&store, &main, &origin, 4).await;
    assert_eq!(rival.history[0].displaced, Some(entered));
    let act = Act {
        event: "exception.reopened",
        reason: Some("a mistake"),
        mark: &mark(),
    };
    let reopened = rival.change(Event::Reopened, ExceptionState::Reopened);
    store
        .change(&main, &origin, &[reopened], act)
        .await
        .unwrap();
    sound(&store, &main, &origin).await;
    assert_eq!(store.ledger(&main, &first, 0, 9).await.unwrap().len(), 1);

    let unknown = NewChange {
        record: 1,
        ..rival.change(Event::Commented, ExceptionState::New)
    };
    let unknown = store.change(&main, &origin, &[unknown], act).await;
    assert!(matches!(
        unknown,
        Err(ChangeError::Store(StoreError::NotFound))
    ));
    assert_eq!(store.verify(&main, None).await.unwrap().fault, None);
}

#[tokio::test]
async fn what_was_found_and_what_was_done_cannot_be_changed() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path()).await;
    let main = WorkspaceId::main();
    let origin = file_run(&store, &main, 1).await;
    let row = at(&store, &main, &origin, 3).await;
    enter(&store, &main, &origin, 2, &[(row, "A-3", None)])
        .await
        .unwrap();
    for sql in [
        "UPDATE kept_rows SET raw = raw || raw, version = version + 1 WHERE record = 3",
        "UPDATE kept_rows SET findings = '[]', version = version + 1 WHERE record = 3",
        "UPDATE kept_rows SET money = 1, version = version + 1 WHERE record = 3",
        "UPDATE kept_rows SET category = NULL, state = NULL, version = version + 1 WHERE record = 3",
        "UPDATE kept_rows SET state = 'new' WHERE record = 3",
        "UPDATE exception_changes SET reason = 'another'",
        "DELETE FROM exception_changes",
    ] {
        let sql = if is_postgres() {
            sql.replace("raw || raw", "raw || raw::bytea")
        } else {
            sql.to_owned()
        };
        assert!(tamper(folder.path(), &sql).await.is_err(), "{sql}");
    }
    sound(&store, &main, &origin).await;
}

#[derive(Debug, Clone)]
enum Step {
    Assign(u64),
    Comment(u64),
    Reject(u64),
    Reopen(u64),
    /// With the key, and whether its holder is to leave.
    Enter(u64, u8, bool),
    Several(BTreeSet<u64>),
    Stale(u64),
}

fn step() -> impl Strategy<Value = Step> {
    let record = 3_u64..=8;
    prop_oneof![
        1 => record.clone().prop_map(Step::Assign),
        1 => record.clone().prop_map(Step::Comment),
        1 => record.clone().prop_map(Step::Reject),
        3 => record.clone().prop_map(Step::Reopen),
        6 => (record.clone(), 1_u8..=4, any::<bool>()).prop_map(|(a, b, c)| Step::Enter(a, b, c)),
        1 => proptest::collection::btree_set(record.clone(), 2..4).prop_map(Step::Several),
        1 => record.prop_map(Step::Stale),
    ]
}

async fn take(store: &Store, workspace: &WorkspaceId, origin: &RunId, number: u64, step: &Step) {
    let act = Act {
        event: "exception.changed",
        reason: None,
        mark: &mark(),
    };
    let one = |record: u64, event, state, assignee: Option<&str>| {
        let assignee = assignee.map(str::to_owned);
        async move {
            let row = at(store, workspace, origin, record).await;
            let state = match state {
                Some(state) => state,
                None => row.state,
            };
            let change = NewChange {
                assignee,
                ..row.change(event, state)
            };
            store
                .change(workspace, origin, &[change], act)
                .await
                .unwrap();
        }
    };
    let standing =
        |record: u64| async move { at(store, workspace, origin, record).await.state.standing() };
    match step {
        Step::Assign(it) if standing(*it).await == Standing::Open => {
            one(
                *it,
                Event::Assigned,
                Some(ExceptionState::Assigned),
                Some("asha"),
            )
            .await;
        }
        Step::Comment(it) => one(*it, Event::Commented, None, None).await,
        Step::Reject(it) if standing(*it).await == Standing::Open => {
            one(*it, Event::Rejected, Some(ExceptionState::Rejected), None).await;
        }
        Step::Reopen(it) if standing(*it).await != Standing::Open => {
            one(*it, Event::Reopened, Some(ExceptionState::Reopened), None).await;
        }
        Step::Enter(it, key, displaces) if standing(*it).await == Standing::Open => {
            let key = format!("A-{key}");
            let held = store.holders(workspace, "sales", &[&key]).await.unwrap();
            let holder = held.get(&key).map(|(it, _)| RowPlace {
                run: it.run.clone(),
                record: it.record,
            });
            let is_free = holder.is_none() || *displaces;
            let holder = holder.filter(|_| *displaces);
            let row = at(store, workspace, origin, *it).await;
            let rows = [(row, key.as_str(), holder)];
            let entered = enter(store, workspace, origin, number, &rows).await;
            match entered {
                Ok(_) => assert!(is_free),
                Err(ChangeError::Held(_)) => assert!(!is_free),
                Err(error) => panic!("{error}"),
            }
        }
        Step::Several(records) => {
            let mut rows = Vec::new();
            let keys: Vec<String> = records.iter().map(|it| format!("{number}-{it}")).collect();
            for (record, key) in records.iter().zip(&keys) {
                let row = at(store, workspace, origin, *record).await;
                if row.state.standing() == Standing::Open {
                    rows.push((row, key.as_str(), None));
                }
            }
            if !rows.is_empty() {
                enter(store, workspace, origin, number, &rows)
                    .await
                    .unwrap();
            }
        }
        Step::Stale(it) => {
            let mut row = at(store, workspace, origin, *it).await;
            row.version += 1;
            let change = row.change(Event::Rejected, ExceptionState::Rejected);
            let refused = store.change(workspace, origin, &[change], act).await;
            assert!(matches!(refused, Err(ChangeError::Stale { .. })));
        }
        _ => {}
    }
}

#[test]
fn after_any_acts_nothing_is_lost_and_the_sales_are_what_counts() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let store = runtime.block_on(open(folder.path()));
    let config = Config {
        cases: 200,
        failure_persistence: None,
        // Each case is in a workspace of its own.
        max_shrink_iters: 200,
        ..Config::default()
    };
    let random = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
    let case = std::cell::Cell::new(0_u64);
    let steps = proptest::collection::vec(step(), 1..12);
    TestRunner::new_with_rng(config, random)
        .run(&steps, |steps| {
            case.set(case.get() + 1);
            let workspace = WorkspaceId::try_from(format!("case-{}", case.get())).unwrap();
            let number = case.get() * 100;
            runtime.block_on(async {
                let origin = file_run(&store, &workspace, number).await;
                for (place, step) in (1..).zip(&steps) {
                    take(&store, &workspace, &origin, number + place, step).await;
                }
                sound(&store, &workspace, &origin).await;
                let report = store.verify(&workspace, None).await.unwrap();
                assert_eq!(report.fault, None);
            });
            Ok(())
        })
        .unwrap();
}

#[tokio::test]
async fn what_was_corrected_is_told_with_what_stood_there_before() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path()).await;
    let main = WorkspaceId::main();
    let origin = file_run(&store, &main, 1).await;
    assert_eq!(store.corrected(&main, "sales").await.unwrap(), []);

    let row = at(&store, &main, &origin, 3).await;
    let entered = enter(&store, &main, &origin, 2, &[(row.clone(), "A-3", None)]).await;
    entered.unwrap();
    let told = store.corrected(&main, "sales").await.unwrap();
    let [run] = told.as_slice() else {
        panic!("{told:?}");
    };
    assert_eq!((&run.run, run.options.delimiter.as_str()), (&origin, ","));
    let after = vec!["A-3".to_owned(), "North".to_owned()];
    let [first] = run.rows.as_slice() else {
        panic!("{run:?}");
    };
    assert_eq!(
        (&first.row, &first.before, &first.after),
        (&row.row, &None, &after)
    );

    // Corrected twice, it stood otherwise before.
    let row = at(&store, &main, &origin, 5).await;
    let once = NewChange {
        cells: Some(vec!["A-5".into(), "Nowhere".into()]),
        judged: Some(judged()),
        ..row.change(Event::Corrected, ExceptionState::New)
    };
    let act = Act {
        event: "exception.corrected",
        reason: None,
        mark: &mark(),
    };
    store
        .change(&main, &origin, std::slice::from_ref(&once), act)
        .await
        .unwrap();
    let twice = NewChange {
        version: once.version + 1,
        cells: Some(vec!["A-5".into(), "North".into()]),
        ..once.clone()
    };
    store.change(&main, &origin, &[twice], act).await.unwrap();
    let told = store.corrected(&main, "sales").await.unwrap();
    let of_row = told[0].rows.iter().filter(|it| it.row.record == 5);
    let before: Vec<_> = of_row.map(|it| it.before.clone()).collect();
    assert_eq!(before, [once.cells, None]);

    // Opened again, it is as it came, and what was corrected before does not count.
    let act = Act {
        event: "exception.reopened",
        reason: Some("a mistake"),
        mark: &mark(),
    };
    let row = at(&store, &main, &origin, 3).await;
    let reopened = row.change(Event::Reopened, ExceptionState::Reopened);
    store
        .change(&main, &origin, &[reopened], act)
        .await
        .unwrap();
    let row = at(&store, &main, &origin, 3).await;
    let entered = enter(&store, &main, &origin, 3, &[(row, "A-3", None)]).await;
    entered.unwrap();
    let told = store.corrected(&main, "sales").await.unwrap();
    let of_row = told[0].rows.iter().filter(|it| it.row.record == 3);
    let before: Vec<_> = of_row.map(|it| it.before.clone()).collect();
    assert_eq!(before, [None]);

    // What was corrected before submit came with its file, and nothing crosses contracts or workspaces.
    let mut run = new_run(&main, 4, 4);
    run.choice.corrections.push(Correction {
        line: Some(2),
        column: 1,
        was: "Nort".to_owned(),
        text: "North".to_owned(),
    });
    store.begin_run(&run, false, &mark()).await.unwrap();
    store.claim(&[]).await.unwrap().unwrap();
    let mut closing = store.close_run(&main, &run.id).await.unwrap();
    closing.load(&[ledger_row(1, "A-9", 1000)]).await.unwrap();
    closing
        .finish(&verdict(1, 0, 1000, 0), &mark())
        .await
        .unwrap();
    let told = store.corrected(&main, "sales").await.unwrap();
    assert_eq!((told.len(), told[0].choice.corrections.len()), (2, 1));
    assert_eq!(told[0].rows, []);
    assert_eq!(store.corrected(&main, "other").await.unwrap(), []);
    let other = WorkspaceId::sample();
    assert_eq!(store.corrected(&other, "sales").await.unwrap(), []);
}

#[tokio::test]
async fn a_text_is_looked_for_in_some_rows_and_the_next_page_goes_on() {
    const MANY: u64 = 6_700;
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path()).await;
    let main = WorkspaceId::main();
    let run = new_run(&main, 1, 1);
    store.begin_run(&run, false, &mark()).await.unwrap();
    store.claim(&[]).await.unwrap().unwrap();
    let rows = (1..=MANY).map(|it| {
        let mut row = exception(it, it + 1, Some(100 + i64::try_from(it).unwrap()));
        match it {
            100 => row.raw = "A-100,Gro\u{df}e M\u{fc}hle\n".into(),
            // As other encodings write it.
            200 => row.raw = b"A-200,Gro\xdfe M\xfchle\n".to_vec(),
            300 => row.key = Some("M\u{dc}HLE-1".into()),
            _ => {}
        }
        row
    });
    let rows: Vec<_> = rows.collect();
    for rows in rows.chunks(5_000) {
        store.keep(&main, &run.id, rows).await.unwrap();
    }
    let closing = store.close_run(&main, &run.id).await.unwrap();
    let money = rows.iter().filter_map(|it| it.money);
    let money = money.map(|it| it.0).sum();
    let judged = verdict(0, MANY, 0, money);
    closing.finish(&judged, &mark()).await.unwrap();

    let filter = |text: &str| ExceptionFilter {
        text: Some(text.to_owned()),
        ..ExceptionFilter::default()
    };
    let records = |page: &ExceptionPage| {
        let rows = page.rows.iter().map(|it| it.row.row.record);
        rows.collect::<Vec<u64>>()
    };
    for order in [
        ExceptionOrder::Newest,
        ExceptionOrder::Money,
        ExceptionOrder::Category,
    ] {
        let filter = filter("m\u{dc}hle");
        let page = store.find_exceptions(&main, &filter, order, None, 2);
        let page = page.await.unwrap();
        assert_eq!(records(&page), Vec::<u64>::new());
        let stopped = (run.id.clone(), MANY - 4_000 + 1);
        assert_eq!(page.stopped.as_ref(), Some(&stopped));
        let page = store.find_exceptions(&main, &filter, order, Some(&stopped), 2);
        let page = page.await.unwrap();
        assert_eq!(records(&page), [300, 200]);
        assert_eq!(page.stopped, None);
        let last = (run.id.clone(), 200);
        let page = store.find_exceptions(&main, &filter, order, Some(&last), 2);
        let page = page.await.unwrap();
        assert_eq!(records(&page), [100]);
        assert_eq!(page.stopped, None);
    }
    // The file's name is every row's; what streams goes on by itself.
    let name = filter(&run.file_name.to_uppercase());
    let page = store.find_exceptions(&main, &name, ExceptionOrder::Oldest, None, 3);
    assert_eq!(records(&page.await.unwrap()), [1, 2, 3]);
    let all = store.all_exceptions(&main, filter("a-6700,"));
    let all: Vec<_> = all.try_collect().await.unwrap();
    assert_eq!(all.len(), 1);
    let some = store.exception_places(&main, &filter("A-1,"), 9).await;
    assert_eq!(
        some.unwrap(),
        [RowPlace {
            run: run.id,
            record: 1
        }]
    );
}

#[tokio::test]
async fn every_order_gives_each_row_once_page_by_page() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path()).await;
    let main = WorkspaceId::main();
    let mut expected = Vec::new();
    for number in 1..=3 {
        let run = new_run(&main, number, number);
        store.begin_run(&run, false, &mark()).await.unwrap();
        store.claim(&[]).await.unwrap().unwrap();
        let rows = (1..=9).map(|record| {
            let mut row = exception(record, record + 1, Some(i64::from((record * 7 % 5) as u8)));
            row.category = Category::ALL.get((record % 3) as usize).copied();
            row
        });
        let rows: Vec<_> = rows.collect();
        store.keep(&main, &run.id, &rows).await.unwrap();
        let closing = store.close_run(&main, &run.id).await.unwrap();
        let money = rows.iter().filter_map(|it| it.money).map(|it| it.0).sum();
        closing
            .finish(&verdict(0, 9, 0, money), &mark())
            .await
            .unwrap();
        let rows = rows.into_iter();
        expected.extend(rows.map(|it| (it.category.unwrap(), it.money, number, it.record)));
    }
    for order in [
        ExceptionOrder::Newest,
        ExceptionOrder::Oldest,
        ExceptionOrder::Money,
        ExceptionOrder::Category,
    ] {
        for only in [None, Some(Category::DataFormatError)] {
            let mut expected = expected.clone();
            expected.retain(|it| only.is_none_or(|only| it.0 == only));
            expected.sort_by_key(|it| (it.2, it.3));
            match order {
                ExceptionOrder::Newest | ExceptionOrder::Oldest => {}
                ExceptionOrder::Money => expected.sort_by_key(|it| it.1),
                ExceptionOrder::Category => expected.sort_by_key(|it| it.0.as_str()),
            }
            if order != ExceptionOrder::Oldest {
                expected.reverse();
            }
            let filter = ExceptionFilter {
                category: only,
                ..ExceptionFilter::default()
            };
            let (mut found, mut after) = (Vec::new(), None);
            loop {
                let page = store.find_exceptions(&main, &filter, order, after.as_ref(), 4);
                let page = page.await.unwrap().rows;
                let Some(last) = page.last() else { break };
                after = Some((last.run.clone(), last.row.row.record));
                found.extend(page.into_iter().map(|it| (it.run, it.row.row.record)));
            }
            let expected = expected.iter();
            let expected = expected.map(|it| (new_run(&main, it.2, it.2).id, it.3));
            assert_eq!(found, expected.collect::<Vec<_>>(), "{order:?} {only:?}");
        }
    }
}

#[tokio::test]
async fn exceptions_are_found_by_the_column_that_fails() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path()).await;
    let main = WorkspaceId::main();
    let mut expected = Vec::new();
    for number in 1..=3 {
        let run = new_run(&main, number, number);
        store.begin_run(&run, false, &mark()).await.unwrap();
        store.claim(&[]).await.unwrap().unwrap();
        // All rows of the second run fail in one column alone.
        let also = |record: u64| number != 2 && record.is_multiple_of(3);
        let rows = (1..=12).map(|record| {
            let mut row = exception(record, record + 1, Some(i64::from((record * 7 % 5) as u8)));
            row.category = Category::ALL.get((record % 4) as usize).copied();
            if also(record) {
                for code in ["VAL02", "CMP01"] {
                    let mut other = row.findings[0].clone();
                    (other.code, other.column) = (code.to_owned(), Some(7));
                    row.findings.push(other);
                }
            }
            row
        });
        let rows: Vec<_> = rows.collect();
        store.keep(&main, &run.id, &rows).await.unwrap();
        let closing = store.close_run(&main, &run.id).await.unwrap();
        let money = rows.iter().filter_map(|it| it.money).map(|it| it.0).sum();
        let judged = verdict(0, 12, 0, money);
        closing.finish(&judged, &mark()).await.unwrap();
        let failing = rows.into_iter().filter(|it| also(it.record));
        expected.extend(failing.map(|it| (it.category.unwrap(), it.money, number, it.record)));
    }
    let of_all = QualityFilter::default();
    let quality = store.quality(&main, &of_all, None, 10).await.unwrap();
    let columns = quality.columns.into_iter();
    let columns: Vec<_> = columns.map(|it| (it.column, it.failed, it.rows)).collect();
    let told = [("Column 6", 36, 36), ("Column 7", 16, 8)];
    assert_eq!(columns, told.map(|it| (it.0.to_owned(), it.1, it.2)));
    for order in [
        ExceptionOrder::Newest,
        ExceptionOrder::Oldest,
        ExceptionOrder::Money,
        ExceptionOrder::Category,
    ] {
        expected.sort_by_key(|it| (it.2, it.3));
        match order {
            ExceptionOrder::Newest | ExceptionOrder::Oldest => {}
            ExceptionOrder::Money => expected.sort_by_key(|it| it.1),
            ExceptionOrder::Category => expected.sort_by_key(|it| it.0.as_str()),
        }
        if order != ExceptionOrder::Oldest {
            expected.reverse();
        }
        let rows = expected.iter();
        let rows = rows.map(|it| (new_run(&main, it.2, it.2).id, it.3));
        let rows: Vec<_> = rows.collect();
        // VAL06 is in another column of theirs.
        for (code, rows) in [
            (None, &rows[..]),
            (Some("CMP01"), &rows[..]),
            (Some("VAL06"), &[]),
        ] {
            let filter = ExceptionFilter {
                column: Some("Column 7".to_owned()),
                code: code.map(str::to_owned),
                ..ExceptionFilter::default()
            };
            let (mut found, mut after) = (Vec::new(), None);
            loop {
                let page = store.find_exceptions(&main, &filter, order, after.as_ref(), 3);
                let page = page.await.unwrap().rows;
                let Some(last) = page.last() else { break };
                after = Some((last.run.clone(), last.row.row.record));
                found.extend(page.into_iter().map(|it| (it.run, it.row.row.record)));
            }
            assert_eq!(found, rows, "{order:?} {code:?}");
        }
    }
}

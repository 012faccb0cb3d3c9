//! One story on a real temporary database: files come in, runs close, fall over and are tampered with.

#![expect(clippy::unwrap_used, reason = "a test may fall over where it stands")]

mod answers;
mod days;
mod disk;
mod exceptions;
mod learning;
mod making;
mod places;
mod plans;
mod rows;
mod sales;
mod shelf;
mod tamper;

use audit::{Checkpoint, Fault, FaultKind};
use futures::TryStreamExt;
use making::*;
use model::{
    audit::EntryFilter,
    control::{Category, Severity},
    exception::ExceptionState,
    finding::{FindingOrder, FindingQuery},
    id::{RunId, UploadId, WorkspaceId},
    money::Money,
    row::{KeptRow, Refused},
    run::{RunStatus, Stage},
};
use places::open;
use std::{cmp::Reverse, path::Path};
use store::{Begun, NewPiecemeal, Store, StoreError, Whole};
use tamper::{copy, drop_trigger, tamper};

const REGIONS: [&str; 2] = ["South", "North"];

#[tokio::test]
async fn two_runs_with_a_key_in_common_close_and_the_second_is_told_where_it_stands() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path()).await;
    let (main, other) = (WorkspaceId::main(), WorkspaceId::sample());

    let first = begin(&store, &main, 1).await;
    store
        .begin_stage(&main, &first, Stage::Validate, 0, &mark())
        .await
        .unwrap();
    let kept = [
        with_warning(kept_row(2, 3, Some(5000))),
        exception(3, 4, Some(-700)),
    ];
    store.keep(&main, &first, &kept).await.unwrap();
    store
        .end_stage(&main, &first, Stage::Validate, 3, &mark())
        .await
        .unwrap();
    unseen(&store, &main, &first).await;

    let rows = [ledger_row(1, "A-1", 1000), ledger_row(2, "A-2", 5000)];
    let mut closing = store.close_run(&main, &first).await.unwrap();
    assert_eq!(closing.load(&rows).await.unwrap(), []);
    assert_eq!(closing.summarise().await.unwrap(), 1);
    unseen(&store, &main, &first).await;
    let judged = verdict(2, 1, 6000, -700);
    let last = closing.finish(&judged, &mark()).await.unwrap();

    let run = store.run(&main, &first).await.unwrap();
    assert_eq!(run.summary.status, RunStatus::Complete);
    assert_eq!(run.verdict, Some(judged));
    assert_eq!(run.summary.money_exceptions, Some(Money(-700)));
    assert_eq!(run.last_entry, Some((last.sequence, last.hash)));
    assert_eq!(run.stages.len(), 1);
    assert_eq!(run.stages[0].rows_out, 3);
    assert_eq!(store.ledger(&main, &first, 0, 9).await.unwrap(), rows);

    let second = begin(&store, &main, 2).await;
    let kept = [with_warning(kept_row(1, 2, Some(5000)))];
    store.keep(&main, &second, &kept).await.unwrap();
    let mut closing = store.close_run(&main, &second).await.unwrap();
    let rows = [
        ledger_row(1, "A-2", 5000),
        ledger_row(2, "B-1", 200),
        ledger_row(3, "A-1", 999),
    ];
    let refused = closing.load(&rows).await.unwrap();
    let told: Vec<(u64, &RunId, u64, bool)> = refused.iter().map(place).collect();
    assert_eq!(told, [(1, &first, 3, true), (3, &first, 2, false)]);
    assert_eq!(refused[0].holder.file_name, "sales-1.csv");
    let unkept = verdict(1, 2, 200, 5999);
    let exceptions: Vec<KeptRow> = refused.iter().map(refused_row).collect();
    closing.keep(&exceptions).await.unwrap();
    closing.begin_stage(Stage::Load, 3, &mark()).await.unwrap();
    closing.end_stage(Stage::Load, 1, &mark()).await.unwrap();
    closing.finish(&unkept, &mark()).await.unwrap();

    let run = store.run(&main, &second).await.unwrap();
    assert_eq!((run.found_by_server, run.stages.len()), (2, 1));
    let page = store.flagged(&main, &second, &all()).await.unwrap();
    assert_eq!((page.total, page.rows.len(), page.next), (2, 2, None));
    let codes: Vec<&str> = page.rows[0]
        .row
        .findings
        .iter()
        .map(|it| it.code.as_str())
        .collect();
    assert_eq!(codes, ["VAL10", "UNQ02"]);
    assert_eq!(page.rows[0].state, Some(ExceptionState::New));
    assert_eq!(page.rows[0].row.category, Some(Category::DataQualityIssue));
    for (query, records) in [
        (by_code("VAL10"), vec![1]),
        (by_code("UNQ02"), vec![1, 3]),
        (by_code("VAL06"), vec![]),
        (by_severity(Severity::Warning), vec![1]),
        (in_column(6), vec![1, 3]),
        (in_column(5), vec![]),
        (
            FindingQuery {
                code: Some("VAL10".into()),
                ..in_column(6)
            },
            vec![1],
        ),
        (
            FindingQuery {
                severity: Some(Severity::Warning),
                ..in_column(6)
            },
            vec![1],
        ),
        (by_severity(Severity::Error), vec![1, 3]),
        (by_category(Category::DataQualityIssue), vec![1, 3]),
        (by_category(Category::DataFormatError), vec![]),
    ] {
        let page = store.flagged(&main, &second, &query).await.unwrap();
        let found: Vec<u64> = page.rows.iter().map(|it| it.row.record).collect();
        assert_eq!(found, records, "{query:?}");
        assert_eq!(page.total, u64::try_from(records.len()).unwrap());
    }

    let sales = store.sales(&main, &REGIONS).await.unwrap();
    assert_eq!((sales.rows, sales.revenue), (3, Money(6200)));
    let figures = store.figures(&main, &second, &REGIONS).await.unwrap();
    assert_eq!(
        (figures.rows, figures.units, figures.revenue),
        (1, 2, Money(200))
    );
    assert_eq!(figures.by_region[0].label, "North");

    let runs = store.runs(&main, None, None, 1).await.unwrap();
    assert_eq!(runs.runs[0].id, second);
    let older = store
        .runs(&main, None, runs.next.as_ref(), 1)
        .await
        .unwrap();
    assert_eq!(
        (older.runs[0].id.clone(), older.next),
        (first.clone(), None)
    );

    // The other workspace knows nothing of all this, and may hold the same keys.
    assert_eq!(store.runs(&other, None, None, 9).await.unwrap().runs, []);
    assert_eq!(store.sales(&other, &REGIONS).await.unwrap().rows, 0);
    for asked in [
        store.run(&other, &first).await.map(drop),
        store.flagged(&other, &first, &all()).await.map(drop),
        store.figures(&other, &first, &REGIONS).await.map(drop),
        store.ledger(&other, &first, 0, 9).await.map(drop),
        store.close_run(&other, &first).await.map(drop),
        store.exceptions(&other, &first).try_next().await.map(drop),
    ] {
        assert!(matches!(asked, Err(StoreError::NotFound)));
    }
    let run = begin(&store, &other, 1).await;
    let mut closing = store.close_run(&other, &run).await.unwrap();
    assert_eq!(
        closing.load(&[ledger_row(1, "A-1", 1000)]).await.unwrap(),
        []
    );
    closing
        .finish(&verdict(1, 0, 1000, 0), &mark())
        .await
        .unwrap();
    let entries = store
        .entries(&other, &EntryFilter::default(), None, 9)
        .await
        .unwrap();
    let sequences: Vec<u64> = entries.entries.iter().map(|it| it.entry.sequence).collect();
    assert_eq!(sequences, [2, 1]);
    let of_first = EntryFilter {
        run: Some(first.clone()),
        ..EntryFilter::default()
    };
    let narrowed = EntryFilter {
        event: "run.".into(),
        actor: "ravi".into(),
        from: "2026-02-02".into(),
        to: "2026-02-02".into(),
        ..of_first.clone()
    };
    let all = store.entries(&main, &of_first, None, 99).await.unwrap();
    let found = store.entries(&main, &narrowed, None, 99).await.unwrap();
    let runs = all
        .entries
        .iter()
        .filter(|it| it.entry.event.starts_with("run."));
    assert_eq!(
        found.entries.iter().collect::<Vec<_>>(),
        runs.collect::<Vec<_>>()
    );
    let never = EntryFilter {
        to: "2026-02-01".into(),
        ..EntryFilter::default()
    };
    let none = store.entries(&main, &never, None, 9).await.unwrap();
    assert_eq!((none.entries.len(), none.next), (0, None));
    let of_first = store.entries(&main, &of_first, None, 2).await.unwrap();
    assert_eq!(of_first.entries[0].entry.event, "run.completed");
    assert_eq!(of_first.next, Some(of_first.entries[1].entry.sequence));
    assert_eq!(store.workspaces().await.unwrap(), [main.clone(), other]);

    let report = store.verify(&main, None).await.unwrap();
    assert_eq!(
        (report.fault, report.runs, report.had_checkpoint),
        (None, 2, false)
    );
}

#[tokio::test]
async fn a_run_that_does_not_add_up_is_not_closed() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path()).await;
    let main = WorkspaceId::main();
    let run = begin(&store, &main, 1).await;
    store
        .keep(&main, &run, &[exception(2, 3, Some(50))])
        .await
        .unwrap();
    for wrong in [
        verdict(2, 1, 1000, 50),
        verdict(1, 0, 1000, 50),
        verdict(1, 1, 1001, 50),
        verdict(1, 1, 1000, 51),
    ] {
        let mut closing = store.close_run(&main, &run).await.unwrap();
        closing.load(&[ledger_row(1, "A-1", 1000)]).await.unwrap();
        let closed = closing.finish(&wrong, &mark()).await;
        assert!(matches!(closed, Err(StoreError::Unbalanced(_))));
        unseen(&store, &main, &run).await;
    }
    // A dropped closing has not even taken the key.
    let mut closing = store.close_run(&main, &run).await.unwrap();
    assert_eq!(
        closing.load(&[ledger_row(1, "A-1", 1000)]).await.unwrap(),
        []
    );
    closing
        .finish(&verdict(1, 1, 1000, 50), &mark())
        .await
        .unwrap();

    let ended = store.fail_run(&main, &run, "late", &mark()).await;
    assert!(matches!(ended, Err(StoreError::Conflict(_))));
    let kept = store.keep(&main, &run, &[exception(9, 9, None)]).await;
    assert!(matches!(kept, Err(StoreError::Conflict(_))));
}

#[tokio::test]
async fn a_run_is_held_with_its_rows_or_fails_without_them() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path()).await;
    let main = WorkspaceId::main();
    let held = begin(&store, &main, 1).await;
    let rows = [exception(1, 2, Some(50)), exception(2, 3, None)];
    store.keep(&main, &held, &rows).await.unwrap();
    let judged = verdict(1, 2, 1000, 50);
    store
        .hold_run(&main, &held, &judged, "too many exceptions", &mark())
        .await
        .unwrap();
    let page = store.flagged(&main, &held, &all()).await.unwrap();
    assert_eq!(page.total, 2);
    let found: Vec<_> = store.exceptions(&main, &held).try_collect().await.unwrap();
    let found: Vec<&KeptRow> = found.iter().map(|it| &it.row).collect();
    assert_eq!(found, [&rows[0], &rows[1]]);
    assert_eq!(store.sales(&main, &REGIONS).await.unwrap().rows, 0);

    let failed = begin(&store, &main, 2).await;
    store.keep(&main, &failed, &rows).await.unwrap();
    store
        .fail_run(&main, &failed, "the raw file is gone", &mark())
        .await
        .unwrap();
    unseen(&store, &main, &failed).await;
    let run = store.run(&main, &failed).await.unwrap();
    assert_eq!(run.summary.reason.as_deref(), Some("the raw file is gone"));

    // What was held is shown again when it comes again; what failed may be tried again.
    let again = new_run(&main, 3, 1);
    let begun = store.begin_run(&again, false, &mark()).await.unwrap();
    assert!(matches!(begun, Begun::Earlier(earlier) if earlier.id == held));
    assert_eq!(
        store.begin_run(&again, true, &mark()).await.unwrap(),
        Begun::New
    );
    let retried = new_run(&main, 4, 2);
    assert_eq!(
        store.begin_run(&retried, false, &mark()).await.unwrap(),
        Begun::New
    );
}

#[tokio::test]
async fn a_run_cut_off_is_found_at_the_next_start_and_done_again() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path()).await;
    let main = WorkspaceId::main();
    let run = begin(&store, &main, 1).await;
    store
        .begin_stage(&main, &run, Stage::Validate, 0, &mark())
        .await
        .unwrap();
    store
        .keep(&main, &run, &[exception(2, 3, Some(50))])
        .await
        .unwrap();
    let mut closing = store.close_run(&main, &run).await.unwrap();
    closing.load(&[ledger_row(1, "A-1", 1000)]).await.unwrap();
    let mut upload = store.raw().begin().await.unwrap();
    upload.write(vec![b'x'; 3 << 20].into()).await.unwrap();

    // Another process meanwhile: nothing is cut off as long as the first one lives.
    let neighbour = open(folder.path()).await;
    drop(closing);
    assert_eq!(neighbour.release_orphans(&[]).await.unwrap(), 0);
    assert_eq!(neighbour.claim(&[]).await.unwrap(), None);
    let taken = neighbour.keep(&main, &run, &[exception(9, 9, None)]).await;
    assert!(matches!(taken, Err(StoreError::Conflict(_))));
    assert_eq!(staged(folder.path()), 1);
    neighbour.close().await;
    drop(neighbour);

    // As a crash leaves it: the upload is never dropped, the lock is gone.
    std::mem::forget(upload);
    store.close().await;
    drop(store);
    let store = open(folder.path()).await;
    assert_eq!(staged(folder.path()), 0);
    unseen(&store, &main, &run).await;
    assert_eq!(store.release_orphans(&[]).await.unwrap(), 1);
    // Claimed by this process, which never learned of it; from then on it does the run.
    assert!(store.claim(&[]).await.unwrap().is_some());
    assert_eq!(store.release_orphans(&[]).await.unwrap(), 1);
    // Whoever still does a run that was taken from it leaves it to others.
    assert_eq!(store.claim(std::slice::from_ref(&run)).await.unwrap(), None);
    let claimed = store.claim(&[]).await.unwrap().unwrap();
    let doing = [claimed.run.id.clone()];
    assert_eq!(store.release_orphans(&doing).await.unwrap(), 0);
    assert_eq!((claimed.run, claimed.redone), (new_run(&main, 1, 1), true));
    assert_eq!(store.claim(&[]).await.unwrap(), None);
    store.restart_run(&main, &run, &mark()).await.unwrap();
    assert_eq!(store.run(&main, &run).await.unwrap().stages, []);
    store
        .keep(&main, &run, &[exception(2, 3, Some(50))])
        .await
        .unwrap();
    let mut closing = store.close_run(&main, &run).await.unwrap();
    assert_eq!(
        closing.load(&[ledger_row(1, "A-1", 1000)]).await.unwrap(),
        []
    );
    closing
        .finish(&verdict(1, 1, 1000, 50), &mark())
        .await
        .unwrap();
    let page = store.flagged(&main, &run, &all()).await.unwrap();
    assert_eq!(page.total, 1);
    assert_eq!(store.verify(&main, None).await.unwrap().fault, None);
}

#[tokio::test]
async fn raw_files_are_whole_or_not_there() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path()).await;
    let (main, other) = (WorkspaceId::main(), WorkspaceId::sample());
    let raw = store.raw();
    let digest = "ab".repeat(32);
    for _ in 0..2 {
        let mut upload = raw.begin().await.unwrap();
        for chunk in ["date,", "region\n"] {
            upload.write(chunk.into()).await.unwrap();
        }
        assert_eq!(staged(folder.path()), 1);
        upload.finish(&main, &digest).await.unwrap();
        assert_eq!(staged(folder.path()), 0);
    }
    let file = raw.local(&main, &digest).await.unwrap();
    assert_eq!(std::fs::read(file.path()).unwrap(), b"date,region\n");
    assert_eq!(raw.read(&main, &digest, 5..99).await.unwrap(), "region\n");
    let (bytes, stream) = raw.stream(&main, &digest).await.unwrap();
    let read: Vec<_> = stream.try_collect().await.unwrap();
    assert_eq!((bytes, read.concat()), (12, b"date,region\n".to_vec()));

    assert!(raw.has(&main, &digest).await.unwrap());
    assert!(!raw.has(&other, &digest).await.unwrap());
    let missing = raw.local(&other, &digest).await;
    assert!(matches!(missing, Err(StoreError::NotFound)));

    let mut upload = raw.begin().await.unwrap();
    upload.write(vec![0; 2 << 20].into()).await.unwrap();
    upload.abort().await.unwrap();
    assert_eq!(staged(folder.path()), 0);
    let empty = raw.begin().await.unwrap();
    empty.finish(&main, "empty").await.unwrap();
    assert_eq!(raw.stream(&main, "empty").await.unwrap().0, 0);
}

#[tokio::test]
async fn a_refused_file_goes_only_where_nothing_has_its_bytes() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path()).await;
    let main = WorkspaceId::main();
    let run = new_run(&main, 1, 1);
    let digest = run.file_digest.as_str();
    let put = async || {
        let mut upload = store.raw().begin().await.unwrap();
        upload.write("a,b\n".into()).await.unwrap();
        upload.finish(&main, digest).await.unwrap();
    };
    put().await;
    // Of two who bring the same bytes one is refused, and the other cannot begin without them.
    assert!(store.refuse_file(&main, digest, &mark()).await.unwrap());
    assert!(!store.raw().has(&main, digest).await.unwrap());
    let gone = store.begin_file_run(&run, false, &mark()).await;
    assert!(matches!(gone, Err(StoreError::NotFound)), "{gone:?}");

    // An upload that waits for its run keeps it, and so does a run.
    put().await;
    let upload = NewPiecemeal {
        workspace: main.clone(),
        id: UploadId::from_u128(1),
        bytes: 4,
        said: "{}".to_owned(),
        expires_at: "2026-02-03T10:00:00.000Z".to_owned(),
    };
    store.begin_piecemeal(&upload, &mark()).await.unwrap();
    let whole = Whole {
        blake3: digest.to_owned(),
        sha256: digest.to_owned(),
        run: run.id.clone(),
    };
    store.keep_whole(&main, &upload.id, &whole).await.unwrap();
    assert!(!store.refuse_file(&main, digest, &mark()).await.unwrap());
    store
        .forget_piecemeal(&main, &upload.id, "upload.cancelled", &mark())
        .await
        .unwrap();
    let begun = store.begin_file_run(&run, false, &mark()).await.unwrap();
    assert_eq!(begun, Begun::New);
    assert!(!store.refuse_file(&main, digest, &mark()).await.unwrap());
    assert!(store.raw().has(&main, digest).await.unwrap());
    assert_eq!(store.verify(&main, None).await.unwrap().fault, None);
}

#[tokio::test]
async fn every_kept_row_is_reached_by_paging() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path()).await;
    let main = WorkspaceId::main();
    let run = begin(&store, &main, 1).await;
    let rows: Vec<KeptRow> = (1..=2345)
        .map(|record| match record % 3 {
            0 => with_warning(kept_row(record, record + 1, Some(100))),
            _ => exception(record, record + 1, Some(10)),
        })
        .collect();
    for batch in rows.chunks(700) {
        store.keep(&main, &run, batch).await.unwrap();
    }
    let exceptions = rows.iter().filter(|it| it.is_exception()).count();
    let exceptions = u64::try_from(exceptions).unwrap();
    let money = i128::from(exceptions) * 10;
    store
        .hold_run(
            &main,
            &run,
            &verdict(1, exceptions, 5, money),
            "held",
            &mark(),
        )
        .await
        .unwrap();
    for (query, wanted) in [
        (all(), 2345),
        (by_severity(Severity::Error), exceptions),
        (by_severity(Severity::Warning), 2345 - exceptions),
        (by_code("VAL06"), exceptions),
        (by_category(Category::BusinessRuleViolation), exceptions),
    ] {
        let mut query = FindingQuery {
            limit: 100_000,
            ..query
        };
        let mut found = Vec::new();
        loop {
            let page = store.flagged(&main, &run, &query).await.unwrap();
            assert_eq!(page.total, wanted);
            assert!(page.rows.len() <= 500);
            found.extend(page.rows.into_iter().map(|it| it.row));
            match page.next {
                Some(next) => query.after = next,
                None => break,
            }
        }
        assert_eq!(u64::try_from(found.len()).unwrap(), wanted);
        assert!(found.is_sorted_by(|a, b| a.record < b.record));
        assert!(found.iter().all(|it| rows.contains(it)));
    }
    let all: Vec<_> = store.exceptions(&main, &run).try_collect().await.unwrap();
    assert_eq!(u64::try_from(all.len()).unwrap(), exceptions);
}

#[tokio::test]
async fn kept_rows_are_listed_in_other_orders_than_that_of_the_file() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path()).await;
    let main = WorkspaceId::main();
    let run = begin(&store, &main, 1).await;
    let rows: Vec<KeptRow> = (1..=60)
        .map(|record| {
            let paise = (record % 7 != 0).then_some(i64::try_from(record * 37 % 11).unwrap() - 3);
            let mut row = exception(record, record + 1, paise);
            match record % 4 {
                0 => return with_warning(kept_row(record, record + 1, paise)),
                1 => row.category = Some(Category::MissingRequiredField),
                2 => row.category = Some(Category::DataFormatError),
                _ => {}
            }
            row
        })
        .collect();
    store.keep(&main, &run, &rows).await.unwrap();
    let failing = || rows.iter().filter(|it| it.is_exception());
    let money: Money = failing().filter_map(|it| it.money).sum();
    let count = u64::try_from(failing().count()).unwrap();
    let judged = verdict(1, count, 5, money.0);
    let held = store.hold_run(&main, &run, &judged, "held", &mark()).await;
    held.unwrap();
    let paise = |it: &KeptRow| it.money.unwrap_or_default();
    for query in [
        all(),
        by_severity(Severity::Error),
        by_severity(Severity::Warning),
        by_code("VAL06"),
        by_category(Category::DataFormatError),
    ] {
        for order in [
            FindingOrder::Record,
            FindingOrder::Last,
            FindingOrder::Money,
            FindingOrder::Category,
        ] {
            let mut query = FindingQuery {
                limit: 7,
                ..query.clone()
            };
            let whole = FindingQuery {
                limit: 0,
                ..query.clone()
            };
            let whole = store.flagged(&main, &run, &whole).await.unwrap();
            let mut expected: Vec<KeptRow> = whole.rows.into_iter().map(|it| it.row).collect();
            match order {
                FindingOrder::Record => {}
                FindingOrder::Last => expected.reverse(),
                FindingOrder::Money => expected.sort_by_key(|it| Reverse(paise(it))),
                FindingOrder::Category => {
                    expected.sort_by_key(|it| it.category.map_or("~", Category::as_str));
                }
            }
            let mut found = Vec::new();
            loop {
                let page = store.flagged_by(&main, &run, &query, order).await.unwrap();
                assert_eq!(page.total, whole.total);
                found.extend(page.rows.into_iter().map(|it| it.row));
                match page.next {
                    Some(next) => query.after = next,
                    None => break,
                }
            }
            assert_eq!(found, expected, "{order:?}, {query:?}");
        }
    }
}

#[tokio::test]
async fn tampering_is_refused_and_where_it_is_forced_it_is_found() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path()).await;
    let main = WorkspaceId::main();
    for number in 1..=3 {
        let run = begin(&store, &main, number).await;
        let rows = [exception(1, 2, Some(50))];
        store.keep(&main, &run, &rows).await.unwrap();
        let judged = verdict(0, 1, 0, 50);
        let held = store.hold_run(&main, &run, &judged, "held", &mark()).await;
        held.unwrap();
    }
    let report = store.verify(&main, None).await.unwrap();
    assert_eq!((report.fault, report.entries), (None, 6));
    let checkpoint = report.last.unwrap();
    store.close().await;

    for refused in [
        "UPDATE entries SET actor = 'mallory' WHERE sequence = 2",
        "DELETE FROM entries WHERE sequence = 6",
        "INSERT INTO entries SELECT workspace, 9, time, actor, event, run, details, body_digest, hash \
         FROM entries WHERE sequence = 6",
        "UPDATE runs SET file_name = 'other.csv'",
        "DELETE FROM runs",
        "UPDATE kept_rows SET state = 'rejected'",
        "DELETE FROM kept_rows",
    ] {
        let done = tamper(folder.path(), refused).await;
        assert!(done.is_err(), "{refused}");
    }

    let mut force = match tamper::is_postgres() {
        true => "SET session_replication_role = replica; ".to_owned(),
        false => "PRAGMA foreign_keys = off; ".to_owned(),
    };
    for (trigger, table) in [
        ("entries_never_change", "entries"),
        ("entries_never_go", "entries"),
        ("entries_follow", "entries"),
        ("runs_never_go", "runs"),
    ] {
        force += &drop_trigger(trigger, table);
    }
    for (change, sequence, kind) in [
        (
            "UPDATE entries SET details = '{\"rows\":\"1\"}' WHERE sequence = 2",
            2,
            FaultKind::BodyChanged,
        ),
        (
            "UPDATE entries SET details = 'no json' WHERE sequence = 2",
            2,
            FaultKind::BodyChanged,
        ),
        (
            "DELETE FROM entries WHERE sequence = 3",
            3,
            FaultKind::OutOfSequence { found: 4 },
        ),
        (
            "DELETE FROM entries WHERE sequence > 5",
            6,
            FaultKind::RunEntryMissing {
                run: RunId::from_u128(3),
            },
        ),
        (
            "DELETE FROM entries WHERE sequence > 4; \
             DELETE FROM runs WHERE entry_sequence > 4",
            6,
            FaultKind::CheckpointMissing,
        ),
    ] {
        let given = Some(&checkpoint).filter(|_| kind == FaultKind::CheckpointMissing);
        let fault = tampered(folder.path(), &format!("{force} {change}"), given).await;
        assert_eq!((fault.sequence, fault.kind), (sequence, kind), "{change}");
    }
}

/// Does `change` to a copy of the database and verifies that.
async fn tampered(folder: &Path, change: &str, checkpoint: Option<&Checkpoint>) -> Fault {
    let to = tempfile::tempdir().unwrap();
    copy(folder, to.path()).await;
    tamper(to.path(), change).await.unwrap();
    let store = open(to.path()).await;
    let report = store.verify(&WorkspaceId::main(), checkpoint).await;
    store.close().await;
    report.unwrap().fault.unwrap()
}

async fn begin(store: &Store, workspace: &WorkspaceId, number: u64) -> RunId {
    let mut run = new_run(workspace, number, number);
    if workspace.is_sample() {
        run.id = RunId::from_u128(u128::from(number) + 1000);
    }
    let begun = store.begin_run(&run, false, &mark()).await.unwrap();
    assert_eq!(begun, Begun::New);
    let claimed = store.claim(&[]).await.unwrap().unwrap();
    assert_eq!((claimed.run, claimed.redone), (run.clone(), false));
    run.id
}

/// Nothing of the run's rows is to be seen.
async fn unseen(store: &Store, workspace: &WorkspaceId, run: &RunId) {
    let page = store.flagged(workspace, run, &all()).await.unwrap();
    assert_eq!((page.total, page.rows.len()), (0, 0));
    assert_eq!(store.ledger(workspace, run, 0, 9).await.unwrap(), []);
    let figures = store.figures(workspace, run, &REGIONS).await.unwrap();
    assert_eq!(figures.rows, 0);
    assert_eq!(store.sales(workspace, &REGIONS).await.unwrap().rows, 0);
    assert_eq!(
        store.exceptions(workspace, run).try_next().await.unwrap(),
        None
    );
    assert_eq!(store.run(workspace, run).await.unwrap().verdict, None);
}

fn place(refused: &Refused) -> (u64, &RunId, u64, bool) {
    let holder = &refused.holder;
    (
        refused.row.record,
        &holder.run,
        holder.line,
        holder.identical,
    )
}

/// How many uploads are on their way in.
fn staged(folder: &Path) -> usize {
    let leases = std::fs::read_dir(folder.join("raw/.staging")).unwrap();
    let uploads = leases.map(|it| std::fs::read_dir(it.unwrap().path()).unwrap().count());
    uploads.sum()
}

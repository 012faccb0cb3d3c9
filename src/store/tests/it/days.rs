//! What happens late in the evening of UTC happens on the next day of those who read it.

use crate::{making::*, places::open};
use model::{
    audit::EntryFilter,
    exception::{ExceptionFilter, ExceptionOrder, TrendBy, TrendStep},
    id::{RunId, WorkspaceId},
    quality::QualityFilter,
};
use store::{ExceptionView, Mark, Store};

const EVENING: &str = "2026-01-31T23:30:00.000Z";
const DAY: &str = "2026-02-01";

async fn run(store: &Store, workspace: &WorkspaceId, number: u64, time: &str) -> RunId {
    let run = new_run(workspace, number, number);
    let mark = Mark::new(time, "ravi");
    store.begin_run(&run, false, &mark).await.unwrap();
    store.claim(&[]).await.unwrap().unwrap();
    let row = exception(1, 2, Some(300));
    store.keep(workspace, &run.id, &[row]).await.unwrap();
    let closing = store.close_run(workspace, &run.id).await.unwrap();
    closing.finish(&verdict(0, 1, 0, 300), &mark).await.unwrap();
    run.id
}

#[tokio::test]
async fn an_evening_of_utc_is_the_next_day() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path()).await;
    let main = WorkspaceId::main();
    let noon = run(&store, &main, 1, "2026-01-31T12:00:00.000Z").await;
    let evening = run(&store, &main, 2, EVENING).await;
    for (from, to, runs) in [
        ("2026-01-31", "2026-01-31", vec![&noon]),
        (DAY, DAY, vec![&evening]),
        ("2026-02-01", "2026-02-28", vec![&evening]),
        ("2026-01-31", DAY, vec![&noon, &evening]),
        ("2026-02-02", "9999-12-31", vec![]),
    ] {
        let days = (Some(from), Some(to));
        let filter = QualityFilter {
            from: Some(from.to_owned()),
            to: Some(to.to_owned()),
            ..QualityFilter::default()
        };
        let quality = store.quality(&main, &filter, None, 10).await.unwrap();
        let mut found: Vec<_> = quality.runs.iter().map(|it| &it.id).collect();
        found.reverse();
        assert_eq!(found, runs, "{from} {to}");
        let pairs = store.contract_pairs(&main, days).await.unwrap();
        assert_eq!(pairs.len(), usize::from(runs.len() == 2));

        let filter = ExceptionFilter {
            from: Some(from.to_owned()),
            to: Some(to.to_owned()),
            ..ExceptionFilter::default()
        };
        let order = ExceptionOrder::Oldest;
        let list = store.find_exceptions(&main, &filter, order, None, 10).await;
        let list = list.unwrap().rows;
        assert_eq!(list.iter().map(|it| &it.run).collect::<Vec<_>>(), runs);
        let view = ExceptionView {
            by: TrendBy::Category,
            step: TrendStep::Day,
            today: "2026-02-02".parse().unwrap(),
        };
        let overview = store.exception_overview(&main, &filter, view).await;
        let overview = overview.unwrap();
        assert_eq!(overview.total.rows, runs.len() as u64);
        let steps = overview.trend.iter();
        let steps: Vec<_> = steps.map(|it| (it.label.as_str(), it.rows_read)).collect();
        let all = [("2026-01-31", Some(1)), (DAY, Some(1))];
        let shown = all.iter().filter(|it| (from..=to).contains(&it.0));
        assert_eq!(steps, shown.copied().collect::<Vec<_>>());
        let ages = [&overview.by_age[0], &overview.by_age[1]].map(|it| it.sum.rows);
        let expected = [&evening, &noon].map(|it| u64::from(runs.contains(&it)));
        assert_eq!(ages, expected, "{from} {to}");

        let filter = EntryFilter {
            from: from.to_owned(),
            to: to.to_owned(),
            ..EntryFilter::default()
        };
        let log = store.entries(&main, &filter, None, 100).await.unwrap();
        let of = |run: &&RunId| {
            let mut of_run = log.entries.iter().map(|it| it.entry.run.as_deref());
            of_run.any(|it| it == Some(run.as_str()))
        };
        let found: Vec<_> = [&noon, &evening].into_iter().filter(of).collect();
        assert_eq!(found, runs, "{from} {to}");
    }
    store.close().await;
}

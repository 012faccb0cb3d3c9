//! Shares as they are rendered, and the charts of one run: what became of the rows that a control found, how much each
//! dimension passed, how much money is in exceptions.

use crate::{
    board::{between, count, full, marks, percent, words},
    dashboard::{Groups, grouped, ledger, whole},
    house::House,
    pages::{EXCEPTIONS, Reader, UNCOUNTED, plain, table},
    quality_page::cells,
    year::{RUNS, Year},
};
use axum::{
    body::Body,
    http::{Request, header::CONTENT_TYPE},
};
use chrono::NaiveDate;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// A year in which a refund was let in, and of two keys of earlier files one was given to the later row.
async fn year() -> (Reader, Year) {
    let house = House::new().await;
    let year = Year::of(&house).await;
    for (run, record, what, more) in [
        (6, 29, "waivers", json!({})),
        (8, 31, "settlement", json!({ "settlement": "take-place" })),
        (11, 31, "settlement", json!({ "settlement": "keep-holder" })),
    ] {
        let mut body = more;
        body["version"] = 1.into();
        body["reason"] = "the shop told us".into();
        let id = year.runs[run]["id"].as_str().unwrap();
        let path = format!("/api/v1/runs/{id}/exceptions/{record}/{what}");
        let request = Request::post(path).header(CONTENT_TYPE, "application/json");
        let answer = house.send(request.body(Body::from(body.to_string())).unwrap());
        let answer = answer.await;
        assert_eq!(answer.status, 200, "{}", answer.text());
    }
    (Reader::new(house), year)
}

impl Reader {
    /// Of the rows that each control found, how many stand where, in rows and in per cent. `first` is the place of what
    /// was found among the cells of a line, and the answer how many of each column are some.
    async fn effects(&self, query: &str, rows: &str, first: usize) -> [usize; 4] {
        let of_controls = EXCEPTIONS.replacen(
            "WHERE",
            "JOIN (SELECT DISTINCT workspace, run, record, code FROM findings WHERE severity = 'error') f \
             ON f.workspace = k.workspace AND f.run = k.run AND f.record = k.record WHERE",
            1,
        );
        let sql = format!(
            "SELECT f.code || '/' || k.state, count(*), 0, 0 {of_controls} AND r.kind = 'file' AND {rows} GROUP BY 1"
        );
        let mut found: BTreeMap<String, [i64; 4]> = BTreeMap::new();
        for (label, rows, ..) in grouped(&self.url, &sql).await {
            let (code, state) = label.split_once('/').unwrap();
            let column = match state {
                "new" | "assigned" | "reopened" => 0,
                "corrected" | "resolved" => 1,
                "waived" => 2,
                "rejected" => 3,
                other => panic!("{other}"),
            };
            found.entry(code.to_owned()).or_default()[column] += rows;
        }
        let page = self.page(&format!("/quality{query}")).await;
        let section = between(&page, "aria-labelledby=\"by-control\"", "</section>");
        let mut some = [0; 4];
        for (code, columns) in &found {
            let line = between(section, &format!(">{code}</a>"), "</tr>");
            let all: i64 = columns.iter().sum();
            let mut expected = vec![count(all)];
            for (rows, some) in columns.iter().zip(&mut some) {
                let share = match rows {
                    0 => String::new(),
                    rows => format!(" {}", percent((*rows).into(), all.into())),
                };
                expected.push(count(*rows) + &share);
                *some += usize::from(*rows > 0);
            }
            assert_eq!(cells(line)[first..], expected, "{query} {code}");
        }
        assert!(!found.is_empty());
        some
    }

    /// What the verdicts of all files say of each dimension is what the page says of it.
    async fn dimensions(&self) {
        let list = self.house.get("/api/v1/runs?kind=file").await.json();
        let mut sums: BTreeMap<String, (i128, i128)> = BTreeMap::new();
        // Those that were released or replaced came twice.
        let runs = list["runs"].as_array().unwrap();
        assert_eq!(runs.len() as u64, RUNS + 2);
        for run in runs {
            let path = format!("/api/v1/runs/{}", run["id"].as_str().unwrap());
            let run = self.house.get(&path).await.json();
            let controls = run["verdict"]["controls"].as_array().unwrap().iter();
            for it in controls.filter(|it| it["severity"] == "error") {
                let of = |name: &str| i128::from(it[name].as_u64().unwrap());
                let sum = sums.entry(it["dimension"].as_str().unwrap().to_owned());
                let sum = sum.or_default();
                *sum = (sum.0 + of("evaluated"), sum.1 + of("failed"));
            }
        }
        let page = self.page("/quality").await;
        let section = between(&page, "id=\"by-dimension\"", "</section>");
        let lines: Vec<String> = section.split("<li>").skip(1).map(words).collect();
        sums.retain(|_, it| it.0 > 0);
        assert_eq!(lines.len(), sums.len(), "{lines:?}");
        for (name, (evaluated, failed)) in sums {
            let share = percent(evaluated - failed, evaluated);
            let told = format!(" {} failed {share}", count(failed));
            let named = |it: &&String| it.to_lowercase().starts_with(&name);
            let line = lines.iter().find(named);
            let line = line.unwrap_or_else(|| panic!("{name}: {lines:?}"));
            assert_eq!(line[name.len()..], told, "{name}");
        }
    }

    /// How much of rows and money of the runs that have such rows in the ledger is in exceptions, as Sales tells it.
    async fn of_their_money(&self, query: &str, rows: &str) -> (String, String) {
        let of_runs = format!(
            "r.kind = 'file' AND r.number IN (SELECT l.run FROM ledger_rows l WHERE l.counts AND {rows})"
        );
        let entered = format!(
            "SELECT 'in', count(*), sum(l.money), 0 FROM ledger l JOIN runs r ON r.number = l.run \
             WHERE r.workspace = 'main' AND {of_runs}"
        );
        let all = format!("SELECT 'out', count(*), sum(k.money), 0 {EXCEPTIONS} AND {of_runs}");
        let left = format!("{all} AND {UNCOUNTED}");
        let mut sums = Vec::new();
        for sql in [entered, all, left] {
            let (_, rows, money, _) = grouped(&self.url, &sql).await.remove(0);
            sums.push((i128::from(rows), i128::from(money)));
        }
        let read = (sums[0].0 + sums[1].0, sums[0].1 + sums[1].1);
        let shares = (percent(sums[2].0, read.0), percent(sums[2].1, read.1));
        let page = plain(&self.page(&format!("/sales{query}")).await);
        let told = format!("{} of their rows and {} of their money", shares.0, shares.1);
        assert!(page.contains(&told), "{query} {told}: {page}");
        shares
    }

    /// The charts of a run's page, each mark and each line of their tables.
    async fn charts(&self, run: &Value) {
        let id = run["id"].as_str().unwrap();
        let page = self.page(&format!("/runs/{id}")).await;
        let of_run = format!("counts AND run = (SELECT number FROM runs WHERE id = '{id}')");
        let figures = |label: String, it: &Groups, key: &str| {
            let sum = it[key];
            vec![label, count(sum.rows), count(sum.units), full(sum.revenue)]
        };

        let regions = ledger(&self.url, "region", &of_run).await;
        let title = "Revenue by region";
        let all = whole(&regions).revenue;
        let lines = table(&page, title);
        assert_eq!(lines.len(), regions.len());
        let mut leads = Vec::new();
        for (line, (mark, to)) in lines.into_iter().zip(marks(&page, title)) {
            leads.push((to, regions[&line[0]]));
            let region = line[0].clone();
            let money = regions[&region].revenue;
            let share = percent(money.0, all.0);
            assert_eq!(mark, format!("{region}: {} · {share}", full(money)));
            assert_eq!(line, figures(region.clone(), &regions, &region));
        }

        let days = ledger(&self.url, "day", &of_run).await;
        let title = "Revenue per day";
        let called = |day: &String| {
            let day: NaiveDate = day.parse().unwrap();
            day.format("%-d %b %Y").to_string()
        };
        let expected = days.keys().map(|it| figures(called(it), &days, it));
        assert_eq!(table(&page, title), expected.collect::<Vec<_>>());
        let drawn: BTreeMap<String, (String, String)> = marks(&page, title)
            .into_iter()
            .map(|(name, to)| {
                let (day, money) = name.split_once(": ").unwrap();
                (day.to_owned(), (money.to_owned(), to))
            })
            .collect();
        for (day, sum) in &days {
            let (money, to) = &drawn[&called(day)];
            assert_eq!(*money, full(sum.revenue), "{day}");
            leads.push((to.clone(), *sum));
        }
        let [followed, _] = self.follow(leads).await;
        assert_eq!(followed, regions.len() + days.len());

        let sql = format!(
            "SELECT f.code, count(*), 0, 0 FROM findings f JOIN runs r ON r.number = f.run WHERE r.id = '{id}' GROUP BY 1"
        );
        let mut found = BTreeMap::new();
        for (code, failed, ..) in grouped(&self.url, &sql).await {
            found.insert(code, failed);
        }
        let title = "Failures by control";
        let lines = table(&page, title);
        let bars = marks(&page, title);
        assert_eq!((lines.len(), bars.len()), (found.len(), found.len()));
        let mut before = i64::MAX;
        for (line, (mark, to)) in lines.iter().zip(bars) {
            let code = line[0].split(' ').next().unwrap();
            let failed = found[code];
            assert!(failed <= before, "{code}");
            before = failed;
            assert_eq!(line[2], count(failed), "{code}");
            assert!(mark.starts_with(code), "{mark}");
            assert!(mark.ends_with(&format!(": {}", count(failed))), "{mark}");
            assert!(to.contains(code), "{to}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_became_of_a_controls_rows_and_what_a_dimension_passed_are_those_of_the_rows() {
    let (reader, _) = year().await;
    let some = reader.effects("", "1 = 1", 5).await;
    assert!(some.iter().all(|it| *it > 0), "{some:?}");
    for (query, rows) in [
        ("?region=North", "k.region = 'North'"),
        (
            "?category=Dairy+Products",
            "k.product_category = 'Dairy Products'",
        ),
    ] {
        reader.effects(query, rows, 1).await;
    }
    reader.dimensions().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn money_in_exceptions_and_the_charts_of_a_run_are_those_of_the_rows() {
    let (reader, year) = year().await;
    let (_, money) = reader.of_their_money("", "1 = 1").await;
    let home = words(&reader.page("/").await);
    let (_, told) = home.split_once("Their money ").unwrap();
    let (_, share) = told.split_once(", ").unwrap();
    assert!(share.starts_with(&money), "{money}: {told}");
    let run = year.runs[6]["id"].as_str().unwrap();
    let of_run = format!("l.run = (SELECT number FROM runs WHERE id = '{run}')");
    let mut shares = vec![money];
    for (query, rows) in [
        (format!("?run={run}"), of_run.as_str()),
        (
            "?region=North&period=custom&from=2025-03-01&to=2025-04-28".to_owned(),
            "l.region = 'North' AND l.day BETWEEN '2025-03-01' AND '2025-04-28'",
        ),
    ] {
        shares.push(reader.of_their_money(&query, rows).await.1);
    }
    shares.dedup();
    assert_eq!(shares.len(), 3, "each is of other runs");

    // A row of the first one gave its place up since.
    let gone = "counts = (1 = 0) AND displaced_by_run IS NOT NULL";
    assert_eq!(whole(&ledger(&reader.url, "run", gone).await).rows, 1);
    for run in [7, 3, 8] {
        reader.charts(&year.runs[run]).await;
    }
}

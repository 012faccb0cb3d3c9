//! How well files pass, as it is rendered: the line of each file, what controls judged, the money of exceptions by what they
//! are and when they came, and what changed from one file to the next.

use crate::{
    board::{between, count, full, marks, percent, words},
    dashboard::grouped,
    desk::HEADER,
    house::House,
    pages::{EXCEPTIONS, OPEN, Reader, days_of, links, plain, table, year},
};
use axum::{body::Body, http::Request};
use chrono::NaiveDate;
use model::{control::Category, money::Money, ratio::Ratio};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

fn share(it: Option<Ratio>) -> String {
    it.map_or("–".to_owned(), |it| format!("{} %", it.percent()))
}

/// What the cells of a line say, its head first.
pub(crate) fn cells(line: &str) -> Vec<String> {
    let cells = line.split("<t").skip(1);
    let cells = cells.filter(|it| it.starts_with(['h', 'd']));
    cells.map(|it| words(&format!("<t{it}"))).collect()
}

/// What paragraphs say, whose figures are links.
fn sentences(html: &str) -> String {
    let all = html
        .split("</p>")
        .map(|it| plain(it).trim().replace('\u{a0}', " "));
    all.filter(|it| !it.is_empty())
        .collect::<Vec<_>>()
        .join(" ")
}

/// Rows and paise of each label and day.
type Days = BTreeMap<(String, NaiveDate), (i64, i64)>;

impl Reader {
    /// Each link to rows with findings of a run: what it says, and how many rows there are.
    pub(crate) async fn rows_of_runs(&self, html: &str) -> Vec<(String, u64)> {
        let mut found = Vec::new();
        for link in links(html) {
            let Some(to) = link.to.strip_suffix("#rows") else {
                continue;
            };
            let (run, query) = to.split_once('?').unwrap_or((to, ""));
            let query = match query {
                "" => "severity=error".to_owned(),
                code => code.trim_start_matches("show=all&").to_owned(),
            };
            let page = self.page(&link.to).await;
            assert!(page.contains("id=\"rows\""), "{}", link.to);
            let rows = self
                .house
                .get(&format!("/api/v1{run}/findings?{query}"))
                .await;
            found.push((
                link.text.replace('\u{a0}', " "),
                rows.json()["total"].as_u64().unwrap(),
            ));
        }
        found
    }

    /// Of each run a number and two more, by its id.
    async fn of_runs(&self, sql: &str) -> BTreeMap<String, [i64; 3]> {
        let rows = grouped(&self.url, sql).await.into_iter();
        rows.map(|(id, a, b, c)| (id, [a, b, c])).collect()
    }

    /// The line of each file has its score and rate, and whether they are as they should be.
    pub(crate) async fn files(&self, query: &str) -> BTreeSet<String> {
        let of_files =
            "r.workspace = 'main' AND r.kind = 'file' AND r.status IN ('complete', 'held')";
        let sql = format!(
            "SELECT r.id, r.rows_read, (SELECT count(*) FROM kept_rows k WHERE k.run = r.number \
             AND k.category IS NOT NULL), 0 FROM runs r WHERE {of_files}"
        );
        let rows = self.of_runs(&sql).await;
        let sql = format!(
            "SELECT r.id, (SELECT sum(c.evaluated) FROM run_controls c WHERE c.run = r.number AND c.scored), \
             (SELECT count(*) FROM findings f WHERE f.run = r.number AND f.severity = 'error'), 0 \
             FROM runs r WHERE {of_files}"
        );
        let judged = self.of_runs(&sql).await;
        let page = self.page(&format!("/quality{query}")).await;
        let body = between(&page, "<table class=\"quality-runs\">", "</tbody>");
        let body = body.split_once("<tbody>").unwrap().1;
        let lines: Vec<&str> = body.split("<tr>").skip(1).collect();
        assert_eq!(lines.len(), rows.len());
        let natural = |it: i64| u64::try_from(it).unwrap();
        let titles = ["Exception rate", "Quality score"].map(|it| format!("{it} of each file"));
        let [rates, scores] = titles.each_ref().map(|it| table(&page, it).into_iter());
        // The points of a chart stand from the oldest to the newest, the lines behind it the other way round.
        let drawn = titles.each_ref().map(|title| {
            let chart = between(&page, &format!("<h3>{title}</h3>"), "</figure>");
            let lines = links(chart.split_once("<tbody>").unwrap().1);
            let lines: Vec<_> = lines.into_iter().map(|it| it.to).collect();
            let mut points = marks(&page, title);
            points.reverse();
            assert_eq!((lines.len(), points.len()), (rows.len(), rows.len()));
            (lines, points)
        });
        let mut said = BTreeSet::new();
        for (at, ((line, of_rate), of_score)) in
            lines.into_iter().zip(rates).zip(scores).enumerate()
        {
            let id = between(line, "href=\"/runs/", "\"");
            let ([read, exceptions, _], [evaluated, failed, _]) = (rows[id], judged[id]);
            let score = Ratio::of(natural(evaluated - failed), natural(evaluated));
            let rate = Ratio::of(natural(exceptions), natural(read));
            let bound = |it| Some(Ratio::from_millionths(it));
            let met = |it: bool| if it { "met" } else { "not met" }.to_owned();
            let (good, rare) = (met(score > bound(950_000)), met(rate < bound(50_000)));
            let cells = cells(line);
            let expected = [
                share(score),
                good.clone(),
                count(exceptions),
                share(rate),
                rare.clone(),
            ];
            assert_eq!(cells[3..8], expected, "{}", cells[0]);
            let run = format!("/runs/{id}");
            let mut to: Vec<String> = links(line).into_iter().map(|it| it.to).collect();
            assert!(
                to.starts_with(&[run.clone(), format!("{run}#all-controls")]),
                "{to:?}"
            );
            let behind = to.split_off(2);
            assert_eq!(
                behind.len(),
                if exceptions > 0 { 2 } else { 0 },
                "{behind:?}"
            );
            for it in behind {
                let found = self.behind(&it).await;
                assert_eq!(i64::try_from(found).unwrap(), exceptions, "{it}");
            }
            said.extend([format!("score {good}"), format!("rate {rare}")]);
            for ((line, value), (to, points)) in
                [(of_rate, rate), (of_score, score)].into_iter().zip(&drawn)
            {
                assert!(line[0].starts_with(&format!("{}, ", cells[0])), "{line:?}");
                assert_eq!(line[1], share(value), "{line:?}");
                let point = (format!("{}: {}", line[0], line[1]), run.clone());
                assert_eq!((&to[at], &points[at]), (&run, &point));
            }
        }
        said
    }

    /// What each control judged, and how much of it passed.
    async fn controls(&self) {
        let sql = "SELECT c.code, sum(c.evaluated), sum(c.failed), \
            max(CASE WHEN c.severity = 'error' THEN 1 ELSE 0 END) FROM run_controls c JOIN runs r ON r.number = c.run \
            WHERE r.workspace = 'main' AND r.kind = 'file' AND r.status IN ('complete', 'held') GROUP BY c.code";
        let sql_of_rows = "SELECT f.code, count(*), 0, 0 FROM findings f JOIN runs r ON r.number = f.run \
            WHERE r.workspace = 'main' AND r.kind = 'file' AND r.status IN ('complete', 'held') GROUP BY f.code";
        let found = self.of_runs(sql_of_rows).await;
        let page = self.page("/quality").await;
        let section = between(&page, "aria-labelledby=\"by-control\"", "</section>");
        let clean = words(section.rsplit_once("<p class=\"quiet\">").unwrap().1);
        let mut failing = 0;
        for (code, [evaluated, failed, is_error]) in self.of_runs(sql).await {
            if failed == 0 {
                assert!(clean.contains(&code), "{code}: {clean}");
                continue;
            }
            failing += 1;
            if is_error > 0 {
                assert_eq!(found[&code][0], failed, "{code}");
            }
            let line = between(section, &format!(">{code}</a>"), "</tr>");
            let passed = percent((evaluated - failed).into(), evaluated.into());
            let expected = [count(evaluated), count(failed), passed];
            assert_eq!(cells(line)[1..4], expected, "{code}");
        }
        assert!(failing >= 4 && failing == section.matches("scope=\"row\"").count());
    }

    /// Each line of the facets tells rows and money as SQL has them.
    async fn facets(&self, query: &str, rows: &str) -> usize {
        let page = self.page(&format!("/exceptions?{query}")).await;
        let facets = between(&page, "class=\"facets\"", "<details class=\"trend\"");
        let mut seen = 0;
        for link in links(facets).iter().filter(|it| !it.is_chosen) {
            let (_, search) = link.to.split_once('?').unwrap();
            let decoded = |value: &str| {
                let space = value.replace('+', " ").replace("%20", " ");
                let sign = space.replace("%26", "&").replace("%2D", "-");
                sign.replace("%5F", "_")
            };
            let mut all = vec!["1 = 1".to_owned()];
            let mut states = OPEN;
            for (key, value) in search.split('&').filter_map(|it| it.split_once('=')) {
                let value = &decoded(value);
                let is = |column: &str| match value.as_str() {
                    "-" => format!("coalesce({column}, '') = ''"),
                    _ => format!("{column} = '{value}'"),
                };
                let finding = |what: &str| {
                    format!(
                        "EXISTS (SELECT 1 FROM findings f WHERE f.workspace = k.workspace AND f.run = k.run \
                         AND f.record = k.record AND f.severity = 'error' AND f.code = '{what}')"
                    )
                };
                match (key, value.as_str()) {
                    ("show", "all") => states = "1 = 1",
                    ("category", _) => all.push(is("k.category")),
                    ("region", _) => all.push(is("k.region")),
                    ("product", _) => all.push(is("k.product")),
                    ("product_category", _) => all.push(is("k.product_category")),
                    ("code", code) => all.push(finding(code)),
                    ("stage", "load") => all.push(finding("UNQ02")),
                    ("stage", "validate") => all.push(format!("NOT {}", finding("UNQ02"))),
                    ("from", day) => all.push(format!("r.came_on >= '{day}'")),
                    ("to", day) => all.push(format!("r.came_on <= '{day}'")),
                    ("period", "custom") => {}
                    other => panic!("{other:?}"),
                }
            }
            let sql = format!(
                "SELECT 'all', count(*), sum(k.money), 0 {EXCEPTIONS} AND {states} AND {}",
                all.join(" AND ")
            );
            let (_, found, paise, _) = grouped(&self.url, &sql).await.remove(0);
            let end = if found == 1 { "" } else { "s" };
            let money = full(Money::from_paise(paise));
            let expected = format!("{} row{end}, {money}", count(found));
            assert_eq!(link.title, expected, "{query} {}", link.to);
            seen += 1;
        }
        let sql = format!("SELECT 'all', count(*), sum(k.money), 0 {EXCEPTIONS} AND {rows}");
        let (_, found, paise, _) = grouped(&self.url, &sql).await.remove(0);
        let sentence = words(between(
            &page,
            "<p class=\"sentence\" id=\"comes-to\">",
            "</p>",
        ));
        let money = full(Money::from_paise(paise));
        assert!(
            sentence.starts_with(&format!("{} exception", count(found)))
                && sentence.contains(&money),
            "{found} {money}: {sentence}"
        );
        seen
    }

    async fn by_day(&self, sql: &str) -> Days {
        let rows = grouped(&self.url, sql).await.into_iter();
        let rows = rows.map(|(label, rows, paise, _)| {
            let (label, day) = label.split_once('/').unwrap();
            ((label.to_owned(), day.parse().unwrap()), (rows, paise))
        });
        rows.collect()
    }

    /// Every step of a trend, each of its columns and where they lead, against the days' rows.
    async fn trend(&self, by: &str, step: &str, days: &Days, read: &Days) {
        let labels: BTreeSet<&str> = days.keys().map(|it| it.0.as_str()).collect();
        let format = match step {
            "day" => "%Y-%m-%d",
            "week" => "%G-W%V",
            _ => "%Y-%m",
        };
        let came: BTreeSet<NaiveDate> = read.keys().map(|it| it.1).collect();
        let (first, last) = (*came.first().unwrap(), *came.last().unwrap());
        let mut steps: Vec<String> = Vec::new();
        for day in first.iter_days().take_while(|it| *it <= last) {
            let label = day.format(format).to_string();
            if steps.last() != Some(&label) {
                steps.push(label);
            }
        }
        let of = |days: &Days, label: &str, (from, to): (NaiveDate, NaiveDate)| {
            let all = days.range((label.to_owned(), from)..=(label.to_owned(), to));
            all.fold((0, 0), |sum, (_, it)| (sum.0 + it.0, sum.1 + it.1))
        };
        for (measure, title) in [
            ("rows", "Exceptions found"),
            ("rate", "Share of rows that failed"),
            ("money", "Money in exceptions"),
        ] {
            let path = format!("/exceptions?show=all&by={by}&step={step}&measure={measure}");
            let page = self.page(&path).await;
            let title = format!("{title} per {step}, by {by}");
            let drawn = between(&page, &format!("<h3>{title}</h3>"), "</figure>");
            let heads = between(drawn, "<thead>", "</thead>").split("</th>");
            let heads: Vec<String> = heads.map(words).filter(|it| !it.is_empty()).collect();
            assert_eq!(heads.len(), 2 + labels.len(), "{heads:?}");
            for (head, label) in heads[2..].iter().zip(&labels) {
                let category = Category::ALL.into_iter().find(|it| it.as_str() == *label);
                let called = category.map_or(*label, |it| it.title());
                assert!(head.starts_with(called), "{head}: {label}");
            }
            let lines = table(&page, &title);
            assert_eq!(lines.len(), steps.len(), "{path}");
            for (line, label) in lines.iter().zip(steps.iter().rev()) {
                let (from, to, name) = days_of(step, label);
                let all = of(read, "read", (from, to)).0;
                assert_eq!(line[..2], [name.clone(), count(all)], "{path}");
                for ((label, head), cell) in labels.iter().zip(&heads[2..]).zip(&line[2..]) {
                    let (rows, paise) = of(days, label, (from, to));
                    let expected = match measure {
                        "rows" => count(rows),
                        "money" => full(Money::from_paise(paise)),
                        _ if all == 0 => "–".to_owned(),
                        _ => {
                            let [rows, all] = [rows, all].map(|it| u64::try_from(it).unwrap());
                            share(Ratio::of(rows, all))
                        }
                    };
                    assert_eq!(*cell, expected, "{path} {name} {label}");
                    let mark = format!("aria-label=\"{name}, {head}: {expected}\"");
                    let is_drawn = if measure == "money" {
                        paise > 0
                    } else {
                        rows > 0
                    };
                    let has_own = by == "category" || labels.len() <= 5;
                    if is_drawn && has_own && steps.len() <= 62 {
                        assert!(drawn.contains(&mark), "{path} {mark}: {drawn}");
                    }
                }
            }
            if (measure, step, by) == ("money", "month", "category") {
                let mut led = [0, 0];
                for link in links(drawn) {
                    let day = |key| {
                        let day = between(&link.to, key, "&").replace("%2D", "-");
                        day.parse::<NaiveDate>().unwrap()
                    };
                    let within = (day("from="), day("to="));
                    // Each part leads to its own.
                    let to = link.to.replace("%5F", "_");
                    let named = |it: &&&str| to.contains(&format!("category={it}"));
                    // A line of the table leads to all that came in its month.
                    let label = labels.iter().find(named);
                    let behind_it = label.map_or(labels.iter().collect(), |it| vec![it]);
                    led[usize::from(label.is_none())] += 1;
                    let rows: i64 = behind_it.into_iter().map(|it| of(days, it, within).0).sum();
                    let behind = self.behind(&link.to).await;
                    assert_eq!(i64::try_from(behind).unwrap(), rows, "{}", link.to);
                }
                assert!(led[0] > led[1] && led[1] > 6, "{led:?}");
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn files_controls_facets_and_trends_are_told_as_the_rows_have_them() {
    let (house, _) = year().await;
    let reader = Reader::new(house);
    let said = reader.files("").await;
    assert!(
        said.contains("score met") && said.contains("rate met"),
        "{said:?}"
    );
    reader.controls().await;
    let mut seen = 0;
    for (query, rows) in [
        ("", OPEN),
        ("show=all", "1 = 1"),
        ("show=all&region=North", "k.region = 'North'"),
        (
            "show=all&category=MISSING_REQUIRED_FIELD",
            "k.category = 'MISSING_REQUIRED_FIELD'",
        ),
        (
            "show=all&product_category=Dairy+Products",
            "k.product_category = 'Dairy Products'",
        ),
        (
            "show=all&stage=validate",
            "NOT EXISTS (SELECT 1 FROM findings f WHERE f.run = k.run AND f.record = k.record AND f.code = 'UNQ02')",
        ),
    ] {
        seen += reader.facets(query, rows).await;
    }
    assert!(seen > 120, "{seen}");

    let of_files = format!("{EXCEPTIONS} AND r.kind = 'file'");
    let by_category = format!(
        "SELECT k.category || '/' || r.came_on, count(*), sum(k.money), 0 {of_files} GROUP BY 1"
    );
    let by_control = format!(
        "SELECT f.code || '/' || r.came_on, count(*), sum(k.money), 0 {} GROUP BY 1",
        of_files.replacen(
            "WHERE",
            "JOIN (SELECT DISTINCT workspace, run, record, code FROM findings WHERE severity = 'error') f \
             ON f.workspace = k.workspace AND f.run = k.run AND f.record = k.record WHERE",
            1
        )
    );
    let read = "SELECT 'read/' || r.came_on, sum(r.rows_read), 0, 0 FROM runs r WHERE r.workspace = 'main' \
        AND r.kind = 'file' AND r.status = 'complete' AND NOT EXISTS (SELECT 1 FROM withdrawals w \
        WHERE w.workspace = r.workspace AND w.run = r.number) GROUP BY 1";
    let read = reader.by_day(read).await;
    for (by, sql) in [("category", by_category), ("control", by_control)] {
        let days = reader.by_day(&sql).await;
        for step in ["day", "week", "month"] {
            reader.trend(by, step, &days, &read).await;
        }
    }
}

/// So many sound rows behind those that fail.
fn with_sound(key: &str, failing: &str, sound: u32) -> String {
    let sound = (0..sound).map(|it| format!("{key}{it},2026-01-15,North,Milk 1L,1,10.00\n"));
    format!("{HEADER}\n{failing}{}", sound.collect::<String>())
}

fn without_stop(text: &Value) -> String {
    let text = text.as_str().unwrap();
    text.trim_end_matches('.').to_lowercase()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_changed_from_one_file_to_the_next_is_said_with_its_figures() {
    let reader = Reader::new(House::new().await);
    // Three of twenty, then two of twenty-five.
    let first = "X1,2026-01-15,,Milk 1L,1,10.00\nX2,2026-01-15,,Milk 1L,1,10.00\n\
        X3,2026-01-15,North,Milk 1L,1,-10.00\n";
    let second = "Y1,2026-01-15,,Milk 1L,1,10.00\nY2,soon,North,Milk 1L,1,10.00\n";
    let mut runs = Vec::new();
    for (name, text) in [
        ("a.csv", with_sound("A", first, 17)),
        ("b.csv", with_sound("B", second, 23)),
    ] {
        let run = reader.house.run(&format!("filename={name}"), text).await;
        assert_eq!(run["status"], "complete", "{run}");
        runs.push(run);
    }
    let controls = |run: usize| runs[run]["verdict"]["controls"].as_array().unwrap();
    let called = |code: &str| {
        let it = controls(1).iter().find(|it| it["code"] == code).unwrap();
        format!("{code} ({})", without_stop(&it["summary"]))
    };
    let scores = [0, 1].map(|run| {
        let errors = controls(run).iter().filter(|it| it["severity"] == "error");
        let of = |name: &str| -> u64 {
            let all = errors.clone().map(|it| it[name].as_u64().unwrap());
            all.sum()
        };
        assert_eq!(of("failed"), [3, 2][run]);
        share(Ratio::of(of("evaluated") - of("failed"), of("evaluated")))
    });
    let (missing, date, below) = (called("CMP01"), called("VAL03"), called("VAL06"));
    let forth = [
        "In b.csv, 8.00 % of the rows failed; in a.csv before it, 15.00 %: 7.00 points fewer."
            .to_owned(),
        format!(
            "The largest step back is {date}: 1 instead of 0; the largest step forward is {below}: 0 instead of 1."
        ),
        format!("Failing now and not before: {date}."),
        format!("No longer failing: {below}."),
        format!(
            "The quality score rose from {} to {}.",
            scores[0], scores[1]
        ),
    ];
    let page = reader.page("/quality").await;
    let title = "<h2 id=\"since\">What changed since last time</h2>";
    let since = between(&page, title, "</section>");
    assert_eq!(sentences(since), forth.join(" "));
    let figures = reader.rows_of_runs(since).await;
    // Of each rate the exceptions; of each control the rows in which it found something.
    let found = ["8.00 %", "15.00 %", "1", "1", "VAL03", "VAL06"].map(ToOwned::to_owned);
    let rows = [2, 3, 1, 1, 1, 1];
    assert_eq!(figures, found.into_iter().zip(rows).collect::<Vec<_>>());

    let ids = [0, 1].map(|it| runs[it]["id"].as_str().unwrap());
    let compared = async |a: &str, b: &str| {
        let page = reader.page(&format!("/quality?a={a}&b={b}")).await;
        let section = between(&page, "id=\"compare-title\"", "</section>");
        let (_, said) = section.split_once("</form>").unwrap();
        let (said, lines) = said.split_once("<div").unwrap();
        let body = between(lines, "<tbody>", "</tbody>");
        let figures = reader.rows_of_runs(body).await;
        let lines = body.split("<tr>").skip(1).map(cells);
        (sentences(said), lines.collect::<Vec<_>>(), figures)
    };
    let (said, lines, figures) = compared(ids[0], ids[1]).await;
    let found = ["15.00 %", "8.00 %", "2", "1", "1", "1"].map(ToOwned::to_owned);
    let rows = [3, 2, 2, 1, 1, 1];
    assert_eq!(figures, found.into_iter().zip(rows).collect::<Vec<_>>());
    assert_eq!(said, forth.join(" "));
    let line = |line: [&str; 4]| line.map(ToOwned::to_owned).to_vec();
    let of = |code: &str| {
        let it = controls(1).iter().find(|it| it["code"] == code).unwrap();
        format!("{code} {}", it["summary"].as_str().unwrap())
    };
    let expected = [
        line(["Rows read", "20", "25", ""]),
        line(["Quality score", &scores[0], &scores[1], ""]),
        line(["Exception rate", "15.00 %", "8.00 %", ""]),
        line([&of("CMP01"), "2 of 120", "1 of 150", "-1"]),
        line([&of("VAL03"), "0 of 20", "1 of 25", "+1"]),
        line([&of("VAL06"), "1 of 40", "0 of 50", "-1"]),
    ];
    assert_eq!(lines, expected);

    let (said, ..) = compared(ids[1], ids[0]).await;
    let back = [
        "In a.csv, 15.00 % of the rows failed; in b.csv before it, 8.00 %: 7.00 points more."
            .to_owned(),
        format!(
            "The largest step back is {below}: 1 instead of 0; the largest step forward is {date}: 0 instead of 1."
        ),
        format!("Failing now and not before: {below}."),
        format!("No longer failing: {date}."),
        format!(
            "The quality score fell from {} to {}.",
            scores[1], scores[0]
        ),
    ];
    assert_eq!(said, back.join(" "));
    // A control that finds less and still something is neither new nor gone.
    assert!(!said.contains(&missing), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_changed_is_told_of_files_that_count_alone() {
    let reader = Reader::new(House::new().await);
    let house = &reader.house;
    let blank = |name: &str, blank: u32, sound: u32| {
        let rows = (0..blank).map(|it| format!("{name}-{it},2026-01-15,,Milk 1L,1,10.00\n"));
        with_sound(name, &rows.collect::<String>(), sound)
    };
    let sent = async |name: &str, more: &str, text: String| {
        let run = house.run(&format!("filename={name}.csv{more}"), text).await;
        run["id"].as_str().unwrap().to_owned()
    };
    let pair = async || {
        let pairs = house.get("/api/v1/quality/pairs").await.json();
        let pair = &pairs["pairs"][0];
        ["before", "now"].map(|it| pair[it].as_str().unwrap_or_default().to_owned())
    };
    let first = sent("a", "", blank("A", 3, 17)).await;
    let second = sent("b", "", blank("B", 2, 18)).await;
    let third = sent("c", "", blank("C", 9, 11)).await;
    assert_eq!(pair().await, [second.clone(), third.clone()]);
    let withdrawn = format!("/api/v1/runs/{third}/withdrawal");
    let withdrawn = Request::post(withdrawn).body(Body::from("{\"reason\":\"a test\"}"));
    assert_eq!(house.send(withdrawn.unwrap()).await.status, 200);
    assert_eq!(pair().await, [first.clone(), second.clone()]);
    let held = sent("d", "&admission=all-or-none", blank("D", 5, 15)).await;
    assert_eq!(pair().await, [first.clone(), second.clone()], "{held}");
    let page = reader.page("/quality").await;
    let since = between(&page, "<h2 id=\"since\">", "</section>");
    let said = "In b.csv, 10.00 % of the rows failed; in a.csv before it, 15.00 %";
    assert!(words(since).contains(said), "{since}");

    let mended = format!("&replaces={second}");
    let mended = sent("e", &mended, blank("B", 1, 19)).await;
    assert_eq!(pair().await, [first, mended]);
    house.verify("main").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_files_side_by_side_are_told_as_their_rows_have_them() {
    let (house, year) = year().await;
    let reader = Reader::new(house);
    let [a, b] = [0, 3].map(|at: usize| year.runs[at]["id"].as_str().unwrap());
    let page = reader.page(&format!("/quality?a={a}&b={b}")).await;
    let table = between(&page, "<table class=\"figures compare\">", "</table>");
    let lines: BTreeMap<String, Vec<String>> = table
        .split("<tr>")
        .skip(2)
        .map(|it| {
            let title = words(between(it, "<th scope=\"row\">", "</th>"));
            let title = match title.split_once(' ') {
                Some((code, _)) if code.len() == 5 && code.ends_with(char::is_numeric) => code,
                _ => title.as_str(),
            };
            let cells = it.split("<td").skip(1);
            let cells = cells.map(|it| words(it.split_once('>').unwrap().1));
            (title.to_owned(), cells.collect())
        })
        .collect();
    let of = async |sql: &str| {
        let rows = grouped(&reader.url, sql).await.into_iter();
        rows.map(|(label, a, b, _)| (label, (a, b)))
            .collect::<BTreeMap<_, _>>()
    };
    let of_runs = format!("r.id IN ('{a}', '{b}')");
    let rows = of(&format!(
        "SELECT r.id, r.rows_read, r.rows_exceptions, 0 FROM runs r WHERE {of_runs}"
    ))
    .await;
    let read = |run: &str| count(rows[run].0);
    assert_eq!(lines["Rows read"][..2], [read(a), read(b)]);
    let rate = |run: &str| percent(rows[run].1.into(), rows[run].0.into());
    assert_eq!(lines["Exception rate"][..2], [rate(a), rate(b)]);
    let judged = of(&format!(
        "SELECT r.id || '/' || c.code, c.evaluated, (SELECT count(*) FROM findings f WHERE f.run = r.number \
         AND f.code = c.code), 0 FROM run_controls c JOIN runs r ON r.number = c.run WHERE {of_runs}"
    ))
    .await;
    let mut seen = 0;
    for (code, cells) in &lines {
        let both = [a, b].map(|run| judged.get(&format!("{run}/{code}")).copied());
        let [Some(before), Some(now)] = both else {
            continue;
        };
        seen += 1;
        let told = |(all, failed): (i64, i64)| format!("{} of {}", count(failed), count(all));
        assert_eq!(cells[..2], [told(before), told(now)], "{code}");
        let difference = match now.1 - before.1 {
            0 => "as before".to_owned(),
            more @ 1.. => format!("+{more}"),
            fewer => format!("-{}", -fewer),
        };
        assert_eq!(cells[2].replace('−', "-"), difference, "{code}");
    }
    let failing: BTreeSet<&str> = judged
        .iter()
        .filter(|(_, it)| it.1 > 0)
        .map(|(it, _)| it.split_once('/').unwrap().1)
        .collect();
    assert_eq!(seen, failing.len(), "{failing:?} {:?}", lines.keys());
    assert!(seen > 3);
}

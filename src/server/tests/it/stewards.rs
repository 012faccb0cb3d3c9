//! The work of data stewards: figures over all exceptions, the list, and acts over many.

use crate::{
    house::{Answer, Form, House},
    sound::{number, url},
    year::Year,
};
use axum::{body::Body, http::Request};
use serde_json::{Value, json};
use std::collections::BTreeMap;

const HEADER: &str = "order_id,order_date,region,product,quantity,revenue";

/// Three rows say a region that nobody knows, one says none, one is below zero, one has no date and no amount.
const FIRST: &str = "A1,2026-01-15,North,Milk 1L,1,10.00\nA2,2026-01-15,Nort,Milk 1L,1,20.00\n\
    A3,2026-01-15,Nort,Milk 1L,1,30.00\nA4,2026-01-15, Nort ,Milk 1L,1,-40.00\nA5,2026-01-15,,Milk 1L,1,50.00\n\
    A6,2026-01-15,south,Milk 1L,1,-60.00\nA7,soon,East,Milk 1L,1,much\nA8,2026-01-15,West,Milk 1L,1,80.00\n\
    A9,2026-01-15,West,Milk 1L,1,80.00\nA10,2026-01-15,West,Milk 1L,1,80.00\nA11,2026-01-15,West,Milk 1L,1,1.00\n\
    A12,2026-01-15,West,Milk 1L,1,1.00\n";

/// Two more of those, and one whose key the first file holds.
const SECOND: &str = "B1,2026-01-16,Nort,Milk 1L,1,5.00\nA1,2026-01-16,North,Milk 1L,1,6.00\n\
    B3,2026-01-16,Nort,Milk 1L,1,7.00\nB4,2026-01-16,North,Milk 1L,1,8.00\nB5,2026-01-16,North,Milk 1L,1,8.00\n\
    B6,2026-01-16,North,Milk 1L,1,8.00\n";

struct Desk {
    house: House,
    runs: [String; 2],
}

impl Desk {
    async fn new() -> Self {
        let house = House::new().await;
        let mut runs = Vec::new();
        for (name, rows) in [("a.csv", FIRST), ("b.csv", SECOND)] {
            let run = house
                .run(&format!("filename={name}"), format!("{HEADER}\n{rows}"))
                .await;
            assert_eq!(run["status"], "complete", "{}", run["reason"]);
            runs.push(run["id"].as_str().unwrap().to_owned());
        }
        Self {
            house,
            runs: runs.try_into().unwrap(),
        }
    }

    async fn get(&self, path: &str) -> Value {
        let answer = self.house.get(path).await;
        assert_eq!(answer.status, 200, "{path}: {}", answer.text());
        answer.json()
    }

    async fn post(&self, path: &str, body: &Value) -> Answer {
        let request = Request::post(path).header("x-tarazu-actor", "asha");
        let body = Body::from(body.to_string());
        self.house.send(request.body(body).unwrap()).await
    }

    async fn bulk(&self, filter: Value, act: Value) -> Value {
        let body = json!({ "filter": filter, "act": act });
        let answer = self.post("/api/v1/exceptions/bulk", &body).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        answer.json()
    }

    async fn preview(&self, filter: Value, act: Value) -> Value {
        let body = json!({ "filter": filter, "act": act });
        let answer = self.post("/api/v1/exceptions/preview", &body).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        answer.json()
    }

    /// Sends a plain form, and gives the address that the browser is sent on to.
    async fn form(&self, fields: &str) -> String {
        let answer = self.sent(fields).await;
        assert_eq!(answer.status, 303, "{}", answer.text());
        answer.header("location").to_owned()
    }

    async fn sent(&self, fields: &str) -> Answer {
        let request = Request::post("/exceptions")
            .header("content-type", "application/x-www-form-urlencoded")
            .header("accept", "text/html");
        let body = Body::from(format!("workspace=main&{fields}"));
        self.house.send(request.body(body).unwrap()).await
    }

    /// Runs and records of a list, page by page.
    async fn places(&self, query: &str) -> Vec<(String, u64)> {
        let (mut seen, mut after) = (Vec::new(), String::new());
        loop {
            let page = self
                .get(&format!("/api/v1/exceptions?limit=2&{query}{after}"))
                .await;
            for it in page["exceptions"].as_array().unwrap() {
                let run = it["run"].as_str().unwrap().to_owned();
                seen.push((run, it["record"].as_u64().unwrap()));
            }
            match page["next"].as_str() {
                Some(next) => after = format!("&after={next}"),
                None => return seen,
            }
        }
    }
}

/// A filter as the API takes it, and as SQL.
const FILTERS: [(&str, &str); 15] = [
    ("", "1 = 1"),
    (
        "standing=open",
        "k.state IN ('new', 'assigned', 'reopened')",
    ),
    (
        "standing=entered",
        "k.state IN ('corrected', 'waived', 'resolved')",
    ),
    ("state=rejected", "k.state = 'rejected'"),
    (
        "category=DATA_FORMAT_ERROR",
        "k.category = 'DATA_FORMAT_ERROR'",
    ),
    (
        "region=West&standing=open",
        "k.region = 'West' AND k.state IN ('new', 'assigned', 'reopened')",
    ),
    ("region=North", "k.region = 'North'"),
    ("product=Milk%201L", "k.product = 'Milk 1L'"),
    ("product=", "k.product IS NULL"),
    (
        "product_category=Dairy%20Products&product=Milk%201L&standing=open",
        "k.product = 'Milk 1L' AND k.product_category = 'Dairy Products' AND k.state IN ('new', 'assigned', 'reopened')",
    ),
    (
        "product_category=Sauces%20%26%20Ketchup&region=West",
        "k.product_category = 'Sauces & Ketchup' AND k.region = 'West'",
    ),
    ("product_category=Other", "k.product_category = 'Other'"),
    (
        "product_category=",
        "k.product_category IS NULL AND k.category IS NOT NULL",
    ),
    ("stage=load", LOADED),
    ("stage=validate&category=BUSINESS_RULE_VIOLATION", BROKEN),
];

const LOADED: &str = "EXISTS (SELECT 1 FROM findings f WHERE f.workspace = k.workspace AND f.run = k.run \
    AND f.record = k.record AND f.code = 'UNQ02')";

const BROKEN: &str = "k.category = 'BUSINESS_RULE_VIOLATION' AND NOT EXISTS (SELECT 1 FROM findings f \
    WHERE f.workspace = k.workspace AND f.run = k.run AND f.record = k.record AND f.code = 'UNQ02')";

/// Every figure of the overview is that of the rows, asked behind the store's back.
pub(crate) async fn figures_are_those_of_rows(house: &House) {
    let url = url(house.folder());
    let counted = "FROM kept_rows k JOIN runs r ON r.number = k.run WHERE k.workspace = 'main' \
        AND k.category IS NOT NULL AND r.status = 'complete' AND NOT EXISTS (SELECT 1 FROM withdrawals w \
        WHERE w.workspace = k.workspace AND w.run = k.run)";
    for (query, rows) in FILTERS {
        let path = format!("/api/v1/exceptions/overview?{query}");
        let overview = house.get(&path).await.json();
        let sums = async |more: &str| {
            let mut sums = Vec::new();
            for what in [
                "count(*)",
                "coalesce(sum(CASE WHEN k.money IS NULL THEN 1 ELSE 0 END), 0)",
                "coalesce(sum(k.money), 0)",
            ] {
                let sql = format!("SELECT {what} {counted} AND {more}");
                sums.push(number(&url, &sql).await);
            }
            sums
        };
        assert_eq!(told(&overview["total"]), sums(rows).await, "{query}");
        let page = format!("/api/v1/exceptions?limit=500&{query}");
        let page = house.get(&page).await.json();
        if page["next"].is_null() {
            let rows = page["exceptions"].as_array().unwrap().len() as u64;
            assert_eq!(overview["total"]["rows"].as_u64(), Some(rows), "{query}");
        }
        // What is grouped by is not filtered by.
        let named = format!("&{query}");
        let is_own = |name: &str| {
            let key = name.trim_start_matches("by_");
            named.contains(&format!("&{key}="))
        };
        let groups = |name: &str| overview[name].as_array().unwrap().clone();
        for (name, condition) in [
            ("by_product", "coalesce(k.product, '') = '@'"),
            (
                "by_product_category",
                "coalesce(k.product_category, '') = '@'",
            ),
            ("by_category", "k.category = '@'"),
            ("by_region", "coalesce(k.region, '') = '@'"),
            (
                "by_control",
                "EXISTS (SELECT 1 FROM findings f WHERE f.workspace = k.workspace AND f.run = k.run \
                 AND f.record = k.record AND f.code = '@' AND f.severity = 'error')",
            ),
        ] {
            for group in groups(name) {
                if is_own(name) || query.contains("stage") {
                    continue;
                }
                let label = group["label"].as_str().unwrap();
                let sql = format!("{rows} AND {}", condition.replace('@', label));
                assert_eq!(told(&group), sums(&sql).await, "{query} {name} {label}");
            }
        }
        let all = |name: &str| -> u64 {
            let groups = groups(name);
            groups.iter().map(|it| it["rows"].as_u64().unwrap()).sum()
        };
        let total = overview["total"]["rows"].as_u64().unwrap();
        for name in [
            "by_category",
            "by_region",
            "by_stage",
            "by_product",
            "by_product_category",
        ] {
            if !is_own(name) {
                assert_eq!(all(name), total, "{query} {name}");
            }
        }
        if !query.is_empty() {
            continue;
        }
        let open = sums("k.state IN ('new', 'assigned', 'reopened')").await;
        assert_eq!(i64::try_from(all("by_age")).unwrap(), open[0], "{query}");
    }
    for (by, label) in [("category", "k.category"), ("control", "f.code")] {
        for (step, query, sold) in [
            ("day", "", "1 = 1"),
            ("week", "", "1 = 1"),
            ("month", "", "1 = 1"),
            (
                "day",
                "&product=Milk%201L",
                "coalesce(k.product, '') = 'Milk 1L'",
            ),
            (
                "month",
                "&product_category=Dairy%20Products",
                "coalesce(k.product_category, '') = 'Dairy Products'",
            ),
        ] {
            let path =
                format!("/api/v1/exceptions/overview?by={by}&step={step}&standing=open{query}");
            let overview = house.get(&path).await.json();
            let steps = overview["trend"].as_array().unwrap();
            let read: u64 = steps
                .iter()
                .map(|it| it["rows_read"].as_u64().unwrap())
                .sum();
            let sql = "SELECT coalesce(sum(rows_read), 0) FROM runs r WHERE workspace = 'main' AND kind = 'file' \
                AND status = 'complete' AND NOT EXISTS (SELECT 1 FROM withdrawals w \
                WHERE w.workspace = r.workspace AND w.run = r.number)";
            assert_eq!(i64::try_from(read).unwrap(), number(&url, sql).await);
            let mut groups: BTreeMap<String, i64> = BTreeMap::new();
            for group in steps.iter().flat_map(|it| it["groups"].as_array().unwrap()) {
                let label = group["label"].as_str().unwrap().to_owned();
                *groups.entry(label).or_default() += group["rows"].as_i64().unwrap();
            }
            assert!(!groups.is_empty());
            for (group, rows) in groups {
                let sql = format!(
                    "SELECT count(DISTINCT k.run * 1000000 + k.record) FROM kept_rows k JOIN runs r ON r.number = k.run \
                     JOIN findings f ON f.workspace = k.workspace AND f.run = k.run AND f.record = k.record \
                     AND f.severity = 'error' WHERE k.workspace = 'main' AND r.kind = 'file' \
                     AND r.status = 'complete' AND k.category IS NOT NULL AND {sold} AND {label} = '{group}' AND NOT EXISTS \
                     (SELECT 1 FROM withdrawals w WHERE w.workspace = k.workspace AND w.run = k.run)"
                );
                assert_eq!(rows, number(&url, &sql).await, "{by} {step} {group}");
            }
        }
    }
}

/// Every figure of the page of quality is that of the verdicts and of the rows.
async fn quality_is_that_of_rows(house: &House) {
    let url = url(house.folder());
    let quality = house.get("/api/v1/quality?limit=500").await.json();
    let of_files = "FROM findings f JOIN runs r ON r.number = f.run WHERE r.workspace = 'main' AND r.kind = 'file' \
        AND r.status IN ('complete', 'held') AND f.severity = 'error'";
    let rows = number(
        &url,
        "SELECT sum(rows_read) FROM runs r WHERE workspace = 'main' AND kind = 'file' \
         AND status IN ('complete', 'held')",
    );
    assert_eq!(quality["rows_read"].as_i64().unwrap(), rows.await);
    let failed: i64 = quality["columns"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| it["failed"].as_i64().unwrap())
        .sum();
    let sql = format!("SELECT count(*) {of_files} AND f.column_number IS NOT NULL");
    assert_eq!(failed, number(&url, &sql).await);
    for it in quality["controls"].as_array().unwrap() {
        let code = it["code"].as_str().unwrap();
        // What is about the whole file is no row's.
        if it["severity"] == "error" && it["failed"] != 0 {
            let sql = format!("SELECT count(*) {of_files} AND f.code = '{code}'");
            assert_eq!(
                it["failed"].as_i64().unwrap(),
                number(&url, &sql).await,
                "{code}"
            );
        }
    }
    for it in quality["effects"].as_array().unwrap() {
        let code = it["code"].as_str().unwrap();
        let of = |state: &str| {
            format!(
                "SELECT count(DISTINCT k.run * 1000000 + k.record) FROM findings f JOIN kept_rows k \
                 ON k.workspace = f.workspace AND k.run = f.run AND k.record = f.record \
                 JOIN runs r ON r.number = k.run WHERE k.workspace = 'main' AND r.kind = 'file' \
                 AND r.status = 'complete' AND f.severity = 'error' AND f.code = '{code}' AND {state} \
                 AND NOT EXISTS (SELECT 1 FROM withdrawals w WHERE w.workspace = k.workspace AND w.run = k.run)"
            )
        };
        for (name, state) in [
            ("found", "1 = 1"),
            ("open", "k.state IN ('new', 'assigned', 'reopened')"),
            ("corrected", "k.state = 'corrected'"),
            ("resolved", "k.state = 'resolved'"),
            ("waived", "k.state = 'waived'"),
            ("rejected", "k.state = 'rejected'"),
        ] {
            let rows = number(&url, &of(state)).await;
            assert_eq!(it[name].as_i64().unwrap(), rows, "{code} {name}");
        }
    }
    for it in quality["runs"].as_array().unwrap() {
        let id = it["id"].as_str().unwrap();
        let run = house.get(&format!("/api/v1/runs/{id}")).await.json();
        for name in ["quality_score", "exception_rate"] {
            assert_eq!(it[name], run["verdict"][name], "{id} {name}");
        }
    }
}

/// As above, of the rows of one region.
async fn quality_of_region(house: &House, region: &str) {
    let url = url(house.folder());
    let path = format!("/api/v1/quality?limit=500&region={region}");
    let quality = house.get(&path).await.json();
    let of = |table: &str, condition: &str| {
        format!(
            "SELECT count(*) FROM {table} k JOIN runs r ON r.number = k.run WHERE r.workspace = 'main' \
             AND r.kind = 'file' AND r.status = 'complete' AND k.region = '{region}' AND {condition}"
        )
    };
    let exceptions = number(&url, &of("kept_rows", "k.category IS NOT NULL")).await;
    let accepted = number(&url, &of("ledger", "1 = 1")).await;
    assert!(exceptions > 0 && accepted > 0);
    assert_eq!(quality["exceptions"].as_i64(), Some(exceptions), "{region}");
    assert_eq!(
        quality["rows_read"].as_i64(),
        Some(accepted + exceptions),
        "{region}"
    );
    for it in quality["runs"].as_array().unwrap() {
        let run = format!("r.id = '{}'", it["id"].as_str().unwrap());
        let of_run = format!("k.category IS NOT NULL AND {run}");
        let exceptions = number(&url, &of("kept_rows", &of_run)).await;
        let accepted = number(&url, &of("ledger", &run)).await;
        assert_eq!(it["exceptions"].as_i64(), Some(exceptions), "{it}");
        assert_eq!(
            it["rows_read"].as_i64(),
            Some(accepted + exceptions),
            "{it}"
        );
    }
    let effects = quality["effects"].as_array().unwrap();
    assert!(!effects.is_empty());
    for it in effects {
        let code = it["code"].as_str().unwrap();
        let found = format!(
            "EXISTS (SELECT 1 FROM findings f WHERE f.workspace = k.workspace AND f.run = k.run \
             AND f.record = k.record AND f.severity = 'error' AND f.code = '{code}') \
             AND NOT EXISTS (SELECT 1 FROM withdrawals w WHERE w.workspace = k.workspace AND w.run = k.run)"
        );
        let found = number(&url, &of("kept_rows", &found)).await;
        assert_eq!(it["found"].as_i64(), Some(found), "{region} {code}");
    }
    let page = house
        .page(&format!("/quality?region={region}"))
        .await
        .text();
    for part in [
        &format!("href=\"/exceptions?show=all&amp;region={region}&amp;run=run%5F"),
        &format!("href=\"/exceptions?show=all&amp;code=VAL06&amp;region={region}\""),
        &format!("<option value=\"{region}\" selected>"),
    ] {
        assert!(page.contains(part), "{part}: {page}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn exceptions_are_found_by_what_they_sell_as_far_as_they_say_it() {
    let house = House::new().await;
    let rows = "C1,2026-01-15,North,milk 1l,1,-1.00\nC2,2026-01-15,North,Moon Cheese,1,-2.00\n\
        C3,2026-01-15,North,,1,3.00\nC4,2026-01-15,Moon Cheese\nC5,2026-01-15,Nort,Yogurt 500g,1,5.00\n\
        C6,2026-01-15,North,Yogurt 500g,1,6.00\nC7,2026-01-15,North,Moon Cheese,1,7.00\n\
        C8,2026-01-15,North,Milk 1L,1,8.00\nC11,2026-01-15,North,Milk 1L,1,8.00\n\
        C12,2026-01-15,North,Milk 1L,1,8.00\n";
    let first = house
        .run("filename=a.csv", format!("{HEADER}\n{rows}"))
        .await;
    assert_eq!(first["status"], "complete", "{}", first["reason"]);
    // What the ledger refuses says it too.
    let again = "C6,2026-01-16,North,Yogurt 500g,1,6.00\nC7,2026-01-16,North,Moon Cheese,1,7.00\n\
        C9,2026-01-16,North,Milk 1L,1,8.00\nC10,2026-01-16,North,Milk 1L,1,8.00\n";
    let second = house
        .run("filename=b.csv", format!("{HEADER}\n{again}"))
        .await;
    let [first, second] = [&first, &second].map(|it| it["id"].as_str().unwrap().to_owned());
    for (query, expected) in [
        ("product=Milk%201L", vec![(&first, 1)]),
        ("product=Yogurt%20500g", vec![(&first, 5), (&second, 1)]),
        (
            "product=",
            vec![(&first, 2), (&first, 3), (&first, 4), (&second, 2)],
        ),
        ("product_category=Other", vec![(&first, 2), (&second, 2)]),
        ("product_category=", vec![(&first, 3), (&first, 4)]),
        (
            "product_category=Dairy%20Products",
            vec![(&first, 1), (&first, 5), (&second, 1)],
        ),
    ] {
        for sort in ["newest", "oldest", "money", "category"] {
            let path = format!("/api/v1/exceptions?sort={sort}&{query}");
            let page = house.get(&path).await.json();
            let found = page["exceptions"].as_array().unwrap().iter();
            let mut found: Vec<_> = found
                .map(|it| (it["run"].as_str().unwrap(), it["record"].as_u64().unwrap()))
                .collect();
            found.sort_unstable();
            let mut expected: Vec<(&str, u64)> = expected
                .iter()
                .map(|(run, it)| (run.as_str(), *it))
                .collect();
            expected.sort_unstable();
            assert_eq!(found, expected, "{path}");
        }
    }
    let page = house.page("/exceptions?product=SKU-MLK-1L").await.text();
    for part in [
        "1 exception open",
        "Milk 1L (SKU-MLK-1L)</option>",
        "By product category",
        "Not known",
    ] {
        assert!(page.contains(part), "{part}: {page}");
    }
    figures_are_those_of_rows(&house).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_figure_of_a_year_is_that_of_its_rows() {
    let house = House::new().await;
    let year = Year::of(&house).await;
    figures_are_those_of_rows(&house).await;
    quality_is_that_of_rows(&house).await;
    for region in ["North", "West"] {
        quality_of_region(&house, region).await;
    }
    let (a, b) = (&year.runs[0]["id"], &year.runs[1]["id"]);
    let path = format!(
        "/quality?a={}&b={}",
        a.as_str().unwrap(),
        b.as_str().unwrap()
    );
    let page = house.page(&path).await.text();
    for part in [
        "What changed since last time",
        "Two files side by side",
        "Worst columns",
        "goal below",
        "half-15-again.csv",
        "Controls of both files",
    ] {
        assert!(page.contains(part), "{part}: {page}");
    }
    // Everything came in these days, and nothing in as many before.
    let days = "period=custom&from=2020-01-01&to=2099-12-31";
    let overview = house.get("/api/v1/exceptions/overview").await.json();
    let came: u64 = overview["by_state"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| it["rows"].as_u64().unwrap())
        .sum();
    let page = house.page(&format!("/exceptions?{days}")).await.text();
    for part in [
        &format!(">{came}</strong>"),
        "Exceptions that came",
        "compared with",
        ">new</span>",
    ] {
        assert!(page.contains(part), "{part}: {page}");
    }
    assert!(
        !house
            .page("/exceptions")
            .await
            .text()
            .contains("Exceptions that came")
    );
    let report = house
        .get("/api/v1/quality?from=2020-01-01&to=2099-12-31")
        .await
        .json();
    let page = house.page(&format!("/quality?{days}")).await.text();
    let exceptions = report["exceptions"].as_u64().unwrap();
    assert!(page.contains(&format!("{exceptions} exceptions")), "{page}");
    assert!(page.contains("0 files, 0 rows, 0 exceptions in"), "{page}");
    let nothing = house.page("/quality?to=2020-01-01").await.text();
    assert!(nothing.contains("No file came in these days"), "{nothing}");
    let empty = house.page("/w/sample/quality").await.text();
    assert!(empty.contains("No file has been judged yet"), "{empty}");
}

/// Rows, unreadable ones and paise.
fn told(sum: &Value) -> Vec<i64> {
    let money = sum["money"].as_str().unwrap().replace('.', "");
    vec![
        sum["rows"].as_i64().unwrap(),
        sum["unreadable_rows"].as_i64().unwrap(),
        money.parse().unwrap(),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn every_figure_is_that_of_the_rows_whatever_is_done_with_them() {
    let desk = Desk::new().await;
    figures_are_those_of_rows(&desk.house).await;
    let act = json!({ "act": "reject", "reason": "a test" });
    desk.bulk(json!({ "code": "CMP01" }), act).await;
    let act = json!({ "act": "waive", "reason": "a refund" });
    desk.bulk(json!({ "code": "VAL06", "region": "South" }), act)
        .await;
    let act = json!({ "act": "assign", "assignee": "ravi" });
    desk.bulk(json!({ "stage": "load" }), act).await;
    figures_are_those_of_rows(&desk.house).await;
    let path = format!("/api/v1/runs/{}/withdrawal", desk.runs[1]);
    let done = desk.post(&path, &json!({ "reason": "sent twice" })).await;
    assert_eq!(done.status, 200, "{}", done.text());
    figures_are_those_of_rows(&desk.house).await;
    let mine = desk.places("").await;
    assert!(mine.iter().all(|(run, _)| *run == desk.runs[0]), "{mine:?}");
    // Asked for by its name, a withdrawn run shows what it found.
    let withdrawn = desk.places(&format!("run={}", desk.runs[1])).await;
    assert_eq!(withdrawn.len(), 3);
    let path = format!("/api/v1/exceptions/overview?run={}", desk.runs[0]);
    assert_eq!(desk.get(&path).await["total"]["rows"], 6);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_list_is_paged_to_its_end_in_every_order_and_under_every_filter() {
    let desk = Desk::new().await;
    let act = json!({ "act": "assign", "assignee": "ravi" });
    let done = desk.bulk(json!({ "code": "VAL05" }), act).await;
    assert_eq!(done["changed"], 5);
    for (filter, rows) in [
        ("", 9),
        ("standing=open", 9),
        ("state=assigned", 5),
        ("assignee=ravi", 5),
        ("assignee=nobody", 0),
        ("code=VAL05", 5),
        (
            "code=VAL05&assignee=ravi&category=BUSINESS_RULE_VIOLATION",
            5,
        ),
        ("stage=load", 1),
        ("stage=validate", 8),
        ("region=South", 1),
        ("region=Nort", 0),
        ("standing=entered", 0),
    ] {
        let mut orders = Vec::new();
        for sort in ["newest", "oldest", "money", "category"] {
            let mut places = desk.places(&format!("sort={sort}&{filter}")).await;
            assert_eq!(places.len(), rows, "{filter} {sort}");
            if sort == "oldest" {
                assert!(places.is_sorted(), "{filter}");
            }
            places.sort();
            orders.push(places);
        }
        assert!(orders.windows(2).all(|it| it[0] == it[1]), "{filter}");
    }
    let page = desk.get("/api/v1/exceptions?sort=money&limit=3").await;
    let money = |at: usize| page["exceptions"][at]["money"].clone();
    assert_eq!([money(0), money(1), money(2)], ["50.00", "30.00", "20.00"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_text_is_replaced_across_runs_as_the_preview_says() {
    let desk = Desk::new().await;
    let act = json!({ "act": "replace", "column": "region", "from": "Nort", "to": "North", "reason": "a slip" });
    let filter = json!({ "standing": "open" });
    let preview = desk.preview(filter.clone(), act.clone()).await;
    let expected = json!({ "changed": 5, "entered": 4, "failing": { "VAL06": 1 }, "left": { "other-text": 4 } });
    assert_eq!(preview, expected);
    let before = desk.get("/api/v1/exceptions?standing=open").await;
    assert_eq!(before["exceptions"].as_array().unwrap().len(), 9);

    let done = desk.bulk(filter.clone(), act.clone()).await;
    assert_eq!((&done["changed"], &done["entered"]), (&json!(5), &json!(4)));
    assert_eq!(done["left"], json!({ "other-text": 4 }));
    let again = desk.bulk(filter, act).await;
    assert_eq!(again["changed"], 0);
    let path = format!("/api/v1/runs/{}/exceptions/4", desk.runs[0]);
    let failing = desk.get(&path).await;
    assert_eq!(
        (&failing["state"], &failing["cells"][2]),
        (&json!("new"), &json!("North"))
    );
    assert_eq!(failing["history"][0]["reason"], "a slip");

    // A column that one of the files has not leaves that file alone.
    let act = json!({ "act": "replace", "column": "shop", "from": "", "to": "1" });
    let left = desk.bulk(json!({ "standing": "open" }), act).await;
    assert_eq!(left["left"], json!({ "no-such-column": 5 }));
    figures_are_those_of_rows(&desk.house).await;
    desk.house.verify("main").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn after_an_act_the_next_one_of_the_list_opens() {
    let desk = Desk::new().await;
    let [first, second] = &desk.runs;
    let page =
        |run: &str, record: u64| format!("/runs/{run}/exceptions/{record}?list=code%3DVAL05");
    let act = |run: &str, record: u64, what: &str| {
        format!("run={run}&record={record}&version=1&list=code%3DVAL05&{what}")
    };
    let told = |location: &str, page: &str, parts: &[&str]| {
        assert!(location.starts_with(page), "{location} {page}");
        for part in parts {
            assert!(location.contains(part), "{location} {part}");
        }
    };
    let list = desk.house.page("/exceptions?code=VAL05").await.text();
    assert!(list.contains(&page(second, 3)), "{list}");
    // Newest first: the second file's last row begins.
    let shown = desk.house.page(&page(second, 3)).await.text();
    assert!(
        shown.contains("Back to the list") && shown.contains("name=\"list\" value=\"code=VAL05\"")
    );
    let cells = "cell-0=B3&cell-1=2026-01-16&cell-2=Nort&cell-3=Milk+1L&cell-4=1&cell-5=7.00";
    let failing = desk
        .form(&act(second, 3, &format!("act=correct&{cells}")))
        .await;
    told(
        &failing,
        &page(second, 3),
        &["did=correct", "changed=1", "entered=0"],
    );
    let shown = desk.house.page(&failing).await.text();
    assert!(shown.contains("still fail"), "{shown}");
    let next = desk.form(&act(second, 1, "act=reject&reason=a+test")).await;
    told(&next, &page(first, 4), &["did=reject", "changed=1"]);
    let shown = desk.house.page(&next).await.text();
    assert!(shown.contains("1 row was left out for good"), "{shown}");
    let last = desk.form(&act(first, 2, "act=reject&reason=a+test")).await;
    told(&last, "/exceptions?code=VAL05&after=", &["did=reject"]);
    let shown = desk.house.page(&last).await.text();
    assert!(shown.contains("That was the last one"), "{shown}");
    let comment = desk.form(&act(first, 3, "act=comment&reason=asked")).await;
    told(&comment, &page(first, 3), &["did=comment"]);
    // Corrected in the list, it is shown in the list.
    let cells = cells.replace("B3", "A5").replace("Nort", "East");
    let fields = format!("run={first}&record=5&version=1&list=&stay=list&act=correct&{cells}");
    let stayed = desk.form(&fields).await;
    told(
        &stayed,
        "/exceptions?did=correct&changed=1&entered=1",
        &["#row-run_"],
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn chosen_rows_are_dealt_with_and_those_that_changed_meanwhile_are_named() {
    let desk = Desk::new().await;
    let [first, second] = &desk.runs;
    desk.bulk(
        json!({ "run": second, "records": [1] }),
        json!({ "act": "comment", "text": "hm" }),
    )
    .await;
    let picks = format!("pick={first}.2.1&pick={first}.5.1&pick={second}.1.1");
    let unsaid = desk
        .sent(&format!("{picks}&list=&act=reject&reason="))
        .await;
    assert_eq!(unsaid.status, 400);
    let none = desk.sent("list=&act=reject&reason=no").await;
    assert!(none.text().contains("No row is chosen"), "{}", none.text());
    let location = desk
        .form(&format!(
            "{picks}&list=sort%3Dmoney&act=reject&reason=a+test"
        ))
        .await;
    assert!(
        location.starts_with("/exceptions?sort=money&did=reject&changed=2"),
        "{location}"
    );
    let shown = desk.house.page(&location).await.text();
    for part in [
        "2 rows were left out for good",
        "1 row changed by somebody meanwhile",
        &format!("/runs/{second}/exceptions/1\""),
        "In the ledger",
    ] {
        assert!(shown.contains(part), "{part}: {shown}");
    }
    let all = desk
        .form("all=on&list=code%3DVAL05&act=assign&reason=ravi")
        .await;
    assert!(all.contains("did=assign&changed=4"), "{all}");
    let mine = desk.house.page("/exceptions?who=ravi").await.text();
    assert!(mine.contains("4 exceptions"), "{mine}");
    let tried = "/exceptions?column=region&find=Nort&with=North";
    let tried = desk.house.page(tried).await.text();
    assert!(
        tried.contains("3 would enter the ledger") && tried.contains("Replace in 4 rows"),
        "{tried}"
    );
    let fields = "all=on&list=&act=replace&column=region&find=Nort&with=North&reason=";
    let replaced = desk.form(fields).await;
    assert!(replaced.contains("changed=4&entered=3"), "{replaced}");
    figures_are_those_of_rows(&desk.house).await;
    let empty = desk.house.page("/w/sample/exceptions").await.text();
    assert!(empty.contains("There are no exceptions"), "{empty}");
    let edited = format!("/exceptions?edit={first}.7");
    let edited = desk.house.page(&edited).await.text();
    assert!(
        edited.contains("form=\"edit\"") && edited.contains("value=\"much\""),
        "{edited}"
    );
    desk.house.verify("main").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_is_replaced_and_withdrawn_by_plain_forms_that_show_first_what_changes() {
    let desk = Desk::new().await;
    let [first, second] = &desk.runs;
    let page = async |run: &str| desk.house.page(&format!("/runs/{run}")).await.text();
    let shown = page(first).await;
    for part in [
        &format!("href=\"/sales?run={first}\""),
        &format!("href=\"/exceptions?run={}\"", first.replace('_', "%5F")),
        "Work these exceptions",
        "Withdraw this file",
    ] {
        assert!(shown.contains(part), "{part}: {shown}");
    }
    let mended = format!("{HEADER}\n{FIRST}")
        .replace(
            "A8,2026-01-15,West,Milk 1L,1,80.00",
            "A8,2026-01-15,West,Milk 1L,1,90.00",
        )
        .replace("A9,2026-01-15,West", "A99,2026-01-15,West");
    let form = Form::default()
        .field("workspace", "main")
        .field("replaces", first)
        .field("admission", "after-confirmation")
        .file("a-again.csv", mended.as_bytes());
    let sent = desk.house.post_form("/check", &form).await;
    assert_eq!(sent.status, 303, "{}", sent.text());
    let waiting = sent
        .header("location")
        .trim_start_matches("/runs/")
        .to_owned();
    let begun = desk.get(&format!("/api/v1/runs/{waiting}")).await;
    assert_eq!(desk.house.settled(&begun).await["status"], "held");
    let shown = page(&waiting).await;
    for part in [
        "It takes the place of",
        "₹80.00 becomes ₹90.00",
        "Revenue moves by",
        "A99",
    ] {
        assert!(shown.contains(part), "{part}: {shown}");
    }
    let post = async |path: &str, reason: &str| {
        let request = Request::post(path)
            .header("content-type", "application/x-www-form-urlencoded")
            .header("accept", "text/html");
        let body = Body::from(format!("workspace=main&reason={reason}"));
        desk.house.send(request.body(body).unwrap()).await
    };
    let unsaid = post(&format!("/runs/{waiting}/release"), "+").await;
    assert_eq!(unsaid.status, 400);
    let released = post(&format!("/runs/{waiting}/release"), "a+newer+file").await;
    assert_eq!(released.status, 303, "{}", released.text());
    let now = released
        .header("location")
        .trim_start_matches("/runs/")
        .to_owned();
    let begun = desk.get(&format!("/api/v1/runs/{now}")).await;
    assert_eq!(desk.house.settled(&begun).await["status"], "complete");
    let replaced = page(first).await;
    assert!(
        replaced.contains("took the place of this one") && !replaced.contains("Withdraw this file")
    );
    let withdrawn = post(&format!("/runs/{second}/withdrawal"), "sent+twice").await;
    assert_eq!(withdrawn.header("location"), format!("/runs/{second}"));
    let shown = page(second).await;
    assert!(
        shown.contains("This file was withdrawn") && shown.contains("sent twice"),
        "{shown}"
    );
    let again = post(&format!("/runs/{second}/withdrawal"), "sent+twice").await;
    assert_eq!(again.status, 409);
    figures_are_those_of_rows(&desk.house).await;
    quality_is_that_of_rows(&desk.house).await;
    desk.house.verify("main").await;
}

#[tokio::test]
async fn many_rows_are_put_right_in_one_request_each_in_its_own_way() {
    let desk = Desk::new().await;
    let [first, second] = &desk.runs;
    let row = |run: &str, record: u64, version: u64, cells: Value| json!({ "run": run, "record": record, "version": version, "cells": cells });
    let post = async |rows: Value, reason: Value| {
        let body = json!({ "rows": rows, "reason": reason });
        desk.post("/api/v1/exceptions/corrections", &body).await
    };
    // Somebody else has the second row by now.
    desk.bulk(
        json!({ "run": first, "records": [3] }),
        json!({ "act": "comment", "text": "mine" }),
    )
    .await;
    let nobody = "run_000000000000000000000000000000ff";
    let answer = post(
        json!([
            row(second, 1, 1, json!({ "region": "North" })),
            row(
                first,
                2,
                1,
                json!({ "region": "South", "Revenue": "21.00" })
            ),
            row(first, 3, 1, json!({ "region": "North" })),
            row(first, 4, 1, json!({ "region": "North" })),
            row(first, 5, 1, json!({ "region": "" })),
            row(first, 1, 1, json!({ "region": "North" })),
            row(nobody, 1, 1, json!({ "region": "North" })),
        ]),
        json!("as the shops say"),
    )
    .await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    let done = answer.json();
    let rows = done["rows"].as_array().unwrap().iter();
    let rows = rows.map(|it| {
        let outcome = it["outcome"].as_str().unwrap();
        (
            it["status"].as_u64().unwrap(),
            outcome,
            it["version"].as_u64(),
        )
    });
    assert_eq!(
        rows.collect::<Vec<_>>(),
        [
            (200, "entered", Some(2)),
            (200, "entered", Some(2)),
            (409, "stale", Some(2)),
            (200, "failing", Some(2)),
            (200, "unchanged", Some(1)),
            (404, "not-found", None),
            (404, "not-found", None),
        ]
    );
    assert_eq!([&done["changed"], &done["entered"]], [3, 2]);
    let path = format!("/api/v1/runs/{first}/exceptions/2");
    let entered = desk.get(&path).await;
    assert_eq!(entered["state"], "corrected");
    assert_eq!(entered["cells"][5], "21.00");
    assert_eq!(entered["history"][0]["reason"], "as the shops say");
    assert_eq!(
        entered["columns"][2],
        json!({ "name": "region", "place": 2 })
    );

    // What makes no sense changes nothing.
    let again = row(first, 6, 1, json!({ "region": "North" }));
    for rows in [json!([again, again]), json!([row(first, 6, 1, json!({}))])] {
        post(rows, Value::Null)
            .await
            .problem(400, "invalid-request");
    }
    // A file without that column.
    let unknown = json!([row(first, 6, 1, json!({ "colour": "red" }))]);
    let left = post(unknown, Value::Null).await.json();
    assert_eq!(left["rows"][0]["outcome"], "no-such-column");

    // The same without scripts: the whole grid is sent, one cell of it says something else.
    let page = desk.house.get("/exceptions?view=grid").await.text();
    let name = format!("cell.{first}.3.2.region");
    assert!(
        page.contains(&format!("name=\"{name}\" value=\"Nort\"")),
        "{page}"
    );
    let same = format!("cell.{first}.6.1.region");
    let to = desk
        .form(&format!(
            "act=correct-each&list=view%3Dgrid&{name}=North&{same}=south"
        ))
        .await;
    assert_eq!(to, "/exceptions?view=grid&did=correct&changed=1&entered=1");
    figures_are_those_of_rows(&desk.house).await;
    desk.house.verify("main").await;
}

#[tokio::test]
async fn a_text_is_found_in_rows_keys_and_names_and_acts_keep_to_it() {
    let desk = Desk::new().await;
    let [first, second] = &desk.runs;
    let places = async |query: &str| desk.places(query).await;
    let of = |run: &str, records: &[u64]| -> Vec<(String, u64)> {
        records.iter().map(|it| (run.to_owned(), *it)).collect()
    };
    assert_eq!(places("q=much&sort=oldest").await, of(first, &[7]));
    assert_eq!(places("q=A4%2C&sort=oldest").await, of(first, &[4]));
    assert_eq!(places("q=B.CSV&sort=oldest").await, of(second, &[1, 2, 3]));
    let both = [of(first, &[2, 3, 4]), of(second, &[1, 3])].concat();
    assert_eq!(
        places("q=nort%2C&sort=oldest").await,
        both[..2]
            .iter()
            .chain(&both[3..])
            .cloned()
            .collect::<Vec<_>>()
    );
    assert_eq!(places("q=nort%20&sort=oldest").await, both[2..3]);
    assert!(places("q=nothing+like+it").await.is_empty());

    let page = desk.house.get("/exceptions?q=much").await.text();
    assert!(
        page.contains("1 exception says <strong>much</strong>"),
        "{page}"
    );
    assert!(page.contains("Says &quot;much&quot;"), "{page}");
    let none = desk.house.get("/exceptions?q=nobody").await.text();
    assert!(none.contains("No exception answers this filter."), "{none}");

    let done = desk
        .bulk(
            json!({ "q": "much" }),
            json!({ "act": "comment", "text": "asked" }),
        )
        .await;
    assert_eq!(done["changed"], 1);
    let to = desk
        .form("act=comment&all=on&reason=asked&list=q%3Dmuch%26view%3Dgrid")
        .await;
    assert_eq!(
        to,
        "/exceptions?q=much&view=grid&did=comment&changed=1&entered=0"
    );
    let csv = desk.house.get("/api/v1/exceptions.csv?q=much").await.text();
    assert_eq!(csv.lines().count(), 2, "{csv}");
}

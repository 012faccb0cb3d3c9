//! What data stewards see: figures over all exceptions, and the list.

use crate::{
    desk::{Desk, HEADER},
    house::House,
    sound::{number, url},
    year::Year,
};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// A filter as the API takes it, and as SQL.
const FILTERS: [(&str, &str); 23] = [
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
    ("region=", "k.region IS NULL"),
    (
        "region=&product=Milk%201L&standing=open",
        "k.region IS NULL AND k.product = 'Milk 1L' AND k.state IN ('new', 'assigned', 'reopened')",
    ),
    ("region=&product=", "k.region IS NULL AND k.product IS NULL"),
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
    ("assignee=ravi", "k.assignee = 'ravi'"),
    ("assignee=ravi&region=&standing=open", MINE),
    (
        "assignee=ravi&product=Milk%201L&category=BUSINESS_RULE_VIOLATION",
        "k.assignee = 'ravi' AND k.product = 'Milk 1L' AND k.category = 'BUSINESS_RULE_VIOLATION'",
    ),
    (
        "assignee=ravi&state=rejected",
        "k.assignee = 'ravi' AND k.state = 'rejected'",
    ),
    ("assignee=nobody", "k.assignee = 'nobody'"),
    ("stage=load", LOADED),
    ("stage=validate&category=BUSINESS_RULE_VIOLATION", BROKEN),
];

const MINE: &str =
    "k.assignee = 'ravi' AND k.region IS NULL AND k.state IN ('new', 'assigned', 'reopened')";

const LOADED: &str = "EXISTS (SELECT 1 FROM findings f WHERE f.workspace = k.workspace AND f.run = k.run \
    AND f.record = k.record AND f.code = 'UNQ02')";

const BROKEN: &str = "k.category = 'BUSINESS_RULE_VIOLATION' AND NOT EXISTS (SELECT 1 FROM findings f \
    WHERE f.workspace = k.workspace AND f.run = k.run AND f.record = k.record AND f.code = 'UNQ02')";

/// Runs of files that count.
const OF_FILES: &str = "FROM runs r WHERE r.workspace = 'main' AND r.kind = 'file' AND r.status = 'complete' \
    AND NOT EXISTS (SELECT 1 FROM withdrawals w WHERE w.workspace = r.workspace AND w.run = r.number)";

/// Rows of a region that files brought which count: in the ledger, or kept as exceptions.
async fn read_in(url: &str, region: &str) -> i64 {
    let mut rows = 0;
    for table in ["ledger_rows k", "kept_rows k"] {
        let of = if table.starts_with("kept") {
            "AND k.category IS NOT NULL"
        } else {
            ""
        };
        let sql = format!(
            "SELECT count(*) FROM {table} WHERE coalesce(k.region, '') = '{region}' {of} AND k.run IN (SELECT r.number {OF_FILES})"
        );
        rows += number(url, &sql).await;
    }
    rows
}

/// Every figure of the overview is that of the rows, asked behind the store's back.
pub(crate) async fn figures_are_those_of_rows(house: &House) {
    let url = url(house.folder());
    what_was_read_adds_up(house).await;
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
        for (step, query, region, sold) in [
            ("day", "", None, "1 = 1"),
            ("week", "", None, "1 = 1"),
            ("month", "", None, "1 = 1"),
            ("day", "&region=North", Some("North"), "k.region = 'North'"),
            ("month", "&region=West", Some("West"), "k.region = 'West'"),
            ("month", "&region=", Some(""), "k.region IS NULL"),
            (
                "day",
                "&product=Milk%201L",
                None,
                "coalesce(k.product, '') = 'Milk 1L'",
            ),
            (
                "month",
                "&product_category=Dairy%20Products",
                None,
                "coalesce(k.product_category, '') = 'Dairy Products'",
            ),
        ] {
            let path =
                format!("/api/v1/exceptions/overview?by={by}&step={step}&standing=open{query}");
            let overview = house.get(&path).await.json();
            let steps = overview["trend"].as_array().unwrap();
            // How many rows of a product were read is not known.
            let read: Option<i64> = steps.iter().map(|it| it["rows_read"].as_i64()).sum();
            let all = match region {
                Some(region) => read_in(&url, region).await,
                None => {
                    let sql = format!("SELECT coalesce(sum(r.rows_read), 0) {OF_FILES}");
                    number(&url, &sql).await
                }
            };
            let expected = (!query.contains("product")).then_some(all);
            assert_eq!(read, expected, "{query}");
            let mut groups: BTreeMap<String, i64> = BTreeMap::new();
            for group in steps.iter().flat_map(|it| it["groups"].as_array().unwrap()) {
                let label = group["label"].as_str().unwrap().to_owned();
                *groups.entry(label).or_default() += group["rows"].as_i64().unwrap();
            }
            assert!(!groups.is_empty() || region.is_some());
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

/// What files read that count = what of it counts + what is in exceptions + what gave its place to another row.
pub(crate) async fn what_was_read_adds_up(house: &House) {
    let url = url(house.folder());
    let basis = house.get("/api/v1/sales/basis").await.json();
    let told = |name: &str| basis[name].as_i64().unwrap();
    let counting = number(
        &url,
        "SELECT count(*) FROM ledger l JOIN runs r ON r.number = l.run WHERE r.workspace = 'main' AND l.counts",
    );
    let displaced = number(
        &url,
        "SELECT count(*) FROM ledger l JOIN runs r ON r.number = l.run WHERE r.workspace = 'main' AND NOT l.counts \
         AND l.displaced_by_run IS NOT NULL AND NOT EXISTS (SELECT 1 FROM withdrawals w WHERE w.run = l.run)",
    );
    let (counting, displaced) = (counting.await, displaced.await);
    assert_eq!(told("displaced_rows"), displaced, "{basis}");
    let read = format!("SELECT CAST(coalesce(sum(r.rows_read), 0) AS BIGINT) {OF_FILES}");
    assert_eq!(told("rows_read"), number(&url, &read).await, "{basis}");
    assert_eq!(
        told("rows_read"),
        counting + told("rows_left") + displaced,
        "{basis}"
    );
}

/// Every figure of the page of quality is that of the verdicts and of the rows.
pub(crate) async fn quality_is_that_of_rows(house: &House) {
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
    for it in quality["columns"].as_array().unwrap() {
        let name = it["column"].as_str().unwrap();
        let failing = format!(
            "f.severity = 'error' AND EXISTS (SELECT 1 FROM run_columns c WHERE c.workspace = f.workspace \
             AND c.run = f.run AND c.code = '' AND c.column_number = f.column_number AND c.column_name = '{name}')"
        );
        let cells = format!("SELECT count(*) {of_files} AND {failing}");
        assert_eq!(it["failed"].as_i64(), Some(number(&url, &cells).await));
        let rows = format!(
            "SELECT count(DISTINCT k.run * 1000000 + k.record) FROM findings f JOIN kept_rows k \
             ON k.workspace = f.workspace AND k.run = f.run AND k.record = f.record JOIN runs r ON r.number = k.run \
             WHERE k.workspace = 'main' AND r.kind = 'file' AND r.status = 'complete' AND {failing} AND NOT EXISTS \
             (SELECT 1 FROM withdrawals w WHERE w.workspace = k.workspace AND w.run = k.run)"
        );
        assert_eq!(it["rows"].as_i64(), Some(number(&url, &rows).await));
    }
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
    let accepted = number(&url, &of("ledger_rows", "1 = 1")).await;
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
        let accepted = number(&url, &of("ledger_rows", &run)).await;
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
        &format!(">{came}</a></strong>"),
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
    let act = json!({ "act": "comment", "text": "asked the shop" });
    let asked = desk.bulk(json!({ "region": "" }), act).await;
    assert_eq!(asked["changed"], 6);
    let act = json!({ "act": "assign", "assignee": "ravi" });
    let his = json!({ "code": "VAL05", "standing": "open" });
    assert_eq!(desk.bulk(his, act).await["changed"], 5);
    figures_are_those_of_rows(&desk.house).await;
    let stages = desk
        .get("/api/v1/exceptions/overview?assignee=ravi&code=VAL05")
        .await;
    assert_eq!(stages["by_stage"][0]["label"], "validate");
    assert_eq!(stages["by_stage"][0]["rows"], 5);
    // One of them is below zero too, and the control that is asked for is one of all.
    let controls = stages["by_control"].as_array().unwrap().iter();
    let controls: Vec<_> = controls.map(|it| it["label"].as_str().unwrap()).collect();
    assert_eq!(controls, ["UNQ02", "VAL05", "VAL06"]);
    let page = desk.house.page("/exceptions?who=ravi").await.text();
    for part in ["6 exceptions open", "By region", "No region of the list"] {
        assert!(page.contains(part), "{part}: {page}");
    }
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
        ("region=", 6),
        ("region=&assignee=ravi", 5),
        ("region=&code=CMP01", 1),
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

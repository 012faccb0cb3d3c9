//! Each figure of the page Sales and of its interface, against the ledger's rows that count, asked behind the store's
//! back.

use crate::{
    house::{House, orders},
    sound::{number, sound, url},
    year::{HELD, WITHDRAWN, Year},
};
use axum::{
    body::{Body, to_bytes},
    http::Request,
};
use model::{
    id::{RunId, WorkspaceId},
    money::{Money, Numbers},
    sales::{SalesBy, SalesFilter, SalesGroup, SalesSum},
};
use serde_json::json;
use server::{
    assets::Assets,
    router::router,
    settings::Display,
    state::{AppState, Server},
};
use sqlx::{AssertSqlSafe, Connection, PgConnection, SqliteConnection};
use std::{collections::BTreeMap, path::Path};
use tower::ServiceExt;

/// As groups call it.
pub(crate) const SKU: &str = "coalesce(sku, 'Not stated')";

pub(crate) const REGIONS: [&str; 5] = ["North", "South", "East", "West", "Central"];

pub(crate) type Groups = BTreeMap<String, SalesSum>;

/// What of the ledger a filter lets through, in SQL.
pub(crate) fn condition(filter: &SalesFilter, days: Option<(&str, &str)>) -> String {
    let mut all =
        vec!["run IN (SELECT number FROM runs WHERE workspace = 'main') AND counts".to_owned()];
    for (column, value) in [
        ("region", &filter.region),
        ("category", &filter.category),
        ("product", &filter.product),
        ("sku", &filter.sku),
    ] {
        all.extend(value.iter().map(|it| format!("{column} = '{it}'")));
    }
    all.extend(
        filter
            .run
            .iter()
            .map(|it| format!("run = (SELECT number FROM runs WHERE id = '{it}')")),
    );
    let (from, to) = match days {
        Some((from, to)) => (Some(from), Some(to)),
        None => (filter.from.as_deref(), filter.to.as_deref()),
    };
    all.extend(from.map(|it| format!("day >= '{it}'")));
    all.extend(to.map(|it| format!("day <= '{it}'")));
    all.join(" AND ")
}

/// The ledger's rows by an expression.
pub(crate) async fn ledger(url: &str, by: &str, condition: &str) -> Groups {
    let sums = "sum(quantity), sum(money)";
    let sql =
        format!("SELECT {by}, count(*), {sums} FROM ledger_rows WHERE {condition} GROUP BY 1");
    let rows = grouped(url, &sql).await.into_iter();
    let rows = rows.map(|(label, rows, units, paise)| {
        let sum = SalesSum {
            rows: u64::try_from(rows).unwrap(),
            units,
            revenue: Money::from_paise(paise),
        };
        (label, sum)
    });
    rows.collect()
}

/// The lines of a statement that gives a text and three numbers; no number is none.
pub(crate) async fn grouped(url: &str, sql: &str) -> Vec<(String, i64, i64, i64)> {
    let number = |name: &str| format!("CAST(coalesce({name}, 0) AS BIGINT)");
    let [a, b, c] = ["a", "b", "c"].map(number);
    let sql = AssertSqlSafe(format!(
        "WITH g (label, a, b, c) AS ({sql}) SELECT CAST(label AS TEXT), {a}, {b}, {c} FROM g"
    ));
    if url.starts_with("sqlite") {
        let mut database = SqliteConnection::connect(url).await.unwrap();
        sqlx::query_as(sql).fetch_all(&mut database).await.unwrap()
    } else {
        let mut database = PgConnection::connect(url).await.unwrap();
        let asked = sqlx::query_as(sql).persistent(false);
        asked.fetch_all(&mut database).await.unwrap()
    }
}

fn sums(groups: &[SalesGroup]) -> Groups {
    let now = groups.iter().filter(|it| it.sum.rows > 0);
    now.map(|it| (it.label.clone(), it.sum)).collect()
}

fn before(groups: &[SalesGroup]) -> Groups {
    let then = groups
        .iter()
        .filter_map(|it| Some((it.label.clone(), it.before?)));
    then.filter(|(_, it)| it.rows > 0).collect()
}

pub(crate) fn whole(groups: &Groups) -> SalesSum {
    groups
        .values()
        .fold(SalesSum::default(), |sum, it| SalesSum {
            rows: sum.rows + it.rows,
            units: sum.units + it.units,
            revenue: sum.revenue + it.revenue,
        })
}

async fn check(house: &House, filter: &SalesFilter, compared: Option<(&str, &str)>) {
    let (main, url) = (WorkspaceId::main(), url(house.folder()));
    let board = house.store.sales_board(&main, filter, compared, &REGIONS);
    let board = board.await.unwrap();
    let now = condition(filter, None);
    let regions = ledger(&url, "region", &now).await;
    assert_eq!(board.now.sum, whole(&regions), "{now}");
    assert_eq!(sums(&board.by_region), regions, "{now}");
    assert_eq!(
        sums(&board.by_category),
        ledger(&url, "category", &now).await
    );
    let products = ledger(&url, "product", &now).await;
    assert_eq!(board.now.products, products.len() as u64);
    assert_eq!(sums(&board.by_product), products);
    let skus = ledger(&url, SKU, &now).await;
    assert_eq!(sums(&board.by_sku), skus, "{now}");
    let report = house
        .store
        .sales_by(&main, filter, compared, Some(SalesBy::Sku));
    assert_eq!(sums(&report.await.unwrap().groups), skus, "{now}");
    let days = board.days.iter().map(|it| {
        let sum = SalesSum {
            rows: it.rows,
            units: it.units,
            revenue: it.revenue,
        };
        (it.label.clone(), sum)
    });
    assert_eq!(days.collect::<Groups>(), ledger(&url, "day", &now).await);
    let crossed = board.crossed.iter();
    let crossed = crossed.map(|(a, b, sum)| (format!("{a}/{b}"), *sum));
    let by = "region || '/' || category";
    assert_eq!(crossed.collect::<Groups>(), ledger(&url, by, &now).await);

    assert_eq!(board.before.is_some(), compared.is_some());
    if let Some(compared) = compared {
        let then = condition(filter, Some(compared));
        let regions = ledger(&url, "region", &then).await;
        assert_eq!(board.before.unwrap().sum, whole(&regions), "{then}");
        assert_eq!(before(&board.by_region), regions);
        assert_eq!(
            before(&board.by_product),
            ledger(&url, "product", &then).await
        );
        assert_eq!(before(&board.by_sku), ledger(&url, SKU, &then).await);
    }
    page(house, filter, whole(&regions)).await;
}

/// The page says the same, and so does the interface.
async fn page(house: &House, filter: &SalesFilter, expected: SalesSum) {
    let run = filter.run.as_ref().map(ToString::to_string);
    let pairs = [
        ("region", &filter.region),
        ("category", &filter.category),
        ("product", &filter.product),
        ("sku", &filter.sku),
        ("run", &run),
        ("from", &filter.from),
        ("to", &filter.to),
    ];
    let pairs = pairs.into_iter().filter_map(|(key, it)| {
        let value = it.as_ref()?.replace(' ', "+").replace('&', "%26");
        Some(format!("{key}={value}"))
    });
    let query = pairs.collect::<Vec<_>>().join("&");
    let page = house.page(&format!("/sales?{query}")).await;
    assert_eq!(page.status, 200, "{}", page.text());
    let text = page.text();
    if expected.rows == 0 {
        assert!(text.contains("No rows here."), "{query}");
    } else {
        let revenue = format!("title=\"{}\"", expected.revenue.indian());
        assert!(text.contains(&revenue), "{revenue} in {query}");
    }
    let answer = house.get(&format!("/api/v1/sales?by=region&{query}")).await;
    let total = &answer.json()["total"];
    assert_eq!(total["rows"], expected.rows, "{query}");
    assert_eq!(total["units"], expected.units);
    assert_eq!(total["revenue"], expected.revenue.to_string());
    // So do the rows that it leads to.
    let rows = house.get(&format!("/api/v1/rows?{query}")).await.json();
    assert_eq!(rows["total"]["rows"], expected.rows, "{query}");
    assert_eq!(rows["total"]["money"], expected.revenue.to_string());
    let csv = house.get(&format!("/api/v1/rows.csv?{query}")).await.text();
    assert_eq!(csv.lines().count() as u64, 1 + expected.rows, "{query}");
}

#[tokio::test(flavor = "multi_thread")]
async fn every_figure_of_a_year_is_what_the_ledger_holds() {
    let house = House::new().await;
    let year = Year::of(&house).await;
    let text = |it: &str| Some(it.to_owned());
    let id =
        |run: &serde_json::Value| RunId::try_from(run["id"].as_str().unwrap().to_owned()).unwrap();
    let all = SalesFilter::default();
    let november = SalesFilter {
        from: text("2025-11-01"),
        to: text("2025-11-30"),
        ..all.clone()
    };
    let october = Some(("2025-10-01", "2025-10-30"));
    check(&house, &all, None).await;
    check(&house, &november, october).await;
    for filter in [
        SalesFilter {
            region: text("North"),
            ..november.clone()
        },
        SalesFilter {
            category: text("Sauces & Ketchup"),
            product: text("Soy Sauce 200ml"),
            ..november.clone()
        },
        SalesFilter {
            sku: text("SKU-YOG-500"),
            ..november.clone()
        },
    ] {
        check(&house, &filter, october).await;
    }
    for filter in [
        SalesFilter {
            region: text("Central"),
            category: text("Other"),
            ..all.clone()
        },
        SalesFilter {
            run: Some(id(&year.replacing)),
            ..all.clone()
        },
        SalesFilter {
            run: Some(id(&year.runs[0])),
            from: text("2025-02-05"),
            ..all.clone()
        },
        SalesFilter {
            to: text("2025-06-30"),
            ..all.clone()
        },
        SalesFilter {
            sku: text("SKU-MLK-1L"),
            run: Some(id(&year.replacing)),
            ..all.clone()
        },
        SalesFilter {
            region: text("Atlantis"),
            ..all.clone()
        },
    ] {
        check(&house, &filter, None).await;
    }
    // What is held and what was withdrawn counts nowhere.
    for run in [HELD, WITHDRAWN] {
        let run = &year.runs[usize::try_from(run).unwrap()];
        let filter = SalesFilter {
            run: Some(id(run)),
            ..all.clone()
        };
        check(&house, &filter, None).await;
    }
    sound_basis(&house).await;
}

/// What the page says it rests on.
async fn sound_basis(house: &House) {
    let (main, url) = (WorkspaceId::main(), url(house.folder()));
    let all = SalesFilter::default();
    let basis = house.store.basis(&main, &all).await.unwrap();
    assert_eq!((basis.runs, basis.held), (22, 1));
    let rows = number(&url, "SELECT count(*) FROM ledger WHERE counts").await;
    assert_eq!(
        basis.rows_read - basis.rows_left,
        u64::try_from(rows).unwrap()
    );
    let money = number(&url, "SELECT sum(money) FROM ledger WHERE counts").await;
    assert_eq!(
        basis.money_read - basis.money_left,
        Money::from_paise(money)
    );
    let page = house.page("/sales").await.text();
    assert!(page.contains("22 runs") && page.contains("1 run is held"));

    // Two half months, and the row that was corrected into September from a run of March.
    let september = SalesFilter {
        from: Some("2025-09-01".to_owned()),
        to: Some("2025-09-30".to_owned()),
        ..SalesFilter::default()
    };
    let basis = house.store.basis(&main, &september).await.unwrap();
    assert_eq!(basis.runs, 2);
    let choices = house.store.choices(&main, &REGIONS).await.unwrap();
    assert_eq!(choices.regions, REGIONS);
    assert_eq!((choices.products.len(), choices.runs.len()), (12, 22));
    assert_eq!(choices.skus.len(), 11);
}

#[tokio::test(flavor = "multi_thread")]
async fn without_runs_the_pages_say_what_to_do() {
    let house = House::new().await;
    let page = house.page("/sales").await.text();
    assert!(page.contains("The ledger is empty."));
    sound(house.folder()).await;
    let missing = house
        .page("/sales?run=run_00000000000000000000000000000000")
        .await;
    assert_eq!(missing.status, 404);
}

#[tokio::test(flavor = "multi_thread")]
async fn skus_are_those_of_files_where_no_list_knows_the_product() {
    let house = House::new().await;
    let head = "order_id,order_date,region,product,sku,quantity,revenue\n";
    let file = |rows: &str| format!("{head}{rows}");
    let rows = "H-1,2026-01-15,North,Gift Hamper,,1,100\n";
    house.run("filename=without.csv", file(rows)).await;
    let page = house.page("/sales").await.text();
    assert!(page.contains("Revenue by product"));
    assert!(!page.contains("SKU"), "{page}");
    assert!(!house.page("/rows").await.text().contains("All SKUs"));

    let rows = "H-2,2026-01-15,North,Gift Hamper,GH/1,1,200\n\
                H-3,2026-01-15,North,Gift Hamper,GH/2,2,300.50\n\
                H-4,2026-01-16,South,Gift Bag,GH/2,3,0.25\n\
                H-5,2026-01-16,South,Milk 1L,GH/9,1,90\n";
    house.run("filename=with.csv", file(rows)).await;
    let page = house.page("/sales").await.text();
    for text in [
        "Revenue by SKU",
        "GH/2 · Gift Bag and 1 more: ₹300.75",
        "GH/1 · Gift Hamper: ₹200.00",
        "SKU-MLK-1L · Milk 1L: ₹90.00",
        "href=\"/sales?sku=GH%2F2\"",
        "<option value=\"GH/2\">",
    ] {
        assert!(page.contains(text), "{text}: {page}");
    }
    let page = house.page("/sales?sku=GH%2F2&region=North").await.text();
    for text in [
        "title=\"₹300.50\"",
        "href=\"/rows?region=North&amp;sku=GH%2F2\"",
        "/api/v1/rows.parquet?workspace=main&amp;region=North&amp;sku=GH%2F2",
    ] {
        assert!(page.contains(text), "{text}: {page}");
    }
    sound(house.folder()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn numbers_and_the_financial_year_are_settings() {
    let house = House::new().await;
    let file = orders(1..=3).replace("240.50", "4000000.50");
    let run = house.run("filename=large.csv", file).await;
    let run = format!("/runs/{}", run["id"].as_str().unwrap());
    let state = AppState::new(Server {
        store: house.store.clone(),
        runs: house.runs.clone(),
        assets: Assets::read(Path::new("no such folder")).unwrap(),
        display: Display {
            year_begins: 1,
            numbers: Some(Numbers::International),
        },
        closing: house.close.subscribe(),
    });
    let router = router(state);
    for (path, texts) in [
        ("/sales", ["₹12.00 million", "title=\"₹12,000,001.50\""]),
        ("/sales?period=last-year", ["1 Jan ", " to 31 Dec "]),
        ("/", ["₹12.00 million", "lang=\"en\" data-in-threes"]),
        ("/runs", ["₹12,000,001.50", "large.csv"]),
        ("/rows", ["₹12,000,001.50", "₹4,000,000.50"]),
        (&run, ["with ₹12,000,001.50", "North: ₹12,000,001.50"]),
    ] {
        let request = Request::get(path).body(Body::empty()).unwrap();
        let answer = router.clone().oneshot(request).await.unwrap();
        let page = to_bytes(answer.into_body(), usize::MAX).await.unwrap();
        let page = String::from_utf8_lossy(&page).into_owned();
        assert!(texts.iter().all(|it| page.contains(it)), "{path}: {page}");
    }
    let page = house.page("/sales").await.text();
    assert!(page.contains("₹1.20 cr") && page.contains("title=\"₹1,20,00,001.50\""));
    let page = house.page("/sales?period=last-year").await.text();
    assert!(page.contains("1 Apr ") && page.contains(" to 31 Mar "));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reader_has_numbers_and_days_as_chosen_or_as_the_browser_speaks() {
    let house = House::new().await;
    let file = orders(1..=3).replace("240.50", "4000000.50");
    let run = house.run("filename=large.csv", file).await;
    let chart = format!("/runs/{}", run["id"].as_str().unwrap());
    let page = async |path: &str, headers: &[(&str, &str)]| {
        let mut request = Request::get(path).header("accept", "text/html");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request.body(Body::empty()).unwrap();
        house.send(request).await.text()
    };
    let american = ("accept-language", "en-US,en;q=0.9");
    let indian = ("cookie", "tarazu_locale=en-IN");
    for (headers, revenue, short, day) in [
        (&[][..], "₹1,20,00,001.50", "₹1.20 cr", "15 Jan 2026"),
        (
            &[american],
            "₹12,000,001.50",
            "₹12.00 million",
            "Jan 15, 2026",
        ),
        (
            &[american, indian],
            "₹1,20,00,001.50",
            "₹1.20 cr",
            "15 Jan 2026",
        ),
    ] {
        let sales = page("/sales", headers).await;
        assert!(sales.contains(revenue) && sales.contains(short), "{sales}");
        let run = page(&chart, headers).await;
        assert!(run.contains(&format!("{day}: {revenue}")), "{run}");
    }

    let chosen = |choice: &str, from: &str| {
        Request::post("/display")
            .header("content-type", "application/x-www-form-urlencoded")
            .header("accept", "text/html")
            .header("referer", from)
            .body(Body::from(choice.to_owned()))
            .unwrap()
    };
    let answer = house
        .send(chosen("locale=en-US", "http://a:1/sales?step=day"))
        .await;
    assert_eq!(answer.status, 303);
    assert_eq!(answer.header("location"), "/sales?step=day");
    assert!(
        answer
            .header("set-cookie")
            .starts_with("tarazu_locale=en-US; Path=/;")
    );
    let answer = house
        .send(chosen("locale=en-US", "http://a//elsewhere/"))
        .await;
    assert_eq!(answer.header("location"), "/");
    assert_eq!(
        house.send(chosen("locale=xx", "http://a/")).await.status,
        400
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_are_light_or_dark_as_the_reader_chose() {
    let house = House::new().await;
    let page = async |cookie: &str| {
        let request = Request::get("/runs")
            .header("accept", "text/html")
            .header("cookie", cookie);
        let request = request.body(Body::empty()).unwrap();
        house.send(request).await.text()
    };
    let scheme = |html: &str| {
        let root = html.split_once("data-scheme=\"")?.1;
        Some(root.split_once('"')?.0.to_owned())
    };
    for (cookie, chosen, css) in [
        ("a=b", None, "light dark"),
        ("tarazu_scheme=dark", Some("dark"), "dark"),
        (
            "tarazu_locale=en-US; tarazu_scheme=light",
            Some("light"),
            "light",
        ),
        ("tarazu_scheme=system", None, "light dark"),
    ] {
        let html = page(cookie).await;
        assert_eq!(scheme(&html).as_deref(), chosen, "{cookie}");
        let meta = format!("<meta name=\"color-scheme\" content=\"{css}\"");
        assert!(html.contains(&meta), "{cookie}");
    }
    let choose = |choice: &'static str| {
        Request::post("/display")
            .header("content-type", "application/x-www-form-urlencoded")
            .header("referer", "http://a/runs")
            .body(Body::from(choice))
            .unwrap()
    };
    let answer = house.send(choose("scheme=dark")).await;
    assert_eq!(
        (answer.status.as_u16(), answer.header("location")),
        (303, "/runs")
    );
    assert!(
        answer
            .header("set-cookie")
            .starts_with("tarazu_scheme=dark; Path=/;")
    );
    for refused in ["scheme=purple", "colour=dark"] {
        assert_eq!(house.send(choose(refused)).await.status, 400, "{refused}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn at_home_four_answers_stand_beside_the_drop_zone() {
    let house = House::new().await;
    let page = house.page("/").await.text();
    assert!(page.contains("Tarazu reads a sales file") && !page.contains("At a glance"));
    let file = orders(1..=9).replacen("240.50", "lots", 1);
    house.run("filename=january.csv", file).await;
    let page = house.page("/").await.text();
    for text in [
        "Sales of all time",
        "₹1,924",
        "What drives them",
        "Dairy Products",
        "11.11 % of rows",
        "1 exception<",
        "january.csv",
    ] {
        assert!(page.contains(text), "{text} in {page}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_are_made_while_other_servers_of_the_process_begin() {
    let house = House::new().await;
    let others = tokio::spawn(async {
        for _ in 0..20 {
            House::new().await;
        }
    });
    while !others.is_finished() {
        assert_eq!(house.page("/runs").await.status, 200);
    }
    others.await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_without_a_day_are_told_of_all_time_and_lead_to_the_rows() {
    let house = House::new().await;
    let visits = json!({
        "name": "visits", "version": "1", "key": ["visit_id"], "money": "bill", "controls": [],
        "columns": [
            { "name": "visit_id", "type": "identifier", "required": true },
            { "name": "guests", "type": "whole", "required": true },
            { "name": "bill", "type": "amount", "required": true },
        ],
    });
    let post = async |path: &str, body: String| {
        let answer = house.send(Request::post(path).body(Body::from(body)).unwrap());
        let answer = answer.await;
        assert!(answer.status.is_success(), "{}", answer.text());
    };
    post("/api/v1/contracts/drafts", visits.to_string()).await;
    let reason = json!({ "reason": "agreed" }).to_string();
    post("/api/v1/contracts/visits/versions/1/adoption", reason).await;
    house.run("filename=orders.csv", orders(1..=3)).await;
    let told = "without a day, which no period holds";
    let page = house.page("/sales").await.text();
    assert!(!page.contains(told), "{page}");

    let file = "visit_id,guests,bill\nV1,2,100.00\nV2,1,449.50\n";
    let run = house.run("filename=visits.csv", file).await;
    assert_eq!(run["rows_accepted"], 2, "{run}");
    let page = house.page("/sales").await.text();
    let link = "/rows?sort=day&amp;direction=ascending";
    let says = format!("₹549.50 of it in <a href=\"{link}\">2 rows</a> {told}.");
    assert!(page.contains(&says), "{page}");
    let rows = house.page(&link.replace("amp;", "")).await.text();
    let at = |key: &str| rows.find(&format!(">{key}<")).unwrap();
    assert!(at("V1").max(at("V2")) < at("ORD-1"), "{rows}");
    let page = house
        .page("/sales?period=custom&from=2026-01-01")
        .await
        .text();
    assert!(!page.contains(told), "{page}");
    let page = house.page("/sales?region=North").await.text();
    assert!(!page.contains(told), "{page}");
}

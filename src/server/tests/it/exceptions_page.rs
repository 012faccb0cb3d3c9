//! The page of exceptions: of which rows its rate is, where its figures and columns lead, and what it says it is
//! narrowed to.

use crate::{
    board::{between, words},
    desk::{Desk, FIRST, HEADER},
    exceptions::Life,
    house::{House, day_of},
};
use axum::{body::Body, http::Request};
use serde_json::json;

/// Everything came in these days, and nothing in as many before.
const DAYS: &str = "period=custom&from=2020-01-01&to=2099-12-31";

async fn page(house: &House, query: &str) -> String {
    let page = house.page(&format!("/exceptions?{query}")).await;
    assert_eq!(page.status, 200, "{query}: {}", page.text());
    page.text()
}

fn check(page: &str, with: &[&str], without: &[&str]) {
    for part in with {
        assert!(page.contains(part), "no {part}: {page}");
    }
    for part in without {
        assert!(!page.contains(part), "{part}: {page}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_rate_of_a_region_is_of_its_rows_and_a_product_has_none() {
    let desk = Desk::new().await;
    let overview = desk
        .get("/api/v1/exceptions/overview?region=North&step=month")
        .await;
    assert_eq!(overview["trend"][0]["rows_read"], 5);
    let rate = format!("{DAYS}&measure=rate");
    let all = page(&desk.house, &rate).await;
    check(&all, &["Of the rows read", "50.00 %</a>", ">Rate<"], &[]);
    let north = page(&desk.house, &format!("{rate}&region=North")).await;
    check(
        &north,
        &[
            "Of the rows read",
            "20.00 %</a>",
            ": 20.00 %",
            "Share of rows that failed per",
        ],
        &["no rate here"],
    );
    for filter in ["product=Milk+1L", "product_category=Dairy+Products"] {
        let sold = page(&desk.house, &format!("{rate}&{filter}")).await;
        check(
            &sold,
            &[
                "Exceptions that came",
                "Exceptions found per",
                "How many rows of a product were read is not known",
            ],
            &["Of the rows read", "Rows read", ">Rate<", "Share of rows"],
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn figures_and_columns_lead_to_their_rows_and_to_no_others() {
    let desk = Desk::new().await;
    let text = page(&desk.house, &format!("{DAYS}&show=rejected")).await;
    let list =
        "/exceptions?period=custom&amp;from=2020%2D01%2D01&amp;to=2099%2D12%2D31&amp;show=all#list";
    for figure in ["9", "₹18", "50.00 %"] {
        check(&text, &[&format!("<a href=\"{list}\">{figure}</a>")], &[]);
    }
    let places = desk.places("from=2020-01-01&to=2099-12-31").await;
    assert_eq!(places.len(), 9);

    // A month is more than the day on which the files came.
    let run = desk.get(&format!("/api/v1/runs/{}", desk.runs[1])).await;
    let day = day_of(run["created_at"].as_str().unwrap());
    let query = format!("period=custom&from={day}&to={day}&step=month");
    let text = page(&desk.house, &query).await;
    check(&text, &["Exceptions found per month"], &[]);
    let day = day.replace('-', "%2D");
    // What a figure is compared with leads to the days before.
    let mut parts = text.split(">from <a href=\"");
    let first = parts.next().unwrap().to_owned();
    let others: Vec<_> = parts.map(|it| it.split_once('"').unwrap()).collect();
    assert!(others.iter().all(|(before, _)| !before.contains(&day)));
    let text = others.iter().fold(first, |all, (_, rest)| all + rest);
    for end in ["from", "to"] {
        let (any, own) = (format!("&amp;{end}="), format!("&amp;{end}={day}"));
        assert!(text.contains(&own), "{text}");
        assert_eq!(text.matches(&any).count(), text.matches(&own).count());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn money_is_grouped_as_the_reader_has_it() {
    let house = House::new().await;
    let rows = FIRST.replacen("20.00", "4000000.50", 1);
    house
        .run("filename=large.csv", format!("{HEADER}\n{rows}"))
        .await;
    let request = Request::get(format!("/exceptions?{DAYS}&measure=money"))
        .header("accept", "text/html")
        .header("accept-language", "en-US,en;q=0.9");
    let answer = house.send(request.body(Body::empty()).unwrap()).await;
    check(
        &answer.text(),
        &[
            "title=\"₹3,999,980.50\"",
            "<span class=\"facet-money number\">₹4.00 million</span>",
        ],
        &["lakh", "40,00,", "39,99,"],
    );
    let indian = page(&house, DAYS).await;
    check(
        &indian,
        &[
            "title=\"₹39,99,980.50\"",
            "<span class=\"facet-money number\">₹40.00 lakh</span>",
        ],
        &["million"],
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_list_is_narrowed_to_is_said_and_can_be_cleared() {
    let desk = Desk::new().await;
    for (query, said) in [
        ("who=ravi", "Assigned to ravi"),
        ("region=-", "No region of the list"),
        ("period=last-7-days", "Came: Last 7 days"),
        ("from=2026-01-02", "Came from 2 Jan 2026 on"),
        ("to=2026-01-02", "Came up to 2 Jan 2026"),
        (
            "from=2026-01-02&to=2026-01-03",
            "Came 2 Jan 2026 to 3 Jan 2026",
        ),
    ] {
        let text = page(&desk.house, &format!("{query}&show=all")).await;
        let chip = "<a class=\"chip\" href=\"/exceptions?show=all\"";
        let clear = "<a href=\"/exceptions?show=all\" data-noscroll>Clear</a>";
        check(&text, &[chip, &format!(">{said} <span"), clear], &[]);
        assert_eq!(text.matches("class=\"chip\"").count(), 1, "{query}");
    }
    let text = page(&desk.house, "show=all&sort=money&step=week").await;
    check(&text, &[], &["narrowed-to"]);
    let text = page(&desk.house, "who=ravi&period=last-7-days").await;
    check(
        &text,
        &[
            "href=\"/exceptions?who=ravi\"",
            "href=\"/exceptions?period=last%2D7%2Ddays\"",
        ],
        &[],
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_row_with_two_faults_has_both_reasons_with_what_to_do_and_all_that_was_done() {
    let desk = Desk::new().await;
    let path = format!("runs/{}/exceptions/7", desk.runs[0]);
    let shown = async || {
        let page = desk.house.page(&format!("/{path}")).await;
        assert_eq!(page.status, 200, "{}", page.text());
        page.text()
    };
    let list = |html: &str| {
        let items = html.split("<li>").skip(1);
        items.map(words).collect::<Vec<_>>()
    };
    let act = async |what: &str, body: serde_json::Value| {
        let done = desk.post(&format!("/api/v1/{path}/{what}"), &body).await;
        assert_eq!(done.status, 200, "{}", done.text());
        done.json()
    };
    let date = "soon in order_date is not a date that can be read; write it as 2026-11-23 VAL03";
    let amount =
        "much in revenue is not an amount; write it in digits with at most two decimals VAL02";
    let page = shown().await;
    let wrong = between(&page, "<h2 id=\"wrong\">What is wrong</h2>", "</section>");
    let reasons = list(wrong);
    assert_eq!(reasons.len(), 2, "{reasons:?}");
    for reason in [date, amount] {
        assert!(
            reasons.iter().any(|it| it == reason),
            "{reason}: {reasons:?}"
        );
    }
    for column in ["order_date", "revenue"] {
        let input = between(&page, &format!(">{column}</label>"), "</p>");
        assert!(input.contains("aria-invalid=\"true\""), "{input}");
    }
    let nothing = between(&page, "<h2 id=\"history\">", "</section>");
    assert!(nothing.contains("Nothing was done yet."), "{nothing}");

    let half = json!({ "version": 1, "cells": { "order_date": "2026-01-15" }, "reason": "the shop told us" });
    act("corrections", half).await;
    let page = shown().await;
    let wrong = between(&page, "<h2 id=\"wrong\">What is wrong</h2>", "</section>");
    assert_eq!(list(wrong), [amount]);
    let found = between(&page, "<summary>As it came</summary>", "</details>");
    assert!(
        found.contains("<code>A7 | soon | East | Milk 1L | 1 | much</code>"),
        "{found}"
    );
    assert_eq!(list(found).len(), 2, "{found}");

    let rest = json!({ "version": 2, "cells": { "revenue": "70.00" } });
    let done = act("corrections", rest).await;
    let page = shown().await;
    assert!(
        page.contains("<h2 id=\"wrong\">What was found</h2>"),
        "{page}"
    );
    let history = list(between(&page, "<h2 id=\"history\">", "</section>"));
    let change = |at: usize| &done["history"][at];
    let time = |at: usize| {
        let time = change(at)["time"].as_str().unwrap();
        format!("datetime=\"{time}\"")
    };
    assert!(page.contains(&time(0)) && page.contains(&time(1)), "{page}");
    let said = [
        (
            "Corrected, and it still fails asha, ",
            " the shop told us A7 | 2026-01-15 | East | Milk 1L | 1 | much",
        ),
        (
            "Corrected: it is in the ledger asha, ",
            " A7 | 2026-01-15 | East | Milk 1L | 1 | 70.00",
        ),
    ];
    assert_eq!(history.len(), said.len(), "{history:?}");
    for (line, (begin, end)) in history.iter().zip(said) {
        assert!(line.starts_with(begin) && line.ends_with(end), "{line}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_page_of_an_exception_needs_no_scripts() {
    let life = Life::new().await;
    let page = format!("/runs/{}/exceptions/2", life.run);
    let run = life.house.page(&format!("/runs/{}", life.run)).await.text();
    assert!(run.contains(&format!("href=\"{page}\"")), "{run}");
    let shown = life.house.page(&page).await.text();
    for part in [
        "is empty",
        "Judge and save",
        "Leave it out for good",
        "Nothing was done yet",
    ] {
        assert!(shown.contains(part), "{part}: {shown}");
    }
    let send = async |fields: &str| {
        let form = format!("workspace=main&run={}&record=2&{fields}", life.run);
        let request = Request::post("/exceptions")
            .header("content-type", "application/x-www-form-urlencoded")
            .header("accept", "text/html");
        life.house
            .send(request.body(Body::from(form)).unwrap())
            .await
    };
    let cells = "cell-0=A2&cell-1=2026-01-15&cell-2=East&cell-3=Milk+1L&cell-4=1&cell-5=20.00";
    let unsaid = send("version=1&act=reject&reason=").await;
    assert_eq!(unsaid.status, 400);
    assert!(
        unsaid.text().contains("Judge and save"),
        "{}",
        unsaid.text()
    );
    let done = send(&format!("version=1&act=correct&reason=&{cells}")).await;
    assert_eq!(
        (done.status.as_u16(), done.header("location")),
        (303, &*page)
    );
    let other = cells.replace("20.00", "%3C25.00");
    let stale = send(&format!("version=1&act=correct&reason=a+slip&{other}")).await;
    assert_eq!(stale.status, 409);
    for part in [
        "changed this exception meanwhile",
        "role=\"alert\"",
        "<dl><dt>revenue</dt><dd>&lt;25.00</dd><dt>Reason</dt><dd>a slip</dd></dl>",
        // The page of the exception as it stands now.
        "Corrected, in the ledger",
        "Open it again",
    ] {
        assert!(stale.text().contains(part), "{part}: {}", stale.text());
    }
    let shown = life.house.page(&page).await.text();
    for part in [
        "Corrected, in the ledger",
        "Open it again",
        "A2 | 2026-01-15 | East",
    ] {
        assert!(shown.contains(part), "{part}: {shown}");
    }
    // What somebody changed meanwhile is named as its file has it.
    let left = format!(
        "/exceptions?did=reject&changed=0&left=stale_1&stale={}.2",
        life.run
    );
    let told = life.house.page(&left).await.text();
    let named = format!("<a href=\"{page}\">line 3 of a.csv</a>");
    assert!(told.contains(&named), "{told}");
    let missing = life
        .house
        .page(&format!("/runs/{}/exceptions/1", life.run))
        .await;
    assert_eq!(missing.status, 404);
    let run = life.house.page(&format!("/runs/{}", life.run)).await.text();
    assert!(run.contains("1 (₹20.00) entered the ledger later"), "{run}");
    // What was corrected goes by another name than its file, among which it stands or not.
    for (page, corrected, files) in [
        ("/runs", 0, 1),
        ("/runs?kind=correction", 1, 0),
        ("/search?q=a.csv", 1, 1),
    ] {
        let shown = life.house.page(page).await.text();
        let named = shown.matches(">a.csv (corrections)</a>").count();
        assert_eq!(named, corrected, "{page}");
        assert_eq!(shown.matches(">a.csv</a>").count(), files, "{page}");
    }
}

//! Contracts that people put in force: what files are judged under, and who may.

use crate::{
    command::tarazu,
    house::{Answer, House, orders},
};
use axum::{
    body::Body,
    http::{Request, StatusCode},
};
use engine::contract::{Contract, odcs, sales};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value, json};
use server::{
    contracts::Contracts,
    shelf::{Approval, Shelf},
};

/// The shipped contract with another least revenue.
pub(crate) fn with_minimum(version: &str, minimum: &str) -> String {
    let mut contract = serde_json::to_value(sales()).unwrap();
    contract["version"] = json!(version);
    let controls = contract["controls"].as_array_mut().unwrap();
    let rule = controls
        .iter_mut()
        .find(|it| it["code"] == "VAL06" && it["column"] == "revenue");
    rule.unwrap()["minimum"] = json!(minimum);
    contract.to_string()
}

async fn act(house: &House, path: &str, who: &str, body: impl Into<Body>) -> Answer {
    let request = Request::post(path).header("x-tarazu-actor", who);
    house.send(request.body(body.into()).unwrap()).await
}

async fn draft(house: &House, who: &str, text: String) -> Value {
    let made = act(house, "/api/v1/contracts/drafts?note=try", who, text).await;
    assert_eq!(made.status, StatusCode::CREATED, "{}", made.text());
    made.json()
}

async fn decide(house: &House, number: u64, what: &str, who: &str) -> Answer {
    let path = format!("/api/v1/contracts/sales/versions/{number}/{what}");
    act(house, &path, who, json!({"reason": "agreed"}).to_string()).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_is_judged_under_what_another_process_put_in_force() {
    let folder = tempfile::tempdir().unwrap();
    let house = House::at(folder.path(), 1 << 20).await;
    let beside = House::at(folder.path(), 1 << 20).await;
    let before = house.run("filename=one.csv", orders(1..=5)).await;
    assert_eq!(before["rows_exceptions"], 0, "{before}");

    let made = draft(&beside, "mira", with_minimum("1.1.0", "999999")).await;
    assert_eq!(
        (&made["number"], &made["state"]),
        (&json!(1), &json!("draft"))
    );
    assert_eq!(made["based_on"], json!(sales().fingerprint()));
    let still = house.run("filename=two.csv", orders(6..=10)).await;
    assert_eq!(still["rows_exceptions"], 0);

    let adopted = decide(&beside, 1, "adoption", "mira").await;
    assert_eq!(adopted.status, StatusCode::OK, "{}", adopted.text());
    let after = house.run("filename=three.csv", orders(11..=15)).await;
    assert_eq!(after["rows_exceptions"], 5, "{after}");
    assert_eq!(after["verdict"]["contract"]["version"], "1.1.0");
    let elsewhere = house.run("filename=three.csv&workspace=other", orders(1..=5));
    assert_eq!(elsewhere.await["rows_exceptions"], 0);
    // Runs that were judged stay under theirs.
    let address = format!("/api/v1/runs/{}", before["id"].as_str().unwrap());
    let kept = house.get(&format!("{address}/contract.json")).await.text();
    assert_eq!(&Contract::from_json(&kept).unwrap(), sales());
    let all = house.get("/api/v1/contracts").await.json();
    assert_eq!(all["contracts"][0]["version"], "1.1.0");

    let back = decide(&house, 0, "restoration", "ravi").await;
    assert_eq!(back.status, StatusCode::CREATED, "{}", back.text());
    assert_eq!(back.json()["state"], "in-force");
    let again = beside.run("filename=four.csv", orders(16..=20)).await;
    assert_eq!(again["rows_exceptions"], 0);
    let history = beside.get("/api/v1/contracts/sales/versions").await.json();
    let states: Vec<&Value> = history["versions"].as_array().unwrap().iter().collect();
    let states: Vec<&Value> = states.iter().map(|it| &it["state"]).collect();
    assert_eq!(states, ["in-force", "replaced"]);
    assert_eq!(history["in_force"], history["started"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_command_line_judges_under_what_was_put_in_force() {
    let house = House::new().await;
    draft(&house, "mira", with_minimum("1.1.0", "999999")).await;
    assert_eq!(decide(&house, 1, "adoption", "mira").await.status, 200);
    let path = house.folder().join("till.csv");
    std::fs::write(&path, orders(1..=30)).unwrap();
    let ended = tarazu(&[
        "ingest",
        "--data-dir",
        house.folder().to_str().unwrap(),
        path.to_str().unwrap(),
    ]);
    assert!(
        ended
            .out
            .contains("30 rows read, 0 accepted, 30 exceptions"),
        "{}",
        ended.all()
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn drafts_are_compared_and_decided_on_once() {
    let house = House::new().await;
    draft(&house, "mira", with_minimum("1.1.0", "5")).await;
    draft(&house, "ravi", with_minimum("1.2.0", "-5")).await;
    let path = "/api/v1/contracts/sales/versions";
    let difference = house.get(&format!("{path}/1/difference")).await.json();
    let changes = difference["changes"].as_array().unwrap();
    let told: Vec<(&str, bool)> = changes
        .iter()
        .map(|it| (it["text"].as_str().unwrap(), it["breaking"] == true))
        .collect();
    assert_eq!(
        told,
        [
            ("the version: `1.0.0` becomes `1.1.0`", false),
            (
                "VAL06 below-minimum for `revenue` asks for minimum 5 instead of minimum 0",
                true
            ),
        ]
    );
    let back = house.get(&format!("{path}/1/difference?from=2")).await;
    assert_eq!(back.json()["from"]["version"], "1.2.0");
    let yaml = house.get(&format!("{path}/2/contract.yaml")).await;
    let read = odcs::read(&yaml.text()).unwrap().contract;
    assert_eq!(read.version, "1.2.0");
    let json = house.get(&format!("{path}/0/contract.json")).await;
    assert_eq!(&Contract::from_json(&json.text()).unwrap(), sales());

    // Both were drafted from what the server was started with; nothing on the shelf was put in force yet.
    assert_eq!(decide(&house, 1, "adoption", "ravi").await.status, 200);
    decide(&house, 2, "adoption", "ravi")
        .await
        .problem(409, "overtaken");
    decide(&house, 1, "adoption", "ravi")
        .await
        .problem(409, "no-draft");
    decide(&house, 1, "discard", "ravi")
        .await
        .problem(409, "no-draft");
    let thrown = decide(&house, 2, "discard", "ravi").await;
    assert_eq!(thrown.json()["state"], "discarded");
    decide(&house, 7, "adoption", "ravi")
        .await
        .problem(404, "not-found");
    let same = with_minimum("1.1.0", "5");
    let same = act(&house, "/api/v1/contracts/drafts", "mira", same).await;
    same.problem(400, "invalid-request");
    let adoption = format!("{path}/1/adoption");
    let none = act(&house, &adoption, "ravi", r#"{"reason":" "}"#);
    none.await.problem(400, "invalid-request");
    let none = house.get("/api/v1/contracts/nothing/versions").await;
    none.problem(404, "not-found");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_contract_is_told_by_line_and_column() {
    let house = House::new().await;
    for (text, line, column) in [
        ("{\n\"name\": 5}", 2, 9),
        ("kind: DataContract\napiVersion: v3.1.0\nname: [", 4, 1),
    ] {
        let answer = act(&house, "/api/v1/contracts/drafts", "mira", text).await;
        let body = answer.json();
        answer.problem(400, "contract-faulty");
        let fault = &body["faults"][0];
        assert_eq!(
            (&fault["line"], &fault["column"]),
            (&json!(line), &json!(column)),
            "{body}"
        );
    }
    let named = sales()
        .canonical()
        .replace("\"name\":\"sales\"", "\"name\":\"a/b\"");
    let answer = act(&house, "/api/v1/contracts/drafts", "mira", named).await;
    answer.problem(400, "invalid-request");
    let history = house.get("/api/v1/contracts/sales/versions").await.json();
    assert_eq!(history["versions"], json!([]));
}

#[tokio::test(flavor = "multi_thread")]
async fn where_two_are_needed_who_drafted_does_not_decide() {
    let folder = tempfile::tempdir().unwrap();
    let shelf = Shelf::new(Contracts::shipped(), Approval::SecondPerson);
    let house = House::under(folder.path(), 1 << 20, shelf).await;
    draft(&house, "mira", with_minimum("1.1.0", "5")).await;
    let alone = decide(&house, 1, "adoption", "mira").await;
    alone.problem(403, "second-person-needed");
    let adopted = decide(&house, 1, "adoption", "ravi").await;
    assert_eq!(adopted.json()["decided_by"], "ravi");
    // All who name nobody are one person, and the page says so before it is tried.
    draft(&house, "", with_minimum("1.2.0", "7")).await;
    let page = house
        .page("/controls/contracts/sales?version=2")
        .await
        .text();
    assert!(
        page.contains("A second person has to put this in force"),
        "{page}"
    );
    let thrown = decide(&house, 2, "discard", "").await;
    assert_eq!(thrown.status, StatusCode::OK);
    // Going back is a draft there too.
    let back = decide(&house, 0, "restoration", "ravi").await;
    assert_eq!(
        (back.status, &back.json()["state"]),
        (StatusCode::CREATED, &json!("draft"))
    );
    let alone = decide(&house, 3, "adoption", "ravi").await;
    alone.problem(403, "second-person-needed");
    assert_eq!(decide(&house, 3, "adoption", "mira").await.status, 200);
}

/// A plain form, and where its answer sends the browser.
async fn form(house: &House, act: &str, fields: &[(&str, &str)]) -> (StatusCode, String, String) {
    let mut sent = form_urlencoded(&[("workspace", "main")]);
    sent += "&";
    sent += &form_urlencoded(fields);
    let request = Request::post(format!("/controls/contracts/sales/{act}"))
        .header("content-type", "application/x-www-form-urlencoded")
        .header("accept", "text/html");
    let answer = house.send(request.body(Body::from(sent)).unwrap()).await;
    let to = answer.headers.get("location");
    let to = to.map(|it| it.to_str().unwrap().to_owned());
    (answer.status, to.unwrap_or_default(), answer.text())
}

fn form_urlencoded(fields: &[(&str, &str)]) -> String {
    let escaped = |it: &str| utf8_percent_encode(it, NON_ALPHANUMERIC).to_string();
    let pairs = fields
        .iter()
        .map(|(name, value)| format!("{}={}", escaped(name), escaped(value)));
    pairs.collect::<Vec<_>>().join("&")
}

#[tokio::test(flavor = "multi_thread")]
async fn the_plain_forms_draft_correct_decide_and_go_back() {
    let house = House::new().await;
    let fingerprint = sales().fingerprint();
    let base = [("number", "0"), ("based_on", fingerprint.as_str())];
    let with = |others: &[(&'static str, &'static str)]| {
        let mut all: Vec<(&str, &str)> = base.to_vec();
        all.extend(others);
        all
    };
    let (status, to, _) = form(
        &house,
        "draft",
        &with(&[
            ("version", "1.0.1"),
            ("quality_score", "97"),
            ("note", "stricter"),
        ]),
    )
    .await;
    assert_eq!(
        (status, to.as_str()),
        (
            StatusCode::SEE_OTHER,
            "/controls/contracts/sales?version=1&done=drafted"
        )
    );
    let page = house.page(&to).await.text();
    for says in [
        "stricter",
        "the bound of the quality score",
        "files that pass now may fail",
        "Put in force",
    ] {
        assert!(page.contains(says), "{says}: {page}");
    }
    let (status, ..) = form(&house, "draft", &with(&[("hold_above", "half")])).await;
    assert_eq!(status, StatusCode::BAD_REQUEST);
    let (status, _, page) = form(&house, "text", &with(&[("text", "kind: [<b>")])).await;
    assert_eq!(status, StatusCode::BAD_REQUEST);
    assert!(page.contains("Line 2, column 1"), "{page}");
    assert!(page.contains("kind: [&lt;b&gt;"), "{page}");
    let yaml = odcs::write(sales()).replace("1.0.0", "3.0.0");
    let mut text = base.to_vec();
    text.push(("text", &yaml));
    let (_, to, _) = form(&house, "text", &text).await;
    assert_eq!(to, "/controls/contracts/sales?version=2&done=drafted");

    let (_, to, _) = form(&house, "adoption", &[("number", "1"), ("reason", "agreed")]).await;
    assert_eq!(to, "/controls/contracts/sales?done=adopted");
    // A form that was opened before that, and comes back after it, does not pass for one that knows of it.
    for (act, wrong) in [
        ("draft", ("hold_above", "half")),
        ("text", ("text", "kind: [")),
    ] {
        let (status, _, page) = form(&house, act, &with(&[wrong])).await;
        assert_eq!(status, StatusCode::BAD_REQUEST, "{act}");
        let kept = format!(r#"name="based_on" value="{fingerprint}""#);
        assert_eq!(page.matches(&kept).count(), 1, "{act}: {page}");
    }
    // The second was drafted from what is in force no more, and its page says so.
    let page = house
        .page("/controls/contracts/sales?version=2")
        .await
        .text();
    assert!(page.contains("Another version was put in force since this was drafted"));
    let late = form(&house, "adoption", &[("number", "2"), ("reason", "agreed")]).await;
    assert_eq!(late.0, StatusCode::CONFLICT);
    let (_, to, _) = form(&house, "discard", &[("number", "2"), ("reason", "no")]).await;
    assert_eq!(to, "/controls/contracts/sales?version=2&done=discarded");
    let (_, to, _) = form(
        &house,
        "restoration",
        &[("number", "0"), ("reason", "back")],
    )
    .await;
    assert_eq!(to, "/controls/contracts/sales?done=adopted");

    let run = house.run("filename=one.csv", orders(1..=3)).await;
    let id = run["id"].as_str().unwrap();
    let page = house.page(&format!("/runs/{id}")).await.text();
    let link = format!("/controls/contracts/sales?print={fingerprint}");
    assert!(page.contains(&link));
    let page = house.page(&link).await.text();
    assert!(page.contains("version 3"), "{page}");
    let shelf = house.page("/controls").await.text();
    assert!(shelf.contains("/controls/contracts/sales"));
    assert_eq!(house.page("/controls/contracts/nothing").await.status, 404);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_form_that_is_refused_comes_back_with_what_was_typed() {
    let house = House::new().await;
    let fingerprint = sales().fingerprint();
    let base = [("number", "0"), ("based_on", fingerprint.as_str())];
    let draft = async |others: &[(&str, &str)]| {
        let sent = [&base, others].concat();
        form(&house, "draft", &sent).await
    };
    let typed = [
        ("version", "1.0.1"),
        ("note", "stricter"),
        ("title-0", "Order <id>"),
        ("title-5", "Revenue"),
        ("required-5", "on"),
        ("maximum-5", "1.234,50"),
        ("severity-VAL06-revenue", "warning"),
        ("hold_above", "150"),
    ];
    let (status, _, page) = draft(&typed).await;
    assert_eq!(status, StatusCode::BAD_REQUEST);
    let field = |name: &str, value: &str| {
        let from = page.find(&format!(" name=\"{name}\"")).unwrap();
        let field = page[from..].split_once('>').unwrap().0;
        assert!(field.contains(value), "{name}: {field}");
        field.contains("aria-invalid=\"true\" aria-describedby=\"refused\"")
    };
    assert!(field("maximum-5", "value=\"1.234,50\""));
    assert!(field("hold_above", "value=\"150\""));
    assert!(!field("title-0", "value=\"Order &lt;id&gt;\""));
    assert!(!field("note", "value=\"stricter\""));
    assert!(!field("required-5", " checked"));
    // What was not ticked is not, and what the form did not say stands as the contract says it.
    assert!(!page.contains("name=\"required-0\" checked"));
    assert!(!field("title-4", "value=\"Quantity\""));
    for says in [
        "role=\"alert\"",
        "<h1 title=\"Contract sales\">Contract sales</h1>",
        "<strong>Most of revenue:</strong> 1.234,50 is no number",
        "<strong>Hold a file with more exceptions than, %:</strong> 150 is no share",
        "<option value=\"warning\" selected>",
    ] {
        assert!(page.contains(says), "{says}: {page}");
    }
    // No program takes over a page that has another address.
    assert!(!page.contains("/pkg/"), "{page}");

    for (others, says) in [
        (
            &[("version", "1.0.1"), ("note", "nothing else")][..],
            "Nothing was changed in the form",
        ),
        (
            &[("version", "1.0.0"), ("hold_above", "40")],
            "1.0.0 is another contract already",
        ),
        (
            &[("version", "0.9.0"), ("hold_above", "40")],
            "0.9.0 is not above 1.0.0",
        ),
        (
            &[
                ("title-5", "Revenue"),
                ("minimum-5", "0"),
                ("maximum-5", "-1"),
            ],
            "-1 is below the least, 0",
        ),
        (
            &[("title-5", "Region")],
            "Region is the title of region already",
        ),
        (
            &[("title-4", "Quantity"), ("aliases-4", "qty, Revenue")],
            "Revenue is a name of revenue already",
        ),
    ] {
        let (status, _, page) = draft(others).await;
        assert_eq!(status, StatusCode::BAD_REQUEST, "{says}");
        assert!(page.contains(says), "{says}: {page}");
    }
    // A program is told the same in a document.
    let sent = form_urlencoded(&[&base[..], &typed].concat());
    let request = Request::post("/controls/contracts/sales/draft?workspace=main")
        .header("content-type", "application/x-www-form-urlencoded");
    let told = house.send(request.body(Body::from(sent)).unwrap()).await;
    let told = told.problem(400, "contract-faulty")["detail"].to_string();
    assert!(
        told.contains("Most of revenue: 1.234,50 is no number"),
        "{told}"
    );

    // A text that contradicts itself is no draft either, wherever it comes from.
    let text = odcs::write(sales()).replace("businessName: Region", "businessName: Product");
    let (status, _, page) = form(&house, "text", &[&base[..], &[("text", &text)]].concat()).await;
    assert_eq!(status, StatusCode::BAD_REQUEST);
    assert!(
        page.contains("<code>Product</code>, and <code>region</code> has it too"),
        "{page}"
    );
    assert!(page.contains("<details class=\"as-text\" open"), "{page}");
    let drafts = Request::post("/api/v1/contracts/drafts");
    let told = house.send(drafts.body(Body::from(text)).unwrap()).await;
    told.problem(400, "invalid-request");

    // Who decides on what was decided on meanwhile has the reason back.
    let (_, to, _) = draft(&[("version", "1.0.1"), ("hold_above", "40")]).await;
    assert!(to.ends_with("?version=1&done=drafted"), "{to}");
    let decide = [("number", "1"), ("reason", "as agreed")];
    form(&house, "discard", &decide).await;
    let (status, _, page) = form(&house, "adoption", &decide).await;
    assert_eq!(status, StatusCode::CONFLICT);
    assert!(page.contains("This version is no draft any more"), "{page}");
    assert!(page.contains("version 1"), "{page}");
    assert!(page.contains("<dt>Reason</dt><dd>as agreed</dd>"), "{page}");
    // Its address is the form's, to which the switch of the display cannot lead back.
    assert!(!page.contains("action=\"/display\""), "{page}");
    assert!(
        house
            .page("/sales")
            .await
            .text()
            .contains("action=\"/display\"")
    );
}

/// Another contract, which files with this header fit.
fn stalls() -> String {
    sales()
        .canonical()
        .replace("\"name\":\"sales\"", "\"name\":\"stalls\"")
        .replace("\"order_id\"", "\"stall\"")
}

async fn on_stalls(house: &House, act_name: &str, number: u64, who: &str) -> Answer {
    let path = format!("/api/v1/contracts/stalls/versions/{number}/{act_name}");
    act(
        house,
        &path,
        who,
        json!({"reason": "as agreed"}).to_string(),
    )
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_contract_that_only_the_shelf_has_is_retired_and_brought_back() {
    let house = House::new().await;
    let file = |ids| orders(ids).replace("order_id", "stall");
    draft(&house, "mira", stalls()).await;
    assert_eq!(on_stalls(&house, "adoption", 1, "mira").await.status, 200);
    let before = house.run("filename=one.csv", file(1..=5)).await;
    assert_eq!(before["verdict"]["contract"]["name"], "stalls");
    assert_eq!(before["rows_accepted"], 5);
    let bad = file(6..=25).replace("ORD-6,2026-01-15,North", "ORD-6,2026-01-15,Nowhere");
    let open = house.run("filename=open.csv", bad).await;
    assert_eq!(open["rows_exceptions"], 1);

    decide(&house, 1, "retirement", "mira")
        .await
        .problem(409, "started-with");
    let done = on_stalls(&house, "retirement", 1, "mira").await;
    assert_eq!(
        (done.status, &done.json()["by"]),
        (StatusCode::OK, &json!("mira"))
    );
    on_stalls(&house, "retirement", 1, "mira")
        .await
        .problem(409, "not-in-force");

    // No new file is judged under it, not even one that names it.
    let after = house.run("filename=two.csv", file(31..=35)).await;
    assert_eq!(after["verdict"]["contract"]["name"], "sales");
    assert_eq!(after["status"], "held");
    let named = house
        .post("filename=three.csv&contract=stalls", file(36..=40))
        .await;
    named.problem(400, "invalid-request");
    let all = house.get("/api/v1/contracts").await.json();
    assert_eq!(all["contracts"].as_array().unwrap().len(), 1);
    // Whoever asks for all has those that are not in force, as their page does.
    let only = stalls().replacen("\"stalls\"", "\"fairs\"", 1);
    draft(&house, "mira", only).await;
    let all = house.get("/api/v1/contracts?all=true").await.json();
    let all = all["contracts"].as_array().unwrap();
    let listed: Vec<_> = all.iter().map(|it| (&it["name"], &it["state"])).collect();
    let expected = [
        ("sales", "in-force"),
        ("stalls", "retired"),
        ("fairs", "draft"),
    ];
    assert_eq!(
        listed,
        expected
            .map(|it| (json!(it.0), json!(it.1)))
            .each_ref()
            .map(|it| (&it.0, &it.1))
    );
    assert_eq!(
        (&all[1]["retired"]["by"], &all[1]["contract"]["name"]),
        (&json!("mira"), &json!("stalls"))
    );
    let page = house.page("/controls").await.text();
    assert!(
        page.contains("Drafts alone") && page.contains(">fairs<"),
        "{page}"
    );
    house
        .get("/api/v1/contracts?all=maybe")
        .await
        .problem(400, "invalid-request");
    // Runs of the past keep it, and what is corrected in them is judged under it.
    let kept = house
        .get(&format!(
            "/api/v1/runs/{}/contract.json",
            before["id"].as_str().unwrap()
        ))
        .await;
    assert_eq!(kept.json()["name"], "stalls");
    let replay = format!(
        "/api/v1/runs/{}/replay-check",
        before["id"].as_str().unwrap()
    );
    assert_eq!(
        act(&house, &replay, "mira", "").await.json()["outcome"],
        "agrees"
    );
    let path = format!(
        "/api/v1/runs/{}/exceptions/1/corrections",
        open["id"].as_str().unwrap()
    );
    let corrected = json!({"version": 1, "cells": {"region": "North"}}).to_string();
    assert_eq!(
        act(&house, &path, "mira", corrected).await.json()["state"],
        "corrected"
    );

    let history = house.get("/api/v1/contracts/stalls/versions").await.json();
    assert_eq!(
        (&history["in_force"], &history["retired"]["number"]),
        (&Value::Null, &json!(1))
    );
    let page = house.page("/controls/contracts/stalls").await.text();
    for says in ["Retired", "as agreed", "Bring it back"] {
        assert!(page.contains(says), "{says}: {page}");
    }
    assert!(house.page("/controls").await.text().contains("Retired"));

    let fields = form_urlencoded(&[("workspace", "main"), ("number", "1"), ("reason", "again")]);
    let request = Request::post("/controls/contracts/stalls/return")
        .header("content-type", "application/x-www-form-urlencoded");
    let back = house.send(request.body(Body::from(fields)).unwrap()).await;
    assert_eq!(
        back.header("location"),
        "/controls/contracts/stalls?done=returned"
    );
    let again = house.run("filename=four.csv", file(41..=45)).await;
    assert_eq!(again["verdict"]["contract"]["name"], "stalls");
    let page = house.page("/controls/contracts/stalls").await.text();
    assert!(
        page.contains("Retire this contract") && !page.contains("Bring it back"),
        "{page}"
    );
    let shipped = house.page("/controls/contracts/sales").await.text();
    assert!(!shipped.contains("Retire this contract"));
    let coverage = house.get("/api/v1/audit/coverage").await.json();
    assert_eq!(coverage["missing"], json!([]));
    house.verify("main").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn where_two_are_needed_lists_proposals_and_what_is_retired_wait_for_the_second() {
    let folder = tempfile::tempdir().unwrap();
    let shelf = Shelf::new(Contracts::shipped(), Approval::SecondPerson);
    let house = House::under(folder.path(), 1 << 20, shelf).await;
    // A change of a list, by its small form and by its file.
    let edit =
        json!({"edit": "add-synonym", "value": "North", "synonym": "Nort", "reason": "often"});
    let lists = "/api/v1/contracts/sales/lists/regions";
    let made = act(&house, &format!("{lists}/edits"), "mira", edit.to_string()).await;
    assert_eq!(
        (made.status, &made.json()["state"]),
        (StatusCode::CREATED, &json!("draft"))
    );
    let file = orders(1..=20).replace("ORD-1,2026-01-15,North", "ORD-1,2026-01-15,Nort");
    let still = house.run("filename=a.csv", file.clone()).await;
    assert_eq!(still["rows_exceptions"], 1);
    decide(&house, 1, "adoption", "mira")
        .await
        .problem(403, "second-person-needed");
    let page = act_form(
        &house,
        "/lists",
        "mira",
        &[
            ("contract", "sales"),
            ("list", "regions"),
            ("edit", "add-value"),
            ("value", "Islands"),
        ],
    )
    .await;
    assert!(
        page.header("location")
            .ends_with("?did=add-value&version=2&state=draft"),
        "{}",
        page.header("location")
    );
    let told = house.page(page.header("location")).await.text();
    assert!(told.contains("second person"), "{told}");
    assert_eq!(
        decide(&house, 1, "adoption", "ravi").await.status,
        StatusCode::OK
    );
    let now = house
        .run(
            "filename=a.csv&again=true&workspace=main",
            file.replace("ORD-", "NEW-"),
        )
        .await;
    assert_eq!(now["rows_exceptions"], 0, "{now}");
    let csv = house.get(&format!("{lists}/entries.csv")).await.text();
    let longer = format!("{csv}Islands,\r\n");
    let made = act(&house, &format!("{lists}/entries.csv"), "ravi", longer).await;
    assert_eq!(made.json()["state"], "draft");
    decide(&house, 3, "adoption", "ravi")
        .await
        .problem(403, "second-person-needed");
    assert_eq!(
        decide(&house, 3, "adoption", "mira").await.status,
        StatusCode::OK
    );

    // What Keep on Check makes of a proposal is a draft, and its file is held to nothing of it meanwhile.
    draft(&house, "mira", stalls()).await;
    on_stalls(&house, "adoption", 1, "mira")
        .await
        .problem(403, "second-person-needed");
    let stall = house
        .run("filename=s.csv", orders(1..=5).replace("order_id", "stall"))
        .await;
    assert_eq!(stall["status"], "held");
    assert_eq!(
        on_stalls(&house, "adoption", 1, "ravi").await.status,
        StatusCode::OK
    );
    // Nothing comes in force by whoever drafted it, be it for the second time.
    assert_eq!(
        on_stalls(&house, "retirement", 1, "mira").await.status,
        StatusCode::OK
    );
    on_stalls(&house, "return", 1, "mira")
        .await
        .problem(403, "second-person-needed");
    assert_eq!(
        on_stalls(&house, "return", 1, "ravi").await.status,
        StatusCode::OK
    );
}

async fn act_form(house: &House, path: &str, who: &str, fields: &[(&str, &str)]) -> Answer {
    let request = Request::post(path)
        .header("content-type", "application/x-www-form-urlencoded")
        .header("accept", "text/html")
        .header("x-tarazu-actor", who);
    let sent = form_urlencoded(fields);
    house.send(request.body(Body::from(sent)).unwrap()).await
}

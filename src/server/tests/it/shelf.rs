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
fn with_minimum(version: &str, minimum: &str) -> String {
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
        .header("content-type", "application/x-www-form-urlencoded");
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

//! Contracts that people put in force: what files are judged under, and who may.

use crate::house::{Answer, House, orders};
use axum::{
    body::Body,
    http::{Request, StatusCode},
};
use engine::contract::{Contract, odcs, sales};
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
    // Going back is a draft there too.
    let back = decide(&house, 0, "restoration", "ravi").await;
    assert_eq!(
        (back.status, &back.json()["state"]),
        (StatusCode::CREATED, &json!("draft"))
    );
    let alone = decide(&house, 2, "adoption", "ravi").await;
    alone.problem(403, "second-person-needed");
    assert_eq!(decide(&house, 2, "adoption", "mira").await.status, 200);
}

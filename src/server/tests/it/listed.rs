//! What pages show and scripts ask for too: findings in an order, the catalogue, what came newly between two files, and
//! what sales rest on, and runs by kind.

use crate::{
    desk::Desk,
    house::{House, orders, sample},
};
use model::{
    id::{RunId, WorkspaceId},
    run::RunKind,
};
use serde_json::{Value, json};
use std::collections::BTreeSet;

#[tokio::test(flavor = "multi_thread")]
async fn findings_are_listed_in_the_order_that_is_asked_for() {
    let house = House::new().await;
    let run = house.run("filename=a.csv", sample(1000, 5).0).await;
    let path = format!("/api/v1/runs/{}/findings", run["id"].as_str().unwrap());
    let all = async |query: &str| -> Vec<Value> {
        let (mut rows, mut after) = (Vec::new(), 0);
        loop {
            let next = format!("{path}?limit=20&after={after}{query}");
            let page = house.get(&next).await.json();
            rows.extend(page["rows"].as_array().unwrap().clone());
            match page["next"].as_u64() {
                Some(next) => after = next,
                None => return rows,
            }
        }
    };
    let mut expected = all("").await;
    assert!(expected.len() > 60);
    assert_eq!(all("&sort=record").await, expected);
    expected.reverse();
    assert_eq!(all("&sort=last").await, expected);
    expected.reverse();
    let mut by_category = expected.clone();
    by_category.sort_by_key(|it| it["category"].as_str().unwrap_or("~").to_owned());
    assert_eq!(all("&sort=category").await, by_category);
    let money = |it: &Value| -> f64 {
        let text = it["money"].as_str();
        text.map_or(0.0, |it| it.parse().unwrap())
    };
    expected.sort_by(|a, b| money(b).total_cmp(&money(a)));
    assert_eq!(all("&sort=money").await, expected);
    let errors = all("&sort=money&severity=error").await;
    expected.retain(|it| !it["category"].is_null());
    assert_eq!(errors, expected);
    house
        .get(&format!("{path}?sort=size"))
        .await
        .problem(400, "invalid-request");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_catalogue_has_every_control_with_its_page() {
    let house = House::new().await;
    let found = house.get("/api/v1/controls").await.json();
    let expected = serde_json::to_value(engine::catalogue::pages()).unwrap();
    assert_eq!(found, json!({ "controls": expected }));
    let codes = found["controls"].as_array().unwrap().iter();
    let codes: Vec<&str> = codes.map(|it| it["code"].as_str().unwrap()).collect();
    assert!(codes.is_sorted() && codes.contains(&"VAL06"), "{codes:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_new_between_two_files_is_told() {
    let house = House::new().await;
    let none = house.get("/api/v1/quality/pairs").await.json();
    assert_eq!(none, json!({ "pairs": [] }));
    let file = |key: &str, region: &str| {
        let header = "order_id,order_date,region,product,quantity,revenue";
        let row =
            |it: u32, region: &str| format!("{key}{it},2026-01-15,{region},Milk 1L,1,10.00\n");
        let sound: String = (3..=30).map(|it| row(it, "North")).collect();
        format!("{header}\n{}{}{sound}", row(1, "Atlantis"), row(2, region))
    };
    let id = |run: &Value| run["id"].as_str().unwrap().to_owned();
    let before = id(&house.run("filename=a.csv", file("A", "North")).await);
    let now = id(&house.run("filename=b.csv", file("B", "Utopia")).await);
    let pairs = house.get("/api/v1/quality/pairs").await.json();
    let pair = json!({ "contract": "sales", "now": now, "before": before });
    assert_eq!(pairs, json!({ "pairs": [pair] }));
    let long_ago = house.get("/api/v1/quality/pairs?to=2020-01-01").await;
    assert_eq!(long_ago.json(), json!({ "pairs": [] }));
    let unknowns = async |before: &str, now: &str| {
        let path = format!("/api/v1/quality/unknowns?before={before}&now={now}");
        house.get(&path).await
    };
    let found = unknowns(&before, &now).await.json();
    assert_eq!(found["is_part"], false);
    let [value] = found["values"].as_array().unwrap().as_slice() else {
        panic!("{found}");
    };
    assert_eq!(
        (&value["column"], &value["value"]),
        (&json!("region"), &json!("Utopia"))
    );
    let rows = [&value["accepted"], &value["exceptions"]].map(|it| it.as_u64().unwrap());
    assert_eq!(rows.iter().sum::<u64>(), 1);
    assert_eq!(unknowns(&now, &now).await.json()["values"], json!([]));
    let nobody = RunId::from_u128(7).to_string();
    for answer in [
        unknowns(&nobody, &now).await,
        unknowns(&before, &nobody).await,
    ] {
        answer.problem(404, "not-found");
    }
    let path = format!("/api/v1/quality/unknowns?before={before}&now={now}&workspace=other");
    house.get(&path).await.problem(404, "not-found");
    house
        .get("/api/v1/quality/unknowns")
        .await
        .problem(400, "invalid-request");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_sales_rest_on_and_what_they_are_filtered_by_is_told() {
    let house = House::new().await;
    let run = house.run("filename=a.csv", orders(1..=10)).await;
    house.run("filename=b.csv", sample(200, 3).0).await;
    let basis = house.get("/api/v1/sales/basis").await.json();
    assert_eq!(
        (&basis["runs"], &basis["rows_read"]),
        (&json!(2), &json!(210))
    );
    assert_eq!(basis["rows_left"], basis["open_rows"]);
    assert_eq!(basis["worst"][0]["file_name"], "b.csv");
    let id = run["id"].as_str().unwrap();
    let of_one = house
        .get(&format!("/api/v1/sales/basis?run={id}"))
        .await
        .json();
    assert_eq!(
        (&of_one["runs"], &of_one["rows_left"]),
        (&json!(1), &json!(0))
    );
    // What it knows nothing of is no part of its document, and nothing that it reads.
    let document = house.get("/api/v1/openapi.json").await.json();
    let taken = |path: &str| -> BTreeSet<String> {
        let all = &document["paths"][path]["get"]["parameters"];
        let all = all.as_array().unwrap().iter();
        all.map(|it| it["name"].as_str().unwrap().to_owned())
            .collect()
    };
    let (of_sales, of_basis) = (taken("/api/v1/sales"), taken("/api/v1/sales/basis"));
    let more: Vec<_> = of_sales.difference(&of_basis).collect();
    assert_eq!(more, ["against", "by"]);
    assert!(of_basis.is_subset(&of_sales));
    let nothing = "by=planet&against=nobody";
    let sales = house.get(&format!("/api/v1/sales?{nothing}")).await;
    sales.problem(400, "invalid-request");
    let basis_by = house.get(&format!("/api/v1/sales/basis?{nothing}")).await;
    basis_by.problem(400, "invalid-request");
    let choices = house.get("/api/v1/sales/choices").await.json();
    let texts = |name: &str| -> Vec<&str> {
        let all = choices[name].as_array().unwrap().iter();
        all.map(|it| it.as_str().unwrap()).collect()
    };
    assert!(texts("regions").contains(&"North"), "{choices}");
    assert!(texts("products").contains(&"Milk 1L"), "{choices}");
    let runs = choices["runs"].as_array().unwrap();
    assert_eq!(runs.len(), 2);
    assert_eq!(runs[1], json!({ "id": id, "file_name": "a.csv" }));
}

#[tokio::test(flavor = "multi_thread")]
async fn runs_of_files_are_listed_apart_from_those_of_corrections() {
    let desk = Desk::new().await;
    let alone = desk.house.page("/runs").await.text();
    assert!(!alone.contains("kind=correction"), "{alone}");
    let path = format!("/api/v1/runs/{}/exceptions", desk.runs[0]);
    for record in [2, 3, 5] {
        let body = json!({ "version": 1, "cells": { "region": "North" } });
        let path = format!("{path}/{record}/corrections");
        assert_eq!(desk.post(&path, &body).await.status, 200);
    }
    for (query, runs) in [("", 5), ("?kind=file", 2), ("?kind=correction", 3)] {
        let list = desk.get(&format!("/api/v1/runs{query}")).await;
        let listed = list["runs"].as_array().unwrap();
        assert_eq!(listed.len(), runs, "{query}");
        assert_eq!(
            (&list["files"], &list["corrections"]),
            (&json!(2), &json!(3))
        );
        let kind = query.trim_start_matches("?kind=");
        assert!(
            listed
                .iter()
                .all(|it| kind.is_empty() || it["kind"] == kind)
        );
    }
    let unknown = desk.house.get("/api/v1/runs?kind=files").await;
    unknown.problem(400, "invalid-request");

    let lines = |page: &str| page.matches("<th scope=\"row\">").count();
    let files = desk.house.page("/runs").await.text();
    assert_eq!(lines(&files), 2);
    for part in ["2 files", "href=\"/runs?kind=correction\"", "3 corrections"] {
        assert!(files.contains(part), "{part}: {files}");
    }
    let corrections = desk.house.page("/runs?kind=correction").await.text();
    assert_eq!(lines(&corrections), 3);
    assert_eq!(corrections.matches("a.csv (corrections)").count(), 3);

    let (main, store) = (WorkspaceId::main(), &desk.house.store);
    let (mut seen, mut before) = (Vec::new(), None);
    loop {
        let kind = Some(RunKind::Correction);
        let page = store.runs(&main, kind, before.as_ref(), 2).await.unwrap();
        seen.extend(page.runs.into_iter().map(|it| it.id));
        before = page.next;
        if before.is_none() {
            break;
        }
    }
    assert_eq!(seen.len(), 3);
    assert!(seen.is_sorted_by(|a, b| a > b));
}

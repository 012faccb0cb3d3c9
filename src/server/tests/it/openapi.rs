//! The document of the API: it is about this router, and about all of it.

use crate::house::House;
use axum::{body::Body, http::Request};
use serde_json::Value;
use std::collections::BTreeSet;

const METHODS: [&str; 5] = ["get", "post", "put", "patch", "delete"];

async fn document(house: &House) -> Value {
    let answer = house.get("/api/v1/openapi.json").await;
    assert_eq!(answer.status, 200);
    answer.json()
}

/// Method and path of every operation in the document, with what it says.
fn operations(document: &Value) -> Vec<(String, String, Value)> {
    let paths = document["paths"].as_object().unwrap();
    let all = paths.iter().flat_map(|(path, item)| {
        let item = item.as_object().unwrap().iter();
        item.map(move |(method, it)| (method.clone(), path.clone(), it.clone()))
    });
    all.collect()
}

/// Method and path of every route, as the router's page shows them.
fn routes() -> BTreeSet<(String, String)> {
    let page = include_str!("../../router.rs");
    let mut found = BTreeSet::new();
    for route in page.split(".route(").skip(1) {
        let path = route.split('"').nth(1).unwrap();
        let handlers = route.split_once(".merge(").map_or(route, |it| it.0);
        let methods = METHODS.iter();
        let methods = methods.filter(|it| handlers.contains(&format!("{it}(")));
        found.extend(methods.map(|it| ((*it).to_owned(), path.to_owned())));
    }
    found
}

#[tokio::test(flavor = "multi_thread")]
async fn every_route_of_the_api_is_in_the_document_and_the_reverse() {
    let house = House::new().await;
    let document = document(&house).await;
    let operations = operations(&document);
    let stated: BTreeSet<(String, String)> = operations
        .iter()
        .map(|(method, path, _)| (method.clone(), path.clone()))
        .collect();
    let mut routes = routes();
    routes.retain(|(_, path)| path.starts_with("/api/v1"));
    assert_eq!(stated, routes);
    for (method, path, _) in operations {
        let path = path
            .replace("{id}", "run_0")
            .replace("{record}", "1")
            .replace("{name}", "sales")
            .replace("{number}", "1")
            .replace("{list}", "regions")
            .replace("{digest}", "0");
        let request = Request::builder()
            .method(method.to_uppercase().as_str())
            .uri(&path);
        let answer = house.send(request.body(Body::empty()).unwrap()).await;
        assert_ne!(answer.status, 405, "{method} {path}");
        assert!(
            !answer.text().contains("No such address"),
            "{method} {path}"
        );
    }
}

/// What a form of a page does without scripts, and the operation of the API that does the same.
const FORMS: [(&str, &[&str]); 8] = [
    ("/check", &["/api/v1/runs"]),
    (
        "/controls/contracts/{name}/{act}",
        &[
            "/api/v1/contracts/drafts",
            "/api/v1/contracts/{name}/versions/{number}/adoption",
            "/api/v1/contracts/{name}/versions/{number}/discard",
            "/api/v1/contracts/{name}/versions/{number}/restoration",
            "/api/v1/contracts/{name}/versions/{number}/retirement",
            "/api/v1/contracts/{name}/versions/{number}/return",
        ],
    ),
    (
        "/lists/file",
        &["/api/v1/contracts/{name}/lists/{list}/entries.csv"],
    ),
    ("/lists", &["/api/v1/contracts/{name}/lists/{list}/edits"]),
    (
        "/exceptions",
        &[
            "/api/v1/exceptions/bulk",
            "/api/v1/runs/{id}/exceptions/{record}/corrections",
            "/api/v1/runs/{id}/exceptions/{record}/waivers",
            "/api/v1/runs/{id}/exceptions/{record}/rejections",
            "/api/v1/runs/{id}/exceptions/{record}/assignment",
            "/api/v1/runs/{id}/exceptions/{record}/comments",
            "/api/v1/runs/{id}/exceptions/{record}/reopen",
            "/api/v1/runs/{id}/exceptions/{record}/settlement",
            "/api/v1/runs/{id}/exceptions/{record}/replay",
        ],
    ),
    ("/runs/{id}/withdrawal", &["/api/v1/runs/{id}/withdrawal"]),
    ("/runs/{id}/release", &["/api/v1/runs/{id}/release"]),
    ("/runs/{id}/replay", &["/api/v1/runs/{id}/replay-check"]),
];

#[tokio::test(flavor = "multi_thread")]
async fn whatever_a_form_of_a_page_does_a_program_can_do() {
    let house = House::new().await;
    let operations = operations(&document(&house).await);
    // How pages are shown is the reader's own, and kept in the browser.
    let forms = routes().into_iter().filter(|(method, path)| {
        method == "post" && !path.starts_with("/api/") && path != "/display"
    });
    let forms: BTreeSet<String> = forms.map(|it| it.1).collect();
    assert_eq!(forms, FORMS.map(|it| it.0.to_owned()).into());
    for path in FORMS.iter().flat_map(|it| it.1) {
        let has = operations
            .iter()
            .any(|(method, it, _)| method == "post" && it == path);
        assert!(has, "{path}");
    }
}

/// What the pages ask of the server, and the operations of the API that say the same to a program.
const ASKED: [(&str, &[&str]); 30] = [
    ("runs", &["get /api/v1/runs"]),
    ("run", &["get /api/v1/runs/{id}"]),
    ("flagged", &["get /api/v1/runs/{id}/findings"]),
    ("exception", &["get /api/v1/runs/{id}/exceptions/{record}"]),
    ("exceptions", &["get /api/v1/exceptions"]),
    ("exception_overview", &["get /api/v1/exceptions/overview"]),
    ("quality", &["get /api/v1/quality"]),
    ("contract_pairs", &["get /api/v1/quality/pairs"]),
    ("new_unknowns", &["get /api/v1/quality/unknowns"]),
    ("open_exceptions", &["get /api/v1/exceptions/overview"]),
    ("preview", &["post /api/v1/exceptions/preview"]),
    ("figures", &["get /api/v1/sales"]),
    ("difference", &["get /api/v1/runs/{id}/difference"]),
    ("sales", &["get /api/v1/sales"]),
    ("basis", &["get /api/v1/sales/basis"]),
    ("choices", &["get /api/v1/sales/choices"]),
    ("rows", &["get /api/v1/rows"]),
    ("search", &["get /api/v1/search"]),
    ("run_lineage", &["get /api/v1/runs/{id}/lineage"]),
    ("row", &["get /api/v1/runs/{id}/rows/{record}/lineage"]),
    ("entries", &["get /api/v1/audit/entries"]),
    ("coverage", &["get /api/v1/audit/coverage"]),
    ("contracts", &["get /api/v1/contracts"]),
    // Files that a draft is tried on are runs like any others.
    (
        "contract",
        &[
            "get /api/v1/contracts/{name}/versions",
            "get /api/v1/contracts/{name}/versions/{number}/contract.json",
            "get /api/v1/contracts/{name}/versions/{number}/contract.yaml",
            "get /api/v1/contracts/{name}/versions/{number}/difference",
            "get /api/v1/runs",
        ],
    ),
    (
        "contract_of",
        &[
            "get /api/v1/runs/{id}/contract.json",
            "get /api/v1/contracts/{name}/versions",
        ],
    ),
    ("skus", &["get /api/v1/contracts"]),
    ("list", &["get /api/v1/contracts/{name}/lists/{list}"]),
    (
        "proposed_synonyms",
        &[
            "get /api/v1/contracts",
            "get /api/v1/contracts/{name}/lists/{list}",
        ],
    ),
    ("catalogue", &["get /api/v1/controls"]),
    // Pages know periods by names such as this month; a program says its days.
    ("calendar", &[]),
];

#[tokio::test(flavor = "multi_thread")]
async fn whatever_a_page_knows_a_program_can_ask() {
    let house = House::new().await;
    let operations = operations(&document(&house).await);
    let page = include_str!("../../../app/backend.rs");
    let (_, asked) = page.split_once("pub trait Backend").unwrap();
    let (asked, _) = asked.split_once("\n}\n").unwrap();
    let asked = asked.split("fn ").skip(1);
    let asked: BTreeSet<&str> = asked.map(|it| it.split_once('(').unwrap().0).collect();
    assert_eq!(asked, ASKED.map(|it| it.0).into());
    let operations = operations
        .iter()
        .map(|(method, path, _)| format!("{method} {path}"));
    let operations: BTreeSet<String> = operations.collect();
    for operation in ASKED.iter().flat_map(|it| it.1) {
        assert!(operations.contains(*operation), "{operation}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_misspelt_filter_is_refused_and_not_answered_with_everything() {
    let house = House::new().await;
    let refused = house.get("/api/v1/exceptions?stat=new").await;
    let problem = refused.problem(400, "invalid-request");
    let detail = problem["detail"].as_str().unwrap();
    assert!(
        detail.contains("no parameter `stat`") && detail.contains("state"),
        "{detail}"
    );
    for (method, path, _) in operations(&document(&house).await) {
        let path = path.replace(['{', '}'], "");
        let request = Request::builder()
            .method(method.to_uppercase().as_str())
            .uri(format!("{path}?stat=new"));
        let answer = house.send(request.body(Body::empty()).unwrap()).await;
        answer.problem(400, "invalid-request");
    }
    // Pages ignore what they do not know: what others append to a link must not break it.
    assert_eq!(house.get("/sales?utm_source=mail").await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn every_operation_says_what_it_takes_and_gives_and_that_errors_are_problems() {
    let house = House::new().await;
    let document = document(&house).await;
    assert!(document["openapi"].as_str().unwrap().starts_with("3.1"));
    let mut names = BTreeSet::new();
    for (method, path, it) in operations(&document) {
        let whose = format!("{method} {path}");
        assert!(
            names.insert(it["operationId"].as_str().unwrap().to_owned()),
            "{whose}"
        );
        assert!(!it["summary"].as_str().unwrap().is_empty(), "{whose}");
        let may_take = ["post", "patch"].contains(&method.as_str());
        assert!(may_take || it["requestBody"].is_null(), "{whose}");
        let parameters = it["parameters"].as_array().into_iter().flatten();
        let stated: BTreeSet<&str> = parameters
            .filter(|it| it["in"] == "path")
            .map(|it| it["name"].as_str().unwrap())
            .collect();
        let named: BTreeSet<&str> = path.split(['{', '}']).skip(1).step_by(2).collect();
        assert_eq!(stated, named, "{whose}");
        for (status, response) in it["responses"].as_object().unwrap() {
            let none = serde_json::Map::new();
            let content = response["content"].as_object().unwrap_or(&none);
            if status.starts_with('2') {
                assert_ne!(content.is_empty(), status != "204", "{whose}");
            } else {
                let problem = &content["application/problem+json"]["schema"]["$ref"];
                assert_eq!(problem, "#/components/schemas/Problem", "{whose}");
            }
        }
        assert!(it["responses"]["500"].is_object(), "{whose}");
    }
}

/// A schema's name stands for one type: of two that share one, the document would tell of the later for both.
#[tokio::test(flavor = "multi_thread")]
async fn what_acts_take_is_told_of_these_acts() {
    let house = House::new().await;
    let document = document(&house).await;
    for (act, fields) in [
        ("corrections", &["cells", "reason", "row", "version"][..]),
        ("waivers", &["reason", "version"]),
        ("rejections", &["reason", "version"]),
        ("assignment", &["assignee", "version"]),
        ("comments", &["text", "version"]),
        ("reopen", &["reason", "version"]),
        ("settlement", &["cells", "reason", "settlement", "version"]),
        ("replay", &["version"]),
    ] {
        let path = format!("/api/v1/runs/{{id}}/exceptions/{{record}}/{act}");
        let body = &document["paths"][&path]["post"]["requestBody"];
        let schema = body["content"]["application/json"]["schema"]["$ref"].as_str();
        let schema = document.pointer(schema.unwrap().strip_prefix('#').unwrap());
        let told = schema.unwrap()["properties"].as_object().unwrap();
        let told: Vec<&str> = told.keys().map(String::as_str).collect();
        assert_eq!(told, fields, "{act}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_reference_leads_somewhere() {
    fn references<'d>(value: &'d Value, found: &mut BTreeSet<&'d str>) {
        match value {
            Value::Object(fields) => {
                for (name, value) in fields {
                    if name == "$ref" {
                        found.insert(value.as_str().unwrap());
                    }
                    references(value, found);
                }
            }
            Value::Array(values) => values.iter().for_each(|it| references(it, found)),
            _ => {}
        }
    }
    let house = House::new().await;
    let document = document(&house).await;
    let mut found = BTreeSet::new();
    references(&document, &mut found);
    assert!(found.len() > 30);
    for reference in found {
        let place = reference.strip_prefix('#').unwrap();
        assert!(document.pointer(place).is_some(), "{reference}");
    }
}

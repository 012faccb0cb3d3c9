//! A steward's desk, for the tests of what is seen and done there.

use crate::house::{Answer, House};
use axum::{body::Body, http::Request};
use serde_json::{Value, json};

pub(crate) const HEADER: &str = "order_id,order_date,region,product,quantity,revenue";

/// Three rows say a region that nobody knows, one says none, one is below zero, one has no date and no amount.
pub(crate) const FIRST: &str = "A1,2026-01-15,North,Milk 1L,1,10.00\nA2,2026-01-15,Nort,Milk 1L,1,20.00\n\
    A3,2026-01-15,Nort,Milk 1L,1,30.00\nA4,2026-01-15, Nort ,Milk 1L,1,-40.00\nA5,2026-01-15,,Milk 1L,1,50.00\n\
    A6,2026-01-15,south,Milk 1L,1,-60.00\nA7,soon,East,Milk 1L,1,much\nA8,2026-01-15,West,Milk 1L,1,80.00\n\
    A9,2026-01-15,West,Milk 1L,1,80.00\nA10,2026-01-15,West,Milk 1L,1,80.00\nA11,2026-01-15,West,Milk 1L,1,1.00\n\
    A12,2026-01-15,West,Milk 1L,1,1.00\n";

/// Two more of those, and one whose key the first file holds.
const SECOND: &str = "B1,2026-01-16,Nort,Milk 1L,1,5.00\nA1,2026-01-16,North,Milk 1L,1,6.00\n\
    B3,2026-01-16,Nort,Milk 1L,1,7.00\nB4,2026-01-16,North,Milk 1L,1,8.00\nB5,2026-01-16,North,Milk 1L,1,8.00\n\
    B6,2026-01-16,North,Milk 1L,1,8.00\n";

/// Where a steward works: two files are in.
pub(crate) struct Desk {
    pub(crate) house: House,
    pub(crate) runs: [String; 2],
}

impl Desk {
    pub(crate) async fn new() -> Self {
        Self::of(House::new().await).await
    }

    pub(crate) async fn of(house: House) -> Self {
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

    pub(crate) async fn get(&self, path: &str) -> Value {
        let answer = self.house.get(path).await;
        assert_eq!(answer.status, 200, "{path}: {}", answer.text());
        answer.json()
    }

    pub(crate) async fn post(&self, path: &str, body: &Value) -> Answer {
        let request = Request::post(path).header("x-tarazu-actor", "asha");
        let body = Body::from(body.to_string());
        self.house.send(request.body(body).unwrap()).await
    }

    pub(crate) async fn bulk(&self, filter: Value, act: Value) -> Value {
        let body = json!({ "filter": filter, "act": act });
        let answer = self.post("/api/v1/exceptions/bulk", &body).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        answer.json()
    }

    pub(crate) async fn preview(&self, filter: Value, act: Value) -> Value {
        let body = json!({ "filter": filter, "act": act });
        let answer = self.post("/api/v1/exceptions/preview", &body).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        answer.json()
    }

    /// Sends a plain form, and gives the address that the browser is sent on to.
    pub(crate) async fn form(&self, fields: &str) -> String {
        let answer = self.sent(fields).await;
        assert_eq!(answer.status, 303, "{}", answer.text());
        answer.header("location").to_owned()
    }

    pub(crate) async fn sent(&self, fields: &str) -> Answer {
        let request = Request::post("/exceptions")
            .header("content-type", "application/x-www-form-urlencoded")
            .header("accept", "text/html");
        let body = Body::from(format!("workspace=main&{fields}"));
        self.house.send(request.body(body).unwrap()).await
    }

    /// Runs and records of a list, page by page.
    pub(crate) async fn places(&self, query: &str) -> Vec<(String, u64)> {
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

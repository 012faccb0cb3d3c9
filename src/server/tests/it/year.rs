//! A year of files, taken in by the ordinary ways: 24 runs from February 2025 to January 2026, of which one is still held,
//! one was released, one withdrawn, one replaced, and of whose exceptions some were corrected and rejected.

use crate::house::House;
use axum::{
    body::Body,
    http::{Request, header::CONTENT_TYPE},
};
use serde_json::{Value, json};

pub(crate) const RUNS: u64 = 24;
pub(crate) const HELD: u64 = 9;
pub(crate) const WITHDRAWN: u64 = 12;
const RELEASED: u64 = 5;
const REPLACED: u64 = 15;
const MENDED: u64 = 3;
const ROWS: u64 = 120;

const REGIONS: [&str; 5] = ["North", "South", "East", "West", "Central"];
/// The last one is in no list of products, and so of the category Other.
const PRODUCTS: [&str; 12] = [
    "Tomato Ketchup 500g",
    "Chili Sauce 250g",
    "Soy Sauce 200ml",
    "Dal Tadka Ready Meal",
    "Paneer Curry Ready Meal",
    "Milk 1L",
    "Yogurt 500g",
    "Namkeen Mix 100g",
    "Potato Chips 50g",
    "Cola 500ml",
    "Mango Juice 1L",
    "Gift Hamper",
];

pub(crate) struct Year {
    /// The runs of the files that were handed in first, in their order.
    pub(crate) runs: Vec<Value>,
    /// The run that took the place of another.
    pub(crate) replacing: Value,
}

impl Year {
    pub(crate) async fn of(house: &House) -> Self {
        let mut runs = Vec::new();
        for run in 0..RUNS {
            let admission = match run {
                HELD | RELEASED => "after-confirmation",
                _ => "passing",
            };
            let query = format!("filename=half-{run:02}.csv&admission={admission}");
            runs.push(house.run(&query, file(run)).await);
        }
        let id = |run: u64| {
            let place = usize::try_from(run).unwrap();
            runs[place]["id"].as_str().unwrap().to_owned()
        };
        let reason = json!({ "reason": "as the year had it" });
        let released = act(house, &format!("runs/{}/release", id(RELEASED)), &reason).await;
        let released = house.settled(&released).await;
        assert_eq!(released["status"], "complete");
        act(
            house,
            &format!("runs/{}/withdrawal", id(WITHDRAWN)),
            &reason,
        )
        .await;

        let mended = file(REPLACED).replace(",Milk 1L,", ",Yogurt 500g,");
        let query = format!("filename=half-15-again.csv&replaces={}", id(REPLACED));
        let replacing = house.run(&query, mended).await;
        assert_eq!(replacing["status"], "complete", "{replacing}");

        // A blank region, an unreadable date that moves to another month, and a row left out for good.
        let exceptions = format!("runs/{}/exceptions", id(MENDED));
        for (record, what, cells) in [
            (17, "corrections", json!({ "region": "West" })),
            (23, "corrections", json!({ "order_date": "2025-09-07" })),
            (29, "rejections", Value::Null),
        ] {
            let body = json!({ "version": 1, "cells": cells, "reason": "the shop told us" });
            let acted = act(house, &format!("{exceptions}/{record}/{what}"), &body).await;
            let state = acted["state"].as_str().unwrap();
            assert!(matches!(state, "corrected" | "rejected"), "{acted}");
        }
        Self { runs, replacing }
    }
}

async fn act(house: &House, path: &str, body: &Value) -> Value {
    let mut body = body.clone();
    if body["cells"].is_null()
        && let Some(fields) = body.as_object_mut()
    {
        fields.remove("cells");
    }
    let request = Request::post(format!("/api/v1/{path}"))
        .header(CONTENT_TYPE, "application/json")
        .header("x-tarazu-actor", "asha")
        .body(Body::from(body.to_string()));
    let answer = house.send(request.unwrap()).await;
    assert!(answer.status.is_success(), "{path}: {}", answer.text());
    answer.json()
}

/// Half a month each: the first to the 14th, or the 15th to the 28th, so that no file tells of the days after it.
fn file(run: u64) -> String {
    let (year, month) = match run / 2 + 2 {
        13 => (2026, 1),
        month => (2025, month),
    };
    let mut text = "order_id,order_date,region,product,quantity,revenue\n".to_owned();
    for row in 1..=ROWS {
        let draw = drawn(run * 1_000 + row);
        let day = 1 + 14 * (run % 2) + draw % 14;
        let date = format!("{year}-{month:02}-{day:02}");
        let key = match row {
            // Held by the run before.
            31 if run > 0 => format!("Y{:02}-0030", run - 1),
            _ => format!("Y{run:02}-{row:04}"),
        };
        let date = if row == 23 { "invalid_date" } else { &date };
        let region = match row {
            17 | 71 => "",
            _ => pick(&REGIONS, draw / 14),
        };
        let product = pick(&PRODUCTS, draw / 70);
        let paise = 1_000 + draw % 250_000 + run * 500;
        let sign = if row == 29 { "-" } else { "" };
        let (rupees, paise) = (paise / 100, paise % 100);
        let quantity = 1 + draw % 9;
        text.push_str(&format!(
            "{key},{date},{region},{product},{quantity},{sign}{rupees}.{paise:02}\n"
        ));
    }
    text
}

/// A number that looks drawn and is always the same.
fn drawn(seed: u64) -> u64 {
    let mixed = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    (mixed ^ (mixed >> 29)).wrapping_mul(0xbf58_476d_1ce4_e5b9) >> 24
}

fn pick(list: &[&'static str], at: u64) -> &'static str {
    list[usize::try_from(at).unwrap() % list.len()]
}

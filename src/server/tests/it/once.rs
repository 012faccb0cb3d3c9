//! Requests that bear a key.

use crate::{
    exceptions::Life,
    house::{Form, House, orders},
};
use axum::{
    body::{Body, Bytes},
    http::{Request, header::CONTENT_TYPE},
};
use engine::contract;
use futures::{StreamExt, channel::mpsc, stream};
use serde_json::json;
use std::convert::Infallible;

fn post(key: &str, query: &str, body: impl Into<Body>) -> Request<Body> {
    let request = Request::post(format!("/api/v1/runs?{query}")).header("idempotency-key", key);
    request.body(body.into()).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_request_under_the_same_key_is_answered_again_and_not_done_again() {
    let house = House::new().await;
    let query = "filename=a.csv&again=true";
    let first = house.send(post("a-1", query, orders(1..=3))).await;
    assert_eq!(first.status, 202);
    house.settled(&first.json()).await;
    // Quoted, as the draft has it.
    let again = house.send(post("\"a-1\"", query, orders(1..=3))).await;
    assert_eq!(again.status, 202);
    assert_eq!(again.header("idempotency-replayed"), "true");
    assert_eq!(again.header("location"), first.header("location"));
    assert_eq!(again.body, first.body);
    assert_eq!(house.runs("main").await.len(), 1);
    let other = house.send(post("a-2", query, orders(1..=3))).await;
    assert_eq!(other.header("idempotency-replayed"), "");
    house.settled(&other.json()).await;
    assert_eq!(house.runs("main").await.len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_is_done_under_a_key_is_done_once() {
    let life = Life::new().await;
    let run = &life.run;
    let mut draft = contract::sales().clone();
    draft.version = "9.0.0".into();
    let acts = [
        (
            format!("/api/v1/runs/{run}/exceptions/2/corrections"),
            json!({ "version": 1, "cells": { "region": "East" } }).to_string(),
        ),
        (
            "/api/v1/exceptions/bulk".to_owned(),
            json!({
                "filter": { "run": run, "code": "VAL06" },
                "act": { "act": "waive", "reason": "a return" }
            })
            .to_string(),
        ),
        ("/api/v1/contracts/drafts".to_owned(), draft.canonical()),
        (
            "/api/v1/contracts/sales/versions/1/discard".to_owned(),
            json!({ "reason": "no" }).to_string(),
        ),
        ("/api/v1/uploads".to_owned(), String::new()),
        (format!("/api/v1/runs/{run}/replay-check"), String::new()),
        (
            format!("/api/v1/runs/{run}/withdrawal"),
            json!({ "reason": "the wrong month" }).to_string(),
        ),
    ];
    for (number, (path, body)) in acts.into_iter().enumerate() {
        let send = async || {
            let request = Request::post(&path)
                .header("idempotency-key", number)
                .header("tus-resumable", "1.0.0")
                .header("upload-length", "10")
                .header("upload-metadata", "filename YS5jc3Y=");
            life.house
                .send(request.body(body.clone().into()).unwrap())
                .await
        };
        let first = send().await;
        assert!(first.status.is_success(), "{path}: {}", first.text());
        let entries = life.house.log("main").await.len();
        let again = send().await;
        assert_eq!(
            (again.status, &again.body, again.header("location")),
            (first.status, &first.body, first.header("location")),
            "{path}"
        );
        assert_eq!(again.header("idempotency-replayed"), "true", "{path}");
        assert_eq!(life.house.log("main").await.len(), entries, "{path}");
    }
    life.house.verify("main").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn another_request_under_the_same_key_is_refused() {
    let house = House::new().await;
    let first = house.send(post("k", "filename=a.csv", orders(1..=3))).await;
    house.settled(&first.json()).await;
    for (query, file) in [
        ("filename=a.csv", orders(1..=4)),
        ("filename=b.csv", orders(1..=3)),
    ] {
        let answer = house.send(post("k", query, file)).await;
        answer.problem(422, "key-reused");
    }
    assert_eq!(house.runs("main").await.len(), 1);
    // Keys of another workspace are others.
    let elsewhere = post("k", "filename=a.csv&workspace=b", orders(1..=4));
    let elsewhere = house.send(elsewhere).await;
    assert_eq!(elsewhere.status, 202);
    house.settled(&elsewhere.json()).await;
    for wrong in ["", "a b", "\"a\"b\"", &"x".repeat(256)] {
        let answer = house.send(post(wrong, "", orders(1..=1))).await;
        answer.problem(400, "invalid-request");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_form_is_known_again_though_its_boundary_is_another() {
    let house = House::new().await;
    let file = orders(1..=3);
    let form = Form::default()
        .field("note", "--edge it is not")
        .file("a.csv", file.as_bytes());
    let send = |edge: &str| {
        let body = String::from_utf8(form.body()).unwrap();
        let body = body.replace("--edge\r\n", &format!("--{edge}\r\n"));
        let body = body.replace("--edge--\r\n", &format!("--{edge}--\r\n"));
        let kind = format!("multipart/form-data; boundary={edge}");
        let request = Request::post("/api/v1/runs?again=true")
            .header(CONTENT_TYPE, kind)
            .header("idempotency-key", "form");
        request.body(Body::from(body)).unwrap()
    };
    let first = house.send(send("first-edge")).await;
    assert_eq!(first.status, 202, "{}", first.text());
    house.settled(&first.json()).await;
    let again = house.send(send("a-second-edge")).await;
    assert_eq!(again.body, first.body);
    assert_eq!(house.runs("main").await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn while_the_first_is_being_done_the_second_is_told_to_wait() {
    let house = House::new().await;
    let (begun, has_begun) = tokio::sync::oneshot::channel();
    let (mut more, rest) = mpsc::unbounded::<Bytes>();
    let mut begun = Some(begun);
    let head = stream::once(async move {
        // Polled by the handler alone, so the key is claimed by now.
        begun.take().unwrap().send(()).unwrap();
        Bytes::from(orders(1..=1))
    });
    let body = Body::from_stream(head.chain(rest).map(Ok::<_, Infallible>));
    let first = house.send(post("two", "filename=a.csv", body));
    let second = async {
        has_begun.await.unwrap();
        let second = post("two", "filename=a.csv", orders(1..=1));
        let answer = house.send(second).await;
        answer.problem(409, "request-going-on");
        more.start_send(Bytes::from("ORD-2,2026-01-15,North,Milk 1L,2,240.50\n"))
            .unwrap();
        drop(more);
    };
    let (first, ()) = tokio::join!(first, second);
    assert_eq!(first.status, 202, "{}", first.text());
    house.settled(&first.json()).await;
    assert_eq!(house.runs("main").await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_at_once_one_is_done() {
    let house = House::new().await;
    let all = (0..8).map(|_| house.send(post("many", "again=1", orders(1..=3))));
    let all = futures::future::join_all(all).await;
    let done = all.iter().find(|it| it.status == 202).unwrap();
    for answer in &all {
        match answer.status.as_u16() {
            202 => assert_eq!(answer.json()["id"], done.json()["id"]),
            _ => drop(answer.problem(409, "request-going-on")),
        }
    }
    house.settled(&done.json()).await;
    assert_eq!(house.runs("main").await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_refused_may_be_sent_again_mended() {
    let house = House::new().await;
    let wrong = house.send(post("k", "contract=no", orders(1..=3))).await;
    wrong.problem(400, "invalid-request");
    let mended = house.send(post("k", "", orders(1..=3))).await;
    assert_eq!(mended.status, 202);
    house.settled(&mended.json()).await;
}

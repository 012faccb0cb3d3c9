//! What a browser may be made to send, and what answers carry.

use crate::house::{House, orders};
use axum::{body::Body, http::Request};

#[tokio::test(flavor = "multi_thread")]
async fn a_post_from_another_site_is_refused() {
    let house = House::new().await;
    let post = |headers: &[(&str, &str)]| {
        let request = Request::post("/api/v1/runs?filename=a.csv").header("host", "localhost:3000");
        let request = headers
            .iter()
            .fold(request, |it, (name, value)| it.header(*name, *value));
        request.body(Body::from(orders(1..=1))).unwrap()
    };
    for headers in [
        [("origin", "http://evil.example")].as_slice(),
        &[("origin", "null")],
        &[("sec-fetch-site", "cross-site")],
        &[
            ("sec-fetch-site", "same-site"),
            ("origin", "http://localhost:3000"),
        ],
    ] {
        house.send(post(headers)).await.problem(403, "other-site");
    }
    assert!(house.runs("main").await.is_empty());
    let own = house.send(post(&[("sec-fetch-site", "same-origin")])).await;
    assert_eq!(own.status, 202);
    assert_eq!(own.json()["way"], "browser");
    assert!(own.header("x-request-id").starts_with("req_"));
    assert!(
        own.header("content-security-policy")
            .contains("frame-ancestors 'none'")
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn other_methods_are_told_so() {
    let house = House::new().await;
    let delete = Request::delete("/api/v1/runs").body(Body::empty()).unwrap();
    let answer = house.send(delete).await;
    answer.problem(405, "method-not-allowed");
    let mut allowed: Vec<&str> = answer.header("allow").split(',').collect();
    allowed.sort_unstable();
    assert_eq!(allowed, ["GET", "HEAD", "POST"]);
    let back = house.get("/check").await;
    assert_eq!((back.status.as_u16(), back.header("location")), (303, "/"));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_that_is_no_text_is_a_problem_as_any_other() {
    let house = House::new().await;
    for (path, status, kind) in [
        ("/api/v1/digests/%FF", 400, "invalid-request"),
        ("/api/v1/audit/entries/%FF", 404, "not-found"),
        ("/api/v1/runs/%FF/rows/1/lineage", 404, "not-found"),
        ("/api/v1/runs/run_0/rows/%FF/lineage", 404, "not-found"),
        ("/api/v1/runs/%FF", 404, "not-found"),
        ("/api/v1/runs/%FF/exceptions/1", 404, "not-found"),
        ("/api/v1/uploads/%FF", 404, "not-found"),
        ("/api/v1/contracts/%FF/versions", 404, "not-found"),
        ("/api/v1/contracts/%FF/versions/1", 404, "not-found"),
    ] {
        house.get(path).await.problem(status, kind);
    }
    let form = Request::post("/controls/contracts/%FF/draft")
        .header("content-type", "application/x-www-form-urlencoded");
    let answer = house.send(form.body(Body::from("number=1")).unwrap()).await;
    answer.problem(404, "not-found");
}

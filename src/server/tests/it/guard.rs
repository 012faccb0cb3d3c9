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

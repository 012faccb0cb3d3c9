//! The ledger as a list: through the API and on the pages, a workspace at a time.

use crate::house::{House, orders};

#[tokio::test(flavor = "multi_thread")]
async fn the_ledger_is_listed_page_by_page_and_told_in_all() {
    let house = House::new().await;
    let first = house.run("filename=january.csv", orders(1..=10)).await;
    house.run("filename=february.csv", orders(11..=13)).await;
    let id = first["id"].as_str().unwrap();

    let mut keys = Vec::new();
    let mut after = String::new();
    loop {
        let path = format!("/api/v1/rows?sort=key&direction=ascending&limit=4{after}");
        let page = house.get(&path).await.json();
        assert_eq!(page["total"]["rows"], 13);
        let rows = page["rows"].as_array().unwrap();
        keys.extend(rows.iter().map(|it| it["key"].as_str().unwrap().to_owned()));
        let Some(next) = page["next"].as_str() else {
            break;
        };
        after = format!("&after={next}");
    }
    let mut sorted = keys.clone();
    sorted.sort();
    sorted.dedup();
    assert_eq!((keys.len(), &keys), (13, &sorted));

    let page = house
        .get(&format!(
            "/api/v1/rows?run={id}&sort=arrival&direction=ascending"
        ))
        .await
        .json();
    let row = &page["rows"][0];
    assert_eq!(
        (&row["key"], &row["line"], &row["file_name"], &row["state"]),
        (
            &"ORD-1".into(),
            &2.into(),
            &"january.csv".into(),
            &"counting".into()
        )
    );
    let found = house.get("/api/v1/rows?key=ORD-1").await.json();
    assert_eq!(found["rows"].as_array().unwrap().len(), 5);
    assert_eq!(found["total"], serde_json::Value::Null);
    for wrong in [
        "after=x",
        "limit=0",
        "state=gone",
        "sort=price",
        "from=today",
    ] {
        assert_eq!(
            house.get(&format!("/api/v1/rows?{wrong}")).await.status,
            400,
            "{wrong}"
        );
    }

    let page = house.page("/rows?key=ORD-12").await.text();
    assert!(
        page.contains("ORD-12") && !page.contains("ORD-11<"),
        "{page}"
    );
    // A SKU is the list's where the list knows the product; the page says which rows it shows.
    let milk = house
        .get("/api/v1/rows?sku=SKU-MLK-1L&limit=1")
        .await
        .json();
    assert_eq!(milk["total"]["rows"], 13);
    assert_eq!(milk["rows"][0]["sku"], "SKU-MLK-1L");
    for none in ["SKU-MLK", "Not+stated"] {
        let rows = house.get(&format!("/api/v1/rows?sku={none}")).await.json();
        assert_eq!(rows["total"]["rows"], 0, "{none}");
    }
    let page = house.page("/rows?sku=SKU-MLK-1L").await.text();
    assert!(
        page.contains("<option value=\"SKU-MLK-1L\" selected>")
            && page.contains("/api/v1/rows.csv?workspace=main&amp;sku=SKU-MLK-1L")
    );
    let page = house.page("/rows?region=Nowhere").await.text();
    assert!(page.contains("No row answers all of these filters."));
    let page = house.page(&format!("/runs/{id}/rows/1")).await.text();
    for words in [
        "ORD-1",
        "january.csv",
        "order_id",
        "row_key",
        "SHA-256",
        "CMP01",
    ] {
        assert!(page.contains(words), "{words}");
    }
    let path = format!("/runs/{id}/rows/9999999999999999999");
    assert_eq!(house.page(&path).await.status, 404);
    assert_eq!(
        house.page(&format!("/runs/{id}/rows/999")).await.status,
        404
    );

    // The search tells where a key is and why, and finds runs by name, id and digest.
    let again = house.run("filename=march.csv", orders(10..=14)).await;
    let hits = house.get("/api/v1/search?q=ORD-10").await.json();
    assert_eq!(hits["rows"][0]["run"], *id);
    assert_eq!(hits["exceptions"][0]["run"], again["id"]);
    assert_eq!(hits["exceptions"][0]["findings"][0]["code"], "UNQ02");
    let page = house.page("/search?q=ORD-10").await.text();
    assert!(
        page.contains("In the ledger")
            && page.contains("An open exception")
            && page.contains("UNQ02")
    );
    let page = house.page("/search?q=ORD-").await.text();
    for words in ["These begin with it", "<code>ORD-10</code>", "key=ORD-\""] {
        assert!(page.contains(words), "{words}: {page}");
    }
    let page = house.page("/search?q=ORDERS-").await.text();
    assert!(page.contains("Nothing found for <strong>ORDERS-</strong>"));
    assert!(!page.contains("key=ORDERS-"), "{page}");
    let sha256 = first["file_sha256"].as_str().unwrap();
    let blake3 = first["file_digest"].as_str().unwrap();
    for (text, by) in [
        (id, "id"),
        (&id[..14], "id"),
        ("JANUARY", "file_name"),
        (sha256, "sha256"),
        (&sha256[..9], "sha256"),
        (&blake3[..9], "blake3"),
    ] {
        let hits = house.get(&format!("/api/v1/search?q={text}")).await.json();
        let found = hits["runs"].as_array().unwrap();
        let found = found.iter().find(|it| it["run"]["id"] == *id).unwrap();
        assert_eq!(found["by"], by, "{text}");
        let other = house
            .get(&format!("/api/v1/search?workspace=other&q={text}"))
            .await
            .json();
        assert_eq!(other["runs"], serde_json::json!([]), "{text}");
    }
    for text in ["", "%25", "ORD-", "abcdef"] {
        let hits = house.get(&format!("/api/v1/search?q={text}")).await.json();
        assert_eq!(
            (&hits["rows"], &hits["runs"]),
            (&serde_json::json!([]), &serde_json::json!([])),
            "{text}"
        );
    }
    let other = house
        .get("/api/v1/search?workspace=other&q=ORD-10")
        .await
        .json();
    assert_eq!(
        (&other["rows"], &other["exceptions"]),
        (&serde_json::json!([]), &serde_json::json!([]))
    );

    // Nothing of it is seen from another workspace.
    let other = house.get("/api/v1/rows?workspace=other").await.json();
    assert_eq!(other["rows"], serde_json::json!([]));
    assert_eq!(
        house
            .get(&format!("/api/v1/rows?workspace=other&run={id}"))
            .await
            .status,
        404
    );
    assert_eq!(
        house
            .page(&format!("/w/other/runs/{id}/rows/1"))
            .await
            .status,
        404
    );

    // What was withdrawn is told apart, with why.
    let withdrawn = axum::http::Request::post(format!("/api/v1/runs/{id}/withdrawal"))
        .header("content-type", "application/json")
        .body(axum::body::Body::from(r#"{"reason": "sent twice"}"#))
        .unwrap();
    assert!(house.send(withdrawn).await.status.is_success());
    let page = house.get("/api/v1/rows").await.json();
    assert_eq!(page["total"]["rows"], 4);
    let page = house.get("/api/v1/rows?state=withdrawn").await.json();
    assert_eq!(page["rows"].as_array().unwrap().len(), 10);
    assert_eq!(page["rows"][0]["withdrawn_because"], "sent twice");
    let page = house.page("/rows?state=withdrawn").await.text();
    assert!(page.contains("sent twice"));
    let csv = house
        .get("/api/v1/rows.csv?state=withdrawn&key=ORD-10")
        .await
        .text();
    assert_eq!(csv.lines().count(), 2);
}

//! A fixed export that comes back, and what of it fails still.

use crate::exceptions::{Life, entered, replays};
use serde_json::json;

#[tokio::test(flavor = "multi_thread")]
async fn a_fixed_export_resolves_the_exceptions_that_it_names() {
    let life = Life::new().await;
    let path = format!("/api/v1/runs/{}/exceptions.csv", life.run);
    let export = life.text(&path).await;
    let fixed = export.replace("A2,2026-01-15,,", "A2,2026-01-15,East,");
    let fixed = fixed.replace(",-30.00,", ",30.00,");
    let run = life.house.run("filename=fixed.csv", fixed).await;
    assert_eq!(run["status"], "complete", "{}", run["reason"]);
    assert_eq!(
        (&run["kind"], &run["origin"]),
        (&json!("correction"), &json!(life.run))
    );
    for (record, state) in [
        (2, "resolved"),
        (3, "resolved"),
        (4, "rejected"),
        (5, "rejected"),
    ] {
        assert_eq!(life.get(record).await["state"], state, "{record}");
    }
    let resolved = life.get(2).await;
    assert_eq!(entered(&resolved), run["id"].as_str().unwrap());
    assert_eq!(resolved["history"][0]["event"], "returned");
    assert_eq!(life.figures().await, [0, 2, 2]);
    let events = life.house.events("main").await;
    assert!(events.contains(&"exception.returned".to_owned()));
    replays(&life, run["id"].as_str().unwrap()).await;
    life.house.verify("main").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_of_an_export_that_fail_again_are_open_once_where_they_came_last() {
    let mut life = Life::new().await;
    let first = life.run.clone();
    let path = format!("/api/v1/runs/{first}/exceptions.csv");
    let export = life.text(&path).await;
    // Three of four fail still, which holds any other file.
    let fixed = export.replace("A2,2026-01-15,,", "A2,2026-01-15,East,");
    let run = life.house.run("filename=some.csv", fixed).await;
    assert_eq!(run["status"], "complete", "{}", run["reason"]);
    let second = run["id"].as_str().unwrap().to_owned();
    let open = life.house.get("/api/v1/exceptions?state=new").await.json();
    let open = open["exceptions"].as_array().unwrap().iter();
    assert_eq!(
        open.map(|it| &it["run"]).collect::<Vec<_>>(),
        [&json!(second); 3]
    );
    let moved = life.get(3).await["history"][0].clone();
    assert_eq!(
        (&moved["event"], &moved["state"]),
        (&json!("returned"), &json!("rejected"))
    );
    let reason = moved["reason"].as_str().unwrap();
    assert!(
        reason.contains("some.csv") && reason.contains(&second),
        "{reason}"
    );
    assert_eq!(life.figures().await, [0, 1, 3]);

    // The next export names the run that they stand in now.
    let export = life
        .text(&format!("/api/v1/runs/{second}/exceptions.csv"))
        .await;
    let run = life
        .house
        .run("filename=more.csv", export.replace(",-30.00,", ",30.00,"))
        .await;
    assert_eq!(
        (&run["kind"], &run["origin"]),
        (&json!("correction"), &json!(second))
    );
    assert_eq!(life.figures().await, [0, 1, 3]);
    life.run = second;
    assert_eq!(life.figures().await, [0, 1, 2]);

    // With the first file go all that came of it.
    let path = format!("/api/v1/runs/{first}/withdrawal");
    let gone = life
        .post_as("asha", &path, &json!({ "reason": "wrong month" }))
        .await;
    assert_eq!(gone.status, 200, "{}", gone.text());
    let left = life.house.get("/api/v1/exceptions?state=new").await.json();
    assert_eq!(left["exceptions"], json!([]));
    life.house.verify("main").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn exports_hold_what_was_put_right_before() {
    let life = Life::new().await;
    let fix = json!({ "cells": { "product": "Cola 500ml" } });
    let fixed = life.done(2, "corrections", fix).await;
    assert_eq!(
        (&fixed["state"], &fixed["cells"][3]),
        (&json!("new"), &json!("Cola 500ml"))
    );
    let whole = json!({ "row": ["A5", "2026-01-15", "Westt", "Milk 1L", "1", "50.00"] });
    assert_eq!(life.done(5, "corrections", whole).await["state"], "new");
    let own = life
        .text(&format!("/api/v1/runs/{}/exceptions.csv", life.run))
        .await;
    let all = life
        .text(&format!("/api/v1/exceptions.csv?run={}", life.run))
        .await;
    for (export, expected) in [
        (
            &own,
            [
                "A2,2026-01-15,,Cola 500ml,1,20.00,",
                "A5,2026-01-15,Westt,Milk 1L,1,50.00,",
            ],
        ),
        (
            &all,
            ["A2,2026-01-15,,Cola 500ml,", "A5,2026-01-15,Westt,Milk 1L,"],
        ),
    ] {
        for row in expected {
            assert!(export.contains(row), "{row}\n{export}");
        }
        let line = |key: &str| export.lines().find(|it| it.starts_with(key)).unwrap();
        assert!(line("A2,").contains(",product,"), "{export}");
        assert!(
            line("A5,").contains("VAL05") && !line("A5,").contains("SCH04"),
            "{export}"
        );
    }
    let back = own
        .replace("A2,2026-01-15,,", "A2,2026-01-15,East,")
        .replace("Westt", "West");
    let run = life.house.run("filename=back.csv", back).await;
    assert_eq!(run["verdict"]["rows"]["accepted"], 2, "{}", run["verdict"]);
    let rows = life
        .text(&format!(
            "/api/v1/rows.csv?run={}",
            run["id"].as_str().unwrap()
        ))
        .await;
    assert!(rows.contains("Cola 500ml"), "{rows}");
    life.house.verify("main").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_row_that_is_opened_again_is_as_it_came() {
    let life = Life::new().await;
    let before = life.get(2).await;
    let fix = json!({ "cells": { "region": "West" } });
    assert_eq!(life.done(2, "corrections", fix).await["state"], "corrected");
    let again = life.done(2, "reopen", json!({ "reason": "wrong" })).await;
    assert_eq!(again["state"], "reopened");
    for part in ["cells", "findings"] {
        assert_eq!(again[part], before[part], "{part}");
    }
    let done = life.bulk(json!({}), json!({ "act": "replay" })).await;
    assert_eq!(done["entered"], 0, "{done}");
    let export = life
        .text(&format!("/api/v1/runs/{}/exceptions.csv", life.run))
        .await;
    assert!(export.contains("A2,2026-01-15,,Milk 1L"), "{export}");
    assert_eq!(life.get(2).await["history"].as_array().unwrap().len(), 2);
    life.house.verify("main").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_dealt_with_before_an_export_came_back_is_no_work_anew() {
    let life = Life::new().await;
    let fix = json!({ "cells": { "region": "West" } });
    assert_eq!(life.done(2, "corrections", fix).await["state"], "corrected");
    for (record, reason) in [(3, "a refund"), (4, "twice")] {
        life.done(record, "rejections", json!({ "reason": reason }))
            .await;
    }
    let path = format!("/api/v1/runs/{}/exceptions.csv", life.run);
    let export = life.text(&path).await.replace(",-30.00,", ",30.00,");
    let run = life.house.run("filename=all.csv", export).await;
    assert_eq!(run["status"], "complete", "{}", run["reason"]);
    let id = run["id"].as_str().unwrap();
    // The first is in the ledger, the second is put right after all, the third stays left out; the last fails still.
    for (record, state) in [
        (2, "corrected"),
        (3, "resolved"),
        (4, "rejected"),
        (5, "rejected"),
    ] {
        assert_eq!(life.get(record).await["state"], state, "{record}");
    }
    assert_eq!(life.figures().await, [0, 2, 2]);
    let path = format!("/api/v1/runs/{id}/exceptions.csv");
    let export = life.text(&path).await;
    let line = |key: &str| export.lines().find(|it| it.starts_with(key)).unwrap();
    for key in ["A2,", "A1,"] {
        assert!(line(key).contains(",rejected,"), "{export}");
    }
    let open = life.house.get("/api/v1/exceptions?state=new").await.json();
    let open: Vec<_> = open["exceptions"].as_array().unwrap().iter().collect();
    assert_eq!(open.len(), 1, "{open:?}");
    assert_eq!(open[0]["run"], id);
    life.house.verify("main").await;
}

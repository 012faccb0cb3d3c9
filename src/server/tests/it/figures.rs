//! The figures of a real file, where it is at hand.

use crate::{command::tarazu, house::House, places::not_run};
use serde_json::Value;
use std::{fs, path::PathBuf};

fn check(verdict: &Value) {
    let (rows, money) = (&verdict["rows"], &verdict["money"]);
    assert_eq!(
        (&rows["read"], &rows["accepted"], &rows["exceptions"]),
        (&5000.into(), &4376.into(), &624.into())
    );
    assert_eq!(money["read"], "31918684.29");
    assert_eq!(money["accepted"], "28786763.77");
    assert_eq!(money["exceptions"], "3131920.52");
    assert_eq!(money["unreadable_rows"], 0);
    assert_eq!(verdict["exception_rate"], "0.124800");
    let failed = |code: &str| {
        let controls = verdict["controls"].as_array().unwrap();
        controls.iter().find(|it| it["code"] == code).unwrap()["failed"]
            .as_u64()
            .unwrap()
    };
    for (code, count) in [
        ("CMP01", 300),
        ("VAL03", 142),
        ("VAL06", 164),
        ("VAL10", 1094),
        ("UNQ01", 83),
    ] {
        assert_eq!(failed(code), count, "{code}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_seed_file_has_the_figures_that_are_known_of_it() {
    // The one place where the tests ask the environment: for data that is no part of the project.
    let Some(folder) = data_folder() else {
        return not_run("TARAZU_TRY_DATA is not set");
    };
    let path = folder.join("seed/sales_data.csv");
    let ended = tarazu(&[
        "check",
        path.to_str().unwrap(),
        "--format",
        "json",
        "--evaluated-at",
        "2026-02-02T00:00:00Z",
    ]);
    assert_eq!(ended.code, 1, "{}", ended.all());
    check(&serde_json::from_str(&ended.out).unwrap());

    let house = House::new().await;
    let bytes = fs::read(&path).unwrap();
    let run = house.run("filename=sales_data.csv", bytes).await;
    assert_eq!(run["status"], "complete");
    assert_eq!(
        run["file_sha256"],
        "32bd251bfdc1953f9b65d73e65cf439eea912ee7d5ada11b3c67a26b4c09a70c"
    );
    check(&run["verdict"]);
    let sales = house
        .store
        .sales(
            &model::id::WorkspaceId::main(),
            &["North", "South", "East", "West", "Central"],
        )
        .await
        .unwrap();
    assert_eq!(
        (sales.rows, sales.units, sales.revenue.to_string().as_str()),
        (4376, 112_785, "28786763.77")
    );
    let regions: Vec<(String, u64, String)> = sales
        .by_region
        .into_iter()
        .map(|it| (it.label, it.rows, it.revenue.to_string()))
        .collect();
    let expected = [
        ("North", 868, "5744103.91"),
        ("South", 883, "5665433.69"),
        ("East", 868, "5848038.56"),
        ("West", 898, "5902468.40"),
        ("Central", 859, "5626719.21"),
    ];
    assert_eq!(
        regions,
        expected.map(|(label, rows, revenue)| (label.to_owned(), rows, revenue.to_owned()))
    );
    house.verify("main").await;
}

#[expect(
    clippy::disallowed_methods,
    reason = "the data folder is named by the environment alone"
)]
fn data_folder() -> Option<PathBuf> {
    std::env::var_os("TARAZU_TRY_DATA").map(PathBuf::from)
}

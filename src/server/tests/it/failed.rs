//! Requests that the server is to blame for.

use crate::{
    house::{House, orders},
    tamper::{drop_trigger, tamper},
};

#[tokio::test(flavor = "multi_thread")]
async fn what_the_server_fails_to_answer_has_its_entry_and_a_wrong_address_has_none() {
    let house = House::new().await;
    let run = house.run("filename=a.csv&workspace=dairy", orders(1..=3));
    let run = run.await["id"].as_str().unwrap().to_owned();
    let coverage = house.get("/api/v1/audit/coverage?workspace=dairy").await;
    let before = house.log("dairy").await.len();
    let spoil = drop_trigger("runs_stay_as_they_ended", "runs") + "UPDATE runs SET verdict = '{'";
    tamper(house.folder(), &spoil).await.unwrap();

    let none = format!("run_{}", "0".repeat(32));
    for path in [
        format!("/api/v1/runs/{none}?workspace=dairy"),
        format!("/pages/run?workspace=dairy&id={none}"),
        format!("/w/dairy/runs/{none}"),
        "/api/v1/runs?workspace=dairy&kind=none".into(),
    ] {
        house.page(&path).await;
    }
    assert_eq!(house.log("dairy").await.len(), before);

    let address = format!("/api/v1/runs/{run}?workspace=dairy");
    let problem = house.get(&address).await.problem(500, "internal");
    let address = format!("/pages/run?workspace=dairy&id={run}");
    let asked = house.get(&address).await;
    let page = house.page(&format!("/w/dairy/runs/{run}")).await;
    assert_eq!((asked.status.as_u16(), page.status.as_u16()), (500, 500));
    let log = house.log("dairy").await;
    let failed = &log[before..];
    let said = |name: &str| -> Vec<&str> {
        let entries = failed.iter();
        entries.map(|it| it.entry.details[name].as_str()).collect()
    };
    assert_eq!(
        said("route"),
        [
            "/api/v1/runs/{id}",
            "/pages/run",
            "/w/{workspace}/runs/{id}"
        ]
    );
    assert_eq!(said("kind"), ["corrupt"; 3]);
    assert_eq!(said("request")[0], problem["request_id"]);
    assert_eq!(said("request")[2], page.header("x-request-id"));
    assert!(failed.iter().all(|it| it.entry.event == "request.failed"));
    let after = house.get("/api/v1/audit/coverage?workspace=dairy").await;
    assert_eq!(coverage.json(), after.json());
    house.verify("dairy").await;
}

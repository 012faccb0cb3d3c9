//! Rows that leave as workbooks, and exports that come back.

use crate::{
    command::tarazu,
    house::{House, sample},
};
use serde_json::Value;
use std::fs;

fn notes(verdict: &Value) -> Vec<&str> {
    let notes = verdict["notes"].as_array().unwrap().iter();
    notes.map(|it| it["name"].as_str().unwrap()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn workbooks_of_a_run_are_judged_as_its_rows_were() {
    let house = House::new().await;
    let (file, _) = sample(3000, 3);
    let run = house.run("filename=april.csv", file).await;
    let id = run["id"].as_str().unwrap();
    for what in ["exceptions", "accepted"] {
        let answer = house.get(&format!("/api/v1/runs/{id}/{what}.xlsx")).await;
        assert!(answer.header("content-type").contains("spreadsheetml"));
        let name = answer.header("content-disposition");
        assert!(name.contains(&format!("april.{what}.xlsx")), "{name}");
        let again = house
            .run(
                &format!("filename={what}.xlsx&workspace={what}"),
                answer.body,
            )
            .await;
        let rows = &again["verdict"]["rows"];
        assert_eq!(rows["read"], run["verdict"]["rows"][what], "{what}");
        // Of rows that repeat a key, the first holds it where its holder is elsewhere.
        let accepted = rows["accepted"].as_u64().unwrap();
        let repeats = run["verdict"]["controls"].as_array().unwrap().iter();
        let repeats: u64 = repeats
            .filter(|it| it["code"] == "UNQ01")
            .map(|it| it["failed"].as_u64().unwrap())
            .sum();
        match what {
            "accepted" => assert_eq!(rows["exceptions"], 0),
            _ => assert!(accepted <= repeats, "{accepted} of {repeats}"),
        }
        assert!(notes(&again["verdict"]).contains(&"returned-export"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_export_that_was_corrected_enters_the_ledger() {
    let house = House::new().await;
    let header = "order_id;order_date;region;product;quantity;revenue";
    let good = "1;2026-01-15;North;Milk 1L;1;10.00\n";
    let file = format!(
        "{header}\n{good}4;2026-01-15;North;Milk 1L;1;10.00\n2;2026-01-15;;Milk 1L;1;10.00\n3;2026-01-15;South;Milk 1L;1;10.00;surplus\n"
    );
    let run = house.run("filename=a.csv", file).await;
    let id = run["id"].as_str().unwrap();
    let exceptions = house
        .get(&format!("/api/v1/runs/{id}/exceptions.csv?bom=1"))
        .await;
    let fixed = exceptions
        .text()
        .replace("15;;Milk", "15;East;Milk")
        .replace(";surplus", "");
    let again = house.run("filename=a.exceptions.csv", fixed).await;
    assert_eq!(again["status"], "complete");
    assert_eq!(
        again["verdict"]["rows"]["accepted"], 2,
        "{}",
        again["verdict"]
    );
    assert!(
        again["verdict"]["file_findings"]
            .as_array()
            .unwrap()
            .is_empty()
    );
}

#[test]
fn check_writes_a_workbook_where_the_name_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let (file, _) = sample(500, 3);
    fs::write(path("a.csv"), file).unwrap();
    let at = ["--evaluated-at", "2026-02-02T12:00:00Z", "--format", "json"];
    let check = |args: &[&str]| tarazu(&[&["check"], args, &at[..]].concat());
    let [exceptions, accepted, csv] = ["e.XLSX", "a.xlsx", "a2.csv"].map(path);
    let first = check(&[
        &path("a.csv"),
        "--exceptions",
        &exceptions,
        "--accepted",
        &accepted,
    ]);
    let first: Value = serde_json::from_str(&first.out).unwrap();
    let again = check(&[&accepted, "--accepted", &csv, "--bom"]);
    assert_eq!(again.code, 0, "{}", again.all());
    let again: Value = serde_json::from_str(&again.out).unwrap();
    assert_eq!(again["rows"]["accepted"], first["rows"]["accepted"]);
    assert_eq!(again["money"]["accepted"], first["money"]["accepted"]);
    assert!(
        fs::read_to_string(&csv)
            .unwrap()
            .starts_with("\u{feff}order_id,")
    );
    let again = check(&[&exceptions]);
    // Most of its rows fail again, which does not hold what was held apart before.
    assert_eq!(again.code, 1, "{}", again.all());
}

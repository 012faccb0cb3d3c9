//! Workbooks: everywhere a CSV goes, and what is kept is the workbook.

use crate::{command::tarazu, house::House};
use serde_json::Value;

const XLSX: &[u8] = include_bytes!("../../../engine/tests/workbooks/orders.xlsx");
const PASSWORD: &[u8] = include_bytes!("../../../engine/tests/workbooks/password.xlsx");

fn notes(verdict: &Value) -> Vec<&str> {
    let notes = verdict["notes"].as_array().unwrap().iter();
    notes.map(|it| it["name"].as_str().unwrap()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_workbook_is_judged_kept_and_given_back() {
    let house = House::new().await;
    let run = house.run("filename=april.xlsx", XLSX).await;
    assert_eq!(run["status"], "complete");
    let verdict = &run["verdict"];
    assert_eq!(verdict["options"]["workbook"]["sheets"][0], "April");
    assert_eq!(
        (&verdict["rows"]["read"], &verdict["rows"]["accepted"]),
        (&5.into(), &3.into())
    );
    assert!(notes(verdict).contains(&"formula-errors"));
    let id = run["id"].as_str().unwrap();
    let query = format!("/api/v1/runs/{id}/findings?severity=error");
    let findings = house.get(&query).await.json();
    // The row that its reader sees in Excel.
    assert_eq!(findings["rows"][0]["line"], 7);

    let raw = house.get(&format!("/api/v1/runs/{id}/file")).await;
    assert_eq!(raw.body, XLSX);
    assert!(raw.header("content-disposition").contains("april.xlsx"));
    let accepted = house.get(&format!("/api/v1/runs/{id}/accepted.csv")).await;
    let accepted = accepted.text();
    assert!(
        accepted.contains("\n001001,2025-04-03,North,Milk 1L,2,100"),
        "{accepted}"
    );
    let exceptions = house
        .get(&format!("/api/v1/runs/{id}/exceptions.csv"))
        .await;
    assert!(
        exceptions
            .text()
            .contains("001004,2025-04-06,West,Milk 1L,1,#N/A")
    );
    let page = house.page(&format!("/runs/{id}")).await.text();
    assert!(page.contains("April"), "{page}");
    // What else could be read of it, and where.
    let proposal = page.split_once("class=\"proposal\"").unwrap().1;
    let proposal = proposal.split_once("</p>").unwrap().0;
    assert!(proposal.contains("as one file"), "{proposal}");
    let check = format!("?run={id}\"");
    assert!(proposal.contains(&check), "{proposal}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_sheet_is_the_senders_choice() {
    let house = House::new().await;
    let may = house.run("filename=a.xlsx&sheet=May", XLSX).await;
    assert_eq!(may["verdict"]["rows"]["read"], 1);
    for both in [
        "choice=%7B%22sheets%22%3A%5B%22April%22%2C%22May%22%5D%7D",
        "sheet=April&sheet=May",
    ] {
        let both = format!("filename=a.xlsx&again=1&{both}");
        let both = house.run(&both, XLSX).await;
        assert_eq!(both["verdict"]["rows"]["read"], 6);
        assert!(notes(&both["verdict"]).contains(&"sheets-as-one"));
    }
    let twice = house.post("filename=a.xlsx&filename=b.xlsx", XLSX).await;
    let twice = twice.problem(400, "invalid-request")["detail"].to_string();
    assert!(twice.contains("`filename` twice"), "{twice}");
    let document = house.get("/api/v1/openapi.json").await.json();
    let said = document["paths"]["/api/v1/runs"]["post"]["parameters"].as_array();
    let sheet = said.unwrap().iter().find(|it| it["name"] == "sheet");
    let schema = sheet.unwrap()["schema"].to_string();
    assert!(schema.contains("array"), "{schema}");
    let none = house.run("filename=a.xlsx&again=1&sheet=June", XLSX).await;
    assert_eq!(none["status"], "held");
    let locked = house.run("filename=b.xlsx", PASSWORD).await;
    assert_eq!(locked["status"], "held");
    let reason = locked["reason"].as_str().unwrap();
    assert!(reason.contains("has a password"), "{reason}");
}

#[tokio::test(flavor = "multi_thread")]
async fn of_several_sheets_pages_and_exports_name_sheet_and_row() {
    let house = House::new().await;
    let run = house
        .run("filename=a.xlsx&sheet=April&sheet=May", XLSX)
        .await;
    let id = run["id"].as_str().unwrap();
    let findings = house
        .get(&format!("/api/v1/runs/{id}/findings?severity=error"))
        .await;
    let row = &findings.json()["rows"][0];
    let place = serde_json::json!({"sheet": "April", "row": 7});
    assert_eq!((&row["line"], &row["sheet_row"]), (&7.into(), &place));
    assert_eq!(row["findings"][0]["sheet_row"], place);
    for (path, told) in [
        (
            format!("/api/v1/runs/{id}/exceptions.csv"),
            ",\"April, row 7\",",
        ),
        (format!("/runs/{id}/exceptions/4"), "April, row 7 of"),
        ("/exceptions".to_owned(), "April, row 7"),
        ("/exceptions?view=grid".to_owned(), "April, row 7"),
        ("/rows".to_owned(), "May, row 2"),
        ("/search?q=001006".to_owned(), "May, row 2"),
        ("/search?q=001004".to_owned(), "April, row 7"),
        (format!("/runs/{id}/rows/6"), "May, row 2 of"),
    ] {
        let page = house.page(&path).await.text();
        assert!(page.contains(told), "{path}: {page}");
    }
    // The row of May is gone from a file of April alone.
    let alone = format!("filename=c.xlsx&sheet=April&replaces={id}&admission=after-confirmation");
    let alone = house.run(&alone, XLSX).await["id"].to_string();
    let alone = alone.trim_matches('"');
    let difference = house.get(&format!("/api/v1/runs/{alone}/difference")).await;
    let gone = &difference.json()["examples"][0];
    let place = serde_json::json!({"sheet": "May", "row": 2});
    assert_eq!(gone["sheet_row_before"], place, "{gone}");
    let page = house.page(&format!("/runs/{alone}")).await.text();
    assert!(page.contains("May, row 2"), "{page}");
    // Nothing of it where a line is the sheet's row as it is.
    let alone = house.run("filename=b.xlsx&again=1", XLSX).await;
    assert!(
        alone["verdict"]["options"]["workbook"]
            .get("first_lines")
            .is_none()
    );
}

#[test]
fn the_command_line_opens_workbooks() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("orders.xlsx");
    std::fs::write(&path, XLSX).unwrap();
    let path = path.to_str().unwrap();
    let at = ["--evaluated-at", "2026-02-02T00:00:00Z"];
    let check = |more: &[&str]| tarazu(&[&["check", path], at.as_slice(), more].concat());
    let report = folder.path().join("report.xml");
    let wanted = format!("junit={}", report.to_str().unwrap());
    let both = check(&["--sheet", "April", "--sheet", "May", "--report", &wanted]);
    let report = std::fs::read_to_string(report).unwrap();
    assert!(report.contains("line 7: April, row 7: "), "{report}");
    assert!(
        both.out.contains("2 sheets are read as one file"),
        "{}",
        both.all()
    );
    let one = check(&[]);
    assert!(
        one.out.contains("Proposed: Read the sheets `April`, `May`"),
        "{}",
        one.all()
    );
    let data = folder.path().join("data");
    let ingested = tarazu(&["ingest", path, "--data-dir", data.to_str().unwrap()]);
    assert_eq!(ingested.code, 0, "{}", ingested.all());
    assert!(
        ingested
            .out
            .contains("5 rows read, 3 accepted, 2 exceptions"),
        "{}",
        ingested.out
    );
}

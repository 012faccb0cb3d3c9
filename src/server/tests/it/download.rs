//! Findings by paging, and downloads.

use crate::house::{House, sample};
use std::collections::BTreeSet;

#[tokio::test(flavor = "multi_thread")]
async fn findings_are_paged_to_their_end_and_are_those_that_were_planted() {
    let house = House::new().await;
    let (file, planted) = sample(5000, 11);
    let run = house.run("filename=a.csv", file).await;
    let id = run["id"].as_str().unwrap();
    let mut found = BTreeSet::new();
    let (mut after, mut pages, mut rows) = (0, 0, 0);
    loop {
        let query = format!("/api/v1/runs/{id}/findings?severity=error&limit=97&after={after}");
        let page = house.get(&query).await.json();
        assert_eq!(page["total"], run["verdict"]["rows"]["exceptions"]);
        for row in page["rows"].as_array().unwrap() {
            rows += 1;
            for finding in row["findings"].as_array().unwrap() {
                if finding["severity"] == "error" {
                    let code = finding["code"].as_str().unwrap().to_owned();
                    found.insert((row["line"].as_u64().unwrap(), code));
                }
            }
        }
        pages += 1;
        match page["next"].as_u64() {
            Some(next) => after = next,
            None => break,
        }
    }
    let planted: BTreeSet<(u64, String)> = planted
        .iter()
        .map(|it| (it.line, it.code.to_owned()))
        .collect();
    assert_eq!(found, planted);
    assert_eq!(run["verdict"]["rows"]["exceptions"], rows);
    assert!(pages > 5);
}

#[tokio::test(flavor = "multi_thread")]
async fn exceptions_and_accepted_rows_together_are_the_file() {
    let house = House::new().await;
    let (file, _) = sample(1000, 3);
    let run = house.run("filename=april%202026.csv", file.clone()).await;
    let id = run["id"].as_str().unwrap();
    let exceptions = house
        .get(&format!("/api/v1/runs/{id}/exceptions.csv?bom=1"))
        .await;
    assert_eq!(
        exceptions.header("content-disposition"),
        "attachment; filename=\"april 2026.exceptions.csv\"; filename*=UTF-8''april%202026.exceptions.csv"
    );
    let text = exceptions.text();
    assert!(text.starts_with("\u{feff}order_id,"));
    let header = text.lines().next().unwrap();
    assert!(header.ends_with(
        ",tarazu_exception,tarazu_run,tarazu_line,tarazu_codes,tarazu_reasons,tarazu_state,tarazu_corrected,tarazu_raw"
    ));
    let rows = run["verdict"]["rows"]["exceptions"].as_u64().unwrap();
    assert_eq!(text.lines().count() as u64, rows + 1);
    assert!(
        text.lines()
            .skip(1)
            .all(|it| it.contains(id) && it.contains(",new,"))
    );

    let accepted = house
        .get(&format!("/api/v1/runs/{id}/accepted.csv"))
        .await
        .text();
    // Behind the file's own cells: the line, and what is said of it.
    let lines: BTreeSet<String> = accepted
        .lines()
        .map(|it| it.split(',').take(6).collect::<Vec<_>>().join(","))
        .collect();
    let header = accepted.lines().next().unwrap();
    assert!(header.ends_with(",tarazu_line,tarazu_codes,tarazu_reasons,tarazu_corrected"));
    let original = String::from_utf8(file).unwrap();
    let failing: BTreeSet<u64> = text
        .lines()
        .skip(1)
        .map(|it| {
            it.split(id)
                .nth(1)
                .unwrap()
                .split(',')
                .nth(1)
                .unwrap()
                .parse()
                .unwrap()
        })
        .collect();
    for (line, row) in (1_u64..).zip(original.lines()) {
        let row = row.split(',').take(6).collect::<Vec<_>>().join(",");
        assert_eq!(
            lines.contains(&row),
            !failing.contains(&line),
            "line {line}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_summary_has_every_control_of_the_contract() {
    let house = House::new().await;
    let (file, _) = sample(500, 3);
    let run = house.run("filename=a.csv", file.clone()).await;
    let id = run["id"].as_str().unwrap();
    let json = house
        .get(&format!("/api/v1/runs/{id}/summary.json"))
        .await
        .json();
    assert_eq!(json, run["verdict"]);
    let csv = house
        .get(&format!("/api/v1/runs/{id}/summary.csv"))
        .await
        .text();
    let controls = json["controls"].as_array().unwrap();
    assert_eq!(csv.lines().count(), controls.len() + 1);
    for control in controls {
        let code = control["code"].as_str().unwrap();
        assert!(csv.lines().any(|it| it.starts_with(code)), "{code}");
    }
    let raw = house.get(&format!("/api/v1/runs/{id}/file")).await;
    assert_eq!(raw.body, file);
    assert_eq!(raw.header("x-content-type-options"), "nosniff");
}

#[tokio::test(flavor = "multi_thread")]
async fn formulas_leave_inert() {
    let house = House::new().await;
    let file = "order_id,order_date,region,product,quantity,revenue,remark\n\
                1,2026-01-15,North,Milk 1L,1,10.00,=1+1\n\
                2,2026-01-15,Nowhere,Milk 1L,1,-10.00,\"@a,b\"\n\
                3,2026-01-15,South,Milk 1L,1,10.00,plain\n";
    let run = house.run("filename=a.csv", file).await;
    let id = run["id"].as_str().unwrap();
    let accepted = house
        .get(&format!("/api/v1/runs/{id}/accepted.csv"))
        .await
        .text();
    assert!(accepted.contains(",10.00,'=1+1,2,,,\r\n"), "{accepted}");
    let exceptions = house
        .get(&format!("/api/v1/runs/{id}/exceptions.csv"))
        .await
        .text();
    assert!(exceptions.contains(",-10.00,\"'@a,b\","), "{exceptions}");
}

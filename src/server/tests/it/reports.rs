//! `tarazu check --report`: what pipelines read. That other programs can read it is tested by `cargo xtask test`.

use crate::command::tarazu;
use serde_json::Value;
use std::{fmt::Write, fs};

const HEADER: &str = "order_id,order_date,region,product,quantity,revenue\n";

/// The three reports of a file with these rows, and of one that is not there.
fn reports(rows: &str) -> (String, Value, Value) {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    fs::write(path("a.csv"), format!("{HEADER}{rows}")).unwrap();
    let wanted = ["junit", "sarif", "frictionless"].map(|it| format!("{it}={}", path(it)));
    let ended = tarazu(&[
        "check",
        &path("a.csv"),
        &path("none.csv"),
        "--evaluated-at",
        "2026-02-02T12:00:00Z",
        "--report",
        &wanted[0],
        "--report",
        &wanted[1],
        "--report",
        &wanted[2],
    ]);
    assert_eq!(ended.code, 2, "{}", ended.all());
    let read = |name: &str| fs::read_to_string(path(name)).unwrap();
    let json = |name: &str| serde_json::from_str(&read(name)).unwrap();
    (read("junit"), json("sarif"), json("frictionless"))
}

#[test]
fn reports_name_controls_lines_and_files_that_could_not_be_judged() {
    let rows =
        "1,2026-01-05,North,Milk 1L,0,5.00\n2,soon,North,\"<Milk> & \u{1}\",1,5.00\n3,2026-01-05\n";
    let (junit, sarif, frictionless) = reports(rows);
    for part in [
        "name=\"VAL06 below-minimum\"",
        "type=\"error\">line 2: `0` in `quantity` is not above 0; correct it\n",
        "line 3: `&lt;Milk&gt; &amp; \u{fffd}`",
        "name=\"UNQ02 key-already-in-ledger\"",
        "<skipped message=\"needs the ledger",
        "name=\"exception_rate &lt; 5.00 %\"",
        "none.csv\" tests=\"1\" failures=\"0\" errors=\"1\"",
    ] {
        assert!(junit.contains(part), "{part} in {junit}");
    }
    let run = &sarif["runs"][0];
    let results = run["results"].as_array().unwrap();
    let places = results.iter().map(|it| {
        let region = &it["locations"][0]["physicalLocation"]["region"];
        (
            it["ruleId"].as_str().unwrap(),
            region["startLine"].as_u64().unwrap(),
        )
    });
    let expected = [("VAL06", 2), ("VAL03", 3), ("REF01", 3), ("SCH04", 4)];
    assert_eq!(places.collect::<Vec<_>>(), expected);
    for result in results {
        let rule = result["ruleIndex"].as_u64().unwrap();
        let rule = &run["tool"]["driver"]["rules"][usize::try_from(rule).unwrap()];
        assert_eq!(rule["id"], result["ruleId"]);
        assert!(
            rule["help"]["markdown"]
                .as_str()
                .unwrap()
                .contains("## What it checks")
        );
    }
    let told = &run["invocations"][0];
    assert_eq!(told["executionSuccessful"], false);
    assert!(
        told["toolExecutionNotifications"][0]["message"]["text"]
            .as_str()
            .unwrap()
            .contains("none.csv")
    );

    let task = &frictionless["tasks"][0];
    assert_eq!(
        (&task["valid"], &task["stats"]["errors"]),
        (&false.into(), &3.into())
    );
    let errors = task["errors"].as_array().unwrap();
    let errors: Vec<(&str, &Value, &Value)> = errors
        .iter()
        .map(|it| {
            (
                it["type"].as_str().unwrap(),
                &it["rowNumber"],
                &it["fieldName"],
            )
        })
        .collect();
    assert_eq!(
        errors[0],
        ("constraint-error", &2.into(), &"quantity".into())
    );
    assert_eq!(errors[1], ("type-error", &3.into(), &"order_date".into()));
    assert_eq!(errors[2].0, "missing-cell");
    assert_eq!(
        frictionless["tasks"][1]["errors"][0]["type"],
        "source-error"
    );
}

#[test]
fn a_report_that_does_not_name_everything_says_so() {
    let mut rows = String::new();
    for id in 0..21_000 {
        writeln!(rows, "{id},2026-01-05,North,Milk 1L,0,5.00").unwrap();
    }
    rows.push_str("x,2026-01-05,Nowhere,Milk 1L,1,5.00\n");
    let (junit, sarif, frictionless) = reports(&rows);
    assert!(junit.contains("and 20,980 more"), "{junit}");
    let run = &sarif["runs"][0];
    let results = run["results"].as_array().unwrap();
    // The 20,000 first ones, and what no other finding has told of.
    assert_eq!(results.len(), 20_001);
    assert_eq!(results[20_000]["ruleId"], "VAL05");
    let says = "20001 of the 21001 findings in";
    let told = run["invocations"][0]["toolExecutionNotifications"].to_string();
    assert!(told.contains(says), "{told}");
    assert!(
        frictionless["tasks"][0]["warnings"]
            .to_string()
            .contains(says)
    );
    assert_eq!(frictionless["tasks"][0]["stats"]["errors"], 21_001);
}

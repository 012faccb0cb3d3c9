//! What a tolerance decides, and what it does not.

use engine::{Moment, contract::Contract, judge, source::Memory};
use model::{
    control::Status,
    options::{Choice, ControlTotals},
    verdict::Verdict,
};
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test;

fn judged(controls: &str, csv: &str, totals: ControlTotals) -> Verdict {
    let contract = Contract::from_json(&format!(
        r#"{{"name": "t", "version": "1", "key": ["id"], "money": "price", "columns": [{{"name": "id", "type": "identifier"}},
            {{"name": "n", "type": "whole"}}, {{"name": "price", "type": "amount"}}], "controls": {controls}}}"#
    ));
    let moment = Moment::parse("2026-02-02T12:00:00Z").unwrap();
    let choice = Choice {
        totals,
        ..Choice::default()
    };
    judge(&Memory(csv.as_bytes()), &contract.unwrap(), &choice, moment)
        .unwrap()
        .verdict
}

/// Status, failed and tolerated of the first control, and the rows accepted.
#[track_caller]
fn check(controls: &str, csv: &str, expected: (Status, u64, u64, u64)) {
    let verdict = judged(controls, csv, ControlTotals::default());
    let control = &verdict.controls[0];
    let found = (
        control.status,
        control.failed,
        control.tolerated,
        verdict.rows.accepted,
    );
    assert_eq!(found, expected, "{controls}");
}

const TWO_BLANK_ROWS: &str = "id,n,price\na,,\nb,1,\nc,1,1\nd,1,1\n";

#[cfg_attr(not(target_arch = "wasm32"), test)]
#[cfg_attr(target_arch = "wasm32", wasm_bindgen_test)]
fn a_tolerance_decides_the_status_and_lets_no_row_in() {
    for (tolerance, status, tolerated) in [
        (r#"{"rows": 1}"#, Status::Failed, 0),
        (r#"{"rows": 2}"#, Status::Passed, 3),
        (r#"{"percent": "37.4999"}"#, Status::Failed, 0),
        (r#"{"percent": "37.5"}"#, Status::Passed, 3),
    ] {
        // Three of eight cells in two of four rows.
        let controls = format!(
            r#"[{{"code": "CMP01", "columns": ["n", "price"], "tolerance": {tolerance}}}]"#
        );
        check(&controls, TWO_BLANK_ROWS, (status, 3, tolerated, 2));
    }
}

#[cfg_attr(not(target_arch = "wasm32"), test)]
#[cfg_attr(target_arch = "wasm32", wasm_bindgen_test)]
fn each_use_of_a_control_has_its_own_tolerance() {
    let controls = r#"[{"code": "CMP01", "columns": ["n"], "tolerance": {"rows": 1}},
        {"code": "CMP01", "columns": ["price"], "severity": "warning"}]"#;
    check(controls, TWO_BLANK_ROWS, (Status::Warned, 3, 1, 3));
}

#[cfg_attr(not(target_arch = "wasm32"), test)]
#[cfg_attr(target_arch = "wasm32", wasm_bindgen_test)]
fn repeated_keys_are_tolerated_by_rows() {
    let csv = "id,n,price\na,1,1\na,1,1\na,2,1\nb,1,1\n";
    for (used, expected) in [
        (r#""tolerance": {"rows": 2}"#, (Status::Passed, 2, 2, 2)),
        (r#""tolerance": {"rows": 1}"#, (Status::Failed, 2, 0, 2)),
        (
            r#""repeats": "hold-all", "tolerance": {"percent": "75"}"#,
            (Status::Passed, 3, 3, 1),
        ),
        (
            r#""repeats": "hold-all", "severity": "warning""#,
            (Status::Warned, 3, 0, 4),
        ),
    ] {
        check(&format!(r#"[{{"code": "UNQ01", {used}}}]"#), csv, expected);
    }
}

#[cfg_attr(not(target_arch = "wasm32"), test)]
#[cfg_attr(target_arch = "wasm32", wasm_bindgen_test)]
fn a_file_cannot_be_tolerated() {
    for code in ["SCH01", "VOL01", "CON02", "UNQ02"] {
        let text = format!(
            r#"{{"name": "t", "version": "1", "columns": [{{"name": "id", "type": "identifier"}}],
                "controls": [{{"code": "{code}", "tolerance": {{"rows": 1}}}}]}}"#
        );
        let error = Contract::from_json(&text).unwrap_err().to_string();
        assert!(
            error.contains(code) && error.contains("tolerance"),
            "{error}"
        );
    }
}

#[cfg_attr(not(target_arch = "wasm32"), test)]
#[cfg_attr(target_arch = "wasm32", wasm_bindgen_test)]
fn control_totals_hold_a_file_and_never_pass_unsaid() {
    let csv = "id,n,price\na,1,1.10\nb,1,-0.10\n";
    let said = |rows, paise: Option<i64>| ControlTotals {
        rows,
        money: paise.map(model::money::Money::from_paise),
    };
    for (totals, status, held) in [
        (said(None, None), Status::NotRun, false),
        (said(Some(2), None), Status::Passed, false),
        (said(None, Some(100)), Status::Passed, false),
        (said(Some(3), None), Status::Failed, true),
        (said(Some(2), Some(101)), Status::Failed, true),
    ] {
        let verdict = judged(r#"[{"code": "CON02"}]"#, csv, totals);
        let control = &verdict.controls[0];
        assert_eq!((control.status, verdict.held.is_some()), (status, held));
        assert_eq!(control.reason.is_some(), status == Status::NotRun);
        assert_eq!(verdict.rows.accepted, if held { 0 } else { 2 });
    }
    let warned = judged(
        r#"[{"code": "CON02", "severity": "warning"}]"#,
        csv,
        said(Some(9), None),
    );
    assert_eq!(warned.controls[0].status, Status::Warned);
    assert_eq!(warned.rows.accepted, 2);
}

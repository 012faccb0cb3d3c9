//! What a receipt proves: it changes with everything that it stands for, and with nothing else.

use crate::files::moment;
use engine::{
    Moment,
    contract::{self, Contract},
    judge,
    source::Memory,
};
use model::{finding::FindingQuery, options::Choice, receipt::Receipt};
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test;

const HEADER: &str = "order_id,order_date,region,product,quantity,revenue\n";
const A: &str = "A,2025-06-05,North,Milk 1L,2,100.00\n";
const B: &str = "B,2025-06-05,North,Milk 1L,2,100.00\n";

fn receipt(rows: &[&str]) -> Receipt {
    let text = format!("{HEADER}{}", rows.concat());
    judge(
        &Memory(text.as_bytes()),
        contract::sales(),
        &Choice::default(),
        moment(),
    )
    .unwrap()
    .verdict
    .receipt
}

fn findings_differ(one: &[&str], other: &[&str]) {
    assert_ne!(
        receipt(one).findings_digest,
        receipt(other).findings_digest,
        "{one:?} and {other:?}"
    );
}

#[cfg_attr(target_arch = "wasm32", wasm_bindgen_test)]
#[cfg_attr(not(target_arch = "wasm32"), test)]
fn the_findings_digest_changes_with_record_column_and_text() {
    let bad = "B,2025-06-05,Nort,Milk 1L,2,100.00\n";
    findings_differ(&[A, B], &[A, bad]);
    findings_differ(&[bad, A], &[A, bad]);
    findings_differ(&[A, bad], &[A, &bad.replace("Nort", "Norf")]);
    findings_differ(
        &[A, "B,2025-06-05,North,Milk 1L,x,1\n"],
        &[A, "B,2025-06-05,North,Milk 1L,1,x\n"],
    );
    // The same rows have the same findings.
    assert_eq!(
        receipt(&[A, bad]).findings_digest,
        receipt(&[A, bad]).findings_digest
    );
}

#[cfg_attr(target_arch = "wasm32", wasm_bindgen_test)]
#[cfg_attr(not(target_arch = "wasm32"), test)]
fn the_findings_digest_changes_with_the_row_that_holds_a_key() {
    let copy = A.replace("North", "South");
    // The repeat is the third record both times.
    findings_differ(&[A, B, &copy], &[B, A, &copy]);
}

#[cfg_attr(target_arch = "wasm32", wasm_bindgen_test)]
#[cfg_attr(not(target_arch = "wasm32"), test)]
fn the_findings_digest_changes_with_the_lines_of_layout() {
    findings_differ(&[A, "\n", B], &[A, B, "\n"]);
    findings_differ(&[A, "\n", B], &[A, B]);
    findings_differ(&[A, HEADER, B], &[A, "\n", B]);
}

#[cfg_attr(target_arch = "wasm32", wasm_bindgen_test)]
#[cfg_attr(not(target_arch = "wasm32"), test)]
fn the_file_digest_is_that_of_every_byte() {
    let text = format!("{HEADER}{A}");
    assert_eq!(
        receipt(&[A]).file_digest,
        blake3::hash(text.as_bytes()).to_hex().to_string()
    );
}

#[cfg_attr(target_arch = "wasm32", wasm_bindgen_test)]
#[cfg_attr(not(target_arch = "wasm32"), test)]
fn the_digest_changes_with_the_contract_and_not_with_the_moment() {
    let under = |version: &str, at: &str| {
        let contract = Contract::from_json(&format!(
            r#"{{"name": "t", "version": "{version}", "columns": [{{"name": "id", "type": "text"}}],
                "controls": [{{"code": "CMP01", "columns": ["id"]}}]}}"#
        ))
        .unwrap();
        let moment = Moment::parse(at).unwrap();
        let judged = judge(&Memory(b"id\na\n"), &contract, &Choice::default(), moment);
        judged.unwrap().verdict.receipt.digest
    };
    let first = under("1", "2026-02-02T12:00:00Z");
    assert_eq!(first, under("1", "2026-02-03T12:00:00Z"));
    assert_ne!(first, under("2", "2026-02-02T12:00:00Z"));
}

#[cfg_attr(target_arch = "wasm32", wasm_bindgen_test)]
#[cfg_attr(not(target_arch = "wasm32"), test)]
fn rows_whose_cells_only_run_together_are_not_the_same() {
    let contract = Contract::from_json(
        r#"{"name": "t", "version": "1",
            "columns": [{"name": "a", "type": "text"}, {"name": "b", "type": "text"}],
            "controls": [{"code": "UNQ03"}]}"#,
    )
    .unwrap();
    let repeats = |text: &str| {
        let source = Memory(text.as_bytes());
        let judged = judge(&source, &contract, &Choice::default(), moment()).unwrap();
        let query = FindingQuery {
            limit: 9,
            ..FindingQuery::default()
        };
        judged.flagged(&source, &query).unwrap().total
    };
    assert_eq!(repeats("a,b\n1,23\n12,3\n"), 0);
    assert_eq!(repeats("a,b\n1,23\n\"1\",23\n"), 1);
}

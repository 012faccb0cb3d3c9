//! Keys of several columns, and keys that are held throughout.

use engine::{
    Moment,
    contract::Contract,
    judge::{Partial, Plan},
    source::Memory,
};
use model::{options::Choice, verdict::Verdict};
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test;

/// The verdict and the lines of the exceptions, with pieces of so many bytes.
fn judged(unq01: &str, csv: &str, piece: u64) -> (Verdict, Vec<u64>) {
    let contract = Contract::from_json(&format!(
        r#"{{"name": "t", "version": "1", "key": ["order", "product"], "money": "price", "total_words": ["total"],
            "columns": [{{"name": "order", "type": "identifier", "required": true}}, {{"name": "product", "type": "text"}},
            {{"name": "price", "type": "amount", "required": true}}],
            "controls": [{{"code": "CMP01", "columns": ["order", "product"]}}, {unq01}]}}"#
    ))
    .unwrap();
    let source = Memory(csv.as_bytes());
    let moment = Moment::parse("2026-02-02T12:00:00Z").unwrap();
    let choice = Choice::default();
    let plan = Plan::in_pieces(&source, &contract, &choice, moment, piece, &mut |_| {}).unwrap();
    let pieces = (0..plan.pieces()).map(|it| plan.judge(&source, it).unwrap());
    let partial = pieces.fold(Partial::default(), Partial::merge);
    let judgement = plan.finish(&source, partial).unwrap();
    let kept = (0..judgement.batches()).flat_map(|it| judgement.kept(&source, it).unwrap());
    let lines = kept.map(|it| it.line).collect();
    (judgement.verdict, lines)
}

#[cfg_attr(not(target_arch = "wasm32"), test)]
#[cfg_attr(target_arch = "wasm32", wasm_bindgen_test)]
fn a_row_with_half_a_key_is_no_total() {
    let csv = "order,product,price\na,tea,1\n,milk,2\nTotal,,3\n,,3\nb,,4\n";
    let (verdict, lines) = judged(r#"{"code": "UNQ01"}"#, csv, 1 << 20);
    assert_eq!(lines, [3, 6]);
    assert_eq!((verdict.rows.read, verdict.rows.accepted), (3, 1));
    let totals: Vec<u64> = verdict.total_rows.iter().map(|it| it.line).collect();
    assert_eq!(totals, [4, 5]);
}

#[cfg_attr(not(target_arch = "wasm32"), test)]
#[cfg_attr(target_arch = "wasm32", wasm_bindgen_test)]
fn holding_all_repeats_does_not_depend_on_the_pieces() {
    let mut csv = String::from("order,product,price\n");
    let mut expected = Vec::new();
    for row in 0..60u64 {
        // Every fifth row has the key of two others; the rest have keys of their own.
        let (order, held) = match row % 5 {
            0 => (row % 20, true),
            _ => (1000 + row, false),
        };
        csv.push_str(&format!("{order},tea,{}\n", row % 2));
        if held {
            expected.push(row + 2);
        }
    }
    let used = r#"{"code": "UNQ01", "repeats": "hold-all"}"#;
    let (whole, lines) = judged(used, &csv, 1 << 20);
    assert_eq!(lines, expected);
    assert_eq!(whole.money.unwrap().exceptions.0, 600);
    for piece in [1, 7, 50, 333] {
        let (verdict, lines) = judged(used, &csv, piece);
        assert_eq!(lines, expected, "{piece}");
        assert_eq!(verdict.receipt.digest, whole.receipt.digest, "{piece}");
    }
}

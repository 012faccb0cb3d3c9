//! What the generator plants is found, and nothing else.

use engine::{
    Moment, contract, day, judge,
    sample::{Planted, Sample},
    source::Memory,
};
use model::{control::Severity, finding::FindingQuery, options::Choice};
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test;

fn made(rows: u64, seed: u64) -> (Vec<u8>, Vec<Planted>) {
    let (mut bytes, mut planted) = (Vec::new(), Vec::new());
    let end = day::parse_iso("2026-02-02").unwrap();
    Sample { rows, seed, end }.write(&mut |it| bytes.extend_from_slice(it), &mut |it| {
        planted.push(it)
    });
    (bytes, planted)
}

#[cfg_attr(not(target_arch = "wasm32"), test)]
#[cfg_attr(target_arch = "wasm32", wasm_bindgen_test)]
fn every_planted_fault_is_found_and_nothing_else() {
    for seed in 0..5 {
        let (bytes, mut planted) = made(5000, seed);
        let source = Memory(&bytes);
        let moment = Moment::parse("2026-02-02T12:00:00Z").unwrap();
        let judgement = judge(&source, contract::sales(), &Choice::default(), moment).unwrap();
        let mut found: Vec<(u64, String, String)> = Vec::new();
        let mut query = FindingQuery {
            limit: 500,
            ..FindingQuery::default()
        };
        loop {
            let page = judgement.flagged(&source, &query).unwrap();
            for it in page.rows.into_iter().flat_map(|it| it.findings) {
                assert_eq!(it.data.severity, Severity::Error, "{}", it.text);
                found.push((it.line, it.data.code, it.column_name.unwrap()));
            }
            let Some(next) = page.next else { break };
            query.after = next;
        }
        planted.sort();
        found.sort();
        let planted: Vec<_> = planted
            .into_iter()
            .map(|it| (it.line, it.code.to_owned(), it.column.to_owned()))
            .collect();
        assert_eq!(found, planted, "seed {seed}");
        assert_eq!(judgement.verdict.rows.read, 5000);
    }
}

#[cfg_attr(not(target_arch = "wasm32"), test)]
#[cfg_attr(target_arch = "wasm32", wasm_bindgen_test)]
fn faults_are_planted_at_their_rates() {
    let (_, planted) = made(10_000, 7);
    let count = |code: &str, column: &str| {
        planted
            .iter()
            .filter(|it| it.code == code && it.column == column)
            .count()
    };
    assert_eq!(count("CMP01", "order_date"), 500);
    assert_eq!(count("VAL03", "order_date"), 300);
    assert_eq!(count("VAL01", "quantity") + count("VAL06", "quantity"), 100);
    assert_eq!(count("VAL06", "revenue"), 150);
    assert_eq!(count("CMP01", "region") + count("VAL05", "region"), 200);
    // A repeat in the very first rows may find no earlier sound row.
    assert!((195..=200).contains(&count("UNQ01", "order_id")));
}

#[cfg_attr(not(target_arch = "wasm32"), test)]
#[cfg_attr(target_arch = "wasm32", wasm_bindgen_test)]
fn the_same_seed_gives_the_same_file() {
    assert_eq!(made(500, 1).0, made(500, 1).0);
    assert_ne!(made(500, 1).0, made(500, 2).0);
}

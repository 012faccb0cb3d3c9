//! What the generator plants is found, and nothing else.

use engine::{
    Moment, contract, day, judge,
    judgement::Judgement,
    sample::{Planted, Sample, Share},
    source::Memory,
};
use model::{control::Severity, finding::FindingQuery, options::Choice};
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test;

fn usual(rows: u64, seed: u64) -> Sample {
    Sample::new(rows, seed, day::parse_iso("2026-02-02").unwrap())
}

fn made(sample: Sample) -> (Vec<u8>, Vec<Planted>) {
    let (mut bytes, mut planted) = (Vec::new(), Vec::new());
    sample.write(&mut |it| bytes.extend_from_slice(it), &mut |it| {
        planted.push(it)
    });
    (bytes, planted)
}

pub(crate) fn judged(bytes: &[u8]) -> Judgement<'static> {
    let moment = Moment::parse("2026-02-02T12:00:00Z").unwrap();
    judge(
        &Memory(bytes),
        contract::sales(),
        &Choice::default(),
        moment,
    )
    .unwrap()
}

#[cfg_attr(not(target_arch = "wasm32"), test)]
#[cfg_attr(target_arch = "wasm32", wasm_bindgen_test)]
fn every_planted_fault_is_found_and_nothing_else() {
    let shares = [Share::Usual, Share::None, Share::All];
    let samples = (0..5).map(|seed| usual(5000, seed));
    let required = shares.map(|share| Sample {
        required_only: true,
        share,
        ..usual(5000, 5)
    });
    for sample in samples.chain(required) {
        let (bytes, mut planted) = made(sample);
        let source = Memory(&bytes);
        let judgement = judged(&bytes);
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
        assert_eq!(found, planted, "{sample:?}");
        assert_eq!(judgement.verdict.rows.read, 5000);
    }
}

#[cfg_attr(not(target_arch = "wasm32"), test)]
#[cfg_attr(target_arch = "wasm32", wasm_bindgen_test)]
fn faults_are_planted_at_their_rates() {
    let (_, planted) = made(usual(10_000, 7));
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
fn as_many_rows_have_faults_as_were_asked_for() {
    for (share, least, most) in [
        (Share::Usual, 1380, 1440),
        (Share::None, 0, 0),
        (Share::All, 10_000, 10_000),
    ] {
        for required_only in [false, true] {
            let sample = Sample {
                required_only,
                share,
                ..usual(10_000, 7)
            };
            let (bytes, _) = made(sample);
            let exceptions = judged(&bytes).verdict.rows.exceptions;
            assert!(
                (least..=most).contains(&exceptions),
                "{share:?}: {exceptions}"
            );
        }
    }
}

#[cfg_attr(not(target_arch = "wasm32"), test)]
#[cfg_attr(target_arch = "wasm32", wasm_bindgen_test)]
fn the_same_seed_gives_the_same_file() {
    assert_eq!(made(usual(500, 1)).0, made(usual(500, 1)).0);
    assert_ne!(made(usual(500, 1)).0, made(usual(500, 2)).0);
}

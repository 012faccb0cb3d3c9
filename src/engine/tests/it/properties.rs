//! What holds for every input: however it is cut, merged or broken, there is one verdict.

use crate::receipts::input;
use engine::{
    Moment, Source,
    contract::{self, Contract},
    judge::{self, PIECE, Partial, Plan},
    judgement::Judgement,
    source::Memory,
};
use model::{finding::FindingQuery, options::Choice, row::KeptRow};
use proptest::prelude::*;

fn moment() -> Moment {
    Moment::parse("2026-02-02T12:00:00Z").unwrap()
}

/// A plan and a partial judgement as they arrive where no memory is shared.
fn elsewhere<'c>(plan: &Plan<'c>, source: &dyn Source, contract: &'c Contract) -> Option<Plan<'c>> {
    let outline = serde_json::to_string(&plan.outline()?).unwrap();
    let outline = serde_json::from_str(&outline).unwrap();
    Some(Plan::resume(source, contract, &Choice::default(), moment(), outline).unwrap())
}

/// Judged in pieces of `piece` bytes, each second one elsewhere, which are merged in an order that `shuffle` draws.
fn in_pieces<'c>(
    source: &dyn Source,
    contract: &'c Contract,
    piece: u64,
    shuffle: &mut dyn FnMut(usize) -> usize,
) -> Judgement<'c> {
    let choice = Choice::default();
    let plan = Plan::in_pieces(source, contract, &choice, moment(), piece, &mut |_| {}).unwrap();
    let other = elsewhere(&plan, source, contract);
    let mut parts: Vec<Partial> = (0..plan.pieces())
        .map(|it| match &other {
            Some(other) if it % 2 == 1 => {
                let bytes = other.judge(source, it).unwrap().to_bytes().unwrap();
                Partial::from_bytes(&bytes).unwrap()
            }
            _ => plan.judge(source, it).unwrap(),
        })
        .collect();
    while parts.len() > 1 {
        let one = parts.swap_remove(shuffle(parts.len()));
        let other = parts.swap_remove(shuffle(parts.len()));
        parts.push(one.merge(other));
    }
    plan.finish(source, parts.pop().unwrap_or_default())
        .unwrap()
}

fn kept(judgement: &Judgement<'_>, source: &dyn Source) -> Vec<KeptRow> {
    (0..judgement.batches())
        .flat_map(|it| judgement.kept(source, it).unwrap())
        .collect()
}

fn assert_same(bytes: &[u8], piece: u64, mut shuffle: impl FnMut(usize) -> usize) {
    let source = Memory(bytes);
    let whole = judge::judge(&source, contract::sales(), &Choice::default(), moment()).unwrap();
    let cut = in_pieces(&source, contract::sales(), piece, &mut shuffle);
    assert_eq!(cut.verdict, whole.verdict, "pieces of {piece}");
    assert_eq!(
        kept(&cut, &source),
        kept(&whole, &source),
        "pieces of {piece}"
    );
}

fn assert_reconciled(bytes: &[u8]) {
    let source = Memory(bytes);
    let judgement = judge::judge(&source, contract::sales(), &Choice::default(), moment()).unwrap();
    let verdict = &judgement.verdict;
    let rows = verdict.rows;
    assert_eq!(rows.read, rows.accepted + rows.exceptions);
    if let Some(money) = &verdict.money {
        assert_eq!(money.read, money.accepted + money.exceptions);
    }
    let kept = kept(&judgement, &source);
    let exceptions = kept.iter().filter(|it| it.category.is_some());
    let structure = verdict.held.as_ref().is_some_and(|it| it.for_structure());
    if structure {
        return;
    }
    assert_eq!(exceptions.clone().count() as u64, rows.exceptions);
    assert!(
        kept.iter()
            .all(|it| it.is_exception() == it.category.is_some())
    );
    assert_eq!(
        verdict
            .categories
            .iter()
            .map(|it| it.exceptions)
            .sum::<u64>(),
        rows.exceptions
    );
    let accepted: Vec<_> = (0..judgement.batches())
        .flat_map(|it| judgement.accepted(&source, it).unwrap())
        .collect();
    assert_eq!(accepted.len() as u64, rows.accepted);
    let records: std::collections::BTreeSet<u64> = accepted
        .iter()
        .map(|it| it.record)
        .chain(exceptions.map(|it| it.record))
        .collect();
    assert_eq!(records, (1..=rows.read).collect());
    if let Some(money) = &verdict.money {
        let sum: model::money::Money = accepted.iter().filter_map(|it| it.money).sum();
        assert_eq!(sum, money.accepted);
    }
    for control in &verdict.controls {
        assert!(control.failed <= control.evaluated, "{}", control.code);
        assert_eq!(
            control.reason.is_some(),
            control.evaluated == 0,
            "{}",
            control.code
        );
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1500))]

    #[test]
    fn any_split_and_any_grouping_give_the_same_verdict(seed: u64, piece in 1u64..400, order: u64) {
        let mut state = order;
        assert_same(&input(seed), piece, |length| {
            state = state.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
            (state >> 33) as usize % length
        });
    }

    #[test]
    fn any_bytes_give_a_verdict_that_reconciles(bytes in proptest::collection::vec(any::<u8>(), 0..400), piece in 1u64..64) {
        assert_reconciled(&bytes);
        assert_same(&bytes, piece, |length| length - 1);
    }

    #[test]
    fn any_rows_below_a_header_reconcile(
        cells in proptest::collection::vec("[a,\"\\n\\r;1é\u{0}-]{0,12}", 0..40),
        piece in 1u64..64,
    ) {
        let text = format!("order_id,order_date,region,product,quantity,revenue\n{}", cells.concat());
        assert_reconciled(text.as_bytes());
        assert_same(text.as_bytes(), piece, |_| 0);
    }

    #[test]
    fn sales_like_files_reconcile(seed: u64) {
        assert_reconciled(&input(seed));
    }

    #[test]
    fn well_formed_input_reads_as_with_the_csv_crate(
        rows in proptest::collection::vec(proptest::collection::vec("[a-c,\"\\n\\r é]{0,6}", 3), 1..12),
        always: bool,
        crlf: bool,
    ) {
        let style = if always { csv::QuoteStyle::Always } else { csv::QuoteStyle::Necessary };
        let ending = if crlf { csv::Terminator::CRLF } else { csv::Terminator::Any(b'\n') };
        let mut writer = csv::WriterBuilder::new().quote_style(style).terminator(ending).from_writer(Vec::new());
        writer.write_record(["x", "y", "z"]).unwrap();
        for (i, row) in rows.iter().enumerate() {
            // A first cell that is never blank, so that no row is layout.
            writer.write_record([format!("{i}{}", row[0]), row[1].clone(), row[2].clone()]).unwrap();
        }
        let bytes = writer.into_inner().unwrap();
        let contract = Contract::from_json(r#"{"name": "t", "version": "1",
            "columns": [{"name": "x", "type": "whole"}, {"name": "y", "type": "whole"}, {"name": "z", "type": "whole"}],
            "controls": [{"code": "CMP01", "columns": ["x", "y", "z"]}, {"code": "VAL01", "columns": ["x"]}, {"code": "SCH04"}],
            "thresholds": {"quality_score": "0.950000", "exception_rate": "0.050000", "hold_above": "1.000000"}}"#).unwrap();
        let source = Memory(&bytes);
        let judgement = judge::judge(&source, &contract, &Choice::default(), moment()).unwrap();
        let query = FindingQuery { limit: 500, ..FindingQuery::default() };
        let flagged = judgement.flagged(&source, &query).unwrap().rows;
        let mut reader = csv::Reader::from_reader(bytes.as_slice());
        let expected: Vec<csv::StringRecord> = reader.records().map(|it| it.unwrap()).collect();
        prop_assert_eq!(judgement.verdict.rows.read, expected.len() as u64);
        for row in &flagged {
            let record = &expected[usize::try_from(row.record - 1).unwrap()];
            prop_assert_eq!(&row.cells, &record.iter().map(str::to_owned).collect::<Vec<_>>());
            // The csv crate does not count a lone CR as a line break.
            if !bytes.contains(&b'\r') {
                prop_assert_eq!(row.line, record.position().unwrap().line());
            }
        }
    }
}

#[test]
fn pieces_of_the_usual_size_give_the_verdict_of_smaller_ones() {
    let mut bytes = Vec::new();
    let end = engine::day::parse_iso("2026-02-02").unwrap();
    let sample = engine::sample::Sample::new(40_000, 3, end);
    sample.write(&mut |it| bytes.extend_from_slice(it), &mut |_| {});
    assert!(bytes.len() as u64 > PIECE);
    assert_same(&bytes, 100_000, |_| 0);
    assert_reconciled(&bytes);
}

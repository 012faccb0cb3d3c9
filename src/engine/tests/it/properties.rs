//! The laws, and that records are those of the csv crate, over drawn inputs.

use crate::{
    files::verdict,
    laws::{self, moment},
    reading::utf16,
    receipts::input,
};
use engine::{
    contract::{self, Contract},
    judge::{self, PIECE},
    source::Memory,
};
use model::{finding::FindingQuery, options::Choice};
use proptest::prelude::*;

fn assert_same(bytes: &[u8], piece: u64, shuffle: impl FnMut(usize) -> usize) {
    laws::assert_same(&Memory(bytes), contract::sales(), piece, shuffle);
}

fn assert_reconciled(bytes: &[u8]) {
    laws::assert_reconciled(&Memory(bytes), contract::sales());
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
    fn utf_16_is_judged_as_the_same_text_in_utf_8(seed: u64, big_endian: bool) {
        let bytes = input(seed);
        let text = String::from_utf8_lossy(&bytes);
        let text = text.trim_start_matches('\u{feff}');
        let plain = verdict(text.as_bytes());
        let wide = verdict(&utf16(text, big_endian, true));
        prop_assert_eq!(wide.rows, plain.rows);
        prop_assert_eq!(wide.money, plain.money);
        prop_assert_eq!(wide.layout, plain.layout);
        prop_assert_eq!(wide.controls, plain.controls);
        prop_assert_eq!(wide.receipt.findings_digest, plain.receipt.findings_digest);
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

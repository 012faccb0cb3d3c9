//! What is proposed as a contract for a file, held against that very file.

use crate::{laws::moment, receipts::input};
use engine::{
    contract::infer::{self, Inferred},
    judge,
    sample::Sample,
    source::Memory,
};
use model::{
    options::{Choice, DateForm},
    verdict::Verdict,
};
use proptest::prelude::*;

fn proposed(bytes: &[u8]) -> (Inferred, Verdict) {
    let source = Memory(bytes);
    let choice = Choice::default();
    let found = infer::infer(&source, "t", &choice).unwrap();
    let judged = judge(&source, &found.contract, &choice, moment());
    let verdict = judged.unwrap().verdict;
    (found, verdict)
}

fn failing(verdict: &Verdict) -> Vec<&str> {
    let controls = verdict.controls.iter().filter(|it| it.failed > 0);
    controls.map(|it| it.code.as_str()).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1500))]

    #[test]
    fn sales_like_files_are_not_held_by_their_own_proposal(seed: u64) {
        let (found, verdict) = proposed(&input(seed));
        // Where records of garbage are wider than the header, one of them is taken for it.
        let has_header = found.rows > 0 && found.contract.column("order_id").is_some();
        prop_assert!(!has_header || verdict.held.is_none(), "{:?}", verdict.held);
    }
}

/// With a question mark for what cannot be written so.
fn in_windows_1252(text: &str) -> Vec<u8> {
    let byte = |it: char| match u32::from(it) {
        it @ (0..0x80 | 0xa0..0x100) => u8::try_from(it).unwrap(),
        _ => b'?',
    };
    text.chars().map(byte).collect()
}

#[test]
fn a_sample_meets_what_was_proposed_for_it() {
    let mut bytes = Vec::new();
    let sample = Sample::new(2_000, 7, 20_486);
    sample.write(&mut |it| bytes.extend_from_slice(it), &mut |_| {});
    let (found, verdict) = proposed(&bytes);
    assert!(verdict.held.is_none() && found.rows == verdict.rows.read);
}

#[test]
fn two_columns_of_one_name_are_left_out() {
    let (found, verdict) = proposed(b"No,Comments,Fee,comments\nA,good,1.50,\nB,,2.00,bad\n");
    let names: Vec<&str> = found
        .contract
        .columns
        .iter()
        .map(|it| it.name.as_str())
        .collect();
    assert_eq!(names, ["no", "fee"]);
    assert_eq!((verdict.held, verdict.rows.accepted), (None, 2));
    let says = "Column 4, `comments`, is left out: the columns 2 and 4 have the same name.";
    assert!(
        found.notes.iter().any(|it| it.starts_with(says)),
        "{:?}",
        found.notes
    );
}

#[test]
fn dates_with_points_or_years_of_two_digits_are_dates() {
    let check = |form: fn(usize) -> String, expected: &[DateForm]| {
        let row = |it: usize| format!("N{it},{}\n", form(it));
        let text = format!("No,Sold\n{}", (1..=40).map(row).collect::<String>());
        let (found, verdict) = proposed(text.as_bytes());
        assert_eq!(found.contract.columns[1].forms, expected, "{text}");
        assert_eq!(failing(&verdict), [""; 0]);
    };
    check(|it| format!("{}.06.2026", 1 + it % 30), &[DateForm::Dotted]);
    check(
        |it| format!("{}/6/26", 1 + it % 30),
        &[DateForm::ShortDayFirst],
    );
    check(
        |it| format!("6/{}/26", 1 + it % 30),
        &[DateForm::ShortMonthFirst],
    );
    let mixed = |it: usize| ["5.6.26".to_owned(), "05.06.2026".to_owned()][it % 2].clone();
    check(mixed, &[DateForm::Dotted, DateForm::ShortDayFirst]);
}

#[test]
fn a_list_is_met_in_windows_1252() {
    let mut text = String::from("Nr;Lager\n");
    for row in 0..40 {
        text.push_str(&format!("N{row};{}\n", ["Süd", "Nord"][row % 2]));
    }
    let (found, verdict) = proposed(&in_windows_1252(&text));
    assert_eq!(found.contract.lists.len(), 1);
    assert_eq!(failing(&verdict), [""; 0]);
}

#[test]
fn a_header_in_which_a_column_has_no_name_is_the_header() {
    let rows = (1..=40).map(|it| {
        format!(
            "{it},Item {it},{}.50,\"2026-06-{:02}\"\n",
            it % 13,
            1 + it % 28
        )
    });
    let rows: String = rows.collect();
    for (above, line, names) in [
        (",Name,Fee,Day\n", 1, "name fee day"),
        ("No,Name,,Day\n", 1, "no name day"),
        ("No,Name,Fee,\n", 1, "no name fee"),
        ("Fees of June,,,\n,Name,Fee,Day\n", 2, "name fee day"),
        // Titles that say a word for half of the columns are titles.
        ("Fees,,,of June\nNo,Name,Fee,Day\n", 2, "no name fee day"),
        (
            "Clinic,Fees,of June,\nNo,Name,Fee,Day\n",
            2,
            "no name fee day",
        ),
    ] {
        let (found, verdict) = proposed(format!("{above}{rows}").as_bytes());
        let found = found.contract.columns.iter().map(|it| it.name.as_str());
        assert_eq!(found.collect::<Vec<_>>().join(" "), names, "{above}");
        assert_eq!(
            (verdict.options.header_line, verdict.rows.read),
            (line, 40),
            "{above}"
        );
    }
}

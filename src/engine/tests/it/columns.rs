//! What a verdict says of each control column by column is what the rows say.

use crate::samples::judged;
use engine::{
    Moment, day, judge,
    judgement::Judgement,
    sample::{Sample, Share},
    source::Memory,
};
use model::{
    control::{ColumnFigures, Severity},
    finding::{FindingQuery, FlaggedRow},
    money::Money,
    options::Choice,
};
use std::collections::BTreeMap;

fn rows(judgement: &Judgement<'_>, bytes: &[u8], query: &FindingQuery) -> (u64, Vec<FlaggedRow>) {
    let mut query = FindingQuery {
        limit: 500,
        ..query.clone()
    };
    let (mut total, mut rows) = (0, Vec::new());
    loop {
        let page = judgement.flagged(&Memory(bytes), &query).unwrap();
        total = total.max(page.total);
        rows.extend(page.rows);
        let Some(next) = page.next else { break };
        query.after = next;
    }
    (total, rows)
}

#[test]
fn each_control_is_told_by_column_with_its_rows_money_and_commonest_text() {
    for (seed, share) in [(1, Share::Usual), (2, Share::Usual), (3, Share::All)] {
        let sample = Sample {
            share,
            ..Sample::new(3000, seed, day::parse_iso("2026-02-02").unwrap())
        };
        let mut bytes = Vec::new();
        sample.write(&mut |it| bytes.extend_from_slice(it), &mut |_| {});
        let judgement = judged(&bytes);
        let (mut lines, mut texts) = (0, 0);
        for control in &judgement.verdict.controls {
            let told: u64 = control.columns.iter().map(|it| it.rows).sum();
            assert_eq!(told, control.failed, "{}", control.code);
            for it in &control.columns {
                lines += 1;
                let query = FindingQuery {
                    code: Some(control.code.clone()),
                    column: Some(it.column.unwrap_or(0)),
                    ..FindingQuery::default()
                };
                let (total, rows) = rows(&judgement, &bytes, &query);
                assert_eq!((total, rows.len() as u64), (it.rows, it.rows));
                let read: Vec<Money> = rows.iter().filter_map(|it| it.money).collect();
                let sum = (!read.is_empty()).then(|| read.into_iter().sum());
                assert_eq!(it.money, sum);
                let place = it.column.unwrap() as usize - 1;
                let header = &judgement.header()[place];
                assert_eq!(it.column_name.as_ref(), Some(header));
                let mut counts: BTreeMap<&str, u64> = BTreeMap::new();
                for row in &rows {
                    *counts.entry(row.cells[place].trim()).or_default() += 1;
                }
                let most = counts
                    .iter()
                    .map(|(text, rows)| (*rows, *text))
                    .max()
                    .unwrap();
                match &it.commonest {
                    None => assert_eq!(most.1, "", "{} {header}", control.code),
                    Some(told) => {
                        texts += 1;
                        assert_eq!(told.rows, most.0, "{} {header}", control.code);
                        assert_eq!(counts[told.value.trim()], most.0);
                    }
                }
            }
        }
        assert!(lines > 5 && texts > 3, "{lines} {texts}");
    }
}

fn told(file: &str) -> BTreeMap<String, Vec<ColumnFigures>> {
    let controls = judged(file.as_bytes()).verdict.controls.into_iter();
    let told = controls.filter(|it| !it.columns.is_empty());
    told.map(|it| (it.code, it.columns)).collect()
}

#[test]
fn the_first_of_texts_that_are_as_frequent_is_told_and_a_row_counts_once() {
    let file = "order_id,order_date,region,product,quantity,revenue\n\
        1,soon,North,Milk 1L,1,10.00\n\
        2,later,North,Milk 1L,1,20.00\n\
        3,later,North,Milk 1L,1,-30.00\n\
        4,soon,North,Milk 1L,x,40.00\n\
        4,2026-01-01,North,Milk 1L,,50.00\n\
        5,2026-01-01,North,Milk 1L,1,50.00\n\
        5,2026-01-01,North,Milk 1L,1,60.00\n";
    let told = told(file);
    let one = |code: &str| {
        let [it] = told[code].as_slice() else {
            panic!("{code}: {:?}", told[code]);
        };
        let text = it.commonest.as_ref().map(|it| (it.value.as_str(), it.rows));
        (
            it.column_name.as_deref().unwrap(),
            it.rows,
            it.money.unwrap(),
            text,
        )
    };
    assert_eq!(
        one("VAL03"),
        ("order_date", 4, Money(40_00), Some(("soon", 2)))
    );
    assert_eq!(one("CMP01"), ("quantity", 1, Money(50_00), None));
    assert_eq!(one("UNQ01"), ("order_id", 1, Money(60_00), Some(("5", 1))));
}

#[test]
fn what_is_about_rows_or_the_file_names_no_column() {
    let ragged = told(
        "order_id,order_date,region,product,quantity,revenue\n\
         1,2026-01-01,North\n2,2026-01-01,North,Milk 1L,1,50.00\n",
    );
    let long = format!(
        "order_id,order_date,region,product,quantity,revenue\n1,{},North,Milk 1L,1,5\n",
        "x".repeat(5000)
    );
    let cut = told(&long)["VAL03"][0].commonest.clone().unwrap().value;
    assert_eq!(cut.chars().count(), 81);
    let [it] = ragged["SCH04"].as_slice() else {
        panic!("{ragged:?}");
    };
    assert_eq!((it.column, &it.column_name, it.rows), (None, &None, 1));
    assert_eq!((&it.commonest, it.money), (&None, None));
    let held = judged(b"order_id,region\n1,North\n").verdict;
    let missing = held.controls.iter().find(|it| it.code == "SCH01").unwrap();
    assert_eq!((missing.failed, missing.severity), (1, Severity::Error));
    assert!(held.controls.iter().all(|it| it.columns.is_empty()));
}

#[test]
fn a_control_that_is_an_error_here_and_a_warning_there_says_so_of_each_column() {
    let contract = engine::contract::Contract::from_json(
        r#"{"name": "t", "version": "1", "key": ["id"], "columns": [{"name": "id", "type": "identifier"},
            {"name": "n", "type": "whole"}, {"name": "m", "type": "whole"}], "controls": [
            {"code": "CMP01", "columns": ["n"]}, {"code": "CMP01", "columns": ["m"], "severity": "warning"}]}"#,
    )
    .unwrap();
    let moment = Moment::parse("2026-02-02T12:00:00Z").unwrap();
    let file = Memory(b"id,n,m\na,1,\nb,1,\nc,,1\n");
    let verdict = judge(&file, &contract, &Choice::default(), moment)
        .unwrap()
        .verdict;
    assert_eq!((verdict.rows.accepted, verdict.rows.exceptions), (2, 1));
    let control = verdict.controls.iter().find(|it| it.code == "CMP01");
    let columns = control.unwrap().columns.iter();
    let told: Vec<_> = columns
        .map(|it| (it.column, it.severity, it.rows, it.money))
        .collect();
    let expected = [
        (Some(2), Severity::Error, 1, None),
        (Some(3), Severity::Warning, 2, None),
    ];
    assert_eq!(told, expected);
}

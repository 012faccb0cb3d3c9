//! A file with corrections is judged as one that says so, however the corrections come in.

use crate::{laws::moment, receipts::input};
use engine::{
    Source, contract,
    judge::{self, PIECE, Partial, Plan, ROOM},
    judgement::Judgement,
    source::Memory,
};
use model::{
    control::{Category, Severity},
    finding::{Finding, FindingQuery},
    message::{CellPlace, RowFilter, Which},
    options::{Choice, Correction},
    verdict::Verdict,
};
use oorandom::Rand64;
use proptest::prelude::*;

const HEADER: [&str; 7] = [
    "order_id",
    "order_date",
    "region",
    "product",
    "quantity",
    "revenue",
    "note",
];

const CELLS: [&[&str]; 7] = [
    &["A1", "A2", "A3", "007", "7", "", "total", "A\n1"],
    &[
        "2026-01-01",
        "31/12/2025",
        "2027-01-01",
        "",
        "invalid_date",
        " 2026-01-02 ",
    ],
    &["North", "south", " East", "Nort", "", "a;b", "say \"so\""],
    &["Milk 1L", "Cola 500ml", "Unknown, thing", ""],
    &["1", "0", "-1", "1.5", "1,000", ""],
    &[
        "10",
        "10.5",
        "-3",
        "8092.160000000001",
        "1.005",
        "\u{20b9}1,23,456.78",
        "ten",
        "",
    ],
    &["", "x", "\"", "\u{e9}", "one,\"two\""],
];

type Table = Vec<Vec<String>>;

fn pick(random: &mut Rand64, from: usize) -> usize {
    usize::try_from(random.rand_range(0..from as u64)).unwrap()
}

fn cell(random: &mut Rand64, column: usize) -> String {
    CELLS[column][pick(random, CELLS[column].len())].to_owned()
}

/// In the way that the csv crate writes, and the line on which each row begins.
fn written(table: &Table, delimiter: u8) -> (Vec<u8>, Vec<u64>) {
    let mut text = Vec::new();
    let mut lines = Vec::new();
    for row in table {
        lines.push(text.iter().filter(|it| **it == b'\n').count() as u64 + 1);
        let cells = row.iter().map(|it| {
            let plain = !it.contains(['"', '\n', char::from(delimiter)]);
            if plain {
                it.clone()
            } else {
                format!("\"{}\"", it.replace('"', "\"\""))
            }
        });
        let line = cells
            .collect::<Vec<_>>()
            .join(&char::from(delimiter).to_string());
        text.extend_from_slice(line.as_bytes());
        text.push(b'\n');
    }
    (text, lines)
}

/// A file, corrections of it, and the file that says so.
fn drawn(seed: u64) -> (Vec<u8>, Vec<Correction>, Vec<u8>) {
    let mut random = Rand64::new(u128::from(seed));
    let delimiter = [b',', b';', b'\t'][pick(&mut random, 3)];
    let mut table: Table = vec![HEADER.map(str::to_owned).to_vec()];
    for _ in 0..pick(&mut random, 40) + 1 {
        // The first cell of a row that is not layout, and stays none.
        let mut row: Vec<String> = (0..7).map(|it| cell(&mut random, it)).collect();
        row[0] = format!(
            "{}{}",
            ["A", "B", "7"][pick(&mut random, 3)],
            pick(&mut random, 12)
        );
        table.push(row);
    }
    let (bytes, lines) = written(&table, delimiter);
    let mut after = table.clone();
    let mut corrections: Vec<Correction> = Vec::new();
    for _ in 0..pick(&mut random, 6) {
        let row = pick(&mut random, table.len() - 1) + 1;
        let column = pick(&mut random, 7);
        let text = match column {
            0 => format!("A{}", pick(&mut random, 12)),
            _ => cell(&mut random, column).replace('\n', " "),
        };
        let (line, of) = (Some(lines[row]), column as u32 + 1);
        if corrections
            .iter()
            .any(|it| (it.line, it.column) == (line, of))
        {
            continue;
        }
        let was = table[row][column].clone();
        after[row][column].clone_from(&text);
        corrections.push(Correction {
            line,
            column: of,
            was,
            text,
        });
    }
    if pick(&mut random, 2) == 0 {
        let (column, row) = (
            pick(&mut random, 6) + 1,
            pick(&mut random, table.len() - 1) + 1,
        );
        let (was, text) = (
            table[row][column].clone(),
            cell(&mut random, column).replace('\n', " "),
        );
        let of = column as u32 + 1;
        for (place, row) in table.iter().enumerate().skip(1) {
            let own = corrections
                .iter()
                .any(|it| (it.line, it.column) == (Some(lines[place]), of));
            if row[column] == was && !own {
                after[place][column].clone_from(&text);
            }
        }
        corrections.push(Correction {
            line: None,
            column: of,
            was,
            text,
        });
    }
    (bytes, corrections, written(&after, delimiter).0)
}

fn judged<'c>(source: &dyn Source, corrections: &[Correction]) -> Judgement<'c> {
    let choice = Choice {
        corrections: corrections.to_vec(),
        ..Choice::default()
    };
    judge::judge(source, contract::sales(), &choice, moment()).unwrap()
}

/// Judged without corrections first, and then again; and whether pieces of before served.
fn judged_again(source: &dyn Source, corrections: &[Correction], piece: u64) -> Option<Verdict> {
    again(source, corrections, piece).map(|it| it.1)
}

/// How many pieces were judged again, of how many, and the verdict.
fn again(
    source: &dyn Source,
    corrections: &[Correction],
    piece: u64,
) -> Option<([usize; 2], Verdict)> {
    let choice = Choice::default();
    let plan = Plan::in_pieces(
        source,
        contract::sales(),
        &choice,
        moment(),
        piece,
        &mut |_| {},
    )
    .unwrap();
    let mut before = Partial::default();
    for piece in 0..plan.pieces() {
        before = before.merge(plan.judge(source, piece).unwrap());
    }
    let (plan, touched) = plan.again(source, corrections, &before).unwrap()?;
    let mut partial = before.without(&touched);
    let pieces = [touched.len(), plan.pieces()];
    for piece in touched {
        partial = partial.merge(plan.judge(source, piece).unwrap());
    }
    Some((pieces, plan.finish(source, partial).unwrap().verdict))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]

    #[test]
    fn corrections_give_the_verdict_of_a_file_that_says_so(seed: u64, piece in 1u64..400) {
        let (bytes, corrections, expected) = drawn(seed);
        let source = Memory(&bytes);
        let judgement = judged(&source, &corrections);
        let one = &judgement.verdict;
        let plain = Memory(&expected);
        let other = judged(&plain, &[]);
        let (two, receipt) = (&other.verdict, &other.verdict.receipt);
        prop_assert_eq!(one.rows, two.rows);
        prop_assert_eq!(&one.money, &two.money);
        prop_assert_eq!(&one.controls, &two.controls);
        prop_assert_eq!(&one.categories, &two.categories);
        prop_assert_eq!(&one.file_findings, &two.file_findings);
        prop_assert_eq!(&one.layout, &two.layout);
        prop_assert_eq!(&one.options, &two.options);
        prop_assert_eq!(&one.receipt.counts, &receipt.counts);
        prop_assert_eq!(&one.receipt.findings_digest, &receipt.findings_digest);
        prop_assert_eq!(&one.receipt.file_digest, &judged(&source, &[]).verdict.receipt.file_digest);
        prop_assert_eq!(one.receipt.corrections_digest == receipt.corrections_digest, corrections.is_empty());
        for batch in 0..judgement.batches() {
            prop_assert_eq!(judgement.kept(&source, batch).unwrap(), other.kept(&plain, batch).unwrap());
            prop_assert_eq!(judgement.accepted(&source, batch).unwrap(), other.accepted(&plain, batch).unwrap());
        }

        // However the file is cut, and whatever was judged of it before.
        let choice = Choice { corrections: corrections.clone(), ..Choice::default() };
        let plan = Plan::in_pieces(&source, contract::sales(), &choice, moment(), piece, &mut |_| {}).unwrap();
        let outline = serde_json::to_string(&plan.outline().unwrap()).unwrap();
        let outline = serde_json::from_str(&outline).unwrap();
        let elsewhere = Plan::resume(&source, contract::sales(), &choice, moment(), outline).unwrap();
        let mut partial = Partial::default();
        for it in 0..plan.pieces() {
            let by = if it % 2 == 0 { &plan } else { &elsewhere };
            partial = partial.merge(by.judge(&source, it).unwrap());
        }
        prop_assert_eq!(&plan.finish(&source, partial).unwrap().verdict, one);
        let again = judged_again(&source, &corrections, piece);
        prop_assert_eq!(again.as_ref(), Some(one));
    }

    #[test]
    fn any_cell_of_any_file_can_be_corrected(seed: u64, drawn: u64, piece in 1u64..400) {
        let bytes = input(seed);
        let source = Memory(&bytes);
        let mut random = Rand64::new(u128::from(drawn));
        let query = FindingQuery { limit: 500, ..FindingQuery::default() };
        let mut rows = judged(&source, &[]).flagged(&source, &query).unwrap().rows;
        rows.retain(|it| !it.raw && !it.cells.is_empty());
        let mut corrections = Vec::new();
        for row in &rows {
            let column = pick(&mut random, row.cells.len());
            corrections.push(Correction {
                line: Some(row.line),
                column: column as u32 + 1,
                was: row.cells[column].clone(),
                text: cell(&mut random, column.min(6)).replace('\n', " "),
            });
        }
        let verdict = judged(&source, &corrections).verdict;
        prop_assert_eq!(verdict.rows.read, verdict.rows.accepted + verdict.rows.exceptions);
        if let Some(again) = judged_again(&source, &corrections, piece) {
            prop_assert_eq!(again, verdict);
        }
    }

    #[test]
    fn windows_and_seeking_agree_with_the_rows(
        seed: u64, from in 0u64..70, count in 1u32..30, category in 0usize..5, column in 0u32..8,
    ) {
        let bytes = input(seed);
        let source = Memory(&bytes);
        let judgement = judged(&source, &[]);
        let every = RowFilter { which: Which::Every, ..RowFilter::default() };
        let all = judgement.window(&source, &every, 0, 500).unwrap();
        prop_assert_eq!(all.total, judgement.verdict.rows.read);
        prop_assert_eq!(all.rows.len() as u64, all.total);
        let part = judgement.window(&source, &every, from, count).unwrap();
        let expected: Vec<_> = all.rows.iter().skip(from as usize).take(count as usize).cloned().collect();
        prop_assert_eq!(part.rows, expected);
        let flagged = RowFilter { which: Which::Flagged, ..RowFilter::default() };
        let with_findings: Vec<_> = all.rows.iter().filter(|it| !it.findings.is_empty()).cloned().collect();
        let window = judgement.window(&source, &flagged, 0, 500).unwrap();
        prop_assert_eq!(&window.rows, &with_findings);
        let category = Category::ALL.get(category).copied();
        let column = Some(column).filter(|it| *it > 0);
        for which in [Which::Flagged, Which::Exceptions] {
            let narrowed = RowFilter { which, category, column, ..RowFilter::default() };
            let passes = |it: &&Finding| {
                (which == Which::Flagged || it.data.severity == Severity::Error)
                    && (column.is_none() || it.data.column == column)
            };
            let expected: Vec<_> = with_findings
                .iter()
                .filter(|it| category.is_none() || it.category == category)
                .filter(|it| it.findings.iter().any(|it| passes(&it)))
                .cloned()
                .collect();
            let window = judgement.window(&source, &narrowed, 0, 500).unwrap();
            prop_assert_eq!(window.total, expected.len() as u64);
            prop_assert_eq!(window.rows, expected);
        }
        let mut cells: Vec<CellPlace> = all.rows.iter().enumerate().flat_map(|(row, it)| {
            let columns = it.findings.iter().map(|it| it.data.column.unwrap_or(0));
            columns.map(move |column| CellPlace { row: row as u64, column })
        }).collect();
        cells.dedup();
        let at = CellPlace { row: from, column: 3 };
        let next = cells.iter().find(|it| **it > at).copied();
        let before = cells.iter().rev().find(|it| **it < at).copied();
        prop_assert_eq!(judgement.seek(&every, Some(at), false), next);
        prop_assert_eq!(judgement.seek(&every, Some(at), true), before);
        prop_assert_eq!(judgement.seek(&every, None, false), cells.first().copied());
    }
}

#[test]
fn rows_are_narrowed_by_their_category_and_by_the_column_of_what_was_found() {
    let file = b"order_id,order_date,region,product,quantity,revenue
1,2026-01-01,North,Milk 1L,1,10
2,,North,Milk 1L,1,10
3,2026-01-01,Nort,Milk 1L,1,ten
4,soon,,Milk 1L,1,10
5,2026-01-01,Nort,Milk 1L,1,10
";
    let source = Memory(file);
    let judgement = judged(&source, &[]);
    let check = |category, column, lines: &[u64]| {
        let filter = RowFilter {
            category,
            column,
            ..RowFilter::default()
        };
        let window = judgement.window(&source, &filter, 0, 9).unwrap();
        let told: Vec<u64> = window.rows.iter().map(|it| it.line).collect();
        assert_eq!(told, lines, "{category:?} {column:?}");
        assert_eq!(window.total, lines.len() as u64);
        let first = judgement.seek(&filter, None, false).map(|it| it.column);
        assert_eq!(first.is_some(), !lines.is_empty());
        assert!(column.is_none() || first.is_none() || first == column);
    };
    check(None, None, &[3, 4, 5, 6]);
    // A row is of one category, whatever else was found in it.
    check(Some(Category::MissingRequiredField), None, &[3, 5]);
    check(Some(Category::DataFormatError), None, &[4]);
    check(Some(Category::BusinessRuleViolation), None, &[6]);
    check(Some(Category::DataQualityIssue), None, &[]);
    check(None, Some(2), &[3, 5]);
    check(None, Some(3), &[4, 5, 6]);
    check(None, Some(5), &[]);
    check(Some(Category::MissingRequiredField), Some(3), &[5]);
    check(Some(Category::DataFormatError), Some(3), &[4]);
}

#[test]
fn what_finds_no_cell_is_left_out_and_told() {
    let file = b"order_id,order_date,region,product,quantity,revenue\n1,2026-01-01,Nort,Milk 1L,1,10\n\nTotal,,,,,10\n";
    let correction = |line, was: &str, text: &str| Correction {
        line: Some(line),
        column: 3,
        was: was.to_owned(),
        text: text.to_owned(),
    };
    for (line, was) in [(2, "North"), (3, ""), (4, ""), (1, "region"), (99, "Nort")] {
        let verdict = judged(&Memory(file), &[correction(line, was, "East")]).verdict;
        let note = verdict
            .notes
            .iter()
            .find(|it| it.name == "correction-without-cell");
        assert!(note.is_some(), "{line} {was}");
        assert_eq!(verdict.rows.exceptions, 1, "{line} {was}");
    }
    let verdict = judged(&Memory(file), &[correction(2, "Nort", "North")]).verdict;
    assert_eq!((verdict.rows.accepted, verdict.rows.exceptions), (1, 0));
    assert_eq!(verdict.notes[0].name, "corrected");
}

#[test]
fn a_row_that_ends_early_and_text_of_an_old_encoding_can_be_corrected() {
    let file = b"order_id,order_date,region,product,quantity,revenue,note\n1,2026-01-01,North,Milk 1L,1\n2,2026-01-01,Caf\xe9,Milk 1L,1,10,x\n";
    let at = |line, column, was: &str, text: &str| Correction {
        line: Some(line),
        column,
        was: was.to_owned(),
        text: text.to_owned(),
    };
    let corrections = [
        at(2, 7, "", "n\u{e9}e"),
        at(2, 6, "", "12.50"),
        at(3, 3, "Caf\u{e9}", "South"),
    ];
    let source = Memory(file);
    let judgement = judged(&source, &corrections);
    assert_eq!(judgement.verdict.rows.accepted, 2);
    let every = RowFilter {
        which: Which::Corrected,
        ..RowFilter::default()
    };
    let window = judgement.window(&source, &every, 0, 9).unwrap();
    assert_eq!(window.rows[0].cells[5..], ["12.50", "n\u{e9}e"]);
    assert_eq!(window.rows[1].cells[2], "South");
    let hindi = judged(&source, &[at(3, 3, "Caf\u{e9}", "\u{909}")]).verdict;
    assert!(
        hindi
            .notes
            .iter()
            .any(|it| it.name == "correction-without-cell")
    );
}

#[test]
fn a_value_that_is_wrong_in_many_rows_is_told_once_with_what_it_may_mean() {
    let mut file = "order_id,order_date,region,product,quantity,revenue\n".to_owned();
    for row in 0..9 {
        let region = [
            "Nort", "North", "Nort", "Souht", "", "Souht", "Nort", "?", "Mars",
        ][row];
        file.push_str(&format!("{row},2026-01-01,{region},Milk 1L,1,10\n"));
    }
    let source = Memory(file.as_bytes());
    let wrong = judged(&source, &[]).wrong_values(&source).unwrap();
    let told: Vec<_> = wrong
        .iter()
        .map(|it| (it.value.as_str(), it.rows, it.proposal.as_deref()))
        .collect();
    assert_eq!(
        told,
        [("Nort", 3, Some("North")), ("Souht", 2, Some("South"))]
    );
}

#[test]
fn a_product_that_is_nearly_one_of_the_list_is_told_where_it_stands_and_everywhere() {
    let mut file = "order_id,order_date,region,product,quantity,revenue\n".to_owned();
    let products = [
        "Mlik 1L",
        "Milk 1L",
        "Mlik 1L",
        "Moon Cheese",
        "Moon Cheese",
        "Milk 2L",
        "Milk 2L",
        "\u{200b}Milk 1L",
        "milk 1l",
        "milk 1l",
    ];
    for (row, product) in products.iter().enumerate() {
        file.push_str(&format!("{row},2026-01-01,North,{product},1,10\n"));
    }
    let source = Memory(file.as_bytes());
    let judged = judged(&source, &[]);
    assert_eq!(judged.verdict.rows.exceptions, 0);
    let wrong = judged.wrong_values(&source).unwrap();
    let told: Vec<_> = wrong
        .iter()
        .map(|it| {
            (
                it.severity,
                it.value.as_str(),
                it.rows,
                it.proposal.as_deref(),
            )
        })
        .collect();
    assert_eq!(told, [(Severity::Warning, "Mlik 1L", 2, Some("Milk 1L"))]);
    let filter = RowFilter {
        which: Which::Warnings,
        ..RowFilter::default()
    };
    let window = judged.window(&source, &filter, 0, 20).unwrap();
    let near: Vec<_> = window
        .near
        .iter()
        .map(|it| (it.record, it.column, it.text.as_str()))
        .collect();
    assert_eq!(
        near,
        [(1, 4, "Milk 1L"), (3, 4, "Milk 1L"), (8, 4, "Milk 1L")]
    );
}

#[test]
fn it_is_known_beforehand_how_many_cells_corrections_would_change() {
    let mut file = "order_id,order_date,region,product,quantity,revenue\n".to_owned();
    for (row, region) in ["Nort", "North", "Nort", "Souht", "Nort"]
        .iter()
        .enumerate()
    {
        file.push_str(&format!("{row},2026-01-01,{region},Milk 1L,1,10\n"));
    }
    let source = Memory(file.as_bytes());
    let correction = |line, was: &str, text: &str| Correction {
        line,
        column: 3,
        was: was.to_owned(),
        text: text.to_owned(),
    };
    let corrections = [
        correction(None, "Nort", "North"),
        // One of those, another cell, and one that says something else.
        correction(Some(2), "Nort", "South"),
        correction(Some(5), "Souht", "South"),
        correction(Some(3), "Souht", "South"),
    ];
    let count = |corrections: &[Correction]| {
        let judged = judged(&source, &[]);
        judged.count_cells(&source, corrections).unwrap()
    };
    assert_eq!((count(&[]), count(&corrections)), (0, 4));
}

#[test]
fn a_large_file_is_judged_again_by_the_pieces_that_were_touched() {
    let mut bytes = Vec::new();
    let end = engine::day::parse_iso("2026-02-02").unwrap();
    let sample = engine::sample::Sample::new(60_000, 3, end);
    sample.write(&mut |it| bytes.extend_from_slice(it), &mut |_| {});
    assert!(bytes.len() as u64 > PIECE);
    let source = Memory(&bytes);
    let row = judged(&source, &[]).flagged(
        &source,
        &FindingQuery {
            after: 40_000,
            limit: 1,
            ..FindingQuery::default()
        },
    );
    let row = row.unwrap().rows.remove(0);
    let line = Some(row.line);
    let cells = (1..).zip(row.cells);
    let corrections: Vec<_> = cells
        .map(|(column, was)| Correction {
            line,
            column,
            was,
            text: "x".repeat(50_000),
        })
        .collect();
    let verdict = judged(&source, &corrections).verdict;
    let again = again(&source, &corrections, PIECE - ROOM);
    let ([touched, all], found) = again.unwrap();
    assert!(touched == 1 && all > 1, "{touched} of {all}");
    assert_eq!(found, verdict);
}

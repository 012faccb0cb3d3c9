//! Workbooks of every format: their text and what is told of them, natively and in WebAssembly.

use crate::files::{moment, rows};
use engine::{
    contract, judge,
    workbook::{self, Workbook},
};
use model::{
    finding::FindingQuery,
    options::Choice,
    verdict::LayoutKind,
    workbook::{Refused, SheetPart},
};
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test;

pub(crate) const XLSX: &[u8] = include_bytes!("../workbooks/orders.xlsx");
const XLS: &[u8] = include_bytes!("../workbooks/orders.xls");
const XLSB: &[u8] = include_bytes!("../workbooks/orders.xlsb");
const ODS: &[u8] = include_bytes!("../workbooks/orders.ods");
const PAGE: &[u8] = include_bytes!("../workbooks/page.xls");
const PASSWORD: &[u8] = include_bytes!("../workbooks/password.xlsx");

const HEADER: &str = "order_id,order_date,region,product,quantity,revenue";

const APRIL: &str = "April 2025,,,,,

order_id,order_date,region,product,quantity,revenue
001001,2025-04-03,North,Milk 1L,2,100
001002,2025-04-04,South,Paneer 200g,1,1234.56
001003,2025-04-05 14:30:00,East,\"Chips, \"\"salted\"\"
large\",3,0.3
001004,2025-04-06,West,Milk 1L,1,#N/A
001005,2025-04-07,Central,Milk 1L,12,-50
";

const MAY: &str = "order_id,order_date,region,product,quantity,revenue
001006,2025-05-01,North,Milk 1L,2,99.5
";

pub(crate) fn open(bytes: &[u8], sheets: &[&str]) -> Workbook {
    let choice = Choice {
        sheets: sheets.iter().map(|it| (*it).to_owned()).collect(),
        ..Choice::default()
    };
    workbook::open_bytes(bytes, contract::sales(), &choice).unwrap()
}

pub(crate) fn text(workbook: &Workbook) -> &str {
    std::str::from_utf8(&workbook.text).unwrap()
}

fn notes(workbook: &Workbook) -> Vec<(&str, &str)> {
    let notes = workbook.origin.notes.iter();
    notes
        .map(|it| (it.name.as_str(), it.text.as_str()))
        .collect()
}

#[cfg_attr(target_arch = "wasm32", wasm_bindgen_test)]
#[cfg_attr(not(target_arch = "wasm32"), test)]
fn an_xlsx_is_read_as_it_is_seen() {
    let workbook = open(XLSX, &[]);
    assert_eq!(text(&workbook), APRIL);
    assert_eq!(
        notes(&workbook),
        [
            (
                "sheets-not-read",
                "3 other sheets were not read: `Read me`, `May`, `Old`"
            ),
            (
                "hidden-rows",
                "`April`: 1 row is hidden in the workbook, and was read; the first is row 5"
            ),
            (
                "hidden-columns",
                "`April`: 1 column is hidden in the workbook, and was read; the first is column D"
            ),
            (
                "formula-errors",
                "`April`: 1 cell holds the error of a formula; the first is #N/A in F7"
            ),
            (
                "merged-cells",
                "`April`: 1 place has merged cells: the value stands in the first cell alone; the first is A1:C1"
            ),
        ]
    );
    let sheets: Vec<_> = workbook
        .sheets
        .iter()
        .map(|it| (it.name.as_str(), it.rows, it.hidden, it.header.join(",")))
        .collect();
    assert_eq!(
        sheets,
        [
            ("Read me", 2, false, "Sales of two months".to_owned()),
            ("April", 7, false, HEADER.to_owned()),
            ("May", 2, false, HEADER.to_owned()),
            ("Old", 2, true, HEADER.to_owned()),
        ]
    );
}

#[cfg_attr(target_arch = "wasm32", wasm_bindgen_test)]
#[cfg_attr(not(target_arch = "wasm32"), test)]
fn the_other_formats_are_read_as_they_are_stored() {
    let stored = APRIL.replace("\n00", "\n");
    let xls = open(XLS, &[]);
    assert_eq!(text(&xls), stored);
    let told: Vec<&str> = notes(&xls).iter().map(|it| it.0).collect();
    let expected = [
        "sheets-not-read",
        "hidden-rows",
        "hidden-columns",
        "formula-errors",
        "merged-cells",
        "stored-values",
    ];
    assert_eq!(told, expected);

    let ods = open(ODS, &[]);
    assert_eq!(text(&ods), APRIL);
    assert_eq!(
        notes(&ods).iter().map(|it| it.0).collect::<Vec<_>>(),
        expected
    );
    assert_eq!(text(&open(ODS, &["May"])), MAY);

    let xlsb = open(XLSB, &[]);
    let (_, table) = stored.split_once("\n\n").unwrap();
    assert_eq!(text(&xlsb), table);
    let told: Vec<&str> = notes(&xlsb).iter().map(|it| it.1).collect();
    assert!(
        told[1].contains("1 row is hidden") && told[1].contains("row 3"),
        "{told:?}"
    );
    assert!(
        told[2].contains("1 column is hidden") && told[2].contains("column D"),
        "{told:?}"
    );
    let formats = [&xls, &ods, &xlsb].map(|it| it.origin.format.as_str());
    assert_eq!(formats, ["xls", "ods", "xlsb"]);
    for workbook in [xls, ods, xlsb] {
        let old = workbook.sheets.last().unwrap();
        assert!(old.hidden, "{}", workbook.origin.format);
    }
}

#[cfg_attr(target_arch = "wasm32", wasm_bindgen_test)]
#[cfg_attr(not(target_arch = "wasm32"), test)]
fn sheets_with_one_header_can_be_read_as_one_file() {
    let alone = open(XLSX, &[]);
    let [proposal] = alone.origin.proposals.as_slice() else {
        panic!("{:?}", alone.origin.proposals);
    };
    assert_eq!(proposal.choice.sheets, ["April", "May"]);
    let both = open(XLSX, &["April", "May"]);
    assert_eq!(text(&both), format!("{APRIL}{MAY}"));
    assert!(both.origin.proposals.is_empty());
    let part = |name: &str, first_line, above| SheetPart {
        name: name.to_owned(),
        first_line,
        above,
    };
    // Nothing stands above the header of May.
    let start = APRIL.len() as u64;
    let parts = [part("April", 1, None), part("May", 9, Some(start..start))];
    assert_eq!(both.origin.sheets, parts);
    assert_eq!(
        notes(&both)[0].1,
        "2 sheets are read as one file: `April` from line 1, `May` from line 9"
    );
    let verdict = judge(&both, contract::sales(), &Choice::default(), moment()).unwrap();
    // Title, blank line and the second header are layout.
    assert_eq!(rows(&verdict.verdict), (6, 4, 2, 3));
}

#[cfg_attr(target_arch = "wasm32", wasm_bindgen_test)]
#[cfg_attr(not(target_arch = "wasm32"), test)]
fn sheets_whose_columns_stand_in_another_order_are_not_read_as_one_file() {
    let table = |header: &str, rows: &[&str]| {
        let rows = std::iter::once(&header).chain(rows);
        let row = |it: &&str| format!("<tr><td>{}</td></tr>", it.replace(',', "</td><td>"));
        format!("<table>{}</table>", rows.map(row).collect::<String>())
    };
    let swapped = HEADER.replace("quantity,revenue", "revenue,quantity");
    let wider = format!("{HEADER},remark");
    let row = |key: u32| format!("{key},03-04-2025,North,Milk 1L,2,100.0");
    let [first, second, third] = [1001, 1002, 1003].map(row);
    let turned = second.replace("2,100.0", "100.0,2");
    // Without headers one sheet goes on with the other, whatever their cells share.
    let page = format!(
        "<html>{}{}</html>",
        table(&first, &[&second]),
        table(&third, &[&second.replace("1002", "1004")])
    );
    let sheets = open(page.as_bytes(), &[]).sheets;
    let names: Vec<&str> = sheets.iter().map(|it| it.name.as_str()).collect();
    assert_eq!(
        (names.len(), open(page.as_bytes(), &names).origin.refused),
        (2, None)
    );
    for (other, is_read) in [
        (table(HEADER, &[&second, &third]), true),
        (table(&second, &[&third]), true),
        (table(&swapped, &[&turned]), false),
        (table(&wider, &[&format!("{second},late")]), false),
    ] {
        let page = format!("<html>{}{other}</html>", table(HEADER, &[&first]));
        let sheets: Vec<String> = open(page.as_bytes(), &[])
            .sheets
            .into_iter()
            .map(|it| it.name)
            .collect();
        let [a, b] = sheets.as_slice() else {
            panic!("{sheets:?}");
        };
        let both = open(page.as_bytes(), &[a, b]);
        assert_eq!(
            both.origin.refused,
            (!is_read).then_some(Refused::OtherHeader),
            "{page}"
        );
        // What else can be chosen is said all the same.
        assert_eq!(both.sheets.len(), 2);
        let verdict = judge(&both, contract::sales(), &Choice::default(), moment())
            .unwrap()
            .verdict;
        if is_read {
            assert_eq!(verdict.rows.accepted, 3, "{page}");
            continue;
        }
        assert!(verdict.held.unwrap().for_structure());
        let text = &verdict.file_findings[0].text;
        assert!(text.contains("different headers"), "{text}");
        assert!(
            notes(&both)[0]
                .1
                .ends_with(&format!("`{b}` is not that of `{a}`"))
        );
    }
}

/// A workbook of tables, one a sheet, whose rows are written with commas.
fn tables(tables: &[&[&str]]) -> (Workbook, Vec<String>) {
    let row = |it: &&str| format!("<tr><td>{}</td></tr>", it.replace(',', "</td><td>"));
    let table = |it: &&[&str]| format!("<table>{}</table>", it.iter().map(row).collect::<String>());
    let page = format!(
        "<html>{}</html>",
        tables.iter().map(table).collect::<String>()
    );
    let names: Vec<String> = open(page.as_bytes(), &[])
        .sheets
        .into_iter()
        .map(|it| it.name)
        .collect();
    let chosen: Vec<&str> = names.iter().map(String::as_str).collect();
    (open(page.as_bytes(), &chosen), names)
}

#[cfg_attr(target_arch = "wasm32", wasm_bindgen_test)]
#[cfg_attr(not(target_arch = "wasm32"), test)]
fn what_stands_above_the_header_of_a_later_sheet_is_layout_and_lines_are_told_as_its_rows() {
    let (first, again) = (
        "1001,2025-04-03,North,Milk 1L,2,100",
        "1001,2025-05-03,North,Milk 1L,3,90",
    );
    let (both, names) = tables(&[
        &[HEADER, first],
        &[
            "Register of May",
            " ",
            "Branch,Delhi,,,100",
            HEADER,
            again,
            "1002,2025-05-04,Nowhere,Milk 1L,2,50",
            ",,,,2,130",
        ],
    ]);
    let judgement = judge(&both, contract::sales(), &Choice::default(), moment()).unwrap();
    let verdict = &judgement.verdict;
    assert_eq!(rows(verdict), (3, 1, 2, 5));
    let layout = verdict.layout.iter();
    let layout: Vec<_> = layout.map(|it| (it.kind, it.first.clone())).collect();
    let kinds = [
        (LayoutKind::Title, vec![3, 5]),
        (LayoutKind::Blank, vec![4]),
        (LayoutKind::RepeatedHeader, vec![6]),
        (LayoutKind::Total, vec![9]),
    ];
    assert_eq!(layout, kinds);
    let may = &names[1];
    let flagged = judgement.flagged(
        &both,
        &FindingQuery {
            limit: 9,
            ..FindingQuery::default()
        },
    );
    let flagged = flagged.unwrap().rows;
    let told = flagged.iter().map(|it| {
        let finding = &it.findings[0];
        assert_eq!(it.sheet_row, finding.sheet_row);
        let row = it.sheet_row.as_ref().unwrap().to_string();
        (it.line, row, finding.text.as_str())
    });
    let told: Vec<_> = told.collect();
    assert_eq!(told[0].0, 7);
    assert_eq!(told[0].1, format!("{may}, row 5"));
    let holder = format!("already stands in line 2 ({}, row 2),", names[0]);
    assert!(told[0].2.contains(&holder), "{}", told[0].2);
    assert_eq!(told[1].1, format!("{may}, row 6"));
    let note = verdict.notes.iter().find(|it| it.name == "total-differs");
    let note = &note.unwrap().text;
    assert!(
        note.contains(&format!("line 9 ({may}, row 7) is")),
        "{note}"
    );
    // Of one sheet a line is its row, and nothing more is told.
    let alone = open(XLSX, &[]);
    let alone = judge(&alone, contract::sales(), &Choice::default(), moment()).unwrap();
    assert_eq!(alone.verdict.options.sheet_row(7), None);
}

#[cfg_attr(target_arch = "wasm32", wasm_bindgen_test)]
#[cfg_attr(not(target_arch = "wasm32"), test)]
fn no_row_is_lost_above_a_header_that_a_later_sheet_repeats_further_down() {
    let row = |key: u32| format!("{key},2025-04-03,North,Milk 1L,2,100");
    let [a, b, c] = [1001, 1002, 1003].map(row);
    let (both, _) = tables(&[&[HEADER, &a], &[&b, HEADER, &c]]);
    let judgement = judge(&both, contract::sales(), &Choice::default(), moment()).unwrap();
    assert_eq!(rows(&judgement.verdict), (3, 3, 0, 1));
    // One without its day is an exception there as anywhere.
    let undated = b.replace("2025-04-03", "");
    let (both, _) = tables(&[&[HEADER, &a], &[&undated, HEADER, &c]]);
    let judgement = judge(&both, contract::sales(), &Choice::default(), moment()).unwrap();
    assert_eq!(rows(&judgement.verdict), (3, 2, 1, 1));
}

#[cfg_attr(target_arch = "wasm32", wasm_bindgen_test)]
#[cfg_attr(not(target_arch = "wasm32"), test)]
fn findings_name_the_row_of_the_sheet() {
    let workbook = open(XLSX, &[]);
    let judgement = judge(&workbook, contract::sales(), &Choice::default(), moment()).unwrap();
    let query = FindingQuery {
        limit: 9,
        ..FindingQuery::default()
    };
    let found = judgement.flagged(&workbook, &query).unwrap().rows;
    let found: Vec<_> = found
        .iter()
        .flat_map(|it| &it.findings)
        .filter(|it| it.data.code.starts_with("VAL"))
        .map(|it| (it.line, it.data.code.as_str()))
        .collect();
    assert_eq!(found, [(7, "VAL02"), (8, "VAL06")]);
    let verdict = judgement.verdict;
    let digest = blake3::hash(XLSX).to_hex().to_string();
    assert_eq!(verdict.receipt.file_digest, digest);
    let options = verdict.options.workbook.unwrap();
    assert_eq!(
        (options.format.as_str(), options.sheets.as_slice()),
        ("xlsx", ["April".to_owned()].as_slice())
    );
    assert_eq!(verdict.options.header_line, 3);
}

#[cfg_attr(target_arch = "wasm32", wasm_bindgen_test)]
#[cfg_attr(not(target_arch = "wasm32"), test)]
fn a_web_page_of_tables_is_read_as_what_it_is() {
    let page = open(PAGE, &[]);
    assert_eq!(
        text(&page),
        format!(
            "{HEADER}\n1001,03-04-2025,North,Milk 1L,2,100.0\n1002,04-04-2025,South,Milk 1L,1,1234.56\n"
        )
    );
    assert_eq!(notes(&page).last().unwrap().0, "web-page");
}

#[cfg_attr(target_arch = "wasm32", wasm_bindgen_test)]
#[cfg_attr(not(target_arch = "wasm32"), test)]
fn what_cannot_be_read_is_told_and_held() {
    let cut = XLSX.get(..XLSX.len() - 2000).unwrap();
    let mut broken = XLSX.to_vec();
    let middle = broken.len() / 2;
    broken.get_mut(middle..middle + 400).unwrap().fill(b'x');
    for (bytes, sheets, refused, text) in [
        (PASSWORD, vec![], Refused::Password, "password"),
        (&broken, vec![], Refused::Damaged, "damaged"),
        (
            XLSX,
            vec!["June"],
            Refused::NoSuchSheet,
            "no sheet of the name",
        ),
    ] {
        let workbook = open(bytes, &sheets);
        assert_eq!(workbook.origin.refused, Some(refused));
        let verdict = judge(&workbook, contract::sales(), &Choice::default(), moment()).unwrap();
        let verdict = verdict.verdict;
        assert!(verdict.held.unwrap().for_structure());
        let [finding] = verdict.file_findings.as_slice() else {
            panic!("{:?}", verdict.file_findings);
        };
        assert_eq!(finding.data.code, "SCH08");
        assert!(finding.text.contains(text), "{}", finding.text);
    }
    for bytes in [cut, b"PK\x03\x04", b"<html><p>Not found</p>", b"a,b\n"] {
        let choice = Choice::default();
        assert_eq!(
            workbook::open_bytes(bytes, contract::sales(), &choice),
            None
        );
    }
}

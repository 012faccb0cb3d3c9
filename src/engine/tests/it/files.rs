//! Whole files and what is to be said of them.

use engine::{Moment, contract, judge, source::Memory};
use model::{
    control::Status,
    finding::FindingQuery,
    options::Choice,
    verdict::{LayoutKind, Verdict},
};
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test;

const HEADER: &str = "order_id,order_date,region,product,quantity,revenue\n";

pub(crate) fn moment() -> Moment {
    Moment::parse("2026-02-02T12:00:00Z").unwrap()
}

pub(crate) fn verdict(bytes: &[u8]) -> Verdict {
    judge(
        &Memory(bytes),
        contract::sales(),
        &Choice::default(),
        moment(),
    )
    .unwrap()
    .verdict
}

pub(crate) fn rows(verdict: &Verdict) -> (u64, u64, u64, u64) {
    let it = verdict.rows;
    (it.read, it.accepted, it.exceptions, it.layout)
}

fn status(verdict: &Verdict, code: &str) -> Status {
    verdict
        .controls
        .iter()
        .find(|it| it.code == code)
        .unwrap()
        .status
}

/// `body` stands below the header; codes of all findings in order, with their lines.
fn check(body: &str, expected: &[(u64, &str)]) {
    let bytes = format!("{HEADER}{body}");
    let source = Memory(bytes.as_bytes());
    let judgement = judge(&source, contract::sales(), &Choice::default(), moment()).unwrap();
    let query = FindingQuery {
        limit: 500,
        ..FindingQuery::default()
    };
    let rows = judgement.flagged(&source, &query).unwrap().rows;
    let found: Vec<(u64, String)> = rows
        .into_iter()
        .flat_map(|it| it.findings)
        .map(|it| (it.line, it.data.code))
        .collect();
    let found: Vec<(u64, &str)> = found
        .iter()
        .map(|(line, code)| (*line, code.as_str()))
        .collect();
    assert_eq!(found, expected, "{body}");
}

#[cfg_attr(not(target_arch = "wasm32"), test)]
#[cfg_attr(target_arch = "wasm32", wasm_bindgen_test)]
fn holds_what_is_no_table_or_lacks_a_column() {
    for (bytes, reason) in [
        (b"".as_slice(), "not-a-table"),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "not-a-table"),
        (b"PK\x03\x04", "not-a-table"),
        (
            b"order_id,order_date,region,product,quantity\na,b,c,d,e\n",
            "missing-column",
        ),
        (
            b"order_id,order_date,region,product,quantity,revenue,Revenue\n1\n2\n",
            "repeated-column-name",
        ),
        (b"just some text", "missing-column"),
    ] {
        let verdict = verdict(bytes);
        let held = verdict.held.as_ref().unwrap();
        assert_eq!(held.reason, reason);
        assert_eq!(
            (rows(&verdict).0, verdict.money, verdict.quality_score),
            (0, None, None)
        );
        assert_eq!(verdict.exception_rate, None);
        assert!(verdict.thresholds.iter().all(|it| !it.met));
        assert!(!verdict.file_findings.is_empty());
        assert_eq!(status(&verdict, "CMP01"), Status::NotRun);
    }
    let picture = verdict(b"\x89PNG\r\n\x1a\n\0");
    let reasons = picture
        .controls
        .iter()
        .filter_map(|it| it.reason.as_deref());
    assert!(reasons.clone().count() > 10);
    assert_eq!(
        reasons.filter(|it| *it != "the file is no table").count(),
        0
    );
    let records = |text: &[u8]| verdict(text).held.unwrap().records;
    assert_eq!(records(b"order_id,order_date\n1,2\n\n3,4\n"), 2);
}

#[cfg_attr(not(target_arch = "wasm32"), test)]
#[cfg_attr(target_arch = "wasm32", wasm_bindgen_test)]
fn a_header_alone_is_judged_and_meets_no_threshold() {
    let verdict = verdict(HEADER.as_bytes());
    assert_eq!((rows(&verdict), verdict.held), ((0, 0, 0, 0), None));
    assert_eq!(
        (verdict.quality_score, verdict.exception_rate),
        (None, None)
    );
    assert!(verdict.thresholds.iter().all(|it| !it.met));
    let unq = verdict
        .controls
        .iter()
        .find(|it| it.code == "UNQ01")
        .unwrap();
    assert_eq!(
        (unq.status, unq.reason.as_deref()),
        (Status::NotRun, Some("the file has no rows"))
    );
}

#[cfg_attr(not(target_arch = "wasm32"), test)]
#[cfg_attr(target_arch = "wasm32", wasm_bindgen_test)]
fn layout_is_counted_apart_and_its_money_too() {
    let text = format!(
        "Sales of January\n\n{HEADER}a,2026-01-01,North,Milk 1L,1,10.00\nb,2026-01-01,North,Milk 1L,2,20.00\n\
         Total,,,,3,30.00\n,,,,,\n{HEADER}c,2026-01-02,south,Milk 1L,1,5\nGrand Total,,,,4,36.00\n"
    );
    let verdict = verdict(text.as_bytes());
    assert_eq!(rows(&verdict), (3, 3, 0, 6));
    let kinds: Vec<_> = verdict
        .layout
        .iter()
        .map(|it| (it.kind, it.first.clone()))
        .collect();
    assert_eq!(
        kinds,
        [
            (LayoutKind::Title, vec![1]),
            (LayoutKind::Blank, vec![2, 7]),
            (LayoutKind::RepeatedHeader, vec![8]),
            (LayoutKind::Total, vec![6, 10]),
        ]
    );
    assert_eq!(verdict.options.header_line, 3);
    let money = verdict.money.unwrap();
    assert_eq!(
        (money.read.to_string(), money.layout.to_string()),
        ("35.00".into(), "66.00".into())
    );
    let totals: Vec<_> = verdict
        .total_rows
        .iter()
        .map(|it| (it.line, it.amount.to_string(), it.sum_above.to_string()))
        .collect();
    assert_eq!(
        totals,
        [
            (6, "30.00".into(), "30.00".into()),
            (10, "36.00".into(), "5.00".into())
        ]
    );
    let notes = verdict.notes.iter().filter(|it| it.name == "total-differs");
    let notes: Vec<&str> = notes.map(|it| it.text.as_str()).collect();
    assert_eq!(
        notes,
        ["The total in line 10 is ₹36.00, and the rows above it add up to ₹5.00"]
    );
}

#[cfg_attr(not(target_arch = "wasm32"), test)]
#[cfg_attr(target_arch = "wasm32", wasm_bindgen_test)]
fn names_every_finding_with_its_line() {
    check("a,2026-01-01,North,Milk 1L,1,10\n", &[]);
    check(",2026-01-01,North,Milk 1L,1,10\n", &[(2, "CMP01")]);
    check(
        "a,,North,Milk 1L,0,-1\n",
        &[(2, "CMP01"), (2, "VAL06"), (2, "VAL06")],
    );
    check("a,2026-01-01,North\n", &[(2, "SCH04")]);
    check(
        "a,2026-01-01,North,Milk 1L,1,10,x\nb,2026-01-01,North,Milk 1L,1,10,,\n",
        &[(2, "SCH04")],
    );
    check(
        "\"a,2026-01-01,North,Milk 1L,1,10\nb,2026-01-01,North,Milk 1L,1,10\n",
        &[(2, "SCH06")],
    );
    // The row begins a line above its quote.
    check(
        "a,2026-01-01,\"Nor\nth\",\"Milk 1L,1,10\nb,2026-01-01,North,Milk 1L,1,10\n",
        &[(3, "SCH06")],
    );
    check(
        "a,2026-01-01,\"Nor\nth\",Milk 1L,1,10\nb,x,North,Milk 1L,1,1\n",
        &[(2, "VAL05"), (4, "VAL03")],
    );
    check("a,2026-02-03,North,Milk 1L,1,10\n", &[(2, "TIM01")]);
    check(
        "a,2026-02-02,North,Milk 2L,1,10.001\n",
        &[(2, "REF01"), (2, "VAL02")],
    );
}

#[cfg_attr(not(target_arch = "wasm32"), test)]
#[cfg_attr(target_arch = "wasm32", wasm_bindgen_test)]
fn the_first_sound_row_holds_the_key() {
    let row = "a,2026-01-01,North,Milk 1L,1,10\n";
    check(&format!("{row}{row}"), &[(3, "UNQ01")]);
    check(
        &format!("a,x,North,Milk 1L,1,10\n{row}{row}"),
        &[(2, "VAL03"), (4, "UNQ01")],
    );
    check(
        &format!("a,2026-01-01,North,Milk 1L,1,10.000\n{row}"),
        &[(2, "VAL10"), (3, "UNQ01")],
    );
    check(
        "a,2026-01-01,North,Milk 1L,1,10\n\"a\",2026-01-01,North,Milk 1L,1,10\n",
        &[(3, "UNQ01")],
    );
    check(
        "a,2026-01-01,North,Milk 1L,1,10\nA,2026-01-01,North,Milk 1L,1,10\n",
        &[],
    );
}

#[cfg_attr(not(target_arch = "wasm32"), test)]
#[cfg_attr(target_arch = "wasm32", wasm_bindgen_test)]
fn a_row_without_a_readable_amount_is_counted_as_such() {
    let text = format!(
        "{HEADER}a,2026-01-01,North,Milk 1L,1,ten\nb,2026-01-01,North\nc,2026-01-01,North,Milk 1L,1,10\n"
    );
    let verdict = verdict(text.as_bytes());
    let money = verdict.money.unwrap();
    assert_eq!(
        (money.unreadable_rows, money.read.to_string()),
        (2, "10.00".into())
    );
    assert_eq!(verdict.held.unwrap().reason, "exception-rate");
    assert_eq!(verdict.rows.exceptions, 2);
}

#[cfg_attr(not(target_arch = "wasm32"), test)]
#[cfg_attr(target_arch = "wasm32", wasm_bindgen_test)]
fn reads_the_file_in_its_own_encoding_and_dialect() {
    let text = format!("{HEADER}a,2026-01-01,North,Caf\u{e9},1,10\n");
    let latin: Vec<u8> = text
        .chars()
        .map(|it| u8::try_from(u32::from(it)).unwrap())
        .collect();
    assert_eq!(verdict(&latin).options.encoding, "windows-1252");
    assert_eq!(rows(&verdict(&latin)), (1, 1, 0, 0));
    let both = [text.as_bytes(), b"b,2026-01-01,North,Caf\xe9,1,10\n"].concat();
    let both = verdict(&both);
    assert_eq!(
        (both.options.encoding.as_str(), status(&both, "SCH07")),
        ("utf-8", Status::Failed)
    );
    assert_eq!(rows(&both), (2, 1, 1, 0));
    assert!(both.proposals.is_empty());
    // One pair that happens to be UTF-8, among rows that are not.
    let accident = [
        text.as_bytes(),
        b"b,2026-01-01,North,Caf\xe9,1,10\nc,2026-01-01,North,Caf\xe9,1,10\n",
    ]
    .concat();
    let found = verdict(&accident);
    assert_eq!(rows(&found), (3, 1, 2, 0));
    assert_eq!(
        found.proposals[0].text,
        "Read the file as Windows-1252: 2 lines are no UTF-8, and 1 has characters of it"
    );
    let choice = found.proposals[0].choice.clone();
    let source = Memory(&accident);
    let read = judge(&source, contract::sales(), &choice, moment()).unwrap();
    assert_eq!(rows(&read.verdict), (3, 3, 0, 0));
    assert!(read.verdict.proposals.is_empty());
    let semicolons = format!("\u{feff}{HEADER}a,2026-01-01,North,Milk 1L,1,10\n")
        .replace(',', ";")
        .replace('\n', "\r\n");
    let semicolons = verdict(semicolons.as_bytes());
    assert_eq!(
        (
            semicolons.options.delimiter.as_str(),
            semicolons.options.bom
        ),
        (";", true)
    );
    assert_eq!(rows(&semicolons), (1, 1, 0, 0));
}

/// The first real file, where the folder with it is named by TARAZU_TRY_DATA.
#[cfg(not(target_arch = "wasm32"))]
#[test]
fn the_seed_file_has_its_known_figures() {
    #[expect(
        clippy::disallowed_methods,
        reason = "the one place where tests look for files that are not the project's"
    )]
    let Some(folder) = std::env::var_os("TARAZU_TRY_DATA") else {
        eprintln!("not run: TARAZU_TRY_DATA is not set");
        return;
    };
    let bytes = std::fs::read(std::path::Path::new(&folder).join("seed/sales_data.csv")).unwrap();
    let verdict = verdict(&bytes);
    assert_eq!(rows(&verdict), (5000, 4376, 624, 0));
    let money = verdict.money.unwrap();
    assert_eq!(
        [money.read, money.accepted, money.exceptions].map(|it| it.to_string()),
        ["31918684.29", "28786763.77", "3131920.52"]
    );
    assert_eq!(
        (
            money.unreadable_rows,
            verdict.exception_rate.unwrap().to_string()
        ),
        (0, "0.124800".into())
    );
    let failed = |code: &str| {
        verdict
            .controls
            .iter()
            .find(|it| it.code == code)
            .unwrap()
            .failed
    };
    assert_eq!(
        ["CMP01", "VAL03", "VAL06", "UNQ01", "VAL10"].map(failed),
        [300, 142, 164, 83, 1094]
    );
    assert_eq!(verdict.findings.errors, 300 + 142 + 164 + 83);
    let quality = verdict
        .categories
        .iter()
        .find(|it| it.category.as_str() == "DATA_QUALITY_ISSUE");
    assert_eq!(quality.unwrap().exceptions, 83);
    assert_eq!(verdict.quality_score.unwrap().percent(), "99.18");
}

//! How files are read: encodings, layout, numbers and dates as people write them, and what a user lays down.

use crate::files::{moment, rows};
use engine::{
    choice,
    contract::{self, Contract},
    judge,
    source::Memory,
};
use model::{
    finding::FindingQuery,
    options::{Choice, DateForm},
    verdict::{LayoutKind, Verdict},
};
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test;

const HEADER: &str = "order_id,order_date,region,product,quantity,revenue\n";
const ROW: &str = "O-1,2025-06-05,North,Milk 1L,2,100.00\n";

fn read(bytes: &[u8], contract: &Contract, choice: &Choice) -> Verdict {
    choice::check(choice, contract).unwrap();
    judge(&Memory(bytes), contract, choice, moment())
        .unwrap()
        .verdict
}

fn sales(bytes: &[u8]) -> Verdict {
    read(bytes, contract::sales(), &Choice::default())
}

fn laid_down(choice: &str) -> Choice {
    serde_json::from_str(choice).unwrap()
}

fn names(verdict: &Verdict) -> (Vec<&str>, Vec<&str>) {
    (
        verdict.notes.iter().map(|it| it.name.as_str()).collect(),
        verdict
            .proposals
            .iter()
            .map(|it| it.name.as_str())
            .collect(),
    )
}

/// A contract with a date, an amount and a text column, each in what way the test wants it.
fn small(date_forms: &str, writing: &str) -> Contract {
    Contract::from_json(&format!(
        r#"{{"name":"t","version":"1","key":["id"],"money":"amount","columns":[
            {{"name":"id","type":"identifier","required":true}},
            {{"name":"day","type":"date","required":true,"forms":{date_forms}}},
            {{"name":"amount","type":"amount","required":true,"writing":{writing}}}],
          "controls":[{{"code":"SCH01"}},{{"code":"CMP01","columns":["id","day","amount"]}},
            {{"code":"VAL02","columns":["amount"]}},{{"code":"VAL03","columns":["day"]}},
            {{"code":"VAL04","columns":["day"]}},{{"code":"UNQ01"}}]}}"#
    ))
    .unwrap()
}

pub(crate) fn utf16(text: &str, big_endian: bool, bom: bool) -> Vec<u8> {
    let mark = if bom { "\u{feff}" } else { "" };
    let units = mark.encode_utf16().chain(text.encode_utf16());
    units
        .flat_map(|it| {
            if big_endian {
                it.to_be_bytes()
            } else {
                it.to_le_bytes()
            }
        })
        .collect()
}

#[cfg_attr(target_arch = "wasm32", wasm_bindgen_test)]
#[cfg_attr(not(target_arch = "wasm32"), test)]
fn utf_16_reads_like_utf_8_in_both_byte_orders_with_and_without_a_mark() {
    let text = format!(
        "{HEADER}{ROW}O-2,2025-06-05,\u{909}\u{924}\u{94d}\u{924}\u{930},Milk 1L,2,₹1,00\n"
    );
    let plain = sales(text.as_bytes());
    assert_eq!(rows(&plain), (2, 1, 1, 0));
    for big_endian in [false, true] {
        for bom in [false, true] {
            let wide = sales(&utf16(&text, big_endian, bom));
            let label = if big_endian { "utf-16be" } else { "utf-16le" };
            assert_eq!(
                (wide.options.encoding.as_str(), wide.options.bom),
                (label, bom)
            );
            assert_eq!(rows(&wide), rows(&plain));
            assert_eq!(wide.money, plain.money);
            assert_eq!(wide.receipt.findings_digest, plain.receipt.findings_digest);
            let file = blake3::hash(&utf16(&text, big_endian, bom));
            assert_eq!(wide.receipt.file_digest, file.to_hex().to_string());
        }
    }
}

#[cfg_attr(target_arch = "wasm32", wasm_bindgen_test)]
#[cfg_attr(not(target_arch = "wasm32"), test)]
fn half_a_pair_in_utf_16_is_an_exception_and_utf_32_is_told() {
    let mut bytes = utf16(&format!("{HEADER}{ROW}"), false, true);
    bytes.extend(utf16("O-2,2025-06-05,North,Milk", false, false));
    bytes.extend(0xd83e_u16.to_le_bytes());
    bytes.extend(utf16(",2,5\n", false, false));
    let verdict = sales(&bytes);
    assert_eq!(rows(&verdict), (2, 1, 1, 0));
    let failed = verdict.controls.iter().find(|it| it.code == "SCH07");
    assert_eq!(failed.unwrap().failed, 1);
    let wide: Vec<u8> = format!("\u{feff}{HEADER}{ROW}")
        .chars()
        .flat_map(|it| u32::from(it).to_le_bytes())
        .collect();
    let verdict = sales(&wide);
    assert_eq!(verdict.held.unwrap().reason, "not-a-table");
    assert!(verdict.file_findings[0].text.contains("UTF-32"));
}

#[cfg_attr(target_arch = "wasm32", wasm_bindgen_test)]
#[cfg_attr(not(target_arch = "wasm32"), test)]
fn the_user_lays_down_encoding_and_delimiter() {
    // Valid as UTF-8 too, but meant as Windows-1252.
    let text = format!("{HEADER}O-1,2025-06-05,North,Caf\u{c3}\u{a9},2,100.00\n");
    let bytes: Vec<u8> = text.chars().map(|it| it as u8).collect();
    let found = sales(&bytes);
    assert_eq!(found.options.encoding, "utf-8");
    let choice = laid_down(r#"{"encoding":"windows-1252"}"#);
    let chosen = read(&bytes, contract::sales(), &choice);
    assert_eq!(chosen.options.encoding, "windows-1252");
    assert_ne!(chosen.receipt.digest, found.receipt.digest);
    let pipes = format!("{HEADER}{ROW}").replace(',', "|");
    assert_eq!(sales(pipes.as_bytes()).options.delimiter, "|");
    let choice = laid_down(r#"{"delimiter":","}"#);
    let commas = read(pipes.as_bytes(), contract::sales(), &choice);
    assert_eq!(commas.options.delimiter, ",");
    assert!(commas.held.unwrap().for_structure());
}

#[cfg_attr(target_arch = "wasm32", wasm_bindgen_test)]
#[cfg_attr(not(target_arch = "wasm32"), test)]
fn a_delimiter_is_known_by_rows_of_one_width_where_no_name_tells() {
    let text = "a;b;c\n1,5;2,5;3,5\n1,25;2;3\n";
    assert_eq!(sales(text.as_bytes()).options.delimiter, ";");
    let sep = "sep=|\na|b\n1;2|3;4\n";
    assert_eq!(sales(sep.as_bytes()).options.delimiter, "|");
}

#[cfg_attr(target_arch = "wasm32", wasm_bindgen_test)]
#[cfg_attr(not(target_arch = "wasm32"), test)]
fn footers_are_layout_and_orders_are_not() {
    let body = format!(
        "{HEADER}{ROW}Total,,,,2,100.00\n\nReport generated on 5 June 2025,,,,,\nPage 1 of 3\nSource: ERP\n"
    );
    let verdict = sales(body.as_bytes());
    assert_eq!(rows(&verdict), (1, 1, 0, 5));
    let footers = verdict
        .layout
        .iter()
        .find(|it| it.kind == LayoutKind::Footer);
    assert_eq!(footers.unwrap().first, [5, 6, 7]);
    for order in [
        "O-2",
        "O-2,,,,,",
        "ORD 12,,,,,",
        "O-2,2025-06-05",
        "123 456",
    ] {
        let verdict = sales(format!("{HEADER}{ROW}{order}\n").as_bytes());
        assert_eq!(rows(&verdict), (2, 1, 1, 0), "{order}");
    }
    // In the middle of the rows it is a row.
    let verdict = sales(format!("{HEADER}Page 1 of 3\n{ROW}").as_bytes());
    assert_eq!(rows(&verdict), (2, 1, 1, 0));
}

#[cfg_attr(target_arch = "wasm32", wasm_bindgen_test)]
#[cfg_attr(not(target_arch = "wasm32"), test)]
fn a_second_table_is_told_and_its_rows_are_exceptions() {
    let body = format!("{HEADER}{ROW}\ncustomer,city\nAsha,Pune\nRavi,Surat\n");
    let verdict = sales(body.as_bytes());
    assert_eq!(rows(&verdict), (4, 1, 3, 1));
    assert_eq!(names(&verdict).0, ["second-table"]);
    assert_eq!(
        verdict.notes[0].values,
        [("line".to_owned(), "4".to_owned())]
    );
    // Two files of one form, joined.
    let joined = format!("{HEADER}{ROW}\n{HEADER}{}", ROW.replace("O-1", "O-2"));
    let verdict = sales(joined.as_bytes());
    assert_eq!(rows(&verdict), (2, 2, 0, 2));
    assert!(verdict.notes.is_empty());
}

#[cfg_attr(target_arch = "wasm32", wasm_bindgen_test)]
#[cfg_attr(not(target_arch = "wasm32"), test)]
fn a_file_without_a_header_says_so_and_can_be_read_by_places() {
    let body = format!("{ROW}{}", ROW.replace("O-1", "O-2"));
    let verdict = sales(body.as_bytes());
    assert!(verdict.held.as_ref().unwrap().for_structure());
    assert_eq!(names(&verdict), (vec!["no-header"], vec!["no-header"]));
    let choice = verdict.proposals[0].choice.clone();
    let verdict = read(body.as_bytes(), contract::sales(), &choice);
    assert_eq!(rows(&verdict), (2, 2, 0, 0));
    assert_eq!(verdict.options.header_line, 0);
    assert!(verdict.notes.is_empty());
    // Lines are counted from the file's first.
    let bad = format!("{ROW}{}", ROW.replace("O-1", "O-2").replace("North", ""));
    let source = Memory(bad.as_bytes());
    let judged = judge(&source, contract::sales(), &choice, moment()).unwrap();
    let found = judged.flagged(
        &source,
        &FindingQuery {
            limit: 9,
            ..Default::default()
        },
    );
    assert_eq!(found.unwrap().rows[0].line, 2);
}

#[cfg_attr(target_arch = "wasm32", wasm_bindgen_test)]
#[cfg_attr(not(target_arch = "wasm32"), test)]
fn the_header_stands_where_the_user_says() {
    let body = format!("order_id,order_date,region,old,names,here\n{HEADER}{ROW}");
    let choice = laid_down(r#"{"header_line":2}"#);
    let verdict = read(body.as_bytes(), contract::sales(), &choice);
    assert_eq!(rows(&verdict), (1, 1, 0, 1));
    assert_eq!(verdict.options.header_line, 2);
}

#[cfg_attr(target_arch = "wasm32", wasm_bindgen_test)]
#[cfg_attr(not(target_arch = "wasm32"), test)]
fn near_names_are_proposed_and_a_mapping_wins() {
    let body = format!("{HEADER}{ROW}")
        .replace("region", "Regoin")
        .replace("quantity", "Qnty sold");
    let verdict = sales(body.as_bytes());
    assert!(verdict.held.as_ref().unwrap().for_structure());
    assert_eq!(names(&verdict).1, ["column"]);
    assert_eq!(
        verdict.proposals[0].text,
        "Read the column `Regoin` as Region"
    );
    let choice = verdict.proposals[0]
        .choice
        .clone()
        .with(laid_down(r#"{"columns":{"5":"quantity"}}"#));
    let verdict = read(body.as_bytes(), contract::sales(), &choice);
    assert_eq!(rows(&verdict), (1, 1, 0, 0));
    // A column is taken from where its name stands, and given to where the user says.
    let body = "order_id,order_date,region,product,quantity,revenue,net\nO-1,2025-06-05,North,Milk 1L,2,100,90\n";
    let choice = laid_down(r#"{"columns":{"net":"revenue"}}"#);
    let verdict = read(body.as_bytes(), contract::sales(), &choice);
    assert_eq!(verdict.money.unwrap().accepted.to_string(), "90.00");
    let columns: Vec<_> = verdict
        .options
        .columns
        .iter()
        .map(|it| it.column.as_deref())
        .collect();
    assert_eq!(columns[5..], [None, Some("revenue")]);
}

#[cfg_attr(target_arch = "wasm32", wasm_bindgen_test)]
#[cfg_attr(not(target_arch = "wasm32"), test)]
fn a_decimal_comma_is_read_where_delimiter_and_contract_allow_it() {
    let allowing = small(r#"["YYYY-MM-DD"]"#, r#"["decimal-comma"]"#);
    let plain = small(r#"["YYYY-MM-DD"]"#, "[]");
    let body = "id;day;amount\n1;2025-06-05;1.234,56\n2;2025-06-05;10\n3;2025-06-05;-0,5\n";
    let verdict = read(body.as_bytes(), &allowing, &Choice::default());
    assert!(verdict.options.decimal_comma);
    assert_eq!(verdict.money.unwrap().accepted.to_string(), "1244.06");
    let refused = read(body.as_bytes(), &plain, &Choice::default());
    assert_eq!(rows(&refused), (3, 1, 2, 0));
    // One that is written otherwise makes the file one of decimal points.
    let mixed = body.replace("10\n", "10.5\n");
    let verdict = read(mixed.as_bytes(), &allowing, &Choice::default());
    assert!(!verdict.options.decimal_comma);
    let commas = "id,day,amount\n1,2025-06-05,\"1,5\"\n";
    assert!(
        !read(commas.as_bytes(), &allowing, &Choice::default())
            .options
            .decimal_comma
    );
    let choice = laid_down(r#"{"decimal_comma":true}"#);
    assert_eq!(
        rows(&read(commas.as_bytes(), &plain, &choice)),
        (1, 1, 0, 0)
    );
}

#[cfg_attr(target_arch = "wasm32", wasm_bindgen_test)]
#[cfg_attr(not(target_arch = "wasm32"), test)]
fn sales_with_decimal_commas_are_read_as_such() {
    let body = "Order ID;Order Date;Region;Product;Quantity;Revenue\n\
                S-1;2026-01-05;North;Milk 1L;10;1.234,50\nS-2;2026-01-05;East;Milk 1L;3;1.000\n";
    let verdict = read(body.as_bytes(), contract::sales(), &Choice::default());
    assert!(verdict.options.decimal_comma);
    assert_eq!(verdict.money.unwrap().accepted.to_string(), "2234.50");
}

#[cfg_attr(target_arch = "wasm32", wasm_bindgen_test)]
#[cfg_attr(not(target_arch = "wasm32"), test)]
fn a_key_with_blanks_around_it_is_told_and_clean_ones_are_judged_too() {
    let body = "Order ID,Order Date,Region,Product,Quantity,Revenue\n\
                K-1,2026-01-05,North,Milk 1L,1,100\nK-1 ,2026-01-05,North,Milk 1L,1,100\nK-2,2026-01-05,North,Milk 1L,1,100\n";
    let evaluated = |body: &str| {
        let verdict = read(body.as_bytes(), contract::sales(), &Choice::default());
        let mut controls = verdict.controls.into_iter();
        let control = controls.find(|it| it.code == "REF02").unwrap();
        (control.evaluated, control.failed)
    };
    // Of each row: key, day, region, product, quantity and revenue.
    assert_eq!(evaluated(body), (18, 1));
    assert_eq!(evaluated(&body.replace("K-1 ,", "K-3,")), (18, 0));
}

#[cfg_attr(target_arch = "wasm32", wasm_bindgen_test)]
#[cfg_attr(not(target_arch = "wasm32"), test)]
fn negatives_in_parentheses_or_with_the_minus_behind_need_the_contract() {
    let body = "id,day,amount\n1,2025-06-05,(5)\n2,2025-06-05,5-\n3,2025-06-05,-5\n";
    let plain = small(r#"["YYYY-MM-DD"]"#, "[]");
    assert_eq!(
        rows(&read(body.as_bytes(), &plain, &Choice::default())),
        (3, 1, 2, 0)
    );
    let allowing = small(r#"["YYYY-MM-DD"]"#, r#"["parentheses","trailing-minus"]"#);
    let verdict = read(body.as_bytes(), &allowing, &Choice::default());
    assert_eq!(verdict.money.unwrap().accepted.to_string(), "-15.00");
}

#[cfg_attr(target_arch = "wasm32", wasm_bindgen_test)]
#[cfg_attr(not(target_arch = "wasm32"), test)]
fn the_one_form_that_reads_a_whole_column_of_dates_is_proposed() {
    let both = small(r#"["DD-MM-YYYY","MM-DD-YYYY"]"#, "[]");
    let body = "id,day,amount\n1,03/04/2025,1\n2,25/04/2025,1\n";
    let verdict = read(body.as_bytes(), &both, &Choice::default());
    assert_eq!(rows(&verdict), (2, 1, 1, 0));
    assert_eq!(verdict.proposals.len(), 1);
    let choice = &verdict.proposals[0].choice;
    assert_eq!(choice.date_forms["day"], DateForm::DayFirst);
    let verdict = read(body.as_bytes(), &both, choice);
    assert_eq!(rows(&verdict), (2, 2, 0, 0));
    assert!(verdict.proposals.is_empty());
    assert_eq!(verdict.options.date_forms["day"], DateForm::DayFirst);
    // Where every date can be read in two ways, both are proposed and none is taken.
    let open = "id,day,amount\n1,03/04/2025,1\n2,05/04/2025,1\n";
    let verdict = read(open.as_bytes(), &both, &Choice::default());
    assert_eq!(rows(&verdict), (2, 0, 2, 0));
    assert_eq!(verdict.proposals.len(), 2);
    // One cell that no form reads leaves nothing to propose.
    let broken = "id,day,amount\n1,03/04/2025,1\n2,soon,1\n";
    assert!(
        read(broken.as_bytes(), &both, &Choice::default())
            .proposals
            .is_empty()
    );
    // Forms that the contract does not list.
    let iso = small(r#"["YYYY-MM-DD"]"#, "[]");
    for (days, form) in [
        (["45813", "45814.5"], DateForm::ExcelSerial),
        (["05.06.2025", "6.6.2025"], DateForm::Dotted),
        (["05/06/25", "26/06/25"], DateForm::ShortDayFirst),
        (["06/05/25", "06/26/25"], DateForm::ShortMonthFirst),
    ] {
        let body = format!("id,day,amount\n1,{},1\n2,{},1\n", days[0], days[1]);
        let verdict = read(body.as_bytes(), &iso, &Choice::default());
        let choice = &verdict.proposals[0].choice;
        assert_eq!(choice.date_forms["day"], form);
        let verdict = read(body.as_bytes(), &iso, choice);
        assert_eq!(rows(&verdict), (2, 2, 0, 0), "{form:?}");
    }
}

#[cfg_attr(target_arch = "wasm32", wasm_bindgen_test)]
#[cfg_attr(not(target_arch = "wasm32"), test)]
fn enormous_cells_lines_and_headers_are_read_whole() {
    let long = "x".repeat(5_000_000);
    let verdict = sales(format!("{HEADER}O-0,2025-06-05,North,{long},2,1\n{ROW}").as_bytes());
    assert_eq!(rows(&verdict), (2, 2, 0, 0));
    let field = "a,\"\"\n".repeat(2_400_000);
    let verdict = sales(format!("{HEADER}O-0,2025-06-05,North,\"{field}\",2,1\n{ROW}").as_bytes());
    assert_eq!(rows(&verdict), (2, 2, 0, 0));
    let extra: String = (0..10_000).map(|it| format!(",c{it}")).collect();
    let cells = ",1".repeat(10_000);
    let (header, row) = (HEADER.trim_end(), ROW.trim_end());
    let verdict = sales(format!("{header}{extra}\n{row}{cells}\n{row}\n").as_bytes());
    assert_eq!(rows(&verdict), (2, 1, 1, 0));
    assert_eq!(verdict.options.columns.len(), 10_006);
}

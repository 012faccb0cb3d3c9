//! Exports that come back: what was wrong is still wrong, what was put right is right.

use crate::files::moment;
use engine::{
    contract,
    export::{self, Columns, Csv, Making, Workbook},
    judge,
    judgement::Judgement,
    source::{Memory, Source, SourceError},
    workbook,
};
use model::{
    finding::FlaggedRow,
    message::Export,
    options::{Choice, Correction},
};
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test;

fn judged<'c>(bytes: &[u8], choice: &Choice) -> Judgement<'c> {
    judge(&Memory(bytes), contract::sales(), choice, moment()).unwrap()
}

fn rows(judgement: &Judgement<'_>, bytes: &[u8], what: Export) -> Vec<FlaggedRow> {
    rows_of(judgement, &Memory(bytes), what)
}

fn rows_of(judgement: &Judgement<'_>, source: &dyn Source, what: Export) -> Vec<FlaggedRow> {
    let mut res = Vec::new();
    export::rows::<SourceError>(judgement, source, what, &mut |it| {
        res.push(it);
        Ok(())
    })
    .unwrap();
    res
}

fn exported(judgement: &Judgement<'_>, bytes: &[u8], what: Export) -> Vec<u8> {
    let mut csv = Csv::new(Columns::new(
        &judgement.verdict.options,
        what,
        None,
        judgement.corrected_cells(),
    ));
    rows(judgement, bytes, what)
        .iter()
        .for_each(|it| csv.row(it));
    csv.take()
}

/// Code, column and sentence of what is wrong with a row, without what depends on rows that are elsewhere now.
fn said(row: &FlaggedRow) -> Vec<(&str, Option<u32>, &str)> {
    let findings = row.findings.iter();
    findings
        .filter(|it| !it.data.code.starts_with("UNQ"))
        .map(|it| (it.data.code.as_str(), it.data.column, it.text.as_str()))
        .collect()
}

/// `rows` on sheets of at most so many.
fn workbook(judgement: &Judgement<'_>, rows: &[FlaggedRow], what: Export, most: u32) -> Vec<u8> {
    let options = &judgement.verdict.options;
    let columns = Columns::new(options, what, None, judgement.corrected_cells());
    let making = Making {
        rows: most,
        ..Making::default()
    };
    let (contract, at) = (contract::sales(), moment());
    let mut workbook = Workbook::new(columns, contract, options, what, at, making).unwrap();
    rows.iter().for_each(|it| workbook.row(it).unwrap());
    let mut bytes = Vec::new();
    workbook.finish(&mut bytes).unwrap();
    bytes
}

/// The exports of `what` say of each row what its file said.
fn assert_returns(bytes: &[u8], what: Export) {
    let first = judged(bytes, &Choice::default());
    let held = first.verdict.held.as_ref();
    if held.is_some_and(|it| it.for_structure()) {
        return;
    }
    // Few rows may not show any more how the file writes its amounts.
    let choice = Choice {
        decimal_comma: Some(first.verdict.options.decimal_comma),
        ..Choice::default()
    };
    let before = rows(&first, bytes, what);
    let csv = exported(&first, bytes, what);
    assert_same(&first, &before, &Memory(&csv), &choice, what);
    if first.verdict.options.decimal_comma {
        return;
    }
    let bytes = workbook(&first, &before, what, 20);
    let sheets = before.len().div_ceil(19).max(1);
    let name = format!("{what:?}");
    let more = (2..=sheets).map(|it| format!("{name} {it}"));
    let choice = Choice {
        sheets: std::iter::once(name.clone()).chain(more).collect(),
        ..choice
    };
    let opened = workbook::open_bytes(&bytes, contract::sales(), &choice).unwrap();
    assert_same(&first, &before, &opened, &choice, what);
}

fn assert_same(
    first: &Judgement<'_>,
    before: &[FlaggedRow],
    source: &dyn Source,
    choice: &Choice,
    what: Export,
) {
    let mut bytes = vec![0; usize::try_from(source.size()).unwrap()];
    source.read_at(0, &mut bytes).unwrap();
    let text = String::from_utf8_lossy(&bytes);
    let second = judge(source, contract::sales(), choice, moment()).unwrap();
    assert_eq!(second.verdict.rows.read, before.len() as u64, "{text}");
    let codes = |it: &Judgement<'_>| -> Vec<(String, Option<u32>)> {
        let findings = it.verdict.file_findings.iter();
        findings
            .filter(|it| it.data.code.starts_with("SCH"))
            .map(|it| (it.data.code.clone(), it.data.column))
            .collect()
    };
    assert_eq!(codes(&second), codes(first), "{text}");
    let flagged: Vec<FlaggedRow> = (0..second.batches())
        .flat_map(|it| second.kept(source, it).unwrap())
        .map(|it| second.render(it))
        .collect();
    for (record, row) in (1..).zip(before) {
        let again = flagged.iter().find(|it| it.record == record);
        let again = again.map(said).unwrap_or_default();
        let said = said(row);
        // A workbook's dates and amounts are quoted as it writes them.
        let codes = |it: &[(&str, Option<u32>, &str)]| -> Vec<(String, Option<u32>)> {
            it.iter().map(|it| (it.0.to_owned(), it.1)).collect()
        };
        assert_eq!(codes(&again), codes(&said), "record {record} of {text}");
        if source.origin().is_none() {
            assert_eq!(again, said, "record {record} of {text}");
        }
    }
    if what == Export::Exceptions {
        return;
    }
    // What was accepted is accepted again, cell by cell; a workbook writes values in its own way.
    let after = rows_of(&second, source, what);
    assert_eq!(after.len(), before.len(), "{text}");
    if source.origin().is_some() {
        return;
    }
    let columns = Columns::new(&first.verdict.options, what, None, Vec::new());
    for (after, before) in after.iter().zip(before) {
        let own = |it| columns.own(it).map(str::to_owned).collect::<Vec<_>>();
        assert_eq!(own(after), own(before), "{text}");
    }
}

#[cfg_attr(not(target_arch = "wasm32"), test)]
#[cfg_attr(target_arch = "wasm32", wasm_bindgen_test)]
fn an_export_that_comes_back_unchanged_says_what_its_file_said() {
    for seed in 0..600 {
        let bytes = crate::receipts::input(seed);
        assert_returns(&bytes, Export::Exceptions);
        assert_returns(&bytes, Export::Accepted);
    }
}

const HEADER: &str = "order_id,order_date,region,product,quantity,revenue,remark";

#[cfg_attr(not(target_arch = "wasm32"), test)]
#[cfg_attr(target_arch = "wasm32", wasm_bindgen_test)]
fn guards_come_off_and_are_counted() {
    let file = format!(
        "{HEADER}\n+1,2026-01-05,North,Milk 1L,0,5.00,=1+1\n'=2,2026-01-05,North,Milk 1L,0,5.00,\"@a,\"\"b\"\n-3,,,,,,\n"
    );
    let first = judged(file.as_bytes(), &Choice::default());
    let csv = exported(&first, file.as_bytes(), Export::Exceptions);
    let text = String::from_utf8(csv.clone()).unwrap();
    assert!(
        text.contains("\r\n'+1,") && text.contains("\r\n''=2,"),
        "{text}"
    );
    let second = judged(&csv, &Choice::default());
    let cells: Vec<Vec<String>> = rows(&second, &csv, Export::Exceptions)
        .into_iter()
        .map(|it| it.cells)
        .collect();
    let remarks: Vec<(&str, &str)> = cells.iter().map(|it| (&*it[0], &*it[6])).collect();
    assert_eq!(remarks, [("+1", "=1+1"), ("'=2", "@a,\"b"), ("-3", "")]);
    let note = second
        .verdict
        .notes
        .iter()
        .find(|it| it.name == "returned-export")
        .unwrap();
    let values: Vec<&str> = note.values.iter().map(|(_, it)| it.as_str()).collect();
    assert_eq!(values, ["8", "4", "0"]);
    let told = "8 appended columns are no part of its rows, 4 cells lost the apostrophe in front of a formula. Lines";
    assert!(note.text.contains(told), "{}", note.text);
    // A file that is no export keeps its apostrophes.
    let plain = rows(&first, file.as_bytes(), Export::Exceptions);
    assert_eq!(plain[1].cells[0], "'=2");
}

#[cfg_attr(not(target_arch = "wasm32"), test)]
#[cfg_attr(target_arch = "wasm32", wasm_bindgen_test)]
fn what_is_guarded_comes_back_as_it_was_and_numbers_have_no_guard() {
    let cells = [
        ("-1+cmd|' /C calc'!A0", true),
        ("-cmd", true),
        ("-", true),
        ("-1e5", true),
        ("'-1-1", true),
        ("-1 \"A\"", true),
        ("'-1,\"A\"", true),
        (" =1+1", true),
        ("\n=1", true),
        ("\u{ff1d}1", true),
        ("-12.50", false),
        ("'-12.50", false),
        ("-1,234.56", false),
        ("'-1,234.56", false),
        ("''-1.234,56", false),
        ("'", false),
        ("'x,y", false),
    ];
    let rows_of_file: Vec<String> = (1..)
        .zip(cells)
        .map(|(at, (cell, _))| {
            let quoted = cell.replace('"', "\"\"");
            format!("A{at},2026-01-05,North,Milk 1L,0,5.00,\"{quoted}\"\n")
        })
        .collect();
    let file = format!("{HEADER}\n{}", rows_of_file.concat());
    let first = judged(file.as_bytes(), &Choice::default());
    let before = rows(&first, file.as_bytes(), Export::Exceptions);
    let csv = exported(&first, file.as_bytes(), Export::Exceptions);
    let text = std::str::from_utf8(&csv).unwrap();
    for (cell, guarded) in cells {
        let written = cell.replace('"', "\"\"");
        let written = if guarded {
            format!("'{written}")
        } else {
            written
        };
        let forms = [format!(",{written},"), format!(",\"{written}\",")];
        assert!(
            forms.iter().any(|it| text.contains(it)),
            "{written} in {text}"
        );
    }
    let as_sheet = workbook(&first, &before, Export::Exceptions, 100);
    let opened = workbook::open_bytes(&as_sheet, contract::sales(), &Choice::default()).unwrap();
    let sources: [&dyn Source; 2] = [&Memory(&csv), &opened];
    for source in sources {
        let second = judge(source, contract::sales(), &Choice::default(), moment()).unwrap();
        let after = rows_of(&second, source, Export::Exceptions);
        let remarks = |rows: &[FlaggedRow]| -> Vec<String> {
            rows.iter().map(|it| it.cells[6].clone()).collect()
        };
        assert_eq!(remarks(&after), cells.map(|it| it.0), "{text}");
    }
}

/// The verdict on an export of `file` in which `correct` put things right.
fn corrected(file: &[u8], correct: impl Fn(&str) -> String) -> (u64, u64, Vec<FlaggedRow>) {
    let first = judged(file, &Choice::default());
    let csv = exported(&first, file, Export::Exceptions);
    let text = correct(std::str::from_utf8(&csv).unwrap());
    let second = judged(text.as_bytes(), &Choice::default());
    let rows = rows(&second, text.as_bytes(), Export::Exceptions);
    (second.verdict.rows.read, second.verdict.rows.accepted, rows)
}

#[cfg_attr(not(target_arch = "wasm32"), test)]
#[cfg_attr(target_arch = "wasm32", wasm_bindgen_test)]
fn rows_that_were_put_right_pass() {
    let file = format!("{HEADER}\nA1,2026-01-05,,Milk 1L,1,5.00,\nA2,bad,North,Milk 1L,1,5.00,\n");
    let (read, accepted, rest) = corrected(file.as_bytes(), |text| {
        text.replace(",,Milk", ",South,Milk")
            .replace(",bad,", ",2026-01-06,")
    });
    assert_eq!((read, accepted), (2, 2), "{rest:?}");
}

#[cfg_attr(not(target_arch = "wasm32"), test)]
#[cfg_attr(target_arch = "wasm32", wasm_bindgen_test)]
fn raw_records_are_put_right_where_they_stand_or_cell_by_cell() {
    let rows = "A1;2026-01-05;North;Milk 1L;1;5.00;x;surplus\nA2;2026-01-05;North\nA3;2026-01-05;East;\"Milk 1L;1;5.00;\n";
    let file = format!("{}\n{rows}", HEADER.replace(',', ";"));
    let (read, accepted, rest) = corrected(file.as_bytes(), str::to_owned);
    assert_eq!((read, accepted), (3, 0));
    let codes: Vec<&str> = rest
        .iter()
        .map(|it| it.findings[0].data.code.as_str())
        .collect();
    assert_eq!(codes, ["SCH04", "SCH04", "SCH06"]);
    assert!(
        rest[0].cells == ["A1;2026-01-05;North;Milk 1L;1;5.00;x;surplus"],
        "{rest:?}"
    );
    let (read, accepted, rest) = corrected(file.as_bytes(), |text| {
        let lines = text.lines().map(|it| {
            let it = it.replace(";surplus", "").replace("\"\"Milk", "Milk");
            match it.strip_prefix(";;;;;;;") {
                Some(said) if it.contains("A2") => {
                    format!("A2;2026-01-05;North;Milk 1L;1;5.00;;{said}\r\n")
                }
                _ => format!("{it}\r\n"),
            }
        });
        lines.collect()
    });
    assert_eq!((read, accepted), (3, 3), "{rest:?}");
}

#[cfg_attr(not(target_arch = "wasm32"), test)]
#[cfg_attr(target_arch = "wasm32", wasm_bindgen_test)]
fn a_spreadsheet_may_change_delimiter_and_encoding_on_the_way() {
    let file = format!(
        "{HEADER}\nA1,2026-01-05,North,Café,0,5.00,\nA2,2026-01-05,North,Milk 1L,1,5.00,x,surplus\n"
    );
    let first = judged(file.as_bytes(), &Choice::default());
    let csv = exported(&first, file.as_bytes(), Export::Exceptions);
    let text = String::from_utf8(csv).unwrap();
    let raw = "A2,2026-01-05,North,Milk 1L,1,5.00,x,surplus";
    let (before, _) = text.split_once(&format!("\"{raw}\"")).unwrap();
    let saved = format!("{}{raw}\r\n", before.replace(',', "\t"));
    let bytes: Vec<u8> = saved
        .chars()
        .map(|it| if it == 'é' { 0xe9 } else { it as u8 })
        .collect();
    let second = judged(&bytes, &Choice::default());
    let again = rows(&second, &bytes, Export::Exceptions);
    let before = rows(&first, file.as_bytes(), Export::Exceptions);
    let texts = |rows: &[FlaggedRow]| -> Vec<String> {
        rows.iter()
            .flat_map(|it| &it.findings)
            .map(|it| it.text.clone())
            .collect()
    };
    assert_eq!(texts(&again), texts(&before));
}

#[cfg_attr(not(target_arch = "wasm32"), test)]
#[cfg_attr(target_arch = "wasm32", wasm_bindgen_test)]
fn text_that_was_damaged_has_to_be_written_anew() {
    let file = [
        HEADER.as_bytes(),
        b"\nA1,2026-01-05,North,Milk 1L,1,5.00,caf\xff\n",
        "A2,2026-01-05,,Milk 1L,1,5.00,é \u{fffd}\n".as_bytes(),
    ]
    .concat();
    let (_, accepted, rest) = corrected(&file, str::to_owned);
    assert_eq!(accepted, 0);
    let codes: Vec<&str> = rest
        .iter()
        .flat_map(|it| &it.findings)
        .map(|it| it.data.code.as_str())
        .collect();
    assert_eq!(codes, ["SCH07", "CMP01"]);
    let (_, accepted, rest) = corrected(&file, |text| {
        text.replace("caf\u{fffd}", "café")
            .replace(",,Milk", ",East,Milk")
    });
    assert_eq!(accepted, 2, "{rest:?}");
}

#[cfg_attr(not(target_arch = "wasm32"), test)]
#[cfg_attr(target_arch = "wasm32", wasm_bindgen_test)]
fn two_exports_in_one_file_and_a_row_of_ones_own_are_read() {
    let file = format!("{HEADER}\nA1,2026-01-05,,Milk 1L,1,5.00,\n");
    let (read, accepted, rest) = corrected(file.as_bytes(), |text| {
        let fixed = text.replace(",,Milk", ",South,Milk");
        format!(
            "{fixed}{}B1,2026-01-05,North,Milk 1L,1,5.00,\r\n",
            fixed.replace("A1", "A2")
        )
    });
    assert_eq!((read, accepted), (3, 3), "{rest:?}");
}

#[cfg_attr(not(target_arch = "wasm32"), test)]
#[cfg_attr(target_arch = "wasm32", wasm_bindgen_test)]
fn a_workbook_keeps_identifiers_as_text_and_values_as_values() {
    let long = "x".repeat(40_000);
    let file = format!(
        "{HEADER}\n007,05/01/2026,North,Milk 1L,0,\"₹1,250.50\",=1+1\n'+1,soon,North,Milk 1L,0,12345678901234.50,{long}\n"
    );
    let first = judged(file.as_bytes(), &Choice::default());
    let before = rows(&first, file.as_bytes(), Export::Exceptions);
    let bytes = workbook(&first, &before, Export::Exceptions, 100);
    assert_eq!(
        bytes,
        workbook(&first, &before, Export::Exceptions, 100),
        "the same bytes each time"
    );
    let opened = workbook::open_bytes(&bytes, contract::sales(), &Choice::default()).unwrap();
    let text = String::from_utf8(opened.text.clone()).unwrap();
    let lines: Vec<&str> = text.lines().collect();
    assert!(
        lines[1].starts_with("007,2026-01-05,North,Milk 1L,0,1250.5,=1+1,1,"),
        "{text}"
    );
    assert!(
        lines[2].starts_with("''+1,soon,North,Milk 1L,0,12345678901234.50,xxx"),
        "{text}"
    );
    assert!(
        lines[2].contains("… (cut here; the CSV has the whole)"),
        "{text}"
    );
    let second = judge(&opened, contract::sales(), &Choice::default(), moment()).unwrap();
    let after = rows_of(&second, &opened, Export::Exceptions);
    assert_eq!(after[1].cells[0], "'+1");
}

#[cfg_attr(not(target_arch = "wasm32"), test)]
#[cfg_attr(target_arch = "wasm32", wasm_bindgen_test)]
fn exports_name_the_columns_that_were_corrected_and_come_back_with_or_without_them() {
    let file = format!(
        "{HEADER}\nA-1,2026-01-05,Nort,Milk 1L,1,5.00,\nA-2,someday,Nort,Milk 1L,ten,5.00,\n\
         A-3,2026-01-05,North,Milk 1L,1,5.00,\nA-4,2026-01-05,South,Milk 1L,1,-5.00,\n"
    );
    let correction = |line, column, was: &str, text: &str| Correction {
        line,
        column,
        was: was.to_owned(),
        text: text.to_owned(),
    };
    let choice = Choice {
        corrections: vec![
            correction(None, 3, "Nort", "North"),
            correction(Some(3), 5, "ten", "10"),
        ],
        ..Choice::default()
    };
    let first = judged(file.as_bytes(), &choice);
    let csv = |what| String::from_utf8(exported(&first, file.as_bytes(), what)).unwrap();
    // Sentences may hold commas; lines stand before them, and what was corrected behind.
    let lines = |text: &str| -> Vec<String> {
        let rows = text
            .lines()
            .skip(1)
            .map(|it| it.split(',').collect::<Vec<_>>());
        rows.map(|it| {
            it[text
                .lines()
                .next()
                .unwrap()
                .split(',')
                .position(|it| it == "tarazu_line")
                .unwrap()]
            .to_owned()
        })
        .collect()
    };
    let exceptions = csv(Export::Exceptions);
    assert_eq!(lines(&exceptions), ["3", "5"]);
    let ends: Vec<&str> = exceptions.lines().collect();
    assert!(ends[0].ends_with(",tarazu_state,tarazu_corrected,tarazu_raw"));
    assert!(
        ends[1].ends_with(",,region; quantity,") && ends[2].ends_with(",,,"),
        "{exceptions}"
    );
    let accepted = csv(Export::Accepted);
    assert_eq!(lines(&accepted), ["2", "4"]);
    let ends: Vec<&str> = accepted.lines().collect();
    assert!(ends[0].ends_with(",tarazu_corrected"));
    assert!(
        ends[1].ends_with(",region") && ends[2].ends_with(','),
        "{accepted}"
    );

    // An export from before the column was there is one as well.
    let older = exceptions
        .replace(",tarazu_corrected,", ",")
        .replace(",,region; quantity,\r\n", ",,\r\n")
        .replace(",,,\r\n", ",,\r\n");
    for export in [&exceptions, &older] {
        let again = judged(export.as_bytes(), &Choice::default());
        let mut notes = again.verdict.notes.iter();
        assert!(notes.any(|it| it.name == "returned-export"));
        // The file's own column that nobody knows, and none of ours.
        let unknown = again.verdict.file_findings.iter();
        let unknown: Vec<_> = unknown.map(|it| it.column_name.as_deref()).collect();
        assert_eq!(unknown, [Some("remark")]);
        assert_eq!(again.verdict.rows.exceptions, 2, "{export}");
        let codes = |row: &FlaggedRow| {
            row.findings
                .iter()
                .map(|it| it.data.code.clone())
                .collect::<Vec<_>>()
        };
        let found: Vec<_> = rows(&again, export.as_bytes(), Export::Exceptions)
            .iter()
            .map(codes)
            .collect();
        assert_eq!(found, [["VAL03"], ["VAL06"]], "{export}");
    }
    // In a workbook, too.
    let rows = rows(&first, file.as_bytes(), Export::Exceptions);
    let bytes = workbook(&first, &rows, Export::Exceptions, 1000);
    let opened = workbook::open_bytes(&bytes, contract::sales(), &Choice::default()).unwrap();
    let text = String::from_utf8(opened.text).unwrap();
    assert!(text.contains("region; quantity"), "{text}");
}

#[cfg_attr(not(target_arch = "wasm32"), test)]
#[cfg_attr(target_arch = "wasm32", wasm_bindgen_test)]
fn an_export_of_several_runs_loses_no_row() {
    let header = "order_id,order_date,region,product,sku,category,quantity,revenue,tarazu_exception,tarazu_run,tarazu_file,tarazu_line,tarazu_category,tarazu_codes,tarazu_reasons,tarazu_state,tarazu_money,tarazu_corrected,tarazu_raw";
    let said = |record: u32, raw: &str| format!("{record},run_1,a.csv,9,X,X,X,new,5.00,,{raw}");
    let rows = [
        format!(
            "A1,2026-01-05,North,Milk 1L,,,1,5.00,{}",
            said(1, "\"A1,2026-01-05,,Milk 1L,1,5.00\"")
        ),
        // No proper record of its file, whose columns are not these.
        format!(
            ",,,,,,,,{}",
            said(2, "\"A2,2026-01-05,North,Milk 1L,,,1,5.00\"")
        ),
        // One of whose cells was filled in, and the contents of which are no total.
        format!(",,,,,,,55.50,{}", said(3, "A3")),
        // A total that somebody wrote below.
        ",,,,,,,60.50,,,,,,,,,,,".to_owned(),
    ];
    let file = format!("{header}\n{}\n", rows.join("\n"));
    let verdict = judged(file.as_bytes(), &Choice::default()).verdict;
    assert_eq!(
        (
            verdict.rows.read,
            verdict.rows.accepted,
            verdict.rows.exceptions
        ),
        (3, 1, 2)
    );
    assert_eq!(verdict.file_findings, []);
    let judgement = judged(file.as_bytes(), &Choice::default());
    let returned: Vec<_> = (0..judgement.batches())
        .flat_map(|it| judgement.returned(&Memory(file.as_bytes()), it).unwrap())
        .map(|it| (it.exception, it.passes))
        .collect();
    assert_eq!(returned, [(1, true), (2, false), (3, false)]);
}

//! The parsing cases of other projects, read in place in the folder `cases` of the one that TARAZU_TRY_DATA names.
//! `CONFORMANCE.md` says how many pass and why the others differ; this holds it to what is so.

use crate::files::moment;
use engine::{contract::Contract, judge, source::Memory};
use model::{finding::FindingQuery, options::Choice, verdict::LayoutKind};
use serde_json::Value;
use std::{
    collections::BTreeMap,
    fmt::Write,
    path::{Path, PathBuf},
};

const PAGE: &str = include_str!("../../CONFORMANCE.md");
const BEGIN: &str = "<!-- cases -->\n";
const END: &str = "<!-- /cases -->";
const NAME: &str = "the first of a case";
/// More than any record of a case has.
const WIDTH: usize = 40;

/// Why a case is not read as its suite has it, by the name that the page explains.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Difference {
    /// All cells of a record are blank: layout, counted and listed, and no row.
    Blank,
    /// The quote that is never closed is taken literally, and its row is an exception.
    UnclosedQuote,
    /// The suite wants an error, and bad data is never one.
    Error,
    /// The case wants a quote, escape, comment, delimiter or line end that no choice offers.
    Setting,
    /// What the suite expects is not in the case's input.
    Suite,
}

struct Case {
    suite: String,
    id: String,
    input: String,
    expected: Value,
    settings: Value,
}

/// A case as the engine reads it.
struct Read {
    records: Vec<Vec<String>>,
    blank: u64,
    unclosed: bool,
}

#[test]
fn cases_of_other_projects_are_read_as_the_page_says() {
    let Some(folder) = folder() else {
        eprintln!("not run: TARAZU_TRY_DATA is not set");
        return;
    };
    let mut suites: BTreeMap<String, Vec<(String, Option<Difference>)>> = BTreeMap::new();
    for case in cases(&folder) {
        let found = difference(&case);
        suites.entry(case.suite).or_default().push((case.id, found));
    }
    let table = table(&suites);
    let page = PAGE.replace('\r', "");
    let (_, rest) = page.split_once(BEGIN).unwrap();
    let (shown, _) = rest.split_once(END).unwrap();
    assert_eq!(shown, table, "put this into CONFORMANCE.md:\n{table}");
}

#[test]
fn the_reader_of_cases_tells_differences() {
    let case = |input: &str, expected: &str, settings: &str| {
        difference(&Case {
            suite: "own".to_owned(),
            id: "own".to_owned(),
            input: input.to_owned(),
            expected: serde_json::from_str(expected).unwrap(),
            settings: serde_json::from_str(settings).unwrap(),
        })
    };
    let same = r#"{"records": [["a", "b\"c"], ["d"]]}"#;
    assert_eq!(case("a,\"b\"\"c\"\r\nd", same, "null"), None);
    let objects = r#"{"objects": [{"a": "1", "b": "2"}]}"#;
    assert_eq!(case("a,b\n1,2", objects, "null"), None);
    let blank = r#"{"records": [["a"], [""]]}"#;
    assert_eq!(case("a\n\n", blank, "null"), Some(Difference::Blank));
    let open = r#"{"records": [["a", "b"]]}"#;
    assert_eq!(case("a,\"b", open, "null"), Some(Difference::UnclosedQuote));
    let comment = r#"{"records": [["a"]]}"#;
    let settings = r#"{"commentMode": "SKIP"}"#;
    assert_eq!(case("a\n#b", comment, settings), Some(Difference::Setting));
}

fn folder() -> Option<PathBuf> {
    #[expect(clippy::disallowed_methods, reason = "the caller says where")]
    let folder = std::env::var_os("TARAZU_TRY_DATA")?;
    Some(Path::new(&folder).join("cases"))
}

/// Those of all suites, in order of their names.
fn cases(folder: &Path) -> Vec<Case> {
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder)
        .unwrap()
        .map(|it| it.unwrap().path())
        .collect();
    files.sort();
    let texts = files
        .iter()
        .map(|it| std::fs::read_to_string(it).unwrap())
        .collect::<String>();
    let text = |case: &Value, name: &str| case[name].as_str().unwrap().to_owned();
    texts
        .lines()
        .map(|line| {
            let case: Value = serde_json::from_str(line).unwrap();
            let settings = ["config_rust", "settings", "dialect"]
                .into_iter()
                .find_map(|it| case.get(it));
            Case {
                suite: text(&case, "suite"),
                id: text(&case, "id"),
                input: text(&case, "input"),
                expected: case["expected"].clone(),
                settings: settings.cloned().unwrap_or_default(),
            }
        })
        .collect()
}

/// Panics where a case differs and none of the reasons is why.
fn difference(case: &Case) -> Option<Difference> {
    let read = read(&case.input, delimiter(&case.settings));
    let Some(expected) = expected(case, &read) else {
        return Some(Difference::Error);
    };
    if read.records == expected {
        return None;
    }
    let is_blank = |record: &&Vec<String>| record.iter().all(|it| it.trim().is_empty());
    let blank = expected.iter().filter(is_blank).count() as u64;
    let others = expected.iter().filter(|it| !is_blank(it));
    if blank > 0 && blank <= read.blank && others.eq(&read.records) {
        return Some(Difference::Blank);
    }
    if is_not_offered(&case.settings) {
        return Some(Difference::Setting);
    }
    if read.unclosed {
        return Some(Difference::UnclosedQuote);
    }
    if expected.iter().any(|record| {
        record.is_empty() || record.iter().any(|it| !case.input.contains(it.as_str()))
    }) {
        return Some(Difference::Suite);
    }
    panic!(
        "{} {}: {:?} for {:?}, where {:?} is expected",
        case.suite, case.id, read.records, case.input, expected
    );
}

/// The delimiter that the case names, or a comma.
fn delimiter(settings: &Value) -> char {
    match settings {
        Value::String(rust) if rust.contains(r"b.delimiter(b'\t')") => '\t',
        _ if settings["delimiter"] == ";" => ';',
        _ => ',',
    }
}

/// Whether the case wants more than a delimiter that can be chosen.
fn is_not_offered(settings: &Value) -> bool {
    match settings {
        Value::String(text) => text.contains("b."),
        Value::Object(fields) => fields.iter().any(|(name, value)| match name.as_str() {
            "delimiter" => value != ";" && value != ",",
            "commentMode" => value != "NONE",
            "escapechar" | "skipinitialspace" | "strict" | "quotechar" | "quoting"
            | "doublequote" => true,
            _ => false,
        }),
        _ => false,
    }
}

/// The records that the suite expects; None where it expects an error.
fn expected(case: &Case, read: &Read) -> Option<Vec<Vec<String>>> {
    let cell = |it: &Value| it.as_str().map_or_else(|| it.to_string(), str::to_owned);
    if let Some(records) = case.expected.get("records") {
        let records = records.as_array().unwrap().iter();
        let cells = records.map(|it| it.as_array().unwrap().iter().map(cell).collect());
        return Some(cells.collect());
    }
    let objects = case.expected.get("objects")?;
    let header = read.records.first().cloned().unwrap_or_default();
    let one = std::slice::from_ref(objects);
    let rows = objects.as_array().map_or(one, Vec::as_slice);
    let cells = |row: &Value| header.iter().map(|it| cell(&row[it])).collect();
    let rows: Vec<_> = rows.iter().map(cells).collect();
    Some(std::iter::once(header).chain(rows).collect())
}

/// Reads a case below a header that has room for all its cells, under a contract that flags every row.
fn read(input: &str, delimiter: char) -> Read {
    let (bom, input) = input
        .strip_prefix('\u{feff}')
        .map_or(("", input), |rest| ("\u{feff}", rest));
    let room = delimiter.to_string().repeat(WIDTH - 1);
    let text = format!("{bom}{NAME}{room}\n{input}");
    let contract = Contract::from_json(&format!(
        r#"{{"name": "t", "version": "1", "columns": [{{"name": "{NAME}", "type": "text", "required": true}}],
            "controls": [{{"code": "CMP01", "columns": ["{NAME}"]}}, {{"code": "SCH04"}}, {{"code": "SCH06"}},
            {{"code": "SCH07"}}, {{"code": "VAL09", "column": "{NAME}", "shortest": 1000000, "longest": 2000000}}]}}"#
    ))
    .unwrap();
    let choice = Choice {
        delimiter: Some(delimiter),
        header_line: Some(1),
        ..Choice::default()
    };
    let source = Memory(text.as_bytes());
    let judgement = judge(&source, &contract, &choice, moment()).unwrap();
    let query = FindingQuery {
        limit: 500,
        ..FindingQuery::default()
    };
    let rows = judgement.flagged(&source, &query).unwrap().rows;
    assert_eq!(rows.len() as u64, judgement.verdict.rows.read);
    let layout = judgement.verdict.layout.iter();
    Read {
        blank: layout
            .filter(|it| it.kind == LayoutKind::Blank)
            .map(|it| it.lines)
            .sum(),
        unclosed: rows
            .iter()
            .any(|row| row.findings.iter().any(|it| it.data.code == "SCH06")),
        records: rows.into_iter().map(|it| it.cells).collect(),
    }
}

fn table(suites: &BTreeMap<String, Vec<(String, Option<Difference>)>>) -> String {
    let mut text =
        String::from("| suite | cases | the same | different |\n| --- | --- | --- | --- |\n");
    for (suite, cases) in suites {
        let same = cases.iter().filter(|it| it.1.is_none()).count();
        let different = cases.len() - same;
        writeln!(text, "| {suite} | {} | {same} | {different} |", cases.len()).unwrap();
    }
    let mut reasons: BTreeMap<(Difference, &str), Vec<&str>> = BTreeMap::new();
    for (suite, cases) in suites {
        for (id, difference) in cases {
            if let Some(it) = difference {
                reasons.entry((*it, suite)).or_default().push(id);
            }
        }
    }
    text.push_str("\n| reason | suite | cases |\n| --- | --- | --- |\n");
    for ((reason, suite), ids) in reasons {
        writeln!(text, "| {reason:?} | {suite} | {} |", ids.join(", ")).unwrap();
    }
    text
}

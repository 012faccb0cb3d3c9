//! The catalogue's own laws: documented, named, sorted, and every example executed.

use engine::{
    Moment,
    catalogue::{CATALOGUE, pages},
    contract::Contract,
    judge,
    source::Memory,
};
use model::{control::Severity, finding::FindingQuery, options::Choice};
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test;

const HEADINGS: [&str; 4] = [
    "## What it checks",
    "## Why it matters",
    "## Parameters",
    "## Examples",
];

#[cfg(not(target_arch = "wasm32"))]
#[test]
fn every_control_is_catalogued_once_sorted_and_filed_under_its_name() {
    let codes: Vec<&str> = CATALOGUE.iter().map(|it| it.meta.code).collect();
    assert!(
        codes.is_sorted_by(|a, b| a < b),
        "codes must be sorted and unique: {codes:?}"
    );
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("controls");
    let folders = std::fs::read_dir(&root)
        .unwrap()
        .map(|it| it.unwrap().path());
    let mut files: Vec<String> = Vec::new();
    for folder in folders.filter(|it| it.is_dir()) {
        for file in std::fs::read_dir(folder)
            .unwrap()
            .map(|it| it.unwrap().path())
        {
            if file.extension().is_some_and(|it| it == "rs") {
                assert!(
                    file.with_extension("md").is_file(),
                    "{} has no page",
                    file.display()
                );
                let name = file.strip_prefix(&root).unwrap().with_extension("");
                files.push(name.to_str().unwrap().replace('\\', "/"));
            }
        }
    }
    let mut named: Vec<String> = CATALOGUE
        .iter()
        .map(|it| {
            format!("{:?}/{}", it.meta.dimension, it.meta.name.replace('-', "_")).to_lowercase()
        })
        .collect();
    files.sort();
    named.sort();
    assert_eq!(
        files, named,
        "files under controls/ and entries of the catalogue differ"
    );
}

#[cfg(not(target_arch = "wasm32"))]
#[test]
fn codes_begin_with_the_prefix_of_their_dimension_and_names_and_messages_are_unique() {
    for it in &CATALOGUE {
        let meta = &it.meta;
        assert!(
            meta.code.starts_with(meta.dimension.prefix()),
            "{}",
            meta.code
        );
        assert_eq!(
            CATALOGUE
                .iter()
                .filter(|other| other.meta.name == meta.name)
                .count(),
            1
        );
        let mut messages: Vec<&str> = meta.messages.iter().map(|(name, _)| *name).collect();
        messages.sort_unstable();
        messages.dedup();
        assert_eq!(messages.len(), meta.messages.len());
        assert!(!messages.is_empty());
    }
}

#[cfg_attr(not(target_arch = "wasm32"), test)]
#[cfg_attr(target_arch = "wasm32", wasm_bindgen_test)]
fn every_page_has_the_same_headings_and_its_examples_hold() {
    for page in pages() {
        let title = format!("# `{}` ({})", page.name, page.code);
        let lines = page.doc.lines();
        let headings: Vec<&str> = lines.filter(|line| line.starts_with('#')).collect();
        assert_eq!(headings[0], title);
        assert_eq!(headings[1..], HEADINGS);
        let (mut contract, mut csv, mut failing, mut passing) = (None, String::new(), 0, 0);
        // What the user lays down for the next file alone.
        let mut choice = Choice::default();
        for (language, body) in fences(&page.doc) {
            match language {
                "json" => contract = Some(contract_of(&body)),
                "options" => choice = serde_json::from_str(&body).unwrap(),
                "csv" => csv = body,
                "findings" => {
                    let contract = contract.as_ref().expect("parameters come before examples");
                    let choice = std::mem::take(&mut choice);
                    assert_eq!(findings(contract, &csv, &choice), body, "{}", page.code);
                    if body.is_empty() {
                        passing += 1
                    } else {
                        failing += 1
                    }
                }
                other => panic!("unknown block `{other}` in {}", page.code),
            }
        }
        assert!(
            failing > 0 && passing > 0,
            "{} needs an example of each kind",
            page.code
        );
    }
}

fn contract_of(fragment: &str) -> Contract {
    let body = fragment
        .trim()
        .strip_prefix('{')
        .expect("a fragment of a contract");
    Contract::from_json(&format!(
        "{{\"name\": \"example\", \"version\": \"1\", {body}"
    ))
    .unwrap()
}

fn findings(contract: &Contract, csv: &str, choice: &Choice) -> String {
    let bytes = csv.replace('␀', "\0");
    let source = Memory(bytes.as_bytes());
    let moment = Moment::parse("2026-02-02T12:00:00Z").unwrap();
    let judgement = judge(&source, contract, choice, moment).unwrap();
    let query = FindingQuery {
        limit: 100,
        ..FindingQuery::default()
    };
    let rows = judgement.flagged(&source, &query).unwrap().rows;
    let of_rows = rows.into_iter().flat_map(|it| it.findings);
    judgement
        .verdict
        .file_findings
        .iter()
        .cloned()
        .chain(of_rows)
        .map(|it| {
            let column = it
                .data
                .column
                .map_or(String::new(), |at| format!(", column {at}"));
            let severity = if it.data.severity == Severity::Error {
                "error"
            } else {
                "warning"
            };
            format!(
                "line {}{column}: {} {severity}: {}\n",
                it.line, it.data.code, it.text
            )
        })
        .collect()
}

fn fences(doc: &str) -> Vec<(&str, String)> {
    let mut res = Vec::new();
    let mut open: Option<(&str, String)> = None;
    for line in doc.lines() {
        match (&mut open, line.strip_prefix("```")) {
            (None, Some(language)) => open = Some((language, String::new())),
            (Some(_), Some(_)) => res.extend(open.take()),
            (Some((_, body)), None) => {
                body.push_str(line);
                body.push('\n');
            }
            (None, None) => {}
        }
    }
    res
}

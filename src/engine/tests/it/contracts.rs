//! Contracts as files: what is written is read as the same contract.

use engine::{
    catalogue::pages,
    contract::{self, Contract, odcs},
};
use proptest::{prelude::*, sample::select};
use serde_json::{Value, json};

fn assert_written_and_read(contract: &Contract) {
    let text = odcs::write(contract);
    let reading = odcs::read(&text).unwrap_or_else(|faults| panic!("{faults:#?}\n{text}"));
    assert_eq!(&reading.contract, contract, "{text}");
    assert_eq!(reading.contract.fingerprint(), contract.fingerprint());
    assert_eq!(reading.notes, [], "{text}");
}

#[test]
fn the_shipped_contract_has_one_fingerprint_in_both_forms() {
    assert_written_and_read(contract::sales());
}

#[test]
fn what_may_be_waived_and_by_how_many_is_written_and_read() {
    let mut contract = contract::sales().clone();
    let above = "1250.50".to_owned();
    contract.waivers.second_person_above = Some(above.try_into().unwrap());
    assert_written_and_read(&contract);
    contract.waivers.controls = vec!["CMP01".to_owned()];
    let faults = odcs::read(&odcs::write(&contract)).unwrap_err();
    assert!(faults[0].text.contains("`CMP01` cannot be waived"));
}

#[test]
fn every_controls_example_is_written_and_read() {
    for page in pages() {
        let (_, rest) = page.doc.split_once("```json\n{").unwrap();
        let (fragment, _) = rest.split_once("\n```").unwrap();
        let text = format!("{{\"name\": \"t\", \"version\": \"1\", {fragment}");
        assert_written_and_read(&Contract::from_json(&text).unwrap());
    }
}

/// A word, often one that YAML might take for something else.
fn word() -> impl Strategy<Value = String> {
    prop_oneof![
        select(vec![
            "No", "null", "1.0", "07", "a: b", "- a", "#", "é", "", " x ", "y", "~"
        ])
        .prop_map(str::to_owned),
        "[ -~é₹]{1,8}",
        any::<String>(),
    ]
}

fn words() -> impl Strategy<Value = Vec<String>> {
    proptest::collection::vec(word(), 0..3)
}

fn some<T: Into<Value>>(name: &str, value: Option<T>) -> Option<(String, Value)> {
    value.map(|it| (name.to_owned(), it.into()))
}

fn column() -> impl Strategy<Value = Value> {
    let kinds = vec!["identifier", "text", "whole", "amount", "number", "date"];
    let forms = vec!["YYYY-MM-DD", "DD-MM-YYYY", "MM-DD-YYYY", "excel-serial"];
    let writing = vec!["decimal-comma", "parentheses"];
    (
        select(kinds),
        any::<bool>(),
        proptest::option::of(word()),
        words(),
        proptest::sample::subsequence(forms, 0..=4),
        proptest::sample::subsequence(writing, 0..=2),
        words(),
        proptest::option::of(Just("l")),
        proptest::option::of(select(vec!["day", "unit_price"])),
    )
        .prop_map(
            |(kind, required, title, aliases, forms, writing, null_words, list, role)| {
                let mut map = json!({
                    "type": kind, "required": required, "aliases": aliases, "forms": forms,
                    "writing": writing, "null_words": null_words,
                });
                let object = map.as_object_mut().unwrap();
                object.extend(some("title", title));
                object.extend(some("list", list));
                object.extend(some("role", role));
                map
            },
        )
}

/// A rule for the column with this name.
fn rule() -> impl Strategy<Value = Value> {
    let bound = || select(vec!["0", "-1.5", "007", "1,000", "12.000001"]);
    let pattern = select(vec!["[A-Z]+", "a|b", "(a|b)\\d", "", "[)]", "\\\\"]);
    let severity = proptest::option::of(select(vec!["error", "warning"]));
    let tolerance = proptest::option::of(select(vec![
        json!({"rows": 5}),
        json!({"percent": "0.5"}),
        json!({"percent": "7"}),
    ]));
    let rule = prop_oneof![
        select(vec!["CMP01", "VAL01", "VAL02", "VAL03", "VAL10", "REF02"])
            .prop_map(|it| json!({"code": it, "columns": ["c0"]})),
        (bound(), any::<bool>()).prop_map(
            |(it, exclusive)| json!({"code": "VAL06", "column": "c0", "minimum": it, "exclusive": exclusive})
        ),
        bound().prop_map(|it| json!({"code": "VAL07", "column": "c0", "maximum": it})),
        (pattern, word())
            .prop_map(|(it, example)| json!({"code": "VAL08", "column": "c0", "pattern": it, "example": example})),
        (0u32..3, 3u32..9)
            .prop_map(|(a, b)| json!({"code": "VAL09", "column": "c0", "shortest": a, "longest": b})),
        Just(json!({"code": "VAL05", "column": "c0"})),
        Just(json!({"code": "TIM02", "column": "c0", "first": "2026-01-01", "last": "2026-01-31"})),
        (bound(), bound())
            .prop_map(|(a, b)| json!({"code": "DIS01", "column": "c0", "lowest": a, "highest": b})),
        Just(json!({"code": "REF03", "column": "c0", "attributes": {"c0": "b: c"}})),
        select(vec!["repeated", "hold-all"]).prop_map(|it| match it {
            "hold-all" => json!({"code": "UNQ01", "repeats": it}),
            _ => json!({"code": "UNQ01"}),
        }),
    ];
    (rule, severity, tolerance).prop_map(|(mut rule, severity, tolerance)| {
        let object = rule.as_object_mut().unwrap();
        object.extend(some("severity", severity));
        object.extend(some("tolerance", tolerance));
        rule
    })
}

fn drawn() -> impl Strategy<Value = Value> {
    let structure = vec!["SCH01", "SCH02", "SCH04", "UNQ02", "UNQ03", "CON02"];
    let entry = (word(), words(), proptest::collection::btree_map(word(), word(), 0..2))
        .prop_map(|(value, synonyms, attributes)| {
            json!({"value": value, "synonyms": synonyms, "attributes": attributes})
        });
    (
        (word(), word()),
        proptest::collection::vec(column(), 1..4),
        any::<u8>(),
        proptest::sample::subsequence(structure, 0..=6),
        proptest::collection::vec(rule(), 0..6),
        proptest::collection::vec(entry, 1..4),
        (words(), words()),
        (0u32..=1_000_000, select(vec!["+05:30", "-03:00", "+00:00"])),
    )
        .prop_map(
            |(names, mut columns, key, codes, rules, entries, totals, (share, zone))| {
                for (place, column) in columns.iter_mut().enumerate() {
                    column["name"] = json!(format!("c{place}"));
                }
                // The first column is the one that rules are about.
                columns[0]["list"] = json!("l");
                let keys: Vec<String> = (0..columns.len())
                    .rev()
                    .filter(|it| key >> it & 1 == 1)
                    .map(|it| format!("c{it}"))
                    .collect();
                let money = columns.iter().find(|it| it["type"] == "amount");
                let mut controls: Vec<Value> = codes.iter().map(|it| json!({"code": it})).collect();
                controls.extend(rules);
                json!({
                    "name": names.0, "version": names.1, "zone": zone, "columns": columns,
                    "key": keys, "money": money.filter(|_| key > 100).map(|it| it["name"].clone()),
                    "total_words": totals.0, "null_words": totals.1,
                    "lists": [{"name": "l", "entries": entries}], "controls": controls,
                    "thresholds": {
                        "quality_score": format!("{}.{:06}", share / 1_000_000, share % 1_000_000),
                        "exception_rate": "0.050000", "hold_above": "1.000000",
                    },
                })
            },
        )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]

    #[test]
    fn any_contract_is_written_and_read(drawn in drawn()) {
        // A tolerance that a rule cannot have is no contract.
        let contract = Contract::from_json(&drawn.to_string());
        prop_assume!(contract.is_ok());
        assert_written_and_read(&contract.unwrap());
    }

    #[test]
    fn any_text_is_read_or_refused_with_places(text in "[a-z:\\- \\n\\[\\]{}\"'&*#|>!%@]{0,80}") {
        if let Err(faults) = odcs::read(&text) {
            let lines = text.split('\n').count();
            assert!(!faults.is_empty());
            assert!(faults.iter().all(|it| (1..=lines + 1).contains(&it.mark.line)));
        }
    }

    /// A whole contract with one character taken out or put in.
    #[test]
    fn a_slip_is_read_or_refused_with_places(at in 0usize..6000, slip in "[a-z:\\- \\n\\[\\]{}\"']?") {
        let mut text = odcs::write(contract::sales());
        let at = (0..=at % text.len()).rev().find(|it| text.is_char_boundary(*it)).unwrap();
        if slip.is_empty() {
            text.remove(at);
        } else {
            text.insert_str(at, &slip);
        }
        if let Err(faults) = odcs::read(&text) {
            assert!(!faults.is_empty());
        }
    }
}

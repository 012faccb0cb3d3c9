//! `tarazu contract`, as it is started.

use crate::command::{Ended, tarazu};
use serde_json::Value;
use std::{fs, path::Path};

struct Folder(tempfile::TempDir);

impl Folder {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn write(&self, name: &str, content: &str) -> String {
        let path = self.0.path().join(name);
        fs::write(&path, content).unwrap();
        text(&path)
    }
}

fn text(path: &Path) -> String {
    path.to_str().unwrap().to_owned()
}

fn contract(args: &[&str]) -> Ended {
    tarazu(&[&["contract"], args].concat())
}

const STALLS: &str = "apiVersion: v3.1.0
kind: DataContract
id: stalls
version: 1.0.0
status: active
schema:
  - name: stalls
    properties:
      - {name: stall, required: true, primaryKey: true}
      - {name: guests, logicalType: integer, logicalTypeOptions: {minimum: 0}}
";

#[test]
fn validate_tells_every_error_by_line_and_column() {
    let folder = Folder::new();
    let good = folder.write("good.yaml", STALLS);
    let ended = contract(&["validate", &good]);
    assert_eq!(ended.code, 0, "{}", ended.all());
    assert!(
        ended.out.contains("stalls 1.0.0 is whole, fingerprint "),
        "{}",
        ended.out
    );

    let bad = STALLS
        .replace("integer", "whole")
        .replace("required", "requird");
    let bad = folder.write("bad.yaml", &bad);
    let ended = contract(&["validate", &good, &bad]);
    assert_eq!(ended.code, 1);
    for says in [
        "bad.yaml:9:23: error: `requird` is no word for this place; did you mean `required`?",
        "bad.yaml:10:37: error: `whole` is not known here",
        "bad.yaml: 3 errors",
    ] {
        assert!(ended.out.contains(says), "{says}: {}", ended.out);
    }
    assert_eq!(contract(&["validate", &bad, "no such file.yaml"]).code, 2);
}

#[test]
fn show_and_export_give_forms_that_read_back_with_one_fingerprint() {
    let folder = Folder::new();
    let fingerprint = |file: &str| {
        let ended = contract(&["show", file]);
        assert_eq!(ended.code, 0, "{}", ended.all());
        let line = ended.out.lines().find(|it| it.starts_with("fingerprint"));
        line.unwrap().to_owned()
    };
    let sales = fingerprint("sales");
    for args in [
        ["show", "sales", "--format", "yaml"],
        ["show", "sales", "--format", "json"],
        ["export", "sales", "--to", "odcs"],
    ] {
        let written = contract(&args);
        let file = folder.write("sales.txt", &written.out);
        assert_eq!(fingerprint(&file), sales, "{args:?}");
    }
    for (to, place) in [("json-schema", "properties"), ("table-schema", "fields")] {
        let written = contract(&["export", "sales", "--to", to]);
        let schema: Value = serde_json::from_str(&written.out).unwrap();
        assert!(!schema[place].is_null(), "{}", written.out);
    }
    let unknown = contract(&["show", "no-such-contract"]);
    assert_eq!(unknown.code, 2);
    assert!(
        unknown.err.contains("neither a file nor the name"),
        "{}",
        unknown.err
    );
}

#[test]
fn diff_says_in_words_what_changed_and_ends_by_it() {
    let folder = Folder::new();
    let old = folder.write("old.yaml", STALLS);
    let looser = folder.write("looser.yaml", &STALLS.replace("minimum: 0", "minimum: -1"));
    let other = STALLS
        .replace("guests", "visitors")
        .replace("1.0.0", "2.0.0");
    let other = folder.write("other.yaml", &other);

    let same = contract(&["diff", &old, &old]);
    assert_eq!(
        (same.code, same.out.lines().count()),
        (0, 1),
        "{}",
        same.out
    );
    let ended = contract(&["diff", &old, &looser]);
    assert_eq!(ended.code, 1);
    let says = "VAL06 below-minimum for `guests` asks for minimum -1 instead of minimum 0";
    assert!(ended.out.contains(says), "{}", ended.out);
    assert_eq!(contract(&["diff", "--breaking", &old, &looser]).code, 0);
    let ended = contract(&["diff", "--breaking", &old, &other]);
    assert_eq!(ended.code, 1);
    assert!(
        ended.out.contains("breaking  the column `guests` is gone"),
        "{}",
        ended.out
    );
}

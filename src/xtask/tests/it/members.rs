//! The members of the workspace, and which of them may see which.

use crate::{assert_none, metadata, root};
use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
};

/// Each member with the members that it depends on: the table of `src/README.md`.
const EDGES: [(&str, &[&str]); 10] = [
    ("app", &["charts", "model"]),
    ("audit", &["model"]),
    ("browser", &["app"]),
    ("charts", &["model"]),
    ("engine", &["model"]),
    ("model", &[]),
    (
        "server",
        &["app", "audit", "charts", "engine", "model", "store"],
    ),
    ("store", &["audit", "model"]),
    ("worker", &["audit", "engine", "model"]),
    ("xtask", &["engine"]),
];

#[test]
fn members_depend_on_one_another_as_designed() {
    let metadata = metadata(&["--no-deps"]);
    let mut found = BTreeMap::new();
    for package in metadata["packages"].as_array().unwrap() {
        let name = package["name"].as_str().unwrap().to_owned();
        let ours: BTreeSet<String> = package["dependencies"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|dependency| dependency["path"].is_string())
            .map(|dependency| dependency["name"].as_str().unwrap().to_owned())
            .collect();
        found.insert(name, ours);
    }
    let designed: BTreeMap<String, BTreeSet<String>> = EDGES
        .iter()
        .map(|(name, ours)| {
            (
                (*name).to_owned(),
                ours.iter().map(|other| (*other).to_owned()).collect(),
            )
        })
        .collect();
    assert_eq!(found, designed);
}

#[test]
fn a_member_lies_in_the_folder_of_its_name() {
    let metadata = metadata(&["--no-deps"]);
    for package in metadata["packages"].as_array().unwrap() {
        let name = package["name"].as_str().unwrap();
        let manifest = root().join("src").join(name).join("Cargo.toml");
        assert_eq!(
            fs::canonicalize(package["manifest_path"].as_str().unwrap()).unwrap(),
            fs::canonicalize(manifest).unwrap()
        );
    }
}

#[test]
fn versions_and_lints_stand_in_the_root_alone() {
    let mut breaches = Vec::new();
    for (name, _) in EDGES {
        let manifest = root().join("src").join(name).join("Cargo.toml");
        let manifest = fs::read_to_string(manifest).unwrap();
        let mut section = "";
        for line in manifest.lines() {
            if line.starts_with('[') {
                section = line;
            } else if section.ends_with("dependencies]")
                && line.contains('=')
                && !line.contains("workspace = true")
            {
                breaches.push(format!("{name}: {line}"));
            }
        }
        if !manifest.contains("[lints]\nworkspace = true") {
            breaches.push(format!("{name}: does not take the lints of the workspace"));
        }
    }
    assert_none(
        "members take versions and lints from the workspace",
        breaches,
    );
}

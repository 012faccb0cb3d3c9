//! Rules about the repository: what a person would otherwise have to look for in every review.
#![expect(
    clippy::unwrap_used,
    reason = "these are tests; clippy recognises only the functions marked so"
)]

mod licences;
mod members;
mod readme;
mod texts;
mod tree;

use std::{
    path::{Path, PathBuf},
    process::Command,
};

/// The clone.
fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .ancestors()
        .nth(2)
        .unwrap()
        .to_path_buf()
}

/// What `cargo metadata` says with these arguments.
fn metadata(arguments: &[&str]) -> serde_json::Value {
    let output = Command::new(env!("CARGO"))
        .current_dir(root())
        .args(["metadata", "--format-version", "1"])
        .args(arguments)
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "cargo metadata: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    serde_json::from_slice(&output.stdout).unwrap()
}

/// Fails with one line for each breach.
#[track_caller]
fn assert_none(rule: &str, breaches: Vec<String>) {
    assert!(breaches.is_empty(), "{rule}:\n{}", breaches.join("\n"));
}

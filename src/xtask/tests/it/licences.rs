//! What is linked into the product may be given away with it. The list is that of `.cargo/deny.toml`; no other
//! tool is needed to hold to it.

use crate::{assert_none, metadata, root};
use std::fs;

#[test]
fn every_dependency_has_a_licence_on_the_list() {
    let list = allowed();
    let metadata = metadata(&["--locked"]);
    let packages = metadata["packages"].as_array().unwrap();
    assert!(packages.len() > 100, "only {} packages", packages.len());
    let mut breaches = Vec::new();
    for package in packages {
        let licence = package["license"].as_str().unwrap_or("none");
        if !is_covered(licence, &list) {
            breaches.push(format!(
                "{} {}: {licence}",
                package["name"].as_str().unwrap(),
                package["version"].as_str().unwrap()
            ));
        }
    }
    assert_none("licences that `.cargo/deny.toml` does not allow", breaches);
}

#[test]
fn reads_expressions_as_spdx_means_them() {
    let list = ["MIT", "Zlib", "Apache-2.0 WITH LLVM-exception"].map(str::to_owned);
    for covered in [
        "MIT",
        "GPL-3.0 OR MIT",
        "MIT/GPL-3.0",
        "(GPL-3.0 OR MIT) AND Zlib",
        "MIT AND Zlib",
        "Apache-2.0 WITH LLVM-exception OR GPL-3.0",
        "GPL-3.0 AND GPL-2.0 OR MIT",
    ] {
        assert!(is_covered(covered, &list), "{covered}");
    }
    for other in [
        "none",
        "GPL-3.0",
        "GPL-3.0 AND MIT",
        "(GPL-3.0 OR MIT) AND GPL-2.0",
        "Apache-2.0",
        "MIT AND",
    ] {
        assert!(!is_covered(other, &list), "{other}");
    }
}

/// The quoted words of `allow = [ … ]` under `[licenses]`.
fn allowed() -> Vec<String> {
    let settings = fs::read_to_string(root().join(".cargo/deny.toml")).unwrap();
    let (_, licences) = settings.split_once("[licenses]").unwrap();
    let (_, list) = licences.split_once("allow = [").unwrap();
    let (list, _) = list.split_once(']').unwrap();
    list.split('"')
        .skip(1)
        .step_by(2)
        .map(str::to_owned)
        .collect()
}

/// Whether a licence expression can be met with the licences on the list.
fn is_covered(expression: &str, list: &[String]) -> bool {
    let spaced = expression
        .replace('/', " OR ")
        .replace('(', " ( ")
        .replace(')', " ) ");
    let words: Vec<&str> = spaced.split_whitespace().collect();
    let mut rest = words.as_slice();
    any(&mut rest, list) == Some(true) && rest.is_empty()
}

/// `all OR all …`; `None` where it is no expression.
fn any(rest: &mut &[&str], list: &[String]) -> Option<bool> {
    let mut covered = all(rest, list)?;
    while let Some((&"OR", after)) = rest.split_first() {
        *rest = after;
        covered |= all(rest, list)?;
    }
    Some(covered)
}

/// `one AND one …`.
fn all(rest: &mut &[&str], list: &[String]) -> Option<bool> {
    let mut covered = one(rest, list)?;
    while let Some((&"AND", after)) = rest.split_first() {
        *rest = after;
        covered &= one(rest, list)?;
    }
    Some(covered)
}

/// A licence, with its exception, or an expression in brackets.
fn one(rest: &mut &[&str], list: &[String]) -> Option<bool> {
    let (first, after) = rest.split_first()?;
    *rest = after;
    if *first == "(" {
        let covered = any(rest, list)?;
        let (bracket, after) = rest.split_first()?;
        *rest = after;
        return (*bracket == ")").then_some(covered);
    }
    let mut licence = (*first).to_owned();
    if let [first, exception, after @ ..] = *rest
        && *first == "WITH"
    {
        licence = format!("{licence} WITH {exception}");
        *rest = after;
    }
    Some(list.contains(&licence))
}

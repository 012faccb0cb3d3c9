//! SARIF 2.1.0 (OASIS): the catalogue as rules, a result for each finding at its line.

use super::{FileReport, Named, level};
use engine::catalogue;
use model::{control::Severity, finding::Finding};
use serde_json::{Value, json};

const SCHEMA: &str = "https://json.schemastore.org/sarif-2.1.0.json";

pub(super) fn report(files: &[FileReport]) -> String {
    let pages = catalogue::pages();
    let rules: Vec<Value> = pages
        .iter()
        .map(|page| {
            json!({
                "id": page.code,
                "name": page.name,
                "shortDescription": {"text": page.summary},
                "fullDescription": {"text": page.summary},
                "help": {"text": page.summary, "markdown": page.doc},
                "defaultConfiguration": {"level": level(page.severity)},
                "properties": {"tags": [page.dimension]},
            })
        })
        .collect();
    let rule = |code: &str| pages.iter().position(|it| it.code == code);
    let results = files.iter().enumerate().flat_map(|(artifact, file)| {
        let named = file.named.iter();
        named.map(move |it| result(file, artifact, it, rule(&it.finding.data.code)))
    });
    let results: Vec<Value> = results.collect();
    let artifacts: Vec<Value> = files
        .iter()
        .map(|file| {
            let digest = file.verdict.as_ref().map(|it| &it.receipt.file_digest);
            json!({"location": {"uri": uri(&file.file)}, "hashes": {"blake3": digest}})
        })
        .map(without_nothing)
        .collect();
    let told: Vec<Value> = files.iter().flat_map(told).collect();
    let sound = files.iter().all(|it| it.trouble.is_none());
    let text = json!({
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [{
            "tool": {"driver": {
                "name": "Tarazu",
                "version": engine::VERSION,
                "rules": rules,
            }},
            "invocations": [{
                "executionSuccessful": sound,
                "toolExecutionNotifications": told,
            }],
            "artifacts": artifacts,
            "columnKind": "unicodeCodePoints",
            "results": results,
        }],
    });
    format!("{text:#}\n")
}

fn result(file: &FileReport, artifact: usize, named: &Named, rule: Option<usize>) -> Value {
    let finding = &named.finding;
    let contract = file.verdict.as_ref().map_or("", |it| &it.contract.name);
    let column = finding.column_name.iter();
    let logical: Vec<Value> = column
        .map(|it| json!({"name": it, "kind": "member"}))
        .collect();
    json!({
        "ruleId": finding.data.code,
        "ruleIndex": rule,
        "level": level(finding.data.severity),
        "message": {"text": finding.text},
        "locations": [{
            "physicalLocation": {
                "artifactLocation": {"uri": uri(&file.file), "index": artifact},
                "region": {"startLine": finding.line.max(1)},
            },
            "logicalLocations": logical,
        }],
        "partialFingerprints": {"tarazu/v1": fingerprint(contract, finding, &named.cells)},
    })
}

/// The same for the same row under the same contract, wherever in its file it stands.
fn fingerprint(contract: &str, finding: &Finding, cells: &[String]) -> String {
    let mut hasher = blake3::Hasher::new();
    let column = finding.column_name.as_deref().unwrap_or_default();
    let parts = [contract, &finding.data.code, column].into_iter();
    for part in parts.chain(cells.iter().map(String::as_str)) {
        hasher.update(&(part.len() as u64).to_le_bytes());
        hasher.update(part.as_bytes());
    }
    hasher.finalize().to_hex().chars().take(32).collect()
}

fn told(file: &FileReport) -> Vec<Value> {
    let told =
        |severity, text: &String| json!({"level": level(severity), "message": {"text": text}});
    let trouble = file.trouble.iter().map(|it| {
        let text = format!("{}: {it}", file.file);
        told(Severity::Error, &text)
    });
    let cut = file.cut();
    trouble
        .chain(cut.iter().map(|it| told(Severity::Warning, it)))
        .collect()
}

/// A digest that is not known is left out.
fn without_nothing(mut artifact: Value) -> Value {
    if artifact["hashes"]["blake3"].is_null()
        && let Some(fields) = artifact.as_object_mut()
    {
        fields.remove("hashes");
    }
    artifact
}

/// A path as a reference of RFC 3986, absolute ones as `file:` addresses.
fn uri(path: &str) -> String {
    let path = path.replace('\\', "/");
    let mut res = String::new();
    for byte in path.bytes() {
        if byte.is_ascii_alphanumeric() || b"/-._~".contains(&byte) {
            res.push(char::from(byte));
        } else {
            res.push_str(&format!("%{byte:02X}"));
        }
    }
    if res.starts_with('/') {
        format!("file://{res}")
    } else {
        res
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_a_reference() {
        assert_eq!(uri("a b/ü.csv"), "a%20b/%C3%BC.csv");
        assert_eq!(uri("/data/a.csv"), "file:///data/a.csv");
        assert_eq!(uri("c:\\a.csv"), "c%3A/a.csv");
    }
}

//! A Frictionless report (version 5): a task for each file, our controls as its kinds of errors. It knows no warnings
//! of rows, so that those are told in a sentence for each control.

use super::{FileReport, Named};
use crate::command::report::count;
use model::{
    control::{Severity, Status},
    verdict::Verdict,
};
use serde_json::{Value, json};

pub(super) fn report(files: &[FileReport]) -> String {
    let tasks: Vec<Value> = files.iter().map(task).collect();
    let sum = |name: &str| {
        let counts = tasks.iter().map(|it| it["stats"][name].as_u64());
        counts.map(Option::unwrap_or_default).sum::<u64>()
    };
    let seconds: f64 = files.iter().map(|it| it.seconds).sum();
    let text = json!({
        "valid": tasks.iter().all(|it| it["valid"] == true),
        "stats": {
            "tasks": tasks.len(),
            "errors": sum("errors"),
            "warnings": sum("warnings"),
            "seconds": seconds,
        },
        "warnings": [],
        "errors": [],
        "tasks": tasks,
    });
    format!("{text:#}\n")
}

fn task(file: &FileReport) -> Value {
    let errors = file.named.iter();
    let errors = errors.filter(|it| it.finding.data.severity == Severity::Error);
    let mut errors: Vec<Value> = errors.map(|it| error(file, it)).collect();
    errors.extend(file.trouble.iter().map(|it| {
        json!({
            "type": "source-error",
            "title": "Source Error",
            "description": "The file could not be judged.",
            "message": it,
            "tags": [],
            "note": it,
        })
    }));
    let verdict = file.verdict.as_ref();
    let warnings = warnings(file);
    let (fields, rows) = verdict.map_or((0, 0), |it| (it.options.columns.len(), it.rows.read));
    json!({
        "name": name(&file.file),
        "type": "table",
        "valid": errors.is_empty() && file.is_met(),
        "place": file.file,
        "labels": labels(file),
        "stats": {
            "errors": verdict.map_or(errors.len() as u64, |it| it.findings.errors),
            "warnings": warnings.len(),
            "seconds": file.seconds,
            "fields": fields,
            "rows": rows,
        },
        "warnings": warnings,
        "errors": errors,
    })
}

/// A name as the report has to have it: lower-case letters, digits, `-`, `_` and `.`.
fn name(path: &str) -> String {
    let stem = path.rsplit(['/', '\\']).next().unwrap_or_default();
    let name = stem.chars().map(|it| match it.to_ascii_lowercase() {
        plain @ ('a'..='z' | '0'..='9' | '-' | '_' | '.') => plain,
        _ => '-',
    });
    let name: String = name.collect();
    if name.is_empty() { "file".into() } else { name }
}

fn labels(file: &FileReport) -> Vec<&str> {
    let columns = file.verdict.iter().flat_map(|it| &it.options.columns);
    columns.map(|it| it.header.as_str()).collect()
}

fn warnings(file: &FileReport) -> Vec<String> {
    let verdict = file.verdict.as_ref();
    let controls = verdict.into_iter().flat_map(|it| &it.controls);
    let warned = controls
        .filter(|it| it.status == Status::Warned)
        .map(|it| format!("{} ({}): {}", it.summary, it.code, count(it.failed)));
    let held = verdict.and_then(|it| it.held.as_ref());
    let held = held.map(|it| format!("The file is held: {}", it.reason));
    let unmet = verdict.map(unmet).unwrap_or_default();
    warned.chain(held).chain(unmet).chain(file.cut()).collect()
}

fn unmet(verdict: &Verdict) -> Vec<String> {
    let unmet = verdict.thresholds.iter().filter(|it| !it.met);
    unmet
        .map(|it| {
            let bound = it.bound.percent();
            format!(
                "The threshold {} {} {bound} % is not met",
                it.name, it.relation
            )
        })
        .collect()
}

fn error(file: &FileReport, named: &Named) -> Value {
    let Named { finding, cells } = named;
    let column = finding.data.column.unwrap_or(0);
    let (kind, title, of) = kind(&finding.data.code, &finding.data.message, column > 0);
    let field = finding.column_name.as_deref().unwrap_or_default();
    let mut res = json!({
        "type": kind,
        "title": title,
        "description": format!("{} ({})", finding.name, finding.data.code),
        "message": finding.text,
        "tags": of.tags(),
        "note": format!("{}: {}", finding.data.code, finding.text),
    });
    let Some(fields) = res.as_object_mut() else {
        return res;
    };
    let mut set = |name: &str, value: Value| fields.insert(name.into(), value);
    if of == Of::Label {
        set("labels", json!(labels(file)));
        set("rowNumbers", json!([finding.line]));
        set("label", json!(field));
    } else if of != Of::Table {
        set("cells", json!(cells));
        set("rowNumber", json!(finding.line));
    }
    if of == Of::Cell {
        let place = usize::try_from(column)
            .ok()
            .and_then(|it| it.checked_sub(1));
        let cell = place.and_then(|it| cells.get(it));
        set("cell", json!(cell.map_or("", String::as_str)));
    }
    if of == Of::Cell || of == Of::Label {
        set("fieldName", json!(field));
        set("fieldNumber", json!(column));
    }
    res
}

/// What an error is about, which says what has to stand in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Of {
    Table,
    Label,
    Row,
    Cell,
}

impl Of {
    fn tags(self) -> Vec<&'static str> {
        match self {
            Self::Table => vec!["#table"],
            Self::Label => vec!["#table", "#header", "#label"],
            Self::Row => vec!["#table", "#row"],
            Self::Cell => vec!["#table", "#row", "#cell"],
        }
    }
}

fn kind(code: &str, message: &str, has_column: bool) -> (&'static str, &'static str, Of) {
    match code {
        "SCH01" => ("missing-label", "Missing Label", Of::Label),
        "SCH02" => ("extra-label", "Extra Label", Of::Label),
        "SCH03" => ("duplicate-label", "Duplicate Label", Of::Label),
        "SCH04" if message == "short" => ("missing-cell", "Missing Cell", Of::Cell),
        "SCH04" => ("extra-cell", "Extra Cell", Of::Cell),
        "SCH08" => ("source-error", "Source Error", Of::Table),
        "VAL01" | "VAL02" | "VAL03" | "VAL04" | "VAL11" => ("type-error", "Type Error", Of::Cell),
        "UNQ01" | "UNQ02" => ("primary-key", "Primary Key Error", Of::Row),
        "UNQ03" => ("duplicate-row", "Duplicate Row", Of::Row),
        "CON01" => ("row-constraint", "Row Constraint", Of::Row),
        "CON02" => ("table-error", "Table Error", Of::Table),
        "VOL01" => ("table-dimensions", "Table dimensions error", Of::Table),
        // Of text that is no text only the cell is known to be wrong.
        "SCH07" => ("cell-error", "Cell Error", Of::Cell),
        _ if has_column => ("constraint-error", "Constraint Error", Of::Cell),
        _ => ("row-error", "Row Error", Of::Row),
    }
}

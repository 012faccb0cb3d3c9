//! A contract for people to read.

use engine::{
    catalogue,
    contract::{Column, Contract, ControlUse},
};
use model::control::Severity;
use serde::Serialize;
use serde_json::Value;
use std::io::{self, Write};

/// Writes all that the contract asks for.
pub(super) fn contract(contract: &Contract, out: &mut dyn Write) -> io::Result<()> {
    let reference = contract.reference();
    writeln!(out, "{} {}", contract.name, contract.version)?;
    writeln!(out, "fingerprint {}", reference.fingerprint)?;
    let or_none = |text: String| match text.is_empty() {
        true => "none".to_owned(),
        false => text,
    };
    writeln!(out, "key         {}", or_none(contract.key.join(", ")))?;
    let money = contract.money.clone().unwrap_or_default();
    writeln!(out, "money       {}", or_none(money))?;
    writeln!(out, "zone        {}", String::from(contract.zone))?;
    let goals = &contract.thresholds;
    writeln!(
        out,
        "thresholds  quality above {} %, exceptions below {} %, held above {} %",
        goals.quality_score.percent(),
        goals.exception_rate.percent(),
        goals.hold_above.percent()
    )?;
    for (what, words) in [
        ("total words", &contract.total_words),
        ("null words", &contract.null_words),
        ("waivable", &contract.waivers.controls),
    ] {
        if !words.is_empty() {
            writeln!(out, "{what:<12}{}", words.join(", "))?;
        }
    }
    if let Some(above) = contract.waivers.second_person_above {
        writeln!(out, "            by two persons above {above}")?;
    }
    writeln!(out, "\nColumns")?;
    let columns = contract.columns.iter();
    table(&columns.map(column).collect::<Vec<_>>(), out)?;
    writeln!(out, "\nControls")?;
    let rules = contract.controls.iter();
    table(&rules.map(rule).collect::<Vec<_>>(), out)?;
    if !contract.lists.is_empty() {
        writeln!(out, "\nLists")?;
    }
    for list in &contract.lists {
        let values: Vec<&str> = list.entries.iter().map(|it| it.value.as_str()).collect();
        writeln!(out, "  {}: {}", list.name, values.join(", "))?;
    }
    Ok(())
}

/// Rows of cells, each column as wide as its widest cell, the last one as wide as it likes.
fn table<const N: usize>(rows: &[[String; N]], out: &mut dyn Write) -> io::Result<()> {
    let width = |place: usize| {
        let cells = rows.iter().filter_map(|it| it.get(place));
        cells.map(|it| it.chars().count()).max().unwrap_or(0)
    };
    let widths: Vec<usize> = (0..N).map(width).collect();
    for row in rows {
        let cells = row.iter().zip(&widths);
        let line: String = cells.map(|(it, width)| format!("  {it:<width$}")).collect();
        writeln!(out, "{}", line.trim_end())?;
    }
    Ok(())
}

/// The word that a value is written as.
fn word<T: Serialize>(value: T) -> String {
    let value = serde_json::to_value(value).unwrap_or_default();
    value.as_str().unwrap_or_default().to_owned()
}

fn column(column: &Column) -> [String; 4] {
    let mut said = Vec::new();
    if !column.aliases.is_empty() {
        said.push(format!("also called {}", column.aliases.join(", ")));
    }
    if !column.forms.is_empty() {
        let forms: Vec<&str> = column.forms.iter().map(|it| it.as_str()).collect();
        said.push(format!("written {}", forms.join(" or ")));
    }
    if !column.writing.is_empty() {
        let writing: Vec<String> = column.writing.iter().map(word).collect();
        said.push(format!("also with {}", writing.join(", ")));
    }
    if !column.null_words.is_empty() {
        said.push(format!("blank as {}", column.null_words.join(", ")));
    }
    said.extend(column.list.as_ref().map(|it| format!("of the list {it}")));
    let required = if column.required { "required" } else { "" };
    [
        column.name.clone(),
        word(column.kind),
        required.to_owned(),
        said.join("; "),
    ]
}

fn rule(used: &ControlUse) -> [String; 4] {
    let meta = catalogue::by_code(&used.code).map(|it| it.meta);
    let severity = used.severity.or(meta.map(|it| it.severity));
    let severity = match severity {
        Some(Severity::Warning) => "warning",
        _ => "error",
    };
    let columns: Vec<&str> = used.columns().collect();
    let mut said = Vec::new();
    if !columns.is_empty() {
        said.push(columns.join(", "));
    }
    for (name, value) in &used.params {
        match value {
            _ if name == "column" || name == "columns" => {}
            Value::String(text) => said.push(format!("{name} {text}")),
            other => said.push(format!("{name} {other}")),
        }
    }
    if let Some(tolerance) = used.tolerance {
        let tolerance = serde_json::to_value(tolerance).unwrap_or_default();
        let parts = tolerance.as_object().into_iter().flatten();
        let parts: Vec<String> = parts
            .map(|(name, value)| format!("{} {name}", value.to_string().replace('"', "")))
            .collect();
        said.push(format!("tolerates {}", parts.join(", ")));
    }
    [
        used.code.clone(),
        meta.map_or("", |it| it.name).to_owned(),
        severity.to_owned(),
        said.join("; "),
    ]
}

//! From a contract to a text that is read as the same contract.

use super::{
    OURS, VERSION,
    promises::{Bounds, Unchecked, anchored, bounds_of, promises, unkept},
};
use crate::{
    catalogue,
    contract::{
        Column, Contract, ControlUse, Kind, ListEntry, Thresholds,
        yaml::{self, Out},
    },
};
use model::control::{Dimension, Severity};
use serde::Serialize;
use serde_json::Value;

type Lines = Vec<(String, Out)>;

/// Writes a contract, which `read` gives back.
pub fn write(contract: &Contract) -> String {
    let bounds: Vec<Bounds> = contract
        .columns
        .iter()
        .map(|it| bounds_of(contract, it))
        .collect();
    let unchecked = broken(contract, &bounds);
    let columns = contract.columns.iter().zip(&bounds);
    let properties = columns
        .zip(&unchecked.of_columns)
        .map(|((column, bounds), unchecked)| {
            Out::Map(property(contract, column, bounds, unchecked))
        });
    let mut table = vec![
        line("name", contract.name.as_str()),
        line("logicalType", "object"),
        line("physicalType", "file"),
        line("properties", Out::List(properties.collect())),
    ];
    let rules = unpromised(contract, &bounds, &unchecked);
    if !rules.is_empty() {
        let rules = rules.iter().map(rule).collect();
        table.push(line("quality", Out::List(rules)));
    }
    table.push(ours(of_table(contract, &unchecked.of_table)));
    yaml::write(&[
        line("apiVersion", VERSION),
        line("kind", "DataContract"),
        line("id", contract.name.as_str()),
        line("name", contract.name.as_str()),
        line("version", contract.version.as_str()),
        line("status", "active"),
        line("schema", Out::List(vec![Out::Map(table)])),
    ])
}

/// What is promised and kept by no rule.
fn broken(contract: &Contract, bounds: &[Bounds]) -> Unchecked {
    let promised = promises(contract, bounds);
    let of = |column: Option<&str>| -> Vec<String> {
        let broken = promised.iter().filter(|promise| {
            promise.column.as_deref() == column
                && !contract.controls.iter().any(|it| promise.is_kept_by(it))
        });
        broken.map(|it| it.code.to_owned()).collect()
    };
    Unchecked {
        of_table: of(None),
        of_columns: contract
            .columns
            .iter()
            .map(|it| of(Some(&it.name)))
            .collect(),
    }
}

/// The rules that have to be written, since reading brings those behind them by what is promised.
fn unpromised<'a>(
    contract: &'a Contract,
    bounds: &[Bounds],
    unchecked: &Unchecked,
) -> &'a [ControlUse] {
    let all = contract.controls.as_slice();
    for (written, rest) in (0..all.len()).filter_map(|it| all.split_at_checked(it)) {
        let shorter = Contract {
            controls: written.to_vec(),
            ..contract.clone()
        };
        if unkept(&shorter, bounds, unchecked) == rest {
            return written;
        }
    }
    all
}

fn line(key: &str, value: impl Into<Out>) -> (String, Out) {
    (key.to_owned(), value.into())
}

/// Our own custom property.
fn ours(lines: Lines) -> (String, Out) {
    let property = vec![line("property", OURS), line("value", Out::Map(lines))];
    line("customProperties", Out::List(vec![Out::Map(property)]))
}

/// The text that a value of one word writes itself as.
fn word<T: Serialize>(value: &T) -> Out {
    match serde_json::to_value(value) {
        Ok(value) => Out::from(&value),
        Err(_) => Out::from(""),
    }
}

fn words<T: Serialize>(values: &[T]) -> Out {
    Out::List(values.iter().map(word).collect())
}

fn property(contract: &Contract, column: &Column, bounds: &Bounds, unchecked: &[String]) -> Lines {
    let mut lines = vec![line("name", column.name.as_str())];
    lines.extend(column.title.as_deref().map(|it| line("businessName", it)));
    let logical = match column.kind {
        Kind::Identifier | Kind::Text => "string",
        Kind::Whole => "integer",
        Kind::Amount | Kind::Number => "number",
        Kind::Date => "date",
    };
    lines.push(line("logicalType", logical));
    let options = options(bounds);
    if !options.is_empty() {
        lines.push(line("logicalTypeOptions", Out::Map(options)));
    }
    if column.required {
        lines.push(line("required", Out::flag(true)));
    }
    if let Some(place) = contract.key.iter().position(|it| *it == column.name) {
        if contract.key.len() == 1 {
            lines.push(line("unique", Out::flag(true)));
        }
        lines.push(line("primaryKey", Out::flag(true)));
        let place = Out::Bare((place + 1).to_string());
        lines.push(line("primaryKeyPosition", place));
    }
    let own = of_column(contract, column, unchecked);
    if !own.is_empty() {
        lines.push(ours(own));
    }
    lines
}

fn options(bounds: &Bounds) -> Lines {
    let mut lines = Vec::new();
    let bare = |it: &String| Out::Bare(it.clone());
    let length = |it: u64| Out::Bare(it.to_string());
    let (shortest, longest) = bounds.length.unwrap_or_default();
    lines.extend(shortest.map(|it| line("minLength", length(it))));
    lines.extend(longest.map(|it| line("maxLength", length(it))));
    let pattern = bounds.pattern.as_deref();
    lines.extend(pattern.map(|it| line("pattern", anchored(it).as_str())));
    let minimum = bounds.minimum.as_ref();
    lines.extend(minimum.map(|it| line("minimum", bare(it))));
    let above = bounds.exclusive_minimum.as_ref();
    lines.extend(above.map(|it| line("exclusiveMinimum", bare(it))));
    let maximum = bounds.maximum.as_ref();
    lines.extend(maximum.map(|it| line("maximum", bare(it))));
    if let Some((first, last)) = &bounds.period {
        lines.push(line("minimum", first.as_str()));
        lines.push(line("maximum", last.as_str()));
    }
    lines
}

/// What of a column the standard has no word for.
fn of_column(contract: &Contract, column: &Column, unchecked: &[String]) -> Lines {
    let mut lines = Vec::new();
    let is_money = contract.money.as_ref() == Some(&column.name);
    if column.kind == Kind::Identifier || (column.kind == Kind::Amount && !is_money) {
        lines.push(line("type", word(&column.kind)));
    }
    let mut texts = |key: &str, texts: &[String]| {
        if !texts.is_empty() {
            lines.push(line(key, Out::texts(texts)));
        }
    };
    texts("aliases", &column.aliases);
    texts("nullWords", &column.null_words);
    texts("unchecked", unchecked);
    if column.kind == Kind::Date || !column.forms.is_empty() {
        lines.push(line("forms", words(&column.forms)));
    }
    if !column.writing.is_empty() {
        lines.push(line("writing", words(&column.writing)));
    }
    lines.extend(column.list.as_deref().map(|it| line("list", it)));
    lines.extend(column.role.as_ref().map(|it| line("role", word(it))));
    lines
}

fn of_table(contract: &Contract, unchecked: &[String]) -> Lines {
    let mut lines = vec![line("zone", word(&contract.zone))];
    lines.extend(contract.money.as_deref().map(|it| line("money", it)));
    let mut texts = |key: &str, texts: &[String]| {
        if !texts.is_empty() {
            lines.push(line(key, Out::texts(texts)));
        }
    };
    texts("totalWords", &contract.total_words);
    texts("nullWords", &contract.null_words);
    texts("unchecked", unchecked);
    let Thresholds {
        quality_score,
        exception_rate,
        hold_above,
    } = &contract.thresholds;
    lines.push(line(
        "thresholds",
        Out::Map(vec![
            line("qualityScore", word(quality_score)),
            line("exceptionRate", word(exception_rate)),
            line("holdAbove", word(hold_above)),
        ]),
    ));
    if !contract.waivers.is_none() {
        let waivers = &contract.waivers;
        let mut named = vec![line("controls", Out::texts(&waivers.controls))];
        let above = waivers.second_person_above.as_ref();
        named.extend(above.map(|it| line("secondPersonAbove", word(it))));
        lines.push(line("waivers", Out::Map(named)));
    }
    if !contract.lists.is_empty() {
        let lists = contract.lists.iter().map(|it| {
            let entries = it.entries.iter().map(entry).collect();
            Out::Map(vec![
                line("name", it.name.as_str()),
                line("entries", Out::List(entries)),
            ])
        });
        lines.push(line("lists", Out::List(lists.collect())));
    }
    lines
}

fn entry(entry: &ListEntry) -> Out {
    if entry.synonyms.is_empty() && entry.attributes.is_empty() {
        return Out::from(entry.value.as_str());
    }
    let mut lines = vec![line("value", entry.value.as_str())];
    if !entry.synonyms.is_empty() {
        lines.push(line("synonyms", Out::texts(&entry.synonyms)));
    }
    if !entry.attributes.is_empty() {
        let attributes = entry.attributes.iter();
        let attributes = attributes.map(|(name, value)| line(name, value.as_str()));
        lines.push(line("attributes", Out::Map(attributes.collect())));
    }
    Out::Map(lines)
}

fn rule(used: &ControlUse) -> Out {
    let mut lines = vec![line("type", "custom"), line("engine", OURS)];
    if let Some(entry) = catalogue::by_code(&used.code) {
        lines.push(line("name", entry.meta.name));
        lines.push(line("description", entry.meta.summary));
        lines.push(line("dimension", dimension(entry.meta.dimension)));
    }
    lines.extend(used.severity.map(|it| {
        let severity = match it {
            Severity::Error => "error",
            Severity::Warning => "warning",
        };
        line("severity", severity)
    }));
    let mut own = vec![line("control", used.code.as_str())];
    own.extend(used.params.iter().map(|(name, value)| line(name, value)));
    if let Some(Value::Object(tolerance)) = used
        .tolerance
        .as_ref()
        .and_then(|it| serde_json::to_value(it).ok())
    {
        own.push(line("tolerance", &Value::Object(tolerance)));
    }
    lines.push(line("implementation", Out::Map(own)));
    Out::Map(lines)
}

/// In the standard's words.
fn dimension(dimension: Dimension) -> &'static str {
    match dimension {
        Dimension::Schema | Dimension::Validity => "conformity",
        Dimension::Completeness => "completeness",
        Dimension::Reference | Dimension::Distribution => "accuracy",
        Dimension::Uniqueness => "uniqueness",
        Dimension::Timeliness => "timeliness",
        Dimension::Consistency => "consistency",
        Dimension::Volume => "coverage",
    }
}

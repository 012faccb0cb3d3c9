//! A contract in the words of other standards, as far as they go: what they cannot say is named.

use super::{Column, Contract, Kind};
use crate::{catalogue, contract::ControlUse};
use model::{control::Severity, options::DateForm};
use serde_json::{Map, Value, json};

/// [JSON Schema 2020-12](https://json-schema.org/draft/2020-12) of one row as an object, its cells read: numbers
/// as numbers, days as `2026-02-02`, a blank cell as null. Lists as they are written, without synonyms.
pub fn json_schema(contract: &Contract) -> Value {
    let mut said = vec!["SCH01", "SCH02", "VAL01", "VAL02", "VAL03", "VAL11"];
    let mut properties = Map::new();
    for column in &contract.columns {
        let limits = Limits::of(contract, column, &mut said);
        let kind = match column.kind {
            Kind::Identifier | Kind::Text | Kind::Date => "string",
            Kind::Whole => "integer",
            Kind::Amount | Kind::Number => "number",
        };
        let mut property = Map::new();
        let mut add = |name: &str, value: Option<Value>| {
            property.extend(value.map(|it| (name.to_owned(), it)));
        };
        add("title", column.title.clone().map(Value::from));
        let kinds = match limits.filled {
            true => json!(kind),
            false => json!([kind, "null"]),
        };
        add("type", Some(kinds));
        add("format", (column.kind == Kind::Date).then(|| "date".into()));
        let values = limits.values.map(|mut values| {
            if !limits.filled {
                values.push(Value::Null);
            }
            values.into()
        });
        add("enum", values);
        add("minimum", limits.minimum);
        add("exclusiveMinimum", limits.above);
        add("maximum", limits.maximum);
        add("pattern", limits.pattern.map(Value::from));
        add("minLength", limits.shortest);
        add("maxLength", limits.longest);
        properties.insert(column.name.clone(), property.into());
    }
    let required = contract.columns.iter().filter(|it| it.required);
    let required: Vec<&str> = required.map(|it| it.name.as_str()).collect();
    let extra = contract.controls.iter().find(|it| it.code == "SCH02");
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$comment": unsaid(contract, &said),
        "title": format!("{} {}", contract.name, contract.version),
        "type": "object",
        "properties": properties,
        "required": required,
        "additionalProperties": !extra.is_some_and(is_error),
    })
}

/// [Frictionless Table Schema](https://specs.frictionlessdata.io/table-schema/). Lists as they are written,
/// without synonyms; days as `2026-02-02` where that is their one form, else in any.
pub fn table_schema(contract: &Contract) -> Value {
    let mut said = vec![
        "SCH01", "SCH02", "SCH03", "SCH04", "VAL01", "VAL02", "VAL03", "VAL11", "UNQ01",
    ];
    let fields = contract.columns.iter().map(|column| {
        let limits = Limits::of(contract, column, &mut said);
        let mut field = Map::new();
        let mut add = |name: &str, value: Option<Value>| {
            field.extend(value.map(|it| (name.to_owned(), it)));
        };
        add("name", Some(column.name.clone().into()));
        add("title", column.title.clone().map(Value::from));
        let (kind, format) = match column.kind {
            Kind::Identifier | Kind::Text => ("string", None),
            Kind::Whole => ("integer", None),
            Kind::Amount | Kind::Number => ("number", None),
            Kind::Date => match column.forms.as_slice() {
                [DateForm::Iso] => ("date", None),
                [DateForm::ExcelSerial] => ("number", None),
                // A pattern of theirs knows one sign between day and month, and a form of ours takes several.
                _ => ("date", Some("any")),
            },
        };
        add("type", Some(kind.into()));
        add("format", format.map(Value::from));
        let grouped = matches!(column.kind, Kind::Amount | Kind::Number | Kind::Whole);
        add("groupChar", grouped.then(|| ",".into()));
        let nulls = [&contract.null_words[..], &column.null_words].concat();
        let own = !column.null_words.is_empty();
        add("missingValues", own.then(|| missing(&nulls)));
        let mut constraints = Map::new();
        let mut add = |name: &str, value: Option<Value>| {
            constraints.extend(value.map(|it| (name.to_owned(), it)));
        };
        add("required", limits.filled.then(|| true.into()));
        let key = contract.key.as_slice() == [column.name.clone()];
        add("unique", key.then(|| true.into()));
        add("enum", limits.values.map(Value::from));
        // It has no word for what lies above a number, except among whole ones.
        let whole = |it: Value| Some(json!(it.as_i64()?.checked_add(1)?));
        let above = limits.above.filter(|_| column.kind == Kind::Whole);
        add("minimum", limits.minimum.or_else(|| above.and_then(whole)));
        add("maximum", limits.maximum);
        add("pattern", limits.pattern.map(Value::from));
        add("minLength", limits.shortest);
        add("maxLength", limits.longest);
        if !constraints.is_empty() {
            field.insert("constraints".to_owned(), constraints.into());
        }
        Value::from(field)
    });
    let fields: Vec<Value> = fields.collect();
    let mut schema = json!({
        "title": format!("{} {}", contract.name, contract.version),
        "description": unsaid(contract, &said),
        "fields": fields,
        "missingValues": missing(&contract.null_words),
    });
    if let (Some(map), false) = (schema.as_object_mut(), contract.key.is_empty()) {
        map.insert("primaryKey".to_owned(), contract.key.clone().into());
    }
    schema
}

fn missing(words: &[String]) -> Value {
    let words = words.iter().map(String::as_str);
    std::iter::once("").chain(words).collect()
}

fn is_error(used: &ControlUse) -> bool {
    let own = catalogue::by_code(&used.code).map(|it| it.meta.severity);
    used.severity.or(own) == Some(Severity::Error)
}

/// The codes of error controls that the other standard has no words for.
fn unsaid(contract: &Contract, said: &[&str]) -> String {
    let mut codes: Vec<&str> = contract
        .controls
        .iter()
        .filter(|it| is_error(it) && !said.contains(&it.code.as_str()))
        .map(|it| it.code.as_str())
        .collect();
    codes.dedup();
    match codes.as_slice() {
        [] => "All error controls of the contract are said here.".to_owned(),
        codes => format!("Not said here: {}.", codes.join(", ")),
    }
}

/// What error controls ask of a column's cells.
#[derive(Default)]
struct Limits {
    filled: bool,
    values: Option<Vec<Value>>,
    minimum: Option<Value>,
    /// The minimum itself is too small.
    above: Option<Value>,
    maximum: Option<Value>,
    pattern: Option<String>,
    shortest: Option<Value>,
    longest: Option<Value>,
}

impl Limits {
    /// Adds to `said` which controls it takes in.
    fn of(contract: &Contract, column: &Column, said: &mut Vec<&'static str>) -> Self {
        let mut res = Self::default();
        for used in contract.controls.iter().filter(|it| is_error(it)) {
            if !used.columns().any(|it| it == column.name) {
                continue;
            }
            let text = |name: &str| used.params.get(name).and_then(Value::as_str);
            let code = match used.code.as_str() {
                "CMP01" => {
                    res.filled = true;
                    "CMP01"
                }
                "VAL05" => {
                    let list = column.list.as_ref().and_then(|it| contract.list(it));
                    let values = list.map(|it| it.entries.iter());
                    res.values = values.map(|it| it.map(|it| it.value.clone().into()).collect());
                    "VAL05"
                }
                "VAL06" => {
                    let exclusive = used.params.get("exclusive") == Some(&true.into());
                    let place = if exclusive {
                        &mut res.above
                    } else {
                        &mut res.minimum
                    };
                    *place = text("minimum").and_then(number);
                    "VAL06"
                }
                "VAL07" => {
                    res.maximum = text("maximum").and_then(number);
                    "VAL07"
                }
                "VAL08" => {
                    res.pattern = text("pattern").map(|it| format!("^(?:{it})$"));
                    "VAL08"
                }
                "VAL09" => {
                    res.shortest = used.params.get("shortest").cloned();
                    res.longest = used.params.get("longest").cloned();
                    "VAL09"
                }
                _ => continue,
            };
            said.push(code);
        }
        res
    }
}

fn number(text: &str) -> Option<Value> {
    serde_json::from_str(text).ok().filter(Value::is_number)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contract::sales;

    #[test]
    fn says_of_sales_what_json_schema_has_words_for() {
        let schema = json_schema(sales());
        let property = |name: &str| schema["properties"][name].clone();
        assert_eq!(
            property("quantity"),
            json!({"title": "Quantity", "type": "integer", "exclusiveMinimum": 0})
        );
        assert_eq!(
            property("region")["enum"],
            json!(["North", "South", "East", "West", "Central"])
        );
        assert_eq!(property("sku")["type"], json!(["string", "null"]));
        assert_eq!(schema["additionalProperties"], true);
        let comment = schema["$comment"].as_str().unwrap();
        assert!(
            comment.contains("UNQ01") && comment.contains("TIM01") && !comment.contains("VAL06")
        );
    }

    #[test]
    fn says_of_sales_what_table_schema_has_words_for() {
        let schema = table_schema(sales());
        assert_eq!(schema["primaryKey"], json!(["order_id"]));
        let field = |place: usize| schema["fields"][place].clone();
        assert_eq!(
            field(0)["constraints"],
            json!({"required": true, "unique": true})
        );
        assert_eq!(field(1)["format"], "any");
        assert_eq!(
            field(4)["constraints"],
            json!({"required": true, "minimum": 1})
        );
        assert_eq!(
            field(5)["constraints"],
            json!({"required": true, "minimum": 0})
        );
        assert_eq!(field(5)["groupChar"], ",");
    }
}

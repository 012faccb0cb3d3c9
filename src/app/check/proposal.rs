//! A contract that was proposed for the file on the desk, as the page reads it.

use crate::format;
use serde_json::Value;

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Proposal {
    /// In its JSON form.
    contract: Value,
    /// Rows that were looked at.
    pub(super) rows: u64,
    /// The file has no more than these.
    pub(super) is_whole: bool,
    /// What somebody who knows the data should look at, in sentences.
    pub(super) notes: Vec<String>,
}

/// What is asked of a column, in words.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Line {
    pub(super) name: String,
    pub(super) holds: String,
    pub(super) required: bool,
    pub(super) limits: Vec<String>,
    pub(super) is_key: bool,
    pub(super) is_money: bool,
}

/// Values of a list that are shown.
const VALUES: usize = 8;

#[cfg_attr(
    not(target_arch = "wasm32"),
    expect(dead_code, reason = "only a browser is told of a contract")
)]
impl Proposal {
    /// None where the file has no columns to make a contract of.
    pub(super) fn read(
        contract: &str,
        rows: u64,
        is_whole: bool,
        notes: Vec<String>,
    ) -> Option<Self> {
        let contract: Value = serde_json::from_str(contract).ok()?;
        (!items(&contract, "columns").is_empty()).then_some(Self {
            contract,
            rows,
            is_whole,
            notes,
        })
    }

    /// For the engine.
    pub(super) fn contract(&self) -> String {
        self.contract.to_string()
    }

    /// For people, and for `tarazu contract`: without what says nothing.
    pub(super) fn file(&self) -> String {
        let mut contract = self.contract.clone();
        prune(&mut contract);
        format!("{contract:#}\n")
    }

    pub(super) fn file_name(&self) -> String {
        format!("{}.json", self.name())
    }
}

impl Proposal {
    pub(super) fn name(&self) -> &str {
        text(&self.contract, "name")
    }

    pub(super) fn lines(&self) -> Vec<Line> {
        let columns = items(&self.contract, "columns").iter();
        columns.map(|it| self.line(it)).collect()
    }

    fn line(&self, column: &Value) -> Line {
        let name = text(column, "name");
        let title = text(column, "title");
        let mut keys = items(&self.contract, "key").iter();
        let rules = items(&self.contract, "controls").iter();
        let mut rules: Vec<&Value> = rules.filter(|it| text(it, "column") == name).collect();
        // What only warns comes last.
        rules.sort_by_key(|it| text(it, "code") == "DIS01");
        let has_minimum = rules.iter().any(|it| text(it, "code") == "VAL06");
        let limits = rules.iter().map(|it| self.limit(column, it, has_minimum));
        Line {
            name: if title.is_empty() { name } else { title }.to_owned(),
            holds: holds(column),
            required: column.get("required").and_then(Value::as_bool) == Some(true),
            limits: limits.collect(),
            is_key: keys.any(|it| it == name),
            is_money: text(&self.contract, "money") == name,
        }
    }

    /// A rule of this column. What a proposal has no words for goes by its code.
    fn limit(&self, column: &Value, rule: &Value, has_minimum: bool) -> String {
        let (lowest, highest) = (text(rule, "lowest"), text(rule, "highest"));
        match text(rule, "code") {
            "VAL05" => self.one_of(text(column, "list")),
            "VAL06" => format!("at least {}", text(rule, "minimum")),
            // The minimum says the rest.
            "DIS01" if has_minimum && lowest.starts_with('-') => {
                format!("a warning above {highest}")
            }
            "DIS01" => format!("a warning below {lowest} or above {highest}"),
            code => code.to_owned(),
        }
    }

    fn one_of(&self, name: &str) -> String {
        let mut lists = items(&self.contract, "lists").iter();
        let list = lists.find(|it| text(it, "name") == name);
        let entries = list.map(|it| items(it, "entries")).unwrap_or_default();
        let mut values: Vec<&str> = entries.iter().map(|it| text(it, "value")).collect();
        let more = values.len().saturating_sub(VALUES);
        values.truncate(VALUES);
        let values = values.join(", ");
        match u64::try_from(more) {
            Ok(0) | Err(_) => format!("one of {values}"),
            Ok(more) => format!("one of {values}, and {} more", format::count(more)),
        }
    }

    /// What stands for a blank cell, besides nothing at all.
    pub(super) fn null_words(&self) -> String {
        let words = items(&self.contract, "null_words").iter();
        let words: Vec<&str> = words.filter_map(Value::as_str).collect();
        words.join(", ")
    }
}

fn holds(column: &Value) -> String {
    let what = match text(column, "type") {
        "identifier" => "identifier, kept as written",
        "whole" => "whole number",
        "amount" => "amount of money",
        "date" => "date",
        other => other,
    };
    let forms = items(column, "forms").iter();
    let forms: Vec<&str> = forms.filter_map(Value::as_str).collect();
    if !forms.is_empty() {
        return format!("{what}, {}", forms.join(" or "));
    }
    if items(column, "writing")
        .iter()
        .any(|it| it == "decimal-comma")
    {
        return format!("{what}, written 1.234,56");
    }
    what.to_owned()
}

/// Nothing where there is no such field.
fn text<'a>(value: &'a Value, name: &str) -> &'a str {
    value.get(name).and_then(Value::as_str).unwrap_or_default()
}

/// As above.
fn items<'a>(value: &'a Value, name: &str) -> &'a [Value] {
    let items = value.get(name).and_then(Value::as_array);
    items.map(Vec::as_slice).unwrap_or_default()
}

/// Takes away the fields that hold nothing, which reads as the same contract.
fn prune(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            fields.values_mut().for_each(prune);
            fields.retain(|_, it| !holds_nothing(it));
        }
        Value::Array(items) => items.iter_mut().for_each(prune),
        _ => {}
    }
}

fn holds_nothing(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Array(items) => items.is_empty(),
        Value::Object(fields) => fields.is_empty(),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CONTRACT: &str = r#"{
        "name": "visits", "key": ["visit_no"], "money": "fee", "null_words": ["N/A"], "total_words": [],
        "columns": [
            {"name": "visit_no", "title": "Visit No", "type": "identifier", "required": true, "forms": []},
            {"name": "day", "title": null, "type": "date", "required": true, "forms": ["DD-MM-YYYY", "YYYY-MM-DD"]},
            {"name": "hall", "type": "text", "list": "hall"},
            {"name": "fee", "type": "amount", "writing": ["decimal-comma"]}
        ],
        "lists": [{"name": "hall", "entries": [
            {"value": "A"}, {"value": "B"}, {"value": "C"}, {"value": "D"}, {"value": "E"}, {"value": "F"},
            {"value": "G"}, {"value": "H"}, {"value": "I"}, {"value": "J", "synonyms": []}
        ]}],
        "controls": [
            {"code": "VAL05", "severity": null, "column": "hall"},
            {"code": "DIS01", "column": "fee", "highest": "19", "lowest": "-9"},
            {"code": "VAL08", "column": "visit_no", "pattern": "V.*"},
            {"code": "DIS01", "column": "day", "highest": "2", "lowest": "-1"},
            {"code": "VAL06", "column": "fee", "minimum": "0"},
            {"code": "CMP01", "columns": ["visit_no"]}
        ]
    }"#;

    fn proposal(contract: &str) -> Option<Proposal> {
        Proposal::read(contract, 10, true, Vec::new())
    }

    #[test]
    fn a_contract_is_told_column_by_column() {
        let proposal = proposal(CONTRACT).unwrap();
        let told = proposal.lines().into_iter().map(|it| {
            let marks = [
                (it.required, "!"),
                (it.is_key, "key"),
                (it.is_money, "money"),
            ];
            let marks = marks.into_iter().filter(|it| it.0).map(|it| it.1);
            let marks = marks.collect::<Vec<_>>().join(" ");
            format!(
                "{}: {}: {}: {marks}",
                it.name,
                it.holds,
                it.limits.join("; ")
            )
        });
        assert_eq!(
            told.collect::<Vec<_>>(),
            [
                "Visit No: identifier, kept as written: VAL08: ! key",
                "day: date, DD-MM-YYYY or YYYY-MM-DD: a warning below -1 or above 2: !",
                "hall: text: one of A, B, C, D, E, F, G, H, and 2 more: ",
                "fee: amount of money, written 1.234,56: at least 0; a warning above 19: money",
            ]
        );
        assert_eq!(proposal.null_words(), "N/A");
    }

    #[test]
    fn the_file_says_no_more_than_it_has_to() {
        let proposal = proposal(CONTRACT).unwrap();
        assert_eq!(proposal.file_name(), "visits.json");
        let file = proposal.file();
        assert!(!file.contains("null,") && !file.contains("[]"), "{file}");
        assert!(file.contains("DD-MM-YYYY") && file.ends_with("}\n"));
    }

    #[test]
    fn where_there_are_no_columns_there_is_no_proposal() {
        for text in ["", "{}", r#"{"name": "a", "columns": []}"#] {
            assert_eq!(proposal(text), None, "{text}");
        }
    }
}

//! A contract that was proposed for the file on the desk, as the page reads it.

use crate::format;
use model::t;
use serde_json::Value;

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Proposal {
    /// As it was proposed, in its JSON form.
    drawn_up: Value,
    /// As it stands now.
    contract: Value,
    /// What each column may hold, in the contract's words.
    kinds: Vec<Vec<String>>,
    /// Rows that were looked at.
    pub(super) rows: u64,
    /// The file has no more than these.
    pub(super) is_whole: bool,
    /// What somebody who knows the data should look at, in sentences.
    pub(super) notes: Vec<String>,
}

/// What is asked of a column, and what could be.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Line {
    pub(super) title: String,
    /// The contract's words for what it may hold, each in our words; the one that it holds is marked.
    pub(super) kinds: Vec<(String, String, bool)>,
    pub(super) required: bool,
    pub(super) is_key: bool,
    pub(super) is_money: bool,
    pub(super) minimum: String,
    pub(super) maximum: String,
    /// The values of its list, and whether it is held to them. None where no list was proposed.
    pub(super) list: Option<(String, bool)>,
    /// Beyond which numbers there are warnings, and whether there are.
    pub(super) usual: Option<(String, bool)>,
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
        kinds: Vec<Vec<String>>,
        (rows, is_whole): (u64, bool),
        notes: Vec<String>,
    ) -> Option<Self> {
        let contract: Value = serde_json::from_str(contract).ok()?;
        (!items(&contract, "columns").is_empty()).then(|| Self {
            drawn_up: contract.clone(),
            contract,
            kinds,
            rows,
            is_whole,
            notes,
        })
    }

    /// The same, with another contract in its place.
    pub(super) fn revised(&self, contract: &str) -> Option<Self> {
        Some(Self {
            contract: serde_json::from_str(contract).ok()?,
            ..self.clone()
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

    pub(super) fn columns(&self) -> usize {
        items(&self.contract, "columns").len()
    }
}

impl Proposal {
    pub(super) fn drawn_up(&self) -> String {
        self.drawn_up.to_string()
    }

    pub(super) fn name(&self) -> &str {
        text(&self.contract, "name")
    }

    pub(super) fn lines(&self) -> Vec<Line> {
        let proposed = items(&self.drawn_up, "columns").iter();
        let columns = items(&self.contract, "columns").iter().zip(proposed);
        let places = columns.enumerate();
        places
            .map(|(place, (column, proposed))| self.line(place, column, proposed))
            .collect()
    }

    fn line(&self, place: usize, column: &Value, proposed: &Value) -> Line {
        let name = text(column, "name");
        let title = text(column, "title");
        let now = text(column, "type");
        let kinds = self.kinds.get(place).map(Vec::as_slice).unwrap_or_default();
        let kinds = kinds.iter().map(|it| {
            let words = holds(it, proposed);
            (it.clone(), words, it == now)
        });
        let mut keys = items(&self.contract, "key").iter();
        let limit = |code, field| {
            let rule = rule(&self.contract, name, code);
            rule.map_or("", |it| text(it, field)).to_owned()
        };
        let list = text(proposed, "list");
        let usual = rule(&self.drawn_up, name, "DIS01");
        Line {
            title: if title.is_empty() { name } else { title }.to_owned(),
            kinds: kinds.collect(),
            required: column.get("required").and_then(Value::as_bool) == Some(true),
            is_key: keys.any(|it| it == name),
            is_money: text(&self.contract, "money") == name,
            minimum: limit("VAL06", "minimum"),
            maximum: limit("VAL07", "maximum"),
            list: (!list.is_empty()).then(|| (self.values(list), !text(column, "list").is_empty())),
            usual: usual.map(|it| {
                let now = rule(&self.contract, name, "DIS01");
                (beyond(it), now.is_some())
            }),
        }
    }

    fn values(&self, name: &str) -> String {
        let mut lists = items(&self.drawn_up, "lists").iter();
        let list = lists.find(|it| text(it, "name") == name);
        let entries = list.map(|it| items(it, "entries")).unwrap_or_default();
        let mut values: Vec<&str> = entries.iter().map(|it| text(it, "value")).collect();
        let more = values.len().saturating_sub(VALUES);
        values.truncate(VALUES);
        let values = values.join(", ");
        match u64::try_from(more) {
            Ok(0) | Err(_) => values,
            Ok(more) => t!(
                "{values}, and {more} more",
                values = values,
                more = format::count(more)
            ),
        }
    }

    /// What stands for a blank cell, besides nothing at all.
    pub(super) fn null_words(&self) -> String {
        let words = items(&self.contract, "null_words").iter();
        let words: Vec<&str> = words.filter_map(Value::as_str).collect();
        words.join(", ")
    }
}

/// What a column holds, written as it was proposed.
fn holds(kind: &str, proposed: &Value) -> String {
    let what = match kind {
        "identifier" => t!("identifier, kept as written"),
        "whole" => t!("whole number"),
        "amount" => t!("amount of money"),
        other => other,
    };
    let forms = items(proposed, "forms").iter();
    let forms: Vec<&str> = forms.filter_map(Value::as_str).collect();
    if kind == "date" && !forms.is_empty() {
        return format!("{what}, {}", forms.join(&format!(" {} ", t!("or"))));
    }
    let with_comma = items(proposed, "writing")
        .iter()
        .any(|it| it == "decimal-comma");
    if with_comma && matches!(kind, "whole" | "amount" | "number") {
        return t!("{what}, written 1.234,56", what = what);
    }
    what.to_owned()
}

/// The numbers that a rule warns of.
fn beyond(rule: &Value) -> String {
    let (lowest, highest) = (text(rule, "lowest"), text(rule, "highest"));
    if lowest.starts_with('-') {
        return t!("above {highest}", highest = highest);
    }
    t!(
        "below {lowest} or above {highest}",
        lowest = lowest,
        highest = highest
    )
}

/// The rule of this code that is about this column alone.
fn rule<'a>(contract: &'a Value, column: &str, code: &str) -> Option<&'a Value> {
    let mut rules = items(contract, "controls").iter();
    rules.find(|it| text(it, "code") == code && text(it, "column") == column)
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
        let kinds = [
            ["identifier", "text"],
            ["date", "text"],
            ["text", "text"],
            ["amount", "number"],
        ];
        let kinds = kinds.map(|it| it.map(str::to_owned).to_vec()).to_vec();
        Proposal::read(contract, kinds, (10, true), Vec::new())
    }

    #[test]
    fn a_contract_is_told_column_by_column() {
        let proposal = proposal(CONTRACT).unwrap();
        let told = |proposal: &Proposal| {
            let lines = proposal.lines().into_iter().map(|it| {
                let marks = [
                    (it.required, "!"),
                    (it.is_key, "key"),
                    (it.is_money, "money"),
                ];
                let marks = marks.into_iter().filter(|it| it.0).map(|it| it.1);
                let marks = marks.collect::<Vec<_>>().join(" ");
                let holds = it.kinds.iter().find(|it| it.2).map_or("", |it| &it.1);
                let rule = |it: Option<(String, bool)>| {
                    it.map_or_else(String::new, |(says, holds)| format!("{holds} {says}"))
                };
                let (list, usual) = (rule(it.list), rule(it.usual));
                let limits = format!("{}..{}", it.minimum, it.maximum);
                format!("{}: {holds}: {limits}: {list}: {usual}: {marks}", it.title)
            });
            lines.collect::<Vec<_>>()
        };
        assert_eq!(
            told(&proposal),
            [
                "Visit No: identifier, kept as written: ..: : : ! key",
                "day: date, DD-MM-YYYY or YYYY-MM-DD: ..: : true above 2: !",
                "hall: text: ..: true A, B, C, D, E, F, G, H, and 2 more: : ",
                "fee: amount of money, written 1.234,56: 0..: : true above 19: money",
            ]
        );
        assert_eq!(proposal.null_words(), "N/A");

        // What was taken away can be had again.
        let revised = r#"{
            "name": "halls", "columns": [
                {"name": "visit_no", "type": "text"}, {"name": "day", "type": "date", "forms": ["DD-MM-YYYY"]},
                {"name": "hall", "title": "Place", "type": "text"}, {"name": "fee", "type": "number"}
            ],
            "controls": [{"code": "VAL07", "column": "fee", "maximum": "9"}]
        }"#;
        let revised = proposal.revised(revised).unwrap();
        assert_eq!(
            (revised.name(), revised.drawn_up()),
            ("halls", proposal.drawn_up())
        );
        assert_eq!(
            told(&revised),
            [
                "visit_no: text: ..: : : ",
                "day: date, DD-MM-YYYY or YYYY-MM-DD: ..: : false above 2: ",
                "Place: text: ..: false A, B, C, D, E, F, G, H, and 2 more: : ",
                "fee: number, written 1.234,56: ..9: : false above 19: ",
            ]
        );
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

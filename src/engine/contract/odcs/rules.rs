//! Quality rules: ours with their parameters, and those of the standard's library that are the same thing.

use super::{
    OURS,
    fields::{Faults, Fields, nearest},
    params,
};
use crate::{
    catalogue,
    contract::{
        Contract, ContractError, ControlUse,
        tolerance::Tolerance,
        yaml::{self, Entry, Mark, Node, Value as Yaml, is_number},
    },
};
use model::control::Severity;
use serde_json::{Map, Value};

/// A rule as it stands in the text.
pub(super) struct Rule<'a> {
    fields: Fields<'a>,
    /// The column that it stands under; None for one of the table.
    column: Option<String>,
}

const KEYS: [&str; 22] = [
    "id",
    "authoritativeDefinitions",
    "businessImpact",
    "customProperties",
    "description",
    "dimension",
    "method",
    "name",
    "schedule",
    "scheduler",
    "severity",
    "tags",
    "type",
    "unit",
    "metric",
    "rule",
    "arguments",
    "query",
    "engine",
    "implementation",
    "mustBe",
    "mustNotBe",
];
const OPERATORS: [&str; 6] = [
    "mustBeGreaterThan",
    "mustBeGreaterOrEqualTo",
    "mustBeLessThan",
    "mustBeLessOrEqualTo",
    "mustBeBetween",
    "mustNotBeBetween",
];

/// What a rule asks for.
pub(super) enum Asked {
    Control(ControlUse),
    /// A list of the only values that the rule's column may hold.
    Values(Vec<String>),
    Nothing,
}

impl<'a> Rule<'a> {
    pub(super) fn all(
        node: Option<&'a Node>,
        column: Option<&str>,
        faults: &mut Faults,
    ) -> Vec<Self> {
        let rules = faults.maps(node).into_iter();
        rules
            .map(|fields| {
                faults.only(fields, &[&KEYS, &OPERATORS]);
                let column = column.map(str::to_owned);
                Self { fields, column }
            })
            .collect()
    }

    pub(super) fn mark(&self) -> Mark {
        self.fields.mark
    }

    pub(super) fn column(&self) -> Option<&str> {
        self.column.as_deref()
    }

    /// The control that it asks for, with what is not checked said in `notes`.
    pub(super) fn read(
        &self,
        contract: &Contract,
        faults: &mut Faults,
        notes: &mut Faults,
    ) -> Asked {
        let kind = match self.fields.get("type") {
            Some(node) => {
                let words = ["library", "custom", "sql", "text"].map(|it| (it, it));
                match faults.word(node, &words) {
                    Some(kind) => kind,
                    None => return Asked::Nothing,
                }
            }
            None => "library",
        };
        match kind {
            "custom" => self.custom(contract, faults, notes),
            "library" => self.library(faults, notes),
            "sql" => {
                let text = "this rule is SQL, which is not carried out on files";
                notes.add(self.fields.mark_of("type"), text);
                Asked::Nothing
            }
            // Words for people.
            _ => Asked::Nothing,
        }
    }

    fn custom(&self, contract: &Contract, faults: &mut Faults, notes: &mut Faults) -> Asked {
        let engine = faults.text_at(self.fields, "engine");
        if engine.as_deref() != Some(OURS) {
            let engine = engine.unwrap_or_default();
            let text =
                format!("this rule is for the engine `{engine}`, and is not carried out here");
            notes.add(self.fields.mark_of("engine"), text);
            return Asked::Nothing;
        }
        let what = "the control's code and parameters, such as `control: CMP01`";
        let Some(node) = faults.need(self.fields, "implementation", what) else {
            return Asked::Nothing;
        };
        let (code_node, entries): (&Node, &[Entry]) = match &node.value {
            Yaml::Map(entries) => {
                let fields = Fields {
                    mark: node.mark,
                    entries,
                };
                match faults.need(fields, "control", "the control's code, such as CMP01") {
                    Some(code) => (code, entries),
                    None => return Asked::Nothing,
                }
            }
            _ => (node, &[]),
        };
        let Some(name) = faults.text(code_node) else {
            return Asked::Nothing;
        };
        let mut all = catalogue::CATALOGUE.iter().map(|it| it.meta);
        let Some(meta) = all.find(|it| it.code == name || it.name == name) else {
            let names: Vec<&str> = catalogue::CATALOGUE.iter().map(|it| it.meta.name).collect();
            let text = format!("no control is called `{name}`{}", nearest(&name, &names));
            faults.add(code_node.mark, text);
            return Asked::Nothing;
        };
        let severity = self.fields.get("severity").and_then(|it| {
            let words = [("error", Severity::Error), ("warning", Severity::Warning)];
            faults.word(it, &words)
        });
        let own = entries.iter().filter(|it| it.key != "control");
        let mut failure: Option<ContractError> = None;
        for (numbers, of_column) in [
            (true, "columns"),
            (true, "column"),
            (false, "columns"),
            (false, "column"),
        ] {
            let mut params: Map<String, Value> = own
                .clone()
                .filter(|it| it.key != "tolerance")
                .map(|it| (it.key.clone(), json(&it.value, numbers)))
                .collect();
            if let Some(column) = &self.column
                && !params.contains_key("column")
                && !params.contains_key("columns")
            {
                let value = match of_column {
                    "columns" => Value::from(vec![column.clone()]),
                    _ => column.clone().into(),
                };
                params.insert(of_column.to_owned(), value);
            }
            let tolerance = match tolerance(own.clone(), faults) {
                Ok(tolerance) => tolerance,
                Err(()) => return Asked::Nothing,
            };
            let used = ControlUse {
                code: meta.code.to_owned(),
                severity,
                tolerance,
                params,
            };
            match catalogue::compile(&used, contract) {
                Ok(_) => return Asked::Control(used),
                Err(error) => {
                    let better = failure.as_ref().is_none_or(|old| rank(&error) < rank(old));
                    if better {
                        failure = Some(error);
                    }
                }
            }
        }
        if let Some(error) = failure {
            faults.add(place(node, &error.to_string()), error.to_string());
        }
        Asked::Nothing
    }

    fn library(&self, faults: &mut Faults, notes: &mut Faults) -> Asked {
        let metric = faults
            .text_at(self.fields, "metric")
            .or_else(|| faults.text_at(self.fields, "rule"));
        let column = self.column.as_deref().unwrap_or_default();
        let control = |code: &str, tolerance, params| {
            Asked::Control(ControlUse {
                code: code.to_owned(),
                severity: None,
                tolerance,
                params,
            })
        };
        let asked = match metric.as_deref() {
            Some("nullValues" | "missingValues") if self.column.is_some() => {
                let params = params([("columns", vec![column].into())]);
                self.most().map(|most| control("CMP01", most, params))
            }
            Some("invalidValues") if self.column.is_some() => {
                let arguments = self.fields.get("arguments").and_then(|it| faults.map(it));
                let values = arguments.and_then(|it| it.get("validValues"));
                match self.most() {
                    Some(None) if values.is_some() => Some(Asked::Values(faults.texts(values))),
                    _ => None,
                }
            }
            Some("rowCount") if self.column.is_none() => {
                self.rows().map(|rows| control("VOL01", None, rows))
            }
            _ => None,
        };
        asked.unwrap_or_else(|| {
            let metric = metric.unwrap_or_default();
            let text = format!("the rule `{metric}` in this form is not carried out; write it as a rule of the engine `{OURS}`");
            notes.add(self.fields.mark, text);
            Asked::Nothing
        })
    }

    fn number(&self, key: &str) -> Option<u64> {
        match &self.fields.get(key)?.value {
            Yaml::Scalar { text, .. } => text.parse().ok(),
            _ => None,
        }
    }

    /// How much may fail: nothing, or a tolerance. None where the rule says it otherwise.
    fn most(&self) -> Option<Option<Tolerance>> {
        if self.number("mustBe") == Some(0) {
            return Some(None);
        }
        let unit = match &self.fields.get("unit").map(|it| &it.value) {
            Some(Yaml::Scalar { text, .. }) => text.clone(),
            _ => "rows".to_owned(),
        };
        let most = match (unit.as_str(), self.number("mustBeLessThan")) {
            ("rows", Some(bound)) => bound.checked_sub(1),
            _ => self.number("mustBeLessOrEqualTo"),
        }?;
        match unit.as_str() {
            "rows" => Some(Some(Tolerance::Rows(most))),
            "percent" => Some(Some(Tolerance::Percent(most.to_string().try_into().ok()?))),
            _ => None,
        }
    }

    fn rows(&self) -> Option<Map<String, Value>> {
        let between = match &self.fields.get("mustBeBetween").map(|it| &it.value) {
            Some(Yaml::List(items)) => {
                let number = |it: &Node| match &it.value {
                    Yaml::Scalar { text, .. } => text.parse().ok(),
                    _ => None,
                };
                let bounds: Option<Vec<u64>> = items.iter().map(number).collect();
                bounds.filter(|it| it.len() == 2)
            }
            _ => None,
        };
        let exact = self.number("mustBe");
        let least = exact
            .or_else(|| self.number("mustBeGreaterOrEqualTo"))
            .or_else(|| self.number("mustBeGreaterThan")?.checked_add(1))
            .or_else(|| between.as_ref()?.first().copied());
        let most = exact
            .or_else(|| self.number("mustBeLessOrEqualTo"))
            .or_else(|| self.number("mustBeLessThan")?.checked_sub(1))
            .or_else(|| between.as_ref()?.last().copied());
        let mut res = Map::new();
        res.extend(least.map(|it| ("least".to_owned(), it.into())));
        res.extend(most.map(|it| ("most".to_owned(), it.into())));
        (!res.is_empty()).then_some(res)
    }
}

/// Errors that come of a guess at what was meant come last.
fn rank(error: &ContractError) -> u8 {
    let text = error.to_string();
    u8::from(text.contains("unknown field `column")) * 2 + u8::from(text.contains("invalid type"))
}

fn tolerance<'a>(
    mut own: impl Iterator<Item = &'a Entry>,
    faults: &mut Faults,
) -> Result<Option<Tolerance>, ()> {
    let Some(entry) = own.find(|it| it.key == "tolerance") else {
        return Ok(None);
    };
    let tries = [true, false].map(|it| serde_json::from_value(json(&entry.value, it)));
    match tries {
        [Ok(tolerance), _] | [_, Ok(tolerance)] => Ok(Some(tolerance)),
        [_, Err(error)] => {
            let text = format!(
                "this is no tolerance, which is written `rows: 5` or `percent: 0.5`: {error}"
            );
            faults.add(entry.value.mark, text);
            Err(())
        }
    }
}

/// As a parameter: whole numbers as such or as their text, other numbers always as text, so that they are exact.
fn json(node: &Node, numbers: bool) -> Value {
    match &node.value {
        Yaml::Scalar { text, plain: true } => match text.as_str() {
            _ if node.is_null() => Value::Null,
            "true" | "True" | "TRUE" => true.into(),
            "false" | "False" | "FALSE" => false.into(),
            _ if numbers && is_number(text) => match text.parse::<i64>() {
                Ok(whole) => whole.into(),
                Err(_) => text.clone().into(),
            },
            _ => text.clone().into(),
        },
        Yaml::Scalar { text, .. } => text.clone().into(),
        Yaml::List(items) => items.iter().map(|it| json(it, numbers)).collect(),
        Yaml::Map(entries) => Value::Object(
            entries
                .iter()
                .map(|it| (it.key.clone(), json(&it.value, numbers)))
                .collect(),
        ),
    }
}

/// Where in a rule the thing stands that an error is about.
fn place(node: &Node, error: &str) -> Mark {
    yaml::named(node, error).unwrap_or_else(|| match &node.value {
        Yaml::Map(entries) => entries
            .iter()
            .find(|it| matches!(it.key.as_str(), "expression" | "pattern" | "tolerance"))
            .map_or(node.mark, |it| it.value.mark),
        _ => node.mark,
    })
}

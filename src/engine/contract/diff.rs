//! What is different between two contracts, in plain words, and whether a file that meets the first may fail the
//! second.

use super::{Column, Contract, ControlUse, List};
use crate::{catalogue, value::measure};
use model::{control::Severity, ratio::Ratio};
use serde::Serialize;
use serde_json::Value;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// A file that meets the first contract may fail the second, or what is read from it is another thing.
    pub breaking: bool,
    pub text: String,
}

/// Everything that the second contract says otherwise; nothing where the fingerprints are equal.
pub fn differences(a: &Contract, b: &Contract) -> Vec<Difference> {
    let mut found = Found(Vec::new());
    found.changed(false, "the name", &a.name, &b.name);
    found.changed(false, "the version", &a.version, &b.version);
    let zone = |it: &Contract| String::from(it.zone);
    found.changed(true, "the time zone", &zone(a), &zone(b));
    found.changed(true, "the key", &a.key.join(", "), &b.key.join(", "));
    let money = |it: &Contract| it.money.clone().unwrap_or_default();
    found.changed(true, "the money column", &money(a), &money(b));
    let (more, fewer) = (true, false);
    found.words("total words", &a.total_words, &b.total_words, more, fewer);
    found.words("null words", &a.null_words, &b.null_words, true, true);
    found.columns(a, b);
    found.lists(a, b);
    found.controls(a, b);
    found.thresholds(a, b);
    let waived = |it: &Contract| it.waivers.controls.clone();
    found.words("waivable", &waived(a), &waived(b), false, false);
    let above = |it: &Contract| {
        let above = it.waivers.second_person_above;
        above.map_or(String::new(), |it| it.to_string())
    };
    let what = "the amount above which two persons waive";
    found.changed(false, what, &above(a), &above(b));
    if found.0.is_empty() && a != b {
        found.add(false, "the order of columns, lists or controls".to_owned());
    }
    found.0
}

struct Found(Vec<Difference>);

impl Found {
    fn add(&mut self, breaking: bool, text: String) {
        self.0.push(Difference { breaking, text });
    }

    fn changed(&mut self, breaking: bool, what: &str, a: &str, b: &str) {
        let shown = |it: &str| match it {
            "" => "nothing".to_owned(),
            it => format!("`{it}`"),
        };
        if a != b {
            self.add(
                breaking,
                format!("{what}: {} becomes {}", shown(a), shown(b)),
            );
        }
    }

    /// Words that only one of two lists has; `new` and `gone` say whether that is breaking.
    fn words(&mut self, what: &str, a: &[String], b: &[String], new: bool, gone: bool) {
        for (ours, other, breaking, verb) in [(b, a, new, "new"), (a, b, gone, "gone")] {
            let missing: Vec<String> = ours
                .iter()
                .filter(|it| !other.contains(it))
                .map(|it| format!("`{it}`"))
                .collect();
            if !missing.is_empty() {
                self.add(breaking, format!("{what}: {} {verb}", missing.join(", ")));
            }
        }
    }

    fn columns(&mut self, a: &Contract, b: &Contract) {
        let find = |of: &Contract, name: &str| {
            let place = of.column(name)?;
            of.columns.get(place).cloned()
        };
        for column in &a.columns {
            match find(b, &column.name) {
                Some(other) => self.column(column, &other),
                None => self.add(true, format!("the column `{}` is gone", column.name)),
            }
        }
        for column in &b.columns {
            if find(a, &column.name).is_none() {
                let required = if column.required { " and required" } else { "" };
                let text = format!("the column `{}` is new{required}", column.name);
                self.add(column.required, text);
            }
        }
    }

    fn column(&mut self, a: &Column, b: &Column) {
        let of = |what: &str| format!("{what} of `{}`", a.name);
        self.changed(true, &of("the type"), &word(a.kind), &word(b.kind));
        if a.required != b.required {
            let now = if b.required { "now" } else { "no longer" };
            self.add(b.required, format!("`{}` is {now} required", a.name));
        }
        self.changed(false, &of("the title"), a.title(), b.title());
        self.words(&of("other names"), &a.aliases, &b.aliases, false, true);
        let forms = |it: &Column| -> Vec<String> {
            it.forms.iter().map(|it| it.as_str().to_owned()).collect()
        };
        self.words(&of("forms of dates"), &forms(a), &forms(b), false, true);
        let writing = |it: &Column| -> Vec<String> { it.writing.iter().map(word).collect() };
        self.words(&of("ways to write"), &writing(a), &writing(b), false, true);
        self.words(&of("null words"), &a.null_words, &b.null_words, true, true);
        let list = |it: &Column| it.list.clone().unwrap_or_default();
        self.changed(true, &of("the list"), &list(a), &list(b));
        let role = |it: &Column| it.role.map(word).unwrap_or_default();
        self.changed(true, &of("the place in the ledger"), &role(a), &role(b));
    }

    fn lists(&mut self, a: &Contract, b: &Contract) {
        for list in &a.lists {
            match b.list(&list.name) {
                Some(other) => self.list(list, other),
                None => self.add(true, format!("the list `{}` is gone", list.name)),
            }
        }
        for list in b.lists.iter().filter(|it| a.list(&it.name).is_none()) {
            self.add(false, format!("the list `{}` is new", list.name));
        }
    }

    fn list(&mut self, a: &List, b: &List) {
        let values =
            |it: &List| -> Vec<String> { it.entries.iter().map(|it| it.value.clone()).collect() };
        let of = format!("the list `{}`", a.name);
        self.words(&of, &values(a), &values(b), false, true);
        for entry in &a.entries {
            let Some(other) = b.entries.iter().find(|it| it.value == entry.value) else {
                continue;
            };
            let of = format!("synonyms of `{}` in {of}", entry.value);
            self.words(&of, &entry.synonyms, &other.synonyms, false, true);
            if entry.attributes != other.attributes {
                let text = format!(
                    "what the list `{}` says of `{}` is another thing",
                    a.name, entry.value
                );
                self.add(true, text);
            }
        }
    }

    fn controls(&mut self, a: &Contract, b: &Contract) {
        let mut old = rules(a);
        let mut new = rules(b);
        // Equal ones first, so that of several rules for one column only the changed ones are told.
        old.retain(|rule| match new.iter().position(|it| it == rule) {
            Some(place) => {
                new.remove(place);
                false
            }
            None => true,
        });
        for rule in old {
            match new.iter().position(|it| it.about() == rule.about()) {
                Some(place) => self.rule(&rule, &new.remove(place)),
                None => self.add(false, format!("{rule} is gone")),
            }
        }
        for rule in new {
            let breaking = rule.severity == Severity::Error;
            self.add(breaking, format!("{rule} is new{}", rule.said()));
        }
    }

    fn rule(&mut self, a: &Rule, b: &Rule) {
        if a.severity != b.severity {
            let is_error = b.severity == Severity::Error;
            let word = if is_error { "an error" } else { "a warning" };
            self.add(is_error, format!("{b} is now {word}"));
        }
        if a.tolerance != b.tolerance {
            let shown = |it: &Value| match it {
                Value::Null => "nothing".to_owned(),
                it => it.to_string(),
            };
            let (old, new) = (shown(&a.tolerance), shown(&b.tolerance));
            // Whether five rows are more than one per cent depends on the file.
            let breaking = !a.tolerance.is_null();
            self.add(breaking, format!("{b} tolerates {new} instead of {old}"));
        }
        if a.params != b.params {
            let text = format!("{b} asks for{} instead of{}", b.asked(), a.asked());
            self.add(b.severity == Severity::Error && !is_looser(a, b), text);
        }
    }

    fn thresholds(&mut self, a: &Contract, b: &Contract) {
        let (old, new) = (&a.thresholds, &b.thresholds);
        for (what, old, new, stricter) in [
            (
                "quality score",
                old.quality_score,
                new.quality_score,
                new.quality_score > old.quality_score,
            ),
            (
                "exception rate",
                old.exception_rate,
                new.exception_rate,
                new.exception_rate < old.exception_rate,
            ),
            (
                "share of exceptions that holds a file",
                old.hold_above,
                new.hold_above,
                new.hold_above < old.hold_above,
            ),
        ] {
            let what = format!("the bound of the {what}");
            self.changed(stricter, &what, &written(old), &written(new));
        }
    }
}

/// As people write it: `0.5`.
fn written(share: Ratio) -> String {
    let text = share.to_string();
    let text = text.trim_end_matches('0').trim_end_matches('.');
    text.to_owned()
}

/// The word that a value is written as.
fn word<T: Serialize>(value: T) -> String {
    let value = serde_json::to_value(value).unwrap_or_default();
    value.as_str().unwrap_or_default().to_owned()
}

/// A control as it is used for one column, or for the file.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Rule {
    code: String,
    column: Option<String>,
    severity: Severity,
    tolerance: Value,
    params: serde_json::Map<String, Value>,
}

impl Rule {
    fn about(&self) -> (&str, Option<&str>) {
        (&self.code, self.column.as_deref())
    }

    fn asked(&self) -> String {
        let params = self.params.iter().map(|(name, value)| match value {
            Value::String(text) => format!(" {name} {text}"),
            other => format!(" {name} {other}"),
        });
        let params: Vec<String> = params.collect();
        match params.as_slice() {
            [] => " nothing more".to_owned(),
            params => params.join(","),
        }
    }

    fn said(&self) -> String {
        match self.params.is_empty() {
            true => String::new(),
            false => format!(":{}", self.asked()),
        }
    }
}

impl std::fmt::Display for Rule {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let name = catalogue::by_code(&self.code).map_or("", |it| it.meta.name);
        write!(f, "{} {name}", self.code)?;
        match &self.column {
            Some(column) => write!(f, " for `{column}`"),
            None => Ok(()),
        }
    }
}

/// A rule for several columns is one for each.
fn rules(contract: &Contract) -> Vec<Rule> {
    let mut res = Vec::new();
    for used in &contract.controls {
        let own = catalogue::by_code(&used.code).map(|it| it.meta.severity);
        let rule = |column: Option<&str>| Rule {
            code: used.code.clone(),
            column: column.map(str::to_owned),
            severity: used.severity.or(own).unwrap_or(Severity::Error),
            tolerance: serde_json::to_value(used.tolerance).unwrap_or_default(),
            params: params(used),
        };
        let columns: Vec<&str> = used.columns().collect();
        match columns.as_slice() {
            [] => res.push(rule(None)),
            columns => res.extend(columns.iter().map(|it| rule(Some(it)))),
        }
    }
    res
}

fn params(used: &ControlUse) -> serde_json::Map<String, Value> {
    let mut params = used.params.clone();
    params.retain(|name, _| name != "column" && name != "columns");
    params
}

/// Whether the second asks for less by bounds alone.
fn is_looser(a: &Rule, b: &Rule) -> bool {
    let lower = ["minimum", "shortest", "least", "lowest", "first"];
    let upper = ["maximum", "longest", "most", "highest", "last"];
    let names = a.params.keys().chain(b.params.keys());
    names.into_iter().all(|name| {
        let (old, new) = (a.params.get(name), b.params.get(name));
        if old == new {
            return true;
        }
        let is_lower = lower.contains(&name.as_str());
        if !is_lower && !upper.contains(&name.as_str()) {
            return false;
        }
        match (old, new) {
            (_, None) => true,
            (Some(old), Some(new)) => match (bound(old), bound(new)) {
                (Some(old), Some(new)) if is_lower => new <= old,
                (Some(old), Some(new)) => new >= old,
                _ => false,
            },
            (None, Some(_)) => false,
        }
    })
}

fn bound(value: &Value) -> Option<i128> {
    match value {
        Value::Number(number) => number.as_i64().map(i128::from),
        Value::String(text) => measure::bound("", text)
            .ok()
            .or_else(|| crate::day::parse_iso(text).map(i128::from)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contract::sales;

    fn changed(from: &str, to: &str) -> Vec<String> {
        let text = serde_json::to_string(sales()).unwrap();
        assert!(text.contains(from), "{from}");
        let other = Contract::from_json(&text.replacen(from, to, 1)).unwrap();
        let found = differences(sales(), &other);
        let found = found.into_iter();
        found
            .map(|it| format!("{}{}", if it.breaking { "! " } else { "" }, it.text))
            .collect()
    }

    #[test]
    fn equal_contracts_differ_in_nothing() {
        assert_eq!(differences(sales(), sales()), []);
    }

    #[test]
    fn says_in_words_what_changed_and_whether_it_breaks_files() {
        for (from, to, says) in [
            (
                r#""version":"1.0.0""#,
                r#""version":"2""#,
                "the version: `1.0.0` becomes `2`",
            ),
            (
                r#""aliases":["order","#,
                r#""aliases":["#,
                "! other names of `order_id`: `order` gone",
            ),
            (
                r#""name":"sku","title":"SKU""#,
                r#""name":"sku","title":"Code""#,
                "the title of `sku`: `SKU` becomes `Code`",
            ),
            (
                r#""type":"whole","required":true"#,
                r#""type":"whole","required":false"#,
                "`quantity` is no longer required",
            ),
            (
                r#""column":"revenue","minimum":"0""#,
                r#""column":"revenue","minimum":"-5""#,
                "VAL06 below-minimum for `revenue` asks for minimum -5 instead of minimum 0",
            ),
            (
                r#""column":"revenue","minimum":"0""#,
                r#""column":"revenue","minimum":"5""#,
                "! VAL06 below-minimum for `revenue` asks for minimum 5 instead of minimum 0",
            ),
            (
                r#"{"code":"REF01","severity":null"#,
                r#"{"code":"REF01","severity":"error""#,
                "! REF01 unknown-reference for `product` is now an error",
            ),
            (
                r#"{"code":"TIM01","severity":null,"columns":["order_date"]}"#,
                r#"{"code":"VOL01","least":1}"#,
                "TIM01 date-in-the-future for `order_date` is gone\n! VOL01 row-count-out-of-range is new: least 1",
            ),
            (
                r#""columns":["revenue","unit_price"]"#,
                r#""columns":["revenue"]"#,
                "VAL02 not-an-amount for `unit_price` is gone",
            ),
            (
                r#""exception_rate":"0.050000""#,
                r#""exception_rate":"0.010000""#,
                "! the bound of the exception rate: `0.05` becomes `0.01`",
            ),
            (
                r#""value":"Milk 1L""#,
                r#""value":"Milk 2L""#,
                "the list `products`: `Milk 2L` new\n! the list `products`: `Milk 1L` gone",
            ),
        ] {
            assert_eq!(changed(from, to).join("\n"), says);
        }
    }
}

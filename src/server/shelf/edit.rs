//! A contract as a form of plain words changes it. A field that says what it said before leaves all as it is.

use super::view::{severity, view};
use engine::contract::{Contract, ContractError, ControlUse};
use model::{
    contract::{ColumnView, ContractView},
    control::Severity,
    ratio::Ratio,
};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use thiserror::Error;

/// Why a form makes no contract.
#[derive(Debug, Error)]
pub enum EditError {
    #[error(
        "{what} is a percentage from 0 to 100 with at most four decimals, such as 95 or 2.5; `{given}` is none"
    )]
    Percent { what: &'static str, given: String },
    #[error("{0}")]
    Contract(#[from] ContractError),
}

/// What a form sends, by the names of its fields.
pub type Fields<'a> = BTreeMap<&'a str, &'a str>;

/// The contract with what the form says otherwise. Fields of columns and controls end in their place in the contract:
/// `title-0`, `severity-12`.
///
/// # Errors
/// When the form makes no contract.
pub fn edited(base: &Contract, fields: &Fields<'_>) -> Result<Contract, EditError> {
    let shown = view(base);
    let mut contract = base.clone();
    let field = |name: &str| fields.get(name).map(|it| it.trim());
    if let Some(version) = field("version").filter(|it| !it.is_empty()) {
        contract.version = version.to_owned();
    }
    if let Some(words) = changed(field("null_words"), &shown.null_words) {
        contract.null_words = words;
    }
    for (at, before) in shown.columns.iter().enumerate() {
        column(&mut contract, at, before, fields);
    }
    severities(&mut contract, fields);
    thresholds(&mut contract, &shown, fields)?;
    let contract = Contract::from_json(&contract.canonical())?;
    contract.check_incoming()?;
    Ok(contract)
}

/// Words between commas, unless the field says what stood there.
fn changed(field: Option<&str>, before: &[String]) -> Option<Vec<String>> {
    let field = field.filter(|it| *it != before.join(", ").trim())?;
    let words = field.split(',').map(str::trim);
    Some(
        words
            .filter(|it| !it.is_empty())
            .map(str::to_owned)
            .collect(),
    )
}

fn column(contract: &mut Contract, at: usize, before: &ColumnView, fields: &Fields<'_>) {
    let field = |name: &str| {
        fields
            .get(format!("{name}-{at}").as_str())
            .map(|it| it.trim())
    };
    // A form without the column's title is not about it.
    let Some(title) = field("title") else {
        return;
    };
    if let Some(column) = contract.columns.get_mut(at) {
        if title != before.title {
            column.title = Some(title.to_owned()).filter(|it| !it.is_empty());
        }
        if let Some(aliases) = changed(field("aliases"), &before.aliases) {
            column.aliases = aliases;
        }
        column.required = field("required").is_some();
    }
    let filled = field("filled").is_some();
    if filled != before.filled {
        fill(contract, &before.name, filled);
    }
    for (code, name, said) in [
        ("VAL06", "minimum", &before.minimum),
        ("VAL07", "maximum", &before.maximum),
    ] {
        let given = field(name).filter(|it| !it.is_empty());
        if before.is_number && given != said.as_deref() {
            limit(contract, code, name, &before.name, given);
        }
    }
}

/// Lets no cell of a column be empty, or any.
fn fill(contract: &mut Contract, column: &str, filled: bool) {
    let blank = |it: &&mut ControlUse| it.code == "CMP01";
    let names = contract.controls.iter_mut().find(blank);
    let names = names.and_then(|it| it.params.get_mut("columns")?.as_array_mut());
    match (names, filled) {
        (Some(names), true) => names.push(column.into()),
        (None, true) => contract
            .controls
            .push(used("CMP01", "columns", vec![column].into())),
        (_, false) => {
            for rule in contract.controls.iter_mut().filter(|it| it.code == "CMP01") {
                if let Some(Value::Array(names)) = rule.params.get_mut("columns") {
                    names.retain(|it| it != column);
                }
            }
            let none = |it: &ControlUse| it.code == "CMP01" && it.columns().next().is_none();
            contract.controls.retain(|it| !none(it));
        }
    }
}

/// Gives a column a bound, another one, or none.
fn limit(contract: &mut Contract, code: &str, name: &str, column: &str, given: Option<&str>) {
    let about = |it: &ControlUse| it.code == code && it.columns().any(|it| it == column);
    match given {
        None => contract.controls.retain(|it| !about(it)),
        Some(bound) => match contract.controls.iter_mut().find(|it| about(it)) {
            Some(rule) => {
                rule.params.insert(name.to_owned(), bound.into());
                // What is typed as the least is the least that passes, whatever the bound before was.
                rule.params.remove("exclusive");
            }
            None => {
                let mut rule = used(code, "column", column.into());
                rule.params.insert(name.to_owned(), bound.into());
                contract.controls.push(rule);
            }
        },
    }
}

fn used(code: &str, name: &str, value: Value) -> ControlUse {
    ControlUse {
        code: code.to_owned(),
        severity: None,
        tolerance: None,
        params: [(name.to_owned(), value)].into_iter().collect(),
    }
}

/// By place among the controls of the form's contract: bounds that were removed before are no longer there, so that
/// controls are found again by what they are.
fn severities(contract: &mut Contract, fields: &Fields<'_>) {
    for rule in &mut contract.controls {
        let columns: Vec<&str> = rule.columns().collect();
        let name = severity_field(&rule.code, &columns);
        let said = match fields.get(name.as_str()) {
            Some(&"error") => Severity::Error,
            Some(&"warning") => Severity::Warning,
            _ => continue,
        };
        if severity(rule) != said {
            rule.severity = Some(said);
        }
    }
}

/// The field of a control's severity.
pub(super) fn severity_field(code: &str, columns: &[&str]) -> String {
    format!("severity-{code}-{}", columns.join("-"))
}

fn thresholds(
    contract: &mut Contract,
    shown: &ContractView,
    fields: &Fields<'_>,
) -> Result<(), EditError> {
    let goals = &mut contract.thresholds;
    for (name, what, before, goal) in [
        (
            "quality_score",
            "The quality score",
            shown.quality_score,
            &mut goals.quality_score,
        ),
        (
            "exception_rate",
            "The share of exceptions",
            shown.exception_rate,
            &mut goals.exception_rate,
        ),
        (
            "hold_above",
            "The share that holds a file",
            shown.hold_above,
            &mut goals.hold_above,
        ),
    ] {
        let Some(given) = fields.get(name).map(|it| it.trim()) else {
            continue;
        };
        if given != before.percent() {
            *goal = percent(given).ok_or_else(|| EditError::Percent {
                what,
                given: given.to_owned(),
            })?;
        }
    }
    Ok(())
}

/// `2.5` for 2.5 %, as a share.
fn percent(text: &str) -> Option<Ratio> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let digits = |it: &str| it.bytes().all(|it| it.is_ascii_digit());
    if whole.is_empty() || whole.len() > 3 || fraction.len() > 4 {
        return None;
    }
    if !digits(whole) || !digits(fraction) {
        return None;
    }
    let millionths: u32 = format!("{whole}{fraction:0<4}").parse().ok()?;
    (millionths <= 1_000_000).then(|| Ratio::from_millionths(millionths))
}

/// The version after this that is none of those in use.
pub fn next_version<'v>(version: &str, used: impl IntoIterator<Item = &'v str>) -> String {
    let used: BTreeSet<&str> = used.into_iter().collect();
    let mut next = after(version);
    // There may be no number beyond one.
    for _ in 0..used.len() {
        if !used.contains(next.as_str()) {
            break;
        }
        next = after(&next);
    }
    next
}

/// Its last number goes up by one.
fn after(version: &str) -> String {
    let (before, last) = version
        .rfind(|it: char| !it.is_ascii_digit())
        .map_or(("", version), |at| version.split_at(at + 1));
    match last.parse::<u64>() {
        Ok(number) => format!("{before}{}", number.saturating_add(1)),
        Err(_) => format!("{version}.1"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::shelf::view::changes;
    use engine::contract::sales;

    /// The form as it is shown, with some fields changed; an empty text takes a tick away.
    fn told(others: &[(&str, &str)]) -> Result<String, EditError> {
        let shown = view(sales());
        let mut fields: BTreeMap<String, String> = BTreeMap::new();
        for (at, it) in shown.columns.iter().enumerate() {
            let mut put = |name: &str, text: &str| {
                fields.insert(format!("{name}-{at}"), text.to_owned());
            };
            put("title", &it.title);
            put("aliases", &it.aliases.join(", "));
            put("minimum", it.minimum.as_deref().unwrap_or(""));
            put("maximum", it.maximum.as_deref().unwrap_or(""));
            if it.required {
                put("required", "on");
            }
            if it.filled {
                put("filled", "on");
            }
        }
        fields.insert("quality_score".into(), shown.quality_score.percent());
        fields.insert("null_words".into(), String::new());
        for (name, text) in others {
            match (name.split('-').next(), *text) {
                (Some("required" | "filled"), "") => fields.remove(*name),
                _ => fields.insert((*name).to_owned(), (*text).to_owned()),
            };
        }
        let fields = fields
            .iter()
            .map(|(name, it)| (name.as_str(), it.as_str()))
            .collect();
        let contract = edited(sales(), &fields)?;
        let told = changes(sales(), &contract);
        let told: Vec<String> = told.into_iter().map(|it| it.text).collect();
        Ok(told.join("\n"))
    }

    #[test]
    fn a_form_that_says_the_same_changes_nothing() {
        assert_eq!(told(&[]).unwrap(), "");
    }

    #[test]
    fn each_field_changes_what_it_is_about_alone() {
        let order_id = "CMP01 blank-required-value for `order_id`";
        for (field, text, says) in [
            ("version", "2.0.0", "the version: `1.0.0` becomes `2.0.0`"),
            (
                "title-0",
                "Bill",
                "the title of `order_id`: `Order id` becomes `Bill`",
            ),
            ("required-0", "", "`order_id` is no longer required"),
            ("filled-0", "", &format!("{order_id} is gone")),
            (
                "filled-6",
                "on",
                "CMP01 blank-required-value for `sku` is new",
            ),
            (
                "minimum-5",
                "10",
                "VAL06 below-minimum for `revenue` asks for minimum 10 instead of minimum 0",
            ),
            ("minimum-5", "", "VAL06 below-minimum for `revenue` is gone"),
            (
                "minimum-4",
                "1",
                "VAL06 below-minimum for `quantity` asks for minimum 1 instead of exclusive true, minimum 0",
            ),
            (
                "maximum-4",
                "500",
                "VAL07 above-maximum for `quantity` is new: maximum 500",
            ),
            (
                "aliases-7",
                "product category, group",
                "other names of `category`: `group` new",
            ),
            ("null_words", "N/A, -", "null words: `N/A`, `-` new"),
            (
                "severity-VAL06-revenue",
                "warning",
                "VAL06 below-minimum for `revenue` is now a warning",
            ),
            (
                "quality_score",
                "97.5",
                "the bound of the quality score: `0.95` becomes `0.975`",
            ),
        ] {
            assert_eq!(told(&[(field, text)]).unwrap(), says, "{field}");
        }
        let wrong = told(&[("quality_score", "120")]).unwrap_err().to_string();
        assert!(
            wrong.starts_with("The quality score is a percentage"),
            "{wrong}"
        );
        let wrong = told(&[("minimum-5", "much")]).unwrap_err().to_string();
        assert!(wrong.contains("much"), "{wrong}");
    }

    #[test]
    fn the_next_version_counts_up() {
        for (version, next) in [("1.0.0", "1.0.1"), ("7", "8"), ("v9", "v10"), ("a", "a.1")] {
            assert_eq!(next_version(version, []), next);
        }
        let used = ["1.0.0", "1.0.1", "1.0.2"];
        assert_eq!(next_version("1.0.0", used), "1.0.3");
    }
}

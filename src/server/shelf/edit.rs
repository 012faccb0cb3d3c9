//! A contract as a form of plain words changes it. A field that says what it said before leaves all as it is.

use super::view::{severity, view};
use app::refused::Fault;
use engine::contract::{
    Contract, ContractError, ControlUse,
    contradiction::{Contradiction, is_bound},
};
use model::{
    contract::{ColumnView, ContractView},
    control::Severity,
    ratio::Ratio,
    t,
};
use serde_json::Value;
use std::collections::BTreeMap;

/// What a form sends, by the names of its fields.
pub type Fields<'a> = BTreeMap<&'a str, &'a str>;

/// The contract with what the form says otherwise. Fields of columns and controls end in their place in the contract:
/// `title-0`, `severity-12`. `used` are the versions that say something already.
///
/// # Errors
/// All that is wrong, by field, when the form makes no contract.
pub fn edited(base: &Contract, fields: &Fields<'_>, used: &[&str]) -> Result<Contract, Vec<Fault>> {
    let shown = view(base);
    let mut contract = base.clone();
    let mut faults = Vec::new();
    let field = |name: &str| fields.get(name).map(|it| it.trim());
    if let Some(version) = field("version") {
        faults.extend(not_next(version, used));
        contract.version = version.to_owned();
    }
    if let Some(words) = changed(field("null_words"), &shown.null_words) {
        contract.null_words = words;
    }
    for (at, before) in shown.columns.iter().enumerate() {
        faults.extend(column(&mut contract, at, before, fields));
    }
    severities(&mut contract, fields);
    faults.extend(thresholds(&mut contract, &shown, fields));
    if faults.is_empty() {
        let contradictions = contract.contradictions();
        faults.extend(contradictions.iter().map(|it| of_field(it, &contract)));
    }
    match faults.is_empty() {
        true => whole(&contract).map_err(|error| {
            vec![Fault {
                field: None,
                place: t!("The contract").to_owned(),
                text: error.to_string(),
            }]
        }),
        false => Err(faults),
    }
}

fn whole(contract: &Contract) -> Result<Contract, ContractError> {
    let contract = Contract::from_json(&contract.canonical())?;
    contract.check_incoming()?;
    Ok(contract)
}

/// A field of a column, as the page calls it.
fn of_column(name: &str, at: usize, column: &str, text: String) -> Fault {
    let what = match name {
        "title" => t!("Title"),
        "minimum" => t!("Least"),
        "maximum" => t!("Most"),
        _ => t!("Other names"),
    };
    Fault {
        field: Some(format!("{name}-{at}")),
        place: t!("{what} of {name}", what = what, name = column),
        text,
    }
}

fn of_field(it: &Contradiction, contract: &Contract) -> Fault {
    let fault = |name: &str, column: &str, text: String| {
        let at = contract.column(column).unwrap_or_default();
        of_column(name, at, column, text)
    };
    match it {
        Contradiction::Bounds {
            column,
            least,
            exclusive,
            most,
        } => {
            let text = match exclusive {
                true => t!(
                    "no number is above {least} and at most {most}",
                    least = least,
                    most = most
                ),
                false => t!(
                    "{most} is below the least, {least}",
                    least = least,
                    most = most
                ),
            };
            fault("maximum", column, text)
        }
        Contradiction::Title {
            column,
            other,
            title,
        } => {
            let text = t!(
                "{title} is the title of {other} already",
                title = title,
                other = other
            );
            fault("title", column, text)
        }
        Contradiction::Name {
            column,
            other,
            name,
        } => {
            let text = t!(
                "{name} is a name of {other} already",
                name = name,
                other = other
            );
            fault("aliases", column, text)
        }
    }
}

/// Why a version is not the next one.
fn not_next(version: &str, used: &[&str]) -> Option<Fault> {
    let own = numbers(version);
    let is_after = |it: &&&str| own.is_some() && numbers(it) >= own;
    let text = if version.is_empty() {
        t!("say one, so that runs can name it").to_owned()
    } else if used.contains(&version) {
        t!("{version} is another contract already", version = version)
    } else {
        let above = used.iter().filter(is_after).max_by_key(|it| numbers(it))?;
        t!(
            "{version} is not above {above}, the highest so far",
            version = version,
            above = above
        )
    };
    Some(Fault {
        field: Some("version".to_owned()),
        place: t!("Version that the contract says of itself").to_owned(),
        text,
    })
}

/// Of a version that is numbers with points between.
fn numbers(version: &str) -> Option<Vec<u64>> {
    version.split('.').map(|it| it.parse().ok()).collect()
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

fn column(
    contract: &mut Contract,
    at: usize,
    before: &ColumnView,
    fields: &Fields<'_>,
) -> Vec<Fault> {
    let mut faults = Vec::new();
    let field = |name: &str| {
        fields
            .get(format!("{name}-{at}").as_str())
            .map(|it| it.trim())
    };
    // A form without the column's title is not about it.
    let Some(title) = field("title") else {
        return faults;
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
        if !before.is_number || given == said.as_deref() {
            continue;
        }
        match given.filter(|it| !is_bound(it)) {
            Some(given) => {
                let text = t!(
                    "{given} is no number with at most six decimals, such as 1234.50",
                    given = given
                );
                faults.push(of_column(name, at, &before.name, text));
            }
            None => limit(contract, code, name, &before.name, given),
        }
    }
    faults
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

fn thresholds(contract: &mut Contract, shown: &ContractView, fields: &Fields<'_>) -> Vec<Fault> {
    let mut faults = Vec::new();
    let goals = &mut contract.thresholds;
    for (name, place, before, goal) in [
        (
            "quality_score",
            t!("Quality score above, %"),
            shown.quality_score,
            &mut goals.quality_score,
        ),
        (
            "exception_rate",
            t!("Share of exceptions below, %"),
            shown.exception_rate,
            &mut goals.exception_rate,
        ),
        (
            "hold_above",
            t!("Hold a file with more exceptions than, %"),
            shown.hold_above,
            &mut goals.hold_above,
        ),
    ] {
        let given = fields.get(name).map(|it| it.trim());
        let Some(given) = given.filter(|it| *it != before.percent()) else {
            continue;
        };
        match percent(given) {
            Some(share) => *goal = share,
            None => faults.push(Fault {
                field: Some(name.to_owned()),
                place: place.to_owned(),
                text: t!("{given} is no share from 0 to 100 with at most four decimals, such as 95 or 2.5", given = given),
            }),
        }
    }
    faults
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

/// The version after this, and after the highest of those in use.
pub fn next_version(version: &str, used: &[&str]) -> String {
    let highest = used.iter().chain([&version]).max_by_key(|it| numbers(it));
    let highest = highest.filter(|_| numbers(version).is_some());
    let mut next = after(highest.unwrap_or(&version));
    // There may be no number beyond one.
    for _ in 0..used.len() {
        if !used.contains(&next.as_str()) {
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
    fn told(others: &[(&str, &str)]) -> Result<String, Vec<Fault>> {
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
        let contract = edited(sales(), &fields, &["1.0.0"])?;
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
    }

    #[test]
    fn what_cannot_be_is_told_by_field() {
        let check = |others: &[(&str, &str)], expected: &[(&str, &str)]| {
            let faults = told(others).unwrap_err();
            let named = faults.iter().map(|it| format!("{}: {}", it.place, it.text));
            let fields = faults.iter().map(|it| it.field.clone().unwrap());
            let expected = expected
                .iter()
                .map(|(field, it)| ((*field).into(), (*it).into()));
            let expected: Vec<(String, String)> = expected.collect();
            assert_eq!(fields.zip(named).collect::<Vec<_>>(), expected);
        };
        let share = "is no share from 0 to 100 with at most four decimals, such as 95 or 2.5";
        check(
            &[("quality_score", "120"), ("maximum-5", "1.234,50")],
            &[
                (
                    "maximum-5",
                    "Most of revenue: 1.234,50 is no number with at most six decimals, such as 1234.50",
                ),
                (
                    "quality_score",
                    &format!("Quality score above, %: 120 {share}"),
                ),
            ],
        );
        check(
            &[("maximum-5", "-1"), ("maximum-4", "0")],
            &[
                (
                    "maximum-4",
                    "Most of quantity: no number is above 0 and at most 0",
                ),
                ("maximum-5", "Most of revenue: -1 is below the least, 0"),
            ],
        );
        check(
            &[("title-4", " revenue"), ("aliases-4", "Revenue, qty")],
            &[
                (
                    "aliases-4",
                    "Other names of quantity: Revenue is a name of revenue already",
                ),
                (
                    "title-5",
                    "Title of revenue: Revenue is the title of quantity already",
                ),
            ],
        );
        let place = "Version that the contract says of itself";
        for (version, says) in [
            ("", "say one, so that runs can name it"),
            ("1.0.0", "1.0.0 is another contract already"),
            ("0.9", "0.9 is not above 1.0.0, the highest so far"),
        ] {
            check(
                &[("version", version)],
                &[("version", &format!("{place}: {says}"))],
            );
        }
    }

    #[test]
    fn the_next_version_counts_up() {
        for (version, next) in [("1.0.0", "1.0.1"), ("7", "8"), ("v9", "v10"), ("a", "a.1")] {
            assert_eq!(next_version(version, &[]), next);
        }
        for (used, next) in [
            (["1.0.0", "1.0.1", "1.0.2"], "1.0.3"),
            (["1.0.0", "draft", "1.0.10"], "1.0.11"),
        ] {
            assert_eq!(next_version("1.0.0", &used), next);
        }
        assert_eq!(next_version("a", &["a", "a.1", "2"]), "a.2");
    }
}

//! Contracts in the words of their pages.

use super::edit::severity_field;
use engine::{
    catalogue,
    contract::{Column, Contract, ControlUse, Kind, diff, tolerance::Tolerance},
};
use model::t;
use model::{
    contract::{ColumnView, ContractChange, ContractView, ListView, RuleView},
    control::Severity,
};
use serde_json::Value;

/// What the second says otherwise.
pub fn changes(from: &Contract, to: &Contract) -> Vec<ContractChange> {
    let found = diff::differences(from, to).into_iter();
    let found = found.map(|it| ContractChange {
        breaking: it.breaking,
        text: it.text,
    });
    found.collect()
}

/// A contract in words.
pub fn view(contract: &Contract) -> ContractView {
    let goals = &contract.thresholds;
    let waivable = contract.waivers.controls.iter();
    ContractView {
        contract: contract.reference(),
        columns: contract
            .columns
            .iter()
            .map(|it| column(it, contract))
            .collect(),
        key: titles(contract, contract.key.iter()),
        money: contract.money.as_deref().map(|it| title(contract, it)),
        zone: String::from(contract.zone),
        total_words: contract.total_words.clone(),
        null_words: contract.null_words.clone(),
        rules: contract
            .controls
            .iter()
            .map(|it| rule(it, contract))
            .collect(),
        lists: contract
            .lists
            .iter()
            .map(|list| ListView {
                name: list.name.clone(),
                values: list.entries.len(),
                synonyms: list.entries.iter().map(|it| it.synonyms.len()).sum(),
                columns: contract
                    .columns
                    .iter()
                    .filter(|it| it.list.as_ref() == Some(&list.name))
                    .map(|it| it.title().to_owned())
                    .collect(),
            })
            .collect(),
        quality_score: goals.quality_score,
        exception_rate: goals.exception_rate,
        hold_above: goals.hold_above,
        waivable: waivable.map(|it| (it.clone(), summary(it))).collect(),
        second_person_above: contract.waivers.second_person_above,
    }
}

fn title(contract: &Contract, name: &str) -> String {
    let place = contract.column(name);
    let column = place.and_then(|it| contract.columns.get(it));
    column.map_or(name, Column::title).to_owned()
}

fn titles<'a>(contract: &Contract, names: impl Iterator<Item = &'a String>) -> Vec<String> {
    names.map(|it| title(contract, it)).collect()
}

fn summary(code: &str) -> String {
    let control = catalogue::by_code(code);
    control.map_or("", |it| it.meta.summary).to_owned()
}

fn column(column: &Column, contract: &Contract) -> ColumnView {
    let used = |code: &str| {
        let about = |it: &&ControlUse| it.code == code && it.columns().any(|it| it == column.name);
        contract.controls.iter().find(about)
    };
    let bound = |used: Option<&ControlUse>, name: &str| {
        let value = used?.params.get(name)?;
        Some(text(value))
    };
    let least = used("VAL06");
    let holds = match column.kind {
        Kind::Identifier => t!("a code, kept as it is written").to_owned(),
        Kind::Text => t!("text").to_owned(),
        Kind::Whole => t!("a whole number").to_owned(),
        Kind::Amount => t!("an amount of money").to_owned(),
        Kind::Number => t!("a number").to_owned(),
        Kind::Date => {
            let forms: Vec<&str> = column.forms.iter().map(|it| it.as_str()).collect();
            match forms.as_slice() {
                [] => t!("a date").to_owned(),
                forms => t!("a date, written {forms}", forms = forms.join(t!(" or "))),
            }
        }
    };
    ColumnView {
        name: column.name.clone(),
        title: column.title().to_owned(),
        aliases: column.aliases.clone(),
        holds,
        required: column.required,
        filled: used("CMP01").is_some(),
        minimum: bound(least, "minimum"),
        exclusive: least.is_some_and(|it| it.params.get("exclusive") == Some(&Value::Bool(true))),
        maximum: bound(used("VAL07"), "maximum"),
        is_number: matches!(column.kind, Kind::Whole | Kind::Amount | Kind::Number),
        null_words: column.null_words.clone(),
        list: column.list.clone(),
    }
}

fn rule(used: &ControlUse, contract: &Contract) -> RuleView {
    RuleView {
        code: used.code.clone(),
        field: severity_field(&used.code, &used.columns().collect::<Vec<_>>()),
        summary: summary(&used.code),
        about: about(used, contract),
        severity: severity(used),
        tolerance: used.tolerance.map(|it| match it {
            Tolerance::Rows(1) => t!("1 row may fail").to_owned(),
            Tolerance::Rows(rows) => t!("{rows} rows may fail", rows = rows),
            Tolerance::Percent(share) => t!("{share} % may fail", share = String::from(share)),
        }),
    }
}

/// What the contract says of it, or else its own.
pub fn severity(used: &ControlUse) -> Severity {
    let own = catalogue::by_code(&used.code).map(|it| it.meta.severity);
    used.severity.or(own).unwrap_or(Severity::Error)
}

/// Which columns a control is about, and within which bounds.
fn about(used: &ControlUse, contract: &Contract) -> String {
    let columns: Vec<String> = used.columns().map(|it| title(contract, it)).collect();
    let columns = columns.join(", ");
    let param = |name: &str| used.params.get(name).map(text);
    let said = match used.code.as_str() {
        "VAL06" => {
            let exclusive = used.params.get("exclusive") == Some(&Value::Bool(true));
            param("minimum").map(|it| {
                if exclusive {
                    t!("has to be above {it}", it = it)
                } else {
                    t!("has to be at least {it}", it = it)
                }
            })
        }
        "VAL07" => param("maximum").map(|it| t!("has to be at most {it}", it = it)),
        "VAL08" => param("example").map(|it| t!("is written like {it}", it = it)),
        "VAL09" => Some(match (param("shortest"), param("longest")) {
            (shortest, None) => t!(
                "has at least {shortest} characters",
                shortest = shortest.unwrap_or_default()
            ),
            (None, Some(longest)) => t!("has at most {longest} characters", longest = longest),
            (Some(shortest), Some(longest)) => t!(
                "has {shortest} to {longest} characters",
                shortest = shortest,
                longest = longest
            ),
        }),
        "TIM02" => param("first")
            .zip(param("last"))
            .map(|(first, last)| t!("lies from {first} to {last}", first = first, last = last)),
        "DIS01" => param("lowest")
            .zip(param("highest"))
            .map(|(lowest, highest)| {
                t!(
                    "usually is from {lowest} to {highest}",
                    lowest = lowest,
                    highest = highest
                )
            }),
        "CON01" => param("expression").map(|it| t!("it has to be that {it}", it = it)),
        "VOL01" => Some(match (param("least"), param("most")) {
            (least, None) => t!("at least {least} rows", least = least.unwrap_or_default()),
            (None, Some(most)) => t!("at most {most} rows", most = most),
            (Some(least), Some(most)) => t!("{least} to {most} rows", least = least, most = most),
        }),
        "VAL05" | "REF01" => {
            let name = used.columns().next();
            let place = name.and_then(|it| contract.column(it));
            let column = place.and_then(|it| contract.columns.get(it));
            let list = column.and_then(|it| it.list.as_ref());
            list.map(|it| t!("has to be in the list {it}", it = it))
        }
        "REF03" => used.params.get("attributes").map(|it| {
            let names: Vec<String> = it
                .as_object()
                .into_iter()
                .flatten()
                .map(|(column, _)| title(contract, column))
                .collect();
            t!("decides {columns}", columns = names.join(t!(" and ")))
        }),
        "UNQ01" | "UNQ02" => Some(t!(
            "key {columns}",
            columns = titles(contract, contract.key.iter()).join(t!(" and "))
        )),
        _ => None,
    };
    match (columns.as_str(), said) {
        ("", said) => said.unwrap_or_default(),
        (columns, Some(said)) => format!("{columns} {said}"),
        (columns, None) => columns.to_owned(),
    }
}

fn text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use engine::contract::sales;

    #[test]
    fn every_control_of_the_shipped_contract_says_what_it_is_about() {
        let shown = view(sales());
        let about = |code: &str| {
            let rules = shown.rules.iter().filter(|it| it.code == code);
            rules.map(|it| it.about.as_str()).collect::<Vec<_>>()
        };
        assert_eq!(
            about("VAL06"),
            ["Quantity has to be above 0", "Revenue has to be at least 0"]
        );
        assert_eq!(about("VAL05"), ["Region has to be in the list regions"]);
        assert_eq!(about("REF03"), ["Product decides Category and SKU"]);
        assert_eq!(about("UNQ01"), ["key Order id"]);
        assert_eq!(about("SCH02"), [""]);
        let quantity = shown.columns.iter().find(|it| it.name == "quantity");
        let quantity = quantity.unwrap();
        assert!(quantity.required && quantity.filled && quantity.exclusive);
        assert_eq!(quantity.minimum.as_deref(), Some("0"));
        assert_eq!(shown.lists[1].columns, ["Product"]);
    }
}

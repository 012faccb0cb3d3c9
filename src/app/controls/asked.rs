//! What a contract asks for, in the words of its columns' titles. On the server only.

use crate::{
    format,
    parts::words::{severity_class, severity_icon},
    place::{Page, Place},
};
use maud::{Markup, html};
use model::{
    contract::{ColumnView, ContractView, RuleView},
    control::Severity,
};

/// All that a contract asks for.
pub(super) fn asked(shown: &ContractView, place: &Place, in_force: bool) -> Markup {
    let errors = shown
        .rules
        .iter()
        .filter(|it| it.severity == Severity::Error);
    let warnings = shown
        .rules
        .iter()
        .filter(|it| it.severity == Severity::Warning);
    html! {
        section {
            h2 id="columns" { "Columns" }
            div class="wide" tabindex="0" role="region" aria-label="Columns" {
                table class="asked" {
                    thead {
                        tr {
                            th scope="col" { "Column" }
                            th scope="col" { "Holds" }
                            th scope="col" { "Asked for" }
                            th scope="col" { "Limits" }
                            th scope="col" { "Other names that are accepted" }
                        }
                    }
                    tbody { @for it in &shown.columns { (column(it)) } }
                }
            }
            ul class="facts" {
                li {
                    @match shown.key.as_slice() {
                        [] => "No column tells one row from another.",
                        key => {
                            strong { (key.join(" and ")) }
                            " tells one row from another: each stands once in a file and in the ledger."
                        },
                    }
                }
                li {
                    @match &shown.money {
                        Some(money) => { strong { (money) } " is the money that is added up." },
                        None => "No column is added up as money.",
                    }
                }
                @if !shown.null_words.is_empty() {
                    li { "A cell counts as empty where it says " (words(&shown.null_words)) "." }
                }
                @if !shown.total_words.is_empty() {
                    li {
                        "A row is a total, not a sale, where " (words(&shown.total_words)) " stands in the key's place."
                    }
                }
                li { "Days are counted in the zone " (shown.zone) "." }
            }
        }
        section aria-labelledby="errors" {
            h2 id="errors" { "What makes a row an exception, or holds the file" }
            (rules(errors, place, "Errors"))
        }
        section aria-labelledby="warnings" {
            h2 id="warnings" { "What warns" }
            (rules(warnings, place, "Warnings"))
        }
        section aria-labelledby="goals-asked" {
            h2 id="goals-asked" { "Goals" }
            ul class="facts" {
                li {
                    "A file is good where its quality score is above "
                    strong { (format::goal(shown.quality_score)) } "."
                }
                li { "Its share of exceptions has to be below " strong { (format::goal(shown.exception_rate)) } "." }
                li {
                    @if shown.hold_above.percent() == "100.00" {
                        "However many rows are exceptions, the others are loaded."
                    } @else {
                        "Where more than " strong { (format::goal(shown.hold_above)) }
                        " of its rows are exceptions, nothing is loaded until somebody decides."
                    }
                }
            }
        }
        @if !shown.lists.is_empty() { (lists(shown, place, in_force)) }
        section aria-labelledby="waivers" {
            h2 id="waivers" { "What a person may let in" }
            @if shown.waivable.is_empty() {
                p { "Nothing: a row that fails stays out until it is corrected." }
            } @else {
                ul class="facts" {
                    @for (code, summary) in &shown.waivable {
                        li { (summary) " " a class="code" href={ (place.href(Page::Controls)) "#" (code) } { (code) } }
                    }
                    @if let Some(above) = shown.second_person_above {
                        li { "Above " (format::money(above)) " it takes two persons." }
                    }
                }
            }
        }
    }
}

fn column(it: &ColumnView) -> Markup {
    let limits = match (&it.minimum, &it.maximum, it.exclusive) {
        (None, None, _) => "–".to_owned(),
        (Some(least), None, true) => format!("above {least}"),
        (Some(least), None, false) => format!("{least} or more"),
        (None, Some(most), _) => format!("{most} or less"),
        (Some(least), Some(most), true) => format!("above {least}, up to {most}"),
        (Some(least), Some(most), false) => format!("{least} to {most}"),
    };
    html! {
        tr {
            th scope="row" {
                (it.title)
                @if it.title != it.name { span class="quiet name" { (it.name) } }
            }
            td {
                (it.holds)
                @if let Some(list) = &it.list { ", of the list " (list) }
                @if !it.null_words.is_empty() {
                    span class="quiet name" { "empty where it says " (words(&it.null_words)) }
                }
            }
            td {
                @match (it.required, it.filled) {
                    (true, true) => "has to be there, in every row",
                    (true, false) => "has to be there",
                    (false, true) => "where it is there, in every row",
                    (false, false) => span class="quiet" { "optional" },
                }
            }
            td { (limits) }
            td class="aliases" { (it.aliases.join(", ")) }
        }
    }
}

fn rules<'a>(rules: impl Iterator<Item = &'a RuleView>, place: &Place, label: &str) -> Markup {
    let rules: Vec<_> = rules.collect();
    html! {
        @if rules.is_empty() {
            p { "Nothing." }
        } @else {
            div class="wide" tabindex="0" role="region" aria-label=(label) {
                table class="rules" {
                    thead {
                        tr {
                            th scope="col" { "Control" }
                            th scope="col" { "What it finds" }
                            th scope="col" { "About" }
                        }
                    }
                    tbody {
                        @for it in rules {
                            tr {
                                th scope="row" {
                                    span class={ "state " (severity_class(it.severity)) } { (severity_icon(it.severity)) }
                                    " "
                                    a href={ (place.href(Page::Controls)) "#" (it.code) } { (it.code) }
                                }
                                td { (it.summary) }
                                td {
                                    (it.about)
                                    @if let Some(tolerance) = &it.tolerance {
                                        span class="quiet name" { (tolerance) " before the control counts as failed" }
                                    }
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// Those of what is in force have pages.
fn lists(shown: &ContractView, place: &Place, in_force: bool) -> Markup {
    html! {
        section aria-labelledby="lists" {
            h2 id="lists" { "Lists" }
            ul class="facts" {
                @for it in &shown.lists {
                    li {
                        @if in_force {
                            a href=(place.list(&shown.contract.name, &it.name)) { (it.name) }
                        } @else {
                            strong { (it.name) }
                        }
                        ": " (format::counted(it.values as u64, "value", "values"))
                        @if it.synonyms > 0 {
                            ", " (format::counted(it.synonyms as u64, "other spelling", "other spellings"))
                        }
                        @if !it.columns.is_empty() { ", for " (it.columns.join(" and ")) }
                    }
                }
            }
        }
    }
}

fn words(list: &[String]) -> Markup {
    html! {
        @for (at, it) in list.iter().enumerate() {
            @if at > 0 { ", " }
            code { (it) }
        }
    }
}

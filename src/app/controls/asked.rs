//! What a contract asks for, in the words of its columns' titles. On the server only.

use crate::parts::phrase::phrase;
use crate::{
    format,
    parts::words::{severity_class, severity_icon},
    place::{Page, Place},
};
use maud::{Markup, html};
use model::t;
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
            h2 id="columns" { (t!("Columns")) }
            div class="wide" tabindex="0" role="region" aria-label=(t!("Columns")) {
                table class="asked" {
                    thead {
                        tr {
                            th scope="col" { (t!("Column")) }
                            th scope="col" { (t!("Holds")) }
                            th scope="col" { (t!("Asked for")) }
                            th scope="col" { (t!("Limits")) }
                            th scope="col" { (t!("Other names that are accepted")) }
                        }
                    }
                    tbody { @for it in &shown.columns { (column(it)) } }
                }
            }
            ul class="facts" {
                li {
                    @match shown.key.as_slice() {
                        [] => (t!("No column tells one row from another.")),
                        key => {
                            (phrase!("{key} tells one row from another: each stands once in a file and in the ledger.", key = html! { strong { (key.join(&format!(" {} ", t!("and")))) } }))
                        },
                    }
                }
                li {
                    @match &shown.money {
                        Some(money) => { (phrase!("{money} is the money that is added up.", money = html! { strong { (money) } })) },
                        None => (t!("No column is added up as money.")),
                    }
                }
                @if !shown.null_words.is_empty() {
                    li { (phrase!("A cell counts as empty where it says {null_words}.", null_words = words(&shown.null_words))) }
                }
                @if !shown.total_words.is_empty() {
                    li {
                        (phrase!("A row is a total, not a sale, where {total_words} stands in the key's place, or ends the one text of a row of sums that is no order.", total_words = words(&shown.total_words)))
                    }
                }
                li { (phrase!("Days are counted in the zone {zone}.", zone = shown.zone)) }
            }
        }
        section aria-labelledby="errors" {
            h2 id="errors" { (t!("What makes a row an exception, or holds the file")) }
            (rules(errors, place, t!("Errors")))
        }
        section aria-labelledby="warnings" {
            h2 id="warnings" { (t!("What warns")) }
            (rules(warnings, place, t!("Warnings")))
        }
        section aria-labelledby="goals-asked" {
            h2 id="goals-asked" { (t!("Goals")) }
            ul class="facts" {
                li {
                    (phrase!("A file is good where its quality score is above {quality_score}.", quality_score = html! { strong { (format::goal(shown.quality_score)) } }))
                }
                li { (phrase!("Its share of exceptions has to be below {exception_rate}.", exception_rate = html! { strong { (format::goal(shown.exception_rate)) } })) }
                li {
                    @if shown.hold_above.percent() == "100.00" {
                        (t!("However many rows are exceptions, the others are loaded."))
                    } @else {
                        (phrase!("Where more than {hold_above} of its rows are exceptions, nothing is loaded until somebody decides.", hold_above = html! { strong { (format::goal(shown.hold_above)) } }))
                    }
                }
            }
        }
        @if !shown.lists.is_empty() { (lists(shown, place, in_force)) }
        section aria-labelledby="waivers" {
            h2 id="waivers" { (t!("What a person may let in")) }
            @if shown.waivable.is_empty() {
                p { (t!("Nothing: a row that fails stays out until it is corrected.")) }
            } @else {
                ul class="facts" {
                    @for (code, summary) in &shown.waivable {
                        li { (summary) " " a class="code" href={ (place.href(Page::Controls)) "#" (code) } { (code) } }
                    }
                    @if let Some(above) = shown.second_person_above {
                        li { (phrase!("Above {above} it takes two persons.", above = format::money(above))) }
                    }
                }
            }
        }
    }
}

fn column(it: &ColumnView) -> Markup {
    let limits = match (&it.minimum, &it.maximum, it.exclusive) {
        (None, None, _) => "–".to_owned(),
        (Some(least), None, true) => t!("above {least}", least = least),
        (Some(least), None, false) => t!("{least} or more", least = least),
        (None, Some(most), _) => t!("{most} or less", most = most),
        (Some(least), Some(most), true) => {
            t!("above {least}, up to {most}", least = least, most = most)
        }
        (Some(least), Some(most), false) => t!("{least} to {most}", least = least, most = most),
    };
    html! {
        tr {
            th scope="row" {
                (it.title)
                @if it.title != it.name { span class="quiet name" { (it.name) } }
            }
            td {
                (it.holds)
                @if let Some(list) = &it.list { (phrase!(", of the list {list}", list = list)) }
                @if !it.null_words.is_empty() {
                    span class="quiet name" { (phrase!("empty where it says {null_words}", null_words = words(&it.null_words))) }
                }
            }
            td {
                @match (it.required, it.filled) {
                    (true, true) => (t!("has to be there, in every row")),
                    (true, false) => (t!("has to be there")),
                    (false, true) => (t!("where it is there, in every row")),
                    (false, false) => span class="quiet" { (t!("optional")) },
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
            p { (t!("Nothing.")) }
        } @else {
            div class="wide" tabindex="0" role="region" aria-label=(label) {
                table class="rules" {
                    thead {
                        tr {
                            th scope="col" { (t!("Control")) }
                            th scope="col" { (t!("What it finds")) }
                            th scope="col" { (t!("About")) }
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
                                        span class="quiet name" { (phrase!("{tolerance} before the control counts as failed", tolerance = tolerance)) }
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
            h2 id="lists" { (t!("Lists")) }
            ul class="facts" {
                @for it in &shown.lists {
                    li {
                        @if in_force {
                            a href=(place.list(&shown.contract.name, &it.name)) { (it.name) }
                        } @else {
                            strong { (it.name) }
                        }
                        ": " (format::counted(it.values as u64, t!("value"), t!("values")))
                        @if it.synonyms > 0 {
                            ", " (format::counted(it.synonyms as u64, t!("other spelling"), t!("other spellings")))
                        }
                        @if !it.columns.is_empty() { (phrase!(", for {columns}", columns = it.columns.join(&format!(" {} ", t!("and"))))) }
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

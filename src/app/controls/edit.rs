//! A contract as a form of plain words, and beside it as text for everything else. Saving makes a draft. On the server
//! only; the form needs no scripts.

use super::contract::{action, numbered};
use crate::{icons::Icon, parts::words::state, place::Place};
use maud::{Markup, html};
use model::{
    contract::{ColumnView, ContractPage, RuleView},
    control::Severity,
};

pub(super) fn form(page: &ContractPage, place: &Place) -> Markup {
    let own = place.contract(&page.name);
    let shown = &page.shown;
    html! {
        p {
            "From " (numbered(page.number)) ". Saving makes a draft: what is in force stays so until the draft is put in \
             its place."
        }
        form class="edit" method="post" action={ (action(&page.name)) "/draft" } {
            (hidden(page, place))
            fieldset {
                legend { "Columns" }
                div class="wide" tabindex="0" role="region" aria-label="Columns" {
                    table class="asked" {
                        thead {
                            tr {
                                th scope="col" { "Column" }
                                th scope="col" { "Title" }
                                th scope="col" { "Has to be there" }
                                th scope="col" { "In every row" }
                                th scope="col" { "Least" }
                                th scope="col" { "Most" }
                                th scope="col" { "Other names, with commas between" }
                            }
                        }
                        tbody { @for (at, it) in shown.columns.iter().enumerate() { (column(at, it)) } }
                    }
                }
            }
            fieldset {
                legend { "What makes an exception, and what warns" }
                ul class="severities" { @for it in &shown.rules { (rule(it)) } }
            }
            fieldset class="fields" {
                legend { "Goals, and what counts as empty" }
                (text("quality_score", "Quality score above, %", &shown.quality_score.percent()))
                (text("exception_rate", "Share of exceptions below, %", &shown.exception_rate.percent()))
                (text("hold_above", "Hold a file with more exceptions than, %", &shown.hold_above.percent()))
                (text("null_words", "A cell is empty where it says, with commas between", &shown.null_words.join(", ")))
            }
            (saving(page, "draft"))
        }
        details class="as-text" {
            summary { "Everything else: the contract as text" }
            p class="quiet" {
                "A file of the Open Data Contract Standard, with lists, patterns and rules over several columns."
            }
            form class="edit" method="post" action={ (action(&page.name)) "/text" } {
                (hidden(page, place))
                p class="field" {
                    label for="text" { "The contract as YAML" }
                    textarea id="text" name="text" rows="24" spellcheck="false" { (page.text) }
                }
                (note("text-note"))
                p { button type="submit" class="button" { "Save the text as a draft" } }
            }
        }
        p { a href=(own) { "Back without saving" } }
        @if page.in_force != Some(page.number) && page.in_force.is_some() {
            p class="quiet" {
                (state("warning", Icon::Warning, "This is not the version in force."))
                " What the others changed since is not in it."
            }
        }
    }
}

fn hidden(page: &ContractPage, place: &Place) -> Markup {
    html! {
        input type="hidden" name="workspace" value=(place.workspace);
        input type="hidden" name="number" value=(page.number);
        @if let Some(in_force) = in_force(page) { input type="hidden" name="based_on" value=(in_force); }
    }
}

/// The fingerprint of what is in force.
fn in_force(page: &ContractPage) -> Option<&str> {
    let number = page.in_force?;
    let version = page.versions.iter().find(|it| it.number == number);
    let contract = version.map(|it| &it.contract).or(page.started.as_ref());
    contract.map(|it| it.fingerprint.as_str())
}

fn saving(page: &ContractPage, id: &str) -> Markup {
    html! {
        fieldset class="fields" {
            legend { "Save" }
            (text("version", "Version that the contract says of itself", &page.next_version))
            (note(id))
            p { button type="submit" class="button main" { "Save as a draft" } }
        }
    }
}

fn note(id: &str) -> Markup {
    html! {
        p class="field" {
            label for={ (id) "-note" } { "What it is for" }
            input type="text" id={ (id) "-note" } name="note" maxlength="2000" autocomplete="off";
        }
    }
}

fn text(name: &str, label: &str, value: &str) -> Markup {
    html! {
        p class="field" {
            label for=(name) { (label) }
            input type="text" id=(name) name=(name) value=(value) autocomplete="off" spellcheck="false";
        }
    }
}

fn column(at: usize, it: &ColumnView) -> Markup {
    let cell = |name: &str, what: &str, value: &str| {
        html! {
            input type="text" name={ (name) "-" (at) } value=(value) aria-label={ (what) " of " (it.name) }
                autocomplete="off" spellcheck="false";
        }
    };
    let tick = |name: &str, what: &str, ticked: bool| {
        html! { input type="checkbox" name={ (name) "-" (at) } checked[ticked] aria-label={ (it.name) " " (what) }; }
    };
    html! {
        tr {
            th scope="row" { (it.name) span class="quiet name" { (it.holds) } }
            td { (cell("title", "Title", &it.title)) }
            td class="tick" { (tick("required", "has to be there", it.required)) }
            td class="tick" { (tick("filled", "in every row", it.filled)) }
            @if it.is_number {
                td class="bound" { (cell("minimum", "Least", it.minimum.as_deref().unwrap_or_default())) }
                td class="bound" { (cell("maximum", "Most", it.maximum.as_deref().unwrap_or_default())) }
            } @else {
                td class="quiet" { "–" }
                td class="quiet" { "–" }
            }
            td { (cell("aliases", "Other names", &it.aliases.join(", "))) }
        }
    }
}

fn rule(it: &RuleView) -> Markup {
    let id = &it.field;
    html! {
        li {
            select id=(id) name=(id) {
                option value="error" selected[it.severity == Severity::Error] { "error" }
                option value="warning" selected[it.severity == Severity::Warning] { "warning" }
            }
            label for=(id) {
                span class="code" { (it.code) } " " (it.summary)
                @if !it.about.is_empty() { " " span class="quiet" { (it.about) } }
            }
        }
    }
}

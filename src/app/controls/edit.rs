//! A contract as a form of plain words, and beside it as text for everything else. Saving makes a draft. On the server
//! only; the form needs no scripts.

use super::contract::{action, numbered};
use crate::parts::phrase::phrase;
use crate::{icons::Icon, parts::words::state, place::Place, refused::Refused};
use maud::{Markup, html};
use model::t;
use model::{
    contract::{ColumnView, ContractPage, RuleView},
    control::Severity,
};
use std::collections::BTreeMap;

/// The form, and what was sent where it comes back.
struct Form<'a> {
    refused: Option<&'a Refused>,
    sent: Option<&'a BTreeMap<String, String>>,
}

pub(super) fn form(page: &ContractPage, refused: Option<&Refused>, place: &Place) -> Markup {
    let own = place.contract(&page.name);
    let shown = &page.shown;
    let sent = |form: &str| refused.and_then(|it| it.of(form));
    let form = &Form {
        refused,
        sent: sent("draft"),
    };
    let as_text = sent("text");
    let said = |name: &str| as_text.and_then(|it| it.get(name));
    html! {
        p {
            (phrase!("From {page}. Saving makes a draft: what is in force stays so until the draft is put in its place.", page = numbered(page.number)))
        }
        form class="edit" method="post" action={ (action(&page.name)) "/draft" } {
            (hidden(page, place, form.sent))
            fieldset {
                legend { (t!("Columns")) }
                div class="wide" tabindex="0" role="region" aria-label=(t!("Columns")) {
                    table class="asked" {
                        thead {
                            tr {
                                th scope="col" { (t!("Column")) }
                                th scope="col" { (t!("Title")) }
                                th scope="col" { (t!("Has to be there")) }
                                th scope="col" { (t!("In every row")) }
                                th scope="col" { (t!("Least")) }
                                th scope="col" { (t!("Most")) }
                                th scope="col" { (t!("Other names, with commas between")) }
                            }
                        }
                        tbody { @for (at, it) in shown.columns.iter().enumerate() { (form.column(at, it)) } }
                    }
                }
            }
            fieldset {
                legend { (t!("What makes an exception, and what warns")) }
                ul class="severities" { @for it in &shown.rules { (form.rule(it)) } }
            }
            fieldset class="fields" {
                legend { (t!("Goals, and what counts as empty")) }
                (form.text("quality_score", t!("Quality score above, %"), &shown.quality_score.percent()))
                (form.text("exception_rate", t!("Share of exceptions below, %"), &shown.exception_rate.percent()))
                (form.text("hold_above", t!("Hold a file with more exceptions than, %"), &shown.hold_above.percent()))
                (form.text("null_words", t!("A cell is empty where it says, with commas between"), &shown.null_words.join(", ")))
            }
            (form.saving(page))
        }
        details class="as-text" open[as_text.is_some()] {
            summary { (t!("Everything else: the contract as text")) }
            p class="quiet" {
                (t!("A file of the Open Data Contract Standard, with lists, patterns and rules over several columns."))
            }
            form class="edit" method="post" action={ (action(&page.name)) "/text" } {
                (hidden(page, place, as_text))
                p class="field" {
                    label for="text" { (t!("The contract as YAML")) }
                    textarea id="text" name="text" rows="24" spellcheck="false" aria-describedby=[refused.filter(|_| as_text.is_some()).map(|_| Refused::ID)] { (said("text").unwrap_or(&page.text)) }
                }
                (note("text", said("note").map_or("", String::as_str)))
                p { button type="submit" class="button" { (t!("Save the text as a draft")) } }
            }
        }
        p { a href=(own) { (t!("Back without saving")) } }
        @if page.in_force != Some(page.number) && page.in_force.is_some() {
            p class="quiet" {
                (state("warning", Icon::Warning, t!("This is not the version in force.")))
                " " (t!("What the others changed since is not in it."))
            }
        }
    }
}

/// What was in force when the form was opened stays what it is based on, also where it comes back.
fn hidden(page: &ContractPage, place: &Place, sent: Option<&BTreeMap<String, String>>) -> Markup {
    let based_on = match sent {
        Some(sent) => sent.get("based_on").map(String::as_str),
        None => in_force(page),
    };
    html! {
        input type="hidden" name="workspace" value=(place.workspace);
        input type="hidden" name="number" value=(page.number);
        @if let Some(it) = based_on { input type="hidden" name="based_on" value=(it); }
    }
}

/// The fingerprint of what is in force.
fn in_force(page: &ContractPage) -> Option<&str> {
    let number = page.in_force?;
    let version = page.versions.iter().find(|it| it.number == number);
    let contract = version.map(|it| &it.contract).or(page.started.as_ref());
    contract.map(|it| it.fingerprint.as_str())
}

fn note(id: &str, said: &str) -> Markup {
    html! {
        p class="field" {
            label for={ (id) "-note" } { (t!("What it is for")) }
            input type="text" id={ (id) "-note" } name="note" value=(said) maxlength="2000" autocomplete="off";
        }
    }
}

impl Form<'_> {
    /// What a field says: what was sent, or else what the contract says.
    fn said<'a>(&'a self, name: &str, own: &'a str) -> &'a str {
        let sent = self.sent.and_then(|it| it.get(name));
        sent.map_or(own, String::as_str)
    }

    /// A box that is not ticked is not sent.
    fn ticked(&self, name: &str, own: bool) -> bool {
        self.sent.map_or(own, |it| it.contains_key(name))
    }

    /// What describes a field that is wrong.
    fn about(&self, name: &str) -> Option<&'static str> {
        self.refused.and_then(|it| it.about(name))
    }

    fn saving(&self, page: &ContractPage) -> Markup {
        html! {
            fieldset class="fields" {
                legend { (t!("Save")) }
                (self.text("version", t!("Version that the contract says of itself"), &page.next_version))
                (note("draft", self.said("note", "")))
                p { button type="submit" class="button main" { (t!("Save as a draft")) } }
            }
        }
    }

    fn text(&self, name: &str, label: &str, own: &str) -> Markup {
        let about = self.about(name);
        html! {
            p class="field" {
                label for=(name) { (label) }
                input type="text" id=(name) name=(name) value=(self.said(name, own)) autocomplete="off" spellcheck="false"
                    aria-invalid=[about.map(|_| "true")] aria-describedby=[about];
            }
        }
    }

    fn column(&self, at: usize, it: &ColumnView) -> Markup {
        let cell = |name: &str, what: &str, own: &str| {
            let name = format!("{name}-{at}");
            let about = self.about(&name);
            html! {
                input type="text" name=(name) value=(self.said(&name, own)) aria-label={ (phrase!("{what} of {name}", what = what, name = it.name)) }
                    autocomplete="off" spellcheck="false" aria-invalid=[about.map(|_| "true")] aria-describedby=[about];
            }
        };
        let tick = |name: &str, what: &str, own: bool| {
            let name = format!("{name}-{at}");
            html! { input type="checkbox" name=(name) checked[self.ticked(&name, own)] aria-label={ (it.name) " " (what) }; }
        };
        html! {
            tr {
                th scope="row" { (it.name) span class="quiet name" { (it.holds) } }
                td { (cell("title", t!("Title"), &it.title)) }
                td class="tick" { (tick("required", t!("has to be there"), it.required)) }
                td class="tick" { (tick("filled", t!("in every row"), it.filled)) }
                @if it.is_number {
                    td class="bound" {
                        // A bound that is not itself allowed; another one that is typed is.
                        @if it.exclusive { span class="quiet" { (t!("above")) } " " }
                        (cell("minimum", t!("Least"), it.minimum.as_deref().unwrap_or_default()))
                    }
                    td class="bound" { (cell("maximum", t!("Most"), it.maximum.as_deref().unwrap_or_default())) }
                } @else {
                    td class="quiet" { "–" }
                    td class="quiet" { "–" }
                }
                td { (cell("aliases", t!("Other names"), &it.aliases.join(", "))) }
            }
        }
    }

    fn rule(&self, it: &RuleView) -> Markup {
        let id = &it.field;
        let own = match it.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
        };
        let said = self.said(id, own);
        html! {
            li {
                select id=(id) name=(id) {
                    option value="error" selected[said == "error"] { (t!("error")) }
                    option value="warning" selected[said == "warning"] { (t!("warning")) }
                }
                label for=(id) {
                    span class="code" { (it.code) } " " (it.summary)
                    @if !it.about.is_empty() { " " span class="quiet" { (it.about) } }
                }
            }
        }
    }
}

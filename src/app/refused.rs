//! A form that was refused: the page that held it comes back, with what is wrong at its top and what was typed in its
//! fields. On the server only: such a page answers a form and has no address of its own, so that no program takes it
//! over.

use crate::{icons::Icon, parts::words::quoted};
use leptos::prelude::use_context;
use maud::{Markup, html};
use model::t;
use std::collections::BTreeMap;

/// Where a form stands that was refused, and what was sent.
#[derive(Debug, Clone, Default)]
pub struct Back {
    /// The address of its page.
    pub href: String,
    /// Which one of the page's forms it is.
    pub form: String,
    /// What was typed, by the names of the fields.
    pub fields: BTreeMap<String, String>,
    /// What was typed and is not to stand in a field again, by what the page calls it.
    pub typed: Vec<(String, String)>,
}

/// What is wrong in one place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// The field's name, where it is one.
    pub field: Option<String>,
    /// Where it is, in words: `Most of revenue`, `Line 2, column 1`.
    pub place: String,
    pub text: String,
}

/// What a page is told that comes back; put into the context by the server.
#[derive(Debug, Clone)]
pub struct Refused {
    pub title: String,
    pub detail: String,
    /// What the detail says, place by place.
    pub faults: Vec<Fault>,
    pub back: Back,
}

/// The form of the page that is made, where it comes back because of one.
pub(crate) fn refused() -> Option<Refused> {
    use_context()
}

impl Refused {
    /// Names what is wrong, for the fields that are.
    pub(crate) const ID: &'static str = "refused";

    /// What was typed into a form of this name.
    pub(crate) fn of(&self, form: &str) -> Option<&BTreeMap<String, String>> {
        (self.back.form == form).then_some(&self.back.fields)
    }

    /// What describes a field, where that is what is wrong.
    pub(crate) fn about(&self, field: &str) -> Option<&'static str> {
        let mut fields = self.faults.iter().filter_map(|it| it.field.as_deref());
        fields.any(|it| it == field).then_some(Self::ID)
    }

    pub(crate) fn notice(&self) -> Markup {
        html! {
            section class="notice problem" id=(Self::ID) role="alert" tabindex="-1" autofocus {
                h2 { (Icon::Error) " " (self.title) }
                @if self.faults.is_empty() {
                    p { (quoted(&self.detail)) }
                } @else {
                    ul class="faults" {
                        @for it in &self.faults { li { strong { (it.place) ":" } " " (quoted(&it.text)) } }
                    }
                    p {
                        (t!("Nothing was kept.")) " "
                        @if !self.back.fields.is_empty() { (t!("What you wrote still stands in the form: correct it there.")) }
                    }
                }
                @if !self.back.typed.is_empty() {
                    p { (t!("What you wrote was not kept. It stands here, to be copied:")) }
                    dl { @for (name, text) in &self.back.typed { dt { (name) } dd { (text) } } }
                }
            }
        }
    }
}

//! What is told of a file besides its findings.

use crate::{icons::Icon, parts::words::quoted};
use maud::{Markup, html};
#[cfg(not(target_arch = "wasm32"))]
use model::t;
use model::verdict::Note;
#[cfg(not(target_arch = "wasm32"))]
use model::verdict::Verdict;

/// Nothing where there is nothing to tell. `check` is where the file can be read otherwise, if it can.
#[cfg(not(target_arch = "wasm32"))]
pub(crate) fn notes(verdict: &Verdict, check: Option<&str>) -> Markup {
    let proposals = check.map_or(&[][..], |_| verdict.proposals.as_slice());
    html! {
        @if !verdict.notes.is_empty() || !proposals.is_empty() {
            section class="advice" aria-labelledby="advice" {
                h2 id="advice" { (t!("About this file")) }
                (list(&verdict.notes))
                @for proposal in proposals {
                    p class="proposal" {
                        a class="button" href=[check] { (Icon::Sliders) (t!("Open in Check")) }
                        " " (quoted(&proposal.text))
                    }
                }
            }
        }
    }
}

pub(crate) fn list(notes: &[Note]) -> Markup {
    html! {
        @if !notes.is_empty() {
            ul class="about-file" {
                @for note in notes { li { (Icon::NotRun) span { (quoted(&note.text)) } } }
            }
        }
    }
}

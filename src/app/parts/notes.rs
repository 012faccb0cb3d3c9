//! What is told of a file besides its findings.

use crate::{icons::Icon, parts::words::quoted};
use maud::{Markup, html};
#[cfg(not(target_arch = "wasm32"))]
use model::t;
use model::verdict::Note;

/// Nothing where there is nothing to tell.
#[cfg(not(target_arch = "wasm32"))]
pub(crate) fn notes(notes: &[Note]) -> Markup {
    html! {
        @if !notes.is_empty() {
            section class="advice" aria-labelledby="advice" {
                h2 id="advice" { (t!("About this file")) }
                (list(notes))
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

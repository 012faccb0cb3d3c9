//! Every control in words, by dimension. On the server only: the browser gets it rendered.

use crate::{
    markdown,
    parts::words::{severity_class, severity_icon, state},
};
use maud::{Markup, PreEscaped, html};
use model::control::{ControlPage, Dimension, Scope, Severity};
use model::t;

pub(crate) fn catalogue(list: &[ControlPage]) -> Markup {
    html! {
        @for group in list.chunk_by(|one, other| one.dimension == other.dimension) {
            @if let Some(first) = group.first() {
                section class="dimension" {
                    h2 { (title(first.dimension)) }
                    @for page in group { (control(page)) }
                }
            }
        }
    }
}

fn control(page: &ControlPage) -> Markup {
    let severity = match page.severity {
        Severity::Error => t!("error"),
        Severity::Warning => t!("warning"),
    };
    let scope = match page.scope {
        Scope::File => t!("in the browser and on the server"),
        Scope::Server => t!("on the server alone, with the ledger"),
    };
    html! {
        details class="control" id=(page.code) {
            summary {
                h3 { span class="code" { (page.code) } " " (page.summary) }
                p class="quiet" {
                    (state(severity_class(page.severity), severity_icon(page.severity), severity))
                    @if let Some(category) = page.category { " · " (category.title()) }
                    " · " (scope) " · " (page.name)
                }
            }
            div class="doc" { (PreEscaped(markdown::html(&page.doc))) }
        }
    }
}

/// A dimension in the words of a page.
pub(crate) const fn title(dimension: Dimension) -> &'static str {
    match dimension {
        Dimension::Schema => t!("Schema"),
        Dimension::Completeness => t!("Completeness"),
        Dimension::Validity => t!("Validity"),
        Dimension::Reference => t!("Reference"),
        Dimension::Uniqueness => t!("Uniqueness"),
        Dimension::Timeliness => t!("Timeliness"),
        Dimension::Consistency => t!("Consistency"),
        Dimension::Volume => t!("Volume"),
        Dimension::Distribution => t!("Distribution"),
    }
}

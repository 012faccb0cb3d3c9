//! The contract's goals, each stated as met or not.

use crate::{format, icons::Icon, parts::words::state};
use maud::{Markup, html};
use model::t;
use model::verdict::{Threshold, Verdict};

pub(crate) fn goals(verdict: &Verdict) -> Markup {
    html! {
        dl class="goals" {
            @for threshold in &verdict.thresholds { (goal(threshold)) }
        }
    }
}

/// `goal above 95 %`
pub(crate) fn asked(threshold: &Threshold) -> String {
    let bound = format::goal(threshold.bound);
    match threshold.relation.as_str() {
        "<" => t!("goal below {bound}", bound = bound),
        _ => t!("goal above {bound}", bound = bound),
    }
}

fn goal(threshold: &Threshold) -> Markup {
    let name = match threshold.name.as_str() {
        "quality_score" => t!("Quality score"),
        "exception_rate" => t!("Exception rate"),
        other => other,
    };
    let value = threshold
        .value
        .map_or_else(|| t!("no figure").to_owned(), format::percent);
    html! {
        div class="goal" {
            dt { (name) }
            dd {
                strong class="key" { (value) }
                " " span class="quiet" { (asked(threshold)) } " "
                @if threshold.met {
                    (state("accepted", Icon::Met, t!("met")))
                } @else {
                    (state("exception", Icon::Error, t!("not met")))
                }
            }
        }
    }
}

//! The contract's goals, each stated as met or not.

use crate::parts::phrase::phrase;
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

fn goal(threshold: &Threshold) -> Markup {
    let name = match threshold.name.as_str() {
        "quality_score" => t!("Quality score"),
        "exception_rate" => t!("Exception rate"),
        other => other,
    };
    let relation = match threshold.relation.as_str() {
        "<" => t!("below"),
        _ => t!("above"),
    };
    let value = threshold
        .value
        .map_or_else(|| t!("no figure").to_owned(), format::percent);
    html! {
        div class="goal" {
            dt { (name) }
            dd {
                strong class="key" { (value) }
                " " span class="quiet" { (phrase!("goal {relation} {bound}", relation = relation, bound = format::goal(threshold.bound))) } " "
                @if threshold.met {
                    (state("accepted", Icon::Met, t!("met")))
                } @else {
                    (state("exception", Icon::Error, t!("not met")))
                }
            }
        }
    }
}

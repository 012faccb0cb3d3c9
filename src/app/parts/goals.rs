//! The contract's goals, each stated as met or not.

use crate::{format, icons::Icon, parts::words::state};
use leptos::prelude::*;
use model::verdict::{Threshold, Verdict};

pub(crate) fn goals(verdict: &Verdict) -> AnyView {
    view! {
        <dl class="goals">
            {verdict.thresholds.iter().map(goal).collect_view()}
        </dl>
    }
    .into_any()
}

fn goal(threshold: &Threshold) -> AnyView {
    let name = match threshold.name.as_str() {
        "quality_score" => "Quality score",
        "exception_rate" => "Exception rate",
        other => other,
    }
    .to_owned();
    let relation = if threshold.relation == "<" {
        "below"
    } else {
        "above"
    };
    let value = threshold
        .value
        .map_or_else(|| "no figure".to_owned(), format::percent);
    view! {
        <div class="goal">
            <dt>{name}</dt>
            <dd>
                <strong class="key">{value}</strong>
                <span class="quiet">
                    "goal " {relation} " " {format::goal(threshold.bound)}
                </span>
                {if threshold.met {
                    state("accepted", Icon::Met, "met")
                } else {
                    state("exception", Icon::Error, "not met")
                }}
            </dd>
        </div>
    }
    .into_any()
}

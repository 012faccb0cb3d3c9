//! Two runs side by side, on the page of quality.

use super::changes::changes;
use crate::{
    filters::Filters,
    format,
    icons::Icon,
    parts::{phrase::phrase, words::state},
};
use maud::{Markup, html};
use model::{control::ControlResult, quality::QualityReport, ratio::Ratio, run::Run, t};
use std::collections::BTreeMap;

/// Two runs side by side, chosen in the address.
pub(super) fn compare(
    report: &QualityReport,
    compared: Option<&(Run, Run)>,
    page: &str,
    filters: &Filters,
) -> Markup {
    let chosen = |at: usize| {
        let named = compared.map(|(a, b)| {
            if at == 0 {
                &a.summary.id
            } else {
                &b.summary.id
            }
        });
        named.or_else(|| report.runs.get(1 - at).map(|it| &it.id))
    };
    let select = |name: &str, title: &str, at: usize| {
        let chosen = chosen(at);
        let unlisted = compared.map(|(a, b)| if at == 0 { a } else { b });
        let unlisted = unlisted.filter(|it| !report.runs.iter().any(|run| run.id == it.summary.id));
        html! {
            label {
                span { (title) }
                select name=(name) {
                    @for it in &report.runs {
                        option value=(it.id) selected[chosen == Some(&it.id)] {
                            (it.file_name) ", " (format::stamp(&it.created_at).text)
                        }
                    }
                    @if let Some(it) = unlisted {
                        option value=(it.summary.id) selected { (it.summary.file_name) }
                    }
                }
            }
        }
    };
    html! {
        section id="compare" aria-labelledby="compare-title" {
            h2 id="compare-title" { (t!("Two files side by side")) }
            form class="fields work-filter" method="get" action={ (page) "#compare" } {
                @for (key, value) in filters.pairs() { input type="hidden" name=(key) value=(value); }
                (select("a", t!("This file"), 0))
                (select("b", t!("and this one"), 1))
                button type="submit" class="button" { (t!("Compare")) }
            }
            @if let Some((a, b)) = compared { (side_by_side(a, b)) }
        }
    }
}

fn side_by_side(a: &Run, b: &Run) -> Markup {
    let (Some(old), Some(new)) = (&a.verdict, &b.verdict) else {
        return html! { p class="notice" { (t!("One of them was not judged.")) } };
    };
    let mut codes: BTreeMap<&str, [Option<&ControlResult>; 2]> = BTreeMap::new();
    for (at, verdict) in [old, new].into_iter().enumerate() {
        for control in verdict.controls.iter().filter(|it| it.evaluated > 0) {
            if let Some(place) = codes.entry(&control.code).or_default().get_mut(at) {
                *place = Some(control);
            }
        }
    }
    let share = |it: Option<Ratio>| it.map_or_else(|| "–".to_owned(), format::percent);
    let rows = |it: &Run| format::count(it.summary.rows_read.unwrap_or(0));
    html! {
        @for it in changes(a, b) { p { (it) } }
        div class="wide" tabindex="0" role="region" aria-label=(t!("Controls of both files")) {
            table class="figures compare" {
                thead {
                    tr {
                        th scope="col" { (t!("Control")) }
                        th scope="col" class="number" { (a.summary.file_name) }
                        th scope="col" class="number" { (b.summary.file_name) }
                        th scope="col" class="number" { (t!("Difference")) }
                    }
                }
                tbody {
                    (pair(t!("Rows read"), &rows(a), &rows(b)))
                    (pair(t!("Quality score"), &share(old.quality_score), &share(new.quality_score)))
                    (pair(t!("Exception rate"), &share(old.exception_rate), &share(new.exception_rate)))
                    @for (code, both) in &codes {
                        @let [before, now] = both;
                        @let failed = |it: &Option<&ControlResult>| it.map_or(0, |it| it.failed);
                        @if failed(before) + failed(now) > 0 {
                            (line(code, *before, *now))
                        }
                    }
                }
            }
        }
    }
}

fn pair(title: &str, a: &str, b: &str) -> Markup {
    html! {
        tr {
            th scope="row" { (title) }
            td class="number" { (a) }
            td class="number" { (b) }
            td {}
        }
    }
}

fn line(code: &str, before: Option<&ControlResult>, now: Option<&ControlResult>) -> Markup {
    let summary = now.or(before).map_or("", |it| it.summary.as_str());
    let cell = |it: Option<&ControlResult>| {
        html! {
            td class="number" {
                @match it {
                    Some(it) => {
                        (format::count(it.failed))
                        span class="below" { (phrase!("of {evaluated}", evaluated = format::count(it.evaluated))) }
                    },
                    None => span class="quiet" { (t!("not run")) },
                }
            }
        }
    };
    let difference = before.zip(now).map(|(before, now)| {
        let failed = |it: &ControlResult| i64::try_from(it.failed).unwrap_or(i64::MAX);
        failed(now).saturating_sub(failed(before))
    });
    html! {
        tr {
            th scope="row" { (code) " " span class="quiet" { (summary) } }
            (cell(before))
            (cell(now))
            td class="number" {
                @match difference {
                    Some(0) => (t!("as before")),
                    Some(more @ 1..) => (state("exception", Icon::Error, &format!("+{}", format::signed(more)))),
                    Some(fewer) => (state("accepted", Icon::Met, &format::signed(fewer))),
                    None => "",
                }
            }
        }
    }
}

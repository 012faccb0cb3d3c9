//! Two runs side by side, on the page of quality.

use super::{
    changes::{changes, exceptions},
    controls::Told,
};
use crate::{
    format,
    icons::Icon,
    parts::{phrase::phrase, problems::found, words::state},
    place::Place,
};
use maud::{Markup, html};
use model::{control::ControlResult, ratio::Ratio, run::Run, t, verdict::Verdict};
use std::collections::BTreeMap;

/// Two runs side by side, chosen in the address.
pub(super) fn compare(told: &Told<'_>, compared: Option<&(Run, Run)>, page: &str) -> Markup {
    let (report, filters) = (told.report, told.filters);
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
            @if let Some((a, b)) = compared { (side_by_side(a, b, told.place)) }
        }
    }
}

fn side_by_side(a: &Run, b: &Run, place: &Place) -> Markup {
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
    let pages = [a, b].map(|it| place.run(&it.summary.id));
    let [old_page, new_page] = &pages;
    let rows = [(a, old_page), (b, new_page)].map(|(it, page)| {
        html! { a href=(page) { (format::count(it.summary.rows_read.unwrap_or(0))) } }
    });
    let verdicts = [(old, old_page), (new, new_page)];
    let of = |it: Option<Ratio>, shown: &dyn Fn(Ratio) -> Markup| match it {
        Some(it) => shown(it),
        None => html! { "–" },
    };
    let scores = verdicts.map(|(it, page)| {
        of(it.quality_score, &|score| {
            html! { a href={ (page) "#all-controls" } { (format::percent(score)) } }
        })
    });
    let rates = verdicts.map(|(it, page)| of(it.exception_rate, &|rate| exceptions(rate, page)));
    html! {
        @for it in changes(a, b, place) { p { (it) } }
        div class="wide" tabindex="0" role="region" aria-label=(t!("Controls of both files")) {
            table class="figures compare" {
                thead {
                    tr {
                        th scope="col" { (t!("Control")) }
                        @for (it, page) in [a, b].into_iter().zip(&pages) {
                            th scope="col" class="number" { a href=(page) { (it.summary.file_name) } }
                        }
                        th scope="col" class="number" { (t!("Difference")) }
                    }
                }
                tbody {
                    (pair(t!("Rows read"), &rows))
                    (pair(t!("Quality score"), &scores))
                    (pair(t!("Exception rate"), &rates))
                    @for (code, both) in &codes {
                        @let [before, now] = both;
                        @let failed = |it: &Option<&ControlResult>| it.map_or(0, |it| it.failed);
                        @if failed(before) + failed(now) > 0 {
                            (line(code, [*before, *now], &verdicts))
                        }
                    }
                }
            }
        }
    }
}

fn pair(title: &str, both: &[Markup; 2]) -> Markup {
    html! {
        tr {
            th scope="row" { (title) }
            @for it in both { td class="number" { (it) } }
            td {}
        }
    }
}

/// `verdicts` are those of the runs, each with the page that shows its rows.
fn line(
    code: &str,
    [before, now]: [Option<&ControlResult>; 2],
    verdicts: &[(&Verdict, &String); 2],
) -> Markup {
    let summary = now.or(before).map_or("", |it| it.summary.as_str());
    let difference = before.zip(now).map(|(before, now)| {
        let failed = |it: &ControlResult| i64::try_from(it.failed).unwrap_or(i64::MAX);
        failed(now).saturating_sub(failed(before))
    });
    html! {
        tr {
            th scope="row" { (code) " " span class="quiet" { (summary) } }
            @for (it, (verdict, page)) in [before, now].into_iter().zip(verdicts) {
                td class="number" {
                    @match it {
                        Some(it) => {
                            (found(verdict, it, page, &format::count(it.failed)))
                            span class="below" { (phrase!("of {evaluated}", evaluated = format::count(it.evaluated))) }
                        },
                        None => span class="quiet" { (t!("not run")) },
                    }
                }
            }
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

//! The page of quality, rendered: scores and rates over runs against their goals, controls and what they bring about,
//! columns, and (`compare`) two runs side by side.

use super::{
    changes::{changes, points},
    compare::compare,
};
use crate::parts::phrase::phrase;
use crate::{
    backend::{Backend, BackendError},
    calendar::{Against, Span},
    clock::time,
    controls::catalogue::title,
    exceptions::address::WorkAddress,
    filters::{Filters, joined, query},
    format,
    icons::Icon,
    parts::{
        chart,
        filter_bar::{self, span as days},
        goals::asked,
        words::{run_state, severity_class, state},
    },
    place::{Page, Place},
};
use charts::{Amount, Limit, Point, line as line_chart};
use maud::{Markup, html};
use model::t;
use model::{
    control::{ControlPage, Severity},
    id::RunId,
    money::Numbers,
    quality::{
        ControlEffect, ControlQuality, NewUnknowns, QualityReport, RunQuality, UnknownValue,
    },
    ratio::Ratio,
    sales::Choices,
    verdict::Threshold,
};
use std::{cmp::Reverse, collections::BTreeMap};

/// Runs that the page rests on.
const RUNS: u32 = 60;

pub(crate) async fn page(
    backend: &dyn Backend,
    place: &Place,
    search: &str,
) -> Result<Markup, BackendError> {
    let query = query(search);
    let all = Filters::parse(search);
    let filters = Filters {
        period: all.period,
        region: all.region,
        ..Filters::default()
    };
    let region = filters.region.as_deref();
    let calendar = backend.calendar();
    let (from, to) = calendar.days(filters.period);
    let (from, to) = (from.map(|it| it.to_string()), to.map(|it| it.to_string()));
    let run = |key: &str| query.get(key).and_then(|it| RunId::try_from(it).ok());
    let before = run("before");
    let workspace = &place.workspace;
    let days = (from.as_deref(), to.as_deref());
    let report = backend
        .quality(workspace, days, before.as_ref(), RUNS, region)
        .await?;
    // Figures of some of the files only are compared with nothing.
    let compared = calendar.compared(filters.period, Against::Before);
    let compared = compared.filter(|_| report.next.is_none() && before.is_none());
    let earlier = match compared {
        Some(span) => {
            let (from, to) = (span.from.to_string(), span.to.to_string());
            let earlier = backend.quality(workspace, (Some(&from), Some(&to)), None, RUNS, region);
            Some((span, earlier.await?)).filter(|(_, it)| it.next.is_none())
        }
        None => None,
    };
    let page = place.href(Page::Quality);
    if report.runs.is_empty() && !filters.any() && before.is_none() {
        return Ok(empty(place));
    }
    let catalogue = backend.catalogue().await?;
    let choices = backend.choices(workspace).await?;
    let newest = match report.runs.first() {
        Some(it) => Some(backend.run(workspace, &it.id).await?),
        None => None,
    };
    let goals: &[Threshold] = newest
        .as_ref()
        .and_then(|it| it.verdict.as_ref())
        .map_or(&[], |it| &it.thresholds);
    let since = match region {
        Some(_) => html! {},
        None => {
            let chosen = query.get("contract");
            since(backend, place, days, chosen.as_deref(), &filters).await?
        }
    };
    let two = match (run("a"), run("b")) {
        (Some(a), Some(b)) => Some((
            backend.run(workspace, &a).await?,
            backend.run(workspace, &b).await?,
        )),
        _ => None,
    };
    Ok(html! {
        (which(&filters, &choices, &page))
        @if report.runs.is_empty() {
            section class="notice empty" {
                p {
                    @match region {
                        Some(region) => { (phrase!("No file that was loaded has rows of {region} here.", region = region)) }
                        None => (t!("No file came in these days.")),
                    }
                }
                p { a class="button" href=(page) { (t!("Show all")) } }
            }
        } @else {
            @if let Some(region) = region {
                p class="quiet shown-days" {
                    (phrase!("Rows that say {region}, of files that were loaded. A score is known of whole files alone.", region = region))
                }
            }
            (since)
            (figures(&report, goals, earlier.as_ref(), &filters))
            (over_time(&report, goals, place, format::numbers(), &filters))
            (runs(&report, goals, place, &page, &filters))
            @if region.is_some() {
                (found_in(&report, &catalogue, &filters, place))
            } @else {
                (controls(&report, &catalogue, place))
                div class="columns" {
                    (dimensions(&report))
                    (columns(&report))
                }
                (compare(&report, two.as_ref(), &page, &filters))
            }
        }
    })
}

fn empty(place: &Place) -> Markup {
    html! {
        section class="notice empty" {
            p { (t!("No file has been judged yet. Submit one; how well it passes is shown here, and compared with the next.")) }
            p { a class="button main" href=(place.href(Page::Check)) { (t!("Check a file")) } }
        }
    }
}

fn which(filters: &Filters, choices: &Choices, page: &str) -> Markup {
    html! {
        form class="filters" method="get" action=(page) data-filters aria-label=(t!("Which files")) {
            (filter_bar::period(t!("Came"), filters))
            (filter_bar::select("region", t!("Region"), t!("All regions"), &choices.regions, filters.region.as_deref()))
            button type="submit" class="button" { (t!("Apply")) }
            @if filters.any() { a class="clear" href=(page) { (t!("Clear")) } }
        }
    }
}

/// What the newest file of a contract changed: of the contract that the address names, or of the newest file's.
async fn since(
    backend: &dyn Backend,
    place: &Place,
    days: (Option<&str>, Option<&str>),
    chosen: Option<&str>,
    filters: &Filters,
) -> Result<Markup, BackendError> {
    let workspace = &place.workspace;
    let pairs = backend.contract_pairs(workspace, days).await?;
    let named = pairs.iter().find(|it| chosen == Some(it.contract.as_str()));
    let Some(pair) = named.or(pairs.first()) else {
        return Ok(html! {});
    };
    let now = backend.run(workspace, &pair.now).await?;
    let before = backend.run(workspace, &pair.before).await?;
    let sentences = changes(&before, &now);
    let unknown = backend
        .new_unknowns(workspace, &pair.before, &pair.now)
        .await?;
    let page = place.href(Page::Quality);
    let to = |contract: &str| {
        let mut pairs = filters.pairs();
        pairs.push(("contract", contract.to_owned()));
        joined(&page, &pairs)
    };
    Ok(html! {
        section aria-labelledby="since" {
            h2 id="since" { (t!("What changed since last time")) }
            @if pairs.len() > 1 {
                nav class="choices" aria-label=(t!("Of which contract")) {
                    ul class="switch" {
                        @for it in &pairs {
                            li {
                                a href=(to(&it.contract)) data-noscroll
                                    aria-current=[(it.contract == pair.contract).then_some("true")] { (it.contract) }
                            }
                        }
                    }
                }
            }
            @for (at, it) in sentences.iter().enumerate() {
                p class=[(at == 0).then_some("sentence")] { (it) }
            }
            (unknowns(&unknown, &pair.now, place))
        }
    })
}

/// New values of one file that are shown before the others are folded away.
const SHOWN: usize = 12;

/// Values that no list knows and that the file before did not have, each with its rows.
fn unknowns(new: &NewUnknowns, run: &RunId, place: &Place) -> Markup {
    let (shown, folded) = new.values.split_at(new.values.len().min(SHOWN));
    let line = |it: &UnknownValue| {
        // Only some columns narrow the ledger.
        let column = match it.column.as_str() {
            "region" => Some("region"),
            "category" => Some("category"),
            "product" => Some("product"),
            _ => None,
        };
        let mut pairs = vec![("run", run.to_string())];
        pairs.extend(column.map(|column| (column, it.value.clone())));
        let rows = joined(&place.rows(), &pairs);
        let work = WorkAddress {
            text: Some(it.value.clone()),
            ..WorkAddress::of_run(run.clone())
        };
        html! {
            li {
                (phrase!("{value} in {column}:", value = html! { code { (it.value) } }, column = it.column)) " "
                @if it.exceptions > 0 {
                    a href=(work.href(&place.href(Page::Exceptions))) {
                        (format::counted(it.exceptions, t!("exception"), t!("exceptions")))
                    }
                }
                @if it.exceptions > 0 && it.accepted > 0 { ", " }
                @if it.accepted > 0 { a href=(rows) { (phrase!("{accepted} in the ledger", accepted = format::rows(it.accepted))) } }
            }
        }
    };
    html! {
        @if !new.values.is_empty() {
            p { (t!("Values that no list knows, and that the file before did not have:")) }
            ul class="unknown-values" { @for it in shown { (line(it)) } }
            @if !folded.is_empty() {
                details {
                    summary { (phrase!("and {folded} more", folded = format::count(u64::try_from(folded.len()).unwrap_or(u64::MAX)))) }
                    ul class="unknown-values" { @for it in folded { (line(it)) } }
                }
            }
        }
        @if new.is_part {
            p class="quiet" { (t!("Only the first 20,000 rows of a file that say such values were looked at.")) }
        }
    }
}

/// Whether a value meets the goal of this name, and how the goal reads.
fn goal<'g>(
    goals: &'g [Threshold],
    name: &str,
    value: Option<Ratio>,
) -> Option<(&'g Threshold, bool)> {
    let goal = goals.iter().find(|it| it.name == name)?;
    let met = value.is_some_and(|value| match goal.relation.as_str() {
        ">" => value > goal.bound,
        _ => value < goal.bound,
    });
    Some((goal, met))
}

fn met(is: bool) -> Markup {
    if is {
        state("accepted", Icon::Met, t!("met"))
    } else {
        state("exception", Icon::Error, t!("not met"))
    }
}

/// `earlier` is what they were in the period before.
fn figures(
    report: &QualityReport,
    goals: &[Threshold],
    earlier: Option<&(Span, QualityReport)>,
    filters: &Filters,
) -> Markup {
    let figure = |title: &str,
                  name: &str,
                  value: Option<Ratio>,
                  then: fn(&QualityReport) -> Option<Ratio>| {
        let then = earlier.and_then(|(_, it)| then(it));
        html! {
            div class="goal" {
                dt { (title) }
                dd {
                    strong class="key" { (value.map_or_else(|| "–".to_owned(), format::percent)) }
                    @if let Some((goal, is_met)) = goal(goals, name, value) {
                        " " span class="quiet" { (asked(goal)) } " "
                        (met(is_met))
                    }
                    @if let Some((now, then)) = value.zip(then) {
                        span class="below" { (phrase!("{now}: {then} before", now = points(then, now), then = format::percent(then))) }
                    }
                }
            }
        }
    };
    let many = report.runs.len() as u64;
    html! {
        dl class="goals" {
            @if filters.region.is_none() {
                (figure(t!("Quality score"), "quality_score", report.quality_score, |it| it.quality_score))
            }
            (figure(t!("Exception rate"), "exception_rate", report.exception_rate, |it| it.exception_rate))
            div class="goal" {
                dt { (t!("Rests on")) }
                dd {
                    strong class="key" { (format::counted(many, t!("file"), t!("files"))) }
                    " " span class="quiet" {
                        (phrase!("{rows_read}, {exceptions} exceptions", rows_read = format::rows(report.rows_read), exceptions = format::count(report.exceptions)))
                    }
                    @if let Some((span, it)) = earlier {
                        span class="below" {
                            (phrase!("{runs}, {rows_read}, {exceptions} exceptions in {to}", runs = format::counted(it.runs.len() as u64, t!("file"), t!("files")), rows_read = format::rows(it.rows_read), exceptions = format::count(it.exceptions), to = days(&span.from.to_string(), &span.to.to_string())))
                        }
                    }
                }
            }
        }
    }
}

/// Score and rate, file by file, against their goals.
fn over_time(
    report: &QualityReport,
    goals: &[Threshold],
    place: &Place,
    numbers: Numbers,
    filters: &Filters,
) -> Markup {
    let figure = |title: &str, name: &str, of: fn(&RunQuality) -> Option<Ratio>| {
        let many = report.runs.len();
        // So few words that they do not meet.
        let every = many.div_ceil(6).max(1);
        let points: Vec<Point> = report
            .runs
            .iter()
            .rev()
            .enumerate()
            .map(|(at, it)| {
                let day = format::day(it.created_at.get(..10).unwrap_or_default());
                let value = of(it);
                Point {
                    name: format!("{}, {day}", it.file_name),
                    text: value.map_or_else(|| t!("no figure").to_owned(), format::percent),
                    amount: value.map(Amount::Share),
                    part: false,
                    average: None,
                    tick: (at % every == 0).then_some(day),
                    href: Some(place.run(&it.id)),
                }
            })
            .collect();
        let limit = goals.iter().find(|it| it.name == name);
        let limit = limit.map(|it| Limit {
            amount: Amount::Share(it.bound),
            text: asked(it),
        });
        let lines: Vec<_> = points
            .iter()
            .rev()
            .map(|it| vec![it.name.clone(), it.text.clone()])
            .collect();
        chart::figure(
            title,
            line_chart(title, &points, limit.as_ref(), numbers),
            &[t!("File"), t!("Value")],
            &lines,
        )
    };
    html! {
        @if report.runs.len() > 1 {
            section aria-labelledby="charts" {
                h2 id="charts" { (t!("Over time")) }
                div class="charts" {
                    (figure(t!("Exception rate of each file"), "exception_rate", |it| it.exception_rate))
                    @if filters.region.is_none() {
                        (figure(t!("Quality score of each file"), "quality_score", |it| it.quality_score))
                    }
                }
            }
        }
    }
}

fn runs(
    report: &QualityReport,
    goals: &[Threshold],
    place: &Place,
    page: &str,
    filters: &Filters,
) -> Markup {
    let worst = report.runs.iter().filter_map(|it| it.exception_rate).max();
    let worst = worst.map_or(0, Ratio::millionths);
    let whole = filters.region.is_none();
    html! {
        section aria-labelledby="runs" {
            h2 id="runs" { (t!("Files")) }
            div class="wide" tabindex="0" role="region" aria-label=(t!("Files over time")) {
                table class="quality-runs" {
                    thead {
                        tr {
                            th scope="col" { (t!("File")) }
                            th scope="col" { (t!("Came")) }
                            th scope="col" { (t!("State")) }
                            @if whole {
                                th scope="col" class="number" { (t!("Score")) }
                                th scope="col" { (t!("Goal")) }
                            } @else {
                                th scope="col" class="number" { (t!("Rows")) }
                            }
                            th scope="col" class="number" { (t!("Exceptions")) }
                            th scope="col" class="number" { (t!("Rate")) }
                            th scope="col" { (t!("Goal")) }
                            th scope="col" { span class="hidden" { (t!("Rate, as a bar")) } }
                        }
                    }
                    tbody { @for it in &report.runs { (run(it, goals, worst, place, filters)) } }
                }
            }
            @if let Some(next) = &report.next {
                nav class="paging" aria-label=(t!("Older files")) {
                    a class="button" href=(older(filters, page, next)) { (Icon::Next) (t!("Older")) }
                }
            }
        }
    }
}

fn older(filters: &Filters, page: &str, next: &RunId) -> String {
    let here = filters.href(page);
    let sign = if here.contains('?') { '&' } else { '?' };
    format!("{here}{sign}before={next}")
}

fn run(
    it: &RunQuality,
    goals: &[Threshold],
    worst: u32,
    place: &Place,
    filters: &Filters,
) -> Markup {
    let work = WorkAddress {
        region: filters.region.clone(),
        ..WorkAddress::of_run(it.id.clone())
    };
    let work = work.href(&place.href(Page::Exceptions));
    let share = |it: Option<Ratio>| it.map_or_else(|| "–".to_owned(), format::percent);
    let is_met = |name: &str, value: Option<Ratio>| goal(goals, name, value).map(|it| met(it.1));
    let rate = it.exception_rate.map_or(0, Ratio::millionths);
    html! {
        tr {
            th scope="row" { a href=(place.run(&it.id)) { (it.file_name) } }
            td class="when" { (time(&it.created_at)) }
            td { (run_state(it.status)) }
            @if filters.region.is_none() {
                td class="number" { (share(it.quality_score)) }
                td { @if let Some(it) = is_met("quality_score", it.quality_score) { (it) } }
            } @else {
                td class="number" { (format::count(it.rows_read)) }
            }
            td class="number" {
                @if it.exceptions > 0 { a href=(work) { (format::count(it.exceptions)) } } @else { "0" }
            }
            td class="number" { (share(it.exception_rate)) }
            td { @if let Some(it) = is_met("exception_rate", it.exception_rate) { (it) } }
            td class="bar" { (bar(u64::from(rate), u64::from(worst), "exception")) }
        }
    }
}

fn bar(part: u64, most: u64, class: &str) -> Markup {
    html! {
        svg viewBox="0 0 1000 10" preserveAspectRatio="none" aria-hidden="true" {
            rect class="all" width="1000" height="10" {}
            rect class=(class) width=(format::per_mille(part, most)) height="10" {}
        }
    }
}

/// Each control with how often it passes, and what became of the rows that it found.
fn controls(report: &QualityReport, catalogue: &[ControlPage], place: &Place) -> Markup {
    let effects: BTreeMap<&str, &ControlEffect> = report
        .effects
        .iter()
        .map(|it| (it.code.as_str(), it))
        .collect();
    let most = report
        .controls
        .iter()
        .map(|it| it.failed)
        .max()
        .unwrap_or(0);
    let mut failing: Vec<&ControlQuality> =
        report.controls.iter().filter(|it| it.failed > 0).collect();
    failing.sort_by_key(|it| Reverse(it.failed));
    let clean: Vec<&str> = report
        .controls
        .iter()
        .filter(|it| it.failed == 0)
        .map(|it| it.code.as_str())
        .collect();
    html! {
        section aria-labelledby="by-control" {
            h2 id="by-control" { (t!("By control")) }
            div class="wide" tabindex="0" role="region" aria-label=(t!("Controls")) {
                table class="controls" {
                    thead {
                        tr {
                            th scope="col" { (t!("Control")) }
                            th scope="col" { (t!("What it finds")) }
                            th scope="col" class="number" { (t!("Judged")) }
                            th scope="col" class="number" { (t!("Failed")) }
                            th scope="col" class="number" { (t!("Passed")) }
                            th scope="col" { span class="hidden" { (t!("Failed, as a bar")) } }
                            (effect_headings())
                        }
                    }
                    tbody {
                        @for it in failing { (control(it, effects.get(it.code.as_str()).copied(), most, catalogue, place)) }
                    }
                }
            }
            @if !clean.is_empty() {
                p class="quiet" { (phrase!("Without a failure: {controls}.", controls = clean.join(", "))) }
            }
        }
    }
}

/// What controls found among the rows of a region, and what became of it.
fn found_in(
    report: &QualityReport,
    catalogue: &[ControlPage],
    filters: &Filters,
    place: &Place,
) -> Markup {
    let mut effects: Vec<&ControlEffect> = report.effects.iter().collect();
    effects.sort_by_key(|it| Reverse(it.found));
    html! {
        @if !effects.is_empty() {
            section aria-labelledby="by-control" {
                h2 id="by-control" { (t!("By control")) }
                div class="wide" tabindex="0" role="region" aria-label=(t!("Controls")) {
                    table class="controls" {
                        thead {
                            tr {
                                th scope="col" { (t!("Control")) }
                                th scope="col" { (t!("What it finds")) }
                                (effect_headings())
                            }
                        }
                        tbody {
                            @for it in effects {
                                @let work = WorkAddress {
                                    region: filters.region.clone(),
                                    ..WorkAddress::of_code(&it.code)
                                };
                                tr {
                                    th scope="row" {
                                        a href={ (place.href(Page::Controls)) "#" (it.code) } { (it.code) }
                                    }
                                    td {
                                        @if let Some(page) = catalogue.iter().find(|page| page.code == it.code) {
                                            (page.summary)
                                        }
                                    }
                                    (effect(it, &work.href(&place.href(Page::Exceptions))))
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// Above what `effect` shows.
fn effect_headings() -> Markup {
    html! {
        @for title in [t!("Rows found"), t!("Open"), t!("Corrected"), t!("Let in"), t!("Left out")] {
            th scope="col" class="number" { (title) }
        }
    }
}

/// The rows that a control found, and the parts of them, with their shares.
fn effect(it: &ControlEffect, work: &str) -> Markup {
    let part = |rows: u64| {
        let share = Ratio::of(rows, it.found).map_or_else(String::new, format::percent);
        html! {
            td class="number" {
                (format::count(rows))
                @if rows > 0 { span class="below" { (share) } }
            }
        }
    };
    html! {
        td class="number" { a href=(work) { (format::count(it.found)) } }
        (part(it.open))
        (part(it.corrected + it.resolved))
        (part(it.waived))
        (part(it.rejected))
    }
}

fn control(
    it: &ControlQuality,
    found: Option<&ControlEffect>,
    most: u64,
    catalogue: &[ControlPage],
    place: &Place,
) -> Markup {
    let summary = catalogue.iter().find(|page| page.code == it.code);
    let work = WorkAddress::of_code(&it.code).href(&place.href(Page::Exceptions));
    html! {
        tr {
            th scope="row" { a href={ (place.href(Page::Controls)) "#" (it.code) } { (it.code) } }
            td { @if let Some(page) = summary { (page.summary) } @else { (it.name) } }
            td class="number" { (format::count(it.evaluated)) }
            td class="number" { (format::count(it.failed)) }
            td class="number" { (it.passed_share.map_or_else(String::new, format::percent)) }
            td class="bar" { (bar(it.failed, most, severity_class(it.severity))) }
            @if let Some(it) = found {
                (effect(it, &work))
            } @else {
                td class="number quiet" colspan="5" { @if it.severity == Severity::Warning { (t!("only warns")) } }
            }
        }
    }
}

fn dimensions(report: &QualityReport) -> Markup {
    let most = report
        .dimensions
        .iter()
        .map(|it| it.failed)
        .max()
        .unwrap_or(0);
    html! {
        section class="facet" aria-labelledby="by-dimension" {
            h2 id="by-dimension" { (t!("By dimension")) }
            ul {
                @for it in &report.dimensions {
                    li {
                        span class="facet-line" {
                            span class="facet-title" { (title(it.dimension)) }
                            span class="number" { (phrase!("{failed} failed", failed = format::count(it.failed))) }
                            span class="facet-money number" { (it.passed_share.map_or_else(String::new, format::percent)) }
                            (bar(it.failed, most, "exception"))
                        }
                    }
                }
            }
        }
    }
}

fn columns(report: &QualityReport) -> Markup {
    let most = report.columns.first().map_or(0, |it| it.failed);
    let all: u64 = report.columns.iter().map(|it| it.failed).sum();
    html! {
        section class="facet" aria-labelledby="by-column" {
            h2 id="by-column" { (t!("Worst columns")) }
            @if report.columns.is_empty() { p class="quiet" { (t!("No cell failed.")) } }
            ul {
                @for it in report.columns.iter().take(10) {
                    li {
                        span class="facet-line" title={ (phrase!("In {runs}", runs = format::counted(it.runs, t!("file"), t!("files")))) } {
                            span class="facet-title" { (it.column) }
                            span class="number" { (format::counted(it.failed, t!("cell"), t!("cells"))) }
                            span class="facet-money number" { (Ratio::of(it.failed, all).map_or_else(String::new, format::percent)) }
                            (bar(it.failed, most, "exception"))
                        }
                    }
                }
            }
        }
    }
}

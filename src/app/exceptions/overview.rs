//! What the exceptions of a filter are: by category, control, region, stage and age, each of which narrows the list, and
//! how many came over time.

use super::address::{Measure, STAGES, STEPS, Show, WorkAddress};
use crate::parts::phrase::phrase;
use crate::{
    calendar::Period,
    format,
    icons::Icon,
    parts::{chart::figure, words::stated},
};
use charts::{Amount, Hue, Part, Span, Stack, stacks};
use maud::{Markup, html};
use model::t;
use model::{
    control::{Category, ControlPage},
    exception::{
        ExceptionGroup, ExceptionOverview, ExceptionStep, ExceptionSum, TrendBy, TrendStep,
    },
    money::{Money, Numbers},
    ratio::Ratio,
};
use std::{
    cmp::Reverse,
    collections::{BTreeMap, BTreeSet},
};

/// Lines of one facet before the others are folded away.
const LINES: usize = 6;

pub(super) fn overview(
    it: &ExceptionOverview,
    catalogue: &[ControlPage],
    address: &WorkAddress,
    (page, numbers): (&str, Numbers),
) -> Markup {
    let summary = |code: &str| {
        let control = catalogue.iter().find(|it| it.code == code);
        control.map_or_else(String::new, |it| {
            it.summary.trim_end_matches('.').to_owned()
        })
    };
    let first = address.first();
    let categories = groups(&it.by_category, |label| {
        let category = Category::ALL.into_iter().find(|it| it.as_str() == label)?;
        let chosen = address.category == Some(category);
        let to = WorkAddress {
            category: (!chosen).then_some(category),
            ..first.clone()
        };
        Some(Line::new(category.title(), "", chosen, Some(to)))
    });
    let controls = groups(&it.by_control, |label| {
        let chosen = address.code.as_deref() == Some(label);
        let to = WorkAddress {
            code: (!chosen).then(|| label.to_owned()),
            ..first.clone()
        };
        Some(Line::new(&summary(label), label, chosen, Some(to)))
    });
    let regions = groups(&it.by_region, |label| {
        if label.is_empty() {
            return Some(Line::new(stated(label), "", false, None));
        }
        let chosen = address.region.as_deref() == Some(label);
        let to = WorkAddress {
            region: (!chosen).then(|| label.to_owned()),
            ..first.clone()
        };
        Some(Line::new(label, "", chosen, Some(to)))
    });
    let sold = |it: &[ExceptionGroup], of: fn(&mut WorkAddress) -> &mut Option<String>| {
        groups(it, |label| {
            let mut to = first.clone();
            let narrowed = of(&mut to);
            let chosen = narrowed.as_deref() == Some(label);
            *narrowed = (!chosen).then(|| label.to_owned());
            Some(Line::new(sold_title(label), "", chosen, Some(to)))
        })
    };
    let product_categories = sold(&it.by_product_category, |it| &mut it.product_category);
    let products = sold(&it.by_product, |it| &mut it.product);
    let stages = groups(&it.by_stage, |label| {
        let (stage, _) = STAGES.into_iter().find(|it| it.1 == label)?;
        let chosen = address.stage == Some(stage);
        let to = WorkAddress {
            stage: (!chosen).then_some(stage),
            ..first.clone()
        };
        let title = match label {
            "load" => t!("Key held by the ledger"),
            _ => t!("From the file alone"),
        };
        Some(Line::new(title, "", chosen, Some(to)))
    });
    let ages = groups(&it.by_age, |label| {
        let title = match label {
            "0-1" => t!("Up to 1 day"),
            "2-7" => t!("2 to 7 days"),
            "8-30" => t!("8 to 30 days"),
            _ => t!("Over 30 days"),
        };
        Some(Line::new(title, "", false, None))
    });
    html! {
        details class="overview" open[!address.grid] {
            summary { h2 { (t!("What they are")) } }
            div class="facets" {
                div {
                    (facet(t!("By category"), &categories, page, true))
                    (facet(t!("By stage"), &stages, page, true))
                    @if it.by_age.iter().any(|it| it.sum.rows > 0) {
                        (facet(t!("Open, by age"), &ages, page, false))
                    }
                }
                div {
                    (facet(t!("By control"), &controls, page, true))
                    (facet(t!("By product category"), &product_categories, page, true))
                }
                div {
                    (facet(t!("By region"), &regions, page, true))
                    (facet(t!("By product"), &products, page, true))
                }
            }
        }
        (trend(&it.trend, &summary, address, (page, numbers)))
    }
}

/// What rows are called that say no product of the list.
pub(super) fn sold_title(label: &str) -> &str {
    if label.is_empty() {
        t!("Not known")
    } else {
        label
    }
}

struct Line {
    title: String,
    code: String,
    chosen: bool,
    to: Option<WorkAddress>,
}

impl Line {
    fn new(title: &str, code: &str, chosen: bool, to: Option<WorkAddress>) -> Self {
        Self {
            title: title.to_owned(),
            code: code.to_owned(),
            chosen,
            to,
        }
    }
}

fn groups(
    groups: &[ExceptionGroup],
    line: impl Fn(&str) -> Option<Line>,
) -> Vec<(Line, ExceptionSum)> {
    let lines = groups.iter();
    lines
        .filter_map(|it| Some((line(&it.label)?, it.sum)))
        .collect()
}

/// Bars that narrow the list; a chosen one gives it free again.
fn facet(title: &str, lines: &[(Line, ExceptionSum)], page: &str, largest_first: bool) -> Markup {
    let mut lines: Vec<_> = lines.iter().collect();
    if largest_first {
        lines.sort_by_key(|(_, sum)| Reverse(sum.rows));
    }
    let most = lines.iter().map(|it| it.1.rows).max().unwrap_or(0);
    let (shown, folded) = lines.split_at(lines.len().min(LINES));
    html! {
        @if !lines.is_empty() {
            section class="facet" {
                h3 { (title) }
                ul { @for (line, sum) in shown { (facet_line(line, *sum, most, page)) } }
                @if !folded.is_empty() {
                    details {
                        summary { (phrase!("and {folded} more", folded = folded.len())) }
                        ul { @for (line, sum) in folded { (facet_line(line, *sum, most, page)) } }
                    }
                }
            }
        }
    }
}

fn facet_line(line: &Line, sum: ExceptionSum, most: u64, page: &str) -> Markup {
    let body = html! {
        span class="facet-title" {
            @if line.chosen { (Icon::Met) " " }
            (line.title)
            @if !line.code.is_empty() { " " span class="code" { (line.code) } }
        }
        span class="number" { (format::count(sum.rows)) }
        span class="facet-money number" { (sum.money.short()) }
        svg viewBox="0 0 1000 10" preserveAspectRatio="none" aria-hidden="true" {
            rect class="all" width="1000" height="10" {}
            rect class="exception" width=(format::per_mille(sum.rows, most)) height="10" {}
        }
    };
    let title = format!("{}, {}", format::rows(sum.rows), format::money(sum.money));
    html! {
        li {
            @match &line.to {
                Some(to) => {
                    a class="facet-line" href=(to.href(page)) title=(title) data-noscroll
                        aria-current=[line.chosen.then_some("true")] { (body) }
                },
                None => span class="facet-line" title=(title) { (body) },
            }
        }
    }
}

/// More columns than this are too narrow.
const COLUMNS: usize = 62;

/// What is told apart in a trend: each category, or the controls that find most.
fn hues(steps: &[ExceptionStep], by: TrendBy) -> Vec<(String, Hue)> {
    const SERIES: [Hue; 5] = [
        Hue::Series1,
        Hue::Series2,
        Hue::Series3,
        Hue::Series4,
        Hue::Series5,
    ];
    let labels: Vec<String> = match by {
        TrendBy::Category => Category::ALL.map(|it| it.as_str().to_owned()).into(),
        TrendBy::Control => {
            let mut sums: BTreeMap<&str, u64> = BTreeMap::new();
            for it in steps.iter().flat_map(|it| &it.groups) {
                *sums.entry(&it.label).or_default() += it.sum.rows;
            }
            let mut sums: Vec<_> = sums.into_iter().collect();
            sums.sort_by_key(|(_, rows)| Reverse(*rows));
            sums.into_iter()
                .map(|(label, _)| label.to_owned())
                .collect()
        }
    };
    labels.into_iter().zip(SERIES).collect()
}

fn added(one: ExceptionSum, other: ExceptionSum) -> ExceptionSum {
    ExceptionSum {
        rows: one.rows + other.rows,
        unreadable_rows: one.unreadable_rows + other.unreadable_rows,
        money: one.money + other.money,
    }
}

/// How many came, step by step.
fn trend(
    steps: &[ExceptionStep],
    summary: &dyn Fn(&str) -> String,
    address: &WorkAddress,
    (page, numbers): (&str, Numbers),
) -> Markup {
    let Some(step) = steps.first().map(|it| step_of(&it.label)) else {
        return html! {};
    };
    let per = match step {
        TrendStep::Day => t!("day"),
        TrendStep::Week => t!("week"),
        TrendStep::Month => t!("month"),
    };
    let what = match address.by {
        TrendBy::Category => t!("category"),
        TrendBy::Control => t!("control"),
    };
    let title = match address.measure {
        Measure::Rows => t!(
            "Exceptions found per {per}, by {what}",
            per = per,
            what = what
        ),
        Measure::Rate => t!(
            "Share of rows that failed per {per}, by {what}",
            per = per,
            what = what
        ),
        Measure::Money => t!(
            "Money in exceptions per {per}, by {what}",
            per = per,
            what = what
        ),
    };
    let labels: BTreeSet<&str> = steps
        .iter()
        .flat_map(|it| it.groups.iter().map(|it| it.label.as_str()))
        .collect();
    let named = |label: &str| match address.by {
        TrendBy::Category => {
            let found = Category::ALL.into_iter().find(|it| it.as_str() == label);
            found.map_or_else(|| label.to_owned(), |it| it.title().to_owned())
        }
        TrendBy::Control => format!("{label} {}", summary(label)),
    };
    let value = |sum: ExceptionSum, read: u64| match address.measure {
        Measure::Rows => format::count(sum.rows),
        Measure::Rate => Ratio::of(sum.rows.min(read), read).map_or("–".into(), format::percent),
        Measure::Money => numbers.full(sum.money),
    };
    // Money below zero has no height; the table tells it.
    let amount = |sum: ExceptionSum, read: u64| match address.measure {
        Measure::Rows => Amount::Count(sum.rows),
        Measure::Rate => {
            let share = Ratio::of(sum.rows.min(read), read);
            Amount::Share(share.unwrap_or(Ratio::from_millionths(0)))
        }
        Measure::Money => Amount::from(sum.money.max(Money::ZERO)),
    };
    let span = match step {
        TrendStep::Day => Span::Day,
        TrendStep::Week => Span::Week,
        TrendStep::Month => Span::Month,
    };
    let days = format::locale().days;
    let hues = hues(steps, address.by);
    let shown: Vec<&ExceptionStep> = steps
        .iter()
        .skip(steps.len().saturating_sub(COLUMNS))
        .collect();
    let columns: Vec<Stack> = shown
        .iter()
        .map(|it| {
            let mut others = ExceptionSum::default();
            let mut parts = Vec::new();
            for (label, hue) in &hues {
                let sum = it.groups.iter().find(|it| it.label == *label);
                let sum = sum.map_or_else(ExceptionSum::default, |it| it.sum);
                parts.push(Part {
                    label: named(label),
                    amount: amount(sum, it.rows_read),
                    text: value(sum, it.rows_read),
                    hue: *hue,
                });
            }
            for group in it
                .groups
                .iter()
                .filter(|it| hues.iter().all(|(label, _)| *label != it.label))
            {
                others = added(others, group.sum);
            }
            if labels.len() > hues.len() {
                parts.push(Part {
                    label: t!("Other controls").to_owned(),
                    amount: amount(others, it.rows_read),
                    text: value(others, it.rows_read),
                    hue: Hue::SeriesOther,
                });
            }
            let ends = step_days(&it.label);
            let first = ends.as_ref().and_then(|(first, _)| first.parse().ok());
            Stack {
                name: step_title(&it.label),
                parts,
                tick: first.and_then(|it| span.tick(it, shown.len(), days)),
                href: ends.map(|(from, to)| {
                    let day = |it: String| it.parse().ok();
                    let to = WorkAddress {
                        period: Period::Custom(day(from), day(to)),
                        show: Show::All,
                        ..address.first()
                    };
                    to.href(page)
                }),
            }
        })
        .collect();
    let mut heads = vec![capital(per), t!("Rows read").to_owned()];
    heads.extend(labels.iter().map(|it| named(it)));
    // Whoever looks at it has chosen how.
    let asked = address.step.is_some()
        || address.by == TrendBy::Control
        || address.measure != Measure::Rows;
    let heads: Vec<&str> = heads.iter().map(String::as_str).collect();
    let lines: Vec<Vec<String>> = steps
        .iter()
        .rev()
        .map(|it| {
            let groups: BTreeMap<&str, ExceptionSum> = it
                .groups
                .iter()
                .map(|it| (it.label.as_str(), it.sum))
                .collect();
            let mut line = vec![step_title(&it.label), format::count(it.rows_read)];
            line.extend(labels.iter().map(|label| {
                let sum = groups.get(label).copied().unwrap_or_default();
                value(sum, it.rows_read)
            }));
            line
        })
        .collect();
    html! {
        details class="trend" open[asked] {
            summary { h2 { (t!("Over time")) } }
            nav class="choices" aria-label=(t!("What the trend shows")) {
                (choices(&Measure::ALL.map(|it| {
                    let to = WorkAddress { measure: it, ..address.first() };
                    (it.title(), it == address.measure, to)
                }), page))
                (choices(&[(TrendBy::Category, t!("By category")), (TrendBy::Control, t!("By control"))].map(|(by, title)| {
                    let to = WorkAddress { by, ..address.first() };
                    (title, by == address.by, to)
                }), page))
                (choices(&STEPS.map(|(each, _, title)| {
                    let to = WorkAddress { step: Some(each), ..address.first() };
                    (title, each == step, to)
                }), page))
            }
            (figure(&title, stacks(&title, &columns, numbers), &heads, &lines))
            @if address.by == TrendBy::Control {
                p class="quiet" { (t!("A row counts for each control that it fails.")) }
            }
        }
    }
}

fn choices(all: &[(&str, bool, WorkAddress)], page: &str) -> Markup {
    html! {
        ul class="switch" {
            @for (title, chosen, to) in all {
                li { a href=(to.href(page)) data-noscroll aria-current=[chosen.then_some("true")] { (title) } }
            }
        }
    }
}

fn step_of(label: &str) -> TrendStep {
    match (label.len(), label.contains('W')) {
        (_, true) => TrendStep::Week,
        (7, _) => TrendStep::Month,
        _ => TrendStep::Day,
    }
}

/// The first and the last day of a step.
fn step_days(label: &str) -> Option<(String, String)> {
    let (first, last) = match step_of(label) {
        TrendStep::Day => (label.parse().ok()?, label.parse().ok()?),
        TrendStep::Week => {
            let (year, week) = label.split_once("-W")?;
            let (year, week) = (year.parse().ok()?, week.parse().ok()?);
            let day = |it| chrono::NaiveDate::from_isoywd_opt(year, week, it);
            (day(chrono::Weekday::Mon)?, day(chrono::Weekday::Sun)?)
        }
        TrendStep::Month => {
            let first: chrono::NaiveDate = format!("{label}-01").parse().ok()?;
            let next = first.checked_add_months(chrono::Months::new(1))?;
            (first, next.pred_opt()?)
        }
    };
    Some((first.to_string(), last.to_string()))
}

fn step_title(label: &str) -> String {
    let span = match step_of(label) {
        TrendStep::Day => Span::Day,
        TrendStep::Week => Span::Week,
        TrendStep::Month => Span::Month,
    };
    let first = step_days(label).and_then(|(first, _)| first.parse().ok());
    first.map_or_else(
        || label.to_owned(),
        |it| span.name(it, format::locale().days),
    )
}

fn capital(word: &str) -> String {
    let mut letters = word.chars();
    let first = letters.next().map(|it| it.to_ascii_uppercase());
    first.into_iter().chain(letters).collect()
}

/// What is at stake, in one line.
pub(super) fn total(sum: ExceptionSum, show: Show) -> Markup {
    let rows = format::counted(sum.rows, t!("exception"), t!("exceptions"));
    let money = html! { strong { (format::money(sum.money)) } };
    html! {
        p class="sentence" {
            @match show {
                Show::Open => (phrase!("{rows} open, {money} at stake.", rows = rows, money = money)),
                Show::Entered => (phrase!("{rows} entered the ledger later, {money}.", rows = rows, money = money)),
                Show::Rejected => (phrase!("{rows} were left out for good, {money}.", rows = rows, money = money)),
                Show::All => (phrase!("{rows} in all, {money}.", rows = rows, money = money)),
            }
            @if sum.unreadable_rows > 0 {
                " " span class="quiet" {
                    (phrase!("Of {unreadable_rows} the amount cannot be read.", unreadable_rows = format::rows(sum.unreadable_rows)))
                }
            }
        }
        @if sum.money < Money::ZERO {
            p class="quiet" { (t!("Amounts below zero are taken away from it.")) }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_step_knows_its_days() {
        let check = |label: &str, from: &str, to: &str| {
            assert_eq!(
                step_days(label),
                Some((from.to_owned(), to.to_owned())),
                "{label}"
            );
        };
        check("2026-02-03", "2026-02-03", "2026-02-03");
        check("2026-W53", "2026-12-28", "2027-01-03");
        check("2028-02", "2028-02-01", "2028-02-29");
        assert_eq!(step_title("2026-02"), "Feb 2026");
    }
}

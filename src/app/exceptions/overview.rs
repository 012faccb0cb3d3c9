//! What the exceptions of a filter are: by category, control, region, stage and age, each of which narrows the list, and
//! (`trend`) how many came over time.

use super::{
    address::{STAGES, Show, WorkAddress},
    trend::{trend, within},
};
use crate::parts::phrase::phrase;
use crate::{calendar::Calendar, format, icons::Icon};
use chrono::Days;
use maud::{Markup, html};
use model::t;
use model::{
    control::{Category, ControlPage},
    exception::{ExceptionGroup, ExceptionOverview, ExceptionSum},
    money::Money,
};
use std::cmp::Reverse;

/// Lines of one facet before the others are folded away.
const LINES: usize = 6;

pub(super) fn overview(
    it: &ExceptionOverview,
    catalogue: &[ControlPage],
    address: &WorkAddress,
    (page, calendar): (&str, &Calendar),
) -> Markup {
    let ends = calendar.days(address.period);
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
        let chosen = address.region.as_deref() == Some(label);
        let to = WorkAddress {
            region: (!chosen).then(|| label.to_owned()),
            ..first.clone()
        };
        Some(Line::new(region_title(label), "", chosen, Some(to)))
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
    let mut ages = groups(&it.by_age, |label| {
        let title = match label {
            "0-1" => t!("Up to 1 day"),
            "2-7" => t!("2 to 7 days"),
            "8-30" => t!("8 to 30 days"),
            _ => t!("Over 30 days"),
        };
        // The open ones of so many days; what came after today by another clock is as young as can be.
        let back = |days: u64| calendar.today.checked_sub_days(Days::new(days));
        let (from, to) = match label {
            "0-1" => (back(1), None),
            "2-7" => (back(7), back(2)),
            "8-30" => (back(30), back(8)),
            _ => (None, back(31)),
        };
        let to = WorkAddress {
            show: Show::Open,
            period: within((from, to), ends),
            ..first.clone()
        };
        Some(Line::new(title, "", false, Some(to)))
    });
    for (line, sum) in &mut ages {
        line.to = line.to.take().filter(|_| sum.rows > 0);
    }
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
        (trend(&it.trend, &summary, address, (page, ends)))
    }
}

/// What rows are called that say no region of the list.
pub(super) fn region_title(label: &str) -> &str {
    if label.is_empty() {
        t!("No region of the list")
    } else {
        label
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
                        summary { (phrase!("and {folded} more", folded = format::count(u64::try_from(folded.len()).unwrap_or(u64::MAX)))) }
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
        span class="facet-money number" { (format::numbers().short(sum.money)) }
        svg viewBox="0 0 1000 10" preserveAspectRatio="none" aria-hidden="true" {
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

/// What is at stake, in one line. It is known to be a net where a part of it is below zero.
pub(super) fn total(sum: ExceptionSum, is_net: bool, show: Show) -> Markup {
    let rows = format::counted(sum.rows, t!("exception"), t!("exceptions"));
    let money = html! { strong class="number" { (format::money(sum.money)) } };
    html! {
        p class="sentence" id="comes-to" {
            @match show {
                Show::Open => (phrase!("{rows} open, {money} at stake.", rows = rows, money = money)),
                Show::Entered => (phrase!("{rows} entered the ledger later, {money}.", rows = rows, money = money)),
                Show::Rejected => (phrase!("{rows} were left out for good, {money}.", rows = rows, money = money)),
                Show::All => (phrase!("{rows} in all, {money}.", rows = rows, money = money)),
                Show::Uncounted => (phrase!("{rows} are not counted, open or left out for good: {money}.", rows = rows, money = money)),
                Show::Mended => (phrase!("{rows} were put right and are in the ledger, {money} as they came.", rows = rows, money = money)),
                Show::Waived => (phrase!("{rows} were let in as they are, {money}.", rows = rows, money = money)),
            }
            @if sum.unreadable_rows > 0 {
                " " span class="quiet" {
                    (phrase!("Of {unreadable_rows} no amount is known.", unreadable_rows = format::rows(sum.unreadable_rows)))
                }
            }
        }
        @if is_net || sum.money < Money::ZERO {
            p class="quiet" { (t!("The money is net: amounts below zero, such as refunds, are taken off.")) }
        }
    }
}

//! What is no row: title lines, blank lines, repeated headers, total rows. Listed, never a finding.

use crate::{format, icons::Icon, parts::words::state};
use maud::{Markup, html};
use model::t;
use model::{
    options::Options,
    verdict::{LayoutFigures, LayoutKind, Verdict},
};

/// How many places are named.
const PLACES: usize = 10;

/// Nothing where the file is rows alone.
pub(crate) fn layout(verdict: &Verdict) -> Markup {
    let kinds = || verdict.layout.iter().filter(|it| it.lines > 0);
    html! {
        @if kinds().next().is_some() {
            section class="layout-lines" aria-labelledby="layout" {
                h2 id="layout" { (t!("Lines that are no rows")) }
                ul {
                    @for figures in kinds() { (kind(figures, &verdict.options)) }
                }
                @if !verdict.total_rows.is_empty() { (totals(verdict)) }
            }
        }
    }
}

fn kind(figures: &LayoutFigures, options: &Options) -> Markup {
    let what = match figures.kind {
        LayoutKind::Title => t!("above the header"),
        LayoutKind::Blank => t!("blank"),
        LayoutKind::RepeatedHeader => t!("repeating the header"),
        LayoutKind::Total => t!("with a total"),
        LayoutKind::Footer => t!("below the last row"),
    };
    let places = figures.first.iter().take(PLACES);
    let mut places: Vec<_> = places.map(|it| line(*it, options)).collect();
    if figures.first.len() > PLACES {
        places.push("…".to_owned());
    }
    html! {
        li {
            (Icon::NotRun) " " (format::counted(figures.lines, t!("line"), t!("lines"))) " " (what) " "
            span class="quiet" { "(" (places.join(if options.sheet_row(1).is_some() { "; " } else { ", " })) ")" }
        }
    }
}

fn line(line: u64, options: &Options) -> String {
    format::line(line, options.sheet_row(line).as_ref())
}

fn totals(verdict: &Verdict) -> Markup {
    html! {
        div class="wide" tabindex="0" role="region" aria-label=(t!("Total rows")) {
            table class="figures" {
                caption { (t!("Total rows, each against the sum of the rows above it")) }
                thead {
                    tr {
                        th scope="col" { (t!("Line")) }
                        th scope="col" class="number" { (t!("Written")) }
                        th scope="col" class="number" { (t!("Sum above")) }
                        th scope="col" { (t!("Same")) }
                    }
                }
                tbody {
                    @for row in &verdict.total_rows {
                        tr {
                            th scope="row" { (line(row.line, &verdict.options)) }
                            td class="number" { (format::money(row.amount)) }
                            td class="number" { (format::money(row.sum_above)) }
                            td {
                                @if row.amount == row.sum_above {
                                    (state("accepted", Icon::Met, t!("yes")))
                                } @else {
                                    (state("warning", Icon::Warning, t!("no")))
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}

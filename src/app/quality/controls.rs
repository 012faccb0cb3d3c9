//! Controls on the page of quality: how often each passes, what became of the rows that it found, and the same by
//! dimension and by column.

use super::page::bar;
use crate::{
    controls::catalogue::title,
    exceptions::address::{Show, WorkAddress},
    filters::Filters,
    format,
    parts::{
        phrase::phrase,
        problems,
        words::{link, severity_class},
    },
    place::{Page, Place},
    window::RowWindow,
};
use maud::{Markup, html};
use model::t;
use model::{
    control::{ControlPage, Severity},
    id::RunId,
    quality::{ColumnQuality, ControlEffect, ControlQuality, QualityReport},
    ratio::Ratio,
    run::{Run, RunStatus},
};
use std::{cmp::Reverse, collections::BTreeMap};

/// What the page tells, and of what.
pub(super) struct Told<'a> {
    pub(super) report: &'a QualityReport,
    /// The newest of its files.
    pub(super) newest: Option<&'a Run>,
    pub(super) catalogue: &'a [ControlPage],
    pub(super) filters: &'a Filters,
    pub(super) place: &'a Place,
    /// The oldest and the newest of its files, where it is not of all that the filters let through.
    pub(super) between: Option<[RunId; 2]>,
}

impl Told<'_> {
    /// Where the exceptions of these files are, whatever became of them.
    fn exceptions(&self) -> WorkAddress {
        WorkAddress {
            between: self.between.clone(),
            ..self.filters.exceptions()
        }
    }

    /// Where the rows are that a control found.
    fn rows(&self, code: &str, show: Show) -> String {
        let rows = WorkAddress {
            show,
            code: Some(code.to_owned()),
            ..self.exceptions()
        };
        rows.href(&self.place.exceptions())
    }

    /// The run, where it is of one file.
    fn only(&self) -> Option<&Run> {
        self.newest.filter(|_| self.report.runs.len() == 1)
    }

    /// Exceptions of files that do not count, of which their page has none.
    pub(super) fn uncounted(&self) -> u64 {
        let runs = self.report.runs.iter();
        let runs = runs.filter(|it| it.status != RunStatus::Complete || it.withdrawn.is_some());
        runs.map(|it| it.exceptions).sum()
    }

    /// Where its exceptions are: all together where they count, and those of one file on the page of its run.
    pub(super) fn all_exceptions(&self) -> Option<String> {
        match self.only() {
            _ if self.report.exceptions == 0 => None,
            _ if self.uncounted() == 0 => Some(self.exceptions().href(&self.place.exceptions())),
            Some(run) if self.filters.said().is_none() => {
                Some(RowWindow::default().href(&self.place.run(&run.summary.id)))
            }
            _ => None,
        }
    }

    /// How often a control found something, with these rows: of one file on the page of its run, warnings too, and of
    /// several where the page of exceptions has all of them.
    fn failed(&self, it: &ControlQuality) -> Markup {
        let text = format::count(it.failed);
        if let Some(run) = self.only() {
            let verdict = run.verdict.as_ref();
            let control = verdict.and_then(|all| all.controls.iter().find(|of| of.code == it.code));
            return match verdict.zip(control) {
                Some((verdict, control)) => {
                    let page = self.place.run(&run.summary.id);
                    problems::found(verdict, control, &page, &text)
                }
                None => link(None, &text),
            };
        }
        let is_there = it.severity == Severity::Error && self.uncounted() == 0;
        let to = is_there.then(|| self.rows(&it.code, Show::All));
        link(to.as_deref(), &text)
    }

    /// Where the rows are that fail in a column.
    fn failing_in(&self, column: &str) -> String {
        let rows = WorkAddress {
            column: Some(column.to_owned()),
            ..self.exceptions()
        };
        rows.href(&self.place.exceptions())
    }
}

/// Each control with how often it passes, and what became of the rows that it found.
pub(super) fn judged(told: &Told<'_>) -> Markup {
    let report = told.report;
    let effects: BTreeMap<&str, &ControlEffect> = report
        .effects
        .iter()
        .map(|it| (it.code.as_str(), it))
        .collect();
    let mut failing: Vec<&ControlQuality> =
        report.controls.iter().filter(|it| it.failed > 0).collect();
    failing.sort_by_key(|it| Reverse(it.failed));
    let clean: Vec<&str> = report
        .controls
        .iter()
        .filter(|it| it.failed == 0)
        .map(|it| it.code.as_str())
        .collect();
    let judged = html! {
        th scope="col" class="number" { (t!("Judged")) }
        th scope="col" class="number" { (t!("Failed")) }
        th scope="col" class="number" { (t!("Passed")) }
        th scope="col" { span class="hidden" { (t!("Share that failed, as a bar")) } }
    };
    let rows = html! {
        @for it in failing { (control(it, effects.get(it.code.as_str()).copied(), told)) }
    };
    html! {
        section aria-labelledby="by-control" {
            h2 id="by-control" { (t!("By control")) }
            (table(&judged, &rows))
            @if !clean.is_empty() {
                p class="quiet" { (phrase!("Without a failure: {controls}.", controls = clean.join(", "))) }
            }
        }
    }
}

/// What controls found among some rows of the files, and what became of it.
pub(super) fn found(told: &Told<'_>) -> Markup {
    let mut effects: Vec<&ControlEffect> = told.report.effects.iter().collect();
    effects.sort_by_key(|it| Reverse(it.found));
    let rows = html! {
        @for it in &effects { tr { (named(&it.code, "", told)) (effect(it, told)) } }
    };
    html! {
        @if !effects.is_empty() {
            section aria-labelledby="by-control" {
                h2 id="by-control" { (t!("By control")) }
                (table(&html! {}, &rows))
            }
        }
    }
}

/// `judged` stands between a control's name and what became of its rows.
fn table(judged: &Markup, rows: &Markup) -> Markup {
    html! {
        div class="wide" tabindex="0" role="region" aria-label=(t!("Controls")) {
            table class="controls" {
                thead {
                    tr {
                        th scope="col" { (t!("Control")) }
                        th scope="col" { (t!("What it finds")) }
                        (judged)
                        @for title in [t!("Rows found"), t!("Open"), t!("Corrected"), t!("Let in"), t!("Left out")] {
                            th scope="col" class="number" { (title) }
                        }
                    }
                }
                tbody { (rows) }
            }
        }
    }
}

/// A control's code, and what the catalogue says that it finds.
fn named(code: &str, otherwise: &str, told: &Told<'_>) -> Markup {
    let page = told.catalogue.iter().find(|page| page.code == code);
    html! {
        th scope="row" { a href={ (told.place.href(Page::Controls)) "#" (code) } { (code) } }
        td { (page.map_or(otherwise, |it| it.summary.as_str())) }
    }
}

/// The rows that a control found, and the parts of them, with their shares.
fn effect(it: &ControlEffect, told: &Told<'_>) -> Markup {
    let linked = |rows: u64, show: Show| {
        html! {
            @if rows > 0 {
                a href=(told.rows(&it.code, show)) { (format::count(rows)) }
            } @else { (format::count(rows)) }
        }
    };
    let part = |rows: u64, show: Show| {
        let share = Ratio::of(rows, it.found).map_or_else(String::new, format::percent);
        html! {
            td class="number" {
                (linked(rows, show))
                @if rows > 0 { span class="below" { (share) } }
            }
        }
    };
    html! {
        td class="number" { (linked(it.found, Show::All)) }
        (part(it.open, Show::Open))
        (part(it.corrected + it.resolved, Show::Mended))
        (part(it.waived, Show::Waived))
        (part(it.rejected, Show::Rejected))
    }
}

fn control(it: &ControlQuality, found: Option<&ControlEffect>, told: &Told<'_>) -> Markup {
    html! {
        tr {
            (named(&it.code, &it.name, told))
            td class="number" { (format::count(it.evaluated)) }
            td class="number" { (told.failed(it)) }
            td class="number" { (it.passed_share.map_or_else(String::new, format::percent)) }
            td class="bar" { (bar(it.failed, it.evaluated, severity_class(it.severity))) }
            @if let Some(it) = found {
                (effect(it, told))
            } @else {
                td class="number quiet" colspan="5" { @if it.severity == Severity::Warning { (t!("only warns")) } }
            }
        }
    }
}

pub(super) fn dimensions(report: &QualityReport) -> Markup {
    html! {
        section class="facet" aria-labelledby="by-dimension" {
            h2 id="by-dimension" { (t!("By dimension")) }
            ul {
                @for it in &report.dimensions {
                    li {
                        a class="facet-line" href="#by-control" {
                            span class="facet-title" { (title(it.dimension)) }
                            span class="number" { (phrase!("{failed} failed", failed = format::count(it.failed))) }
                            span class="facet-money number" { (it.passed_share.map_or_else(String::new, format::percent)) }
                            (bar(it.failed, it.evaluated, "exception"))
                        }
                    }
                }
            }
        }
    }
}

/// The columns in which the most cells failed, each with its rows.
pub(super) fn columns(told: &Told<'_>) -> Markup {
    let columns = &told.report.columns;
    let most = columns.first().map_or(0, |it| it.failed);
    let all: u64 = columns.iter().map(|it| it.failed).sum();
    let line = |it: &ColumnQuality| {
        html! {
            span class="facet-title" { (it.column) }
            span class="number" { (format::counted(it.failed, t!("cell"), t!("cells"))) }
            span class="facet-money number" { (format::rows(it.rows)) }
            (bar(it.failed, most, "exception"))
        }
    };
    html! {
        section class="facet" aria-labelledby="by-column" {
            h2 id="by-column" { (t!("Worst columns")) }
            @if columns.is_empty() {
                p class="quiet" { (t!("No cell failed.")) }
            } @else {
                p class="quiet" { (t!("Cells that failed in all of these files, and the rows with such a cell in those that count.")) }
            }
            ul {
                @for it in columns.iter().take(10) {
                    @let share = Ratio::of(it.failed, all).map_or_else(String::new, format::percent);
                    @let title = t!("{share} of all cells that failed, in {runs}", share = share, runs = format::counted(it.runs, t!("file"), t!("files")));
                    li {
                        @if it.rows > 0 {
                            a class="facet-line" href=(told.failing_in(&it.column)) title=(title) { (line(it)) }
                        } @else {
                            span class="facet-line" title=(title) { (line(it)) }
                        }
                    }
                }
            }
        }
    }
}

//! One run, rendered. On the server only: the browser gets it as HTML.

use super::{
    downloads::{downloads, in_check},
    lineage::lineage,
    receipts::receipts,
    sentence::{sentence, told},
    settle::{next_steps, release, undo, withdrawn},
    stages::{stages, while_running},
};
use crate::parts::phrase::phrase;
use crate::{
    clock::{precise_time, time_and_age},
    exceptions::address::{Show, WorkAddress},
    format,
    parts::{
        balance::{Rows, balance},
        chart,
        control_table::control_table,
        days::revenue_per_day,
        goals::goals,
        layout::layout,
        notes::notes,
        problems::{Chosen, problems},
        reading::reading,
        words::run_state,
    },
    place::{Page, Place},
    queries::RunView,
    runs::list::run_name,
};
use maud::{Markup, html};
use model::t;
use model::{
    exception::ExceptionPart,
    lineage::RunLineage,
    run::{Difference, Run, RunFigures, RunKind, RunStatus, RunSummary, Way},
    verdict::{Held, Verdict},
};

/// What a run's page shows besides the run.
pub(crate) struct Rests<'a> {
    /// None where no row of the run counts.
    pub(crate) figures: Option<&'a RunFigures>,
    /// Of a held run that is to take the place of another.
    pub(crate) difference: Option<&'a Difference>,
    pub(crate) lineage: Option<&'a RunLineage>,
}

pub(crate) fn page(run: &Run, rests: &Rests<'_>, place: &Place) -> RunView {
    let has_rows = |it: &Verdict| it.findings.flagged_rows > 0;
    RunView {
        title: run_name(&run.summary).into_owned(),
        running: run.summary.status == RunStatus::Running,
        told: told(run),
        has_rows: run.verdict.as_ref().is_some_and(has_rows),
        above_rows: above_rows(run, rests.difference, place).into_string(),
        below_rows: below_rows(run, rests, place).into_string(),
    }
}

fn above_rows(run: &Run, difference: Option<&Difference>, place: &Place) -> Markup {
    let summary = &run.summary;
    html! {
        (report_head(run))
        p class="quiet run-facts" {
            (run_state(summary.status, summary.withdrawn.as_ref()))
            span { (way_title(summary.way)) " · " (summary.actor) }
            span { (time_and_age(&summary.created_at)) }
        }
        @if let Some(note) = &run.note { p { (phrase!("Note: {note}", note = note)) } }
        @match &summary.withdrawn {
            Some(it) => (withdrawn(it, place)),
            None => (sentence(run)),
        }
        (next_steps(run, place))
        @if summary.status == RunStatus::Running { (while_running()) } @else { (receipts(run)) }
        (stages(&run.stages, summary.status))
        @if let Some(verdict) = &run.verdict { (judged(verdict, run, place)) }
        (left(&run.summary, place))
        (later(run, place))
        (release(run, difference, place))
    }
}

/// On paper alone: which file and which run this is the report of, as the links of the page say it on a screen.
fn report_head(run: &Run) -> Markup {
    let summary = &run.summary;
    html! {
        div class="only-print report-head" {
            p { (phrase!("Report of the run {summary}, received {created_at}, Indian time", summary = html! { span class="digest" { (summary.id) } }, created_at = precise_time(&summary.created_at))) }
            @if let Some(origin) = &summary.origin {
                p { (phrase!("A correction of the run {origin}: rows of it that entered the ledger later, and not its whole file", origin = html! { span class="digest" { (origin) } })) }
            } @else if summary.kind == RunKind::Correction {
                p { (t!("A correction: rows of several runs that entered the ledger later")) }
            }
            p { (phrase!("File, BLAKE3: {file_digest}", file_digest = html! { span class="digest" { (summary.file_digest) } })) }
            @if let Some(verdict) = &run.verdict {
                p { (phrase!("Receipt: {digest}", digest = html! { span class="digest" { (verdict.receipt.digest) } })) }
            }
        }
    }
}

/// What of a run that counts does not any more, once some of it left.
fn left(run: &RunSummary, place: &Place) -> Markup {
    let of = run.rows_counting.zip(run.rows_accepted);
    let left = of.map_or(0, |(counting, accepted)| accepted - counting);
    html! {
        @if counts(run) && left > 0 {
            p {
                (t!("In the ledger now: {rows}, {money}. {left} left since: opened again, for another row with the same key, or with the run that they came from.", rows = format::rows(run.rows_counting.unwrap_or(0)), money = format::money(run.money_counting.unwrap_or_default()), left = format::count(left)))
                " " a href=(in_ledger(run, place)) { (t!("See those that are there")) }
            }
        }
    }
}

/// What became of the exceptions, once something did, and where they are.
fn later(run: &Run, place: &Place) -> Markup {
    let figures = run.exceptions;
    let part = |it: ExceptionPart| {
        t!(
            "{rows} ({money})",
            rows = format::count(it.rows),
            money = format::money(it.money)
        )
    };
    let parts = [
        (Show::Open, figures.open),
        (Show::Entered, figures.entered),
        (Show::Rejected, figures.rejected),
    ];
    let all = WorkAddress::of_run(run.summary.id.clone());
    html! {
        @if figures.entered.rows + figures.rejected.rows > 0 {
            p {
                (t!("Exceptions now: {open} open, {entered} entered the ledger later, {rejected} left out for good.", open = part(figures.open), entered = part(figures.entered), rejected = part(figures.rejected)))
                @if counts(&run.summary) {
                    @for (show, _) in parts.into_iter().filter(|(_, it)| it.rows > 0) {
                        " " a href=(all.clone().showing(show).href(&place.exceptions())) { (show.title()) }
                    }
                }
            }
        }
    }
}

pub(crate) fn counts(run: &RunSummary) -> bool {
    run.status == RunStatus::Complete && run.withdrawn.is_none()
}

/// The rows of a run that count now.
pub(crate) fn in_ledger(run: &RunSummary, place: &Place) -> String {
    format!("{}?run={}", place.rows(), run.id)
}

/// Where the rows of a run are that counts: those that left the ledger since are in no list of what it accepted.
fn rows(run: &Run, place: &Place) -> Rows {
    let summary = &run.summary;
    if !counts(summary) {
        return Rows::default();
    }
    let all = summary.rows_counting == summary.rows_accepted;
    let exceptions = WorkAddress::of_run(summary.id.clone());
    Rows {
        accepted: all.then(|| in_ledger(summary, place)),
        exceptions: Some(exceptions.href(&place.exceptions())),
    }
}

fn judged(verdict: &Verdict, run: &Run, place: &Place) -> Markup {
    let page = &place.run(&run.summary.id);
    html! {
        (notes(verdict, in_check(run, place).as_deref()))
        @if !for_structure(verdict) { (goals(verdict)) }
        div class="columns" { (problems(verdict, page, &Chosen::default())) (balance(verdict, &rows(run, place))) }
        (layout(verdict))
        (reading(&verdict.options))
    }
}

fn for_structure(verdict: &Verdict) -> bool {
    verdict.held.as_ref().is_some_and(Held::for_structure)
}

fn below_rows(run: &Run, rests: &Rests<'_>, place: &Place) -> Markup {
    let page = place.run(&run.summary.id);
    html! {
        @if let Some(verdict) = &run.verdict {
            @if !for_structure(verdict) { (glance(verdict, rests.figures, &page, &in_ledger(&run.summary, place))) }
            section aria-labelledby="all-controls" {
                h2 id="all-controls" { (t!("All controls")) }
                (control_table(verdict, &place.href(Page::Controls), &page))
            }
        }
        (lineage(run, rests.lineage, place))
        (undo(run, place))
        @if run.summary.status != RunStatus::Running { (downloads(run, place)) }
    }
}

fn glance(verdict: &Verdict, figures: Option<&RunFigures>, page: &str, rows: &str) -> Markup {
    let sales = figures.map(|it| &it.sales).filter(|it| it.rows > 0);
    html! {
        section aria-labelledby="charts" {
            h2 id="charts" { (t!("At a glance")) }
            div class="charts" {
                (chart::failures(&verdict.controls, Some(page)))
                @if let Some(sales) = sales {
                    (chart::regions(&sales.by_region, t!("Revenue by region"), Some(rows)))
                    div class="span" { (revenue_per_day(&sales.by_day, rows)) }
                } @else {
                    p class="notice" { (t!("No rows of this run are in the ledger.")) }
                }
            }
        }
    }
}

pub(crate) const fn way_title(way: Way) -> &'static str {
    match way {
        Way::Browser => t!("Browser"),
        Way::Api => "API",
        Way::CommandLine => t!("Command line"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::id::WorkspaceId;

    const OWN: &str = "run_00000000000000000000000000000002";
    const ORIGIN: &str = "run_00000000000000000000000000000001";

    fn run(more: &str) -> Run {
        let run = format!(
            r#"{{
                "id": "{OWN}", "workspace": "main", {more}, "status": "complete", "file_name": "april.csv",
                "file_bytes": 9, "file_digest": "d", "way": "browser", "actor": "mira",
                "created_at": "2026-04-02T10:00:00Z", "media_type": "text/csv", "file_sha256": "s",
                "evaluated_at": "2026-04-02T10:00:00Z", "clock_replaced": false, "stages": [], "found_by_server": 0
            }}"#
        );
        serde_json::from_str(&run).unwrap()
    }

    #[test]
    fn the_report_of_a_correction_says_what_it_corrects() {
        let check = |more: &str, said: Option<&str>| {
            let head = report_head(&run(more)).into_string();
            assert_eq!(head.contains("A correction"), said.is_some(), "{head}");
            assert!(said.is_none_or(|it| head.contains(it)), "{head}");
        };
        check(r#""kind": "file""#, None);
        check(
            &format!(r#""kind": "correction", "origin": "{ORIGIN}""#),
            Some(ORIGIN),
        );
        check(r#""kind": "correction""#, Some("rows of several runs"));
    }

    #[test]
    fn figures_lead_to_rows_where_a_list_has_just_these() {
        let place = Place::new(WorkspaceId::main());
        let check = |more: &str, leads: [bool; 2]| {
            let at = rows(&run(&format!(r#""kind": "file", {more}"#)), &place);
            let leads_so = [at.accepted.is_some(), at.exceptions.is_some()];
            assert_eq!(leads_so, leads, "{more}");
        };
        check(r#""rows_accepted": 9, "rows_counting": 9"#, [true, true]);
        // Some left the ledger since, and stand in no list.
        check(r#""rows_accepted": 9, "rows_counting": 7"#, [false, true]);
        let withdrawn =
            r#""withdrawn": {"time": "2026-04-03T10:00:00Z", "actor": "mira", "reason": "twice"}"#;
        check(withdrawn, [false, false]);

        let part = r#"{"rows": 2, "money": "5.00"}"#;
        let none = r#"{"rows": 0, "money": "0.00"}"#;
        let parts = format!(r#"{{"open": {part}, "entered": {none}, "rejected": {part}}}"#);
        let said = later(
            &run(&format!(r#""kind": "file", "exceptions": {parts}"#)),
            &place,
        );
        let said = said.into_string();
        assert_eq!(said.matches("<a ").count(), 2, "{said}");
        assert!(
            said.contains("/exceptions?show=rejected&amp;run="),
            "{said}"
        );
    }
}

//! One run, rendered. On the server only: the browser gets it as HTML.

use super::{
    downloads::downloads, lineage::lineage, receipts::receipts, sentence::sentence, stages,
};
use crate::{
    clock::Time,
    parts::{
        balance::balance, chart, control_table::control_table, days::revenue_per_day, goals::goals,
        layout::layout, problems::problems, reading::reading, words::run_state,
    },
    place::{Page, Place},
    queries::RunView,
};
use leptos::prelude::*;
use model::{
    run::{Run, RunFigures, RunStatus, Way},
    verdict::{Held, Verdict},
};

pub(crate) fn page(run: &Run, figures: Option<&RunFigures>, place: &Place) -> RunView {
    let summary = &run.summary;
    RunView {
        title: summary.file_name.clone(),
        running: summary.status == RunStatus::Running,
        has_rows: run
            .verdict
            .as_ref()
            .is_some_and(|it| it.findings.flagged_rows > 0),
        above_rows: above_rows(run, place).to_html(),
        below_rows: below_rows(run, figures, place).to_html(),
    }
}

fn above_rows(run: &Run, place: &Place) -> AnyView {
    let summary = &run.summary;
    let running = summary.status == RunStatus::Running;
    let facts = format!("{} · {}", way_title(summary.way), summary.actor);
    let note = run.note.clone().map(|it| view! { <p>"Note: " {it}</p> });
    view! {
        <p class="quiet run-facts">
            {run_state(summary.status)} <span>{facts}</span> <Time at=summary.created_at.clone() age=true/>
        </p>
        {note}
        {sentence(run)}
        {running.then(stages::while_running)}
        {(!running).then(|| receipts(run))}
        {stages::stages(&run.stages, summary.status)}
        {run.verdict.as_ref().map(|it| judged(it, &place.run(&summary.id)))}
    }
    .into_any()
}

fn judged(verdict: &Verdict, page: &str) -> AnyView {
    view! {
        {(!for_structure(verdict)).then(|| goals(verdict))}
        <div class="columns">
            {problems(verdict, page, Signal::stored(None))} {balance(verdict)}
        </div>
        {layout(verdict)}
        {reading(&verdict.options)}
    }
    .into_any()
}

fn for_structure(verdict: &Verdict) -> bool {
    verdict.held.as_ref().is_some_and(Held::for_structure)
}

fn below_rows(run: &Run, figures: Option<&RunFigures>, place: &Place) -> AnyView {
    let running = run.summary.status == RunStatus::Running;
    let page = place.run(&run.summary.id);
    let judged = run.verdict.as_ref().map(|verdict| {
        view! {
            {(!for_structure(verdict)).then(|| glance(verdict, figures, &page))}
            <section aria-labelledby="all-controls">
                <h2 id="all-controls">"All controls"</h2>
                {control_table(&verdict.controls, &place.href(Page::Controls))}
            </section>
        }
    });
    view! {
        {judged}
        {lineage(run, place)}
        {(!running).then(|| downloads(run, place))}
    }
    .into_any()
}

fn glance(verdict: &Verdict, figures: Option<&RunFigures>, page: &str) -> AnyView {
    let sales = figures.map(|it| &it.sales).filter(|it| it.rows > 0);
    let revenue = match sales {
        Some(sales) => view! {
            {chart::regions(&sales.by_region, "Revenue by region")}
            <div class="span">{revenue_per_day(&sales.by_day)}</div>
        }
        .into_any(),
        None => view! { <p class="notice">"No rows of this run are in the ledger."</p> }.into_any(),
    };
    view! {
        <section aria-labelledby="charts">
            <h2 id="charts">"At a glance"</h2>
            <div class="charts">{chart::failures(&verdict.controls, Some(page))} {revenue}</div>
        </section>
    }
    .into_any()
}

pub(crate) const fn way_title(way: Way) -> &'static str {
    match way {
        Way::Browser => "Browser",
        Way::Api => "API",
        Way::CommandLine => "Command line",
    }
}

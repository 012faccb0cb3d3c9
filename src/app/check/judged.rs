//! The verdict, before Submit: first the answer, then how much, then why, then the rows.

use super::{
    answer::answer,
    desk::{Command, Desk, FileInfo, Making},
    press::press,
    propose::{self, Propose, Proposed, preview},
    reading::{Advice, HowRead},
    send::{Loads, Send},
    sheet::Sheet,
    wrong,
};
use crate::{
    format,
    icons::{Icon, icon},
    parts::{
        balance::{Rows, balance},
        chart,
        control_table::control_table,
        erase::Erase,
        fragment::{block, inline},
        goals::goals,
        layout::layout,
        phrase::phrase,
        problems::{failing, problems},
    },
    place::{Page, Place, use_place},
    window::{RowWindow, Show},
};
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;
use maud::html;
use model::t;
use model::{
    control::{Scope, Severity},
    message::Export,
    verdict::{Held, Verdict},
};
use std::sync::Arc;

#[component]
pub(super) fn Judged(desk: Desk, file: FileInfo) -> impl IntoView {
    let place = use_place();
    let page = Signal::derive(move || place.get().href(Page::Check));
    let query = use_query_map();
    let opens = desk.verdict.with_untracked(|it| opens(it.as_deref()));
    let window = Memo::new(move |_| query.with(|it| RowWindow::opening(opens, it)));
    let structure = Memo::new(move |_| {
        let held = desk.verdict.with(|it| it.as_ref()?.held.clone());
        held.is_some_and(|it| it.for_structure())
    });
    let has_rows = Memo::new(move |_| {
        let rows = desk.verdict.with(|it| Some(it.as_ref()?.rows.read));
        rows.unwrap_or_default() > 0 && !structure.get()
    });
    let kept = move || {
        let kept = desk.kept.get()?;
        let what = match desk.kept_cells.get() {
            _ if kept.corrections.is_empty() => {
                t!("You changed how this file is read and did not submit it.").to_owned()
            }
            0 => t!("You corrected cells of this file here and did not submit it.").to_owned(),
            cells => t!(
                "You corrected {cells} of this file here and did not submit it.",
                cells = format::counted(cells, t!("cell"), t!("cells"))
            ),
        };
        Some(view! {
            <section class="notice" aria-label=t!("Kept from earlier")>
                <p>{icon(Icon::Sample)} " " {what}</p>
                <p class="choices">
                    {press(desk, "button main", html! { (t!("Take that up again")) }, Command::TakeUp)}
                    {press(desk, "button", html! { (t!("Discard it")) }, Command::Discard)}
                </p>
            </section>
        })
    };
    let origin = move || {
        let run = desk.origin.get()?;
        let href = Place::new(run.workspace.clone()).run(&run.id);
        let run = html! { a href=(href) { (t!("a run that was submitted")) } };
        let text = phrase!(
            "This is the file of {run}, read as it was then. Change how it is read, or its cells, and submit it anew: nothing is uploaded.",
            run = run
        );
        Some(view! { <p class="notice">{icon(Icon::File)} " " {inline(text)}</p> })
    };
    // The grid stays while corrections change the verdict around it.
    view! {
        {kept} {origin} {move || propose::kept(desk)}
        {move || Some(above(desk, file.clone(), desk.verdict.get()?, window, page))}
        <Proposed desk/>
        {move || {
            has_rows
                .get()
                .then(|| {
                    view! {
                        <wrong::WrongValues desk/>
                        <Sheet desk window page/>
                    }
                })
        }}
        {move || Some(below(desk, &*desk.verdict.get()?, place))}
    }
    .erased()
}

/// The rows that are shown at first: those with warnings where there are no others to look at.
fn opens(verdict: Option<&Verdict>) -> Show {
    let warned = verdict
        .is_some_and(|it| it.rows.exceptions == 0 && !failing(it, Severity::Warning).is_empty());
    if warned {
        Show::Warnings
    } else {
        Show::default()
    }
}

fn above(
    desk: Desk,
    file: FileInfo,
    verdict: Arc<Verdict>,
    window: Memo<RowWindow>,
    page: Signal<String>,
) -> AnyView {
    let here = page.get_untracked();
    let chosen = Memo::new(move |_| window.with(|it| (it.code.clone(), it.column)));
    let later = later(&verdict).filter(|_| !desk.trying.get_untracked());
    let structure = verdict.held.as_ref().is_some_and(|it| it.for_structure());
    let loads = Loads::of(&verdict);
    let rows = Rows {
        exceptions: Some(RowWindow::showing(Show::Exceptions).href(&here)),
        ..Rows::default()
    };
    view! {
        <section class="verdict" aria-label=t!("Verdict")>
            <div class="file-line">
                <p>
                    {icon(Icon::File)} " " <strong>{file.name.clone()}</strong> " "
                    <span class="quiet">{format::bytes(file.bytes)}</span>
                </p>
                <HowRead desk verdict=verdict.clone()/>
            </div>
            {desk.trying.get_untracked().then(|| block(preview()))}
            <div class="answer-and-submit">
                {block(answer(&verdict))} <Send desk file=file.clone() loads/>
            </div>
            <Propose desk verdict=verdict.clone()/>
            <Advice desk verdict=verdict.clone()/>
            {(!structure).then(|| block(goals(&verdict)))}
            <div class="columns">
                {
                    let verdict = verdict.clone();
                    move || block(problems(&verdict, &here, &chosen.get()))
                } {block(balance(&verdict, &rows))}
            </div>
            {later.map(|it| view! { <p class="quiet">{icon(Icon::NotRun)} " " {it}</p> })}
            {block(layout(&verdict))}
        </section>
    }
    .erased()
}

fn below(desk: Desk, verdict: &Verdict, place: Memo<Place>) -> AnyView {
    let help = place.get_untracked().href(Page::Controls);
    let exceptions = verdict.rows.exceptions > 0;
    let accepted = verdict.rows.accepted > 0;
    let structure = verdict.held.as_ref().is_some_and(|it| it.for_structure());
    view! {
        {(exceptions || accepted)
            .then(|| {
                view! {
                    <section aria-labelledby="take">
                        <h2 id="take">{t!("Downloads")}</h2>
                        <p class="choices">
                            {exceptions
                                .then(|| {
                                    export(desk, Export::Exceptions, t!("Exceptions as CSV"), t!("Exceptions for Excel"))
                                })}
                            {accepted
                                .then(|| {
                                    export(desk, Export::Accepted, t!("Accepted rows as CSV"), t!("Accepted rows for Excel"))
                                })}
                        </p>
                        <p class="quiet" role="status">
                            {move || match desk.workbook.get() {
                                Making::Not => String::new(),
                                Making::Going => t!("The workbook is being made, here in the browser …").to_owned(),
                                Making::Failed(text) => text,
                            }}
                        </p>
                    </section>
                }
            })}
        {(!structure)
            .then(|| {
                let failures = block(chart::failures(&verdict.controls, None));
                view! {
                    <section aria-labelledby="charts">
                        <h2 id="charts">{t!("At a glance")}</h2>
                        <div class="charts">
                            {failures}
                            {move || {
                                desk.sales
                                    .get()
                                    .filter(|it| it.rows > 0)
                                    .map(|it| block(chart::regions(&it.by_region, t!("Revenue by region, accepted rows"), None)))
                            }}
                        </div>
                    </section>
                }
            })}
        <section aria-labelledby="all-controls">
            <h2 id="all-controls">{t!("All controls")}</h2>
            {block(control_table(verdict, &help, &place.get_untracked().href(Page::Check)))}
        </section>
    }
    .erased()
}

fn export(desk: Desk, what: Export, csv: &'static str, workbook: &'static str) -> AnyView {
    let going = move || desk.workbook.get() == Making::Going;
    view! {
        {press(desk, "button", html! { (Icon::Download) (csv) }, Command::Export(what))}
        <button
            type="button"
            class="button"
            disabled=going
            on:click=move |_| desk.ask(Command::Workbook(what))
        >
            {icon(Icon::Download)}
            {workbook}
        </button>
    }
    .erased()
}

/// What only the server can judge; nothing of a file of which no row is loaded.
fn later(verdict: &Verdict) -> Option<String> {
    if verdict.held.as_ref().is_some_and(Held::for_structure) {
        return None;
    }
    let controls = verdict
        .controls
        .iter()
        .filter(|it| it.scope == Scope::Server);
    let codes: Vec<_> = controls.map(|it| it.code.clone()).collect();
    if codes.is_empty() {
        return None;
    }
    let number = u64::try_from(codes.len()).unwrap_or(u64::MAX);
    let codes = codes.join(", ");
    Some(match number {
        1 => t!("1 control runs on submit: {codes}.", codes = codes),
        _ => t!(
            "{number} controls run on submit: {codes}.",
            number = format::count(number),
            codes = codes
        ),
    })
}

//! One run: a sentence, whether both sides agree, what it rests on, and its rows.

mod downloads;
mod lineage;
mod receipts;
mod sentence;
mod stages;

use crate::{
    clock::Time,
    frame::PageHead,
    parts::{
        balance::balance,
        chart,
        control_table::control_table,
        goals::goals,
        grid::{ShowTabs, grid},
        layout::layout,
        notice::{loading, trouble},
        problems::problems,
        reading::reading,
        words::{run_state, way_title},
    },
    place::{Page, Place, use_place},
    queries::{self, QueryError},
    window::RowWindow,
};
use leptos::prelude::*;
use leptos_router::hooks::{use_params_map, use_query_map};
use model::{
    id::RunId,
    run::{Run, RunStatus, StageRecord},
    verdict::Verdict,
};
use std::sync::Arc;

#[component]
pub(crate) fn RunPage() -> impl IntoView {
    let place = use_place();
    let params = use_params_map();
    let id = Memo::new(move |_| {
        let text = params.with(|it| it.get("id")).unwrap_or_default();
        RunId::try_from(text).ok()
    });
    let run = Resource::new(
        move || (place.get(), id.get()),
        |(place, id)| async move {
            let id = id.ok_or(QueryError::NotFound)?;
            queries::run(place.workspace, id).await
        },
    );
    view! {
        <Transition fallback=loading>
            {move || Suspend::new(async move {
                match run.await {
                    Ok(found) => view! { <OneRun run=found again=move || run.refetch()/> }.into_any(),
                    Err(error) => {
                        view! {
                            <PageHead title="Run"/>
                            {trouble(&error)}
                        }
                            .into_any()
                    }
                }
            })}
        </Transition>
    }
    .into_any()
}

/// `again` asks the server for this run once more, when it has ended.
#[component]
fn OneRun(run: Run, again: impl Fn() + Copy + Send + Sync + 'static) -> impl IntoView {
    let place = Place::new(run.summary.workspace.clone());
    let summary = &run.summary;
    let running = summary.status == RunStatus::Running;
    let stages = RwSignal::new(run.stages.clone());
    if running {
        follow(&run, stages, again);
    }
    let verdict = run.verdict.clone().map(Arc::new);
    let structure = verdict
        .as_ref()
        .and_then(|it| it.held.as_ref())
        .is_some_and(|it| it.for_structure());
    let sent = view! {
        <p class="quiet run-facts">
            {run_state(summary.status)} <span>{format!("{} · {}", way_title(summary.way), summary.actor)}</span>
            <Time at=summary.created_at.clone() age=true/>
        </p>
    };
    let note = run.note.clone().map(|it| view! { <p>"Note: " {it}</p> });
    view! {
        <PageHead title=summary.file_name.clone()/>
        {sent}
        {note}
        {sentence::sentence(&run)}
        {running.then(stages::while_running)}
        {(!running).then(|| receipts::receipts(&run))}
        {stages::stages(stages, summary.status)}
        {verdict
            .as_ref()
            .map(|verdict| view! { <Judged verdict=verdict.clone() id=run.summary.id.clone() place=place.clone() structure/> })}
        {lineage::lineage(&run, &place)}
        {(!running).then(|| downloads::downloads(&run, &place))}
    }
    .into_any()
}

/// In the browser alone: the stages as they come, and the whole run when it has ended.
fn follow(run: &Run, stages: RwSignal<Vec<StageRecord>>, again: impl Fn() + Copy + 'static) {
    #[cfg(target_arch = "wasm32")]
    {
        use crate::web::follow::{Follow, News};
        let (workspace, id) = (run.summary.workspace.clone(), run.summary.id.clone());
        let kept = StoredValue::new_local(None);
        Effect::new(move |_| {
            let follow = Follow::run(&workspace, &id, move |news| match news {
                News::Stage(live) => stages.set(live.stages),
                News::End | News::Silence => again(),
            });
            kept.set_value(follow.ok());
        });
    }
    // On the server a page is rendered once; the browser's copy of it follows.
    #[cfg(not(target_arch = "wasm32"))]
    let _ = (run, stages, again);
}

#[component]
fn Judged(verdict: Arc<Verdict>, id: RunId, place: Place, structure: bool) -> impl IntoView {
    let page = place.run(&id);
    let help = place.href(Page::Controls);
    let window = use_window();
    let chosen = Signal::derive(move || window.with(|it| it.code.clone()));
    let has_rows = verdict.findings.flagged_rows > 0;
    view! {
        {(!structure).then(|| goals(&verdict))}
        <div class="columns">
            {problems(&verdict, &page, chosen)}
            {balance(&verdict)}
        </div>
        {layout(&verdict)}
        {reading(&verdict.options)}
        {has_rows.then(|| view! { <Rows id=id.clone() place=place.clone() window/> })}
        {(!structure).then(|| view! { <Charts verdict=verdict.clone() id place/> })}
        <section aria-labelledby="all-controls">
            <h2 id="all-controls">"All controls"</h2>
            {control_table(&verdict.controls, &help)}
        </section>
    }
    .into_any()
}

fn use_window() -> Memo<RowWindow> {
    let query = use_query_map();
    Memo::new(move |_| query.with(RowWindow::of))
}

#[component]
fn Rows(id: RunId, place: Place, window: Memo<RowWindow>) -> impl IntoView {
    let page = Signal::stored(place.run(&id));
    let rows = Resource::new(
        move || window.get(),
        move |window| queries::flagged(place.workspace.clone(), id.clone(), window.query()),
    );
    view! {
        <section class="rows" id="rows" aria-labelledby="rows-title">
            <h2 id="rows-title">"Rows with findings"</h2>
            <ShowTabs window page/>
            <Transition fallback=loading>
                {move || Suspend::new(async move {
                    match rows.await {
                        Ok(rows) => {
                            let page = page.get_untracked();
                            grid(&rows, &window.get_untracked(), &page)
                        }
                        Err(error) => trouble(&error),
                    }
                })}
            </Transition>
        </section>
    }
    .into_any()
}

#[component]
fn Charts(verdict: Arc<Verdict>, id: RunId, place: Place) -> impl IntoView {
    let page = place.run(&id);
    let figures = Resource::new(
        || (),
        move |()| queries::figures(place.workspace.clone(), id.clone()),
    );
    view! {
        <section aria-labelledby="charts">
            <h2 id="charts">"At a glance"</h2>
            <div class="charts">
                {chart::failures(&verdict.controls, Some(&page))}
                <Transition fallback=loading>
                    {move || Suspend::new(async move {
                        match figures.await {
                            Ok(figures) if figures.sales.rows == 0 => {
                                view! { <p class="notice">"No rows of this run are in the ledger."</p> }
                                    .into_any()
                            }
                            Ok(figures) => {
                                view! {
                                    {chart::regions(&figures.sales.by_region, "Revenue by region")}
                                    <div class="span">{chart::revenue_per_day(&figures.sales.by_day)}</div>
                                }
                                    .into_any()
                            }
                            Err(error) => trouble(&error),
                        }
                    })}
                </Transition>
            </div>
        </section>
    }
    .into_any()
}

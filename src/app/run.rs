//! One run: a sentence, whether both sides agree, what it rests on, and its rows. The server renders what
//! stands above and below the rows.

use model::t;
#[cfg(not(target_arch = "wasm32"))]
mod downloads;
#[cfg(not(target_arch = "wasm32"))]
mod drawing;
#[cfg(not(target_arch = "wasm32"))]
mod lineage;
#[cfg(not(target_arch = "wasm32"))]
pub(crate) mod page;
#[cfg(not(target_arch = "wasm32"))]
mod receipts;
#[cfg(not(target_arch = "wasm32"))]
mod sentence;
#[cfg(not(target_arch = "wasm32"))]
mod settle;
#[cfg(not(target_arch = "wasm32"))]
pub(crate) mod stages;

use crate::{
    check::Desk,
    frame::PageHead,
    parts::{
        erase::Erase,
        fragment::{Answer, fragment},
        in_page::{InPage, Shows},
        notice::{loading, trouble},
        tabs::ShowTabs,
    },
    place::{Place, use_place},
    queries::{self, QueryError, Question, RunView},
    window::RowWindow,
};
use leptos::prelude::*;
use leptos_router::hooks::{use_location, use_params_map};
use model::id::{RunId, WorkspaceId};

#[component]
pub(crate) fn RunPage() -> impl IntoView {
    let place = use_place();
    let params = use_params_map();
    let id = Memo::new(move |_| {
        let text = params.with(|it| it.get("id")).unwrap_or_default();
        RunId::try_from(text).ok()
    });
    let locale = expect_context::<Desk>().locale;
    let path = use_location().pathname;
    let run = Resource::<_, InPage>::new_with_options(
        move || (place.get(), id.get(), locale.get()),
        |(place, id, _)| async move {
            let id = id.ok_or(QueryError::NotFound)?;
            let run = queries::run(place.workspace.clone(), id.clone()).await?;
            Ok::<_, QueryError>((run, id, place.workspace))
        },
        false,
    );
    let reported = RwSignal::new(false);
    // Spoken as a run goes on; of one that had ended before, the page itself says all.
    let told = RwSignal::new(String::new());
    #[cfg(target_arch = "wasm32")]
    {
        let running = Memo::new(move |_| reported.get());
        crate::web::follow::while_running(place, id, running, move || run.refetch());
    }
    view! {
        <Transition fallback=|| {
            view! {
                <PageHead title=t!("Run")/>
                {loading()}
            }
        }>
            {move || Suspend::new(async move {
                match run.await {
                    Ok((view, id, workspace)) => {
                        if view.running || reported.get_untracked() {
                            told.set(view.told.clone());
                        }
                        reported.set(view.running);
                        let place = Place::new(workspace);
                        view! { <OneRun view id place/> }.erased()
                    }
                    Err(error) => {
                        view! {
                            <PageHead title=t!("Run")/>
                            {trouble(&error, &path.get_untracked())}
                        }
                            .erased()
                    }
                }
            })}
        </Transition>
        <p class="hidden" role="status">{move || told.get()}</p>
    }
    .erased()
}

impl Shows for (RunView, RunId, WorkspaceId) {
    fn fragments(&mut self) -> Vec<&mut String> {
        let (view, ..) = self;
        vec![&mut view.above_rows, &mut view.below_rows]
    }
}

#[component]
fn OneRun(view: RunView, id: RunId, place: Place) -> impl IntoView {
    let rows = view.has_rows.then(|| view! { <Rows id place/> });
    view! {
        <PageHead title=view.title/>
        {fragment(view.above_rows)}
        {rows}
        {fragment(view.below_rows)}
    }
    .erased()
}

/// The rows have an address of their own: filter and page stand in it.
#[component]
fn Rows(id: RunId, place: Place) -> impl IntoView {
    let page = Signal::stored(place.run(&id));
    let location = use_location();
    let window = Memo::new(move |_| location.query.with(RowWindow::of));
    let question = Signal::derive(move || Question::Rows {
        workspace: place.workspace.clone(),
        run: id.clone(),
        search: location.search.get(),
    });
    view! {
        <section class="rows" id="rows" aria-labelledby="rows-title">
            <h2 id="rows-title">{t!("Rows with findings")}</h2>
            <ShowTabs window page/>
            <Answer question/>
        </section>
    }
    .erased()
}

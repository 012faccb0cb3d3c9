//! Check: a file is read and judged in the browser, and sent only when its owner says so. Without JavaScript
//! it is a plain form.

use model::t;
mod answer;
mod correct;
mod desk;
#[cfg(target_arch = "wasm32")]
pub(crate) mod driver;
mod intake;
mod judged;
#[cfg(target_arch = "wasm32")]
mod keep;
#[cfg(target_arch = "wasm32")]
mod piecemeal;
mod press;
mod progress;
mod proposal;
mod propose;
mod reading;
mod send;
mod sheet;
#[cfg(target_arch = "wasm32")]
mod submit;
mod totals;
#[cfg(target_arch = "wasm32")]
pub(crate) mod worker_client;
mod wrong;

pub(crate) use desk::{Command, Desk, Step};
use desk::{Outcome, Showing};

use crate::{
    format,
    frame::PageHead,
    icons::{Icon, icon},
    parts::erase::Erase,
    place::use_place,
};
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;
use model::id::RunId;

const LOADING: &str = t!("Loading the checker …");

const SHOWING: Showing = Showing {
    files,
    step,
    announcement,
};

#[component]
pub(crate) fn CheckPage() -> impl IntoView {
    let desk: Desk = expect_context();
    Effect::new(move |_| desk.ask(Command::Warm));
    let place = use_place();
    let query = use_query_map();
    // The address of a run's page leads here with its file.
    Effect::new(move |_| {
        let id = query.with(|it| it.get("run"))?;
        let id = RunId::try_from(id).ok()?;
        let here = desk
            .origin
            .with_untracked(|it| it.as_ref().is_some_and(|it| it.id == id));
        if !here {
            let workspace = place.get_untracked().workspace;
            desk.ask(Command::OpenRun { workspace, id });
        }
        Some(())
    });
    view! {
        <PageHead title=t!("Check") lead=t!("Weigh a sales file before it counts.")/>
        <intake::Intake desk/>
        {move || {
            desk.locale.track();
            desk.showing.get().map_or_else(|| ().erased(), |it| (it.files)(desk))
        }}
        {move || matches!(desk.step.get(), Step::Empty).then(|| view! { <crate::home::Home/> })}
        <div aria-live="polite" aria-atomic="true" class="hidden">
            {move || match desk.showing.get() {
                Some(it) => (it.announcement)(desk),
                None if desk.is_asked() => LOADING.to_owned(),
                None => String::new(),
            }}
        </div>
        {move || {
            desk.locale.track();
            desk.showing.get().map_or_else(|| not_yet(desk), |it| (it.step)(desk))
        }}
    }
    .erased()
}

/// While the part that does what is asked comes, and where it did not.
fn not_yet(desk: Desk) -> AnyView {
    match desk.step.get() {
        Step::Failed { text } => view! {
            {failed(text)}
            <p>
                <button type="button" class="button" on:click=move |_| desk.try_again()>
                    {t!("Try again")}
                </button>
            </p>
        }
        .erased(),
        _ if desk.is_asked() => view! { <p class="notice">{LOADING}</p> }.erased(),
        _ => ().erased(),
    }
}

fn failed(text: String) -> AnyView {
    view! {
        <section class="notice problem" role="alert">
            <h2 id="failed">{icon(Icon::Error)} {t!("This file could not be checked")}</h2>
            <p>{text}</p>
        </section>
    }
    .erased()
}

fn step(desk: Desk) -> AnyView {
    match desk.step.get() {
        Step::Empty => ().erased(),
        Step::Making => view! { <p class="notice">{t!("Making the sample file …")}</p> }.erased(),
        Step::Fetching => {
            view! { <p class="notice">{t!("Fetching the file of the run …")}</p> }.erased()
        }
        Step::Reading { file } => view! { <progress::Reading desk file/> }.erased(),
        Step::Stopped { file } => view! { <progress::Stopped desk file/> }.erased(),
        Step::Failed { text } => failed(text),
        Step::Judged { file } => view! { <judged::Judged desk file/> }.erased(),
    }
}

/// Several files that came together, each with what it came to.
fn files(desk: Desk) -> AnyView {
    let files = desk.files.get();
    if files.is_empty() {
        return ().erased();
    }
    let lines = files.into_iter().enumerate().map(|(at, file)| {
        let said = match file.outcome {
            Outcome::Waits => t!("Not read yet").to_owned(),
            Outcome::Stopped => t!("Cancelled").to_owned(),
            Outcome::Failed => t!("Could not be checked").to_owned(),
            Outcome::Judged(verdict) => answer::in_one_line(&verdict),
        };
        // As the button says it, and then of which file.
        let label = match file.open {
            true => t!("Open: {file}", file = file.name),
            false => t!("Open it: {file}", file = file.name),
        };
        view! {
            <tr class:chosen=file.open>
                <th scope="row">{file.name}</th>
                <td class="number">{format::bytes(file.bytes)}</td>
                <td>{said}</td>
                <td>
                    <button
                        type="button"
                        class="button small-button"
                        aria-label=label
                        disabled=file.open
                        on:click=move |_| desk.ask(Command::Open(at))
                    >
                        {if file.open { t!("Open") } else { t!("Open it") }}
                    </button>
                </td>
            </tr>
        }
    });
    let view = view! {
        <section aria-labelledby="files" data-then="answer">
            <h2 id="files">{t!("Files")}</h2>
            <div class="wide" tabindex="0" role="region" aria-label=t!("Files that came together")>
                <table class="figures">
                    <thead>
                        <tr>
                            <th scope="col">{t!("File")}</th>
                            <th scope="col" class="number">{t!("Size")}</th>
                            <th scope="col">{t!("Verdict")}</th>
                            <th scope="col"><span class="hidden">{t!("Open")}</span></th>
                        </tr>
                    </thead>
                    <tbody>{lines.collect_view()}</tbody>
                </table>
            </div>
        </section>
    };
    view.erased()
}

/// For those who do not see the page: few words, at few moments.
fn announcement(desk: Desk) -> String {
    match desk.step.get() {
        Step::Empty => String::new(),
        Step::Making => t!("Making the sample file.").to_owned(),
        Step::Fetching => t!("Fetching the file of the run.").to_owned(),
        Step::Reading { file } => progress::spoken(desk, &file),
        Step::Stopped { file } => t!(
            "Cancelled. {file} was not read to its end.",
            file = file.name
        ),
        Step::Failed { .. } => String::new(),
        Step::Judged { file } => {
            let Some(verdict) = desk.verdict.get() else {
                return String::new();
            };
            let (file, answer) = (&file.name, answer::in_one_line(&verdict));
            if desk.trying.get_untracked() {
                t!(
                    "{file}: previewed under a proposed contract: {answer}",
                    file = file,
                    answer = answer
                )
            } else {
                format!("{file}: {answer}")
            }
        }
    }
}

//! Check: a file is read and judged in the browser, and sent only when its owner says so. Without JavaScript
//! it is a plain form.

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

pub(crate) use desk::Desk;
use desk::{Command, Step};

use crate::{frame::PageHead, icons::Icon, icons::icon};
use leptos::prelude::*;

#[component]
pub(crate) fn CheckPage() -> impl IntoView {
    let desk: Desk = expect_context();
    Effect::new(move |_| desk.ask(Command::Warm));
    view! {
        <PageHead title="Check" lead="Weigh a sales file before it counts."/>
        <intake::Intake desk/>
        {move || matches!(desk.step.get(), Step::Empty).then(|| view! { <crate::home::Home/> })}
        <div aria-live="polite" aria-atomic="true" class="hidden">
            {move || announcement(desk)}
        </div>
        {move || match desk.step.get() {
            Step::Empty => ().into_any(),
            Step::Making => {
                view! { <p class="notice">"Making the sample file …"</p> }.into_any()
            }
            Step::Reading { file } => view! { <progress::Reading desk file/> }.into_any(),
            Step::Stopped { file } => view! { <progress::Stopped desk file/> }.into_any(),
            Step::Failed { text } => {
                view! {
                    <section class="notice problem" role="alert">
                        <h2>{icon(Icon::Error)} "This file could not be checked"</h2>
                        <p>{text}</p>
                    </section>
                }
                    .into_any()
            }
            Step::Judged { file } => view! { <judged::Judged desk file/> }.into_any(),
        }}
    }
    .into_any()
}

/// For those who do not see the page: few words, at few moments.
fn announcement(desk: Desk) -> String {
    match desk.step.get() {
        Step::Empty => String::new(),
        Step::Making => "Making the sample file.".to_owned(),
        Step::Reading { file } => progress::spoken(desk, &file),
        Step::Stopped { file } => format!("Cancelled. {} was not read to its end.", file.name),
        Step::Failed { .. } => String::new(),
        Step::Judged { file } => {
            let Some(verdict) = desk.verdict.get() else {
                return String::new();
            };
            let under = if desk.trying.get_untracked() {
                "previewed under a proposed contract: "
            } else {
                ""
            };
            format!("{}: {under}{}", file.name, answer::in_one_line(&verdict))
        }
    }
}

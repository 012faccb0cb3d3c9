//! Verify: an evidence file or an exported audit log is checked here, in the browser. Nothing is sent, and once the
//! page is loaded no network is needed.

use model::t;
#[cfg(target_arch = "wasm32")]
mod driver;

use crate::{
    frame::PageHead,
    icons::{Icon, icon},
    parts::erase::Erase,
};
use leptos::prelude::*;
use model::proof::{Check, Outcome};
#[cfg(target_arch = "wasm32")]
use {leptos_router::hooks::use_query_map, model::id::WorkspaceId};

/// The id of the file input, which `driver` reads.
const INPUT: &str = "proof";

#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(
    not(target_arch = "wasm32"),
    expect(dead_code, reason = "only a browser gets past the first")
)]
enum Step {
    Empty,
    Checking { name: String },
    Checked { name: String, checks: Vec<Check> },
    Failed { text: String },
}

#[component]
pub(crate) fn VerifyPage() -> impl IntoView {
    // True once the program that checks is loaded.
    let ready = RwSignal::new(false);
    let step = RwSignal::new(Step::Empty);
    // Rung when a file was chosen.
    let chosen = RwSignal::new(0_u32);
    #[cfg(target_arch = "wasm32")]
    {
        // The workspace whose log is to be verified, where the address names one.
        let log = use_query_map().with_untracked(|it| it.get("log"));
        let log = log.and_then(|it| WorkspaceId::try_from(it).ok());
        driver::start(ready, step, chosen, log);
    }
    view! {
        <PageHead title=t!("Verify") lead=t!("Is it what was written? Checked here; nothing is sent.")/>
        <section class="verify" aria-label=t!("File to verify") data-ready=move || ready.get().to_string()>
            <p>
                {t!("Drop an evidence file (zip) or an exported audit log (NDJSON) here. Its digests and the chain of its \
                 entries are computed anew, and its sales file is judged again by the same engine.")}
            </p>
            <p>
                <label for=INPUT class="button main">
                    {icon(Icon::File)}
                    {t!("Choose a file")}
                </label>
                <input
                    id=INPUT
                    type="file"
                    class="hidden"
                    accept=".zip,.ndjson"
                    on:change=move |_| chosen.update(|it| *it += 1)
                />
            </p>
            <p class="quiet">
                {move || {
                    if ready.get() {
                        t!("Ready. From here on no network is needed.")
                    } else {
                        t!("The program that checks is being loaded. It needs JavaScript and WebAssembly; without them, \
                         tarazu audit verify --file FILE does the same.")
                    }
                }}
            </p>
        </section>
        <div aria-live="polite">
            {move || match step.get() {
                Step::Empty => ().erased(),
                Step::Checking { name } => {
                    view! { <p class="notice">{t!("Checking {name} …", name = name)}</p> }.erased()
                }
                Step::Failed { text } => {
                    view! {
                        <section class="notice problem" role="alert">
                            <h2>{icon(Icon::Error)} {t!("This file could not be checked")}</h2>
                            <p>{text}</p>
                        </section>
                    }
                        .erased()
                }
                Step::Checked { name, checks } => checked(&name, checks),
            }}
        </div>
    }
    .erased()
}

fn checked(name: &str, checks: Vec<Check>) -> AnyView {
    let count = |outcome| checks.iter().filter(|it| it.outcome == outcome).count();
    let (class, picture, says) = match count(Outcome::Failed) {
        0 if count(Outcome::Missing) > 0 => (
            "state warning",
            Icon::Warning,
            t!("{name} is not complete. What is there holds.", name = name),
        ),
        0 => (
            "state accepted",
            Icon::Met,
            t!("{name} holds.", name = name),
        ),
        1 => (
            "state exception",
            Icon::Error,
            t!("{name} does not hold: 1 check failed.", name = name),
        ),
        count => (
            "state exception",
            Icon::Error,
            t!(
                "{name} does not hold: {count} checks failed.",
                name = name,
                count = count
            ),
        ),
    };
    view! {
        <section aria-labelledby="checks">
            <h2 id="checks">
                <span class=class>{icon(picture)} " " {says}</span>
            </h2>
            <ul class="checks">{checks.into_iter().map(line).collect_view()}</ul>
        </section>
    }
    .erased()
}

fn line(check: Check) -> AnyView {
    let (class, picture, word) = match check.outcome {
        Outcome::Passed => ("state accepted", Icon::Met, t!("Passed")),
        Outcome::Failed => ("state exception", Icon::Error, t!("Failed")),
        Outcome::NotRun => ("state quiet", Icon::NotRun, t!("Not run")),
        Outcome::Missing => ("state warning", Icon::Warning, t!("Missing")),
    };
    view! {
        <li>
            <span class=class>{icon(picture)} " " {word}</span>
            <code>{check.name}</code>
            <span>{check.text}</span>
        </li>
    }
    .erased()
}

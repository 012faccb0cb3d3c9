//! Verify: an evidence file or an exported audit log is checked here, in the browser. Nothing is sent, and once the
//! page is loaded no network is needed.

use model::t;
#[cfg(target_arch = "wasm32")]
mod driver;

use crate::{
    format,
    frame::PageHead,
    icons::{Icon, icon},
    parts::erase::Erase,
};
use leptos::prelude::*;
use model::proof::{Check, Outcome, Progress};
#[cfg(target_arch = "wasm32")]
use {
    leptos::web_sys::DragEvent,
    leptos::{leptos_dom::helpers::window_event_listener, task::spawn_local},
    leptos_router::hooks::use_query_map,
    model::id::WorkspaceId,
};

/// The id of the file input, which `driver` reads.
const INPUT: &str = "proof";

/// What checks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(
    not(target_arch = "wasm32"),
    expect(dead_code, reason = "only a browser gets past the first")
)]
enum Program {
    Loading,
    Ready,
    Broken,
}

#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(
    not(target_arch = "wasm32"),
    expect(dead_code, reason = "only a browser gets past the first")
)]
enum Step {
    Empty,
    /// The log is on its way from the server.
    Fetching {
        name: String,
    },
    /// The answer to the ask of this number is waited for, and no other.
    Checking {
        name: String,
        ask: u32,
    },
    Checked {
        name: String,
        checks: Vec<Check>,
    },
    Failed {
        text: String,
    },
}

/// How far it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(
    not(any(target_arch = "wasm32", test)),
    expect(dead_code, reason = "only a browser fetches and checks")
)]
enum Reach {
    /// Bytes of the log, of how many; of 0 where the server does not say.
    Fetched {
        bytes: u64,
        total: u64,
    },
    Checked(Progress),
}

#[derive(Debug, Clone, Copy)]
struct Shown {
    program: RwSignal<Program>,
    step: RwSignal<Step>,
    /// None until something was heard of it.
    reach: RwSignal<Option<Reach>>,
}

#[component]
pub(crate) fn VerifyPage() -> impl IntoView {
    let shown = Shown {
        program: RwSignal::new(Program::Loading),
        step: RwSignal::new(Step::Empty),
        reach: RwSignal::new(None),
    };
    let Shown {
        program,
        step,
        reach,
    } = shown;
    // A Memo, so that the same words are not said twice.
    let said = Memo::new(move |_| step.with(|it| spoken(it, reach.get())));
    // Rung when a file was chosen.
    let chosen = RwSignal::new(0_u32);
    #[cfg(target_arch = "wasm32")]
    {
        // The workspace whose log is to be verified, where the address names one.
        let log = use_query_map().with_untracked(|it| it.get("log"));
        let log = log.and_then(|it| WorkspaceId::try_from(it).ok());
        start(shown, chosen, log);
    }
    view! {
        <PageHead title=t!("Verify") lead=t!("Is it what was written? Checked here; nothing is sent.")/>
        <section class="verify" aria-label=t!("File to verify") data-ready=move || (program.get() == Program::Ready).to_string()>
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
                {move || match program.get() {
                    Program::Ready => t!("Ready. From here on no network is needed."),
                    Program::Loading => {
                        t!("The program that checks is being loaded. It needs JavaScript and WebAssembly; without them, \
                         tarazu audit verify --file FILE does the same.")
                    }
                    Program::Broken => t!("The program that checks is not running. The next file starts it again."),
                }}
            </p>
        </section>
        <div aria-live="polite" aria-atomic="true" class="hidden">
            {move || said.get()}
        </div>
        {move || match step.get() {
            Step::Fetching { name } | Step::Checking { name, .. } => Some(reading(name, reach)),
            Step::Empty | Step::Checked { .. } | Step::Failed { .. } => None,
        }}
        <div aria-live="polite">
            {move || match step.get() {
                Step::Empty | Step::Fetching { .. } | Step::Checking { .. } => ().erased(),
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

/// Where the part that checks did not come, the next file has it come again.
#[cfg(target_arch = "wasm32")]
fn start(shown: Shown, chosen: RwSignal<u32>, log: Option<WorkspaceId>) {
    // What is dropped on the page stands in the input, as what is chosen there does.
    let dropped = window_event_listener(leptos::ev::drop, move |event: DragEvent| {
        let files = event.data_transfer().and_then(|it| it.files());
        if let (Some(files), Some(input)) = (files.filter(|it| it.length() > 0), driver::input()) {
            event.prevent_default();
            input.set_files(Some(&files));
            chosen.update(|it| *it += 1);
        }
    });
    on_cleanup(move || dropped.remove());
    let Some(page) = Owner::current().map(|it| it.downgrade()) else {
        return;
    };
    let begun = StoredValue::new(false);
    Effect::new(move |_| {
        chosen.track();
        if begun.get_value() {
            return;
        }
        begun.set_value(true);
        shown.program.set(Program::Loading);
        let start = driver::start(shown, chosen, log.clone(), page.clone());
        spawn_local(async move {
            if start.await.is_err() {
                // Where the page was left meanwhile, nothing is said.
                begun.try_set_value(false);
                shown.program.try_set(Program::Broken);
                shown.step.try_set(Step::Failed {
                    text: driver::BROKEN.to_owned(),
                });
            }
        });
    });
}

fn reading(name: String, reach: RwSignal<Option<Reach>>) -> AnyView {
    let share = move || reach.get().and_then(per_mille);
    view! {
        <section class="reading-now" aria-labelledby="checking">
            <h2 id="checking">{icon(Icon::File)} " " {name}</h2>
            <progress max="1000" value=share aria-labelledby="checking">
                {move || share().map(|it| format!("{} %", it / 10))}
            </progress>
            <p class="tabular">{move || reach.get().map_or_else(|| t!("Opening …").to_owned(), words)}</p>
        </section>
    }
    .erased()
}

/// Said aloud at the start, at every quarter of the entries and at every run, not at every step.
fn spoken(step: &Step, reach: Option<Reach>) -> String {
    match (step, reach) {
        (Step::Fetching { name }, _) => t!("Fetching {name}.", name = name),
        (Step::Checking { .. }, Some(it @ Reach::Checked(Progress::Runs { .. }))) => words(it),
        (Step::Checking { name, .. }, reach) => {
            match reach.and_then(per_mille).unwrap_or(0) / 250 * 25 {
                0 => t!("Checking {name}.", name = name),
                part => t!("{part} percent checked.", part = part),
            }
        }
        (Step::Empty | Step::Checked { .. } | Step::Failed { .. }, _) => String::new(),
    }
}

/// None where nobody knows of how much.
fn per_mille(reach: Reach) -> Option<u32> {
    let (Reach::Fetched {
        bytes: part,
        total: whole,
    }
    | Reach::Checked(
        Progress::Entries {
            checked: part,
            total: whole,
        }
        | Progress::Runs {
            checked: part,
            total: whole,
        },
    )) = reach;
    (whole > 0).then(|| format::per_mille(part, whole))
}

fn words(reach: Reach) -> String {
    match reach {
        Reach::Fetched { bytes, total: 0 } => {
            t!("Fetching: {part}", part = format::bytes(bytes))
        }
        Reach::Fetched { bytes, total } => t!(
            "Fetching: {part} of {all}",
            part = format::bytes(bytes),
            all = format::bytes(total)
        ),
        Reach::Checked(Progress::Entries { checked, total: 0 }) => {
            t!("{part} entries checked", part = format::count(checked))
        }
        Reach::Checked(Progress::Entries { checked, total }) => t!(
            "{part} of {all} entries checked",
            part = format::count(checked),
            all = format::count(total)
        ),
        Reach::Checked(Progress::Runs { checked, total }) => t!(
            "Judging again: file {part} of {all}",
            part = format::count(checked + 1),
            all = format::count(total)
        ),
    }
}

fn checked(name: &str, checks: Vec<Check>) -> AnyView {
    let (class, picture, says) = answer(name, &checks);
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

/// What is said of all checks together.
fn answer(name: &str, checks: &[Check]) -> (&'static str, Icon, String) {
    let count = |outcome| checks.iter().filter(|it| it.outcome == outcome).count();
    let fails = |says| ("state exception", Icon::Error, says);
    match (count(Outcome::Failed), count(Outcome::Passed)) {
        (0, 0) => fails(t!("{name} was not checked.", name = name)),
        (0, _) if count(Outcome::Missing) > 0 => (
            "state warning",
            Icon::Warning,
            t!("{name} is not complete. What is there holds.", name = name),
        ),
        (0, _) => (
            "state accepted",
            Icon::Met,
            t!("{name} holds.", name = name),
        ),
        (1, _) => fails(t!("{name} does not hold: 1 check failed.", name = name)),
        (count, _) => fails(t!(
            "{name} does not hold: {count} checks failed.",
            name = name,
            count = count
        )),
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_passed_a_check_and_failed_none_holds() {
        let [passed, failed, not_run] = [Outcome::Passed, Outcome::Failed, Outcome::NotRun];
        let missing = Outcome::Missing;
        for (outcomes, says) in [
            (&[][..], "log was not checked."),
            (&[not_run], "log was not checked."),
            (&[passed, not_run], "log holds."),
            (&[missing], "log was not checked."),
            (
                &[passed, missing],
                "log is not complete. What is there holds.",
            ),
            (
                &[missing, passed, failed],
                "log does not hold: 1 check failed.",
            ),
            (&[passed, failed], "log does not hold: 1 check failed."),
            (&[failed, failed], "log does not hold: 2 checks failed."),
        ] {
            let checks = outcomes.iter().map(|it| Check::new("log", *it, ""));
            let checks: Vec<_> = checks.collect();
            assert_eq!(answer("log", &checks).2, says);
        }
    }

    #[test]
    fn progress_says_how_many_of_how_many_where_that_is_known() {
        let entries = |checked, total| Reach::Checked(Progress::Entries { checked, total });
        let runs = |checked, total| Reach::Checked(Progress::Runs { checked, total });
        let fetched = |bytes, total| Reach::Fetched { bytes, total };
        for (reach, share, says) in [
            (fetched(2_100_000, 0), None, "Fetching: 2.1 MB"),
            (
                fetched(2_100_000, 4_200_000),
                Some(500),
                "Fetching: 2.1 MB of 4.2 MB",
            ),
            (entries(1_000, 0), None, "1,000 entries checked"),
            (
                entries(1_000, 4_000),
                Some(250),
                "1,000 of 4,000 entries checked",
            ),
            (runs(0, 2), Some(0), "Judging again: file 1 of 2"),
        ] {
            assert_eq!((per_mille(reach), words(reach).as_str()), (share, says));
        }
    }
}

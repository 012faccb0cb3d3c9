//! Submit, and what becomes of it.

use super::{
    desk::{Command, Desk, FileInfo, Sending, Trouble},
    press::press,
    propose,
};
use crate::{
    clock::time,
    format,
    icons::{Icon, icon},
    parts::{
        erase::Erase,
        fragment::{block, inline},
        phrase::phrase,
        words::{run_state, stage_title, state},
    },
    place::{Place, use_place},
};
use leptos::prelude::*;
use maud::{Markup, html};
use model::t;
use model::{
    id::WorkspaceId,
    run::{Admission, RunStatus, RunSummary, Stage, StageRecord},
    verdict::Verdict,
};

/// What comes into the ledger of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Loads {
    Rows,
    /// It has none.
    NoRow,
    /// It is held before any row is judged.
    Held,
    /// It is held for what its rows come to, until somebody releases it.
    Waits,
}

impl Loads {
    pub(super) fn of(verdict: &Verdict) -> Self {
        match &verdict.held {
            Some(held) if held.for_structure() => Self::Held,
            Some(_) => Self::Waits,
            None if verdict.rows.read == 0 => Self::NoRow,
            None => Self::Rows,
        }
    }
}

#[component]
pub(super) fn Send(desk: Desk, file: FileInfo, loads: Loads) -> impl IntoView {
    let place = use_place();
    let sample = file.sample;
    let workspace = Memo::new(move |_| {
        if sample {
            WorkspaceId::sample()
        } else {
            place.get().workspace
        }
    });
    view! {
        <section class="submit" id="submit" aria-label=t!("Submit") data-then="submit">
            {move || match desk.sending.get() {
                Sending::Not if desk.trying.get_untracked() => propose::no_submit(desk),
                Sending::Not => submit(desk, workspace, loads),
                Sending::Asking => {
                    view! { <p role="status">{t!("Asking whether this file was judged before …")}</p> }
                        .erased()
                }
                Sending::Known(run) => known(desk, &run),
                Sending::Uploading { sent, total, rate } => uploading(desk, sent, total, rate),
                Sending::Waiting { sent, total } => waiting(desk, sent, total),
                Sending::Following { run, stages, .. } => following(&run, &stages),
                Sending::Done(run) => done(&run),
                Sending::Failed(trouble) => failed(desk, workspace, &trouble),
            }}
        </section>
    }
    .erased()
}

fn submit(desk: Desk, workspace: Memo<WorkspaceId>, loads: Loads) -> AnyView {
    let ask = move |_| {
        desk.ask(Command::Submit {
            workspace: workspace.get_untracked(),
            again: false,
        });
    };
    let consequence = match loads {
        _ if desk.origin.with_untracked(Option::is_some) => t!(
            "The server has this file already. A new run takes the place of the one that it came from: the rows of that one leave \
         the ledger when those of the new one enter."
        ),
        Loads::Held => {
            t!("The server keeps the file and notes that it was held. No row is loaded.")
        }
        Loads::NoRow => t!("The server keeps the file. It has no row to load."),
        Loads::Waits => t!(
            "The server judges it again and keeps every row, but holds the file: nothing is loaded until somebody releases it."
        ),
        Loads::Rows => t!(
            "The server judges it again and keeps every row: accepted ones in the ledger, the others as exceptions."
        ),
    };
    let all_or_none = move || desk.admission.get() == Admission::AllOrNone;
    let admit = move |event| {
        desk.admission.set(match event_target_checked(&event) {
            true => Admission::AllOrNone,
            false => Admission::Passing,
        });
    };
    let whole = matches!(loads, Loads::Rows | Loads::Waits).then(|| {
        view! {
            <p>
                <label>
                    <input type="checkbox" prop:checked=all_or_none on:change=admit/>
                    " "{t!("Load it only if every row passes. With one exception, the run is held.")}
                </label>
            </p>
        }
    });
    // A file of which no row would be loaded is better mended first.
    let class = match loads {
        Loads::Rows | Loads::Waits => "button main",
        Loads::NoRow | Loads::Held => "button",
    };
    view! {
        <p class="choices">
            <button type="button" class=class disabled=move || desk.judging.get() on:click=ask>
                {t!("Submit")}
            </button>
            {press(desk, "button", html! { (t!("Put it away")) }, Command::Clear)}
        </p>
        {whole}
        <p class="quiet">
            {move || {
                t!("Nothing has been sent yet. Goes to: {workspace}.", workspace = workspace.get().title())
            }} " " {consequence}
        </p>
    }
    .erased()
}

fn known(desk: Desk, run: &RunSummary) -> AnyView {
    let href = Place::new(run.workspace.clone()).run(&run.id);
    let again = Command::Submit {
        workspace: run.workspace.clone(),
        again: true,
    };
    let when = phrase!(
        "This workspace judged exactly this file on {day}. Nothing was sent.",
        day = time(&run.created_at)
    );
    view! {
        <p role="status">
            <strong>{t!("Already judged.")}</strong> " " {inline(when)}
        </p>
        <p>{inline(run_state(run.status, run.withdrawn.as_ref()))} " " {figures(run)}</p>
        <p class="choices">
            <a class="button main" href=href>
                {t!("See that run")}
            </a>
            {press(desk, "button", html! { (t!("Judge it again")) }, again)}
        </p>
    }
    .erased()
}

fn figures(run: &RunSummary) -> String {
    match (run.rows_accepted, run.rows_exceptions) {
        (Some(accepted), Some(exceptions)) => t!(
            "{accepted} in the ledger, {exceptions}",
            accepted = format::rows(match run.status {
                RunStatus::Complete if run.withdrawn.is_none() => accepted,
                _ => 0,
            }),
            exceptions = format::counted(exceptions, t!("exception"), t!("exceptions"))
        ),
        _ => String::new(),
    }
}

fn uploading(desk: Desk, sent: u64, total: u64, rate: Option<u64>) -> AnyView {
    let share = format::per_mille(sent, total);
    let arrived = sent >= total && total > 0;
    let (part, all) = (format::bytes(sent), format::bytes(total));
    let far = match rate {
        Some(rate) => t!(
            "{part} of {all}, {rate} a second",
            part = part,
            all = all,
            rate = format::bytes(rate)
        ),
        None => t!("{part} of {all}", part = part, all = all),
    };
    view! {
        <p id="uploading" role="status">
            {if arrived { t!("Sent. The server stores it …") } else { t!("Sending …") }}
        </p>
        <progress max="1000" value=share aria-labelledby="uploading"></progress>
        <p class="choices">
            {press(desk, "button", html! { (t!("Cancel")) }, Command::StopSending)}
            <span class="quiet tabular">
                {far}
            </span>
        </p>
    }
    .erased()
}

fn waiting(desk: Desk, sent: u64, total: u64) -> AnyView {
    let share = format::per_mille(sent, total);
    let text = t!(
        "The connection was cut. {part} of {all} were on their way; what arrived is kept, and the rest follows as soon as the server answers.",
        part = format::bytes(sent),
        all = format::bytes(total)
    );
    view! {
        <p id="uploading" role="status">
            {text}
        </p>
        <progress max="1000" value=share aria-labelledby="uploading"></progress>
        <p class="choices">{press(desk, "button", html! { (t!("Cancel")) }, Command::StopSending)}</p>
    }
    .erased()
}

fn following(run: &RunSummary, records: &[StageRecord]) -> AnyView {
    let href = Place::new(run.workspace.clone()).run(&run.id);
    view! {
        <p role="status">{t!("The server judges it now.")}</p>
        {block(stage_list(records))}
        <p class="quiet">
            <a href=href>{t!("Go to the run")}</a>
        </p>
    }
    .erased()
}

fn stage_list(records: &[StageRecord]) -> Markup {
    html! {
        ol class="stage-list" {
            @for stage in Stage::ALL {
                (stage_line(stage, records.iter().find(|it| it.stage == stage)))
            }
        }
    }
}

fn stage_line(stage: Stage, record: Option<&StageRecord>) -> Markup {
    let (class, picture, said) = match record {
        None => ("quiet", Icon::NotRun, String::new()),
        Some(record) => match &record.ended_at {
            None => ("running", Icon::Running, "…".to_owned()),
            Some(end) => (
                "accepted",
                Icon::Met,
                format::duration(&record.started_at, end).unwrap_or_default(),
            ),
        },
    };
    html! {
        li {
            (state(class, picture, stage_title(stage)))
            span class="quiet tabular" { (said) }
        }
    }
}

fn done(run: &RunSummary) -> AnyView {
    let href = Place::new(run.workspace.clone()).run(&run.id);
    view! {
        <p role="status">{icon(Icon::Met)} " "{t!("Submitted.")}</p>
        <p class="choices">
            <a class="button main" href=href>
                {t!("See the run")}
            </a>
        </p>
    }
    .erased()
}

fn failed(desk: Desk, workspace: Memo<WorkspaceId>, trouble: &Trouble) -> AnyView {
    let ask = move |_| {
        desk.ask(Command::Submit {
            workspace: workspace.get_untracked(),
            again: false,
        });
    };
    view! {
        <div role="alert" class="trouble">
            <p class="exception">{icon(Icon::Error)} " " <strong>{trouble.title.clone()}</strong></p>
            <p>{trouble.detail.clone()} " " {trouble.kept.clone()} " " {trouble.next.clone()}</p>
        </div>
        <p class="choices">
            <button type="button" class="button main" on:click=ask>
                {t!("Submit again")}
            </button>
        </p>
    }
    .erased()
}

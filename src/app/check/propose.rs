//! For a file that fits no contract of the server: one is proposed from the file, shown, tried and taken away.

use super::{
    answer::MISSING,
    desk::{Command, Desk, Proposing},
    proposal::Proposal,
};
use crate::{
    format,
    icons::{Icon, icon},
    parts::{fragment::block, words::quoted},
};
use leptos::prelude::*;
use maud::{Markup, html};
use model::verdict::Verdict;
use std::sync::Arc;

#[component]
pub(super) fn Propose(desk: Desk, verdict: Arc<Verdict>) -> impl IntoView {
    let held = verdict.held.as_ref();
    let fits_none = held.is_some_and(|it| it.reason == MISSING);
    let contract = verdict.contract.name.clone();
    move || match desk.proposal.get() {
        Proposing::Not if fits_none => offer(desk, &contract),
        Proposing::Not => ().into_any(),
        Proposing::Going => going(desk),
        Proposing::Failed(text) => failed(desk, text),
        Proposing::Done(proposal) if desk.trying.get_untracked() => tried(&proposal),
        Proposing::Done(proposal) => shown(desk, &proposal),
    }
}

/// That the verdict is no promise of the server.
pub(super) fn preview(desk: Desk) -> Option<AnyView> {
    desk.trying.get_untracked().then(|| {
        view! {
            <p class="preview">
                {icon(Icon::Sample)} " " <strong>"Preview under a proposed contract"</strong>
                ", which the server does not know yet. Nothing has been sent."
            </p>
        }
        .into_any()
    })
}

/// In the place of Submit.
pub(super) fn no_submit(desk: Desk) -> AnyView {
    let name = match desk.proposal.get_untracked() {
        Proposing::Done(proposal) => proposal.file_name(),
        _ => String::new(),
    };
    view! {
        <p>
            <strong>"This cannot be submitted yet. "</strong>
            "An administrator has to add the contract to the server first, with "
            <code>"tarazu serve --contract " {name}</code> ". Then choose the file again."
        </p>
        <p class="choices">
            {download(desk, "button main")}
            <button type="button" class="button" on:click=move |_| desk.ask(Command::Try(false))>
                "Back to the server's contracts"
            </button>
        </p>
    }
    .into_any()
}

pub(super) fn button(desk: Desk) -> AnyView {
    let going = move || desk.proposal.get() == Proposing::Going;
    view! {
        <button
            type="button"
            class="button"
            disabled=going
            on:click=move |_| desk.ask(Command::Propose)
        >
            "Propose a contract from this file"
        </button>
    }
    .into_any()
}

fn offer(desk: Desk, contract: &str) -> AnyView {
    view! {
        <section class="proposed" aria-labelledby="proposed">
            <h2 id="proposed">"Is this another kind of file?"</h2>
            <p>
                "It was held against the contract " <code>{contract.to_owned()}</code>
                ". If it was never meant for that, a contract of its own can be drawn up from what it holds. "
                "That happens in this browser; nothing is sent."
            </p>
            <p>{button(desk)}</p>
        </section>
    }
    .into_any()
}

fn going(desk: Desk) -> AnyView {
    view! {
        <section class="proposed" aria-labelledby="proposed">
            <h2 id="proposed">"Proposed contract"</h2>
            <div class="reading-line">
                <p role="status">"Looking at what the columns hold …"</p>
                <button
                    type="button"
                    class="button"
                    on:click=move |_| desk.ask(Command::StopProposing)
                >
                    "Cancel"
                </button>
            </div>
            <progress aria-labelledby="proposed"></progress>
        </section>
    }
    .into_any()
}

fn failed(desk: Desk, text: String) -> AnyView {
    view! {
        <section class="proposed" aria-labelledby="proposed" role="alert">
            <h2 id="proposed">{icon(Icon::Error)} " No contract could be proposed"</h2>
            <p>{text}</p>
            <p>{button(desk)}</p>
        </section>
    }
    .into_any()
}

fn shown(desk: Desk, proposal: &Proposal) -> AnyView {
    view! {
        <section class="proposed" aria-labelledby="proposed">
            // Focused when the proposal comes.
            <h2 id=Desk::PROPOSAL tabindex="-1">
                <span id="proposed">"Proposed contract: " {proposal.name().to_owned()}</span>
            </h2>
            {block(contract(proposal))}
            <p class="choices">
                <button
                    type="button"
                    class="button main"
                    on:click=move |_| desk.ask(Command::Try(true))
                >
                    "Judge under this contract"
                </button>
                {download(desk, "button")}
            </p>
            <p class="quiet">
                "The file is judged here, as a preview. The server takes such files once an administrator has added "
                "the contract to it."
            </p>
        </section>
    }
    .into_any()
}

fn tried(proposal: &Proposal) -> AnyView {
    view! {
        <details class="proposed">
            <summary>"Proposed contract: " {proposal.name().to_owned()}</summary>
            {block(contract(proposal))}
        </details>
    }
    .into_any()
}

fn download(desk: Desk, class: &'static str) -> AnyView {
    view! {
        <button type="button" class=class on:click=move |_| desk.ask(Command::SaveContract)>
            {icon(Icon::Download)}
            "Download contract"
        </button>
    }
    .into_any()
}

fn contract(proposal: &Proposal) -> Markup {
    let looked_at = format::rows(proposal.rows);
    let null_words = proposal.null_words();
    html! {
        p {
            @if proposal.is_whole { "Drawn up from all " } @else { "Drawn up from the first " }
            (looked_at) " of the file. What most of them hold is taken for what all are to hold, so it is a guess: look \
            it over."
        }
        @if !proposal.notes.is_empty() {
            h3 { "Look at this first" }
            ul class="about-file" {
                @for note in &proposal.notes { li { (Icon::Warning) span { (quoted(note)) } } }
            }
        }
        table class="figures" {
            caption class="hidden" { "Columns of the proposed contract" }
            thead {
                tr {
                    th scope="col" { "Column" }
                    th scope="col" { "Holds" }
                    th scope="col" { "Required" }
                    th scope="col" { "Limits" }
                }
            }
            tbody {
                @for line in proposal.lines() {
                    tr {
                        th scope="row" {
                            (line.name)
                            @if line.is_key { span class="below" { "Key" } }
                            @if line.is_money { span class="below" { "Summed up as money" } }
                        }
                        td { (line.holds) }
                        td { @if line.required { "Yes" } @else { span class="quiet" { "No" } } }
                        td { @for limit in &line.limits { div { (limit) } } }
                    }
                }
            }
        }
        @if !null_words.is_empty() {
            p class="quiet" { "These stand for a blank cell, too: " (null_words) "." }
        }
    }
}

//! For a file that fits no contract of the server: one is proposed from the file, shown, tried and taken away.

use super::{
    answer::MISSING,
    desk::{Command, Desk, Proposing},
    press::press,
    proposal::Proposal,
};
use crate::{
    format,
    icons::Icon,
    parts::{erase::Erase, fragment::block, words::quoted},
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
        Proposing::Not if fits_none => section(offer(&contract), vec![button(desk)]),
        Proposing::Not => ().erased(),
        Proposing::Going => {
            let cancel = press(desk, "button", html! { "Cancel" }, Command::StopProposing);
            section(going(), vec![cancel])
        }
        Proposing::Failed(text) => section(failed(&text), vec![button(desk)]),
        Proposing::Done(proposal) if desk.trying.get_untracked() => block(tried(&proposal)),
        Proposing::Done(proposal) => {
            let judge = html! { "Judge under this contract" };
            let judge = press(desk, "button main", judge, Command::Try(true));
            section(shown(&proposal), vec![judge, download(desk, "button")])
        }
    }
}

/// That the verdict is no promise of the server.
pub(super) fn preview() -> Markup {
    html! {
        p class="preview" {
            (Icon::Sample) " " strong { "Preview under a proposed contract" }
            ", which the server does not know yet. Nothing has been sent."
        }
    }
}

/// In the place of Submit.
pub(super) fn no_submit(desk: Desk) -> AnyView {
    let name = match desk.proposal.get_untracked() {
        Proposing::Done(proposal) => proposal.file_name(),
        _ => String::new(),
    };
    let told = html! {
        p {
            strong { "This cannot be submitted yet. " }
            "An administrator has to add the contract to the server first, with "
            code { "tarazu serve --contract " (name) } ". Then choose the file again."
        }
    };
    let back = html! { "Back to the server's contracts" };
    let back = press(desk, "button", back, Command::Try(false));
    with_buttons(told, vec![download(desk, "button main"), back])
}

pub(super) fn button(desk: Desk) -> AnyView {
    let label = html! { "Propose a contract from this file" };
    press(desk, "button", label, Command::Propose)
}

fn download(desk: Desk, class: &'static str) -> AnyView {
    let label = html! { (Icon::Download) "Download contract" };
    press(desk, class, label, Command::SaveContract)
}

fn with_buttons(told: Markup, buttons: Vec<AnyView>) -> AnyView {
    view! {
        {block(told)}
        <p class="choices">{buttons}</p>
    }
    .erased()
}

/// Under a heading with the id `proposed`.
fn section(told: Markup, buttons: Vec<AnyView>) -> AnyView {
    view! {
        <section class="proposed" aria-labelledby="proposed">
            {with_buttons(told, buttons)}
        </section>
    }
    .erased()
}

fn offer(contract: &str) -> Markup {
    html! {
        h2 id="proposed" { "Is this another kind of file?" }
        p {
            "It was held against the contract " code { (contract) }
            ". If it was never meant for that, a contract of its own can be drawn up from what it holds. That happens \
            in this browser; nothing is sent."
        }
    }
}

fn going() -> Markup {
    html! {
        h2 id="proposed" { "Proposed contract" }
        p role="status" { "Looking at what the columns hold …" }
        progress aria-labelledby="proposed" {}
    }
}

fn failed(text: &str) -> Markup {
    html! {
        h2 id="proposed" { (Icon::Error) " No contract could be proposed" }
        p role="alert" { (text) }
    }
}

fn shown(proposal: &Proposal) -> Markup {
    html! {
        // Focused when the proposal comes.
        h2 id=(Desk::PROPOSAL) tabindex="-1" {
            span id="proposed" { "Proposed contract: " (proposal.name()) }
        }
        (contract(proposal))
        p class="quiet" {
            "The file is judged here, as a preview. The server takes such files once an administrator has added the \
            contract to it."
        }
    }
}

fn tried(proposal: &Proposal) -> Markup {
    html! {
        details class="proposed" {
            summary { "Proposed contract: " (proposal.name()) }
            (contract(proposal))
        }
    }
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

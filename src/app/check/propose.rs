//! For a file that fits no contract of the server: one is proposed from the file, changed in plain words, tried and
//! taken away.

use super::{
    answer::MISSING,
    desk::{Command, Desk, Keeping, Proposing},
    press::press,
    proposal::{Line, Proposal},
};
use crate::parts::phrase::phrase;
use crate::{
    format,
    icons::Icon,
    parts::{
        erase::Erase,
        fragment::{block, inline},
        words::quoted,
    },
};
use leptos::prelude::*;
use maud::{Markup, html};
use model::t;
use model::verdict::Verdict;
use std::sync::Arc;

/// The id of what tells that the contract is kept.
const KEPT: &str = "contract-kept";

#[component]
pub(super) fn Propose(desk: Desk, verdict: Arc<Verdict>) -> impl IntoView {
    let held = verdict.held.as_ref();
    let fits_none = held.is_some_and(|it| it.reason == MISSING);
    let contract = verdict.contract.name.clone();
    move || match desk.proposal.get() {
        Proposing::Not if fits_none => section(offer(&contract), vec![button(desk, "button main")]),
        Proposing::Not => ().erased(),
        Proposing::Going => {
            let cancel = press(
                desk,
                "button",
                html! { (t!("Cancel")) },
                Command::StopProposing,
            );
            section(going(), vec![cancel])
        }
        Proposing::Failed(text) => section(failed(&text), vec![button(desk, "button")]),
        Proposing::Done(_) => ().erased(),
    }
}

/// What was proposed, to be changed. It stays as it is drawn while the verdict changes with it.
#[component]
pub(super) fn Proposed(desk: Desk) -> impl IntoView {
    let drawn_up = Memo::new(move |_| match desk.proposal.get() {
        Proposing::Done(proposal) => Some(proposal.drawn_up()),
        _ => None,
    });
    let judging = Memo::new(move |_| desk.judging.get());
    move || {
        drawn_up.get()?;
        let Proposing::Done(proposal) = desk.proposal.get_untracked() else {
            return None;
        };
        let buttons = move || {
            let judge = html! { (t!("Judge under this contract")) };
            (!desk.trying.get()).then(|| {
                vec![
                    press(desk, "button main", judge, Command::Try(true)),
                    download(desk, "button"),
                ]
            })
        };
        let view = view! {
            <section class="proposed" aria-labelledby="proposed">
                {block(shown(&proposal))}
                // Its fields are no signals: all of them are read when one of them changes.
                <form
                    id=Desk::REVISION
                    class="revision"
                    on:change=move |_| desk.ask(Command::Revise)
                    on:submit=move |event| event.prevent_default()
                    inner_html=revision(&proposal).into_string()
                ></form>
                <p role="status" class="quiet">
                    {move || {
                        let trouble = desk.revision.get();
                        if judging.get() { t!("Trying it on the file …").to_owned() } else { trouble }
                    }}
                </p>
                <p class="choices" data-then="answer">
                    {buttons}
                </p>
            </section>
        };
        Some(view.erased())
    }
}

/// That the verdict is no promise of the server.
pub(super) fn preview() -> Markup {
    html! {
        p class="preview" {
            (Icon::Sample) " " (phrase!("{what}, which the server does not know yet. Nothing has been sent.", what = html! { strong { (t!("Preview under a proposed contract")) } }))
        }
    }
}

/// In the place of Submit.
pub(super) fn no_submit(desk: Desk) -> AnyView {
    let told = html! {
        p {
            (phrase!("{what}Keep the contract first: then this file is judged under it, and so is the next one with these columns, here and on the server.", what = html! { strong { (t!("This cannot be submitted yet.")) " " } }))
        }
    };
    let keep = html! { (t!("Keep this contract")) };
    let back = html! { (t!("Back to the server's contracts")) };
    let buttons = vec![
        press(desk, "button main", keep, Command::KeepContract),
        download(desk, "button"),
        press(desk, "button", back, Command::Try(false)),
    ];
    view! {
        <div data-then=KEPT>{with_buttons(told, buttons)}</div>
        <div role="status">{move || inline(keeping(&desk.keeping.get()))}</div>
    }
    .erased()
}

fn keeping(keeping: &Keeping) -> Markup {
    match keeping {
        Keeping::Not | Keeping::Done(_) => html! {},
        Keeping::Going => html! { (t!("Handing the contract to the server …")) },
        Keeping::Failed(text) => html! { (Icon::Error) " " (text) },
        Keeping::Waits(name) => html! {
            (Icon::Held) " " (phrase!("The contract {name} waits as a draft until a second person puts it in force, under Controls. Nothing of the file was sent.", name = html! { code { (name) } }))
        },
    }
}

/// Above the verdict, once the contract that was proposed is in force.
pub(super) fn kept(desk: Desk) -> Option<AnyView> {
    let Keeping::Done(name) = desk.keeping.get() else {
        return None;
    };
    let told = html! {
        p class="notice" id=(KEPT) role="status" {
            (Icon::Met) " " (phrase!("The contract {name} is kept. This file is judged under it now, and the next one with these columns will be without a question.", name = html! { code { (name) } }))
        }
    };
    Some(block(told))
}

pub(super) fn button(desk: Desk, class: &'static str) -> AnyView {
    let label = html! { (t!("Propose a contract from this file")) };
    press(desk, class, label, Command::Propose)
}

fn download(desk: Desk, class: &'static str) -> AnyView {
    let label = html! { (Icon::Download) (t!("Download contract")) };
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
        h2 id="proposed" { (t!("Is this another kind of file?")) }
        p {
            (phrase!("It was held against the contract {contract}. If it was never meant for that, a contract of its own can be drawn up from what it holds. That happens in this browser; nothing is sent.", contract = html! { code { (contract) } }))
        }
    }
}

fn going() -> Markup {
    html! {
        h2 id="proposed" { (t!("Proposed contract")) }
        p role="status" { (t!("Looking at what the columns hold …")) }
        progress aria-labelledby="proposed" {}
    }
}

fn failed(text: &str) -> Markup {
    html! {
        h2 id="proposed" { (Icon::Error) " " (t!("No contract could be proposed")) }
        p role="alert" { (text) }
    }
}

fn shown(proposal: &Proposal) -> Markup {
    let null_words = proposal.null_words();
    html! {
        // Focused when the proposal comes.
        h2 id=(Desk::PROPOSAL) tabindex="-1" { span id="proposed" { (t!("Proposed contract")) } }
        p {
            @if proposal.is_whole { (t!("Drawn up from all")) " " } @else { (t!("Drawn up from the first")) " " }
            (phrase!("{proposal} of the file. What most of them hold is taken for what all are to hold, so it is a guess: look it over. Each change is tried on the file at once, here in the browser.", proposal = format::rows(proposal.rows)))
        }
        @if !proposal.notes.is_empty() {
            h3 { (t!("Look at this first")) }
            ul class="about-file" {
                @for note in &proposal.notes { li { (Icon::Warning) span { (quoted(note)) } } }
            }
        }
        @if !null_words.is_empty() {
            p class="quiet" { (phrase!("These stand for a blank cell, too: {null_words}.", null_words = null_words)) }
        }
    }
}

/// The fields have the place of their column behind their names, from 0.
fn revision(proposal: &Proposal) -> Markup {
    let lines = proposal.lines();
    let none = lines.iter().all(|it| !it.is_money);
    html! {
        label class="field" { span { (t!("Name of the contract")) } input name="name" value=(proposal.name()) required; }
        @for (place, line) in lines.iter().enumerate() { (column(place, line)) }
        (tick("radio", "money", "", none, t!("No column is summed up as money")))
    }
}

fn column(place: usize, line: &Line) -> Markup {
    let called = |name: &str| format!("{name}-{place}");
    let box_of = |name: &str, on, label: &str| tick("checkbox", &called(name), "on", on, label);
    let can = |kinds: &[&str]| line.kinds.iter().any(|it| kinds.contains(&it.0.as_str()));
    let limit = |name: &str, label: &str, value: &str| {
        html! {
            label class="field limit" {
                span { (label) }
                input name=(called(name)) value=(value) inputmode="decimal" size="8";
            }
        }
    };
    html! {
        fieldset {
            legend { (line.title) }
            label class="field" { span { (t!("Called")) } input name=(called("title")) value=(line.title); }
            label class="field" {
                span { (t!("Holds")) }
                select name=(called("kind")) {
                    @for (kind, words, now) in &line.kinds { option value=(kind) selected[*now] { (words) } }
                }
            }
            div class="ticks" {
                (box_of("required", line.required, t!("Required")))
                (box_of("key", line.is_key, t!("Part of the key")))
                @if can(&["amount"]) {
                    (tick("radio", "money", &place.to_string(), line.is_money, t!("Summed up as money")))
                }
            }
            div class="limits" {
                @if can(&["whole", "amount", "number"]) {
                    (limit("minimum", t!("At least"), &line.minimum))
                    (limit("maximum", t!("At most"), &line.maximum))
                }
                @if let Some((values, on)) = &line.list {
                    (box_of("listed", *on, &t!("Only one of {values}", values = values)))
                }
                @if let Some((beyond, on)) = &line.usual {
                    (box_of("usual", *on, &t!("A warning {beyond}", beyond = beyond)))
                }
            }
        }
    }
}

fn tick(kind: &str, name: &str, value: &str, on: bool, label: &str) -> Markup {
    html! {
        label class="tick-line" {
            input type=(kind) name=(name) value=(value) checked[on];
            span { (label) }
        }
    }
}

//! Values that fail in several rows, and what to put in their place everywhere.

use super::{
    correct,
    desk::{Command, Desk},
};
use crate::{
    format,
    parts::{
        erase::Erase,
        fragment::inline,
        words::{sign, visible},
    },
};
use leptos::{html::Input, prelude::*, web_sys::SubmitEvent};
use model::message::WrongValue;
use model::t;

#[component]
pub(super) fn WrongValues(desk: Desk) -> impl IntoView {
    move || {
        let wrong = desk.wrong.get();
        if wrong.is_empty() {
            return ().erased();
        }
        let lines = wrong.iter().map(|it| line(desk, it)).collect_view();
        view! {
            <details class="wrong" id="wrong" open=wrong.iter().any(|it| it.proposal.is_some())>
                <summary>{t!("Put right everywhere at once")}</summary>
                <ul>{lines}</ul>
            </details>
        }
        .erased()
    }
}

fn line(desk: Desk, wrong: &WrongValue) -> AnyView {
    let header = usize::try_from(wrong.column).ok().and_then(|it| {
        let verdict = desk.verdict.get_untracked()?;
        let column = verdict.options.columns.get(it.checked_sub(1)?)?;
        Some(column.header.trim().to_owned())
    });
    let header = header.unwrap_or_default();
    let field = NodeRef::<Input>::new();
    let (column, value) = (wrong.column, wrong.value.clone());
    let replace = move |event: SubmitEvent| {
        event.prevent_default();
        let text = field
            .get_untracked()
            .map(|it| it.value())
            .unwrap_or_default();
        if text != value {
            let list = desk
                .choice
                .with_untracked(|it| correct::everywhere(&it.corrections, column, &value, &text));
            desk.ask(Command::Correct(list));
        }
    };
    let rows = format::rows(wrong.rows);
    let label = t!(
        "In place of {value} in {header}",
        value = wrong.value,
        header = header
    );
    let all = t!(
        "Replace in {rows}: {value} in {header}",
        rows = rows,
        value = wrong.value,
        header = header
    );
    view! {
        <li>
            <form on:submit=replace>
                {inline(sign(wrong.severity))} <span><code>{visible(&wrong.value)}</code> " "{t!("in")}" " {header.clone()}</span>
                <input
                    node_ref=field
                    aria-label=label
                    required
                    autocomplete="off"
                    placeholder=t!("what it should say")
                    value=wrong.proposal.clone().unwrap_or_default()
                />
                <button type="submit" class="button small-button" aria-label=all>
                    {t!("Replace in")}" " {rows}
                </button>
            </form>
        </li>
    }
    .erased()
}

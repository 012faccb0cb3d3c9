//! The buttons of Check. There are many, and each view of its own would take a kilobyte of the page's program.

use super::desk::{Command, Desk};
use crate::parts::erase::Erase;
use leptos::prelude::*;
use maud::Markup;

/// A button that asks something of the desk.
pub(super) fn press(desk: Desk, class: &'static str, label: Markup, command: Command) -> AnyView {
    view! {
        <button
            type="button"
            class=class
            inner_html=label.into_string()
            on:click=move |_| desk.ask(command.clone())
        ></button>
    }
    .erased()
}

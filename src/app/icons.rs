//! Small drawings that stand beside a word, never instead of one. Drawn with the colour of the text around them.

use crate::parts::erase::Erase;
use leptos::prelude::*;
use maud::{Markup, Render, html};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Icon {
    Scales,
    Tray,
    List,
    Rows,
    Search,
    Bars,
    Chain,
    Sliders,
    More,
    Sample,
    Met,
    Error,
    Warning,
    Held,
    Running,
    NotRun,
    Withdrawn,
    Replaced,
    File,
    Download,
    Previous,
    Next,
    #[cfg_attr(
        target_arch = "wasm32",
        expect(dead_code, reason = "only pages of the server compare")
    )]
    Up,
    #[cfg_attr(
        target_arch = "wasm32",
        expect(dead_code, reason = "only pages of the server compare")
    )]
    Down,
}

impl Render for Icon {
    fn render(&self) -> Markup {
        html! {
            svg class="icon" viewBox="0 0 16 16" aria-hidden="true" focusable="false" {
                path d=(outline(*self)) {}
            }
        }
    }
}

/// The same, in a component.
pub(crate) fn icon(icon: Icon) -> AnyView {
    view! {
        <svg class="icon" viewBox="0 0 16 16" aria-hidden="true" focusable="false">
            <path d=outline(icon)></path>
        </svg>
    }
    .erased()
}

const fn outline(icon: Icon) -> &'static str {
    match icon {
        Icon::Scales => {
            "M8 2.2v11.3M5 13.5h6M2.8 4.6 8 3.4l5.2 1.2M2.8 4.6 1 9h3.6zM1 9a1.8 1.6 0 0 0 3.6 0\
             M13.2 4.6 11.4 9H15zM11.4 9a1.8 1.6 0 0 0 3.6 0"
        }
        Icon::Tray => "M8 2v7.5M5 6.8 8 9.8l3-3M2 9.5v3.2c0 .5.3.8.8.8h10.4c.5 0 .8-.3.8-.8V9.5",
        Icon::List => "M2.5 4h1M2.5 8h1M2.5 12h1M6 4h7.5M6 8h7.5M6 12h7.5",
        Icon::Rows => "M2 3h12v10H2zM2 6.3h12M2 9.7h12M6.5 3v10",
        Icon::Search => "M7 2.2a4.8 4.8 0 1 1 0 9.6a4.8 4.8 0 0 1 0-9.6M10.6 10.6 14 14",
        Icon::Bars => "M2 13.5h12M4 13.5V8.5M8 13.5v-11M12 13.5V6",
        Icon::Chain => {
            "M6.6 9.4a2.6 2.6 0 0 0 3.8.2l2.1-2.1a2.6 2.6 0 0 0-3.7-3.7L7.7 4.9\
             M9.4 6.6a2.6 2.6 0 0 0-3.8-.2L3.5 8.5a2.6 2.6 0 0 0 3.7 3.7l1.1-1.1"
        }
        Icon::Sliders => "M2 4.5h6.5M12 4.5h2M2 11.5h2M7.5 11.5H14M8.5 2.8v3.4M4 9.8v3.4",
        Icon::More => "M3 7.5v1M8 7.5v1M13 7.5v1",
        Icon::Sample => {
            "M6 2h4M6.8 2v4L2.9 12.4c-.4.7 0 1.4.8 1.4h8.6c.8 0 1.2-.7.8-1.4L9.2 6V2M4.8 10h6.4"
        }
        Icon::Met => "M2.8 8.6 6.2 12l7-7.6",
        Icon::Error => "M8 1.8 14.2 8 8 14.2 1.8 8zM8 5v3.6M8 10.8v.3",
        Icon::Warning => "M8 2.2 14.4 13.4H1.6zM8 6.4v3.4M8 11.5v.3",
        Icon::Held => "M8 1.8a6.2 6.2 0 1 1 0 12.4A6.2 6.2 0 0 1 8 1.8M6.4 5.6v4.8M9.6 5.6v4.8",
        Icon::Running => "M8 1.8a6.2 6.2 0 1 1-6.2 6.2M8 4.6V8l2.4 1.6",
        Icon::NotRun => "M8 1.8a6.2 6.2 0 1 1 0 12.4A6.2 6.2 0 0 1 8 1.8M5.2 8h5.6",
        Icon::Withdrawn => "M5.5 3 2.5 6l3 3M2.5 6h7.2a3.6 3.6 0 0 1 0 7.2H6",
        Icon::Replaced => {
            "M2.5 5.5h10M9.8 2.8l2.7 2.7-2.7 2.7M13.5 10.5h-10M6.2 7.8l-2.7 2.7 2.7 2.7"
        }
        Icon::File => "M4 1.8h5L12.6 5.4v8.8H4zM8.8 2v3.6h3.6",
        Icon::Download => "M8 2v8.2M4.8 7.2 8 10.4l3.2-3.2M2.5 13.8h11",
        Icon::Previous => "M10 3 5 8l5 5",
        Icon::Next => "M6 3l5 5-5 5",
        Icon::Up => "M8 13.5v-11M3.5 7 8 2.5 12.5 7",
        Icon::Down => "M8 2.5v11M3.5 9 8 13.5 12.5 9",
    }
}

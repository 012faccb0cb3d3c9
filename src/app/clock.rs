//! Times on pages. Ages such as "3 min ago" need the reader's clock: the browser fills them in, and without
//! JavaScript there are none.

use crate::format::{self, Stamp};
use maud::{Markup, html};

/// To the minute, with its zones in the title.
pub(crate) fn time(at: &str) -> Markup {
    let Stamp { text, title, .. } = format::stamp(at);
    html! { time datetime=(at) title=(title) { (text) } }
}

/// To the second.
#[cfg(not(target_arch = "wasm32"))]
pub(crate) fn precise_time(at: &str) -> Markup {
    let Stamp { precise, title, .. } = format::stamp(at);
    html! { time datetime=(at) title=(title) { (precise) } }
}

/// With room for its age beside it.
#[cfg(not(target_arch = "wasm32"))]
pub(crate) fn time_and_age(at: &str) -> Markup {
    html! {
        (time(at))
        @if let Some(since) = format::milliseconds(at) {
            " " span class="age" data-since=(since) {}
        }
    }
}

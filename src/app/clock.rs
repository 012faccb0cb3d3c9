//! Times on pages. Ages such as "3 min ago" need the reader's clock: the browser fills them in, and without
//! JavaScript there are none.

use crate::format;
use leptos::prelude::*;

/// A time, with its zone in the title; with `age`, there is room for its age beside it.
#[component]
pub(crate) fn Time(
    #[prop(into)] at: String,
    #[prop(optional)] age: bool,
    #[prop(optional)] seconds: bool,
) -> impl IntoView {
    let stamp = format::stamp(&at);
    let text = if seconds { stamp.precise } else { stamp.text };
    let since = format::milliseconds(&at).filter(|_| age);
    view! {
        <time datetime=at title=stamp.title>
            {text}
        </time>
        {since.map(|since| view! { <span class="age" data-since=since></span> })}
    }
    .into_any()
}

//! The reader's clock, for ages such as "3 min ago". None on the server and until the page is awake, so that
//! both render the same.

use crate::format;
use leptos::prelude::*;

/// Milliseconds since 1970.
#[derive(Clone, Copy)]
pub(crate) struct Now(pub(crate) RwSignal<Option<i64>>);

impl Now {
    pub(crate) fn asleep() -> Self {
        Self(RwSignal::new(None))
    }
}

/// A time, with its zone in the title; with `age`, how long ago stands beside it.
#[component]
pub(crate) fn Time(
    #[prop(into)] at: String,
    #[prop(optional)] age: bool,
    #[prop(optional)] seconds: bool,
) -> impl IntoView {
    let stamp = format::stamp(&at);
    let then = format::milliseconds(&at);
    let now = use_context::<Now>();
    let ago = move || {
        let now = now?.0.get()?;
        format::ago(now, then?)
    };
    view! {
        <time datetime=at title=stamp.title>
            {if seconds { stamp.precise } else { stamp.text }}
        </time>
        {age.then(|| view! { <span class="age">{ago}</span> })}
    }
    .into_any()
}

//! What only shows is a template that makes HTML; what answers the reader is a component. Pages that only show
//! are rendered on the server: neither their templates nor the data behind them travel to the browser.

use crate::{
    check::Desk,
    parts::{
        erase::Erase,
        in_page::InPage,
        notice::{loading, trouble},
    },
    queries::{self, Question},
};
use leptos::prelude::*;
use leptos_router::hooks::use_location;
use maud::Markup;

/// What the server answers, asked again when the question or the way to write numbers changes.
#[component]
pub(crate) fn Answer(#[prop(into)] question: Signal<Question>) -> impl IntoView {
    let locale = expect_context::<Desk>().locale;
    let path = use_location().pathname;
    let html = Resource::<_, InPage>::new_with_options(
        move || (question.get(), locale.get()),
        |(it, _)| queries::page(it),
        false,
    );
    view! {
        <Transition fallback=loading>
            {move || Suspend::new(async move {
                match html.await {
                    Ok(html) => fragment(html),
                    Err(error) => trouble(&error, &path.get_untracked()),
                }
            })}
        </Transition>
    }
    .erased()
}

/// Shows HTML of the server's own making.
pub(crate) fn fragment(html: String) -> AnyView {
    #[cfg(target_arch = "wasm32")]
    {
        request_animation_frame(crate::web::settle);
        view! { <div class="fragment" inner_html=html></div> }.erased()
    }
    #[cfg(not(target_arch = "wasm32"))]
    {
        let id = crate::parts::in_page::name(&html);
        view! { <div class="fragment" id=id inner_html=html></div> }.erased()
    }
}

/// A template within a component, as a block.
pub(crate) fn block(markup: Markup) -> AnyView {
    view! { <div class="fragment" inner_html=markup.into_string()></div> }.erased()
}

/// A template within a component's line of text.
pub(crate) fn inline(markup: Markup) -> AnyView {
    view! { <span class="fragment" inner_html=markup.into_string()></span> }.erased()
}

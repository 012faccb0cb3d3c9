//! What only shows is rendered on the server and reaches the browser as HTML: neither the views nor the data
//! behind them travel, and there is nothing to hydrate in it.

use crate::{
    parts::notice::{loading, trouble},
    queries::QueryError,
};
use leptos::prelude::*;

#[component]
pub(crate) fn Fragment(html: Resource<Result<String, QueryError>>) -> impl IntoView {
    view! {
        <Transition fallback=loading>
            {move || Suspend::new(async move {
                match html.await {
                    Ok(html) => fragment(html),
                    Err(error) => trouble(&error),
                }
            })}
        </Transition>
    }
    .into_any()
}

/// Shows HTML of the server's own making.
pub(crate) fn fragment(html: String) -> AnyView {
    #[cfg(target_arch = "wasm32")]
    request_animation_frame(crate::web::show_ages);
    view! { <div class="fragment" inner_html=html></div> }.into_any()
}

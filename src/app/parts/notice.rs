//! What a page says when it has nothing to show: loading, empty, not found, or an error.

use crate::{
    icons::{Icon, icon},
    parts::{erase::Erase, fragment::inline, phrase::phrase},
    place::{Page, Place, use_place},
    queries::QueryError,
    status,
};
use leptos::prelude::*;
use maud::{Markup, html};
use model::t;

pub(crate) fn loading() -> AnyView {
    view! { <p class="notice loading" role="status">{t!("Loading …")}</p> }.erased()
}

/// What happened, what was kept, and what to do next. `path` is where it happened.
pub(crate) fn trouble(error: &QueryError, path: &str) -> AnyView {
    let (code, title, text) = match error {
        QueryError::NotFound => (
            404,
            t!("There is nothing here"),
            t!("Nothing of this name exists in this workspace. It may be in the other one, or the address may be \
             incomplete. Nothing was changed.")
                .to_owned(),
        ),
        QueryError::Invalid { text } => (400, t!("This address makes no sense"), text.clone()),
        QueryError::Internal { request_id } => (
            500,
            t!("The server could not answer"),
            t!("Nothing was changed. If it stays like this, ask the administrator about request {request_id}.", request_id = request_id),
        ),
        QueryError::Unavailable => (
            503,
            t!("The database does not answer"),
            t!("Nothing was changed, and what was taken before is safe. Reload the page in some seconds; if it stays \
             like this, tell the administrator.")
                .to_owned(),
        ),
        QueryError::Unreachable => (
            503,
            t!("The server cannot be reached"),
            t!("Nothing was changed. See whether it runs and the network is there, then reload the page.")
                .to_owned(),
        ),
    };
    status::answer(code);
    let place = Place::of(path);
    let list = place.page(path).filter(|_| code == 404);
    view! {
        <section class="notice problem" role="alert">
            <h2>{icon(Icon::Error)} {title}</h2>
            <p>{text}</p>
            {list
                .map(|page| {
                    view! {
                        <p>
                            <a class="button" href=place.href(page)>
                                {t!("Back to {page}", page = page.title())}
                            </a>
                        </p>
                    }
                })}
            // No address is this address.
            {(code >= 500)
                .then(|| {
                    view! {
                        <p>
                            <a class="button" href="" rel="external">
                                {t!("Reload the page")}
                            </a>
                        </p>
                    }
                })}
        </section>
    }
    .erased()
}

/// Where the address leads to no page at all.
#[component]
pub(crate) fn NoSuchPage() -> impl IntoView {
    status::answer(404);
    let place = use_place();
    view! {
        <leptos_meta::Title text=t!("No such page")/>
        <section class="notice problem">
            <h1>{t!("There is no such page")}</h1>
            <p>{move || inline(ways(&place.get()))}</p>
        </section>
    }
    .erased()
}

/// From where there is no page to where there is one.
fn ways(place: &Place) -> Markup {
    phrase!(
        "{check} or see the {runs}.",
        check = html! { a href=(place.href(Page::Check)) { (t!("Check a file")) } },
        runs = html! { a href=(place.href(Page::Runs)) { (t!("runs")) } }
    )
}

//! What stands around every page: the rail with the pages, the workspace, and on the sample workspace a note.

use crate::{
    check::Desk,
    icons::{Icon, icon},
    json::Json,
    parts::{erase::Erase, fragment::block},
    place::{Page, Place, use_place},
    queries::{self, Question},
    search::SearchBox,
};
use chrono::NaiveDate;
use leptos::prelude::*;
use leptos_router::{hooks::use_location, location::Location};
use maud::{Markup, PreEscaped, html};
use model::t;
use model::{id::WorkspaceId, locale::Locale, scheme::Scheme};

#[component]
pub(crate) fn Frame(children: Children) -> impl IntoView {
    let desk: Desk = expect_context();
    let place = use_place();
    let path = use_location().pathname;
    let current = Memo::new(move |_| place.with(|it| path.with(|path| it.page(path))));
    // The address of a page that came back is that of its form, to which nothing can lead back.
    #[cfg(not(target_arch = "wasm32"))]
    let leads_back = crate::refused::refused().is_none();
    #[cfg(target_arch = "wasm32")]
    let leads_back = true;
    #[cfg(target_arch = "wasm32")]
    crate::web::wake(desk, path);
    view! {
        <a class="skip" href="#main" rel="external">
            {t!("Skip to the content")}
        </a>
        <div
            class="frame"
            class:dragging=move || desk.dragging.get()
            class:awake=move || desk.awake.get()
        >
            <header class="rail">
                <a class="brand" href=move || place.get().href(Page::Check)>
                    {icon(Icon::Scales)}
                    "Tarazu"
                </a>
                <nav class="pages" aria-label=t!("Pages")>
                    <ul>
                        {Page::ALL
                            .map(|page| {
                                view! {
                                    <li class:later=!page.is_first()>{link(page, place, current)}</li>
                                }
                            })
                            .collect_view()}
                        <li class="more">
                            <button
                                type="button"
                                popovertarget=MORE
                                class:current=move || current.get().is_some_and(|it| !it.is_first())
                            >
                                {icon(Icon::More)}
                                <span>{t!("More")}</span>
                            </button>
                            <ul id=MORE popover="auto">
                                {Page::ALL
                                    .into_iter()
                                    .filter(|it| !it.is_first())
                                    .map(|page| view! { <li>{link(page, place, current)}</li> })
                                    .collect_view()}
                            </ul>
                        </li>
                    </ul>
                </nav>
                <nav class="workspaces" aria-label=t!("Workspaces")>
                    {move || block(workspaces(&place.get(), current.get().unwrap_or(Page::Check)))}
                </nav>
                {leads_back.then_some(move || block(display_switch(desk.locale.get(), desk.scheme.get())))}
            </header>
            <main id="main" tabindex="-1">
                <p class="only-print print-head">
                    {move || place.with(|it| t!("Tarazu · {workspace}", workspace = it.workspace.title()))}
                    <span id=PRINTED></span>
                </p>
                <SearchBox/>
                <Show when=move || place.get().workspace.is_sample()>
                    <p class="sample-note">
                        {icon(Icon::Sample)} <strong>{t!("Sample workspace:")}" "</strong>
                        {t!("never counts with real data.")}
                    </p>
                </Show>
                {children()}
            </main>
            <p class="drop-anywhere" aria-hidden="true">
                {t!("Drop the file to check it")}
            </p>
        </div>
    }
    .erased()
}

/// The workspaces that are always there, and the one that is open.
fn workspaces(here: &Place, page: Page) -> Markup {
    let standing = [WorkspaceId::main(), WorkspaceId::sample()];
    let other = Some(&here.workspace).filter(|it| !standing.contains(it));
    html! {
        ul {
            @for workspace in standing.iter().chain(other) {
                @let is_here = *workspace == here.workspace;
                li {
                    a href=(Place::new(workspace.clone()).href(page)) aria-current=[is_here.then_some("true")]
                        title=(workspace.title()) { (workspace.title()) }
                }
            }
        }
    }
}

/// How numbers and days are written, whether pages are light or dark, and the other ways. The browser opens it by itself,
/// and a plain form sends it.
fn display_switch(present: Locale, scheme: Scheme) -> Markup {
    let end_of_year = NaiveDate::from_ymd_opt(2026, 12, 31).unwrap_or_default();
    let shown = |it: Locale| {
        let number = it.numbers.count(100_000);
        format!("{number} · {}", charts::written(end_of_year, it.days))
    };
    let number = present.numbers.count(100_000);
    let scheme_title = |it| match it {
        Scheme::System => t!("As the system"),
        Scheme::Light => t!("Light"),
        Scheme::Dark => t!("Dark"),
    };
    html! {
        div class="locale" {
            button type="button" popovertarget=(LOCALE) aria-label=(t!("Numbers and days: {number}; light or dark: {scheme}", number = number, scheme = scheme_title(scheme))) title=(t!("How numbers and days are written, light or dark")) {
                (number)
                span class="scheme-mark" aria-hidden="true" {}
            }
            form id=(LOCALE) popover="auto" method="post" action="/display" {
                p { (t!("Numbers and days")) }
                @for (name, locale) in Locale::ALL {
                    button name="locale" value=(name) aria-pressed=((locale == present)) { (shown(locale)) }
                }
                p { (t!("Light or dark")) }
                @for it in Scheme::ALL {
                    button name="scheme" value=(it.name()) aria-pressed=((it == scheme)) { (scheme_title(it)) }
                }
            }
        }
    }
}

/// The id of what says when a page was printed, which the page's program fills in.
pub(crate) const PRINTED: &str = "printed";

/// The id of the form.
pub(crate) const LOCALE: &str = "locale";

/// The id of the menu of the pages for which a phone's bar has no room. The browser opens and closes it by itself.
pub(crate) const MORE: &str = "more-pages";

fn link(page: Page, place: Memo<Place>, current: Memo<Option<Page>>) -> AnyView {
    view! {
        <a
            href=move || place.get().href(page)
            aria-current=move || (current.get() == Some(page)).then_some("page")
        >
            {icon(picture(page))}
            <span>{page.title()}</span>
            {(page == Page::Exceptions).then(|| view! { <OpenCount place/> })}
        </a>
    }
    .erased()
}

/// How many exceptions are open, beside their page.
#[component]
fn OpenCount(place: Memo<Place>) -> impl IntoView {
    let Location {
        pathname: path,
        query,
        ..
    } = use_location();
    // Asked again on every page, since what is done on one changes it, and where a grid was saved.
    let saved = Memo::new(move |_| query.with(|it| it.get("at")));
    let question = Signal::derive(move || {
        path.track();
        Question::Open {
            workspace: place.get().workspace,
        }
    });
    let locale = expect_context::<Desk>().locale;
    let count = Resource::<_, Json>::new_with_options(
        move || (question.get(), path.get(), saved.get(), locale.get()),
        |(it, ..)| queries::page(it),
        false,
    );
    view! {
        <Transition>
            {move || Suspend::new(async move {
                // Without an answer the page stands alone.
                block(PreEscaped(count.await.unwrap_or_default()))
            })}
        </Transition>
    }
    .erased()
}

const fn picture(page: Page) -> Icon {
    match page {
        Page::Check => Icon::Tray,
        Page::Runs => Icon::List,
        Page::Sales => Icon::Bars,
        Page::Quality => Icon::Met,
        Page::Exceptions => Icon::Error,
        Page::Rows => Icon::Rows,
        Page::Audit => Icon::Chain,
        Page::Controls => Icon::Sliders,
    }
}

/// The head of a page: its name, and what stands beside it.
#[component]
pub(crate) fn PageHead(
    #[prop(into)] title: String,
    #[prop(optional, into)] lead: Option<String>,
) -> impl IntoView {
    view! {
        <leptos_meta::Title text=title.clone()/>
        <header class="page-head">
            <h1 title=title.clone()>{title.clone()}</h1>
            {lead.map(|lead| view! { <p class="lead">{lead}</p> })}
        </header>
    }
    .erased()
}

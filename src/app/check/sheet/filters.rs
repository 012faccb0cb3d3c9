//! Which rows the grid shows.

use crate::{
    check::desk::Desk,
    parts::erase::Erase,
    window::{RowWindow, Show},
};
use leptos::{prelude::*, web_sys::Event};
use leptos_router::{NavigateOptions, hooks::use_navigate};
use model::{control::Category, t};

/// Which rows, by links; and narrowed by control, category and column, by lists.
pub(super) fn filters(desk: Desk, window: Memo<RowWindow>, page: Signal<String>) -> AnyView {
    let tabs = [
        Show::Exceptions,
        Show::Warnings,
        Show::Every,
        Show::Corrected,
    ]
    .map(|show| {
        let current = move || window.with(|it| it.show == show).then_some("true");
        let href = move || window.with(|it| it.instead(show).href(&page.get()));
        view! {
            <li>
                <a href=href aria-current=current data-noscroll="">
                    {show.title()}
                </a>
            </li>
        }
    });
    let lists = move || {
        let verdict = desk.verdict.get()?;
        let now = window.get();
        // Of every row, and of those that were corrected, nothing else is asked.
        if matches!(now.show, Show::Every | Show::Corrected) {
            return None;
        }
        let failing = verdict.controls.iter().filter(|it| it.failed > 0);
        let codes = failing.map(|it| (it.code.clone(), format!("{} {}", it.code, it.summary)));
        let categories = Category::ALL.map(|it| (it.as_str().to_owned(), it.title().to_owned()));
        let columns = (1..).zip(&verdict.options.columns);
        let columns =
            columns.map(|(at, it): (u32, _)| (at.to_string(), it.header.trim().to_owned()));
        let code = now.code.clone().unwrap_or_default();
        let category = now.category.map_or("", |it| it.as_str()).to_owned();
        let column = now.column.map(|it| it.to_string()).unwrap_or_default();
        Some(view! {
            {narrow(window, page, ("by-control", t!("Control")), codes.collect(), code, |it, value| it.code = value)}
            {narrow(window, page, ("by-category", t!("Category")), categories.to_vec(), category, |it, value| {
                let value = value.unwrap_or_default();
                it.category = Category::ALL.into_iter().find(|it| it.as_str() == value);
            })}
            {narrow(window, page, ("by-column", t!("Column")), columns.collect(), column, |it, value| {
                it.column = value.and_then(|it| it.parse().ok());
            })}
        })
    };
    view! {
        <nav class="tabs" aria-label=t!("Which rows")>
            <ul>{tabs.collect_view()}</ul>
        </nav>
        <p class="sheet-filters">{lists}</p>
    }
    .erased()
}

/// A list by which the rows are narrowed. By its id the focus finds it again.
fn narrow(
    window: Memo<RowWindow>,
    page: Signal<String>,
    (id, label): (&'static str, &'static str),
    lines: Vec<(String, String)>,
    chosen: String,
    set: fn(&mut RowWindow, Option<String>),
) -> AnyView {
    let navigate = use_navigate();
    let change = move |event: Event| {
        let value = Some(event_target_value(&event)).filter(|it| !it.is_empty());
        let mut next = window.get_untracked();
        set(&mut next, value);
        let options = NavigateOptions {
            scroll: false,
            replace: true,
            ..NavigateOptions::default()
        };
        navigate(&next.href(&page.get_untracked()), options);
    };
    let lines = lines.into_iter().map(|(value, word)| {
        let selected = value == chosen;
        view! { <option value=value selected=selected>{word}</option> }
    });
    view! {
        <label>
            {label} " "
            <select id=id on:change=change>
                <option value="">{t!("all")}</option>
                {lines.collect_view()}
            </select>
        </label>
    }
    .erased()
}

//! The list of runs. On the server only: the browser gets it rendered.

use crate::{
    clock::Time,
    format,
    parts::words::run_state,
    place::{Page, Place},
    run::page::way_title,
};
use leptos::prelude::*;
use model::{
    ratio::Ratio,
    run::{RunList, RunSummary},
};

/// `older` is true below the newest page.
pub(crate) fn list(list: &RunList, place: &Place, older: bool) -> AnyView {
    if list.runs.is_empty() {
        empty(place, older)
    } else {
        runs(list, place, older)
    }
}

fn empty(place: &Place, older: bool) -> AnyView {
    let (text, href, word) = if older {
        (
            "There are no older runs.",
            place.href(Page::Runs),
            "To the newest",
        )
    } else {
        (
            "No file was submitted yet. Check one; when you submit it, its run stands here.",
            place.href(Page::Check),
            "Check a file",
        )
    };
    view! {
        <section class="notice empty">
            <p>{text}</p>
            <p>
                <a class="button main" href=href>
                    {word}
                </a>
            </p>
        </section>
    }
    .into_any()
}

fn runs(list: &RunList, place: &Place, older: bool) -> AnyView {
    let lines: Vec<_> = list.runs.iter().map(|it| line(it, place)).collect();
    let newest = older.then(|| place.href(Page::Runs));
    let next = list
        .next
        .as_ref()
        .map(|it| format!("{}?before={it}", place.href(Page::Runs)));
    view! {
        <div class="wide" tabindex="0" role="region" aria-label="Runs">
            <table class="runs">
                <thead>
                    <tr>
                        <th scope="col">"File"</th>
                        <th scope="col">"Status"</th>
                        <th scope="col" class="number">
                            "Rows"
                        </th>
                        <th scope="col" class="number">
                            "In the ledger"
                        </th>
                        <th scope="col" class="number">
                            "Exceptions"
                        </th>
                        <th scope="col" class="number">
                            "Exception rate"
                        </th>
                        <th scope="col">"Sent"</th>
                    </tr>
                </thead>
                <tbody>{lines}</tbody>
            </table>
        </div>
        <nav class="paging" aria-label="Pages of runs">
            {newest
                .map(|href| {
                    view! {
                        <a class="button" href=href>
                            "Newest"
                        </a>
                    }
                })}
            {next
                .map(|href| {
                    view! {
                        <a class="button" href=href>
                            "Older"
                        </a>
                    }
                })}
        </nav>
    }
    .into_any()
}

fn line(run: &RunSummary, place: &Place) -> AnyView {
    let number = |it: Option<u64>| it.map_or_else(|| "–".to_owned(), format::count);
    let rate = run
        .rows_exceptions
        .zip(run.rows_read)
        .and_then(|(part, whole)| Ratio::of(part, whole))
        .map_or_else(|| "–".to_owned(), format::percent);
    let reason = run
        .reason
        .clone()
        .map(|it| view! { <span class="reason">{it}</span> });
    let money = |it: Option<model::money::Money>| {
        it.map(|it| view! { <span class="below">{it.indian()}</span> })
    };
    view! {
        <tr>
            <th scope="row">
                <a href=place.run(&run.id)>{run.file_name.clone()}</a>
                <span class="below">{format::bytes(run.file_bytes)} " · " {way_title(run.way)}</span>
            </th>
            <td>{run_state(run.status)} {reason}</td>
            <td class="number">{number(run.rows_read)}</td>
            <td class="number">{number(run.rows_accepted)} {money(run.money_accepted)}</td>
            <td class="number">{number(run.rows_exceptions)} {money(run.money_exceptions)}</td>
            <td class="number">{rate}</td>
            <td class="when">
                <Time at=run.created_at.clone() age=true/>
            </td>
        </tr>
    }
    .into_any()
}

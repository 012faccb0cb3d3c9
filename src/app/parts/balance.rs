//! The reconciliation: everything read is either accepted or an exception, in rows and in money.

use crate::{
    format,
    icons::{Icon, icon},
    parts::words::state,
};
use leptos::prelude::*;
use model::{
    money::Money,
    verdict::{MoneyFigures, Verdict},
};

/// A bar cut into accepted, exceptions and layout, the figures below it, and whether they add up.
pub(crate) fn balance(verdict: &Verdict) -> AnyView {
    let (rows, money) = (verdict.rows, verdict.money);
    let layout = (rows.layout > 0).then(|| {
        line(
            "apart",
            state("quiet", Icon::NotRun, "Layout, no rows"),
            rows.layout,
            money.map(|it| it.layout),
        )
    });
    view! {
        <section class="balance" aria-labelledby="balance">
            <h2 id="balance">"Rows and money"</h2>
            {bar(verdict)}
            <table class="figures">
                <thead class="hidden">
                    <tr>
                        <th scope="col">"Part"</th>
                        <th scope="col">"Rows"</th>
                        <th scope="col">"Money"</th>
                    </tr>
                </thead>
                <tbody>
                    {line(
                        "",
                        state("accepted", Icon::Met, "Accepted"),
                        rows.accepted,
                        money.map(|it| it.accepted),
                    )}
                    {line(
                        "",
                        state("exception", Icon::Error, "Exceptions"),
                        rows.exceptions,
                        money.map(|it| it.exceptions),
                    )} {line("sum", "Read", rows.read, money.map(|it| it.read))} {layout}
                </tbody>
            </table>
            {proof(verdict)}
        </section>
    }
    .into_any()
}

fn line(class: &'static str, name: impl IntoView, rows: u64, money: Option<Money>) -> AnyView {
    let money = money.map_or_else(|| "–".to_owned(), Money::indian);
    view! {
        <tr class=class>
            <th scope="row">{name}</th>
            <td class="number">{format::count(rows)}</td>
            <td class="number">{money}</td>
        </tr>
    }
    .into_any()
}

fn bar(verdict: &Verdict) -> AnyView {
    let rows = verdict.rows;
    let lines = rows.read + rows.layout;
    let exceptions = format::per_mille(rows.exceptions, lines);
    let layout = format::per_mille(rows.layout, lines);
    let accepted = match rows.accepted {
        0 => 0,
        _ => 1_000_u32.saturating_sub(exceptions + layout),
    };
    let label = format!(
        "{} accepted, {} exceptions, {} that are no rows",
        format::rows(rows.accepted),
        format::count(rows.exceptions),
        format::counted(rows.layout, "line", "lines"),
    );
    view! {
        <svg class="cut" viewBox="0 0 1000 12" preserveAspectRatio="none" role="img" aria-label=label>
            <rect class="all" width="1000" height="12"></rect>
            <rect class="accepted" width=accepted height="12"></rect>
            <rect class="exception" x=accepted width=exceptions height="12"></rect>
            <rect class="layout" x=accepted + exceptions width=layout height="12"></rect>
        </svg>
    }
    .into_any()
}

/// That the sums meet is checked here once more, on what is shown.
fn proof(verdict: &Verdict) -> AnyView {
    let rows = verdict.rows;
    let rows_meet = rows.read == rows.accepted + rows.exceptions;
    let meets = |it: MoneyFigures| it.read == it.accepted + it.exceptions;
    if !rows_meet || !verdict.money.is_none_or(meets) {
        return view! {
            <p class="exception" role="alert">
                {icon(Icon::Error)}
                " Accepted and exceptions do not add up to what was read. Do not rely on these figures, and tell \
                 the administrator."
            </p>
        }
        .into_any();
    }
    if verdict.held.as_ref().is_some_and(|it| it.for_structure()) {
        return view! { <p class="quiet">"Held before any row was judged: nothing is counted."</p> }
            .into_any();
    }
    let unreadable = verdict.money.map_or(0, |it| it.unreadable_rows);
    let unreadable = (unreadable > 0).then(|| {
        let rows = format::rows(unreadable);
        format!(" {rows} with an amount that cannot be read stand outside the money.")
    });
    view! {
        <p class="quiet">
            {icon(Icon::Met)} " Accepted and exceptions add up to what was read, in rows and in money."
            {unreadable}
        </p>
    }
    .into_any()
}

//! What is no row: title lines, blank lines, repeated headers, total rows. Listed, never a finding.

use crate::{
    format,
    icons::{Icon, icon},
    parts::words::state,
};
use leptos::prelude::*;
use model::verdict::{LayoutFigures, LayoutKind, TotalRow, Verdict};

/// Nothing where the file is rows alone.
pub(crate) fn layout(verdict: &Verdict) -> AnyView {
    if verdict.layout.iter().all(|it| it.lines == 0) {
        return ().into_any();
    }
    let kinds: Vec<_> = verdict
        .layout
        .iter()
        .filter(|it| it.lines > 0)
        .map(kind)
        .collect();
    let totals: Vec<_> = verdict.total_rows.iter().map(total).collect();
    view! {
        <section class="layout-lines" aria-labelledby="layout">
            <h2 id="layout">"Lines that are no rows"</h2>
            <ul>{kinds}</ul>
            {(!totals.is_empty())
                .then(|| {
                    view! {
                        <table class="figures">
                            <caption>"Total rows, each against the sum of the rows above it"</caption>
                            <thead>
                                <tr>
                                    <th scope="col">"Line"</th>
                                    <th scope="col" class="number">
                                        "Written"
                                    </th>
                                    <th scope="col" class="number">
                                        "Sum above"
                                    </th>
                                    <th scope="col">"Same"</th>
                                </tr>
                            </thead>
                            <tbody>{totals}</tbody>
                        </table>
                    }
                })}
        </section>
    }
    .into_any()
}

fn kind(figures: &LayoutFigures) -> AnyView {
    let what = match figures.kind {
        LayoutKind::Title => "above the header",
        LayoutKind::Blank => "blank",
        LayoutKind::RepeatedHeader => "repeating the header",
        LayoutKind::Total => "with a total",
    };
    let lines = format::counted(figures.lines, "line", "lines");
    let mut places: Vec<_> = figures
        .first
        .iter()
        .take(10)
        .map(|it| format::count(*it))
        .collect();
    if figures.lines > 10 {
        places.push("…".to_owned());
    }
    let places = places.join(", ");
    view! {
        <li>
            {icon(Icon::NotRun)} " " {lines} " " {what} " "
            <span class="quiet">"(" {places} ")"</span>
        </li>
    }
    .into_any()
}

fn total(row: &TotalRow) -> AnyView {
    view! {
        <tr>
            <th scope="row">{format::count(row.line)}</th>
            <td class="number">{row.amount.indian()}</td>
            <td class="number">{row.sum_above.indian()}</td>
            <td>
                {if row.amount == row.sum_above {
                    state("accepted", Icon::Met, "yes")
                } else {
                    state("warning", Icon::Warning, "no")
                }}
            </td>
        </tr>
    }
    .into_any()
}

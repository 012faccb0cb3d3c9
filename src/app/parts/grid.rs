//! Flagged rows in their context: the cells as they stand in the file, the failing ones outlined, and below
//! each row what is wrong with it. The same on Check and on a run.

use crate::{
    format,
    icons::{Icon, icon},
    parts::words::{quoted, severity_class, severity_icon},
    window::{RowWindow, Show as Shown},
};
use leptos::prelude::*;
use model::{
    control::Severity,
    finding::{Finding, FlaggedRow, FlaggedRows},
};

/// One page of rows. `page` is the address that filter and paging are links below.
pub(crate) fn grid(rows: &FlaggedRows, window: &RowWindow, page: &str) -> AnyView {
    let shown = u64::try_from(rows.rows.len()).unwrap_or(u64::MAX);
    let columns = rows.header.len().max(1);
    let body: Vec<_> = rows.rows.iter().map(|it| row(it, columns)).collect();
    let heads: Vec<_> = rows
        .header
        .iter()
        .map(|name| view! { <th scope="col">{name.clone()}</th> })
        .collect();
    view! {
        <div class="grid-head">
            {narrowed(window, page)} {position(rows.total, shown, window.before)}
            {paging(window, page, rows.next, shown)}
        </div>
        {if shown == 0 {
            view! { <p class="notice">"No rows here. Choose another filter."</p> }.into_any()
        } else {
            view! {
                <div class="wide" tabindex="0" role="region" aria-label="Rows with findings">
                    <table class="grid">
                        <thead>
                            <tr>
                                <th scope="col" class="number">
                                    "Line"
                                </th>
                                {heads}
                            </tr>
                        </thead>
                        {body}
                    </table>
                </div>
            }
                .into_any()
        }}
    }
    .into_any()
}

/// The choice between exceptions, warnings and all.
#[component]
pub(crate) fn ShowTabs(window: Memo<RowWindow>, page: Signal<String>) -> impl IntoView {
    view! {
        <nav class="tabs" aria-label="Which rows">
            <ul>
                {Shown::ALL
                    .map(|show| {
                        let current = move || {
                            window
                                .with(|it| it.show == show && it.code.is_none() && it.category.is_none())
                                .then_some("true")
                        };
                        view! {
                            <li>
                                <a
                                    href=move || RowWindow::showing(show).href(&page.get())
                                    aria-current=current
                                    data-noscroll=""
                                >
                                    {show.title()}
                                </a>
                            </li>
                        }
                    })
                    .collect_view()}
            </ul>
        </nav>
    }
    .into_any()
}

fn narrowed(window: &RowWindow, page: &str) -> Option<AnyView> {
    let what = window
        .code
        .clone()
        .or_else(|| window.category.map(|it| it.title().to_owned()))?;
    let href = RowWindow::default().href(page);
    let view = view! {
        <p class="narrowed">
            "Only " <strong>{what}</strong> " "
            <a href=href data-noscroll="">
                "Show all exceptions"
            </a>
        </p>
    };
    Some(view.into_any())
}

fn position(total: u64, shown: u64, before: u64) -> AnyView {
    let text = if shown == 0 {
        format::rows(total)
    } else {
        format!(
            "{} to {} of {}",
            format::count(before + 1),
            format::count(before + shown),
            format::rows(total)
        )
    };
    view! { <p class="position">{text}</p> }.into_any()
}

fn paging(window: &RowWindow, page: &str, next: Option<u64>, shown: u64) -> AnyView {
    let first = (window.after > 0).then(|| window.first().href(page));
    let previous = window.previous().map(|it| it.href(page));
    let next = next.map(|after| window.next(after, shown).href(page));
    view! {
        <nav class="paging" aria-label="Pages of rows">
            {step(first, "First", None)} {step(previous, "Previous", Some(Icon::Previous))}
            {step(next, "Next", Some(Icon::Next))}
        </nav>
    }
    .into_any()
}

fn step(href: Option<String>, word: &'static str, picture: Option<Icon>) -> AnyView {
    match href {
        Some(href) => view! {
            <a class="button" href=href data-noscroll="">
                {picture.map(icon)}
                {word}
            </a>
        }
        .into_any(),
        None => view! { <span class="button off">{picture.map(icon)} {word}</span> }.into_any(),
    }
}

fn row(row: &FlaggedRow, columns: usize) -> AnyView {
    let cells: Vec<AnyView> = if row.raw {
        let text = row.cells.first().cloned().unwrap_or_default();
        let fault = fault(row, None);
        let described = fault.map(|_| reasons_id(row));
        vec![
            view! { <td class="raw fault" colspan=columns aria-describedby=described>{text}</td> }
                .into_any(),
        ]
    } else {
        let short = row.cells.len()..columns;
        let cells = row.cells.iter().enumerate();
        cells
            .map(|(at, text)| cell(row, at, text.clone()))
            .chain(short.map(|at| cell(row, at, String::new())))
            .collect()
    };
    let id = reasons_id(row);
    let reasons: Vec<_> = row.findings.iter().map(reason).collect();
    let exception = row.category.is_some();
    view! {
        <tbody class="flagged" class:exception=exception class:warning=!exception>
            <tr>
                <th scope="row" class="number">
                    {format::count(row.line)}
                </th>
                {cells}
            </tr>
            <tr class="why">
                <td colspan=columns + 1>
                    <ul id=id>{reasons}</ul>
                </td>
            </tr>
        </tbody>
    }
    .into_any()
}

fn reasons_id(row: &FlaggedRow) -> String {
    format!("why-{}", row.record)
}

fn cell(row: &FlaggedRow, at: usize, text: String) -> AnyView {
    let Some(finding) = fault(row, u32::try_from(at + 1).ok()) else {
        return view! { <td>{text}</td> }.into_any();
    };
    let class = match finding.data.severity {
        Severity::Error => "fault",
        Severity::Warning => "fault mild",
    };
    // An empty cell has to be seen and to be named as well.
    let text = if text.trim().is_empty() {
        view! { <span class="blank">"empty"</span> }.into_any()
    } else {
        text.into_any()
    };
    view! {
        <td class=class tabindex="0" title=finding.text.replace('`', "") aria-describedby=reasons_id(row)>
            {text}
        </td>
    }
    .into_any()
}

/// The gravest finding about a column; with None, about the row as a whole.
fn fault(row: &FlaggedRow, column: Option<u32>) -> Option<&Finding> {
    row.findings
        .iter()
        .filter(|it| it.data.column == column)
        .min_by_key(|it| it.data.severity)
}

fn reason(finding: &Finding) -> AnyView {
    let severity = finding.data.severity;
    // Most texts name their column themselves.
    let column = finding
        .column_name
        .clone()
        .filter(|name| !finding.text.contains(&format!("`{name}`")))
        .map(|name| view! { <span class="column">{name} ": "</span> });
    view! {
        <li>
            <span class=format!("state {}", severity_class(severity))>
                {icon(severity_icon(severity))}
            </span>
            <span>
                {column} {quoted(&finding.text)} " "
                <span class="code">{finding.data.code.clone()}</span>
            </span>
        </li>
    }
    .into_any()
}

//! What is wrong, one line a control: errors first, warnings folded. A line leads to its rows.

use crate::{
    format,
    icons::icon,
    parts::words::{quoted, severity_class, severity_icon},
    window::RowWindow,
};
use leptos::prelude::*;
use model::{
    control::{ControlResult, Severity, Status},
    finding::Finding,
    verdict::Verdict,
};

/// `page` is the address that the rows are shown under. `chosen` is the control that the rows below are
/// narrowed to.
pub(crate) fn problems(verdict: &Verdict, page: &str, chosen: Signal<Option<String>>) -> AnyView {
    let errors = failing(verdict, Severity::Error);
    let warnings = failing(verdict, Severity::Warning);
    let about_file: Vec<_> = verdict.file_findings.iter().map(file_finding).collect();
    let nothing = errors.is_empty() && about_file.is_empty();
    let found: u64 = warnings.iter().map(|it| it.failed).sum();
    let folded = format!(
        "{} in {}",
        format::counted(found, "warning", "warnings"),
        format::counted(count(&warnings), "control", "controls"),
    );
    view! {
        <section class="problems" aria-labelledby="problems">
            <h2 id="problems">"What is wrong"</h2>
            {(!about_file.is_empty()).then(|| view! { <ul class="about-file">{about_file}</ul> })}
            {(!errors.is_empty()).then(|| table("Errors, most frequent first", &errors, page, chosen))}
            {nothing.then(|| view! { <p class="quiet">"No errors. Every row can be loaded."</p> })}
            {(!warnings.is_empty())
                .then(|| {
                    view! {
                        <details class="warnings">
                            <summary>{folded}</summary>
                            {table(
                                "Warnings; their rows are accepted unless they also have an error",
                                &warnings,
                                page,
                                chosen,
                            )}
                        </details>
                    }
                })}
        </section>
    }
    .into_any()
}

fn count<T>(list: &[T]) -> u64 {
    u64::try_from(list.len()).unwrap_or(u64::MAX)
}

/// The controls of row scope that found something, most frequent first.
fn failing(verdict: &Verdict, severity: Severity) -> Vec<ControlResult> {
    let about_file = |code: &str| verdict.file_findings.iter().any(|it| it.data.code == code);
    let mut list: Vec<_> = verdict
        .controls
        .iter()
        .filter(|it| it.severity == severity && it.failed > 0)
        .filter(|it| matches!(it.status, Status::Failed | Status::Warned))
        .filter(|it| !about_file(&it.code))
        .cloned()
        .collect();
    list.sort_by(|a, b| b.failed.cmp(&a.failed).then_with(|| a.code.cmp(&b.code)));
    list
}

fn table(
    caption: &'static str,
    controls: &[ControlResult],
    page: &str,
    chosen: Signal<Option<String>>,
) -> AnyView {
    let lines: Vec<_> = controls.iter().map(|it| line(it, page, chosen)).collect();
    view! {
        <table class="problem-list">
            <caption class="hidden">{caption}</caption>
            <thead class="hidden">
                <tr>
                    <th scope="col">"Problem"</th>
                    <th scope="col">"Found"</th>
                    <th scope="col">"Rows"</th>
                </tr>
            </thead>
            <tbody>{lines}</tbody>
        </table>
    }
    .into_any()
}

fn line(control: &ControlResult, page: &str, chosen: Signal<Option<String>>) -> AnyView {
    let href = RowWindow::with_code(&control.code).href(page);
    let code = control.code.clone();
    let label = format!("Show the rows: {} ({code})", control.summary);
    let shown = code.clone();
    view! {
        <tr class:chosen=move || chosen.with(|it| it.as_deref() == Some(&shown))>
            <th scope="row">
                <span class="problem">
                    <span class=format!("state {}", severity_class(control.severity))>
                        {icon(severity_icon(control.severity))}
                    </span>
                    <span>{control.summary.clone()} " " <span class="code">{code}</span></span>
                </span>
            </th>
            <td class="number">{format::count(control.failed)}</td>
            <td>
                <a class="show-rows" href=href aria-label=label data-noscroll="">
                    "Show rows"
                </a>
            </td>
        </tr>
    }
    .into_any()
}

fn file_finding(finding: &Finding) -> AnyView {
    let severity = finding.data.severity;
    let place = (finding.line > 0).then(|| format!("Line {}. ", format::count(finding.line)));
    view! {
        <li>
            <span class=format!("state {}", severity_class(severity))>
                {icon(severity_icon(severity))}
            </span>
            <span>
                {place} {quoted(&finding.text)} " " <span class="code">{finding.data.code.clone()}</span>
            </span>
        </li>
    }
    .into_any()
}

//! What is wrong, one line a control: errors first, warnings folded. A line leads to its rows.

use crate::parts::phrase::phrase;
use crate::{
    format,
    parts::words::{link, quoted, sign},
    window::RowWindow,
};
use maud::{Markup, html};
use model::t;
use model::{
    control::{ControlResult, Severity, Status},
    finding::Finding,
    verdict::Verdict,
};

/// `page` is the address that the rows are shown under; `chosen` is the control that they are narrowed to.
pub(crate) fn problems(verdict: &Verdict, page: &str, chosen: Option<&str>) -> Markup {
    let errors = failing(verdict, Severity::Error);
    let warnings = failing(verdict, Severity::Warning);
    let found: u64 = warnings.iter().map(|it| it.failed).sum();
    let open = chosen.is_some_and(|code| warnings.iter().any(|it| it.code == code));
    html! {
        section class="problems" aria-labelledby="problems" {
            h2 id="problems" { (t!("What is wrong")) }
            @if !verdict.file_findings.is_empty() {
                ul class="about-file" {
                    @for finding in &verdict.file_findings { (of_file(finding)) }
                }
            }
            @if !errors.is_empty() {
                (table(t!("Errors, most frequent first"), &errors, page, chosen))
            } @else if verdict.file_findings.is_empty() {
                p class="quiet" {
                    @if verdict.rows.read == 0 {
                        (t!("There is no row that could be wrong."))
                    } @else {
                        (t!("No errors. Every row can be loaded."))
                    }
                }
            }
            @if !warnings.is_empty() {
                details class="warnings" open[open] {
                    summary {
                        (phrase!("{found} in {warnings}", found = format::counted(found, t!("warning"), t!("warnings")), warnings = format::counted(count(&warnings), t!("control"), t!("controls"))))
                    }
                    (table(
                        t!("Warnings; their rows are accepted unless they also have an error"),
                        &warnings,
                        page,
                        chosen,
                    ))
                }
            }
        }
    }
}

fn count<T>(list: &[T]) -> u64 {
    u64::try_from(list.len()).unwrap_or(u64::MAX)
}

/// Whether what a control found is said of the file, and not of rows.
fn about_file(verdict: &Verdict, code: &str) -> bool {
    verdict.file_findings.iter().any(|it| it.data.code == code)
}

/// What leads to the rows that a control found, on the page that shows them, where something is said of rows.
pub(crate) fn found(verdict: &Verdict, control: &ControlResult, page: &str, text: &str) -> Markup {
    let some = control.failed > 0 && !about_file(verdict, &control.code);
    let to = some.then(|| RowWindow::with_code(&control.code).href(page));
    link(to.as_deref(), text)
}

/// The controls of row scope that found something, most frequent first.
pub(crate) fn failing(verdict: &Verdict, severity: Severity) -> Vec<&ControlResult> {
    let mut list: Vec<_> = verdict
        .controls
        .iter()
        .filter(|it| it.severity == severity && it.failed > 0)
        .filter(|it| matches!(it.status, Status::Failed | Status::Warned))
        .filter(|it| !about_file(verdict, &it.code))
        .collect();
    list.sort_by(|a, b| b.failed.cmp(&a.failed).then_with(|| a.code.cmp(&b.code)));
    list
}

fn table(caption: &str, controls: &[&ControlResult], page: &str, chosen: Option<&str>) -> Markup {
    html! {
        table class="problem-list" {
            caption class="hidden" { (caption) }
            thead class="hidden" {
                tr {
                    th scope="col" { (t!("Problem")) }
                    th scope="col" { (t!("Found")) }
                    th scope="col" { (t!("Rows")) }
                }
            }
            tbody {
                @for control in controls { (line(control, page, chosen)) }
            }
        }
    }
}

fn line(control: &ControlResult, page: &str, chosen: Option<&str>) -> Markup {
    let code = &control.code;
    let here = chosen == Some(code.as_str());
    html! {
        tr class=[here.then_some("chosen")] {
            th scope="row" {
                span class="problem" {
                    (sign(control.severity))
                    span { (control.summary) " " span class="code" { (code) } }
                }
            }
            td class="number" { (format::count(control.failed)) }
            td {
                a
                    class="show-rows"
                    href=(RowWindow::with_code(code).href(page))
                    aria-label={ (phrase!("Show rows: {summary} ({code})", summary = control.summary, code = code)) }
                    data-noscroll
                    { (t!("Show rows")) }
            }
        }
    }
}

fn of_file(finding: &Finding) -> Markup {
    html! {
        li {
            (sign(finding.data.severity))
            span {
                @if let Some(at) = &finding.sheet_row {
                    (format::line(finding.line, Some(at))) ". "
                } @else if finding.line > 0 {
                    (phrase!("Line {line}.", line = format::count(finding.line))) " "
                }
                (quoted(&finding.text)) " " span class="code" { (finding.data.code) }
            }
        }
    }
}

//! What is wrong, one line for each column in which a control found something: errors first, warnings folded. A line
//! leads to its rows.

use crate::parts::phrase::phrase;
use crate::{
    format,
    parts::words::{link, quoted, sign, visible},
    window::RowWindow,
};
use maud::{Markup, html};
use model::t;
use model::{
    control::{ColumnFigures, Commonest, ControlResult, Severity, Status},
    finding::Finding,
    verdict::Verdict,
};
use std::{cmp::Reverse, collections::BTreeSet};

/// The control, and the file's column, that the rows are narrowed to.
pub(crate) type Chosen = (Option<String>, Option<u32>);

/// `page` is the address that the rows are shown under.
pub(crate) fn problems(verdict: &Verdict, page: &str, chosen: &Chosen) -> Markup {
    let (errors, warnings): (Vec<_>, Vec<_>) = lines(verdict)
        .into_iter()
        .partition(|it| it.severity == Severity::Error);
    let (file_errors, file_warnings): (Vec<_>, Vec<_>) = verdict
        .file_findings
        .iter()
        .partition(|it| it.data.severity == Severity::Error);
    let in_rows: u64 = warnings.iter().map(|it| it.rows).sum();
    let found = in_rows + count(file_warnings.len());
    let open = warnings.iter().any(|it| it.is_chosen(chosen));
    let of_rows = warnings.iter().map(|it| it.control.code.as_str());
    let of_file = file_warnings.iter().map(|it| it.data.code.as_str());
    let controls: BTreeSet<&str> = of_rows.chain(of_file).collect();
    html! {
        section class="problems" aria-labelledby="problems" {
            h2 id="problems" { (t!("What is wrong")) }
            (about_the_file(&file_errors))
            @if !errors.is_empty() {
                (table(t!("Errors, most frequent first"), &errors, page, chosen))
            } @else if file_errors.is_empty() {
                p class="quiet" {
                    @if verdict.rows.read == 0 {
                        (t!("There is no row that could be wrong."))
                    } @else {
                        (t!("No errors. Every row can be loaded."))
                    }
                }
            }
            @if found > 0 {
                details class="warnings" open[open] {
                    summary {
                        (phrase!("{found} in {warnings}", found = format::counted(found, t!("warning"), t!("warnings")), warnings = format::counted(count(controls.len()), t!("control"), t!("controls"))))
                    }
                    (about_the_file(&file_warnings))
                    @if !warnings.is_empty() {
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
}

fn count(number: usize) -> u64 {
    u64::try_from(number).unwrap_or(u64::MAX)
}

fn about_the_file(findings: &[&Finding]) -> Markup {
    html! {
        @if !findings.is_empty() {
            ul class="about-file" {
                @for finding in findings { (of_file(finding)) }
            }
        }
    }
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

/// What a control found in one column, or, where its verdict says nothing of columns, altogether.
struct Line<'v> {
    control: &'v ControlResult,
    severity: Severity,
    rows: u64,
    of: Option<&'v ColumnFigures>,
}

impl Line<'_> {
    fn column(&self) -> Option<u32> {
        self.of.and_then(|it| it.column)
    }

    fn is_chosen(&self, (code, column): &Chosen) -> bool {
        let same = column.is_none() || *column == self.column();
        code.as_ref() == Some(&self.control.code) && same
    }
}

/// What was found in rows, most frequent first.
fn lines(verdict: &Verdict) -> Vec<Line<'_>> {
    let mut res = Vec::new();
    let controls = [Severity::Error, Severity::Warning].map(|it| failing(verdict, it));
    for control in controls.into_iter().flatten() {
        let columns = control.columns.iter();
        res.extend(columns.map(|it| Line {
            control,
            severity: it.severity,
            rows: it.rows,
            of: Some(it),
        }));
        if control.columns.is_empty() {
            res.push(Line {
                control,
                severity: control.severity,
                rows: control.failed,
                of: None,
            });
        }
    }
    // Of lines that are as frequent, the controls' order and that of their columns stays.
    res.sort_by_key(|it| Reverse(it.rows));
    res
}

fn table(caption: &str, lines: &[Line<'_>], page: &str, chosen: &Chosen) -> Markup {
    let money = lines
        .iter()
        .any(|it| it.of.is_some_and(|of| of.money.is_some()));
    html! {
        table class="problem-list" {
            caption class="hidden" { (caption) }
            thead class="hidden" {
                tr {
                    th scope="col" { (t!("Problem")) }
                    th scope="col" { (t!("Found")) }
                    @if money { th scope="col" { (t!("Money")) } }
                    th scope="col" { (t!("Rows")) }
                }
            }
            tbody {
                @for it in lines { (line(it, money, page, chosen)) }
            }
        }
    }
}

fn line(line: &Line<'_>, money: bool, page: &str, chosen: &Chosen) -> Markup {
    let Line {
        control,
        severity,
        rows,
        of,
    } = line;
    let code = &control.code;
    let name = of.and_then(|it| it.column_name.as_deref());
    let amount = of.and_then(|it| it.money);
    let here = line.is_chosen(chosen);
    let label = match name {
        Some(name) => phrase!(
            "Show rows: {column}: {summary} ({code})",
            column = name,
            summary = control.summary,
            code = code
        ),
        None => phrase!(
            "Show rows: {summary} ({code})",
            summary = control.summary,
            code = code
        ),
    };
    html! {
        tr class=[here.then_some("chosen")] {
            th scope="row" {
                span class="problem" {
                    (sign(*severity))
                    span {
                        @if let Some(name) = name { strong { (name) } " " }
                        (control.summary) " " span class="code" { (code) }
                        @if let Some(it) = of.and_then(|it| it.commonest.as_ref()) { (commonest(it, *rows)) }
                    }
                }
            }
            td class="number" { (format::rows(*rows)) }
            @if money { td class="number" { @if let Some(it) = amount { (format::money(it)) } } }
            td {
                a
                    class="show-rows"
                    href=(RowWindow::in_column(code, line.column()).href(page))
                    aria-label=(label)
                    data-noscroll
                    { (t!("Show rows")) }
            }
        }
    }
}

/// What fails most often, of `rows`.
fn commonest(it: &Commonest, rows: u64) -> Markup {
    let value = html! { code { (visible(&it.value)) } };
    html! {
        span class="commonest" {
            @if rows == 1 {
                (value)
            } @else if it.rows == rows {
                (phrase!("Always {value}", value = value))
            } @else if it.rows == 1 {
                (phrase!("Such as {value}", value = value))
            } @else {
                (phrase!("Most often {value}, in {rows}", value = value, rows = format::rows(it.rows)))
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

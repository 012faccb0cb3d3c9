//! JUnit XML: a suite for each file, a test case for each control and each threshold.

use super::{FileReport, level};
use crate::command::report::count;
use model::{
    control::{ControlResult, Status},
    verdict::{Held, Threshold, Verdict},
};
use std::fmt::Write;

/// Lines that a failure names.
const LINES: usize = 20;

pub(super) fn report(files: &[FileReport]) -> String {
    let suites: Vec<Suite> = files.iter().map(Suite::new).collect();
    let sum = |of: fn(&Suite) -> usize| suites.iter().map(of).sum::<usize>();
    let seconds: f64 = files.iter().map(|it| it.seconds).sum();
    let mut res = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    // Writing to a string does not fail.
    let _ = writeln!(
        res,
        "<testsuites name=\"tarazu\" tests=\"{}\" failures=\"{}\" errors=\"{}\" skipped=\"{}\" time=\"{seconds:.3}\">",
        sum(|it| it.tests),
        sum(|it| it.failures),
        sum(|it| it.errors),
        sum(|it| it.skipped),
    );
    for suite in suites {
        res.push_str(&suite.finish());
    }
    res.push_str("</testsuites>\n");
    res
}

struct Suite<'a> {
    file: &'a FileReport,
    cases: String,
    tests: usize,
    failures: usize,
    errors: usize,
    skipped: usize,
}

impl<'a> Suite<'a> {
    fn new(file: &'a FileReport) -> Self {
        let mut res = Self {
            file,
            cases: String::new(),
            tests: 0,
            failures: 0,
            errors: 0,
            skipped: 0,
        };
        if let Some(trouble) = &file.trouble {
            res.errors += 1;
            res.case(
                "file",
                "judged",
                &element("error", trouble, "not-judged", ""),
            );
        }
        if let Some(verdict) = &file.verdict {
            res.controls(verdict);
            res.file_as_a_whole(verdict);
        }
        res
    }

    fn controls(&mut self, verdict: &Verdict) {
        for control in &verdict.controls {
            let inner = match control.status {
                Status::Passed => String::new(),
                Status::Failed => {
                    self.failures += 1;
                    let kind = level(control.severity);
                    element("failure", &says(control), kind, &self.lines(control))
                }
                Status::Warned => {
                    let lines = format!("{}\n{}", says(control), self.lines(control));
                    format!("<system-out>{}</system-out>", escape(&lines))
                }
                Status::NotRun => {
                    self.skipped += 1;
                    let reason = control.reason.as_deref().unwrap_or_default();
                    format!("<skipped message=\"{}\"/>", escape(reason))
                }
            };
            let contract = &verdict.contract.name;
            let class = format!("{contract}.{}", control.dimension.prefix());
            self.case(
                &class,
                &format!("{} {}", control.code, control.name),
                &inner,
            );
        }
    }

    fn file_as_a_whole(&mut self, verdict: &Verdict) {
        let class = format!("{}.thresholds", verdict.contract.name);
        if let Some(Held { reason, records }) = &verdict.held {
            self.failures += 1;
            let text = format!("the file is held ({reason}); it has {records} records");
            self.case(&class, "held", &element("failure", &text, "held", ""));
        }
        for threshold in &verdict.thresholds {
            let Threshold {
                name,
                relation,
                bound,
                value,
                met,
            } = threshold;
            let inner = if *met {
                String::new()
            } else {
                self.failures += 1;
                let value = value.map_or("none".to_owned(), |it| format!("{} %", it.percent()));
                element("failure", &format!("{name} is {value}"), "threshold", "")
            };
            self.case(
                &class,
                &format!("{name} {relation} {} %", bound.percent()),
                &inner,
            );
        }
    }

    fn lines(&self, control: &ControlResult) -> String {
        let mut res = String::new();
        let mut named = 0;
        for finding in self.file.of(&control.code).take(LINES) {
            named += 1;
            let _ = writeln!(res, "line {}: {}", finding.line, finding.text);
        }
        if let Some(more @ 1..) = control.failed.checked_sub(named) {
            let _ = writeln!(res, "and {} more", count(more));
        }
        res
    }

    fn case(&mut self, class: &str, name: &str, inner: &str) {
        self.tests += 1;
        let _ = write!(
            self.cases,
            "    <testcase classname=\"{}\" name=\"{}\" file=\"{}\"",
            escape(class),
            escape(name),
            escape(&self.file.file)
        );
        if inner.is_empty() {
            self.cases.push_str("/>\n");
        } else {
            let _ = writeln!(self.cases, ">{inner}</testcase>");
        }
    }

    fn finish(self) -> String {
        let verdict = self.file.verdict.as_ref();
        let at = verdict.map_or("", |it| it.receipt.evaluated_at.trim_end_matches('Z'));
        format!(
            "  <testsuite name=\"{}\" tests=\"{}\" failures=\"{}\" errors=\"{}\" skipped=\"{}\" time=\"{:.3}\" timestamp=\"{at}\">\n{}  </testsuite>\n",
            escape(&self.file.file),
            self.tests,
            self.failures,
            self.errors,
            self.skipped,
            self.file.seconds,
            self.cases
        )
    }
}

fn says(control: &ControlResult) -> String {
    let (failed, evaluated) = (count(control.failed), count(control.evaluated));
    format!("{failed} of {evaluated} fail: {}", control.summary)
}

fn element(name: &str, message: &str, kind: &str, text: &str) -> String {
    let (message, text) = (escape(message), escape(text));
    format!("<{name} message=\"{message}\" type=\"{kind}\">{text}</{name}>")
}

/// As text or attribute of XML 1.0, which has no room for most control characters.
fn escape(text: &str) -> String {
    let mut res = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => res.push_str("&amp;"),
            '<' => res.push_str("&lt;"),
            '>' => res.push_str("&gt;"),
            '"' => res.push_str("&quot;"),
            '\n' | '\t' => res.push(character),
            '\0'..='\u{1f}' | '\u{fffe}' | '\u{ffff}' => res.push('\u{fffd}'),
            other => res.push(other),
        }
    }
    res
}

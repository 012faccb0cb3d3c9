//! States in words, each with its icon; colour only repeats them.

use crate::icons::{Icon, icon};
use leptos::prelude::*;
use model::{
    control::{Severity, Status},
    options::Options,
    run::{RunStatus, Stage},
};

/// A state: icon, word, and a class that colours both.
pub(crate) fn state(class: &'static str, picture: Icon, word: &'static str) -> AnyView {
    view! { <span class=format!("state {class}")>{icon(picture)} {word}</span> }.into_any()
}

pub(crate) fn run_state(status: RunStatus) -> AnyView {
    match status {
        RunStatus::Running => state("running", Icon::Running, "Running"),
        RunStatus::Complete => state("accepted", Icon::Met, "Complete"),
        RunStatus::Held => state("held", Icon::Held, "Held"),
        RunStatus::Failed => state("exception", Icon::Error, "Failed"),
    }
}

pub(crate) fn control_state(status: Status) -> AnyView {
    match status {
        Status::Passed => state("accepted", Icon::Met, "Passed"),
        Status::Failed => state("exception", Icon::Error, "Failed"),
        Status::Warned => state("warning", Icon::Warning, "Warned"),
        Status::NotRun => state("quiet", Icon::NotRun, "Not run"),
    }
}

pub(crate) const fn severity_icon(severity: Severity) -> Icon {
    match severity {
        Severity::Error => Icon::Error,
        Severity::Warning => Icon::Warning,
    }
}

pub(crate) const fn severity_class(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "exception",
        Severity::Warning => "warning",
    }
}

pub(crate) const fn stage_title(stage: Stage) -> &'static str {
    match stage {
        Stage::Validate => "Validate",
        Stage::Isolate => "Isolate",
        Stage::Transform => "Transform",
        Stage::Load => "Load",
        Stage::Summarise => "Summarise",
    }
}

/// The engine's texts quote values between backticks; a text that does not pair them stays as it is.
pub(crate) fn quoted(text: &str) -> AnyView {
    let parts: Vec<_> = text.split('`').collect();
    if parts.len() % 2 == 0 {
        return text.to_owned().into_any();
    }
    parts
        .into_iter()
        .enumerate()
        .map(|(at, part)| match at % 2 {
            0 => part.to_owned().into_any(),
            _ => view! { <code>{part.to_owned()}</code> }.into_any(),
        })
        .collect_view()
        .into_any()
}

/// `comma · UTF-8 · header in line 1`
pub(crate) fn reading_words(options: &Options) -> String {
    let delimiter = match options.delimiter.as_str() {
        "," => "comma",
        ";" => "semicolon",
        "\t" => "tab",
        "|" => "pipe",
        other => other,
    };
    let header = match options.header_line {
        0 => "no header".to_owned(),
        line => format!("header in line {line}"),
    };
    let mark = if options.bom {
        " with byte order mark"
    } else {
        ""
    };
    let encoding = options.encoding.to_uppercase();
    format!("{delimiter} · {encoding}{mark} · {header}")
}

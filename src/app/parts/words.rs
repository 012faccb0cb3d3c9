//! States in words, each with its icon; colour only repeats them.

use crate::icons::Icon;
use maud::{Markup, html};
use model::t;
use model::{
    control::{Severity, Status},
    ledger::NOT_STATED,
    options::Options,
    run::{RunStatus, Stage, Withdrawal},
};

/// What a group of rows is called: rows without a value have one, too.
pub(crate) fn stated(label: &str) -> &str {
    match label {
        NOT_STATED | "" => t!("Not stated"),
        it => it,
    }
}

/// A state: icon, word, and a class that colours both.
pub(crate) fn state(class: &str, picture: Icon, word: &str) -> Markup {
    html! { span class={ "state " (class) } { (picture) " " (word) } }
}

/// What leads somewhere, where it does.
pub(crate) fn link(to: Option<&str>, text: &str) -> Markup {
    html! {
        @match to {
            Some(to) => a href=(to) { (text) },
            None => (text),
        }
    }
}

/// A severity's sign alone, before a sentence that says the rest.
pub(crate) fn sign(severity: Severity) -> Markup {
    html! { span class={ "state " (severity_class(severity)) } { (severity_icon(severity)) } }
}

/// Where a run stands now: one that was withdrawn ended as it did, and counts no more.
pub(crate) fn run_state(status: RunStatus, withdrawn: Option<&Withdrawal>) -> Markup {
    match (withdrawn, status) {
        (Some(it), _) if it.replaced_by.is_some() => state("quiet", Icon::Replaced, t!("Replaced")),
        (Some(_), _) => state("quiet", Icon::Withdrawn, t!("Withdrawn")),
        (None, RunStatus::Running) => state("running", Icon::Running, t!("Running")),
        (None, RunStatus::Complete) => state("accepted", Icon::Met, t!("Complete")),
        (None, RunStatus::Held) => state("held", Icon::Held, t!("Held")),
        (None, RunStatus::Failed) => state("exception", Icon::Error, t!("Failed")),
    }
}

pub(crate) fn control_state(status: Status) -> Markup {
    match status {
        Status::Passed => state("accepted", Icon::Met, t!("Passed")),
        Status::Failed => state("exception", Icon::Error, t!("Failed")),
        Status::Warned => state("warning", Icon::Warning, t!("Warned")),
        Status::NotRun => state("quiet", Icon::NotRun, t!("Not run")),
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
        Stage::Validate => t!("Validate"),
        Stage::Isolate => t!("Isolate"),
        Stage::Transform => t!("Transform"),
        Stage::Load => t!("Load"),
        Stage::Summarise => t!("Summarise"),
    }
}

/// The engine's texts quote values between backticks; a text that does not pair them stays as it is.
pub(crate) fn quoted(text: &str) -> Markup {
    let parts: Vec<_> = text.split('`').collect();
    html! {
        @if parts.len() % 2 == 0 {
            (text)
        } @else {
            @for (at, part) in parts.iter().enumerate() {
                @if at % 2 == 0 { (part) } @else { code { (visible(part)) } }
            }
        }
    }
}

/// With the names of characters in their places that nobody sees, or takes for others.
pub(crate) fn visible(text: &str) -> String {
    let mut res = String::with_capacity(text.len());
    for it in text.chars() {
        let name = match it {
            '\t' => t!("tab"),
            '\n' | '\r' => t!("line break"),
            '\u{a0}' | '\u{2007}' | '\u{202f}' => t!("no-break space"),
            '\u{ad}' => t!("soft hyphen"),
            '\u{200b}' | '\u{2060}' | '\u{feff}' => t!("zero-width space"),
            '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => {
                t!("direction mark")
            }
            it => {
                res.push(it);
                continue;
            }
        };
        res.push('[');
        res.push_str(name);
        res.push(']');
    }
    res
}

/// `comma · UTF-8 · header in line 1`, or `sheet April of an .xlsx · header in row 3`
pub(crate) fn reading_words(options: &Options) -> String {
    if let Some(workbook) = &options.workbook {
        let sheets = match workbook.sheets.as_slice() {
            [] => t!("no sheet").to_owned(),
            [one] => t!("sheet {one}", one = one),
            more => t!("sheets {names}", names = more.join(", ")),
        };
        let header = match options.header_line {
            0 => t!("no header").to_owned(),
            row => t!("header in row {row}", row = row),
        };
        return format!("{sheets} · {} · {header}", workbook.format);
    }
    let delimiter = match options.delimiter.as_str() {
        "," => t!("comma"),
        ";" => t!("semicolon"),
        "\t" => t!("tab"),
        "|" => t!("pipe"),
        other => other,
    };
    let header = match options.header_line {
        0 => t!("no header").to_owned(),
        line => t!("header in line {line}", line = line),
    };
    let encoding = options.encoding.to_uppercase();
    let encoding = match options.bom {
        true => t!("{encoding} with byte order mark", encoding = encoding),
        false => encoding,
    };
    format!("{delimiter} · {encoding} · {header}")
}

#[cfg(test)]
mod tests {
    use super::quoted;

    #[test]
    fn what_nobody_sees_in_a_value_is_named() {
        for (text, told) in [
            ("`Milk` is <not>", "<code>Milk</code> is &lt;not&gt;"),
            (
                "`\u{200b}Milk\u{a0}1L` in `a\u{a0}b",
                "`\u{200b}Milk\u{a0}1L` in `a\u{a0}b",
            ),
            (
                "\u{a0}`\u{200b}Milk\u{a0}1L`",
                "\u{a0}<code>[zero-width space]Milk[no-break space]1L</code>",
            ),
            ("`Milk\n1\tL`", "<code>Milk[line break]1[tab]L</code>"),
        ] {
            assert_eq!(quoted(text).into_string(), told);
        }
    }
}

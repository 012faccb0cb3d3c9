//! What became of the file, in one sentence.

use crate::{format, icons::Icon};
use maud::{Markup, html};
use model::run::{Run, RunStatus};

pub(super) fn sentence(run: &Run) -> Markup {
    let summary = &run.summary;
    match summary.status {
        RunStatus::Complete => html! { p class="sentence" { (complete(run)) } },
        RunStatus::Running => html! { p class="sentence" { "This file is being judged." } },
        RunStatus::Held => stopped(
            "held",
            Icon::Held,
            "This file is held: no row of it is in the ledger.",
            summary.reason.as_deref().unwrap_or(
                "It does not meet what the contract asks of a whole file. See below what is wrong, mend the file \
                 and check it again.",
            ),
            "The file and every finding are kept.",
        ),
        RunStatus::Failed => stopped(
            "exception",
            Icon::Error,
            "This run failed: no row of it is in the ledger.",
            summary
                .reason
                .as_deref()
                .unwrap_or("Something broke on the server. Submit the file again."),
            "The file is kept, and the audit log says how far it came.",
        ),
    }
}

fn complete(run: &Run) -> String {
    let summary = &run.summary;
    let rows = |number: Option<u64>| number.unwrap_or(0);
    let accepted = rows(summary.rows_accepted);
    let exceptions = rows(summary.rows_exceptions);
    let money = |it: Option<model::money::Money>| {
        it.map_or_else(String::new, |it| format!(" with {}", format::money(it)))
    };
    let verb = |number| if number == 1 { "is" } else { "are" };
    let server = match run.found_by_server {
        0 => "the server found none beyond what the file alone shows".to_owned(),
        1 => "1 of them was found by the server alone".to_owned(),
        number => format!(
            "{} of them were found by the server alone",
            format::count(number)
        ),
    };
    if exceptions == 0 {
        return format!(
            "{}{} {} in the ledger, and there are no exceptions.",
            format::rows(accepted),
            money(summary.money_accepted),
            verb(accepted),
        );
    }
    format!(
        "{}{} {} in the ledger; {}{} {} in exceptions, and {server}.",
        format::rows(accepted),
        money(summary.money_accepted),
        verb(accepted),
        format::rows(exceptions),
        money(summary.money_exceptions),
        verb(exceptions),
    )
}

fn stopped(
    class: &'static str,
    picture: Icon,
    sentence: &'static str,
    reason: &str,
    kept: &'static str,
) -> Markup {
    html! {
        p class="sentence" {
            span class={ "state " (class) } { (picture) } " " (sentence)
        }
        p { (reason) " " (kept) }
    }
}

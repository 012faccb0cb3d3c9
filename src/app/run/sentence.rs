//! What became of the file, in one sentence.

use crate::{
    format,
    icons::Icon,
    parts::words::{quoted, stage_title},
};
use maud::{Markup, html};
use model::run::{Run, RunStatus};
use model::t;

/// How far a run is, or what became of it.
pub(super) fn told(run: &Run) -> String {
    match run.summary.status {
        RunStatus::Running => match run.stages.last() {
            Some(it) => t!("Stage: {stage}", stage = stage_title(it.stage)),
            None => t!("Waiting for its turn.").to_owned(),
        },
        RunStatus::Complete => complete(run),
        RunStatus::Held => t!("This file is held: no row of it is in the ledger.").to_owned(),
        RunStatus::Failed => t!("This run failed: no row of it is in the ledger.").to_owned(),
    }
}

pub(super) fn sentence(run: &Run) -> Markup {
    let summary = &run.summary;
    match summary.status {
        RunStatus::Complete => html! { p class="sentence" { (complete(run)) } },
        RunStatus::Running => html! { p class="sentence" { (t!("This file is being judged.")) } },
        RunStatus::Held => stopped(
            "held",
            Icon::Held,
            t!("This file is held: no row of it is in the ledger."),
            summary.reason.as_deref().unwrap_or(
                t!("It does not meet what the contract asks of a whole file. See below what is wrong, mend the file \
                 and check it again."),
            ),
            t!("The file and every finding are kept."),
        ),
        RunStatus::Failed => stopped(
            "exception",
            Icon::Error,
            t!("This run failed: no row of it is in the ledger."),
            summary
                .reason
                .as_deref()
                .unwrap_or(t!("Something broke on the server. Submit the file again.")),
            // Whether its file is kept, the reason says.
            t!("The audit log says how far it came."),
        ),
    }
}

fn complete(run: &Run) -> String {
    let summary = &run.summary;
    let rows = |number: Option<u64>| number.unwrap_or(0);
    let accepted = rows(summary.rows_accepted);
    let exceptions = rows(summary.rows_exceptions);
    let with_money = |rows: u64, it: Option<model::money::Money>| match it {
        Some(money) => t!(
            "{rows} with {money}",
            rows = format::rows(rows),
            money = format::money(money)
        ),
        None => format::rows(rows),
    };
    let server = match run.found_by_server {
        0 => t!("The server found none beyond what the file alone shows.").to_owned(),
        1 => t!("1 of them was found by the server alone.").to_owned(),
        number => t!(
            "{number} of them were found by the server alone.",
            number = format::count(number)
        ),
    };
    if exceptions == 0 {
        return t!(
            "{accepted} went into the ledger, and there are no exceptions.",
            accepted = with_money(accepted, summary.money_accepted)
        );
    }
    let accepted = with_money(accepted, summary.money_accepted);
    let apart = with_money(exceptions, summary.money_exceptions);
    let all = match exceptions {
        1 => t!(
            "{accepted} went into the ledger; {exceptions} became an exception.",
            accepted = accepted,
            exceptions = apart
        ),
        _ => t!(
            "{accepted} went into the ledger; {exceptions} became exceptions.",
            accepted = accepted,
            exceptions = apart
        ),
    };
    format!("{all} {server}")
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
        p { (quoted(reason)) " " (kept) }
    }
}

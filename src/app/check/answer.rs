//! The answer first: can this file be submitted?

use crate::{format, icons::Icon};
use maud::{Markup, html};
use model::t;
use model::{ratio::Ratio, verdict::Verdict};

/// The control that holds a file whose header lacks what the contract asks for.
pub(super) const MISSING: &str = "missing-column";

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Answer {
    Ready,
    NotReady,
    CannotBeLoaded,
}

impl Answer {
    fn of(verdict: &Verdict) -> Self {
        if verdict.held.is_some() {
            Self::CannotBeLoaded
        } else if verdict.thresholds.iter().all(|it| it.met) {
            Self::Ready
        } else {
            Self::NotReady
        }
    }

    const fn words(self) -> &'static str {
        match self {
            Self::Ready => t!("Ready"),
            Self::NotReady => t!("Not ready"),
            Self::CannotBeLoaded => t!("Cannot be loaded"),
        }
    }
}

pub(super) fn answer(verdict: &Verdict) -> Markup {
    let answer = Answer::of(verdict);
    let (class, picture) = match answer {
        Answer::Ready => ("answer accepted", Icon::Met),
        Answer::NotReady => ("answer exception", Icon::Error),
        Answer::CannotBeLoaded => ("answer held", Icon::Held),
    };
    html! {
        div class=(class) {
            h2 id="answer" { (picture) " " (answer.words()) }
            p { (meaning(verdict)) }
        }
    }
}

/// `Not ready. 4,376 of 5,000 rows can be loaded.`
pub(super) fn in_one_line(verdict: &Verdict) -> String {
    format!("{}. {}", Answer::of(verdict).words(), meaning(verdict))
}

fn meaning(verdict: &Verdict) -> String {
    let rows = verdict.rows;
    if let Some(held) = &verdict.held {
        if held.reason == MISSING {
            return t!("Columns that the contract asks for are not in the file. Add them, or say under \"Read as\" which \
                    of its columns hold them.")
                .to_owned();
        }
        if held.for_structure() {
            return t!(
                "The file has no shape that can be judged ({reason}). Mend what is named below and check it again.",
                reason = held.reason.replace('-', " ")
            );
        }
        if rows.exceptions == 1 {
            return t!(
                "1 of {read} is an exception, which is more than this contract loads. Nothing is loaded until somebody releases the run or sends a better file.",
                read = format::rows(rows.read)
            );
        }
        return t!(
            "{exceptions} of {read} are exceptions, which is more than this contract loads. Nothing is loaded until somebody releases the run or sends a better file.",
            exceptions = format::count(rows.exceptions),
            read = format::rows(rows.read)
        );
    }
    if rows.read == 0 {
        return t!("There is no row below the header.").to_owned();
    }
    let share = Ratio::of(rows.accepted, rows.read).map_or_else(String::new, format::percent);
    if rows.exceptions == 0 && rows.read == 1 {
        return t!("The one row can be loaded.").to_owned();
    }
    if rows.exceptions == 0 {
        return t!("All {read} can be loaded.", read = format::rows(rows.read));
    }
    if rows.accepted == 0 && rows.read == 1 {
        return t!("The one row cannot be loaded. It is set aside, whole and explained.")
            .to_owned();
    }
    if rows.accepted == 0 {
        return t!(
            "0 of {read} can be loaded. All of them are set aside, whole and explained.",
            read = format::rows(rows.read)
        );
    }
    let accepted = format::count(rows.accepted);
    let read = format::count(rows.read);
    if rows.exceptions == 1 {
        return t!(
            "{share} of the rows can be loaded: {accepted} of {read}. The other one is set aside, whole and explained.",
            share = share,
            accepted = accepted,
            read = read
        );
    }
    t!(
        "{share} of the rows can be loaded: {accepted} of {read}. The other {exceptions} are set aside, whole and explained.",
        share = share,
        accepted = accepted,
        read = read,
        exceptions = format::count(rows.exceptions)
    )
}

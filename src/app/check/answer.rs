//! The answer first: can this file be submitted?

use crate::{format, icons::Icon};
use maud::{Markup, html};
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
            Self::Ready => "Ready",
            Self::NotReady => "Not ready",
            Self::CannotBeLoaded => "Cannot be loaded",
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
            h2 { (picture) " " (answer.words()) }
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
            return "Columns that the contract asks for are not in the file. Add them, or say under \"Read as\" which \
                    of its columns hold them."
                .to_owned();
        }
        if held.for_structure() {
            return format!(
                "The file has no shape that can be judged ({}). Mend what is named below and check it again.",
                held.reason.replace('-', " ")
            );
        }
        return format!(
            "{} of {} are exceptions, which is more than this contract loads. Nothing is loaded until somebody \
             releases the run or sends a better file.",
            format::count(rows.exceptions),
            format::rows(rows.read)
        );
    }
    if rows.read == 0 {
        return "There is no row below the header.".to_owned();
    }
    let share = Ratio::of(rows.accepted, rows.read).map_or_else(String::new, format::percent);
    if rows.exceptions == 0 {
        return format!("All {} can be loaded.", format::rows(rows.read));
    }
    format!(
        "{share} of the rows can be loaded: {} of {}. The other {} set aside, whole and explained.",
        format::count(rows.accepted),
        format::count(rows.read),
        format::counted(rows.exceptions, "is", "are")
    )
}

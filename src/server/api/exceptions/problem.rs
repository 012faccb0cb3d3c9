//! Why an act was not done, in plain words.

use crate::{
    exception::{ActError, Left},
    problem::Problem,
};
use axum::http::StatusCode;
use std::error::Error;

impl From<ActError> for Problem {
    fn from(error: ActError) -> Self {
        let conflict =
            |kind, title, detail: String| Self::new(StatusCode::CONFLICT, kind, title, detail);
        match error {
            ActError::Stale(version) => conflict(
                "stale-version",
                "Somebody changed this exception meanwhile",
                format!("It is at version {version} by now. Nothing was changed: look at it again, then decide."),
            )
            .with("version", version),
            ActError::NotComplete => conflict(
                "run-not-complete",
                "Nothing of this run was loaded",
                "Its exceptions can be dealt with once it is complete: it is going on, held or failed.".into(),
            ),
            ActError::Invalid(detail) | ActError::NoColumn(detail) => Self::invalid(detail),
            ActError::Held(why) => conflict(
                "held-by-contract",
                "The contract in force cannot read the file's columns",
                format!("{why}. Nothing was changed: hand the file in again."),
            ),
            ActError::Busy => conflict(
                "busy",
                "Others changed the same rows or keys at the same time",
                "Nothing was changed. Try again.".into(),
            ),
            ActError::Stopped {
                changed,
                entered,
                error,
            } => Self::from(*error)
                .saying(format!(
                    "Not all was done: {changed} exceptions were changed before that, {entered} of which entered the \
                     ledger, and stay so. Look at the list, and do the act again with the others."
                ))
                .with("changed", changed)
                .with("entered", entered),
            ActError::Left(why) => left(&why),
            ActError::Store(error) => error.into(),
            error @ (ActError::Unsound(_) | ActError::Source(_)) => {
                tracing::error!(error = &error as &dyn Error, "an act on exceptions failed");
                Self::internal().caused_by(&error)
            }
        }
    }
}

fn left(why: &Left) -> Problem {
    let (title, detail) = match why {
        Left::NotOpen(state) => (
            "This exception is not open",
            format!("It is {}. Open it again first, with a reason.", state.as_str()),
        ),
        Left::Open => (
            "This exception is open",
            "It need not be opened again.".to_owned(),
        ),
        Left::NoRecord => (
            "This row is no proper record",
            "Give the whole row, cell by cell.".to_owned(),
        ),
        Left::Undecodable => (
            "Bytes that are no text still stand in this row",
            "Put right every cell that holds the mark \u{fffd}.".to_owned(),
        ),
        Left::NotWaivable(codes) => (
            "This row cannot be waived",
            format!("The contract does not let anybody waive {}. Correct the row, or reject it.", codes.join(", ")),
        ),
        Left::KeyHeld => (
            "Another row holds this row's key",
            "Settle that first: keep the holder, let this row take its place, or give this row another key."
                .to_owned(),
        ),
        Left::KeyNotHeld => (
            "No other row holds this row's key",
            "There is nothing to settle.".to_owned(),
        ),
        Left::Failing => (
            "This row has other findings",
            "Correct them first.".to_owned(),
        ),
        Left::SecondPerson => (
            "A second person has to confirm this waiver",
            "The amount is above the one that the contract lets one person waive, and you proposed it.".to_owned(),
        ),
        Left::OtherText => (
            "Nothing changed",
            "Its cell does not say what is to be replaced.".to_owned(),
        ),
        Left::Stale => (
            "Somebody changed this exception meanwhile",
            "Look at it again, then decide.".to_owned(),
        ),
        Left::Unchanged => ("Nothing changed", "The outcome is the same.".to_owned()),
    };
    Problem::new(
        StatusCode::CONFLICT,
        why.word(),
        title,
        format!("{detail} Nothing was changed."),
    )
}

//! What changed from one run to the next, in a sentence or three.

use crate::{
    format,
    parts::{phrase::phrase, problems::found, words::link},
    place::Place,
    window::RowWindow,
};
use maud::{Markup, html};
use model::t;
use model::{
    control::{ControlResult, Severity},
    ratio::Ratio,
    run::Run,
    verdict::Verdict,
};
use std::cmp::Reverse;

/// One of the runs, and the page that shows its rows.
struct Side<'a> {
    verdict: &'a Verdict,
    page: String,
}

impl<'a> Side<'a> {
    fn of(run: &'a Run, place: &Place) -> Option<Self> {
        Some(Self {
            verdict: run.verdict.as_ref()?,
            page: place.run(&run.summary.id),
        })
    }

    /// What leads to the rows that a control found.
    fn found(&self, control: &ControlResult, text: &str) -> Markup {
        found(self.verdict, control, &self.page, text)
    }
}

/// Empty where one of them was not judged.
pub(super) fn changes(before: &Run, now: &Run, place: &Place) -> Vec<Markup> {
    let (Some(old), Some(new)) = (Side::of(before, place), Side::of(now, place)) else {
        return Vec::new();
    };
    let (old_name, new_name) = (&before.summary.file_name, &now.summary.file_name);
    let rate = |it: Ratio, side: &Side<'_>| exceptions(it, &side.page);
    let mut sentences = Vec::new();
    match (old.verdict.exception_rate, new.verdict.exception_rate) {
        (Some(then), Some(now)) => sentences.push(phrase!("In {new_name}, {new} of the rows failed; in {old_name} before it, {old}: {change}.", new_name = new_name, new = rate(now, &new), old_name = old_name, old = rate(then, &old), change = points(then, now))),
        (_, None) => sentences.push(phrase!("{new_name} has no rows that could be judged.", new_name = new_name)),
        (None, Some(now)) => sentences.push(phrase!("In {new_name}, {new} of the rows failed; {old_name} before it had none that could be judged.", new_name = new_name, new = rate(now, &new), old_name = old_name)),
    }
    sentences.extend(controls(&old, &new));
    for (failing, what) in [
        (only(&new, &old), t!("Failing now and not before")),
        (only(&old, &new), t!("No longer failing")),
    ] {
        if !failing.is_empty() {
            sentences.push(html! {
                (what) ": "
                @for (at, it) in failing.iter().enumerate() { @if at > 0 { ", " } (it) }
                "."
            });
        }
    }
    if let (Some(old), Some(new)) = (old.verdict.quality_score, new.verdict.quality_score)
        && old != new
    {
        let (rose, old, new) = (new > old, format::percent(old), format::percent(new));
        sentences.push(if rose {
            phrase!(
                "The quality score rose from {old} to {new}.",
                old = old,
                new = new
            )
        } else {
            phrase!(
                "The quality score fell from {old} to {new}.",
                old = old,
                new = new
            )
        });
    }
    sentences
}

/// A run's rate of exceptions, with its rows on the page that shows them.
pub(super) fn exceptions(rate: Ratio, page: &str) -> Markup {
    let some = rate.millionths() > 0;
    let to = some.then(|| RowWindow::default().href(page));
    link(to.as_deref(), &format::percent(rate))
}

/// `1.67 points more`, `as before`.
pub(super) fn points(old: Ratio, new: Ratio) -> String {
    let hundredths = |it: Ratio| i64::from((it.millionths() + 50) / 100);
    let difference = hundredths(new) - hundredths(old);
    if difference == 0 {
        return t!("as before").to_owned();
    }
    let size = difference.unsigned_abs();
    let points = format!("{}.{:02}", size / 100, size % 100);
    if difference > 0 {
        t!("{points} points more", points = points)
    } else {
        t!("{points} points fewer", points = points)
    }
}

/// Controls that fail in the one file, were judged in the other, and fail there in nothing.
fn only(here: &Side<'_>, there: &Side<'_>) -> Vec<Markup> {
    let failing = here.verdict.controls.iter().filter(|it| it.failed > 0);
    let clean = |code: &str| {
        let mut others = there.verdict.controls.iter();
        others.any(|it| it.code == code && it.evaluated > 0 && it.failed == 0)
    };
    let told = |it: &ControlResult| {
        html! { (here.found(it, &it.code)) " (" (called(it)) ")" }
    };
    failing.filter(|it| clean(&it.code)).map(told).collect()
}

fn called(control: &ControlResult) -> String {
    control.summary.trim_end_matches('.').to_lowercase()
}

/// The control that got worse by the largest share of what it judged, and the one that got better by it.
fn controls(old: &Side<'_>, new: &Side<'_>) -> Option<Markup> {
    let share = |it: Option<&ControlResult>| {
        let it = it.filter(|it| it.evaluated > 0)?;
        Ratio::of(it.failed, it.evaluated)
    };
    let errors = new.verdict.controls.iter();
    let errors = errors.filter(|it| it.severity == Severity::Error);
    let moved = errors.filter_map(|now| {
        let mut others = old.verdict.controls.iter();
        let before = others.find(|it| it.code == now.code);
        let (then, share) = (share(before)?, share(Some(now))?);
        let moved = i64::from(share.millionths()) - i64::from(then.millionths());
        Some((moved, before?, now))
    });
    let mut moved: Vec<_> = moved.filter(|(it, ..)| *it != 0).collect();
    moved.sort_by_key(|(it, ..)| Reverse(*it));
    let told = |(_, before, now): &(i64, &ControlResult, &ControlResult)| {
        phrase!(
            "{now} ({to_lowercase}): {failed} instead of {before}",
            now = now.code,
            to_lowercase = called(now),
            failed = new.found(now, &format::count(now.failed)),
            before = old.found(before, &format::count(before.failed))
        )
    };
    let worse = moved.first().filter(|(it, ..)| *it > 0);
    let better = moved.last().filter(|(it, ..)| *it < 0);
    match (worse, better) {
        (Some(worse), Some(better)) => Some(phrase!(
            "The largest step back is {worse}; the largest step forward is {better}.",
            worse = told(worse),
            better = told(better)
        )),
        (Some(worse), None) => Some(phrase!(
            "The largest step back is {worse}.",
            worse = told(worse)
        )),
        (None, Some(better)) => Some(phrase!(
            "The largest step forward is {better}.",
            better = told(better)
        )),
        (None, None) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_are_compared_in_points() {
        let ratio = Ratio::from_millionths;
        assert_eq!(points(ratio(73_300), ratio(90_000)), "1.67 points more");
        assert_eq!(points(ratio(90_000), ratio(73_300)), "1.67 points fewer");
        assert_eq!(points(ratio(90_000), ratio(90_004)), "as before");
    }
}

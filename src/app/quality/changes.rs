//! What changed from one run to the next, in a sentence or three.

use crate::format;
use model::t;
use model::{
    control::{ControlResult, Severity},
    ratio::Ratio,
    run::Run,
    verdict::Verdict,
};
use std::cmp::Reverse;

/// Empty where one of them was not judged.
pub(super) fn changes(before: &Run, now: &Run) -> Vec<String> {
    let (Some(old), Some(new)) = (&before.verdict, &now.verdict) else {
        return Vec::new();
    };
    let (old_name, new_name) = (&before.summary.file_name, &now.summary.file_name);
    let mut sentences = Vec::new();
    match (old.exception_rate, new.exception_rate) {
        (Some(old), Some(new)) => sentences.push(t!("In {new_name}, {new} of the rows failed; in {old_name} before it, {old}: {change}.", new_name = new_name, new = format::percent(new), old_name = old_name, old = format::percent(old), change = points(old, new))),
        (_, None) => sentences.push(t!("{new_name} has no rows that could be judged.", new_name = new_name)),
        (None, Some(new)) => sentences.push(t!("In {new_name}, {new} of the rows failed; {old_name} before it had none that could be judged.", new_name = new_name, new = format::percent(new), old_name = old_name)),
    }
    sentences.extend(controls(old, new));
    let gone = only(old, new);
    for (codes, what) in [
        (only(new, old), t!("Failing now and not before")),
        (gone, t!("No longer failing")),
    ] {
        if !codes.is_empty() {
            sentences.push(format!("{what}: {}.", codes.join(", ")));
        }
    }
    if let (Some(old), Some(new)) = (old.quality_score, new.quality_score)
        && old != new
    {
        let (rose, old, new) = (new > old, format::percent(old), format::percent(new));
        sentences.push(if rose {
            t!(
                "The quality score rose from {old} to {new}.",
                old = old,
                new = new
            )
        } else {
            t!(
                "The quality score fell from {old} to {new}.",
                old = old,
                new = new
            )
        });
    }
    sentences
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
fn only(here: &Verdict, there: &Verdict) -> Vec<String> {
    let failing = here.controls.iter().filter(|it| it.failed > 0);
    let clean = |code: &str| {
        let mut others = there.controls.iter();
        others.any(|it| it.code == code && it.evaluated > 0 && it.failed == 0)
    };
    let told = |it: &ControlResult| {
        format!(
            "{} ({})",
            it.code,
            it.summary.trim_end_matches('.').to_lowercase()
        )
    };
    failing.filter(|it| clean(&it.code)).map(told).collect()
}

/// The control that got worse by the largest share of what it judged, and the one that got better by it.
fn controls(old: &Verdict, new: &Verdict) -> Option<String> {
    let share = |it: Option<&ControlResult>| {
        let it = it.filter(|it| it.evaluated > 0)?;
        Ratio::of(it.failed, it.evaluated)
    };
    let errors = new
        .controls
        .iter()
        .filter(|it| it.severity == Severity::Error);
    let moved = errors.filter_map(|now| {
        let before = old.controls.iter().find(|it| it.code == now.code);
        let (then, share) = (share(before)?, share(Some(now))?);
        let moved = i64::from(share.millionths()) - i64::from(then.millionths());
        Some((moved, before.map_or(0, |it| it.failed), now))
    });
    let mut moved: Vec<_> = moved.filter(|(it, ..)| *it != 0).collect();
    moved.sort_by_key(|(it, ..)| Reverse(*it));
    let told = |(_, before, now): &(i64, u64, &ControlResult)| {
        t!(
            "{now} ({to_lowercase}): {failed} instead of {before}",
            now = now.code,
            to_lowercase = now.summary.trim_end_matches('.').to_lowercase(),
            failed = format::count(now.failed),
            before = format::count(*before)
        )
    };
    let worse = moved.first().filter(|(it, ..)| *it > 0);
    let better = moved.last().filter(|(it, ..)| *it < 0);
    match (worse, better) {
        (Some(worse), Some(better)) => Some(t!(
            "The largest step back is {worse}; the largest step forward is {better}.",
            worse = told(worse),
            better = told(better)
        )),
        (Some(worse), None) => Some(t!("The largest step back is {worse}.", worse = told(worse))),
        (None, Some(better)) => Some(t!(
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

//! What came of an act, in words. It travels in the address of the page that is shown next, as numbers and fixed words.

use super::address::place;
use crate::parts::phrase::phrase;
use crate::{filters::query, format, icons::Icon, place::Place};
use maud::{Markup, html};
use model::t;

/// What stands in the query of an address, if anything was done.
pub(crate) fn told(search: &str, address: &Place) -> Markup {
    let query = query(search);
    let text = |key: &str| query.get_str(key).unwrap_or_default();
    let number = |key: &str| text(key).parse::<u64>().unwrap_or(0);
    let Some(act) = query.get_str("did") else {
        return html! {};
    };
    let (changed, entered) = (number("changed"), number("entered"));
    let left = text("left").split('.').filter_map(|it| {
        let (word, rows) = it.split_once('_')?;
        Some((reason(word)?, rows.parse::<u64>().ok()?))
    });
    let left: Vec<_> = left.filter(|(_, rows)| *rows > 0).collect();
    let stale: Vec<_> = text("stale").split(',').filter_map(place).collect();
    let went_well = changed > 0 && left.is_empty();
    html! {
        div class={ "told " @if went_well { "accepted" } @else { "warning" } } role="status" {
            p {
                @if went_well { (Icon::Met) } @else { (Icon::Warning) }
                " " strong { (done(act, changed, entered)) }
                @if !left.is_empty() {
                    " " (t!("Left as it was:")) " "
                    @for (at, (why, rows)) in left.iter().enumerate() {
                        @if at > 0 { ", " }
                        (format::rows(*rows)) " " (why)
                    }
                    "."
                }
            }
            @if !stale.is_empty() {
                p {
                    (t!("Changed by somebody meanwhile, and left as they are:")) " "
                    @for (at, it) in stale.iter().enumerate() {
                        @if at > 0 { ", " }
                        a href=(address.exception(&it.run, it.record)) { (phrase!("row {record}", record = format::count(it.record))) }
                    }
                    "."
                }
            }
        }
    }
}

fn done(act: &str, changed: u64, entered: u64) -> String {
    let rows = format::rows(changed);
    let were = if changed == 1 { t!("was") } else { t!("were") };
    let failing = changed.saturating_sub(entered);
    let judged = |what: &str| match (entered, failing) {
        (0, 0) => t!("Nothing was changed.").to_owned(),
        (_, 0) => t!(
            "{rows} {were} {what}: in the ledger now.",
            rows = rows,
            were = were,
            what = what
        ),
        (0, _) => t!(
            "{rows} {were} {what}, and still fail. See below what is wrong.",
            rows = rows,
            were = were,
            what = what
        ),
        _ => t!(
            "{rows} {were} {what}: {entered} in the ledger now, {failing} still failing.",
            rows = rows,
            were = were,
            what = what,
            entered = format::count(entered),
            failing = format::count(failing)
        ),
    };
    match act {
        _ if changed == 0 => t!("Nothing was changed.").to_owned(),
        "correct" | "replace" => judged(t!("corrected")),
        "replay" => judged(t!("judged again")),
        "waive" if failing > 0 => t!(
            "{entered} let in as they are; a waiver of {failing} waits for a second person.",
            entered = format::count(entered),
            failing = format::rows(failing)
        ),
        "waive" => t!(
            "{rows} {were} let in as they are: in the ledger now.",
            rows = rows,
            were = were
        ),
        "reject" => t!("{rows} {were} left out for good.", rows = rows, were = were),
        "assign" => t!("{rows} {were} given away.", rows = rows, were = were),
        "comment" => t!("A comment was written to {rows}.", rows = rows),
        "settle" => t!(
            "The key of {rows} {were} settled.",
            rows = rows,
            were = were
        ),
        "reopen" => t!("{rows} {were} opened again.", rows = rows, were = were),
        _ => t!("{rows} {were} changed.", rows = rows, were = were),
    }
}

/// Why rows are left as they are; stands behind their number.
fn reason(word: &str) -> Option<&'static str> {
    Some(match word {
        "not-open" => t!("dealt with before"),
        "open" => t!("open anyway"),
        "no-record" => t!("no proper record, to be given whole on its own page"),
        "undecodable" => t!("with bytes that are no text"),
        "not-waivable" => t!("with a finding that the contract lets nobody waive"),
        "key-held" => t!("with a key that another row holds, to be settled on its own page"),
        "key-not-held" => t!("with a key that no other row holds"),
        "failing" => t!("with other findings, which come first"),
        "second-person" => t!("waiting for a second person, since you proposed the waiver"),
        "unchanged" => t!("judged as before"),
        "other-text" => t!("saying something else"),
        "stale" => t!("changed by somebody meanwhile"),
        "run-not-complete" => t!("of a file that is held"),
        "run-withdrawn" => t!("of a file that was withdrawn"),
        "held-by-contract" => t!("of a file whose columns the contract in force cannot read"),
        "not-found" => t!("no longer there"),
        "no-such-column" => t!("of a file without that column"),
        "busy" => t!("being changed by others: try again"),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::id::WorkspaceId;

    #[test]
    fn an_outcome_is_told_in_words() {
        let check = |search: &str, parts: &[&str]| {
            let text = told(search, &Place::new(WorkspaceId::main())).into_string();
            for part in parts {
                assert!(text.contains(part), "{part}: {text}");
            }
        };
        check(
            "show=all&did=replace&changed=12&entered=9&left=other-text_3.made-up_4",
            &[
                "12 rows were corrected: 9 in the ledger now, 3 still failing.",
                "Left as it was: 3 rows saying something else.",
            ],
        );
        check(
            "did=waive&changed=1&entered=1",
            &["1 row was let in", "accepted"],
        );
        let row = "run_00000000000000000000000000000007.5";
        check(
            &format!("did=reject&changed=0&left=stale_1&stale={row}"),
            &["Nothing was changed.", "/exceptions/5"],
        );
        assert!(
            told("show=all", &Place::new(WorkspaceId::main()))
                .into_string()
                .is_empty()
        );
    }
}

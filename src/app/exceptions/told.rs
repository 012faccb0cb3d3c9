//! What came of an act, in words. It travels in the address of the page that is shown next, as numbers and fixed words.

use super::address::place;
use crate::parts::phrase::phrase;
use crate::{filters::query, format, icons::Icon, place::Place};
use maud::{Markup, html};
use model::{exception::RowPlace, t};
use std::collections::BTreeMap;

/// The most rows that are named.
const NAMED: usize = 20;

/// Rows that somebody else changed before the act came to them.
pub(super) fn stale(search: &str) -> Vec<RowPlace> {
    let query = query(search);
    let stale = query.get_str("stale").unwrap_or_default();
    let stale = stale.split(',').filter_map(place);
    stale.take(NAMED).collect()
}

/// What stands in the query of an address, if anything was done. Rows that it names are called what `named` says.
pub(crate) fn told(search: &str, address: &Place, named: &BTreeMap<RowPlace, String>) -> Markup {
    let query = query(search);
    let text = |key: &str| query.get_str(key).unwrap_or_default();
    let number = |key: &str| text(key).parse::<u64>().unwrap_or(0);
    let Some(act) = query.get_str("did") else {
        return html! {};
    };
    let (changed, entered) = (number("changed"), number("entered"));
    let left = text("left").split('.').filter_map(|it| {
        let (word, rows) = it.split_once('_')?;
        left(word, rows.parse().ok().filter(|it| *it > 0)?)
    });
    let left: Vec<_> = left.collect();
    let stale = stale(search);
    let name = |it: &RowPlace| match named.get(it) {
        Some(name) => name.clone(),
        None => t!("row {record}", record = format::count(it.record)),
    };
    let went_well = changed > 0 && left.is_empty();
    html! {
        div class={ "told " @if went_well { "accepted" } @else { "warning" } } role="status" {
            p {
                @if went_well { (Icon::Met) } @else { (Icon::Warning) }
                " " strong { (done(act, changed, entered)) }
                @if !left.is_empty() {
                    " " (t!("Left as it was: {rows}.", rows = left.join(", ")))
                }
            }
            @if !stale.is_empty() {
                p {
                    (phrase!("Changed by somebody meanwhile, and left as they are: {rows}.", rows = html! {
                        @for (at, it) in stale.iter().enumerate() {
                            @if at > 0 { ", " }
                            a href=(address.exception(&it.run, it.record)) { (name(it)) }
                        }
                    }))
                }
            }
        }
    }
}

fn done(act: &str, changed: u64, entered: u64) -> String {
    if changed == 0 {
        return t!("Nothing was changed.").to_owned();
    }
    let rows = format::rows(changed);
    let failing = changed.saturating_sub(entered);
    let (in_ledger, still_failing) = (format::count(entered), format::count(failing));
    match (act, entered, failing) {
        ("correct" | "replace", _, 0) => t!("{rows} corrected: in the ledger now.", rows = rows),
        ("correct" | "replace", 0, _) => t!(
            "{rows} corrected, and still failing. See below what is wrong.",
            rows = rows
        ),
        ("correct" | "replace", _, _) => t!(
            "{rows} corrected: {entered} in the ledger now, {failing} still failing.",
            rows = rows,
            entered = in_ledger,
            failing = still_failing
        ),
        ("replay", _, 0) => t!("{rows} judged again: in the ledger now.", rows = rows),
        ("replay", 0, _) => t!(
            "{rows} judged again, and still failing. See below what is wrong.",
            rows = rows
        ),
        ("replay", _, _) => t!(
            "{rows} judged again: {entered} in the ledger now, {failing} still failing.",
            rows = rows,
            entered = in_ledger,
            failing = still_failing
        ),
        ("waive", _, 0) => t!("{rows} let in unchanged: in the ledger now.", rows = rows),
        ("waive", 0, _) => t!("A waiver of {rows} waits for a second person.", rows = rows),
        ("waive", _, _) => t!(
            "{entered} let in unchanged; a waiver of {failing} waits for a second person.",
            entered = format::rows(entered),
            failing = format::rows(failing)
        ),
        ("reject", _, _) => t!("{rows} left out for good.", rows = rows),
        ("unassign", _, _) => t!("{rows} given back: assigned to nobody now.", rows = rows),
        ("assign", _, _) => t!("{rows} assigned.", rows = rows),
        ("comment", _, _) => t!("A comment was written to {rows}.", rows = rows),
        ("settle", _, _) => t!("Key settled for {rows}.", rows = rows),
        ("reopen", _, _) => t!("{rows} opened again.", rows = rows),
        _ => t!("{rows} changed.", rows = rows),
    }
}

/// So many rows are left as they are, and why.
fn left(word: &str, rows: u64) -> Option<String> {
    let rows = format::rows(rows);
    Some(match word {
        "not-open" => t!("{rows} dealt with before", rows = rows),
        "open" => t!("{rows} open anyway", rows = rows),
        "no-record" => t!(
            "{rows} no proper record, to be given whole on its own page",
            rows = rows
        ),
        "undecodable" => t!("{rows} with bytes that are no text", rows = rows),
        "not-waivable" => t!(
            "{rows} with a finding that the contract lets nobody waive",
            rows = rows
        ),
        "key-held" => t!(
            "{rows} with a key that another row holds, to be settled on its own page",
            rows = rows
        ),
        "key-not-held" => t!("{rows} with a key that no other row holds", rows = rows),
        "failing" => t!("{rows} with other findings, which come first", rows = rows),
        "second-person" => t!(
            "{rows} waiting for a second person, since you proposed the waiver",
            rows = rows
        ),
        "unchanged" => t!("{rows} for which nothing changes", rows = rows),
        "other-text" => t!("{rows} saying something else", rows = rows),
        "stale" => t!("{rows} changed by somebody meanwhile", rows = rows),
        "run-not-complete" => t!("{rows} of a file that is held", rows = rows),
        "run-withdrawn" => t!("{rows} of a file that was withdrawn", rows = rows),
        "held-by-contract" => t!(
            "{rows} of a file whose columns the contract in force cannot read",
            rows = rows
        ),
        "not-found" => t!("{rows} no longer there", rows = rows),
        "no-such-column" => t!("{rows} of a file without that column", rows = rows),
        "busy" => t!("{rows} being changed by others: try again", rows = rows),
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
            let at = place("run_00000000000000000000000000000008.6");
            let named = at.map(|it| (it, "line 7 of b.csv".to_owned()));
            let named = named.into_iter().collect();
            let text = told(search, &Place::new(WorkspaceId::main()), &named).into_string();
            for part in parts {
                assert!(text.contains(part), "{part}: {text}");
            }
        };
        check(
            "show=all&did=replace&changed=12&entered=9&left=other-text_3.made-up_4",
            &[
                "12 rows corrected: 9 in the ledger now, 3 still failing.",
                "Left as it was: 3 rows saying something else.",
            ],
        );
        check(
            "did=waive&changed=1&entered=1",
            &["1 row let in unchanged", "accepted"],
        );
        let rows = "run_00000000000000000000000000000007.5,run_00000000000000000000000000000008.6";
        check(
            &format!("did=reject&changed=0&left=stale_2&stale={rows}"),
            &[
                "Nothing was changed.",
                "/exceptions/5\">row 5</a>",
                "/exceptions/6\">line 7 of b.csv</a>",
            ],
        );
        assert!(
            told(
                "show=all",
                &Place::new(WorkspaceId::main()),
                &BTreeMap::new()
            )
            .into_string()
            .is_empty()
        );
    }
}

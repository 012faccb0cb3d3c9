//! What came of an act, in words. It travels in the address of the page that is shown next, as numbers and fixed words.

use super::address::place;
use crate::{filters::query, format, icons::Icon, place::Place};
use maud::{Markup, html};

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
                    " Left as it was: "
                    @for (at, (why, rows)) in left.iter().enumerate() {
                        @if at > 0 { ", " }
                        (format::rows(*rows)) " " (why)
                    }
                    "."
                }
            }
            @if !stale.is_empty() {
                p {
                    "Changed by somebody meanwhile, and left as they are: "
                    @for (at, it) in stale.iter().enumerate() {
                        @if at > 0 { ", " }
                        a href=(address.exception(&it.run, it.record)) { "row " (format::count(it.record)) }
                    }
                    "."
                }
            }
        }
    }
}

fn done(act: &str, changed: u64, entered: u64) -> String {
    let rows = format::rows(changed);
    let were = if changed == 1 { "was" } else { "were" };
    let failing = changed.saturating_sub(entered);
    let judged = |what: &str| match (entered, failing) {
        (0, 0) => "Nothing was changed.".to_owned(),
        (_, 0) => format!("{rows} {were} {what}: in the ledger now."),
        (0, _) => format!("{rows} {were} {what}, and still fail. See below what is wrong."),
        _ => format!(
            "{rows} {were} {what}: {} in the ledger now, {} still failing.",
            format::count(entered),
            format::count(failing)
        ),
    };
    match act {
        _ if changed == 0 => "Nothing was changed.".to_owned(),
        "correct" | "replace" => judged("corrected"),
        "replay" => judged("judged again"),
        "waive" if failing > 0 => format!(
            "{} let in as they are; a waiver of {} waits for a second person.",
            format::count(entered),
            format::rows(failing)
        ),
        "waive" => format!("{rows} {were} let in as they are: in the ledger now."),
        "reject" => format!("{rows} {were} left out for good."),
        "assign" => format!("{rows} {were} given away."),
        "comment" => format!("A comment was written to {rows}."),
        "settle" => format!("The key of {rows} {were} settled."),
        "reopen" => format!("{rows} {were} opened again."),
        _ => format!("{rows} {were} changed."),
    }
}

/// Why rows are left as they are; stands behind their number.
fn reason(word: &str) -> Option<&'static str> {
    Some(match word {
        "not-open" => "dealt with before",
        "open" => "open anyway",
        "no-record" => "no proper record, to be given whole on its own page",
        "undecodable" => "with bytes that are no text",
        "not-waivable" => "with a finding that the contract lets nobody waive",
        "key-held" => "with a key that another row holds, to be settled on its own page",
        "key-not-held" => "with a key that no other row holds",
        "failing" => "with other findings, which come first",
        "second-person" => "waiting for a second person, since you proposed the waiver",
        "unchanged" => "judged as before",
        "other-text" => "saying something else",
        "stale" => "changed by somebody meanwhile",
        "run-not-complete" => "of a file that is held",
        "run-withdrawn" => "of a file that was withdrawn",
        "held-by-contract" => "of a file whose columns the contract in force cannot read",
        "not-found" => "no longer there",
        "no-such-column" => "of a file without that column",
        "busy" => "being changed by others: try again",
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

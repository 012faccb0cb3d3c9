//! What can be done with a run as a whole: go on with what it brought, withdraw it, let it in, put another file in its
//! place. Each is a plain form that asks why.

use crate::parts::phrase::phrase;
use crate::{
    clock::time_and_age,
    exceptions::address::WorkAddress,
    format,
    icons::Icon,
    parts::words::state,
    place::{Page, Place},
};
use maud::{Markup, html};
use model::t;
use model::{
    money::Money,
    options::SheetRow,
    run::{Difference, DifferingRow, Moved, Run, RunKind, RunStatus, Withdrawal},
    verdict::Held,
};

/// What one does after a run, each opened for this run.
pub(super) fn next_steps(run: &Run, place: &Place) -> Markup {
    let summary = &run.summary;
    let id = &summary.id;
    let counts = summary.status == RunStatus::Complete && summary.withdrawn.is_none();
    let open = run.exceptions.open.rows;
    let work = WorkAddress::open_of_run(id.clone()).href(&place.exceptions());
    html! {
        @if counts {
            nav class="next-steps" aria-label=(t!("What comes next")) {
                @if summary.rows_accepted.unwrap_or(0) > 0 {
                    a class="button" href={ (place.href(Page::Sales)) "?run=" (id) } { (Icon::Bars) (t!("See these sales")) }
                }
                @if open > 0 {
                    a class="button main" href=(work) {
                        (Icon::Error) (phrase!("Work these exceptions{open}", open = html! { span class="quiet" { (format::count(open)) } }))
                    }
                }
                a class="button" href={ (place.href(Page::Audit)) "?run=" (id) } { (Icon::Chain) (t!("Proof")) }
            }
        }
    }
}

/// That it counts no more, and why.
pub(super) fn withdrawn(it: &Withdrawal, place: &Place) -> Markup {
    html! {
        p class="sentence" {
            span class="state quiet" {
                @if it.replaced_by.is_some() { (Icon::Replaced) } @else { (Icon::Withdrawn) }
            }
            @match &it.replaced_by {
                Some(by) => {
                    " " (phrase!("Another file took the place of this one: its rows count no more. {link}", link = html! { a href=(place.run(by)) { (t!("To that file")) } }))
                },
                None => { " " (t!("This file was withdrawn: its rows count no more.")) },
            }
        }
        p { (phrase!("Why: {reason}", reason = it.reason)) }
        p class="quiet run-facts" { span { (it.actor) } span { (time_and_age(&it.time)) } }
        p class="quiet" { (t!("Nothing was erased: file, rows and findings are kept as they were.")) }
    }
}

/// A held run can be let in. `difference` is what it would change, where it is to take the place of another that no other
/// run has by now.
pub(super) fn release(run: &Run, difference: Option<&Difference>, place: &Place) -> Markup {
    let summary = &run.summary;
    let in_form = !run
        .verdict
        .as_ref()
        .and_then(|it| it.held.as_ref())
        .is_some_and(Held::for_structure);
    let held = summary.status == RunStatus::Held;
    html! {
        @if held && summary.withdrawn.is_none() && in_form {
            section aria-labelledby="release" {
                @match difference.and_then(|it| it.place_taken.as_ref()) {
                    Some(taken) => {
                        h2 id="release" { (t!("It cannot be let in")) }
                        p {
                            (phrase!("The place that it was to take is taken: {link} was let in before it. To have these rows instead, hand the file in again to replace that run; or else withdraw this one.", link = html! { a href=(place.run(&taken.run)) { (taken.file_name) } }))
                        }
                    },
                    None => {
                        h2 id="release" { (t!("Let it in")) }
                        @if let (Some(difference), Some(before)) = (difference, &summary.replaces) {
                            p { (phrase!("It takes the place of {link}. In the ledger that means:", link = html! { a href=(place.run(before)) { (t!("another file")) } })) }
                            (changes(difference))
                        }
                        (form(run, place, "release", t!("Why"), t!("Let its rows in"), true))
                    },
                }
            }
        }
    }
}

/// A run that ended can be undone as a whole.
pub(super) fn undo(run: &Run, place: &Place) -> Markup {
    let summary = &run.summary;
    let ended = matches!(summary.status, RunStatus::Held | RunStatus::Complete);
    let whole = summary.kind == RunKind::File && summary.withdrawn.is_none() && ended;
    html! {
        @if whole {
            section aria-labelledby="undo" {
                h2 id="undo" { (t!("Undo, or put another file in its place")) }
                div class="acts" {
                    details {
                        summary { (t!("Withdraw this file")) }
                        p class="quiet" {
                            (t!("Its rows, and those of its corrections, leave the ledger's totals. Nothing is erased."))
                        }
                        (form(run, place, "withdrawal", t!("Why"), t!("Withdraw"), false))
                    }
                    details {
                        summary { (t!("Replace it by another file")) }
                        p class="quiet" {
                            (t!("The other file is judged and waits: you see what would change before anything does."))
                        }
                        (replacement(run, place))
                    }
                }
            }
        }
    }
}

fn form(run: &Run, place: &Place, what: &str, asks: &str, title: &str, is_main: bool) -> Markup {
    let id = format!("{what}-reason");
    html! {
        form class="act" method="post" action={ "/runs/" (run.summary.id) "/" (what) } {
            input type="hidden" name="workspace" value=(place.workspace);
            p class="field" {
                label for=(id) { (asks) }
                input type="text" id=(id) name="reason" required maxlength="2000" autocomplete="off";
            }
            p { button type="submit" class={ "button" @if is_main { " main" } } { (title) } }
        }
    }
}

fn replacement(run: &Run, place: &Place) -> Markup {
    html! {
        form class="act" method="post" action="/check" enctype="multipart/form-data" {
            input type="hidden" name="workspace" value=(place.workspace);
            input type="hidden" name="replaces" value=(run.summary.id);
            input type="hidden" name="admission" value="after-confirmation";
            p class="field" {
                label for="replacement" { (t!("The other file")) }
                input type="file" id="replacement" name="file" required;
            }
            p class="field" {
                label for="replacement-note" { (t!("Why")) }
                input type="text" id="replacement-note" name="note" maxlength="500" autocomplete="off";
            }
            p { button type="submit" class="button" { (t!("Judge it")) } }
        }
    }
}

fn changes(it: &Difference) -> Markup {
    let line = |class: &str, picture: Icon, word: &str, moved: Moved, money: Markup| {
        html! {
            tr {
                th scope="row" { (state(class, picture, word)) }
                td class="number" { (format::count(moved.rows)) }
                td class="number" { (money) }
            }
        }
    };
    let plain = |money: Money| html! { (format::money(money)) };
    let total = it.added.money + it.changed.money - it.changed_before - it.gone.money;
    html! {
        div class="wide" tabindex="0" role="region" aria-label=(t!("What changes")) {
        table class="figures difference" {
            thead {
                tr {
                    th scope="col" { (t!("Rows")) }
                    th scope="col" class="number" { (t!("How many")) }
                    th scope="col" class="number" { (t!("Money")) }
                }
            }
            tbody {
                (line("accepted", Icon::Met, t!("Added"), it.added, plain(it.added.money)))
                (line("warning", Icon::Warning, t!("Changed"), it.changed, html! {
                    (phrase!("{changed_before} becomes {changed}", changed_before = format::money(it.changed_before), changed = format::money(it.changed.money)))
                }))
                (line("exception", Icon::Error, t!("Gone"), it.gone, plain(it.gone.money)))
                @if it.refused.rows > 0 {
                    (line("exception", Icon::Error, t!("Exceptions: another file has their key"), it.refused, plain(it.refused.money)))
                }
                (line("quiet", Icon::NotRun, t!("The same"), it.same, plain(it.same.money)))
            }
            tfoot {
                tr class="sum" {
                    th scope="row" { (t!("Revenue moves by")) }
                    td {}
                    td class="number" { (format::money(total)) }
                }
            }
        }
        }
        @if !it.examples.is_empty() {
            details {
                summary { (t!("Which rows")) }
                div class="wide" tabindex="0" role="region" aria-label=(t!("Rows that differ")) {
                    table class="figures" {
                        thead {
                            tr {
                                th scope="col" { (t!("Key")) }
                                th scope="col" class="number" { (t!("In the ledger")) }
                                th scope="col" class="number" { (t!("In this file")) }
                            }
                        }
                        tbody { @for row in &it.examples { (example(row)) } }
                    }
                }
                @if it.examples.len() == 100 { p class="quiet" { (t!("The first 100 of them.")) } }
            }
        }
    }
}

fn example(row: &DifferingRow) -> Markup {
    let side = |money: Option<Money>, line: Option<u64>, at: &Option<SheetRow>| {
        html! {
            td class="number" {
                (money.map_or_else(|| "–".to_owned(), format::money))
                @if let Some(line) = line {
                    span class="below" { (format::line_named(line, at.as_ref())) }
                }
            }
        }
    };
    html! {
        tr {
            th scope="row" { (row.key.as_deref().unwrap_or(t!("no key"))) }
            (side(row.money_before, row.line_before, &row.sheet_row_before))
            (side(row.money_after, row.line_after, &row.sheet_row_after))
        }
    }
}

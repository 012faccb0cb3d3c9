//! The reconciliation: everything read is either accepted or an exception, in rows and in money.

use crate::parts::phrase::phrase;
use crate::{format, icons::Icon, parts::words::state};
use maud::{Markup, html};
use model::t;
use model::{
    money::Money,
    verdict::{MoneyFigures, Verdict},
};

/// Where the rows of each part are, where a page has just these.
#[derive(Default)]
pub(crate) struct Rows {
    pub(crate) accepted: Option<String>,
    pub(crate) exceptions: Option<String>,
}

/// A bar cut into accepted, exceptions and layout, the figures below it, and whether they add up.
pub(crate) fn balance(verdict: &Verdict, at: &Rows) -> Markup {
    let (rows, money) = (verdict.rows, verdict.money);
    html! {
        section class="balance" aria-labelledby="balance" {
            h2 id="balance" { (t!("Rows and money")) }
            (bar(verdict))
            table class="figures" {
                thead class="hidden" {
                    tr {
                        th scope="col" { (t!("Part")) }
                        th scope="col" { (t!("Rows")) }
                        th scope="col" { (t!("Money")) }
                    }
                }
                tbody {
                    tr {
                        th scope="row" { (state("accepted", Icon::Met, t!("Accepted"))) }
                        (figures(rows.accepted, money.map(|it| it.accepted), at.accepted.as_deref()))
                    }
                    tr {
                        th scope="row" { (state("exception", Icon::Error, t!("Exceptions"))) }
                        (figures(rows.exceptions, money.map(|it| it.exceptions), at.exceptions.as_deref()))
                    }
                    tr class="sum" {
                        th scope="row" { (t!("Read")) }
                        (figures(rows.read, money.map(|it| it.read), None))
                    }
                    @if rows.layout > 0 {
                        tr class="apart" {
                            th scope="row" { (state("quiet", Icon::NotRun, t!("Layout, no rows"))) }
                            (figures(rows.layout, money.map(|it| it.layout), None))
                        }
                    }
                }
            }
            (proof(verdict))
        }
    }
}

fn figures(rows: u64, money: Option<Money>, at: Option<&str>) -> Markup {
    html! {
        td class="number" {
            @match at.filter(|_| rows > 0) {
                Some(at) => a href=(at) { (format::count(rows)) },
                None => (format::count(rows)),
            }
        }
        td class="number" { (money.map_or_else(|| "–".to_owned(), format::money)) }
    }
}

fn bar(verdict: &Verdict) -> Markup {
    let rows = verdict.rows;
    let lines = rows.read + rows.layout;
    let exceptions = format::per_mille(rows.exceptions, lines);
    let layout = format::per_mille(rows.layout, lines);
    let accepted = match rows.accepted {
        0 => 0,
        _ => 1_000_u32.saturating_sub(exceptions + layout),
    };
    let label = t!(
        "{accepted} accepted, {exceptions} exceptions, {layout} that are no rows",
        accepted = format::rows(rows.accepted),
        exceptions = format::count(rows.exceptions),
        layout = format::counted(rows.layout, t!("line"), t!("lines"))
    );
    html! {
        svg class="cut" viewBox="0 0 1000 12" preserveAspectRatio="none" role="img" aria-label=(label) {
            rect class="all" width="1000" height="12" {}
            rect class="accepted" width=(accepted) height="12" {}
            rect class="exception" x=(accepted) width=(exceptions) height="12" {}
            rect class="layout" x=(accepted + exceptions) width=(layout) height="12" {}
        }
    }
}

/// That the sums meet is checked here once more, on what is shown.
fn proof(verdict: &Verdict) -> Markup {
    let rows = verdict.rows;
    let rows_meet = rows.read == rows.accepted + rows.exceptions;
    let money_meets = |it: MoneyFigures| it.read == it.accepted + it.exceptions;
    let held = verdict.held.as_ref().is_some_and(|it| it.for_structure());
    let unreadable = verdict.money.map_or(0, |it| it.unreadable_rows);
    html! {
        @if !rows_meet || !verdict.money.is_none_or(money_meets) {
            p class="exception" role="alert" {
                (Icon::Error)
                " " (t!("Accepted and exceptions do not add up to what was read. Do not rely on these figures, and tell the administrator."))
            }
        } @else if held {
            p class="quiet" { (t!("Held before any row was judged: nothing is counted.")) }
        } @else {
            p class="quiet" {
                (Icon::Met) " " (t!("Accepted and exceptions add up to what was read, in rows and in money."))
                @if unreadable > 0 {
                    " " (phrase!("{unreadable} outside the money: the amount cannot be read.", unreadable = format::counted(unreadable, t!("row stands"), t!("rows stand"))))
                }
            }
        }
    }
}

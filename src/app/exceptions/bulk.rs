//! What can be done with many exceptions at once: a bar that comes up when some are chosen, and finding and replacing
//! over all of a filter.

use super::address::{Show, WorkAddress};
use crate::parts::phrase::phrase;
use crate::{format, icons::Icon, place::Place};
use maud::{Markup, html};
use model::exception::{ActPreview, WorkList};
use model::t;
use std::collections::BTreeSet;

/// `total` is how many answer the filter, where that is known.
pub(super) fn bar(total: Option<u64>, address: &WorkAddress, place: &Place) -> Markup {
    let act = |what: &str, title: &str| {
        html! { button type="submit" class="button" name="act" value=(what) { (title) } }
    };
    html! {
        form id="bulk" class="bulk" method="post" action="/exceptions" aria-label=(t!("With the chosen rows")) {
            input type="hidden" name="workspace" value=(place.workspace);
            input type="hidden" name="list" value=(WorkAddress { edit: None, replacement: None, ..address.clone() }.search());
            // Of all rows are meant only as many as were shown.
            @if let Some(total) = total { input type="hidden" name="shown" value=(total); }
            p class="chosen" {
                span class="chosen-count" data-some=(t!("chosen")) data-all=(t!("All chosen")) {}
                label {
                    input type="checkbox" class="pick-all" name="all" value="on";
                    " "
                    @match total {
                        Some(total) => (t!("all {total} of this filter", total = format::count(total))),
                        None => (t!("all of this filter")),
                    }
                }
            }
            label class="bulk-reason" {
                span { (t!("Why, a comment, or a name")) }
                // Where there is little room it stands in the field.
                input type="text" name="reason" maxlength="2000" autocomplete="off" placeholder=(t!("Why, a comment, or a name"));
            }
            p class="choices" {
                @if matches!(address.show, Show::Open | Show::Uncounted | Show::All) {
                    (act("waive", t!("Let in as they are")))
                    (act("reject", t!("Leave out for good")))
                    (act("replay", t!("Judge again")))
                    (act("assign", t!("Assign")))
                }
                @if address.show != Show::Open { (act("reopen", t!("Open them again"))) }
                (act("comment", t!("Comment")))
            }
        }
    }
}

/// `preview` is what the replacement of the address would come to, or why that cannot be told.
pub(super) fn replace(
    work: &WorkList,
    preview: Option<&Result<ActPreview, String>>,
    address: &WorkAddress,
    place: &Place,
    page: &str,
) -> Markup {
    let columns: BTreeSet<&String> = work
        .items
        .iter()
        .flat_map(|it| &it.exception.header)
        .collect();
    let asked = address.replacement.as_ref();
    // What the page shows already stays, apart from what is asked here.
    let kept = WorkAddress {
        replacement: None,
        edit: None,
        ..address.clone()
    };
    let unlisted = asked.map(|it| &it.column);
    let unlisted = unlisted.filter(|it| !columns.contains(it));
    html! {
        details class="replace" id="replace" open[asked.is_some()] {
            summary { (t!("Find and replace")) }
            form method="get" action={ (page) "#replace" } class="fields" {
                @for (key, value) in kept.pairs() { input type="hidden" name=(key) value=(value); }
                label {
                    span { (t!("Column")) }
                    select name="column" {
                        @for name in columns {
                            option value=(name) selected[asked.is_some_and(|it| it.column == *name)] { (name) }
                        }
                        @if let Some(name) = unlisted { option value=(name) selected { (name) } }
                    }
                }
                label {
                    span { (t!("Says")) }
                    input type="text" name="find" autocomplete="off" placeholder=(t!("nothing"))
                        value=[asked.map(|it| &it.from)];
                }
                label {
                    span { (t!("Shall say")) }
                    input type="text" name="with" autocomplete="off" value=[asked.map(|it| &it.to)];
                }
                button type="submit" class="button" { (t!("Try")) }
            }
            @match preview {
                Some(Ok(preview)) => (tried(preview, address, place)),
                Some(Err(why)) => p class="exception" { (why) },
                None => p class="quiet" { (t!("In every row of this filter whose whole cell says so. You see first what would come of it.")) },
            }
        }
    }
}

fn tried(preview: &ActPreview, address: &WorkAddress, place: &Place) -> Markup {
    let Some(asked) = &address.replacement else {
        return html! {};
    };
    let text = |it: &String| {
        html! { @if it.is_empty() { span class="blank" { (t!("nothing")) } } @else { code { (it) } } }
    };
    let failing = preview.changed - preview.entered;
    let shown = preview.changed + preview.left.values().sum::<u64>();
    html! {
        @if preview.changed == 0 {
            p { (phrase!("No row of this filter says {asked} in {column}.", asked = text(&asked.from), column = html! { strong { (asked.column) } })) }
        } @else {
            p class="tried" {
                (phrase!("{changed} {asked} in {column}. With {to}, {entered}", changed = html! { strong { (format::counted(preview.changed, t!("row says"), t!("rows say"))) } }, asked = text(&asked.from), column = html! { strong { (asked.column) } }, to = text(&asked.to), entered = html! { span class="state accepted" {
                    (Icon::Met) " " (phrase!("{entered} would enter the ledger", entered = format::count(preview.entered)))
                } }))
                @if failing > 0 {
                    " " (phrase!("and {failing}", failing = html! { span class="state exception" {
                        (Icon::Error) " " (phrase!("{failing} would still fail", failing = format::count(failing)))
                    } }))
                    " ("
                    @for (at, (code, rows)) in preview.failing.iter().enumerate() {
                        @if at > 0 { ", " }
                        (code) " " (format::count(*rows))
                    }
                    ")"
                }
                "."
            }
            form method="post" action="/exceptions" class="fields" {
                input type="hidden" name="act" value="replace";
                input type="hidden" name="all" value="on";
                input type="hidden" name="shown" value=(shown);
                input type="hidden" name="workspace" value=(place.workspace);
                input type="hidden" name="list" value=(WorkAddress { replacement: None, ..address.clone() }.search());
                input type="hidden" name="column" value=(asked.column);
                input type="hidden" name="find" value=(asked.from);
                input type="hidden" name="with" value=(asked.to);
                label {
                    span { (t!("Why, if that is not plain")) }
                    input type="text" name="reason" maxlength="2000" autocomplete="off";
                }
                button type="submit" class="button main" { (phrase!("Replace in {changed}", changed = format::rows(preview.changed))) }
            }
        }
    }
}

//! What can be done with many exceptions at once: a bar that comes up when some are chosen, and finding and replacing
//! over all of a filter.

use super::address::WorkAddress;
use crate::{format, icons::Icon, place::Place};
use maud::{Markup, html};
use model::exception::{ActPreview, WorkList};
use std::collections::BTreeSet;

/// `total` is how many answer the filter, where that is known.
pub(super) fn bar(total: Option<u64>, address: &WorkAddress, place: &Place) -> Markup {
    let act = |what: &str, title: &str| {
        html! { button type="submit" class="button" name="act" value=(what) { (title) } }
    };
    html! {
        form id="bulk" class="bulk" method="post" action="/exceptions" aria-label="With the chosen rows" {
            input type="hidden" name="workspace" value=(place.workspace);
            input type="hidden" name="list" value=(WorkAddress { edit: None, replacement: None, ..address.clone() }.search());
            p class="chosen" {
                span class="chosen-count" {}
                label {
                    input type="checkbox" class="pick-all" name="all" value="on";
                    " all " @if let Some(total) = total { (format::count(total)) " " } "of this filter"
                }
            }
            label class="bulk-reason" {
                span { "Why, a comment, or a name" }
                input type="text" name="reason" maxlength="2000" autocomplete="off";
            }
            p class="choices" {
                (act("waive", "Let in as they are"))
                (act("reject", "Leave out for good"))
                (act("replay", "Judge again"))
                (act("assign", "Give to"))
                (act("comment", "Comment"))
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
            summary { "Find and replace" }
            form method="get" action={ (page) "#replace" } class="fields" {
                @for (key, value) in kept.pairs() { input type="hidden" name=(key) value=(value); }
                label {
                    span { "Column" }
                    select name="column" {
                        @for name in columns {
                            option value=(name) selected[asked.is_some_and(|it| it.column == *name)] { (name) }
                        }
                        @if let Some(name) = unlisted { option value=(name) selected { (name) } }
                    }
                }
                label {
                    span { "Says" }
                    input type="text" name="find" autocomplete="off" placeholder="nothing"
                        value=[asked.map(|it| &it.from)];
                }
                label {
                    span { "Shall say" }
                    input type="text" name="with" autocomplete="off" value=[asked.map(|it| &it.to)];
                }
                button type="submit" class="button" { "Try" }
            }
            @match preview {
                Some(Ok(preview)) => (tried(preview, address, place)),
                Some(Err(why)) => p class="exception" { (why) },
                None => p class="quiet" { "In every row of this filter whose whole cell says so. You see first what would come of it." },
            }
        }
    }
}

fn tried(preview: &ActPreview, address: &WorkAddress, place: &Place) -> Markup {
    let Some(asked) = &address.replacement else {
        return html! {};
    };
    let text = |it: &String| {
        html! { @if it.is_empty() { span class="blank" { "nothing" } } @else { code { (it) } } }
    };
    let failing = preview.changed - preview.entered;
    html! {
        @if preview.changed == 0 {
            p { "No row of this filter says " (text(&asked.from)) " in " strong { (asked.column) } "." }
        } @else {
            p class="tried" {
                strong { (format::counted(preview.changed, "row says ", "rows say ")) }
                (text(&asked.from)) " in " strong { (asked.column) } ". With " (text(&asked.to)) ", "
                span class="state accepted" {
                    (Icon::Met) " " (format::count(preview.entered)) " would enter the ledger"
                }
                @if failing > 0 {
                    " and "
                    span class="state exception" {
                        (Icon::Error) " " (format::count(failing)) " would still fail"
                    }
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
                input type="hidden" name="workspace" value=(place.workspace);
                input type="hidden" name="list" value=(WorkAddress { replacement: None, ..address.clone() }.search());
                input type="hidden" name="column" value=(asked.column);
                input type="hidden" name="find" value=(asked.from);
                input type="hidden" name="with" value=(asked.to);
                label {
                    span { "Why, if that is not plain" }
                    input type="text" name="reason" maxlength="2000" autocomplete="off";
                }
                button type="submit" class="button main" { "Replace in " (format::rows(preview.changed)) }
            }
        }
    }
}

//! One row with the way that it took, from the file to where it stands, and back. On the server only.

use super::{list::why, way::way};
use crate::parts::phrase::phrase;
use crate::{
    clock::time,
    format,
    icons::Icon,
    parts::words::{quoted, sign, state},
    place::{Page, Place},
};
use maud::{Markup, html};
use model::t;
use model::{exception::Standing, ledger::RowView};

pub(crate) fn page(view: &RowView, place: &Place) -> Markup {
    let lineage = &view.lineage;
    // The way that the row took; what its file does not have is another one.
    let taken: Vec<_> = lineage
        .columns
        .iter()
        .filter(|it| it.file.is_some())
        .collect();
    html! {
        p class="quiet run-facts" {
            (stands(view, place))
            span {
                @let (run, file, line) = match &lineage.came {
                    Some(it) => (&it.run, &it.file.name, format::line_named(it.line, it.sheet_row.as_ref())),
                    None => (
                        &lineage.run,
                        &lineage.file.name,
                        format::line_named(lineage.line, lineage.sheet_row.as_ref()),
                    ),
                };
                (phrase!("{line} of {file}", line = line, file = html! { a href=(place.run(run)) { (file) } }))
                @if let Some(it) = &lineage.came {
                    ", "
                    (phrase!("let in later by {acts}", acts = html! { a href=(place.exception(&it.run, it.record)) { (t!("what was done with it")) } }))
                }
            }
        }
        (figures(view))
        @if !lineage.findings.is_empty() {
            section aria-labelledby="found" {
                h2 id="found" { (t!("What was found")) }
                ul class="about-file" {
                    @for finding in &lineage.findings {
                        li {
                            (sign(finding.data.severity)) " "
                            span { (quoted(&finding.text)) " " span class="code" { (finding.data.code) } }
                        }
                    }
                }
            }
        }
        @if !lineage.corrected.is_empty() {
            p class="about-file" {
                (Icon::Sliders) " "
                (phrase!("Corrected before submit: {columns}. The file itself says something else there.", columns = html! { strong { (lineage.corrected.join(", ")) } }))
            }
        }
        (way(&taken, view.standing.as_ref().map(|it| &it.row)))
        (proof(view, place))
    }
}

fn stands(view: &RowView, place: &Place) -> Markup {
    let lineage = &view.lineage;
    html! {
        @match (&view.standing, lineage.exception) {
            (Some(it), _) => (why(it, place)),
            (None, Some(exception)) => {
                @match exception.standing() {
                    Standing::Open => (state("exception", Icon::Error, t!("An exception"))),
                    Standing::Entered => (state("accepted", Icon::Met, t!("In the ledger, put right"))),
                    Standing::Rejected => (state("quiet", Icon::NotRun, t!("Left out for good"))),
                }
            }
            (None, None) => (state("quiet", Icon::NotRun, t!("Not in the ledger"))),
        }
        @if lineage.exception.is_some() {
            span { a href=(place.exception(&lineage.run, lineage.record)) { (t!("Its exception")) } }
        }
    }
}

fn figures(view: &RowView) -> Markup {
    let Some(standing) = &view.standing else {
        return html! {};
    };
    let row = &standing.row;
    let key = row.key.as_deref().map(|it| it.replace('\u{1f}', ", "));
    let facts = [
        (t!("Key"), key),
        (t!("Day"), row.day.as_deref().map(format::day)),
        (t!("Region"), row.region.clone().map(String::from)),
        (t!("Product"), row.product.clone().map(String::from)),
        ("SKU", row.sku.clone().map(String::from)),
        (t!("Category"), row.category.clone().map(String::from)),
        (t!("Quantity"), row.quantity.map(format::signed)),
        (t!("Unit price"), row.unit_price.map(format::money)),
        (t!("Revenue"), row.money.map(format::money)),
    ];
    html! {
        dl class="row-facts" {
            @for (name, value) in facts {
                @if let Some(value) = value { div { dt { (name) } dd { (value) } } }
            }
        }
    }
}

fn proof(view: &RowView, place: &Place) -> Markup {
    let lineage = &view.lineage;
    let file = lineage.came.as_ref().map_or(&lineage.file, |it| &it.file);
    html! {
        section aria-labelledby="rests" {
            h2 id="rests" { (t!("What it rests on")) }
            dl class="digests proof-list" {
                dt { (t!("File")) }
                dd { (phrase!("{file}, {bytes}, received {received_at}", file = file.name, bytes = format::bytes(file.bytes), received_at = time(&file.received_at))) }
                dt { (t!("SHA-256")) }
                dd class="digest" { (file.sha256) }
                dt { (t!("BLAKE3")) }
                dd class="digest" { (file.blake3) }
                @if lineage.came.is_some() {
                    dt { (t!("Entered by")) }
                    dd {
                        (phrase!("line {line} of the file that was made of the rows let in, SHA-256 {sha256}", line = format::count(lineage.line), sha256 = html! { span class="digest" { (lineage.file.sha256) } }))
                    }
                }
                dt { (t!("Contract")) }
                dd {
                    (phrase!("{contract}, version {version}, {fingerprint}", contract = lineage.contract.name, version = lineage.contract.version, fingerprint = html! { span class="digest" { (lineage.contract.fingerprint) } }))
                }
                dt { (t!("Judged")) }
                dd { (phrase!("by engine {engine} as of {evaluated_at}", engine = lineage.engine, evaluated_at = time(&lineage.evaluated_at))) }
                dt { (t!("Controls that ran")) }
                dd class="codes" {
                    @for code in &lineage.controls {
                        a class="code" href={ (place.href(Page::Controls)) "#" (code) } { (code) } " "
                    }
                }
                dt { (t!("Run")) }
                dd {
                    a href=(place.run(&lineage.run)) { span class="digest" { (lineage.run) } } ", "
                    a href={ (place.href(Page::Audit)) "?run=" (lineage.run) } { (t!("its entries in the audit log")) }
                }
            }
        }
    }
}

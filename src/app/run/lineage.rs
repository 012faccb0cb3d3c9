//! From the file to the ledger: what came in, under which rules it was judged, and where it went.

use super::drawing::drawing;
use crate::{
    clock::time,
    format,
    icons::Icon,
    place::{Page, Place},
    rows::way::way,
};
use maud::{Markup, html};
use model::{lineage::RunLineage, run::Run, verdict::Verdict};

/// `drawn` is None where no verdict can be read.
pub(super) fn lineage(run: &Run, drawn: Option<&RunLineage>, place: &Place) -> Markup {
    html! {
        section aria-labelledby="lineage" {
            h2 id="lineage" { "From the file to the ledger, and back" }
            @if let Some(drawn) = drawn { (drawing(run, drawn, place)) }
            h3 class="rests" { "What it rests on" }
            ol class="lineage" {
                (file(run))
                (corrected(run))
                @if let Some(verdict) = &run.verdict { (contract(verdict)) }
                (entries(run, place))
            }
        }
        @if let Some(drawn) = drawn { (way(&drawn.columns, None)) }
    }
}

fn file(run: &Run) -> Markup {
    let summary = &run.summary;
    html! {
        li {
            h4 { (Icon::File) "File" }
            p {
                strong { (summary.file_name) } ", " (format::bytes(summary.file_bytes)) ", received "
                (time(&summary.created_at))
            }
            dl class="digests" {
                dt { "BLAKE3" }
                dd class="digest" { (summary.file_digest) }
                dt { "SHA-256" }
                dd class="digest" { (run.file_sha256) }
            }
        }
    }
}

/// Corrections that are shown; a run's document has them all.
const CORRECTIONS: usize = 100;

/// What was put right before submit, if anything was.
fn corrected(run: &Run) -> Markup {
    let corrections = &run.choice.corrections;
    let columns = run.verdict.as_ref().map(|it| it.options.columns.as_slice());
    let column = |place: u32| {
        let place = usize::try_from(place).ok()?.checked_sub(1)?;
        Some(columns?.get(place)?.header.trim())
    };
    let number = u64::try_from(corrections.len()).unwrap_or(u64::MAX);
    html! {
        @if !corrections.is_empty() {
            li {
                h4 { (Icon::Sliders) "Corrected before submit" }
                p {
                    (format::counted(number, "correction", "corrections"))
                    ". The file is kept as it came; it was judged with these in place."
                }
                details {
                    summary { "What was corrected" }
                    table class="figures" {
                        thead {
                            tr {
                                th scope="col" class="number" { "Line" }
                                th scope="col" { "Column" }
                                th scope="col" { "The file says" }
                                th scope="col" { "Judged as" }
                            }
                        }
                        tbody {
                            @for it in corrections.iter().take(CORRECTIONS) {
                                tr {
                                    td class="number" {
                                        @match it.line {
                                            Some(line) => (format::count(line)),
                                            None => "every one",
                                        }
                                    }
                                    td { (column(it.column).unwrap_or("?")) }
                                    td { @if it.was.is_empty() { span class="blank" { "empty" } } @else { (it.was) } }
                                    td { @if it.text.is_empty() { span class="blank" { "empty" } } @else { (it.text) } }
                                }
                            }
                        }
                    }
                    @if corrections.len() > CORRECTIONS {
                        p class="quiet" { "The first " (CORRECTIONS) " of them. The run's document has all." }
                    }
                }
            }
        }
    }
}

fn contract(verdict: &Verdict) -> Markup {
    let contract = &verdict.contract;
    html! {
        li {
            h4 { (Icon::Sliders) "Contract" }
            p { strong { (contract.name) } ", version " (contract.version) ", judged by engine " (verdict.receipt.engine) }
            dl class="digests" {
                dt { "Fingerprint" }
                dd class="digest" { (contract.fingerprint) }
            }
        }
    }
}

fn entries(run: &Run, place: &Place) -> Markup {
    let id = run.summary.id.as_str();
    html! {
        li {
            h4 { (Icon::Chain) "Audit log" }
            p {
                a href={ (place.href(Page::Audit)) "?run=" (id) } { "The entries of this run" }
                ", run " span class="digest" { (id) }
            }
            @if let Some((sequence, hash)) = &run.last_entry {
                dl class="digests" {
                    dt { "Last entry" }
                    dd { (format::count(*sequence)) }
                    dt { "Hash" }
                    dd class="digest" { (hash) }
                }
            }
        }
    }
}

//! From the file to the ledger: what came in, under which rules it was judged, and where it went.

use super::drawing::drawing;
use crate::parts::phrase::phrase;
use crate::{
    clock::time,
    format,
    icons::Icon,
    place::{Page, Place},
    rows::way::way,
};
use maud::{Markup, html};
use model::t;
use model::{lineage::RunLineage, run::Run, verdict::Verdict};

/// `drawn` is None where no verdict can be read.
pub(super) fn lineage(run: &Run, drawn: Option<&RunLineage>, place: &Place) -> Markup {
    html! {
        section aria-labelledby="lineage" {
            h2 id="lineage" { (t!("From the file to the ledger, and back")) }
            @if let Some(drawn) = drawn { (drawing(run, drawn, place)) }
            h3 class="rests" { (t!("What it rests on")) }
            ol class="lineage" {
                (file(run))
                (corrected(run))
                @if let Some(verdict) = &run.verdict { (contract(verdict)) }
                (entries(run, place))
            }
        }
        @if let Some(drawn) = drawn { (way(&drawn.columns.iter().collect::<Vec<_>>(), None)) }
    }
}

fn file(run: &Run) -> Markup {
    let summary = &run.summary;
    html! {
        li {
            h4 { (Icon::File) (t!("File")) }
            p {
                (phrase!("{file_name}, {file_bytes}, received {created_at}", file_name = html! { strong { (summary.file_name) } }, file_bytes = format::bytes(summary.file_bytes), created_at = time(&summary.created_at)))
            }
            dl class="digests" {
                dt { (t!("BLAKE3")) }
                dd class="digest" { (summary.file_digest) }
                dt { (t!("SHA-256")) }
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
    let sheet_row = |line| run.verdict.as_ref()?.options.sheet_row(line);
    let corrected = run.verdict.as_ref().and_then(Verdict::corrected);
    let (cells, rows) = corrected.unwrap_or_default();
    html! {
        @if !corrections.is_empty() {
            li {
                h4 { (Icon::Sliders) (t!("Corrected before submit")) }
                p {
                    (phrase!("{cells}. The file is kept as it came; it was judged with these in place.", cells = format::cells(cells, rows)))
                }
                details {
                    summary { (t!("What was corrected")) }
                    table class="figures" {
                        thead {
                            tr {
                                th scope="col" class="number" { (t!("Line")) }
                                th scope="col" { (t!("Column")) }
                                th scope="col" { (t!("The file says")) }
                                th scope="col" { (t!("Judged as")) }
                            }
                        }
                        tbody {
                            @for it in corrections.iter().take(CORRECTIONS) {
                                tr {
                                    td class="number" {
                                        @match it.line {
                                            Some(line) => (format::line(line, sheet_row(line).as_ref())),
                                            None => (t!("every one")),
                                        }
                                    }
                                    td { (column(it.column).unwrap_or("?")) }
                                    td { @if it.was.is_empty() { span class="blank" { (t!("empty")) } } @else { (it.was) } }
                                    td { @if it.text.is_empty() { span class="blank" { (t!("empty")) } } @else { (it.text) } }
                                }
                            }
                        }
                    }
                    @if corrections.len() > CORRECTIONS {
                        p class="quiet" { (phrase!("The first {number} of them. The run's document has all.", number = CORRECTIONS)) }
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
            h4 { (Icon::Sliders) (t!("Contract")) }
            p { (phrase!("{contract}, version {version}, judged by engine {engine}", contract = html! { strong { (contract.name) } }, version = contract.version, engine = verdict.receipt.engine)) }
            dl class="digests" {
                dt { (t!("Fingerprint")) }
                dd class="digest" { (contract.fingerprint) }
            }
        }
    }
}

fn entries(run: &Run, place: &Place) -> Markup {
    let id = run.summary.id.as_str();
    html! {
        li {
            h4 { (Icon::Chain) (t!("Audit log")) }
            p {
                (phrase!("{link}, run {id}", link = html! { a href={ (place.href(Page::Audit)) "?run=" (id) } { (t!("The entries of this run")) } }, id = html! { span class="digest" { (id) } }))
            }
            @if let Some((sequence, hash)) = &run.last_entry {
                dl class="digests" {
                    dt { (t!("Last entry")) }
                    dd { (format::count(*sequence)) }
                    dt { (t!("Hash")) }
                    dd class="digest" { (hash) }
                }
            }
        }
    }
}

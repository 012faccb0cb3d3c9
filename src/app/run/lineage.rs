//! From the file to the ledger: what came in, under which rules it was judged, and where it went.

use crate::{
    clock::Time,
    format,
    icons::{Icon, icon},
    place::{Page, Place},
};
use leptos::prelude::*;
use model::run::{Run, RunStatus};

pub(super) fn lineage(run: &Run, place: &Place) -> AnyView {
    let mut steps = vec![file(run)];
    if run.verdict.is_some() {
        steps.push(contract(run));
        steps.push(judged(run));
    }
    if run.summary.status == RunStatus::Complete {
        steps.push(ledger(run));
    }
    steps.push(entry(run, place));
    view! {
        <section aria-labelledby="lineage">
            <h2 id="lineage">"From the file to the ledger"</h2>
            <ol class="lineage">{steps}</ol>
        </section>
    }
    .into_any()
}

fn file(run: &Run) -> AnyView {
    let summary = &run.summary;
    view! {
        <li>
            <h3>{icon(Icon::File)} "File"</h3>
            <p>
                <strong>{summary.file_name.clone()}</strong> ", " {format::bytes(summary.file_bytes)} ", received "
                <Time at=summary.created_at.clone()/>
            </p>
            <dl class="digests">
                <dt>"BLAKE3"</dt>
                <dd class="digest">{summary.file_digest.clone()}</dd>
                <dt>"SHA-256"</dt>
                <dd class="digest">{run.file_sha256.clone()}</dd>
            </dl>
        </li>
    }
    .into_any()
}

fn contract(run: &Run) -> AnyView {
    let contract = run.verdict.as_ref().map(|it| it.contract.clone());
    contract
        .map(|it| {
            view! {
                <li>
                    <h3>{icon(Icon::Sliders)} "Contract"</h3>
                    <p>
                        <strong>{it.name}</strong> ", version " {it.version}
                    </p>
                    <dl class="digests">
                        <dt>"Fingerprint"</dt>
                        <dd class="digest">{it.fingerprint}</dd>
                    </dl>
                </li>
            }
        })
        .into_any()
}

fn judged(run: &Run) -> AnyView {
    run.verdict.as_ref().map(|verdict| {
        let rows = verdict.rows;
        view! {
            <li>
                <h3>{icon(Icon::Scales)} "Judged"</h3>
                <p>
                    {format::rows(rows.read)} " read: " {format::count(rows.accepted)} " accepted, "
                    {format::count(rows.exceptions)} " exceptions, by engine " {verdict.receipt.engine.clone()}
                    " as of " <Time at=run.evaluated_at.clone()/>
                </p>
            </li>
        }
    })
    .into_any()
}

fn ledger(run: &Run) -> AnyView {
    let summary = &run.summary;
    let rows = format::rows(summary.rows_accepted.unwrap_or(0));
    let money = summary
        .money_accepted
        .map(|it| format!(" with {}", it.indian()));
    view! {
        <li>
            <h3>{icon(Icon::List)} "Ledger"</h3>
            <p>{rows} {money} " entered it in one step"</p>
        </li>
    }
    .into_any()
}

fn entry(run: &Run, place: &Place) -> AnyView {
    let href = format!("{}?run={}", place.href(Page::Audit), run.summary.id);
    let last = run.last_entry.clone().map(|(sequence, hash)| {
        view! {
            <dl class="digests">
                <dt>"Last entry"</dt>
                <dd>{format::count(sequence)}</dd>
                <dt>"Hash"</dt>
                <dd class="digest">{hash}</dd>
            </dl>
        }
    });
    view! {
        <li>
            <h3>{icon(Icon::Chain)} "Audit log"</h3>
            <p>
                <a href=href>"The entries of this run"</a>
                ", run " <span class="digest">{run.summary.id.to_string()}</span>
            </p>
            {last}
        </li>
    }
    .into_any()
}

//! Whether browser and server read the file alike: one line, which opens to both receipts.

use crate::{
    format,
    icons::{Icon, icon},
    parts::words::reading_words,
};
use leptos::prelude::*;
use model::{
    receipt::{Counts, Receipt},
    run::{Agreement, Run},
};

pub(super) fn receipts(run: &Run) -> AnyView {
    let Some(server) = run.verdict.as_ref().map(|it| &it.receipt) else {
        return ().into_any();
    };
    let browser = run.browser_receipt.as_ref();
    let agreement = Agreement::between(browser, Some(server));
    let (class, picture, words) = match &agreement {
        Agreement::Confirmed => (
            "accepted",
            Icon::Met,
            "Confirmed: server and browser agree.".to_owned(),
        ),
        Agreement::OnlyServer => (
            "quiet",
            Icon::NotRun,
            "Judged by the server alone: no receipt came with the file.".to_owned(),
        ),
        Agreement::Differs { fields } => (
            "exception",
            Icon::Error,
            format!(
                "Server and browser differ ({}). The server's verdict counts.",
                fields
                    .iter()
                    .map(|it| title(it))
                    .collect::<Vec<_>>()
                    .join(", ")
            ),
        ),
    };
    let differing = match agreement {
        Agreement::Differs { fields } => fields,
        _ => Vec::new(),
    };
    let ours = lines(server);
    let theirs = browser.map(lines).unwrap_or_default();
    let both = browser.is_some();
    let body: Vec<_> = ours
        .into_iter()
        .enumerate()
        .map(|(at, (key, server))| {
            let browser = theirs.get(at).map(|(_, it)| it.clone());
            let differs =
                differing.iter().any(|it| it == key) || (key == "digest" && !differing.is_empty());
            line(key, browser, server, both, differs)
        })
        .collect();
    let clock = run.clock_replaced.then(|| {
        view! {
            <p>
                {icon(Icon::Warning)}
                " The browser's clock was too far from the server's. The server judged at its own time, "
                {format::stamp(&run.evaluated_at).title} "."
            </p>
        }
    });
    view! {
        <details class="receipts">
            <summary>
                <span class=format!("state {class}")>{icon(picture)} {words}</span>
            </summary>
            {clock}
            <div class="wide" tabindex="0" role="region" aria-label="Receipts">
                <table class="figures">
                    <thead>
                        <tr>
                            <th scope="col">"Receipt"</th>
                            {both.then(|| view! { <th scope="col">"Browser"</th> })}
                            <th scope="col">"Server"</th>
                        </tr>
                    </thead>
                    <tbody>{body}</tbody>
                </table>
            </div>
        </details>
    }
    .into_any()
}

fn line(
    key: &'static str,
    browser: Option<String>,
    server: String,
    both: bool,
    differs: bool,
) -> AnyView {
    view! {
        <tr class:differs=differs>
            <th scope="row">
                {title(key)}
                {differs.then(|| view! { <span class="state exception">{icon(Icon::Error)} "differs"</span> })}
            </th>
            {both.then(|| view! { <td class="digest">{browser.unwrap_or_default()}</td> })}
            <td class="digest">{server}</td>
        </tr>
    }
    .into_any()
}

fn lines(receipt: &Receipt) -> Vec<(&'static str, String)> {
    let options = &receipt.options;
    let columns = format!(
        "{} · {} columns",
        reading_words(options),
        options.columns.len()
    );
    vec![
        ("digest", receipt.digest.clone()),
        ("file_digest", receipt.file_digest.clone()),
        ("contract", receipt.contract.clone()),
        ("options", columns),
        ("corrections_digest", receipt.corrections_digest.clone()),
        ("counts", counts(&receipt.counts)),
        ("findings_digest", receipt.findings_digest.clone()),
        ("engine", receipt.engine.clone()),
        ("evaluated_at", receipt.evaluated_at.clone()),
    ]
}

fn counts(counts: &Counts) -> String {
    let money = counts
        .money_accepted
        .map_or_else(String::new, |it| format!(", {} accepted", it.indian()));
    format!(
        "{} read, {} accepted, {} exceptions, {} layout, {} findings{money}",
        format::count(counts.read),
        format::count(counts.accepted),
        format::count(counts.exceptions),
        format::count(counts.layout),
        format::count(counts.findings),
    )
}

fn title(key: &str) -> &'static str {
    match key {
        "digest" => "Receipt",
        "file_digest" => "File (BLAKE3)",
        "contract" => "Contract",
        "options" => "Read as",
        "corrections_digest" => "Corrections",
        "counts" => "Counts",
        "findings_digest" => "Findings (BLAKE3)",
        "engine" => "Engine",
        _ => "Judged at",
    }
}

//! Whether browser and server read the file alike: one line, which opens to both receipts.

use crate::{
    format,
    icons::Icon,
    parts::words::{reading_words, state},
};
use maud::{Markup, html};
use model::{
    receipt::{Counts, Receipt},
    run::{Agreement, Run},
};

pub(super) fn receipts(run: &Run) -> Markup {
    let Some(server) = run.verdict.as_ref().map(|it| &it.receipt) else {
        return html! {};
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
    let theirs = browser.map(lines);
    html! {
        details class="receipts" {
            summary { (state(class, picture, &words)) }
            @if run.clock_replaced {
                p {
                    (Icon::Warning)
                    " The browser's clock was too far from the server's. The server judged at its own time, "
                    (format::stamp(&run.evaluated_at).title) "."
                }
            }
            div class="wide" tabindex="0" role="region" aria-label="Receipts" {
                table class="figures" {
                    thead {
                        tr {
                            th scope="col" { "Receipt" }
                            @if theirs.is_some() { th scope="col" { "Browser" } }
                            th scope="col" { "Server" }
                        }
                    }
                    tbody {
                        @for (at, (key, ours)) in lines(server).iter().enumerate() {
                            (line(
                                key,
                                theirs.as_ref().and_then(|it| it.get(at)).map(|(_, it)| it.as_str()),
                                ours,
                                differs(key, &differing),
                            ))
                        }
                    }
                }
            }
        }
    }
}

/// The digest over all differs where a part does.
fn differs(key: &str, differing: &[String]) -> bool {
    differing.iter().any(|it| it == key) || (key == "digest" && !differing.is_empty())
}

fn line(key: &str, browser: Option<&str>, server: &str, differs: bool) -> Markup {
    html! {
        tr class=[differs.then_some("differs")] {
            th scope="row" {
                (title(key))
                @if differs { " " (state("exception", Icon::Error, "differs")) }
            }
            @if let Some(browser) = browser { td class="digest" { (browser) } }
            td class="digest" { (server) }
        }
    }
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
    let money = counts.money_accepted.map_or_else(String::new, |it| {
        format!(", {} accepted", format::money(it))
    });
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

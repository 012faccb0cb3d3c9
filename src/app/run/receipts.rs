//! Whether browser and server read the file alike: one line, which opens to both receipts.

use crate::parts::phrase::phrase;
use crate::{
    format,
    icons::Icon,
    parts::words::{reading_words, state},
};
use maud::{Markup, html};
use model::t;
use model::{
    control::{ControlResult, Scope, Status},
    receipt::{Counts, Receipt},
    run::{Agreement, Run},
};

pub(super) fn receipts(run: &Run) -> Markup {
    let Some(verdict) = &run.verdict else {
        return html! {};
    };
    let server = &verdict.receipt;
    let browser = run.browser_receipt.as_ref();
    let agreement = Agreement::between(browser, Some(server));
    let (class, picture, words) = match &agreement {
        Agreement::Confirmed => (
            "accepted",
            Icon::Met,
            t!("Confirmed: server and browser agree.").to_owned(),
        ),
        Agreement::OnlyServer => (
            "quiet",
            Icon::NotRun,
            t!("Judged by the server alone: no receipt came with the file.").to_owned(),
        ),
        Agreement::Differs { fields } => (
            "exception",
            Icon::Error,
            t!(
                "Server and browser differ ({parts}). The server's verdict counts.",
                parts = fields
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
    let more = browser.and_then(|_| beyond(&verdict.controls));
    html! {
        details class="receipts" {
            summary {
                (state(class, picture, &words))
                @if let Some(more) = &more { " " span class="quiet" { (more) } }
            }
            @if run.clock_replaced {
                p {
                    (Icon::Warning)
                    " " (phrase!("The browser's clock was too far from the server's. The server judged at its own time, {evaluated_at}.", evaluated_at = format::stamp(&run.evaluated_at).title))
                }
            }
            div class="wide" tabindex="0" role="region" aria-label=(t!("Receipts")) {
                table class="figures" {
                    thead {
                        tr {
                            th scope="col" { (t!("Receipt")) }
                            @if theirs.is_some() { th scope="col" { (t!("Browser")) } }
                            th scope="col" { (t!("Server")) }
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

/// What the server judged in addition, so that its figures are not those of the browser.
fn beyond(controls: &[ControlResult]) -> Option<String> {
    let on_server = controls.iter().filter(|it| it.scope == Scope::Server);
    let ran: Vec<_> = on_server.filter(|it| it.status != Status::NotRun).collect();
    let codes: Vec<_> = ran.iter().map(|it| it.code.as_str()).collect();
    let failed = ran.iter().map(|it| it.failed).sum();
    let codes = match codes.as_slice() {
        [] => return None,
        codes => codes.join(", "),
    };
    Some(match failed {
        0 => t!(
            "The server alone also ran {codes}, against the ledger: nothing failed, and its score counts these checks too.",
            codes = codes
        ),
        failed => t!(
            "The server alone also ran {codes}, against the ledger: {rows} failed, so its score and exception rate are not those of the browser.",
            codes = codes,
            rows = format::rows(failed)
        ),
    })
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
                @if differs { " " (state("exception", Icon::Error, t!("differs"))) }
            }
            @if let Some(browser) = browser { td class="digest" { (browser) } }
            td class="digest" { (server) }
        }
    }
}

fn lines(receipt: &Receipt) -> Vec<(&'static str, String)> {
    let options = &receipt.options;
    let columns = t!(
        "{options} · {columns} columns",
        options = reading_words(options),
        columns = options.columns.len()
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
        t!(", {money} accepted", money = format::money(it))
    });
    t!(
        "{read} read, {accepted} accepted, {exceptions} exceptions, {layout} layout, {findings} findings{money}",
        read = format::count(counts.read),
        accepted = format::count(counts.accepted),
        exceptions = format::count(counts.exceptions),
        layout = format::count(counts.layout),
        findings = format::count(counts.findings),
        money = money
    )
}

fn title(key: &str) -> &'static str {
    match key {
        "digest" => t!("Receipt"),
        "file_digest" => t!("File (BLAKE3)"),
        "contract" => t!("Contract"),
        "options" => t!("Read as"),
        "corrections_digest" => t!("Corrections"),
        "counts" => t!("Counts"),
        "findings_digest" => t!("Findings (BLAKE3)"),
        "engine" => t!("Engine"),
        _ => t!("Judged at"),
    }
}

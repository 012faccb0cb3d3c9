//! One contract as a page that a business user reads: what it asks for, its versions and what each changed, and a draft
//! on its way to be in force. On the server only.

use super::{asked::asked, edit};
use crate::parts::phrase::phrase;
use crate::{
    backend::{Backend, BackendError},
    clock::time_and_age,
    filters::query,
    format,
    icons::Icon,
    parts::words::{quoted, state},
    place::Place,
    refused::Refused,
};
use maud::{Markup, html};
use model::contract::{ContractChange, ContractPage, ContractVersion, VersionState};
use model::t;

pub(crate) async fn page(
    backend: &dyn Backend,
    place: &Place,
    name: &str,
    search: &str,
    refused: Option<&Refused>,
) -> Result<Markup, BackendError> {
    let query = query(search);
    let number = |key: &str| query.get(key)?.parse::<u64>().ok();
    let mut version = number("edit").or(number("version"));
    if let Some(fingerprint) = query.get("print") {
        let (shown, number) = backend.contract_of(&place.workspace, &fingerprint).await?;
        if number.is_none() {
            return Ok(html! {
                p class="notice" {
                    (phrase!("A run was judged under this contract, which is none of the versions that stand here: the server was started with it then. {name}", name = html! { a href=(place.contract(name)) { (phrase!("What is known of {name} now", name = name)) } }))
                }
                (asked(&shown, place, false))
            });
        }
        version = number;
    }
    let compared = number("from").zip(number("to"));
    let page = backend
        .contract(&place.workspace, name, version, compared)
        .await?;
    let done = query.get("done").unwrap_or_default();
    Ok(match number("edit") {
        Some(_) => edit::form(&page, refused, place),
        None => Shown {
            page: &page,
            refused,
            place,
        }
        .whole(&done),
    })
}

struct Shown<'a> {
    page: &'a ContractPage,
    refused: Option<&'a Refused>,
    place: &'a Place,
}

impl Shown<'_> {
    fn whole(&self, done: &str) -> Markup {
        let page = self.page;
        html! {
            (said(done))
            (self.head())
            @if self.is_retired(page.number) { (self.retired()) }
            @if self.state() == Some(VersionState::Draft) { (self.draft()) }
            @if Some(page.number) == page.in_force { (self.waiting()) }
            (asked(&page.shown, self.place, page.in_force.is_some()))
            (self.history())
            @if page.can_retire && Some(page.number) == page.in_force { (self.retire()) }
        }
    }

    fn is_retired(&self, number: u64) -> bool {
        let retired = self.page.retired.as_ref();
        retired.is_some_and(|it| it.number == number)
    }

    /// When, by whom and why nothing of it is in force any more, and the way back.
    fn retired(&self) -> Markup {
        let page = self.page;
        html! {
            @if let Some(it) = &page.retired {
                section class="notice" aria-labelledby="retired" {
                    h2 id="retired" { (t!("Retired")) }
                    p { (it.reason) }
                    p class="quiet" { (phrase!("by {by}, {at}", by = it.by, at = time_and_age(&it.at))) }
                    p class="quiet" {
                        (t!("No file is judged under it. Runs of the past keep it, and so do corrections of their exceptions."))
                    }
                    @if page.needs_another {
                        p class="notice" {
                            (state("held", Icon::Held, t!("A second person has to put this in force.")))
                            " " (t!("You drafted it; ask somebody else to bring it back."))
                        }
                    } @else {
                        details open[self.sent("return", it.number).is_some()] {
                            summary { (t!("Bring it back")) }
                            p class="quiet" { (t!("From then on files that fit it are judged under it again.")) }
                            (self.decision("return", it.number, t!("Put in force again"), true))
                        }
                    }
                }
            }
        }
    }

    fn retire(&self) -> Markup {
        html! {
            section aria-labelledby="retire" {
                h2 id="retire" { (t!("Retire it")) }
                div class="acts" {
                    details open[self.sent("retirement", self.page.number).is_some()] {
                        summary { (t!("Retire this contract")) }
                        p class="quiet" {
                            (t!("No new file is judged under it then. Runs of the past keep it, its versions stay, and it can \
                             be brought back."))
                        }
                        (self.decision("retirement", self.page.number, t!("Retire"), false))
                    }
                }
            }
        }
    }

    fn version(&self) -> Option<&ContractVersion> {
        let mut versions = self.page.versions.iter();
        versions.find(|it| it.number == self.page.number)
    }

    /// None of what the server was started with, where it is not in force.
    fn state(&self) -> Option<VersionState> {
        match self.version() {
            Some(it) => Some(it.state),
            None if self.page.in_force == Some(0) => Some(VersionState::InForce),
            None => None,
        }
    }

    fn state_of(&self, number: u64, it: Option<VersionState>) -> Markup {
        match self.is_retired(number) {
            true => state("quiet", Icon::NotRun, t!("Retired")),
            false => state_words(it),
        }
    }

    fn own(&self) -> String {
        self.place.contract(&self.page.name)
    }

    fn head(&self) -> Markup {
        let page = self.page;
        let api = |form: &str| {
            let name = leptos_router::location::Url::escape(&page.name);
            format!(
                "/api/v1/contracts/{name}/versions/{}/contract.{form}?workspace={}",
                page.number, self.place.workspace
            )
        };
        html! {
            p class="quiet run-facts" {
                (self.state_of(page.number, self.state()))
                span { (numbered(page.number)) " · " (page.shown.contract.version) }
                @match self.version() {
                    Some(it) => span { (made(it)) },
                    None => span { (t!("as the server was started")) },
                }
            }
            nav class="next-steps" aria-label=(t!("What can be done with it")) {
                a class={ "button" @if self.state() != Some(VersionState::Draft) { " main" } }
                    href={ (self.own()) "?edit=" (page.number) } { (Icon::Sliders) (t!("Edit as a draft")) }
                a class="button" href=(api("yaml")) download={ (page.name) ".yaml" } { (Icon::Download) "YAML" }
                a class="button" href=(api("json")) download={ (page.name) ".json" } { (Icon::Download) "JSON" }
                @if Some(page.number) != page.in_force && page.in_force.is_some() {
                    a class="button" href=(self.own()) { (t!("What is in force")) }
                }
            }
        }
    }

    /// What waits for a decision, on the page of what is in force.
    fn waiting(&self) -> Markup {
        let drafts = self.page.versions.iter();
        let drafts: Vec<_> = drafts
            .filter(|it| it.state == VersionState::Draft)
            .collect();
        html! {
            @if !drafts.is_empty() {
                section class="notice" aria-labelledby="drafts" {
                    h2 id="drafts" {
                        (phrase!("{drafts} for a decision", drafts = format::counted(drafts.len() as u64, t!("draft waits"), t!("drafts wait"))))
                    }
                    ul {
                        @for it in drafts {
                            li {
                                a href={ (self.own()) "?version=" (it.number) } { (numbered(it.number)) }
                                " " (made(it))
                                @if let Some(note) = &it.note { ": " (note) }
                            }
                        }
                    }
                }
            }
        }
    }

    fn draft(&self) -> Markup {
        let page = self.page;
        let before = page.in_force.map(numbered);
        let based_on = self.version().and_then(|it| it.based_on.as_ref());
        let in_force = page
            .versions
            .iter()
            .find(|it| it.state == VersionState::InForce);
        let overtaken = in_force.is_some_and(|it| Some(&it.contract.fingerprint) != based_on);
        html! {
            section aria-labelledby="draft" {
                h2 id="draft" { (t!("What this draft changes")) }
                @if let Some(note) = self.version().and_then(|it| it.note.as_ref()) { p { (phrase!("Note: {note}", note = note)) } }
                @match (&page.compared, before) {
                    (Some((_, _, changes)), Some(before)) => {
                        p class="quiet" { (phrase!("Compared with {before}, which is in force.", before = before)) }
                        (changed(changes))
                    },
                    _ => p class="quiet" {
                        (t!("Nothing of this name is in force. Once this is, files that fit it are judged under it."))
                    },
                }
                (self.trial())
                @if overtaken {
                    p class="notice" {
                        (state("warning", Icon::Warning, t!("Another version was put in force since this was drafted.")))
                        " " (t!("Put in force, it would undo what that one changed. Edit it as a draft of its own, save it, and decide on that."))
                    }
                }
                div class="acts" {
                    @if page.needs_another {
                        p class="notice" {
                            (state("held", Icon::Held, t!("A second person has to put this in force.")))
                            " " (t!("You drafted it; ask somebody else to look at it."))
                        }
                    } @else if !overtaken {
                        details open {
                            summary { (t!("Put in force")) }
                            p class="quiet" {
                                (t!("From then on files of this workspace are judged under it, and open exceptions that are \
                                 judged again. Runs that were judged stay under their own."))
                            }
                            (self.decision("adoption", page.number, t!("Put in force"), true))
                        }
                    }
                    details open[self.sent("discard", page.number).is_some()] {
                        summary { (t!("Discard")) }
                        p class="quiet" { (t!("It stays among the versions, and never comes in force.")) }
                        (self.decision("discard", page.number, t!("Discard"), false))
                    }
                }
            }
        }
    }

    /// The files that it can be tried on. The browser does it, so that without scripts there is nothing to press.
    fn trial(&self) -> Markup {
        let page = self.page;
        let name = leptos_router::location::Url::escape(&page.name);
        html! {
            @if !page.past.is_empty() {
                form class="trial" data-contract=(name) data-draft=(page.number)
                    data-before=[page.in_force] data-workspace=(self.place.workspace) {
                    fieldset {
                        legend { (t!("Try it on past files")) }
                        p class="quiet" {
                            (t!("They are fetched and judged in this browser, under what is in force and under the draft. \
                             Nothing is sent, and nothing in the ledger changes."))
                        }
                        ul class="past" {
                            @for (at, it) in page.past.iter().enumerate() {
                                li {
                                    label {
                                        input type="checkbox" name="run" value=(it.run) checked[at < 3];
                                        " " span data-name { (it.file_name) }
                                    }
                                    span class="quiet" { (format::rows(it.rows)) " · " (time_and_age(&it.created_at)) }
                                }
                            }
                        }
                        p { button type="submit" class="button" { (Icon::Tray) (t!("Try the draft")) } }
                    }
                    div class="tried" aria-live="polite" {}
                }
            }
        }
    }

    /// The reason that was sent, where the form of a decision comes back.
    fn sent(&self, act: &str, number: u64) -> Option<&str> {
        let sent = self.refused?.of(&format!("{act}-{number}"))?;
        Some(sent.get("reason").map_or("", String::as_str))
    }

    fn decision(&self, act: &str, number: u64, title: &str, is_main: bool) -> Markup {
        let id = format!("{act}-{number}-reason");
        let reason = self.sent(act, number).unwrap_or_default();
        let action = format!("{}/{act}", action(&self.page.name));
        // There is one for each version that was in force once.
        let label = (act == "restoration").then(|| format!("{title}: {}", numbered(number)));
        html! {
            form class="act" method="post" action=(action) {
                input type="hidden" name="workspace" value=(self.place.workspace);
                input type="hidden" name="number" value=(number);
                p class="field" {
                    label for=(id) { (t!("Why")) }
                    input type="text" id=(id) name="reason" value=(reason) required maxlength="2000" autocomplete="off";
                }
                p { button type="submit" class={ "button" @if is_main { " main" } } aria-label=[label] { (title) } }
            }
        }
    }

    fn history(&self) -> Markup {
        let page = self.page;
        let compared = page.compared.as_ref();
        let compared = compared.filter(|_| self.state() != Some(VersionState::Draft));
        html! {
            section {
                h2 id="history" { (t!("Versions")) }
                @if let Some((from, to, changes)) = compared {
                    section class="notice" aria-labelledby="compared" {
                        h3 id="compared" { (phrase!("From {numbered} to {to}", numbered = numbered(*from), to = numbered(*to))) }
                        (changed(changes))
                    }
                }
                div class="wide" tabindex="0" role="region" aria-label=(t!("Versions")) {
                    table class="versions" {
                        thead {
                            tr {
                                th scope="col" { (t!("Version")) }
                                th scope="col" { (t!("Status")) }
                                th scope="col" { (t!("Drafted")) }
                                th scope="col" { (t!("Decided")) }
                                th scope="col" { (t!("Why")) }
                                th scope="col" { span class="hidden" { (t!("Go back")) } }
                            }
                        }
                        tbody {
                            @for it in &page.versions { (self.line(it)) }
                            @if let Some(started) = &page.started { (self.started(&started.version)) }
                        }
                    }
                }
                @if page.versions.len() + usize::from(page.started.is_some()) > 1 { (self.compare()) }
            }
        }
    }

    fn line(&self, it: &ContractVersion) -> Markup {
        html! {
            tr {
                th scope="row" {
                    a href={ (self.own()) "?version=" (it.number) } { (numbered(it.number)) }
                    span class="quiet" { " · " (it.contract.version) }
                }
                td { (self.state_of(it.number, Some(it.state))) }
                td { (time_and_age(&it.made_at)) span class="quiet" { " " (phrase!("by {made_by}", made_by = it.made_by)) } }
                td {
                    @match (&it.decided_at, &it.decided_by) {
                        (Some(at), Some(by)) => { (time_and_age(at)) span class="quiet" { " " (phrase!("by {by}", by = by)) } },
                        _ => span class="quiet" { (t!("not yet")) },
                    }
                }
                td class="why" {
                    @if let Some(note) = &it.note { (note) }
                    @if let Some(reason) = it.reason.as_ref().filter(|reason| Some(*reason) != it.note.as_ref()) {
                        @if it.note.is_some() { br; }
                        (reason)
                    }
                }
                td { @if it.state == VersionState::Replaced { (self.back(it.number)) } }
            }
        }
    }

    fn started(&self, version: &str) -> Markup {
        let in_force = self.page.in_force == Some(0);
        html! {
            tr {
                th scope="row" {
                    a href={ (self.own()) "?version=0" } { (numbered(0)) }
                    span class="quiet" { " · " (version) }
                }
                td {
                    (state_words(in_force.then_some(VersionState::InForce)))
                }
                td colspan="3" class="quiet" { (t!("What the server was started with")) }
                td { @if !in_force { (self.back(0)) } }
            }
        }
    }

    fn back(&self, number: u64) -> Markup {
        html! {
            details class="back" open[self.sent("restoration", number).is_some()] {
                summary aria-label={ (t!("Go back to it")) ": " (numbered(number)) } { (t!("Go back to it")) }
                (self.decision("restoration", number, t!("Make it the next version"), false))
            }
        }
    }

    fn compare(&self) -> Markup {
        let page = self.page;
        let numbers = page.versions.iter().map(|it| it.number);
        let numbers: Vec<u64> = numbers.chain(page.started.as_ref().map(|_| 0)).collect();
        let (from, to) = match &page.compared {
            Some((from, to, _)) => (Some(*from), Some(*to)),
            None => (numbers.get(1).copied(), numbers.first().copied()),
        };
        let choice = |name: &str, label: &str, chosen: Option<u64>| {
            html! {
                label for=(name) { (label) }
                select id=(name) name=(name) {
                    @for it in &numbers {
                        option value=(it) selected[chosen == Some(*it)] { (numbered(*it)) }
                    }
                }
            }
        };
        html! {
            form class="filter compare" method="get" action={ (self.own()) "#history" } {
                (choice("from", t!("Compare"), from))
                (choice("to", t!("with"), to))
                button type="submit" class="button" { (t!("Show what changed")) }
            }
        }
    }
}

/// Where the plain forms go.
pub(super) fn action(name: &str) -> String {
    let name = leptos_router::location::Url::escape(name);
    format!("/controls/contracts/{name}")
}

fn said(done: &str) -> Markup {
    let text = match done {
        "drafted" => t!("Saved as a draft. What is in force has not changed."),
        "adopted" => t!("It is in force: from now on files are judged under it."),
        "discarded" => t!("The draft is discarded. It stays among the versions."),
        "retired" => t!("It is retired from now on."),
        "returned" => t!("It is in force again."),
        _ => return html! {},
    };
    html! { p class="notice" role="status" { (state("accepted", Icon::Met, text)) } }
}

/// `version 3`; 0 came with the server.
pub(super) fn numbered(number: u64) -> String {
    match number {
        0 => t!("version 0, as started").to_owned(),
        number => t!("version {number}", number = number),
    }
}

fn state_words(it: Option<VersionState>) -> Markup {
    match it {
        Some(VersionState::Draft) => state("warning", Icon::Held, t!("Draft")),
        Some(VersionState::InForce) => state("accepted", Icon::Met, t!("In force")),
        Some(VersionState::Discarded) => state("quiet", Icon::NotRun, t!("Discarded")),
        Some(VersionState::Replaced) | None => state("quiet", Icon::NotRun, t!("Replaced")),
    }
}

fn made(it: &ContractVersion) -> Markup {
    match (&it.decided_at, &it.decided_by, it.state) {
        (Some(at), Some(by), VersionState::InForce | VersionState::Replaced) => {
            html! { (phrase!("put in force by {by}, {at}", by = by, at = time_and_age(at))) }
        }
        (Some(at), Some(by), _) => {
            html! { (phrase!("discarded by {by}, {at}", by = by, at = time_and_age(at))) }
        }
        _ => {
            html! { (phrase!("drafted by {made_by}, {made_at}", made_by = it.made_by, made_at = time_and_age(&it.made_at))) }
        }
    }
}

fn changed(changes: &[ContractChange]) -> Markup {
    html! {
        @if changes.is_empty() {
            p { (t!("Both say the same.")) }
        } @else {
            ul class="changes" {
                @for it in changes {
                    li {
                        (quoted(&it.text))
                        @if it.breaking {
                            " " (state("warning", Icon::Warning, t!("files that pass now may fail")))
                        }
                    }
                }
            }
        }
    }
}
